/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The next trust list.  Certificates are read here and nowhere on a verifier's side: each must be under a pinned
 * root for its whole life before the list vouches for it.
 */
#include "keys/trust_publish.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keys/crypto/hash.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/roles.h"
#include "keys/trust_folder.h"
#include "keys/trust_list_inside.h"

/* Published daily or weekly; a verifier says how old its list is when this is over, and goes on. */
enum { LIST_LIVES = 30 * 86400, SIGNERS_MAX = 16 };

/* A publication while it is made. */
struct work {
	const struct pb_trust_publication *publication;
	int fd;
	struct pb_roots roots;
	struct pb_trust_list list;
};

static enum pb_status load_certificate(int dir_fd, const char *name, struct pb_x509 **ret_cert, struct pb_err *err)
{
	uint8_t content[PB_KEY_FILE_MAX];
	size_t n;
	enum pb_status s = pb_key_file_read(dir_fd, name, PB_KEY_FILE_PUBLIC, content, &n, err);

	if (s == PB_OK)
		s = pb_x509_from_pem(pb_view(content, n), ret_cert, err);
	return s == PB_INPUT_INVALID || s == PB_NOT_FOUND ? pb_wrap(err, PB_KEYS_UNAVAILABLE, "%s", name) : s;
}

/* "issuer-0123456789abcdef.pem" */
static bool is_of_role(const char *name, enum pb_key_role role)
{
	size_t n = strlen(name), prefix = strlen(pb_key_role_row(role)->name);
	size_t suffix = strlen(PB_KEY_DIR_PUBLIC_SUFFIX);

	return n > prefix + 1 + suffix && strncmp(name, pb_key_role_row(role)->name, prefix) == 0 && name[prefix] == '-' &&
	       strcmp(name + n - suffix, PB_KEY_DIR_PUBLIC_SUFFIX) == 0;
}

typedef enum pb_status taker(struct work *work, const struct pb_x509 *cert, void *ctx, struct pb_err *err);

static enum pb_status take_file(struct work *work, const char *name, taker *take, void *ctx, struct pb_err *err)
{
	struct pb_x509 *cert = NULL;
	enum pb_status s = load_certificate(work->fd, name, &cert, err);

	if (s != PB_OK)
		return s;
	s = take(work, cert, ctx, err);
	pb_x509_destroy(cert);
	return s == PB_OK ? PB_OK : pb_wrap(err, s == PB_INPUT_INVALID ? PB_KEYS_UNAVAILABLE : s, "%s", name);
}

/* Every certificate of a role, in the order of names. */
static enum pb_status take_files(struct work *work, enum pb_key_role role, taker *take, void *ctx, struct pb_err *err)
{
	struct dirent **entries = NULL;
	enum pb_status s = PB_OK;
	int n = scandirat(work->fd, ".", &entries, NULL, alphasort);

	if (n < 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "listing the trust folder");
	for (int i = 0; i < n; i++) {
		if (s == PB_OK && is_of_role(entries[i]->d_name, role))
			s = take_file(work, entries[i]->d_name, take, ctx, err);
		free(entries[i]);
	}
	free(entries);
	return s;
}

/* ---- the issuers */

/* The root must cover the issuer's whole life: its cards are checked to the last day.  One second before
 * the end, because OpenSSL counts the last second as over, where RFC 5280 includes it. */
static enum pb_status add_issuer(struct work *work, const struct pb_x509 *cert, void *ctx, struct pb_err *err)
{
	struct pb_trust_entry entry;
	enum pb_status s = pb_trust_entry_of_certificate(cert, &entry, err);

	(void)ctx;
	if (s == PB_OK)
		s = pb_roots_verify(&work->roots, cert, entry.valid_from, err);
	if (s == PB_OK)
		s = pb_roots_verify(&work->roots, cert, entry.valid_until - 1, err);
	if (s != PB_OK || entry.valid_until < work->publication->now)
		return s;
	s = pb_trust_list_add(&work->list, &entry, err);
	if (s == PB_CONFLICT) { /* it stands there, perhaps with another state by now */
		pb_err_clear(err);
		return PB_OK;
	}
	return s;
}

