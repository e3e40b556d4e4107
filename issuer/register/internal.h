/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of issuer/register/ share and nobody else sees: the register's state, and the lookups by
 * which an import recognises a member.
 */
#ifndef PROFBILET_ISSUER_REGISTER_INTERNAL_H
#define PROFBILET_ISSUER_REGISTER_INTERNAL_H

#include "issuer/register/register.h"

enum { SEARCH_CAP = 3 * PB_NAME_CAP };

struct pb_register {
	struct pb_store *store;
	struct pb_number_rule rule;
	struct pb_clock clock;
};

/* "семенова анна ивановна": surname, name and patronymic folded, for searching and recognising.  False when
 * a field is not text or does not fit. */
bool register_search_key(const struct pb_member *member, char ret_key[static SEARCH_CAP]);

/* Whether a list may mean this member: same birth date, same folded surname and name, and patronymics that
 * are the same or of which one is missing.  The exact match is preferred; false when there is none. */
PB_MUST_USE enum pb_status register_find_person(struct pb_register *reg, const struct pb_member *like,
						struct pb_member *ret_member, bool *ret_found, struct pb_err *err);

/* pb_register_photo without copying: whether the stored photo is these bytes. */
PB_MUST_USE enum pb_status register_photo_is(struct pb_register *reg, int64_t member_id, struct pb_view photo,
					     bool *ret_same, struct pb_err *err);

/* Copies text that the caller knows to fit; a text that does not is cut by nothing but a bug. */
void register_copy(char *ret_text, size_t cap, const char *text);

#endif
