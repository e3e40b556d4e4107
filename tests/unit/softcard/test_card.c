/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The card through a whole issue: what it keeps, what it refuses, its keys and their attempts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "keys/crypto/hash.h"
#include "softcard/card.h"

static const uint8_t small_ndef[] = { 0x00, 0x01, 0xD0 };

static void an_issue_takes_fourteen_commands(void **unused)
{
	struct host host = host_new(NULL);

	(void)unused;
	host_select_applet(&host);
	host_open(&host);
	host_generate(&host);
	host_commit(&host, 0xC5, 120);
	assert_int_equal(host.sw, SW_OK);
	host_select_applet(&host);
	host_hex(&host, "00 B0 81 00 00");
	assert_int_equal(host.sw, SW_OK);
	assert_int_equal(host.n, (2 + 120) + 70 + (2 + 9));
	assert_memory_equal(host.data + 2, host.credential, 120);
	assert_memory_equal(host.data + 122 + 5, host.point, 65);
	assert_true(host_proves(&host, host.point, pb_view(host.credential, 120)));
	host_select_isd(&host);
	host_open(&host);
	host_put_key(&host);
	assert_int_equal(host.sw, SW_OK);
	assert_int_equal(host.n, 10);
	host_install(&host);
	host_store_state(&host, APPLET_LOCKED);
	assert_int_equal(host.sw, SW_OK);
	assert_int_equal(softcard_commands(host.card), 14);
	assert_int_equal(host.card->nvm.writes, 6); /* section 13 of the specification */
	assert_int_equal(softcard_state(host.card), APPLET_LOCKED);
	assert_int_equal(softcard_kvn(host.card), KVN_ISSUER_FIRST);
	host_free(&host);
}

/* ---- STORE DATA */

/* The groupings of a commit; returns their length. */
static size_t groupings(uint8_t *ret_bytes, size_t credential_n, struct pb_view ndef)
{
	struct pb_writer out = pb_writer(ret_bytes, 300);
	uint8_t digest[PB_SHA256_LEN], credential[255] = { 0xA5 };

	pb_put_be(&out, DGI_CREDENTIAL, 2);
	pb_put_u8(&out, (uint8_t)credential_n);
	pb_put(&out, credential, credential_n);
	pb_put_be(&out, DGI_NDEF, 2);
	pb_put_u8(&out, (uint8_t)ndef.n);
	pb_put_view(&out, ndef);
	pb_sha256(pb_view(ret_bytes, out.n), digest);
	pb_put_be(&out, DGI_COMMIT, 2);
	pb_put_u8(&out, DGI_COMMIT_LEN);
	pb_put(&out, digest, DGI_COMMIT_LEN);
	return out.n;
}

static struct host with_shadow(void)
{
	struct host host = host_new(NULL);

	host_select_applet(&host);
	host_open(&host);
	host_generate(&host);
	assert_int_equal(host.sw, SW_OK);
	return host;
}

static void a_commit_may_come_in_four_blocks_cut_anywhere(void **unused)
{
	uint8_t bytes[300];
	const size_t n = groupings(bytes, CREDENTIAL_MAX, PB_VIEW(small_ndef));

	(void)unused;
	for (size_t cut = 1; cut < n - 2; cut++) {
		struct host host = with_shadow();

		host_store_block(&host, false, 0, pb_view(bytes, cut));
		assert_int_equal(host.sw, SW_OK);
		host_store_block(&host, false, 1, pb_view(bytes + cut, 1));
		host_store_block(&host, false, 2, pb_view(bytes + cut + 1, 1));
		assert_int_equal(softcard_state(host.card), APPLET_BLANK);
		host_store_block(&host, true, 3, pb_view(bytes + cut + 2, n - cut - 2));
		assert_int_equal(host.sw, SW_OK);
		assert_int_equal(softcard_state(host.card), APPLET_PERSONALISED);
		host_free(&host);
	}
}

/* Whatever is wrong in it: refused, and the card is as it was, shadow key and all. */
static void refuse(struct pb_view bytes, unsigned sw)
{
	struct host host = with_shadow();

	host_store_block(&host, true, 0, bytes);
	assert_int_equal(host.sw, sw);
	assert_int_equal(softcard_state(host.card), APPLET_BLANK);
	assert_true(softcard_shadow_waits(host.card));
	assert_int_equal(softcard_credential(host.card).n, 0);
	host_free(&host);
}

