/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An accepted list in memory.  The country has some hundreds of issuers: a plain array, searched in order.
 */
#include "keys/trust.h"

#include <stdlib.h>
#include <string.h>

#include "keys/crypto/hash.h"

struct pb_trust {
	struct pb_trust_list list;
	uint8_t digest[PB_SHA256_LEN];
	struct pb_issuer *issuers; /* one for each entry, in its order */
};

static enum pb_status decode_keys(struct pb_trust *trust, struct pb_err *err)
{
	const struct pb_trust_list *list = &trust->list;
	enum pb_status s = PB_OK;

	trust->issuers = calloc(list->count > 0 ? list->count : 1, sizeof(trust->issuers[0]));
	if (trust->issuers == NULL)
		return pb_fail(err, PB_NO_MEMORY, "trust");
	for (size_t i = 0; i < list->count && s == PB_OK; i++) {
		struct pb_p256_public *key = NULL;

		s = pb_p256_public_create(PB_VIEW(list->entries[i].point), &key, err);
		trust->issuers[i] = (struct pb_issuer){ .entry = &list->entries[i], .key = key };
	}
	return s;
}

enum pb_status pb_trust_of_list(struct pb_trust_list *list, const uint8_t digest[static PB_SHA256_LEN], struct pb_trust **ret_trust,
				struct pb_err *err)
{
	struct pb_trust *trust = calloc(1, sizeof(*trust));
	enum pb_status s;

	if (trust == NULL)
		return pb_fail(err, PB_NO_MEMORY, "trust");
	trust->list = *list;
	*list = (struct pb_trust_list){ 0 };
	memcpy(trust->digest, digest, sizeof(trust->digest));
	s = decode_keys(trust, err);
	if (s == PB_OK)
		*ret_trust = trust;
	else
		pb_trust_destroy(trust);
	return s;
}

void pb_trust_destroy(struct pb_trust *trust)
{
	if (trust == NULL)
		return;
	for (size_t i = 0; trust->issuers != NULL && i < trust->list.count; i++)
		pb_p256_public_destroy((struct pb_p256_public *)trust->issuers[i].key);
	free(trust->issuers);
	pb_trust_list_finish(&trust->list);
	free(trust);
}

const struct pb_trust_list *pb_trust_list(const struct pb_trust *trust)
{
	return &trust->list;
}

const uint8_t *pb_trust_digest(const struct pb_trust *trust)
{
	return trust->digest;
}

size_t pb_trust_count(const struct pb_trust *trust)
{
	return trust->list.count;
}

const struct pb_issuer *pb_trust_issuer(const struct pb_trust *trust, size_t index)
{
	return &trust->issuers[index];
}

const struct pb_issuer *pb_trust_find(const struct pb_trust *trust, const uint8_t kid[static 8],
				      const struct pb_issuer *after)
{
	size_t i = after == NULL ? 0 : (size_t)(after - trust->issuers) + 1;

	for (; i < trust->list.count; i++)
		if (pb_view_equal(PB_VIEW(trust->issuers[i].entry->kid), pb_view(kid, PB_P256_KID)))
			return &trust->issuers[i];
	return NULL;
}
