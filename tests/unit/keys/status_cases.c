/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A good list is made by the code under test and taken apart as an envelope; each case then changes bytes
 * of its header or payload and is put together and signed here, past every check.
 */
#include "tests/unit/keys/status_cases.h"

#include <stdlib.h>
#include <string.h>

#include "base/cbor.h"
#include "base/deflate.h"
#include "keys/crypto/cose.h"
#include "tests/lib/draw.h"
#include "tests/unit/keys/token_parts.h"

enum { DAY = 86400, MADE = STATUS_CASE_ISSUED - 30 * DAY, NUMBER = 3, REFUSED = 100, STEP = 997 };
enum { ROOT_NUMBER = 7, FOREIGN_NUMBER = 8, OTHER_KEY_NUMBER = 9 };

/* RFC 6979 A.2.5 */
static const char signer_scalar[] = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";

struct cast {
	struct pb_p256_private *root, *foreign, *signer, *other;
	struct pb_roots roots, foreign_roots;
};

static const struct cast *the_cast(void)
{
	static struct cast cast;

	if (cast.root == NULL) {
		cast.root = token_key_of_number(ROOT_NUMBER);
		cast.foreign = token_key_of_number(FOREIGN_NUMBER);
		cast.other = token_key_of_number(OTHER_KEY_NUMBER);
		cast.signer = token_key_of_hex(signer_scalar);
		token_make_root(cast.root, MADE, &cast.roots);
		token_make_root(cast.foreign, MADE, &cast.foreign_roots);
	}
	return &cast;
}

const struct pb_roots *status_case_roots(void)
{
	return &the_cast()->roots;
}

/* ---- certificates */

enum signer { GOOD, FOREIGN, WRONG_PURPOSE, EXPIRED, NOT_YET, REAL, OTHER_CODE, OTHER_KEY, SIGNER_COUNT };

static struct pb_x509 *certify(enum signer who)
{
	const struct cast *cast = the_cast();
	struct pb_x509_issuer_terms terms = { .from = MADE, .signs_until = MADE + 400 * DAY, .until = MADE + 430 * DAY,
					      .test = who != REAL, .purpose = PB_X509_OID_STATUS_LIST };

	if (who == WRONG_PURPOSE)
		terms.purpose = PB_X509_OID_TRUST_LIST;
	if (who == EXPIRED)
		terms.signs_until = STATUS_CASE_ISSUED - 1;
	if (who == NOT_YET)
		terms.from = STATUS_CASE_ISSUED + 1;
	if (who == FOREIGN)
		return token_certify(cast->foreign, &cast->foreign_roots, cast->signer, "RU-75-TST", &terms);
	return token_certify(cast->root, &cast->roots, who == OTHER_KEY ? cast->other : cast->signer,
			     who == OTHER_CODE ? "RU-00-XXX" : "RU-75-TST", &terms);
}

static const struct pb_x509 *certificate(enum signer who)
{
	static struct pb_x509 *made[SIGNER_COUNT];

	if (made[who] == NULL)
		made[who] = certify(who);
	return made[who];
}

const struct pb_x509 *status_case_certificate(void)
{
	return certificate(GOOD);
}

/* ---- the good list */

void status_case_list(struct pb_status_list *ret_list)
{
	*ret_list = (struct pb_status_list){ .issued_at = STATUS_CASE_ISSUED, .expires = STATUS_CASE_ISSUED + PB_STATUS_LIVES,
					     .test = true };
	token_must(pb_status_list_name(ret_list, "profbilet.example", "RU-75-TST", NUMBER, NULL) == PB_OK, "address");
	for (unsigned i = 0; i < REFUSED; i++) {
		unsigned slot = i * STEP % PB_STATUS_LIST_SLOTS;

		ret_list->bits[slot / 8] |= (uint8_t)(1u << slot % 8);
	}
}

void status_case_sign(const struct pb_status_list *list, uint8_t ret_token[static PB_STATUS_TOKEN_MAX], size_t *ret_n)
{
	struct pb_err err = { 0 };

	token_must(pb_status_list_sign(list, certificate(GOOD), token_store(the_cast()->signer), ret_token, ret_n, &err) == PB_OK,
		   err.msg);
}

void status_case_country(uint64_t seed, uint32_t number, struct pb_status_list *ret_list)
{
	uint64_t drawn = seed + number * UINT64_C(1000003);

	status_case_list(ret_list);
	memset(ret_list->bits, 0, sizeof(ret_list->bits));
	token_must(pb_status_list_name(ret_list, "profbilet.example", "RU-75-TST", number, NULL) == PB_OK, "address");
	for (uint32_t slot = 0; slot < PB_STATUS_LIST_SLOTS && number * PB_STATUS_LIST_SLOTS + slot < STATUS_COUNTRY_CARDS; slot++)
		if (draw_from(&drawn, 20) == 0)
			ret_list->bits[slot / 8] |= (uint8_t)(1u << slot % 8);
}

