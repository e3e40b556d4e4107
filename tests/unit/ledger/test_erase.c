/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Forgetting a person: what goes, what stays, and that an audit sees both a person gone without an entry and one
 * who is there in spite of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/ledger/internal.h"
#include "keys/crypto/hash.h"
#include "tests/unit/ledger/office.h"

static struct office office;
static const uint8_t code[16] = "the act's secret";

static int fresh(void **state)
{
	(void)state;
	office_fresh(&office, 100);
	return 0;
}

static void must(enum pb_status status, const struct pb_err *err)
{
	office_must(status, err, "erase");
}

static struct pb_erasing erasing_of(const struct request *request)
{
	struct pb_erasing erasing = { .member_number = request->member, .reason = PB_REASON_CONSENT, .actor = "clerk" };

	pb_hmac_sha256(PB_VIEW(code), pb_view_text(request->member), erasing.commitment);
	return erasing;
}

static struct pb_erased erase(unsigned member)
{
	struct request request;
	struct pb_erasing erasing;
	struct pb_err err = { 0 };
	struct pb_erased erased;

	office_request(member, member, &request);
	erasing = erasing_of(&request);
	must(pb_ledger_erase_begin(office.ledger, &erasing, &erased, &err), &err);
	must(pb_ledger_erase_commit(office.ledger, &err), &err);
	return erased;
}

static void revoke(uint64_t serial)
{
	struct pb_err err = { 0 };

	must(pb_ledger_revoke(office.ledger, serial, PB_REASON_RETURNED, NULL, &err), &err);
}

static struct pb_entry entry_at(uint64_t index)
{
	struct pb_entry entry;
	struct pb_err err = { 0 };

	must(ledger_read_entry(office.store, index, &entry, &err), &err);
	return entry;
}

static void a_forgotten_persons_cards_have_nobody(void **state)
{
	uint64_t one = office_issue(&office, 1), other = office_issue(&office, 2);
	struct pb_ledger_card card;
	struct pb_erased erased;
	struct pb_entry entry;
	uint8_t commitment[PB_SHA256_LEN];
	struct request request;

	(void)state;
	revoke(one);
	erased = erase(1);
	assert_int_equal(erased.count, 1);
	card = office_card(&office, one);
	assert_string_equal(card.member_number, "");
	assert_int_equal(card.chip_token_n + card.face_token_n, 0);
	assert_int_equal(card.state, PB_CARD_IS_REVOKED);
	assert_true(office_card(&office, other).chip_token_n > 0);
	entry = entry_at(erased.first);
	assert_int_equal(entry.type, PB_ENTRY_ERASED);
	assert_int_equal(entry.serial, one);
	assert_int_equal(entry.reason, PB_REASON_CONSENT);
	office_request(1, 1, &request);
	pb_hmac_sha256(PB_VIEW(code), pb_view_text(request.member), commitment);
	assert_memory_equal(entry.digest, commitment, sizeof(commitment));
	office_assert_sound(&office);
}

static void each_card_of_the_person_has_its_entry(void **state)
{
	uint64_t first = office_issue(&office, 1), second;
	struct pb_reservation reservation;
	struct pb_err err = { 0 };
	struct pb_erased erased;
	struct request request;

	(void)state;
	revoke(first);
	office_request(1, 7, &request);
	request.reserve.idempotency_key = "another";
	request.reserve.replaces = first;
	must(office_begin(&office, &request, &reservation), &err);
	must(office_commit(&office, &reservation, &err), &err);
	second = reservation.serial;
	must(pb_ledger_issued(office.ledger, second, 0x30, false, &err), &err);
	revoke(second);
	erased = erase(1);
	assert_int_equal(erased.count, 2);
	assert_int_equal(entry_at(erased.first).serial, first);
	assert_int_equal(entry_at(erased.first + 1).serial, second);
	office_assert_sound(&office);
}

