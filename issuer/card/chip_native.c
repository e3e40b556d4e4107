/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * DESFire, DESFire Light and NTAG 424 DNA: their native commands in the frames of ISO/IEC 7816-4 (NXP MF2DL(H)x0
 * 8.3, NT4H2421Gx 9.2): 90 INS 00 00, answers 91xx.  GetVersion, GetFreeMemory, GetKeyVersion and Read_Sig need no
 * authentication, and none of them writes.
 */
#include "issuer/card/chip_inside.h"

#include <stdio.h>
#include <string.h>

#include "issuer/card/native.h"

enum {
	VENDOR_NXP = 0x04,
	PART_LEN = 7,
	UID_LEN = 7,
	SIGNATURE_LEN = 56,
	STORAGE_EXPONENT_MAX = 24,
};

/* The three parts of a version. */
struct version {
	uint8_t hardware[PART_LEN], software[PART_LEN], uid[UID_LEN];
};

enum { HW_VENDOR, HW_TYPE, HW_SUBTYPE, HW_MAJOR, HW_MINOR, HW_STORAGE };

/* What is asked of a kind: how many keys it has, in which application, and whose signature it bears. */
static const struct model {
	uint8_t type, major;
	enum pb_chip_kind kind;
	bool signs;
	enum pb_originality_maker maker;
	bool tells_free;
	uint8_t keys;
	uint32_t memory; /* by its data sheet; 0: what its version says */
} models[] = {
	{ 0x01, 0x01, PB_CHIP_DESFIRE_EV1, false, PB_MAKER_DESFIRE_EV2, true, 1, 0 },
	{ 0x01, 0x12, PB_CHIP_DESFIRE_EV2, true, PB_MAKER_DESFIRE_EV2, true, 1, 0 },
	{ 0x01, 0x22, PB_CHIP_DESFIRE_EV2, true, PB_MAKER_DESFIRE_EV2, true, 1, 0 },
	{ 0x01, 0x33, PB_CHIP_DESFIRE_EV3, true, PB_MAKER_DESFIRE_EV3, true, 1, 0 },
	{ 0x08, 0x30, PB_CHIP_DESFIRE_LIGHT, true, PB_MAKER_DESFIRE_LIGHT, false, 0, 640 },
	{ 0x04, 0x30, PB_CHIP_NTAG_424, true, PB_MAKER_NTAG_424, false, 5, 416 },
};

static const struct model *find_model(const struct version *version)
{
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		if (models[i].type == version->hardware[HW_TYPE] && models[i].major == version->hardware[HW_MAJOR])
			return &models[i];
	return NULL;
}

/* *ret_told is false when the card does not speak so. */
static enum pb_status get_version(struct pb_reader *reader, struct version *ret_version, bool *ret_told, struct pb_err *err)
{
	uint8_t *const parts[] = { ret_version->hardware, ret_version->software, ret_version->uid };
	enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

	*ret_told = false;
	for (int i = 0; i < PARTS; i++) {
		bool last = i == PARTS - 1;
		struct pb_answer answer;
		enum pb_status s = pb_native_ask(reader, "GetVersion",
						 i ? PB_NATIVE_ADDITIONAL_FRAME : PB_NATIVE_GET_VERSION,
						 pb_view(NULL, 0), &answer, err);

		if (s != PB_OK)
			return s;
		/* The last part goes on with batch, week and year. */
		if (answer.response.sw != (last ? PB_NATIVE_OK : PB_NATIVE_MORE) ||
		    (last ? answer.response.data.n < UID_LEN : answer.response.data.n != PART_LEN))
			return PB_OK;
		memcpy(parts[i], answer.response.data.p, PART_LEN);
	}
	*ret_told = true;
	return PB_OK;
}

static enum pb_status get_free_memory(struct pb_reader *reader, struct pb_chip *chip, struct pb_err *err)
{
	enum { FREE_LEN = 3 };
	struct pb_answer answer;
	enum pb_status s = pb_native_ask(reader, "GetFreeMemory", PB_NATIVE_FREE_MEMORY, pb_view(NULL, 0), &answer, err);
	struct pb_view told = answer.response.data;

	if (s != PB_OK || answer.response.sw != PB_NATIVE_OK || told.n != FREE_LEN)
		return s;
	chip->has_free = true;
	chip->free = (uint32_t)(told.p[0] | told.p[1] << 8 | told.p[2] << 16);
	return PB_OK;
}

static enum pb_status read_signature(struct pb_reader *reader, const struct model *model, const uint8_t uid[static UID_LEN],
				     struct pb_chip *chip, struct pb_err *err)
{
	static const uint8_t address[] = { 0x00 };
	struct pb_answer answer;
	enum pb_status s = pb_native_ask(reader, "Read_Sig", PB_NATIVE_READ_SIG, PB_VIEW(address), &answer, err);

