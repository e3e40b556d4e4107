/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making a store without keys, telling what is public about one, and the seal of its holder's records.
 */
#include "keys/keystore_remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys/crypto/hash.h"
#include "keys/keystore_inside.h"

_Static_assert(sizeof(((struct pb_x509_issuer *)0)->code) == PB_ISSUER_CODE_CAP &&
		       sizeof(((struct pb_x509_issuer *)0)->name) == PB_ISSUER_NAME_CAP,
	       "one length each");

enum pb_status pb_keystore_create_remote(const struct pb_keystore_remote *remote, void *ctx,
					 const struct pb_keystore_facts *facts, struct pb_keystore **ret_store,
					 struct pb_err *err)
{
	struct pb_keystore *store = calloc(1, sizeof(*store));
	struct pb_x509_issuer *issuer;

	if (store == NULL)
		return pb_fail(err, PB_NO_MEMORY, "key store");
	store->remote = remote;
	store->remote_ctx = ctx;
	memcpy(store->kid, facts->kid, sizeof(store->kid));
	issuer = &store->certified[PB_ROLE_ISSUER];
	memcpy(issuer->code, facts->code, sizeof(issuer->code));
	memcpy(issuer->name, facts->name, sizeof(issuer->name));
	issuer->test = facts->test;
	memcpy(store->checkpoint, facts->checkpoint_public, sizeof(store->checkpoint));
	store->is_witness = facts->is_witness;
	memcpy(store->witness, facts->witness_public, sizeof(store->witness));
	store->generations = facts->generations;
	store->account = facts->account;
	*ret_store = store;
	return PB_OK;
}

void pb_keystore_facts(const struct pb_keystore *store, struct pb_keystore_facts *ret_facts)
{
	*ret_facts = (struct pb_keystore_facts){ .test = pb_keystore_is_test(store) };
	pb_keystore_issuer_kid(store, ret_facts->kid);
	(void)snprintf(ret_facts->code, sizeof(ret_facts->code), "%s", pb_keystore_issuer_code(store));
	(void)snprintf(ret_facts->name, sizeof(ret_facts->name), "%s", pb_keystore_issuer_name(store));
	pb_keystore_checkpoint_public(store, ret_facts->checkpoint_public);
	ret_facts->is_witness = pb_keystore_witness_public(store, ret_facts->witness_public);
	ret_facts->generations = *pb_keystore_generations(store);
}

enum pb_status pb_keystore_record_mac(const struct pb_keystore *store, struct pb_view record,
				      uint8_t ret_mac[static PB_SHA256_LEN], struct pb_err *err)
{
	uint8_t derived[PB_SHA256_LEN];
	enum pb_status s;

	if (store->remote != NULL)
		return pb_fail(err, PB_NOT_ALLOWED, "the keys are in another process");
	s = store->keys.ops->pseudonym_mac(store->keys.ctx, pb_view_text("profbilet record v1"), derived, err);
	if (s != PB_OK)
		return s;
	pb_hmac_sha256(pb_view(derived + PB_PSEUDONYM_LEN, sizeof(derived) - PB_PSEUDONYM_LEN), record, ret_mac);
	pb_wipe(derived, sizeof(derived));
	return PB_OK;
}

bool pb_keystore_keeps_accounts(const struct pb_keystore *store)
{
	return store->remote != NULL;
}

bool pb_keystore_account(const struct pb_keystore *store, struct pb_account *ret_account)
{
	if (store->remote != NULL)
		*ret_account = store->account;
	return store->remote != NULL;
}

enum pb_status pb_keystore_restart_telling(const struct pb_keystore *store, struct pb_told *ret_told, struct pb_err *err)
{
	if (store->remote != NULL)
		return store->remote->restart_telling(store->remote_ctx, ret_told, err);
	*ret_told = (struct pb_told){ .kept = 0 };
	return PB_OK;
}

enum pb_status pb_keystore_tell(const struct pb_keystore *store, uint64_t size, const uint8_t root[static 32],
				struct pb_view entries, struct pb_err *err)
{
	return store->remote != NULL ? store->remote->tell(store->remote_ctx, size, root, entries, err) : PB_OK;
}
