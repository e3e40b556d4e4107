/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What every face is drawn with: the layout (print/layout/card.layout) and the four fonts it names, read
 * once.  Immutable after opening, so threads may share it.
 *
 * Not for: what a face says (face.h).
 */
#ifndef PROFBILET_PRINT_DESIGN_H
#define PROFBILET_PRINT_DESIGN_H

#include "base/err.h"

struct pb_design;

/* PB_CONFIG_INVALID names the line of the layout; PB_FILE_UNREADABLE the file. */
PB_MUST_USE enum pb_status pb_design_open(const char *layout_path, const char *font_directory,
					  struct pb_design **ret_design, struct pb_err *err);
void pb_design_close(struct pb_design *design);

#endif