	if (s != PB_OK)
		return s;
	if ((answer.response.sw == PB_NATIVE_OK || answer.response.sw == PB_NATIVE_SIGNED) &&
	    answer.response.data.n == SIGNATURE_LEN)
		chip->originality = pb_originality_check(model->maker, pb_view(uid, UID_LEN), answer.response.data);
	return PB_OK;
}

/* Of the PICC on a DESFire, of the one application on an NTAG 424.  Version 00 is what a chip leaves its maker
 * with; it can also be given to other keys, so it proves nothing. */
static enum pb_status get_key_versions(struct pb_reader *reader, const struct model *model, struct pb_chip *chip,
				       struct pb_err *err)
{
	struct pb_answer answer;
	enum pb_status s = PB_OK;

	if (model->kind == PB_CHIP_NTAG_424)
		s = pb_exchange_select(reader, pb_view(NDEF_AID, NDEF_AID_LEN), &answer, err);
	for (uint8_t key = 0; s == PB_OK && key < model->keys; key++) {
		s = pb_native_ask(reader, "GetKeyVersion", PB_NATIVE_GET_KEY_VERSION, pb_view(&key, 1), &answer, err);
		if (s != PB_OK || answer.response.sw != PB_NATIVE_OK || answer.response.data.n != 1)
			break;
		chip->key_versions[chip->key_count++] = answer.response.data.p[0];
		if (answer.response.data.p[0] != 0)
			chip->keys = PB_CHIP_KEYS_CHANGED;
	}
	return s;
}

static bool is_zero(const uint8_t *bytes, size_t n)
{
	while (n && bytes[n - 1] == 0)
		n--;
	return n == 0;
}

/* Two to the power of the upper seven bits; the lowest says "and something more". */
static uint32_t memory_of(const struct model *model, const struct version *version)
{
	unsigned exponent = version->hardware[HW_STORAGE] >> 1;

	return model->memory ? model->memory : exponent <= STORAGE_EXPONENT_MAX ? UINT32_C(1) << exponent : 0;
}

static enum pb_status ask_model(struct pb_reader *reader, const struct pb_reader_card *card, const struct model *model,
				const struct version *version, struct pb_chip *chip, struct pb_err *err)
{
	bool tells_uid = !is_zero(version->uid, UID_LEN); /* not when its UID is random */
	enum pb_status s = PB_OK;

	chip->kind = model->kind;
	chip->source = PB_CHIP_BY_VERSION;
	chip->memory = memory_of(model, version);
	if (model->tells_free)
		s = get_free_memory(reader, chip, err);
	if (s == PB_OK && model->signs && tells_uid)
		s = read_signature(reader, model, version->uid, chip, err);
	if (s == PB_OK)
		s = get_key_versions(reader, model, chip, err);
	if (s == PB_OK)
		pb_chip_hold_against_uid(chip, card, pb_view(version->uid, tells_uid ? UID_LEN : 0));
	return s;
}

enum pb_status pb_chip_ask_native(struct pb_reader *reader, const struct pb_reader_card *card, struct pb_chip *chip,
				  struct pb_err *err)
{
	struct version version;
	const struct model *model;
	bool told;
	enum pb_status s = get_version(reader, &version, &told, err);

	if (s != PB_OK || !told)
		return s;
	model = version.hardware[HW_VENDOR] == VENDOR_NXP ? find_model(&version) : NULL;
	if (model)
		return ask_model(reader, card, model, &version, chip, err);
	snprintf(chip->note, sizeof(chip->note), "GetVersion: vendor %02X, type %02X, generation %02X",
		 version.hardware[HW_VENDOR], version.hardware[HW_TYPE], version.hardware[HW_MAJOR]);
	return PB_OK;
}

enum pb_status pb_chip_ask_version(struct pb_reader *reader, struct pb_view uid, enum pb_chip_kind *ret_kind,
				   struct pb_err *err)
{
	struct version version;
	const struct model *model;
	bool told;
	enum pb_status s = get_version(reader, &version, &told, err);

	if (s != PB_OK)
		return s;
	model = told && version.hardware[HW_VENDOR] == VENDOR_NXP ? find_model(&version) : NULL;
	*ret_kind = model ? model->kind : PB_CHIP_UNKNOWN;
	if (model && !is_zero(version.uid, UID_LEN) && !pb_view_equal(PB_VIEW(version.uid), uid))
		*ret_kind = PB_CHIP_CLONE;
	return PB_OK;
}
