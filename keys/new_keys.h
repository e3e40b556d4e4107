/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keys and certificates of a new office before they have a place: made here, written by
 * keystore_create.c.  Which there are and what their certificates say is the table of keys/roles.h.
 *
 * In an office with a token they are made in the token, and are removed from it again unless
 * pb_new_keys_keep says that everything else has its place.
 *
 * Not for callers of a key store: they have keys/keystore.h.
 */
#ifndef PROFBILET_KEYS_NEW_KEYS_H
#define PROFBILET_KEYS_NEW_KEYS_H

#include "keys/backend.h"
#include "keys/crypto/x509.h"
#include "keys/keystore.h"
#include "keys/token.h"

enum pb_new_root { PB_NEW_ROOT, PB_NEW_ROOT_SPARE, PB_NEW_ROOT_COUNT };

struct pb_new_keys {
	struct pb_p256_private *roots[PB_NEW_ROOT_COUNT];
	struct pb_x509 *root_certs[PB_NEW_ROOT_COUNT];
	struct pb_p256_private *backup; /* reads the office's backups; kept as the roots are */
	struct pb_x509 *backup_cert;
	struct pb_p256_private *signers[PB_ROLE_CERTIFIED_COUNT];
	uint8_t points[PB_ROLE_CERTIFIED_COUNT][PB_P256_POINT];
	struct pb_x509 *certs[PB_ROLE_CERTIFIED_COUNT];
	struct pb_ed25519_private *checkpoint;
	uint8_t checkpoint_public[PB_ED25519_PUBLIC];
	struct pb_secret masters[PB_MASTER_FAMILY_COUNT]; /* the first generation of each family from the start */
	struct pb_secret pseudonym;

	struct pb_token *token; /* NULL: none */
	struct pb_token_key in_token[PB_ROLE_COUNT]; /* but for the master keys */
	struct pb_token_key masters_in_token[PB_MASTER_FAMILY_COUNT];
	size_t master_count; /* of these: of the families from the start, in their order */
	bool is_in_token[PB_ROLE_COUNT]; /* of these, there is nothing above but what is public */
	bool kept;
};

/* The root's word for one key. */
struct pb_certify {
	const struct pb_p256_private *root;
	const struct pb_x509 *root_cert;
	enum pb_key_role role; /* one that has a certificate */
	const uint8_t *point;  /* PB_P256_POINT bytes */
	const char *issuer_code, *issuer_name;
	bool test;
	int64_t now; /* UTC seconds: it signs from then on */
};

PB_MUST_USE enum pb_status pb_new_keys_certify(const struct pb_certify *certify, struct pb_x509 **ret_cert,
					       struct pb_err *err);

PB_MUST_USE enum pb_status pb_new_keys_make(const struct pb_keystore_terms *terms, int64_t now,
					    struct pb_new_keys *ret_keys, struct pb_err *err);
/* One more master key in a token, named by its check value; removed again when it cannot be named. */
PB_MUST_USE enum pb_status pb_new_master_in_token(struct pb_token *token, enum pb_master_family family, uint8_t kvn, bool test,
						  struct pb_token_key *ret_key, uint8_t ret_kcv[static PB_KCV_LEN],
						  struct pb_err *err);
void pb_new_keys_keep(struct pb_new_keys *keys);
void pb_new_keys_finish(struct pb_new_keys *keys); /* wipes */

#endif
