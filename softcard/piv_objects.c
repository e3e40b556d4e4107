/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Data objects of the PIV application (SP 800-73-4 part 1, table 3, and part 2, 3.1.2 and 3.3.2).
 */
#include "softcard/piv.h"

enum {
	TAG_TEMPLATE = 0x61, /* application property template */
	TAG_AID = 0x4F,
	TAG_AUTHORITY = 0x79,
	TAG_OBJECT_ID = 0x06,
	TAG_PIN_POLICY = 0x5F2F,
	PIN_ONLY = 0x40,
	OBJECT_TAG_LEN = 3,
};

/* 61{4F version, 79{4F provider}, AC{80 algorithm ..., 06 00}} */
uint16_t piv_selected(struct pb_writer *out)
{
	static const uint8_t version[] = { 0x00, 0x00, 0x10, 0x00, 0x01, 0x00 };
	static const uint8_t algorithms[] = { PIV_TAG_ALGORITHM, 1, PIV_3DES, PIV_TAG_ALGORITHM, 1, PIV_AES_192,
					      PIV_TAG_ALGORITHM, 1, PIV_P256, TAG_OBJECT_ID,	 1, 0 };
	uint8_t body_bytes[64], provider_bytes[PIV_AID_SHORTEST + 2];
	struct pb_writer body = pb_writer(body_bytes, sizeof(body_bytes));
	struct pb_writer provider = pb_writer(provider_bytes, sizeof(provider_bytes));

	put_tlv(&provider, TAG_AID, pb_view(PIV_AID, PIV_AID_SHORTEST));
	put_tlv(&body, TAG_AID, PB_VIEW(version));
	put_tlv(&body, TAG_AUTHORITY, pb_view(provider.p, provider.n));
	put_tlv(&body, PIV_TAG_CONTROL, PB_VIEW(algorithms));
	put_tlv(out, TAG_TEMPLATE, pb_view(body.p, body.n));
	return SW_OK;
}

/* Which application this is, and that its PIN is the only one. */
static void put_discovery(struct pb_writer *out)
{
	static const uint8_t policy[] = { PIN_ONLY, 0 };
	uint8_t bytes[32];
	struct pb_writer body = pb_writer(bytes, sizeof(bytes));

	put_tlv(&body, TAG_AID, pb_view(PIV_AID, PIV_AID_LEN));
	put_tlv(&body, TAG_PIN_POLICY, PB_VIEW(policy));
	put_tlv(out, PIV_TAG_DISCOVERY, pb_view(body.p, body.n));
}

/* Fingerprints, face, printed information, irises: part 1, table 2. */
static bool needs_pin(unsigned tag)
{
	return tag == 0x5FC103 || tag == 0x5FC108 || tag == 0x5FC109 || tag == 0x5FC121;
}

/* {5C tag}, and of the object's data what follows. */
static bool take_name(struct pb_cursor *in, unsigned *ret_tag)
{
	struct pb_view list;
	uint64_t value;
	unsigned tag;

	if (!take_tlv(in, &tag, &list) || tag != TAG_TAG_LIST || !list.n || list.n > OBJECT_TAG_LEN)
		return false;
	in = &(struct pb_cursor){ list.p, list.n };
	if (!pb_take_be(in, list.n, &value))
		return false;
	*ret_tag = (unsigned)value;
	return true;
}

uint16_t piv_get_data(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	struct pb_cursor in = pb_cursor(command->data);
	struct pb_view value;
	unsigned tag;

	if (command->p1 != P1_PIV_OBJECT || command->p2 != P2_PIV_OBJECT)
		return SW_P1P2;
	if (!take_name(&in, &tag) || in.left)
		return SW_DATA;
	if (tag == PIV_TAG_DISCOVERY) {
		put_discovery(out);
		return SW_OK;
	}
	if (needs_pin(tag) && !card->piv.pin_verified)
		return SW_SECURITY;
	if (!piv_object_find(&card->nvm.now.piv, tag, &value))
		return SW_FILE_NOT_FOUND;
	put_tlv(out, PIV_TAG_OBJECT, value);
	return SW_OK;
}

uint16_t piv_put_data(struct softcard *card, const struct command *command)
{
	struct pb_cursor in = pb_cursor(command->data);
	struct card_image next = card->nvm.now;
	struct pb_view value;
	unsigned tag, object;

	if (command->p1 != P1_PIV_OBJECT || command->p2 != P2_PIV_OBJECT)
		return SW_P1P2;
	if (!card->piv.authenticated)
		return SW_SECURITY;
	if (!take_name(&in, &object) || object < PIV_OBJECT_FIRST || object > PIV_OBJECT_LAST ||
	    !take_tlv(&in, &tag, &value) || tag != PIV_TAG_OBJECT || in.left)
		return SW_DATA;
	if (!piv_object_put(&next.piv, object, value))
		return SW_NO_SPACE;
	return nvm_write(&card->nvm, &next) ? SW_OK : SW_MEMORY;
}
