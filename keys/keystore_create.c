/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making a key directory.  It grows under a temporary name beside its place and is renamed when every file
 * in it is durable, so that a crash leaves nothing that looks like keys.
 */
#include "keys/keystore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/calendar.h"
#include "keys/crypto/pkcs8.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/keystore_inside.h"
#include "keys/new_keys.h"

enum { PATH_ROOM = 4096 };

/* A directory while it grows. */
struct place {
	int dir_fd, public_fd;
	const struct pb_new_keys *keys;
	const struct pb_secret *passphrase;
	bool test;
};

static const char *const root_names[PB_NEW_ROOT_COUNT] = { PB_KEY_DIR_ROOT, PB_KEY_DIR_ROOT_SPARE };
static const char *const root_certificate_names[PB_NEW_ROOT_COUNT] = { PB_KEY_DIR_PUBLIC_ROOT, PB_KEY_DIR_PUBLIC_ROOT_SPARE };

static void certificate_name(const struct pb_new_keys *keys, enum pb_key_role role,
			     char ret_name[static PB_KEY_DIR_CERTIFICATE_NAME])
{
	uint8_t kid[PB_ISSUER_KID_LEN];

	pb_p256_kid(keys->points[role], kid);
	pb_key_dir_certificate_name(role, kid, ret_name);
}

static enum pb_status write_certificate(const struct place *place, const char *name, const struct pb_x509 *cert,
					struct pb_err *err)
{
	uint8_t pem[PB_X509_PEM_MAX];
	size_t n = pb_x509_to_pem(cert, pem);

	return pb_key_file_write(place->public_fd, name, PB_KEY_FILE_PUBLIC, pb_view(pem, n), err);
}

static enum pb_status write_public(const struct place *place, struct pb_err *err)
{
	uint8_t pem[PB_ED25519_PEM_MAX];
	enum pb_status s = PB_OK;
	size_t n;

	for (size_t i = 0; i < PB_NEW_ROOT_COUNT && s == PB_OK; i++)
		s = write_certificate(place, root_certificate_names[i], place->keys->root_certs[i], err);
	if (s == PB_OK)
		s = write_certificate(place, PB_KEY_DIR_PUBLIC_BACKUP, place->keys->backup_cert, err);
	for (enum pb_key_role role = 0; role < PB_ROLE_CERTIFIED_COUNT && s == PB_OK; role++) {
		char name[PB_KEY_DIR_CERTIFICATE_NAME];

		certificate_name(place->keys, role, name);
		s = write_certificate(place, name, place->keys->certs[role], err);
	}
	if (s != PB_OK)
		return s;
	n = pb_ed25519_public_to_pem(place->keys->checkpoint_public, pem);
	return pb_key_file_write(place->public_fd, PB_KEY_DIR_PUBLIC_CHECKPOINT, PB_KEY_FILE_PUBLIC, pb_view(pem, n), err);
}

static enum pb_status write_key(const struct place *place, const char *stem, struct pb_view content, struct pb_err *err)
{
	char name[PB_KEY_DIR_KEY_NAME];

	pb_key_dir_key_name(stem, name);
	return pb_key_file_write(place->dir_fd, name, PB_KEY_FILE_PRIVATE, content, err);
}

static enum pb_status write_p256(const struct place *place, const char *stem, const struct pb_p256_private *key,
				 struct pb_err *err)
{
	uint8_t text[PB_PKCS8_MAX];
	size_t n = pb_pkcs8_seal_p256(key, place->passphrase, text);

	return write_key(place, stem, pb_view(text, n), err);
}

static enum pb_status write_sealed(const struct place *place, const char *stem, const struct pb_secret *secret,
				   struct pb_err *err)
{
	return pb_keystore_write_sealed(place->dir_fd, stem, place->test, secret, place->passphrase, err);
}

static enum pb_status write_masters(const struct place *place, struct pb_err *err)
{
	enum pb_status s = PB_OK;

	for (enum pb_master_family family = 0; family < PB_MASTER_FAMILY_COUNT && s == PB_OK; family++) {
		char stem[PB_MASTER_NAME];

		if (!pb_master_family_row(family)->from_start)
			continue;
		pb_master_name(family, pb_master_family_row(family)->first, stem);
		s = write_sealed(place, stem, &place->keys->masters[family], err);
	}
	return s;
}

