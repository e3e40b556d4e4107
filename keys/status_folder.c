/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of a trust folder that are found by their names, in the order of names.
 */
#include "keys/status_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/list_file.h"
#include "keys/trust_folder.h"

#define LIST_PREFIX "status-"
#define LIST_SUFFIX ".cwt"
#define SEEN_SUFFIX ".seen"
#define SIGNER_PREFIX "status-list-"

/* A folder while something is done with it. */
struct place {
	int fd; /* -1: it is closed, and its certificates are kept */
	struct pb_roots roots;
	struct pb_x509 **signers;
	size_t signer_count;
};

struct pb_statuses {
	struct place place;
	struct pb_status_list *lists;
	size_t count;
	bool only_good; /* the others are left out */
};

_Static_assert((int)PB_LIST_FILE_NAME_CAP >= (int)PB_STATUS_FILE_CAP, "the files of a list are named by it");

void pb_status_file_name(const char *issuer, uint32_t number, char ret_name[static PB_STATUS_FILE_CAP])
{
	(void)snprintf(ret_name, PB_STATUS_FILE_CAP, LIST_PREFIX "%s-%" PRIu32 LIST_SUFFIX, issuer, number);
}

static bool is_between(const char *name, const char *prefix, const char *suffix)
{
	size_t n = strlen(name), before = strlen(prefix), after = strlen(suffix);

	return n > before + after && strncmp(name, prefix, before) == 0 && strcmp(name + n - after, suffix) == 0;
}

typedef enum pb_status taker(const struct place *place, const char *name, void *ctx, struct pb_err *err);

static enum pb_status each_file(const struct place *place, const char *prefix, const char *suffix, taker *take, void *ctx,
				struct pb_err *err)
{
	struct dirent **entries = NULL;
	enum pb_status s = PB_OK;
	int n = scandirat(place->fd, ".", &entries, NULL, alphasort);

	if (n < 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "listing the trust folder");
	for (int i = 0; i < n; i++) {
		if (s == PB_OK && is_between(entries[i]->d_name, prefix, suffix))
			s = take(place, entries[i]->d_name, ctx, err);
		free(entries[i]);
	}
	free(entries);
	return s;
}

/* ---- the folder */

static enum pb_status take_signer(const struct place *place, const char *name, void *ctx, struct pb_err *err)
{
	struct place *filled = ctx;
	uint8_t content[PB_KEY_FILE_MAX];
	struct pb_x509 **signers;
	size_t n;
	enum pb_status s = pb_key_file_read(place->fd, name, PB_KEY_FILE_PUBLIC, content, &n, err);

	if (s != PB_OK)
		return s;
	if (filled->signer_count == PB_STATUS_FOLDER_SIGNERS)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "more than %d certificates of status lists", PB_STATUS_FOLDER_SIGNERS);
	signers = realloc(filled->signers, (filled->signer_count + 1) * sizeof(signers[0]));
	if (signers == NULL)
		return pb_fail(err, PB_NO_MEMORY, "status lists");
	filled->signers = signers;
	s = pb_x509_from_pem(pb_view(content, n), &signers[filled->signer_count], err);
	if (s != PB_OK)
		return pb_wrap(err, PB_KEYS_UNAVAILABLE, "%s", name);
	filled->signer_count++;
	return PB_OK;
}

static void close_place(struct place *place)
{
	for (size_t i = 0; i < place->signer_count; i++)
		pb_x509_destroy(place->signers[i]);
	free(place->signers);
	pb_roots_finish(&place->roots);
	if (place->fd >= 0)
		(void)close(place->fd);
	*place = (struct place){ .fd = -1 };
}

static enum pb_status open_place(const char *dir, struct place *ret_place, struct pb_err *err)
{
	enum pb_status s;

	*ret_place = (struct place){ .fd = -1 };
	s = pb_trust_folder_open(dir, &ret_place->fd, err);
	if (s != PB_OK)
		return pb_wrap(err, s, "%s", dir);
	s = pb_roots_load(ret_place->fd, &ret_place->roots, err);
	if (s == PB_OK)
		s = each_file(ret_place, SIGNER_PREFIX, PB_KEY_DIR_PUBLIC_SUFFIX, take_signer, ret_place, err);
	if (s == PB_OK)
		return PB_OK;
	close_place(ret_place);
	return pb_wrap(err, s, "%s", dir);
}

