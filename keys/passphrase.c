/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One line, without its end; a file that others can read is no secret.
 */
#include "keys/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOR_OTHERS = 077, FOR_OTHERS_BUT_READING_BY_GROUP = 037 };

static enum pb_status read_line(const char *path, mode_t forbidden, struct pb_secret *ret_passphrase, struct pb_err *err)
{
	char line[PB_SECRET_MAX + 2];
	enum pb_status s = PB_OK;
	struct stat st;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s", path);
	n = read(fd, line, sizeof(line));
	if (n < 0 || fstat(fd, &st) != 0)
		s = pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s", path);
	else if ((st.st_mode & forbidden) != 0)
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "%s can be read by others: chmod 600 it", path);
	else if (n > 0 && line[n - 1] == '\n')
		n--;
	if (s == PB_OK && (n == 0 || n > PB_SECRET_MAX))
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "%s: a passphrase or PIN has 1 to %d bytes", path, PB_SECRET_MAX);
	if (s == PB_OK)
		pb_secret_set(ret_passphrase, line, (size_t)n);
	pb_wipe(line, sizeof(line));
	(void)close(fd);
	return s;
}

enum pb_status pb_passphrase_read(const char *path, struct pb_secret *ret_passphrase, struct pb_err *err)
{
	return read_line(path, FOR_OTHERS, ret_passphrase, err);
}

void pb_pin_place(const char *path, struct pb_pin_place *ret_place)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");

	*ret_place = (struct pb_pin_place){ .credential = path[0] == '\0' && credentials != NULL };
	if (ret_place->credential)
		(void)snprintf(ret_place->path, sizeof(ret_place->path), "%s/profbilet-pin", credentials);
	else
		(void)snprintf(ret_place->path, sizeof(ret_place->path), "%s", path);
}

enum pb_status pb_pin_read(const struct pb_pin_place *place, struct pb_secret *ret_pin, struct pb_err *err)
{
	if (place->path[0] == '\0')
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "no file with the PIN is named, and systemd has given no credential");
	return read_line(place->path, place->credential ? FOR_OTHERS_BUT_READING_BY_GROUP : FOR_OTHERS, ret_pin, err);
}
