/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The three steps of an import and what they hand to each other: headings.c knows the columns, read_row.c
 * makes a draft of a member from cells (no database), import.c puts drafts into the register.
 */
#ifndef PROFBILET_ISSUER_REGISTER_IMPORT_INTERNAL_H
#define PROFBILET_ISSUER_REGISTER_IMPORT_INTERNAL_H

#include "issuer/register/import.h"
#include "issuer/register/internal.h"

enum field {
	FIELD_NUMBER,
	FIELD_SURNAME,
	FIELD_NAME,
	FIELD_PATRONYMIC,
	FIELD_FULL_NAME, /* the three in one column */
	FIELD_SEX,
	FIELD_BORN,
	FIELD_ORGANISATION,
	FIELD_POSITION,
	FIELD_JOINED,
	FIELD_PHONE,
	FIELD_EMAIL,
	FIELD_PHOTO,
	FIELD_NONE, /* a column that means nothing to us, like «№ п/п» */
	FIELDS = FIELD_NONE
};

/* Which column holds which field. */
struct headings {
	int column[FIELDS]; /* from 0; -1: the list has none */
	size_t columns, needed; /* of the heading; up to the last one that is used */
	char text[PB_TABLE_COLUMNS][PB_EXCERPT_CAP];
	int unknown;
	char unknown_text[4][PB_EXCERPT_CAP];
};

/* PB_INPUT_INVALID: a required column is missing, or a field has two. */
PB_MUST_USE enum pb_status headings_read(const struct pb_table_row *row, bool organisation_needed,
					 struct headings *ret_headings, struct pb_err *err);

/* What a row says, cleaned.  Empty text and year 0 mean that it says nothing. */
struct draft {
	struct pb_member member; /* without id, organisation, status, photo */
	char organisation[PB_TITLE_CAP];
	char photo[256];
	uint64_t fingerprint; /* of all its texts, to tell an exact repetition from a probable one */
	bool refused;
};

struct reading {
	const struct headings *headings;
	const struct pb_number_rule *rule;
	struct pb_date today;
	bool sheet; /* rows may end early */
};

/* Fills the draft and the notes of `report`. */
void draft_read(const struct reading *reading, const struct pb_table_row *row, struct draft *ret_draft,
		struct pb_import_row *report);

/* field FIELDS: the whole row.  `became` may be NULL. */
void note_fault(struct pb_import_row *report, const struct headings *headings, enum pb_import_fault fault,
		enum field field, const char *value, const char *became);
/* As much of a text as an excerpt holds, whole letters only. */
void excerpt(const char *text, char ret_excerpt[static PB_EXCERPT_CAP]);

/* ---- clean.c: repairs of one text, in place in `text` of PB_CELL_MAX + 1 bytes; true when something changed */
bool clean_spaces(char *text);
bool clean_composition(char *text);
/* ret_mixed: a word mixes alphabets in a way that is not certain; then nothing was changed. */
bool clean_lookalikes(char *text, bool *ret_mixed);
bool clean_letter_case(char *text);

/* ---- parse.c: false when the text is not that */
bool parse_list_date(const char *text, struct pb_date *ret_date);
bool parse_sex(const char *text, enum pb_sex *ret_sex);
/* ret_repaired: more than separators had to be changed. */
bool parse_phone(const char *text, char ret_phone[static PB_PHONE_CAP], bool *ret_repaired);
bool valid_email(const char *text);
bool valid_name(const char *text);
bool valid_photo_name(const char *text);

/* ---- photo_folder.c.  Memory the caller frees; PB_OK with *ret_fault other than PB_IMPORT_FAULT_COUNT when the
 * member comes without a photo. */
PB_MUST_USE enum pb_status photo_read(int folder, const char *name, uint8_t **ret_bytes, size_t *ret_n,
				      enum pb_import_fault *ret_fault, struct pb_err *err);

/* ---- seen.c: members the present list has spoken of, and in which row */
struct seen_entry {
	int64_t member; /* 0: free */
	int row;
	uint64_t fingerprint;
};

struct seen {
	struct seen_entry *entry;
	size_t size, used; /* size is a power of two */
};

/* Borrowed until the next seen_add; NULL when the list has not spoken of the member. */
const struct seen_entry *seen_find(const struct seen *seen, int64_t member);
PB_MUST_USE enum pb_status seen_add(struct seen *seen, struct seen_entry entry, struct pb_err *err);
void seen_finish(struct seen *seen);

#endif
