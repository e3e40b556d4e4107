/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making the key that follows another.  Four things become durable, in this order: the number of the key that
 * signs now, the number of the one to come, its private key, its certificate.  Each is looked for before it
 * is made, so that a run that was interrupted is continued by the same words.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keys/backend.h"
#include "keys/crypto/pkcs8.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/new_keys.h"
#include "keys/root_key.h"
#include "keys/succession_inside.h"

/* One making of a successor. */
struct making {
	const struct pb_succession *terms;
	int dir_fd, public_fd;
	struct pb_roots roots;
	struct pb_x509_issuer before; /* what the certificate of the key that signs now says */
	unsigned number;
	uint8_t point[PB_P256_POINT];
	bool resumed;
};

static enum pb_status open_folders(struct making *making, struct pb_err *err)
{
	const char *dir = making->terms->key_directory;

	making->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (making->dir_fd < 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s", dir);
	making->public_fd = openat(making->dir_fd, PB_KEY_DIR_PUBLIC, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (making->public_fd < 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s/" PB_KEY_DIR_PUBLIC, dir);
	return pb_roots_load(making->public_fd, &making->roots, err);
}

static void close_folders(struct making *making)
{
	pb_roots_finish(&making->roots);
	if (making->public_fd >= 0)
		(void)close(making->public_fd);
	if (making->dir_fd >= 0)
		(void)close(making->dir_fd);
}

/* ---- the key that signs now */

/* Opening it also shows that the passphrase is the one under which the next key must be. */
static enum pb_status point_before(struct making *making, uint8_t ret_point[static PB_P256_POINT], struct pb_err *err)
{
	const struct pb_succession *terms = making->terms;
	struct pb_key_backend keys = { 0 };
	enum pb_status s = terms->token != NULL ?
				   pb_backend_pkcs11_open(terms->token, making->dir_fd, terms->passphrase, &keys, err) :
				   pb_backend_file_open(making->dir_fd, terms->passphrase, 1u << terms->role, &keys, err);

	if (s != PB_OK)
		return s;
	s = keys.ops->p256_point(keys.ctx, terms->role, ret_point, err);
	keys.ops->destroy(keys.ctx);
	return s;
}

static enum pb_status read_before(struct making *making, struct pb_err *err)
{
	char name[PB_KEY_DIR_CERTIFICATE_NAME];
	uint8_t point[PB_P256_POINT], kid[PB_P256_KID], content[PB_KEY_FILE_MAX];
	struct pb_x509 *cert = NULL;
	enum pb_status s = point_before(making, point, err);
	size_t n;

	if (s != PB_OK)
		return s;
	pb_p256_kid(point, kid);
	pb_key_dir_certificate_name(making->terms->role, kid, name);
	s = pb_key_file_read(making->public_fd, name, PB_KEY_FILE_PUBLIC, content, &n, err);
	if (s == PB_OK)
		s = pb_x509_from_pem(pb_view(content, n), &cert, err);
	if (s == PB_OK)
		s = pb_x509_read_signer(cert, pb_key_role_row(making->terms->role)->purpose, &making->before, err);
	pb_x509_destroy(cert);
	return s == PB_OK ? PB_OK : pb_wrap(err, PB_KEYS_UNAVAILABLE, PB_KEY_DIR_PUBLIC "/%s", name);
}

/* ---- its number, and the next one's */

static enum pb_status choose_number(struct making *making, struct pb_err *err)
{
	enum pb_key_role role = making->terms->role;
	unsigned current, next;
	bool written;
	enum pb_status s = pb_succession_current(making->dir_fd, role, &current, &written, err);

	/* From here on a lost file is noticed: two keys, and nothing that says which. */
	if (s == PB_OK && !written)
		s = succession_write(making->dir_fd, role, SUCCESSION_CURRENT, current, err);
	if (s == PB_OK)
		s = succession_read(making->dir_fd, role, SUCCESSION_NEXT, &next, err);
	if (s != PB_OK)
		return s;
	making->resumed = next != 0;
	making->number = making->resumed ? next : current + 1;
	if (making->number != current + 1)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "key %u signs, and key %u is said to come next", current, making->number);
	if (making->number > PB_SUCCESSION_MAX)
		return pb_fail(err, PB_KEYS_REFUSED, "this office has had %d such keys", PB_SUCCESSION_MAX);
	return making->resumed ? PB_OK : succession_write(making->dir_fd, role, SUCCESSION_NEXT, making->number, err);
}

/* ---- the key */

static enum pb_status write_key(const struct making *making, const char *name, const struct pb_p256_private *key,
				struct pb_err *err)
{
	uint8_t text[PB_PKCS8_MAX];
	size_t n = pb_pkcs8_seal_p256(key, making->terms->passphrase, text);

	return pb_key_file_write(making->dir_fd, name, PB_KEY_FILE_PRIVATE, pb_view(text, n), err);
}

static enum pb_status open_key(const struct making *making, const char *name, struct pb_p256_private **ret_key,
			       struct pb_err *err)
{
	uint8_t content[PB_KEY_FILE_MAX];
	size_t n;
	enum pb_status s = pb_key_file_read(making->dir_fd, name, PB_KEY_FILE_PRIVATE, content, &n, err);

	if (s != PB_OK)
		return s;
	s = pb_pkcs8_open_p256(pb_view(content, n), making->terms->passphrase, ret_key, err);
	return s == PB_OK ? PB_OK : pb_wrap(err, s, "%s", name);
}

static enum pb_status make_in_files(struct making *making, const char *stem, struct pb_err *err)
{
	char name[PB_KEY_DIR_KEY_NAME];
	struct pb_p256_private *key = NULL;
	enum pb_status s;

	pb_key_dir_key_name(stem, name);
	if (faccessat(making->dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		s = open_key(making, name, &key, err);
	} else {
		key = pb_p256_generate();
		s = write_key(making, name, key, err);
	}
	if (s == PB_OK)
		pb_p256_private_point(key, making->point);
	pb_p256_private_destroy(key);
	return s;
}

static enum pb_status make_in_token(struct making *making, const char *stem, struct pb_err *err)
{
	enum pb_key_role role = making->terms->role;
	struct pb_token *token = NULL;
	struct pb_token_key key;
	uint8_t kid[PB_P256_KID];
	enum pb_status s = pb_token_open(making->terms->token, &token, err);

	if (s == PB_OK)
		s = pb_token_remove_halves(token, stem, making->before.test, err);
	if (s == PB_OK)
		s = pb_token_find(token, role, stem, making->before.test, &key, err);
	if (s == PB_NOT_FOUND) {
		pb_err_clear(err);
		s = pb_token_generate(token, role, stem, making->before.test, &key, err);
	}
	if (s == PB_OK)
		s = pb_token_public(token, &key, making->point, PB_P256_POINT, err);
	pb_p256_kid(making->point, kid);
	if (s == PB_OK)
		s = pb_token_set_id(token, &key, PB_VIEW(kid), err);
	pb_token_close(token);
	return s;
}

static enum pb_status make_key(struct making *making, struct pb_err *err)
{
	char stem[PB_SUCCESSION_NAME];

	pb_succession_name(making->terms->role, making->number, stem);
	return making->terms->token != NULL ? make_in_token(making, stem, err) : make_in_files(making, stem, err);
}

/* ---- its certificate */

/* Verifiers ask that the root lives as long as what it signed (keys/trust.h). */
static enum pb_status check_life(const struct making *making, const struct pb_x509 *cert, struct pb_err *err)
{
	struct pb_x509_issuer read;
	enum pb_status s = pb_x509_read_signer(cert, pb_key_role_row(making->terms->role)->purpose, &read, err);

	if (s == PB_OK)
		s = pb_roots_verify(&making->roots, cert, read.from, err);
	if (s == PB_OK)
		s = pb_roots_verify(&making->roots, cert, read.until - 1, err);
	return s == PB_OK ? PB_OK : pb_wrap(err, PB_KEYS_REFUSED, "the root cannot vouch for a new key for so long");
}

static enum pb_status make_certificate(const struct making *making, const struct pb_root_key *root, const char *name,
				       struct pb_err *err)
{
	struct pb_certify certify = { .root = root->key, .root_cert = root->cert, .role = making->terms->role,
				      .point = making->point, .issuer_code = making->before.code,
				      .issuer_name = making->before.name, .test = making->before.test,
				      .now = pb_clock_now(making->terms->clock) };
	uint8_t pem[PB_X509_PEM_MAX];
	struct pb_x509 *cert = NULL;
	enum pb_status s = pb_new_keys_certify(&certify, &cert, err);

	if (s == PB_OK)
		s = check_life(making, cert, err);
	if (s == PB_OK)
		s = pb_key_file_write(making->public_fd, name, PB_KEY_FILE_PUBLIC, pb_view(pem, pb_x509_to_pem(cert, pem)), err);
	pb_x509_destroy(cert);
	return s;
}

static enum pb_status certify(struct making *making, const struct pb_root_key *root, struct pb_successor *ret_successor,
			      struct pb_err *err)
{
	char name[PB_KEY_DIR_CERTIFICATE_NAME];
	enum pb_status s = PB_OK;

	*ret_successor = (struct pb_successor){ .number = making->number, .resumed = making->resumed };
	pb_p256_kid(making->point, ret_successor->kid);
	pb_key_dir_certificate_name(making->terms->role, ret_successor->kid, name);
	if (faccessat(making->public_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		s = make_certificate(making, root, name, err);
	return s;
}

enum pb_status pb_succession_prepare(const struct pb_succession *succession, struct pb_successor *ret_successor,
				     struct pb_err *err)
{
	struct making making = { .terms = succession, .dir_fd = -1, .public_fd = -1 };
	struct pb_root_key root = { 0 };
	struct pb_successor successor;
	enum pb_status s = open_folders(&making, err);

	/* Nothing is begun with a root that cannot finish it. */
	if (s == PB_OK)
		s = pb_root_key_open(succession->root_file, succession->root_passphrase, &making.roots, &root, err);
	if (s == PB_OK)
		s = read_before(&making, err);
	if (s == PB_OK)
		s = choose_number(&making, err);
	if (s == PB_OK)
		s = make_key(&making, err);
	if (s == PB_OK)
		s = certify(&making, &root, &successor, err);
	pb_root_key_finish(&root);
	close_folders(&making);
	if (s == PB_OK)
		*ret_successor = successor;
	return s;
}
