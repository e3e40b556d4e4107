/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * trust.cwt, trust.seen, trust.cwt.new.  Which of the two lists counts is decided by trust.seen, so that a crash
 * between any two steps of the exchange leaves exactly one of them.
 */
#include "keys/trust_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keys/key_dir.h"
#include "keys/key_file.h"

/* "41 0123...ef\n" */
enum { SEEN_MAX = 20 + 1 + 2 * PB_SHA256_LEN + 1 };

enum pb_status pb_trust_folder_open(const char *dir, int *ret_fd, struct pb_err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "the trust folder");
	*ret_fd = fd;
	return PB_OK;
}

static enum pb_status open_token(const char *name, struct pb_view token, const struct pb_roots *roots,
				 struct pb_trust_found *ret_found, struct pb_err *err)
{
	struct pb_trust_found found = { 0 };
	enum pb_trust_fault fault;
	enum pb_status s = pb_trust_list_open(token, roots, &found.list, &fault, err);

	if (s != PB_OK)
		return s;
	if (fault != PB_TRUST_FAULT_NONE)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s: %s", name, pb_trust_fault_words(fault));
	found.seen.sequence = found.list.sequence;
	pb_sha256(token, found.seen.digest);
	*ret_found = found;
	return PB_OK;
}

static enum pb_status read_list(int dir_fd, const char *name, const struct pb_roots *roots, struct pb_trust_found *ret_found,
				struct pb_err *err)
{
	uint8_t *token = NULL;
	size_t n;
	enum pb_status s = pb_key_file_read_public(dir_fd, name, PB_TRUST_LIST_MAX, &token, &n, err);

	if (s != PB_OK)
		return s;
	s = open_token(name, pb_view(token, n), roots, ret_found, err);
	free(token);
	return s;
}

static bool parse_seen(struct pb_view text, struct pb_trust_seen *ret_seen)
{
	char copy[SEEN_MAX + 1], again[SEEN_MAX + 1], hex[2 * PB_SHA256_LEN + 1];
	struct pb_trust_seen seen;
	char *space;
	size_t n;

	if (text.n > SEEN_MAX || text.n == 0 || text.p[text.n - 1] != '\n')
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n - 1] = '\0';
	space = strchr(copy, ' ');
	if (space == NULL || !pb_hex_decode(space + 1, seen.digest, sizeof(seen.digest), &n) || n != sizeof(seen.digest))
		return false;
	seen.sequence = strtoull(copy, NULL, 10);
	pb_hex_encode(PB_VIEW(seen.digest), hex);
	(void)snprintf(again, sizeof(again), "%" PRIu64 " %s\n", seen.sequence, hex);
	if (seen.sequence == 0 || seen.sequence > PB_TRUST_SEQUENCE_MAX || !pb_view_equal(pb_view_text(again), text))
		return false;
	*ret_seen = seen;
	return true;
}

static enum pb_status read_seen(int dir_fd, struct pb_trust_seen *ret_seen, struct pb_err *err)
{
	uint8_t content[PB_KEY_FILE_MAX];
	size_t n;
	enum pb_status s = pb_key_file_read(dir_fd, PB_TRUST_FILE_SEEN, PB_KEY_FILE_PUBLIC, content, &n, err);

	*ret_seen = (struct pb_trust_seen){ 0 };
	if (s == PB_NOT_FOUND) {
		pb_err_clear(err);
		return PB_OK;
	}
	if (s != PB_OK)
		return s;
	if (!parse_seen(pb_view(content, n), ret_seen))
		return pb_fail(err, PB_KEYS_UNAVAILABLE, PB_TRUST_FILE_SEEN ": not the number and SHA-256 of a list");
	return PB_OK;
}

static bool is_same(const struct pb_trust_seen *a, const struct pb_trust_seen *b)
{
	return a->sequence == b->sequence && pb_view_equal(PB_VIEW(a->digest), PB_VIEW(b->digest));
}

