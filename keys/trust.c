/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loading a trust folder, and taking in another list.  The country has some hundreds of issuers: a plain array,
 * searched in order.
 */
#include "keys/trust.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "keys/trust_folder.h"

struct pb_trust {
	struct pb_trust_found found;
	struct pb_issuer *issuers; /* one for each entry, in its order */
};

/* A folder and its roots, while something is done with them. */
struct place {
	int fd;
	struct pb_roots roots;
};

static enum pb_status open_place(const char *dir, struct place *ret_place, struct pb_err *err)
{
	enum pb_status s = pb_trust_folder_open(dir, &ret_place->fd, err);

	ret_place->roots = (struct pb_roots){ 0 };
	if (s != PB_OK)
		return pb_wrap(err, s, "%s", dir);
	s = pb_roots_load(ret_place->fd, &ret_place->roots, err);
	if (s == PB_OK)
		return PB_OK;
	(void)close(ret_place->fd);
	return pb_wrap(err, s, "%s", dir);
}

static void close_place(struct place *place)
{
	pb_roots_finish(&place->roots);
	(void)close(place->fd);
}

static enum pb_status decode_keys(struct pb_trust *trust, struct pb_err *err)
{
	const struct pb_trust_list *list = &trust->found.list;
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

enum pb_status pb_trust_load(const char *dir, struct pb_trust **ret_trust, struct pb_err *err)
{
	struct pb_trust *trust = calloc(1, sizeof(*trust));
	struct place place;
	enum pb_status s;

	if (trust == NULL)
		return pb_fail(err, PB_NO_MEMORY, "trust");
	s = open_place(dir, &place, err);
	if (s == PB_OK) {
		s = pb_trust_folder_read(place.fd, &place.roots, &trust->found, err);
		close_place(&place);
		if (s == PB_OK)
			s = decode_keys(trust, err);
		if (s != PB_OK)
			s = pb_wrap(err, s, "%s", dir);
	}
	if (s != PB_OK) {
		pb_trust_destroy(trust);
		return s;
	}
	*ret_trust = trust;
	return PB_OK;
}

void pb_trust_destroy(struct pb_trust *trust)
{
	if (trust == NULL)
		return;
	for (size_t i = 0; trust->issuers != NULL && i < trust->found.list.count; i++)
		pb_p256_public_destroy((struct pb_p256_public *)trust->issuers[i].key);
	free(trust->issuers);
	pb_trust_list_finish(&trust->found.list);
	free(trust);
}

const struct pb_trust_list *pb_trust_list(const struct pb_trust *trust)
{
	return &trust->found.list;
}

const uint8_t *pb_trust_digest(const struct pb_trust *trust)
{
	return trust->found.seen.digest;
}

size_t pb_trust_count(const struct pb_trust *trust)
{
	return trust->found.list.count;
}

const struct pb_issuer *pb_trust_issuer(const struct pb_trust *trust, size_t index)
{
	return &trust->issuers[index];
}

const struct pb_issuer *pb_trust_find(const struct pb_trust *trust, const uint8_t kid[static 8],
				      const struct pb_issuer *after)
{
	size_t i = after == NULL ? 0 : (size_t)(after - trust->issuers) + 1;

	for (; i < trust->found.list.count; i++)
		if (pb_view_equal(PB_VIEW(trust->issuers[i].entry->kid), pb_view(kid, PB_P256_KID)))
			return &trust->issuers[i];
	return NULL;
}

/* ---- another list */

static enum pb_trust_fault compare(const struct pb_trust_seen *offered, const struct pb_trust_seen *newest)
{
	if (offered->sequence < newest->sequence)
		return PB_TRUST_FAULT_ROLLBACK;
	if (offered->sequence == newest->sequence && !pb_view_equal(PB_VIEW(offered->digest), PB_VIEW(newest->digest)))
		return PB_TRUST_FAULT_FORK;
	return PB_TRUST_FAULT_NONE;
}

static enum pb_status examine(const struct place *place, struct pb_view token, struct pb_trust_found *ret_found,
			      enum pb_trust_fault *ret_fault, struct pb_err *err)
{
	struct pb_trust_found found = { 0 };
	struct pb_trust_seen newest;
	enum pb_status s = pb_trust_list_open(token, &place->roots, &found.list, ret_fault, err);

	if (s != PB_OK || *ret_fault != PB_TRUST_FAULT_NONE)
		return s;
	found.seen.sequence = found.list.sequence;
	pb_sha256(token, found.seen.digest);
	s = pb_trust_folder_newest(place->fd, &place->roots, &newest, err);
	if (s == PB_OK)
		*ret_fault = compare(&found.seen, &newest);
	if (s == PB_OK && *ret_fault == PB_TRUST_FAULT_NONE)
		*ret_found = found;
	else
		pb_trust_list_finish(&found.list);
	return s;
}

/* The lock is the folder's, and goes with the descriptor. */
static enum pb_status accept_into(const struct place *place, struct pb_view token, struct pb_trust_found *ret_found,
				  enum pb_trust_fault *ret_fault, struct pb_err *err)
{
	enum pb_status s;

	if (flock(place->fd, LOCK_EX) != 0)
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "locking the trust folder");
	s = pb_trust_folder_settle(place->fd, &place->roots, err);
	if (s == PB_OK)
		s = examine(place, token, ret_found, ret_fault, err);
	if (s != PB_OK || *ret_fault != PB_TRUST_FAULT_NONE)
		return s;
	s = pb_trust_folder_replace(place->fd, token, &ret_found->seen, err);
	if (s != PB_OK)
		pb_trust_list_finish(&ret_found->list);
	return s;
}

typedef enum pb_status offer_fn(const struct place *place, struct pb_view token, struct pb_trust_found *ret_found,
				enum pb_trust_fault *ret_fault, struct pb_err *err);

static enum pb_status offer(offer_fn *to, const char *dir, struct pb_view token, struct pb_trust_list *ret_list,
			    enum pb_trust_fault *ret_fault, struct pb_err *err)
{
	struct pb_trust_found found = { 0 };
	struct place place;
	enum pb_status s = open_place(dir, &place, err);

	if (s != PB_OK)
		return s;
	s = to(&place, token, &found, ret_fault, err);
	close_place(&place);
	if (s != PB_OK)
		return pb_wrap(err, s, "%s", dir);
	if (*ret_fault == PB_TRUST_FAULT_NONE)
		*ret_list = found.list;
	return PB_OK;
}

enum pb_status pb_trust_examine(const char *dir, struct pb_view token, struct pb_trust_list *ret_list,
				enum pb_trust_fault *ret_fault, struct pb_err *err)
{
	return offer(examine, dir, token, ret_list, ret_fault, err);
}

enum pb_status pb_trust_accept(const char *dir, struct pb_view token, struct pb_trust_list *ret_list,
			       enum pb_trust_fault *ret_fault, struct pb_err *err)
{
	return offer(accept_into, dir, token, ret_list, ret_fault, err);
}