static void a_commit_is_refused_for_any_changed_byte(void **unused)
{
	uint8_t bytes[300];
	const size_t n = groupings(bytes, 20, PB_VIEW(small_ndef));

	(void)unused;
	for (size_t i = 0; i < n; i++) {
		bytes[i] ^= 0x01;
		refuse(pb_view(bytes, n), SW_DATA);
		bytes[i] ^= 0x01;
	}
	refuse(pb_view(bytes, n - 1), SW_DATA);
	refuse(pb_view(bytes, n - 11), SW_DATA);
	bytes[n] = 0;
	refuse(pb_view(bytes, n + 1), SW_DATA);
}

static void lengths_out_of_bounds_are_refused(void **unused)
{
	static const uint8_t lying[] = { 0x00, 0x02, 0xD0 };
	uint8_t bytes[300], long_ndef[NDEF_MAX + 1] = { 0, NDEF_MAX - 1 };

	(void)unused;
	refuse(pb_view(bytes, groupings(bytes, CREDENTIAL_MAX + 1, PB_VIEW(small_ndef))), SW_DATA);
	refuse(pb_view(bytes, groupings(bytes, 0, PB_VIEW(small_ndef))), SW_DATA);
	refuse(pb_view(bytes, groupings(bytes, 20, PB_VIEW(long_ndef))), SW_DATA);
	refuse(pb_view(bytes, groupings(bytes, 20, PB_VIEW(lying))), SW_DATA);
}

static void blocks_are_counted_and_a_wrong_number_forgets_them(void **unused)
{
	uint8_t bytes[300];
	const size_t n = groupings(bytes, 20, PB_VIEW(small_ndef));
	struct host host = with_shadow();

	(void)unused;
	host_store_block(&host, true, 1, pb_view(bytes, n));
	assert_int_equal(host.sw, SW_P1P2);
	host_store_block(&host, false, 0, pb_view(bytes, 10));
	host_store_block(&host, true, 2, pb_view(bytes + 10, n - 10));
	assert_int_equal(host.sw, SW_P1P2);
	host_store_block(&host, true, 1, pb_view(bytes + 10, n - 10));
	assert_int_equal(host.sw, SW_P1P2);
	for (uint8_t i = 0; i < STORE_BLOCKS_MAX; i++)
		host_store_block(&host, false, i, pb_view(bytes, 10));
	assert_int_equal(host.sw, SW_OK);
	host_store_block(&host, true, STORE_BLOCKS_MAX, pb_view(bytes, 10));
	assert_int_equal(host.sw, SW_NO_SPACE);
	host_store_block(&host, true, 0, pb_view(bytes, n));
	assert_int_equal(host.sw, SW_OK);
	host_free(&host);
}

static void blocks_do_not_outlive_reset_reselect_or_session(void **unused)
{
	uint8_t bytes[300];
	const size_t n = groupings(bytes, 20, PB_VIEW(small_ndef));

	(void)unused;
	for (int way = 0; way < 3; way++) {
		struct host host = with_shadow();

		host_store_block(&host, false, 0, pb_view(bytes, 10));
		if (way == 0)
			host_power(&host);
		if (way < 2)
			host_select_applet(&host);
		host_open(&host);
		host_store_block(&host, true, 1, pb_view(bytes + 10, n - 10));
		assert_int_equal(host.sw, SW_P1P2);
		assert_true(softcard_shadow_waits(host.card));
		host_free(&host);
	}
}

static void without_a_waiting_key_nothing_is_committed(void **unused)
{
	struct host host = host_new(NULL);

	(void)unused;
	host_bring_to(&host, APPLET_PERSONALISED);
	host_open(&host);
	host_commit(&host, 0x11, 100);
	assert_int_equal(host.sw, SW_CONDITIONS);
	assert_int_equal(softcard_credential(host.card).p[0], 0xC5);
	host_free(&host);
}

/* ---- the waiting key */

