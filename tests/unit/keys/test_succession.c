/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/succession.h: a key follows another, and wherever that stops one of them signs.  With the word "pkcs11"
 * the keys are in a token.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "keys/key_dir.h"
#include "keys/keystore.h"
#include "keys/succession.h"
#include "tests/lib/published_trust.h"
#include "tests/lib/sign_credential.h"
#include "tests/unit/keys/key_folder.h"

static const struct pb_signing_order order = { .serial = 7501000001 };
static const char sig_structure[] = "\x84\x6A" "Signature1" "\x43\xA1\x01\x26" "\x40" "\x40";

/* The kid of the key that signs, and a signature of it that a verifier finds good. */
static void signing_kid(const struct key_folder *folder, uint8_t ret_kid[static PB_ISSUER_KID_LEN])
{
	struct pb_keystore_options options = { .clock = &folder->clock, .token = key_folder_token(folder) };
	struct pb_view message = pb_view(sig_structure, sizeof(sig_structure) - 1);
	struct pb_keystore *store = NULL;
	struct pb_trust *trust;
	const struct pb_issuer *issuer;
	struct pb_err err = { 0 };
	uint8_t sig[PB_P256_SIG];

	if (pb_keystore_open(folder->keys, &folder->passphrase, &options, &store, &err) != PB_OK)
		fail_msg("%s", err.msg);
	pb_keystore_issuer_kid(store, ret_kid);
	assert_int_equal(sign_credential(store, &order, message, sig, &err), PB_OK);
	trust = published_trust(key_folder_file(folder, PB_KEY_DIR_PUBLIC), store, pb_clock_now(&folder->clock), NULL, 0);
	pb_keystore_close(store);
	issuer = pb_trust_find(trust, ret_kid, NULL);
	assert_non_null(issuer);
	assert_true(issuer->entry->test);
	assert_string_equal(issuer->entry->code, "RU-75-TST");
	assert_true(pb_p256_verify(issuer->key, message, sig));
	pb_trust_destroy(trust);
}

static enum pb_status prepare(const struct key_folder *folder, enum pb_key_role role, const char *root,
			      struct pb_successor *ret_successor, struct pb_err *err)
{
	char root_file[2 * KEY_FOLDER_PATH];
	struct pb_succession succession = { .key_directory = folder->keys, .passphrase = &folder->passphrase,
					    .token = key_folder_token(folder), .role = role, .root_file = root_file,
					    .root_passphrase = &folder->passphrase, .clock = &folder->clock };

	(void)snprintf(root_file, sizeof(root_file), "%s", key_folder_file(folder, root));
	return pb_succession_prepare(&succession, ret_successor, err);
}

static struct pb_successor must_prepare(const struct key_folder *folder)
{
	struct pb_successor successor = { 0 };
	struct pb_err err = { 0 };

	if (prepare(folder, PB_ROLE_ISSUER, "root.key", &successor, &err) != PB_OK)
		fail_msg("%s", err.msg);
	return successor;
}

static void must_take_over(const struct key_folder *folder)
{
	struct pb_err err = { 0 };

	if (pb_succession_take_over(folder->keys, PB_ROLE_ISSUER, &err) != PB_OK)
		fail_msg("%s", err.msg);
}

static void assert_signs(const struct key_folder *folder, const uint8_t kid[static PB_ISSUER_KID_LEN])
{
	uint8_t found[PB_ISSUER_KID_LEN];

	signing_kid(folder, found);
	assert_memory_equal(found, kid, PB_ISSUER_KID_LEN);
}

static void a_key_follows_another(void **state)
{
	const struct key_folder *folder = *state;
	uint8_t first[PB_ISSUER_KID_LEN];
	struct pb_successor second, third;

	signing_kid(folder, first);
	second = must_prepare(folder);
	assert_int_equal(second.number, 2);
	assert_false(second.resumed);
	assert_memory_not_equal(second.kid, first, sizeof(first));
	assert_signs(folder, first);
	must_take_over(folder);
	assert_signs(folder, second.kid);
	third = must_prepare(folder);
	assert_int_equal(third.number, 3);
	assert_signs(folder, second.kid);
	must_take_over(folder);
	assert_signs(folder, third.kid);
	assert_int_equal(pb_succession_take_over(folder->keys, PB_ROLE_ISSUER, NULL), PB_NOT_FOUND);
	assert_signs(folder, third.kid);
}

/* Every file of the making, taken away again: what a run leaves that was stopped before it wrote it. */
static void what_was_interrupted_is_continued(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_successor second = must_prepare(folder), again;
	char certificate[PB_KEY_DIR_CERTIFICATE_NAME], path[sizeof(certificate) + 8];
	uint8_t first[PB_ISSUER_KID_LEN];

	again = must_prepare(folder);
	assert_true(again.resumed);
	assert_memory_equal(again.kid, second.kid, sizeof(again.kid));
	pb_key_dir_certificate_name(PB_ROLE_ISSUER, second.kid, certificate);
	(void)snprintf(path, sizeof(path), PB_KEY_DIR_PUBLIC "/%s", certificate);
	assert_int_equal(unlink(key_folder_file(folder, path)), 0);
	signing_kid(folder, first);
	again = must_prepare(folder);
	assert_memory_equal(again.kid, second.kid, sizeof(again.kid));
	assert_int_equal(access(key_folder_file(folder, path), F_OK), 0);
	if (folder->token == NULL) {
		assert_int_equal(unlink(key_folder_file(folder, "issuer-2.key")), 0);
		assert_signs(folder, first);
		second = must_prepare(folder);
		assert_true(second.resumed);
	}
	assert_signs(folder, first);
	must_take_over(folder);
	assert_signs(folder, second.kid);
}

