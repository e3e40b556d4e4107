/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the kind of card and holds the order of calls, which is the same for every kind.
 */
#include "issuer/perso/perso.h"

#include <string.h>

#include "issuer/iso7816/sw.h"
#include "issuer/perso/family.h"
#include "issuer/perso/scp03.h"
#include "issuer/reader/exchange.h"

static const struct pb_perso_family_ops *const families[] = {
	&pb_perso_applet,
	&pb_perso_piv,
	&pb_perso_desfire,
	&pb_perso_ntag424,
	&pb_perso_ndef,
};

static const struct pb_perso_family_ops *family_of(const struct pb_perso *perso)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (families[i]->family == perso->family)
			return families[i];
	return NULL;
}

enum pb_status pb_perso_check_uid(struct pb_perso *perso, struct pb_err *err)
{
	enum { CLA_READER = 0xFF, INS_GET_UID = 0xCA, UID_LEN = 7 };
	const struct pb_apdu get_uid = { CLA_READER, INS_GET_UID, 0, 0, { NULL, 0 }, APDU_RESPONSE_MAX };
	struct pb_answer answer;
	struct pb_view uid;
	enum pb_status s = pb_exchange(perso->reader, "GET UID", &get_uid, &answer, err);

	uid = answer.response.data;
	if (s != PB_OK || answer.response.sw != SW_OK || uid.n != UID_LEN)
		return s;
	if (!perso->has_name)
		memcpy(perso->name, uid.p, UID_LEN);
	perso->has_name = true;
	if (!pb_view_equal(pb_view(perso->name, UID_LEN), uid))
		return pb_fail(err, PB_CARD_SWAPPED, "another UID than before");
	return PB_OK;
}

static enum pb_status out_of_order(const char *step, struct pb_err *err)
{
	return pb_fail(err, PB_NOT_ALLOWED, "%s: no session is open", step);
}

static enum pb_status has_none(const char *step, struct pb_err *err)
{
	return pb_fail(err, PB_CARD_UNSUPPORTED, "%s: this kind of card has no such step", step);
}

void pb_perso_init(struct pb_perso *perso, struct pb_reader *reader, enum pb_card_family family)
{
	*perso = (struct pb_perso){ .reader = reader, .family = family };
}

static void close_session(struct pb_perso *perso)
{
	pb_scp03_destroy(perso->scp03);
	perso->scp03 = NULL;
	pb_card_session_wipe(&perso->session);
	perso->begun = false;
	perso->open = false;
}

void pb_perso_finish(struct pb_perso *perso)
{
	close_session(perso);
	*perso = (struct pb_perso){ 0 };
}

void pb_perso_selected(struct pb_perso *perso, bool selected)
{
	close_session(perso);
	perso->selected = selected;
}

enum pb_status pb_perso_begin(struct pb_perso *perso, enum pb_session_purpose purpose, struct pb_card_words *ret_words,
			      struct pb_err *err)
{
	const struct pb_perso_family_ops *family = family_of(perso);
	enum pb_status s;

	if (perso->family == PB_FAMILY_FOREIGN)
		return pb_fail(err, PB_CARD_FOREIGN, "no card of ours was offered");
	if (!family)
		return pb_fail(err, PB_CARD_UNSUPPORTED, "a kind of card that is read and not written");
	close_session(perso);
	if (perso->refused > family->others)
		return pb_fail(err, PB_CARD_KEYS, "the card has refused its key, which is not tried again");
	s = family->begin(perso, purpose, ret_words, err);
	perso->begun = s == PB_OK;
	return s;
}

enum pb_status pb_perso_answer(struct pb_perso *perso, struct pb_view say, struct pb_card_words *ret_words, struct pb_err *err)
{
	enum pb_status s;

	if (!perso->begun)
		return out_of_order("authentication", err);
	perso->begun = false; /* also when it fails: there is no second try */
	if (!family_of(perso)->answer)
		return has_none("authentication", err);
	s = family_of(perso)->answer(perso, say, ret_words, err);
	perso->begun = s == PB_OK;
	perso->refused += s == PB_CARD_KEYS;
	return s;
}

enum pb_status pb_perso_open(struct pb_perso *perso, const struct pb_card_session *session, struct pb_err *err)
{
	const struct pb_perso_family_ops *family = family_of(perso);
	enum pb_status s = PB_OK;

	if (!perso->begun)
		return out_of_order("authentication", err);
	perso->begun = false;
	if (session->kind != family->session)
		return pb_fail(err, PB_INPUT_INVALID, "a session of another kind than the card's");
	if (family->open)
		s = family->open(perso, session, err);
	perso->refused += s == PB_CARD_KEYS;
	if (s != PB_OK)
		return s;
	perso->session = *session;
	perso->open = true;
	return PB_OK;
}

enum pb_status pb_perso_make_key(struct pb_perso *perso, uint8_t ret_point[static PB_P256_POINT], struct pb_err *err)
{
	if (!perso->open)
		return out_of_order("GENERATE KEY PAIR", err);
	if (!family_of(perso)->make_key)
		return has_none("GENERATE KEY PAIR", err);
	return family_of(perso)->make_key(perso, ret_point, err);
}

enum pb_status pb_perso_write(struct pb_perso *perso, struct pb_view credential, struct pb_view ndef,
			      struct pb_err *err)
{
	if (!perso->open)
		return out_of_order("writing", err);
	if (credential.n == 0 || credential.n > CREDENTIAL_MAX || ndef.n > NDEF_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "a credential of %zu and an NDEF image of %zu bytes", credential.n,
			       ndef.n);
	return family_of(perso)->write(perso, credential, ndef, err);
}

enum pb_status pb_perso_give_keys(struct pb_perso *perso, struct pb_view keys, struct pb_err *err)
{
	if (!perso->open)
		return out_of_order("giving keys", err);
	if (!family_of(perso)->give_keys)
		return has_none("giving keys", err);
	return family_of(perso)->give_keys(perso, keys, err);
}

enum pb_status pb_perso_set_state(struct pb_perso *perso, enum applet_state state, struct pb_err *err)
{
	if (!perso->open)
		return out_of_order("setting the state", err);
	if (!family_of(perso)->set_state)
		return state == APPLET_LOCKED ? PB_OK : has_none("setting the state", err);
	return family_of(perso)->set_state(perso, state, err);
}
