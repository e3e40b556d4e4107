/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making a status list.  What was written is read back by the code that reads foreign ones, so nothing is
 * published that a verifier would refuse.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cbor.h"
#include "base/deflate.h"
#include "keys/keystore.h"
#include "keys/status_list_inside.h"

static void put_header(struct pb_writer *writer, const uint8_t point[static PB_P256_POINT])
{
	uint8_t kid[PB_P256_KID];

	pb_p256_kid(point, kid);
	pb_cbor_put_map(writer, 3);
	pb_cbor_put_int(writer, PB_COSE_ALG);
	pb_cbor_put_int(writer, PB_COSE_ES256);
	pb_cbor_put_int(writer, PB_COSE_KID);
	pb_cbor_put_bytes(writer, PB_VIEW(kid));
	pb_cbor_put_int(writer, PB_COSE_TYP);
	pb_cbor_put_text(writer, PB_TYPE_STATUS_LIST);
}

/* Where all lists of the issuer are named: what stands before the number.  The draft leaves it to the issuer, and
 * there are readers that ask for it. */
static void put_aggregation(struct pb_writer *writer, const char *uri)
{
	char address[PB_STATUS_URI_MAX + 1];
	const char *number = strrchr(uri, '/');

	(void)snprintf(address, sizeof(address), "%.*s", number != NULL ? (int)(number - uri) : 0, uri);
	pb_cbor_put_text(writer, STATUS_AGGREGATION);
	pb_cbor_put_text(writer, address);
}

static void put_payload(struct pb_writer *writer, const struct pb_status_list *list, struct pb_view stream)
{
	pb_cbor_put_map(writer, 5);
	pb_cbor_put_uint(writer, STATUS_SUB);
	pb_cbor_put_text(writer, list->uri);
	pb_cbor_put_uint(writer, STATUS_EXP);
	pb_cbor_put_int(writer, list->expires);
	pb_cbor_put_uint(writer, STATUS_IAT);
	pb_cbor_put_int(writer, list->issued_at);
	pb_cbor_put_uint(writer, STATUS_LIST);
	pb_cbor_put_map(writer, 3);
	pb_cbor_put_text(writer, STATUS_LST);
	pb_cbor_put_bytes(writer, stream);
	pb_cbor_put_text(writer, STATUS_BITS);
	pb_cbor_put_uint(writer, 1);
	put_aggregation(writer, list->uri);
	pb_cbor_put_uint(writer, STATUS_TTL);
	pb_cbor_put_uint(writer, PB_STATUS_TTL);
}

/* Where a list is put together. */
struct workshop {
	uint8_t header[256], stream[PB_STATUS_TOKEN_MAX], payload[PB_STATUS_TOKEN_MAX], sig_structure[PB_STATUS_TOKEN_MAX];
	uint8_t token[PB_STATUS_TOKEN_MAX];
	struct pb_status_token again;
};

static enum pb_status read_back(struct workshop *at, struct pb_view bytes, const struct pb_x509 *cert, struct pb_err *err)
{
	enum pb_status_fault fault = pb_status_token_decode(bytes, &at->again);

	if (fault == PB_STATUS_FAULT_NONE)
		fault = pb_status_token_check(&at->again, cert, NULL);
	if (fault == PB_STATUS_FAULT_FORGED)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "the certificate does not belong to the status-list key");
	if (fault != PB_STATUS_FAULT_NONE)
		return pb_fail(err, PB_INPUT_INVALID, "%s: %s", pb_status_fault_name(fault), pb_status_fault_words(fault));
	return PB_OK;
}

static enum pb_status deflate_bits(struct workshop *at, const struct pb_status_list *list, struct pb_view *ret_stream,
				   struct pb_err *err)
{
	struct pb_deflater *deflater = pb_deflater_create(PB_DEFLATE_SMALLEST);
	size_t n;

	if (deflater == NULL)
		return pb_fail(err, PB_NO_MEMORY, "status list");
	n = pb_deflate(deflater, PB_VIEW(list->bits), at->stream, sizeof(at->stream));
	pb_deflater_destroy(deflater);
	*ret_stream = pb_view(at->stream, n);
	return PB_OK;
}

static enum pb_status sign_in(struct workshop *at, const struct pb_status_list *list, const struct pb_x509 *cert,
			      const struct pb_keystore *store, struct pb_view *ret_token, struct pb_err *err)
{
	struct pb_writer header = pb_writer(at->header, sizeof(at->header)), payload = pb_writer(at->payload, sizeof(at->payload));
	struct pb_writer signs = pb_writer(at->sig_structure, sizeof(at->sig_structure));
	struct pb_writer token = pb_writer(at->token, sizeof(at->token));
	struct pb_view header_view, payload_view, signs_view, stream;
	struct pb_x509_issuer signer;
	uint8_t sig[PB_P256_SIG];
	enum pb_status s = pb_x509_read_signer(cert, PB_X509_OID_STATUS_LIST, &signer, err);

	if (s == PB_OK)
		s = deflate_bits(at, list, &stream, err);
	if (s != PB_OK)
		return s;
	put_header(&header, signer.point);
	put_payload(&payload, list, stream);
	if (!pb_writer_view(&header, &header_view) || !pb_writer_view(&payload, &payload_view))
		return pb_fail(err, PB_INPUT_INVALID, "the list is longer than a status list may be");
	pb_cose_put_sig_structure(&signs, header_view, pb_view(NULL, 0), payload_view);
	if (!pb_writer_view(&signs, &signs_view))
		return pb_fail(err, PB_INPUT_INVALID, "the list is longer than a status list may be");
	s = pb_keystore_sign_status_list(store, signs_view, sig, err);
	if (s != PB_OK)
		return s;
	pb_cose_put_sign1(&token, header_view, payload_view, PB_VIEW(sig));
	if (!pb_writer_view(&token, ret_token))
		return pb_fail(err, PB_INPUT_INVALID, "the list is longer than a status list may be");
	return read_back(at, *ret_token, cert, err);
}

enum pb_status pb_status_list_sign(const struct pb_status_list *list, const struct pb_x509 *signer,
				   const struct pb_keystore *store, uint8_t ret_token[static PB_STATUS_TOKEN_MAX], size_t *ret_n,
				   struct pb_err *err)
{
	struct workshop *at = malloc(sizeof(*at));
	struct pb_view token = { 0 };
	enum pb_status s;

	if (at == NULL)
		return pb_fail(err, PB_NO_MEMORY, "status list");
	s = sign_in(at, list, signer, store, &token, err);
	if (s == PB_OK) {
		memcpy(ret_token, token.p, token.n);
		*ret_n = token.n;
	}
	free(at);
	return s;
}
