/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making a trust list.  What was written is read back by the code that reads foreign ones, so nothing is
 * published that a verifier would refuse.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cbor.h"
#include "keys/keystore.h"
#include "keys/trust_list_inside.h"

static void put_text(struct pb_writer *writer, unsigned key, const char *text)
{
	pb_cbor_put_uint(writer, key);
	pb_cbor_put_text(writer, text);
}

static void put_number(struct pb_writer *writer, unsigned key, int64_t number)
{
	pb_cbor_put_uint(writer, key);
	pb_cbor_put_int(writer, number);
}

static void put_key(struct pb_writer *writer, const uint8_t point[static PB_P256_POINT])
{
	pb_cbor_put_uint(writer, ENTRY_KEY);
	pb_cbor_put_map(writer, 4);
	put_number(writer, KEY_KTY, KEY_KTY_EC2);
	pb_cbor_put_int(writer, KEY_CRV);
	pb_cbor_put_uint(writer, KEY_CRV_P256);
	pb_cbor_put_int(writer, KEY_X);
	pb_cbor_put_bytes(writer, pb_view(point + 1, KEY_COORDINATE));
	pb_cbor_put_int(writer, KEY_Y);
	pb_cbor_put_bytes(writer, pb_view(point + 1 + KEY_COORDINATE, KEY_COORDINATE));
}

static void put_entry(struct pb_writer *writer, const struct pb_trust_entry *entry)
{
	bool has_base = entry->status_base[0] != '\0', has_checkpoint = entry->checkpoint[0] != '\0';

	pb_cbor_put_map(writer, 8u + has_base + entry->test + has_checkpoint);
	pb_cbor_put_uint(writer, ENTRY_KID);
	pb_cbor_put_bytes(writer, PB_VIEW(entry->kid));
	put_text(writer, ENTRY_CODE, entry->code);
	put_text(writer, ENTRY_NAME, entry->name);
	put_number(writer, ENTRY_UNTIL, entry->valid_until);
	put_number(writer, ENTRY_FROM, entry->valid_from);
	put_number(writer, ENTRY_LAST_SIGNING, entry->last_signing);
	if (has_base)
		put_text(writer, ENTRY_STATUS_BASE, entry->status_base);
	put_key(writer, entry->point);
	put_number(writer, ENTRY_STATE, entry->state);
	if (entry->test) {
		pb_cbor_put_uint(writer, ENTRY_TEST);
		pb_cbor_put_bool(writer, true);
	}
	if (has_checkpoint)
		put_text(writer, ENTRY_CHECKPOINT, entry->checkpoint);
}

static void put_payload(struct pb_writer *writer, const struct pb_trust_list *list, const char *publisher)
{
	pb_cbor_put_map(writer, 4);
	put_text(writer, TRUST_ISS, publisher);
	put_number(writer, TRUST_EXP, list->expires);
	put_number(writer, TRUST_IAT, list->issued_at);
	pb_cbor_put_int(writer, TRUST_LIST);
	pb_cbor_put_map(writer, 2);
	pb_cbor_put_uint(writer, LIST_SEQUENCE);
	pb_cbor_put_uint(writer, list->sequence);
	pb_cbor_put_uint(writer, LIST_ENTRIES);
	pb_cbor_put_array(writer, list->count);
	for (size_t i = 0; i < list->count; i++)
		put_entry(writer, &list->entries[i]);
}

static void put_header(struct pb_writer *writer, const struct pb_x509 *cert, const uint8_t point[static PB_P256_POINT])
{
	uint8_t der[PB_X509_DER_MAX], kid[PB_P256_KID];

	pb_p256_kid(point, kid);
	pb_cbor_put_map(writer, 4);
	pb_cbor_put_int(writer, PB_COSE_ALG);
	pb_cbor_put_int(writer, PB_COSE_ES256);
	pb_cbor_put_int(writer, PB_COSE_KID);
	pb_cbor_put_bytes(writer, PB_VIEW(kid));
	put_text(writer, PB_COSE_TYP, PB_TYPE_TRUST_LIST);
	pb_cbor_put_int(writer, PB_COSE_X5CHAIN);
	pb_cbor_put_bytes(writer, pb_view(der, pb_x509_to_der(cert, der)));
}

