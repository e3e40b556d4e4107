/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A reader that writes down what another reader does, for whoever repairs or replays a card session:
 *
 *     + 3B8180018080                         a card: its ATR (the UID is asked with FFCA000000)
 *     > 00A4040C0B...                        a command
 *     < 6F...9000                            its answer
 *     ! CARD_REMOVED                         instead of an answer: the status
 *     -                                      the card was let go
 *
 * Masked ("*" for each hex digit) are the data field of PUT KEY and of every command under secure
 * messaging (CLA bits 3 and 4) except EXTERNAL AUTHENTICATE, and the data of the answers to both: keys and
 * personal data travel there, and although enciphered they stay out of a file that is mailed around.
 * Header bytes, Lc and status words are never masked.
 */
#ifndef PROFBILET_ISSUER_READER_TRACE_H
#define PROFBILET_ISSUER_READER_TRACE_H

#include "issuer/reader/reader.h"

/* Owns `inner`.  Appends to `path` (mode 0600); on failure `inner` is still the caller's. */
PB_MUST_USE enum pb_status pb_trace_create(struct pb_reader *inner, const char *path, struct pb_reader **ret_reader,
					   struct pb_err *err);

#endif