static void a_person_without_a_card_has_an_entry_too(void **state)
{
	struct pb_erased erased = erase(5);

	(void)state;
	assert_int_equal(erased.count, 1);
	assert_int_equal(entry_at(erased.first).serial, 0);
	office_assert_sound(&office);
}

static void nobody_with_a_live_card_is_forgotten(void **state)
{
	struct pb_erasing erasing;
	struct pb_erased erased;
	struct request request;
	struct pb_err err = { 0 };
	uint64_t before;

	(void)state;
	office_issue(&office, 1);
	office_reserve(&office, 2, 2);
	before = office.ledger->head.edge.size;
	for (unsigned member = 1; member <= 2; member++) {
		office_request(member, member, &request);
		erasing = erasing_of(&request);
		assert_int_equal(pb_ledger_erase_begin(office.ledger, &erasing, &erased, &err), PB_CARD_EXISTS);
	}
	erasing.reason = PB_REASON_LOST;
	assert_int_equal(pb_ledger_erase_begin(office.ledger, &erasing, &erased, &err), PB_INPUT_INVALID);
	assert_int_equal(office.ledger->head.edge.size, before);
	office_assert_sound(&office);
}

static void what_is_abandoned_never_was(void **state)
{
	uint64_t one = office_issue(&office, 1);
	struct pb_erasing erasing;
	struct pb_erased erased;
	struct request request;
	struct pb_err err = { 0 };

	(void)state;
	revoke(one);
	office_request(1, 1, &request);
	erasing = erasing_of(&request);
	must(pb_ledger_erase_begin(office.ledger, &erasing, &erased, &err), &err);
	pb_ledger_erase_abandon(office.ledger);
	assert_string_equal(office_card(&office, one).member_number, request.member);
	office_assert_sound(&office);
	assert_int_equal(erase(1).count, 1);
}

static void somebody_who_came_back_is_found(void **state)
{
	uint64_t one = office_issue(&office, 1), intent;
	struct findings findings;

	(void)state;
	revoke(one);
	intent = office_card(&office, one).intent;
	erase(1);
	office_close(&office);
	office_sql(&office, "UPDATE card SET face_token=x'41' WHERE serial=7501000001");
	office_look(&office);
	office_audit(&office, &findings);
	assert_int_equal(findings.summary.findings, 1);
	assert_true(findings_have(&findings, PB_FINDING_ERASURE, intent));
}

/* What this program does not write: of a live card, and twice. */
static void an_erasure_that_could_not_have_been_is_found(void **state)
{
	uint64_t one = office_issue(&office, 1), index;
	struct pb_entry entry = { .type = PB_ENTRY_ERASED, .serial = one, .reason = PB_REASON_TERM };
	struct findings findings;
	struct pb_err err = { 0 };

	(void)state;
	entry.intent = office_card(&office, one).intent;
	must(ledger_begin(office.ledger, &err), &err);
	must(ledger_append(office.ledger, &entry, &index, &err), &err);
	must(ledger_commit_signed(office.ledger, &err), &err);
	office_audit(&office, &findings);
	assert_true(findings_have(&findings, PB_FINDING_ERASURE, index));
	assert_true(findings_have(&findings, PB_FINDING_ERASURE, entry.intent));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_forgotten_persons_cards_have_nobody, fresh),
		cmocka_unit_test_setup(each_card_of_the_person_has_its_entry, fresh),
		cmocka_unit_test_setup(a_person_without_a_card_has_an_entry_too, fresh),
		cmocka_unit_test_setup(nobody_with_a_live_card_is_forgotten, fresh),
		cmocka_unit_test_setup(what_is_abandoned_never_was, fresh),
		cmocka_unit_test_setup(somebody_who_came_back_is_found, fresh),
		cmocka_unit_test_setup(an_erasure_that_could_not_have_been_is_found, fresh),
	};
	int failed;

	office_create(&office);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	office_destroy(&office);
	return failed;
}
