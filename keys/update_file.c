/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which part is what shows in its own type; whether it is believed is the business of whoever takes it in.
 */
#include "keys/update_file.h"

#include "base/cbor.h"
#include "keys/crypto/cose.h"
#include "keys/roles.h"

const char *pb_update_kind_name(enum pb_update_kind kind)
{
	static const char *const names[PB_UPDATE_KIND_COUNT] = {
		[PB_UPDATE_TRUST_LIST] = "trust_list",
		[PB_UPDATE_SIGNER] = "signer",
		[PB_UPDATE_STATUS_LIST] = "status_list",
		[PB_UPDATE_UNKNOWN] = "unknown",
	};

	return names[kind];
}

static enum pb_update_kind kind_of_token(struct pb_view token)
{
	struct pb_cose_sign1 sign1;
	struct pb_view type;

	if (pb_cose_sign1_decode(token, &sign1) != PB_COSE_FINE || !pb_cose_type(sign1.protected_header, &type))
		return PB_UPDATE_UNKNOWN;
	if (pb_view_equal(type, pb_view_text(PB_TYPE_TRUST_LIST)))
		return PB_UPDATE_TRUST_LIST;
	return pb_view_equal(type, pb_view_text(PB_TYPE_STATUS_LIST)) ? PB_UPDATE_STATUS_LIST : PB_UPDATE_UNKNOWN;
}

bool pb_update_next(struct pb_cursor *rest, struct pb_update_item *ret_item)
{
	struct pb_cbor in = pb_cbor(pb_view(rest->p, rest->left)), inside;
	struct pb_view item, der;

	if (rest->left == 0 || !pb_cbor_skip(&in, &item))
		return false;
	inside = pb_cbor(item);
	if (pb_cbor_bytes(&inside, 0, item.n, &der))
		*ret_item = (struct pb_update_item){ PB_UPDATE_SIGNER, der };
	else
		*ret_item = (struct pb_update_item){ kind_of_token(item), item };
	*rest = in.in;
	return true;
}
