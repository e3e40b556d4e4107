/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening a key directory, and signing.  Sessions with cards are keystore_card.c.
 */
#include "keys/keystore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "keys/crypto/hash.h"
#include "keys/crypto/pkcs8.h"
#include "keys/crypto/sealed.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/keystore_inside.h"

/* Where a store is being opened from, and with what. */
struct opening {
	int dir_fd, public_fd;
	const struct pb_secret *passphrase;
	uint8_t content[PB_KEY_FILE_MAX];
	size_t n;
};

static enum pb_status open_folders(const char *dir, struct opening *ret_opening, struct pb_err *err)
{
	struct stat st;

	ret_opening->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret_opening->dir_fd < 0 || fstat(ret_opening->dir_fd, &st) != 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s", dir);
	if ((st.st_mode & 022) != 0)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s: mode %04o lets others exchange the keys; chmod 700 it", dir,
			       (unsigned)(st.st_mode & 07777));
	ret_opening->public_fd = openat(ret_opening->dir_fd, PB_KEY_DIR_PUBLIC, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret_opening->public_fd < 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s/" PB_KEY_DIR_PUBLIC, dir);
	return PB_OK;
}

static void close_folders(struct opening *opening)
{
	if (opening->dir_fd >= 0)
		(void)close(opening->dir_fd);
	if (opening->public_fd >= 0)
		(void)close(opening->public_fd);
}

static enum pb_status read_private(struct opening *opening, const char *name, struct pb_err *err)
{
	return pb_key_file_read(opening->dir_fd, name, PB_KEY_FILE_PRIVATE, opening->content, &opening->n, err);
}

static enum pb_status read_public(struct opening *opening, const char *name, struct pb_err *err)
{
	enum pb_status s = pb_key_file_read(opening->public_fd, name, PB_KEY_FILE_PUBLIC, opening->content,
					    &opening->n, err);

	return s == PB_NOT_FOUND ? pb_fail(err, PB_KEYS_UNAVAILABLE, PB_KEY_DIR_PUBLIC "/%s is missing", name) : s;
}

static enum pb_status load_certificate(struct opening *opening, const char *name, struct pb_x509 **ret_cert,
				       struct pb_err *err)
{
	enum pb_status s = read_public(opening, name, err);

	if (s != PB_OK)
		return s;
	if (pb_x509_from_pem(pb_view(opening->content, opening->n), ret_cert, err) != PB_OK)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, PB_KEY_DIR_PUBLIC "/%s: not a PEM certificate", name);
	return PB_OK;
}

/* The certificate of the private key that was opened, under the root beside it. */
static enum pb_status load_issuer_certificate(struct opening *opening, struct pb_keystore *store, struct pb_err *err)
{
	char name[PB_KEY_DIR_ISSUER_NAME];
	struct pb_x509 *root = NULL, *issuer = NULL;
	uint8_t point[PB_P256_POINT];
	enum pb_status s;

	pb_p256_private_point(store->issuer_key, point);
	pb_p256_kid(point, store->kid);
	pb_key_dir_issuer_name(store->kid, name);
	s = load_certificate(opening, PB_KEY_DIR_PUBLIC_ROOT, &root, err);
	if (s == PB_OK)
		s = load_certificate(opening, name, &issuer, err);
	if (s == PB_OK && (pb_x509_read_issuer(issuer, &store->issuer, err) != PB_OK ||
			   pb_x509_verify(issuer, root, store->issuer.from, err) != PB_OK))
		s = pb_wrap(err, PB_KEYS_UNAVAILABLE, PB_KEY_DIR_PUBLIC "/%s", name);
	if (s == PB_OK && (!pb_issuer_code_valid(store->issuer.code) ||
			   !pb_view_equal(PB_VIEW(store->issuer.point), PB_VIEW(point))))
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, PB_KEY_DIR_PUBLIC "/%s does not belong to " PB_KEY_DIR_ISSUER, name);
	pb_x509_destroy(root);
	pb_x509_destroy(issuer);
	return s;
}

