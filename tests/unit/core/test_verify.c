/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/core/verify.h: what the trust list says of an issuer decides about a face that its key signed; a
 * status list decides about the card where no ledger is; and old lists are told of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "issuer/core/verify.h"
#include "issuer/credential/url.h"
#include "keys/keystore.h"
#include "keys/status_folder.h"
#include "tests/lib/published_trust.h"
#include "tests/lib/sign_credential.h"

enum { DAY = 86400, MADE = 1790000000, SIGNED_ON = MADE + 10 * DAY, LIST = 2, SLOT = 40007 };
static const char host[] = "profbilet.example";

/* The office of the running test: its keys, and where they are. */
static struct {
	char directory[64], keys[80], public_directory[96];
	struct pb_clock clock;
	struct pb_keystore *store;
	struct pb_credential_url face; /* address in the QR code */
} office;

static void must(enum pb_status s, const struct pb_err *err)
{
	if (s != PB_OK)
		fail_msg("%s", err->msg);
}

static void sign_face(void)
{
	struct pb_face_claims claims = {
		.card = { .member_number = pb_view_text("6437000000000018"), .expires = SIGNED_ON + 5 * 365 * DAY, .serial = 1000000001,
			  .status_list = LIST, .status_index = SLOT },
		.issuer = pb_view_text("RU-75-TST"), .not_before = SIGNED_ON, .name = pb_view_text("Доржиева Вера"),
		.organisation_code = pb_view_text("7501"),
	};
	struct pb_signing_order order = { .serial = 1000000001 };
	struct pb_credential_draft draft;
	struct pb_credential_token token;
	struct pb_sig_structure structure;
	uint8_t kid[PB_KID_LEN], sig[64];
	struct pb_err err = { 0 };

	pb_keystore_issuer_kid(office.store, kid);
	must(pb_face_draft(&claims, kid, &draft, &err), &err);
	pb_credential_sig_structure(&draft, pb_view(NULL, 0), &structure);
	must(sign_credential(office.store, &order, pb_sig_structure_view(&structure), sig, &err), &err);
	pb_credential_seal(&draft, sig, &token);
	must(pb_credential_url(host, pb_credential_token_view(&token), &office.face, &err), &err);
}

static int make_office(void **state)
{
	struct pb_secret passphrase = { .bytes = "verify", .n = 6 };
	struct pb_keystore_options options = { .clock = &office.clock };
	struct pb_err err = { 0 };

	(void)state;
	(void)snprintf(office.directory, sizeof(office.directory), "/tmp/profbilet-verify-XXXXXX");
	assert_non_null(mkdtemp(office.directory));
	(void)snprintf(office.keys, sizeof(office.keys), "%s/keys", office.directory);
	(void)snprintf(office.public_directory, sizeof(office.public_directory), "%s/public", office.keys);
	office.clock = pb_clock_at(MADE);
	must(pb_keystore_create_test(office.keys, &passphrase, "RU-75-TST", "Test office", &office.clock, &err), &err);
	must(pb_keystore_open(office.keys, &passphrase, &options, &office.store, &err), &err);
	sign_face();
	return 0;
}

static int remove_office(void **state)
{
	char command[96];

	(void)state;
	pb_keystore_close(office.store);
	(void)snprintf(command, sizeof(command), "rm -r '%s'", office.directory);
	return system(command);
}

/* The verdict at that moment, of a shop whose list says `state` and `last_signing` of the issuer. */
static struct pb_verification verify(enum pb_issuer_state state, int64_t last_signing, int64_t now)
{
	struct pb_clock clock = pb_clock_at(now);
	struct pb_trust_change change = { .state = state, .last_signing = last_signing };
	struct pb_verification report;
	struct pb_verifier verifier = { .clock = &clock, .verify_host = host };
	struct pb_statuses *statuses = NULL;
	struct pb_trust *trust;
	struct pb_err err = { 0 };

	pb_keystore_issuer_kid(office.store, change.kid);
	trust = published_trust(office.public_directory, office.store, SIGNED_ON, &change, 1);
	must(pb_statuses_load(office.public_directory, &statuses, &err), &err);
	verifier.trust = trust;
	verifier.statuses = statuses;
	must(pb_verify_text(&verifier, office.face.text, &report, &err), &err);
	pb_statuses_destroy(statuses);
	pb_trust_destroy(trust);
	return report;
}

/* What becomes of a status list of that moment, with the card refused or not, when the shop takes it in. */
static enum pb_status_fault bring_list(uint32_t number, int64_t issued_at, bool refused)
{
	struct pb_status_list list = { .issued_at = issued_at, .expires = issued_at + PB_STATUS_LIVES }, taken;
	struct pb_statuses *statuses = NULL;
	uint8_t token[PB_STATUS_TOKEN_MAX];
	enum pb_status_fault fault;
	struct pb_err err = { 0 };
	bool is_new;
	size_t n;

