/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A good list is made by the code under test and taken apart as an envelope; each case then changes bytes
 * of its header or payload and is put together and signed here, past every check.
 */
#include "tests/unit/keys/trust_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cbor.h"
#include "keys/crypto/cose.h"
#include "keys/crypto/x509.h"
#include "tests/unit/keys/token_parts.h"

enum { DAY = 86400, MADE = TRUST_CASE_ISSUED - 30 * DAY };

/* RFC 6979 A.2.5 and RFC 9500 2.3; the others are small numbers. */
static const char signer_scalar[] = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
static const char issuer_scalar[] = "E6CB5BDD80AA45AE9C95E8C15476679FFEC953C16851E711E743939589C64FC1";
enum { ROOT_NUMBER = 7, FOREIGN_NUMBER = 8, SECOND_ISSUER_NUMBER = 9, FIRST_OF_MANY = 1000 };

/* ---- certificates */

struct cast {
	struct pb_p256_private *root, *foreign, *signer;
	struct pb_roots roots, foreign_roots;
};

static const struct cast *the_cast(void)
{
	static struct cast cast;

	if (cast.root == NULL) {
		cast.root = token_key_of_number(ROOT_NUMBER);
		cast.foreign = token_key_of_number(FOREIGN_NUMBER);
		cast.signer = token_key_of_hex(signer_scalar);
		token_make_root(cast.root, MADE, &cast.roots);
		token_make_root(cast.foreign, MADE, &cast.foreign_roots);
	}
	return &cast;
}

const struct pb_roots *trust_case_roots(void)
{
	return &the_cast()->roots;
}

enum signer { GOOD, FOREIGN, WRONG_PURPOSE, EXPIRED, NOT_YET, REAL, OTHER_CODE, SIGNER_COUNT };

static struct pb_x509 *certify(enum signer who)
{
	const struct cast *cast = the_cast();
	const char *code = who == OTHER_CODE ? "RU-00-XXX" : "RU-75-TST";
	struct pb_x509_issuer_terms terms = { .from = MADE, .signs_until = MADE + 400 * DAY, .until = MADE + 430 * DAY,
					      .test = who != REAL, .purpose = PB_X509_OID_TRUST_LIST };

	if (who == WRONG_PURPOSE)
		terms.purpose = PB_X509_OID_STATUS_LIST;
	if (who == EXPIRED)
		terms.signs_until = TRUST_CASE_ISSUED - 1; /* its certificate goes on */
	if (who == NOT_YET)
		terms.from = TRUST_CASE_ISSUED + 1;
	return who == FOREIGN ? token_certify(cast->foreign, &cast->foreign_roots, cast->signer, code, &terms) :
				token_certify(cast->root, &cast->roots, cast->signer, code, &terms);
}

static const struct pb_x509 *certificate(enum signer who)
{
	static struct pb_x509 *made[SIGNER_COUNT];

	if (made[who] == NULL)
		made[who] = certify(who);
	return made[who];
}

/* ---- the good list */

static struct pb_trust_entry entry_of(struct pb_p256_private *key, const char *name)
{
	struct pb_trust_entry entry = { .code = "RU-75-TST", .valid_from = MADE, .last_signing = MADE + 395LL * DAY,
					.valid_until = MADE + 2250LL * DAY, .test = true };

	(void)snprintf(entry.name, sizeof(entry.name), "%s", name);
	pb_p256_private_point(key, entry.point);
	pb_p256_kid(entry.point, entry.kid);
	pb_p256_private_destroy(key);
	return entry;
}

static void add(struct pb_trust_list *list, const struct pb_trust_entry *entry)
{
	token_must(pb_trust_list_add(list, entry, NULL) == PB_OK, "entry");
}

static struct pb_trust_list good_list(void)
{
	struct pb_trust_list list = { .sequence = 41, .issued_at = TRUST_CASE_ISSUED, .expires = TRUST_CASE_ISSUED + 30 * DAY };
	struct pb_trust_entry first = entry_of(token_key_of_hex(issuer_scalar), "Пробная организация");
	struct pb_trust_entry second = entry_of(token_key_of_number(SECOND_ISSUER_NUMBER), "Пробная организация");

