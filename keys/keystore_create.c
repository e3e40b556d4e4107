/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making a test key directory.  It grows under a temporary name beside its place and is renamed when every
 * file in it is durable, so that a crash leaves nothing that looks like keys.
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
#include "keys/crypto/hash.h"
#include "keys/crypto/pkcs8.h"
#include "keys/crypto/sealed.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/keystore_inside.h"

/* A card lives five years: a key signs for 13 months, and its certificate outlives the last card by one
 * month more than a year's leeway.  The root outlives two generations of issuers. */
enum { SIGNING_MONTHS = 13, ISSUER_MONTHS = 6 * 12 + 2, ROOT_MONTHS = 15 * 12 };
enum { PATH_ROOM = 4096 };

/* Everything of a new office that is not yet on disk. */
struct made {
	struct pb_p256_private *root, *issuer;
	struct pb_p256_public *issuer_public;
	struct pb_ed25519_private *checkpoint;
	struct pb_x509 *root_cert, *issuer_cert;
	struct pb_secret master, pseudonym;
};

static void made_finish(struct made *made)
{
	pb_p256_private_destroy(made->root);
	pb_p256_private_destroy(made->issuer);
	pb_p256_public_destroy(made->issuer_public);
	pb_ed25519_private_destroy(made->checkpoint);
	pb_x509_destroy(made->root_cert);
	pb_x509_destroy(made->issuer_cert);
	pb_secret_wipe(&made->master);
	pb_secret_wipe(&made->pseudonym);
}

/* The last second of the day before the same day of the month, that many months on. */
static int64_t months_after(int64_t from, int months)
{
	struct pb_date date = pb_date_of_instant(from, 0);

	date.month += months;
	date.year += (date.month - 1) / 12;
	date.month = (date.month - 1) % 12 + 1;
	while (date.day > 28 && !pb_date_valid(date)) /* 31 February is the 28th or 29th */
		date.day--;
	return pb_date_start(date, 0) - 1;
}

static bool clock_is_sane(const struct pb_clock *clock)
{
	struct pb_date date = pb_date_of_instant(pb_clock_now(clock), 0);

	return date.year >= 2020 && date.year < 2100;
}

static void random_secret(struct pb_secret *ret_secret, size_t n)
{
	uint8_t bytes[PB_SECRET_MAX];

	pb_random(bytes, n);
	pb_secret_set(ret_secret, bytes, n);
	pb_wipe(bytes, sizeof(bytes));
}

static enum pb_status make_keys(struct made *ret_made, struct pb_err *err)
{
	uint8_t point[PB_P256_POINT];

	ret_made->root = pb_p256_generate();
	ret_made->issuer = pb_p256_generate();
	ret_made->checkpoint = pb_ed25519_generate();
	random_secret(&ret_made->master, PB_CARD_KEY_LEN);
	random_secret(&ret_made->pseudonym, PB_PSEUDONYM_KEY_LEN);
	pb_p256_private_point(ret_made->issuer, point);
	return pb_p256_public_create(PB_VIEW(point), &ret_made->issuer_public, err);
}

static enum pb_status make_certificates(struct made *made, const char *code, const char *name, int64_t now,
					struct pb_err *err)
{
	char common_name[64];
	struct pb_x509_subject root = { .common_name = "Profbilet TEST root", .organisation = name };
	struct pb_x509_subject issuer = { .common_name = common_name, .organisation = name, .serial_number = code };
	struct pb_x509_issuer_terms terms = {
		.from = now,
		.signs_until = months_after(now, SIGNING_MONTHS),
		.until = months_after(now, ISSUER_MONTHS),
		.test = true,
	};
	enum pb_status s;

	(void)snprintf(common_name, sizeof(common_name), "Profbilet TEST issuer %s", code);
	s = pb_x509_make_root(made->root, &root, now, months_after(now, ROOT_MONTHS), &made->root_cert, err);
	if (s != PB_OK)
		return s;
	return pb_x509_make_issuer(made->root, made->root_cert, made->issuer_public, &issuer, &terms,
				   &made->issuer_cert, err);
}

