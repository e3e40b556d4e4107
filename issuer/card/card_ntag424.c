/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An NTAG 424 DNA (NXP NT4H2421Gx) as issuer/perso/perso_ntag424.c writes it: the credential in file 3, the address of a
 * tap in file 2.  Its proof is a key that only the union has, so what can be told here is what it holds.
 *
 * Such a chip has no life cycle.  It is blank until file 2 signs taps, which is set last; locked under a master key with a
 * version of somebody's.
 */
#include "issuer/card/family.h"

#include <stdio.h>
#include <string.h>

#include "base/cbor.h"
#include "issuer/card/native.h"
#include "issuer/card/sun.h"
#include "issuer/iso7816/sw.h"

enum { FILE_NDEF = 2, FILE_CREDENTIAL = 3, KEY_MASTER = 0, UID_LEN = 7, OPTION_SDM = 0x40 };

static enum pb_status select_own(struct pb_reader *reader, struct pb_err *err)
{
	struct pb_answer answer;
	enum pb_status s = pb_exchange_select(reader, pb_view(NDEF_AID, NDEF_AID_LEN), &answer, err);

	return s == PB_OK && answer.response.sw != SW_OK ? pb_sw_fail(err, "SELECT", answer.response.sw) : s;
}

/* Whether the address is signed at each reading. */
static enum pb_status ask_taps(struct pb_reader *reader, bool *ret_signed, struct pb_err *err)
{
	const uint8_t field = FILE_NDEF;
	struct pb_answer answer;
	enum pb_status s = pb_native_expect(reader, "GetFileSettings", PB_NATIVE_GET_FILE_SETTINGS, pb_view(&field, 1),
					    PB_NATIVE_OK, &answer, err);

	if (s == PB_OK && answer.response.data.n < 2)
		s = pb_fail(err, PB_CARD_PROTOCOL, "GetFileSettings: %zu bytes", answer.response.data.n);
	if (s == PB_OK)
		*ret_signed = answer.response.data.p[1] & OPTION_SDM;
	return s;
}

static enum pb_status ask_state(struct pb_reader *reader, enum applet_state *ret_state, struct pb_err *err)
{
	uint8_t version = 0;
	bool taps = false;
	enum pb_status s = pb_native_key_version(reader, KEY_MASTER, &version, err);

	if (s == PB_OK)
		s = ask_taps(reader, &taps, err);
	if (s == PB_OK)
		*ret_state = !taps ? APPLET_BLANK : version ? APPLET_LOCKED : APPLET_PERSONALISED;
	return s;
}

/* Which product it is was asked already, by card_desfire.c. */
static enum pb_status identify(struct pb_reader *reader, const struct pb_reader_card *card,
			       struct pb_card_identity *identity, struct pb_err *err)
{
	struct pb_err why = { 0 };
	enum pb_status s;

	if (identity->told != PB_CHIP_NTAG_424)
		return PB_OK;
	if (card->uid_n != UID_LEN) {
		snprintf(identity->why, sizeof(identity->why), "its UID is a random one");
		return PB_OK;
	}
	s = select_own(reader, &why);
	if (s == PB_OK)
		s = ask_state(reader, &identity->state, &why);
	if (why.sw || s == PB_CARD_REFUSED || s == PB_CARD_PROTOCOL) { /* it says what every such chip says, and does not do it */
		snprintf(identity->why, sizeof(identity->why), "%.*s", PB_CARD_WHY_SELECT_MAX - 1, why.msg);
		return PB_OK;
	}
	if (s != PB_OK) {
		if (err)
			*err = why;
		return s;
	}
	identity->family = PB_FAMILY_NTAG424;
	return PB_OK;
}

/* What the chip has put into its places is of this one reading. */
static enum pb_status read_address(struct pb_reader *reader, struct pb_card_image *image, struct pb_err *err)
{
	struct pb_sun_places places;
	enum pb_status s = pb_native_read(reader, FILE_NDEF, NDEF_MAX, image->ndef, err);
	const size_t n = s == PB_OK ? 2 + ((size_t)image->ndef[0] << 8 | image->ndef[1]) : 0;

	if (s != PB_OK)
		return s;
	if (n > NDEF_MAX || !pb_sun_blank(image->ndef, n) || !pb_sun_find_places(pb_view(image->ndef, n), &places))
		return pb_fail(err, PB_CARD_PROTOCOL, "ReadData: not the address of a tap");
	image->ndef_n = n;
	return PB_OK;
}

static enum pb_status read_credential(struct pb_reader *reader, struct pb_card_image *image, struct pb_err *err)
{
	struct pb_cbor in;
	struct pb_view item;
	enum pb_status s = pb_native_read(reader, FILE_CREDENTIAL, CREDENTIAL_MAX, image->credential, err);

	if (s != PB_OK)
		return s;
	in = pb_cbor(pb_view(image->credential, CREDENTIAL_MAX));
	if (!pb_cbor_skip(&in, &item))
		return pb_fail(err, PB_CARD_PROTOCOL, "ReadData: no credential");
	image->credential_n = item.n;
	return PB_OK;
}

/* There is nothing that the chip could prove to who has no key: the challenge is not looked at. */
static enum pb_status examine(struct pb_reader *reader, struct pb_view challenge, struct pb_card_image *ret_image,
			      struct pb_err *err)
{
	struct pb_card_image image = { 0 };
	enum pb_status s = select_own(reader, err);

	(void)challenge;
	if (s == PB_OK)
		s = ask_state(reader, &image.state, err);
	if (s == PB_OK && image.state == APPLET_BLANK)
		s = pb_fail(err, PB_NOT_FOUND, "the card is blank");
	if (s == PB_OK)
		s = read_credential(reader, &image, err);
	if (s == PB_OK)
		s = read_address(reader, &image, err);
	if (s == PB_OK)
		*ret_image = image;
	return s;
}

const struct pb_card_family_ops pb_card_ntag424 = { PB_FAMILY_NTAG424, identify, examine };
