/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The address of a tap and the NDEF file it is written into: an address that is taken is, written anew from what
 * was read, the same characters; a file that is taken has room where the chip will write.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/card/sun.h"

#define HOST "profbilet.example"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_capitals(struct pb_writer *writer, const uint8_t *bytes, size_t n)
{
	char digits[2 * PB_SDM_PICC + 1];

	pb_hex_encode(pb_view(bytes, n), digits);
	for (char *p = digits; *p; p++)
		pb_put_u8(writer, (uint8_t)toupper((unsigned char)*p));
}

static void read_address(struct pb_view url)
{
	char text[128];
	struct pb_writer writer = pb_writer(text, sizeof(text));
	struct pb_sdm_tap tap;

	if (!pb_sun_parse(url, HOST, &tap))
		return;
	pb_put_view(&writer, pb_view_text("https://" HOST "/v?p="));
	put_capitals(&writer, tap.picc, sizeof(tap.picc));
	pb_put_view(&writer, pb_view_text("&m="));
	put_capitals(&writer, tap.mac, sizeof(tap.mac));
	if (!pb_view_equal(url, pb_view(text, writer.n)))
		abort();
}

static void read_file(struct pb_view file)
{
	struct pb_sun_places places;

	if (pb_sun_find_places(file, &places) &&
	    (places.picc + 2 * PB_SDM_PICC > places.mac || places.mac + 2 * PB_SDM_MAC != file.n))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_address(pb_view(data, size));
	read_file(pb_view(data, size));
	return 0;
}
