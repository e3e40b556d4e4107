/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A throw-away office with one reader and software cards on it, all in the test's own process: real key
 * store, real SQLite file, real ledger and design; only the cards are software.
 */
#ifndef PROFBILET_TESTS_CORE_DESK_H
#define PROFBILET_TESTS_CORE_DESK_H

#include "issuer/app/app.h"
#include "issuer/core/issue.h"
#include "issuer/core/requests.h"
#include "issuer/register/register.h"
#include "softcard/softcard.h"

struct desk {
	char directory[64];
	struct pb_app app;
	struct pb_reader *reader;
	struct pb_station *station;
	struct softcard *card; /* lies on the reader; owned by whoever made it */
};

/* Blanks are in stock, factory keys are allowed, nobody is a member yet. */
void desk_open(struct desk *desk);
/* With configuration values of the test's own beside them: name, value, ..., NULL. */
void desk_open_with(struct desk *desk, const char *const *own);
void desk_close(struct desk *desk);
/* Closes and opens the office's files, as a program that starts anew; the cards stay as they are. */
void desk_restart(struct desk *desk);

/* A new member; `surname` tells them apart. */
struct pb_member desk_member(struct desk *desk, const char *surname);
/* A factory-fresh card whose UID ends in `number`; in memory. */
struct softcard *desk_blank(uint8_t number);
/* The same of another kind. */
struct softcard *desk_blank_of(const struct softcard_options *kind, uint16_t number);
/* The office's first key for cards of a family. */
void desk_make_master(struct desk *desk, enum pb_master_family family);
void desk_put(struct desk *desk, struct softcard *card);
/* What an operator does about a card that was pulled: puts it back. */
void desk_put_back(struct desk *desk, struct softcard *card);

/* Issues to whatever lies on the reader. */
enum pb_status desk_issue(struct desk *desk, const char *member_number, struct pb_receipt *ret_receipt, struct pb_err *err);
enum pb_status desk_meet(struct desk *desk, const struct pb_issue_request *request, struct pb_receipt *ret_receipt,
			 struct pb_err *err);
struct pb_ledger_card desk_card(struct desk *desk, uint64_t serial);
/* Fails the test when the audit finds anything. */
void desk_assert_audited(struct desk *desk);
struct pb_verification desk_verify(struct desk *desk);

#endif
