/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What keeps an office from working: each thing alone, on an office made from a ceremony with real keys.  What the
 * commands make of it is in tests/flow/f-production.test.
 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "issuer/app/app.h"
#include "issuer/core/ceremony.h"
#include "issuer/ledger/ledger.h"
#include "keys/keystore.h"

enum { PATH_ROOM = 512, DAY = 24 * 3600 };

static struct place {
	char folder[64];
	struct pb_app app;
	int64_t made;
} place;

static const char *path_of(const char *name)
{
	static char path[4][PATH_ROOM];
	static size_t next;

	next = (next + 1) % 4;
	(void)snprintf(path[next], PATH_ROOM, "%s/%s", place.folder, name);
	return path[next];
}

static void must(enum pb_status s, const struct pb_err *err)
{
	if (s != PB_OK)
		fail_msg("%s", err->msg);
}

/* As custodians would: every share read back. */
static void hold_ceremony(void)
{
	struct pb_ceremony_plan plan = { .issuer_code = "RU-75-01", .issuer_name = "Краевая организация", .needed = 2, .count = 2,
					 .workspace = path_of("workspace"), .clock = &pb_clock_system };
	int64_t at[PB_MOMENTS] = { place.made, place.made, place.made, place.made };
	char note[PB_CEREMONY_RECORD_MAX];
	struct pb_ceremony *ceremony = NULL;
	struct pb_err err = { 0 };

	must(pb_ceremony_begin(&plan, &ceremony, &err), &err);
	for (unsigned i = 1; i <= 2; i++)
		assert_int_equal(pb_ceremony_read_back(ceremony, pb_ceremony_share(ceremony, i)), PB_READ_COUNTED);
	must(pb_ceremony_record(ceremony, at, pb_view_text("paper"), note, &err), &err);
	must(pb_ceremony_equip(ceremony, pb_view_text(note), &pb_clock_system, path_of("gift"), &err), &err);
	pb_ceremony_end(ceremony);
}

