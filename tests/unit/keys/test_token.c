/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys in a PKCS#11 token, as pkcs11-tool and openssl see them, and with a token that lacks things.  What is the
 * same wherever keys are is in test_keystore.c, and how a token is opened in test_token_open.c.
 */
#include <pthread.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "card-applet-spec/applet.h"
#include "keys/backend.h"
#include "keys/crypto/aes.h"
#include "keys/keystore.h"
#include "tests/lib/sign_credential.h"
#include "tests/unit/keys/poor_token.h"

enum { OUTPUT_MAX = 16384 };

/* A key of NXP's AN10922, 2.2.1, and what it gives for an input of 17 bytes. */
static const uint8_t known_key[16] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF };
static const uint8_t known_input[] = { 0x04, 0x78, 0x2E, 0x21, 0x80, 0x1D, 0x80, 0x30, 0x42, 0xF5, 0x4E, 0x58, 0x50, 0x20, 0x41, 0x62, 0x75 };
static const uint8_t known_output[16] = { 0xA8, 0xDD, 0x63, 0xA3, 0xB8, 0x9D, 0x54, 0xB3, 0x7C, 0xA8, 0x02, 0x47, 0x3F, 0xDA, 0x91, 0x75 };

static const struct pb_signing_order order = { .serial = 7501000001 };
static const char sig_structure[] = "\x84\x6A" "Signature1" "\x43\xA1\x01\x26" "\x40" "\x40";

static struct pb_view to_sign(void)
{
	return pb_view(sig_structure, sizeof(sig_structure) - 1);
}

/* ---- What others see */

static void list_objects(char ret_output[static OUTPUT_MAX])
{
	const char *argv[] = { "pkcs11-tool", "--module", soft_token_module(), "--token-label", SOFT_TOKEN_LABEL,
			       "--login", "--pin", SOFT_TOKEN_PIN, "-O", NULL };

	if (soft_token_run(argv, ret_output, OUTPUT_MAX) != 0)
		fail_msg("pkcs11-tool: %s", ret_output);
}

static size_t occurrences(const char *text, const char *words)
{
	size_t n = 0;

	for (; (text = strstr(text, words)) != NULL; text++)
		n++;
	return n;
}

static void pkcs11_tool_sees_keys_that_cannot_leave(void **state)
{
	static const char *const labels[] = { "issuer", "status-list", "trust-list", "checkpoint", "card-master-applet-30", "pseudonym" };
	struct pb_keystore *store = poor_store(*state, key_folder_token(*state));
	char output[OUTPUT_MAX], words[96], hex[17];
	uint8_t kid[8];

	list_objects(output);
	for (size_t i = 0; i < 6; i++) {
		(void)snprintf(words, sizeof(words), "label:      profbilet TEST %s\n", labels[i]);
		assert_int_equal(occurrences(output, words), i < 4 ? 2 : 1); /* pairs and secrets */
	}
	assert_int_equal(occurrences(output, "Private Key Object"), 4);
	assert_int_equal(occurrences(output, "Secret Key Object"), 2);
	assert_int_equal(occurrences(output, "sensitive, always sensitive, never extractable, local"), 6);
	/* Found by the names that certificates and the ceremony's protocol have for them. */
	pb_keystore_issuer_kid(store, kid);
	pb_hex_encode(PB_VIEW(kid), hex);
	(void)snprintf(words, sizeof(words), "profbilet TEST issuer\n  ID:         %s\n", hex);
	assert_int_equal(occurrences(output, words), 2);
	pb_hex_encode(PB_VIEW(pb_generation_current(pb_keystore_generations(store), PB_MASTER_APPLET)->kcv), hex);
	(void)snprintf(words, sizeof(words), "profbilet TEST card-master-applet-30\n  ID:         %s\n", hex);
	assert_int_equal(occurrences(output, words), 1);
	pb_keystore_close(store);
}

