/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a serial to its two pages.
 */
#include "issuer/core/faces.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/core/statement.h"
#include "issuer/credential/url.h"

/* What the credential says wins over the register, which may have changed since: the printed name's form
 * and the last day are those that were signed. */
static enum pb_status agree_with_credential(const struct pb_office *office, const struct pb_ledger_card *card,
					    struct pb_statement *statement, enum pb_name_form *ret_form, struct pb_err *err)
{
	static const enum pb_name_form forms[] = { PB_NAME_FULL, PB_NAME_INITIALS };
	const struct pb_member *member = &statement->member;
	struct pb_credential credential;
	char name[PB_PRINTED_NAME_CAP];

	if (pb_credential_decode(pb_view(card->face_token, card->face_token_n), &credential) != PB_FAULT_NONE)
		return pb_fail(err, PB_LEDGER_CORRUPT, "the stored credential of the face cannot be read");
	statement->valid_until = pb_date_of_instant(credential.claims.card.expires - 1, office->policy.zone);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		enum pb_status s = pb_face_name_as_printed(office->design, member->surname, member->name, member->patronymic,
							   forms[i], name, err);

		if (s != PB_OK)
			return s;
		*ret_form = forms[i];
		if (pb_view_equal(pb_view_text(name), credential.claims.name))
			return PB_OK;
	}
	return pb_fail(err, PB_NOT_ALLOWED, "the name in the register is not the one that was signed: reissue the card");
}

static enum pb_status find(const struct pb_office *office, uint64_t serial, struct pb_ledger_card *ret_card,
			   struct pb_statement *ret_statement, struct pb_err *err)
{
	bool found;
	enum pb_status s = pb_ledger_card_by_serial(office->ledger, serial, ret_card, &found, err);

	if (s != PB_OK)
		return s;
	if (!found)
		return pb_fail(err, PB_NOT_FOUND, "no such serial");
	if (ret_card->state != PB_CARD_IS_ISSUED && ret_card->state != PB_CARD_IS_PRINTED)
		return pb_fail(err, PB_NOT_ALLOWED, "the card is %s", pb_card_state_name(ret_card->state));
	s = pb_register_find_member(office->members, ret_card->member_number, &ret_statement->member, err);
	if (s != PB_OK)
		return s;
	return pb_register_organisation(office->members, ret_statement->member.organisation, &ret_statement->organisation, err);
}

/* A bad photo costs the photo, not the card. */
static void load_photo(const struct pb_office *office, struct pb_render *render, const struct pb_member *member,
		       struct pb_photo *photo, enum pb_status *ret_status, struct pb_err *err)
{
	uint8_t *bytes;
	size_t n;

	photo->n = 0;
	*ret_status = PB_OK;
	if (member->photo == PB_PHOTO_NONE)
		return;
	*ret_status = pb_register_photo(office->members, member->id, &bytes, &n, err);
	if (*ret_status != PB_OK)
		return;
	*ret_status = pb_render_photo(render, pb_view(bytes, n), photo, err);
	free(bytes);
}

static enum pb_status draw(const struct pb_office *office, struct pb_render *render, uint64_t serial, struct pb_photo *photo,
			   pb_face_listener *listener, void *context, struct pb_err *err)
{
	struct pb_credential_url url;
	struct pb_statement statement;
	char serial_text[PB_SERIAL_TEXT];
	enum pb_name_form form;
	enum pb_status s, photo_status;
	struct pb_ledger_card card;
	struct pb_face face;

	s = find(office, serial, &card, &statement, err);
	if (s == PB_OK)
		s = agree_with_credential(office, &card, &statement, &form, err);
	if (s == PB_OK)
		s = pb_credential_url(office->policy.verify_host, pb_view(card.face_token, card.face_token_n), &url, err);
	if (s != PB_OK)
		return s;
	load_photo(office, render, &statement.member, photo, &photo_status, err);
	if (photo_status != PB_OK)
		listener(context, serial, photo_status, err);
	pb_serial_format(serial, serial_text);
	pb_statement_face(office, &statement, form, &face);
	face.card_serial = serial_text;
	face.copyable = card.kvn == PB_LEDGER_KVN_NONE;
	face.qr_url = url.text;
	face.qr_prefix_n = url.prefix_n;
	return pb_render_add(render, &face, photo, err);
}

enum pb_status pb_faces_draw(const struct pb_office *office, struct pb_render *render, const uint64_t *serials, size_t count,
			     pb_face_listener *listener, void *context, bool *ret_drawn, struct pb_err *err)
{
	struct pb_photo *photo = malloc(sizeof(*photo));

	if (!photo)
		return pb_fail(err, PB_NO_MEMORY, "a photo");
	for (size_t i = 0; i < count; i++) {
		enum pb_status s = draw(office, render, serials[i], photo, listener, context, err);

		ret_drawn[i] = s == PB_OK;
		if (s != PB_OK)
			listener(context, serials[i], pb_wrap(err, s, "card %010" PRIu64, serials[i]), err);
	}
	free(photo);
	return PB_OK;
}
