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

#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/keystore_inside.h"
#include "keys/login.h"
#include "keys/roots.h"

/* Where a store is being opened from. */
struct opening {
	int dir_fd, public_fd;
	struct pb_roots roots;
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
	pb_roots_finish(&opening->roots);
	if (opening->dir_fd >= 0)
		(void)close(opening->dir_fd);
	if (opening->public_fd >= 0)
		(void)close(opening->public_fd);
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

/* The certificate of the key at `point`, under a root beside it, for that role and no other. */
static enum pb_status read_certificate(struct opening *opening, enum pb_key_role role, const uint8_t point[static PB_P256_POINT],
				       struct pb_x509_issuer *ret_read, struct pb_err *err)
{
	char name[PB_KEY_DIR_CERTIFICATE_NAME];
	uint8_t kid[PB_ISSUER_KID_LEN];
	struct pb_x509 *cert = NULL;
	enum pb_status s;

	pb_p256_kid(point, kid);
	pb_key_dir_certificate_name(role, kid, name);
	s = load_certificate(opening, name, &cert, err);
	if (s != PB_OK)
		return s;
	if (pb_x509_read_signer(cert, pb_key_role_row(role)->purpose, ret_read, err) != PB_OK ||
	    pb_roots_verify(&opening->roots, cert, ret_read->from, err) != PB_OK)
		s = pb_wrap(err, PB_KEYS_UNAVAILABLE, PB_KEY_DIR_PUBLIC "/%s", name);
	else if (!pb_issuer_code_valid(ret_read->code) || !pb_view_equal(PB_VIEW(ret_read->point), pb_view(point, PB_P256_POINT)))
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, PB_KEY_DIR_PUBLIC "/%s does not belong to the %s key", name,
			    pb_key_role_row(role)->name);
	pb_x509_destroy(cert);
	return s;
}

static enum pb_status load_certified(struct opening *opening, enum pb_key_role role, struct pb_keystore *store,
				     struct pb_err *err)
{
	uint8_t point[PB_P256_POINT];
	enum pb_status s = store->keys.ops->p256_point(store->keys.ctx, role, point, err);

	if (s == PB_NOT_FOUND && !pb_key_role_row(role)->required) {
		pb_err_clear(err);
		return PB_OK;
	}
	if (s == PB_OK)
		s = read_certificate(opening, role, point, &store->certified[role], err);
	if (s == PB_OK && role == PB_ROLE_ISSUER)
		pb_p256_kid(point, store->kid);
	return s;
}

static enum pb_status load_checkpoint(struct opening *opening, struct pb_keystore *store, struct pb_err *err)
{
	uint8_t written[PB_ED25519_PUBLIC];
	enum pb_status s = store->keys.ops->ed25519_public(store->keys.ctx, PB_ROLE_CHECKPOINT, store->checkpoint, err);

	if (s == PB_OK)
		s = read_public(opening, PB_KEY_DIR_PUBLIC_CHECKPOINT, err);
	if (s != PB_OK)
		return s;
	if (!pb_ed25519_public_from_pem(pb_view(opening->content, opening->n), written) ||
	    !pb_view_equal(PB_VIEW(store->checkpoint), PB_VIEW(written)))
		return pb_fail(err, PB_KEYS_UNAVAILABLE, PB_KEY_DIR_PUBLIC "/" PB_KEY_DIR_PUBLIC_CHECKPOINT
			       " does not belong to the checkpoint key");
	return PB_OK;
}

static enum pb_status load_witness(struct pb_keystore *store, struct pb_err *err)
{
	enum pb_status s = store->keys.ops->ed25519_public(store->keys.ctx, PB_ROLE_WITNESS, store->witness, err);

	store->is_witness = s == PB_OK;
	if (s != PB_NOT_FOUND)
		return s;
	pb_err_clear(err);
	return PB_OK;
}

/* What is public about the keys, held against the keys. */
static enum pb_status load_public(struct opening *opening, struct pb_keystore *store, struct pb_err *err)
{
	enum pb_status s = pb_roots_load(opening->public_fd, &opening->roots, err);

