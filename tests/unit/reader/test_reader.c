/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/reader: what is the same for every reader, told by traces that are played back; and the trace
 * itself, with what must not stand in it.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "issuer/reader/exchange.h"
#include "issuer/reader/reader.h"
#include "issuer/reader/replay.h"
#include "issuer/reader/trace.h"

#define CONTACTLESS "+ 3B8180018080\n"
#define CONTACT "+ 3B021450\n"

static char path[] = "/tmp/profbilet-trace-XXXXXX";

static struct pb_reader *play(const char *text)
{
	struct pb_reader *reader;
	int fd;

	memset(path + sizeof(path) - 7, 'X', 6);
	fd = mkstemp(path);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(pb_replay_create(path, &reader, NULL), PB_OK);
	unlink(path);
	return reader;
}

static enum pb_status connect_card(struct pb_reader *reader, struct pb_reader_card *card)
{
	return pb_reader_connect(reader, pb_deadline_in(100), card, NULL);
}

static enum pb_status send_hex(struct pb_reader *reader, const char *hex, char *ret_answer, struct pb_err *err)
{
	uint8_t command[PB_COMMAND_MAX], answer[PB_RESPONSE_MAX];
	size_t n, answer_n;
	enum pb_status s;

	assert_true(pb_hex_decode(hex, command, sizeof(command), &n));
	s = pb_reader_transmit(reader, pb_view(command, n), answer, &answer_n, err);
	if (s == PB_OK)
		pb_hex_encode(pb_view(answer, answer_n), ret_answer);
	return s;
}

static void a_uid_is_asked_only_behind_a_contactless_atr(void **state)
{
	struct pb_reader *reader = play(CONTACTLESS "> FFCA000000\n< 04A1B2C3D4E5F69000\n" CONTACT);
	struct pb_reader_card card;

	(void)state;
	assert_int_equal(connect_card(reader, &card), PB_OK);
	assert_int_equal(card.uid_n, 7);
	assert_int_equal(card.uid[6], 0xF6);
	assert_int_equal(connect_card(reader, &card), PB_OK);
	assert_int_equal(card.uid_n, 0);
	assert_true(pb_replay_finished(reader));
	pb_reader_destroy(reader);
}

static void a_uid_of_a_length_no_chip_has_is_refused(void **state)
{
	struct pb_reader *reader = play(CONTACTLESS "> FFCA000000\n< 04A1B29000\n");
	struct pb_reader_card card;

	(void)state;
	assert_int_equal(connect_card(reader, &card), PB_CARD_PROTOCOL);
	pb_reader_destroy(reader);
}

static void a_card_gone_before_its_uid_was_not_put_down_yet(void **state)
{
	struct pb_reader *reader = play(CONTACTLESS "> FFCA000000\n! CARD_REMOVED\n" CONTACTLESS
						    "> FFCA000000\n< 04A1B2C3D4E5F69000\n");
	struct pb_reader_card card;

	(void)state;
	assert_int_equal(connect_card(reader, &card), PB_OK);
	assert_true(pb_replay_finished(reader));
	pb_reader_destroy(reader);
}

static void the_next_card_is_told_by_its_uid(void **state)
{
	struct pb_reader *reader = play(CONTACTLESS "> FFCA000000\n< 04A1B2C3D4E5F69000\n"
						    "-\n" CONTACTLESS "> FFCA000000\n< 040000000000019000\n");
	struct pb_reader_card card;

	(void)state;
	assert_int_equal(connect_card(reader, &card), PB_OK);
	assert_int_equal(pb_reader_eject(reader, pb_view(card.uid, card.uid_n), NULL), PB_OK);
	assert_int_equal(connect_card(reader, &card), PB_OK);
	assert_int_equal(card.uid[6], 0x01);
	pb_reader_destroy(reader);
}

