/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inside of a status list: what its writer (status_list_sign.c) and its reader (status_list_read.c) share.
 * Everybody else has keys/status_list.h.
 */
#ifndef PROFBILET_KEYS_STATUS_LIST_INSIDE_H
#define PROFBILET_KEYS_STATUS_LIST_INSIDE_H

#include "keys/crypto/cose.h"
#include "keys/status_list.h"

/* RFC 8392 4 and draft-ietf-oauth-status-list 5.2; the keys inside the list are texts. */
enum { STATUS_SUB = 2, STATUS_EXP = 4, STATUS_IAT = 6, STATUS_LIST = 65533, STATUS_TTL = 65534 };
#define STATUS_LST	   "lst"
#define STATUS_BITS	   "bits"
#define STATUS_AGGREGATION "aggregation_uri"

/* A token taken apart, with nothing believed yet. */
struct pb_status_token {
	struct pb_cose_sign1 sign1; /* borrowed from the token */
	uint8_t kid[PB_P256_KID];
	struct pb_status_list list;
};

/* Form, and what can be said of a list without its signer. */
PB_MUST_USE enum pb_status_fault pb_status_token_decode(struct pb_view bytes, struct pb_status_token *ret_token);

/* Whether that certificate's key signed it, and may have; then it is known whether it is a TEST list.
 * roots == NULL: whose the certificate is was not asked. */
PB_MUST_USE enum pb_status_fault pb_status_token_check(struct pb_status_token *token, const struct pb_x509 *cert,
						       const struct pb_roots *roots);

/* Takes issuer and number from the end of an address. */
PB_MUST_USE bool pb_status_uri_split(const char *uri, char ret_issuer[static 17], uint32_t *ret_number);

#endif