	(void)snprintf(first.status_base, sizeof(first.status_base), "https://profbilet.example/st/");
	(void)snprintf(first.checkpoint, sizeof(first.checkpoint), "profbilet.example/office/75+33d7b496+AeHSkx0J");
	second.state = PB_ISSUER_RETIRED;
	add(&list, &first);
	add(&list, &second);
	return list;
}

struct pb_trust_list trust_case_list(size_t count)
{
	struct pb_trust_list list = { .sequence = 42, .issued_at = TRUST_CASE_ISSUED, .expires = TRUST_CASE_ISSUED + 30 * DAY };

	for (size_t i = 0; i < count; i++) {
		struct pb_trust_entry entry = entry_of(token_key_of_number((unsigned)(FIRST_OF_MANY + i)),
						       "Региональная организация Профсоюза работников образования");

		(void)snprintf(entry.status_base, sizeof(entry.status_base), "https://profbilet.example/st/%zu/", i);
		add(&list, &entry);
	}
	return list;
}

void trust_case_sign(const struct pb_trust_list *list, uint8_t **ret_token, size_t *ret_n)
{
	struct pb_err err = { 0 };

	token_must(pb_trust_list_sign(list, certificate(GOOD), token_store(the_cast()->signer), ret_token, ret_n, &err) == PB_OK, err.msg);
}

/* ---- changing it */

enum how {
	NO_ENTRIES = TOKEN_CHANGES, REPEAT_ENTRY, SWAP_ENTRIES, /* in the payload */
};

#define TYPE_HEADER "\x10\x78\x27" "application/vnd.profbilet.trustlist+cwt"
#define SEQUENCE "\xA2\x01\x18\x29"
#define FIRST_ENTRY "\x02\x82\xAB\x01\x48"

