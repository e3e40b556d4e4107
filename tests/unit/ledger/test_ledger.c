/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ledger as the issue flow sees it: reserve, issue, print, spoil, revoke, reissue; what is refused and
 * how; what is found again after closing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/ledger/note.h"
#include "tests/unit/ledger/office.h"

static struct office office;

static int fresh(void **state)
{
	(void)state;
	office_fresh(&office, 100);
	return 0;
}

static struct pb_ledger_card card(uint64_t serial)
{
	return office_card(&office, serial);
}

static struct pb_ledger_counts counts(void)
{
	struct pb_ledger_counts now;

	pb_ledger_counts(office.ledger, &now);
	assert_int_equal(now.received, now.issued + now.spoiled + now.left);
	return now;
}

static enum pb_status try_reserve(unsigned member, unsigned chip, const char *key, uint64_t replaces)
{
	struct pb_reservation reservation;
	struct request request;
	enum pb_status s;

	office_request(member, chip, &request);
	if (key != NULL)
		request.reserve.idempotency_key = key;
	request.reserve.replaces = replaces;
	s = office_begin(&office, &request, &reservation);
	if (s == PB_OK && !reservation.existing)
		pb_ledger_reserve_abandon(office.ledger);
	return s;
}

/* ---- reserving and issuing */

static void a_card_goes_from_reserved_to_printed(void **state)
{
	struct pb_err err = { 0 };
	uint64_t serial = office_reserve(&office, 1, 1);

	(void)state;
	assert_int_equal(serial, OFFICE_SERIAL(1));
	assert_int_equal(card(serial).state, PB_CARD_IS_RESERVED);
	assert_int_equal(counts().open, 1);
	assert_int_equal(pb_ledger_issued(office.ledger, serial, 0x30, false, &err), PB_OK);
	assert_int_equal(card(serial).state, PB_CARD_IS_ISSUED);
	assert_int_equal(counts().open, 0);
	assert_int_equal(pb_ledger_printed(office.ledger, &serial, 1, &err), PB_OK);
	assert_int_equal(card(serial).state, PB_CARD_IS_PRINTED);
	assert_string_equal(card(serial).member_number, "750100000000001");
	assert_memory_equal(card(serial).chip_token, "chip 7501000001", 15);
	assert_memory_equal(card(serial).face_token, "face 7501000001", 15);
	assert_int_equal(counts().issued, 1);
	assert_int_equal(counts().left, 99);
	office_assert_sound(&office);
}

static void the_same_key_is_the_same_card(void **state)
{
	struct pb_reservation again;
	struct request request;
	uint64_t serial = office_reserve(&office, 1, 1), entries = counts().entries;

	(void)state;
	office_request(1, 1, &request);
	assert_int_equal(office_begin(&office, &request, &again), PB_OK);
	assert_true(again.existing);
	assert_int_equal(again.serial, serial);
	assert_int_equal(again.status.index, card(serial).status.index);
	assert_int_equal(counts().entries, entries);
	/* A half-written card is also found by a new job. */
	request.reserve.idempotency_key = "job-2/1";
	assert_int_equal(office_begin(&office, &request, &again), PB_OK);
	assert_true(again.existing);
	assert_int_equal(again.serial, serial);
	assert_false(pb_store_in_transaction(office.store));
}

static void the_same_key_for_another_card_is_refused(void **state)
{
	(void)state;
	(void)office_reserve(&office, 1, 1);
	assert_int_equal(try_reserve(1, 2, NULL, 0), PB_CONFLICT);
	assert_int_equal(try_reserve(2, 1, "job-1/1", 0), PB_CONFLICT);
}

