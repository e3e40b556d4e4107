/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a kind of card must know to be written: one row each in perso.c.  Inside issuer/perso/ only:
 * callers name a family by its enum and never see its steps.
 */
#ifndef PROFBILET_ISSUER_PERSO_FAMILY_H
#define PROFBILET_ISSUER_PERSO_FAMILY_H

#include "issuer/perso/perso.h"

/* As the functions of perso.h, with the order of calls already checked.  What a kind has not is NULL. */
struct pb_perso_family_ops {
	enum pb_card_family family;
	enum pb_status (*begin)(struct pb_perso *perso, enum pb_session_purpose purpose, struct pb_card_words *ret_words,
				struct pb_err *err);
	/* NULL: its first words are enough for the key store. */
	enum pb_status (*answer)(struct pb_perso *perso, struct pb_view say, struct pb_card_words *ret_words,
				 struct pb_err *err);
	/* What is left to be said to the card; afterwards perso->session is this one.  NULL: nothing. */
	enum pb_status (*open)(struct pb_perso *perso, const struct pb_card_session *session, struct pb_err *err);
	enum pb_status (*make_key)(struct pb_perso *perso, uint8_t ret_point[static PB_P256_POINT], struct pb_err *err);
	enum pb_status (*write)(struct pb_perso *perso, struct pb_view credential, struct pb_view ndef,
				struct pb_err *err);
	enum pb_status (*give_keys)(struct pb_perso *perso, struct pb_view keys, struct pb_err *err);
	/* NULL: the card has no such states, and is locked by its keys. */
	enum pb_status (*set_state)(struct pb_perso *perso, enum applet_state state, struct pb_err *err);
	enum pb_session_kind session; /* that it works in */
	unsigned others; /* keys that may be tried when one was refused: where the card cannot say which of two it has */
};

extern const struct pb_perso_family_ops pb_perso_applet, pb_perso_piv, pb_perso_desfire, pb_perso_ntag424, pb_perso_ndef;

/* perso.c: for a kind of card that is known by nothing but its UID, which the reader says; one that does not say it has none
 * to check. */
PB_MUST_USE enum pb_status pb_perso_check_uid(struct pb_perso *perso, struct pb_err *err);

#endif
