/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The reader of layouts.  One table holds the keys of an element: a new key is a row and a field.
 * Numbers are read without the locale, because a desk set to Russian writes 0,5.
 */
#include "print/layout.h"

#include <string.h>

#include "base/ini.h"

enum { LENGTH_LIMIT = 500 }; /* no card is half a metre wide */

struct reader {
	struct pb_layout *layout;
	const struct pb_ini_entry *entry;
	struct pb_err *err;
};

static enum pb_status refuse(const struct reader *reader, const char *what)
{
	return pb_fail(reader->err, PB_CONFIG_INVALID, "line %d: [%s] %s: %s", reader->entry->line,
		       reader->entry->section, reader->entry->key, what);
}

/* ---- words and numbers of a value */

/* The next word, with spaces around it skipped; n == 0 at the end. */
static struct pb_view next_word(const char **rest)
{
	const char *start = *rest + strspn(*rest, " \t");
	size_t n = strcspn(start, " \t");

	*rest = start + n;
	return pb_view(start, n);
}

static bool is_word(struct pb_view word, const char *what)
{
	return pb_view_equal(word, pb_view_text(what));
}

static bool digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Optional minus, at most six digits, optional point and at most six more. */
static bool number_of(struct pb_view word, double *ret_number)
{
	size_t i = 0, whole = 0, part = 0;
	double value = 0, unit = 1;
	bool minus = word.n > 0 && word.p[0] == '-';

	for (i = minus; i < word.n && digit(word.p[i]); i++, whole++)
		value = value * 10 + (word.p[i] - '0');
	if (i < word.n && word.p[i] == '.')
		for (i++; i < word.n && digit(word.p[i]); i++, part++) {
			unit /= 10;
			value += (word.p[i] - '0') * unit;
		}
	if (i != word.n || whole == 0 || whole > 6 || part > 6 || value > LENGTH_LIMIT)
		return false;
	*ret_number = minus ? -value : value;
	return true;
}

static bool numbers(const char *text, size_t count, double *ret_numbers)
{
	for (size_t i = 0; i < count; i++)
		if (!number_of(next_word(&text), &ret_numbers[i]))
			return false;
	return next_word(&text).n == 0;
}

static bool name_of(struct pb_view word, char ret_name[static PB_LAYOUT_NAME])
{
	if (word.n == 0 || word.n >= PB_LAYOUT_NAME)
		return false;
	memcpy(ret_name, word.p, word.n);
	ret_name[word.n] = '\0';
	return true;
}

/* The index of a name in rows of `stride` bytes that begin with their name; -1 when it is not there. */
static int find(const void *rows, size_t count, size_t stride, struct pb_view name)
{
	for (size_t i = 0; i < count; i++)
		if (is_word(name, (const char *)rows + i * stride))
			return (int)i;
	return -1;
}

static int find_in(const struct pb_layout *layout, enum pb_side side, struct pb_view name)
{
	for (size_t i = 0; i < layout->elements; i++)
		if (layout->element[i].side == side && is_word(name, layout->element[i].name))
			return (int)i;
	return -1;
}

int pb_layout_element(const struct pb_layout *layout, enum pb_side side, const char *name)
{
	return find_in(layout, side, pb_view_text(name));
}

/* ---- the keys of an element */

static enum pb_status read_number(const struct reader *reader, void *field)
{
	return numbers(reader->entry->value, 1, field) ? PB_OK : refuse(reader, "expected a number");
}

static enum pb_status read_dash(const struct reader *reader, void *field)
{
	double *dash = field;

	if (!numbers(reader->entry->value, 2, dash) || dash[0] <= 0 || dash[1] <= 0)
		return refuse(reader, "expected two lengths");
	return PB_OK;
}

static enum pb_status read_box(const struct reader *reader, void *field)
{
	struct pb_box *box = field;
	double n[4];

	if (!numbers(reader->entry->value, 4, n) || n[2] <= 0 || n[3] <= 0)
		return refuse(reader, "expected x y w h");
	*box = (struct pb_box){ n[0], n[1], n[2], n[3] };
	return PB_OK;
}