/* ---- changing it */

/* The stream in the payload: another length, or something behind it. */
enum { ONE_BYTE_LESS = TOKEN_CHANGES, ONE_BYTE_MORE, BOMB, STREAM_AND_MORE };

#define CHANGE TOKEN_CHANGE
#define TYPE_HEADER "\x10\x78\x1A" "application/statuslist+cwt"
#define ADDRESS "\x02\x78\x28https://profbilet.example/st/RU-75-TST/3"
#define BITS "\x64" "bits\x01"
#define AGGREGATION "\x6F" "aggregation_uri\x78\x26https://profbilet.example/st/RU-75-TST"

static const struct row {
	struct status_case shown;
	enum signer signer;
	struct token_change changes[2];
} rows[] = {
	{ { "good", "a hundred of 65,536 refused", PB_STATUS_FAULT_NONE }, GOOD, { { 0 } } },
	{ { "real_signer", "signed by a key that is no TEST key", PB_STATUS_FAULT_NONE }, REAL, { { 0 } } },
	{ { "no_aggregation", "without the address of all lists", PB_STATUS_FAULT_NONE }, GOOD,
	  { CHANGE(IN_PAYLOAD, "\xA3\x63lst", "\xA2\x63lst"), CHANGE(IN_PAYLOAD, AGGREGATION, "") } },
	{ { "other_aggregation", "with another address of all lists, which is read over", PB_STATUS_FAULT_NONE }, GOOD,
	  { CHANGE(IN_PAYLOAD, AGGREGATION, "\x6F" "aggregation_uri\x6Ahttps://a/") } },
	{ { "other_host", "the list of the issuer at another address", PB_STATUS_FAULT_NONE }, GOOD,
	  { CHANGE(IN_PAYLOAD, "example/st", "example/ST") } },

	{ { "edited_byte", "one letter was changed after signing", PB_STATUS_FAULT_FORGED }, GOOD,
	  { CHANGE(IN_TOKEN, "TST/3", "TST/4") } },
	{ { "foreign_root", "the signer is under another root of the same name", PB_STATUS_FAULT_FOREIGN_ROOT }, FOREIGN, { { 0 } } },
	{ { "wrong_purpose", "the signer's certificate is for trust lists", PB_STATUS_FAULT_WRONG_PURPOSE }, WRONG_PURPOSE, { { 0 } } },
	{ { "signer_expired", "signed after the signer's last day", PB_STATUS_FAULT_SIGNER_EXPIRED }, EXPIRED, { { 0 } } },
	{ { "signer_not_yet", "signed before the signer's first day", PB_STATUS_FAULT_SIGNER_EXPIRED }, NOT_YET, { { 0 } } },
	{ { "other_issuer", "the certificate names another issuer", PB_STATUS_FAULT_OTHER_ISSUER }, OTHER_CODE, { { 0 } } },
	{ { "unknown_signer", "only the certificate of another key is here", PB_STATUS_FAULT_UNKNOWN_SIGNER }, OTHER_KEY, { { 0 } } },
	{ { "other_kid", "the header names another key", PB_STATUS_FAULT_UNKNOWN_SIGNER }, GOOD,
	  { CHANGE(IN_HEADER, "\x04\x48\x5A", "\x04\x48\x5B") } },

	{ { "untagged", "without tag 18", PB_STATUS_FAULT_WRONG_TAG }, GOOD, { CHANGE(IN_TOKEN, "\xD2\x84", "\x84") } },
	{ { "tag_61", "with the tag of a CWT around it", PB_STATUS_FAULT_WRONG_TAG }, GOOD,
	  { CHANGE(IN_TOKEN, "\xD2\x84", "\xD8\x3D\xD2\x84") } },
	{ { "long_head", "a head longer than it need be", PB_STATUS_FAULT_NOT_DETERMINISTIC }, GOOD,
	  { CHANGE(IN_TOKEN, "\xD2\x84", "\xD2\x98\x04") } },
	{ { "five_parts", "five parts", PB_STATUS_FAULT_NOT_SIGN1 }, GOOD, { CHANGE(IN_TOKEN, "\xD2\x84", "\xD2\x85\x40") } },
	{ { "unprotected", "a header outside the signature", PB_STATUS_FAULT_UNPROTECTED_HEADER }, GOOD,
	  { CHANGE(IN_TOKEN, "cwt\xA0", "cwt\xA1\x04\x41\x01") } },
	{ { "short_signature", "a signature of 63 bytes", PB_STATUS_FAULT_BAD_SIGNATURE_LENGTH }, GOOD, { { .how = SHORT_SIGNATURE } } },
	{ { "trailing_byte", "a byte after the end", PB_STATUS_FAULT_TRAILING_BYTES }, GOOD, { { .how = APPEND_BYTE } } },
	{ { "cut_short", "the last byte is missing", PB_STATUS_FAULT_NOT_DETERMINISTIC }, GOOD, { { .how = CUT_BYTE } } },

	{ { "other_algorithm", "alg is ES384", PB_STATUS_FAULT_BAD_HEADER }, GOOD, { CHANGE(IN_HEADER, "\x01\x26", "\x01\x38\x22") } },
	{ { "other_type", "the type of another document", PB_STATUS_FAULT_BAD_HEADER }, GOOD,
	  { CHANGE(IN_HEADER, "statuslist+cwt", "statuslist+jwt") } },
	{ { "no_type", "without a type", PB_STATUS_FAULT_BAD_HEADER }, GOOD,
	  { CHANGE(IN_HEADER, "\xA3\x01", "\xA2\x01"), CHANGE(IN_HEADER, TYPE_HEADER, "") } },
	{ { "one_more_header", "a header that has no meaning here", PB_STATUS_FAULT_BAD_HEADER }, GOOD,
	  { CHANGE(IN_HEADER, "\xA3\x01", "\xA4\x01"), CHANGE(IN_HEADER, TYPE_HEADER, TYPE_HEADER "\x11\x00") } },

	{ { "no_address", "without the address", PB_STATUS_FAULT_BAD_CLAIMS }, GOOD,
	  { CHANGE(IN_PAYLOAD, "\xA5\x02", "\xA4\x02"), CHANGE(IN_PAYLOAD, ADDRESS, "") } },
	{ { "plain_http", "an address of plain http", PB_STATUS_FAULT_BAD_ADDRESS }, GOOD,
	  { CHANGE(IN_PAYLOAD, "\x78\x28https://", "\x78\x27http://") } },
	{ { "no_number", "an address without a number", PB_STATUS_FAULT_BAD_ADDRESS }, GOOD,
	  { CHANGE(IN_PAYLOAD, "TST/3", "TST/x") } },
	{ { "leading_zero", "a number with a zero in front", PB_STATUS_FAULT_BAD_ADDRESS }, GOOD,
	  { CHANGE(IN_PAYLOAD, "-TST/3", "-TS/03") } },
	{ { "small_letters", "an issuer code in small letters", PB_STATUS_FAULT_BAD_ADDRESS }, GOOD,
	  { CHANGE(IN_PAYLOAD, "RU-75-TST", "ru-75-tst") } },
	{ { "expires_when_issued", "it expires at the second of its issue", PB_STATUS_FAULT_BAD_CLAIMS }, GOOD,
	  { CHANGE(IN_PAYLOAD, "\x04\x1A\x6B\x0E\xB6\xC0", "\x04\x1A\x6A\xE7\x29\xC0") } },
	{ { "aggregation_first", "the address of all lists before the bits", PB_STATUS_FAULT_BAD_CLAIMS }, GOOD,
	  { CHANGE(IN_PAYLOAD, BITS AGGREGATION, AGGREGATION BITS) } },
	{ { "two_bits", "two bits a card", PB_STATUS_FAULT_BAD_CLAIMS }, GOOD,
	  { CHANGE(IN_PAYLOAD, BITS, "\x64" "bits\x02") } },
	{ { "no_list", "a list without its bits", PB_STATUS_FAULT_BAD_CLAIMS }, GOOD, { CHANGE(IN_PAYLOAD, "\x63lst", "\x63lsu") } },
	{ { "ttl_zero", "to be fetched again at once", PB_STATUS_FAULT_BAD_CLAIMS }, GOOD,
	  { CHANGE(IN_PAYLOAD, "\x19\xFF\xFE\x1A\x00\x01\x51\x80", "\x19\xFF\xFE\x00") } },
	{ { "ttl_missing", "without the time to live", PB_STATUS_FAULT_BAD_CLAIMS }, GOOD,
	  { CHANGE(IN_PAYLOAD, "\xA5\x02", "\xA4\x02"), CHANGE(IN_PAYLOAD, "\x19\xFF\xFE\x1A\x00\x01\x51\x80", "") } },
	{ { "keys_not_in_order", "the claims are not in order", PB_STATUS_FAULT_BAD_CLAIMS }, GOOD,
	  { CHANGE(IN_PAYLOAD, "TST/3\x04\x1A", "TST/3\x07\x1A") } },

	{ { "one_byte_less", "65,528 bits", PB_STATUS_FAULT_BAD_BITS }, GOOD, { { .how = ONE_BYTE_LESS } } },
	{ { "one_byte_more", "65,544 bits", PB_STATUS_FAULT_BAD_BITS }, GOOD, { { .how = ONE_BYTE_MORE } } },
	{ { "bomb", "a megabyte of zeros", PB_STATUS_FAULT_BAD_BITS }, GOOD, { { .how = BOMB } } },
	{ { "stream_and_more", "a byte after the end of the stream", PB_STATUS_FAULT_BAD_BITS }, GOOD, { { .how = STREAM_AND_MORE } } },
	{ { "raw_deflate", "a stream without the head of zlib", PB_STATUS_FAULT_BAD_BITS }, GOOD,
	  { CHANGE(IN_PAYLOAD, "\x78\xDA", "\x00\xDA") } },
};

