/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The checks of production, one small function each.  None stops the others.
 */
#include "issuer/app/readiness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/crypto/x509.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/keystore.h"
#include "keys/roots.h"

enum { CLOCK_SLACK = 5, PATH_ROOM = PB_CONFIG_PATH + 256 }; /* seconds that a ledger forgives too */

static const struct pb_unready_row rows[PB_UNREADY_COUNT] = {
#define N_(text) text
#define PB_UNREADY(name, stable, sentence, advice) [PB_UNREADY_##name] = { stable, sentence, advice },
#include "issuer/app/readiness.def"
#undef PB_UNREADY
};

const struct pb_unready_row *pb_unready_row(enum pb_unready_code code)
{
	return &rows[code];
}

void pb_readiness_add(struct pb_readiness *readiness, enum pb_unready_code code, const char *about)
{
	struct pb_unready *found = &readiness->found[readiness->count];

	if (readiness->count == PB_UNREADY_MAX)
		return; /* more would not be read */
	found->code = code;
	(void)snprintf(found->about, sizeof(found->about), "%s", about);
	readiness->count++;
}

static bool in_production(const struct pb_config *config)
{
	return strcmp(config->mode, "production") == 0;
}

/* ---- files */

/* Of the service that holds the keys, when it is another process of another user. */
static bool keys_are_elsewhere(const struct pb_config *config)
{
	return config->key_process[0] == '/';
}

static void look_at_file(struct pb_readiness *readiness, const char *path, mode_t forbidden)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		pb_readiness_add(readiness, PB_UNREADY_ABSENT, path);
		return;
	}
	if (st.st_uid != geteuid())
		pb_readiness_add(readiness, PB_UNREADY_OWNER, path);
	if (st.st_mode & forbidden)
		pb_readiness_add(readiness, PB_UNREADY_EXPOSED, path);
}

/* What lies beside a file only at times. */
static void look_if_there(struct pb_readiness *readiness, const char *path, const char *suffix)
{
	char whole[PATH_ROOM];

	(void)snprintf(whole, sizeof(whole), "%s%s", path, suffix);
	if (path[0] != '\0' && access(whole, F_OK) == 0)
		look_at_file(readiness, whole, S_IRWXG | S_IRWXO);
}

static int is_key_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, PB_KEY_DIR_PUBLIC) != 0;
}

static void look_at_key_directory(struct pb_readiness *readiness, const char *directory)
{
	struct dirent **entry = NULL;
	char path[PATH_ROOM];
	int n;

	look_at_file(readiness, directory, S_IRWXG | S_IRWXO);
	n = scandir(directory, &entry, is_key_file, alphasort);
	for (int i = 0; i < n; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", directory, entry[i]->d_name) < (int)sizeof(path))
			look_at_file(readiness, path, S_IRWXG | S_IRWXO);
		free(entry[i]);
	}
	free(entry);
}