static enum pb_status write_checkpoint(const struct place *place, struct pb_err *err)
{
	uint8_t text[PB_PKCS8_MAX];
	size_t n = pb_pkcs8_seal_ed25519(place->keys->checkpoint, place->passphrase, text);

	return write_key(place, pb_key_role_row(PB_ROLE_CHECKPOINT)->name, pb_view(text, n), err);
}

static enum pb_status write_role(const struct place *place, enum pb_key_role role, struct pb_err *err)
{
	const struct pb_new_keys *keys = place->keys;

	switch (pb_key_role_row(role)->algorithm) {
	case PB_KEY_P256:
		return write_p256(place, pb_key_role_row(role)->name, keys->signers[role], err);
	case PB_KEY_ED25519:
		return write_checkpoint(place, err);
	case PB_KEY_AES_128:
		return write_masters(place, err);
	case PB_KEY_HMAC_SHA256:
		return write_sealed(place, pb_key_role_row(role)->name, &keys->pseudonym, err);
	}
	PB_BUG("a key role without a file");
}

static enum pb_status write_private(const struct place *place, struct pb_err *err)
{
	const struct pb_new_keys *keys = place->keys;
	enum pb_status s = PB_OK;

	for (size_t i = 0; i < PB_NEW_ROOT_COUNT && s == PB_OK; i++)
		s = write_p256(place, root_names[i], keys->roots[i], err);
	if (s == PB_OK)
		s = write_p256(place, PB_KEY_DIR_BACKUP, keys->backup, err);
	for (enum pb_key_role role = 0; role < PB_ROLE_COUNT && s == PB_OK; role++)
		if (!keys->is_in_token[role] && !pb_key_role_row(role)->on_demand)
			s = write_role(place, role, err);
	return s;
}

static enum pb_status write_all(struct place *place, const char *dir, struct pb_err *err)
{
	enum pb_status s;

	place->public_fd = -1;
	place->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place->dir_fd >= 0 && mkdirat(place->dir_fd, PB_KEY_DIR_PUBLIC, 0755) == 0)
		place->public_fd = openat(place->dir_fd, PB_KEY_DIR_PUBLIC, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place->public_fd < 0)
		s = pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", dir);
	else
		s = write_public(place, err);
	if (s == PB_OK)
		s = write_private(place, err);
	if (place->public_fd >= 0)
		(void)close(place->public_fd);
	if (place->dir_fd >= 0)
		(void)close(place->dir_fd);
	return s;
}

static void remove_named(const char *dir, const char *name)
{
	char path[PATH_ROOM + 64];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	(void)unlink(path);
}

static void remove_key(const char *dir, const char *stem)
{
	char name[PB_KEY_DIR_KEY_NAME];

	pb_key_dir_key_name(stem, name);
	remove_named(dir, name);
}

/* Only names that this file has given: nothing is searched, so nothing else can be removed. */
static void remove_half_made(const char *dir, const struct pb_new_keys *keys)
{
	char public[PATH_ROOM + 16];

	(void)snprintf(public, sizeof(public), "%s/" PB_KEY_DIR_PUBLIC, dir);
	for (size_t i = 0; i < PB_NEW_ROOT_COUNT; i++) {
		remove_key(dir, root_names[i]);
		remove_named(public, root_certificate_names[i]);
	}
	remove_key(dir, PB_KEY_DIR_BACKUP);
	remove_named(public, PB_KEY_DIR_PUBLIC_BACKUP);
	for (enum pb_key_role role = 0; role < PB_ROLE_COUNT; role++)
		remove_key(dir, pb_key_role_row(role)->name);
	for (enum pb_master_family family = 0; family < PB_MASTER_FAMILY_COUNT; family++) {
		char stem[PB_MASTER_NAME];

		pb_master_name(family, pb_master_family_row(family)->first, stem);
		remove_key(dir, stem);
	}
	for (enum pb_key_role role = 0; role < PB_ROLE_CERTIFIED_COUNT; role++) {
		char name[PB_KEY_DIR_CERTIFICATE_NAME];

		certificate_name(keys, role, name);
		remove_named(public, name);
	}
	remove_named(public, PB_KEY_DIR_PUBLIC_CHECKPOINT);
	(void)rmdir(public);
	(void)rmdir(dir);
}

