/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lines that C2SP's text formats are made of (signed notes, checkpoints, proofs): each ends with LF, and numbers
 * have one spelling.
 *
 * Not for: text that people typed (base/text.h, base/ini.h).
 */
#ifndef PROFBILET_ISSUER_LEDGER_LINE_H
#define PROFBILET_ISSUER_LEDGER_LINE_H

#include "base/bytes.h"
#include "issuer/ledger/merkle.h"

/* The line without its LF; false, and nothing is taken, when no LF follows. */
bool pb_line_take(struct pb_cursor *in, struct pb_view *ret_line);
/* Decimal, no leading zeroes, at most PB_MERKLE_SIZE_MAX. */
bool pb_line_decimal(struct pb_view digits, uint64_t *ret_number);
/* Hashes in base64, one to a line, at most `max` of them, and the empty line that ends them. */
bool pb_line_hashes(struct pb_cursor *in, size_t max, struct pb_merkle_proof *ret_proof);

#endif