static void describe(struct work *work)
{
	const struct pb_trust_publication *publication = work->publication;

	for (size_t i = 0; i < work->list.count && publication->code != NULL; i++) {
		struct pb_trust_entry *entry = &work->list.entries[i];

		if (strcmp(entry->code, publication->code) != 0)
			continue;
		if (publication->status_base != NULL)
			(void)snprintf(entry->status_base, sizeof(entry->status_base), "%s", publication->status_base);
		if (publication->checkpoint != NULL)
			(void)snprintf(entry->checkpoint, sizeof(entry->checkpoint), "%s", publication->checkpoint);
	}
}

/* After its certificate's last day an issuer has no valid card left, and goes. */
static void leave_out_the_expired(struct work *work)
{
	size_t kept = 0;

	for (size_t i = 0; i < work->list.count; i++)
		if (work->list.entries[i].valid_until >= work->publication->now)
			work->list.entries[kept++] = work->list.entries[i];
	work->list.count = kept;
}

static enum pb_status apply_to(struct pb_trust_entry *entry, const struct pb_trust_change *change, struct pb_err *err)
{
	if (change->state < entry->state)
		return pb_fail(err, PB_CONFLICT, "a key that is %s cannot be %s again", pb_issuer_state_name(entry->state),
			       pb_issuer_state_name(change->state));
	entry->state = change->state;
	if (change->last_signing != 0 && change->last_signing < entry->last_signing)
		entry->last_signing = change->last_signing > entry->valid_from ? change->last_signing : entry->valid_from;
	return PB_OK;
}

/* To every issuer with that kid: a state may be taken too widely, never too narrowly. */
static enum pb_status apply(struct work *work, const struct pb_trust_change *change, struct pb_err *err)
{
	enum pb_status s = PB_OK;
	char hex[2 * PB_P256_KID + 1];
	bool found = false;

	for (size_t i = 0; i < work->list.count && s == PB_OK; i++)
		if (pb_view_equal(PB_VIEW(work->list.entries[i].kid), PB_VIEW(change->kid))) {
			s = apply_to(&work->list.entries[i], change, err);
			found = true;
		}
	pb_hex_encode(PB_VIEW(change->kid), hex);
	if (!found)
		return pb_fail(err, PB_NOT_FOUND, "no issuer has the key %s", hex);
	return s == PB_OK ? PB_OK : pb_wrap(err, s, "%s", hex);
}

/* What stands in the accepted list; nothing when there never was one. */
static enum pb_status begin(struct work *work, struct pb_err *err)
{
	const struct pb_trust_publication *publication = work->publication;
	struct pb_trust_found found = { 0 };
	uint64_t last = publication->above;
	enum pb_status s = pb_trust_folder_read(work->fd, &work->roots, &found, err);

	if (s == PB_NOT_FOUND) {
		pb_err_clear(err);
		s = PB_OK;
	}
	if (s != PB_OK)
		return s;
	if (found.list.sequence > last)
		last = found.list.sequence;
	if (last >= PB_TRUST_SEQUENCE_MAX) {
		pb_trust_list_finish(&found.list);
		return pb_fail(err, PB_INPUT_INVALID, "there is no larger number for a trust list");
	}
	work->list = found.list;
	work->list.sequence = last + 1;
	work->list.issued_at = publication->now;
	work->list.expires = publication->now + LIST_LIVES;
	return PB_OK;
}

static enum pb_status fill(struct work *work, struct pb_err *err)
{
	const struct pb_trust_publication *publication = work->publication;
	enum pb_status s = begin(work, err);

