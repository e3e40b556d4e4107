/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See type2.h.
 */
#include "issuer/card/type2.h"

#include <string.h>

#include "issuer/reader/exchange.h"

enum { CC_AT = TYPE2_CC_PAGE * TYPE2_PAGE_LEN, VERSION_1 = 1 };

enum pb_status pb_type2_read(struct pb_reader *reader, unsigned page, uint8_t ret_bytes[static TYPE2_READ_LEN], struct pb_err *err)
{
	const struct pb_apdu read = { CLA_TYPE2_READER, INS_TYPE2_READ, 0, (uint8_t)page, { 0 }, TYPE2_READ_LEN };
	struct pb_answer answer;
	enum pb_status s = pb_exchange(reader, "READ", &read, &answer, err);

	if (s != PB_OK)
		return s;
	if (answer.response.sw != SW_OK || answer.response.data.n != TYPE2_READ_LEN)
		return pb_fail(err, PB_CARD_PROTOCOL, "READ page %u: SW %04X, %zu bytes", page, answer.response.sw,
			       answer.response.data.n);
	memcpy(ret_bytes, answer.response.data.p, TYPE2_READ_LEN);
	return PB_OK;
}

enum pb_status pb_type2_read_head(struct pb_reader *reader, struct pb_type2_head *ret_head, struct pb_err *err)
{
	uint8_t bytes[TYPE2_READ_LEN];
	const uint8_t *lock = bytes + TYPE2_LOCK_PAGE * TYPE2_PAGE_LEN + 2, *cc = bytes + CC_AT;
	enum pb_status s = pb_type2_read(reader, 0, bytes, err);

	if (s != PB_OK)
		return s;
	*ret_head = (struct pb_type2_head){ .locked = lock[0] == 0xFF && lock[1] == 0xFF,
					    .has_container = cc[0] == TYPE2_CC_MAGIC && cc[1] >> 4 == VERSION_1 };
	ret_head->cc_size = ret_head->has_container ? cc[2] : 0;
	memcpy(ret_head->uid, bytes, 3); /* a check byte stands between the two parts */
	memcpy(ret_head->uid + 3, bytes + 4, 4);
	return PB_OK;
}

bool pb_type2_lock_page(uint8_t cc_size, unsigned *ret_page)
{
	if (cc_size != TYPE2_CC_SIZE_215 && cc_size != TYPE2_CC_SIZE_216)
		return false;
	*ret_page = cc_size == TYPE2_CC_SIZE_215 ? TYPE2_LOCKS_215 : TYPE2_LOCKS_216;
	return true;
}
