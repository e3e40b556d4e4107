/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/keystore.h: what it opens, what it refuses, and that a card which proves nothing gets nothing.
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
#include "keys/crypto/ed25519.h"
#include "keys/crypto/hash.h"
#include "keys/crypto/p256.h"
#include "keys/diversify.h"
#include "keys/keystore.h"
#include "keys/scp03_keys.h"
#include "tests/lib/published_trust.h"
#include "tests/unit/keys/key_folder.h"
#include "tests/lib/scp03_words.h"
#include "tests/lib/sign_credential.h"

static const uint8_t uid[] = { 0x04, 0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0x80 };
static const uint8_t host_challenge[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static const struct pb_signing_order order = { .serial = 7501000001 };

/* Sig_structures with the header { 1: -7 }, without and with a typ, and an empty payload. */
#define COSE_OF(header) "\x84\x6A" "Signature1" header "\x40" "\x40"
#define SIG_STRUCTURE COSE_OF("\x43\xA1\x01\x26")
#define STATUS_LIST COSE_OF("\x58\x20\xA2\x01\x26\x10\x78\x1A" "application/statuslist+cwt")
#define TRUST_LIST COSE_OF("\x58\x2D\xA2\x01\x26\x10\x78\x27" "application/vnd.profbilet.trustlist+cwt")

#define BYTES(text) { (const uint8_t *)(text), sizeof(text) - 1 }
#define VIEW_OF(text) pb_view(text, sizeof(text) - 1)

static struct pb_keystore *open_store(const struct key_folder *folder, bool allow_factory_keys)
{
	struct pb_keystore_options options = { .allow_factory_keys = allow_factory_keys, .clock = &folder->clock,
					       .token = key_folder_token(folder) };
	struct pb_keystore *store = NULL;
	struct pb_err err = { 0 };

	if (pb_keystore_open(folder->keys, &folder->passphrase, &options, &store, &err) != PB_OK)
		fail_msg("%s", err.msg);
	return store;
}

static enum pb_status try_open(const struct key_folder *folder, struct pb_err *err)
{
	struct pb_keystore_options options = { .token = key_folder_token(folder) };
	struct pb_keystore *store = NULL;
	enum pb_status s = pb_keystore_open(folder->keys, &folder->passphrase, &options, &store, err);

	assert_true(s != PB_OK || store != NULL);
	pb_keystore_close(store);
	return s;
}

static void what_was_made_opens_and_says_test(void **state)
{
	struct pb_keystore *store = open_store(*state, false);

	assert_true(pb_keystore_is_test(store));
	assert_string_equal(pb_keystore_issuer_code(store), "RU-75-TST");
	assert_string_equal(pb_keystore_issuer_name(store), "Пробная организация");
	pb_keystore_close(store);
	pb_keystore_close(NULL);
}

static void its_signatures_verify_with_its_public_half(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_keystore *store = open_store(folder, false);
	struct pb_view signed_bytes = VIEW_OF(SIG_STRUCTURE), note = pb_view_text("origin\n1\nAAAA\n");
	uint8_t kid[8], sig[64], public_key[32];
	const struct pb_issuer *issuer;
	struct pb_trust *trust = published_trust(key_folder_file(folder, "public"), store, pb_clock_now(&folder->clock), NULL, 0);

	pb_keystore_issuer_kid(store, kid);
	assert_non_null(issuer = pb_trust_find(trust, kid, NULL));
	assert_int_equal(sign_credential(store, &order, signed_bytes, sig, NULL), PB_OK);
	assert_true(pb_p256_verify(issuer->key, signed_bytes, sig));
	assert_int_equal(pb_keystore_sign_checkpoint(store, note, sig, NULL), PB_OK);
	pb_keystore_checkpoint_public(store, public_key);
	assert_true(pb_ed25519_verify(public_key, note, sig));
	pb_trust_destroy(trust);
	pb_keystore_close(store);
}

static enum pb_status sign_as(const struct pb_keystore *store, enum pb_key_role role, struct pb_view bytes)
{
	uint8_t sig[64], point[PB_P256_POINT];
	struct pb_p256_public *key = NULL;
	enum pb_status s;

	switch (role) {
	case PB_ROLE_ISSUER:
		s = sign_credential(store, &order, bytes, sig, NULL);
		break;
	case PB_ROLE_STATUS_LIST:
		s = pb_keystore_sign_status_list(store, bytes, sig, NULL);
		break;
	case PB_ROLE_TRUST_LIST:
		s = pb_keystore_sign_trust_list(store, bytes, sig, NULL);
		break;
	default:
		return pb_keystore_sign_checkpoint(store, bytes, sig, NULL);
	}
	if (s != PB_OK)
		return s;
	assert_true(pb_keystore_certified_point(store, role, point));
	assert_int_equal(pb_p256_public_create(PB_VIEW(point), &key, NULL), PB_OK);
	assert_true(pb_p256_verify(key, bytes, sig));
	pb_p256_public_destroy(key);
	return PB_OK;
}

static void a_key_signs_only_its_own_kind_of_bytes(void **state)
{
	static const struct {
		struct pb_view bytes;
		int role; /* that may sign them; PB_ROLE_COUNT: none */
	} cases[] = {
		{ BYTES(SIG_STRUCTURE), PB_ROLE_ISSUER },
		{ BYTES(STATUS_LIST), PB_ROLE_STATUS_LIST },
		{ BYTES(TRUST_LIST), PB_ROLE_TRUST_LIST },
		{ BYTES("origin\n1\nAAAA\n"), PB_ROLE_CHECKPOINT },
		{ BYTES(SIG_STRUCTURE "\n"), PB_ROLE_COUNT },
		{ BYTES("\x84\x6A" "Signature1" "\x40\x40\x40"), PB_ROLE_COUNT }, /* no header */
		{ BYTES("\x84\x6A" "Signature2" "\x43\xA1\x01\x26\x40\x40"), PB_ROLE_COUNT },
		{ BYTES("\x83\x6A" "Signature1" "\x43\xA1\x01\x26\x40"), PB_ROLE_COUNT },
		{ BYTES(COSE_OF("\x45\xA1\x10\x62" "ab")), PB_ROLE_COUNT }, /* another typ */
		{ BYTES(COSE_OF("\x43\xA1\x10\x01")), PB_ROLE_COUNT }, /* a typ that is no text */
		{ BYTES("no line end"), PB_ROLE_COUNT },
		{ { NULL, 0 }, PB_ROLE_COUNT },
	};
	struct pb_keystore *store = open_store(*state, false);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int role = 0; role <= PB_ROLE_CHECKPOINT; role++)
			if (sign_as(store, (enum pb_key_role)role, cases[i].bytes) != (role == cases[i].role ? PB_OK : PB_KEYS_REFUSED))
				fail_msg("case %zu, role %d", i, role);
	assert_int_equal(pb_key_role_check(PB_ROLE_CARD_MASTER, pb_view_text("x"), NULL), PB_KEYS_REFUSED);
	assert_int_equal(pb_key_role_check(PB_ROLE_PSEUDONYM, pb_view_text("x"), NULL), PB_KEYS_REFUSED);
	pb_keystore_close(store);
}