/* Of what stands at its name: whether it may count. */
static enum pb_status hold_against(const struct pb_trust_seen *seen, const struct pb_trust_found *found, struct pb_err *err)
{
	if (found->seen.sequence > seen->sequence || is_same(&found->seen, seen))
		return PB_OK;
	return pb_fail(err, PB_KEYS_UNAVAILABLE, PB_TRUST_FILE_LIST ": number %" PRIu64 "; %s (%" PRIu64 ")", found->seen.sequence,
		       pb_trust_fault_words(found->seen.sequence < seen->sequence ? PB_TRUST_FAULT_ROLLBACK : PB_TRUST_FAULT_FORK),
		       seen->sequence);
}

/* An exchange that a crash has cut short after trust.seen was written: the new list waits beside. */
static bool find_waiting(int fd, const struct pb_roots *roots, const struct pb_trust_seen *seen, struct pb_trust_found *ret_found)
{
	struct pb_trust_found waiting = { 0 };

	if (seen->sequence == 0 || read_list(fd, PB_TRUST_FILE_WAITING, roots, &waiting, NULL) != PB_OK)
		return false;
	if (!is_same(&waiting.seen, seen)) {
		pb_trust_list_finish(&waiting.list);
		return false;
	}
	*ret_found = waiting;
	return true;
}

enum pb_status pb_trust_folder_read(int fd, const struct pb_roots *roots, struct pb_trust_found *ret_found, struct pb_err *err)
{
	struct pb_trust_found found = { 0 };
	struct pb_trust_seen seen;
	enum pb_status s = read_seen(fd, &seen, err);

	if (s != PB_OK)
		return s;
	s = read_list(fd, PB_TRUST_FILE_LIST, roots, &found, err);
	if (s == PB_OK)
		s = hold_against(&seen, &found, err);
	if (s == PB_OK) {
		*ret_found = found;
		return PB_OK;
	}
	pb_trust_list_finish(&found.list);
	if (find_waiting(fd, roots, &seen, ret_found)) {
		pb_err_clear(err);
		return PB_OK;
	}
	if (s == PB_NOT_FOUND && seen.sequence > 0)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, PB_TRUST_FILE_LIST " is missing; the last was number %" PRIu64, seen.sequence);
	return s;
}

/* A list that cannot be read is no reason to refuse the one that would replace it. */
enum pb_status pb_trust_folder_newest(int fd, const struct pb_roots *roots, struct pb_trust_seen *ret_seen, struct pb_err *err)
{
	struct pb_trust_found found = { 0 };
	enum pb_status s = read_seen(fd, ret_seen, err);

	if (s != PB_OK)
		return s;
	if (read_list(fd, PB_TRUST_FILE_LIST, roots, &found, NULL) == PB_OK && found.seen.sequence > ret_seen->sequence)
		*ret_seen = found.seen;
	pb_trust_list_finish(&found.list);
	return PB_OK;
}

static enum pb_status write_seen(int fd, const struct pb_trust_seen *seen, struct pb_err *err)
{
	char text[SEEN_MAX + 1], hex[2 * PB_SHA256_LEN + 1];

	pb_hex_encode(PB_VIEW(seen->digest), hex);
	(void)snprintf(text, sizeof(text), "%" PRIu64 " %s\n", seen->sequence, hex);
	return pb_key_file_replace(fd, PB_TRUST_FILE_SEEN, pb_view_text(text), err);
}

static enum pb_status put_in_place(int fd, struct pb_err *err)
{
	if (renameat(fd, PB_TRUST_FILE_WAITING, fd, PB_TRUST_FILE_LIST) != 0 || fsync(fd) != 0)
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, PB_TRUST_FILE_LIST);
	return PB_OK;
}

enum pb_status pb_trust_folder_settle(int fd, const struct pb_roots *roots, struct pb_err *err)
{
	struct pb_trust_found waiting = { 0 };
	struct pb_trust_seen seen;
	enum pb_status s = read_seen(fd, &seen, err);

	if (s != PB_OK || !find_waiting(fd, roots, &seen, &waiting))
		return s;
	pb_trust_list_finish(&waiting.list);
	return put_in_place(fd, err);
}

enum pb_status pb_trust_folder_replace(int fd, struct pb_view token, const struct pb_trust_seen *seen, struct pb_err *err)
{
	enum pb_status s = pb_key_file_replace(fd, PB_TRUST_FILE_WAITING, token, err);

	if (s == PB_OK)
		s = write_seen(fd, seen, err);
	return s == PB_OK ? put_in_place(fd, err) : s;
}
