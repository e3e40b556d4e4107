/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files as more than one application has them: READ BINARY of a transparent file, and the two files of a
 * Type 4 Tag.  What is in them, and when they may be read, is the application's.
 */
#ifndef PROFBILET_SOFTCARD_FILE_H
#define PROFBILET_SOFTCARD_FILE_H

#include "softcard/command.h"

/* SELECT by file identifier of a Type 4 Tag, which has a capability container and the NDEF file `ndef_fid`:
 * *file is the identifier of the file selected last. */
uint16_t select_tag_file(const struct command *command, unsigned ndef_fid, unsigned *file);

/* What there is from `offset`, at most `le` bytes.  Le of 256 asks for whatever is left and is content with it. */
uint16_t read_file(struct pb_view file, size_t offset, size_t le, struct pb_writer *out);

#endif
