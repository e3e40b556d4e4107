/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The member number: stable for life, the same on the учётная карточка and on every card.  Digits only:
 * the office's prefix, a sequence within the office's own range, and a Luhn digit (ISO/IEC 7812-1,
 * annex B), so that offices mint numbers without asking anyone and a mistyped digit is noticed.
 *
 * Not the card serial (new for every plastic) and not the chip's UID.
 */
#ifndef PROFBILET_ISSUER_REGISTER_MEMBER_NUMBER_H
#define PROFBILET_ISSUER_REGISTER_MEMBER_NUMBER_H

#include <stdint.h>

#include "base/err.h"

enum {
	PB_MEMBER_NUMBER_DIGITS = 16, /* by default */
	PB_MEMBER_NUMBER_MIN = 8,
	PB_MEMBER_NUMBER_MAX = 18,    /* so that a number always fits 63 bits */
	PB_MEMBER_NUMBER_CAP = PB_MEMBER_NUMBER_MAX + 1,
	PB_MEMBER_NUMBER_SHOWN_CAP = PB_MEMBER_NUMBER_MAX + 4 * 2 + 1, /* U+00A0 is two bytes */
};

/* How this office numbers its members. */
struct pb_number_rule {
	char prefix[PB_MEMBER_NUMBER_CAP]; /* digits, may be empty */
	int digits;			   /* of the whole number; 0 means PB_MEMBER_NUMBER_DIGITS */
};

/* PB_CONFIG_INVALID: prefix not digits, or too long to leave four digits of sequence. */
PB_MUST_USE enum pb_status pb_number_rule_check(const struct pb_number_rule *rule, struct pb_err *err);

/* What people type: digits with spaces (no-break ones too) and hyphens between them.  Every office's number
 * is accepted, not only ours, of exactly the rule's length.  PB_INPUT_INVALID when it is not that,
 * PB_CHECK_DIGIT when only the check digit is wrong. */
PB_MUST_USE enum pb_status pb_member_number_parse(const char *text, const struct pb_number_rule *rule,
						  char ret_number[static PB_MEMBER_NUMBER_CAP], struct pb_err *err);
/* sequence counts from 0; PB_NOT_ALLOWED when the office's range is used up. */
PB_MUST_USE enum pb_status pb_member_number_make(const struct pb_number_rule *rule, int64_t sequence,
						 char ret_number[static PB_MEMBER_NUMBER_CAP], struct pb_err *err);
/* The sequence of a number of our own range, -1 for another office's. */
int64_t pb_member_number_sequence(const char *number, const struct pb_number_rule *rule);

/* "9643000000000017" -> "9643 0000 0000 0017" with no-break spaces. */
void pb_member_number_show(const char *number, char ret_text[static PB_MEMBER_NUMBER_SHOWN_CAP]);

/* The Luhn digit that belongs after these digits, '0' to '9'. */
char pb_luhn_digit(const char *digits);

#endif