/* Where a list is put together: three pieces of memory, each as long as a token may be. */
struct workshop {
	uint8_t header[PB_X509_DER_MAX + 128];
	uint8_t payload[PB_TRUST_LIST_MAX], sig_structure[PB_TRUST_LIST_MAX], token[PB_TRUST_LIST_MAX];
};

static enum pb_status read_back(struct pb_view bytes, struct pb_err *err)
{
	struct pb_trust_token token;
	enum pb_trust_fault fault;
	enum pb_status s = pb_trust_token_decode(bytes, &token, &fault, err);

	if (s == PB_OK && fault == PB_TRUST_FAULT_NONE) {
		fault = pb_trust_token_check(&token, NULL);
		pb_trust_list_finish(&token.list);
	}
	if (s == PB_OK && fault == PB_TRUST_FAULT_FORGED)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "the certificate does not belong to the trust-list key");
	if (s == PB_OK && fault != PB_TRUST_FAULT_NONE)
		return pb_fail(err, PB_INPUT_INVALID, "%s: %s", pb_trust_fault_name(fault), pb_trust_fault_words(fault));
	return s;
}

static enum pb_status sign_in(struct workshop *at, const struct pb_trust_list *list, const struct pb_x509 *cert,
			      const struct pb_keystore *store, struct pb_view *ret_token, struct pb_err *err)
{
	struct pb_writer header = pb_writer(at->header, sizeof(at->header)), payload = pb_writer(at->payload, sizeof(at->payload));
	struct pb_writer signs = pb_writer(at->sig_structure, sizeof(at->sig_structure));
	struct pb_writer token = pb_writer(at->token, sizeof(at->token));
	struct pb_view header_view, payload_view, signs_view;
	struct pb_x509_issuer signer;
	uint8_t sig[PB_P256_SIG];
	enum pb_status s = pb_x509_read_signer(cert, PB_X509_OID_TRUST_LIST, &signer, err);

	if (s != PB_OK)
		return s;
	put_header(&header, cert, signer.point);
	put_payload(&payload, list, signer.code);
	if (!pb_writer_view(&header, &header_view) || !pb_writer_view(&payload, &payload_view))
		return pb_fail(err, PB_INPUT_INVALID, "the list is longer than a trust list may be");
	pb_cose_put_sig_structure(&signs, header_view, pb_view(NULL, 0), payload_view);
	if (!pb_writer_view(&signs, &signs_view))
		return pb_fail(err, PB_INPUT_INVALID, "the list is longer than a trust list may be");
	s = pb_keystore_sign_trust_list(store, signs_view, sig, err);
	if (s != PB_OK)
		return s;
	pb_cose_put_sign1(&token, header_view, payload_view, PB_VIEW(sig));
	if (!pb_writer_view(&token, ret_token))
		return pb_fail(err, PB_INPUT_INVALID, "the list is longer than a trust list may be");
	return read_back(*ret_token, err);
}

enum pb_status pb_trust_list_sign(const struct pb_trust_list *list, const struct pb_x509 *signer,
				  const struct pb_keystore *store, uint8_t **ret_token, size_t *ret_n, struct pb_err *err)
{
	struct workshop *at = malloc(sizeof(*at));
	struct pb_view token = { 0 };
	uint8_t *copy = NULL;
	enum pb_status s;

	if (at == NULL)
		return pb_fail(err, PB_NO_MEMORY, "trust list");
	s = sign_in(at, list, signer, store, &token, err);
	if (s == PB_OK && (copy = malloc(token.n)) == NULL)
		s = pb_fail(err, PB_NO_MEMORY, "trust list");
	if (s == PB_OK) {
		memcpy(copy, token.p, token.n);
		*ret_token = copy;
		*ret_n = token.n;
	}
	free(at);
	return s;
}
