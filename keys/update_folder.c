/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An update file is made of a trust folder, and taken into one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cbor.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/status_folder.h"
#include "keys/trust.h"
#include "keys/trust_folder.h"
#include "keys/update_file.h"

_Static_assert((int)PB_UPDATE_NAME_CAP == (int)PB_STATUS_FILE_CAP, "the name of a part is that of its file");

/* ---- out */

static enum pb_status put_file(int fd, const char *name, size_t max, struct pb_writer *writer, struct pb_err *err)
{
	uint8_t *bytes = NULL;
	size_t n;
	enum pb_status s = pb_key_file_read_public(fd, name, max, &bytes, &n, err);

	if (s != PB_OK)
		return s;
	pb_put(writer, bytes, n);
	free(bytes);
	return PB_OK;
}

static enum pb_status put_parts(const char *dir, const struct pb_statuses *statuses, struct pb_writer *writer, struct pb_err *err)
{
	uint8_t der[PB_X509_DER_MAX];
	char name[PB_STATUS_FILE_CAP];
	int fd;
	enum pb_status s = pb_trust_folder_open(dir, &fd, err);

	if (s != PB_OK)
		return s;
	s = put_file(fd, PB_TRUST_FILE_LIST, PB_TRUST_LIST_MAX, writer, err);
	for (size_t i = 0; i < pb_statuses_signer_count(statuses); i++)
		pb_cbor_put_bytes(writer, pb_view(der, pb_x509_to_der(pb_statuses_signer(statuses, i), der)));
	for (size_t i = 0; s == PB_OK && i < pb_statuses_count(statuses); i++) {
		pb_status_file_name(pb_statuses_list(statuses, i)->issuer, pb_statuses_list(statuses, i)->number, name);
		s = put_file(fd, name, PB_STATUS_TOKEN_MAX, writer, err);
	}
	(void)close(fd);
	if (s == PB_OK && writer->full)
		s = pb_fail(err, PB_INPUT_TOO_LARGE, "the lists are more than an update file may have");
	return s;
}

static enum pb_status export_checked(const char *dir, uint8_t *bytes, size_t *ret_n, struct pb_err *err)
{
	struct pb_writer writer = pb_writer(bytes, PB_UPDATE_MAX);
	struct pb_statuses *statuses = NULL;
	struct pb_trust *trust = NULL;
	enum pb_status s = pb_trust_load(dir, &trust, err);

	if (s == PB_OK)
		s = pb_statuses_load(dir, &statuses, err);
	if (s == PB_OK)
		s = put_parts(dir, statuses, &writer, err);
	pb_statuses_destroy(statuses);
	pb_trust_destroy(trust);
	*ret_n = writer.n;
	return s;
}

enum pb_status pb_update_export(const char *dir, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err)
{
	uint8_t *bytes = malloc(PB_UPDATE_MAX);
	enum pb_status s;

	if (bytes == NULL)
		return pb_fail(err, PB_NO_MEMORY, "update file");
	s = export_checked(dir, bytes, ret_n, err);
	if (s == PB_OK)
		*ret_bytes = bytes;
	else
		free(bytes);
	return s;
}

/* ---- in */

static enum pb_status take_trust_list(const char *dir, struct pb_view token, struct pb_update_part *part, struct pb_err *err)
{
	struct pb_trust_list list = { 0 };
	enum pb_trust_fault fault;
	enum pb_status s = pb_trust_accept(dir, token, &list, &fault, err);

	pb_trust_list_finish(&list);
	if (s != PB_OK)
		return s;
	(void)snprintf(part->name, sizeof(part->name), "%s", PB_TRUST_FILE_LIST);
	part->fault = pb_trust_fault_name(fault);
	part->words = pb_trust_fault_words(fault);
	part->outcome = fault == PB_TRUST_FAULT_NONE	   ? PB_UPDATE_TAKEN :
			fault == PB_TRUST_FAULT_ROLLBACK ? PB_UPDATE_OLDER :
			fault == PB_TRUST_FAULT_FORK	   ? PB_UPDATE_FORKED :
							     PB_UPDATE_REFUSED;
	return PB_OK;
}

static void judge(enum pb_status_fault fault, bool is_new, struct pb_update_part *part)
{
	part->fault = pb_status_fault_name(fault);
	part->words = pb_status_fault_words(fault);
	switch (fault) {
	case PB_STATUS_FAULT_NONE:
		part->outcome = is_new ? PB_UPDATE_TAKEN : PB_UPDATE_PRESENT;
		break;
	case PB_STATUS_FAULT_ROLLBACK:
		part->outcome = PB_UPDATE_OLDER;
		break;
	case PB_STATUS_FAULT_FORK:
		part->outcome = PB_UPDATE_FORKED;
		break;
	default:
		part->outcome = PB_UPDATE_REFUSED;
		break;
	}
}

static enum pb_status take_status_list(const char *dir, struct pb_view token, struct pb_update_part *part, struct pb_err *err)
{
	struct pb_status_list list = { 0 };
	enum pb_status_fault fault;
	bool is_new;
	enum pb_status s = pb_status_accept(dir, token, &list, &is_new, &fault, err);

	if (s != PB_OK)
		return s;
	if (list.issuer[0] != '\0') /* its signature was good, whatever else it is */
		pb_status_file_name(list.issuer, list.number, part->name);
	judge(fault, is_new, part);
	return PB_OK;
}

static enum pb_status take_signer(const char *dir, struct pb_view der, struct pb_update_part *part, struct pb_err *err)
{
	enum pb_status_fault fault;
	bool is_new;
	enum pb_status s = pb_status_accept_signer(dir, der, part->name, &is_new, &fault, err);

	if (s == PB_OK)
		judge(fault, is_new, part);
	return s;
}

static enum pb_status take_item(const char *dir, const struct pb_update_item *item, struct pb_update_part *part, struct pb_err *err)
{
	switch (item->kind) {
	case PB_UPDATE_TRUST_LIST:
		return take_trust_list(dir, item->bytes, part, err);
	case PB_UPDATE_SIGNER:
		return take_signer(dir, item->bytes, part, err);
	case PB_UPDATE_STATUS_LIST:
		return take_status_list(dir, item->bytes, part, err);
	default:
		part->outcome = PB_UPDATE_IGNORED;
		part->fault = part->words = "";
		return PB_OK;
	}
}

static enum pb_status check_whole(struct pb_view bytes, struct pb_err *err)
{
	struct pb_cursor rest = pb_cursor(bytes);
	struct pb_update_item item;

	while (pb_update_next(&rest, &item))
		;
	if (bytes.n == 0 || rest.left > 0)
		return pb_fail(err, PB_INPUT_INVALID, "no update file, or cut short: byte %zu", bytes.n - rest.left);
	return PB_OK;
}

enum pb_status pb_update_import(const char *dir, struct pb_view bytes, pb_update_tell *tell, void *ctx, struct pb_err *err)
{
	struct pb_cursor rest = pb_cursor(bytes);
	struct pb_update_item item;
	enum pb_status s = check_whole(bytes, err);

	while (s == PB_OK && pb_update_next(&rest, &item)) {
		struct pb_update_part part = { .kind = item.kind };

		s = take_item(dir, &item, &part, err);
		if (s == PB_OK)
			tell(ctx, &part);
	}
	return s;
}
