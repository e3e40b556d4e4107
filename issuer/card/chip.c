/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which questions a chip is asked, by what its ATR says that it is.
 */
#include "issuer/card/chip.h"

#include <stdio.h>

#include "issuer/card/chip_inside.h"
#include "issuer/iso7816/atr.h"

enum {
	UID_LEN_DOUBLE = 7,
	UID_MAKER_NXP = 0x04, /* ISO/IEC 7816-6: first byte of a UID of seven */
	SAK_CLASSIC = 0x08,   /* NXP AN10833: speaks as a MIFARE Classic */
};

static const struct pb_chip_row rows[PB_CHIP_COUNT] = {
	[PB_CHIP_UNKNOWN] = { "unknown", "?", PB_CHIP_IS_STRANGE },
	[PB_CHIP_OWN] = { "profbilet", "Profbilet", PB_CHIP_IS_OURS },
	[PB_CHIP_JAVA_CARD] = { "java_card", "Java Card", PB_CHIP_IS_NOT_YET },
	[PB_CHIP_NTAG_424] = { "ntag_424", "NTAG 424 DNA", PB_CHIP_IS_NOT_YET },
	[PB_CHIP_DESFIRE_EV1] = { "desfire_ev1", "MIFARE DESFire EV1", PB_CHIP_IS_NOT_YET },
	[PB_CHIP_DESFIRE_EV2] = { "desfire_ev2", "MIFARE DESFire EV2", PB_CHIP_IS_NOT_YET },
	[PB_CHIP_DESFIRE_EV3] = { "desfire_ev3", "MIFARE DESFire EV3", PB_CHIP_IS_NOT_YET },
	[PB_CHIP_DESFIRE_LIGHT] = { "desfire_light", "MIFARE DESFire Light", PB_CHIP_IS_NOT_YET },
	[PB_CHIP_PIV] = { "piv", "PIV", PB_CHIP_IS_NOT_YET },
	[PB_CHIP_TYPE_4] = { "type_4", "NFC Forum Type 4", PB_CHIP_IS_COPYABLE },
	[PB_CHIP_PLUS] = { "plus", "MIFARE Plus", PB_CHIP_IS_NOT_YET },
	[PB_CHIP_NTAG_213] = { "ntag_213", "NTAG 213", PB_CHIP_IS_COPYABLE },
	[PB_CHIP_NTAG_215] = { "ntag_215", "NTAG 215", PB_CHIP_IS_COPYABLE },
	[PB_CHIP_NTAG_216] = { "ntag_216", "NTAG 216", PB_CHIP_IS_COPYABLE },
	[PB_CHIP_ULTRALIGHT_EV1] = { "ultralight_ev1", "MIFARE Ultralight EV1", PB_CHIP_IS_COPYABLE },
	[PB_CHIP_TYPE_2] = { "type_2", "MIFARE Ultralight / NTAG", PB_CHIP_IS_COPYABLE },
	[PB_CHIP_CLASSIC] = { "classic", "MIFARE Classic", PB_CHIP_IS_BROKEN },
	[PB_CHIP_PLUS_SL1] = { "plus_sl1", "MIFARE Plus SL1", PB_CHIP_IS_BROKEN },
	[PB_CHIP_CLONE] = { "clone", "clone", PB_CHIP_IS_CLONE },
};

/* PC/SC part 3 supplemental document: the card names of a storage card's ATR. */
static const struct {
	uint16_t storage_name;
	enum pb_chip_kind kind;
	uint32_t memory;
} storages[] = {
	{ 0x0001, PB_CHIP_CLASSIC, 1024 }, { 0x0002, PB_CHIP_CLASSIC, 4096 },  { 0x0026, PB_CHIP_CLASSIC, 320 },
	{ 0x0036, PB_CHIP_PLUS_SL1, 2048 }, { 0x0037, PB_CHIP_PLUS_SL1, 4096 }, { 0x0038, PB_CHIP_PLUS, 2048 },
	{ 0x0039, PB_CHIP_PLUS, 4096 },	   { 0x0000, PB_CHIP_TYPE_2, 0 },      { 0x0003, PB_CHIP_TYPE_2, 0 },
	{ 0x003A, PB_CHIP_TYPE_2, 0 },	   { 0x003D, PB_CHIP_TYPE_2, 0 },      { 0xFF00, PB_CHIP_TYPE_2, 0 },
};

