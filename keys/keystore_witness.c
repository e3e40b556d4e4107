/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The key with which an office witnesses for others: making it, and signing with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "keys/crypto/pkcs8.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/keystore_inside.h"

bool pb_keystore_witness_public(const struct pb_keystore *store, uint8_t ret_public[static 32])
{
	if (store->is_witness)
		memcpy(ret_public, store->witness, sizeof(store->witness));
	return store->is_witness;
}

enum pb_status pb_keystore_cosign(const struct pb_keystore *store, const struct pb_cosign_order *order,
				  struct pb_cosign_answer *ret_answer, struct pb_err *err)
{
	if (store->remote == NULL)
		return pb_fail(err, PB_NOT_ALLOWED, "cosignatures are given by profbilet-keyd, which keeps a book of them");
	return store->remote->cosign(store->remote_ctx, order, ret_answer, err);
}

enum pb_status pb_keystore_sign_cosignature(const struct pb_keystore *store, struct pb_view message,
					    uint8_t ret_sig[static 64], struct pb_err *err)
{
	enum pb_status s = pb_key_role_check(PB_ROLE_WITNESS, message, err);

	if (s != PB_OK)
		return s;
	if (store->remote != NULL)
		return pb_fail(err, PB_NOT_ALLOWED, "the keys are in another process");
	if (!store->is_witness)
		return pb_fail(err, PB_NOT_FOUND, "this office has no witness key");
	return store->keys.ops->ed25519_sign(store->keys.ctx, PB_ROLE_WITNESS, message, ret_sig, err);
}

/* ---- making it */

static const char *key_name(char ret_name[static PB_KEY_DIR_KEY_NAME])
{
	pb_key_dir_key_name(pb_key_role_row(PB_ROLE_WITNESS)->name, ret_name);
	return ret_name;
}

/* The old key must be gone before a new book is begun: with a new book it would not know what it has signed. */
static enum pb_status remove_file(int dir_fd, struct pb_err *err)
{
	char name[PB_KEY_DIR_KEY_NAME];

	if ((unlinkat(dir_fd, key_name(name), 0) != 0 && errno != ENOENT) || fsync(dir_fd) != 0)
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", name);
	return PB_OK;
}

static enum pb_status make_in_file(int dir_fd, const struct pb_secret *passphrase, struct pb_err *err)
{
	struct pb_ed25519_private *key = pb_ed25519_generate();
	char name[PB_KEY_DIR_KEY_NAME];
	uint8_t text[PB_PKCS8_MAX];
	size_t n = pb_pkcs8_seal_ed25519(key, passphrase, text);

	pb_ed25519_private_destroy(key);
	return pb_key_file_write(dir_fd, key_name(name), PB_KEY_FILE_PRIVATE, pb_view(text, n), err);
}

/* *ret_made is false when the token has no mechanism for it. */
static enum pb_status make_in_token(const struct pb_token_options *options, bool test, bool *ret_made, struct pb_err *err)
{
	const char *name = pb_key_role_row(PB_ROLE_WITNESS)->name;
	struct pb_token *token = NULL;
	struct pb_token_key key;
	enum pb_status s = pb_token_open(options, &token, err);

	*ret_made = s == PB_OK && pb_token_offers(token, PB_ROLE_WITNESS);
	if (*ret_made)
		s = pb_token_remove_halves(token, name, test, err);
	if (s == PB_OK && *ret_made && pb_token_find(token, PB_ROLE_WITNESS, name, test, &key, NULL) == PB_OK)
		pb_token_remove(token, &key);
	if (s == PB_OK && *ret_made)
		s = pb_token_generate(token, PB_ROLE_WITNESS, name, test, &key, err);
	pb_token_close(token);
	return s;
}

static enum pb_status make_key(const char *dir, const struct pb_secret *passphrase, const struct pb_keystore_options *options,
			       bool test, struct pb_err *err)
{
	int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool in_token = false;
	enum pb_status s;

	if (dir_fd < 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s", dir);
	s = remove_file(dir_fd, err);
	if (s == PB_OK && options != NULL && options->token != NULL)
		s = make_in_token(options->token, test, &in_token, err);
	if (s == PB_OK && !in_token)
		s = make_in_file(dir_fd, passphrase, err);
	(void)close(dir_fd);
	return s;
}

/* The store as it is: whether it is a witness, and by which key. */
static enum pb_status look(const char *dir, const struct pb_secret *passphrase, const struct pb_keystore_options *options,
			   bool *ret_test, bool *ret_is, uint8_t ret_public[static 32], struct pb_err *err)
{
	struct pb_keystore *store = NULL;
	enum pb_status s = pb_keystore_open(dir, passphrase, options, &store, err);

	if (s != PB_OK)
		return s;
	*ret_test = pb_keystore_is_test(store);
	*ret_is = pb_keystore_witness_public(store, ret_public);
	pb_keystore_close(store);
	return PB_OK;
}

enum pb_status pb_keystore_begin_witness(const char *dir, const struct pb_secret *passphrase,
					 const struct pb_keystore_options *options, bool anew, uint8_t ret_public[static 32],
					 struct pb_err *err)
{
	bool test = false, is = false;
	enum pb_status s = look(dir, passphrase, options, &test, &is, ret_public, err);

	if (s == PB_OK && is && !anew)
		return pb_fail(err, PB_CONFLICT, "this office has a witness key");
	if (s == PB_OK)
		s = make_key(dir, passphrase, options, test, err);
	if (s == PB_OK)
		s = look(dir, passphrase, options, &test, &is, ret_public, err);
	if (s == PB_OK && !is)
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "the new witness key does not read back");
	return s;
}