static int make_office(void **state)
{
	static const char *const values[] = { "keys.process", "in-process", NULL };
	struct pb_config config;
	struct pb_err err = { 0 };
	bool test = true;

	(void)state;
	(void)snprintf(place.folder, sizeof(place.folder), "/tmp/profbilet-ready.XXXXXX");
	assert_non_null(mkdtemp(place.folder));
	place.made = pb_clock_now(&pb_clock_system);
	hold_ceremony();
	must(pb_app_create_office(path_of("office"), path_of("gift"), values, &test, &err), &err);
	assert_false(test);
	must(pb_config_load(path_of("office/profbilet.conf"), &config, &err), &err);
	must(pb_app_open(&config, PB_APP_WRITE, &place.app, &err), &err);
	place.made = pb_clock_now(&pb_clock_system);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static int remove_office(void **state)
{
	(void)state;
	pb_app_close(&place.app);
	return nftw(place.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct pb_readiness look_at(int64_t when)
{
	struct pb_clock clock = pb_clock_at(when);
	struct pb_readiness readiness;

	pb_readiness_look(&place.app.config, place.app.store, &clock, &readiness);
	pb_readiness_look_at_keys(&place.app.config, place.app.store, &clock, place.app.office.keys, &readiness);
	return readiness;
}

static bool has(const struct pb_readiness *readiness, enum pb_unready_code code, const char *about)
{
	for (size_t i = 0; i < readiness->count; i++)
		if (readiness->found[i].code == code && strcmp(readiness->found[i].about, about) == 0)
			return true;
	return false;
}

/* That and nothing else. */
static void assert_only(const struct pb_readiness *readiness, enum pb_unready_code code, const char *about)
{
	struct pb_err err = { 0 };

	if (readiness->count != 1 || !has(readiness, code, about))
		fail_msg("%zu found, not %s %s alone", readiness->count, pb_unready_row(code)->name, about);
	assert_int_equal(pb_readiness_judge(readiness, &err), PB_NOT_READY);
	assert_non_null(strstr(err.msg, pb_unready_row(code)->name));
}

static void an_office_from_a_ceremony_is_fit(void **state)
{
	struct pb_readiness readiness = look_at(pb_clock_now(&pb_clock_system));

	(void)state;
	assert_int_equal(readiness.count, 0);
	assert_int_equal(pb_readiness_judge(&readiness, NULL), PB_OK);
}

static void each_file_is_private_and_ours(void **state)
{
	static const char *const files[] = { "office/profbilet.conf", "office/passphrase", "office/office.db", "office/keys",
					     "office/keys/issuer.key", "office/keys/signing-counter", "office/keys/pseudonym.key" };
	struct pb_readiness readiness;
	struct stat st;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *path = path_of(files[i]);

		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(chmod(path, st.st_mode | S_IRGRP), 0);
		readiness = look_at(place.made);
		assert_only(&readiness, PB_UNREADY_EXPOSED, path);
		assert_int_equal(chmod(path, st.st_mode | S_IROTH), 0);
		readiness = look_at(place.made);
		assert_only(&readiness, PB_UNREADY_EXPOSED, path);
		assert_int_equal(chmod(path, st.st_mode), 0);
		if (geteuid() != 0)
			continue;
		assert_int_equal(chown(path, 65534, (gid_t)-1), 0);
		readiness = look_at(place.made);
		assert_only(&readiness, PB_UNREADY_OWNER, path);
		assert_int_equal(chown(path, 0, (gid_t)-1), 0);
	}
}

static void a_file_that_is_gone_is_named(void **state)
{
	const char *path = path_of("office/profbilet.conf");
	struct pb_readiness readiness;

	(void)state;
	assert_int_equal(rename(path, path_of("aside")), 0);
	readiness = look_at(place.made);
	assert_only(&readiness, PB_UNREADY_ABSENT, path);
	assert_int_equal(rename(path_of("aside"), path), 0);
}

static void a_root_key_does_not_lie_in_the_office(void **state)
{
	static const char *const names[] = { "office/keys/root.key", "office/keys/root-spare.key", "office/root.key" };
	struct pb_readiness readiness;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = path_of(names[i]);
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		assert_int_equal(fclose(file), 0);
		assert_int_equal(chmod(path, 0600), 0);
		readiness = look_at(place.made);
		assert_only(&readiness, PB_UNREADY_ROOT_KEY, path);
		assert_int_equal(unlink(path), 0);
	}
}

static void settings_are_looked_at(void **state)
{
	struct pb_config *config = &place.app.config;
	struct pb_readiness readiness;

	(void)state;
	config->allow_factory_keys = true;
	readiness = look_at(place.made);
	assert_only(&readiness, PB_UNREADY_FACTORY_KEYS, "");
	config->allow_factory_keys = false;
	memcpy(config->mode, "test", sizeof("test"));
	readiness = look_at(place.made);
	assert_only(&readiness, PB_UNREADY_REAL_KEYS, "");
	memcpy(config->mode, "production", sizeof("production"));
}

static void certificates_have_their_time(void **state)
{
	struct pb_readiness readiness = look_at(place.made - 2 * DAY);

	(void)state;
	assert_true(has(&readiness, PB_UNREADY_CERTIFICATE_EARLY, "issuer"));
	assert_true(has(&readiness, PB_UNREADY_CLOCK, ""));
	readiness = look_at(place.made + 380 * (int64_t)DAY); /* twelve months and a half */
	assert_int_equal(readiness.count, 0);
	readiness = look_at(place.made + 400 * (int64_t)DAY); /* thirteen months and some days */
	assert_true(has(&readiness, PB_UNREADY_SIGNING_OVER, "issuer"));
	assert_true(has(&readiness, PB_UNREADY_SIGNING_OVER, "status-list"));
	assert_true(has(&readiness, PB_UNREADY_SIGNING_OVER, "trust-list"));
	assert_int_equal(readiness.count, 3);
	pb_readiness_forgive_time(&readiness);
	assert_int_equal(readiness.count, 0);
	readiness = look_at(place.made + 8 * 366 * (int64_t)DAY);
	assert_true(has(&readiness, PB_UNREADY_CERTIFICATE_OVER, "issuer"));
}

static void a_clock_behind_the_ledger_is_noticed(void **state)
{
	struct pb_readiness readiness = look_at(place.made - 4);

	(void)state;
	assert_false(has(&readiness, PB_UNREADY_CLOCK, ""));
	readiness = look_at(place.made - 60);
	assert_true(has(&readiness, PB_UNREADY_CLOCK, ""));
}

/* As if the protocol that was signed had said so. */
static void say_in_ledger(const struct pb_ceremony_step *step)
{
	struct pb_err err = { 0 };

	must(pb_ledger_note_ceremony(place.app.office.ledger, step, 1, &err), &err);
}

static void every_key_is_that_of_the_protocol(void **state)
{
	static const struct {
		enum pb_key_step step;
		const char *about;
	} keys[] = {
		{ PB_STEP_ROOT, "root" },	      { PB_STEP_ROOT_SPARE, "root-spare" }, { PB_STEP_STATUS_LIST, "status-list" },
		{ PB_STEP_TRUST_LIST, "trust-list" }, { PB_STEP_CARD_MASTER, "card-master" },
	};
	struct pb_readiness readiness;

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct pb_ceremony_step step, other;
		struct pb_err err = { 0 };
		bool found;

		must(pb_ledger_last_ceremony_step(place.app.office.ledger, keys[i].step, &step, &found, &err), &err);
		assert_true(found);
		other = step;
		other.digest[0] ^= 1;
		other.kcv[0] ^= 1;
		say_in_ledger(&other);
		readiness = look_at(pb_clock_now(&pb_clock_system));
		assert_only(&readiness, PB_UNREADY_KEY_DIFFERS, keys[i].about);
		say_in_ledger(&step);
	}
	an_office_from_a_ceremony_is_fit(state);
}