static void an_office_without_list_keys_signs_no_lists(void **state)
{
	static const char *const names[] = { "status-list.key", "trust-list.key" };
	struct pb_keystore *store;
	uint8_t point[PB_P256_POINT];

	for (size_t i = 0; i < 2; i++)
		assert_int_equal(unlink(key_folder_file(*state, names[i])), 0);
	store = open_store(*state, false);
	assert_int_equal(sign_as(store, PB_ROLE_ISSUER, VIEW_OF(SIG_STRUCTURE)), PB_OK);
	assert_int_equal(sign_as(store, PB_ROLE_STATUS_LIST, VIEW_OF(STATUS_LIST)), PB_NOT_FOUND);
	assert_int_equal(sign_as(store, PB_ROLE_TRUST_LIST, VIEW_OF(TRUST_LIST)), PB_NOT_FOUND);
	assert_false(pb_keystore_certified_point(store, PB_ROLE_STATUS_LIST, point));
	pb_keystore_close(store);
}

/* Keys of one office, exchanged: each has a certificate, but not for what it would be used for. */
static void a_key_does_not_work_in_anothers_place(void **state)
{
	struct pb_err err = { 0 };
	char from[2 * KEY_FOLDER_PATH];

	(void)snprintf(from, sizeof(from), "%s", key_folder_file(*state, "trust-list.key"));
	assert_int_equal(rename(from, key_folder_file(*state, "status-list.key")), 0);
	assert_int_equal(try_open(*state, &err), PB_KEYS_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "public/status-list-"));
}