static enum pb_status read_yes(const struct reader *reader, void *field)
{
	if (strcmp(reader->entry->value, "yes") != 0)
		return refuse(reader, "expected yes, or no such line");
	*(bool *)field = true;
	return PB_OK;
}

static enum pb_status read_upper(const struct reader *reader, void *field)
{
	if (strcmp(reader->entry->value, "upper") != 0)
		return refuse(reader, "expected upper, or no such line");
	*(bool *)field = true;
	return PB_OK;
}

static enum pb_status read_up(const struct reader *reader, void *field)
{
	if (strcmp(reader->entry->value, "up") != 0)
		return refuse(reader, "expected up, or no such line");
	*(bool *)field = true;
	return PB_OK;
}

static enum pb_status read_one_of(const struct reader *reader, const char *const *words, int count, int *ret_index)
{
	for (int i = 0; i < count; i++)
		if (words[i] && strcmp(words[i], reader->entry->value) == 0) {
			*ret_index = i;
			return PB_OK;
		}
	return refuse(reader, "no such word");
}

static enum pb_status read_kind(const struct reader *reader, void *field)
{
	static const char *const words[] = { "text", "box", "path", "photo", "qr" };
	int index = 0;
	enum pb_status s = read_one_of(reader, words, 5, &index);

	*(enum pb_element_kind *)field = (enum pb_element_kind)index;
	return s;
}

static enum pb_status read_when(const struct reader *reader, void *field)
{
	static const char *const words[] = { NULL, "test", "photo", "no-photo", "return", "copyable" };
	int index = 0;
	enum pb_status s = read_one_of(reader, words, 6, &index);

	*(enum pb_when *)field = (enum pb_when)index;
	return s;
}

static enum pb_status read_align(const struct reader *reader, void *field)
{
	static const char *const words[] = { "left", "centre", "right" };
	int index = 0;
	enum pb_status s = read_one_of(reader, words, 3, &index);

	*(enum pb_align *)field = (enum pb_align)index;
	return s;
}

static enum pb_status read_colour(const struct reader *reader, void *field)
{
	const struct pb_layout *layout = reader->layout;
	int index = find(layout->colour, layout->colours, sizeof(layout->colour[0]), pb_view_text(reader->entry->value));

	*(int *)field = index;
	return index < 0 ? refuse(reader, "no such colour in [palette] above") : PB_OK;
}

static enum pb_status read_path_name(const struct reader *reader, void *field)
{
	const struct pb_layout *layout = reader->layout;
	int index = find(layout->path, layout->paths, sizeof(layout->path[0]), pb_view_text(reader->entry->value));

	*(int *)field = index;
	return index < 0 ? refuse(reader, "no such [path.NAME] above") : PB_OK;
}

static struct pb_element *current(const struct reader *reader)
{
	return &reader->layout->element[reader->layout->elements - 1];
}

/* Another element of the same side, above this one. */
static enum pb_status read_neighbour(const struct reader *reader, struct pb_view name, int *ret_index)
{
	int index = find_in(reader->layout, current(reader)->side, name);

	if (index < 0 || index == (int)reader->layout->elements - 1)
		return refuse(reader, "no such element above on this side");
	*ret_index = index;
	return PB_OK;
}

static enum pb_status read_left_of(const struct reader *reader, void *field)
{
	const char *rest = reader->entry->value;
	struct pb_view name = next_word(&rest);

	if (!numbers(rest, 1, &current(reader)->gap))
		return refuse(reader, "expected NAME GAP");
	return read_neighbour(reader, name, field);
}

static enum pb_status read_pushed_by(const struct reader *reader, void *field)
{
	return read_neighbour(reader, pb_view_text(reader->entry->value), field);
}

static enum pb_status read_text(const struct reader *reader, void *field)
{
	struct pb_element *element = current(reader);

	(void)field;
	if (element->texts == PB_LAYOUT_TEXTS)
		return refuse(reader, "too many texts");
	memcpy(element->text[element->texts++], reader->entry->value, sizeof(element->text[0]));
	return PB_OK;
}

