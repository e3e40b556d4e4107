/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loading a trust folder.  An office has a handful of issuers, the country some hundreds: a plain array,
 * searched in order.
 */
#include "keys/trust.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/ini.h"
#include "base/text.h"
#include "keys/crypto/ed25519.h"
#include "keys/crypto/x509.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/roots.h"

enum { ISSUERS_MAX = 1024, DAY = 86400 };

struct pb_trust {
	struct pb_issuer *issuers;
	size_t count;
	bool has_checkpoint;
	uint8_t checkpoint[PB_ED25519_PUBLIC];
};

/* A file of the folder as it is being read. */
struct file {
	const char *name;
	uint8_t content[PB_KEY_FILE_MAX];
	size_t n;
};

/* *ret_file->n is 0 and the status PB_NOT_FOUND when there is none. */
static enum pb_status read_file(int dir_fd, const char *name, struct file *ret_file, struct pb_err *err)
{
	ret_file->name = name;
	ret_file->n = 0;
	return pb_key_file_read(dir_fd, name, PB_KEY_FILE_PUBLIC, ret_file->content, &ret_file->n, err);
}

static struct pb_view content_of(const struct file *file)
{
	return pb_view(file->content, file->n);
}

static enum pb_status load_certificate(int dir_fd, const char *name, struct pb_x509 **ret_cert, struct pb_err *err)
{
	struct file file;
	enum pb_status s = read_file(dir_fd, name, &file, err);

	if (s == PB_OK)
		s = pb_x509_from_pem(content_of(&file), ret_cert, err);
	if (s == PB_INPUT_INVALID || s == PB_NOT_FOUND)
		return pb_wrap(err, PB_KEYS_UNAVAILABLE, "%s", name);
	return s;
}

/* The root must cover the issuer's whole life: its cards are checked to the last day.  One second before
 * the end, because OpenSSL counts the last second as over, where RFC 5280 includes it. */
static enum pb_status read_issuer(const struct pb_x509 *cert, const struct pb_roots *roots,
				  struct pb_x509_issuer *ret_read, struct pb_err *err)
{
	enum pb_status s = pb_x509_read_issuer(cert, ret_read, err);

	if (s == PB_OK)
		s = pb_roots_verify(roots, cert, ret_read->from, err);
	if (s == PB_OK)
		s = pb_roots_verify(roots, cert, ret_read->until - 1, err);
	if (s == PB_OK && (!pb_issuer_code_valid(ret_read->code) || !pb_text_valid(pb_view_text(ret_read->name))))
		s = pb_fail(err, PB_INPUT_INVALID, "certificate: issuer code or name is malformed");
	return s;
}

static enum pb_status add_issuer(struct pb_trust *trust, const struct pb_x509_issuer *read, struct pb_err *err)
{
	struct pb_issuer *issuer = &trust->issuers[trust->count];
	struct pb_p256_public *key = NULL;
	enum pb_status s = pb_p256_public_create(PB_VIEW(read->point), &key, err);

	if (s != PB_OK)
		return s;
	pb_p256_kid(read->point, issuer->kid);
	memcpy(issuer->code, read->code, sizeof(issuer->code));
	memcpy(issuer->name, read->name, sizeof(issuer->name));
	issuer->test = read->test;
	issuer->state = PB_ISSUER_ACTIVE;
	issuer->valid_from = read->from;
	issuer->valid_until = read->until;
	issuer->last_signing = read->signs_until;
	issuer->key = key;
	trust->count++;
	return PB_OK;
}

static enum pb_status load_issuer(struct pb_trust *trust, int dir_fd, const char *name, const struct pb_roots *roots,
				  struct pb_err *err)
{
	struct pb_x509 *cert = NULL;
	struct pb_x509_issuer read;
	enum pb_status s;

