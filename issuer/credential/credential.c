/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * PB1: the headers around the claims, and the two directions.  A draft is read back by the same code that
 * reads foreign tokens, so nothing can be signed here that a verifier would refuse.
 */
#include "issuer/credential/credential.h"

#include <string.h>

#include "base/cbor.h"
#include "card-applet-spec/applet.h"
#include "issuer/credential/claims.h"
#include "keys/crypto/cose.h"
#include "keys/crypto/hash.h"

/* Tag and array head, unprotected header, byte string heads, protected header, signature: what a token
 * has around its payload. */
enum { PROTECTED_LEN = 13, AROUND_PAYLOAD = 2 + 1 + PROTECTED_LEN + 1 + 3 + 2 + PB_P256_SIG };

/* ---- what is wrong with an envelope, in the words of this profile */

static enum pb_credential_fault envelope_fault(enum pb_cose_fault fault)
{
	switch (fault) {
	case PB_COSE_FINE:
		return PB_FAULT_NONE;
	case PB_COSE_NOT_DETERMINISTIC:
		return PB_FAULT_NOT_DETERMINISTIC;
	case PB_COSE_TRAILING_BYTES:
		return PB_FAULT_TRAILING_BYTES;
	case PB_COSE_WRONG_TAG:
		return PB_FAULT_WRONG_TAG;
	case PB_COSE_NOT_SIGN1:
		break;
	}
	return PB_FAULT_NOT_SIGN1;
}

static enum pb_credential_fault check_item(struct pb_view bytes)
{
	return envelope_fault(pb_cose_check_item(bytes));
}

/* ---- the chip's binding */

#define CHIP_AAD "profbilet-chip-v1"
enum { CHIP_FAMILY_MAX = 16, CHIP_BINDING_MIN = 4 };

enum pb_status pb_chip_aad(const char *family, struct pb_view binding, struct pb_aad *ret_aad, struct pb_err *err)
{
	size_t length = strlen(family);
	struct pb_aad aad = { 0 };
	struct pb_writer writer = pb_writer(aad.bytes, sizeof(aad.bytes));

	if (length < 1 || length > CHIP_FAMILY_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "a chip family of %zu bytes", length);
	if (binding.n < CHIP_BINDING_MIN || binding.n > PB_BINDING_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "a chip binding of %zu bytes", binding.n);
	pb_cbor_put_array(&writer, 3);
	pb_cbor_put_text(&writer, CHIP_AAD);
	pb_cbor_put_text(&writer, family);
	pb_cbor_put_bytes(&writer, binding);
	aad.n = writer.n;
	*ret_aad = aad;
	return PB_OK;
}

static void hash_spki(const uint8_t point[static PB_P256_POINT], uint8_t ret_digest[static PB_SHA256_LEN])
{
	uint8_t spki[PB_P256_SPKI];

	pb_p256_point_to_spki(point, spki);
	pb_sha256(PB_VIEW(spki), ret_digest);
}

enum pb_status pb_chip_aad_of_key(const char *family, const uint8_t point[static PB_P256_POINT], struct pb_aad *ret_aad,
				  struct pb_err *err)
{
	uint8_t digest[PB_SHA256_LEN];

	hash_spki(point, digest);
	return pb_chip_aad(family, PB_VIEW(digest), ret_aad, err);
}

void pb_chip_aad_of_point(const uint8_t point[static PB_P256_POINT], struct pb_aad *ret_aad)
{
	if (pb_chip_aad_of_key("applet", point, ret_aad, NULL) != PB_OK)
		PB_BUG("a digest is a binding");
}

struct pb_view pb_aad_view(const struct pb_aad *aad)
{
	return pb_view(aad->bytes, aad->n);
}

/* ---- issuing */

static void put_protected(struct pb_credential_draft *draft, const uint8_t kid[static PB_KID_LEN])
{
	struct pb_writer writer = pb_writer(draft->protected_header, sizeof(draft->protected_header));

	pb_cbor_put_map(&writer, 2);
	pb_cbor_put_int(&writer, PB_COSE_ALG);
	pb_cbor_put_int(&writer, PB_COSE_ES256);
	pb_cbor_put_int(&writer, PB_COSE_KID);
	pb_cbor_put_bytes(&writer, pb_view(kid, PB_KID_LEN));
	draft->protected_n = writer.n;
}

static struct pb_view protected_of(const struct pb_credential_draft *draft)
{
	return pb_view(draft->protected_header, draft->protected_n);
}

static struct pb_view payload_of(const struct pb_credential_draft *draft)
{
	return pb_view(draft->payload, draft->payload_n);
}

static bool seal(struct pb_view protected_header, struct pb_view payload, const uint8_t sig[static PB_P256_SIG],
		 struct pb_credential_token *ret_token)
{
	struct pb_writer writer = pb_writer(ret_token->bytes, sizeof(ret_token->bytes));
	struct pb_view token;

	pb_cose_put_sign1(&writer, protected_header, payload, pb_view(sig, PB_P256_SIG));
	if (!pb_writer_view(&writer, &token))
		return false;
	ret_token->n = token.n;
	return true;
}