/* After the sizes: lines N, leading N [em], y N, in any order. */
static enum pb_status read_try_options(const struct reader *reader, const char *rest, struct pb_view word,
				       struct pb_try *try)
{
	double n;

	for (; word.n > 0; word = next_word(&rest)) {
		const char *after;

		if (!number_of(next_word(&rest), &n) || n <= 0)
			return refuse(reader, "expected lines N, leading N or y N");
		if (is_word(word, "lines") && n <= PB_LAYOUT_LINES)
			try->lines = (int)n;
		else if (is_word(word, "leading"))
			try->leading = n;
		else if (is_word(word, "y"))
			try->y = n;
		else
			return refuse(reader, "expected lines N, leading N or y N");
		after = rest;
		if (is_word(word, "leading") && is_word(next_word(&after), "em")) {
			try->in_em = true;
			rest = after;
		}
	}
	return try->lines > 1 && try->leading <= 0 ? refuse(reader, "several lines need a leading") : PB_OK;
}

static enum pb_status read_try(const struct reader *reader, void *field)
{
	const struct pb_layout *layout = reader->layout;
	struct pb_element *element = current(reader);
	struct pb_try try = { .lines = 1 };
	const char *rest = reader->entry->value;
	struct pb_view word = next_word(&rest);

	(void)field;
	if (element->tries == PB_LAYOUT_TRIES)
		return refuse(reader, "too many tries");
	try.font = find(layout->font, layout->fonts, sizeof(layout->font[0]), word);
	if (try.font < 0)
		return refuse(reader, "no such font in [fonts] above");
	for (word = next_word(&rest); try.sizes < PB_LAYOUT_SIZES && number_of(word, &try.pt[try.sizes]);
	     word = next_word(&rest))
		if (try.pt[try.sizes++] < 1)
			return refuse(reader, "a size is at least 1 pt");
	if (try.sizes == 0)
		return refuse(reader, "expected FONT SIZE...");
	element->try[element->tries++] = try;
	return read_try_options(reader, rest, word, &element->try[element->tries - 1]);
}

static const struct key {
	const char *name;
	enum pb_status (*read)(const struct reader *reader, void *field);
	size_t offset;
} element_keys[] = {
#define KEY(name, read, field) { name, read, offsetof(struct pb_element, field) }
	KEY("draw", read_kind, kind),
	KEY("when", read_when, when),
	KEY("x", read_number, box.x),
	KEY("y", read_number, box.y),
	KEY("w", read_number, box.w),
	KEY("h", read_number, box.h),
	KEY("fill", read_colour, fill),
	KEY("stroke", read_colour, stroke),
	KEY("line", read_number, line_width),
	KEY("dash", read_dash, dash),
	KEY("round", read_yes, round_ends),
	KEY("path", read_path_name, path),
	KEY("scale", read_number, scale),
	KEY("text", read_text, text),
	KEY("try", read_try, try),
	KEY("align", read_align, align),
	KEY("case", read_upper, upper),
	KEY("grow", read_up, grow_up),
	KEY("rotate", read_number, rotate),
	KEY("drop", read_number, drop),
	KEY("outline", read_number, outline),
	KEY("clip", read_box, clip),
	KEY("left-of", read_left_of, left_of),
	KEY("pushed-by", read_pushed_by, pushed_by),
#undef KEY
};

static enum pb_status read_element_key(const struct reader *reader)
{
	for (size_t i = 0; i < sizeof(element_keys) / sizeof(element_keys[0]); i++)
		if (strcmp(element_keys[i].name, reader->entry->key) == 0)
			return element_keys[i].read(reader, (char *)current(reader) + element_keys[i].offset);
	return refuse(reader, "no such key");
}

/* What an element needs to be drawn at all. */
static enum pb_status check_element(const struct pb_element *e, struct pb_err *err)
{
	const char *missing = NULL;