static void a_generated_key_waits_through_resets_and_can_be_read(void **unused)
{
	struct host host = with_shadow();
	uint8_t point[65];

	(void)unused;
	memcpy(point, host.point, 65);
	host_power(&host);
	host_select_applet(&host);
	assert_int_equal(host.data[host.n - 1], 1); /* 9F6F */
	host_hex(&host, "00 CB 3F FF 04 5C 02 7F 4A 00");
	assert_int_equal(host.sw, SW_OK);
	assert_memory_equal(host.data, "\x7F\x4A\x43\x86\x41", 5);
	assert_memory_equal(host.data + 5, point, 65);
	host_open(&host);
	host_generate(&host);
	assert_memory_not_equal(host.point, point, 65);
	host_free(&host);
}

/* ---- secure channel */

static void five_levels_open_a_channel_and_no_other(void **unused)
{
	(void)unused;
	for (unsigned level = 0; level < 256; level++) {
		const bool known = level == 1 || level == 3 || level == 0x11 || level == 0x13 || level == 0x33;
		struct host host = host_new(NULL);

		host_initialize(&host, (const uint8_t *)FACTORY_KEY);
		host_authenticate(&host, (uint8_t)level);
		assert_int_equal(host.sw, known ? SW_OK : SW_P1P2);
		assert_int_equal(softcard_attempts_left(host.card), AUTHENTICATION_ATTEMPTS);
		host_free(&host);
	}
}

static void ten_wrong_cryptograms_block_the_keys_for_good(void **unused)
{
	struct host host = host_new(NULL);

	(void)unused;
	for (unsigned left = AUTHENTICATION_ATTEMPTS; left > 0; left--) {
		assert_int_equal(softcard_attempts_left(host.card), left);
		host_initialize(&host, host_issuer_key);
		assert_int_equal(host.sw, SW_OK);
		host_authenticate(&host, 0x33);
		assert_int_equal(host.sw, SW_HOST_CRYPTOGRAM);
		host_power(&host);
	}
	host_initialize(&host, (const uint8_t *)FACTORY_KEY);
	assert_int_equal(host.sw, SW_BLOCKED);
	host_free(&host);
}

static void a_right_cryptogram_gives_all_attempts_back(void **unused)
{
	struct host host = host_new(NULL);

	(void)unused;
	for (int i = 0; i < AUTHENTICATION_ATTEMPTS - 1; i++) {
		host_initialize(&host, host_issuer_key);
		host_authenticate(&host, 0x33);
	}
	assert_int_equal(softcard_attempts_left(host.card), 1);
	host_open(&host);
	assert_int_equal(softcard_attempts_left(host.card), AUTHENTICATION_ATTEMPTS);
	host_free(&host);
}

static void looking_at_the_keys_costs_no_attempt(void **unused)
{
	struct host host = host_new(NULL);

	(void)unused;
	for (int i = 0; i < 20; i++)
		host_initialize(&host, host_issuer_key);
	assert_int_equal(softcard_attempts_left(host.card), AUTHENTICATION_ATTEMPTS);
	host_free(&host);
}

static void a_challenge_is_for_the_next_command_only(void **unused)
{
	struct host host = host_new(NULL);

	(void)unused;
	host_authenticate(&host, 0x33);
	assert_int_equal(host.sw, SW_CONDITIONS);
	host_initialize(&host, (const uint8_t *)FACTORY_KEY);
	host_hex(&host, "FF CA 00 00 00"); /* the reader's, not the card's */
	host_authenticate(&host, 0x33);
	assert_int_equal(host.sw, SW_OK);
	host_initialize(&host, (const uint8_t *)FACTORY_KEY);
	host_hex(&host, "80 CA 00 E0 00");
	host_authenticate(&host, 0x33);
	assert_int_equal(host.sw, SW_CONDITIONS);
	assert_int_equal(softcard_attempts_left(host.card), AUTHENTICATION_ATTEMPTS);
	host_free(&host);
}

