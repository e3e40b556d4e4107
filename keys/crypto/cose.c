/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The envelope.  The whole token is walked once as CBOR before any part of it is looked at, so that what
 * follows only ever asks what the parts are, never whether they are well-formed.
 */
#include "keys/crypto/cose.h"

#include "base/cbor.h"
#include "keys/crypto/hash.h"

enum pb_cose_fault pb_cose_check_item(struct pb_view bytes)
{
	struct pb_cbor in = pb_cbor(bytes);
	struct pb_view item;

	if (!pb_cbor_skip(&in, &item))
		return PB_COSE_NOT_DETERMINISTIC;
	return pb_cbor_end(&in) ? PB_COSE_FINE : PB_COSE_TRAILING_BYTES;
}

static bool take_map(struct pb_cbor *in, struct pb_view *ret_map)
{
	struct pb_cbor probe = *in;
	struct pb_cbor_map map;

	return pb_cbor_map(&probe, PB_CBOR_ITEMS, &map) && pb_cbor_skip(in, ret_map);
}

enum pb_cose_fault pb_cose_sign1_decode(struct pb_view token, struct pb_cose_sign1 *ret_sign1)
{
	struct pb_cbor in = pb_cbor(token), probe = in;
	struct pb_cose_sign1 found = { 0 };
	size_t parts;

	enum pb_cose_fault fault = pb_cose_check_item(token);

	if (fault != PB_COSE_FINE)
		return fault;
	found.tagged = !pb_cbor_array(&probe, PB_CBOR_ITEMS, &parts);
	if (found.tagged && !pb_cbor_tag(&in, PB_COSE_SIGN1_TAG))
		return PB_COSE_WRONG_TAG;
	if (!pb_cbor_array_of(&in, 4) || !pb_cbor_bytes(&in, 0, token.n, &found.protected_header) ||
	    !take_map(&in, &found.unprotected) || !pb_cbor_bytes(&in, 0, token.n, &found.payload) ||
	    !pb_cbor_bytes(&in, 0, token.n, &found.signature))
		return PB_COSE_NOT_SIGN1;
	*ret_sign1 = found;
	return PB_COSE_FINE;
}

bool pb_cose_type(struct pb_view protected_header, struct pb_view *ret_type)
{
	enum { PAIRS = 8, TYPE_MAX = 128 };
	struct pb_cbor in = pb_cbor(protected_header);
	struct pb_cbor_map map;
	struct pb_view value;
	int64_t key;

	*ret_type = pb_view(NULL, 0);
	if (!pb_cbor_map(&in, PAIRS, &map))
		return false;
	while (pb_cbor_next_key(&in, &map, &key)) {
		if (key == PB_COSE_TYP ? !pb_cbor_text(&in, 1, TYPE_MAX, ret_type) : !pb_cbor_skip(&in, &value))
			return false;
	}
	return pb_cbor_end(&in);
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

/* "No protected headers" is signed as empty bytes, also where the token spells it as an empty map. */
static struct pb_view as_signed(struct pb_view protected_header)
{
	return protected_header.n == 1 && protected_header.p[0] == 0xA0 ? pb_view(NULL, 0) : protected_header;
}

static void put_sig_structure_start(struct pb_writer *writer)
{
	pb_cbor_put_array(writer, 4);
	pb_cbor_put_text(writer, "Signature1");
}

void pb_cose_put_sig_structure(struct pb_writer *writer, struct pb_view protected_header, struct pb_view aad,
			       struct pb_view payload)
{
	put_sig_structure_start(writer);
	pb_cbor_put_bytes(writer, as_signed(protected_header));
	pb_cbor_put_bytes(writer, aad);
	pb_cbor_put_bytes(writer, payload);
}

/* The Sig_structure is hashed where its parts stand: a list may be long, and is not copied. */
bool pb_cose_sign1_verify(const struct pb_cose_sign1 *sign1, struct pb_view aad, const struct pb_p256_public *key)
{
	enum { FIELDS = 3, HEADS_MAX = 64 };
	const struct pb_view fields[FIELDS] = { as_signed(sign1->protected_header), aad, sign1->payload };
	struct pb_view parts[2 * FIELDS];
	uint8_t heads[HEADS_MAX], digest[PB_SHA256_LEN];
	struct pb_writer writer = pb_writer(heads, sizeof(heads));
	size_t from = 0;

	put_sig_structure_start(&writer);
	for (size_t i = 0; i < FIELDS; i++) {
		pb_cbor_put_bytes_head(&writer, fields[i].n);
		parts[2 * i] = pb_view(heads + from, writer.n - from);
		parts[2 * i + 1] = fields[i];
		from = writer.n;
	}
	pb_sha256_parts(parts, 2 * FIELDS, digest);
	return sign1->signature.n == PB_P256_SIG && pb_p256_verify_digest(key, digest, sign1->signature.p);
}
