/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The list of a backup, which anybody can encrypt to the custodians: refused, or exactly the text we would write, with names
 * that lead nowhere.
 */
#include <stdlib.h>
#include <string.h>

#include "issuer/app/backup_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_backup_list list;
	char *text;
	size_t n;

	if (pb_backup_list_parse(pb_view(data, size), &list, NULL) == PB_OK) {
		for (size_t i = 0; i < list.count; i++)
			if (!pb_backup_name_good(list.part[i].file) || strstr(list.part[i].file, "/.") || list.part[i].file[0] == '/')
				abort();
		if (pb_backup_list_format(&list, &text, &n, NULL) != PB_OK || n != size || memcmp(text, data, n) != 0)
			abort();
		free(text);
	}
	pb_backup_list_finish(&list);
	return 0;
}