static enum pb_status write_public(const struct made *made, int dir_fd, struct pb_err *err)
{
	uint8_t pem[PB_X509_PEM_MAX], point[PB_P256_POINT], kid[PB_ISSUER_KID_LEN], checkpoint[PB_ED25519_PUBLIC];
	char issuer_name[PB_KEY_DIR_ISSUER_NAME];
	enum pb_status s;
	size_t n;

	n = pb_x509_to_pem(made->root_cert, pem);
	s = pb_key_file_write(dir_fd, PB_KEY_DIR_PUBLIC_ROOT, PB_KEY_FILE_PUBLIC, pb_view(pem, n), err);
	if (s != PB_OK)
		return s;
	pb_p256_public_point(made->issuer_public, point);
	pb_p256_kid(point, kid);
	pb_key_dir_issuer_name(kid, issuer_name);
	n = pb_x509_to_pem(made->issuer_cert, pem);
	s = pb_key_file_write(dir_fd, issuer_name, PB_KEY_FILE_PUBLIC, pb_view(pem, n), err);
	if (s != PB_OK)
		return s;
	pb_ed25519_public(made->checkpoint, checkpoint);
	n = pb_ed25519_public_to_pem(checkpoint, pem);
	return pb_key_file_write(dir_fd, PB_KEY_DIR_PUBLIC_CHECKPOINT, PB_KEY_FILE_PUBLIC, pb_view(pem, n), err);
}

static enum pb_status write_sealed(int dir_fd, const char *file, enum pb_sealed_use use, const struct pb_secret *secret,
				   const struct pb_secret *passphrase, struct pb_err *err)
{
	uint8_t sealed[PB_SEALED_MAX];
	size_t n = pb_seal(pb_sealed_purpose(use, true), secret, passphrase, sealed);

	return pb_key_file_write(dir_fd, file, PB_KEY_FILE_PRIVATE, pb_view(sealed, n), err);
}

static enum pb_status write_private(const struct made *made, int dir_fd, const struct pb_secret *passphrase,
				    struct pb_err *err)
{
	uint8_t text[PB_PKCS8_MAX];
	enum pb_status s;
	size_t n;

	n = pb_pkcs8_seal_p256(made->root, passphrase, text);
	s = pb_key_file_write(dir_fd, PB_KEY_DIR_ROOT, PB_KEY_FILE_PRIVATE, pb_view(text, n), err);
	if (s != PB_OK)
		return s;
	n = pb_pkcs8_seal_p256(made->issuer, passphrase, text);
	s = pb_key_file_write(dir_fd, PB_KEY_DIR_ISSUER, PB_KEY_FILE_PRIVATE, pb_view(text, n), err);
	if (s != PB_OK)
		return s;
	n = pb_pkcs8_seal_ed25519(made->checkpoint, passphrase, text);
	s = pb_key_file_write(dir_fd, PB_KEY_DIR_CHECKPOINT, PB_KEY_FILE_PRIVATE, pb_view(text, n), err);
	if (s != PB_OK)
		return s;
	s = write_sealed(dir_fd, PB_KEY_DIR_MASTER, PB_SEALED_MASTER, &made->master, passphrase, err);
	if (s != PB_OK)
		return s;
	return write_sealed(dir_fd, PB_KEY_DIR_PSEUDONYM, PB_SEALED_PSEUDONYM, &made->pseudonym, passphrase, err);
}

