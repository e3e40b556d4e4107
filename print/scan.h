/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading QR codes from photos, in a process of its own (profbilet-scan), because photos come from strangers: the process
 * has no network, no files and little memory, and is killed when it stalls.  A photo that kills it is refused like any
 * bad photo, and the next one has a fresh process.
 *
 * Not for: what a code says (issuer/credential/url.h), photos that are printed (render.h).
 */
#ifndef PROFBILET_PRINT_SCAN_H
#define PROFBILET_PRINT_SCAN_H

#include "base/bytes.h"
#include "base/err.h"

enum {
	PB_SCAN_PHOTO_MAX = 16 * 1024 * 1024,
	PB_SCAN_SIDE_MAX = 16384, /* of a JPEG, which is decoded at a fraction of its size; a PNG has at most ... */
	PB_SCAN_DECODED_MAX = 4096, /* ... so many pixels each way */
	PB_SCAN_TEXT_MAX = 4096,  /* with NUL */
};

/* The texts of the codes, in the order they were found. */
struct pb_scan_text {
	size_t count;
	size_t n;
	char text[PB_SCAN_TEXT_MAX]; /* each with its NUL, one after the other; n bytes */
};

struct pb_scan;

/* `program`: path of profbilet-scan. */
PB_MUST_USE enum pb_status pb_scan_start(const char *program, struct pb_scan **ret_scan, struct pb_err *err);
void pb_scan_destroy(struct pb_scan *scan); /* accepts NULL */
/* `file` is a JPEG or PNG as someone sent it; a photo without a code is PB_OK and no text.  PB_PHOTO_INVALID: the detail
 * says why. */
PB_MUST_USE enum pb_status pb_scan_photo(struct pb_scan *scan, struct pb_view file, struct pb_scan_text *ret_text,
					 struct pb_err *err);

/* The same in this process: for profbilet-scan, and for tests. */
PB_MUST_USE enum pb_status pb_scan_here(struct pb_view file, struct pb_scan_text *ret_text, struct pb_err *err);

#endif