static void a_chip_and_a_member_have_one_live_card(void **state)
{
	struct pb_err err = { 0 };
	uint64_t serial = office_reserve(&office, 1, 1);

	(void)state;
	assert_int_equal(try_reserve(2, 1, NULL, 0), PB_CARD_RESERVED);
	assert_int_equal(try_reserve(1, 2, "other", 0), PB_CARD_EXISTS);
	assert_int_equal(pb_ledger_issued(office.ledger, serial, 0x30, false, &err), PB_OK);
	assert_int_equal(try_reserve(2, 1, NULL, 0), PB_CARD_LIVE);
	assert_int_equal(try_reserve(1, 1, "other", 0), PB_CARD_EXISTS);
	assert_int_equal(try_reserve(1, 2, "other", 0), PB_CARD_EXISTS);
	assert_int_equal(pb_ledger_suspend(office.ledger, serial, NULL, &err), PB_OK);
	assert_int_equal(try_reserve(1, 2, "other", 0), PB_CARD_EXISTS);
	assert_int_equal(pb_ledger_resume(office.ledger, serial, NULL, &err), PB_OK);
	assert_int_equal(card(serial).state, PB_CARD_IS_ISSUED);
	assert_int_equal(pb_ledger_revoke(office.ledger, serial, PB_REASON_LOST, NULL, &err), PB_OK);
	assert_int_equal(try_reserve(1, 2, "other", 0), PB_OK);
	office_assert_sound(&office);
}

static void without_blanks_nothing_is_reserved(void **state)
{
	struct pb_err err = { 0 };

	(void)state;
	office_fresh(&office, 0);
	assert_int_equal(try_reserve(1, 1, NULL, 0), PB_STOCK_EMPTY);
	assert_int_equal(pb_ledger_receive_blanks(office.ledger, 1, "B", NULL, &err), PB_OK);
	(void)office_reserve(&office, 1, 1);
	assert_int_equal(try_reserve(2, 2, NULL, 0), PB_STOCK_EMPTY);
	/* Voiding gives the blank back, spoiling does not. */
	assert_int_equal(pb_ledger_void(office.ledger, OFFICE_SERIAL(1), PB_REASON_OTHER, "op", &err), PB_OK);
	assert_int_equal(counts().left, 1);
	assert_int_equal(office_reserve(&office, 2, 1), OFFICE_SERIAL(2));
	assert_int_equal(pb_ledger_spoil(office.ledger, OFFICE_SERIAL(2), PB_REASON_CHIP_FAULT, "op", &err), PB_OK);
	assert_int_equal(counts().left, 0);
	assert_int_equal(try_reserve(3, 3, NULL, 0), PB_STOCK_EMPTY);
	office_assert_sound(&office);
}

static void an_abandoned_reservation_leaves_no_trace(void **state)
{
	struct pb_reservation reservation;
	struct request request;
	uint64_t entries = counts().entries;

	(void)state;
	office_request(1, 1, &request);
	assert_int_equal(office_begin(&office, &request, &reservation), PB_OK);
	pb_ledger_reserve_abandon(office.ledger);
	assert_int_equal(counts().entries, entries);
	assert_int_equal(office_reserve(&office, 2, 2), reservation.serial);
	office_assert_sound(&office);
}

static void what_is_no_request_is_refused(void **state)
{
	struct pb_reservation reservation;
	struct request request;
	char longer[100];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(try_reserve(1, 1, "", 0), PB_INPUT_INVALID);
	assert_int_equal(try_reserve(1, 1, longer, 0), PB_INPUT_INVALID);
	office_request(1, 1, &request);
	request.reserve.uid.n = 3;
	assert_int_equal(office_begin(&office, &request, &reservation), PB_INPUT_INVALID);
	request.reserve.uid.n = 7;
	request.reserve.member_number = longer;
	assert_int_equal(office_begin(&office, &request, &reservation), PB_INPUT_INVALID);
	assert_int_equal(try_reserve(1, 1, NULL, 99), PB_NOT_FOUND);
}