static size_t bytes_of(int how)
{
	switch (how) {
	case ONE_BYTE_LESS:
		return PB_STATUS_LIST_BYTES - 1;
	case ONE_BYTE_MORE:
		return PB_STATUS_LIST_BYTES + 1;
	case BOMB:
		return 1 << 20;
	default:
		return PB_STATUS_LIST_BYTES;
	}
}

static size_t zeros(int how, uint8_t *ret_stream, size_t cap)
{
	struct pb_deflater *deflater = pb_deflater_create(PB_DEFLATE_SMALLEST);
	size_t plain = bytes_of(how), n;
	uint8_t *bytes = calloc(1, plain);

	token_must(bytes != NULL && deflater != NULL, "memory");
	n = pb_deflate(deflater, pb_view(bytes, plain), ret_stream, cap - 1);
	token_must(n > 0, "stream");
	ret_stream[n] = 0;
	free(bytes);
	pb_deflater_destroy(deflater);
	return how == STREAM_AND_MORE ? n + 1 : n;
}

static void change_stream(struct token_part *payload, int how, const char *id)
{
	static const struct token_change place = CHANGE(IN_PAYLOAD, "\x63lst", "");
	size_t at = token_place_of(payload, &place, id) + place.find_n;
	struct pb_cbor in = pb_cbor(pb_view(payload->bytes + at, payload->n - at));
	struct token_part changed = { 0 };
	struct pb_writer writer = pb_writer(changed.bytes, sizeof(changed.bytes));
	uint8_t stream[2048];
	struct pb_view old;

	token_must(pb_cbor_bytes(&in, 1, sizeof(changed.bytes), &old), id);
	pb_put(&writer, payload->bytes, at);
	pb_cbor_put_bytes(&writer, pb_view(stream, zeros(how, stream, sizeof(stream))));
	pb_put(&writer, old.p + old.n, payload->n - (size_t)(old.p + old.n - payload->bytes));
	token_must(!writer.full, id);
	token_part_set(payload, pb_view(changed.bytes, writer.n));
}

