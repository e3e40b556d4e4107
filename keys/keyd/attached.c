/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Three system calls that open no file: fcntl(F_GET_SEALS), lseek, mmap.
 */
#include "keys/keyd/attached.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

bool pb_keyd_attach(int fd, struct pb_view *ret_file)
{
	int seals = fcntl(fd, F_GET_SEALS);
	off_t length;
	void *at;

	if (seals < 0 || (seals & SEALS) != SEALS)
		return false;
	length = lseek(fd, 0, SEEK_END);
	if (length <= 0 || length > PB_KEYD_LIST_MAX)
		return false;
	at = mmap(NULL, (size_t)length, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		return false;
	*ret_file = pb_view(at, (size_t)length);
	return true;
}

void pb_keyd_detach(struct pb_view file)
{
	if (file.n > 0)
		(void)munmap((void *)file.p, file.n);
}
