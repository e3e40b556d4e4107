/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tests of print/ share: the shipped design and one invented member.
 */
#ifndef PROFBILET_TESTS_UNIT_PRINT_FACE_CASES_H
#define PROFBILET_TESTS_UNIT_PRINT_FACE_CASES_H

#include "print/render.h"

/* Path of the shipped layout; static memory. */
const char *shipped_layout(void);
/* Opened from the source and font folders that the build names; the caller closes it. */
struct pb_design *shipped_design(void);
/* All texts are static. */
struct pb_face member_face(void);

#endif
