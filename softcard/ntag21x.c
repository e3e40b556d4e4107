/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pages, and which of them may still be written.
 */
#include "softcard/ntag21x.h"

#include <string.h>

#include "card-applet-spec/type2.h"
#include "softcard/card.h"

enum {
	CASCADE_TAG = 0x88,
	INTERNAL = 0x48,
	DYNAMIC_LOCK_PAGE = 130,
	CONFIGURATION_PAGE = 131,
	ACCESS_PAGE = 132,
	CC_VERSION = 0x10,
	STATIC_PAGES = 16,    /* those under the static lock bits */
	DYNAMIC_UNIT = 16,    /* pages under each dynamic lock bit */
	LAST_READ_BYTE = 0xBD, /* of the dynamic lock page */
	FIRST_LOCK_BIT_PAGE = 3, /* bit 3 of the first lock byte is of page 3 */
};

static uint8_t *page_of(struct ntag21x_image *image, unsigned page)
{
	return image->bytes + (size_t)page * NTAG21X_PAGE_LEN;
}

void ntag21x_image_factory(const uint8_t uid[static NTAG21X_UID_LEN], struct ntag21x_image *ret_image)
{
	static const uint8_t cc[] = { TYPE2_CC_MAGIC, CC_VERSION, TYPE2_CC_SIZE_215, 0x00 };
	static const uint8_t empty[] = { TYPE2_TLV_NDEF, 0x00, TYPE2_TLV_END, 0x00 };
	static const uint8_t configuration[] = { 0x04, 0x00, 0x00, 0xFF };

	*ret_image = (struct ntag21x_image){ 0 };
	memcpy(page_of(ret_image, 0), uid, 3);
	page_of(ret_image, 0)[3] = CASCADE_TAG ^ uid[0] ^ uid[1] ^ uid[2];
	memcpy(page_of(ret_image, 1), uid + 3, 4);
	page_of(ret_image, 2)[0] = uid[3] ^ uid[4] ^ uid[5] ^ uid[6];
	page_of(ret_image, 2)[1] = INTERNAL;
	memcpy(page_of(ret_image, TYPE2_CC_PAGE), cc, sizeof(cc));
	memcpy(page_of(ret_image, TYPE2_FIRST_PAGE), empty, sizeof(empty));
	page_of(ret_image, DYNAMIC_LOCK_PAGE)[3] = LAST_READ_BYTE;
	memcpy(page_of(ret_image, CONFIGURATION_PAGE), configuration, sizeof(configuration));
}

/* Byte 0 of the two has the bits of pages 3 to 7 from bit 3 on, byte 1 those of pages 8 to 15 (8.5.2); a bit of the
 * dynamic ones is of sixteen pages (8.5.3). */
static bool is_page_locked(const struct ntag21x_image *image, unsigned page)
{
	const uint8_t *lock = image->bytes + TYPE2_LOCK_PAGE * NTAG21X_PAGE_LEN + 2;
	const uint8_t *dynamic = image->bytes + DYNAMIC_LOCK_PAGE * NTAG21X_PAGE_LEN;

	if (page < FIRST_LOCK_BIT_PAGE)
		return false;
	if (page < STATIC_PAGES)
		return (lock[page / 8] >> page % 8 & 1) != 0;
	if (page < DYNAMIC_LOCK_PAGE)
		return (dynamic[0] >> (page - STATIC_PAGES) / DYNAMIC_UNIT & 1) != 0;
	return (page == CONFIGURATION_PAGE || page == ACCESS_PAGE) &&
	       (image->bytes[ACCESS_PAGE * NTAG21X_PAGE_LEN] & TYPE2_CONFIGURATION_LOCKED) != 0;
}

bool ntag21x_is_locked(const struct ntag21x_image *image)
{
	for (unsigned page = FIRST_LOCK_BIT_PAGE; page < DYNAMIC_LOCK_PAGE; page++)
		if (!is_page_locked(image, page))
			return false;
	return is_page_locked(image, CONFIGURATION_PAGE);
}

struct pb_view ntag21x_message(const struct ntag21x_image *image)
{
	const uint8_t *tlv = image->bytes + TYPE2_FIRST_PAGE * NTAG21X_PAGE_LEN;
	const bool is_long = tlv[1] == TYPE2_TLV_LONG;
	const size_t head = is_long ? 4 : 2, n = is_long ? (size_t)tlv[2] << 8 | tlv[3] : tlv[1];
	const size_t room = (DYNAMIC_LOCK_PAGE - TYPE2_FIRST_PAGE) * NTAG21X_PAGE_LEN - head;

	return tlv[0] == TYPE2_TLV_NDEF && n <= room ? pb_view(tlv + head, n) : pb_view(NULL, 0);
}

bool ntag21x_is_command(struct pb_view apdu)
{
	return apdu.n > 1 && apdu.p[0] == CLA_TYPE2_READER && (apdu.p[1] == INS_TYPE2_READ || apdu.p[1] == INS_TYPE2_WRITE);
}

/* Four pages, from the first again behind the last (10.2). */
static uint16_t read_pages(const struct ntag21x_image *image, const struct command *command, struct pb_writer *out)
{
	if (command->data.n || command->p1 || command->p2 >= NTAG21X_PAGES)
		return SW_TYPE2_REFUSED;
	for (size_t i = 0; i < TYPE2_READ_LEN && i < command->le; i++)
		pb_put_u8(out, image->bytes[(command->p2 * (size_t)NTAG21X_PAGE_LEN + i) % NTAG21X_BYTES]);
	return SW_OK;
}

/* Of these two pages and the container bits are only ever set (8.5.2, 8.5.3, 8.5.6). */
static void change_page(struct ntag21x_image *image, unsigned page, const uint8_t bytes[static NTAG21X_PAGE_LEN])
{
	uint8_t *now = page_of(image, page);

	for (size_t i = 0; i < NTAG21X_PAGE_LEN; i++) {
		if (page == TYPE2_LOCK_PAGE && i < 2)
			continue;
		if (page == TYPE2_LOCK_PAGE || page == TYPE2_CC_PAGE || (page == DYNAMIC_LOCK_PAGE && i < 3))
			now[i] |= bytes[i];
		else if (page != DYNAMIC_LOCK_PAGE)
			now[i] = bytes[i];
	}
}

static uint16_t write_page(struct softcard *card, const struct command *command)
{
	struct card_image next = card->nvm.now;
	const unsigned page = command->p2;

	if (command->data.n != NTAG21X_PAGE_LEN || command->p1 || page < TYPE2_LOCK_PAGE || page >= NTAG21X_PAGES ||
	    is_page_locked(&next.ntag21x, page))
		return SW_TYPE2_REFUSED;
	change_page(&next.ntag21x, page, command->data.p);
	return nvm_write(&card->nvm, &next) ? SW_OK : SW_TYPE2_REFUSED;
}

uint16_t ntag21x_command(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	if (command->cla != CLA_TYPE2_READER)
		return SW_TYPE2_REFUSED;
	return command->ins == INS_TYPE2_READ ? read_pages(&card->nvm.now.ntag21x, command, out) : write_page(card, command);
}