/* A token makes two objects; it may have been stopped between them. */
static void half_a_pair_in_a_token_is_made_anew(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_token *token = NULL;
	struct pb_token_key half = { 0 };
	struct pb_successor second;
	struct pb_err err = { 0 };

	if (folder->token == NULL)
		return;
	assert_int_equal(pb_token_open(key_folder_token(folder), &token, &err), PB_OK);
	assert_int_equal(pb_token_generate(token, PB_ROLE_ISSUER, "issuer-2", true, &half, &err), PB_OK);
	half.public_handle = 0;
	pb_token_remove(token, &half);
	pb_token_close(token);
	second = must_prepare(folder);
	must_take_over(folder);
	assert_signs(folder, second.kid);
}

static void the_spare_root_will_do(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_successor successor;
	struct pb_err err = { 0 };

	assert_int_equal(prepare(folder, PB_ROLE_ISSUER, "root-spare.key", &successor, &err), PB_OK);
	must_take_over(folder);
	assert_signs(folder, successor.kid);
}

static void nothing_is_begun_without_the_root(void **state)
{
	struct key_folder *folder = *state;
	struct pb_successor successor;
	struct pb_err err = { 0 };

	/* No key of the office is a root's, and no passphrase but one opens it. */
	if (folder->token == NULL)
		assert_int_equal(prepare(folder, PB_ROLE_ISSUER, "issuer.key", &successor, &err), PB_KEYS_REFUSED);
	assert_int_equal(prepare(folder, PB_ROLE_ISSUER, "nothing.key", &successor, &err), PB_KEYS_UNAVAILABLE);
	assert_int_equal(chmod(key_folder_file(folder, "root.key"), 0640), 0);
	assert_int_equal(prepare(folder, PB_ROLE_ISSUER, "root.key", &successor, &err), PB_KEYS_UNAVAILABLE);
	assert_int_equal(chmod(key_folder_file(folder, "root.key"), 0600), 0);
	pb_secret_set(&folder->passphrase, "wrong horse", 11);
	assert_int_equal(prepare(folder, PB_ROLE_ISSUER, "root.key", &successor, &err), PB_KEYS_PASSPHRASE);
	assert_int_equal(access(key_folder_file(folder, "issuer.current"), F_OK), -1);
	assert_int_equal(access(key_folder_file(folder, "issuer.next"), F_OK), -1);
}

/* Fifteen years after the roots were made. */
static void a_root_that_ends_too_early_is_refused(void **state)
{
	struct key_folder *folder = *state;
	uint8_t first[PB_ISSUER_KID_LEN];
	struct pb_successor successor;
	struct pb_err err = { 0 };

	signing_kid(folder, first);
	folder->clock = pb_clock_at(KEY_FOLDER_MADE + INT64_C(86400) * 365 * 10);
	assert_int_equal(prepare(folder, PB_ROLE_ISSUER, "root.key", &successor, &err), PB_KEYS_REFUSED);
	folder->clock = pb_clock_at(KEY_FOLDER_MADE);
	assert_signs(folder, first);
}

static void a_lost_mark_is_refused_and_not_guessed(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_keystore_options options = { .clock = &folder->clock, .token = key_folder_token(folder) };
	struct pb_keystore *store = NULL;
	struct pb_err err = { 0 };

	(void)must_prepare(folder);
	must_take_over(folder);
	assert_int_equal(unlink(key_folder_file(folder, "issuer.current")), 0);
	assert_int_equal(pb_keystore_open(folder->keys, &folder->passphrase, &options, &store, &err), PB_KEYS_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "issuer.current"));
}

static void keys_for_lists_are_followed_as_well(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_keystore_options options = { .clock = &folder->clock, .token = key_folder_token(folder) };
	uint8_t before[PB_P256_POINT], after[PB_P256_POINT], kid[PB_P256_KID], first[PB_ISSUER_KID_LEN];
	struct pb_keystore *store = NULL;
	struct pb_successor successor;
	struct pb_err err = { 0 };

	signing_kid(folder, first);
	assert_int_equal(pb_keystore_open(folder->keys, &folder->passphrase, &options, &store, &err), PB_OK);
	assert_true(pb_keystore_certified_point(store, PB_ROLE_TRUST_LIST, before));
	pb_keystore_close(store);
	assert_int_equal(prepare(folder, PB_ROLE_TRUST_LIST, "root.key", &successor, &err), PB_OK);
	assert_int_equal(pb_succession_take_over(folder->keys, PB_ROLE_TRUST_LIST, &err), PB_OK);
	assert_int_equal(pb_keystore_open(folder->keys, &folder->passphrase, &options, &store, &err), PB_OK);
	assert_true(pb_keystore_certified_point(store, PB_ROLE_TRUST_LIST, after));
	pb_keystore_close(store);
	pb_p256_kid(after, kid);
	assert_memory_equal(kid, successor.kid, sizeof(kid));
	assert_memory_not_equal(before, after, sizeof(after));
	assert_signs(folder, first);
}

#define WITH_KEYS(test) cmocka_unit_test_setup_teardown(test, key_folder_make, key_folder_remove)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		WITH_KEYS(a_key_follows_another),
		WITH_KEYS(what_was_interrupted_is_continued),
		WITH_KEYS(half_a_pair_in_a_token_is_made_anew),
		WITH_KEYS(the_spare_root_will_do),
		WITH_KEYS(nothing_is_begun_without_the_root),
		WITH_KEYS(a_root_that_ends_too_early_is_refused),
		WITH_KEYS(a_lost_mark_is_refused_and_not_guessed),
		WITH_KEYS(keys_for_lists_are_followed_as_well),
	};

	if (argc > 1 && strcmp(argv[1], "pkcs11") == 0)
		key_folder_use_token();
	return cmocka_run_group_tests_name("succession", tests, NULL, NULL);
}
