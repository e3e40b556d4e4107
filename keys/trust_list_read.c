/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a trust list: the bytes are taken apart by one strict decoder, and only then is asked who signed
 * them.  Every field has a cap, and every integer its shortest form, so one list has one encoding.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cbor.h"
#include "base/text.h"
#include "keys/crypto/x509.h"
#include "keys/key_dir.h"
#include "keys/roles.h"
#include "keys/trust_list_inside.h"

#define SECONDS_MAX ((UINT64_C(1) << 40) - 1)
#define BIT(key) (1u << (key))

enum { HEADERS = 4, CLAIMS = 4, LIST_PAIRS = 2, ENTRY_PAIRS = 32, TYPE_MAX = 64, CODE_MAX = 16 };

static const unsigned entry_must = BIT(ENTRY_KID) | BIT(ENTRY_CODE) | BIT(ENTRY_NAME) | BIT(ENTRY_UNTIL) | BIT(ENTRY_FROM) |
				   BIT(ENTRY_LAST_SIGNING) | BIT(ENTRY_KEY) | BIT(ENTRY_STATE);

static bool take_seconds(struct pb_cbor *in, int64_t *ret_seconds)
{
	uint64_t seconds;

	if (!pb_cbor_uint(in, SECONDS_MAX, &seconds) || seconds == 0)
		return false;
	*ret_seconds = (int64_t)seconds;
	return true;
}

static bool take_code(struct pb_cbor *in, char ret_code[static CODE_MAX + 1])
{
	return pb_cbor_text_copy(in, 1, ret_code, CODE_MAX + 1) && pb_issuer_code_valid(ret_code);
}

/* One line, as it is normalised: what looks the same is the same. */
static bool is_name(const char *name)
{
	char normal[sizeof(((struct pb_trust_entry *)0)->name)];

	return pb_text_valid(pb_view_text(name)) && strpbrk(name, "\t\n") == NULL &&
	       pb_text_nfc(name, normal, sizeof(normal)) && strcmp(name, normal) == 0;
}

static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static bool is_address(const char *text)
{
	return strncmp(text, "https://", 8) == 0 && text[8] != '\0' && is_printable(text);
}

static bool take_number_of(struct pb_cbor *in, struct pb_cbor_map *map, int64_t key, uint64_t value)
{
	uint64_t found;
	int64_t found_key;

	return pb_cbor_next_key(in, map, &found_key) && found_key == key && pb_cbor_uint(in, value, &found) && found == value;
}

static bool take_coordinate(struct pb_cbor *in, struct pb_cbor_map *map, int64_t key, uint8_t ret_bytes[static KEY_COORDINATE])
{
	struct pb_view bytes;
	int64_t found_key;

	if (!pb_cbor_next_key(in, map, &found_key) || found_key != key ||
	    !pb_cbor_bytes(in, KEY_COORDINATE, KEY_COORDINATE, &bytes))
		return false;
	memcpy(ret_bytes, bytes.p, KEY_COORDINATE);
	return true;
}

static bool take_key(struct pb_cbor *in, uint8_t ret_point[static PB_P256_POINT])
{
	struct pb_cbor_map map;

	ret_point[0] = 0x04;
	return pb_cbor_map(in, 4, &map) && take_number_of(in, &map, KEY_KTY, KEY_KTY_EC2) &&
	       take_number_of(in, &map, KEY_CRV, KEY_CRV_P256) && take_coordinate(in, &map, KEY_X, ret_point + 1) &&
	       take_coordinate(in, &map, KEY_Y, ret_point + 1 + KEY_COORDINATE) && map.left == 0;
}

static bool take_kid(struct pb_cbor *in, uint8_t ret_kid[static PB_P256_KID])
{
	struct pb_view kid;

	if (!pb_cbor_bytes(in, PB_P256_KID, PB_P256_KID, &kid))
		return false;
	memcpy(ret_kid, kid.p, PB_P256_KID);
	return true;
}

static bool take_state(struct pb_cbor *in, enum pb_issuer_state *ret_state)
{
	uint64_t state;

	if (!pb_cbor_uint(in, PB_ISSUER_STATE_COUNT - 1, &state))
		return false;
	*ret_state = (enum pb_issuer_state)state;
	return true;
}

