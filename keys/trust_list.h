/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The trust list: the office's signed word on whose credentials count (card-applet-spec/trust-list.md).  A
 * COSE_Sign1 (RFC 9052) over a CWT, signed by a key whose certificate stands in it and is under a pinned
 * root; it names each issuer's key, dates and state.  Whoever holds the roots and one list can verify every
 * card, and the list may travel by any channel.
 *
 * To publish: fill a struct pb_trust_list, pb_trust_list_sign.  To read: pb_trust_list_open, which believes
 * nothing before the signature is checked.
 *
 * Not for: which list was seen last and where it is kept (keys/trust.h).  Nothing here knows today's date: a
 * list that is past its `expires` is shown with its age by whoever shows it, and is not refused.
 */
#ifndef PROFBILET_KEYS_TRUST_LIST_H
#define PROFBILET_KEYS_TRUST_LIST_H

#include "base/bytes.h"
#include "base/err.h"
#include "keys/crypto/p256.h"
#include "keys/roots.h"

struct pb_keystore;

enum {
	PB_TRUST_LIST_MAX = 256 * 1024, /* bytes of a token */
	PB_TRUST_ISSUERS_MAX = 1024,	/* ninety regions, a new key each year, verified for six */
	PB_TRUST_URI_MAX = 128,
	PB_TRUST_VKEY_MAX = 255,
};
#define PB_TRUST_SEQUENCE_MAX ((UINT64_C(1) << 53) - 1) /* what a number in JSON holds exactly */

/* Written into lists: never renumbered. */
enum pb_issuer_state {
	PB_ISSUER_ACTIVE = 0,
	PB_ISSUER_RETIRED = 1,	   /* signs no more; its cards stay good */
	PB_ISSUER_COMPROMISED = 2, /* none of its cards is good: dates can be forged with the key */
	PB_ISSUER_STATE_COUNT
};

/* "active", "retired", "compromised": stable, for programs. */
const char *pb_issuer_state_name(enum pb_issuer_state state);

/* One issuer's key. */
struct pb_trust_entry {
	uint8_t kid[PB_P256_KID]; /* of the point */
	uint8_t point[PB_P256_POINT];
	char code[17];	/* the "iss" of its credentials */
	char name[257]; /* UTF-8 */
	int64_t valid_from, valid_until, last_signing; /* UTC seconds, all included; in this order: from, last, until */
	enum pb_issuer_state state;
	bool test; /* cards of such an issuer are never real ones */
	char status_base[PB_TRUST_URI_MAX + 1]; /* address of its status lists; "": none */
	char checkpoint[PB_TRUST_VKEY_MAX + 1]; /* C2SP verifier key of its ledger; "": none */
};

struct pb_trust_list {
	uint64_t sequence; /* from 1; a later list replaces an earlier one, never the reverse */
	char publisher[17]; /* issuer code of whoever signed it */
	int64_t issued_at, expires;
	struct pb_trust_entry *entries; /* by kid, then by point; pb_trust_list_add keeps them so */
	size_t count;
};

/* Why a list is refused: a value, for a foreign or old list is an ordinary thing to meet.  The rows are in
 * trust_list.def. */
enum pb_trust_fault {
#define PB_TRUST_FAULT(id, name, words) PB_TRUST_FAULT_##id,
#include "keys/trust_list.def"
#undef PB_TRUST_FAULT
	PB_TRUST_FAULT_COUNT
};

/* "rollback": stable, for programs. */
const char *pb_trust_fault_name(enum pb_trust_fault fault);
/* What was found, for whoever looks into it; not translated. */
const char *pb_trust_fault_words(enum pb_trust_fault fault);

/* ---- making */

void pb_trust_list_finish(struct pb_trust_list *list); /* accepts NULL and zero */
/* Copies `entry` to its place.  PB_CONFLICT when its key stands there already, PB_INPUT_INVALID when the list is full. */
PB_MUST_USE enum pb_status pb_trust_list_add(struct pb_trust_list *list, const struct pb_trust_entry *entry,
					     struct pb_err *err);
/* What an issuer's certificate says, as an entry of an active issuer. */
PB_MUST_USE enum pb_status pb_trust_entry_of_certificate(const struct pb_x509 *cert, struct pb_trust_entry *ret_entry,
							 struct pb_err *err);

/* A token that pb_trust_list_open accepts, in memory the caller frees.  `signer` is the certificate of the
 * store's trust-list key; the publisher is written as it says.  PB_INPUT_INVALID names the rule that the list
 * would break; PB_NOT_FOUND when the store has no such key; PB_KEYS_REFUSED outside its signing period. */
PB_MUST_USE enum pb_status pb_trust_list_sign(const struct pb_trust_list *list, const struct pb_x509 *signer,
					      const struct pb_keystore *store, uint8_t **ret_token, size_t *ret_n,
					      struct pb_err *err);

/* ---- reading */

/* Form, certificate, roots, date of the signer, signature, in this order; the first that is wrong is the
 * fault.  The list is given only with PB_TRUST_FAULT_NONE, and is the caller's to finish.  PB_NO_MEMORY is
 * the only failure. */
PB_MUST_USE enum pb_status pb_trust_list_open(struct pb_view token, const struct pb_roots *roots,
					      struct pb_trust_list *ret_list, enum pb_trust_fault *ret_fault,
					      struct pb_err *err);

#endif
