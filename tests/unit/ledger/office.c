/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The small office of the ledger's tests.
 */
#include "tests/unit/ledger/office.h"

#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void office_must(enum pb_status status, const struct pb_err *err, const char *what)
{
	if (status == PB_OK)
		return;
	(void)fprintf(stderr, "%s: %s: %s\n", what, pb_status_row(status)->name, err->msg);
	exit(2);
}

#define MUST(call) office_must((call), &err, #call)

void office_join(struct office *office, const char *folder)
{
	char keys[96];
	struct pb_err err = { 0 };
	PB_SECRET passphrase = { 0 };

	*office = (struct office){ .clock = pb_clock_at(OFFICE_NOW) };
	(void)snprintf(office->folder, sizeof(office->folder), "%s", folder);
	(void)snprintf(keys, sizeof(keys), "%s/keys", folder);
	(void)snprintf(office->path, sizeof(office->path), "%s/office.db", folder);
	pb_secret_set(&passphrase, "test", 4);
	if (access(keys, F_OK) != 0)
		MUST(pb_keystore_create_test(keys, &passphrase, "RU-75-TST", "Test office", &office->clock, &err));
	MUST(pb_keystore_open(keys, &passphrase, NULL, &office->ks, &err));
}

void office_create(struct office *office)
{
	char folder[] = "/tmp/profbilet-ledger-XXXXXX";

	if (mkdtemp(folder) == NULL)
		abort();
	office_join(office, folder);
}

static void remove_file(const struct office *office, const char *suffix)
{
	char name[128];

	(void)snprintf(name, sizeof(name), "%s%s", office->path, suffix);
	(void)unlink(name);
}

void office_close(struct office *office)
{
	pb_ledger_close(office->ledger);
	office->ledger = NULL;
	pb_store_close(office->store);
	office->store = NULL;
}

void office_approve(struct office *office)
{
	struct pb_err err = { 0 };

	MUST(pb_ledger_approve(office->ledger, "job-1", OFFICE_APPROVED, "operator-1", &err));
}

void office_open(struct office *office)
{
	struct pb_err err = { 0 };

	MUST(pb_store_open(office->path, PB_STORE_WRITE, &office->store, &err));
	MUST(pb_ledger_open(office->store, office->ks, &office->clock, &office->ledger, &err));
}

void office_fresh(struct office *office, unsigned blanks)
{
	struct pb_err err = { 0 };

	office_close(office);
	remove_file(office, "");
	remove_file(office, "-wal");
	remove_file(office, "-shm");
	office->clock = pb_clock_at(OFFICE_NOW);
	MUST(pb_store_create(office->path, &office->store, &err));
	MUST(pb_ledger_create(office->store, office->ks, OFFICE_ORIGIN, OFFICE_PREFIX, &office->clock, &err));
	MUST(pb_ledger_open(office->store, office->ks, &office->clock, &office->ledger, &err));
	if (blanks > 0)
		MUST(pb_ledger_receive_blanks(office->ledger, blanks, "BATCH-1", "keeper", &err));
	office_approve(office);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
	(void)info, (void)type, (void)where;
	return remove(path);
}