static size_t sealed_length(const struct pb_credential_draft *draft)
{
	static const uint8_t no_sig[PB_P256_SIG];
	struct pb_credential_token token;

	return seal(protected_of(draft), payload_of(draft), no_sig, &token) ? token.n : SIZE_MAX;
}

/* Reads back what was written: the rules about claims are the decoder's, here as well. */
static enum pb_status finish_draft(struct pb_credential_draft *draft, const struct pb_writer *payload,
				   const uint8_t kid[static PB_KID_LEN], struct pb_err *err)
{
	struct pb_credential check = { 0 };
	struct pb_view written;
	enum pb_credential_fault fault;

	if (!pb_writer_view(payload, &written))
		return pb_fail(err, PB_INPUT_INVALID, "the claims are longer than a credential may be");
	draft->payload_n = written.n;
	put_protected(draft, kid);
	fault = check_item(written);
	if (fault == PB_FAULT_NONE)
		fault = pb_claims_decode(written, &check);
	if (fault != PB_FAULT_NONE)
		return pb_fail(err, PB_INPUT_INVALID, "%s: %s", pb_credential_fault_name(fault), pb_credential_fault_words(fault));
	draft->kind = check.kind;
	size_t n = sealed_length(draft), max = draft->kind == PB_CREDENTIAL_CHIP ? CREDENTIAL_MAX : PB_CREDENTIAL_MAX;

	if (n > max)
		return pb_fail(err, PB_INPUT_INVALID, "the credential would have %zu bytes, at most %zu fit", n, max);
	return PB_OK;
}

enum pb_status pb_chip_draft(const struct pb_card_claims *claims, const uint8_t kid[static PB_KID_LEN],
			     struct pb_credential_draft *ret_draft, struct pb_err *err)
{
	struct pb_credential_draft draft = { 0 };
	struct pb_writer writer = pb_writer(draft.payload, sizeof(draft.payload) - AROUND_PAYLOAD);

	pb_claims_put_chip(&writer, claims);
	enum pb_status status = finish_draft(&draft, &writer, kid, err);

	if (status == PB_OK)
		*ret_draft = draft;
	return status;
}

enum pb_status pb_face_draft(const struct pb_face_claims *claims, const uint8_t kid[static PB_KID_LEN],
			     struct pb_credential_draft *ret_draft, struct pb_err *err)
{
	struct pb_credential_draft draft = { 0 };
	struct pb_writer writer = pb_writer(draft.payload, sizeof(draft.payload) - AROUND_PAYLOAD);

	pb_claims_put_face(&writer, claims);
	enum pb_status status = finish_draft(&draft, &writer, kid, err);

	if (status == PB_OK)
		*ret_draft = draft;
	return status;
}

void pb_credential_sig_structure(const struct pb_credential_draft *draft, struct pb_view aad,
				 struct pb_sig_structure *ret_structure)
{
	struct pb_writer writer = pb_writer(ret_structure->bytes, sizeof(ret_structure->bytes));
	struct pb_view written;

	pb_cose_put_sig_structure(&writer, protected_of(draft), aad, payload_of(draft));
	if (!pb_writer_view(&writer, &written))
		PB_BUG("a draft and an aad that were never checked");
	ret_structure->n = written.n;
}

struct pb_view pb_sig_structure_view(const struct pb_sig_structure *structure)
{
	return pb_view(structure->bytes, structure->n);
}

void pb_credential_seal(const struct pb_credential_draft *draft, const uint8_t sig[static PB_P256_SIG],
			struct pb_credential_token *ret_token)
{
	if (!seal(protected_of(draft), payload_of(draft), sig, ret_token))
		PB_BUG("a draft whose length was never checked");
}

struct pb_view pb_credential_token_view(const struct pb_credential_token *token)
{
	return pb_view(token->bytes, token->n);
}

/* ---- verifying */

static enum pb_credential_fault take_header(struct pb_cbor *in, int64_t key, struct pb_credential *credential)
{
	int64_t alg;
	struct pb_view kid;

	switch (key) {
	case PB_COSE_ALG:
		return pb_cbor_int(in, &alg) && alg == PB_COSE_ES256 ? PB_FAULT_NONE : PB_FAULT_UNKNOWN_ALG;
	case PB_COSE_KID:
		if (!pb_cbor_bytes(in, PB_KID_LEN, PB_KID_LEN, &kid))
			return PB_FAULT_BAD_KID;
		memcpy(credential->kid, kid.p, kid.n);
		return PB_FAULT_NONE;
	default:
		return PB_FAULT_UNKNOWN_HEADER;
	}
}

static enum pb_credential_fault take_protected(struct pb_view header, struct pb_credential *credential)
{
	struct pb_cbor in = pb_cbor(header);
	struct pb_cbor_map map;
	int64_t key;

	if (header.n == 0)
		return PB_FAULT_MISSING_HEADER;
	enum pb_credential_fault fault = check_item(header);

	if (fault != PB_FAULT_NONE)
		return fault;
	if (!pb_cbor_map(&in, PB_CBOR_ITEMS, &map))
		return PB_FAULT_MISSING_HEADER;
	size_t headers = map.left;

