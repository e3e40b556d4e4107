/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening a PKCS#11 token: one try of the PIN and what it costs, and each way in which a token is not there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/sign_credential.h"
#include "tests/unit/keys/poor_token.h"

/* ---- The PIN */

static void a_wrong_pin_is_tried_once(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_keystore *store = NULL;
	struct pb_err err = { 0 };
	struct poor poor;

	poor_make(folder, &poor);
	pb_secret_set(&folder->token->pin, "4711-0816", 9);
	folder->token->asked = 0;
	assert_int_equal(poor_open(folder, &poor.options, &folder->passphrase, &store, &err), PB_TOKEN_PIN);
	assert_int_equal(poor.stingy->logins, 1);
	assert_int_equal(folder->token->asked, 1);
	assert_string_equal(err.msg, "token office: it counts the wrong tries since the last right one, and does not say how many are left");
	pb_secret_set(&folder->token->pin, SOFT_TOKEN_PIN, strlen(SOFT_TOKEN_PIN));
	pb_keystore_close(poor_store(folder, &poor.options));
	poor_free(&poor);
}

static void the_last_try_is_left_to_a_person(void **state)
{
	static const struct {
		CK_FLAGS flags;
		enum pb_status status;
		const char *words;
	} cases[] = {
		{ CKF_USER_PIN_FINAL_TRY, PB_TOKEN_PIN_LAST, "token office: the PIN is not tried: one try is left" },
		{ CKF_USER_PIN_LOCKED, PB_TOKEN_PIN_LOCKED, "token office: the PIN is not tried: it is locked" },
	};
	const struct key_folder *folder = *state;
	struct pb_keystore *store = NULL;
	struct poor poor;

	poor_make(folder, &poor);
	for (size_t i = 0; i < 2; i++) {
		struct pb_err err = { 0 };

		poor.stingy->token_flags = cases[i].flags;
		folder->token->asked = 0;
		assert_int_equal(poor_open(folder, &poor.options, &folder->passphrase, &store, &err), cases[i].status);
		assert_string_equal(err.msg, cases[i].words);
		assert_int_equal(poor.stingy->logins + folder->token->asked, 0);
	}
	/* Somebody is sure of the PIN. */
	poor.options.spend_last_try = true;
	assert_int_equal(poor_open(folder, &poor.options, &folder->passphrase, &store, NULL), PB_TOKEN_PIN_LOCKED);
	poor.stingy->token_flags = CKF_USER_PIN_FINAL_TRY;
	pb_keystore_close(poor_store(folder, &poor.options));
	assert_int_equal(poor.stingy->logins, 1);
	poor_free(&poor);
}

static void a_wrong_pin_says_what_it_has_cost(void **state)
{
	static const struct {
		CK_FLAGS flags;
		enum pb_status status;
		const char *words;
	} cases[] = {
		{ CKF_USER_PIN_FINAL_TRY, PB_TOKEN_PIN, "token office: one try is left" },
		{ CKF_USER_PIN_LOCKED, PB_TOKEN_PIN_LOCKED, "token office: the PIN was wrong, and that was the last try" },
	};
	const struct key_folder *folder = *state;
	struct pb_keystore *store = NULL;
	struct poor poor;

	poor_make(folder, &poor);
	pb_secret_set(&folder->token->pin, "4711-0816", 9);
	for (size_t i = 0; i < 2; i++) {
		struct pb_err err = { 0 };

		poor.stingy->flags_of_wrong_pin = cases[i].flags;
		poor.stingy->logins = 0;
		assert_int_equal(poor_open(folder, &poor.options, &folder->passphrase, &store, &err), cases[i].status);
		assert_string_equal(err.msg, cases[i].words);
		assert_int_equal(poor.stingy->logins, 1);
		poor.stingy->token_flags = 0;
	}
	pb_secret_set(&folder->token->pin, SOFT_TOKEN_PIN, strlen(SOFT_TOKEN_PIN));
	pb_keystore_close(poor_store(folder, &poor.options));
	poor_free(&poor);
}