static void take_apart(struct token_part *ret_header, struct token_part *ret_payload)
{
	uint8_t token[PB_STATUS_TOKEN_MAX];
	struct pb_status_list list;
	struct pb_cose_sign1 sign1;
	size_t n;

	status_case_list(&list);
	status_case_sign(&list, token, &n);
	token_must(pb_cose_sign1_decode(pb_view(token, n), &sign1) == PB_COSE_FINE, "sign1");
	token_part_set(ret_header, sign1.protected_header);
	token_part_set(ret_payload, sign1.payload);
}

bool status_case(size_t i, struct status_case *ret_case, const struct pb_x509 **ret_cert,
		 uint8_t ret_token[static STATUS_CASE_TOKEN_MAX], size_t *ret_n)
{
	const struct row *row = &rows[i];
	struct token_part header, payload, token;

	if (i >= sizeof(rows) / sizeof(rows[0]))
		return false;
	take_apart(&header, &payload);
	for (size_t c = 0; c < 2; c++) {
		if (row->changes[c].how >= TOKEN_CHANGES)
			change_stream(&payload, row->changes[c].how, row->shown.id);
		else
			token_change_before(&row->changes[c], &header, &payload, row->shown.id);
	}
	token_part_sign(the_cast()->signer, &header, &payload, &token);
	token_change_after(&row->changes[0], &token, row->shown.id);
	*ret_case = row->shown;
	*ret_cert = certificate(row->signer);
	memcpy(ret_token, token.bytes, token.n);
	*ret_n = token.n;
	return true;
}
