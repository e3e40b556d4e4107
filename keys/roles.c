/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of key roles, and the shapes of what they sign.
 */
#include "keys/roles.h"

#include "base/cbor.h"
#include "base/text.h"
#include "keys/crypto/cose.h"
#include "keys/crypto/x509.h"

/* A key signs for 13 months, and a card of its last day lives to the end of the fifth year after: 85 months at most,
 * for a key made in December.  The certificate outlives that card.  Lists are signed afresh each day or week and
 * live no longer than their signer. */
enum { SIGNING = 13, PAST_THE_LAST_CARD = 7 * 12 + 2, PAST_THE_LAST_LIST = 14 };
enum { HEADER_MAX = 256, HEADER_WITH_CERTIFICATE = HEADER_MAX + PB_X509_DER_MAX };
enum { AAD_MAX = 256, PAYLOAD_MAX = 1 << 20 };

static const struct pb_key_role_row rows[PB_ROLE_COUNT] = {
	[PB_ROLE_ISSUER] = {
		.name = "issuer", .algorithm = PB_KEY_P256, .signs = PB_SIGNS_COSE, .type = NULL, .header_max = HEADER_MAX,
		.purpose = PB_X509_OID_CARD_ISSUER, .signing_months = SIGNING,
		.certificate_months = PAST_THE_LAST_CARD, .required = true, .in_files = false,
	},
	[PB_ROLE_STATUS_LIST] = {
		.name = "status-list", .algorithm = PB_KEY_P256, .signs = PB_SIGNS_COSE, .type = PB_TYPE_STATUS_LIST,
		.header_max = HEADER_WITH_CERTIFICATE,
		.purpose = PB_X509_OID_STATUS_LIST, .signing_months = SIGNING,
		.certificate_months = PAST_THE_LAST_LIST, .required = false, .in_files = false,
	},
	[PB_ROLE_TRUST_LIST] = {
		.name = "trust-list", .algorithm = PB_KEY_P256, .signs = PB_SIGNS_COSE, .type = PB_TYPE_TRUST_LIST,
		.header_max = HEADER_WITH_CERTIFICATE,
		.purpose = PB_X509_OID_TRUST_LIST, .signing_months = SIGNING,
		.certificate_months = PAST_THE_LAST_LIST, .required = false, .in_files = false,
	},
	[PB_ROLE_CHECKPOINT] = {
		.name = "checkpoint", .algorithm = PB_KEY_ED25519, .signs = PB_SIGNS_NOTE, .required = true, .in_files = true,
	},
	[PB_ROLE_CARD_MASTER] = {
		.name = "card-master", .algorithm = PB_KEY_AES_128, .signs = PB_SIGNS_NOTHING, .required = true, .in_files = false,
	},
	[PB_ROLE_PSEUDONYM] = {
		.name = "pseudonym", .algorithm = PB_KEY_HMAC_SHA256, .signs = PB_SIGNS_NOTHING, .required = true, .in_files = true,
	},
	[PB_ROLE_WITNESS] = {
		.name = "witness", .algorithm = PB_KEY_ED25519, .signs = PB_SIGNS_COSIGNATURE, .in_files = true, .on_demand = true,
	},
};

const struct pb_key_role_row *pb_key_role_row(enum pb_key_role role)
{
	return &rows[role];
}

static bool begins_with(struct pb_view bytes, const char *text)
{
	struct pb_view head = pb_view_text(text);

	return bytes.n > head.n && pb_view_equal(pb_view(bytes.p, head.n), head);
}

static bool is_text(struct pb_view bytes)
{
	return bytes.n > 0 && bytes.p[bytes.n - 1] == '\n' && pb_text_valid(bytes);
}

/* Nobody can take the one for the other, though both are text. */
static bool is_note(struct pb_view bytes)
{
	return is_text(bytes) && !begins_with(bytes, "cosignature/");
}

static bool is_cosignature(struct pb_view bytes)
{
	return is_text(bytes) && begins_with(bytes, "cosignature/v1\ntime ");
}

/* An array of 4 that begins with the text "Signature1" cannot be read as a note, a certificate or a
 * challenge; its typ tells lists from credentials. */
static bool is_cose(struct pb_view bytes, const struct pb_key_role_row *row)
{
	struct pb_cbor in = pb_cbor(bytes);
	struct pb_view context, header, aad, payload, found;

	return pb_cbor_array_of(&in, 4) && pb_cbor_text(&in, 1, 16, &context) &&
	       pb_view_equal(context, pb_view_text("Signature1")) && pb_cbor_bytes(&in, 1, row->header_max, &header) &&
	       pb_cbor_bytes(&in, 0, AAD_MAX, &aad) && pb_cbor_bytes(&in, 0, PAYLOAD_MAX, &payload) && pb_cbor_end(&in) &&
	       pb_cose_type(header, &found) && pb_view_equal(found, pb_view_text(row->type != NULL ? row->type : ""));
}

enum pb_status pb_key_role_check(enum pb_key_role role, struct pb_view message, struct pb_err *err)
{
	const struct pb_key_role_row *row = &rows[role];

	switch (row->signs) {
	case PB_SIGNS_NOTE:
		if (is_note(message))
			return PB_OK;
		return pb_fail(err, PB_KEYS_REFUSED, "the %s key signs the text of notes only", row->name);
	case PB_SIGNS_COSIGNATURE:
		if (is_cosignature(message))
			return PB_OK;
		return pb_fail(err, PB_KEYS_REFUSED, "the %s key signs cosignatures only", row->name);
	case PB_SIGNS_COSE:
		if (is_cose(message, row))
			return PB_OK;
		return pb_fail(err, PB_KEYS_REFUSED, "the %s key signs COSE signature structures of %s only", row->name,
			       row->type != NULL ? row->type : "credentials");
	case PB_SIGNS_NOTHING:
		break;
	}
	return pb_fail(err, PB_KEYS_REFUSED, "the %s key signs nothing", row->name);
}