static void a_credential_too_long_for_a_chip_is_refused(void **state)
{
	static const uint8_t bytes[PB_CHIP_TOKEN_MAX + 1];
	struct pb_signed_tokens tokens = { .chip = PB_VIEW(bytes) };
	struct pb_reservation reservation;
	struct pb_err err = { 0 };
	struct request request;

	(void)state;
	office_request(1, 1, &request);
	assert_int_equal(office_begin(&office, &request, &reservation), PB_OK);
	assert_int_equal(pb_ledger_reserve_commit(office.ledger, &reservation, &tokens, &err), PB_INPUT_INVALID);
	assert_int_equal(office_reserve(&office, 1, 1), reservation.serial);
	office_assert_sound(&office);
}

static void issued_may_be_said_twice(void **state)
{
	struct pb_err err = { 0 };
	uint64_t serial = office_issue(&office, 1), entries = counts().entries;

	(void)state;
	assert_int_equal(pb_ledger_issued(office.ledger, serial, 0x30, true, &err), PB_OK);
	assert_int_equal(pb_ledger_printed(office.ledger, &serial, 1, &err), PB_OK);
	assert_int_equal(pb_ledger_printed(office.ledger, &serial, 1, &err), PB_OK);
	assert_int_equal(pb_ledger_issued(office.ledger, serial, 0x30, true, &err), PB_OK);
	assert_int_equal(counts().entries, entries + 1);
}

static void moves_the_table_has_not_are_refused(void **state)
{
	struct pb_err err = { 0 };
	uint64_t serial = office_reserve(&office, 1, 1), none = OFFICE_SERIAL(99), entries = counts().entries;

	(void)state;
	assert_int_equal(pb_ledger_printed(office.ledger, &serial, 1, &err), PB_NOT_ALLOWED);
	assert_int_equal(pb_ledger_revoke(office.ledger, serial, PB_REASON_LOST, NULL, &err), PB_NOT_ALLOWED);
	assert_int_equal(pb_ledger_issued(office.ledger, none, 0x30, false, &err), PB_NOT_FOUND);
	assert_int_equal(pb_ledger_void(office.ledger, serial, (enum pb_reason)77, NULL, &err), PB_INPUT_INVALID);
	assert_int_equal(pb_ledger_void(office.ledger, serial, PB_REASON_OTHER, "", &err), PB_INPUT_INVALID);
	assert_int_equal(counts().entries, entries);
	assert_int_equal(pb_ledger_void(office.ledger, serial, PB_REASON_NOT_PRESENTED, NULL, &err), PB_OK);
	assert_int_equal(pb_ledger_issued(office.ledger, serial, 0x30, true, &err), PB_NOT_ALLOWED);
	office_assert_sound(&office);
}

static void a_print_run_is_all_or_nothing(void **state)
{
	struct pb_err err = { 0 };
	uint64_t run[] = { office_issue(&office, 1), office_issue(&office, 2), OFFICE_SERIAL(50) };

	(void)state;
	assert_int_equal(pb_ledger_printed(office.ledger, run, 3, &err), PB_NOT_FOUND);
	assert_int_equal(card(run[0]).state, PB_CARD_IS_ISSUED);
	assert_int_equal(pb_ledger_printed(office.ledger, run, 2, &err), PB_OK);
	assert_int_equal(card(run[1]).state, PB_CARD_IS_PRINTED);
	office_assert_sound(&office);
}

/* ---- loss and reissue */

