/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A small office for the tests of the ledger: a folder with test keys and an office file, members and
 * chips by number, and the few steps that nearly every test takes.  Any failure ends the program.
 */
#ifndef PROFBILET_TESTS_UNIT_LEDGER_OFFICE_H
#define PROFBILET_TESTS_UNIT_LEDGER_OFFICE_H

#include "issuer/ledger/audit.h"
#include "issuer/ledger/ledger.h"
#include "keys/keystore.h"

struct office {
	char folder[64];
	char path[96]; /* of the office file */
	struct pb_keystore *ks;
	struct pb_clock clock;
	struct pb_store *store;
	struct pb_ledger *ledger;
};

enum { OFFICE_NOW = 1790000000, OFFICE_PREFIX = 7501, OFFICE_FIRST = 1, OFFICE_APPROVED = 100000 };
#define OFFICE_ORIGIN "profbilet.example/office/75"
#define OFFICE_SERIAL(n) (7501000000u + (n))

/* Keys are made once; office_fresh lays a new, empty file beside them with `blanks` received and cards ordered. */
void office_create(struct office *office);
/* In a folder that exists, with the keys it has, or new ones. */
void office_join(struct office *office, const char *folder);
void office_fresh(struct office *office, unsigned blanks);
void office_close(struct office *office);
void office_open(struct office *office);
/* Another order of OFFICE_APPROVED cards: the last one ended when the office was closed. */
void office_approve(struct office *office);
void office_destroy(struct office *office);

/* Stop the program with the words of the error unless the status is PB_OK. */
void office_must(enum pb_status status, const struct pb_err *err, const char *what);

/* Member n asks for a card on chip n (or another chip).  The texts behind the request are in `ret`. */
struct request {
	char key[32], member[20];
	uint8_t uid[7];
	struct pb_reserve reserve;
};
void office_request(unsigned member, unsigned chip, struct request *ret_request);
/* Reserve and commit with made-up credentials; returns the serial. */
uint64_t office_reserve(struct office *office, unsigned member, unsigned chip);
/* And issued. */
uint64_t office_issue(struct office *office, unsigned member);
/* As the ledger has it; it must be there. */
struct pb_ledger_card office_card(struct office *office, uint64_t serial);
/* Begin only: the status, and what it gave. */
enum pb_status office_begin(struct office *office, const struct request *request,
			    struct pb_reservation *ret_reservation);
/* Signs nothing: the credentials are texts that name the serial. */
enum pb_status office_commit(struct office *office, const struct pb_reservation *reservation, struct pb_err *err);

/* Closes it and opens it as an auditor does. */
void office_look(struct office *office);
/* The office's file in the hands of someone with the sqlite3 program; the office is closed. */
void office_sql(const struct office *office, const char *sql);

struct findings {
	struct pb_finding list[64];
	size_t count;
	struct pb_audit_summary summary;
};
void office_audit(struct office *office, struct findings *ret_findings);
/* Stops the program when the audit finds anything. */
void office_assert_sound(struct office *office);
bool findings_have(const struct findings *findings, enum pb_finding_code code, uint64_t entry);

#endif
