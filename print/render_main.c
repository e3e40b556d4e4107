/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet-render LAYOUT FONTS PRODUCT TIME: decodes photos and draws faces for whoever started it, over
 * the socket it was given, until that closes.  Started by print/render.c, never by hand.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "print/confine.h"
#include "print/render_server.h"

int main(int argc, char *argv[])
{
	struct pb_render_server server = { 0 };
	struct pb_err opening = { 0 }, err = { 0 };
	enum pb_status s;

	pb_process_harden();
	if (argc != 5) {
		fprintf(stderr, "profbilet-render is started by profbilet and profbiletd\n");
		return pb_status_row(PB_USAGE)->exit_code;
	}
	s = pb_render_server_open(&server,
				  &(struct pb_render_options){
					  .layout = argv[1],
					  .font_directory = argv[2],
					  .product = strcmp(argv[3], "sheets") == 0 ? PB_RENDER_SHEETS : PB_RENDER_CARD_PAGES,
					  .unix_time = strtoll(argv[4], NULL, 10),
				  },
				  &opening);
	if (s == PB_OK)
		s = pb_render_confine(&opening);
	s = pb_render_serve(&server, PB_PROCESS_FD, s, &opening, &err);
	pb_render_server_close(&server);
	return pb_status_row(s)->exit_code;
}
