/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was given out, from the trust folder and from the update file: certificates of signers first, then the trust list,
 * then the status lists that they have signed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "issuer/audit/inside.h"
#include "keys/crypto/hash.h"
#include "keys/update_file.h"

#define TRUST_FOLDER "trust"
#define UPDATE_FILE  "profbilet.update"

/* ---- roots */

static enum pb_status load_root(struct stick *stick, const char *path, bool wanted, struct pb_err *err)
{
	struct pb_roots *roots = &stick->given.roots;
	uint8_t *pem = NULL;
	size_t n = 0;
	enum pb_status s = pb_read_path(path, PB_X509_PEM_MAX, &pem, &n, err);

	if (s == PB_OK)
		s = pb_x509_from_pem(pb_view(pem, n), &roots->pinned[roots->count], err);
	free(pem);
	if (s == PB_OK)
		roots->count++;
	if (s == PB_OK || s == PB_NO_MEMORY || wanted)
		return s;
	pb_err_clear(err);
	return PB_OK;
}

static bool is_as_given(const struct stick *stick, struct pb_view fingerprint)
{
	uint8_t wanted[PB_SHA256_LEN];
	size_t n = 0;

	if (stick->options->fingerprint == NULL)
		return true;
	return pb_hex_decode(stick->options->fingerprint, wanted, sizeof(wanted), &n) && pb_view_equal(pb_view(wanted, n), fingerprint);
}

/* The auditor's own root alone, or those of the folder: then the first must have the fingerprint he has on paper. */
static enum pb_status load_roots(struct stick *stick, struct pb_err *err)
{
	static const char *const names[PB_ROOTS_MAX] = { "root.pem", "root-spare.pem" };
	struct pb_stick_report *report = &stick->report;
	char path[STICK_PATH];
	enum pb_status s = PB_OK;

	if (stick->options->root != NULL)
		s = load_root(stick, stick->options->root, true, err);
	for (size_t i = 0; s == PB_OK && stick->options->root == NULL && i < PB_ROOTS_MAX; i++)
		if (stick_path(stick, TRUST_FOLDER, names[i], path))
			s = load_root(stick, path, false, err);
	if (s != PB_OK)
		return s;
	report->root_from_folder = stick->options->root == NULL;
	report->has_root = stick->given.roots.count > 0;
	if (report->has_root)
		pb_x509_fingerprint(stick->given.roots.pinned[0], report->fingerprint);
	if (report->has_root ? !is_as_given(stick, PB_VIEW(report->fingerprint)) : stick->options->fingerprint != NULL)
		stick_find(stick, PB_FINDING_ROOT, "root.pem");
	return PB_OK;
}

/* ---- signers, trust lists, status lists */

static enum pb_status keep_signer(struct stick *stick, struct pb_x509 *cert, const char *name)
{
	if (stick->given.signer_count == STICK_SIGNERS) {
		pb_x509_destroy(cert);
		stick_find(stick, PB_FINDING_STATUS_LIST, name);
	} else {
		stick->given.signers[stick->given.signer_count++] = cert;
	}
	return PB_OK;
}

static enum pb_status take_signer_pem(struct stick *stick, const char *name, struct pb_view bytes, struct pb_err *err)
{
	struct pb_x509 *cert = NULL;

	(void)err;
	if (pb_x509_from_pem(bytes, &cert, NULL) == PB_OK)
		return keep_signer(stick, cert, name);
	stick_find(stick, PB_FINDING_STATUS_LIST, name);
	return PB_OK;
}

static enum pb_status take_signer_der(struct stick *stick, const char *name, struct pb_view bytes, struct pb_err *err)
{
	struct pb_x509 *cert = NULL;

	(void)err;
	if (pb_x509_from_der(bytes, &cert, NULL) == PB_OK)
		return keep_signer(stick, cert, name);
	stick_find(stick, PB_FINDING_STATUS_LIST, name);
	return PB_OK;
}

static enum pb_status take_trust(struct stick *stick, const char *name, struct pb_view bytes, struct pb_err *err)
{
	struct pb_trust **trust = &stick->given.trust, *newer = NULL;
	struct pb_trust_list list = { 0 };
	enum pb_trust_fault fault;
	uint8_t digest[PB_SHA256_LEN];
	enum pb_status s = pb_trust_list_open(bytes, &stick->given.roots, &list, &fault, err);

	if (s != PB_OK)
		return s;
	if (fault != PB_TRUST_FAULT_NONE) {
		stick_find(stick, PB_FINDING_TRUST_LIST, name);
		return PB_OK;
	}
	if (*trust == NULL || list.sequence > pb_trust_list(*trust)->sequence) {
		pb_sha256(bytes, digest);
		s = pb_trust_of_list(&list, digest, &newer, err);
	}
	if (newer != NULL) {
		pb_trust_destroy(*trust);
		*trust = newer;
	}
	pb_trust_list_finish(&list);
	return s;
}

/* The place of the list of that issuer and number, new where there is none; NULL when there is no more. */
static struct pb_status_list *list_at(struct given *given, const struct pb_status_list *like)
{
	struct pb_status_list *lists;

	for (size_t i = 0; i < given->list_count; i++)
		if (given->lists[i].number == like->number && strcmp(given->lists[i].issuer, like->issuer) == 0)
			return &given->lists[i];
	lists = given->list_count < STICK_LISTS ? realloc(given->lists, (given->list_count + 1) * sizeof(*lists)) : NULL;
	if (lists == NULL)
		return NULL;
	given->lists = lists;
	lists[given->list_count] = (struct pb_status_list){ .issued_at = INT64_MIN };
	return &lists[given->list_count++];
}

