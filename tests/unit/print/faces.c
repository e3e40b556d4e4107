/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws the faces listed on standard input, through the render process, to standard output: what
 * check-faces.py looks at with other people's tools.  One card a line, fields apart by tabs: surname, name,
 * patronymic, organisation, member number, card serial, member since, valid until, QR address, "test" or
 * "", photo file or "".
 *
 *     faces PROGRAM LAYOUT FONTS cards|sheets < list > pdf
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "print/render.h"

enum { FIELDS = 11, LINE = 8192 };

static const char *strip(char *line, const char *fields[static FIELDS])
{
	size_t n = 0;

	line[strcspn(line, "\n")] = '\0';
	for (char *field; n < FIELDS && (field = strsep(&line, "\t"));)
		fields[n++] = field;
	return n == FIELDS ? NULL : "a line has too few fields";
}

static enum pb_status add_card(struct pb_render *render, const char *const field[static FIELDS],
			       struct pb_photo *photo, struct pb_err *err)
{
	struct pb_face face = {
		.surname = field[0], .name = field[1], .patronymic = field[2], .organisation = field[3],
		.organisation_short = "", .member_number = field[4], .card_serial = field[5],
		.title_line = "Профсоюз образования", .organisation_line = "Забайкальская краевая организация",
		.return_line = "672000, г. Чита, ул. Примерная, д. 1", .contact_line = "тел. 8 (3022) 00-00-00 · pb.example",
		.qr_url = field[8], .qr_prefix_n = strcspn(field[8], "#") + 1, .test = *field[9] != '\0',
	};
	uint8_t *file = NULL;
	size_t n = 0;
	enum pb_status s = PB_OK;

	if (!pb_date_parse(field[6], &face.member_since) || !pb_date_parse(field[7], &face.valid_until))
		return pb_fail(err, PB_INPUT_INVALID, "a date is none");
	photo->n = 0;
	if (*field[10]) {
		int fd = open(field[10], O_RDONLY | O_CLOEXEC);

		s = fd < 0 ? pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "%s", field[10]) :
			     pb_read_fd(fd, PB_RENDER_PHOTO_MAX, &file, &n, err);
		if (fd >= 0)
			close(fd);
		if (s == PB_OK)
			s = pb_render_photo(render, pb_view(file, n), photo, err);
		free(file);
	}
	return s == PB_OK ? pb_render_add(render, &face, photo, err) : s;
}

static enum pb_status draw(struct pb_render *render, struct pb_photo *photo, struct pb_err *err)
{
	static char line[LINE];
	const char *field[FIELDS];
	uint8_t *pdf = NULL;
	size_t n = 0;
	enum pb_status s = PB_OK;

	while (s == PB_OK && fgets(line, sizeof(line), stdin)) {
		const char *wrong = strip(line, field);

		s = wrong ? pb_fail(err, PB_INPUT_INVALID, "%s", wrong) : add_card(render, field, photo, err);
	}
	if (s == PB_OK)
		s = pb_render_finish(render, &pdf, &n, err);
	if (s == PB_OK && fwrite(pdf, 1, n, stdout) != n)
		s = pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "standard output");
	free(pdf);
	return s;
}

int main(int argc, char *argv[])
{
	static struct pb_photo photo;
	struct pb_render *render = NULL;
	struct pb_err err = { 0 };
	enum pb_status s;

	if (argc != 5)
		return pb_status_row(PB_USAGE)->exit_code;
	s = pb_render_start(&(struct pb_render_options){ .program = argv[1], .layout = argv[2], .font_directory = argv[3],
							 .product = strcmp(argv[4], "sheets") ? PB_RENDER_CARD_PAGES :
												PB_RENDER_SHEETS,
							 .unix_time = 1790000000, .step_ms = 60000 },
			    &render, &err);
	if (s == PB_OK)
		s = draw(render, &photo, &err);
	pb_render_destroy(render);
	if (s != PB_OK)
		fprintf(stderr, "faces: %s: %s\n", pb_status_row(s)->name, err.msg);
	return pb_status_row(s)->exit_code;
}
