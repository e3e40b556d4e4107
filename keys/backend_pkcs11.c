/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys in a PKCS#11 token.  A key whose role may be in a file (keys/roles.h) and that the token does not have
 * is looked for among the encrypted files of the key directory.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keys/backend.h"
#include "keys/crypto/aes.h"
#include "keys/key_dir.h"
#include "keys/succession.h"
#include "keys/token.h"

struct tokens_keys {
	struct pb_token *token;
	struct pb_token_key keys[PB_ROLE_COUNT]; /* but for the master keys */
	bool has[PB_ROLE_COUNT];
	struct pb_token_key masters[PB_MASTER_FAMILY_COUNT][PB_MASTER_KVNS];
	struct pb_generations generations;
	uint8_t points[PB_ROLE_CERTIFIED_COUNT][PB_P256_POINT];
	uint8_t ed25519[PB_ROLE_COUNT][PB_ED25519_PUBLIC];
	struct pb_key_backend files; /* for the roles that the token lacks */
};

static enum pb_status p256_point(void *ctx, enum pb_key_role role, uint8_t ret_point[static PB_P256_POINT], struct pb_err *err)
{
	const struct tokens_keys *keys = ctx;

	if (!keys->has[role])
		return pb_fail(err, PB_NOT_FOUND, "the token has no %s key", pb_key_role_row(role)->name);
	memcpy(ret_point, keys->points[role], PB_P256_POINT);
	return PB_OK;
}

static enum pb_status p256_sign(void *ctx, enum pb_key_role role, struct pb_view message,
				uint8_t ret_sig[static PB_P256_SIG], struct pb_err *err)
{
	const struct tokens_keys *keys = ctx;
	uint8_t digest[PB_SHA256_LEN], raw[2 * PB_P256_SIG];
	size_t n;
	enum pb_status s;

	pb_sha256(message, digest);
	s = pb_token_sign(keys->token, PB_TOKEN_ECDSA, &keys->keys[role], PB_VIEW(digest), raw, sizeof(raw), &n, err);
	if (s == PB_OK && !pb_p256_sig_from_halves(pb_view(raw, n), ret_sig))
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "the token answered %zu bytes that are no signature", n);
	return s;
}

static enum pb_status ed25519_public(void *ctx, enum pb_key_role role, uint8_t ret_public[static PB_ED25519_PUBLIC],
				     struct pb_err *err)
{
	const struct tokens_keys *keys = ctx;

	if (keys->has[role]) {
		memcpy(ret_public, keys->ed25519[role], PB_ED25519_PUBLIC);
		return PB_OK;
	}
	if (keys->files.ops == NULL)
		return pb_fail(err, PB_NOT_FOUND, "the token has no %s key", pb_key_role_row(role)->name);
	return keys->files.ops->ed25519_public(keys->files.ctx, role, ret_public, err);
}

static enum pb_status ed25519_sign(void *ctx, enum pb_key_role role, struct pb_view message,
				   uint8_t ret_sig[static PB_ED25519_SIG], struct pb_err *err)
{
	const struct tokens_keys *keys = ctx;
	size_t n;
	enum pb_status s;

	if (!keys->has[role])
		return keys->files.ops->ed25519_sign(keys->files.ctx, role, message, ret_sig, err);
	s = pb_token_sign(keys->token, PB_TOKEN_EDDSA, &keys->keys[role], message, ret_sig, PB_ED25519_SIG, &n, err);
	if (s == PB_OK && n != PB_ED25519_SIG)
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "the token answered %zu bytes that are no signature", n);
	return s;
}

/* One master key of the token. */
struct master {
	const struct tokens_keys *keys;
	const struct pb_token_key *key;
};

static enum pb_status encrypt(void *ctx, const uint8_t block[static PB_AES_BLOCK], uint8_t ret_block[static PB_AES_BLOCK],
			      struct pb_err *err)
{
	const struct master *master = ctx;

	return pb_token_encrypt_block(master->keys->token, master->key, block, ret_block, err);
}

/* Of inputs that AN10922 pads as CMAC does. */
static enum pb_status diversify_by_cmac(const struct master *master, struct pb_view input, struct pb_secret *ret_key,
					struct pb_err *err)
{
	uint8_t message[1 + PB_DIVERSIFY_INPUT_MAX] = { 0x01 }, mac[PB_AES_BLOCK];
	size_t n = 0;
	enum pb_status s;

	memcpy(message + 1, input.p, input.n);
	s = pb_token_sign(master->keys->token, PB_TOKEN_CMAC, master->key, pb_view(message, 1 + input.n), mac, sizeof(mac), &n,
			  err);
	if (s == PB_OK && n != sizeof(mac))
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "the token answered %zu bytes that are no CMAC", n);
	if (s == PB_OK)
		pb_secret_set(ret_key, mac, sizeof(mac));
	pb_wipe(mac, sizeof(mac));
	return s;
}

