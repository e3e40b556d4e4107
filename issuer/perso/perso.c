/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the kind of card and holds the order of calls, which is the same for every kind.
 */
#include "issuer/perso/perso.h"

#include "issuer/perso/family.h"
#include "issuer/perso/scp03.h"

static const struct pb_perso_family_ops *const families[] = {
	&pb_perso_applet,
};

static const struct pb_perso_family_ops *family_of(const struct pb_perso *perso)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (families[i]->family == perso->family)
			return families[i];
	return NULL;
}

static enum pb_status out_of_order(const char *step, struct pb_err *err)
{
	return pb_fail(err, PB_NOT_ALLOWED, "%s: no session is open", step);
}

void pb_perso_init(struct pb_perso *perso, struct pb_reader *reader, enum pb_card_family family)
{
	*perso = (struct pb_perso){ .reader = reader, .family = family };
}

static void close_session(struct pb_perso *perso)
{
	pb_scp03_destroy(perso->channel);
	perso->channel = NULL;
	perso->challenged = false;
}

void pb_perso_finish(struct pb_perso *perso)
{
	close_session(perso);
	*perso = (struct pb_perso){ 0 };
}

void pb_perso_selected(struct pb_perso *perso, bool applet)
{
	close_session(perso);
	perso->applet_selected = applet;
}

enum pb_status pb_perso_begin(struct pb_perso *perso, enum pb_card_target target,
			      struct pb_session_challenge *ret_challenge, struct pb_err *err)
{
	const struct pb_perso_family_ops *family = family_of(perso);

	if (perso->family == PB_FAMILY_FOREIGN)
		return pb_fail(err, PB_CARD_FOREIGN, "no card of ours was offered");
	if (!family)
		return pb_fail(err, PB_CARD_UNSUPPORTED, "a kind of card that is read and not written");
	close_session(perso);
	return family->begin(perso, target, ret_challenge, err);
}

enum pb_status pb_perso_authenticate(struct pb_perso *perso, const struct pb_card_session *session, struct pb_err *err)
{
	if (!perso->challenged)
		return out_of_order("EXTERNAL AUTHENTICATE", err);
	perso->challenged = false; /* also when it fails: there is no second try */
	return family_of(perso)->authenticate(perso, session, err);
}

enum pb_status pb_perso_make_key(struct pb_perso *perso, uint8_t ret_point[static PB_P256_POINT], struct pb_err *err)
{
	if (!perso->channel)
		return out_of_order("GENERATE KEY PAIR", err);
	return family_of(perso)->make_key(perso, ret_point, err);
}

enum pb_status pb_perso_write(struct pb_perso *perso, struct pb_view credential, struct pb_view ndef,
			      struct pb_err *err)
{
	if (!perso->channel)
		return out_of_order("STORE DATA", err);
	if (credential.n == 0 || credential.n > CREDENTIAL_MAX || ndef.n > NDEF_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "a credential of %zu and an NDEF image of %zu bytes", credential.n,
			       ndef.n);
	return family_of(perso)->write(perso, credential, ndef, err);
}

enum pb_status pb_perso_put_key(struct pb_perso *perso, struct pb_view data, struct pb_view receipt, struct pb_err *err)
{
	if (!perso->channel)
		return out_of_order("PUT KEY", err);
	return family_of(perso)->put_key(perso, data, receipt, err);
}

enum pb_status pb_perso_set_state(struct pb_perso *perso, enum applet_state state, struct pb_err *err)
{
	if (!perso->channel)
		return out_of_order("INSTALL", err);
	return family_of(perso)->set_state(perso, state, err);
}
