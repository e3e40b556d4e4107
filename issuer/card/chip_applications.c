/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cards that are known by an application that answers to its name.  SELECT is no attempt at anything, and GET DATA
 * 00E0 (GPC 2.3.1 11.3.3.1) tells everyone the versions of a security domain's keys.
 */
#include "issuer/card/chip_inside.h"

#include <stdio.h>
#include <string.h>

#include "issuer/iso7816/tlv.h"
#include "issuer/reader/exchange.h"

enum {
	TAG_KEY_INFORMATION = 0xE0,
	TAG_KEY = 0xC0,
	KEY_VERSION_AT = 1, /* after the key's identifier */
	CC_FID = 0xE103,
	CC_LEN = 15,
	CC_SIZE_AT = 11,
	CC_WRITE_AT = 14,
	CC_VERSION_AT = 2,
	CC_FREE = 0x00,
};

/* SP 800-73-4 part 1 2.2, without the version */
static const uint8_t piv_aid[] = { 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00 };
/* Security domains of older GlobalPlatform cards */
static const uint8_t old_domain_aid[] = { 0xA0, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00 };

static enum pb_status answers(struct pb_reader *reader, struct pb_view aid, bool *ret_answers, struct pb_err *err)
{
	struct pb_answer answer;
	enum pb_status s = pb_exchange_select(reader, aid, &answer, err);

	*ret_answers = s == PB_OK && answer.response.sw == SW_OK;
	return s;
}

/* {C0 {identifier, version, ...}} ...: each version once. */
static void note_key_versions(struct pb_view template, struct pb_chip *chip)
{
	struct pb_cursor in = pb_cursor(template);
	struct pb_tlv key;

	while (chip->key_count < PB_CHIP_KEYS_MAX && pb_tlv_take(&in, &key)) {
		if (key.tag != TAG_KEY || key.value.n <= KEY_VERSION_AT)
			continue;
		if (!memchr(chip->key_versions, key.value.p[KEY_VERSION_AT], chip->key_count))
			chip->key_versions[chip->key_count++] = key.value.p[KEY_VERSION_AT];
	}
}

/* Version FF is lost with the first PUT KEY; ours begin at KVN_ISSUER_FIRST.  Others may be a supplier's. */
static enum pb_chip_keys judge_keys(const struct pb_chip *chip)
{
	if (chip->key_count == 0)
		return PB_CHIP_KEYS_UNKNOWN;
	if (memchr(chip->key_versions, KVN_FACTORY, chip->key_count))
		return PB_CHIP_KEYS_FACTORY;
	return chip->kind == PB_CHIP_OWN ? PB_CHIP_KEYS_CHANGED : PB_CHIP_KEYS_UNKNOWN;
}

static enum pb_status get_key_versions(struct pb_reader *reader, struct pb_chip *chip, struct pb_err *err)
{
	const struct pb_apdu get_data = { CLA_GP, INS_GP_GET_DATA, 0, TAG_KEY_INFORMATION, { 0 }, APDU_RESPONSE_MAX };
	struct pb_answer answer;
	struct pb_view template;
	enum pb_status s = pb_exchange(reader, "GET DATA", &get_data, &answer, err);

	if (s != PB_OK)
		return s;
	if (answer.response.sw == SW_OK && pb_tlv_find(answer.response.data, TAG_KEY_INFORMATION, &template))
		note_key_versions(template, chip);
	chip->keys = judge_keys(chip);
	return PB_OK;
}

enum pb_status pb_chip_ask_domain(struct pb_reader *reader, struct pb_chip *chip, struct pb_err *err)
{
	bool there;
	enum pb_status s = answers(reader, pb_view(ISD_AID, ISD_AID_LEN), &there, err);

	if (s == PB_OK && !there)
		s = answers(reader, PB_VIEW(old_domain_aid), &there, err);
	if (s != PB_OK || !there)
		return s;
	if (chip->kind == PB_CHIP_UNKNOWN)
		chip->kind = PB_CHIP_JAVA_CARD;
	chip->source = PB_CHIP_BY_APPLICATION;
	return get_key_versions(reader, chip, err);
}

/* The capability container (NFC Forum Type 4 Tag 2.0, 5.1): how large the NDEF file is, and whether anyone may write. */
static enum pb_status read_capabilities(struct pb_reader *reader, struct pb_chip *chip, struct pb_err *err)
{
	static const uint8_t fid[] = { CC_FID >> 8, CC_FID & 0xFF };
	const struct pb_apdu select = { CLA_ISO, INS_SELECT, P1_SELECT_BY_FID, P2_SELECT_NO_FCI, PB_VIEW(fid), 0 };
	const struct pb_apdu read = { CLA_ISO, INS_READ_BINARY, 0, 0, { 0 }, CC_LEN };
	struct pb_answer answer;
	struct pb_view cc;
	enum pb_status s = pb_exchange(reader, "SELECT", &select, &answer, err);

	if (s == PB_OK && answer.response.sw == SW_OK)
		s = pb_exchange(reader, "READ BINARY", &read, &answer, err);
	cc = answer.response.data;
	if (s != PB_OK || answer.response.sw != SW_OK || cc.n != CC_LEN)
		return s;
	chip->memory = (uint32_t)(cc.p[CC_SIZE_AT] << 8 | cc.p[CC_SIZE_AT + 1]);
	snprintf(chip->note, sizeof(chip->note), "NDEF mapping %u.%u, %s", cc.p[CC_VERSION_AT] >> 4, cc.p[CC_VERSION_AT] & 0xF,
		 cc.p[CC_WRITE_AT] == CC_FREE ? "anyone may write" : "write protected");
	return PB_OK;
}

/* A Java Card may have an NDEF application too, so its domain is asked for first. */
enum pb_status pb_chip_ask_applications(struct pb_reader *reader, struct pb_chip *chip, struct pb_err *err)
{
	bool there;
	enum pb_status s = answers(reader, PB_VIEW(piv_aid), &there, err);

	if (s == PB_OK && there) {
		chip->kind = PB_CHIP_PIV;
		chip->source = PB_CHIP_BY_APPLICATION;
		return PB_OK;
	}
	if (s == PB_OK)
		s = pb_chip_ask_domain(reader, chip, err);
	if (s != PB_OK || chip->kind != PB_CHIP_UNKNOWN)
		return s;
	s = answers(reader, pb_view(NDEF_AID, NDEF_AID_LEN), &there, err);
	if (s != PB_OK || !there)
		return s;
	chip->kind = PB_CHIP_TYPE_4;
	chip->source = PB_CHIP_BY_APPLICATION;
	return read_capabilities(reader, chip, err);
}