	if (trust->count == ISSUERS_MAX)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "more than %d issuers", ISSUERS_MAX);
	s = load_certificate(dir_fd, name, &cert, err);
	if (s != PB_OK)
		return s;
	s = read_issuer(cert, roots, &read, err);
	if (s == PB_OK)
		s = add_issuer(trust, &read, err);
	pb_x509_destroy(cert);
	return s == PB_OK ? PB_OK : pb_wrap(err, PB_KEYS_UNAVAILABLE, "%s", name);
}

static int is_issuer_file(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name), prefix = strlen(PB_KEY_DIR_PUBLIC_ISSUER_PREFIX);
	size_t suffix = strlen(PB_KEY_DIR_PUBLIC_ISSUER_SUFFIX);

	return n > prefix + suffix && strncmp(entry->d_name, PB_KEY_DIR_PUBLIC_ISSUER_PREFIX, prefix) == 0 &&
	       strcmp(entry->d_name + n - suffix, PB_KEY_DIR_PUBLIC_ISSUER_SUFFIX) == 0;
}

static enum pb_status load_issuers(struct pb_trust *trust, int dir_fd, struct pb_err *err)
{
	struct dirent **entries = NULL;
	struct pb_roots roots = { 0 };
	enum pb_status s = pb_roots_load(dir_fd, &roots, err);
	int n;

	if (s != PB_OK)
		return s;
	n = scandirat(dir_fd, ".", &entries, is_issuer_file, alphasort);
	if (n < 0)
		s = pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "listing the trust folder");
	for (int i = 0; i < n; i++) {
		if (s == PB_OK)
			s = load_issuer(trust, dir_fd, entries[i]->d_name, &roots, err);
		free(entries[i]);
	}
	free(entries);
	pb_roots_finish(&roots);
	if (s == PB_OK && trust->count == 0)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "no " PB_KEY_DIR_PUBLIC_ISSUER_PREFIX "*"
			       PB_KEY_DIR_PUBLIC_ISSUER_SUFFIX " in the trust folder");
	return s;
}

static enum pb_status load_checkpoint(struct pb_trust *trust, int dir_fd, struct pb_err *err)
{
	struct file file;
	enum pb_status s = read_file(dir_fd, PB_KEY_DIR_PUBLIC_CHECKPOINT, &file, err);

	if (s == PB_NOT_FOUND) {
		pb_err_clear(err);
		return PB_OK;
	}
	if (s != PB_OK)
		return s;
	if (!pb_ed25519_public_from_pem(content_of(&file), trust->checkpoint))
		return pb_fail(err, PB_KEYS_UNAVAILABLE, PB_KEY_DIR_PUBLIC_CHECKPOINT ": not an Ed25519 public key");
	trust->has_checkpoint = true;
	return PB_OK;
}

static bool set_state(struct pb_issuer *issuer, const char *value)
{
	static const char *const states[] = {
		[PB_ISSUER_ACTIVE] = "active",
		[PB_ISSUER_RETIRED] = "retired",
		[PB_ISSUER_COMPROMISED] = "compromised",
	};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(value, states[i]) == 0) {
			issuer->state = (enum pb_issuer_state)i;
			return true;
		}
	return false;
}

/* Never later than the certificate says. */
static bool set_last_signing(struct pb_issuer *issuer, const char *value)
{
	struct pb_date date;
	int64_t end;

	if (!pb_date_parse(value, &date))
		return false;
	end = pb_date_start(date, 0) + DAY - 1;
	if (end < issuer->last_signing)
		issuer->last_signing = end;
	return true;
}

/* To every issuer with that kid: a state may be taken too widely, never too narrowly. */
static bool apply(struct pb_trust *trust, const struct pb_ini_entry *entry)
{
	uint8_t kid[PB_P256_KID];
	bool good = true;
	size_t n, found = 0;

	if (!pb_hex_decode(entry->section, kid, sizeof(kid), &n) || n != sizeof(kid))
		return false;
	for (size_t i = 0; i < trust->count; i++) {
		if (!pb_view_equal(PB_VIEW(trust->issuers[i].kid), PB_VIEW(kid)))
			continue;
		found++;
		if (strcmp(entry->key, "state") == 0)
			good &= set_state(&trust->issuers[i], entry->value);
		else if (strcmp(entry->key, "last-signing") == 0)
			good &= set_last_signing(&trust->issuers[i], entry->value);
		else
			good = false;
	}
	return good && found > 0;
}

