/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A MIFARE DESFire is written as issuer/perso/perso_desfire.c says, with the keys of a key store, torn off at every
 * command of it, put back and continued by what the chip itself says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/cbor.h"
#include "card-applet-spec/desfire.h"
#include "issuer/credential/ndef.h"
#include "issuer/perso/perso.h"
#include "keys/keystore.h"
#include "tests/lib/softcard_reader.h"
#include "tests/unit/keys/key_folder.h"

enum { COMMANDS = 25, COMMANDS_MAX = 30, CREDENTIAL_N = 112, PLACE = 1 /* the first application of a card */ };

static const uint8_t uid[] = { 0x04, 1, 2, 3, 4, 5, 6 };

/* A card, its reader, and an office with its keys. */
struct bench {
	struct softcard *card;
	struct pb_reader *reader;
	struct pb_keystore *keys;
	struct pb_perso perso;
	struct pb_ndef ndef;
	uint8_t credential[CREDENTIAL_N];
};

static uint8_t newest;

static int make_office(void **state)
{
	struct pb_generation made;
	struct key_folder *folder;

	if (key_folder_make(state) != 0)
		return -1;
	folder = *state;
	return pb_keystore_roll_master(folder->keys, &folder->passphrase, NULL, PB_MASTER_DESFIRE, 0, &made, NULL);
}

static void put_card(struct bench *bench)
{
	const struct softcard_options options = { .kind = SOFTCARD_DESFIRE, .uid = PB_VIEW(uid) };

	assert_int_equal(softcard_create(&options, &bench->card, NULL), PB_OK);
	bench->reader = softcard_reader_create(bench->card);
}

static void take_card(struct bench *bench)
{
	pb_perso_finish(&bench->perso);
	pb_reader_destroy(bench->reader);
	softcard_destroy(bench->card);
}

static void open_bench(struct bench *bench, void **state)
{
	const struct key_folder *folder = *state;
	const struct pb_keystore_options options = { .allow_factory_keys = true, .clock = &folder->clock };
	struct pb_writer writer = pb_writer(bench->credential, CREDENTIAL_N);

	*bench = (struct bench){ 0 };
	pb_cbor_put_bytes_head(&writer, CREDENTIAL_N - 2);
	memset(bench->credential + 2, 0xC1, CREDENTIAL_N - 2);
	bench->credential[CREDENTIAL_N - 1] = 0; /* a signature may end so */
	assert_int_equal(pb_ndef_of_url("https://profbilet.example/v", &bench->ndef, NULL), PB_OK);
	assert_int_equal(pb_keystore_open(folder->keys, &folder->passphrase, &options, &bench->keys, NULL), PB_OK);
	newest = pb_keystore_current_kvn(bench->keys, PB_MASTER_DESFIRE);
	put_card(bench);
}

static void close_bench(struct bench *bench)
{
	take_card(bench);
	pb_keystore_close(bench->keys);
}

static enum pb_status identify(struct bench *bench, struct pb_card_identity *ret_identity)
{
	struct pb_reader_card card;
	enum pb_status s = pb_reader_connect(bench->reader, pb_deadline_in(0), &card, NULL);

	if (s == PB_OK)
		s = pb_card_identify(bench->reader, &card, ret_identity, NULL);
	if (s != PB_OK)
		return s;
	pb_perso_finish(&bench->perso);
	pb_perso_init(&bench->perso, bench->reader, ret_identity->family);
	pb_perso_selected(&bench->perso, true);
	return PB_OK;
}

static enum pb_status open_session(struct bench *bench, enum pb_session_purpose purpose, struct pb_card_session *ret_session)
{
	PB_LOGIN_STEP_SECRET step = { 0 };
	struct pb_card_words words;
	enum pb_status s = pb_perso_begin(&bench->perso, purpose, &words, NULL);

	if (s == PB_OK)
		s = pb_keystore_login_begin(bench->keys, PB_MASTER_DESFIRE, PB_VIEW(uid), pb_card_words_view(&words), &step, NULL);
	if (s == PB_OK)
		s = pb_perso_answer(&bench->perso, pb_card_words_view(&step.say), &words, NULL);
	if (s == PB_OK)
		s = pb_keystore_login_answer(bench->keys, step.login, pb_card_words_view(&words), &step, NULL);
	if (s != PB_OK)
		return s;
	assert_true(step.open);
	*ret_session = step.session;
	return pb_perso_open(&bench->perso, &step.session, NULL);
}