static void no_file_holds_what_the_token_holds(void **state)
{
	static const char *const gone[] = { "issuer.key", "status-list.key", "trust-list.key", "checkpoint.key",
					    "card-master-applet-30.key", "pseudonym.key" };

	for (size_t i = 0; i < 6; i++)
		assert_int_equal(access(key_folder_file(*state, gone[i]), F_OK), -1);
	assert_int_equal(access(key_folder_file(*state, "root.key"), F_OK), 0);
}

static void write_bytes(const char *path, const void *bytes, size_t n)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static void openssl_verifies_what_the_token_signed(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_keystore *store = poor_store(folder, key_folder_token(folder));
	char cert[2 * KEY_FOLDER_PATH], name[64], hex[17], key[KEY_FOLDER_PATH + 16], data[KEY_FOLDER_PATH + 16];
	char sig_file[KEY_FOLDER_PATH + 16], output[1024];
	uint8_t kid[8], sig[64], der[PB_P256_SIG_DER_MAX];
	const char *extract[] = { "openssl", "x509", "-in", cert, "-noout", "-pubkey", "-out", key, NULL };
	const char *verify[] = { "openssl", "dgst", "-sha256", "-verify", key, "-signature", sig_file, data, NULL };

	pb_keystore_issuer_kid(store, kid);
	pb_hex_encode(PB_VIEW(kid), hex);
	(void)snprintf(name, sizeof(name), "public/issuer-%s.pem", hex);
	(void)snprintf(cert, sizeof(cert), "%s", key_folder_file(folder, name));
	(void)snprintf(key, sizeof(key), "%s/key.pem", folder->parent);
	(void)snprintf(data, sizeof(data), "%s/data", folder->parent);
	(void)snprintf(sig_file, sizeof(sig_file), "%s/sig", folder->parent);
	assert_int_equal(sign_credential(store, &order, to_sign(), sig, NULL), PB_OK);
	write_bytes(data, to_sign().p, to_sign().n);
	write_bytes(sig_file, der, pb_p256_sig_to_der(sig, der));
	assert_int_equal(soft_token_run(extract, output, sizeof(output)), 0);
	assert_int_equal(soft_token_run(verify, output, sizeof(output)), 0);
	assert_string_equal(output, "Verified OK\n");
	pb_keystore_close(store);
}

/* ---- Keys that are not there, or not as they should be */

static struct pb_token *open_token(const struct key_folder *folder)
{
	struct pb_token *token = NULL;
	struct pb_err err = { 0 };

	if (pb_token_open(key_folder_token(folder), &token, &err) != PB_OK)
		fail_msg("%s", err.msg);
	return token;
}

static void remove_key(const struct key_folder *folder, enum pb_key_role role, const char *name)
{
	struct pb_token *token = open_token(folder);
	struct pb_token_key key;

	assert_int_equal(pb_token_find(token, role, name, true, &key, NULL), PB_OK);
	pb_token_remove(token, &key);
	assert_int_equal(pb_token_find(token, role, name, true, &key, NULL), PB_NOT_FOUND);
	pb_token_close(token);
}

/* By a program that is not ours, in the place of the one that was made. */
static void import_master(const struct key_folder *folder, const char *extractable)
{
	char file[KEY_FOLDER_PATH + 16], output[1024];
	const char *argv[] = { "pkcs11-tool", "--module", soft_token_module(), "--token-label", SOFT_TOKEN_LABEL, "--login",
			       "--pin", SOFT_TOKEN_PIN, "--write-object", file, "--type", "secrkey", "--key-type", "AES:16",
			       "--label", "profbilet TEST card-master-applet-30", "--usage-sign", "--usage-decrypt", "--sensitive",
			       extractable, NULL };

	(void)snprintf(file, sizeof(file), "%s/master", folder->parent);
	write_bytes(file, known_key, sizeof(known_key));
	if (soft_token_run(argv, output, sizeof(output)) != 0)
		fail_msg("pkcs11-tool: %s", output);
}