static const struct row {
	struct trust_case shown;
	enum signer signer;
	struct token_change changes[2];
} rows[] = {
	{ { "good", "two issuers", PB_TRUST_FAULT_NONE }, GOOD, { { 0 } } },
	{ { "later_field", "a field of a later version is read over", PB_TRUST_FAULT_NONE }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, FIRST_ENTRY, "\x02\x82\xAC\x01\x48"), TOKEN_CHANGE(IN_PAYLOAD, "AeHSkx0J", "AeHSkx0J\x0C\x61z") } },
	{ { "compromised", "an issuer none of whose cards is good", PB_TRUST_FAULT_NONE }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, "\x09\x00\x0A", "\x09\x02\x0A") } },
	{ { "nobody", "a list that trusts no issuer", PB_TRUST_FAULT_NONE }, GOOD, { { .how = NO_ENTRIES } } },

	{ { "edited_byte", "one letter was changed after signing", PB_TRUST_FAULT_FORGED }, GOOD,
	  { TOKEN_CHANGE(IN_TOKEN, "office/75", "office/77") } },
	{ { "foreign_root", "the signer is under another root of the same name", PB_TRUST_FAULT_FOREIGN_ROOT }, FOREIGN, { { 0 } } },
	{ { "wrong_purpose", "the signer's certificate is for status lists", PB_TRUST_FAULT_WRONG_PURPOSE }, WRONG_PURPOSE, { { 0 } } },
	{ { "signer_expired", "signed after the signer's last day", PB_TRUST_FAULT_SIGNER_EXPIRED }, EXPIRED, { { 0 } } },
	{ { "signer_not_yet", "signed before the signer's first day", PB_TRUST_FAULT_SIGNER_EXPIRED }, NOT_YET, { { 0 } } },
	{ { "other_publisher", "the certificate names another publisher", PB_TRUST_FAULT_OTHER_SIGNER }, OTHER_CODE, { { 0 } } },
	{ { "test_signer", "a TEST key lists an issuer not marked TEST", PB_TRUST_FAULT_TEST_SIGNER }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, FIRST_ENTRY, "\x02\x82\xAA\x01\x48"), TOKEN_CHANGE(IN_PAYLOAD, "\x0A\xF5\x0B", "\x0B") } },
	{ { "real_signer", "a real key lists issuers marked TEST", PB_TRUST_FAULT_NONE }, REAL, { { 0 } } },
	{ { "other_kid", "the header names another key", PB_TRUST_FAULT_OTHER_SIGNER }, GOOD,
	  { TOKEN_CHANGE(IN_HEADER, "\x04\x48\x5A", "\x04\x48\x5B") } },
	{ { "bad_certificate", "the certificate is damaged", PB_TRUST_FAULT_BAD_CERTIFICATE }, GOOD,
	  { TOKEN_CHANGE(IN_HEADER, "\x30\x82", "\x31\x82") } },

	{ { "untagged", "without tag 18", PB_TRUST_FAULT_WRONG_TAG }, GOOD, { TOKEN_CHANGE(IN_TOKEN, "\xD2\x84", "\x84") } },
	{ { "other_tag", "tag 17", PB_TRUST_FAULT_WRONG_TAG }, GOOD, { TOKEN_CHANGE(IN_TOKEN, "\xD2\x84", "\xD1\x84") } },
	{ { "long_head", "a head longer than it need be", PB_TRUST_FAULT_NOT_DETERMINISTIC }, GOOD,
	  { TOKEN_CHANGE(IN_TOKEN, "\xD2\x84", "\xD2\x98\x04") } },
	{ { "five_parts", "five parts", PB_TRUST_FAULT_NOT_SIGN1 }, GOOD, { TOKEN_CHANGE(IN_TOKEN, "\xD2\x84", "\xD2\x85\x40") } },
	{ { "unprotected", "a header outside the signature", PB_TRUST_FAULT_UNPROTECTED_HEADER }, GOOD,
	  { TOKEN_CHANGE(IN_TOKEN, "\xA0\x59", "\xA1\x04\x41\x01\x59") } },
	{ { "short_signature", "a signature of 63 bytes", PB_TRUST_FAULT_BAD_SIGNATURE_LENGTH }, GOOD, { { .how = SHORT_SIGNATURE } } },
	{ { "trailing_byte", "a byte after the end", PB_TRUST_FAULT_TRAILING_BYTES }, GOOD, { { .how = APPEND_BYTE } } },
	{ { "cut_short", "the last byte is missing", PB_TRUST_FAULT_NOT_DETERMINISTIC }, GOOD, { { .how = CUT_BYTE } } },

	{ { "other_algorithm", "alg is ES384", PB_TRUST_FAULT_BAD_HEADER }, GOOD, { TOKEN_CHANGE(IN_HEADER, "\x01\x26", "\x01\x38\x22") } },
	{ { "other_type", "the type of another document", PB_TRUST_FAULT_BAD_HEADER }, GOOD,
	  { TOKEN_CHANGE(IN_HEADER, "trustlist+cwt", "trustlisp+cwt") } },
	{ { "no_type", "without a type", PB_TRUST_FAULT_BAD_HEADER }, GOOD,
	  { TOKEN_CHANGE(IN_HEADER, "\xA4\x01", "\xA3\x01"), TOKEN_CHANGE(IN_HEADER, TYPE_HEADER, "") } },
	{ { "one_more_header", "a header that has no meaning here", PB_TRUST_FAULT_BAD_HEADER }, GOOD,
	  { TOKEN_CHANGE(IN_HEADER, "\xA4\x01", "\xA5\x01"), TOKEN_CHANGE(IN_HEADER, "\x18\x21", "\x11\x00\x18\x21") } },

	{ { "no_publisher", "an empty publisher", PB_TRUST_FAULT_BAD_CLAIMS }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, "\x01\x69RU-75-TST\x04", "\x01\x60\x04") } },
	{ { "sequence_zero", "number 0", PB_TRUST_FAULT_BAD_CLAIMS }, GOOD, { TOKEN_CHANGE(IN_PAYLOAD, SEQUENCE, "\xA2\x01\x00") } },
	{ { "sequence_large", "number 2^53", PB_TRUST_FAULT_BAD_CLAIMS }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, SEQUENCE, "\xA2\x01\x1B\x00\x20\x00\x00\x00\x00\x00\x00") } },
	{ { "sequence_long_form", "number 41 in a longer form than it needs", PB_TRUST_FAULT_BAD_CLAIMS }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, SEQUENCE, "\xA2\x01\x19\x00\x29") } },
	{ { "expires_when_issued", "it expires at the second of its issue", PB_TRUST_FAULT_BAD_CLAIMS }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, "\x04\x1A\x6B\x0E\xB6\xC0", "\x04\x1A\x6A\xE7\x29\xC0") } },
	{ { "keys_not_in_order", "the claims are not in order", PB_TRUST_FAULT_BAD_CLAIMS }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, "TST\x04\x1A", "TST\x07\x1A") } },
	{ { "more_than_said", "two issuers, and an array of one", PB_TRUST_FAULT_BAD_CLAIMS }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, "\x02\x82\xAB", "\x02\x81\xAB") } },
	{ { "fewer_than_said", "two issuers, and an array of three", PB_TRUST_FAULT_BAD_ENTRY }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, "\x02\x82\xAB", "\x02\x83\xAB") } },

	{ { "issuer_twice", "one key stands twice", PB_TRUST_FAULT_ENTRY_ORDER }, GOOD, { { .how = REPEAT_ENTRY } } },
	{ { "issuers_not_in_order", "the issuers changed places", PB_TRUST_FAULT_ENTRY_ORDER }, GOOD, { { .how = SWAP_ENTRIES } } },
	{ { "entry_kid", "a key id that is not of its key", PB_TRUST_FAULT_ENTRY_KID }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, FIRST_ENTRY "\xB2", FIRST_ENTRY "\x00") } },
	{ { "entry_no_point", "coordinates that are no point of the curve", PB_TRUST_FAULT_BAD_ENTRY }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, "\x21\x58\x20\x42", "\x21\x58\x20\x00") } },
	{ { "entry_dates", "it signs longer than it is valid", PB_TRUST_FAULT_ENTRY_DATES }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, "\x06\x1A\x6C\xC8\x5D\x40", "\x06\x1A\x7F\x00\x00\x00") } },
	{ { "entry_state", "a state that does not exist", PB_TRUST_FAULT_BAD_ENTRY }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, "\x09\x00\x0A", "\x09\x03\x0A") } },
	{ { "entry_state_in_words", "a state in words", PB_TRUST_FAULT_BAD_ENTRY }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, "\x09\x00\x0A", "\x09\x60\x0A") } },
	{ { "entry_without_state", "an issuer without a state", PB_TRUST_FAULT_BAD_ENTRY }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, FIRST_ENTRY, "\x02\x82\xAA\x01\x48"), TOKEN_CHANGE(IN_PAYLOAD, "\x09\x00\x0A", "\x0A") } },
	{ { "entry_test_false", "a flag that is written and not set", PB_TRUST_FAULT_BAD_ENTRY }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, "\x0A\xF5", "\x0A\xF4") } },
	{ { "entry_name_of_two_lines", "a name of two lines", PB_TRUST_FAULT_BAD_ENTRY }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, "\xD1\x8F\x20\xD0", "\xD1\x8F\x0A\xD0") } },
	{ { "entry_name_not_nfc", "a letter of a name in two code points", PB_TRUST_FAULT_BAD_ENTRY }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, "\xD0\xB0\xD1\x8F\x20", "\xD0\xB8\xCC\x86\x20") } },
	{ { "entry_code", "an issuer code in small letters", PB_TRUST_FAULT_BAD_ENTRY }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, "\x02\x69RU-75-TST", "\x02\x69ru-75-tst") } },
	{ { "entry_address", "status lists by plain http", PB_TRUST_FAULT_BAD_ENTRY }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, "\x78\x1Dhttps://", "\x78\x1Chttp://") } },
	{ { "entry_other_curve", "a key of another curve", PB_TRUST_FAULT_BAD_ENTRY }, GOOD,
	  { TOKEN_CHANGE(IN_PAYLOAD, "\x01\x02\x20\x01", "\x01\x02\x20\x02") } },
};

