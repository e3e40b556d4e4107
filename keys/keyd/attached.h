/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is too long for a message: a list that is to be signed comes in a sealed memory file beside its request
 * (base/message.h).  Its bytes are judged and signed where they stand, so they must not change between the two:
 * a file without its seals is not looked at.
 */
#ifndef PROFBILET_KEYS_KEYD_ATTACHED_H
#define PROFBILET_KEYS_KEYD_ATTACHED_H

#include "base/bytes.h"

enum { PB_KEYD_LIST_MAX = 260 * 1024 }; /* a trust list and what is signed around it */

/* Views the whole file; false for one that may still change, is empty, or is longer than any list. */
bool pb_keyd_attach(int fd, struct pb_view *ret_file);
void pb_keyd_detach(struct pb_view file); /* accepts an empty view */

#endif
