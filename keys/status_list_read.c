/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a status list: the bytes are taken apart by one strict decoder, and only then is asked who signed
 * them.  Every field has a cap, and the bits expand to the one length they may have.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cbor.h"
#include "base/deflate.h"
#include "keys/crypto/x509.h"
#include "keys/key_dir.h"
#include "keys/roles.h"
#include "keys/status_list_inside.h"

enum { HEADERS = 3, CLAIMS = 5, LIST_PAIRS_MIN = 2, LIST_PAIRS_MAX = 3, TYPE_MAX = 64, URI_OTHER_MAX = 256 };

/* ---- the address */

static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

/* One spelling only: no sign, no leading zero. */
static bool take_number(const char *text, uint32_t *ret_number)
{
	uint64_t number = 0;
	size_t n = strlen(text);

	if (n == 0 || n > 10 || strspn(text, "0123456789") != n || (n > 1 && text[0] == '0'))
		return false;
	for (; *text != '\0'; text++)
		number = number * 10 + (uint64_t)(*text - '0');
	*ret_number = (uint32_t)number;
	return number <= UINT32_MAX;
}

bool pb_status_uri_split(const char *uri, char ret_issuer[static 17], uint32_t *ret_number)
{
	const char *last = strrchr(uri, '/'), *code;
	char issuer[17];
	size_t n;

	if (strncmp(uri, "https://", 8) != 0 || !is_printable(uri) || last < uri + 8)
		return false;
	for (code = last; code > uri + 8 && code[-1] != '/'; code--)
		;
	n = (size_t)(last - code);
	if (code < uri + 10 || n >= sizeof(issuer))
		return false; /* where the code stands for the host */
	memcpy(issuer, code, n);
	issuer[n] = '\0';
	if (!pb_issuer_code_valid(issuer) || !take_number(last + 1, ret_number))
		return false;
	memcpy(ret_issuer, issuer, n + 1);
	return true;
}

/* ---- form */

static bool next_is(struct pb_cbor *in, struct pb_cbor_map *map, int64_t key)
{
	int64_t found;

	return pb_cbor_next_key(in, map, &found) && found == key;
}

static bool text_is(struct pb_cbor *in, const char *text)
{
	struct pb_view found;

	return pb_cbor_text(in, 1, TYPE_MAX, &found) && pb_view_equal(found, pb_view_text(text));
}

static bool take_seconds(struct pb_cbor *in, int64_t *ret_seconds)
{
	uint64_t seconds;

	if (!pb_cbor_uint(in, PB_STATUS_SECONDS_MAX, &seconds) || seconds == 0)
		return false;
	*ret_seconds = (int64_t)seconds;
	return true;
}

/* The reader of maps is for integer keys; here are two or three texts in the one order they may have. */
static bool take_list(struct pb_cbor *in, struct pb_view *ret_stream)
{
	struct pb_cbor_map map;
	struct pb_view address;
	uint64_t bits;

	return pb_cbor_map(in, LIST_PAIRS_MAX, &map) && map.left >= LIST_PAIRS_MIN && text_is(in, STATUS_LST) &&
	       pb_cbor_bytes(in, 1, PB_STATUS_TOKEN_MAX, ret_stream) && text_is(in, STATUS_BITS) && pb_cbor_uint(in, 1, &bits) &&
	       bits == 1 && (map.left == LIST_PAIRS_MIN || (text_is(in, STATUS_AGGREGATION) && pb_cbor_text(in, 1, URI_OTHER_MAX, &address)));
}

static bool take_claims(struct pb_view payload, struct pb_status_list *list, struct pb_view *ret_stream)
{
	struct pb_cbor in = pb_cbor(payload);
	struct pb_cbor_map claims;
	uint64_t ttl;

	return pb_cbor_map(&in, CLAIMS, &claims) && claims.left == CLAIMS && next_is(&in, &claims, STATUS_SUB) &&
	       pb_cbor_text_copy(&in, 1, list->uri, sizeof(list->uri)) && next_is(&in, &claims, STATUS_EXP) &&
	       take_seconds(&in, &list->expires) && next_is(&in, &claims, STATUS_IAT) && take_seconds(&in, &list->issued_at) &&
	       list->issued_at < list->expires && next_is(&in, &claims, STATUS_LIST) && take_list(&in, ret_stream) &&
	       next_is(&in, &claims, STATUS_TTL) && pb_cbor_uint(&in, UINT32_MAX, &ttl) && ttl > 0 && pb_cbor_end(&in);
}

static enum pb_status_fault take_payload(struct pb_view payload, struct pb_status_list *list)
{
	struct pb_view stream;

	if (!take_claims(payload, list, &stream))
		return PB_STATUS_FAULT_BAD_CLAIMS;
	if (!pb_status_uri_split(list->uri, list->issuer, &list->number))
		return PB_STATUS_FAULT_BAD_ADDRESS;
	return pb_inflate_exactly(stream, list->bits, sizeof(list->bits)) ? PB_STATUS_FAULT_NONE : PB_STATUS_FAULT_BAD_BITS;
}

static bool take_header(struct pb_view header, uint8_t ret_kid[static PB_P256_KID])
{
	struct pb_cbor in = pb_cbor(header);
	struct pb_cbor_map map;
	struct pb_view kid;
	int64_t algorithm;

	if (!pb_cbor_map(&in, HEADERS, &map) || map.left != HEADERS || !next_is(&in, &map, PB_COSE_ALG) ||
	    !pb_cbor_int(&in, &algorithm) || algorithm != PB_COSE_ES256 || !next_is(&in, &map, PB_COSE_KID) ||
	    !pb_cbor_bytes(&in, PB_P256_KID, PB_P256_KID, &kid) || !next_is(&in, &map, PB_COSE_TYP) ||
	    !text_is(&in, PB_TYPE_STATUS_LIST) || !pb_cbor_end(&in))
		return false;
	memcpy(ret_kid, kid.p, PB_P256_KID);
	return true;
}

