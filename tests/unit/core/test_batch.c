/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Several readers and requests: who gets which card, and what the end of the cards means.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "issuer/core/batch.h"
#include "issuer/store/store.h"
#include "tests/lib/softcard_reader.h"
#include "tests/unit/core/desk.h"

enum { READERS = 3 };

/* A desk with more readers than its own. */
struct hall {
	struct desk desk;
	struct pb_reader *reader[READERS];
	struct pb_station *station[READERS];
	struct softcard *card[READERS]; /* NULL: none on that reader */
	size_t events[PB_BATCH_STOPPED + 1];
	enum pb_status last_trouble;
};

static void hall_open(struct hall *hall, unsigned cards)
{
	struct pb_err err = { 0 };

	*hall = (struct hall){ 0 };
	desk_open(&hall->desk);
	hall->desk.app.office.policy.card_wait_ms = 600;
	for (size_t i = 0; i < READERS; i++) {
		hall->card[i] = cards & 1u << i ? desk_blank((uint8_t)i) : NULL;
		hall->reader[i] = softcard_reader_create(hall->card[i]);
		assert_int_equal(pb_station_create_local(hall->reader[i], &hall->station[i], &err), PB_OK);
	}
}

static void hall_close(struct hall *hall)
{
	for (size_t i = 0; i < READERS; i++) {
		pb_station_stop(hall->station[i]);
		pb_reader_destroy(hall->reader[i]);
		softcard_destroy(hall->card[i]);
	}
	desk_close(&hall->desk);
}

static void listen(void *context, const struct pb_batch_event *event)
{
	struct hall *hall = context;

	hall->events[event->kind]++;
	if (event->kind != PB_BATCH_ISSUED)
		hall->last_trouble = event->status;
}

static struct pb_issue_request request_for(struct hall *hall, const char *surname)
{
	struct pb_member member = desk_member(&hall->desk, surname);
	struct pb_issue_request request;
	struct pb_err err = { 0 };

	assert_int_equal(pb_request_first(&hall->desk.app.office, member.number, NULL, &request, &err), PB_OK);
	return request;
}

static struct pb_batch_summary run(struct hall *hall, const struct pb_issue_request *requests, size_t count)
{
	const volatile int stop = 0;
	struct pb_batch_summary summary;

	pb_batch_run(&hall->desk.app.office, hall->station, READERS, requests, count, &stop, listen, hall, &summary);
	assert_int_equal(summary.issued + summary.refused + summary.left, count);
	desk_assert_audited(&hall->desk);
	return summary;
}

static void all_readers_work_and_every_request_ends(void **state)
{
	struct hall hall;
	struct pb_issue_request requests[READERS];
	struct pb_batch_summary summary;

	(void)state;
	hall_open(&hall, 7);
	for (size_t i = 0; i < READERS; i++)
		requests[i] = request_for(&hall, "Первая");
	summary = run(&hall, requests, READERS);
	assert_int_equal(summary.issued, READERS);
	for (size_t i = 0; i < READERS; i++)
		assert_int_equal(softcard_state(hall.card[i]), APPLET_LOCKED);
	hall_close(&hall);
}

/* The one card lies on the last reader: no empty reader keeps the request from it. */
static void a_reader_without_cards_keeps_no_request(void **state)
{
	struct hall hall;
	struct pb_issue_request request;
	struct pb_deadline patience = pb_deadline_in(60000);

	(void)state;
	hall_open(&hall, 4);
	hall.desk.app.office.policy.card_wait_ms = 60000;
	request = request_for(&hall, "Единственная");
	assert_int_equal(run(&hall, &request, 1).issued, 1);
	assert_true(pb_deadline_left(patience) > 50000);
	assert_int_equal(hall.events[PB_BATCH_READER_LOST], 0);
	hall_close(&hall);
}

static void what_has_no_card_is_left_for_later(void **state)
{
	struct hall hall;
	struct pb_issue_request requests[2];
	struct pb_batch_summary summary;

	(void)state;
	hall_open(&hall, 1);
	requests[0] = request_for(&hall, "Первая");
	requests[1] = request_for(&hall, "Вторая");
	summary = run(&hall, requests, 2);
	assert_int_equal(summary.issued, 1);
	assert_int_equal(summary.left, 1);
	assert_int_equal(hall.last_trouble, PB_CARD_ABSENT);
	assert_int_equal(summary.status, PB_OK);
	hall_close(&hall);
}

/* No photo, and one is demanded: the blank that lay ready goes to the next in the queue. */
static void a_refused_request_costs_no_card(void **state)
{
	static const uint8_t jpeg[] = { 0xFF, 0xD8, 0xFF, 0xE0, 0, 0 };
	struct hall hall;
	struct pb_issue_request requests[2];
	struct pb_batch_summary summary;
	struct pb_member member;
	struct pb_err err = { 0 };

	(void)state;
	hall_open(&hall, 1);
	hall.desk.app.office.policy.photo_required = true;
	requests[0] = request_for(&hall, "Безликая");
	requests[1] = request_for(&hall, "Снятая");
	assert_int_equal(pb_register_find_member(hall.desk.app.office.members, requests[1].member_number, &member, &err), PB_OK);
	assert_int_equal(pb_store_begin(hall.desk.app.store, &err), PB_OK);
	assert_int_equal(pb_register_set_photo(hall.desk.app.office.members, member.id, PB_VIEW(jpeg), (struct pb_date){ 2026, 1, 1 },
					       &err), PB_OK);
	assert_int_equal(pb_store_commit(hall.desk.app.store, &err), PB_OK);
	summary = run(&hall, requests, 2);
	assert_int_equal(summary.refused, 1);
	assert_int_equal(hall.last_trouble, PB_PHOTO_MISSING);
	assert_int_equal(summary.issued, 1);
	hall_close(&hall);
}

/* A card that fails goes away; its member gets one of the others. */
static void a_bad_card_costs_a_card_and_not_its_member(void **state)
{
	static const struct softcard_fault memory = { .kind = SOFTCARD_STATUS_WORD, .at = 5, .sw = SW_MEMORY };
	struct pb_ledger_counts counts;
	struct pb_issue_request requests[2];
	struct pb_batch_summary summary;
	struct hall hall;

	(void)state;
	hall_open(&hall, 7);
	softcard_arm(hall.card[0], &memory);
	softcard_arm(hall.card[1], &memory);
	requests[0] = request_for(&hall, "Первая");
	summary = run(&hall, requests, 1);
	assert_int_equal(summary.issued + summary.left, 1);
	pb_ledger_counts(hall.desk.app.office.ledger, &counts);
	assert_int_equal(counts.spoiled, summary.spoiled);
	assert_int_equal(counts.received, counts.issued + counts.spoiled + counts.left);
	hall_close(&hall);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_readers_work_and_every_request_ends),
		cmocka_unit_test(a_reader_without_cards_keeps_no_request),
		cmocka_unit_test(what_has_no_card_is_left_for_later),
		cmocka_unit_test(a_refused_request_costs_no_card),
		cmocka_unit_test(a_bad_card_costs_a_card_and_not_its_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
