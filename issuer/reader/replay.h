/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A reader that plays a trace (issuer/reader/trace.h) back.  A command that differs from the written one
 * is PB_CARD_PROTOCOL and names the line; "*" fits any digit, and a masked answer is played as zeros.
 */
#ifndef PROFBILET_ISSUER_READER_REPLAY_H
#define PROFBILET_ISSUER_READER_REPLAY_H

#include "issuer/reader/reader.h"

/* Reads the whole trace at once. */
PB_MUST_USE enum pb_status pb_replay_create(const char *path, struct pb_reader **ret_reader, struct pb_err *err);
/* True when every written exchange was played. */
bool pb_replay_finished(const struct pb_reader *reader);

/* A hostile card for fuzzing: whatever is sent, the next answer is taken from `bytes` (one length byte,
 * then so many); when they run out the card is gone.  Borrows `bytes`. */
struct pb_reader *pb_replay_create_hostile(struct pb_view bytes);

#endif
