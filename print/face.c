/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From what a face says to texts that are set: the layout's $words are filled in, typography is applied,
 * and each text is tried until it fits.  The printed name is found by the very same steps, so that what
 * is signed is what is printed.
 */
#include "print/face.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "print/composition.h"
#include "print/russian.h"

enum { BASE32_BITS = 5, URL_FRAME = 11 /* https:// and /v# */ };

/* What the $words of the layout stand for; "" is not known. */
struct words {
	const struct pb_face *face;
	char given[PB_FACE_TEXT_MAX], given_short[PB_FACE_TEXT_MAX], given_initials[32];
	char number[64], since[16], until[16], issuer[2 * PB_FACE_TEXT_MAX];
};

/* ---- making words */

/* «Вячеславовна» -> «В.»; nothing from nothing. */
static void initial_of(const char *name, char ret_initial[static 8])
{
	const char *end = name;

	ret_initial[0] = '\0';
	if (pb_text_next(&end) != 0)
		snprintf(ret_initial, 8, "%.*s.", (int)(end - name), name);
}

static bool join(char *out, size_t cap, const char *a, const char *b)
{
	int n = snprintf(out, cap, "%s%s%s", a, *a && *b ? " " : "", b);

	return n >= 0 && (size_t)n < cap;
}

static bool make_given(struct words *words, const char *name, const char *patronymic, enum pb_name_form form)
{
	char n[8], p[8];

	initial_of(name, n);
	initial_of(patronymic, p);
	if (!join(words->given_initials, sizeof(words->given_initials), n, p))
		return false;
	if (form == PB_NAME_INITIALS)
		return true;
	return join(words->given, sizeof(words->given), name, patronymic) &&
	       join(words->given_short, sizeof(words->given_short), name, p);
}

/* «6437500100001234» -> «6437 5001 0000 1234», with no-break spaces */
static bool make_number(const char *digits, char *out, size_t cap)
{
	struct pb_writer writer = pb_writer(out, cap);

	for (size_t i = 0; digits[i]; i++) {
		if (i > 0 && i % 4 == 0)
			pb_put_view(&writer, pb_view_text("\u00A0"));
		pb_put_u8(&writer, (uint8_t)digits[i]);
	}
	pb_put_u8(&writer, 0);
	return !writer.full;
}

static bool make_words(const struct pb_face *face, struct words *words)
{
	char date[11];

	memset(words, 0, sizeof(*words));
	words->face = face;
	if (face->member_since.year) {
		pb_date_format_ru(face->member_since, date);
		snprintf(words->since, sizeof(words->since), "%s", date + strlen("DD."));
	}
	if (face->valid_until.year) {
		pb_date_format_ru(face->valid_until, date);
		snprintf(words->until, sizeof(words->until), "%s", date);
	}
	if (*face->title_line)
		snprintf(words->issuer, sizeof(words->issuer), "%s%s%s", face->title_line,
			 *face->organisation_line ? " — " : "", face->organisation_line);
	return make_given(words, face->name, face->patronymic, face->name_form) &&
	       make_number(face->member_number, words->number, sizeof(words->number));
}