static void a_lost_card_is_replaced_and_linked(void **state)
{
	struct pb_err err = { 0 };
	struct pb_reservation reservation;
	struct request request;
	uint64_t old = office_issue(&office, 1);

	(void)state;
	assert_int_equal(try_reserve(1, 2, "re", old), PB_CARD_EXISTS);
	assert_int_equal(pb_ledger_revoke(office.ledger, old, PB_REASON_LOST, "chair", &err), PB_OK);
	assert_int_equal(card(old).reason, PB_REASON_LOST);
	assert_int_equal(try_reserve(2, 2, "re", old), PB_NOT_ALLOWED);
	office_request(1, 2, &request);
	request.reserve.idempotency_key = "re";
	request.reserve.replaces = old;
	assert_int_equal(office_begin(&office, &request, &reservation), PB_OK);
	assert_int_equal(reservation.sequence, 2);
	assert_int_equal(office_commit(&office, &reservation, &err), PB_OK);
	assert_int_equal(card(old).replaced_by, 0);
	assert_int_equal(pb_ledger_issued(office.ledger, reservation.serial, 0x30, false, &err), PB_OK);
	assert_int_equal(card(old).replaced_by, reservation.serial);
	assert_int_equal(card(reservation.serial).replaces, old);
	assert_int_equal(pb_ledger_revoke(office.ledger, reservation.serial, PB_REASON_STOLEN, NULL, &err), PB_OK);
	assert_int_equal(try_reserve(1, 3, "third", old), PB_NOT_ALLOWED);
	assert_int_equal(try_reserve(1, 3, "third", reservation.serial), PB_OK);
	office_assert_sound(&office);
}

static void the_status_list_shows_who_is_refused(void **state)
{
	static uint8_t bits[PB_STATUS_SLOTS / 8];
	struct pb_err err = { 0 };
	uint64_t serials[8];
	unsigned set = 0, lists = 0;

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		serials[i] = office_issue(&office, i + 1);
	assert_int_equal(pb_ledger_revoke(office.ledger, serials[2], PB_REASON_LOST, NULL, &err), PB_OK);
	assert_int_equal(pb_ledger_spoil(office.ledger, serials[4], PB_REASON_PRINT_FAULT, NULL, &err), PB_OK);
	assert_int_equal(pb_ledger_suspend(office.ledger, serials[5], NULL, &err), PB_OK);
	assert_int_equal(pb_ledger_status_lists(office.ledger, &lists, &err), PB_OK);
	assert_int_equal(lists, 1);
	assert_int_equal(pb_ledger_status_list(office.ledger, 0, bits, &err), PB_OK);
	for (unsigned i = 0; i < 8; i++) {
		uint32_t slot = card(serials[i]).status.index;

		assert_int_equal(bits[slot / 8] >> slot % 8 & 1, i == 2 || i == 4 || i == 5);
	}
	for (size_t i = 0; i < sizeof(bits); i++)
		set += (unsigned)__builtin_popcount(bits[i]);
	assert_int_equal(set, 3);
	office_assert_sound(&office);
}

/* ---- finding again */

static bool count_card(void *ctx, const struct pb_ledger_card *found)
{
	unsigned *seen = ctx;

	assert_int_equal(card(found->serial).serial, found->serial);
	return ++*seen < 3;
}

static void cards_are_found_by_chip_member_and_state(void **state)
{
	struct pb_err err = { 0 };
	struct pb_ledger_card found;
	struct request request;
	bool is_there;
	unsigned seen = 0;

	(void)state;
	for (unsigned i = 1; i <= 5; i++)
		(void)office_reserve(&office, i, i);
	office_request(3, 3, &request);
	assert_int_equal(pb_ledger_card_by_uid(office.ledger, PB_VIEW(request.uid), &found, &is_there, &err), PB_OK);
	assert_true(is_there && found.serial == OFFICE_SERIAL(3));
	assert_int_equal(pb_ledger_card_of_member(office.ledger, request.member, &found, &is_there, &err), PB_OK);
	assert_true(is_there && found.serial == OFFICE_SERIAL(3));
	assert_int_equal(pb_ledger_void(office.ledger, OFFICE_SERIAL(3), PB_REASON_OTHER, NULL, &err), PB_OK);
	assert_int_equal(pb_ledger_card_by_uid(office.ledger, PB_VIEW(request.uid), &found, &is_there, &err), PB_OK);
	assert_false(is_there);
	assert_int_equal(pb_ledger_each_card(office.ledger, PB_CARD_IS_RESERVED, count_card, &seen, &err), PB_OK);
	assert_int_equal(seen, 3);
	seen = 0;
	assert_int_equal(pb_ledger_each_card(office.ledger, PB_CARD_IS_VOIDED, count_card, &seen, &err), PB_OK);
	assert_int_equal(seen, 1);
}