	if (s != PB_OK)
		return pb_wrap(err, s, PB_KEY_DIR_PUBLIC);
	for (enum pb_key_role role = 0; role < PB_ROLE_CERTIFIED_COUNT && s == PB_OK; role++)
		s = load_certified(opening, role, store, err);
	if (s == PB_OK)
		s = load_checkpoint(opening, store, err);
	if (s == PB_OK)
		s = load_witness(store, err);
	if (s == PB_OK)
		s = store->keys.ops->generations(store->keys.ctx, &store->generations, err);
	if (s == PB_OK && store->keys.test != store->certified[PB_ROLE_ISSUER].test)
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "the issuer certificate is %s, and the secret keys are %s",
			    store->keys.test ? "real" : "for tests", store->keys.test ? "for tests" : "real");
	return s;
}

static enum pb_status open_backend(struct opening *opening, const struct pb_secret *passphrase,
				   const struct pb_keystore_options *options, struct pb_key_backend *ret_backend, struct pb_err *err)
{
	enum { EVERY_ROLE = (1u << PB_ROLE_COUNT) - 1 };

	if (options != NULL && options->token != NULL)
		return pb_backend_pkcs11_open(options->token, opening->dir_fd, passphrase, ret_backend, err);
	return pb_backend_file_open(opening->dir_fd, passphrase, EVERY_ROLE, ret_backend, err);
}

enum pb_status pb_keystore_open(const char *dir, const struct pb_secret *passphrase,
				const struct pb_keystore_options *options, struct pb_keystore **ret_store,
				struct pb_err *err)
{
	struct pb_keystore *store = calloc(1, sizeof(*store));
	struct opening opening = { .dir_fd = -1, .public_fd = -1 };
	enum pb_status s;

	if (store == NULL)
		return pb_fail(err, PB_NO_MEMORY, "key store");
	store->clock = options != NULL && options->clock != NULL ? options->clock : &pb_clock_system;
	store->allow_factory_keys = options != NULL && options->allow_factory_keys;
	store->logins = pb_logins_create();
	s = store->logins != NULL ? open_folders(dir, &opening, err) : pb_fail(err, PB_NO_MEMORY, "key store");
	if (s == PB_OK)
		s = open_backend(&opening, passphrase, options, &store->keys, err);
	if (s == PB_OK)
		s = load_public(&opening, store, err);
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
	if (store->keys.ops != NULL)
		store->keys.ops->destroy(store->keys.ctx);
	pb_logins_destroy(store->logins);
	pb_wipe(store, sizeof(*store));
	free(store);
}

static const struct pb_x509_issuer *issuer_of(const struct pb_keystore *store)
{
	return &store->certified[PB_ROLE_ISSUER];
}

bool pb_keystore_is_test(const struct pb_keystore *store)
{
	return issuer_of(store)->test;
}

const char *pb_keystore_issuer_code(const struct pb_keystore *store)
{
	return issuer_of(store)->code;
}

const char *pb_keystore_issuer_name(const struct pb_keystore *store)
{
	return issuer_of(store)->name;
}

void pb_keystore_issuer_kid(const struct pb_keystore *store, uint8_t ret_kid[static PB_ISSUER_KID_LEN])
{
	memcpy(ret_kid, store->kid, PB_ISSUER_KID_LEN);
}

/* What a certified key may sign, and when. */
static enum pb_status sign_certified(const struct pb_keystore *store, enum pb_key_role role, struct pb_view sig_structure,
				     uint8_t ret_sig[static 64], struct pb_err *err)
{
	const struct pb_x509_issuer *certified = &store->certified[role];
	const char *name = pb_key_role_row(role)->name;
	int64_t now = pb_clock_now(store->clock);
	enum pb_status s;

	if (certified->code[0] == '\0')
		return pb_fail(err, PB_NOT_FOUND, "this office has no %s key", name);
	s = pb_key_role_check(role, sig_structure, err);
	if (s != PB_OK)
		return s;
	if (now < certified->from || now > certified->signs_until)
		return pb_fail(err, PB_KEYS_REFUSED, "the signing period of the %s key of %s %s", name, certified->code,
			       now < certified->from ? "has not begun" : "is over; a new key is due");
	return store->keys.ops->p256_sign(store->keys.ctx, role, sig_structure, ret_sig, err);
}