	while (fault == PB_FAULT_NONE && pb_cbor_next_key(&in, &map, &key))
		fault = take_header(&in, key, credential);
	if (fault == PB_FAULT_NONE && in.failed)
		fault = PB_FAULT_UNKNOWN_HEADER;
	if (fault == PB_FAULT_NONE && headers != 2)
		fault = PB_FAULT_MISSING_HEADER;
	return fault;
}

static enum pb_credential_fault check_envelope(const struct pb_cose_sign1 *sign1)
{
	if (!sign1->tagged)
		return PB_FAULT_WRONG_TAG;
	if (sign1->unprotected.n != 1)
		return PB_FAULT_UNPROTECTED_HEADER;
	return sign1->signature.n == PB_P256_SIG ? PB_FAULT_NONE : PB_FAULT_BAD_SIGNATURE_LENGTH;
}

static enum pb_credential_fault decode(struct pb_view token, struct pb_credential *credential)
{
	struct pb_cose_sign1 sign1;
	enum pb_credential_fault fault = token.n > PB_CREDENTIAL_MAX ? PB_FAULT_TOO_LONG : envelope_fault(pb_cose_sign1_decode(token, &sign1));

	if (fault == PB_FAULT_NONE)
		fault = check_envelope(&sign1);
	if (fault == PB_FAULT_NONE)
		fault = take_protected(sign1.protected_header, credential);
	if (fault == PB_FAULT_NONE)
		fault = check_item(sign1.payload);
	if (fault == PB_FAULT_NONE)
		fault = pb_claims_decode(sign1.payload, credential);
	if (fault == PB_FAULT_NONE && credential->kind == PB_CREDENTIAL_CHIP && token.n > CREDENTIAL_MAX)
		fault = PB_FAULT_TOO_LONG;
	if (fault == PB_FAULT_NONE)
		credential->sign1 = sign1;
	return fault;
}

enum pb_credential_fault pb_credential_decode(struct pb_view token, struct pb_credential *ret_credential)
{
	struct pb_credential credential = { 0 };
	enum pb_credential_fault fault = decode(token, &credential);

	if (fault == PB_FAULT_NONE)
		*ret_credential = credential;
	return fault;
}

/* Exactly what pb_chip_aad writes. */
static bool is_chip_aad(struct pb_view aad)
{
	struct pb_cbor in = pb_cbor(aad);
	struct pb_view words, family, binding;

	return pb_cbor_array_of(&in, 3) && pb_cbor_text(&in, 1, 32, &words) &&
	       pb_view_equal(words, pb_view_text(CHIP_AAD)) && pb_cbor_text(&in, 1, CHIP_FAMILY_MAX, &family) &&
	       pb_cbor_bytes(&in, CHIP_BINDING_MIN, PB_BINDING_MAX, &binding) && pb_cbor_end(&in);
}

static bool take_sig_structure(struct pb_view bytes, struct pb_cose_sign1 *ret_sign1, struct pb_view *ret_aad)
{
	struct pb_cbor in = pb_cbor(bytes);
	struct pb_view context;

	return pb_cbor_array_of(&in, 4) && pb_cbor_text(&in, 1, 32, &context) &&
	       pb_view_equal(context, pb_view_text("Signature1")) &&
	       pb_cbor_bytes(&in, 0, PB_CREDENTIAL_MAX, &ret_sign1->protected_header) &&
	       pb_cbor_bytes(&in, 0, PB_AAD_MAX, ret_aad) &&
	       pb_cbor_bytes(&in, 0, PB_CREDENTIAL_MAX, &ret_sign1->payload) && pb_cbor_end(&in);
}

enum pb_credential_fault pb_credential_decode_unsigned(struct pb_view sig_structure, struct pb_credential *ret_credential)
{
	struct pb_credential credential = { 0 };
	struct pb_view aad;
	enum pb_credential_fault fault;

	if (!take_sig_structure(sig_structure, &credential.sign1, &aad))
		return PB_FAULT_NOT_SIGN1;
	fault = take_protected(credential.sign1.protected_header, &credential);
	if (fault == PB_FAULT_NONE)
		fault = check_item(credential.sign1.payload);
	if (fault == PB_FAULT_NONE)
		fault = pb_claims_decode(credential.sign1.payload, &credential);
	if (fault == PB_FAULT_NONE && !(credential.kind == PB_CREDENTIAL_CHIP ? is_chip_aad(aad) : aad.n == 0))
		fault = PB_FAULT_NOT_SIGN1;
	if (fault == PB_FAULT_NONE)
		*ret_credential = credential;
	return fault;
}

bool pb_credential_complete(const struct pb_credential *credential, const uint8_t sig[static PB_P256_SIG],
			    struct pb_credential_token *ret_token)
{
	return seal(credential->sign1.protected_header, credential->sign1.payload, sig, ret_token);
}

bool pb_credential_verify(const struct pb_credential *credential, struct pb_view aad, const struct pb_p256_public *key)
{
	return pb_cose_sign1_verify(&credential->sign1, aad, key);
}
