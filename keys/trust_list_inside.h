/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inside of a trust list: what its writer (trust_list_sign.c) and its reader (trust_list_read.c) share.
 * Everybody else has keys/trust_list.h.
 */
#ifndef PROFBILET_KEYS_TRUST_LIST_INSIDE_H
#define PROFBILET_KEYS_TRUST_LIST_INSIDE_H

#include "keys/crypto/cose.h"
#include "keys/trust_list.h"

/* RFC 8392 4, and one of the private range (RFC 8392 9.1); the keys inside it are ours. */
enum { TRUST_ISS = 1, TRUST_EXP = 4, TRUST_IAT = 6, TRUST_LIST = -65538 };
enum { LIST_SEQUENCE = 1, LIST_ENTRIES = 2 };
enum {
	ENTRY_KID = 1, ENTRY_CODE = 2, ENTRY_NAME = 3, ENTRY_UNTIL = 4, ENTRY_FROM = 5, ENTRY_LAST_SIGNING = 6,
	ENTRY_STATUS_BASE = 7, ENTRY_KEY = 8, ENTRY_STATE = 9, ENTRY_TEST = 10, ENTRY_CHECKPOINT = 11,
};
/* COSE_Key (RFC 9052 7, RFC 9053 7.1.1) */
enum { KEY_KTY = 1, KEY_KTY_EC2 = 2, KEY_CRV = -1, KEY_CRV_P256 = 1, KEY_X = -2, KEY_Y = -3, KEY_COORDINATE = 32 };

/* A token taken apart, with nothing believed yet. */
struct pb_trust_token {
	struct pb_cose_sign1 sign1;	/* borrowed from the token, as is the next */
	struct pb_view certificate;	/* DER */
	uint8_t kid[PB_P256_KID];
	struct pb_trust_list list;
};

/* Form, and what can be said of a list without its signer.  The list is the caller's only with
 * PB_TRUST_FAULT_NONE.  PB_NO_MEMORY is the only failure. */
PB_MUST_USE enum pb_status pb_trust_token_decode(struct pb_view bytes, struct pb_trust_token *ret_token,
						 enum pb_trust_fault *ret_fault, struct pb_err *err);

/* Whether its certificate's key signed it, and may have.  roots == NULL: whose the certificate is was not asked. */
PB_MUST_USE enum pb_trust_fault pb_trust_token_check(const struct pb_trust_token *token, const struct pb_roots *roots);

/* By kid, then by point: below, at or above 0 as memcmp. */
int pb_trust_entry_compare(const struct pb_trust_entry *a, const struct pb_trust_entry *b);

#endif