static enum pb_status diversify(void *ctx, enum pb_master_family family, uint8_t kvn, struct pb_view input,
				struct pb_secret *ret_key, struct pb_err *err)
{
	const struct tokens_keys *keys = ctx;
	struct master master = { keys, &keys->masters[family][kvn - pb_master_family_row(family)->first] };
	const struct pb_block_cipher cipher = { encrypt, &master };

	if (input.n < 1 || input.n > PB_DIVERSIFY_INPUT_MAX)
		PB_BUG("length of a diversification input");
	if (input.n >= PB_AN10922_IS_CMAC_FROM && pb_token_has(keys->token, PB_TOKEN_CMAC))
		return diversify_by_cmac(&master, input, ret_key, err);
	return pb_an10922_by_blocks(&cipher, input, ret_key, err);
}

static enum pb_status generations(void *ctx, struct pb_generations *ret_generations, struct pb_err *err)
{
	const struct tokens_keys *keys = ctx;

	(void)err;
	*ret_generations = keys->generations;
	return PB_OK;
}

static enum pb_status pseudonym_mac(void *ctx, struct pb_view message, uint8_t ret_mac[static PB_SHA256_LEN], struct pb_err *err)
{
	const struct tokens_keys *keys = ctx;
	size_t n;
	enum pb_status s;

	if (!keys->has[PB_ROLE_PSEUDONYM])
		return keys->files.ops->pseudonym_mac(keys->files.ctx, message, ret_mac, err);
	s = pb_token_sign(keys->token, PB_TOKEN_HMAC, &keys->keys[PB_ROLE_PSEUDONYM], message, ret_mac, PB_SHA256_LEN, &n, err);
	if (s == PB_OK && n != PB_SHA256_LEN)
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "the token answered %zu bytes that are no HMAC", n);
	return s;
}

static void destroy(void *ctx)
{
	struct tokens_keys *keys = ctx;

	if (keys->files.ops != NULL)
		keys->files.ops->destroy(keys->files.ctx);
	pb_token_close(keys->token);
	free(keys);
}

static const struct pb_key_backend_ops ops = {
	.p256_point = p256_point,
	.p256_sign = p256_sign,
	.ed25519_public = ed25519_public,
	.ed25519_sign = ed25519_sign,
	.diversify = diversify,
	.generations = generations,
	.pseudonym_mac = pseudonym_mac,
	.destroy = destroy,
};

static enum pb_status read_public(struct tokens_keys *keys, enum pb_key_role role, struct pb_err *err)
{
	switch (pb_key_role_row(role)->algorithm) {
	case PB_KEY_P256:
		return pb_token_public(keys->token, &keys->keys[role], keys->points[role], PB_P256_POINT, err);
	case PB_KEY_ED25519:
		return pb_token_public(keys->token, &keys->keys[role], keys->ed25519[role], PB_ED25519_PUBLIC, err);
	default:
		return PB_OK;
	}
}

static enum pb_status find_master(struct tokens_keys *keys, enum pb_master_family family, uint8_t kvn, bool test,
				  struct pb_err *err)
{
	struct pb_token_key *key = &keys->masters[family][kvn - pb_master_family_row(family)->first];
	struct pb_generation *next = &keys->generations.list[keys->generations.count];
	char name[PB_MASTER_NAME];
	enum pb_status s;

	pb_master_name(family, kvn, name);
	s = pb_token_find(keys->token, PB_ROLE_CARD_MASTER, name, test, key, err);
	if (s == PB_NOT_FOUND) {
		pb_err_clear(err);
		return PB_OK;
	}
	if (s == PB_OK)
		s = pb_token_check_value(keys->token, key, next->kcv, err);
	if (s != PB_OK)
		return s;
	next->family = family;
	next->kvn = kvn;
	keys->generations.count++;
	return PB_OK;
}

/* Every generation that the token has, of every family; none at all of one that there is from the start is as bad as
 * any missing key. */
static enum pb_status find_masters(struct tokens_keys *keys, bool test, struct pb_err *err)
{
	enum pb_status s = PB_OK;

	for (enum pb_master_family family = 0; family < PB_MASTER_FAMILY_COUNT && s == PB_OK; family++) {
		const struct pb_master_family_row *row = pb_master_family_row(family);

		for (unsigned kvn = row->first; kvn <= row->last && s == PB_OK; kvn++)
			s = find_master(keys, family, (uint8_t)kvn, test, err);
		if (s == PB_OK && row->from_start && pb_generation_current(&keys->generations, family) == NULL)
			s = pb_fail(err, PB_KEYS_UNAVAILABLE, "the token has no master key of family %s", row->name);
	}
	return s;
}

/* Of the keys that followed each other, the one that signs. */
static enum pb_status find_signer(struct tokens_keys *keys, int dir_fd, enum pb_key_role role, bool test, struct pb_err *err)
{
	char name[PB_SUCCESSION_NAME];
	struct pb_token_key second;
	unsigned number;
	bool written;
	enum pb_status s = pb_succession_current(dir_fd, role, &number, &written, err);

