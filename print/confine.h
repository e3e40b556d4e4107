/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Takes from the render process what it does not need, before the first photo is decoded: memory, time,
 * descriptors, and every system call but those of its own work.  No file can be opened, no socket made,
 * no program started.
 */
#ifndef PROFBILET_PRINT_CONFINE_H
#define PROFBILET_PRINT_CONFINE_H

#include "base/err.h"

/* After the layout and the fonts are read.  In a build with sanitizers only the process limits that these
 * can live with are set. */
PB_MUST_USE enum pb_status pb_render_confine(struct pb_err *err);

#endif