	switch (e->kind) {
	case PB_ELEMENT_TEXT:
		missing = e->texts == 0 ? "text" : e->tries == 0 ? "try" : e->box.w <= 0 ? "w" : NULL;
		if (!missing)
			missing = e->outline > 0 ? (e->stroke < 0 ? "stroke" : NULL) : e->fill < 0 ? "fill" : NULL;
		break;
	case PB_ELEMENT_BOX:
	case PB_ELEMENT_PHOTO:
		missing = e->box.w <= 0 ? "w" : e->box.h <= 0 ? "h" : NULL;
		break;
	case PB_ELEMENT_PATH:
		missing = e->path < 0 ? "path" : e->scale <= 0 ? "scale above 0" : NULL;
		break;
	case PB_ELEMENT_QR:
		missing = e->box.w <= 0 ? "w" : e->fill < 0 ? "fill" : NULL;
		break;
	}
	if (!missing && e->stroke >= 0 && e->line_width <= 0 && e->outline <= 0)
		missing = "line";
	if (missing)
		return pb_fail(err, PB_CONFIG_INVALID, "line %d: [%s.%s] needs %s", e->line,
			       e->side == PB_FRONT ? "front" : "back", e->name, missing);
	return PB_OK;
}

/* ---- the other sections */

static enum pb_status read_card(const struct reader *reader)
{
	struct pb_layout *layout = reader->layout;
	const char *key = reader->entry->key;
	double *field = strcmp(key, "width") == 0  ? &layout->width :
			strcmp(key, "height") == 0 ? &layout->height :
			strcmp(key, "bleed") == 0  ? &layout->bleed :
						     NULL;

	if (!field)
		return refuse(reader, "no such key");
	if (!numbers(reader->entry->value, 1, field) || *field < 0)
		return refuse(reader, "expected a length");
	return PB_OK;
}

static enum pb_status read_palette(const struct reader *reader)
{
	struct pb_layout *layout = reader->layout;
	struct pb_colour colour = { 0 };

	if (layout->colours == PB_LAYOUT_COLOURS)
		return refuse(reader, "too many colours");
	if (!name_of(pb_view_text(reader->entry->key), colour.name) || !numbers(reader->entry->value, 4, colour.cmyk))
		return refuse(reader, "expected NAME = C M Y K");
	for (size_t i = 0; i < 4; i++) {
		if (colour.cmyk[i] < 0 || colour.cmyk[i] > 100)
			return refuse(reader, "a colour's parts are 0 to 100");
		colour.cmyk[i] /= 100;
	}
	layout->colour[layout->colours++] = colour;
	return PB_OK;
}

static enum pb_status read_font(const struct reader *reader)
{
	struct pb_layout *layout = reader->layout;
	struct pb_layout_font font = { 0 };

	if (layout->fonts == PB_LAYOUT_FONTS)
		return refuse(reader, "too many fonts");
	if (!name_of(pb_view_text(reader->entry->key), font.name) ||
	    !name_of(pb_view_text(reader->entry->value), font.file) || strchr(font.file, '/') || font.file[0] == '.')
		return refuse(reader, "expected NAME = a file of the font folder");
	layout->font[layout->fonts++] = font;
	return PB_OK;
}

static enum pb_status read_steps(const struct reader *reader, struct pb_path *path)
{
	static const struct {
		char op;
		size_t numbers;
	} ops[] = { { 'M', 2 }, { 'L', 2 }, { 'C', 6 }, { 'Z', 0 } };
	const char *rest = reader->entry->value;

	for (struct pb_view word = next_word(&rest); word.n > 0; word = next_word(&rest)) {
		struct pb_step step = { .op = (char)word.p[0] };
		size_t op = 0, i;

		while (op < 4 && ops[op].op != step.op)
			op++;
		if (op == 4 || word.n != 1)
			return refuse(reader, "expected M, L, C or Z");
		for (i = 0; i < ops[op].numbers && number_of(next_word(&rest), &step.p[i]); i++)
			;
		if (i < ops[op].numbers)
			return refuse(reader, "too few numbers after a letter");
		if (path->n == PB_LAYOUT_STEPS)
			return refuse(reader, "too many steps");
		if (path->n == 0 && step.op != 'M')
			return refuse(reader, "a path begins with M");
		path->steps[path->n++] = step;
	}
	return PB_OK;
}