enum pb_status pb_keystore_sign_credentials(const struct pb_keystore *store, const struct pb_signing_order *order,
					    const struct pb_view *sig_structures, size_t count,
					    uint8_t (*ret_sigs)[PB_ES256_LEN], struct pb_err *err)
{
	enum pb_status s = PB_OK;

	if (count == 0 || count > PB_STATEMENTS_MAX)
		PB_BUG("one statement or two");
	/* Who holds the keys in his own memory has nobody to account to: the order is for the other. */
	if (store->remote != NULL)
		return store->remote->sign_credentials(store->remote_ctx, order, sig_structures, count, ret_sigs, err);
	for (size_t i = 0; i < count && s == PB_OK; i++)
		s = sign_certified(store, PB_ROLE_ISSUER, sig_structures[i], ret_sigs[i], err);
	return s;
}

static enum pb_status sign_list(const struct pb_keystore *store, enum pb_key_role role, struct pb_view sig_structure,
				uint8_t ret_sig[static 64], struct pb_err *err)
{
	if (store->remote != NULL)
		return store->remote->sign_list(store->remote_ctx, role, sig_structure, ret_sig, err);
	return sign_certified(store, role, sig_structure, ret_sig, err);
}

enum pb_status pb_keystore_sign_status_list(const struct pb_keystore *store, struct pb_view sig_structure,
					    uint8_t ret_sig[static 64], struct pb_err *err)
{
	return sign_list(store, PB_ROLE_STATUS_LIST, sig_structure, ret_sig, err);
}

enum pb_status pb_keystore_sign_trust_list(const struct pb_keystore *store, struct pb_view sig_structure,
					   uint8_t ret_sig[static 64], struct pb_err *err)
{
	return sign_list(store, PB_ROLE_TRUST_LIST, sig_structure, ret_sig, err);
}

bool pb_keystore_certified_point(const struct pb_keystore *store, enum pb_key_role role,
				 uint8_t ret_point[static PB_P256_POINT])
{
	if (role >= PB_ROLE_CERTIFIED_COUNT || store->certified[role].point[0] == 0)
		return false;
	memcpy(ret_point, store->certified[role].point, PB_P256_POINT);
	return true;
}

bool pb_keystore_certified_dates(const struct pb_keystore *store, enum pb_key_role role, struct pb_certified_dates *ret_dates)
{
	if (role >= PB_ROLE_CERTIFIED_COUNT || store->certified[role].point[0] == 0)
		return false;
	*ret_dates = (struct pb_certified_dates){ store->certified[role].from, store->certified[role].signs_until,
						  store->certified[role].until };
	return true;
}

enum pb_status pb_keystore_sign_checkpoint(const struct pb_keystore *store, struct pb_view note_text,
					   uint8_t ret_sig[static 64], struct pb_err *err)
{
	enum pb_status s;

	if (store->remote != NULL)
		return store->remote->sign_checkpoint(store->remote_ctx, note_text, ret_sig, err);
	s = pb_key_role_check(PB_ROLE_CHECKPOINT, note_text, err);
	return s == PB_OK ? store->keys.ops->ed25519_sign(store->keys.ctx, PB_ROLE_CHECKPOINT, note_text, ret_sig, err) : s;
}

void pb_keystore_checkpoint_public(const struct pb_keystore *store, uint8_t ret_public[static 32])
{
	memcpy(ret_public, store->checkpoint, sizeof(store->checkpoint));
}

const struct pb_generations *pb_keystore_generations(const struct pb_keystore *store)
{
	return &store->generations;
}

uint8_t pb_keystore_current_kvn(const struct pb_keystore *store, enum pb_master_family family)
{
	const struct pb_generation *newest = pb_generation_current(&store->generations, family);

	return newest != NULL ? newest->kvn : 0;
}

enum pb_status pb_keystore_pseudonym(const struct pb_keystore *store, struct pb_view uid,
				     uint8_t ret_pseudonym[static PB_PSEUDONYM_LEN], struct pb_err *err)
{
	uint8_t mac[PB_SHA256_LEN];
	enum pb_status s;

	if (uid.n > PB_NAMED_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "a name of %zu bytes has no pseudonym", uid.n);
	if (store->remote != NULL)
		return store->remote->pseudonym(store->remote_ctx, uid, ret_pseudonym, err);
	s = store->keys.ops->pseudonym_mac(store->keys.ctx, uid, mac, err);
	if (s == PB_OK)
		memcpy(ret_pseudonym, mac, PB_PSEUDONYM_LEN);
	return s;
}