static void no_challenge_is_given_twice_and_the_last_is_kept_back(void **unused)
{
	struct host host = host_new(NULL);

	(void)unused;
	host_initialize(&host, (const uint8_t *)FACTORY_KEY);
	assert_memory_equal(host.data + 29, "\x00\x00\x01", 3);
	host_power(&host);
	host_initialize(&host, (const uint8_t *)FACTORY_KEY);
	assert_memory_equal(host.data + 29, "\x00\x00\x02", 3);
	host.card->nvm.now.keys.sequence = 0xFFFFFE;
	host_initialize(&host, (const uint8_t *)FACTORY_KEY);
	assert_memory_equal(host.data + 29, "\xFF\xFF\xFF", 3);
	host_initialize(&host, (const uint8_t *)FACTORY_KEY);
	assert_int_equal(host.sw, SW_CONDITIONS);
	host_free(&host);
}

static void a_card_with_random_challenges_says_so_and_counts_nothing(void **unused)
{
	static const uint8_t uid[] = { 4, 5, 6, 7 };
	const struct softcard_options options = { .uid = PB_VIEW(uid), .scp03_i = 0x60 };
	struct host host = { 0 };

	(void)unused;
	assert_int_equal(softcard_create(&options, &host.card, NULL), PB_OK);
	host_power(&host);
	host_hex(&host, "80 50 00 00 08 01 02 03 04 05 06 07 08 00");
	assert_int_equal(host.n, 29);
	assert_memory_equal(host.data, "\0\0\0\0\0\0\4\5\6\7\xFF\x03\x60", 13);
	host_free(&host);
}

static void in_a_channel_a_bare_command_ends_it(void **unused)
{
	struct host host = with_shadow();

	(void)unused;
	host_hex(&host, "80 E2 88 00 04 7F FE 01 7F");
	assert_int_equal(host.sw, SW_SM_MISSING);
	host_generate(&host);
	assert_int_equal(host.sw, SW_SECURITY);
	host_open(&host);
	host_hex(&host, "84 47 00 00 08 01 02 03 04 05 06 07 08 00");
	assert_int_equal(host.sw, SW_SM_INCORRECT);
	host_generate(&host);
	assert_int_equal(host.sw, SW_SECURITY);
	host_free(&host);
}

/* ---- PUT KEY */

static void a_new_key_set_replaces_the_factory_set_and_then_itself(void **unused)
{
	struct host host = host_new(NULL);

	(void)unused;
	host_open(&host);
	host_put_key(&host);
	assert_int_equal(host.sw, SW_OK);
	assert_int_equal(host.data[0], KVN_ISSUER_FIRST);
	host_power(&host);
	host_hex(&host, "80 CA 00 E0 00");
	assert_memory_equal(host.data, "\xE0\x12\xC0\x04\x01\x30\x88\x10", 8);
	host_hex(&host, "80 50 FF 00 08 01 02 03 04 05 06 07 08 00");
	assert_int_equal(host.sw, SW_REFERENCE);
	host_initialize(&host, (const uint8_t *)FACTORY_KEY);
	host_authenticate(&host, 0x33);
	assert_int_equal(host.sw, SW_HOST_CRYPTOGRAM);
	host_open(&host);
	host_put_key(&host);
	assert_int_equal(host.sw, SW_OK);
	host_free(&host);
}

static void keys_that_do_not_check_are_not_stored(void **unused)
{
	uint8_t data[70] = { KVN_ISSUER_FIRST };
	struct host host = host_new(NULL);

	(void)unused;
	for (size_t i = 0; i < 3; i++)
		memcpy(data + 1 + i * 23, "\x88\x11\x10", 3), data[1 + i * 23 + 19] = 3;
	host_open(&host);
	host_secured(&host, INS_PUT_KEY, 0, P2_PUT_KEY_SET, PB_VIEW(data));
	assert_int_equal(host.sw, SW_DATA);
	host_secured(&host, INS_PUT_KEY, KVN_ISSUER_FIRST, P2_PUT_KEY_SET, PB_VIEW(data));
	assert_int_equal(host.sw, SW_REFERENCE);
	assert_int_equal(softcard_kvn(host.card), KVN_FACTORY);
	host_free(&host);
}

/* ---- reading */