/* One that pb_token_find does not give out. */
static void remove_master_by_tool(void)
{
	char output[1024];
	const char *argv[] = { "pkcs11-tool", "--module", soft_token_module(), "--token-label", SOFT_TOKEN_LABEL, "--login",
			       "--pin", SOFT_TOKEN_PIN, "--delete-object", "--type", "secrkey",
			       "--label", "profbilet TEST card-master-applet-30", NULL };

	if (soft_token_run(argv, output, sizeof(output)) != 0)
		fail_msg("pkcs11-tool: %s", output);
}

static void a_key_that_could_leave_the_token_is_refused(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_keystore *store = NULL;
	struct pb_err err = { 0 };

	remove_key(folder, PB_ROLE_CARD_MASTER, "card-master-applet-30");
	assert_int_equal(poor_open(folder, key_folder_token(folder), &folder->passphrase, &store, &err), PB_KEYS_UNAVAILABLE);
	assert_string_equal(err.msg, "the token has no master key of family applet");
	import_master(folder, "--extractable");
	assert_int_equal(poor_open(folder, key_folder_token(folder), &folder->passphrase, &store, &err), PB_KEYS_UNAVAILABLE);
	assert_string_equal(err.msg, "token office would give the key \"profbilet TEST card-master-applet-30\" away; make a new one");
}

static void an_office_that_could_not_be_made_leaves_no_keys(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_keystore_terms terms = { .issuer_code = "RU-75", .issuer_name = "", .token = key_folder_token(folder) };
	char dir[KEY_FOLDER_PATH + 16], output[OUTPUT_MAX];

	(void)snprintf(dir, sizeof(dir), "%s/other", folder->parent);
	assert_int_equal(pb_keystore_create(dir, &folder->passphrase, &terms, &folder->clock, NULL), PB_INPUT_INVALID);
	list_objects(output);
	assert_int_equal(occurrences(output, "profbilet TEST"), 10);
	assert_int_equal(occurrences(output, "profbilet "), 10);
	/* And a token serves one office: nothing is made beside the keys it has. */
	terms.issuer_name = "Another office";
	terms.test = true;
	assert_int_equal(pb_keystore_create(dir, &folder->passphrase, &terms, &folder->clock, NULL), PB_CONFLICT);
	list_objects(output);
	assert_int_equal(occurrences(output, "profbilet "), 10);
}

/* ---- The same answers from a token that can do less */

