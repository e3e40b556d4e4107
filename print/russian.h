/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Russian typography for what a register holds: quotes, dashes and spaces as a typesetter sets them.
 * The letters stay as they are.
 */
#ifndef PROFBILET_PRINT_RUSSIAN_H
#define PROFBILET_PRINT_RUSSIAN_H

#include <stdbool.h>
#include <stddef.h>

/* «ёлочки» outside and „лапки“ inside for "..." and '"'; " - " becomes a dash; runs of spaces one; no-break
 * spaces after №, г., ул. and the like, after initials, after в and с, and before a dash.
 * False when the result would not fit in `cap` bytes with its NUL. */
bool pb_russian_set(const char *text, char *ret_text, size_t cap);

#endif
