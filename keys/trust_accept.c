/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loading a trust folder, and taking in another list.
 */
#include <errno.h>
#include <sys/file.h>
#include <unistd.h>

#include "keys/trust.h"
#include "keys/trust_folder.h"

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

enum pb_status pb_trust_load(const char *dir, struct pb_trust **ret_trust, struct pb_err *err)
{
	struct pb_trust_found found = { 0 };
	struct place place;
	enum pb_status s = open_place(dir, &place, err);

	if (s != PB_OK)
		return s;
	s = pb_trust_folder_read(place.fd, &place.roots, &found, err);
	close_place(&place);
	if (s == PB_OK)
		s = pb_trust_of_list(&found.list, found.seen.digest, ret_trust, err);
	pb_trust_list_finish(&found.list);
	return s == PB_OK ? PB_OK : pb_wrap(err, s, "%s", dir);
}

/* ---- another list */

static enum pb_trust_fault compare(const struct pb_list_seen *offered, const struct pb_list_seen *newest)
{
	if (offered->number < newest->number)
		return PB_TRUST_FAULT_ROLLBACK;
	if (offered->number == newest->number && !pb_list_seen_same(offered, newest))
		return PB_TRUST_FAULT_FORK;
	return PB_TRUST_FAULT_NONE;
}

static enum pb_status examine(const struct place *place, struct pb_view token, struct pb_trust_found *ret_found,
			      enum pb_trust_fault *ret_fault, struct pb_err *err)
{
	struct pb_trust_found found = { 0 };
	struct pb_list_seen newest;
	enum pb_status s = pb_trust_list_open(token, &place->roots, &found.list, ret_fault, err);

	if (s != PB_OK || *ret_fault != PB_TRUST_FAULT_NONE)
		return s;
	found.seen.number = found.list.sequence;
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
