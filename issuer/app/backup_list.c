/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing and strictly reading the list of a backup.
 */
#include "issuer/app/backup_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "# profbilet office backup 1\n"

enum { HEX = 2 * PB_SHA256_LEN, NUMBER = 5 /* ".0001" */, LINE_MAX_BYTES = HEX + 2 + PB_BACKUP_NAME + NUMBER };

/* ---- names */

static bool plain_name(const char *name)
{
	return name[0] != '\0' && name[0] != '.' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.")] == '\0';
}

bool pb_backup_name_good(const char *name)
{
	static const char *const own[] = { "office.db", "profbilet.conf", "protocol.note" };
	static const char *const folders[] = { "keys/public/", "keys/", "trust/" };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(name, own[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (strncmp(name, folders[i], strlen(folders[i])) == 0)
			return strlen(name) < PB_BACKUP_NAME && plain_name(name + strlen(folders[i]));
	return false;
}

/* ---- the list in memory */

static enum pb_status add(struct pb_backup_list *list, const struct pb_backup_part *part, struct pb_err *err)
{
	if (list->count == PB_BACKUP_PARTS)
		return pb_fail(err, PB_INPUT_TOO_LARGE, "a backup has at most %d parts", PB_BACKUP_PARTS);
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		struct pb_backup_part *larger = reallocarray(list->part, room, sizeof(*larger));

		if (!larger)
			return pb_fail(err, PB_NO_MEMORY, "the list of a backup");
		list->part = larger;
		list->room = room;
	}
	list->part[list->count++] = *part;
	return PB_OK;
}

enum pb_status pb_backup_list_add(struct pb_backup_list *list, const char *file, unsigned number, struct pb_view content,
				  struct pb_err *err)
{
	struct pb_backup_part part = { .number = number };

	if (!pb_backup_name_good(file))
		return pb_fail(err, PB_INPUT_INVALID, "%s: a backup has no file of such a name", file);
	(void)snprintf(part.file, sizeof(part.file), "%s", file);
	pb_sha256(content, part.digest);
	return add(list, &part, err);
}

void pb_backup_list_finish(struct pb_backup_list *list)
{
	free(list->part);
	*list = (struct pb_backup_list){ 0 };
}

/* ---- as text */

enum pb_status pb_backup_list_format(const struct pb_backup_list *list, char **ret_text, size_t *ret_n, struct pb_err *err)
{
	size_t cap = sizeof(HEAD) + PB_ORIGIN_MAX + 32 + list->count * (LINE_MAX_BYTES + 1), used;
	char *text = malloc(cap), hex[HEX + 1];

	if (!text)
		return pb_fail(err, PB_NO_MEMORY, "the list of a backup");
	used = (size_t)snprintf(text, cap, HEAD "# %s %" PRIu64 "\n", list->origin, list->entries);
	for (size_t i = 0; i < list->count; i++) {
		pb_hex_encode(PB_VIEW(list->part[i].digest), hex);
		used += (size_t)snprintf(text + used, cap - used, "%s  %s.%04u\n", hex, list->part[i].file, list->part[i].number);
	}
	*ret_text = text;
	*ret_n = used;
	return PB_OK;
}

/* The next line without its LF; false at the end, and when the text does not end with one. */
static bool take_line(struct pb_cursor *in, char *ret_line, size_t cap)
{
	const uint8_t *end = in->left > 0 ? memchr(in->p, '\n', in->left) : NULL;
	struct pb_view line;
	uint8_t lf;

	if (!end || (size_t)(end - in->p) >= cap || !pb_take(in, (size_t)(end - in->p), &line) || !pb_take_u8(in, &lf))
		return false;
	if (line.n > 0)
		memcpy(ret_line, line.p, line.n);
	ret_line[line.n] = '\0';
	return strlen(ret_line) == line.n;
}

static bool read_number(const char *text, uint64_t max, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (text[0] == '\0' || strlen(text) > 18 || text[strspn(text, "0123456789")] != '\0')
		return false;
	for (; *text != '\0'; text++)
		number = 10 * number + (uint64_t)(*text - '0');
	*ret_number = number;
	return number <= max;
}

static bool read_ledger(char *line, struct pb_backup_list *list)
{
	char *space = strrchr(line, ' ');

	if (strncmp(line, "# ", 2) != 0 || !space || space < line + 3)
		return false;
	*space = '\0';
	for (const char *c = line + 2; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~')
			return false;
	return (space[1] != '0' || space[2] == '\0') && strlen(line + 2) <= PB_ORIGIN_MAX && memcpy(list->origin, line + 2, strlen(line + 2) + 1) &&
	       read_number(space + 1, INT64_MAX, &list->entries);
}

static bool read_part(char *line, struct pb_backup_part *ret_part)
{
	size_t length = strlen(line), n;
	char *name = line + HEX + 2, *number = line + length - NUMBER;
	uint64_t value;

	if (length <= HEX + 2 + NUMBER || length - HEX - 2 - NUMBER >= PB_BACKUP_NAME || strncmp(line + HEX, "  ", 2) != 0 ||
	    *number != '.' || !read_number(number + 1, PB_BACKUP_PARTS, &value) || value == 0)
		return false;
	line[HEX] = *number = '\0';
	ret_part->number = (unsigned)value;
	memcpy(ret_part->file, name, strlen(name) + 1);
	return pb_backup_name_good(name) && line[strspn(line, "0123456789abcdef")] == '\0' &&
	       pb_hex_decode(line, ret_part->digest, sizeof(ret_part->digest), &n) && n == sizeof(ret_part->digest);
}

/* The parts of a file stand together, from the first on, and a file is there once. */
static bool follows(const struct pb_backup_list *list, const struct pb_backup_part *part)
{
	const struct pb_backup_part *last = list->count > 0 ? &list->part[list->count - 1] : NULL;

	if (last && strcmp(last->file, part->file) == 0)
		return part->number == last->number + 1;
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->part[i].file, part->file) == 0)
			return false;
	return part->number == 1;
}

enum pb_status pb_backup_list_parse(struct pb_view text, struct pb_backup_list *ret_list, struct pb_err *err)
{
	struct pb_cursor in = pb_cursor(text);
	char line[LINE_MAX_BYTES + PB_ORIGIN_MAX];
	enum pb_status s = PB_OK;

	*ret_list = (struct pb_backup_list){ 0 };
	if (text.n > PB_BACKUP_LIST_MAX || !take_line(&in, line, sizeof(line)) || strcmp(line, "# profbilet office backup 1") != 0 ||
	    !take_line(&in, line, sizeof(line)) || !read_ledger(line, ret_list))
		return pb_fail(err, PB_INPUT_INVALID, "this is no list of a backup, or one of a newer program");
	while (s == PB_OK && in.left > 0) {
		struct pb_backup_part part = { .number = 0 };

		if (!take_line(&in, line, sizeof(line)) || !read_part(line, &part) || !follows(ret_list, &part))
			return pb_fail(err, PB_INPUT_INVALID, "part %zu of the list of the backup cannot be", ret_list->count + 1);
		s = add(ret_list, &part, err);
	}
	return s;
}
