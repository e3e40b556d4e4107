/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See desk.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "issuer/ledger/audit.h"
#include "issuer/store/store.h"
#include "tests/lib/softcard_reader.h"
#include "tests/unit/core/desk.h"

static void assert_ok(enum pb_status status, const struct pb_err *err)
{
	if (status != PB_OK)
		fail_msg("%s: %s", pb_status_row(status)->name, err->msg);
}

static void open_office(struct desk *desk)
{
	struct pb_config config;
	struct pb_err err = { 0 };
	char path[128];

	snprintf(path, sizeof(path), "%s/office/profbilet.conf", desk->directory);
	assert_ok(pb_config_load(path, &config, &err), &err);
	config.wait_seconds = 1;
	assert_ok(pb_app_open(&config, PB_APP_WRITE, &desk->app, &err), &err);
	assert_ok(pb_ledger_approve(desk->app.office.ledger, "desk", 1000, NULL, &err), &err);
}

void desk_open(struct desk *desk)
{
	desk_open_with(desk, (const char *const[]){ NULL });
}

void desk_open_with(struct desk *desk, const char *const *own)
{
	const char *values[32] = { "keys.allow_factory_keys", "yes", "card.serial_prefix", "7501", "office.zone", "+09:00",
				   "office.issuer_code", "RU-75-TST", "office.issuer_name", "Test office" };
	struct pb_err err = { 0 };
	char path[128];

	for (size_t i = 10; i < 31 && *own != NULL; i++)
		values[i] = *own++;
	*desk = (struct desk){ .directory = "/tmp/profbilet-desk-XXXXXX" };
	assert_non_null(mkdtemp(desk->directory));
	snprintf(path, sizeof(path), "%s/office", desk->directory);
	assert_ok(pb_app_create_test_office(path, values, NULL, &err), &err);
	open_office(desk);
	assert_ok(pb_ledger_receive_blanks(desk->app.office.ledger, 1000, "TEST-1", NULL, &err), &err);
	desk->reader = softcard_reader_create(NULL);
	assert_non_null(desk->reader);
	assert_ok(pb_station_create_local(desk->reader, &desk->station, &err), &err);
}

void desk_close(struct desk *desk)
{
	char command[128];

	pb_station_stop(desk->station);
	pb_reader_destroy(desk->reader);
	pb_app_close(&desk->app);
	snprintf(command, sizeof(command), "rm -rf '%s'", desk->directory);
	assert_int_equal(system(command), 0);
}

void desk_restart(struct desk *desk)
{
	struct pb_err err = { 0 };

	pb_station_stop(desk->station);
	pb_app_close(&desk->app);
	open_office(desk);
	assert_ok(pb_station_create_local(desk->reader, &desk->station, &err), &err);
}

static int64_t school(struct desk *desk)
{
	struct pb_organisation organisation = { .level = PB_ORG_PRIMARY, .code = "75-014", .name = "МБОУ «СОШ № 14» г. Чита" };
	struct pb_organisation found;
	struct pb_err err = { 0 };
	int64_t id;

	if (pb_register_find_organisation(desk->app.office.members, organisation.code, &found, &err) == PB_OK)
		return found.id;
	assert_ok(pb_register_add_organisation(desk->app.office.members, &organisation, &id, &err), &err);
	return id;
}

struct pb_member desk_member(struct desk *desk, const char *surname)
{
	struct pb_member member = { .name = "Вера", .patronymic = "Баировна", .sex = PB_SEX_FEMALE, .status = PB_MEMBER_ACTIVE,
				    .born = { 1986, 5, 5 }, .joined = { 2014, 9, 1 } };
	struct pb_member stored;
	struct pb_err err = { 0 };

	snprintf(member.surname, sizeof(member.surname), "%s", surname);
	assert_ok(pb_store_begin(desk->app.store, &err), &err);
	member.organisation = school(desk);
	assert_ok(pb_register_add_member(desk->app.office.members, &member, &stored, &err), &err);
	assert_ok(pb_store_commit(desk->app.store, &err), &err);
	return stored;
}

struct softcard *desk_blank_of(const struct softcard_options *kind, uint16_t number)
{
	const uint8_t uid[] = { 0x04, 0x11, 0x22, 0x33, 0x44, (uint8_t)(0x55 + (number >> 8)), (uint8_t)number };
	struct softcard_options options = *kind;
	struct softcard *card;
	struct pb_err err = { 0 };

	options.uid = PB_VIEW(uid);
	assert_ok(softcard_create(&options, &card, &err), &err);
	return card;
}

struct softcard *desk_blank(uint8_t number)
{
	const struct softcard_options ours = { .kind = SOFTCARD_APPLET };

	return desk_blank_of(&ours, number);
}

void desk_make_master(struct desk *desk, enum pb_master_family family)
{
	struct pb_config config = desk->app.config;
	struct pb_generation made;
	struct pb_err err = { 0 };
	bool finished;

	pb_app_close(&desk->app);
	assert_ok(pb_app_roll_master(&config, NULL, family, &made, &finished, &err), &err);
	open_office(desk);
}

void desk_put(struct desk *desk, struct softcard *card)
{
	desk->card = card;
	softcard_reader_put(desk->reader, card);
}

void desk_put_back(struct desk *desk, struct softcard *card)
{
	softcard_reader_put(desk->reader, NULL);
	softcard_put_back(card);
	desk_put(desk, card);
}

enum pb_status desk_issue(struct desk *desk, const char *member_number, struct pb_receipt *ret_receipt, struct pb_err *err)
{
	struct pb_issue_request request;
	enum pb_status s = pb_request_first(&desk->app.office, member_number, NULL, &request, err);

	*ret_receipt = (struct pb_receipt){ 0 };
	return s == PB_OK ? desk_meet(desk, &request, ret_receipt, err) : s;
}

enum pb_status desk_meet(struct desk *desk, const struct pb_issue_request *request, struct pb_receipt *ret_receipt,
			 struct pb_err *err)
{
	struct pb_card_identity card;
	enum pb_status s = pb_station_offer(desk->station, 0, &card, err);

	return s == PB_OK ? pb_issue_card(&desk->app.office, desk->station, &card, request, ret_receipt, err) : s;
}

struct pb_ledger_card desk_card(struct desk *desk, uint64_t serial)
{
	struct pb_ledger_card card;
	struct pb_err err = { 0 };
	bool found;

	assert_ok(pb_ledger_card_by_serial(desk->app.office.ledger, serial, &card, &found, &err), &err);
	assert_true(found);
	return card;
}

static void fail_with_finding(void *context, const struct pb_finding *finding)
{
	(void)context;
	fail_msg("audit: %s, entry %llu, card %llu", pb_finding_name(finding->code), (unsigned long long)finding->entry,
		 (unsigned long long)finding->serial);
}

void desk_assert_audited(struct desk *desk)
{
	struct pb_audit_summary summary;
	struct pb_err err = { 0 };

	assert_ok(pb_ledger_audit(desk->app.office.ledger, NULL, fail_with_finding, NULL, &summary, &err), &err);
	assert_int_equal(summary.findings, 0);
}

struct pb_verification desk_verify(struct desk *desk)
{
	struct pb_verification report;
	struct pb_err err = { 0 };

	assert_ok(pb_verify_card(&desk->app.verifier, desk->station, 100, &report, &err), &err);
	return report;
}