static void everything_is_there_after_closing(void **state)
{
	struct pb_err err = { 0 };
	uint64_t open, serial = office_issue(&office, 1), half = office_reserve(&office, 2, 2);
	struct pb_ledger_counts before = counts(), after;
	struct pb_reservation reservation;
	struct request request;
	char checkpoint[PB_CHECKPOINT_MAX], again[PB_CHECKPOINT_MAX];

	(void)state;
	assert_int_equal(pb_ledger_checkpoint(office.ledger, checkpoint, &err), PB_OK);
	office_close(&office);
	office_open(&office);
	after = counts();
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(pb_ledger_checkpoint(office.ledger, again, &err), PB_OK);
	assert_string_equal(checkpoint, again);
	assert_int_equal(pb_ledger_note_start(office.ledger, &open, &err), PB_OK);
	assert_int_equal(open, 1);
	assert_int_equal(card(half).state, PB_CARD_IS_RESERVED);
	assert_int_equal(pb_ledger_issued(office.ledger, half, 0x30, true, &err), PB_OK);
	assert_int_equal(pb_ledger_note_start(office.ledger, &open, &err), PB_OK);
	assert_int_equal(open, 0);
	office_request(3, 3, &request); /* the order has lapsed */
	assert_int_equal(office_begin(&office, &request, &reservation), PB_NOT_ALLOWED);
	office_approve(&office);
	assert_int_equal(office_reserve(&office, 3, 3), serial + 2);
	office_assert_sound(&office);
}

static void an_anchor_is_the_last_checkpoint(void **state)
{
	struct pb_err err = { 0 };
	char note[PB_CHECKPOINT_MAX];
	struct pb_checkpoint checkpoint;
	struct pb_reservation reservation;
	struct request request;
	const char *end;

	(void)state;
	(void)office_issue(&office, 1);
	assert_int_equal(pb_ledger_checkpoint(office.ledger, note, &err), PB_OK);
	end = strstr(note, "\n\n");
	assert_true(pb_checkpoint_parse(pb_view(note, (size_t)(end - note) + 1), &checkpoint));
	office_request(2, 2, &request);
	assert_int_equal(office_begin(&office, &request, &reservation), PB_OK);
	pb_ledger_reserve_abandon(office.ledger);
	assert_int_equal(reservation.anchor.size, checkpoint.size);
	assert_memory_equal(reservation.anchor.root, checkpoint.root.bytes, PB_ANCHOR_ROOT);
}

/* ---- clock, keys, doors */

static void a_clock_set_back_stops_issuing_but_not_revoking(void **state)
{
	struct pb_err err = { 0 };
	uint64_t serial = office_issue(&office, 1), entries;

	(void)state;
	office.clock.fixed = OFFICE_NOW - 3;
	assert_int_equal(try_reserve(2, 2, NULL, 0), PB_OK);
	office.clock.fixed = OFFICE_NOW - 3600;
	assert_int_equal(try_reserve(2, 2, NULL, 0), PB_CLOCK_WRONG);
	entries = counts().entries;
	assert_int_equal(pb_ledger_revoke(office.ledger, serial, PB_REASON_STOLEN, NULL, &err), PB_OK);
	assert_int_equal(counts().entries, entries + 2); /* CLOCK and REVOKE */
	assert_int_equal(card(serial).ended_at, OFFICE_NOW);
	office_assert_sound(&office);
}

static void another_offices_keys_are_refused(void **state)
{
	struct office other;
	struct pb_ledger *ledger = NULL;
	struct pb_err err = { 0 };

	(void)state;
	office_create(&other);
	assert_int_equal(pb_ledger_open(office.store, other.ks, &office.clock, &ledger, &err), PB_KEYS_REFUSED);
	office_destroy(&other);
}