static enum pb_status write_all(const struct made *made, const char *dir, const struct pb_secret *passphrase,
				struct pb_err *err)
{
	int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), public_fd = -1;
	enum pb_status s;

	if (dir_fd >= 0 && mkdirat(dir_fd, PB_KEY_DIR_PUBLIC, 0755) == 0)
		public_fd = openat(dir_fd, PB_KEY_DIR_PUBLIC, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (public_fd < 0)
		s = pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", dir);
	else
		s = write_public(made, public_fd, err);
	if (s == PB_OK)
		s = write_private(made, dir_fd, passphrase, err);
	if (public_fd >= 0)
		(void)close(public_fd);
	if (dir_fd >= 0)
		(void)close(dir_fd);
	return s;
}

/* Only names that this file has given: nothing is searched, so nothing else can be removed. */
static void remove_half_made(const char *dir, const struct made *made)
{
	static const char *const names[] = {
		PB_KEY_DIR_ROOT, PB_KEY_DIR_ISSUER, PB_KEY_DIR_CHECKPOINT, PB_KEY_DIR_MASTER, PB_KEY_DIR_PSEUDONYM,
		PB_KEY_DIR_PUBLIC "/" PB_KEY_DIR_PUBLIC_ROOT, PB_KEY_DIR_PUBLIC "/" PB_KEY_DIR_PUBLIC_CHECKPOINT,
	};
	char path[PATH_ROOM + 64], issuer_name[PB_KEY_DIR_ISSUER_NAME];
	uint8_t point[PB_P256_POINT], kid[PB_ISSUER_KID_LEN];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	pb_p256_public_point(made->issuer_public, point);
	pb_p256_kid(point, kid);
	pb_key_dir_issuer_name(kid, issuer_name);
	(void)snprintf(path, sizeof(path), "%s/" PB_KEY_DIR_PUBLIC "/%s", dir, issuer_name);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/" PB_KEY_DIR_PUBLIC, dir);
	(void)rmdir(path);
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
static enum pb_status place(const struct made *made, const char *dir, const struct pb_secret *passphrase,
			    struct pb_err *err)
{
	char beside[PATH_ROOM];
	enum pb_status s;

	if (snprintf(beside, sizeof(beside), "%s.XXXXXX", dir) >= (int)sizeof(beside))
		return pb_fail(err, PB_INPUT_INVALID, "the name of the key folder is too long");
	if (mkdtemp(beside) == NULL)
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", dir);
	s = write_all(made, beside, passphrase, err);
	if (s == PB_OK && rename(beside, dir) != 0)
		s = errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR ?
			    pb_fail(err, PB_CONFLICT, "%s exists and is not an empty folder", dir) :
			    pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", dir);
	if (s != PB_OK) {
		remove_half_made(beside, made);
		return s;
	}
	return sync_parent(dir, err);
}

enum pb_status pb_keystore_create_test(const char *dir, const struct pb_secret *passphrase, const char *issuer_code,
				       const char *issuer_name, const struct pb_clock *clock, struct pb_err *err)
{
	struct made made = { 0 };
	char trimmed[PATH_ROOM];
	enum pb_status s;
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	if (n == 0 || n >= sizeof(trimmed))
		return pb_fail(err, PB_INPUT_INVALID, "the name of the key folder has %zu bytes", n);
	if (passphrase->n == 0)
		return pb_fail(err, PB_INPUT_INVALID, "the passphrase is empty");
	if (!clock_is_sane(clock))
		return pb_fail(err, PB_INPUT_INVALID, "the clock is not in this century: certificates would be void");
	if (!pb_issuer_code_valid(issuer_code))
		return pb_fail(err, PB_INPUT_INVALID, "issuer code: 2 to 16 of A-Z, 0-9 and hyphen");
	(void)snprintf(trimmed, sizeof(trimmed), "%.*s", (int)n, dir);
	s = make_keys(&made, err);
	if (s == PB_OK)
		s = make_certificates(&made, issuer_code, issuer_name, pb_clock_now(clock), err);
	if (s == PB_OK)
		s = place(&made, trimmed, passphrase, err);
	made_finish(&made);
	return s;
}