/* A mistake here could turn a stolen key good again, so nothing that is not understood is passed over. */
static enum pb_status load_states(struct pb_trust *trust, int dir_fd, struct pb_err *err)
{
	struct file file;
	struct pb_ini ini;
	struct pb_ini_entry entry;
	bool more = true;
	enum pb_status s = read_file(dir_fd, PB_KEY_DIR_PUBLIC_STATES, &file, err);

	if (s == PB_NOT_FOUND) {
		pb_err_clear(err);
		return PB_OK;
	}
	if (s != PB_OK)
		return s;
	ini = pb_ini(content_of(&file));
	while ((s = pb_ini_next(&ini, &entry, &more, err)) == PB_OK && more)
		if (!apply(trust, &entry))
			return pb_fail(err, PB_CONFIG_INVALID, PB_KEY_DIR_PUBLIC_STATES
				       " line %d: [kid of an issuer here] with state = active, retired or compromised, "
				       "last-signing = YYYY-MM-DD", entry.line);
	return s == PB_OK ? PB_OK : pb_wrap(err, s, PB_KEY_DIR_PUBLIC_STATES);
}

static enum pb_status load_all(struct pb_trust *trust, int dir_fd, struct pb_err *err)
{
	enum pb_status s = load_issuers(trust, dir_fd, err);

	if (s == PB_OK)
		s = load_checkpoint(trust, dir_fd, err);
	if (s == PB_OK)
		s = load_states(trust, dir_fd, err);
	return s;
}

enum pb_status pb_trust_load(const char *dir, struct pb_trust **ret_trust, struct pb_err *err)
{
	struct pb_trust *trust = calloc(1, sizeof(*trust));
	enum pb_status s;
	int dir_fd;

	if (trust == NULL || (trust->issuers = calloc(ISSUERS_MAX, sizeof(trust->issuers[0]))) == NULL) {
		free(trust);
		return pb_fail(err, PB_NO_MEMORY, "trust");
	}
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0) {
		s = pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s", dir);
	} else {
		s = load_all(trust, dir_fd, err);
		(void)close(dir_fd);
		if (s != PB_OK)
			s = pb_wrap(err, s, "%s", dir);
	}
	if (s != PB_OK) {
		pb_trust_destroy(trust);
		return s;
	}
	*ret_trust = trust;
	return PB_OK;
}

void pb_trust_destroy(struct pb_trust *trust)
{
	if (trust == NULL)
		return;
	for (size_t i = 0; i < trust->count; i++)
		pb_p256_public_destroy((struct pb_p256_public *)trust->issuers[i].key);
	free(trust->issuers);
	free(trust);
}

size_t pb_trust_count(const struct pb_trust *trust)
{
	return trust->count;
}

const struct pb_issuer *pb_trust_issuer(const struct pb_trust *trust, size_t index)
{
	return &trust->issuers[index];
}

const struct pb_issuer *pb_trust_find(const struct pb_trust *trust, const uint8_t kid[static 8],
				      const struct pb_issuer *after)
{
	size_t i = after == NULL ? 0 : (size_t)(after - trust->issuers) + 1;

	for (; i < trust->count; i++)
		if (pb_view_equal(PB_VIEW(trust->issuers[i].kid), pb_view(kid, PB_P256_KID)))
			return &trust->issuers[i];
	return NULL;
}

bool pb_trust_checkpoint_public(const struct pb_trust *trust, uint8_t ret_public[static 32])
{
	if (trust->has_checkpoint)
		memcpy(ret_public, trust->checkpoint, sizeof(trust->checkpoint));
	return trust->has_checkpoint;
}
