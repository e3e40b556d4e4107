/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The QR code of a face: which symbol fits a field in whole printer dots, and its modules.
 *
 * The size of a module decides whether a phone reads it, more than error correction does: at least four
 * dots of a 300 dpi card printer (0.339 mm), at best level Q, at least M.
 * Not for: what it holds (issuer/credential/url.h) or drawing it (draw.h).
 */
#ifndef PROFBILET_PRINT_QR_H
#define PROFBILET_PRINT_QR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum { PB_QR_DPI = 300, PB_QR_DOTS_MIN = 4, PB_QR_SIDE_MAX = 177 };

struct pb_qr {
	int side; /* modules */
	int dots; /* printer dots per module */
	char level; /* 'Q' or 'M' */
	uint8_t dark[PB_QR_SIDE_MAX][PB_QR_SIDE_MAX]; /* row, column */
};

/* The `prefix_n` first bytes of `text` as bytes, the rest as alphanumerics (digits and capitals); the
 * symbol is at most `field_mm` wide, its quiet zone apart.  False when none fits. */
bool pb_qr_encode(struct pb_view text, size_t prefix_n, double field_mm, struct pb_qr *ret_qr);
/* The same question for any text of these lengths. */
bool pb_qr_fits(size_t prefix_n, size_t rest_n, double field_mm);

#endif
