/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What each key of an office is, and what it may do: one table, which everything that makes, opens or uses
 * a key reads.  A key of one role does not sign another's bytes, whoever asks.
 *
 * Not for: where a key is kept (keys/backend.h), who may ask for its use (keys/keyd/).
 */
#ifndef PROFBILET_KEYS_ROLES_H
#define PROFBILET_KEYS_ROLES_H

#include "base/bytes.h"
#include "base/err.h"

enum pb_key_role {
	PB_ROLE_ISSUER,
	PB_ROLE_STATUS_LIST,
	PB_ROLE_TRUST_LIST,
	PB_ROLE_CHECKPOINT,
	PB_ROLE_CARD_MASTER,
	PB_ROLE_PSEUDONYM,
	PB_ROLE_WITNESS,
	PB_ROLE_COUNT,
	PB_ROLE_CERTIFIED_COUNT = PB_ROLE_CHECKPOINT /* before it: the P-256 keys, which have certificates */
};

enum pb_key_algorithm { PB_KEY_P256, PB_KEY_ED25519, PB_KEY_AES_128, PB_KEY_HMAC_SHA256 };

/* What a key's bytes must look like before they are signed. */
enum pb_signed_shape {
	PB_SIGNS_NOTHING,
	PB_SIGNS_NOTE, /* text of a C2SP signed note: ends with LF, no other control character in it; no cosignature */
	PB_SIGNS_COSIGNATURE, /* message of a C2SP cosignature: a note that begins with "cosignature/v1" and a time */
	PB_SIGNS_COSE, /* COSE Sig_structure (RFC 9052 4.4) of a COSE_Sign1 with the row's `type` */
};

struct pb_key_role_row {
	const char *name; /* "status-list": of the file, the object in a token, and in messages */
	enum pb_key_algorithm algorithm;
	enum pb_signed_shape signs;
	/* Header "typ" (RFC 9596) that the structure must have; NULL: it must have none. */
	const char *type;
	size_t header_max; /* bytes of the protected header: a certificate stands in some */
	/* Extended key usage that the root writes into its certificate; NULL: it has none. */
	const char *purpose;
	/* It signs for so long, and what it signed can be checked for so long. */
	int signing_months, certificate_months;
	bool required; /* an office cannot work without it */
	bool in_files; /* may be in a file where the token has no such mechanism */
	bool on_demand; /* no key of a new office: made when it is first wanted (pb_keystore_begin_witness) */
};

#define PB_TYPE_STATUS_LIST "application/statuslist+cwt"
#define PB_TYPE_TRUST_LIST  "application/vnd.profbilet.trustlist+cwt"

/* Never NULL; static memory. */
const struct pb_key_role_row *pb_key_role_row(enum pb_key_role role);

/* PB_KEYS_REFUSED when this role does not sign such bytes. */
PB_MUST_USE enum pb_status pb_key_role_check(enum pb_key_role role, struct pb_view message, struct pb_err *err);

#endif
