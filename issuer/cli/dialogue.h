/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Talking with custodians: on the terminal itself (/dev/tty), whatever stdin and stdout are, so that no share
 * passes through a pipe by mistake; in a rehearsal alone, lines of a file or FIFO may stand for typing.
 *
 * Not for results (say.h, json.h).
 */
#ifndef PROFBILET_ISSUER_CLI_DIALOGUE_H
#define PROFBILET_ISSUER_CLI_DIALOGUE_H

#include "keys/shares.h"

struct pb_dialogue {
	int in, out;
};

#define PB_DIALOGUE_NONE ((struct pb_dialogue){ -1, -1 })

/* answers: NULL for the terminal.  From here on Ctrl-C ends a question with PB_INTERRUPTED. */
PB_MUST_USE enum pb_status pb_dialogue_open(const char *answers, struct pb_dialogue *ret_dialogue, struct pb_err *err);
void pb_dialogue_close(struct pb_dialogue *dialogue);

void pb_dialogue_say(const struct pb_dialogue *dialogue, const char *fmt, ...) PB_PRINTF(2, 3);
/* Asks again until the answer is yes; PB_INTERRUPTED for no, and at the end of what is typed. */
PB_MUST_USE enum pb_status pb_dialogue_confirm(const struct pb_dialogue *dialogue, const char *question,
					       struct pb_err *err);
/* A share, as QR text in one line or as words in any number of lines.  What is mistyped is named by its place
 * and only that line is typed again; an empty line begins the share anew.  A terminal is cleared afterwards. */
PB_MUST_USE enum pb_status pb_dialogue_share(const struct pb_dialogue *dialogue, struct pb_share *ret_share,
					     struct pb_err *err);

#endif
