/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a kind of card must know to be written: one row each in perso.c.  Inside issuer/perso/ only:
 * callers name a family by its enum and never see its steps.
 */
#ifndef PROFBILET_ISSUER_PERSO_FAMILY_H
#define PROFBILET_ISSUER_PERSO_FAMILY_H

#include "issuer/perso/perso.h"

/* As the functions of perso.h, with the order of calls already checked. */
struct pb_perso_family_ops {
	enum pb_card_family family;
	enum pb_status (*begin)(struct pb_perso *perso, enum pb_card_target target,
				struct pb_session_challenge *ret_challenge, struct pb_err *err);
	enum pb_status (*authenticate)(struct pb_perso *perso, const struct pb_card_session *session,
				       struct pb_err *err);
	enum pb_status (*make_key)(struct pb_perso *perso, uint8_t ret_point[static PB_P256_POINT], struct pb_err *err);
	enum pb_status (*write)(struct pb_perso *perso, struct pb_view credential, struct pb_view ndef,
				struct pb_err *err);
	enum pb_status (*put_key)(struct pb_perso *perso, struct pb_view data, struct pb_view receipt,
				  struct pb_err *err);
	enum pb_status (*set_state)(struct pb_perso *perso, enum applet_state state, struct pb_err *err);
};

extern const struct pb_perso_family_ops pb_perso_applet;

#endif
