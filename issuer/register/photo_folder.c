/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Photos that a list names, from the one folder that the operator chose.  The name comes from outside: it is
 * a single component (valid_photo_name), opened without following a link, so that nothing but a file lying
 * in that folder is ever read; a FIFO or a device is not waited for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"
#include "issuer/register/import_internal.h"

static enum pb_status read_whole(int fd, uint8_t **ret_bytes, size_t *ret_n, enum pb_import_fault *ret_fault,
				 struct pb_err *err)
{
	uint8_t *bytes;
	size_t n;
	enum pb_status s = pb_read_fd(fd, PB_PHOTO_MAX, &bytes, &n, err);

	if (s == PB_INPUT_TOO_LARGE) {
		*ret_fault = PB_IMPORT_FAULT_PHOTO_LARGE;
		return PB_OK;
	}
	if (s != PB_OK)
		return s;
	if (pb_photo_format(pb_view(bytes, n)) == PB_PHOTO_NONE) {
		free(bytes);
		*ret_fault = PB_IMPORT_FAULT_PHOTO_BROKEN;
		return PB_OK;
	}
	*ret_bytes = bytes;
	*ret_n = n;
	return PB_OK;
}

enum pb_status photo_read(int folder, const char *name, uint8_t **ret_bytes, size_t *ret_n,
			  enum pb_import_fault *ret_fault, struct pb_err *err)
{
	struct stat status;
	enum pb_status s;
	int fd;

	*ret_fault = PB_IMPORT_FAULT_COUNT;
	if (!valid_photo_name(name))
		PB_BUG("a photo's name was not checked");
	fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == EIO))
		return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "a photo");
	if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		*ret_fault = PB_IMPORT_FAULT_PHOTO_MISSING;
		s = PB_OK;
	} else {
		s = read_whole(fd, ret_bytes, ret_n, ret_fault, err);
	}
	if (fd >= 0)
		close(fd);
	return s;
}
