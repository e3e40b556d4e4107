/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One part of a workbook (an XML file in a ZIP archive) on its way through the parser, piece by piece, and
 * the only place where its bytes are unpacked.
 *
 * Hostile until proven otherwise: no document type (so no entities, external or growing), a bounded size
 * and ratio of compression, and bounded nesting.  Not for: what the elements mean (xlsx.c).
 */
#ifndef PROFBILET_ISSUER_REGISTER_XLSX_PART_H
#define PROFBILET_ISSUER_REGISTER_XLSX_PART_H

#include <expat.h>
#include <zip.h>

#include "base/err.h"

/* Their context is the struct xlsx_part. */
struct xlsx_handlers {
	XML_StartElementHandler start;
	XML_EndElementHandler end;
	XML_CharacterDataHandler text; /* may be NULL */
};

struct xlsx_part {
	void *owner;
	zip_file_t *file;
	uint64_t left; /* bytes the archive still promises */
	XML_Parser parser;
	bool suspended; /* by XML_StopParser(..., XML_TRUE): the next pump goes on there */
	bool over;
	int depth; /* handlers of an end count it down */
	enum pb_status failure;
	const char *what;
};

/* PB_NOT_FOUND: the archive has no such part.  On failure nothing is left open. */
PB_MUST_USE enum pb_status xlsx_part_open(struct xlsx_part *part, zip_t *zip, const char *path, struct xlsx_handlers handlers,
					  void *owner, struct pb_err *err);
/* One more piece, or the rest of the suspended one. */
PB_MUST_USE enum pb_status xlsx_part_pump(struct xlsx_part *part, struct pb_err *err);
/* Accepts a zeroed part. */
void xlsx_part_close(struct xlsx_part *part);

/* ---- for handlers */

/* Counts the nesting; false when it is too deep, and then the part has failed. */
bool xlsx_part_enter(struct xlsx_part *part);
/* Stops the parser; the pump returns this status with these static words. */
void xlsx_part_fail(struct xlsx_part *part, enum pb_status status, const char *what);

#endif
