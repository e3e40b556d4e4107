/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One order of fields, written here once for either direction.
 */
#include "print/render_wire.h"

#include <string.h>

#include "base/cbor.h"

enum { TEXTS = 11, DATES = 2, FACE_FIELDS = 1 + TEXTS + 3 * DATES + 4 };

static void put_date(struct pb_writer *out, struct pb_date date)
{
	pb_cbor_put_uint(out, (uint64_t)date.year);
	pb_cbor_put_uint(out, (uint64_t)date.month);
	pb_cbor_put_uint(out, (uint64_t)date.day);
}

/* A date, or all zero for none. */
static bool read_date(struct pb_cbor *in, struct pb_date *ret_date)
{
	uint64_t year, month, day;

	if (!pb_cbor_uint(in, 2199, &year) || !pb_cbor_uint(in, 12, &month) || !pb_cbor_uint(in, 31, &day))
		return false;
	*ret_date = (struct pb_date){ (int)year, (int)month, (int)day };
	return pb_date_valid(*ret_date) || (year == 0 && month == 0 && day == 0);
}

/* The texts of a face in their order on the wire. */
static void list_texts(struct pb_face *face, const char **ret_texts[static TEXTS])
{
	const char **texts[TEXTS] = {
		&face->surname,	      &face->name,	   &face->patronymic, &face->organisation,
		&face->organisation_short, &face->member_number, &face->card_serial, &face->title_line,
		&face->organisation_line,  &face->return_line,   &face->contact_line,
	};

	memcpy(ret_texts, texts, sizeof(texts));
}

void pb_wire_put_request(struct pb_writer *out, enum pb_render_request request)
{
	pb_cbor_put_array(out, 1);
	pb_cbor_put_uint(out, (uint64_t)request);
}

void pb_wire_put_face(struct pb_writer *out, const struct pb_face *face)
{
	struct pb_face copy = *face;
	const char **texts[TEXTS];

	list_texts(&copy, texts);
	pb_cbor_put_array(out, FACE_FIELDS);
	pb_cbor_put_uint(out, PB_RENDER_ADD);
	for (size_t i = 0; i < TEXTS; i++)
		pb_cbor_put_text(out, *texts[i]);
	pb_cbor_put_uint(out, (uint64_t)face->name_form);
	put_date(out, face->member_since);
	put_date(out, face->valid_until);
	pb_cbor_put_text(out, face->qr_url);
	pb_cbor_put_uint(out, face->qr_prefix_n);
	pb_cbor_put_bool(out, face->test);
	pb_cbor_put_bool(out, face->copyable);
}

bool pb_wire_read_request(struct pb_view message, enum pb_render_request *ret_request)
{
	struct pb_cbor in = pb_cbor(message);
	size_t count;
	uint64_t request;

	if (!pb_cbor_array(&in, FACE_FIELDS, &count) || !pb_cbor_uint(&in, PB_RENDER_FINISH, &request) || request == 0)
		return false;
	*ret_request = (enum pb_render_request)request;
	return count == (request == PB_RENDER_ADD ? FACE_FIELDS : 1) && (request == PB_RENDER_ADD || pb_cbor_end(&in));
}

bool pb_wire_read_face(struct pb_view message, struct pb_wire_face *ret_face)
{
	struct pb_cbor in = pb_cbor(message);
	struct pb_face *face = &ret_face->face;
	const char **texts[TEXTS];
	uint64_t form, prefix, request;

	memset(face, 0, sizeof(*face));
	list_texts(face, texts);
	if (!pb_cbor_array_of(&in, FACE_FIELDS) || !pb_cbor_uint(&in, PB_RENDER_ADD, &request) || request != PB_RENDER_ADD)
		return false;
	for (size_t i = 0; i < TEXTS; i++) {
		if (!pb_cbor_text_copy(&in, 0, ret_face->text[i], sizeof(ret_face->text[i])))
			return false;
		*texts[i] = ret_face->text[i];
	}
	if (!pb_cbor_uint(&in, PB_NAME_INITIALS, &form) || !read_date(&in, &face->member_since) ||
	    !read_date(&in, &face->valid_until) || !pb_cbor_text_copy(&in, 0, ret_face->url, sizeof(ret_face->url)) ||
	    !pb_cbor_uint(&in, PB_FACE_URL_MAX, &prefix) ||
	    !pb_cbor_bool(&in, &face->test) || !pb_cbor_bool(&in, &face->copyable))
		return false;
	face->name_form = (enum pb_name_form)form;
	face->qr_url = ret_face->url;
	face->qr_prefix_n = prefix;
	return pb_cbor_end(&in);
}

void pb_wire_put_answer(struct pb_writer *out, enum pb_status status, const char *detail)
{
	pb_cbor_put_array(out, 2);
	pb_cbor_put_uint(out, (uint64_t)status);
	pb_cbor_put_text(out, detail);
}

bool pb_wire_read_answer(struct pb_view message, enum pb_status *ret_status, struct pb_err *err)
{
	struct pb_cbor in = pb_cbor(message);
	char detail[sizeof(((struct pb_err *)0)->msg)];
	uint64_t status;

	if (!pb_cbor_array_of(&in, 2) || !pb_cbor_uint(&in, PB_STATUS_COUNT - 1, &status) ||
	    !pb_cbor_text_copy(&in, 0, detail, sizeof(detail)) || !pb_cbor_end(&in))
		return false;
	*ret_status = (enum pb_status)status;
	if (*ret_status != PB_OK)
		*ret_status = pb_fail(err, *ret_status, "%s", detail);
	return true;
}