/* ---- A token that is not there */

static void expect_no_token(const struct key_folder *folder, const struct pb_token_options *options, enum pb_status status,
			    const char *words)
{
	struct pb_token_facts facts;
	struct pb_keystore *store = NULL;
	struct pb_err err = { 0 };

	folder->token->asked = 0;
	assert_int_equal(poor_open(folder, options, &folder->passphrase, &store, &err), status);
	if (strstr(err.msg, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.msg, words);
	assert_int_equal(pb_token_look(options, &facts, &err), status);
	assert_int_equal(folder->token->asked, 0);
}

static void each_way_of_not_being_there_has_its_sentence(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_token_options options = folder->token->options;
	struct poor poor;

	options.label = "offic";
	expect_no_token(folder, &options, PB_TOKEN_LABEL, "token offic: not there; there are: \"office\"");
	options.label = "a label that is longer than labels may be";
	expect_no_token(folder, &options, PB_TOKEN_LABEL, "32 bytes");
	options = folder->token->options;
	options.module = "libsofthsm2.so";
	expect_no_token(folder, &options, PB_TOKEN_MODULE, "absolute path");
	options.module = "/nowhere/libpkcs11.so";
	expect_no_token(folder, &options, PB_TOKEN_MODULE, "/nowhere/libpkcs11.so");
	options.module = "/proc/self/exe";
	expect_no_token(folder, &options, PB_TOKEN_MODULE, "/proc/self/exe");
	options = folder->token->options;
	options.environment = "no assignment";
	expect_no_token(folder, &options, PB_CONFIG_INVALID, "NAME=value");
	poor_make(folder, &poor);
	poor.stingy->no_slots = true;
	expect_no_token(folder, &poor.options, PB_TOKEN_ABSENT, "none in any slot");
	poor_free(&poor);
}

static void a_look_asks_for_no_pin(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_token_facts facts;
	struct poor poor;

	poor_make(folder, &poor);
	folder->token->asked = 0;
	assert_int_equal(pb_token_look(&poor.options, &facts, NULL), PB_OK);
	assert_string_equal(facts.label, SOFT_TOKEN_LABEL);
	assert_int_equal(strlen(facts.serial), 16);
	assert_false(facts.locked || facts.last_try);
	assert_int_equal(poor.stingy->logins + folder->token->asked, 0);
	poor_free(&poor);
}

static void a_token_that_is_removed_is_reported(void **state)
{
	static const char sig_structure[] = "\x84\x6A" "Signature1" "\x43\xA1\x01\x26" "\x40" "\x40";
	const struct pb_view to_sign = pb_view(sig_structure, sizeof(sig_structure) - 1);
	const struct pb_signing_order order = { .serial = 7501000001 };
	static const CK_RV answers[] = { CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT, CKR_SESSION_HANDLE_INVALID };
	const struct key_folder *folder = *state;
	struct pb_keystore *store;
	uint8_t sig[64];
	struct poor poor;

	poor_make(folder, &poor);
	store = poor_store(folder, &poor.options);
	for (size_t i = 0; i < 3; i++) {
		poor.stingy->removed = answers[i];
		assert_int_equal(sign_credential(store, &order, to_sign, sig, NULL), PB_TOKEN_REMOVED);
	}
	poor.stingy->removed = CKR_OK;
	assert_int_equal(sign_credential(store, &order, to_sign, sig, NULL), PB_OK);
	pb_keystore_close(store);
	poor_free(&poor);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, key_folder_setup, key_folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(a_wrong_pin_is_tried_once),
		WITH_FOLDER(the_last_try_is_left_to_a_person),
		WITH_FOLDER(a_wrong_pin_says_what_it_has_cost),
		WITH_FOLDER(each_way_of_not_being_there_has_its_sentence),
		WITH_FOLDER(a_look_asks_for_no_pin),
		WITH_FOLDER(a_token_that_is_removed_is_reported),
	};

	key_folder_use_token();
	return cmocka_run_group_tests(tests, key_folder_make, key_folder_remove);
}