static void the_file_is_read_in_pieces_as_well_as_at_once(void **unused)
{
	struct host host = host_new(NULL);
	uint8_t whole[256];
	size_t n;

	(void)unused;
	host_bring_to(&host, APPLET_LOCKED);
	host_hex(&host, "00 B0 81 00 00");
	n = host.n;
	memcpy(whole, host.data, n);
	host_hex(&host, "00 B0 00 64 00");
	assert_int_equal(host.sw, SW_OK);
	assert_int_equal(host.n, n - 100);
	assert_memory_equal(host.data, whole + 100, n - 100);
	host_hex(&host, "00 B0 81 64 10");
	assert_int_equal(host.n, 16);
	assert_memory_equal(host.data, whole + 100, 16);
	host_hex(&host, "00 B0 00 64 FF");
	assert_int_equal(host.sw, SW_END_OF_FILE);
	assert_int_equal(host.n, n - 100);
	host_hex(&host, "00 B0 01 00 00");
	assert_int_equal(host.sw, SW_OFFSET);
	host_hex(&host, "00 B0 82 00 00");
	assert_int_equal(host.sw, SW_FILE_NOT_FOUND);
	host_free(&host);
}

static void a_telephone_reads_the_address_once_there_is_one(void **unused)
{
	struct host host = host_new(NULL);

	(void)unused;
	host_select(&host, NDEF_AID, NDEF_AID_LEN);
	host_hex(&host, "00 B0 00 00 0F");
	assert_int_equal(host.sw, SW_CONDITIONS);
	host_hex(&host, "00 A4 00 0C 02 E1 04");
	host_hex(&host, "00 B0 00 00 02");
	assert_memory_equal(host.data, "\0\0", 2);
	host_bring_to(&host, APPLET_LOCKED);
	host_select(&host, NDEF_AID, NDEF_AID_LEN);
	host_hex(&host, "00 A4 00 0C 02 E1 03");
	host_hex(&host, "00 B0 00 00 0F");
	assert_memory_equal(host.data, "\x00\x0F\x20\x00\xFF\x00\xFF\x04\x06\xE1\x04\x00\x60\x00\xFF", 15);
	host_hex(&host, "00 A4 00 0C 02 E1 04");
	host_hex(&host, "00 B0 00 00 02");
	assert_memory_equal(host.data, "\x00\x07", 2);
	host_hex(&host, "00 B0 00 02 07");
	assert_memory_equal(host.data, "\xD1\x01\x03\x55\x04" "a/", 7);
	host_hex(&host, "00 D6 00 00 01 00");
	assert_int_equal(host.sw, SW_INS);
	host_hex(&host, "80 50 00 00 08 01 02 03 04 05 06 07 08 00");
	assert_int_equal(host.sw, SW_CLA);
	host_free(&host);
}

static void the_reader_answers_the_uid_and_the_card_never_sees_it(void **unused)
{
	struct host host = host_new(NULL);

	(void)unused;
	host_hex(&host, "FF CA 00 00 00");
	assert_int_equal(host.sw, SW_OK);
	assert_memory_equal(host.data, "\x04\1\2\3\4\5\6", 7);
	host_hex(&host, "FF CA 00 00 04");
	assert_int_equal(host.sw, 0x6C07);
	host_hex(&host, "FF CA 01 00 00");
	assert_int_equal(host.sw, 0x6A81);
	assert_int_equal(softcard_commands(host.card), 0);
	host_free(&host);
}

static void a_terminated_card_holds_nothing_any_more(void **unused)
{
	static const uint8_t zero[CREDENTIAL_MAX];
	struct host host = host_new(NULL);

	(void)unused;
	host_bring_to(&host, APPLET_LOCKED);
	host_open(&host);
	host_generate(&host);
	assert_int_equal(host.sw, SW_CONDITIONS);
	host_secured(&host, INS_SET_STATUS, P1_STATUS_APPLICATION, APPLET_TERMINATED, (struct pb_view){ 0 });
	assert_int_equal(host.sw, SW_OK);
	assert_false(host.card->nvm.now.has_key);
	assert_memory_equal(host.card->nvm.now.key, zero, PB_P256_SCALAR);
	assert_memory_equal(host.card->nvm.now.credential, zero, CREDENTIAL_MAX);
	assert_int_equal(softcard_ndef(host.card).n, 0);
	host_select_applet(&host);
	assert_int_equal(host.sw, SW_TERMINATED);
	assert_int_equal(host.data[0], TAG_FCI);
	host_free(&host);
}

/* ---- the file */

