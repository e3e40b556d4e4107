/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verification against a hostile card: whatever the card answers, offer and examine end, with a value or
 * a named error, and an image that was accepted is within its bounds.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/reader/replay.h"
#include "issuer/station/station.h"

static const uint8_t challenge[CHALLENGE_MAX] = { 1 };

static void examine(struct pb_station *station)
{
	struct pb_card_image image;

	if (pb_station_examine(station, PB_VIEW(challenge), &image, NULL) != PB_OK)
		return;
	if (image.credential_n == 0 || image.credential_n > CREDENTIAL_MAX || image.ndef_n > NDEF_MAX)
		abort();
	/* No hostile card can sign for a point that is not its own; for its own it may. */
	(void)pb_card_check_proof(image.point, pb_view(image.credential, image.credential_n), PB_VIEW(challenge), image.sig);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_reader *reader = pb_replay_create_hostile(pb_view(data, size));
	struct pb_card_identity offer;
	struct pb_station *station;

	if (pb_station_create_local(reader, &station, NULL) != PB_OK)
		abort();
	if (pb_station_offer(station, 0, &offer, NULL) == PB_OK) {
		if (offer.uid_n > UID_MAX || strnlen(offer.why, sizeof(offer.why)) == sizeof(offer.why))
			abort();
		examine(station);
	}
	pb_station_stop(station);
	pb_reader_destroy(reader);
	return 0;
}