static enum pb_status sync_parent(const char *dir, struct pb_err *err)
{
	char parent[PATH_ROOM];
	char *slash;
	int fd;

	(void)snprintf(parent, sizeof(parent), "%s", dir);
	slash = strrchr(parent, '/');
	if (slash == NULL)
		(void)snprintf(parent, sizeof(parent), ".");
	else
		slash[slash == parent] = '\0';
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0) {
		enum pb_status s = pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", parent);

		if (fd >= 0)
			(void)close(fd);
		return s;
	}
	(void)close(fd);
	return PB_OK;
}

/* rename(2) replaces an empty directory and refuses any other. */
static enum pb_status put_in_place(struct place *place, const char *dir, struct pb_err *err)
{
	char beside[PATH_ROOM];
	enum pb_status s;

	if (snprintf(beside, sizeof(beside), "%s.XXXXXX", dir) >= (int)sizeof(beside))
		return pb_fail(err, PB_INPUT_INVALID, "the name of the key folder is too long");
	if (mkdtemp(beside) == NULL)
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", dir);
	s = write_all(place, beside, err);
	if (s == PB_OK && rename(beside, dir) != 0)
		s = errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR ?
			    pb_fail(err, PB_CONFLICT, "%s exists and is not an empty folder", dir) :
			    pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", dir);
	if (s != PB_OK) {
		remove_half_made(beside, place->keys);
		return s;
	}
	return sync_parent(dir, err);
}

static bool clock_is_sane(const struct pb_clock *clock)
{
	struct pb_date date = pb_date_of_instant(pb_clock_now(clock), 0);

	return date.year >= 2020 && date.year < 2100;
}

static enum pb_status check_terms(const struct pb_secret *passphrase, const struct pb_keystore_terms *terms,
				  const struct pb_clock *clock, struct pb_err *err)
{
	if (passphrase->n == 0)
		return pb_fail(err, PB_INPUT_INVALID, "the passphrase is empty");
	if (!clock_is_sane(clock))
		return pb_fail(err, PB_INPUT_INVALID, "the clock is not in this century: certificates would be void");
	if (!pb_issuer_code_valid(terms->issuer_code))
		return pb_fail(err, PB_INPUT_INVALID, "issuer code: 2 to 16 of A-Z, 0-9 and hyphen");
	return PB_OK;
}

enum pb_status pb_keystore_create(const char *dir, const struct pb_secret *passphrase,
				  const struct pb_keystore_terms *terms, const struct pb_clock *clock, struct pb_err *err)
{
	struct pb_new_keys keys = { 0 };
	struct place place = { .keys = &keys, .passphrase = passphrase, .test = terms->test };
	char trimmed[PATH_ROOM];
	size_t n = strlen(dir);
	enum pb_status s;

	while (n > 1 && dir[n - 1] == '/')
		n--;
	if (n == 0 || n >= sizeof(trimmed))
		return pb_fail(err, PB_INPUT_INVALID, "the name of the key folder has %zu bytes", n);
	(void)snprintf(trimmed, sizeof(trimmed), "%.*s", (int)n, dir);
	s = check_terms(passphrase, terms, clock, err);
	if (s == PB_OK)
		s = pb_new_keys_make(terms, pb_clock_now(clock), &keys, err);
	if (s == PB_OK)
		s = put_in_place(&place, trimmed, err);
	if (s == PB_OK)
		pb_new_keys_keep(&keys);
	pb_new_keys_finish(&keys);
	return s;
}

enum pb_status pb_keystore_create_test(const char *dir, const struct pb_secret *passphrase, const char *issuer_code,
				       const char *issuer_name, const struct pb_clock *clock, struct pb_err *err)
{
	const struct pb_keystore_terms terms = { .issuer_code = issuer_code, .issuer_name = issuer_name, .test = true };

	return pb_keystore_create(dir, passphrase, &terms, clock, err);
}