/* NULL when the layout uses a word there is not. */
static const char *word_value(const struct words *words, struct pb_view name)
{
	const struct {
		const char *name, *value;
	} table[] = {
		{ "surname", words->face->surname },
		{ "given", words->given },
		{ "given_short", words->given_short },
		{ "given_initials", words->given_initials },
		{ "organisation", words->face->organisation },
		{ "organisation_short", words->face->organisation_short },
		{ "number", words->number },
		{ "serial", words->face->card_serial },
		{ "since", words->since },
		{ "until", words->until },
		{ "title_line", words->face->title_line },
		{ "organisation_line", words->face->organisation_line },
		{ "return_line", words->face->return_line },
		{ "contact_line", words->face->contact_line },
		{ "issuer", words->issuer },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (pb_view_equal(name, pb_view_text(table[i].name)))
			return table[i].value;
	return NULL;
}

static size_t word_length(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyz_");
}

/* ---- filling in */

enum filled { FILLED, LEFT_OUT, TOO_LONG };

static enum filled fill_in(const struct words *words, const char *text, char *out, size_t cap)
{
	char plain[PB_SET_TEXT];
	struct pb_writer writer = pb_writer(plain, sizeof(plain));

	while (*text) {
		size_t n = strcspn(text, "$");

		pb_put(&writer, text, n);
		text += n;
		if (*text == '$') {
			size_t length = word_length(text + 1);
			const char *value = word_value(words, pb_view(text + 1, length));

			if (!value || !*value)
				return LEFT_OUT;
			pb_put_view(&writer, pb_view_text(value));
			text += 1 + length;
		}
	}
	pb_put_u8(&writer, 0);
	return !writer.full && pb_russian_set(plain, out, cap) ? FILLED : TOO_LONG;
}

static enum pb_status refuse(const struct pb_design *design, const struct pb_element *element, const char *text,
			     struct pb_err *err)
{
	const char *side = element->side == PB_FRONT ? "front" : "back";
	uint32_t unknown = pb_typeset_unknown(element, design->font, text);

	if (unknown)
		return pb_fail(err, PB_INPUT_INVALID, "[%s.%s]: no font has the character U+%04X", side, element->name,
			       (unsigned)unknown);
	return pb_fail(err, PB_NAME_TOO_LONG, "[%s.%s]: fits at no size", side, element->name);
}

/* The first of the element's texts that fits; *ret_choice says which.  No text at all is no failure. */
static enum pb_status set_element(const struct pb_design *design, const struct words *words,
				  const struct pb_element *element, struct pb_set_text *ret_set, size_t *ret_choice,
				  struct pb_err *err)
{
	char text[PB_SET_TEXT] = "";
	bool some = false;

	for (size_t i = 0; i < element->texts; i++) {
		enum filled filled = fill_in(words, element->text[i], text, sizeof(text));

		some = some || filled != LEFT_OUT;
		if (filled != FILLED || !pb_typeset(element, design->font, text, ret_set))
			continue;
		*ret_choice = i;
		return PB_OK;
	}
	ret_set->lines = 0;
	return some ? refuse(design, element, text, err) : PB_OK;
}

/* ---- the questions asked before signing */

/* What the given name's texts stand for, without typography: the signed name keeps its own characters. */
static enum pb_status printed_given(const struct pb_design *design, const struct words *words, const char **ret_given,
				    struct pb_err *err)
{
	const struct pb_element *element = &design->layout.element[design->given_name];
	struct pb_set_text set;
	size_t choice = 0;
	enum pb_status s = set_element(design, words, element, &set, &choice, err);
	const char *word = element->text[choice];

	if (s != PB_OK)
		return s;
	*ret_given = set.lines == 0 ? "" : *word == '$' ? word_value(words, pb_view_text(word + 1)) : NULL;
	if (!*ret_given)
		return pb_fail(err, PB_CONFIG_INVALID, "layout: a text of [front.given-name] is one $word");
	return PB_OK;
}

enum pb_status pb_face_name_as_printed(const struct pb_design *design, const char *surname, const char *name,
				       const char *patronymic, enum pb_name_form form,
				       char ret_name[static PB_PRINTED_NAME_CAP], struct pb_err *err)
{
	struct pb_face face = { .surname = surname };
	struct words words = { .face = &face };
	struct pb_set_text set;
	char joined[PB_PRINTED_NAME_CAP];
	const char *given = NULL;
	size_t choice;
	enum pb_status s;

	if (!make_given(&words, name, patronymic, form))
		return pb_fail(err, PB_NAME_TOO_LONG, "name and patronymic: longer than any card holds");
	s = set_element(design, &words, &design->layout.element[design->surname], &set, &choice, err);
	if (s == PB_OK)
		s = printed_given(design, &words, &given, err);
	if (s != PB_OK)
		return s;
	if (!join(joined, sizeof(joined), surname, given) || !*joined)
		return pb_fail(err, PB_NAME_TOO_LONG, "the name is empty or longer than a credential states");
	memcpy(ret_name, joined, sizeof(joined));
	return PB_OK;
}

bool pb_face_qr_fits(const struct pb_design *design, size_t host_n, size_t token_n)
{
	size_t base32_n = (token_n * 8 + BASE32_BITS - 1) / BASE32_BITS;

	return pb_qr_fits(host_n + URL_FRAME, base32_n, design->layout.element[design->qr].box.w);
}

/* ---- all of a face */

static enum pb_status check_lengths(const struct pb_face *face, struct pb_err *err)
{
	const char *texts[] = { face->surname,	   face->name,		      face->patronymic,	       face->organisation,
				face->card_serial, face->organisation_short, face->member_number,     face->title_line,
				face->return_line, face->organisation_line,   face->contact_line };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strlen(texts[i]) > PB_FACE_TEXT_MAX)
			return pb_fail(err, PB_NAME_TOO_LONG, "a text of the face: longer than any card holds");
	if (strlen(face->qr_url) > PB_FACE_URL_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "QR address: longer than any card holds");
	return PB_OK;
}