static enum pb_status load_issuer(struct opening *opening, struct pb_keystore *store, struct pb_err *err)
{
	enum pb_status s = read_private(opening, PB_KEY_DIR_ISSUER, err);

	if (s != PB_OK)
		return s;
	s = pb_pkcs8_open_p256(pb_view(opening->content, opening->n), opening->passphrase, &store->issuer_key, err);
	if (s != PB_OK)
		return pb_wrap(err, s, PB_KEY_DIR_ISSUER);
	return load_issuer_certificate(opening, store, err);
}

static enum pb_status load_checkpoint(struct opening *opening, struct pb_keystore *store, struct pb_err *err)
{
	uint8_t own[PB_ED25519_PUBLIC], written[PB_ED25519_PUBLIC];
	enum pb_status s = read_private(opening, PB_KEY_DIR_CHECKPOINT, err);

	if (s != PB_OK)
		return s;
	s = pb_pkcs8_open_ed25519(pb_view(opening->content, opening->n), opening->passphrase, &store->checkpoint, err);
	if (s != PB_OK)
		return pb_wrap(err, s, PB_KEY_DIR_CHECKPOINT);
	s = read_public(opening, PB_KEY_DIR_PUBLIC_CHECKPOINT, err);
	if (s != PB_OK)
		return s;
	pb_ed25519_public(store->checkpoint, own);
	if (!pb_ed25519_public_from_pem(pb_view(opening->content, opening->n), written) ||
	    !pb_view_equal(PB_VIEW(own), PB_VIEW(written)))
		return pb_fail(err, PB_KEYS_UNAVAILABLE, PB_KEY_DIR_PUBLIC "/" PB_KEY_DIR_PUBLIC_CHECKPOINT
			       " does not belong to " PB_KEY_DIR_CHECKPOINT);
	return PB_OK;
}

static enum pb_status load_sealed(struct opening *opening, const char *file, const char *purpose, size_t n,
				  struct pb_secret *ret_secret, struct pb_err *err)
{
	enum pb_status s = read_private(opening, file, err);

	if (s != PB_OK)
		return s;
	s = pb_unseal(purpose, pb_view(opening->content, opening->n), opening->passphrase, ret_secret, err);
	if (s != PB_OK)
		return pb_wrap(err, s, "%s", file);
	if (ret_secret->n != n)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s: a secret of %zu bytes, not %zu", file, ret_secret->n, n);
	return PB_OK;
}

static enum pb_status load_all(struct opening *opening, struct pb_keystore *store, struct pb_err *err)
{
	enum pb_status s = load_issuer(opening, store, err);

	if (s == PB_OK)
		s = load_checkpoint(opening, store, err);
	if (s == PB_OK)
		s = load_sealed(opening, PB_KEY_DIR_MASTER, pb_sealed_purpose(PB_SEALED_MASTER, store->issuer.test),
				PB_CARD_KEY_LEN, &store->master, err);
	if (s == PB_OK)
		s = load_sealed(opening, PB_KEY_DIR_PSEUDONYM, pb_sealed_purpose(PB_SEALED_PSEUDONYM, store->issuer.test),
				PB_PSEUDONYM_KEY_LEN, &store->pseudonym, err);
	return s;
}

enum pb_status pb_keystore_open(const char *dir, const struct pb_secret *passphrase,
				const struct pb_keystore_options *options, struct pb_keystore **ret_store,
				struct pb_err *err)
{
	struct pb_keystore *store = calloc(1, sizeof(*store));
	struct opening opening = { .dir_fd = -1, .public_fd = -1, .passphrase = passphrase };
	enum pb_status s;

	if (store == NULL)
		return pb_fail(err, PB_NO_MEMORY, "key store");
	store->clock = options != NULL && options->clock != NULL ? options->clock : &pb_clock_system;
	store->allow_factory_keys = options != NULL && options->allow_factory_keys;
	s = open_folders(dir, &opening, err);
	if (s == PB_OK)
		s = load_all(&opening, store, err);
	close_folders(&opening);
	if (s != PB_OK) {
		pb_keystore_close(store);
		return s;
	}
	*ret_store = store;
	return PB_OK;
}