const struct pb_chip_row *pb_chip_row(enum pb_chip_kind kind)
{
	if ((unsigned)kind >= PB_CHIP_COUNT)
		PB_BUG("a kind of chip without a row");
	return &rows[kind];
}

const char *pb_chip_source_name(enum pb_chip_source source)
{
	static const char *const names[PB_CHIP_BY_COUNT] = { "nothing", "atr", "version", "application", "memory" };

	return names[source];
}

void pb_chip_expose(struct pb_chip *chip, const char *why)
{
	snprintf(chip->note, sizeof(chip->note), "says it is %s: %s", pb_chip_row(chip->kind)->words, why);
	chip->kind = PB_CHIP_CLONE;
}

void pb_chip_hold_against_uid(struct pb_chip *chip, const struct pb_reader_card *card, struct pb_view own_uid)
{
	if (card->uid_n != UID_LEN_DOUBLE)
		return; /* a random one, or none */
	if (card->uid[0] != UID_MAKER_NXP)
		pb_chip_expose(chip, "its UID is of another maker");
	else if (own_uid.n && !pb_view_equal(own_uid, pb_view(card->uid, card->uid_n)))
		pb_chip_expose(chip, "its UID is not the one it was made with");
}

/* Readers of ACS write FF and the SAK of a card that they do not know. */
static void look_at_storage_name(uint16_t storage_name, struct pb_chip *chip)
{
	chip->source = PB_CHIP_BY_ATR;
	for (size_t i = 0; i < sizeof(storages) / sizeof(storages[0]); i++) {
		if (storages[i].storage_name == storage_name) {
			chip->kind = storages[i].kind;
			chip->memory = storages[i].memory;
			return;
		}
	}
	if (storage_name >> 8 == 0xFF && storage_name & SAK_CLASSIC)
		chip->kind = PB_CHIP_CLASSIC;
	else
		snprintf(chip->note, sizeof(chip->note), "%s, card name %04X", pb_atr_storage_words(storage_name), storage_name);
}

/* ISO/IEC 14443-4 historical bytes of a MIFARE Plus in level 0 or 3 (NXP AN10833) */
static bool is_plus(struct pb_view historical)
{
	static const uint8_t prefix[] = { 0xC1, 0x05, 0x2F, 0x2F };

	return historical.n >= sizeof(prefix) && pb_view_equal(pb_view(historical.p, sizeof(prefix)), PB_VIEW(prefix));
}

static enum pb_status ask_card(struct pb_reader *reader, const struct pb_reader_card *card, const struct pb_atr *atr,
			       struct pb_chip *chip, struct pb_err *err)
{
	enum pb_status s = PB_OK;

	if (atr->kind == PB_ATR_CONTACTLESS)
		s = pb_chip_ask_native(reader, card, chip, err);
	if (s == PB_OK && chip->kind == PB_CHIP_UNKNOWN && is_plus(atr->historical)) {
		chip->kind = PB_CHIP_PLUS;
		chip->source = PB_CHIP_BY_ATR;
	}
	if (s == PB_OK && chip->kind == PB_CHIP_UNKNOWN)
		s = pb_chip_ask_applications(reader, chip, err);
	return s;
}

enum pb_status pb_chip_inspect(struct pb_reader *reader, const struct pb_reader_card *card, bool own,
			       struct pb_chip *ret_chip, struct pb_err *err)
{
	struct pb_chip chip = { .kind = PB_CHIP_UNKNOWN };
	struct pb_atr atr = { .kind = PB_ATR_CONTACT };
	enum pb_status s = PB_OK;

	if (!pb_atr_parse(pb_view(card->atr, card->atr_n), &atr))
		snprintf(chip.note, sizeof(chip.note), "an ATR of %zu bytes that makes no sense", card->atr_n);
	if (own) {
		chip.kind = PB_CHIP_OWN;
		chip.source = PB_CHIP_BY_APPLICATION;
		s = pb_chip_ask_domain(reader, &chip, err);
	} else if (atr.kind == PB_ATR_STORAGE) {
		look_at_storage_name(atr.storage_name, &chip);
		if (chip.kind == PB_CHIP_TYPE_2)
			s = pb_chip_ask_type_2(reader, card, &chip, err);
	} else {
		s = ask_card(reader, card, &atr, &chip, err);
	}
	if (s == PB_OK)
		*ret_chip = chip;
	return s;
}