static enum pb_status compose_qr(const struct pb_design *design, const struct pb_face *face,
				 struct pb_composition *composition, struct pb_err *err)
{
	double field = design->layout.element[design->qr].box.w;

	composition->has_qr = *face->qr_url != '\0';
	if (composition->has_qr && !pb_qr_encode(pb_view_text(face->qr_url), face->qr_prefix_n, field, &composition->qr))
		return pb_fail(err, PB_NAME_TOO_LONG, "QR code: %zu characters do not fit the field", strlen(face->qr_url));
	return PB_OK;
}

bool pb_composition_shows(const struct pb_composition *composition, const struct pb_element *element)
{
	switch (element->when) {
	case PB_ALWAYS:
		return true;
	case PB_WHEN_TEST:
		return composition->test;
	case PB_WHEN_PHOTO:
		return composition->has_photo;
	case PB_WHEN_NO_PHOTO:
		return !composition->has_photo;
	case PB_WHEN_RETURN:
		return composition->has_return;
	case PB_WHEN_COPYABLE:
		return composition->copyable;
	}
	PB_BUG("an element is shown at no known time");
}

enum pb_status pb_compose(const struct pb_design *design, const struct pb_face *face, bool has_photo,
			  struct pb_composition *ret_composition, struct pb_err *err)
{
	const struct pb_layout *layout = &design->layout;
	enum pb_status s = check_lengths(face, err);
	struct words words;
	size_t choice;

	if (s != PB_OK)
		return s;
	if (!make_words(face, &words))
		return pb_fail(err, PB_NAME_TOO_LONG, "the name or a number: longer than any card holds");
	ret_composition->test = face->test;
	ret_composition->copyable = face->copyable;
	ret_composition->has_photo = has_photo;
	ret_composition->has_return = *face->return_line != '\0';
	for (size_t i = 0; s == PB_OK && i < layout->elements; i++) {
		const struct pb_element *element = &layout->element[i];

		ret_composition->text[i].lines = 0;
		if (element->kind == PB_ELEMENT_TEXT && pb_composition_shows(ret_composition, element))
			s = set_element(design, &words, element, &ret_composition->text[i], &choice, err);
	}
	return s == PB_OK ? compose_qr(design, face, ret_composition, err) : s;
}

enum pb_status pb_face_check(const struct pb_design *design, const struct pb_face *face, struct pb_err *err)
{
	struct pb_composition *composition = malloc(sizeof(*composition));
	enum pb_status s;

	if (!composition)
		return pb_fail(err, PB_NO_MEMORY, "face");
	s = pb_compose(design, face, false, composition, err);
	free(composition);
	return s;
}
