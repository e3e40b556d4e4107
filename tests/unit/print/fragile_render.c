/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A render process whose decoder can be killed: the photo "abort" ends it, "stall" hangs it, "open" makes
 * a system call that it may not make; anything else is decoded as always.
 */
#include <fcntl.h>
#include <stdlib.h>

#include "base/process.h"
#include "print/confine.h"
#include "print/photo.h"
#include "print/render_server.h"

static bool is(struct pb_view file, const char *what)
{
	return pb_view_equal(file, pb_view_text(what));
}

static enum pb_status decode(struct pb_view file, struct pb_photo *ret_photo, struct pb_err *err)
{
	if (is(file, "abort"))
		abort();
	for (volatile bool stalls = is(file, "stall"); stalls;)
		;
	if (is(file, "open")) {
		int fd = open("/etc/hostname", O_RDONLY | O_CLOEXEC);

		return pb_fail(err, PB_RENDER_FAILED, "a file was opened as %d", fd);
	}
	return pb_photo_normalise(file, ret_photo, err);
}

int main(int argc, char *argv[])
{
	struct pb_render_server server = { 0 };
	struct pb_err opening = { 0 };
	enum pb_status s = argc == 5 ? PB_OK : PB_USAGE;

	if (s == PB_OK)
		s = pb_render_server_open(&server,
					  &(struct pb_render_options){ .layout = argv[1], .font_directory = argv[2],
								       .unix_time = strtoll(argv[4], NULL, 10) },
					  &opening);
	if (s == PB_OK)
		s = pb_render_confine(&opening);
	server.decode = decode;
	s = pb_render_serve(&server, PB_PROCESS_FD, s, &opening, NULL);
	pb_render_server_close(&server);
	return pb_status_row(s)->exit_code;
}
