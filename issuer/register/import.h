/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A member list, as an office keeps it in a table, becomes rows of the register.  What can only be meant in
 * one way is repaired and reported; the rest is refused, row by row, with its column and what to do.  The
 * same list brought in again changes nothing.
 *
 * A member of the list is the one in the register who has its number, or else the same full name (ё as е)
 * and birth date.  An empty field never erases what the register knows.
 *
 * Not for: reading the bytes (csv.h, xlsx.h), saying it in Russian (issuer/cli: the faults are values, their
 * sentences are msgids of import_faults.def).
 */
#ifndef PROFBILET_ISSUER_REGISTER_IMPORT_H
#define PROFBILET_ISSUER_REGISTER_IMPORT_H

#include "issuer/register/register.h"
#include "issuer/register/table.h"

enum pb_import_fault {
#define PB_IMPORT_FAULT(name, kind, happened, advice) PB_IMPORT_FAULT_##name,
#include "issuer/register/import_faults.def"
#undef PB_IMPORT_FAULT
	PB_IMPORT_FAULT_COUNT
};

enum pb_fault_kind {
	PB_IMPORT_FAULT_REPAIRED, /* the row goes in, changed as said */
	PB_IMPORT_FAULT_WARNING,  /* the row goes in, without something */
	PB_IMPORT_FAULT_DUPLICATE, /* the row stays out, for what it says is there */
	PB_IMPORT_FAULT_REFUSAL,   /* the row stays out */
};

struct pb_fault_row {
	const char *name; /* "BAD_DATE": stable, for JSON */
	enum pb_fault_kind kind;
	const char *happened, *advice; /* msgids; advice may be "" */
};

const struct pb_fault_row *pb_fault_row(enum pb_import_fault fault);

enum pb_import_outcome {
	PB_IMPORT_ADDED,
	PB_IMPORT_UPDATED,
	PB_IMPORT_UNCHANGED,
	PB_IMPORT_DUPLICATE, /* of a row above or of somebody in the register; not added */
	PB_IMPORT_REFUSED,
	PB_IMPORT_OUTCOMES
};

enum { PB_FAULTS_PER_ROW = 24, PB_EXCERPT_CAP = 64 };

struct pb_import_note {
	enum pb_import_fault fault;
	int column;			/* from 1; 0: the whole row */
	char heading[PB_EXCERPT_CAP];	/* the column's, as the file has it; "" for the whole row */
	char value[PB_EXCERPT_CAP];	/* the beginning of what stood there */
	char became[PB_EXCERPT_CAP];	/* of a repair: the beginning of what was made of it */
	int other_row;			/* of a duplicate: the row above it repeats, 0 when it is in the register */
};

struct pb_import_row {
	int row; /* as the office sees it: the heading is row 1 of the sheet; a CSV line number */
	enum pb_import_outcome outcome;
	int64_t member; /* id; 0 when refused.  After a dry run it means nothing. */
	size_t notes;
	struct pb_import_note note[PB_FAULTS_PER_ROW];
};

struct pb_import_totals {
	int rows; /* without the heading and empty lines */
	int outcome[PB_IMPORT_OUTCOMES];
	int repaired, warned;	   /* rows with at least one repair, one warning */
	int photos;		   /* brought in or renewed */
	int organisations_created;
	int unknown_columns;
	char unknown_heading[4][PB_EXCERPT_CAP]; /* the first of them */
	int committed;		   /* rows that are certainly in the file, also after a failure */
	enum pb_encoding encoding; /* what the file was read as */
};

struct pb_import_options {
	int64_t organisation;	   /* of every row, for a list without that column; 0: the list must have it */
	int64_t parent;		   /* of primary organisations made from the list; 0: none */
	bool refuse_organisations; /* refuse rows of organisations the register does not know */
	bool dry_run;		   /* everything is done and reported, and nothing stays */
	int photos_fd;		   /* folder where the named photos lie; -1: photos are not looked for */
	struct pb_table_options table;
	/* Both may be NULL.  A status other than PB_OK ends the import and is returned. */
	enum pb_status (*each)(void *ctx, const struct pb_import_row *row, struct pb_err *err);
	void *ctx;
};

/* Reads an open CSV or XLSX file from its beginning.  Rows are committed a thousand at a time, so that issuing
 * may go on beside it; what is in ret_totals is true also when it failed.  PB_INPUT_INVALID: not a table, or
 * no heading with surname, name, birth date and organisation. */
PB_MUST_USE enum pb_status pb_register_import(struct pb_register *reg, int fd, const struct pb_import_options *options,
					      struct pb_import_totals *ret_totals, struct pb_err *err);

#endif
