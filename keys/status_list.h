/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A status list: which of an issuer's cards are refused, as one bit for each (Token Status List in CWT form,
 * draft-ietf-oauth-status-list; card-applet-spec/status-list.md).  A card's credential names its list and its
 * index.  A COSE_Sign1 (RFC 9052) over a CWT, signed by the issuer's status-list key; the list may travel by any
 * channel, with the signer's certificate beside it: in each list it would be a fifth of all bytes.
 *
 * To publish: fill a struct pb_status_list, pb_status_list_sign.  To read: pb_status_list_open, which believes
 * nothing before the signature is checked.
 *
 * Not for: which list was seen last and where it is kept (keys/status_folder.h).  Nothing here knows today's date:
 * a list that is past its `expires` is shown with its age by whoever uses it, and is not refused.
 */
#ifndef PROFBILET_KEYS_STATUS_LIST_H
#define PROFBILET_KEYS_STATUS_LIST_H

#include "base/bytes.h"
#include "base/err.h"
#include "keys/crypto/p256.h"
#include "keys/roots.h"

struct pb_keystore;

enum {
	PB_STATUS_LIST_SLOTS = 65536, /* of every list, whether they are in use or not */
	PB_STATUS_LIST_BYTES = PB_STATUS_LIST_SLOTS / 8,
	PB_STATUS_TOKEN_MAX = 10240, /* bits that no compression makes smaller, and what is around them */
	PB_STATUS_URI_MAX = 128,
	PB_STATUS_TTL = 86400, /* seconds after which to look for a newer one: lists are signed daily */
	PB_STATUS_LIVES = 30 * 86400,
};

#define PB_STATUS_SECONDS_MAX ((UINT64_C(1) << 40) - 1) /* of its dates */

struct pb_status_list {
	char uri[PB_STATUS_URI_MAX + 1]; /* https://HOST/.../CODE/NUMBER */
	char issuer[17];		 /* CODE: whose cards */
	uint32_t number;		 /* NUMBER: what stands in a credential */
	int64_t issued_at, expires;	 /* UTC seconds */
	bool test;			 /* its signer is a TEST one: it says nothing of real cards */
	uint8_t bits[PB_STATUS_LIST_BYTES]; /* of slot i: bit i % 8 of byte i / 8; 1: refuse the card */
};

/* Why a list is refused: a value, for a foreign or old list is an ordinary thing to meet.  The rows are in
 * status_list.def. */
enum pb_status_fault {
#define PB_STATUS_FAULT(id, name, words) PB_STATUS_FAULT_##id,
#include "keys/status_list.def"
#undef PB_STATUS_FAULT
	PB_STATUS_FAULT_COUNT
};

/* "rollback": stable, for programs. */
const char *pb_status_fault_name(enum pb_status_fault fault);
/* What was found, for whoever looks into it; not translated. */
const char *pb_status_fault_words(enum pb_status_fault fault);

/* Whether the card with that index is refused; an index outside the list is not answered (false). */
PB_MUST_USE bool pb_status_list_look(const struct pb_status_list *list, uint32_t index, bool *ret_refused);
uint32_t pb_status_list_refused(const struct pb_status_list *list); /* how many are */

/* ---- making */

/* What the addresses of all lists of the issuer on that host begin with; the number follows. */
PB_MUST_USE enum pb_status pb_status_list_base(const char *host, const char *issuer, char ret_base[static PB_STATUS_URI_MAX + 1],
					       struct pb_err *err);
/* Gives the list its address on that host, issuer and number.  PB_INPUT_INVALID when they do not fit. */
PB_MUST_USE enum pb_status pb_status_list_name(struct pb_status_list *list, const char *host, const char *issuer,
					       uint32_t number, struct pb_err *err);

/* A token that pb_status_list_open accepts.  `signer` is the certificate of the store's status-list key.
 * PB_INPUT_INVALID names the rule that the list would break; PB_KEYS_UNAVAILABLE when the certificate is of another
 * key; PB_NOT_FOUND when the store has no such key; PB_KEYS_REFUSED outside its signing period. */
PB_MUST_USE enum pb_status pb_status_list_sign(const struct pb_status_list *list, const struct pb_x509 *signer,
					       const struct pb_keystore *store, uint8_t ret_token[static PB_STATUS_TOKEN_MAX],
					       size_t *ret_n, struct pb_err *err);

/* ---- reading */

/* Certificates of status-list keys, whose ever: borrowed, and not believed. */
struct pb_status_signers {
	struct pb_x509 *const *certificates;
	size_t count;
};

/* Form, certificate, roots, date of the signer, issuer, signature, in this order; the first that is wrong is the
 * fault.  *ret_list is written only with PB_STATUS_FAULT_NONE. */
PB_MUST_USE enum pb_status_fault pb_status_list_open(struct pb_view token, const struct pb_status_signers *signers,
						     const struct pb_roots *roots, struct pb_status_list *ret_list);

#endif