static void the_same_card_and_one_of_random_uid_must_be_put_down_anew(void **state)
{
	static const char *const uids[] = { "04A1B2C3D4E5F6", "08A1B2C3" };
	char text[256];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct pb_reader_card card;
		struct pb_reader *reader;

		snprintf(text, sizeof(text),
			 CONTACTLESS "> FFCA000000\n< %s9000\n-\n" CONTACTLESS "> FFCA000000\n< %s9000\n"
				     "! CARD_ABSENT\n",
			 uids[i], i ? "08777777" : uids[i]);
		reader = play(text);
		assert_int_equal(connect_card(reader, &card), PB_OK);
		assert_int_equal(pb_reader_eject(reader, pb_view(card.uid, card.uid_n), NULL), PB_OK);
		assert_int_equal(connect_card(reader, &card), PB_CARD_ABSENT); /* asked for a change, none came */
		assert_true(pb_replay_finished(reader));
		pb_reader_destroy(reader);
	}
}

static void answers_in_pieces_are_collected(void **state)
{
	struct pb_reader *reader = play(CONTACT "> 00B0810000\n< 01026103\n> 00C0000003\n< 0304056101\n> 00C0000001\n< 069000\n"
						"> 00B0810000\n< 6C05\n> 00B0810005\n< 01020304059000\n");
	struct pb_reader_card card;
	char answer[600];

	(void)state;
	assert_int_equal(connect_card(reader, &card), PB_OK);
	assert_int_equal(send_hex(reader, "00b0810000", answer, NULL), PB_OK);
	assert_string_equal(answer, "0102030405069000");
	assert_int_equal(send_hex(reader, "00b0810000", answer, NULL), PB_OK);
	assert_string_equal(answer, "01020304059000");
	pb_reader_destroy(reader);
}

static void an_answer_without_end_is_cut(void **state)
{
	char text[1024] = CONTACT "> 00B0810000\n< 6101\n", answer[600];
	struct pb_reader_card card;
	struct pb_reader *reader;
	struct pb_err err;

	(void)state;
	for (int i = 0; i < 20; i++)
		strcat(text, "> 00C0000001\n< 6101\n");
	reader = play(text);
	assert_int_equal(connect_card(reader, &card), PB_OK);
	assert_int_equal(send_hex(reader, "00b0810000", answer, &err), PB_CARD_PROTOCOL);
	assert_string_equal(err.msg, "an answer without end");
	pb_reader_destroy(reader);
}

static void a_replay_names_the_line_that_differs(void **state)
{
	struct pb_reader *reader = play(CONTACT "> 00A40400\n< 9000\n> 00B0810000\n< 9000\n");
	struct pb_reader_card card;
	struct pb_err err;
	char answer[600];

	(void)state;
	assert_int_equal(connect_card(reader, &card), PB_OK);
	assert_int_equal(send_hex(reader, "00a40400", answer, &err), PB_OK);
	assert_int_equal(send_hex(reader, "00b0820000", answer, &err), PB_CARD_PROTOCOL);
	assert_string_equal(err.msg, "replay: line 4: another command was sent");
	assert_false(pb_replay_finished(reader));
	pb_reader_destroy(reader);
}

static void failures_are_played_by_name(void **state)
{
	struct pb_reader *reader = play(CONTACT "> 00A40400\n! CARD_REMOVED\n> 00A40400\n! NO_SUCH_STATUS\n");
	struct pb_reader_card card;
	char answer[600];

	(void)state;
	assert_int_equal(connect_card(reader, &card), PB_OK);
	assert_int_equal(send_hex(reader, "00a40400", answer, NULL), PB_CARD_REMOVED);
	assert_int_equal(send_hex(reader, "00a40400", answer, NULL), PB_CARD_PROTOCOL);
	pb_reader_destroy(reader);
}

static size_t read_trace(char *ret_text, size_t cap)
{
	FILE *file = fopen(path, "r");
	size_t n = fread(ret_text, 1, cap - 1, file);

	fclose(file);
	ret_text[n] = '\0';
	return n;
}

