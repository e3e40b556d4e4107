/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * READ BINARY of a transparent file: the one rule both applications follow.  Which files there are, and
 * when they may be read, is theirs.
 */
#ifndef PROFBILET_SOFTCARD_FILE_H
#define PROFBILET_SOFTCARD_FILE_H

#include "softcard/command.h"

/* What there is from `offset`, at most `le` bytes.  Le of 256 asks for whatever is left and is content with it. */
uint16_t read_file(struct pb_view file, size_t offset, size_t le, struct pb_writer *out);

#endif