static enum pb_status_fault open_token(const struct place *place, struct pb_view token, struct pb_status_list *ret_list)
{
	struct pb_status_signers signers = { place->signers, place->signer_count };

	return pb_status_list_open(token, &signers, &place->roots, ret_list);
}

/* ---- one list and its files */

/* A list that is read, and by whose certificates. */
struct reading {
	const struct place *place;
	struct pb_status_list list;
};

static struct pb_list_file file_of(const char *name, size_t suffix_n)
{
	struct pb_list_file file = { .max = PB_STATUS_TOKEN_MAX, .number_max = PB_STATUS_SECONDS_MAX };

	(void)snprintf(file.stem, sizeof(file.stem), "%.*s", (int)(strlen(name) - suffix_n), name);
	return file;
}

static struct pb_list_file file_of_list(const char *issuer, uint32_t number)
{
	char name[PB_STATUS_FILE_CAP];

	pb_status_file_name(issuer, number, name);
	return file_of(name, strlen(LIST_SUFFIX));
}

static enum pb_status take_token(void *ctx, struct pb_view token, uint64_t *ret_number, struct pb_err *err)
{
	struct reading *reading = ctx;
	enum pb_status_fault fault = open_token(reading->place, token, &reading->list);

	if (fault != PB_STATUS_FAULT_NONE)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s", pb_status_fault_words(fault));
	*ret_number = (uint64_t)reading->list.issued_at;
	return PB_OK;
}

/* ---- reading */

static enum pb_status read_named(const struct place *place, const struct pb_list_file *file, struct reading *reading, struct pb_err *err)
{
	struct pb_list_file expected;
	struct pb_list_seen seen;
	enum pb_status s = pb_list_file_read(place->fd, file, take_token, reading, &seen, err);

	if (s != PB_OK)
		return s;
	expected = file_of_list(reading->list.issuer, reading->list.number);
	if (strcmp(expected.stem, file->stem) != 0)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s" LIST_SUFFIX ": is the list %s" LIST_SUFFIX, file->stem, expected.stem);
	return PB_OK;
}

static enum pb_status add_list(struct pb_statuses *statuses, const struct pb_status_list *list, struct pb_err *err)
{
	struct pb_status_list *lists = NULL;

	if (statuses->count < PB_STATUS_FOLDER_LISTS)
		lists = realloc(statuses->lists, (statuses->count + 1) * sizeof(lists[0]));
	if (lists == NULL)
		return pb_fail(err, PB_NO_MEMORY, "status lists");
	statuses->lists = lists;
	statuses->lists[statuses->count++] = *list;
	return PB_OK;
}

static enum pb_status take_file(const struct place *place, const struct pb_list_file *file, struct pb_statuses *statuses,
				struct pb_err *err)
{
	struct reading reading = { .place = place };
	enum pb_status s = read_named(place, file, &reading, err);

	if (s == PB_OK)
		return add_list(statuses, &reading.list, err);
	if (!statuses->only_good)
		return s;
	pb_err_clear(err);
	return PB_OK;
}

static enum pb_status take_list(const struct place *place, const char *name, void *ctx, struct pb_err *err)
{
	struct pb_list_file file = file_of(name, strlen(LIST_SUFFIX));

	return take_file(place, &file, ctx, err);
}

/* Of a list that stands there its own name was met. */
static enum pb_status take_lost(const struct place *place, const char *name, void *ctx, struct pb_err *err)
{
	struct pb_list_file file = file_of(name, strlen(SEEN_SUFFIX));
	char list[PB_LIST_FILE_NAME_CAP + sizeof(LIST_SUFFIX)];

	(void)snprintf(list, sizeof(list), "%s" LIST_SUFFIX, file.stem);
	return faccessat(place->fd, list, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ? PB_OK : take_file(place, &file, ctx, err);
}

static enum pb_status load(const char *dir, bool only_good, struct pb_statuses **ret_statuses, struct pb_err *err)
{
	struct pb_statuses *statuses = calloc(1, sizeof(*statuses));
	enum pb_status s;

