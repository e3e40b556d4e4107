/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Several stations at once: every card is issued once, and two stations with the same job get one card.
 * Build with -Db_sanitize=thread to have the locking itself checked.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/ledger/office.h"

enum { STATIONS = 4, CARDS = 200 };

static struct office office;

struct station {
	unsigned first, count;
	uint64_t serials[CARDS];
};

static void *issue_own(void *ctx)
{
	struct station *station = ctx;

	for (unsigned i = 0; i < station->count; i++) {
		struct pb_ledger_counts counts;

		station->serials[i] = office_issue(&office, station->first + i);
		pb_ledger_counts(office.ledger, &counts);
		if (counts.received != counts.issued + counts.spoiled + counts.left)
			abort();
	}
	return NULL;
}

static void run(struct station stations[static STATIONS])
{
	pthread_t threads[STATIONS];

	for (int i = 0; i < STATIONS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, issue_own, &stations[i]), 0);
	for (int i = 0; i < STATIONS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void assert_sound(uint64_t cards)
{
	struct findings findings;

	office_audit(&office, &findings);
	assert_int_equal(findings.summary.findings, 0);
	assert_int_equal(findings.summary.cards, cards);
}

static void four_stations_issue_each_card_once(void **state)
{
	static struct station stations[STATIONS];
	static uint64_t serials[STATIONS * CARDS];

	(void)state;
	office_fresh(&office, STATIONS * CARDS);
	for (unsigned i = 0; i < STATIONS; i++)
		stations[i] = (struct station){ .first = 1 + i * CARDS, .count = CARDS };
	run(stations);
	for (unsigned i = 0; i < STATIONS; i++)
		memcpy(&serials[i * CARDS], stations[i].serials, sizeof(stations[i].serials));
	qsort(serials, STATIONS * CARDS, sizeof(serials[0]), compare);
	for (unsigned i = 0; i < STATIONS * CARDS; i++)
		assert_int_equal(serials[i], OFFICE_SERIAL(i + 1));
	assert_sound(STATIONS * CARDS);
}

static void four_stations_with_the_same_jobs_make_one_card_each(void **state)
{
	static struct station stations[STATIONS];

	(void)state;
	office_fresh(&office, CARDS);
	for (unsigned i = 0; i < STATIONS; i++)
		stations[i] = (struct station){ .first = 1, .count = 50 };
	run(stations);
	for (unsigned i = 1; i < STATIONS; i++)
		assert_memory_equal(stations[i].serials, stations[0].serials, 50 * sizeof(uint64_t));
	assert_sound(50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_stations_issue_each_card_once),
		cmocka_unit_test(four_stations_with_the_same_jobs_make_one_card_each),
	};
	int failed;

	office_create(&office);
	failed = cmocka_run_group_tests_name("threads", tests, NULL, NULL);
	office_destroy(&office);
	return failed;
}
