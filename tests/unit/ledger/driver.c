/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program that the crash sweep kills: it issues K cards and says on standard output what it was told is
 * durable.  Started again to check, it holds the ledger to every word that was said.
 *
 *     driver create FOLDER            keys, and an office with blanks
 *     driver run FOLDER K             issue cards 1 to K; "reserved N" and "issued N" when durable
 *     driver check FOLDER K SAID      nothing said is lost, nothing is doubled, the audit finds nothing;
 *                                     then the same jobs again, to their end, and the same questions
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/ledger/office.h"

static void say(const char *word, unsigned n)
{
	char line[64];
	int length = snprintf(line, sizeof(line), "%s %u\n", word, n);

	if (write(STDOUT_FILENO, line, (size_t)length) != length)
		_exit(4);
}

/* Stops at the first failure, as an office would: exit 3. */
static void issue_all(struct office *office, unsigned count)
{
	struct pb_err err = { 0 };

	if (pb_ledger_approve(office->ledger, "sweep", count, NULL, &err) != PB_OK) {
		(void)fprintf(stderr, "%s\n", err.msg);
		_exit(3);
	}
	for (unsigned n = 1; n <= count; n++) {
		struct pb_reservation reservation;
		struct request request;
		enum pb_status s;

		office_request(n, n, &request);
		s = pb_ledger_reserve_begin(office->ledger, &request.reserve, &reservation, &err);
		if (s == PB_OK && !reservation.existing)
			s = office_commit(office, &reservation, &err);
		if (s == PB_OK)
			say("reserved", n);
		if (s == PB_OK)
			s = pb_ledger_issued(office->ledger, reservation.serial, 0x30, false, &err);
		if (s != PB_OK) {
			(void)fprintf(stderr, "card %u: %s: %s\n", n, pb_status_row(s)->name, err.msg);
			_exit(3);
		}
		say("issued", n);
	}
}

static void fail(const char *what, unsigned n)
{
	(void)fprintf(stderr, "%s: %u\n", what, n);
	exit(1);
}

static void check_said(struct office *office, const char *file)
{
	FILE *said = fopen(file, "r");
	char line[64];

	if (said == NULL)
		fail("cannot read what was said", 0);
	while (fgets(line, sizeof(line), said) != NULL) {
		bool issued = strncmp(line, "issued ", 7) == 0, found = false;
		unsigned n = (unsigned)strtoul(strchr(line, ' '), NULL, 10);
		struct pb_ledger_card card;
		struct pb_err err = { 0 };
		struct request request;

		office_request(n, n, &request);
		office_must(pb_ledger_card_of_member(office->ledger, request.member, &card, &found, &err), &err,
			    "look");
		if (!found || (issued && card.state != PB_CARD_IS_ISSUED))
			fail(issued ? "lost after it was said to be issued" : "lost after it was said to be reserved",
			     n);
	}
	(void)fclose(said);
}

static void check_audit(struct office *office)
{
	struct findings findings;

	office_audit(office, &findings);
	if (findings.summary.findings > 0)
		fail(pb_finding_name(findings.list[0].code), (unsigned)findings.list[0].entry);
}

static void check(struct office *office, unsigned count, const char *said)
{
	struct pb_ledger_counts counts;

	check_said(office, said);
	check_audit(office);
	issue_all(office, count);
	check_audit(office);
	pb_ledger_counts(office->ledger, &counts);
	if (counts.issued != count || counts.open != 0)
		fail("cards after all was finished", (unsigned)counts.issued);
}

int main(int argc, char **argv)
{
	struct office office;
	unsigned count = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;

	if (argc < 3)
		return 2;
	office_join(&office, argv[2]);
	if (strcmp(argv[1], "create") == 0) {
		office_fresh(&office, 1000);
	} else {
		office_open(&office);
		if (strcmp(argv[1], "run") == 0)
			issue_all(&office, count);
		else
			check(&office, count, argv[4]);
	}
	office_close(&office);
	pb_keystore_close(office.ks);
	return 0;
}