	if (statuses == NULL)
		return pb_fail(err, PB_NO_MEMORY, "status lists");
	statuses->only_good = only_good;
	s = open_place(dir, &statuses->place, err);
	if (s == PB_OK) {
		s = each_file(&statuses->place, LIST_PREFIX, LIST_SUFFIX, take_list, statuses, err);
		if (s == PB_OK)
			s = each_file(&statuses->place, LIST_PREFIX, SEEN_SUFFIX, take_lost, statuses, err);
		(void)close(statuses->place.fd);
		statuses->place.fd = -1;
		if (s != PB_OK)
			s = pb_wrap(err, s, "%s", dir);
	}
	if (s != PB_OK) {
		pb_statuses_destroy(statuses);
		return s;
	}
	*ret_statuses = statuses;
	return PB_OK;
}

enum pb_status pb_statuses_load(const char *dir, struct pb_statuses **ret_statuses, struct pb_err *err)
{
	return load(dir, false, ret_statuses, err);
}

enum pb_status pb_statuses_load_good(const char *dir, struct pb_statuses **ret_statuses, struct pb_err *err)
{
	return load(dir, true, ret_statuses, err);
}

void pb_statuses_destroy(struct pb_statuses *statuses)
{
	if (statuses == NULL)
		return;
	close_place(&statuses->place);
	free(statuses->lists);
	free(statuses);
}

size_t pb_statuses_count(const struct pb_statuses *statuses)
{
	return statuses->count;
}

const struct pb_status_list *pb_statuses_list(const struct pb_statuses *statuses, size_t index)
{
	return &statuses->lists[index];
}

size_t pb_statuses_signer_count(const struct pb_statuses *statuses)
{
	return statuses->place.signer_count;
}

const struct pb_x509 *pb_statuses_signer(const struct pb_statuses *statuses, size_t index)
{
	return statuses->place.signers[index];
}

const struct pb_status_list *pb_statuses_find(const struct pb_statuses *statuses, const char *issuer, bool test, uint32_t number)
{
	for (size_t i = 0; i < statuses->count; i++) {
		const struct pb_status_list *list = &statuses->lists[i];

		if (list->number == number && list->test == test && strcmp(list->issuer, issuer) == 0)
			return list;
	}
	return NULL;
}

enum pb_status pb_statuses_sign(const struct pb_statuses *statuses, const struct pb_status_list *list,
				const struct pb_keystore *store, uint8_t ret_token[static PB_STATUS_TOKEN_MAX], size_t *ret_n,
				struct pb_err *err)
{
	enum pb_status s = PB_KEYS_UNAVAILABLE;
	bool tried = false;

	for (size_t i = 0; i < statuses->place.signer_count && s == PB_KEYS_UNAVAILABLE; i++) {
		const struct pb_x509 *signer = statuses->place.signers[i];
		struct pb_x509_issuer read;

		if (pb_x509_read_signer(signer, PB_X509_OID_STATUS_LIST, &read, NULL) != PB_OK || strcmp(read.code, list->issuer) != 0)
			continue;
		pb_err_clear(err);
		tried = true;
		s = pb_status_list_sign(list, signer, store, ret_token, ret_n, err);
	}
	if (!tried)
		return pb_fail(err, PB_NOT_FOUND, "the trust folder has no certificate of a status-list key of %s", list->issuer);
	return s;
}

/* ---- taking in */

enum pb_status pb_status_newest(const char *dir, const char *issuer, uint32_t number, int64_t *ret_issued_at, struct pb_err *err)
{
	struct pb_list_file file = file_of_list(issuer, number);
	struct pb_list_seen newest;
	struct place place;
	struct reading reading = { .place = &place };
	enum pb_status s = open_place(dir, &place, err);

	if (s != PB_OK)
		return s;
	s = pb_list_file_newest(place.fd, &file, take_token, &reading, &newest, err);
	close_place(&place);
	if (s != PB_OK)
		return pb_wrap(err, s, "%s", dir);
	*ret_issued_at = (int64_t)newest.number;
	return PB_OK;
}

static enum pb_status_fault compare(const struct pb_list_seen *offered, const struct pb_list_seen *newest)
{
	if (offered->number < newest->number)
		return PB_STATUS_FAULT_ROLLBACK;
	return offered->number > newest->number || pb_list_seen_same(offered, newest) ? PB_STATUS_FAULT_NONE : PB_STATUS_FAULT_FORK;
}

static bool is_here(const struct place *place, const struct pb_list_file *file, const struct pb_list_seen *offered)
{
	struct reading reading = { .place = place };
	struct pb_list_seen present;

	return pb_list_file_read(place->fd, file, take_token, &reading, &present, NULL) == PB_OK && pb_list_seen_same(&present, offered);
}

static enum pb_status exchange(const struct place *place, struct pb_view token, const struct pb_status_list *list, bool *ret_new,
			       enum pb_status_fault *ret_fault, struct pb_err *err)
{
	struct pb_list_file file = file_of_list(list->issuer, list->number);
	struct pb_list_seen offered = { .number = (uint64_t)list->issued_at }, newest;
	struct reading reading = { .place = place };
	enum pb_status s = pb_list_file_settle(place->fd, &file, take_token, &reading, err);