static void real_keys_are_made_without_the_word_test(void **state)
{
	struct key_folder *folder = *state;
	const struct pb_keystore_terms terms = { .issuer_code = "RU-75", .issuer_name = "Настоящая организация" };
	struct pb_keystore_options options = { .clock = &folder->clock };
	struct pb_keystore *store = NULL;
	char dir[KEY_FOLDER_PATH + 16], sealed[2 * KEY_FOLDER_PATH], there[KEY_FOLDER_PATH + 64];
	struct pb_err err = { 0 };

	(void)snprintf(dir, sizeof(dir), "%s/real", folder->parent);
	assert_int_equal(pb_keystore_create(dir, &folder->passphrase, &terms, &folder->clock, NULL), PB_OK);
	assert_int_equal(pb_keystore_open(dir, &folder->passphrase, &options, &store, NULL), PB_OK);
	assert_false(pb_keystore_is_test(store));
	pb_keystore_close(store);
	/* A test key does not become a real one by being carried over. */
	(void)snprintf(sealed, sizeof(sealed), "%s", key_folder_file(folder, "card-master-applet-30.key"));
	(void)snprintf(there, sizeof(there), "%s/card-master-applet-30.key", dir);
	assert_int_equal(rename(sealed, there), 0);
	assert_int_equal(pb_keystore_open(dir, &folder->passphrase, &options, &store, &err), PB_KEYS_UNAVAILABLE);
	assert_string_equal(err.msg, "some of the secrets are for tests and some are not");
}

static void credentials_are_signed_in_the_signing_period_only(void **state)
{
	struct key_folder *folder = *state;
	struct pb_keystore *store = open_store(folder, false);
	const int64_t day = 86400, moments[] = { -1, 0, 390 * day, 400 * day };
	const bool allowed[] = { false, true, true, false };
	uint8_t sig[64];

	for (size_t i = 0; i < 4; i++) {
		folder->clock.fixed = KEY_FOLDER_MADE + moments[i];
		assert_int_equal(sign_credential(store, &order, VIEW_OF(SIG_STRUCTURE), sig, NULL),
				 allowed[i] ? PB_OK : PB_KEYS_REFUSED);
	}
	pb_keystore_close(store);
}

static void a_pseudonym_is_steady_and_tells_chips_apart(void **state)
{
	struct pb_keystore *store = open_store(*state, false);
	uint8_t a[16], again[16], b[16], too_long[PB_NAMED_MAX + 1] = { 0 };

	assert_int_equal(pb_keystore_pseudonym(store, PB_VIEW(uid), a, NULL), PB_OK);
	assert_int_equal(pb_keystore_pseudonym(store, PB_VIEW(uid), again, NULL), PB_OK);
	assert_int_equal(pb_keystore_pseudonym(store, pb_view(uid, 4), b, NULL), PB_OK);
	assert_int_equal(pb_keystore_pseudonym(store, PB_VIEW(too_long), b, NULL), PB_INPUT_INVALID);
	assert_memory_equal(a, again, 16);
	assert_memory_not_equal(a, b, 16);
	pb_keystore_close(store);
}

static void a_wrong_passphrase_is_named(void **state)
{
	struct key_folder *folder = *state;
	struct pb_err err = { 0 };

	pb_secret_set(&folder->passphrase, "correct horsf", 13);
	assert_int_equal(try_open(folder, &err), PB_KEYS_PASSPHRASE);
	assert_string_equal(err.msg, "issuer.key: the passphrase does not open the key");
}

static void a_private_file_that_others_may_read_is_refused(void **state)
{
	static const char *const names[] = { "issuer.key", "checkpoint.key", "card-master-applet-30.key", "pseudonym.key" };
	const mode_t modes[] = { 0644, 0640, 0604, 0660 };
	struct pb_err err = { 0 };

	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(chmod(key_folder_file(*state, names[i]), modes[i]), 0);
		assert_int_equal(try_open(*state, &err), PB_KEYS_UNAVAILABLE);
		assert_non_null(strstr(err.msg, names[i]));
		assert_non_null(strstr(err.msg, "lets others"));
		assert_int_equal(chmod(key_folder_file(*state, names[i]), 0600), 0);
	}
	assert_int_equal(try_open(*state, &err), PB_OK);
}

