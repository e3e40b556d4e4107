/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two passes: quotes and dashes, then the spaces that must not break.  Both look at one character and
 * what stands before it.
 */
#include "print/russian.h"

#include <string.h>

#include "base/bytes.h"
#include "base/text.h"

enum { WORK_MAX = 2048 };

static const char nbsp[] = "\u00A0";

static void put(struct pb_writer *out, const char *text)
{
	pb_put_view(out, pb_view_text(text));
}

/* ---- quotes, dashes */

static bool opens_after(uint32_t before)
{
	return before == 0 || before == ' ' || before == 0xA0 || before == '(' || before == 0xAB || before == 0x201E ||
	       before == '-';
}

/* Any quotation mark: outer ones are «», those within „“. */
static void put_quote(struct pb_writer *out, uint32_t c, uint32_t before, int *depth)
{
	bool opens = c == 0xAB || c == 0x201E || ((c == '"' || c == 0x201C) && opens_after(before));

	if (opens) {
		put(out, *depth > 0 ? "„" : "«");
		*depth += 1;
	} else {
		*depth -= *depth > 0;
		put(out, *depth > 0 ? "“" : "»");
	}
}

static bool quote(uint32_t c)
{
	return c == '"' || c == 0xAB || c == 0xBB || c == 0x201C || c == 0x201D || c == 0x201E;
}

static void set_marks(const char *text, struct pb_writer *out)
{
	uint32_t before = 0;
	int depth = 0;

	for (const char *at = text; *at;) {
		const char *start = at;
		uint32_t c = pb_text_next(&at);

		if (quote(c))
			put_quote(out, c, before, &depth);
		else if (c == ' ' && before == ' ')
			continue;
		else if ((c == '-' || c == 0x2013) && before == ' ' && *at == ' ')
			put(out, "—");
		else
			pb_put(out, start, (size_t)(at - start));
		before = c;
	}
}

/* ---- spaces */

/* Words that must not end a line. */
static const char *const clinging[] = { "№",   "г.",  "гор.", "с.",  "п.", "пос.", "д.", "пгт",
					"пгт.", "ул.", "пер.", "пр.", "тел.", "стр.", "корп.", "им.", "в", "с", "к", "о", "у", "и" };

/* «А.», also «С.А.» */
static bool initial(struct pb_view word)
{
	return word.n >= 3 && word.p[word.n - 1] == '.' && word.p[word.n - 3] == 0xD0 &&
	       (word.n == 3 || word.p[word.n - 4] == '.');
}

static bool clings(struct pb_view word)
{
	while (word.n > 2 && (word.p[0] == 0xC2 || word.p[0] == '(')) { /* «, ( */
		size_t n = word.p[0] == '(' ? 1 : 2;

		word = pb_view(word.p + n, word.n - n);
	}
	for (size_t i = 0; i < sizeof(clinging) / sizeof(clinging[0]); i++)
		if (pb_view_equal(word, pb_view_text(clinging[i])))
			return true;
	return initial(word);
}

static void set_spaces(const char *text, struct pb_writer *out)
{
	while (*text) {
		size_t n = strcspn(text, " ");

		pb_put(out, text, n);
		if (text[n] == ' ')
			put(out, clings(pb_view(text, n)) || strncmp(text + n, " —", 4) == 0 ? nbsp : " ");
		text += n + (text[n] == ' ');
	}
}

static bool close_text(struct pb_writer *out)
{
	pb_put_u8(out, 0);
	return !out->full;
}

bool pb_russian_set(const char *text, char *ret_text, size_t cap)
{
	char work[WORK_MAX];
	struct pb_writer marks = pb_writer(work, sizeof(work)), out = pb_writer(ret_text, cap);

	set_marks(text + strspn(text, " "), &marks);
	if (!close_text(&marks))
		return false;
	if (marks.n >= 2 && work[marks.n - 2] == ' ')
		work[marks.n - 2] = '\0';
	set_spaces(work, &out);
	return close_text(&out);
}
