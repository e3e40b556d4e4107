/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A reader with a software card on it, in the test's own process.
 */
#ifndef PROFBILET_TESTS_LIB_SOFTCARD_READER_H
#define PROFBILET_TESTS_LIB_SOFTCARD_READER_H

#include "issuer/reader/reader.h"
#include "softcard/softcard.h"

/* Borrows the card; NULL: none lies there.  A silent card is PB_READER_SILENT at once: there is nobody
 * here to wait.  Destroy with pb_reader_destroy. */
struct pb_reader *softcard_reader_create(struct softcard *card);
/* Another card, or none, lies there from now on; the one before, which must still live, loses its power. */
void softcard_reader_put(struct pb_reader *reader, struct softcard *card);
/* Commands to the card since creation; those to the reader (CLA FF) not among them. */
size_t softcard_reader_commands(const struct pb_reader *reader);

#endif
