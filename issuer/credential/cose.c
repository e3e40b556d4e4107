/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The envelope.  The whole token is walked once as CBOR before any part of it is looked at, so that what
 * follows only ever asks what the parts are, never whether they are well-formed.
 */
#include "issuer/credential/cose.h"

#include "base/cbor.h"

enum pb_credential_fault pb_cose_check_item(struct pb_view bytes)
{
	struct pb_cbor in = pb_cbor(bytes);
	struct pb_view item;

	if (!pb_cbor_skip(&in, &item))
		return PB_FAULT_NOT_DETERMINISTIC;
	return pb_cbor_end(&in) ? PB_FAULT_NONE : PB_FAULT_TRAILING_BYTES;
}

static bool take_map(struct pb_cbor *in, struct pb_view *ret_map)
{
	struct pb_cbor probe = *in;
	struct pb_cbor_map map;

	return pb_cbor_map(&probe, PB_CBOR_ITEMS, &map) && pb_cbor_skip(in, ret_map);
}

enum pb_credential_fault pb_cose_sign1_decode(struct pb_view token, struct pb_cose_sign1 *ret_sign1)
{
	struct pb_cbor in = pb_cbor(token), probe = in;
	struct pb_cose_sign1 found = { 0 };
	size_t parts;

	if (token.n > PB_COSE_MAX)
		return PB_FAULT_TOO_LONG;
	enum pb_credential_fault fault = pb_cose_check_item(token);

	if (fault != PB_FAULT_NONE)
		return fault;
	found.tagged = !pb_cbor_array(&probe, PB_CBOR_ITEMS, &parts);
	if (found.tagged && !pb_cbor_tag(&in, PB_COSE_SIGN1_TAG))
		return PB_FAULT_WRONG_TAG;
	if (!pb_cbor_array_of(&in, 4) || !pb_cbor_bytes(&in, 0, token.n, &found.protected_header) ||
	    !take_map(&in, &found.unprotected) || !pb_cbor_bytes(&in, 0, token.n, &found.payload) ||
	    !pb_cbor_bytes(&in, 0, token.n, &found.signature))
		return PB_FAULT_NOT_SIGN1;
	*ret_sign1 = found;
	return PB_FAULT_NONE;
}

void pb_cose_put_sign1(struct pb_writer *writer, struct pb_view protected_header, struct pb_view payload, struct pb_view signature)
{
	pb_cbor_put_tag(writer, PB_COSE_SIGN1_TAG);
	pb_cbor_put_array(writer, 4);
	pb_cbor_put_bytes(writer, protected_header);
	pb_cbor_put_map(writer, 0);
	pb_cbor_put_bytes(writer, payload);
	pb_cbor_put_bytes(writer, signature);
}

void pb_cose_put_sig_structure(struct pb_writer *writer, struct pb_view protected_header, struct pb_view aad,
			       struct pb_view payload)
{
	/* "No protected headers" is signed as empty bytes, also where the token spells it as an empty map. */
	if (protected_header.n == 1 && protected_header.p[0] == 0xA0)
		protected_header.n = 0;
	pb_cbor_put_array(writer, 4);
	pb_cbor_put_text(writer, "Signature1");
	pb_cbor_put_bytes(writer, protected_header);
	pb_cbor_put_bytes(writer, aad);
	pb_cbor_put_bytes(writer, payload);
}

bool pb_cose_sign1_verify(const struct pb_cose_sign1 *sign1, struct pb_view aad, const struct pb_p256_public *key)
{
	uint8_t room[PB_COSE_MAX];
	struct pb_writer writer = pb_writer(room, sizeof(room));
	struct pb_view message;

	pb_cose_put_sig_structure(&writer, sign1->protected_header, aad, sign1->payload);
	return sign1->signature.n == PB_P256_SIG && pb_writer_view(&writer, &message) &&
	       pb_p256_verify(key, message, sign1->signature.p);
}
