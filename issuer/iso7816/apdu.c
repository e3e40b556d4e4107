/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The four cases of a short command: header; header Le; header Lc data; header Lc data Le.
 */
#include "issuer/iso7816/apdu.h"

enum { DATA_MAX = 255, LE_MAX = 256 };

void pb_apdu_put(struct pb_writer *writer, const struct pb_apdu *apdu)
{
	if (apdu->data.n > DATA_MAX || apdu->le > LE_MAX) {
		writer->full = true;
		return;
	}
	pb_put_u8(writer, apdu->cla);
	pb_put_u8(writer, apdu->ins);
	pb_put_u8(writer, apdu->p1);
	pb_put_u8(writer, apdu->p2);
	if (apdu->data.n) {
		pb_put_u8(writer, (uint8_t)apdu->data.n);
		pb_put_view(writer, apdu->data);
	}
	if (apdu->le)
		pb_put_u8(writer, (uint8_t)apdu->le); /* 256 is written as 00 */
}

static bool take_le(struct pb_cursor *in, unsigned *ret_le)
{
	uint8_t le;

	if (!pb_take_u8(in, &le))
		return false;
	*ret_le = le ? le : LE_MAX;
	return true;
}

bool pb_apdu_parse(struct pb_view bytes, struct pb_apdu *ret_apdu)
{
	struct pb_cursor in = pb_cursor(bytes);
	struct pb_apdu apdu = { 0 };
	uint8_t lc;

	if (!pb_take_u8(&in, &apdu.cla) || !pb_take_u8(&in, &apdu.ins) || !pb_take_u8(&in, &apdu.p1) ||
	    !pb_take_u8(&in, &apdu.p2))
		return false;
	if (in.left > 1 && (!pb_take_u8(&in, &lc) || lc == 0 || !pb_take(&in, lc, &apdu.data)))
		return false;
	if (in.left && !take_le(&in, &apdu.le))
		return false;
	if (in.left)
		return false;
	*ret_apdu = apdu;
	return true;
}

bool pb_response_parse(struct pb_view bytes, struct pb_response *ret_response)
{
	struct pb_cursor in = pb_cursor(bytes);
	struct pb_response response;
	uint64_t sw;

	if (bytes.n < 2 || !pb_take(&in, bytes.n - 2, &response.data) || !pb_take_be(&in, 2, &sw))
		return false;
	response.sw = (uint16_t)sw;
	*ret_response = response;
	return true;
}
