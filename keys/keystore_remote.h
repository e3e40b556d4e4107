/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A key store whose keys are elsewhere: the same struct pb_keystore, its operations handed to whoever can
 * reach them (keys/keyd/).  Its holder cannot tell the difference, and has no key in his memory.
 *
 * Not for callers of a key store: they have keys/keystore.h.
 */
#ifndef PROFBILET_KEYS_KEYSTORE_REMOTE_H
#define PROFBILET_KEYS_KEYSTORE_REMOTE_H

#include "keys/keystore.h"

enum { PB_ISSUER_CODE_CAP = 17, PB_ISSUER_NAME_CAP = 257 };

/* What is public about the keys and does not change while a store is open; the account was so when it was opened. */
struct pb_keystore_facts {
	uint8_t kid[PB_ISSUER_KID_LEN];
	char code[PB_ISSUER_CODE_CAP];
	char name[PB_ISSUER_NAME_CAP]; /* UTF-8 */
	bool test;
	uint8_t checkpoint_public[32];
	bool is_witness;
	uint8_t witness_public[32];
	struct pb_generations generations; /* of the families from the start at least one */
	struct pb_account account;
};

void pb_keystore_facts(const struct pb_keystore *store, struct pb_keystore_facts *ret_facts);

/* Each as the function of keys/keystore.h that is named after it; called by several threads at once. */
struct pb_keystore_remote {
	enum pb_status (*sign_credentials)(void *ctx, const struct pb_signing_order *order, const struct pb_view *sig_structures,
					   size_t count, uint8_t (*ret_sigs)[PB_ES256_LEN], struct pb_err *err);
	enum pb_status (*sign_list)(void *ctx, enum pb_key_role role, struct pb_view sig_structure, uint8_t ret_sig[static 64],
				    struct pb_err *err); /* PB_ROLE_STATUS_LIST or PB_ROLE_TRUST_LIST */
	enum pb_status (*sign_checkpoint)(void *ctx, struct pb_view note_text, uint8_t ret_sig[static 64],
					  struct pb_err *err);
	enum pb_status (*cosign)(void *ctx, const struct pb_cosign_order *order, struct pb_cosign_answer *ret_answer,
				 struct pb_err *err);
	enum pb_status (*pseudonym)(void *ctx, struct pb_view uid, uint8_t ret_pseudonym[static PB_PSEUDONYM_LEN],
				    struct pb_err *err);
	enum pb_status (*login_begin)(void *ctx, enum pb_master_family family, struct pb_view uid, struct pb_view words,
				      struct pb_login_step *ret_step, struct pb_err *err);
	enum pb_status (*login_answer)(void *ctx, uint64_t login, struct pb_view words, struct pb_login_step *ret_step,
				       struct pb_err *err);
	enum pb_status (*give_keys)(void *ctx, enum pb_master_family family, struct pb_view uid,
				    const struct pb_card_session *session, struct pb_card_words *ret_words, struct pb_err *err);
	enum pb_status (*restart_telling)(void *ctx, struct pb_told *ret_told, struct pb_err *err);
	enum pb_status (*tell)(void *ctx, uint64_t size, const uint8_t root[static 32], struct pb_view entries, struct pb_err *err);
	void (*close)(void *ctx);
};

/* `remote` is static; `ctx` is closed with the store, and stays the caller's when this fails. */
PB_MUST_USE enum pb_status pb_keystore_create_remote(const struct pb_keystore_remote *remote, void *ctx,
						     const struct pb_keystore_facts *facts,
						     struct pb_keystore **ret_store, struct pb_err *err);

/* HMAC-SHA-256 of a record that only the holder of these keys can have written.  A remote store refuses
 * (PB_NOT_ALLOWED): who serves keys accounts for them beside them.
 *
 * The key is the half of an HMAC that pseudonyms never show, so asking for pseudonyms yields nothing of it. */
PB_MUST_USE enum pb_status pb_keystore_record_mac(const struct pb_keystore *store, struct pb_view record,
						  uint8_t ret_mac[static 32], struct pb_err *err);

#endif
