/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Three files and the one order in which they are written: the new list beside the old one, then the memory of it, then
 * one rename, each durable before the next.
 */
#include "keys/list_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keys/key_file.h"

#define LIST	".cwt"
#define WAITING ".cwt.new"
#define SEEN	".seen"

/* "41 0123...ef\n" */
enum { SEEN_MAX = 20 + 1 + 2 * PB_SHA256_LEN + 1, NAME_CAP = PB_LIST_FILE_NAME_CAP + sizeof(WAITING) };

static const char *name_of(const struct pb_list_file *file, const char *suffix, char ret_name[static NAME_CAP])
{
	(void)snprintf(ret_name, NAME_CAP, "%s%s", file->stem, suffix);
	return ret_name;
}

bool pb_list_seen_same(const struct pb_list_seen *a, const struct pb_list_seen *b)
{
	return a->number == b->number && pb_view_equal(PB_VIEW(a->digest), PB_VIEW(b->digest));
}

/* ---- one of the lists */

static enum pb_status read_list(int fd, const struct pb_list_file *file, const char *suffix, pb_list_take *take, void *ctx,
				struct pb_list_seen *ret_seen, struct pb_err *err)
{
	struct pb_list_seen seen;
	char name[NAME_CAP];
	uint8_t *token = NULL;
	size_t n;
	enum pb_status s = pb_key_file_read_public(fd, name_of(file, suffix, name), file->max, &token, &n, err);

	if (s != PB_OK)
		return s;
	s = take(ctx, pb_view(token, n), &seen.number, err);
	if (s == PB_OK) {
		pb_sha256(pb_view(token, n), seen.digest);
		*ret_seen = seen;
	}
	free(token);
	return s == PB_OK ? PB_OK : pb_wrap(err, s, "%s", name);
}

/* ---- the memory of it */

static bool parse_seen(struct pb_view text, uint64_t number_max, struct pb_list_seen *ret_seen)
{
	char copy[SEEN_MAX + 1], again[SEEN_MAX + 1], hex[2 * PB_SHA256_LEN + 1];
	struct pb_list_seen seen;
	char *space;
	size_t n;

	if (text.n > SEEN_MAX || text.n == 0 || text.p[text.n - 1] != '\n')
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n - 1] = '\0';
	space = strchr(copy, ' ');
	if (space == NULL || !pb_hex_decode(space + 1, seen.digest, sizeof(seen.digest), &n) || n != sizeof(seen.digest))
		return false;
	seen.number = strtoull(copy, NULL, 10);
	pb_hex_encode(PB_VIEW(seen.digest), hex);
	(void)snprintf(again, sizeof(again), "%" PRIu64 " %s\n", seen.number, hex);
	if (seen.number == 0 || seen.number > number_max || !pb_view_equal(pb_view_text(again), text))
		return false;
	*ret_seen = seen;
	return true;
}

static enum pb_status read_seen(int fd, const struct pb_list_file *file, struct pb_list_seen *ret_seen, struct pb_err *err)
{
	uint8_t content[PB_KEY_FILE_MAX];
	char name[NAME_CAP];
	size_t n;
	enum pb_status s = pb_key_file_read(fd, name_of(file, SEEN, name), PB_KEY_FILE_PUBLIC, content, &n, err);

	*ret_seen = (struct pb_list_seen){ 0 };
	if (s == PB_NOT_FOUND) {
		pb_err_clear(err);
		return PB_OK;
	}
	if (s != PB_OK)
		return s;
	if (!parse_seen(pb_view(content, n), file->number_max, ret_seen))
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s: not the number and SHA-256 of a list", name);
	return PB_OK;
}

static enum pb_status write_seen(int fd, const struct pb_list_file *file, const struct pb_list_seen *seen, struct pb_err *err)
{
	char name[NAME_CAP], text[SEEN_MAX + 1], hex[2 * PB_SHA256_LEN + 1];