static enum pb_status examine(struct bench *bench, struct pb_card_image *ret_image)
{
	static const uint8_t challenge[CHALLENGE_MIN];
	enum pb_status s = pb_card_examine(bench->reader, PB_FAMILY_DESFIRE, PB_VIEW(challenge), ret_image, NULL);

	pb_perso_selected(&bench->perso, s == PB_OK);
	return s;
}

static enum pb_status give_keys(struct bench *bench)
{
	PB_CARD_SESSION_SECRET session = { 0 };
	PB_CARD_WORDS_SECRET keys = { 0 };
	enum pb_status s = open_session(bench, PB_SESSION_FOR_KEYS, &session);

	if (s == PB_OK)
		s = pb_keystore_give_keys(bench->keys, PB_MASTER_DESFIRE, PB_VIEW(uid), &session, &keys, NULL);
	return s == PB_OK ? pb_perso_give_keys(&bench->perso, pb_card_words_view(&keys), NULL) : s;
}

/* What issuer/core/issue.c does with such a card, from the first step that its state says was not taken. */
static enum pb_status write_card(struct bench *bench)
{
	PB_CARD_SESSION_SECRET session = { 0 };
	struct pb_card_identity identity;
	struct pb_card_image image;
	enum pb_status s = identify(bench, &identity);

	if (s != PB_OK)
		return s;
	assert_int_equal(identity.family, PB_FAMILY_DESFIRE);
	if (identity.state == APPLET_BLANK) {
		s = open_session(bench, PB_SESSION_FOR_DATA, &session);
		if (s == PB_OK)
			s = pb_perso_write(&bench->perso, PB_VIEW(bench->credential), pb_ndef_view(&bench->ndef), NULL);
	}
	if (s == PB_OK)
		s = examine(bench, &image);
	if (s == PB_OK && image.state != APPLET_LOCKED)
		s = give_keys(bench);
	return s;
}

/* The contents are there for all, and every key is the office's own. */
static void assert_written(struct bench *bench)
{
	const struct desfire_application *application = &softcard_desfire(bench->card)->applications[PLACE];
	static const uint8_t zeroes[DESFIRE_KEY_LEN];
	struct pb_card_image image;

	assert_int_equal(examine(bench, &image), PB_OK);
	assert_int_equal(image.state, APPLET_LOCKED);
	assert_true(pb_view_equal(pb_view(image.credential, image.credential_n), PB_VIEW(bench->credential)));
	assert_true(pb_view_equal(pb_view(image.ndef, image.ndef_n), pb_ndef_view(&bench->ndef)));
	for (unsigned i = 0; i < DESFIRE_OWN_KEYS; i++) {
		assert_int_equal(application->keys[i].version, newest);
		assert_memory_not_equal(application->keys[i].bytes, zeroes, DESFIRE_KEY_LEN);
	}
	assert_memory_not_equal(application->keys[0].bytes, application->keys[1].bytes, DESFIRE_KEY_LEN);
	for (unsigned i = PLACE + 1; i <= DESFIRE_APPLICATIONS; i++)
		assert_false(softcard_desfire(bench->card)->applications[i].there);
}

static void a_blank_becomes_a_card(void **state)
{
	struct pb_card_identity identity;
	struct bench bench;

	open_bench(&bench, state);
	assert_int_equal(identify(&bench, &identity), PB_OK);
	assert_int_equal(identity.state, APPLET_BLANK);
	assert_int_equal(softcard_reader_commands(bench.reader), 4);
	assert_int_equal(write_card(&bench), PB_OK);
	assert_int_equal(softcard_reader_commands(bench.reader), 4 + COMMANDS);
	assert_written(&bench);
	assert_int_equal(softcard_state(bench.card), APPLET_LOCKED);
	assert_int_equal(write_card(&bench), PB_OK); /* nothing is left to do */
	assert_written(&bench);
	close_bench(&bench);
}