static void who_only_looks_changes_nothing(void **state)
{
	struct pb_store *store = NULL;
	struct pb_ledger *ledger = NULL;
	struct pb_audit_summary summary;
	struct pb_err err = { 0 };
	uint64_t serial = office_issue(&office, 1);

	(void)state;
	assert_int_equal(pb_store_open(office.path, PB_STORE_READ, &store, &err), PB_OK);
	assert_int_equal(pb_ledger_open(store, NULL, &office.clock, &ledger, &err), PB_OK);
	assert_int_equal(pb_ledger_revoke(ledger, serial, PB_REASON_LOST, NULL, &err), PB_NOT_ALLOWED);
	assert_int_equal(pb_ledger_receive_blanks(ledger, 5, "B", NULL, &err), PB_NOT_ALLOWED);
	assert_int_equal(pb_ledger_audit(ledger, NULL, NULL, NULL, &summary, &err), PB_OK);
	assert_int_equal(summary.findings, 0);
	assert_int_equal(summary.cards, 1);
	pb_ledger_close(ledger);
	pb_store_close(store);
}

static void a_second_ledger_in_the_file_is_refused(void **state)
{
	struct pb_err err = { 0 };

	(void)state;
	assert_int_equal(pb_ledger_create(office.store, office.ks, OFFICE_ORIGIN, 7501, &office.clock, &err),
			 PB_CONFLICT);
	assert_int_equal(pb_ledger_create(office.store, office.ks, OFFICE_ORIGIN, 10000, &office.clock, &err),
			 PB_INPUT_INVALID);
}

static void a_ceremony_is_entered_and_its_last_word_counts(void **state)
{
	struct pb_ceremony_step steps[] = {
		{ .step = PB_STEP_ROOT, .at = OFFICE_NOW - 500, .digest = { 1 } },
		{ .step = PB_STEP_CARD_MASTER, .at = OFFICE_NOW - 500, .kvn = 1, .kcv = { 1, 2, 3 } },
		{ .step = PB_STEP_READ_BACK, .at = OFFICE_NOW - 100, .needed = 2, .count = 3 },
		{ .step = PB_STEP_CARD_MASTER, .at = OFFICE_NOW - 50, .kvn = 2, .kcv = { 4, 5, 6 } },
	};
	struct pb_ceremony_step last;
	struct pb_err err = { 0 };
	bool found;

	(void)state;
	office_must(pb_ledger_note_ceremony(office.ledger, steps, 4, &err), &err, "ceremony");
	office_close(&office);
	office_open(&office);
	office_must(pb_ledger_last_ceremony_step(office.ledger, PB_STEP_CARD_MASTER, &last, &found, &err), &err, "last");
	assert_true(found);
	assert_memory_equal(&last, &steps[3], sizeof(last));
	office_must(pb_ledger_last_ceremony_step(office.ledger, PB_STEP_ROOT, &last, &found, &err), &err, "last");
	assert_true(found);
	assert_memory_equal(&last, &steps[0], sizeof(last));
	office_must(pb_ledger_last_ceremony_step(office.ledger, PB_STEP_DRILL, &last, &found, &err), &err, "last");
	assert_false(found);
	office_assert_sound(&office);
}

static void a_ceremony_to_come_is_refused_whole(void **state)
{
	struct pb_ceremony_step steps[] = {
		{ .step = PB_STEP_ROOT, .at = OFFICE_NOW },
		{ .step = PB_STEP_ROOT_SPARE, .at = OFFICE_NOW + 3600 },
	};
	struct pb_ledger_counts before, after;
	struct pb_err err = { 0 };

	(void)state;
	pb_ledger_counts(office.ledger, &before);
	assert_int_equal(pb_ledger_note_ceremony(office.ledger, steps, 2, &err), PB_CLOCK_WRONG);
	pb_ledger_counts(office.ledger, &after);
	assert_int_equal(before.entries, after.entries);
	office_assert_sound(&office);
}