	if (s == PB_OK)
		s = take_files(work, PB_ROLE_ISSUER, add_issuer, NULL, err);
	if (s != PB_OK)
		return s;
	leave_out_the_expired(work);
	describe(work);
	for (size_t i = 0; i < publication->change_count && s == PB_OK; i++)
		s = apply(work, &publication->changes[i], err);
	if (s == PB_OK && work->list.count == 0)
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "the trust folder has no certificate of an issuer");
	return s;
}

/* ---- the signer */

struct signers {
	struct {
		uint8_t der[PB_X509_DER_MAX];
		size_t n;
		int64_t from;
	} one[SIGNERS_MAX];
	size_t count;
};

/* The newest first: a key that was followed by another does not sign any more. */
static enum pb_status add_signer(struct work *work, const struct pb_x509 *cert, void *ctx, struct pb_err *err)
{
	struct signers *signers = ctx;
	struct pb_x509_issuer read;
	size_t at = 0;
	enum pb_status s = pb_x509_read_signer(cert, PB_X509_OID_TRUST_LIST, &read, err);

	if (s == PB_OK)
		s = pb_roots_verify(&work->roots, cert, read.from, err);
	if (s != PB_OK || signers->count == SIGNERS_MAX)
		return s;
	while (at < signers->count && signers->one[at].from >= read.from)
		at++;
	memmove(&signers->one[at + 1], &signers->one[at], (signers->count - at) * sizeof(signers->one[0]));
	signers->one[at].n = pb_x509_to_der(cert, signers->one[at].der);
	signers->one[at].from = read.from;
	signers->count++;
	return PB_OK;
}

/* Which certificate is of the key that signs shows when it has signed. */
static enum pb_status sign_as_any(struct work *work, const struct signers *signers, struct pb_trust_draft *draft, struct pb_err *err)
{
	enum pb_status s = pb_fail(err, PB_NOT_FOUND, "the trust folder has no certificate of a trust-list key");

	for (size_t i = 0; i < signers->count; i++) {
		struct pb_x509 *cert = NULL;

		pb_err_clear(err);
		s = pb_x509_from_der(pb_view(signers->one[i].der, signers->one[i].n), &cert, err);
		if (s == PB_OK)
			s = pb_trust_list_sign(&work->list, cert, work->publication->store, &draft->token, &draft->n, err);
		pb_x509_destroy(cert);
		if (s != PB_KEYS_UNAVAILABLE)
			break;
	}
	return s;
}

static enum pb_status sign(struct work *work, struct pb_trust_draft *draft, struct pb_err *err)
{
	struct signers *signers = calloc(1, sizeof(*signers));
	enum pb_status s;

	if (signers == NULL)
		return pb_fail(err, PB_NO_MEMORY, "trust list");
	s = take_files(work, PB_ROLE_TRUST_LIST, add_signer, signers, err);
	if (s == PB_OK)
		s = sign_as_any(work, signers, draft, err);
	free(signers);
	return s;
}

enum pb_status pb_trust_publication_make(const struct pb_trust_publication *publication, struct pb_trust_draft *ret_draft,
					 struct pb_err *err)
{
	struct work work = { .publication = publication };
	struct pb_trust_draft draft = { 0 };
	enum pb_status s = pb_trust_folder_open(publication->directory, &work.fd, err);

	if (s != PB_OK)
		return pb_wrap(err, s, "%s", publication->directory);
	s = pb_roots_load(work.fd, &work.roots, err);
	if (s == PB_OK)
		s = fill(&work, err);
	if (s == PB_OK)
		s = sign(&work, &draft, err);
	if (s == PB_OK) {
		draft.sequence = work.list.sequence;
		pb_sha256(pb_view(draft.token, draft.n), draft.digest);
		*ret_draft = draft;
	}
	pb_trust_list_finish(&work.list);
	pb_roots_finish(&work.roots);
	(void)close(work.fd);
	return s == PB_OK ? PB_OK : pb_wrap(err, s, "%s", publication->directory);
}

void pb_trust_draft_finish(struct pb_trust_draft *draft)
{
	free(draft->token);
	*draft = (struct pb_trust_draft){ 0 };
}