/* As NFC Forum Type 4 Tag 2.0 has it, by the names and numbers of that. */
static void a_telephone_finds_the_address(void **state)
{
	uint8_t answer[SOFTCARD_ANSWER_MAX];
	char url[PB_NDEF_URL_MAX + 1];
	struct bench bench;
	size_t n;

	open_bench(&bench, state);
	assert_int_equal(write_card(&bench), PB_OK);
	assert_int_equal(softcard_transmit(bench.card, pb_view("\0\xA4\4\0\7\xD2\x76\0\0\x85\1\1\0", 13), answer, &n), SOFTCARD_ANSWERED);
	assert_int_equal(softcard_transmit(bench.card, pb_view("\0\xA4\0\x0C\2\xE1\3", 7), answer, &n), SOFTCARD_ANSWERED);
	assert_int_equal(softcard_transmit(bench.card, pb_view("\0\xB0\0\0\x0F", 5), answer, &n), SOFTCARD_ANSWERED);
	assert_memory_equal(answer, DESFIRE_CC "\x90\0", DESFIRE_CC_LEN + 2);
	assert_int_equal(softcard_transmit(bench.card, pb_view("\0\xA4\0\x0C\2\xE1\4", 7), answer, &n), SOFTCARD_ANSWERED);
	assert_int_equal(softcard_transmit(bench.card, pb_view("\0\xB0\0\0\0", 5), answer, &n), SOFTCARD_ANSWERED);
	assert_true(pb_ndef_read_url(pb_view(answer, 2 + answer[1]), url));
	assert_string_equal(url, "https://profbilet.example/v");
	close_bench(&bench);
}

static void torn_at_any_command_it_is_continued(void **state)
{
	static const char *const kinds[] = { "vanish-before", "vanish-after", "torn-old", "torn-new" };
	size_t torn = 0;
	struct bench bench;

	open_bench(&bench, state);
	for (size_t kind = 0; kind < 4; kind++) {
		for (unsigned at = 1; at <= COMMANDS_MAX; at++) {
			struct softcard_fault fault;
			char text[32];
			enum pb_status s;

			snprintf(text, sizeof(text), "%s@%u", kinds[kind], at);
			assert_true(softcard_fault_parse(text, &fault));
			take_card(&bench);
			put_card(&bench);
			softcard_arm(bench.card, &fault);
			s = write_card(&bench);
			if (s == PB_OK)
				continue;
			assert_int_equal(s, PB_CARD_REMOVED);
			softcard_put_back(bench.card);
			assert_int_equal(write_card(&bench), PB_OK);
			assert_written(&bench);
			torn++;
		}
	}
	assert_int_equal(torn, 4 * COMMANDS);
	close_bench(&bench);
}

/* A half-written card shows nothing to anybody before its one commit. */
static void before_the_commit_there_is_nothing_to_read(void **state)
{
	struct pb_card_identity identity;
	struct softcard_fault fault;
	struct pb_card_image image;
	struct bench bench;

	open_bench(&bench, state);
	assert_true(softcard_fault_parse("torn-old@15", &fault)); /* CommitTransaction */
	softcard_arm(bench.card, &fault);
	assert_int_equal(write_card(&bench), PB_CARD_REMOVED);
	softcard_put_back(bench.card);
	assert_int_equal(identify(&bench, &identity), PB_OK);
	assert_int_equal(identity.state, APPLET_BLANK);
	assert_int_equal(examine(&bench, &image), PB_NOT_FOUND);
	assert_true(softcard_desfire(bench.card)->applications[PLACE].files[2].there);
	close_bench(&bench);
}

static void the_keys_of_the_next_generation_follow(void **state)
{
	const struct key_folder *folder = *state;
	const uint8_t first = newest;
	struct pb_generation made;
	struct bench bench;

	open_bench(&bench, state);
	assert_int_equal(write_card(&bench), PB_OK);
	pb_keystore_close(bench.keys);
	assert_int_equal(pb_keystore_roll_master(folder->keys, &folder->passphrase, NULL, PB_MASTER_DESFIRE, first, &made, NULL),
			 PB_OK);
	assert_int_equal(pb_keystore_open(folder->keys, &folder->passphrase,
					  &(struct pb_keystore_options){ .clock = &folder->clock }, &bench.keys, NULL), PB_OK);
	newest = made.kvn;
	pb_perso_selected(&bench.perso, false);
	assert_int_equal(give_keys(&bench), PB_OK);
	assert_written(&bench);
	close_bench(&bench);
}

