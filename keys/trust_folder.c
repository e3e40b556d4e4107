/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * trust.cwt, trust.seen, trust.cwt.new: the files of a list, with what a trust list is.
 */
#include "keys/trust_folder.h"

#include <errno.h>
#include <fcntl.h>

#include "keys/key_dir.h"

static const struct pb_list_file file = { .stem = PB_TRUST_FILE_STEM, .max = PB_TRUST_LIST_MAX, .number_max = PB_TRUST_SEQUENCE_MAX };

/* What is read, and under which roots. */
struct reading {
	const struct pb_roots *roots;
	struct pb_trust_list list;
};

enum pb_status pb_trust_folder_open(const char *dir, int *ret_fd, struct pb_err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "the trust folder");
	*ret_fd = fd;
	return PB_OK;
}

static enum pb_status take(void *ctx, struct pb_view token, uint64_t *ret_number, struct pb_err *err)
{
	struct reading *reading = ctx;
	enum pb_trust_fault fault;
	enum pb_status s;

	pb_trust_list_finish(&reading->list);
	s = pb_trust_list_open(token, reading->roots, &reading->list, &fault, err);
	if (s != PB_OK)
		return s;
	if (fault != PB_TRUST_FAULT_NONE)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s", pb_trust_fault_words(fault));
	*ret_number = reading->list.sequence;
	return PB_OK;
}

enum pb_status pb_trust_folder_read(int fd, const struct pb_roots *roots, struct pb_trust_found *ret_found, struct pb_err *err)
{
	struct reading reading = { .roots = roots };
	struct pb_list_seen seen;
	enum pb_status s = pb_list_file_read(fd, &file, take, &reading, &seen, err);

	if (s == PB_OK)
		*ret_found = (struct pb_trust_found){ .list = reading.list, .seen = seen };
	else
		pb_trust_list_finish(&reading.list);
	return s;
}

enum pb_status pb_trust_folder_newest(int fd, const struct pb_roots *roots, struct pb_list_seen *ret_seen, struct pb_err *err)
{
	struct reading reading = { .roots = roots };
	enum pb_status s = pb_list_file_newest(fd, &file, take, &reading, ret_seen, err);

	pb_trust_list_finish(&reading.list);
	return s;
}

enum pb_status pb_trust_folder_settle(int fd, const struct pb_roots *roots, struct pb_err *err)
{
	struct reading reading = { .roots = roots };
	enum pb_status s = pb_list_file_settle(fd, &file, take, &reading, err);

	pb_trust_list_finish(&reading.list);
	return s;
}

enum pb_status pb_trust_folder_replace(int fd, struct pb_view token, const struct pb_list_seen *seen, struct pb_err *err)
{
	return pb_list_file_replace(fd, &file, token, seen, err);
}
