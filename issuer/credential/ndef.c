/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One shape of NDEF message, so reading compares the head that writing makes.
 */
#include "issuer/credential/ndef.h"

#include <string.h>

static const char scheme[] = "https://";
enum { SCHEME_LEN = sizeof(scheme) - 1, RECORD_HEAD = 5, NLEN_LEN = 2 };
/* NDEF 1.0 3.2: message begin and end, short record, well-known type; URI RTD 3.2.2: 04 is https:// */
enum { FLAGS = 0xD1, TYPE_LENGTH = 1, TYPE_URI = 'U', URI_HTTPS = 0x04 };

static void put_head(struct pb_writer *writer, size_t rest)
{
	pb_put_u8(writer, FLAGS);
	pb_put_u8(writer, TYPE_LENGTH);
	pb_put_u8(writer, (uint8_t)(1 + rest));
	pb_put_u8(writer, TYPE_URI);
	pb_put_u8(writer, URI_HTTPS);
}

static bool is_visible(struct pb_view text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < 0x21 || text.p[i] > 0x7E)
			return false;
	return text.n > 0;
}

enum pb_status pb_ndef_of_url(const char *url, struct pb_ndef *ret_ndef, struct pb_err *err)
{
	struct pb_ndef ndef = { 0 };
	struct pb_writer writer = pb_writer(ndef.bytes, sizeof(ndef.bytes));

	if (strncmp(url, scheme, SCHEME_LEN) != 0 || !is_visible(pb_view_text(url + SCHEME_LEN)))
		return pb_fail(err, PB_INPUT_INVALID, "the address on the chip must begin with https:// and be plain ASCII");
	if (strlen(url) > PB_NDEF_URL_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "the address on the chip has %zu characters, at most %d fit", strlen(url),
			       PB_NDEF_URL_MAX);
	pb_put_be(&writer, RECORD_HEAD + strlen(url) - SCHEME_LEN, NLEN_LEN);
	if (!pb_ndef_put_record(&writer, url))
		PB_BUG("an address that fits is a record");
	ndef.n = writer.n;
	*ret_ndef = ndef;
	return PB_OK;
}

struct pb_view pb_ndef_view(const struct pb_ndef *ndef)
{
	return pb_view(ndef->bytes, ndef->n);
}

bool pb_ndef_put_record(struct pb_writer *writer, const char *url)
{
	const size_t n = strlen(url);

	if (n > PB_NDEF_RECORD_URL_MAX || strncmp(url, scheme, SCHEME_LEN) != 0 || !is_visible(pb_view_text(url + SCHEME_LEN)))
		return false;
	put_head(writer, n - SCHEME_LEN);
	pb_put_view(writer, pb_view_text(url + SCHEME_LEN));
	return true;
}

bool pb_ndef_record_url(struct pb_view record, char ret_url[static PB_NDEF_RECORD_URL_MAX + 1])
{
	uint8_t head[RECORD_HEAD];
	struct pb_writer writer = pb_writer(head, sizeof(head));
	struct pb_cursor in = pb_cursor(record);
	struct pb_view found;

	if (record.n > PB_NDEF_RECORD_MAX || !pb_take(&in, RECORD_HEAD, &found))
		return false;
	put_head(&writer, in.left);
	if (!pb_view_equal(found, PB_VIEW(head)) || !is_visible(pb_view(in.p, in.left)))
		return false;
	memcpy(ret_url, scheme, SCHEME_LEN);
	memcpy(ret_url + SCHEME_LEN, in.p, in.left);
	ret_url[SCHEME_LEN + in.left] = '\0';
	return true;
}

bool pb_ndef_read_url(struct pb_view file, char ret_url[static PB_NDEF_URL_MAX + 1])
{
	char url[PB_NDEF_RECORD_URL_MAX + 1];
	struct pb_cursor in = pb_cursor(file);
	uint64_t n;

	if (file.n > NDEF_MAX || !pb_take_be(&in, NLEN_LEN, &n) || n != in.left || !pb_ndef_record_url(pb_view(in.p, in.left), url))
		return false;
	memcpy(ret_url, url, strlen(url) + 1);
	return true;
}
