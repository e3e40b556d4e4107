/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Generations of a card master key, in files and, with the word "pkcs11", in a token: the next one is made beside
 * the old ones, new cards get its keys, and a card is opened with those of the generation it names.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "card-applet-spec/applet.h"
#include "keys/crypto/aes.h"
#include "keys/keystore.h"
#include "keys/keystore_inside.h"
#include "keys/scp03_keys.h"
#include "tests/unit/keys/key_folder.h"
#include "tests/lib/scp03_words.h"

enum { FIRST = KVN_ISSUER_FIRST, SECOND = FIRST + 1 };

static const uint8_t uid[] = { 0x04, 0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0x80 };
static const uint8_t host_challenge[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static struct pb_keystore_options options_of(const struct key_folder *folder)
{
	return (struct pb_keystore_options){ .allow_factory_keys = true, .clock = &folder->clock,
					     .token = key_folder_token(folder) };
}

static struct pb_keystore *open_store(const struct key_folder *folder)
{
	struct pb_keystore_options options = options_of(folder);
	struct pb_keystore *store = NULL;
	struct pb_err err = { 0 };

	if (pb_keystore_open(folder->keys, &folder->passphrase, &options, &store, &err) != PB_OK)
		fail_msg("%s", err.msg);
	return store;
}

static enum pb_status roll(const struct key_folder *folder, uint8_t after, struct pb_generation *ret_made, struct pb_err *err)
{
	struct pb_keystore_options options = options_of(folder);

	return pb_keystore_roll_master(folder->keys, &folder->passphrase, &options, PB_MASTER_APPLET, after, ret_made, err);
}

static struct pb_generation must_roll(const struct key_folder *folder, uint8_t after)
{
	struct pb_generation made = { 0 };
	struct pb_err err = { 0 };

	if (roll(folder, after, &made, &err) != PB_OK)
		fail_msg("%s", err.msg);
	return made;
}

/* ---- a card's side */

static void factory_set(struct pb_card_keys *ret_keys)
{
	pb_secret_set(&ret_keys->enc, FACTORY_KEY, FACTORY_KEY_LEN);
	pb_secret_set(&ret_keys->mac, FACTORY_KEY, FACTORY_KEY_LEN);
	pb_secret_set(&ret_keys->dek, FACTORY_KEY, FACTORY_KEY_LEN);
}

/* INITIALIZE UPDATE, i = 60. */
static void answer_of(const struct pb_card_keys *keys, uint8_t kvn, uint8_t ret_answer[static 29])
{
	static const uint8_t card_challenge[8] = { 9, 8, 7, 6, 5, 4, 3, 2 };
	struct pb_scp03_session_keys session = { 0 };

	memset(ret_answer, 0, 10);
	memcpy(ret_answer + 10, (const uint8_t[]){ kvn, SCP03_ID, 0x60 }, 3);
	memcpy(ret_answer + 13, card_challenge, 8);
	pb_scp03_session_derive(&keys->enc, &keys->mac, PB_VIEW(host_challenge), PB_VIEW(card_challenge), &session);
	pb_scp03_cryptogram(&session, PB_SCP03_CARD_CRYPTOGRAM, PB_VIEW(host_challenge), PB_VIEW(card_challenge), ret_answer + 21);
}

/* PUT KEY: what a card that has `old` reads out of it. */
static uint8_t take_keys(struct pb_view data, const struct pb_card_keys *old, struct pb_card_keys *ret_keys)
{
	static const uint8_t zero[16];
	struct pb_secret *const keys[] = { &ret_keys->enc, &ret_keys->mac, &ret_keys->dek };
	uint8_t plain[16], kcv[3];

	assert_int_equal(data.n, PB_SCP03_PUT_KEY);
	for (size_t i = 0; i < 3; i++) {
		const uint8_t *block = data.p + 1 + 23 * i;

		pb_aes_cbc_decrypt(pb_secret_view(&old->dek), zero, block + 3, 16, plain);
		pb_secret_set(keys[i], plain, 16);
		pb_key_check_value(keys[i], kcv);
		assert_memory_equal(kcv, block + 20, 3);
	}
	return data.p[0];
}

static enum pb_status open_card(const struct pb_keystore *store, const struct pb_card_keys *keys, uint8_t kvn,
				struct pb_card_session *ret_session)
{
	uint8_t answer[29];

	answer_of(keys, kvn, answer);
	return scp03_open(store, PB_VIEW(uid), host_challenge, PB_VIEW(answer), ret_session, NULL);
}

/* What a card that has `old` under `kvn` becomes. */
static uint8_t rekey(const struct pb_keystore *store, uint8_t kvn, const struct pb_card_keys *old, struct pb_card_keys *ret_keys)
{
	uint8_t data[PB_SCP03_PUT_KEY], receipt[PB_SCP03_RECEIPT];

	assert_int_equal(scp03_put_key(store, PB_VIEW(uid), kvn, data, receipt, NULL), PB_OK);
	assert_int_equal(receipt[0], data[0]);
	return take_keys(PB_VIEW(data), old, ret_keys);
}

/* ---- */

static void an_office_begins_with_the_first_generation(void **state)
{
	struct pb_keystore *store = open_store(*state);
	const struct pb_generations *generations = pb_keystore_generations(store);

	assert_int_equal(generations->count, 1);
	assert_int_equal(generations->list[0].kvn, FIRST);
	assert_int_equal(pb_keystore_current_kvn(store, PB_MASTER_APPLET), FIRST);
	pb_keystore_close(store);
}

static void the_next_generation_stands_beside_the_first(void **state)
{
	struct pb_generation made = must_roll(*state, FIRST);
	struct pb_keystore *store = open_store(*state);
	const struct pb_generations *generations = pb_keystore_generations(store);

	assert_int_equal(made.kvn, SECOND);
	assert_int_equal(generations->count, 2);
	assert_int_equal(generations->list[0].kvn, FIRST);
	assert_int_equal(generations->list[1].kvn, SECOND);
	assert_memory_equal(generations->list[1].kcv, made.kcv, PB_KCV_LEN);
	assert_memory_not_equal(generations->list[0].kcv, made.kcv, PB_KCV_LEN);
	assert_int_equal(pb_keystore_current_kvn(store, PB_MASTER_APPLET), SECOND);
	pb_keystore_close(store);
}

static void a_card_is_opened_with_its_own_generation_and_moved_to_the_newest(void **state)
{
	PB_CARD_KEYS_SECRET factory = { 0 };
	PB_CARD_KEYS_SECRET first = { 0 };
	PB_CARD_KEYS_SECRET second = { 0 };
	PB_CARD_SESSION_SECRET session = { 0 };
	struct pb_keystore *store = open_store(*state);

	factory_set(&factory);
	assert_int_equal(rekey(store, KVN_FACTORY, &factory, &first), FIRST);
	pb_keystore_close(store);
	must_roll(*state, FIRST);
	store = open_store(*state);
	assert_int_equal(open_card(store, &first, FIRST, &session), PB_OK);
	assert_int_equal(session.kvn, FIRST);
	assert_int_equal(rekey(store, FIRST, &first, &second), SECOND);
	assert_memory_not_equal(first.enc.bytes, second.enc.bytes, 16);
	assert_int_equal(open_card(store, &second, SECOND, &session), PB_OK);
	assert_int_equal(session.kvn, SECOND);
	/* Straight from the factory, a card gets the same newest keys. */
	assert_int_equal(rekey(store, KVN_FACTORY, &factory, &first), SECOND);
	assert_memory_equal(first.enc.bytes, second.enc.bytes, 16);
	/* Keys of one generation under the number of another are wrong keys. */
	assert_int_equal(open_card(store, &second, FIRST, &session), PB_CARD_KEYS);
	pb_keystore_close(store);
}

static void a_card_is_never_moved_back_nor_to_where_it_is(void **state)
{
	uint8_t data[PB_SCP03_PUT_KEY], receipt[PB_SCP03_RECEIPT];
	struct pb_keystore *store;

	must_roll(*state, FIRST);
	store = open_store(*state);
	assert_int_equal(scp03_put_key(store, PB_VIEW(uid), SECOND, data, receipt, NULL), PB_KEYS_REFUSED);
	pb_keystore_close(store);
}

static void a_generation_that_the_office_does_not_have_opens_nothing(void **state)
{
	PB_CARD_SESSION_SECRET session = { 0 };
	struct pb_keystore *store = open_store(*state);
	struct pb_card_keys keys = { 0 };
	uint8_t data[PB_SCP03_PUT_KEY], receipt[PB_SCP03_RECEIPT];
	static const uint8_t unknown[] = { 0x00, 0x01, FIRST - 1, SECOND, KVN_ISSUER_LAST, KVN_ISSUER_LAST + 1, 0x7F, 0xFE };

	factory_set(&keys);
	for (size_t i = 0; i < sizeof(unknown); i++) {
		assert_int_equal(open_card(store, &keys, unknown[i], &session), PB_CARD_KEYS);
		assert_int_equal(scp03_put_key(store, PB_VIEW(uid), unknown[i], data, receipt, NULL), PB_CARD_KEYS);
	}
	pb_keystore_close(store);
}

static void asking_twice_makes_one(void **state)
{
	struct pb_generation made;
	struct pb_keystore *store;
	struct pb_err err = { 0 };

	must_roll(*state, FIRST);
	assert_int_equal(roll(*state, FIRST, &made, &err), PB_NOT_ALLOWED);
	assert_string_equal(err.msg, "the newest master key of family applet is 31, not 30");
	store = open_store(*state);
	assert_int_equal(pb_keystore_generations(store)->count, 2);
	pb_keystore_close(store);
	assert_int_equal(must_roll(*state, SECOND).kvn, SECOND + 1);
}

static void without_the_passphrase_or_pin_nothing_is_made(void **state)
{
	struct key_folder *folder = *state;
	struct pb_secret *word = folder->token != NULL ? &folder->token->pin : &folder->passphrase;
	struct pb_secret right = *word;
	struct pb_generation made;
	struct pb_keystore *store;

	pb_secret_set(word, "another word", 12);
	assert_int_equal(roll(folder, FIRST, &made, NULL), folder->token != NULL ? PB_TOKEN_PIN : PB_KEYS_PASSPHRASE);
	*word = right;
	store = open_store(folder);
	assert_int_equal(pb_keystore_generations(store)->count, 1);
	pb_keystore_close(store);
}

/* ---- in files */

static void make_file(const struct key_folder *folder, uint8_t kvn)
{
	const struct pb_secret key = { .n = 16 };
	char stem[PB_MASTER_NAME];
	int fd = open(folder->keys, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	pb_master_name(PB_MASTER_APPLET, kvn, stem);
	assert_int_equal(pb_keystore_write_sealed(fd, stem, true, &key, &folder->passphrase, NULL), PB_OK);
	assert_int_equal(close(fd), 0);
}

static void the_last_number_is_not_followed_by_another(void **state)
{
	struct pb_generation made;
	struct pb_err err = { 0 };

	make_file(*state, KVN_ISSUER_LAST);
	assert_int_equal(roll(*state, KVN_ISSUER_LAST, &made, &err), PB_KEYS_REFUSED);
	assert_string_equal(err.msg, "master key 3F of family applet is the last there can be");
}

static void a_generation_is_a_private_file_that_cannot_be_renamed_into_another(void **state)
{
	const struct key_folder *folder = *state;
	char name[2 * KEY_FOLDER_PATH];
	struct pb_keystore *store = NULL;
	struct pb_err err = { 0 };
	struct stat st;

	must_roll(folder, FIRST);
	(void)snprintf(name, sizeof(name), "%s", key_folder_file(folder, "card-master-applet-31.key"));
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(rename(name, key_folder_file(folder, "card-master-applet-32.key")), 0);
	assert_int_equal(pb_keystore_open(folder->keys, &folder->passphrase, NULL, &store, &err), PB_KEYS_UNAVAILABLE);
	assert_string_equal(err.msg, "card-master-applet-32.key: sealed for another purpose than \"card-master-applet-32\"");
}

/* Whatever a crash leaves of a file that is being written has another name. */
static void half_a_file_is_no_generation(void **state)
{
	const struct key_folder *folder = *state;
	FILE *file = fopen(key_folder_file(folder, ".card-master-applet-31.key.new"), "we");
	struct pb_keystore *store;

	assert_non_null(file);
	assert_int_equal(fputs("PBSEAL", file) >= 0 && fclose(file) == 0, 1);
	store = open_store(folder);
	assert_int_equal(pb_keystore_generations(store)->count, 1);
	pb_keystore_close(store);
	assert_int_equal(must_roll(folder, FIRST).kvn, SECOND);
}

/* ---- in a token */

static void pkcs11_tool_sees_each_generation_by_its_label_and_check_value(void **state)
{
	const char *argv[] = { "pkcs11-tool", "--module", soft_token_module(), "--token-label", SOFT_TOKEN_LABEL, "--login",
			       "--pin", SOFT_TOKEN_PIN, "--list-objects", "--type", "secrkey", NULL };
	struct pb_generation made = must_roll(*state, FIRST);
	char output[16384], words[96], kcv[2 * PB_KCV_LEN + 1];

	assert_int_equal(soft_token_run(argv, output, sizeof(output)), 0);
	pb_hex_encode(PB_VIEW(made.kcv), kcv);
	(void)snprintf(words, sizeof(words), "profbilet TEST card-master-applet-31\n  ID:         %s\n", kcv);
	assert_non_null(strstr(output, words));
	assert_non_null(strstr(output, "profbilet TEST card-master-applet-30\n"));
	assert_int_equal(access(key_folder_file(*state, "card-master-applet-31.key"), F_OK), -1);
}

/* Each test has an office of its own: what is made in a token stays there. */
#define WITH_OFFICE(test) cmocka_unit_test_setup_teardown(test, key_folder_make, key_folder_remove)

static const struct CMUnitTest of_both[] = {
	WITH_OFFICE(an_office_begins_with_the_first_generation),
	WITH_OFFICE(the_next_generation_stands_beside_the_first),
	WITH_OFFICE(a_card_is_opened_with_its_own_generation_and_moved_to_the_newest),
	WITH_OFFICE(a_card_is_never_moved_back_nor_to_where_it_is),
	WITH_OFFICE(a_generation_that_the_office_does_not_have_opens_nothing),
	WITH_OFFICE(asking_twice_makes_one),
	WITH_OFFICE(without_the_passphrase_or_pin_nothing_is_made),
};

static const struct CMUnitTest of_files[] = {
	WITH_OFFICE(the_last_number_is_not_followed_by_another),
	WITH_OFFICE(a_generation_is_a_private_file_that_cannot_be_renamed_into_another),
	WITH_OFFICE(half_a_file_is_no_generation),
};

static const struct CMUnitTest of_tokens[] = {
	WITH_OFFICE(pkcs11_tool_sees_each_generation_by_its_label_and_check_value),
};

int main(int argc, char **argv)
{
	bool in_token = argc > 1 && strcmp(argv[1], "pkcs11") == 0;
	int failed;

	if (in_token)
		key_folder_use_token();
	failed = cmocka_run_group_tests(of_both, NULL, NULL);
	return in_token ? failed + cmocka_run_group_tests(of_tokens, NULL, NULL) :
			  failed + cmocka_run_group_tests(of_files, NULL, NULL);
}