static enum pb_status_fault take_envelope(struct pb_view bytes, struct pb_cose_sign1 *sign1)
{
	static const enum pb_status_fault words[] = {
		[PB_COSE_FINE] = PB_STATUS_FAULT_NONE,
		[PB_COSE_NOT_DETERMINISTIC] = PB_STATUS_FAULT_NOT_DETERMINISTIC,
		[PB_COSE_TRAILING_BYTES] = PB_STATUS_FAULT_TRAILING_BYTES,
		[PB_COSE_WRONG_TAG] = PB_STATUS_FAULT_WRONG_TAG,
		[PB_COSE_NOT_SIGN1] = PB_STATUS_FAULT_NOT_SIGN1,
	};
	enum pb_cose_fault fault;

	if (bytes.n > PB_STATUS_TOKEN_MAX)
		return PB_STATUS_FAULT_TOO_LONG;
	fault = pb_cose_sign1_decode(bytes, sign1);
	if (fault == PB_COSE_FINE && !sign1->tagged)
		fault = PB_COSE_WRONG_TAG;
	if (fault != PB_COSE_FINE)
		return words[fault];
	if (sign1->unprotected.n != 1)
		return PB_STATUS_FAULT_UNPROTECTED_HEADER;
	return sign1->signature.n == PB_P256_SIG ? PB_STATUS_FAULT_NONE : PB_STATUS_FAULT_BAD_SIGNATURE_LENGTH;
}

enum pb_status_fault pb_status_token_decode(struct pb_view bytes, struct pb_status_token *ret_token)
{
	enum pb_status_fault fault = take_envelope(bytes, &ret_token->sign1);

	if (fault != PB_STATUS_FAULT_NONE)
		return fault;
	if (!take_header(ret_token->sign1.protected_header, ret_token->kid))
		return PB_STATUS_FAULT_BAD_HEADER;
	ret_token->list = (struct pb_status_list){ 0 };
	return take_payload(ret_token->sign1.payload, &ret_token->list);
}

/* ---- who signed it */

/* The chain first, at a moment when the signer was certainly valid: "not ours" and "too late" differ. */
static enum pb_status_fault check_chain(const struct pb_x509 *cert, const struct pb_x509_issuer *signer,
					const struct pb_roots *roots, int64_t issued_at)
{
	if (pb_roots_verify(roots, cert, signer->from, NULL) != PB_OK)
		return PB_STATUS_FAULT_FOREIGN_ROOT;
	if (issued_at < signer->from || issued_at > signer->signs_until || pb_roots_verify(roots, cert, issued_at, NULL) != PB_OK)
		return PB_STATUS_FAULT_SIGNER_EXPIRED;
	return PB_STATUS_FAULT_NONE;
}

static bool is_signed(const struct pb_status_token *token, const struct pb_x509_issuer *signer)
{
	struct pb_p256_public *key = NULL;
	bool good = pb_p256_public_create(PB_VIEW(signer->point), &key, NULL) == PB_OK &&
		    pb_cose_sign1_verify(&token->sign1, pb_view(NULL, 0), key);

	pb_p256_public_destroy(key);
	return good;
}

enum pb_status_fault pb_status_token_check(struct pb_status_token *token, const struct pb_x509 *cert, const struct pb_roots *roots)
{
	struct pb_x509_issuer signer;
	enum pb_status_fault fault = PB_STATUS_FAULT_NONE;

	if (pb_x509_read_signer(cert, PB_X509_OID_STATUS_LIST, &signer, NULL) != PB_OK)
		return PB_STATUS_FAULT_WRONG_PURPOSE;
	if (roots != NULL)
		fault = check_chain(cert, &signer, roots, token->list.issued_at);
	if (fault != PB_STATUS_FAULT_NONE)
		return fault;
	if (strcmp(signer.code, token->list.issuer) != 0)
		return PB_STATUS_FAULT_OTHER_ISSUER;
	token->list.test = signer.test;
	return is_signed(token, &signer) ? PB_STATUS_FAULT_NONE : PB_STATUS_FAULT_FORGED;
}

/* By the key, whatever the certificate is for: what it is for is asked next. */
static const struct pb_x509 *find_signer(const struct pb_status_signers *signers, const uint8_t kid[static PB_P256_KID])
{
	for (size_t i = 0; i < signers->count; i++) {
		uint8_t found[PB_P256_KID];

		if (pb_x509_kid(signers->certificates[i], found) && pb_view_equal(PB_VIEW(found), pb_view(kid, PB_P256_KID)))
			return signers->certificates[i];
	}
	return NULL;
}

enum pb_status_fault pb_status_list_open(struct pb_view bytes, const struct pb_status_signers *signers,
					 const struct pb_roots *roots, struct pb_status_list *ret_list)
{
	struct pb_status_token token;
	const struct pb_x509 *signer;
	enum pb_status_fault fault = pb_status_token_decode(bytes, &token);

	if (fault != PB_STATUS_FAULT_NONE)
		return fault;
	signer = find_signer(signers, token.kid);
	if (signer == NULL)
		return PB_STATUS_FAULT_UNKNOWN_SIGNER;
	fault = pb_status_token_check(&token, signer, roots);
	if (fault == PB_STATUS_FAULT_NONE)
		*ret_list = token.list;
	return fault;
}