static enum pb_status read_path_key(const struct reader *reader)
{
	struct pb_path *path = &reader->layout->path[reader->layout->paths - 1];

	if (strcmp(reader->entry->key, "d") == 0)
		return read_steps(reader, path);
	if (strcmp(reader->entry->key, "mirror") == 0)
		return read_number(reader, &path->mirror);
	return refuse(reader, "no such key");
}

static enum pb_status begin_path(const struct reader *reader, const char *name)
{
	struct pb_layout *layout = reader->layout;

	if (layout->paths == PB_LAYOUT_PATHS)
		return refuse(reader, "too many paths");
	if (!name_of(pb_view_text(name), layout->path[layout->paths].name))
		return refuse(reader, "the name is empty or too long");
	layout->paths++;
	return PB_OK;
}

static enum pb_status begin_element(const struct reader *reader, enum pb_side side, const char *name)
{
	struct pb_layout *layout = reader->layout;
	struct pb_element *element = &layout->element[layout->elements];

	if (layout->elements == PB_LAYOUT_ELEMENTS)
		return refuse(reader, "too many elements");
	if (find_in(layout, side, pb_view_text(name)) >= 0)
		return refuse(reader, "there is such an element already");
	*element = (struct pb_element){ .line = reader->entry->line, .side = side, .scale = 1, .fill = -1,
					.stroke = -1, .path = -1, .left_of = -1, .pushed_by = -1 };
	if (!name_of(pb_view_text(name), element->name))
		return refuse(reader, "the name is empty or too long");
	layout->elements++;
	return PB_OK;
}

static const char *after(const char *section, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(section, prefix, n) == 0 ? section + n : NULL;
}

static enum pb_status read_entry(const struct reader *reader, bool begins)
{
	const char *section = reader->entry->section;
	const char *path = after(section, "path."), *front = after(section, "front."), *back = after(section, "back.");
	enum pb_status s = PB_OK;

	if (strcmp(section, "card") == 0)
		return read_card(reader);
	if (strcmp(section, "palette") == 0)
		return read_palette(reader);
	if (strcmp(section, "fonts") == 0)
		return read_font(reader);
	if (path) {
		if (begins)
			s = begin_path(reader, path);
		return s == PB_OK ? read_path_key(reader) : s;
	}
	if (!front && !back)
		return refuse(reader, "no such section");
	if (begins)
		s = begin_element(reader, front ? PB_FRONT : PB_BACK, front ? front : back);
	return s == PB_OK ? read_element_key(reader) : s;
}

static enum pb_status check_layout(const struct pb_layout *layout, struct pb_err *err)
{
	enum pb_status s = PB_OK;

	if (layout->width < 10 || layout->height < 10 || layout->bleed > 10)
		return pb_fail(err, PB_CONFIG_INVALID, "[card] needs width and height above 10, bleed below");
	for (size_t i = 0; s == PB_OK && i < layout->elements; i++)
		s = check_element(&layout->element[i], err);
	return s;
}

enum pb_status pb_layout_parse(struct pb_view file, struct pb_layout *ret_layout, struct pb_err *err)
{
	struct pb_ini ini = pb_ini(file);
	struct pb_ini_entry entry;
	struct reader reader = { ret_layout, &entry, err };
	char section[sizeof(entry.section)] = "";
	bool more = true;
	enum pb_status s = PB_OK;

	memset(ret_layout, 0, sizeof(*ret_layout));
	for (;;) {
		s = pb_ini_next(&ini, &entry, &more, err);
		if (s != PB_OK || !more)
			break;
		s = read_entry(&reader, strcmp(section, entry.section) != 0);
		if (s != PB_OK)
			return s;
		memcpy(section, entry.section, sizeof(section));
	}
	return s == PB_OK ? check_layout(ret_layout, err) : s;
}