/* Plays `text` under a trace; what is written must equal what was played. */
static void keys_and_sealed_data_never_stand_in_a_trace(void **state)
{
	static const char text[] = CONTACT "> 8050000008112233445566778800\n< 0102039000\n"
					   "> 848233001000112233445566778899AABBCCDDEEFF\n< 9000\n"
					   "> 84E2880008****************\n< ****9000\n"
					   "> 80D8008104********00\n< **9000\n"
					   "> 8447000008****************00\n! CARD_REMOVED\n-\n";
	static const char *const sent[] = { "8050000008112233445566778800", "848233001000112233445566778899aabbccddeeff",
					    "84e28800085ec7e75ec7e75ec7", "80d80081045ec7e7aa00",
					    "84470000085ec7e75ec7e75ec700" };
	struct pb_reader *inner = play(text), *reader;
	struct pb_reader_card card;
	char written[1024], answer[600];
	struct stat about;

	(void)state;
	assert_int_equal(pb_trace_create(inner, path, &reader, NULL), PB_OK);
	assert_int_equal(connect_card(reader, &card), PB_OK);
	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++)
		assert_int_equal(send_hex(reader, sent[i], answer, NULL), i == 4 ? PB_CARD_REMOVED : PB_OK);
	assert_int_equal(pb_reader_eject(reader, pb_view(NULL, 0), NULL), PB_OK);
	read_trace(written, sizeof(written));
	assert_string_equal(written, text);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	pb_reader_destroy(reader);
	unlink(path);
}

static void a_trace_that_cannot_be_opened_leaves_the_reader_whole(void **state)
{
	struct pb_reader *inner = play(CONTACT), *reader = NULL;
	struct pb_reader_card card;

	(void)state;
	assert_int_equal(pb_trace_create(inner, "/nonexistent/trace", &reader, NULL), PB_FILE_UNWRITABLE);
	assert_null(reader);
	assert_int_equal(connect_card(inner, &card), PB_OK);
	pb_reader_destroy(inner);
}

static void a_step_names_itself_in_its_failure(void **state)
{
	struct pb_reader *reader = play(CONTACT "> 00B0810000\n< 6A82\n> 00B0810000\n! READER_GONE\n");
	const struct pb_apdu read = { CLA_ISO, INS_READ_BINARY, P1_SFI | SFI_CARD, 0, { NULL, 0 }, APDU_RESPONSE_MAX };
	struct pb_reader_card card;
	struct pb_answer answer;
	struct pb_err err;

	(void)state;
	assert_int_equal(connect_card(reader, &card), PB_OK);
	assert_int_equal(pb_exchange_ok(reader, "READ BINARY", &read, &answer, &err), PB_CARD_REFUSED);
	assert_string_equal(err.msg, "READ BINARY: SW 6A82 (no such file or application)");
	assert_int_equal(pb_exchange_ok(reader, "READ BINARY", &read, &answer, &err), PB_READER_GONE);
	assert_string_equal(err.msg, "READ BINARY: replay: line 5");
	pb_reader_destroy(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_uid_is_asked_only_behind_a_contactless_atr),
		cmocka_unit_test(a_uid_of_a_length_no_chip_has_is_refused),
		cmocka_unit_test(a_card_gone_before_its_uid_was_not_put_down_yet),
		cmocka_unit_test(the_next_card_is_told_by_its_uid),
		cmocka_unit_test(the_same_card_and_one_of_random_uid_must_be_put_down_anew),
		cmocka_unit_test(answers_in_pieces_are_collected),
		cmocka_unit_test(an_answer_without_end_is_cut),
		cmocka_unit_test(a_replay_names_the_line_that_differs),
		cmocka_unit_test(failures_are_played_by_name),
		cmocka_unit_test(keys_and_sealed_data_never_stand_in_a_trace),
		cmocka_unit_test(a_trace_that_cannot_be_opened_leaves_the_reader_whole),
		cmocka_unit_test(a_step_names_itself_in_its_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