/* The two entries are the end of the payload. */
static void change_entries(struct token_part *payload, int how, const char *id)
{
	static const struct token_change array = TOKEN_CHANGE(IN_PAYLOAD, "\x02\x82\xAB", "");
	size_t at = token_place_of(payload, &array, id) + 1;
	struct pb_cbor in = pb_cbor(pb_view(payload->bytes + at + 1, payload->n - at - 1));
	struct pb_view first, second;
	struct token_part changed = { 0 };
	struct pb_writer writer = pb_writer(changed.bytes, sizeof(changed.bytes));

	token_must(pb_cbor_skip(&in, &first) && pb_cbor_skip(&in, &second) && pb_cbor_end(&in), id);
	pb_put(&writer, payload->bytes, at);
	pb_cbor_put_array(&writer, how == NO_ENTRIES ? 0 : 2);
	if (how != NO_ENTRIES)
		pb_put_view(&writer, how == SWAP_ENTRIES ? second : first);
	if (how != NO_ENTRIES)
		pb_put_view(&writer, first);
	token_part_set(payload, pb_view(changed.bytes, writer.n));
}

static void before_signing(const struct row *row, struct token_part *header, struct token_part *payload)
{
	for (size_t i = 0; i < 2; i++) {
		const struct token_change *change = &row->changes[i];

		if (change->how >= TOKEN_CHANGES)
			change_entries(payload, change->how, row->shown.id);
		else
			token_change_before(change, header, payload, row->shown.id);
	}
}