	if (s == PB_OK)
		s = pb_list_file_newest(place->fd, &file, take_token, &reading, &newest, err);
	if (s != PB_OK)
		return s;
	pb_sha256(token, offered.digest);
	*ret_fault = compare(&offered, &newest);
	*ret_new = *ret_fault == PB_STATUS_FAULT_NONE && !is_here(place, &file, &offered);
	return *ret_new ? pb_list_file_replace(place->fd, &file, token, &offered, err) : PB_OK;
}

/* The lock is the folder's, and goes with the descriptor. */
static enum pb_status accept_into(const struct place *place, struct pb_view token, struct pb_status_list *ret_list, bool *ret_new,
				  enum pb_status_fault *ret_fault, struct pb_err *err)
{
	if (flock(place->fd, LOCK_EX) != 0)
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "locking the trust folder");
	*ret_fault = open_token(place, token, ret_list);
	return *ret_fault == PB_STATUS_FAULT_NONE ? exchange(place, token, ret_list, ret_new, ret_fault, err) : PB_OK;
}

enum pb_status pb_status_accept(const char *dir, struct pb_view token, struct pb_status_list *ret_list, bool *ret_new,
				enum pb_status_fault *ret_fault, struct pb_err *err)
{
	struct place place;
	enum pb_status s = open_place(dir, &place, err);

	if (s != PB_OK)
		return s;
	*ret_new = false;
	s = accept_into(&place, token, ret_list, ret_new, ret_fault, err);
	close_place(&place);
	return s == PB_OK ? PB_OK : pb_wrap(err, s, "%s", dir);
}

static enum pb_status_fault judge_signer(const struct place *place, const struct pb_x509 *cert)
{
	struct pb_x509_issuer signer;

	if (pb_x509_read_signer(cert, PB_X509_OID_STATUS_LIST, &signer, NULL) != PB_OK)
		return PB_STATUS_FAULT_WRONG_PURPOSE;
	return pb_roots_verify(&place->roots, cert, signer.from, NULL) == PB_OK ? PB_STATUS_FAULT_NONE : PB_STATUS_FAULT_FOREIGN_ROOT;
}

static enum pb_status keep_signer(const struct place *place, const struct pb_x509 *cert, char ret_name[static PB_STATUS_FILE_CAP],
				  bool *ret_new, struct pb_err *err)
{
	uint8_t pem[PB_X509_PEM_MAX], kid[PB_P256_KID];
	enum pb_status s;

	_Static_assert((int)PB_STATUS_FILE_CAP >= (int)PB_KEY_DIR_CERTIFICATE_NAME, "a certificate's name fits");
	if (!pb_x509_kid(cert, kid))
		return pb_fail(err, PB_INPUT_INVALID, "certificate: the key is of another kind");
	pb_key_dir_certificate_name(PB_ROLE_STATUS_LIST, kid, ret_name);
	s = pb_key_file_write(place->fd, ret_name, PB_KEY_FILE_PUBLIC, pb_view(pem, pb_x509_to_pem(cert, pem)), err);
	*ret_new = s == PB_OK;
	if (s != PB_CONFLICT)
		return s;
	pb_err_clear(err);
	return PB_OK;
}

enum pb_status pb_status_accept_signer(const char *dir, struct pb_view der, char ret_name[static PB_STATUS_FILE_CAP], bool *ret_new,
				       enum pb_status_fault *ret_fault, struct pb_err *err)
{
	struct pb_x509 *cert = NULL;
	struct place place;
	enum pb_status s = open_place(dir, &place, err);

	if (s != PB_OK)
		return s;
	*ret_new = false;
	ret_name[0] = '\0';
	*ret_fault = PB_STATUS_FAULT_WRONG_PURPOSE;
	if (pb_x509_from_der(der, &cert, NULL) == PB_OK)
		*ret_fault = judge_signer(&place, cert);
	if (*ret_fault == PB_STATUS_FAULT_NONE)
		s = keep_signer(&place, cert, ret_name, ret_new, err);
	pb_x509_destroy(cert);
	close_place(&place);
	return s == PB_OK ? PB_OK : pb_wrap(err, s, "%s", dir);
}