static void look_for_roots(struct pb_readiness *readiness, const char *directory)
{
	static const char *const stems[] = { PB_KEY_DIR_ROOT, PB_KEY_DIR_ROOT_SPARE, PB_KEY_DIR_BACKUP };
	char name[PB_KEY_DIR_KEY_NAME], path[PATH_ROOM];

	for (size_t i = 0; i < sizeof(stems) / sizeof(stems[0]); i++) {
		pb_key_dir_key_name(stems[i], name);
		(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
		if (access(path, F_OK) == 0)
			pb_readiness_add(readiness, PB_UNREADY_ROOT_KEY, path);
	}
}

/* Folders may be looked into, where nothing in them is secret; nobody else may put a file there. */
static void look_at_files(struct pb_readiness *readiness, const struct pb_config *config)
{
	look_at_file(readiness, config->directory, S_IWGRP | S_IWOTH);
	look_at_file(readiness, config->path, S_IRWXG | S_IRWXO);
	look_at_file(readiness, config->database, S_IRWXG | S_IRWXO);
	look_if_there(readiness, config->database, "-wal");
	look_if_there(readiness, config->database, "-shm");
	look_if_there(readiness, config->passphrase_file, "");
	look_if_there(readiness, config->pin_file, "");
	look_for_roots(readiness, config->directory);
	if (keys_are_elsewhere(config))
		return;
	look_at_key_directory(readiness, config->key_directory);
	look_for_roots(readiness, config->key_directory);
}

/* ---- certificates */

static const struct kind {
	enum pb_key_step step;
	const char *name, *prefix; /* of its files */
	const char *purpose;	   /* NULL: a root */
} certificates[] = {
	{ PB_STEP_ROOT, "root", PB_KEY_DIR_PUBLIC_ROOT, NULL },
	{ PB_STEP_ROOT_SPARE, "root-spare", PB_KEY_DIR_PUBLIC_ROOT_SPARE, NULL },
	{ PB_STEP_ISSUER, "issuer", "issuer-", PB_X509_OID_CARD_ISSUER },
	{ PB_STEP_STATUS_LIST, "status-list", "status-list-", PB_X509_OID_STATUS_LIST },
	{ PB_STEP_TRUST_LIST, "trust-list", "trust-list-", PB_X509_OID_TRUST_LIST },
};

static struct pb_x509 *load(int public_fd, const char *name)
{
	uint8_t pem[PB_KEY_FILE_MAX];
	struct pb_x509 *cert = NULL;
	size_t n;

	if (pb_key_file_read(public_fd, name, PB_KEY_FILE_PUBLIC, pem, &n, NULL) != PB_OK ||
	    pb_x509_from_pem(pb_view(pem, n), &cert, NULL) != PB_OK)
		return NULL;
	return cert;
}

/* The file of that kind whose fingerprint the ledger has: NULL when there is none. */
static struct pb_x509 *find_certificate(int public_fd, const char *prefix, const uint8_t fingerprint[static PB_ENTRY_HASH])
{
	struct dirent **entry = NULL;
	struct pb_x509 *found = NULL;
	uint8_t digest[PB_ENTRY_HASH];
	int n = scandirat(public_fd, ".", &entry, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		struct pb_x509 *cert = NULL;

		if (!found && strncmp(entry[i]->d_name, prefix, strlen(prefix)) == 0)
			cert = load(public_fd, entry[i]->d_name);
		if (cert) {
			pb_x509_fingerprint(cert, digest);
			if (pb_view_equal(PB_VIEW(digest), pb_view(fingerprint, PB_ENTRY_HASH)))
				found = cert;
			else
				pb_x509_destroy(cert);
		}
		free(entry[i]);
	}
	free(entry);
	return found;
}

static void look_at_signer(struct pb_readiness *readiness, const struct kind *kind, const struct pb_x509 *cert,
			   const struct pb_roots *roots, int64_t now)
{
	const char *name = kind->name;
	struct pb_x509_issuer signer;

	if (pb_x509_read_signer(cert, kind->purpose, &signer, NULL) != PB_OK)
		pb_readiness_add(readiness, PB_UNREADY_KEY_DIFFERS, name);
	else if (now < signer.from)
		pb_readiness_add(readiness, PB_UNREADY_CERTIFICATE_EARLY, name);
	else if (now > signer.until)
		pb_readiness_add(readiness, PB_UNREADY_CERTIFICATE_OVER, name);
	else if (now > signer.signs_until)
		pb_readiness_add(readiness, PB_UNREADY_SIGNING_OVER, name);
	else if (pb_roots_verify(roots, cert, now, NULL) != PB_OK)
		pb_readiness_add(readiness, PB_UNREADY_CERTIFICATE_OVER, "root");
}

/* That the certificates are those of the ceremony, and whether it is their time. */
static void look_at_certificates(struct pb_readiness *readiness, const struct pb_config *config, int64_t now)
{
	char directory[PATH_ROOM];
	struct pb_roots roots = { .count = 0 };
	int fd;

	(void)snprintf(directory, sizeof(directory), "%s/" PB_KEY_DIR_PUBLIC, config->key_directory);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || pb_roots_load(fd, &roots, NULL) != PB_OK)
		pb_readiness_add(readiness, PB_UNREADY_ABSENT, directory);
	for (size_t i = 0; roots.count > 0 && i < sizeof(certificates) / sizeof(certificates[0]); i++) {
		enum pb_key_step step = certificates[i].step;
		struct pb_x509 *cert = NULL;

		if (!readiness->has[step])
			continue;
		cert = find_certificate(fd, certificates[i].prefix, readiness->expected[step].digest);
		if (!cert)
			pb_readiness_add(readiness, PB_UNREADY_KEY_DIFFERS, certificates[i].name);
		else if (certificates[i].purpose && step != PB_STEP_ISSUER) /* whose key signs is known when it is open */
			look_at_signer(readiness, &certificates[i], cert, &roots, now);
		pb_x509_destroy(cert);
	}
	pb_roots_finish(&roots);
	if (fd >= 0)
		(void)close(fd);
}

