/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the layout and the fonts it names, and finds the three elements the program has to know.
 */
#include "print/design.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/message.h"
#include "print/composition.h"

static enum pb_status load_layout(struct pb_design *design, const char *path, struct pb_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *bytes = NULL;
	size_t n = 0;
	enum pb_status s;

	if (fd < 0)
		return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "layout %s", path);
	s = pb_read_fd(fd, PB_LAYOUT_FILE_MAX, &bytes, &n, err);
	close(fd);
	if (s == PB_OK)
		s = pb_layout_parse(pb_view(bytes, n), &design->layout, err);
	free(bytes);
	return s == PB_OK ? s : pb_wrap(err, s, "layout %s", path);
}

static enum pb_status load_fonts(struct pb_design *design, const char *directory, struct pb_err *err)
{
	enum pb_status s = PB_OK;
	char path[4096];

	for (size_t i = 0; s == PB_OK && i < design->layout.fonts; i++) {
		int n = snprintf(path, sizeof(path), "%s/%s", directory, design->layout.font[i].file);

		if (n < 0 || (size_t)n >= sizeof(path))
			return pb_fail(err, PB_FILE_UNREADABLE, "font folder: the path is too long");
		s = pb_font_load(path, &design->font[i], err);
	}
	return s;
}

static enum pb_status find_element(const struct pb_design *design, enum pb_side side, const char *name,
				   enum pb_element_kind kind, int *ret_index, struct pb_err *err)
{
	int index = pb_layout_element(&design->layout, side, name);

	if (index < 0 || design->layout.element[index].kind != kind)
		return pb_fail(err, PB_CONFIG_INVALID, "layout: needs an element [%s.%s]",
			       side == PB_FRONT ? "front" : "back", name);
	*ret_index = index;
	return PB_OK;
}

enum pb_status pb_design_open(const char *layout_path, const char *font_directory, struct pb_design **ret_design,
			      struct pb_err *err)
{
	struct pb_design *design = calloc(1, sizeof(*design));
	enum pb_status s;

	if (!design)
		return pb_fail(err, PB_NO_MEMORY, "layout");
	s = load_layout(design, layout_path, err);
	if (s == PB_OK)
		s = find_element(design, PB_FRONT, "surname", PB_ELEMENT_TEXT, &design->surname, err);
	if (s == PB_OK)
		s = find_element(design, PB_FRONT, "given-name", PB_ELEMENT_TEXT, &design->given_name, err);
	if (s == PB_OK)
		s = find_element(design, PB_BACK, "qr", PB_ELEMENT_QR, &design->qr, err);
	if (s == PB_OK)
		s = load_fonts(design, font_directory, err);
	if (s == PB_OK)
		*ret_design = design;
	else
		pb_design_close(design);
	return s;
}

void pb_design_close(struct pb_design *design)
{
	if (!design)
		return;
	for (size_t i = 0; i < PB_LAYOUT_FONTS; i++)
		pb_font_free(design->font[i]);
	free(design);
}