static void assert_diversifies(const struct key_folder *folder, const struct pb_token_options *options)
{
	struct pb_key_backend backend = { 0 };
	uint8_t input[PB_DIVERSIFY_INPUT_MAX], expected_kcv[PB_KCV_LEN];
	struct pb_generations generations;
	struct pb_secret key = { 0 }, expected = { 0 }, master = { 0 };
	struct pb_err err = { 0 };
	int dir_fd = open(folder->keys, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (pb_backend_pkcs11_open(options, dir_fd, &folder->passphrase, &backend, &err) != PB_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(close(dir_fd), 0);
	assert_int_equal(backend.ops->diversify(backend.ctx, PB_MASTER_APPLET, KVN_ISSUER_FIRST, PB_VIEW(known_input), &key, NULL), PB_OK);
	assert_memory_equal(key.bytes, known_output, 16);
	pb_secret_set(&master, known_key, sizeof(known_key));
	for (uint8_t i = 0; i < sizeof(input); i++)
		input[i] = (uint8_t)(0xA0 + i);
	for (size_t n = 1; n <= sizeof(input); n++) {
		assert_int_equal(backend.ops->diversify(backend.ctx, PB_MASTER_APPLET, KVN_ISSUER_FIRST, pb_view(input, n), &key,
							NULL), PB_OK);
		pb_an10922_aes128(&master, pb_view(input, n), &expected);
		assert_memory_equal(key.bytes, expected.bytes, 16);
	}
	assert_int_equal(backend.ops->generations(backend.ctx, &generations, NULL), PB_OK);
	pb_key_check_value(&master, expected_kcv);
	assert_int_equal(generations.count, 1);
	assert_memory_equal(generations.list[0].kcv, expected_kcv, PB_KCV_LEN);
	backend.ops->destroy(backend.ctx);
}

static void every_token_diversifies_alike(void **state)
{
	struct poor poor;

	poor_make(*state, &poor);
	remove_master_by_tool();
	import_master(*state, "--sensitive");
	assert_diversifies(*state, key_folder_token(*state));
	poor.stingy->hidden[0] = CKM_AES_CMAC;
	assert_diversifies(*state, &poor.options);
	poor.stingy->hidden[1] = CKM_AES_ECB;
	assert_diversifies(*state, &poor.options);
	poor_free(&poor);
}

static void halves_of_any_length_become_a_signature(void **state)
{
	struct poor poor;
	struct pb_keystore *store;
	uint8_t sig[64], point[PB_P256_POINT];
	struct pb_p256_public *key = NULL;

	poor_make(*state, &poor);
	poor.stingy->long_halves = true;
	store = poor_store(*state, &poor.options);
	assert_true(pb_keystore_certified_point(store, PB_ROLE_ISSUER, point));
	assert_int_equal(pb_p256_public_create(PB_VIEW(point), &key, NULL), PB_OK);
	for (int i = 0; i < 16; i++) {
		assert_int_equal(sign_credential(store, &order, to_sign(), sig, NULL), PB_OK);
		assert_true(pb_p256_verify(key, to_sign(), sig));
		assert_true(sig[32] < 0x80); /* low s */
	}
	pb_p256_public_destroy(key);
	pb_keystore_close(store);
	poor_free(&poor);
}

static void what_a_token_cannot_do_stays_in_files(void **state)
{
	const struct key_folder *folder = *state;
	struct poor poor;
	struct pb_keystore_terms terms = { .issuer_code = "RU-76", .issuer_name = "Office", .token = &poor.options };
	struct pb_keystore_options options = { .clock = &folder->clock, .token = &poor.options };
	struct pb_view note = pb_view_text("origin\n1\nAAAA\n");
	uint8_t sig[64], public_key[32], pseudonym[PB_PSEUDONYM_LEN];
	char dir[KEY_FOLDER_PATH + 16], path[KEY_FOLDER_PATH + 48];
	struct pb_keystore *store = NULL;
	struct pb_err err = { 0 };

	poor_make(folder, &poor);
	poor.stingy->hidden[0] = CKM_EDDSA;
	poor.stingy->hidden[1] = CKM_SHA256_HMAC;
	(void)snprintf(dir, sizeof(dir), "%s/other", folder->parent);
	if (pb_keystore_create(dir, &folder->passphrase, &terms, &folder->clock, &err) != PB_OK)
		fail_msg("%s", err.msg);
	(void)snprintf(path, sizeof(path), "%s/checkpoint.key", dir);
	assert_int_equal(access(path, R_OK), 0);
	/* The token of the group now has keys for tests and real ones. */
	assert_int_equal(pb_keystore_open(dir, &folder->passphrase, &options, &store, &err), PB_KEYS_UNAVAILABLE);
	assert_string_equal(err.msg, "the token has an issuer key for tests beside a real one");
	for (enum pb_key_role role = 0; role < PB_ROLE_COUNT; role++)
		if (!pb_key_role_row(role)->on_demand)
			remove_key(folder, role, role == PB_ROLE_CARD_MASTER ? "card-master-applet-30" : pb_key_role_row(role)->name);
	assert_int_equal(pb_keystore_open(dir, NULL, &options, &store, &err), PB_KEYS_PASSPHRASE);
	assert_int_equal(pb_keystore_open(dir, &folder->passphrase, &options, &store, NULL), PB_OK);
	assert_false(pb_keystore_is_test(store));
	assert_int_equal(pb_keystore_sign_checkpoint(store, note, sig, NULL), PB_OK);
	pb_keystore_checkpoint_public(store, public_key);
	assert_true(pb_ed25519_verify(public_key, note, sig));
	assert_int_equal(pb_keystore_pseudonym(store, note, pseudonym, NULL), PB_OK);
	pb_keystore_close(store);
	poor_free(&poor);
}

static void a_token_without_ciphers_makes_no_office(void **state)
{
	const struct key_folder *folder = *state;
	struct poor poor;
	struct pb_keystore_terms terms = { .issuer_code = "RU-76", .issuer_name = "Office", .test = true,
					   .token = &poor.options };
	char dir[KEY_FOLDER_PATH + 16];
	struct pb_err err = { 0 };

	poor_make(folder, &poor);
	poor.stingy->hidden[0] = CKM_AES_ECB;
	poor.stingy->hidden[1] = CKM_AES_CBC;
	(void)snprintf(dir, sizeof(dir), "%s/third", folder->parent);
	assert_int_equal(pb_keystore_create(dir, &folder->passphrase, &terms, &folder->clock, &err), PB_KEYS_UNAVAILABLE);
	assert_string_equal(err.msg, "the token has no mechanism for a card-master key");
	poor_free(&poor);
}

/* ---- Processes and threads */

static void a_child_does_not_use_its_parents_token(void **state)
{
	struct pb_keystore *store = poor_store(*state, key_folder_token(*state));
	uint8_t sig[64];
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(sign_credential(store, &order, to_sign(), sig, NULL) == PB_KEYS_UNAVAILABLE ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(sign_credential(store, &order, to_sign(), sig, NULL), PB_OK);
	pb_keystore_close(store);
}

static void *sign_many(void *ctx)
{
	enum { SIGNATURES = 50 };
	const struct pb_keystore *store = ctx;
	uint8_t point[PB_P256_POINT], sig[64];
	struct pb_p256_public *key = NULL;
	uintptr_t good = 0;

	if (pb_keystore_certified_point(store, PB_ROLE_ISSUER, point) &&
	    pb_p256_public_create(PB_VIEW(point), &key, NULL) == PB_OK)
		for (int i = 0; i < SIGNATURES; i++)
			good += sign_credential(store, &order, to_sign(), sig, NULL) == PB_OK &&
				pb_p256_verify(key, to_sign(), sig);
	pb_p256_public_destroy(key);
	return good == SIGNATURES ? ctx : NULL;
}

static void threads_share_a_token(void **state)
{
	struct pb_keystore *store = poor_store(*state, key_folder_token(*state));
	pthread_t threads[4];

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_many, store), 0);
	for (size_t i = 0; i < 4; i++) {
		void *good = NULL;

		assert_int_equal(pthread_join(threads[i], &good), 0);
		assert_non_null(good);
	}
	pb_keystore_close(store);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, key_folder_setup, key_folder_teardown)

int main(void)
{
	/* Those that change the token come last. */
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(pkcs11_tool_sees_keys_that_cannot_leave),
		WITH_FOLDER(no_file_holds_what_the_token_holds),
		WITH_FOLDER(openssl_verifies_what_the_token_signed),
		WITH_FOLDER(halves_of_any_length_become_a_signature),
		WITH_FOLDER(an_office_that_could_not_be_made_leaves_no_keys),
		WITH_FOLDER(a_child_does_not_use_its_parents_token),
		WITH_FOLDER(threads_share_a_token),
		WITH_FOLDER(a_key_that_could_leave_the_token_is_refused),
		WITH_FOLDER(every_token_diversifies_alike),
		WITH_FOLDER(what_a_token_cannot_do_stays_in_files),
		WITH_FOLDER(a_token_without_ciphers_makes_no_office),
	};

	key_folder_use_token();
	return cmocka_run_group_tests(tests, key_folder_make, key_folder_remove);
}