static enum pb_status take_list(struct stick *stick, const char *name, struct pb_view bytes, struct pb_err *err)
{
	const struct pb_status_signers signers = { stick->given.signers, stick->given.signer_count };
	struct pb_status_list list, *place;

	if (pb_status_list_open(bytes, &signers, &stick->given.roots, &list) != PB_STATUS_FAULT_NONE) {
		stick_find(stick, PB_FINDING_STATUS_LIST, name);
		return PB_OK;
	}
	place = list_at(&stick->given, &list);
	if (place == NULL)
		return pb_fail(err, PB_NO_MEMORY, "status lists");
	if (list.issued_at > place->issued_at)
		*place = list;
	return PB_OK;
}

/* ---- certificates of issuers */

static bool says_the_same(const struct pb_trust_entry *a, const struct pb_trust_entry *b)
{
	return pb_view_equal(PB_VIEW(a->point), PB_VIEW(b->point)) && strcmp(a->code, b->code) == 0 && a->test == b->test &&
	       a->valid_from == b->valid_from && a->valid_until == b->valid_until && a->last_signing <= b->last_signing;
}

/* Under the root, and an entry of the list says what it says; a list may end a key's signing early and not later. */
static bool is_certified(const struct stick *stick, const struct pb_x509 *cert)
{
	struct pb_trust_entry entry;

	if (pb_trust_entry_of_certificate(cert, &entry, NULL) != PB_OK ||
	    pb_roots_verify(&stick->given.roots, cert, entry.valid_from, NULL) != PB_OK)
		return false;
	for (const struct pb_issuer *i = pb_trust_find(stick->given.trust, entry.kid, NULL); i != NULL;
	     i = pb_trust_find(stick->given.trust, entry.kid, i))
		if (says_the_same(i->entry, &entry))
			return true;
	return false;
}

static enum pb_status take_certificate(struct stick *stick, const char *name, struct pb_view bytes, struct pb_err *err)
{
	struct pb_x509 *cert = NULL;

	(void)err;
	if (pb_x509_from_pem(bytes, &cert, NULL) != PB_OK || !is_certified(stick, cert))
		stick_find(stick, PB_FINDING_CERTIFICATE, name);
	pb_x509_destroy(cert);
	return PB_OK;
}

/* ---- both sources */

/* Items of one kind in the update file. */
static enum pb_status each_item(struct stick *stick, enum pb_update_kind kind, stick_take *take, struct pb_err *err)
{
	struct pb_cursor rest = pb_cursor(pb_view(stick->given.update, stick->given.update_n));
	struct pb_update_item item;
	enum pb_status s = PB_OK;

	while (s == PB_OK && pb_update_next(&rest, &item))
		if (item.kind == kind)
			s = take(stick, UPDATE_FILE, item.bytes, err);
	return s;
}

static enum pb_status load_update(struct stick *stick, struct pb_err *err)
{
	struct given *given = &stick->given;
	char path[STICK_PATH];

	if (!stick_path(stick, "", UPDATE_FILE, path) ||
	    pb_read_path(path, PB_UPDATE_MAX, &given->update, &given->update_n, err) == PB_OK)
		return PB_OK;
	given->update = NULL;
	given->update_n = 0;
	if (err->status == PB_NO_MEMORY)
		return err->status;
	pb_err_clear(err);
	return PB_OK;
}

static enum pb_status take_all(struct stick *stick, enum pb_update_kind kind, stick_take *item, const struct stick_files *files,
			       stick_take *file, struct pb_err *err)
{
	enum pb_status s = stick_each_file(stick, files, file, err);

	return s == PB_OK && item != NULL ? each_item(stick, kind, item, err) : s;
}

enum pb_status stick_load_given(struct stick *stick, struct pb_err *err)
{
	char folder[STICK_PATH] = "";
	const struct stick_files signers = { folder, "status-list-", ".pem", PB_X509_PEM_MAX, PB_FINDING_STATUS_LIST };
	const struct stick_files trust = { folder, "trust", ".cwt", PB_TRUST_LIST_MAX, PB_FINDING_TRUST_LIST };
	const struct stick_files lists = { folder, "status-", ".cwt", PB_STATUS_TOKEN_MAX, PB_FINDING_STATUS_LIST };
	const struct stick_files certificates = { folder, "issuer-", ".pem", PB_X509_PEM_MAX, PB_FINDING_CERTIFICATE };
	enum pb_status s = stick_path(stick, TRUST_FOLDER, "", folder) ? load_roots(stick, err) :
									pb_fail(err, PB_INPUT_TOO_LARGE, "the path of the folder");

	if (s == PB_OK)
		s = load_update(stick, err);
	if (s == PB_OK)
		s = take_all(stick, PB_UPDATE_SIGNER, take_signer_der, &signers, take_signer_pem, err);
	if (s == PB_OK)
		s = take_all(stick, PB_UPDATE_TRUST_LIST, take_trust, &trust, take_trust, err);
	if (s == PB_OK)
		s = take_all(stick, PB_UPDATE_STATUS_LIST, take_list, &lists, take_list, err);
	if (s == PB_OK && stick->given.trust != NULL)
		s = take_all(stick, PB_UPDATE_UNKNOWN, NULL, &certificates, take_certificate, err);
	return s;
}

void stick_forget_given(struct given *given)
{
	pb_roots_finish(&given->roots);
	pb_trust_destroy(given->trust);
	for (size_t i = 0; i < given->signer_count; i++)
		pb_x509_destroy(given->signers[i]);
	free(given->lists);
	free(given->update);
	*given = (struct given){ 0 };
}
