/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Status words (ISO/IEC 7816-4 5.6, GPC 2.3.1 11.1.3): what each means in words, and which status of
 * ours it is.  One table.
 */
#ifndef PROFBILET_ISSUER_ISO7816_SW_H
#define PROFBILET_ISSUER_ISO7816_SW_H

#include "base/err.h"

#include <stdint.h>

struct pb_sw_row {
	uint16_t sw, mask;
	enum pb_status status;
	const char *words; /* English, for the detail of an error */
};

/* Never NULL; the memory is static. */
const struct pb_sw_row *pb_sw_row(uint16_t sw);

/* "STORE DATA 1: SW 6A84 (no space on the card)" with the status of the row, never PB_OK. */
enum pb_status pb_sw_fail(struct pb_err *err, const char *step, uint16_t sw);

#endif