void office_destroy(struct office *office)
{
	office_close(office);
	pb_keystore_close(office->ks);
	(void)nftw(office->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

void office_request(unsigned member, unsigned chip, struct request *ret_request)
{
	struct request *r = ret_request;

	*r = (struct request){ 0 };
	(void)snprintf(r->key, sizeof(r->key), "job-1/%u", member);
	(void)snprintf(r->member, sizeof(r->member), "7501%011u", member);
	r->uid[0] = 0x04;
	for (unsigned i = 0; i < 4; i++)
		r->uid[1 + i] = (uint8_t)(chip >> 8 * i);
	r->reserve = (struct pb_reserve){
		.idempotency_key = r->key, .member_number = r->member, .uid = PB_VIEW(r->uid), .actor = "operator-1"
	};
	r->reserve.point[0] = 4;
}

enum pb_status office_begin(struct office *office, const struct request *request,
			    struct pb_reservation *ret_reservation)
{
	struct pb_err err = { 0 };

	return pb_ledger_reserve_begin(office->ledger, &request->reserve, ret_reservation, &err);
}

enum pb_status office_commit(struct office *office, const struct pb_reservation *reservation, struct pb_err *err)
{
	char chip[100], face[300];
	struct pb_signed_tokens tokens = { .kid = "12345678" };

	memset(chip, 'c', sizeof(chip));
	memset(face, 'f', sizeof(face));
	(void)snprintf(chip, sizeof(chip), "chip %llu", (unsigned long long)reservation->serial);
	(void)snprintf(face, sizeof(face), "face %llu", (unsigned long long)reservation->serial);
	tokens.chip = PB_VIEW(chip);
	tokens.face = PB_VIEW(face);
	return pb_ledger_reserve_commit(office->ledger, reservation, &tokens, err);
}

uint64_t office_reserve(struct office *office, unsigned member, unsigned chip)
{
	struct pb_err err = { 0 };
	struct pb_reservation reservation;
	struct request request;

	office_request(member, chip, &request);
	MUST(pb_ledger_reserve_begin(office->ledger, &request.reserve, &reservation, &err));
	if (!reservation.existing)
		MUST(office_commit(office, &reservation, &err));
	return reservation.serial;
}

uint64_t office_issue(struct office *office, unsigned member)
{
	struct pb_err err = { 0 };
	uint64_t serial = office_reserve(office, member, member);

	MUST(pb_ledger_issued(office->ledger, serial, 0x30, false, &err));
	return serial;
}

static void keep(void *ctx, const struct pb_finding *finding)
{
	struct findings *findings = ctx;

	if (findings->count < sizeof(findings->list) / sizeof(findings->list[0]))
		findings->list[findings->count++] = *finding;
}

void office_look(struct office *office)
{
	struct pb_err err = { 0 };

	office_close(office);
	MUST(pb_store_open(office->path, PB_STORE_READ, &office->store, &err));
	MUST(pb_ledger_open(office->store, NULL, &office->clock, &office->ledger, &err));
}

void office_sql(const struct office *office, const char *sql)
{
	char program[] = "sqlite3", path[sizeof(office->path)], *text = strdup(sql);
	char *argv[] = { program, path, text, NULL };
	int status = -1;
	pid_t pid;

	(void)snprintf(path, sizeof(path), "%s", office->path);
	if (text == NULL || posix_spawnp(&pid, program, NULL, NULL, argv, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid || status != 0) {
		(void)fprintf(stderr, "sqlite3: status %d: %s\n", status, sql);
		exit(2);
	}
	free(text);
}

void office_audit(struct office *office, struct findings *ret_findings)
{
	struct pb_err err = { 0 };

	*ret_findings = (struct findings){ 0 };
	MUST(pb_ledger_audit(office->ledger, pb_ledger_vkey(office->ledger), keep, ret_findings, &ret_findings->summary,
			     &err));
}

void office_assert_sound(struct office *office)
{
	struct findings findings;

	office_audit(office, &findings);
	if (findings.summary.findings == 0)
		return;
	(void)fprintf(stderr, "%s at entry %llu\n", pb_finding_name(findings.list[0].code),
		      (unsigned long long)findings.list[0].entry);
	exit(2);
}

struct pb_ledger_card office_card(struct office *office, uint64_t serial)
{
	struct pb_ledger_card found = { 0 };
	struct pb_err err = { 0 };
	bool is_there = false;

	office_must(pb_ledger_card_by_serial(office->ledger, serial, &found, &is_there, &err), &err, "card");
	if (!is_there)
		office_must(PB_NOT_FOUND, &err, "card");
	return found;
}

bool findings_have(const struct findings *findings, enum pb_finding_code code, uint64_t entry)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->list[i].code == code && findings->list[i].entry == entry)
			return true;
	return false;
}
