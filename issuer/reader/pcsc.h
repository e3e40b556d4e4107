/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A reader of PC/SC (pcscd).  The only part that knows winscard.h: its types and its many codes end
 * here, and come out as rows of base/status.def.
 */
#ifndef PROFBILET_ISSUER_READER_PCSC_H
#define PROFBILET_ISSUER_READER_PCSC_H

#include "issuer/reader/reader.h"

/* `name` as pb_reader_list gives it; the running numbers at its end ("00 00") may differ when exactly
 * one reader fits the rest.  "" takes the only reader there is.  Connects to nothing yet.  NULL when
 * memory is out. */
struct pb_reader *pb_pcsc_create(const char *name);

#endif