	if (s != PB_OK)
		return s;
	pb_succession_name(role, 2, name);
	if (!written && pb_token_find(keys->token, role, name, test, &second, NULL) != PB_NOT_FOUND)
		return pb_succession_lost(role, err);
	pb_succession_name(role, number, name);
	s = pb_token_find(keys->token, role, name, test, &keys->keys[role], err);
	return s == PB_NOT_FOUND && written ? PB_KEYS_UNAVAILABLE : s;
}

static enum pb_status find_one(struct tokens_keys *keys, int dir_fd, enum pb_key_role role, bool test, struct pb_err *err)
{
	const struct pb_key_role_row *row = pb_key_role_row(role);

	if (role < PB_ROLE_CERTIFIED_COUNT)
		return find_signer(keys, dir_fd, role, test, err);
	return pb_token_find(keys->token, role, row->name, test, &keys->keys[role], err);
}

static bool has_file(int dir_fd, enum pb_key_role role)
{
	char name[PB_KEY_DIR_KEY_NAME];

	pb_key_dir_key_name(pb_key_role_row(role)->name, name);
	return faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* *missing gains the role's bit when it is for the files to have. */
static enum pb_status find(struct tokens_keys *keys, int dir_fd, enum pb_key_role role, bool test, unsigned *missing,
			   struct pb_err *err)
{
	const struct pb_key_role_row *row = pb_key_role_row(role);
	enum pb_status s;

	if (role == PB_ROLE_CARD_MASTER)
		return find_masters(keys, test, err);
	s = find_one(keys, dir_fd, role, test, err);
	if (s == PB_OK) {
		keys->has[role] = true;
		return read_public(keys, role, err);
	}
	if (s != PB_NOT_FOUND)
		return s;
	if (row->required && !row->in_files)
		return PB_KEYS_UNAVAILABLE; /* with the words of pb_token_find */
	if (row->in_files && (!row->on_demand || has_file(dir_fd, role)))
		*missing |= 1u << role;
	pb_err_clear(err);
	return PB_OK;
}

/* Whether its issuer key is one for trying things out.  A token with both kinds is somebody's mistake. */
static enum pb_status is_test(struct pb_token *token, bool *ret_test, struct pb_err *err)
{
	struct pb_token_key ignored;
	const char *name = pb_key_role_row(PB_ROLE_ISSUER)->name;
	enum pb_status test = pb_token_find(token, PB_ROLE_ISSUER, name, true, &ignored, err), real;

	if (test != PB_OK && test != PB_NOT_FOUND)
		return test;
	real = pb_token_find(token, PB_ROLE_ISSUER, name, false, &ignored, err);
	if (test == PB_OK && real == PB_OK)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "the token has an issuer key for tests beside a real one");
	if (real != PB_OK && (real != PB_NOT_FOUND || test != PB_OK))
		return real == PB_NOT_FOUND ? PB_KEYS_UNAVAILABLE : real;
	pb_err_clear(err);
	*ret_test = test == PB_OK;
	return PB_OK;
}

static enum pb_status open_files(struct tokens_keys *keys, int dir_fd, const struct pb_secret *passphrase, unsigned roles,
				 bool test, struct pb_err *err)
{
	enum pb_status s;

	if (passphrase == NULL)
		return pb_fail(err, PB_KEYS_PASSPHRASE, "the token lacks keys that are in files, and there is no passphrase for these");
	s = pb_backend_file_open(dir_fd, passphrase, roles, &keys->files, err);
	if (s == PB_OK && (roles & 1u << PB_ROLE_PSEUDONYM) != 0 && keys->files.test != test)
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "some of the secrets are for tests and some are not");
	return s;
}

enum pb_status pb_backend_pkcs11_open(const struct pb_token_options *options, int dir_fd, const struct pb_secret *passphrase,
				      struct pb_key_backend *ret_backend, struct pb_err *err)
{
	struct tokens_keys *keys = calloc(1, sizeof(*keys));
	unsigned missing = 0;
	bool test = false;
	enum pb_status s;

	if (keys == NULL)
		return pb_fail(err, PB_NO_MEMORY, "keys of a token");
	s = pb_token_open(options, &keys->token, err);
	if (s == PB_OK)
		s = is_test(keys->token, &test, err);
	for (enum pb_key_role role = 0; role < PB_ROLE_COUNT && s == PB_OK; role++)
		s = find(keys, dir_fd, role, test, &missing, err);
	if (s == PB_OK && missing != 0)
		s = open_files(keys, dir_fd, passphrase, missing, test, err);
	if (s != PB_OK) {
		destroy(keys);
		return s;
	}
	*ret_backend = (struct pb_key_backend){ .ops = &ops, .ctx = keys, .test = test };
	return PB_OK;
}
