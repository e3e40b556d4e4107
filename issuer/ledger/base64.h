/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Standard base64 with padding (RFC 4648 4), as signed notes use it.  The decoder takes only what the
 * encoder writes: no line breaks, no missing padding, no stray bits.
 */
#ifndef PROFBILET_ISSUER_LEDGER_BASE64_H
#define PROFBILET_ISSUER_LEDGER_BASE64_H

#include "base/bytes.h"

void pb_base64_put(struct pb_writer *writer, struct pb_view bytes);
/* At most cap bytes; false for anything not canonical. */
bool pb_base64_decode(struct pb_view text, uint8_t *ret_bytes, size_t cap, size_t *ret_n);

#endif
