/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Trust lists to accept and to refuse, each from one good list by one change, signed anew unless the change
 * comes after signing.  The tests, the published vectors (card-applet-spec/vectors/trust-*.json) and the
 * corpus of the fuzz target are made from this table.
 */
#ifndef PROFBILET_TESTS_UNIT_KEYS_TRUST_CASES_H
#define PROFBILET_TESTS_UNIT_KEYS_TRUST_CASES_H

#include "keys/trust_list.h"

/* 1 November 2026, noon UTC: the date of the lists. */
enum { TRUST_CASE_ISSUED = 1793534400, TRUST_CASE_TOKEN_MAX = 4096 };

struct trust_case {
	const char *id, *about;
	enum pb_trust_fault fault;
};

/* A token of the case with that number; false after the last. */
bool trust_case(size_t i, struct trust_case *ret_case, uint8_t ret_token[static TRUST_CASE_TOKEN_MAX], size_t *ret_n);

/* The root that the cases are under.  Its key and all others are made from published numbers: anybody can
 * sign with them. */
const struct pb_roots *trust_case_roots(void);

/* The good list with `count` issuers of keys that nobody has, and the next number. */
struct pb_trust_list trust_case_list(size_t count);
/* Signs as the good signer does. */
void trust_case_sign(const struct pb_trust_list *list, uint8_t **ret_token, size_t *ret_n);

#endif