static void a_folder_that_others_may_write_is_refused(void **state)
{
	const struct key_folder *folder = *state;

	assert_int_equal(chmod(folder->keys, 0770), 0);
	assert_int_equal(try_open(folder, NULL), PB_KEYS_UNAVAILABLE);
}

static void made_files_are_private(void **state)
{
	static const char *const names[] = { "root.key", "root-spare.key", "issuer.key", "status-list.key", "trust-list.key",
					     "checkpoint.key", "card-master-applet-30.key", "pseudonym.key" };
	const struct key_folder *folder = *state;
	struct stat st;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(stat(key_folder_file(folder, names[i]), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	assert_int_equal(stat(folder->keys, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void a_missing_linked_or_exchanged_file_is_refused(void **state)
{
	static const char *const names[] = { "issuer.key", "checkpoint.key", "card-master-applet-30.key", "pseudonym.key",
					     "public/root.pem", "public/checkpoint.pem" };
	const struct key_folder *folder = *state;
	char away[KEY_FOLDER_PATH + 8], name[2 * KEY_FOLDER_PATH];
	struct pb_err err = { 0 };

	(void)snprintf(away, sizeof(away), "%s/away", folder->parent);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s", key_folder_file(folder, names[i]));
		assert_int_equal(rename(name, away), 0);
		assert_int_equal(try_open(folder, &err), PB_KEYS_UNAVAILABLE);
		assert_int_equal(symlink(away, name), 0);
		assert_int_equal(try_open(folder, &err), PB_KEYS_UNAVAILABLE);
		assert_int_equal(unlink(name), 0);
		assert_int_equal(mkfifo(name, 0600), 0);
		assert_int_equal(try_open(folder, &err), PB_KEYS_UNAVAILABLE);
		assert_int_equal(unlink(name), 0);
		assert_int_equal(rename(away, name), 0);
	}
	/* One key in another's place: sealed for another purpose, of another kind. */
	assert_int_equal(renameat2(AT_FDCWD, key_folder_file(folder, "pseudonym.key"), AT_FDCWD, away, 0), 0);
	(void)snprintf(name, sizeof(name), "%s", key_folder_file(folder, "card-master-applet-30.key"));
	assert_int_equal(link(name, key_folder_file(folder, "pseudonym.key")), 0);
	assert_int_equal(try_open(folder, &err), PB_KEYS_UNAVAILABLE);
	(void)snprintf(name, sizeof(name), "%s", key_folder_file(folder, "root.key"));
	assert_int_equal(rename(name, key_folder_file(folder, "issuer.key")), 0);
	assert_int_equal(try_open(folder, &err), PB_KEYS_UNAVAILABLE);
}

static void nothing_is_made_over_what_exists(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_err err = { 0 };

	assert_int_equal(pb_keystore_create_test(folder->keys, &folder->passphrase, "RU-75-TST", "Ещё одна",
						 &folder->clock, &err), PB_CONFLICT);
	assert_int_equal(try_open(folder, &err), PB_OK);
}

static void what_cannot_stand_in_a_certificate_is_refused(void **state)
{
	struct key_folder *folder = *state;
	char dir[KEY_FOLDER_PATH + 16], long_name[70];
	const struct pb_secret empty = { 0 };
	struct stat st;

	memset(long_name, 'x', 65);
	long_name[65] = '\0';
	(void)snprintf(dir, sizeof(dir), "%s/other", folder->parent);
	assert_int_equal(pb_keystore_create_test(dir, &folder->passphrase, "ru 75", "x", &folder->clock, NULL),
			 PB_INPUT_INVALID);
	assert_int_equal(pb_keystore_create_test(dir, &folder->passphrase, "RU-75-TST", long_name, &folder->clock, NULL),
			 PB_INPUT_INVALID);
	assert_int_equal(pb_keystore_create_test(dir, &folder->passphrase, "RU-75-TST", "", &folder->clock, NULL),
			 PB_INPUT_INVALID);
	assert_int_equal(pb_keystore_create_test(dir, &empty, "RU-75-TST", "x", &folder->clock, NULL), PB_INPUT_INVALID);
	folder->clock.fixed = 0;
	assert_int_equal(pb_keystore_create_test(dir, &folder->passphrase, "RU-75-TST", "x", &folder->clock, NULL),
			 PB_INPUT_INVALID);
	assert_int_equal(stat(dir, &st), -1);
}

/* What a card holding `keys` says to INITIALIZE UPDATE with our host challenge. */
static size_t card_answer(const struct pb_card_keys *keys, uint8_t kvn, uint8_t i, uint8_t ret_answer[static 32])
{
	static const uint8_t card_challenge[8] = { 9, 9, 9, 9, 9, 9, 9, 9 };
	struct pb_writer out = pb_writer(ret_answer, 32);
	struct pb_scp03_session_keys session = { 0 };
	const uint8_t head[13] = { [10] = kvn, [11] = 3, [12] = i };
	uint8_t cryptogram[8];

	pb_scp03_session_derive(&keys->enc, &keys->mac, PB_VIEW(host_challenge), PB_VIEW(card_challenge), &session);
	pb_scp03_cryptogram(&session, PB_SCP03_CARD_CRYPTOGRAM, PB_VIEW(host_challenge), PB_VIEW(card_challenge), cryptogram);
	pb_put(&out, head, sizeof(head));
	pb_put(&out, card_challenge, 8);
	pb_put(&out, cryptogram, 8);
	if (i == 0x70)
		pb_put_be(&out, 1, 3);
	return out.n;
}

static void factory_set(struct pb_card_keys *ret_keys)
{
	pb_secret_set(&ret_keys->enc, FACTORY_KEY, FACTORY_KEY_LEN);
	pb_secret_set(&ret_keys->mac, FACTORY_KEY, FACTORY_KEY_LEN);
	pb_secret_set(&ret_keys->dek, FACTORY_KEY, FACTORY_KEY_LEN);
}

static void factory_keys_need_the_offices_word(void **state)
{
	struct pb_keystore *store = open_store(*state, false);
	struct pb_card_keys keys = { 0 };
	struct pb_card_session session = { 0 };
	uint8_t answer[32], data[PB_SCP03_PUT_KEY], receipt[PB_SCP03_RECEIPT];
	size_t n;

	factory_set(&keys);
	n = card_answer(&keys, KVN_FACTORY, 0x70, answer);
	assert_int_equal(scp03_open(store, PB_VIEW(uid), host_challenge, pb_view(answer, n), &session, NULL),
			 PB_KEYS_REFUSED);
	assert_int_equal(scp03_put_key(store, PB_VIEW(uid), KVN_FACTORY, data, receipt, NULL), PB_KEYS_REFUSED);
	pb_keystore_close(store);
	store = open_store(*state, true);
	assert_int_equal(scp03_open(store, PB_VIEW(uid), host_challenge, pb_view(answer, n), &session, NULL),
			 PB_OK);
	assert_int_equal(session.kvn, KVN_FACTORY);
	pb_keystore_close(store);
}

/* From the wrapped keys, as a card would: unwrap under the factory DEK, compare the check values. */
static void unwrap(const uint8_t data[static PB_SCP03_PUT_KEY], const uint8_t receipt[static PB_SCP03_RECEIPT],
		   struct pb_card_keys *ret_keys)
{
	static const uint8_t zero[16];
	struct pb_secret *const keys[] = { &ret_keys->enc, &ret_keys->mac, &ret_keys->dek };
	struct pb_cursor in = pb_cursor(pb_view(data, PB_SCP03_PUT_KEY));
	uint8_t head[3], plain[16], kcv[3], n;
	struct pb_view wrapped, written;

	assert_true(pb_take_u8(&in, &n) && n == KVN_ISSUER_FIRST && receipt[0] == KVN_ISSUER_FIRST);
	for (size_t i = 0; i < 3; i++) {
		assert_true(pb_take_copy(&in, head, 3));
		assert_memory_equal(head, "\x88\x11\x10", 3);
		assert_true(pb_take(&in, 16, &wrapped) && pb_take_u8(&in, &n) && n == 3 && pb_take(&in, 3, &written));
		pb_aes_cbc_decrypt(pb_view(FACTORY_KEY, 16), zero, wrapped.p, 16, plain);
		pb_secret_set(keys[i], plain, 16);
		pb_key_check_value(keys[i], kcv);
		assert_memory_equal(kcv, written.p, 3);
		assert_memory_equal(kcv, receipt + 1 + 3 * i, 3);
	}
	assert_int_equal(in.left, 0);
}

static void a_card_that_took_its_keys_opens_with_them(void **state)
{
	struct pb_keystore *store = open_store(*state, true);
	uint8_t data[PB_SCP03_PUT_KEY], receipt[PB_SCP03_RECEIPT], answer[32], expected[8];
	struct pb_card_keys keys = { 0 };
	struct pb_card_session session = { 0 };
	struct pb_scp03_session_keys own = { 0 };
	size_t n;

	assert_int_equal(scp03_put_key(store, PB_VIEW(uid), KVN_FACTORY, data, receipt, NULL), PB_OK);
	unwrap(data, receipt, &keys);
	n = card_answer(&keys, KVN_ISSUER_FIRST, 0x60, answer);
	assert_int_equal(n, 29);
	assert_int_equal(scp03_open(store, PB_VIEW(uid), host_challenge, pb_view(answer, n), &session, NULL),
			 PB_OK);
	pb_scp03_session_derive(&keys.enc, &keys.mac, PB_VIEW(host_challenge), pb_view(answer + 13, 8), &own);
	assert_memory_equal(session.u.scp03.enc.bytes, own.enc.bytes, 16);
	assert_memory_equal(session.u.scp03.rmac.bytes, own.rmac.bytes, 16);
	pb_scp03_cryptogram(&own, PB_SCP03_HOST_CRYPTOGRAM, PB_VIEW(host_challenge), pb_view(answer + 13, 8), expected);
	assert_memory_equal(session.u.scp03.host_cryptogram, expected, 8);
	/* The keys of one chip are not those of another. */
	assert_int_equal(scp03_open(store, pb_view(uid, 4), host_challenge, pb_view(answer, n), &session,
						       NULL), PB_CARD_KEYS);
	pb_keystore_close(store);
}

static void a_card_that_proves_nothing_gets_no_cryptogram(void **state)
{
	struct pb_keystore *store = open_store(*state, true);
	struct pb_card_session session, untouched;
	struct pb_card_keys keys = { 0 };
	struct pb_err err = { 0 };
	uint8_t answer[32];
	size_t n;

	factory_set(&keys);
	n = card_answer(&keys, KVN_FACTORY, 0x70, answer);
	memset(&session, 0x5A, sizeof(session));
	memset(&untouched, 0x5A, sizeof(untouched));
	for (size_t byte = 21; byte < 29; byte++) {
		answer[byte] ^= 0x80;
		assert_int_equal(scp03_open(store, PB_VIEW(uid), host_challenge, pb_view(answer, n),
							       &session, &err), PB_CARD_KEYS);
		answer[byte] ^= 0x80;
	}
	answer[10] = 0x01; /* a key version nobody knows */
	assert_int_equal(scp03_open(store, PB_VIEW(uid), host_challenge, pb_view(answer, n), &session, &err),
			 PB_CARD_KEYS);
	assert_memory_equal(&session, &untouched, sizeof(session));
	pb_keystore_close(store);
}

static void an_answer_that_is_not_scp03_s8_is_refused(void **state)
{
	struct pb_keystore *store = open_store(*state, true);
	struct pb_card_session session;
	struct pb_card_keys keys = { 0 };
	uint8_t answer[48] = { 0 };
	size_t n;

	factory_set(&keys);
	n = card_answer(&keys, KVN_FACTORY, 0x70, answer);
	for (size_t cut = 0; cut < n; cut++)
		assert_int_equal(scp03_open(store, PB_VIEW(uid), host_challenge, pb_view(answer, cut),
							       &session, NULL), PB_CARD_PROTOCOL);
	answer[11] = 0x02; /* SCP02 */
	assert_int_equal(scp03_open(store, PB_VIEW(uid), host_challenge, pb_view(answer, n), &session, NULL),
			 PB_CARD_PROTOCOL);
	answer[11] = 0x03;
	answer[12] = 0x71; /* S16 */
	assert_int_equal(scp03_open(store, PB_VIEW(uid), host_challenge, PB_VIEW(answer), &session, NULL),
			 PB_CARD_PROTOCOL);
	answer[12] = 0x70;
	for (size_t bad = 0; bad < 12; bad += bad == 3 ? 8 : 1) {
		const uint8_t long_uid[12] = { 0 };

		assert_int_equal(scp03_open(store, pb_view(long_uid, bad), host_challenge,
							       pb_view(answer, n), &session, NULL), PB_CARD_PROTOCOL);
	}
	pb_keystore_close(store);
}

/* In any spelling: as it is, or as hex digits of any case. */
static void assert_tells_nothing_of(const char *message, struct pb_view secret)
{
	char hex[2 * PB_SECRET_MAX + 1];

	for (size_t i = 0; i + 4 <= secret.n; i++) {
		assert_null(memmem(message, strlen(message), secret.p + i, 4));
		pb_hex_encode(pb_view(secret.p + i, 4), hex);
		assert_null(strcasestr(message, hex));
	}
}

static void no_key_byte_is_ever_in_a_message(void **state)
{
	struct key_folder *folder = *state;
	struct pb_keystore *store = open_store(folder, true);
	struct pb_card_session session;
	struct pb_card_keys keys = { 0 };
	uint8_t data[PB_SCP03_PUT_KEY], receipt[PB_SCP03_RECEIPT], answer[32];
	struct pb_err err = { 0 };
	size_t n;

	assert_int_equal(scp03_put_key(store, PB_VIEW(uid), KVN_FACTORY, data, receipt, NULL), PB_OK);
	unwrap(data, receipt, &keys);
	n = card_answer(&keys, KVN_ISSUER_FIRST, 0x70, answer);
	answer[28] ^= 1;
	assert_int_equal(scp03_open(store, PB_VIEW(uid), host_challenge, pb_view(answer, n), &session, &err),
			 PB_CARD_KEYS);
	assert_tells_nothing_of(err.msg, pb_secret_view(&keys.enc));
	assert_tells_nothing_of(err.msg, pb_secret_view(&keys.mac));
	assert_tells_nothing_of(err.msg, pb_view(FACTORY_KEY, FACTORY_KEY_LEN));
	assert_tells_nothing_of(err.msg, pb_view(answer + 13, 16)); /* nor the challenge and cryptogram */
	assert_tells_nothing_of(err.msg, PB_VIEW(uid));
	pb_keystore_close(store);
	pb_secret_set(folder->token != NULL ? &folder->token->pin : &folder->passphrase, "a passphrase mistyped", 21);
	assert_int_equal(try_open(folder, &err), folder->token != NULL ? PB_TOKEN_PIN : PB_KEYS_PASSPHRASE);
	assert_null(strstr(err.msg, "mistyped"));
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, key_folder_setup, key_folder_teardown)

/* Of keys in files; keys in a token have test_token.c. */
static const struct CMUnitTest of_files[] = {
	WITH_FOLDER(an_office_without_list_keys_signs_no_lists),
	WITH_FOLDER(a_key_does_not_work_in_anothers_place),
	WITH_FOLDER(real_keys_are_made_without_the_word_test),
	WITH_FOLDER(a_wrong_passphrase_is_named),
	WITH_FOLDER(a_private_file_that_others_may_read_is_refused),
	WITH_FOLDER(made_files_are_private),
	WITH_FOLDER(a_missing_linked_or_exchanged_file_is_refused),
};

/* Of keys wherever they are. */
static const struct CMUnitTest of_both[] = {
	WITH_FOLDER(what_was_made_opens_and_says_test),
	WITH_FOLDER(its_signatures_verify_with_its_public_half),
	WITH_FOLDER(a_key_signs_only_its_own_kind_of_bytes),
	WITH_FOLDER(credentials_are_signed_in_the_signing_period_only),
	WITH_FOLDER(a_pseudonym_is_steady_and_tells_chips_apart),
	WITH_FOLDER(a_folder_that_others_may_write_is_refused),
	WITH_FOLDER(nothing_is_made_over_what_exists),
	WITH_FOLDER(what_cannot_stand_in_a_certificate_is_refused),
	WITH_FOLDER(factory_keys_need_the_offices_word),
	WITH_FOLDER(a_card_that_took_its_keys_opens_with_them),
	WITH_FOLDER(a_card_that_proves_nothing_gets_no_cryptogram),
	WITH_FOLDER(an_answer_that_is_not_scp03_s8_is_refused),
	WITH_FOLDER(no_key_byte_is_ever_in_a_message),
};

int main(int argc, char **argv)
{
	bool in_token = argc > 1 && strcmp(argv[1], "pkcs11") == 0;
	int failed;

	if (in_token)
		key_folder_use_token();
	failed = cmocka_run_group_tests(of_both, key_folder_make, key_folder_remove);
	return in_token ? failed : failed + cmocka_run_group_tests(of_files, key_folder_make, key_folder_remove);
}