static void a_card_is_the_same_card_in_another_process(void **unused)
{
	char path[] = "/tmp/softcard-test-XXXXXX";
	struct host host;
	int status;

	(void)unused;
	assert_true(mkstemp(path) >= 0);
	unlink(path);
	fflush(NULL);
	if (fork() == 0) {
		host = host_new(path);
		host_bring_to(&host, APPLET_LOCKED);
		host_free(&host);
		_exit(0);
	}
	wait(&status);
	assert_int_equal(status, 0);
	host = host_new(path);
	assert_int_equal(softcard_state(host.card), APPLET_LOCKED);
	assert_int_equal(softcard_kvn(host.card), KVN_ISSUER_FIRST);
	host_select_applet(&host);
	host_hex(&host, "00 CB 3F FF 04 5C 02 7F 49 00");
	assert_int_equal(host.sw, SW_OK);
	memcpy(host.point, host.data + 5, 65);
	assert_true(host_proves(&host, host.point, softcard_credential(host.card)));
	host_open(&host);
	host_free(&host);
	unlink(path);
}

static void a_file_that_is_no_card_is_refused(void **unused)
{
	char path[] = "/tmp/softcard-test-XXXXXX";
	uint8_t bytes[1024];
	struct softcard_options options = { .path = path };
	struct softcard *card = NULL;
	struct host host;
	FILE *file;
	size_t n;

	(void)unused;
	assert_true(mkstemp(path) >= 0);
	assert_int_equal(softcard_create(&options, &card, NULL), PB_INPUT_INVALID); /* empty */
	unlink(path);
	host = host_new(path);
	host_free(&host);
	file = fopen(path, "r+");
	n = fread(bytes, 1, sizeof(bytes), file);
	for (size_t i = 0; i < n; i++) {
		fseek(file, (long)i, SEEK_SET);
		fputc(bytes[i] ^ 1, file);
		fflush(file);
		assert_int_equal(softcard_create(&options, &card, NULL), PB_INPUT_INVALID);
		fseek(file, (long)i, SEEK_SET);
		fputc(bytes[i], file);
		fflush(file);
	}
	fclose(file);
	assert_null(card);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_issue_takes_fourteen_commands),
		cmocka_unit_test(a_commit_may_come_in_four_blocks_cut_anywhere),
		cmocka_unit_test(a_commit_is_refused_for_any_changed_byte),
		cmocka_unit_test(lengths_out_of_bounds_are_refused),
		cmocka_unit_test(blocks_are_counted_and_a_wrong_number_forgets_them),
		cmocka_unit_test(blocks_do_not_outlive_reset_reselect_or_session),
		cmocka_unit_test(without_a_waiting_key_nothing_is_committed),
		cmocka_unit_test(a_generated_key_waits_through_resets_and_can_be_read),
		cmocka_unit_test(five_levels_open_a_channel_and_no_other),
		cmocka_unit_test(ten_wrong_cryptograms_block_the_keys_for_good),
		cmocka_unit_test(a_right_cryptogram_gives_all_attempts_back),
		cmocka_unit_test(looking_at_the_keys_costs_no_attempt),
		cmocka_unit_test(a_challenge_is_for_the_next_command_only),
		cmocka_unit_test(no_challenge_is_given_twice_and_the_last_is_kept_back),
		cmocka_unit_test(a_card_with_random_challenges_says_so_and_counts_nothing),
		cmocka_unit_test(in_a_channel_a_bare_command_ends_it),
		cmocka_unit_test(a_new_key_set_replaces_the_factory_set_and_then_itself),
		cmocka_unit_test(keys_that_do_not_check_are_not_stored),
		cmocka_unit_test(the_file_is_read_in_pieces_as_well_as_at_once),
		cmocka_unit_test(a_telephone_reads_the_address_once_there_is_one),
		cmocka_unit_test(the_reader_answers_the_uid_and_the_card_never_sees_it),
		cmocka_unit_test(a_terminated_card_holds_nothing_any_more),
		cmocka_unit_test(a_card_is_the_same_card_in_another_process),
		cmocka_unit_test(a_file_that_is_no_card_is_refused),
	};

	return cmocka_run_group_tests_name("softcard card", tests, NULL, NULL);
}