/* Under keys of his own choosing anybody could read what the card is given, and need not have the card. */
static void keys_are_given_in_a_session_of_this_store_once(void **state)
{
	static const uint8_t other_uid[] = { 4, 9, 9, 9, 9, 9, 9 };
	PB_CARD_SESSION_SECRET session = { 0 };
	PB_CARD_WORDS_SECRET keys = { 0 };
	struct pb_card_identity identity;
	struct pb_card_session forged;
	struct bench bench;

	open_bench(&bench, state);
	assert_int_equal(identify(&bench, &identity), PB_OK);
	assert_int_equal(open_session(&bench, PB_SESSION_FOR_DATA, &session), PB_OK);
	forged = session;
	forged.login = 0;
	assert_int_equal(pb_keystore_give_keys(bench.keys, PB_MASTER_DESFIRE, PB_VIEW(uid), &forged, &keys, NULL), PB_NOT_ALLOWED);
	forged.login = session.login + 1;
	assert_int_equal(pb_keystore_give_keys(bench.keys, PB_MASTER_DESFIRE, PB_VIEW(uid), &forged, &keys, NULL), PB_NOT_ALLOWED);
	assert_int_equal(pb_keystore_give_keys(bench.keys, PB_MASTER_DESFIRE, PB_VIEW(other_uid), &session, &keys, NULL),
			 PB_NOT_ALLOWED);
	assert_int_equal(pb_keystore_give_keys(bench.keys, PB_MASTER_DESFIRE, PB_VIEW(uid), &session, &keys, NULL), PB_NOT_ALLOWED);
	close_bench(&bench);
}

/* The card through a reader that makes an EV1 of what it says of its generation. */
struct ev1_reader {
	struct pb_reader base;
	struct pb_reader *reader;
};

static enum pb_status transmit_as_ev1(struct pb_reader *base, struct pb_view command,
				      uint8_t ret_response[static PB_RESPONSE_MAX], size_t *ret_n, struct pb_err *err)
{
	static const uint8_t get_version[] = { 0x90, 0x60 }, generation[] = { 0x01, 0x00 };
	struct pb_reader *reader = ((struct ev1_reader *)base)->reader;
	enum pb_status s = reader->ops->transmit(reader, command, ret_response, ret_n, err);

	if (s == PB_OK && pb_view_equal(pb_view(command.p, 2), PB_VIEW(get_version)))
		memcpy(ret_response + 3, generation, sizeof(generation));
	return s;
}

static void an_ev1_is_read_and_not_written(void **state)
{
	static const struct pb_reader_ops ops = { .transmit = transmit_as_ev1 };
	static const uint8_t challenge[CHALLENGE_MIN];
	struct pb_card_identity identity;
	struct pb_reader_card card;
	struct pb_card_image image;
	struct ev1_reader reader;
	struct bench bench;

	open_bench(&bench, state);
	assert_int_equal(pb_reader_connect(bench.reader, pb_deadline_in(0), &card, NULL), PB_OK);
	reader = (struct ev1_reader){ { .ops = &ops }, bench.reader };
	assert_int_equal(pb_card_identify(&reader.base, &card, &identity, NULL), PB_OK);
	assert_int_equal(identity.family, PB_FAMILY_FOREIGN);
	assert_int_equal(pb_card_refusal(&identity, NULL), PB_CARD_UNSUPPORTED);
	assert_int_equal(write_card(&bench), PB_OK); /* as the chip that it is */
	assert_int_equal(pb_card_identify(&reader.base, &card, &identity, NULL), PB_OK);
	assert_int_equal(identity.family, PB_FAMILY_DESFIRE);
	assert_int_equal(identity.state, APPLET_LOCKED);
	assert_int_equal(pb_card_examine(&reader.base, PB_FAMILY_DESFIRE, PB_VIEW(challenge), &image, NULL), PB_OK);
	assert_true(pb_view_equal(pb_view(image.credential, image.credential_n), PB_VIEW(bench.credential)));
	close_bench(&bench);
}

