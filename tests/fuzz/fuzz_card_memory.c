/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A hostile memory card: whatever its pages hold, telling what it is and reading it end, with a value or a named error,
 * and what was accepted is within its bounds and is read back as the address it was taken from.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/card/card.h"
#include "issuer/credential/ndef.h"
#include "issuer/reader/replay.h"

static const uint8_t challenge[CHALLENGE_MIN];

/* As readers present an NTAG 21x, with the UID of the corpus. */
static const struct pb_reader_card memory_card = {
	.atr = { 0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00,
		 0x03, 0x06, 0x03, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x68 },
	.atr_n = 20,
	.uid = { 0x04, 0xE1, 0x0C, 0xDA, 0x99, 0x3C, 0x80 },
	.uid_n = 7,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_reader *reader = pb_replay_create_hostile(pb_view(data, size));
	char url[PB_NDEF_URL_MAX + 1];
	struct pb_card_identity identity;
	struct pb_card_image image;

	if (pb_card_identify(reader, &memory_card, &identity, NULL) == PB_OK &&
	    (identity.family != PB_FAMILY_FOREIGN && identity.family != PB_FAMILY_NDEF))
		abort();
	if (pb_card_examine(reader, PB_FAMILY_NDEF, PB_VIEW(challenge), &image, NULL) == PB_OK &&
	    (image.credential_n == 0 || image.credential_n > CREDENTIAL_MAX || image.ndef_n > NDEF_MAX ||
	     image.state == APPLET_BLANK || !pb_ndef_read_url(pb_view(image.ndef, image.ndef_n), url)))
		abort();
	pb_reader_destroy(reader);
	return 0;
}
