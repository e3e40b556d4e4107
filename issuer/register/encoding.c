/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In what a list is written.  A byte order mark and strict UTF-8 are certain; between the one-byte
 * encodings the bytes of Russian letters decide: in CP866 most of them lie in 80..AF (all capitals, «а» to
 * «п»), where windows-1251 has only signs that a list seldom holds.  KOI8-R differs from windows-1251 by
 * letter case alone and is therefore never guessed.
 */
#include <string.h>

#include "base/text.h"
#include "issuer/register/table_internal.h"

static const struct {
	const char *name, *iconv;
} names[PB_ENCODINGS] = {
	[PB_ENCODING_DETECT] = { "detect", "" },
	[PB_ENCODING_UTF8] = { "utf-8", "UTF-8" },
	[PB_ENCODING_WINDOWS_1251] = { "windows-1251", "CP1251" },
	[PB_ENCODING_CP866] = { "cp866", "CP866" },
	[PB_ENCODING_KOI8_R] = { "koi8-r", "KOI8-R" },
	[PB_ENCODING_UTF16LE] = { "utf-16le", "UTF-16LE" },
	[PB_ENCODING_UTF16BE] = { "utf-16be", "UTF-16BE" },
};

const char *pb_encoding_name(enum pb_encoding encoding)
{
	if ((unsigned)encoding >= PB_ENCODINGS)
		PB_BUG("encoding outside the table");
	return names[encoding].name;
}

const char *encoding_iconv_name(enum pb_encoding encoding)
{
	return names[encoding].iconv;
}

bool pb_encoding_parse(const char *name, enum pb_encoding *ret_encoding)
{
	for (int i = 0; i < PB_ENCODINGS; i++) {
		if (strcmp(names[i].name, name) == 0) {
			*ret_encoding = (enum pb_encoding)i;
			return true;
		}
	}
	return false;
}

static bool starts(struct pb_view head, const char *mark, size_t n)
{
	return head.n >= n && memcmp(head.p, mark, n) == 0;
}

static enum pb_encoding by_mark(struct pb_view head, size_t *ret_skip)
{
	static const struct {
		enum pb_encoding encoding;
		const char *bytes;
		size_t n;
	} marks[] = {
		{ PB_ENCODING_UTF8, "\xEF\xBB\xBF", 3 },
		{ PB_ENCODING_UTF16LE, "\xFF\xFE", 2 },
		{ PB_ENCODING_UTF16BE, "\xFE\xFF", 2 },
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (starts(head, marks[i].bytes, marks[i].n)) {
			*ret_skip = marks[i].n;
			return marks[i].encoding;
		}
	}
	*ret_skip = 0;
	return PB_ENCODING_DETECT;
}

static bool is_control(uint8_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
}

/* UTF-8 but for what the end of the sample cuts off. */
static bool is_utf8(struct pb_view head)
{
	size_t line = 0;

	for (size_t i = head.n; i > 0 && line == 0; i--)
		if (head.p[i - 1] == '\n')
			line = i;
	if (line == 0)
		line = head.n;
	for (size_t i = 0, from = 0; i <= line; i++) {
		if (i < line && head.p[i] != '\r')
			continue;
		if (!pb_text_valid(pb_view(head.p + from, i - from)))
			return false;
		from = i + 1;
	}
	return true;
}

static enum pb_encoding by_letters(struct pb_view head)
{
	size_t high = 0, low_half = 0;

	for (size_t i = 0; i < head.n; i++) {
		high += head.p[i] >= 0x80;
		low_half += head.p[i] >= 0x80 && head.p[i] < 0xB0;
	}
	/* About two thirds in CP866, a few in a hundred in windows-1251. */
	return low_half * 5 > high * 2 ? PB_ENCODING_CP866 : PB_ENCODING_WINDOWS_1251;
}

enum pb_status encoding_detect(struct pb_view head, enum pb_encoding chosen, enum pb_encoding *ret_encoding,
			       size_t *ret_skip, struct pb_err *err)
{
	enum pb_encoding mark = by_mark(head, ret_skip);

	if (chosen == PB_ENCODING_UTF16LE || chosen == PB_ENCODING_UTF16BE || mark == PB_ENCODING_UTF16LE ||
	    mark == PB_ENCODING_UTF16BE) {
		if (chosen != mark && chosen != PB_ENCODING_DETECT)
			*ret_skip = 0;
		*ret_encoding = chosen != PB_ENCODING_DETECT ? chosen : mark;
		return PB_OK;
	}
	for (size_t i = 0; i < head.n; i++)
		if (is_control(head.p[i]))
			return pb_fail(err, PB_INPUT_INVALID, "not a table: byte %zu is no character (%02X)", i + 1, head.p[i]);
	if (chosen == PB_ENCODING_DETECT)
		chosen = mark != PB_ENCODING_DETECT ? mark : is_utf8(head) ? PB_ENCODING_UTF8 : by_letters(head);
	if (chosen != PB_ENCODING_UTF8)
		*ret_skip = 0;
	*ret_encoding = chosen;
	return PB_OK;
}
