/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Photos as they came.  Only their first bytes are looked at here: whatever decodes them does so elsewhere,
 * where it can reach nothing of value.
 */
#include <stdlib.h>
#include <string.h>

#include "issuer/register/internal.h"

enum pb_photo_format pb_photo_format(struct pb_view bytes)
{
	static const uint8_t jpeg[] = { 0xFF, 0xD8, 0xFF };
	static const uint8_t png[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n' };

	if (bytes.n > sizeof(jpeg) && memcmp(bytes.p, jpeg, sizeof(jpeg)) == 0)
		return PB_PHOTO_JPEG;
	if (bytes.n > sizeof(png) && memcmp(bytes.p, png, sizeof(png)) == 0)
		return PB_PHOTO_PNG;
	return PB_PHOTO_NONE;
}

enum pb_status pb_register_set_photo(struct pb_register *reg, int64_t member_id, struct pb_view photo,
				     struct pb_date taken, struct pb_err *err)
{
	static const char sql[] = "INSERT INTO photo(member, format, taken, bytes) VALUES (?1, ?2, ?3, ?4)"
				  " ON CONFLICT(member) DO UPDATE SET format = ?2, taken = ?3, bytes = ?4";
	enum pb_photo_format format = pb_photo_format(photo);
	struct pb_member member;
	char date[11];
	PB_QUERY q = { 0 };
	enum pb_status s;

	if (photo.n > PB_PHOTO_MAX)
		return pb_fail(err, PB_INPUT_TOO_LARGE, "photo: %zu bytes, at most %d", photo.n, PB_PHOTO_MAX);
	if (format == PB_PHOTO_NONE)
		return pb_fail(err, PB_PHOTO_INVALID, "photo: neither JPEG nor PNG");
	if (!pb_date_valid(taken))
		return pb_fail(err, PB_INPUT_INVALID, "photo: no such date");
	s = pb_register_member(reg, member_id, &member, err);
	if (s == PB_OK)
		s = pb_query(reg->store, sql, &q, err);
	if (s != PB_OK)
		return s;
	pb_date_format_iso(taken, date);
	pb_bind_int(&q, 1, member_id);
	pb_bind_int(&q, 2, format);
	pb_bind_text(&q, 3, date);
	pb_bind_bytes(&q, 4, photo);
	return pb_query_run(&q, err);
}

static enum pb_status select_photo(struct pb_register *reg, int64_t member_id, struct pb_query *q, bool *ret_row,
				   struct pb_err *err)
{
	static const char sql[] = "SELECT bytes FROM photo WHERE member = ?1";
	enum pb_status s = pb_query(reg->store, sql, q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(q, 1, member_id);
	return pb_query_step(q, ret_row, err);
}

enum pb_status pb_register_photo(struct pb_register *reg, int64_t member_id, uint8_t **ret_bytes, size_t *ret_n,
				 struct pb_err *err)
{
	PB_QUERY q = { 0 };
	struct pb_view photo;
	uint8_t *bytes;
	bool row;
	enum pb_status s = select_photo(reg, member_id, &q, &row, err);

	if (s != PB_OK)
		return s;
	if (!row)
		return pb_fail(err, PB_PHOTO_MISSING, "member %lld", (long long)member_id);
	photo = pb_column_bytes(&q, 0);
	if (photo.n == 0)
		return pb_fail(err, PB_PHOTO_INVALID, "member %lld: the stored photo is empty", (long long)member_id);
	bytes = malloc(photo.n);
	if (!bytes)
		return pb_fail(err, PB_NO_MEMORY, "a photo of %zu bytes", photo.n);
	memcpy(bytes, photo.p, photo.n);
	*ret_bytes = bytes;
	*ret_n = photo.n;
	return PB_OK;
}

enum pb_status register_photo_is(struct pb_register *reg, int64_t member_id, struct pb_view photo, bool *ret_same,
				 struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row;
	enum pb_status s = select_photo(reg, member_id, &q, &row, err);

	if (s == PB_OK)
		*ret_same = row && pb_view_equal(pb_column_bytes(&q, 0), photo);
	return s;
}