/* The good list's parts, with the certificate of that signer. */
static void take_apart(enum signer who, struct token_part *ret_header, struct token_part *ret_payload)
{
	static const char x5chain[] = "\x18\x21\x59";
	struct pb_trust_list list = good_list();
	uint8_t *token = NULL, der[PB_X509_DER_MAX];
	struct pb_cose_sign1 sign1;
	struct pb_writer writer;
	const uint8_t *chain;
	size_t n;

	trust_case_sign(&list, &token, &n);
	token_must(pb_cose_sign1_decode(pb_view(token, n), &sign1) == PB_COSE_FINE, "sign1");
	chain = memmem(sign1.protected_header.p, sign1.protected_header.n, x5chain, sizeof(x5chain) - 1);
	token_must(chain != NULL, "x5chain");
	writer = pb_writer(ret_header->bytes, sizeof(ret_header->bytes));
	pb_put(&writer, sign1.protected_header.p, (size_t)(chain - sign1.protected_header.p) + 2);
	pb_cbor_put_bytes(&writer, pb_view(der, pb_x509_to_der(certificate(who), der)));
	ret_header->n = writer.n;
	token_part_set(ret_payload, sign1.payload);
	free(token);
	pb_trust_list_finish(&list);
}

bool trust_case(size_t i, struct trust_case *ret_case, uint8_t ret_token[static TRUST_CASE_TOKEN_MAX], size_t *ret_n)
{
	const struct row *row = &rows[i];
	struct token_part header, payload, token;

	if (i >= sizeof(rows) / sizeof(rows[0]))
		return false;
	take_apart(row->signer, &header, &payload);
	before_signing(row, &header, &payload);
	token_part_sign(the_cast()->signer, &header, &payload, &token);
	token_change_after(&row->changes[0], &token, row->shown.id);
	*ret_case = row->shown;
	memcpy(ret_token, token.bytes, token.n);
	*ret_n = token.n;
	return true;
}