/* A field of a later version is read over: an old verifier goes on with a new list. */
static bool take_field(struct pb_cbor *in, int64_t key, struct pb_trust_entry *entry)
{
	struct pb_view later;

	switch (key) {
	case ENTRY_KID:
		return take_kid(in, entry->kid);
	case ENTRY_CODE:
		return take_code(in, entry->code);
	case ENTRY_NAME:
		return pb_cbor_text_copy(in, 1, entry->name, sizeof(entry->name)) && is_name(entry->name);
	case ENTRY_UNTIL:
		return take_seconds(in, &entry->valid_until);
	case ENTRY_FROM:
		return take_seconds(in, &entry->valid_from);
	case ENTRY_LAST_SIGNING:
		return take_seconds(in, &entry->last_signing);
	case ENTRY_STATUS_BASE:
		return pb_cbor_text_copy(in, 1, entry->status_base, sizeof(entry->status_base)) && is_address(entry->status_base);
	case ENTRY_KEY:
		return take_key(in, entry->point);
	case ENTRY_STATE:
		return take_state(in, &entry->state);
	case ENTRY_TEST: /* absent when it is not so */
		return pb_cbor_bool(in, &entry->test) && entry->test;
	case ENTRY_CHECKPOINT:
		return pb_cbor_text_copy(in, 1, entry->checkpoint, sizeof(entry->checkpoint)) && is_printable(entry->checkpoint);
	default:
		return key > ENTRY_CHECKPOINT && pb_cbor_skip(in, &later);
	}
}

static bool take_fields(struct pb_cbor *in, struct pb_trust_entry *entry)
{
	unsigned found = 0;
	struct pb_cbor_map map;
	int64_t key;

	if (!pb_cbor_map(in, ENTRY_PAIRS, &map))
		return false;
	while (pb_cbor_next_key(in, &map, &key)) {
		if (!take_field(in, key, entry))
			return false;
		if (key <= ENTRY_CHECKPOINT)
			found |= BIT(key);
	}
	return !in->failed && (found & entry_must) == entry_must;
}

static bool is_point(const uint8_t point[static PB_P256_POINT])
{
	struct pb_p256_public *key = NULL;
	bool good = pb_p256_public_create(pb_view(point, PB_P256_POINT), &key, NULL) == PB_OK;

	pb_p256_public_destroy(key);
	return good;
}

static enum pb_trust_fault take_entry(struct pb_cbor *in, struct pb_trust_entry *entry)
{
	uint8_t kid[PB_P256_KID];

	if (!take_fields(in, entry) || !is_point(entry->point))
		return PB_TRUST_FAULT_BAD_ENTRY;
	pb_p256_kid(entry->point, kid);
	if (!pb_view_equal(PB_VIEW(kid), PB_VIEW(entry->kid)))
		return PB_TRUST_FAULT_ENTRY_KID;
	if (entry->valid_from > entry->last_signing || entry->last_signing > entry->valid_until)
		return PB_TRUST_FAULT_ENTRY_DATES;
	return PB_TRUST_FAULT_NONE;
}

static enum pb_trust_fault take_entries(struct pb_cbor *in, struct pb_trust_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		enum pb_trust_fault fault = take_entry(in, &list->entries[i]);

		if (fault != PB_TRUST_FAULT_NONE)
			return fault;
		if (i > 0 && pb_trust_entry_compare(&list->entries[i - 1], &list->entries[i]) >= 0)
			return PB_TRUST_FAULT_ENTRY_ORDER;
	}
	return pb_cbor_end(in) ? PB_TRUST_FAULT_NONE : PB_TRUST_FAULT_BAD_CLAIMS;
}

static bool next_is(struct pb_cbor *in, struct pb_cbor_map *map, int64_t key)
{
	int64_t found;

	return pb_cbor_next_key(in, map, &found) && found == key;
}

