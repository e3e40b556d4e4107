/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Status lists to accept and to refuse, each from one good list by one change, signed anew unless the change
 * comes after signing.  The tests, the published vectors (card-applet-spec/vectors/status-*.json) and the
 * corpus of the fuzz target are made from this table.
 */
#ifndef PROFBILET_TESTS_UNIT_KEYS_STATUS_CASES_H
#define PROFBILET_TESTS_UNIT_KEYS_STATUS_CASES_H

#include "keys/status_list.h"

/* 1 November 2026, noon UTC: the date of the lists. */
enum { STATUS_CASE_ISSUED = 1793534400, STATUS_CASE_TOKEN_MAX = 4096 };

struct status_case {
	const char *id, *about;
	enum pb_status_fault fault;
};

/* A token of the case with that number, and the certificate that is at hand for it, borrowed; false after the last. */
bool status_case(size_t i, struct status_case *ret_case, const struct pb_x509 **ret_cert,
		 uint8_t ret_token[static STATUS_CASE_TOKEN_MAX], size_t *ret_n);

/* The root that the cases are under.  Its key and all others are made from published numbers: anybody can
 * sign with them. */
const struct pb_roots *status_case_roots(void);
/* Of the good signer. */
const struct pb_x509 *status_case_certificate(void);

/* Number 3, with a hundred refused cards. */
void status_case_list(struct pb_status_list *ret_list);
/* Signs as the good signer does. */
void status_case_sign(const struct pb_status_list *list, uint8_t ret_token[static PB_STATUS_TOKEN_MAX], size_t *ret_n);

/* The lists of a country: four million cards, of which this seed refuses one in twenty. */
enum { STATUS_COUNTRY_LISTS = 62, STATUS_COUNTRY_CARDS = 4000000 };
void status_case_country(uint64_t seed, uint32_t number, struct pb_status_list *ret_list);

#endif