static void a_blank_of_unknown_keys_is_tried_once(void **state)
{
	PB_CARD_SESSION_SECRET session = { 0 };
	struct pb_card_identity identity;
	struct softcard_fault fault;
	struct bench bench;
	size_t before;

	open_bench(&bench, state);
	assert_true(softcard_fault_parse("torn-new@5", &fault)); /* the application is there */
	softcard_arm(bench.card, &fault);
	assert_int_equal(write_card(&bench), PB_CARD_REMOVED);
	softcard_put_back(bench.card);
	assert_int_equal(identify(&bench, &identity), PB_OK);
	assert_true(softcard_fault_parse("wrong-keys", &fault));
	softcard_arm(bench.card, &fault);
	before = softcard_reader_commands(bench.reader);
	assert_int_equal(open_session(&bench, PB_SESSION_FOR_DATA, &session), PB_CARD_KEYS);
	assert_int_equal(softcard_reader_commands(bench.reader), before + 6);
	close_bench(&bench);
}

/* As `profbilet blanks key` does it; the credential comes later, under the keys that the blank has then. */
static void a_blank_may_get_its_keys_first(void **state)
{
	struct pb_card_identity identity;
	struct bench bench;

	open_bench(&bench, state);
	assert_int_equal(identify(&bench, &identity), PB_OK);
	assert_int_equal(give_keys(&bench), PB_OK);
	assert_int_equal(identify(&bench, &identity), PB_OK);
	assert_int_equal(identity.state, APPLET_BLANK);
	assert_int_equal(write_card(&bench), PB_OK);
	assert_written(&bench);
	close_bench(&bench);
}

static void another_card_between_the_sessions_is_noticed(void **state)
{
	PB_CARD_SESSION_SECRET session = { 0 };
	struct pb_card_identity identity;
	struct softcard_fault fault;
	struct pb_card_words words;
	struct bench bench;

	open_bench(&bench, state);
	assert_int_equal(identify(&bench, &identity), PB_OK);
	assert_int_equal(open_session(&bench, PB_SESSION_FOR_DATA, &session), PB_OK);
	assert_true(softcard_fault_parse("swapped@1", &fault));
	softcard_arm(bench.card, &fault);
	assert_int_equal(pb_perso_write(&bench.perso, PB_VIEW(bench.credential), pb_ndef_view(&bench.ndef), NULL), PB_CARD_REFUSED);
	assert_int_equal(pb_perso_begin(&bench.perso, PB_SESSION_FOR_DATA, &words, NULL), PB_CARD_SWAPPED);
	close_bench(&bench);
}

static void a_written_card_is_closed_to_strangers(void **state)
{
	static const char *const tries[] = {
		"908D000008030000000100005500", /* WriteData */
		"90DF0000010300",		/* DeleteFile */
		"90CD0000090402EF00EEEE10000000", /* CreateStdDataFile */
		"905F0000040300EEEE00",		/* ChangeFileSettings */
		"900A0000010000",
	};
	uint8_t bytes[64], answer[SOFTCARD_ANSWER_MAX];
	struct pb_card_image image;
	struct bench bench;
	size_t n;

	open_bench(&bench, state);
	assert_int_equal(write_card(&bench), PB_OK);
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		assert_int_equal(examine(&bench, &image), PB_OK);
		assert_true(pb_hex_decode(tries[i], bytes, sizeof(bytes), &n));
		assert_int_equal(softcard_transmit(bench.card, pb_view(bytes, n), answer, &n), SOFTCARD_ANSWERED);
		assert_int_equal(answer[n - 2], 0x91);
		assert_in_range(answer[n - 1], 0x1E, 0xAE); /* a refusal, and not 00 */
	}
	assert_written(&bench);
	close_bench(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blank_becomes_a_card),
		cmocka_unit_test(a_telephone_finds_the_address),
		cmocka_unit_test(torn_at_any_command_it_is_continued),
		cmocka_unit_test(before_the_commit_there_is_nothing_to_read),
		cmocka_unit_test(keys_are_given_in_a_session_of_this_store_once),
		cmocka_unit_test(an_ev1_is_read_and_not_written),
		cmocka_unit_test(a_blank_of_unknown_keys_is_tried_once),
		cmocka_unit_test(a_blank_may_get_its_keys_first),
		cmocka_unit_test(another_card_between_the_sessions_is_noticed),
		cmocka_unit_test(a_written_card_is_closed_to_strangers),
		cmocka_unit_test(the_keys_of_the_next_generation_follow),
	};

	return cmocka_run_group_tests(tests, make_office, key_folder_remove);
}
