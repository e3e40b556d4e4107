/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One native command, one answer.
 */
#include "issuer/card/native.h"

#include <string.h>

#include "issuer/iso7816/sw.h"

enum { CLA_NATIVE = 0x90 };

enum pb_status pb_native_ask(struct pb_reader *reader, const char *step, uint8_t ins, struct pb_view field,
			     struct pb_answer *ret_answer, struct pb_err *err)
{
	const struct pb_apdu command = { CLA_NATIVE, ins, 0, 0, field, APDU_RESPONSE_MAX };

	return pb_exchange(reader, step, &command, ret_answer, err);
}

enum pb_status pb_native_expect(struct pb_reader *reader, const char *step, uint8_t ins, struct pb_view field,
				unsigned good, struct pb_answer *ret_answer, struct pb_err *err)
{
	enum pb_status s = pb_native_ask(reader, step, ins, field, ret_answer, err);

	if (s == PB_OK && ret_answer->response.sw != good)
		return pb_sw_fail(err, step, ret_answer->response.sw);
	return s;
}

enum pb_status pb_native_key_version(struct pb_reader *reader, uint8_t number, uint8_t *ret_version, struct pb_err *err)
{
	struct pb_answer answer;
	enum pb_status s = pb_native_expect(reader, "GetKeyVersion", PB_NATIVE_GET_KEY_VERSION, pb_view(&number, 1), PB_NATIVE_OK,
					    &answer, err);

	if (s != PB_OK)
		return s;
	if (answer.response.data.n != 1)
		return pb_fail(err, PB_CARD_PROTOCOL, "GetKeyVersion: %zu bytes", answer.response.data.n);
	*ret_version = answer.response.data.p[0];
	return PB_OK;
}

void pb_native_put_le24(struct pb_writer *writer, uint32_t value)
{
	for (unsigned i = 0; i < 3; i++)
		pb_put_u8(writer, (uint8_t)(value >> (8 * i)));
}

enum pb_status pb_native_read(struct pb_reader *reader, uint8_t file, size_t n, uint8_t *ret_bytes, struct pb_err *err)
{
	uint8_t head[PB_NATIVE_FILE_HEAD];
	struct pb_writer writer = pb_writer(head, sizeof(head));
	struct pb_answer answer;
	enum pb_status s;

	pb_put_u8(&writer, file);
	pb_native_put_le24(&writer, 0);
	pb_native_put_le24(&writer, (uint32_t)n);
	s = pb_native_expect(reader, "ReadData", PB_NATIVE_READ_DATA, PB_VIEW(head), PB_NATIVE_OK, &answer, err);
	if (s != PB_OK)
		return s;
	if (answer.response.data.n != n)
		return pb_fail(err, PB_CARD_PROTOCOL, "ReadData: %zu bytes instead of %zu", answer.response.data.n, n);
	memcpy(ret_bytes, answer.response.data.p, n);
	return PB_OK;
}
