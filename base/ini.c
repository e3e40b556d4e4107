/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One line at a time, straight over the borrowed text.  A mistake names its line and stops the reading:
 * a configuration that is half understood is worse than none.
 */
#include "base/ini.h"

#include <string.h>

#include "base/text.h"

enum { FILE_MAX = 64 * 1024, LINE_MAX_BYTES = 512 };

struct pb_ini pb_ini(struct pb_view text)
{
	static const uint8_t bom[] = { 0xEF, 0xBB, 0xBF };
	struct pb_ini ini = { .in = pb_cursor(text) };
	struct pb_view skipped;

	if (text.n >= sizeof(bom) && memcmp(text.p, bom, sizeof(bom)) == 0)
		(void)pb_take(&ini.in, sizeof(bom), &skipped);
	return ini;
}

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static struct pb_view trim(struct pb_view text)
{
	while (text.n > 0 && blank(text.p[0])) {
		text.p++;
		text.n--;
	}
	while (text.n > 0 && blank(text.p[text.n - 1]))
		text.n--;
	return text;
}

static struct pb_view take_line(struct pb_ini *ini)
{
	const uint8_t *end = memchr(ini->in.p, '\n', ini->in.left);
	size_t n = end ? (size_t)(end - ini->in.p) : ini->in.left;
	struct pb_view line = { 0 }, feed;

	(void)pb_take(&ini->in, n, &line);
	(void)pb_take(&ini->in, 1, &feed);
	ini->line++;
	return line;
}

static bool word(struct pb_view text)
{
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
		      c == '-' || c == '.'))
			return false;
	}
	return text.n > 0;
}

static bool copy(struct pb_view text, char *ret_text, size_t cap)
{
	if (text.n >= cap)
		return false;
	if (text.n > 0)
		memcpy(ret_text, text.p, text.n);
	ret_text[text.n] = '\0';
	return true;
}

static enum pb_status read_section(struct pb_ini *ini, struct pb_view line, struct pb_err *err)
{
	struct pb_view name;

	if (line.n < 2 || line.p[line.n - 1] != ']')
		return pb_fail(err, PB_CONFIG_INVALID, "line %d: a section is written [name]", ini->line);
	name = trim(pb_view(line.p + 1, line.n - 2));
	if (!word(name) || !copy(name, ini->section, sizeof(ini->section)))
		return pb_fail(err, PB_CONFIG_INVALID,
			       "line %d: a section's name is 1 to 63 letters, digits, dots, hyphens", ini->line);
	return PB_OK;
}

static enum pb_status read_entry(const struct pb_ini *ini, struct pb_view line, struct pb_ini_entry *ret_entry,
				 struct pb_err *err)
{
	const uint8_t *equals = memchr(line.p, '=', line.n);
	struct pb_ini_entry entry = { .line = ini->line };
	struct pb_view key, value;

	if (!equals)
		return pb_fail(err, PB_CONFIG_INVALID, "line %d: expected key = value", ini->line);
	key = trim(pb_view(line.p, (size_t)(equals - line.p)));
	value = trim(pb_view(equals + 1, line.n - (size_t)(equals + 1 - line.p)));
	if (!word(key) || !copy(key, entry.key, sizeof(entry.key)))
		return pb_fail(err, PB_CONFIG_INVALID, "line %d: a key is 1 to 63 letters, digits, dots, hyphens",
			       ini->line);
	if (!copy(value, entry.value, sizeof(entry.value)))
		return pb_fail(err, PB_CONFIG_INVALID, "line %d: the value is longer than %zu bytes", ini->line,
			       sizeof(entry.value) - 1);
	memcpy(entry.section, ini->section, sizeof(entry.section));
	*ret_entry = entry;
	return PB_OK;
}

static enum pb_status check_line(const struct pb_ini *ini, struct pb_view line, struct pb_err *err)
{
	if (line.n > LINE_MAX_BYTES)
		return pb_fail(err, PB_CONFIG_INVALID, "line %d: longer than %d bytes", ini->line, LINE_MAX_BYTES);
	if (!pb_text_valid(line))
		return pb_fail(err, PB_CONFIG_INVALID, "line %d: not UTF-8 text", ini->line);
	return PB_OK;
}

enum pb_status pb_ini_next(struct pb_ini *ini, struct pb_ini_entry *ret_entry, bool *ret_more, struct pb_err *err)
{
	enum pb_status s = PB_OK;

	/* Checked here as well as where files are read, so that no caller can forget it. */
	if (ini->in.left > FILE_MAX)
		return pb_fail(err, PB_CONFIG_INVALID, "larger than %d bytes", FILE_MAX);
	while (s == PB_OK && ini->in.left > 0) {
		struct pb_view line = take_line(ini);

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		s = check_line(ini, line, err);
		line = trim(line);
		if (s != PB_OK || line.n == 0 || line.p[0] == '#' || line.p[0] == ';')
			continue;
		if (line.p[0] == '[') {
			s = read_section(ini, line, err);
			continue;
		}
		s = read_entry(ini, line, ret_entry, err);
		if (s == PB_OK)
			*ret_more = true;
		return s;
	}
	if (s == PB_OK)
		*ret_more = false;
	return s;
}