	must(pb_status_list_name(&list, host, "RU-75-TST", number, &err), &err);
	if (refused)
		list.bits[SLOT / 8] |= 1u << SLOT % 8;
	must(pb_statuses_load(office.public_directory, &statuses, &err), &err);
	must(pb_statuses_sign(statuses, &list, office.store, token, &n, &err), &err);
	pb_statuses_destroy(statuses);
	must(pb_status_accept(office.public_directory, pb_view(token, n), &taken, &is_new, &fault, &err), &err);
	return fault;
}

static void a_status_list_decides_about_the_card(void **state)
{
	struct pb_verification report;

	(void)state;
	assert_int_equal(bring_list(LIST + 1, SIGNED_ON, true), PB_STATUS_FAULT_NONE);
	report = verify(PB_ISSUER_ACTIVE, 0, SIGNED_ON + DAY);
	assert_int_equal(report.verdict, PB_VERDICT_VALID); /* of another list */
	assert_false(report.revocation_checked);
	assert_int_equal(bring_list(LIST, SIGNED_ON, true), PB_STATUS_FAULT_NONE);
	report = verify(PB_ISSUER_ACTIVE, 0, SIGNED_ON + 9 * DAY);
	assert_int_equal(report.verdict, PB_VERDICT_REVOKED);
	assert_true(report.revocation_checked && report.by_status_list);
	assert_int_equal(report.status_age, 9 * DAY);
	assert_int_equal(bring_list(LIST, SIGNED_ON, true), PB_STATUS_FAULT_FORK); /* no two signatures are the same */
	assert_int_equal(bring_list(LIST, SIGNED_ON - 1, false), PB_STATUS_FAULT_ROLLBACK);
	assert_int_equal(verify(PB_ISSUER_ACTIVE, 0, SIGNED_ON + DAY).verdict, PB_VERDICT_REVOKED);
	assert_int_equal(bring_list(LIST, SIGNED_ON + 1, false), PB_STATUS_FAULT_NONE); /* a suspension has ended */
	report = verify(PB_ISSUER_ACTIVE, 0, SIGNED_ON + 40 * DAY);
	assert_int_equal(report.verdict, PB_VERDICT_VALID);
	assert_int_equal(report.status_age, 40 * DAY - 1);
}

/* In this order: what a list has said is never taken back by the next. */
static void the_list_decides_about_the_issuer(void **state)
{
	struct pb_verification report = verify(PB_ISSUER_ACTIVE, 0, SIGNED_ON + DAY);

	(void)state;
	assert_int_equal(report.verdict, PB_VERDICT_VALID);
	assert_true(report.test);
	assert_false(report.trust_old);
	assert_int_equal(report.trust_age, DAY);
	assert_int_equal(verify(PB_ISSUER_ACTIVE, 0, SIGNED_ON - 30 * DAY).verdict, PB_VERDICT_REFUSED_ISSUER); /* no such key yet */
	assert_int_equal(verify(PB_ISSUER_ACTIVE, 0, MADE + 8 * 365 * DAY).verdict, PB_VERDICT_REFUSED_ISSUER); /* nor any more */
	assert_int_equal(verify(PB_ISSUER_RETIRED, SIGNED_ON, SIGNED_ON + DAY).verdict, PB_VERDICT_VALID);
	assert_int_equal(verify(PB_ISSUER_RETIRED, SIGNED_ON - 1, SIGNED_ON + DAY).verdict, PB_VERDICT_REFUSED_ISSUER);
}

/* Also what is dated well before: a date can be forged with the key. */
static void no_face_of_a_compromised_key_is_good(void **state)
{
	(void)state;
	assert_int_equal(verify(PB_ISSUER_ACTIVE, 0, SIGNED_ON + DAY).verdict, PB_VERDICT_VALID);
	assert_int_equal(verify(PB_ISSUER_COMPROMISED, 0, SIGNED_ON + DAY).verdict, PB_VERDICT_REFUSED_ISSUER);
}

static void an_old_list_is_used_and_told_of(void **state)
{
	struct pb_verification report = verify(PB_ISSUER_ACTIVE, 0, SIGNED_ON + 100 * DAY);

	(void)state;
	assert_int_equal(report.verdict, PB_VERDICT_VALID);
	assert_true(report.trust_old);
	assert_int_equal(report.trust_age, 100 * DAY);
}

/* What a list has said is never taken back: each test begins with no list. */
#define OWN_OFFICE(test) cmocka_unit_test_setup_teardown(test, make_office, remove_office)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OWN_OFFICE(a_status_list_decides_about_the_card),
		OWN_OFFICE(an_old_list_is_used_and_told_of),
		OWN_OFFICE(the_list_decides_about_the_issuer),
		OWN_OFFICE(no_face_of_a_compromised_key_is_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