static void trust_lists_are_entered_in_the_order_of_their_numbers(void **state)
{
	static const uint8_t digest[PB_ENTRY_HASH] = { 1, 2, 3 };
	struct pb_err err = { 0 };
	uint64_t last;

	(void)state;
	office_must(pb_ledger_last_trust_list(office.ledger, &last, &err), &err, "last");
	assert_int_equal(last, 0);
	office_must(pb_ledger_note_trust_list(office.ledger, 1, digest, NULL, &err), &err, "first");
	office_must(pb_ledger_note_trust_list(office.ledger, 7, digest, "Иванова М. П.", &err), &err, "seventh");
	assert_int_equal(pb_ledger_note_trust_list(office.ledger, 7, digest, NULL, &err), PB_CONFLICT);
	assert_int_equal(pb_ledger_note_trust_list(office.ledger, 3, digest, NULL, &err), PB_CONFLICT);
	office_must(pb_ledger_last_trust_list(office.ledger, &last, &err), &err, "last");
	assert_int_equal(last, 7);
	office_assert_sound(&office);
}

static void serials_have_ten_digits(void **state)
{
	char text[PB_SERIAL_TEXT];
	uint64_t serial;

	(void)state;
	pb_serial_format(7501000012, text);
	assert_string_equal(text, "7501000012");
	pb_serial_format(42, text);
	assert_string_equal(text, "0000000042");
	assert_true(pb_serial_parse("7501000012", &serial));
	assert_int_equal(serial, 7501000012);
	assert_false(pb_serial_parse("750100001", &serial));
	assert_false(pb_serial_parse("75010000123", &serial));
	assert_false(pb_serial_parse("75010000x2", &serial));
	assert_false(pb_serial_parse("+501000012", &serial));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_card_goes_from_reserved_to_printed, fresh),
		cmocka_unit_test_setup(the_same_key_is_the_same_card, fresh),
		cmocka_unit_test_setup(the_same_key_for_another_card_is_refused, fresh),
		cmocka_unit_test_setup(a_chip_and_a_member_have_one_live_card, fresh),
		cmocka_unit_test_setup(without_blanks_nothing_is_reserved, fresh),
		cmocka_unit_test_setup(an_abandoned_reservation_leaves_no_trace, fresh),
		cmocka_unit_test_setup(what_is_no_request_is_refused, fresh),
		cmocka_unit_test_setup(a_credential_too_long_for_a_chip_is_refused, fresh),
		cmocka_unit_test_setup(issued_may_be_said_twice, fresh),
		cmocka_unit_test_setup(moves_the_table_has_not_are_refused, fresh),
		cmocka_unit_test_setup(a_print_run_is_all_or_nothing, fresh),
		cmocka_unit_test_setup(a_lost_card_is_replaced_and_linked, fresh),
		cmocka_unit_test_setup(the_status_list_shows_who_is_refused, fresh),
		cmocka_unit_test_setup(cards_are_found_by_chip_member_and_state, fresh),
		cmocka_unit_test_setup(everything_is_there_after_closing, fresh),
		cmocka_unit_test_setup(an_anchor_is_the_last_checkpoint, fresh),
		cmocka_unit_test_setup(a_clock_set_back_stops_issuing_but_not_revoking, fresh),
		cmocka_unit_test_setup(another_offices_keys_are_refused, fresh),
		cmocka_unit_test_setup(who_only_looks_changes_nothing, fresh),
		cmocka_unit_test_setup(a_second_ledger_in_the_file_is_refused, fresh),
		cmocka_unit_test_setup(a_ceremony_is_entered_and_its_last_word_counts, fresh),
		cmocka_unit_test_setup(a_ceremony_to_come_is_refused_whole, fresh),
		cmocka_unit_test_setup(trust_lists_are_entered_in_the_order_of_their_numbers, fresh),
		cmocka_unit_test(serials_have_ten_digits),
	};
	int failed;

	office_create(&office);
	failed = cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
	office_destroy(&office);
	return failed;
}
