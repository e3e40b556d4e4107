/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A status list in memory.  It is read in status_list_read.c, and made in status_list_sign.c, which no verifier links.
 */
#include "keys/status_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "keys/status_list_inside.h"

static const struct {
	const char *name, *words;
} faults[] = {
#define PB_STATUS_FAULT(id, name, words) { name, words },
#include "keys/status_list.def"
#undef PB_STATUS_FAULT
};

const char *pb_status_fault_name(enum pb_status_fault fault)
{
	return faults[fault].name;
}

const char *pb_status_fault_words(enum pb_status_fault fault)
{
	return faults[fault].words;
}

bool pb_status_list_look(const struct pb_status_list *list, uint32_t index, bool *ret_refused)
{
	if (index >= PB_STATUS_LIST_SLOTS)
		return false;
	*ret_refused = (list->bits[index / 8] >> index % 8 & 1) != 0;
	return true;
}

uint32_t pb_status_list_refused(const struct pb_status_list *list)
{
	uint32_t count = 0;

	for (size_t i = 0; i < sizeof(list->bits); i++)
		for (unsigned byte = list->bits[i]; byte != 0; byte >>= 1)
			count += byte & 1;
	return count;
}

enum pb_status pb_status_list_base(const char *host, const char *issuer, char ret_base[static PB_STATUS_URI_MAX + 1], struct pb_err *err)
{
	int n = snprintf(ret_base, PB_STATUS_URI_MAX + 1, "https://%s/st/%s/", host, issuer);

	return n >= 0 && n <= PB_STATUS_URI_MAX ? PB_OK : pb_fail(err, PB_INPUT_INVALID, "no address of status lists: %s", ret_base);
}

enum pb_status pb_status_list_name(struct pb_status_list *list, const char *host, const char *issuer, uint32_t number,
				   struct pb_err *err)
{
	char base[PB_STATUS_URI_MAX + 1], uri[PB_STATUS_URI_MAX + 1], found[17];
	uint32_t found_number;
	enum pb_status s = pb_status_list_base(host, issuer, base, err);
	int n;

	if (s != PB_OK)
		return s;
	n = snprintf(uri, sizeof(uri), "%s%" PRIu32, base, number);
	if (n < 0 || (size_t)n >= sizeof(uri) || !pb_status_uri_split(uri, found, &found_number) || strcmp(found, issuer) != 0)
		return pb_fail(err, PB_INPUT_INVALID, "no address of a status list: %s", uri);
	memcpy(list->uri, uri, sizeof(uri));
	memcpy(list->issuer, found, sizeof(found));
	list->number = number;
	return PB_OK;
}