/* ---- the ledger */

static bool last_time(struct pb_ledger *ledger, int64_t *ret_time)
{
	struct pb_ledger_counts counts;
	uint8_t bytes[PB_ENTRY_MAX];
	struct pb_entry entry;
	size_t n;

	pb_ledger_counts(ledger, &counts);
	if (counts.entries == 0 || pb_ledger_entry(ledger, counts.entries - 1, bytes, &n, NULL) != PB_OK ||
	    !pb_entry_decode(pb_view(bytes, n), &entry))
		return false;
	*ret_time = entry.time;
	return true;
}

/* Without these an office was not set up from a ceremony. */
static bool is_due(enum pb_key_step step)
{
	return step == PB_STEP_ROOT || step == PB_STEP_ROOT_SPARE || step == PB_STEP_ISSUER || step == PB_STEP_CHECKPOINT ||
	       step == PB_STEP_CARD_MASTER;
}

static void read_expected(struct pb_readiness *readiness, struct pb_ledger *ledger)
{
	for (enum pb_key_step step = PB_STEP_ROOT; step <= PB_STEP_CARD_MASTER; step++) {
		if (pb_ledger_last_ceremony_step(ledger, step, &readiness->expected[step], &readiness->has[step], NULL) != PB_OK)
			readiness->has[step] = false;
		if (is_due(step) && !readiness->has[step])
			pb_readiness_add(readiness, PB_UNREADY_NO_CEREMONY, pb_key_step_name(step));
	}
}

static void look_at_ledger(struct pb_readiness *readiness, const struct pb_config *config, struct pb_store *store,
			   const struct pb_clock *clock)
{
	struct pb_ledger *ledger = NULL;
	int64_t last = 0;

	if (!store || pb_ledger_open(store, NULL, clock, &ledger, NULL) != PB_OK) {
		pb_readiness_add(readiness, PB_UNREADY_ABSENT, config->database);
		return;
	}
	read_expected(readiness, ledger);
	if (last_time(ledger, &last) && pb_clock_now(clock) < last - CLOCK_SLACK)
		pb_readiness_add(readiness, PB_UNREADY_CLOCK, "");
	pb_ledger_close(ledger);
}

void pb_readiness_look(const struct pb_config *config, struct pb_store *store, const struct pb_clock *clock,
		       struct pb_readiness *ret_readiness)
{
	*ret_readiness = (struct pb_readiness){ .count = 0 };
	if (!in_production(config))
		return;
	if (config->allow_factory_keys)
		pb_readiness_add(ret_readiness, PB_UNREADY_FACTORY_KEYS, "");
	look_at_files(ret_readiness, config);
	look_at_ledger(ret_readiness, config, store, clock);
	look_at_certificates(ret_readiness, config, pb_clock_now(clock));
}

/* ---- the keys */

/* The generation that was entered last.  One that has just been made is newer, and is entered next
 * (issuer/core/roll.h). */
static void look_at_master_key(struct pb_readiness *readiness, const struct pb_keystore *keys)
{
	const struct pb_ceremony_step *expected = &readiness->expected[PB_STEP_CARD_MASTER];
	const struct pb_generation *found;

	if (!readiness->has[PB_STEP_CARD_MASTER])
		return;
	found = pb_generation_find(pb_keystore_generations(keys), pb_master_family_of_kvn((uint8_t)expected->kvn),
				   (uint8_t)expected->kvn);
	if (!found || !pb_view_equal(PB_VIEW(found->kcv), PB_VIEW(expected->kcv)))
		pb_readiness_add(readiness, PB_UNREADY_KEY_DIFFERS, "card-master");
}

