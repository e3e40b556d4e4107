/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Faces into a PDF file, and into the ledger as printed once the file is safe.  Beyond what one document
 * holds, FILE-2.pdf, FILE-3.pdf and so on follow.
 */
#ifndef PROFBILET_ISSUER_CLI_PRINT_FACES_H
#define PROFBILET_ISSUER_CLI_PRINT_FACES_H

#include "issuer/cli/command.h"

struct pb_faces_result {
	size_t drawn, left_out, without_photo, files;
};

/* Says which cards were left out or have no photo; the status is the caller's to say. */
PB_MUST_USE enum pb_status pb_print_faces(struct pb_call *call, enum pb_render_product product, const char *path,
					  const uint64_t *serials, size_t count, struct pb_faces_result *ret_result);

#endif
