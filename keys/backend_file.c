/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys in encrypted files: read once, at opening, then held in this process's memory.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "keys/backend.h"
#include "keys/crypto/pkcs8.h"
#include "keys/crypto/sealed.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/succession.h"

struct files {
	struct pb_p256_private *signers[PB_ROLE_CERTIFIED_COUNT]; /* NULL: not here */
	struct pb_ed25519_private *ed25519[PB_ROLE_COUNT]; /* the same */
	struct pb_secret masters[PB_MASTER_FAMILY_COUNT][PB_MASTER_KVNS]; /* empty: not here */
	struct pb_secret pseudonym;
};

/* Where keys are being opened from, and with what. */
struct opening {
	int dir_fd;
	const struct pb_secret *passphrase;
	uint8_t content[PB_KEY_FILE_MAX];
	size_t n;
	bool found;
	bool test, real; /* sealed secrets that said so */
};

static enum pb_status read_file(struct opening *opening, const char *stem, bool required,
				char ret_name[static PB_KEY_DIR_KEY_NAME], struct pb_err *err)
{
	pb_key_dir_key_name(stem, ret_name);
	opening->found = required || faccessat(opening->dir_fd, ret_name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	if (!opening->found)
		return PB_OK;
	return pb_key_file_read(opening->dir_fd, ret_name, PB_KEY_FILE_PRIVATE, opening->content, &opening->n, err);
}

static enum pb_status read_key(struct opening *opening, enum pb_key_role role, char ret_name[static PB_KEY_DIR_KEY_NAME],
			       struct pb_err *err)
{
	return read_file(opening, pb_key_role_row(role)->name, pb_key_role_row(role)->required, ret_name, err);
}

/* Of the keys that followed each other, the one that signs. */
static enum pb_status read_signer(struct opening *opening, enum pb_key_role role, char ret_name[static PB_KEY_DIR_KEY_NAME],
				  struct pb_err *err)
{
	char stem[PB_SUCCESSION_NAME];
	unsigned number;
	bool written;
	enum pb_status s = pb_succession_current(opening->dir_fd, role, &number, &written, err);

	if (s != PB_OK)
		return s;
	pb_succession_name(role, 2, stem);
	pb_key_dir_key_name(stem, ret_name);
	if (!written && faccessat(opening->dir_fd, ret_name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return pb_succession_lost(role, err);
	pb_succession_name(role, number, stem);
	return read_file(opening, stem, written || pb_key_role_row(role)->required, ret_name, err);
}

static enum pb_status load_signer(struct opening *opening, enum pb_key_role role, struct files *files, struct pb_err *err)
{
	char name[PB_KEY_DIR_KEY_NAME];
	enum pb_status s = read_signer(opening, role, name, err);

	if (s != PB_OK || !opening->found)
		return s;
	s = pb_pkcs8_open_p256(pb_view(opening->content, opening->n), opening->passphrase, &files->signers[role], err);
	return s == PB_OK ? PB_OK : pb_wrap(err, s, "%s", name);
}

static enum pb_status load_ed25519(struct opening *opening, enum pb_key_role role, struct files *files, struct pb_err *err)
{
	char name[PB_KEY_DIR_KEY_NAME];
	enum pb_status s = read_key(opening, role, name, err);

	if (s != PB_OK || !opening->found)
		return s;
	s = pb_pkcs8_open_ed25519(pb_view(opening->content, opening->n), opening->passphrase, &files->ed25519[role], err);
	return s == PB_OK ? PB_OK : pb_wrap(err, s, "%s", name);
}

/* The container names its purpose in clear, and authenticates it: which of the two it is costs no guess. */
static enum pb_status unseal(struct opening *opening, const char *stem, struct pb_secret *ret_secret, struct pb_err *err)
{
	struct pb_view sealed = pb_view(opening->content, opening->n);
	char purpose[PB_SEALED_PURPOSE_MAX];
	enum pb_status s;

	pb_sealed_purpose(stem, true, purpose);
	s = pb_unseal(purpose, sealed, opening->passphrase, ret_secret, err);
	if (s != PB_KEYS_UNAVAILABLE) {
		opening->test |= s == PB_OK;
		return s;
	}
	pb_sealed_purpose(stem, false, purpose);
	s = pb_unseal(purpose, sealed, opening->passphrase, ret_secret, err);
	opening->real |= s == PB_OK;
	return s;
}

static enum pb_status load_sealed(struct opening *opening, const char *stem, bool required, size_t n,
				  struct pb_secret *ret_secret, struct pb_err *err)
{
	char name[PB_KEY_DIR_KEY_NAME];
	enum pb_status s = read_file(opening, stem, required, name, err);

	if (s != PB_OK || !opening->found)
		return s;
	s = unseal(opening, stem, ret_secret, err);
	if (s != PB_OK)
		return pb_wrap(err, s, "%s", name);
	if (ret_secret->n != n)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s: a secret of %zu bytes, not %zu", name, ret_secret->n, n);
	return PB_OK;
}

/* Each generation there can be is asked for by its name; none at all of a family that there is from
 * the start is as bad as any missing key. */
static enum pb_status load_masters(struct opening *opening, enum pb_master_family family, struct files *files,
				   struct pb_err *err)
{
	const struct pb_master_family_row *row = pb_master_family_row(family);
	char stem[PB_MASTER_NAME];
	size_t found = 0;
	enum pb_status s = PB_OK;

	for (unsigned kvn = row->first; kvn <= row->last && s == PB_OK; kvn++) {
		pb_master_name(family, (uint8_t)kvn, stem);
		s = load_sealed(opening, stem, false, PB_CARD_KEY_LEN, &files->masters[family][kvn - row->first], err);
		found += opening->found;
	}
	if (s == PB_OK && found == 0 && row->from_start)
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "there is no master key of family %s", row->name);
	return s;
}

static enum pb_status load_every_master(struct opening *opening, struct files *files, struct pb_err *err)
{
	enum pb_status s = PB_OK;

	for (enum pb_master_family family = 0; family < PB_MASTER_FAMILY_COUNT && s == PB_OK; family++)
		s = load_masters(opening, family, files, err);
	return s;
}

static enum pb_status load(struct opening *opening, enum pb_key_role role, struct files *files, struct pb_err *err)
{
	switch (role) {
	case PB_ROLE_ISSUER:
	case PB_ROLE_STATUS_LIST:
	case PB_ROLE_TRUST_LIST:
		return load_signer(opening, role, files, err);
	case PB_ROLE_CHECKPOINT:
	case PB_ROLE_WITNESS:
		return load_ed25519(opening, role, files, err);
	case PB_ROLE_CARD_MASTER:
		return load_every_master(opening, files, err);
	case PB_ROLE_PSEUDONYM:
		return load_sealed(opening, pb_key_role_row(role)->name, true, PB_PSEUDONYM_KEY_LEN, &files->pseudonym, err);
	case PB_ROLE_COUNT:
		break;
	}
	PB_BUG("a key role without a file");
}

static enum pb_status p256_point(void *ctx, enum pb_key_role role, uint8_t ret_point[static PB_P256_POINT], struct pb_err *err)
{
	const struct files *files = ctx;

	if (files->signers[role] == NULL)
		return pb_fail(err, PB_NOT_FOUND, "no %s key", pb_key_role_row(role)->name);
	pb_p256_private_point(files->signers[role], ret_point);
	return PB_OK;
}

static enum pb_status p256_sign(void *ctx, enum pb_key_role role, struct pb_view message,
				uint8_t ret_sig[static PB_P256_SIG], struct pb_err *err)
{
	const struct files *files = ctx;

	(void)err;
	pb_p256_sign(files->signers[role], message, ret_sig);
	return PB_OK;
}

static enum pb_status ed25519_public(void *ctx, enum pb_key_role role, uint8_t ret_public[static PB_ED25519_PUBLIC],
				     struct pb_err *err)
{
	const struct files *files = ctx;

	if (files->ed25519[role] == NULL)
		return pb_fail(err, PB_NOT_FOUND, "no %s key", pb_key_role_row(role)->name);
	pb_ed25519_public(files->ed25519[role], ret_public);
	return PB_OK;
}

static enum pb_status ed25519_sign(void *ctx, enum pb_key_role role, struct pb_view message,
				   uint8_t ret_sig[static PB_ED25519_SIG], struct pb_err *err)
{
	const struct files *files = ctx;

	(void)err;
	pb_ed25519_sign(files->ed25519[role], message, ret_sig);
	return PB_OK;
}

static enum pb_status diversify(void *ctx, enum pb_master_family family, uint8_t kvn, struct pb_view input,
				struct pb_secret *ret_key, struct pb_err *err)
{
	const struct files *files = ctx;

	(void)err;
	pb_an10922_aes128(&files->masters[family][kvn - pb_master_family_row(family)->first], input, ret_key);
	return PB_OK;
}

static enum pb_status generations(void *ctx, struct pb_generations *ret_generations, struct pb_err *err)
{
	const struct files *files = ctx;
	struct pb_generations found = { .count = 0 };

	(void)err;
	for (enum pb_master_family family = 0; family < PB_MASTER_FAMILY_COUNT; family++)
		for (unsigned i = 0; i < PB_MASTER_KVNS; i++) {
			struct pb_generation *next = &found.list[found.count];

			if (files->masters[family][i].n == 0)
				continue;
			*next = (struct pb_generation){ family, (uint8_t)(pb_master_family_row(family)->first + i), { 0 } };
			pb_key_check_value(&files->masters[family][i], next->kcv);
			found.count++;
		}
	*ret_generations = found;
	return PB_OK;
}

static enum pb_status pseudonym_mac(void *ctx, struct pb_view message, uint8_t ret_mac[static PB_SHA256_LEN], struct pb_err *err)
{
	const struct files *files = ctx;

	(void)err;
	pb_hmac_sha256(pb_secret_view(&files->pseudonym), message, ret_mac);
	return PB_OK;
}

static void destroy(void *ctx)
{
	struct files *files = ctx;

	for (size_t i = 0; i < PB_ROLE_CERTIFIED_COUNT; i++)
		pb_p256_private_destroy(files->signers[i]);
	for (size_t i = 0; i < PB_ROLE_COUNT; i++)
		pb_ed25519_private_destroy(files->ed25519[i]);
	pb_wipe(files, sizeof(*files));
	free(files);
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

enum pb_status pb_backend_file_open(int dir_fd, const struct pb_secret *passphrase, unsigned roles,
				    struct pb_key_backend *ret_backend, struct pb_err *err)
{
	struct files *files = calloc(1, sizeof(*files));
	struct opening opening = { .dir_fd = dir_fd, .passphrase = passphrase };
	enum pb_status s = PB_OK;

	if (files == NULL)
		return pb_fail(err, PB_NO_MEMORY, "key files");
	for (enum pb_key_role role = 0; role < PB_ROLE_COUNT && s == PB_OK; role++)
		if ((roles & 1u << role) != 0)
			s = load(&opening, role, files, err);
	if (s == PB_OK && opening.test && opening.real)
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "some of the secrets are for tests and some are not");
	if (s != PB_OK) {
		destroy(files);
		return s;
	}
	*ret_backend = (struct pb_key_backend){ .ops = &ops, .ctx = files, .test = opening.test };
	return PB_OK;
}