static void look_at_checkpoint_key(struct pb_readiness *readiness, const struct pb_keystore *keys)
{
	uint8_t found[32];

	pb_keystore_checkpoint_public(keys, found);
	if (readiness->has[PB_STEP_CHECKPOINT] &&
	    !pb_view_equal(PB_VIEW(found), PB_VIEW(readiness->expected[PB_STEP_CHECKPOINT].digest)))
		pb_readiness_add(readiness, PB_UNREADY_KEY_DIFFERS, "checkpoint");
}

static bool is_entered(struct pb_store *store, const struct pb_clock *clock, const struct pb_x509 *cert)
{
	struct pb_ledger *ledger = NULL;
	uint8_t digest[PB_ENTRY_HASH];
	bool found = false;

	pb_x509_fingerprint(cert, digest);
	if (!store || pb_ledger_open(store, NULL, clock, &ledger, NULL) != PB_OK ||
	    pb_ledger_has_ceremony_step(ledger, PB_STEP_ISSUER, digest, &found, NULL) != PB_OK)
		found = false;
	pb_ledger_close(ledger);
	return found;
}

/* The key that signs, by its certificate.  The one entered last may be of a key that is made and does not sign
 * yet, so any that was entered will do. */
static void look_at_issuer_key(struct pb_readiness *readiness, const struct pb_config *config, struct pb_store *store,
			       const struct pb_clock *clock, const struct pb_keystore *keys)
{
	static const struct kind issuer = { PB_STEP_ISSUER, "issuer", "issuer-", PB_X509_OID_CARD_ISSUER };
	char name[PB_KEY_DIR_CERTIFICATE_NAME], directory[PATH_ROOM];
	struct pb_roots roots = { .count = 0 };
	uint8_t kid[PB_ISSUER_KID_LEN];
	struct pb_x509 *cert;
	int fd;

	if (!readiness->has[PB_STEP_ISSUER])
		return;
	pb_keystore_issuer_kid(keys, kid);
	pb_key_dir_certificate_name(PB_ROLE_ISSUER, kid, name);
	(void)snprintf(directory, sizeof(directory), "%s/" PB_KEY_DIR_PUBLIC, config->key_directory);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cert = load(fd, name);
	if (!cert || !is_entered(store, clock, cert))
		pb_readiness_add(readiness, PB_UNREADY_KEY_DIFFERS, name);
	else if (pb_roots_load(fd, &roots, NULL) == PB_OK)
		look_at_signer(readiness, &issuer, cert, &roots, pb_clock_now(clock));
	pb_roots_finish(&roots);
	pb_x509_destroy(cert);
	if (fd >= 0)
		(void)close(fd);
}

void pb_readiness_look_at_keys(const struct pb_config *config, struct pb_store *store, const struct pb_clock *clock,
			       const struct pb_keystore *keys, struct pb_readiness *readiness)
{
	if (!in_production(config)) {
		if (!pb_keystore_is_test(keys))
			pb_readiness_add(readiness, PB_UNREADY_REAL_KEYS, "");
		return;
	}
	if (pb_keystore_is_test(keys))
		pb_readiness_add(readiness, PB_UNREADY_TEST_KEYS, "");
	look_at_issuer_key(readiness, config, store, clock, keys);
	look_at_checkpoint_key(readiness, keys);
	look_at_master_key(readiness, keys);
}

/* A key whose time is over is still good to be followed by the next. */
void pb_readiness_forgive_time(struct pb_readiness *readiness)
{
	size_t kept = 0;

	for (size_t i = 0; i < readiness->count; i++) {
		const struct pb_unready *found = &readiness->found[i];

		if (found->code != PB_UNREADY_SIGNING_OVER && found->code != PB_UNREADY_CERTIFICATE_OVER)
			readiness->found[kept++] = *found;
	}
	readiness->count = kept;
}

enum pb_status pb_readiness_judge(const struct pb_readiness *readiness, struct pb_err *err)
{
	const struct pb_unready *first = &readiness->found[0];

	if (readiness->count == 0)
		return PB_OK;
	return pb_fail(err, PB_NOT_READY, "%s %s (%zu in all)", pb_unready_row(first->code)->name, first->about, readiness->count);
}