void pb_keystore_close(struct pb_keystore *store)
{
	if (store == NULL)
		return;
	if (store->remote != NULL)
		store->remote->close(store->remote_ctx);
	pb_p256_private_destroy(store->issuer_key);
	pb_ed25519_private_destroy(store->checkpoint);
	pb_wipe(store, sizeof(*store));
	free(store);
}

bool pb_keystore_is_test(const struct pb_keystore *store)
{
	return store->issuer.test;
}

const char *pb_keystore_issuer_code(const struct pb_keystore *store)
{
	return store->issuer.code;
}

const char *pb_keystore_issuer_name(const struct pb_keystore *store)
{
	return store->issuer.name;
}

void pb_keystore_issuer_kid(const struct pb_keystore *store, uint8_t ret_kid[static PB_ISSUER_KID_LEN])
{
	memcpy(ret_kid, store->kid, PB_ISSUER_KID_LEN);
}

/* RFC 9052 4.4: array of 4, beginning with the text "Signature1".  It cannot be read as a note, a
 * certificate or a challenge, so no such bytes get the issuer's signature by mistake. */
static bool is_sig_structure(struct pb_view bytes)
{
	static const uint8_t head[] = { 0x84, 0x6A, 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', '1' };

	return bytes.n > sizeof(head) && pb_view_equal(pb_view(bytes.p, sizeof(head)), PB_VIEW(head));
}

enum pb_status pb_keystore_sign_credential(const struct pb_keystore *store, const struct pb_signing_order *order,
					   struct pb_view sig_structure, uint8_t ret_sig[static 64], struct pb_err *err)
{
	int64_t now = pb_clock_now(store->clock);

	/* Who holds the keys in his own memory has nobody to account to: the order is for the other. */
	if (store->remote != NULL)
		return store->remote->sign_credential(store->remote_ctx, order, sig_structure, ret_sig, err);
	if (!is_sig_structure(sig_structure))
		return pb_fail(err, PB_KEYS_REFUSED, "the issuer key signs COSE signature structures only");
	if (now < store->issuer.from || now > store->issuer.signs_until)
		return pb_fail(err, PB_KEYS_REFUSED, "the signing period of issuer %s %s", store->issuer.code,
			       now < store->issuer.from ? "has not begun" : "is over; a new issuer key is due");
	pb_p256_sign(store->issuer_key, sig_structure, ret_sig);
	return PB_OK;
}

enum pb_status pb_keystore_sign_checkpoint(const struct pb_keystore *store, struct pb_view note_text,
					   uint8_t ret_sig[static 64], struct pb_err *err)
{
	if (store->remote != NULL)
		return store->remote->sign_checkpoint(store->remote_ctx, note_text, ret_sig, err);
	if (note_text.n == 0 || note_text.p[note_text.n - 1] != '\n' || !pb_text_valid(note_text))
		return pb_fail(err, PB_KEYS_REFUSED, "the checkpoint key signs the text of notes only");
	pb_ed25519_sign(store->checkpoint, note_text, ret_sig);
	return PB_OK;
}

void pb_keystore_checkpoint_public(const struct pb_keystore *store, uint8_t ret_public[static 32])
{
	if (store->remote != NULL)
		memcpy(ret_public, store->remote_checkpoint, sizeof(store->remote_checkpoint));
	else
		pb_ed25519_public(store->checkpoint, ret_public);
}

enum pb_status pb_keystore_pseudonym(const struct pb_keystore *store, struct pb_view uid,
				     uint8_t ret_pseudonym[static PB_PSEUDONYM_LEN], struct pb_err *err)
{
	uint8_t mac[PB_SHA256_LEN];

	if (uid.n > PB_NAMED_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "a name of %zu bytes has no pseudonym", uid.n);
	if (store->remote != NULL)
		return store->remote->pseudonym(store->remote_ctx, uid, ret_pseudonym, err);
	pb_hmac_sha256(pb_secret_view(&store->pseudonym), uid, mac);
	memcpy(ret_pseudonym, mac, PB_PSEUDONYM_LEN);
	return PB_OK;
}
