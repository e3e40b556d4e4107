/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A MIFARE DESFire with our application (card-applet-spec/desfire.h): read with native commands, which need no key.  Its
 * proof is a key that only the union has, so what can be told here is what it holds, and nothing of whose chip it is.
 *
 * Such a chip has no life cycle.  It is blank without our application, and before the first commit in it; locked under a
 * master key with a version of somebody's.  An EV1 is read, and not written: it knows no EV2 sessions.
 */
#include "issuer/card/family.h"

#include <stdio.h>
#include <string.h>

#include "base/cbor.h"
#include "card-applet-spec/desfire.h"
#include "issuer/card/chip_inside.h"
#include "issuer/card/native.h"
#include "issuer/iso7816/atr.h"
#include "issuer/iso7816/sw.h"

enum { SW_NO_FILE = 0x91F0, UID_LEN = 7 };

/* Any status word is PB_OK. */
static enum pb_status select_own(struct pb_reader *reader, uint16_t *ret_sw, struct pb_err *err)
{
	struct pb_answer answer;
	enum pb_status s = pb_native_ask(reader, "SelectApplication", PB_NATIVE_SELECT_APPLICATION,
					 pb_view(DESFIRE_OWN_AID, DESFIRE_OWN_AID_LEN), &answer, err);

	*ret_sw = s == PB_OK ? answer.response.sw : 0;
	return s;
}

/* The credential's file; ret_n 0: it is not there, or nothing was ever committed to it. */
static enum pb_status read_credential(struct pb_reader *reader, uint8_t ret_bytes[static CREDENTIAL_MAX], size_t *ret_n,
				      struct pb_err *err)
{
	struct pb_err why = { 0 };
	struct pb_cbor in;
	struct pb_view item;
	enum pb_status s = pb_native_read(reader, DESFIRE_FILE_CREDENTIAL, CREDENTIAL_MAX, ret_bytes, &why);

	*ret_n = 0;
	if (s != PB_OK && why.sw == SW_NO_FILE)
		return PB_OK;
	if (s != PB_OK) {
		if (err)
			*err = why;
		return s;
	}
	if (ret_bytes[0] == 0)
		return PB_OK;
	in = pb_cbor(pb_view(ret_bytes, CREDENTIAL_MAX));
	if (!pb_cbor_skip(&in, &item))
		return pb_fail(err, PB_CARD_PROTOCOL, "ReadData: no credential");
	*ret_n = item.n;
	return PB_OK;
}

static enum pb_status ask_state(struct pb_reader *reader, size_t credential_n, enum applet_state *ret_state, struct pb_err *err)
{
	uint8_t version = 0;
	enum pb_status s = pb_native_key_version(reader, DESFIRE_OWN_MASTER, &version, err);

	if (s == PB_OK)
		*ret_state = !credential_n ? APPLET_BLANK : version ? APPLET_LOCKED : APPLET_PERSONALISED;
	return s;
}

/* Blank, or what is in our application. */
static enum pb_status look_inside(struct pb_reader *reader, bool there, struct pb_card_identity *identity, struct pb_err *err)
{
	uint8_t credential[CREDENTIAL_MAX];
	enum pb_status s = PB_OK;
	size_t n = 0;

	identity->state = APPLET_BLANK;
	if (there)
		s = read_credential(reader, credential, &n, err);
	if (s == PB_OK && there)
		s = ask_state(reader, n, &identity->state, err);
	if (s == PB_OK) {
		identity->family = PB_FAMILY_DESFIRE;
		identity->chip = PB_CHIP_UNKNOWN; /* that is for foreign ones */
	}
	return s;
}

/* NXP's chips of this kind have one historical byte, 80: no other card is asked native commands here. */
static bool may_be(const struct pb_reader_card *card)
{
	static const uint8_t historical[] = { 0x80 };
	struct pb_atr atr;

	return pb_atr_parse(pb_view(card->atr, card->atr_n), &atr) && atr.kind == PB_ATR_CONTACTLESS &&
	       pb_view_equal(atr.historical, PB_VIEW(historical));
}

static bool is_desfire(enum pb_chip_kind kind)
{
	return kind == PB_CHIP_DESFIRE_EV1 || kind == PB_CHIP_DESFIRE_EV2 || kind == PB_CHIP_DESFIRE_EV3;
}

/* A UID that changes each time is nothing that a credential could be bound to. */
static enum pb_status identify(struct pb_reader *reader, const struct pb_reader_card *card,
			       struct pb_card_identity *identity, struct pb_err *err)
{
	enum pb_chip_kind kind = PB_CHIP_UNKNOWN;
	uint16_t sw = 0;
	enum pb_status s = PB_OK;

	if (may_be(card))
		s = pb_chip_ask_version(reader, pb_view(card->uid, card->uid_n), &kind, err);
	identity->told = kind;
	if (s != PB_OK || !is_desfire(kind))
		return s;
	identity->chip = kind;
	if (card->uid_n != UID_LEN) {
		snprintf(identity->why, sizeof(identity->why), "its UID is a random one");
		return PB_OK;
	}
	s = select_own(reader, &sw, err);
	if (s != PB_OK)
		return s;
	if (sw == PB_NATIVE_OK || (sw == PB_NATIVE_NO_APPLICATION && kind != PB_CHIP_DESFIRE_EV1))
		return look_inside(reader, sw == PB_NATIVE_OK, identity, err);
	if (sw == PB_NATIVE_NO_APPLICATION)
		snprintf(identity->why, sizeof(identity->why), "such a card is read and not written");
	else
		snprintf(identity->why, sizeof(identity->why), "SelectApplication: SW %04X (%s)", sw, pb_sw_row(sw)->words);
	return PB_OK;
}

/* NLEN and so many bytes of the file. */
static enum pb_status read_ndef(struct pb_reader *reader, struct pb_card_image *image, struct pb_err *err)
{
	enum pb_status s = pb_native_read(reader, DESFIRE_FILE_NDEF, NDEF_MAX, image->ndef, err);
	const size_t n = s == PB_OK ? 2 + ((size_t)image->ndef[0] << 8 | image->ndef[1]) : 0;

	if (s == PB_OK && n > NDEF_MAX)
		return pb_fail(err, PB_CARD_PROTOCOL, "ReadData: an NDEF file of %zu bytes", n);
	image->ndef_n = n;
	return s;
}

/* There is nothing that the chip could prove to who has no key: the challenge is not looked at. */
static enum pb_status examine(struct pb_reader *reader, struct pb_view challenge, struct pb_card_image *ret_image,
			      struct pb_err *err)
{
	struct pb_card_image image = { 0 };
	uint16_t sw = 0;
	enum pb_status s = select_own(reader, &sw, err);

	(void)challenge;
	if (s == PB_OK && sw == PB_NATIVE_NO_APPLICATION)
		return pb_fail(err, PB_NOT_FOUND, "the card is blank");
	if (s == PB_OK && sw != PB_NATIVE_OK)
		return pb_sw_fail(err, "SelectApplication", sw);
	if (s == PB_OK)
		s = read_credential(reader, image.credential, &image.credential_n, err);
	if (s == PB_OK && !image.credential_n)
		s = pb_fail(err, PB_NOT_FOUND, "the card is blank");
	if (s == PB_OK)
		s = read_ndef(reader, &image, err);
	if (s == PB_OK)
		s = ask_state(reader, image.credential_n, &image.state, err);
	if (s == PB_OK)
		*ret_image = image;
	return s;
}

const struct pb_card_family_ops pb_card_desfire = { PB_FAMILY_DESFIRE, identify, examine };
