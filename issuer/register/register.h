/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The office's register: the tree of organisations and the members with the core of their учётная карточка.
 * A member keeps one id and one number for life; the row holds what is true now, and a dated event is kept
 * for every change, because the yearly statistics ask what was true on a day.
 *
 * Everything here is personal data.  It never enters the ledger, a log or an error's detail.
 *
 * Not for: cards (issuer/ledger), lists as offices send them (import.h), checking a photo beyond its first
 * bytes (it is decoded by print/, in a process of its own).
 *
 * Changes need a transaction of the store around them (pb_store_begin), so that a caller may join several.
 */
#ifndef PROFBILET_ISSUER_REGISTER_REGISTER_H
#define PROFBILET_ISSUER_REGISTER_REGISTER_H

#include "base/calendar.h"
#include "base/clock.h"
#include "issuer/register/member_number.h"
#include "issuer/store/store.h"

enum {
	PB_NAME_LETTERS = 100,	/* the longest surname, name, patronymic, in code points */
	PB_NAME_CAP = 4 * PB_NAME_LETTERS + 1,
	PB_TITLE_LETTERS = 250, /* the longest name of an organisation or a position */
	PB_TITLE_CAP = 4 * PB_TITLE_LETTERS + 1,
	PB_CODE_CAP = 33,
	PB_PHONE_CAP = 17,	/* "+" and at most 15 digits (E.164) */
	PB_EMAIL_CAP = 255,
	PB_PHOTO_MAX = 5 * 1024 * 1024,
};

enum pb_org_level { PB_ORG_REGIONAL = 1, PB_ORG_LOCAL, PB_ORG_PRIMARY };

struct pb_organisation {
	int64_t id;	/* 0: not stored yet */
	int64_t parent; /* id, 0 for the top of the tree */
	enum pb_org_level level;
	char code[PB_CODE_CAP]; /* the office's own, unique; may be empty */
	char name[PB_TITLE_CAP];
	char short_name[PB_TITLE_CAP]; /* for the card's face; may be empty */
};

/* The numbers are stored: never renumber. */
enum pb_sex { PB_SEX_UNKNOWN, PB_SEX_FEMALE, PB_SEX_MALE };
enum pb_member_status { PB_MEMBER_ACTIVE = 1, PB_MEMBER_SUSPENDED, PB_MEMBER_LEFT, PB_MEMBER_EXCLUDED };
enum pb_photo_format { PB_PHOTO_NONE, PB_PHOTO_JPEG, PB_PHOTO_PNG };

/* All text is valid UTF-8 in NFC. */
struct pb_member {
	int64_t id;			   /* 0: not stored yet */
	char number[PB_MEMBER_NUMBER_CAP]; /* empty before it is stored: then one is minted */
	char surname[PB_NAME_CAP], name[PB_NAME_CAP], patronymic[PB_NAME_CAP]; /* the last may be empty */
	enum pb_sex sex;
	enum pb_member_status status;
	struct pb_date born;
	struct pb_date joined; /* year 0: not known */
	int64_t organisation;
	char position[PB_TITLE_CAP]; /* these three may be empty */
	char phone[PB_PHONE_CAP];    /* "+79141234567" */
	char email[PB_EMAIL_CAP];
	enum pb_photo_format photo;  /* set by pb_register_set_photo only */
	struct pb_date photo_date;   /* day it was taken, or brought in when that is not known */
};

struct pb_register;

/* Brings the register's tables into the office's file.  The store outlives the register; the rule is copied. */
PB_MUST_USE enum pb_status pb_register_open(struct pb_store *store, const struct pb_number_rule *rule,
					    const struct pb_clock *clock, struct pb_register **ret_register,
					    struct pb_err *err);
void pb_register_close(struct pb_register *reg);
const struct pb_number_rule *pb_register_rule(const struct pb_register *reg);

/* ---- organisations */

/* PB_INPUT_INVALID: no name, or a level that does not stand under its parent's (an organisation stands under
 * a higher one, or on top).  PB_CONFLICT: same code, or same name under the same parent. */
PB_MUST_USE enum pb_status pb_register_add_organisation(struct pb_register *reg,
							const struct pb_organisation *organisation, int64_t *ret_id,
							struct pb_err *err);
PB_MUST_USE enum pb_status pb_register_organisation(struct pb_register *reg, int64_t id,
						    struct pb_organisation *ret_organisation, struct pb_err *err);
/* By code, name or short name; the names without regard to letter case, ё and spaces.  PB_NOT_FOUND;
 * PB_CONFLICT when several answer to it. */
PB_MUST_USE enum pb_status pb_register_find_organisation(struct pb_register *reg, const char *what,
							 struct pb_organisation *ret_organisation, struct pb_err *err);
/* In the order of their names; what `each` returns other than PB_OK ends the walk and is returned. */
PB_MUST_USE enum pb_status pb_register_each_organisation(
	struct pb_register *reg,
	enum pb_status (*each)(void *ctx, const struct pb_organisation *organisation, struct pb_err *err), void *ctx,
	struct pb_err *err);

/* ---- members */

/* Number: minted when empty, else as parsed by pb_member_number_parse.  PB_CONFLICT when the number is taken,
 * PB_NOT_FOUND when the organisation is not there, PB_INPUT_INVALID when a required field is missing. */
PB_MUST_USE enum pb_status pb_register_add_member(struct pb_register *reg, const struct pb_member *member,
						  struct pb_member *ret_stored, struct pb_err *err);
/* Stores every field but id, number and photo. */
PB_MUST_USE enum pb_status pb_register_change_member(struct pb_register *reg, const struct pb_member *member,
						     struct pb_err *err);
PB_MUST_USE enum pb_status pb_register_member(struct pb_register *reg, int64_t id, struct pb_member *ret_member,
					      struct pb_err *err);
/* `number` as pb_member_number_parse gives it. */
PB_MUST_USE enum pb_status pb_register_find_member(struct pb_register *reg, const char *number,
						   struct pb_member *ret_member, struct pb_err *err);

struct pb_member_filter {
	int64_t organisation; /* with all below it; 0: the whole office */
	const char *name;     /* beginning of "surname name patronymic", case, ё and spaces apart; NULL: any */
	bool with_inactive;   /* also those who left or were excluded */
};

/* In the order of their names; what `each` returns other than PB_OK ends the walk and is returned.  The store
 * is locked meanwhile. */
PB_MUST_USE enum pb_status pb_register_each_member(
	struct pb_register *reg, const struct pb_member_filter *filter,
	enum pb_status (*each)(void *ctx, const struct pb_member *member, struct pb_err *err), void *ctx,
	struct pb_err *err);
PB_MUST_USE enum pb_status pb_register_count_members(struct pb_register *reg, const struct pb_member_filter *filter,
						     int64_t *ret_count, struct pb_err *err);

/* ---- photos */

/* By the first bytes; PB_PHOTO_NONE for anything but JPEG and PNG. */
enum pb_photo_format pb_photo_format(struct pb_view bytes);
/* PB_PHOTO_INVALID: neither JPEG nor PNG, or empty; PB_INPUT_TOO_LARGE: over PB_PHOTO_MAX. */
PB_MUST_USE enum pb_status pb_register_set_photo(struct pb_register *reg, int64_t member_id, struct pb_view photo,
						 struct pb_date taken, struct pb_err *err);
/* Memory the caller frees; PB_PHOTO_MISSING when there is none. */
PB_MUST_USE enum pb_status pb_register_photo(struct pb_register *reg, int64_t member_id, uint8_t **ret_bytes,
					     size_t *ret_n, struct pb_err *err);

#endif