	pb_hex_encode(PB_VIEW(seen->digest), hex);
	(void)snprintf(text, sizeof(text), "%" PRIu64 " %s\n", seen->number, hex);
	return pb_key_file_replace(fd, name_of(file, SEEN, name), pb_view_text(text), err);
}

/* ---- which of them counts */

/* Of what stands at its name: whether it may count. */
static enum pb_status hold_against(const struct pb_list_file *file, const struct pb_list_seen *seen,
				   const struct pb_list_seen *found, struct pb_err *err)
{
	if (found->number > seen->number || pb_list_seen_same(found, seen))
		return PB_OK;
	return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s" LIST ": number %" PRIu64 "; %s has been seen here (%" PRIu64 ")", file->stem,
		       found->number, found->number < seen->number ? "a later list" : "another list of the same number", seen->number);
}

/* An exchange that a crash has cut short after NAME.seen was written: the new list waits beside. */
static bool find_waiting(int fd, const struct pb_list_file *file, pb_list_take *take, void *ctx, const struct pb_list_seen *seen)
{
	struct pb_list_seen waiting;

	return seen->number > 0 && read_list(fd, file, WAITING, take, ctx, &waiting, NULL) == PB_OK && pb_list_seen_same(&waiting, seen);
}

enum pb_status pb_list_file_read(int fd, const struct pb_list_file *file, pb_list_take *take, void *ctx,
				 struct pb_list_seen *ret_seen, struct pb_err *err)
{
	struct pb_list_seen seen, found = { 0 };
	enum pb_status s = read_seen(fd, file, &seen, err);

	if (s != PB_OK)
		return s;
	s = read_list(fd, file, LIST, take, ctx, &found, err);
	if (s == PB_OK)
		s = hold_against(file, &seen, &found, err);
	if (s != PB_OK && find_waiting(fd, file, take, ctx, &seen)) {
		pb_err_clear(err);
		found = seen;
		s = PB_OK;
	}
	if (s == PB_OK)
		*ret_seen = found;
	if (s == PB_NOT_FOUND && seen.number > 0)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s" LIST " is missing; the last was number %" PRIu64, file->stem, seen.number);
	return s;
}

/* A list that cannot be read is no reason to refuse the one that would replace it. */
enum pb_status pb_list_file_newest(int fd, const struct pb_list_file *file, pb_list_take *take, void *ctx,
				   struct pb_list_seen *ret_seen, struct pb_err *err)
{
	struct pb_list_seen found;
	enum pb_status s = read_seen(fd, file, ret_seen, err);

	if (s == PB_OK && read_list(fd, file, LIST, take, ctx, &found, NULL) == PB_OK && found.number > ret_seen->number)
		*ret_seen = found;
	return s;
}

/* ---- exchanging it */

static enum pb_status put_in_place(int fd, const struct pb_list_file *file, struct pb_err *err)
{
	char waiting[NAME_CAP], list[NAME_CAP];

	if (renameat(fd, name_of(file, WAITING, waiting), fd, name_of(file, LIST, list)) != 0 || fsync(fd) != 0)
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", list);
	return PB_OK;
}

enum pb_status pb_list_file_settle(int fd, const struct pb_list_file *file, pb_list_take *take, void *ctx, struct pb_err *err)
{
	struct pb_list_seen seen;
	enum pb_status s = read_seen(fd, file, &seen, err);

	return s == PB_OK && find_waiting(fd, file, take, ctx, &seen) ? put_in_place(fd, file, err) : s;
}

enum pb_status pb_list_file_replace(int fd, const struct pb_list_file *file, struct pb_view token, const struct pb_list_seen *seen,
				    struct pb_err *err)
{
	char name[NAME_CAP];
	enum pb_status s = pb_key_file_replace(fd, name_of(file, WAITING, name), token, err);

	if (s == PB_OK)
		s = write_seen(fd, file, seen, err);
	return s == PB_OK ? put_in_place(fd, file, err) : s;
}