static void the_key_that_signs_is_that_of_the_protocol(void **state)
{
	struct pb_ceremony_step step, other;
	struct pb_readiness readiness;
	struct pb_err err = { 0 };
	bool found;

	(void)state;
	must(pb_ledger_last_ceremony_step(place.app.office.ledger, PB_STEP_ISSUER, &step, &found, &err), &err);
	other = step;
	other.digest[31] ^= 1;
	say_in_ledger(&other);
	/* A key that nobody has: the one that signs was entered before. */
	readiness = look_at(pb_clock_now(&pb_clock_system));
	assert_only(&readiness, PB_UNREADY_KEY_DIFFERS, "issuer");
	say_in_ledger(&step);
}

/* Opened as a command does it: the keys stay closed. */
static void what_is_not_fit_is_not_opened(void **state)
{
	struct pb_config config = place.app.config;
	struct pb_app app;
	struct pb_err err = { 0 };

	(void)state;
	pb_app_close(&place.app);
	config.allow_factory_keys = true;
	assert_int_equal(pb_app_open(&config, PB_APP_WRITE, &app, &err), PB_NOT_READY);
	assert_non_null(strstr(err.msg, "factory-keys"));
	must(pb_app_open(&config, PB_APP_READ, &app, &err), &err);
	pb_app_close(&app);
	must(pb_app_open(&config, PB_APP_VERIFY, &app, &err), &err);
	pb_app_close(&app);
	config.allow_factory_keys = false;
	must(pb_app_open(&config, PB_APP_WRITE, &place.app, &err), &err);
}

static void test_keys_are_not_for_production(void **state)
{
	struct pb_config config;
	struct pb_readiness readiness;
	struct pb_app app;
	struct pb_err err = { 0 };

	(void)state;
	must(pb_app_create_test_office(path_of("try"), NULL, NULL, &err), &err);
	must(pb_config_load(path_of("try/profbilet.conf"), &config, &err), &err);
	assert_string_equal(config.mode, "test");
	memcpy(config.mode, "production", sizeof("production"));
	assert_int_equal(pb_app_open(&config, PB_APP_WRITE, &app, &err), PB_NOT_READY);
	pb_app_check(&config, NULL, &readiness);
	assert_true(has(&readiness, PB_UNREADY_TEST_KEYS, ""));
	assert_true(has(&readiness, PB_UNREADY_NO_CEREMONY, "root"));
	assert_true(has(&readiness, PB_UNREADY_NO_CEREMONY, "card_master"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_office_from_a_ceremony_is_fit),
		cmocka_unit_test(each_file_is_private_and_ours),
		cmocka_unit_test(a_file_that_is_gone_is_named),
		cmocka_unit_test(a_root_key_does_not_lie_in_the_office),
		cmocka_unit_test(settings_are_looked_at),
		cmocka_unit_test(certificates_have_their_time),
		cmocka_unit_test(a_clock_behind_the_ledger_is_noticed),
		cmocka_unit_test(every_key_is_that_of_the_protocol),
		cmocka_unit_test(the_key_that_signs_is_that_of_the_protocol),
		cmocka_unit_test(what_is_not_fit_is_not_opened),
		cmocka_unit_test(test_keys_are_not_for_production),
	};

	return cmocka_run_group_tests_name("readiness", tests, make_office, remove_office);
}