/* Everything in front of the entries. */
static bool take_claims(struct pb_cbor *in, struct pb_trust_list *list)
{
	struct pb_cbor_map claims, inner;

	return pb_cbor_map(in, CLAIMS, &claims) && claims.left == CLAIMS && next_is(in, &claims, TRUST_ISS) &&
	       take_code(in, list->publisher) && next_is(in, &claims, TRUST_EXP) && take_seconds(in, &list->expires) &&
	       next_is(in, &claims, TRUST_IAT) && take_seconds(in, &list->issued_at) && list->issued_at < list->expires &&
	       next_is(in, &claims, TRUST_LIST) && pb_cbor_map(in, LIST_PAIRS, &inner) && inner.left == LIST_PAIRS &&
	       next_is(in, &inner, LIST_SEQUENCE) && pb_cbor_uint(in, PB_TRUST_SEQUENCE_MAX, &list->sequence) &&
	       list->sequence > 0 && next_is(in, &inner, LIST_ENTRIES) &&
	       pb_cbor_array(in, PB_TRUST_ISSUERS_MAX, &list->count);
}

/* The memory is for as many entries as the payload has room for, whatever it claims. */
static enum pb_status take_payload(struct pb_view payload, struct pb_trust_list *list, enum pb_trust_fault *ret_fault,
				   struct pb_err *err)
{
	struct pb_cbor in = pb_cbor(payload);

	*ret_fault = PB_TRUST_FAULT_BAD_CLAIMS;
	if (!take_claims(&in, list) || list->count > payload.n / PB_P256_POINT)
		return PB_OK;
	list->entries = calloc(list->count > 0 ? list->count : 1, sizeof(list->entries[0]));
	if (list->entries == NULL)
		return pb_fail(err, PB_NO_MEMORY, "trust list");
	*ret_fault = take_entries(&in, list);
	return PB_OK;
}

/* Exactly one certificate: signers stand right under a root (keys/crypto/x509.h), and the root is pinned. */
static bool take_header(struct pb_view header, struct pb_trust_token *token)
{
	struct pb_cbor in = pb_cbor(header);
	struct pb_cbor_map map;
	struct pb_view type;
	int64_t algorithm;

	return pb_cbor_map(&in, HEADERS, &map) && map.left == HEADERS && next_is(&in, &map, PB_COSE_ALG) &&
	       pb_cbor_int(&in, &algorithm) && algorithm == PB_COSE_ES256 && next_is(&in, &map, PB_COSE_KID) &&
	       take_kid(&in, token->kid) && next_is(&in, &map, PB_COSE_TYP) && pb_cbor_text(&in, 1, TYPE_MAX, &type) &&
	       pb_view_equal(type, pb_view_text(PB_TYPE_TRUST_LIST)) && next_is(&in, &map, PB_COSE_X5CHAIN) &&
	       pb_cbor_bytes(&in, 1, PB_X509_DER_MAX, &token->certificate) && pb_cbor_end(&in);
}

static enum pb_trust_fault envelope_fault(enum pb_cose_fault fault)
{
	switch (fault) {
	case PB_COSE_FINE:
		return PB_TRUST_FAULT_NONE;
	case PB_COSE_NOT_DETERMINISTIC:
		return PB_TRUST_FAULT_NOT_DETERMINISTIC;
	case PB_COSE_TRAILING_BYTES:
		return PB_TRUST_FAULT_TRAILING_BYTES;
	case PB_COSE_WRONG_TAG:
		return PB_TRUST_FAULT_WRONG_TAG;
	case PB_COSE_NOT_SIGN1:
		break;
	}
	return PB_TRUST_FAULT_NOT_SIGN1;
}

static enum pb_trust_fault take_envelope(struct pb_view bytes, struct pb_trust_token *token)
{
	enum pb_trust_fault fault;

	if (bytes.n > PB_TRUST_LIST_MAX)
		return PB_TRUST_FAULT_TOO_LONG;
	fault = envelope_fault(pb_cose_sign1_decode(bytes, &token->sign1));
	if (fault != PB_TRUST_FAULT_NONE)
		return fault;
	if (!token->sign1.tagged)
		return PB_TRUST_FAULT_WRONG_TAG;
	if (token->sign1.unprotected.n != 1)
		return PB_TRUST_FAULT_UNPROTECTED_HEADER;
	if (token->sign1.signature.n != PB_P256_SIG)
		return PB_TRUST_FAULT_BAD_SIGNATURE_LENGTH;
	return take_header(token->sign1.protected_header, token) ? PB_TRUST_FAULT_NONE : PB_TRUST_FAULT_BAD_HEADER;
}

enum pb_status pb_trust_token_decode(struct pb_view bytes, struct pb_trust_token *ret_token,
				     enum pb_trust_fault *ret_fault, struct pb_err *err)
{
	struct pb_trust_token token = { 0 };
	enum pb_status s = PB_OK;

	*ret_fault = take_envelope(bytes, &token);
	if (*ret_fault == PB_TRUST_FAULT_NONE)
		s = take_payload(token.sign1.payload, &token.list, ret_fault, err);
	if (s == PB_OK && *ret_fault == PB_TRUST_FAULT_NONE)
		*ret_token = token;
	else
		pb_trust_list_finish(&token.list);
	return s;
}

/* ---- who signed it */

/* The chain first, at a moment when the signer was certainly valid: "not ours" and "too late" differ. */
static enum pb_trust_fault check_chain(const struct pb_x509 *cert, const struct pb_x509_issuer *signer,
				       const struct pb_roots *roots, int64_t issued_at)
{
	if (pb_roots_verify(roots, cert, signer->from, NULL) != PB_OK)
		return PB_TRUST_FAULT_FOREIGN_ROOT;
	if (issued_at < signer->from || issued_at > signer->signs_until ||
	    pb_roots_verify(roots, cert, issued_at, NULL) != PB_OK)
		return PB_TRUST_FAULT_SIGNER_EXPIRED;
	return PB_TRUST_FAULT_NONE;
}

/* A TEST key speaks for TEST issuers only: throw-away keys must not make a real issuer. */
static bool lists_only_tests(const struct pb_trust_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (!list->entries[i].test)
			return false;
	return true;
}

static enum pb_trust_fault check_words(const struct pb_trust_token *token, const struct pb_x509_issuer *signer)
{
	uint8_t kid[PB_P256_KID];

	pb_p256_kid(signer->point, kid);
	if (!pb_view_equal(PB_VIEW(kid), PB_VIEW(token->kid)) || strcmp(token->list.publisher, signer->code) != 0)
		return PB_TRUST_FAULT_OTHER_SIGNER;
	return signer->test && !lists_only_tests(&token->list) ? PB_TRUST_FAULT_TEST_SIGNER : PB_TRUST_FAULT_NONE;
}

static enum pb_trust_fault check_signature(const struct pb_trust_token *token, const struct pb_x509_issuer *signer)
{
	struct pb_p256_public *key = NULL;
	bool good = pb_p256_public_create(PB_VIEW(signer->point), &key, NULL) == PB_OK &&
		    pb_cose_sign1_verify(&token->sign1, pb_view(NULL, 0), key);

	pb_p256_public_destroy(key);
	return good ? PB_TRUST_FAULT_NONE : PB_TRUST_FAULT_FORGED;
}

enum pb_trust_fault pb_trust_token_check(const struct pb_trust_token *token, const struct pb_roots *roots)
{
	struct pb_x509_issuer signer;
	struct pb_x509 *cert = NULL;
	enum pb_trust_fault fault;

	if (pb_x509_from_der(token->certificate, &cert, NULL) != PB_OK)
		return PB_TRUST_FAULT_BAD_CERTIFICATE;
	if (pb_x509_read_signer(cert, PB_X509_OID_TRUST_LIST, &signer, NULL) != PB_OK)
		fault = PB_TRUST_FAULT_WRONG_PURPOSE;
	else
		fault = roots != NULL ? check_chain(cert, &signer, roots, token->list.issued_at) : PB_TRUST_FAULT_NONE;
	if (fault == PB_TRUST_FAULT_NONE)
		fault = check_words(token, &signer);
	if (fault == PB_TRUST_FAULT_NONE)
		fault = check_signature(token, &signer);
	pb_x509_destroy(cert);
	return fault;
}

enum pb_status pb_trust_list_open(struct pb_view bytes, const struct pb_roots *roots, struct pb_trust_list *ret_list,
				  enum pb_trust_fault *ret_fault, struct pb_err *err)
{
	struct pb_trust_token token;
	enum pb_status s = pb_trust_token_decode(bytes, &token, ret_fault, err);

	if (s != PB_OK || *ret_fault != PB_TRUST_FAULT_NONE)
		return s;
	*ret_fault = pb_trust_token_check(&token, roots);
	if (*ret_fault == PB_TRUST_FAULT_NONE)
		*ret_list = token.list;
	else
		pb_trust_list_finish(&token.list);
	return PB_OK;
}
