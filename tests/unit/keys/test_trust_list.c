/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/trust_list.h: each case of trust_cases.c and each published vector meets the fault it is for; what is
 * signed is read back as it was; and no list that was changed anywhere is accepted.
 * Argument: the seed of the changes (default 1), which is printed.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/lib/draw.h"
#include "tests/lib/vectors.h"
#include "tests/unit/keys/trust_cases.h"

enum { MUTANTS = 100000, COUNTRY = 90 };

static enum pb_trust_fault open_under(struct pb_view token, const struct pb_roots *roots)
{
	struct pb_trust_list list = { 0 };
	enum pb_trust_fault fault;

	assert_int_equal(pb_trust_list_open(token, roots, &list, &fault, NULL), PB_OK);
	assert_true(fault == PB_TRUST_FAULT_NONE || (list.entries == NULL && list.sequence == 0));
	pb_trust_list_finish(&list);
	return fault;
}

static void each_change_meets_the_fault_it_is_for(void **state)
{
	uint8_t token[TRUST_CASE_TOKEN_MAX];
	/* These three are met by other tests. */
	bool met[PB_TRUST_FAULT_COUNT] = { [PB_TRUST_FAULT_TOO_LONG] = true, [PB_TRUST_FAULT_ROLLBACK] = true,
					   [PB_TRUST_FAULT_FORK] = true };
	struct trust_case shown;
	size_t n;

	(void)state;
	for (size_t i = 0; trust_case(i, &shown, token, &n); i++) {
		enum pb_trust_fault fault = open_under(pb_view(token, n), trust_case_roots());

		if (fault != shown.fault)
			fail_msg("%s: %s, not %s", shown.id, pb_trust_fault_name(fault), pb_trust_fault_name(shown.fault));
		met[fault] = true;
	}
	for (size_t i = 0; i < PB_TRUST_FAULT_COUNT; i++)
		if (!met[i])
			fail_msg("no case meets %s", pb_trust_fault_name((enum pb_trust_fault)i));
}

static void published_lists_are_accepted_or_refused_as_published(void **state)
{
	static const char *const files[] = { "../../card-applet-spec/vectors/trust-accept.json",
					     "../../card-applet-spec/vectors/trust-refuse.json" };
	uint8_t token[TRUST_CASE_TOKEN_MAX], der[PB_X509_DER_MAX];
	size_t seen = 0;

	(void)state;
	for (size_t f = 0; f < 2; f++) {
		struct vectors *vectors = vectors_load(files[f]);

		for (size_t i = 0; i < vectors_count(vectors); i++, seen++) {
			struct pb_roots roots = { .count = 1 };
			size_t n = vector_bytes(vectors, i, "inputs.token", token, sizeof(token));
			size_t root_n = vector_bytes(vectors, i, "inputs.root", der, sizeof(der));

			assert_int_equal(pb_x509_from_der(pb_view(der, root_n), &roots.pinned[0], NULL), PB_OK);
			if (!vector_is(vectors, i, "outputs.fault", pb_trust_fault_name(open_under(pb_view(token, n), &roots))))
				fail_msg("%s", vector_text(vectors, i, "id"));
			pb_roots_finish(&roots);
		}
		vectors_free(vectors);
	}
	assert_true(seen > 40);
}

static void what_is_signed_is_read_back(void **state)
{
	struct pb_trust_list list = trust_case_list(5), again = { 0 };
	enum pb_trust_fault fault;
	uint8_t *token = NULL;
	size_t n;

	(void)state;
	list.entries[2].state = PB_ISSUER_COMPROMISED;
	(void)snprintf(list.entries[3].checkpoint, sizeof(list.entries[3].checkpoint), "profbilet.example/office+11223344+AbCd");
	trust_case_sign(&list, &token, &n);
	assert_int_equal(pb_trust_list_open(pb_view(token, n), trust_case_roots(), &again, &fault, NULL), PB_OK);
	assert_int_equal(fault, PB_TRUST_FAULT_NONE);
	assert_int_equal(again.sequence, 42);
	assert_string_equal(again.publisher, "RU-75-TST");
	assert_int_equal(again.issued_at, list.issued_at);
	assert_int_equal(again.expires, list.expires);
	assert_int_equal(again.count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_memory_equal(&again.entries[i], &list.entries[i], sizeof(list.entries[i]));
		assert_true(i == 0 || memcmp(again.entries[i - 1].kid, again.entries[i].kid, 8) < 0);
	}
	free(token);
	pb_trust_list_finish(&again);
	pb_trust_list_finish(&list);
	pb_trust_list_finish(NULL);
}

static void an_issuer_stands_once_and_their_number_is_bounded(void **state)
{
	struct pb_trust_list list = trust_case_list(2);
	struct pb_trust_entry entry = list.entries[1];

	(void)state;
	assert_int_equal(pb_trust_list_add(&list, &entry, NULL), PB_CONFLICT);
	for (unsigned i = 2; i < PB_TRUST_ISSUERS_MAX; i++) {
		entry.point[64] = (uint8_t)i;
		entry.point[63] = (uint8_t)(i >> 8);
		assert_int_equal(pb_trust_list_add(&list, &entry, NULL), PB_OK);
	}
	entry.point[1] ^= 1;
	assert_int_equal(pb_trust_list_add(&list, &entry, NULL), PB_INPUT_INVALID);
	pb_trust_list_finish(&list);
}

/* ---- changes */

static uint64_t seed = 1;

static uint64_t draw(uint64_t below)
{
	return draw_from(&seed, below);
}

static size_t change(uint8_t bytes[static TRUST_CASE_TOKEN_MAX + 1], size_t n)
{
	size_t at = draw(n);

	switch (draw(4)) {
	case 0:
		bytes[at] ^= (uint8_t)(1u << draw(8));
		return n;
	case 1:
		memmove(bytes + at + 1, bytes + at, n - at);
		bytes[at] = (uint8_t)draw(256);
		return n + 1;
	case 2:
		memmove(bytes + at, bytes + at + 1, n - at - 1);
		return n - 1;
	default:
		bytes[at] ^= (uint8_t)(1 + draw(255));
		return n;
	}
}

/* s and n - s are signatures of the same: the one change that leaves a list as it was signed. */
static bool only_signature_differs(const uint8_t *a, size_t a_n, const uint8_t *b, size_t b_n)
{
	return a_n == b_n && memcmp(a, b, a_n - PB_P256_SIG) == 0;
}

static void no_changed_list_is_accepted(void **state)
{
	uint8_t good[TRUST_CASE_TOKEN_MAX], changed[TRUST_CASE_TOKEN_MAX + 1];
	struct trust_case shown;
	size_t n;

	(void)state;
	printf("seed %" PRIu64 "\n", seed);
	assert_true(trust_case(0, &shown, good, &n));
	for (int i = 0; i < MUTANTS; i++) {
		memcpy(changed, good, n);
		size_t changed_n = change(changed, n);

		if (changed_n == n && memcmp(good, changed, n) == 0)
			continue;
		if (open_under(pb_view(changed, changed_n), trust_case_roots()) == PB_TRUST_FAULT_NONE)
			assert_true(only_signature_differs(good, n, changed, changed_n));
	}
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A verifier loads it at each start.  The bound is for a slow machine with sanitizers. */
static void the_whole_country_is_read_at_once(void **state)
{
	struct pb_trust_list list = trust_case_list(COUNTRY);
	uint8_t *token = NULL;
	double started;
	size_t n;

	(void)state;
	trust_case_sign(&list, &token, &n);
	started = seconds_now();
	assert_int_equal(open_under(pb_view(token, n), trust_case_roots()), PB_TRUST_FAULT_NONE);
	printf("%d issuers: %zu bytes, read in %.1f ms\n", COUNTRY, n, 1000 * (seconds_now() - started));
	assert_true(seconds_now() - started < 1.0);
	free(token);
	pb_trust_list_finish(&list);
}

static void a_list_longer_than_any_is_not_looked_at(void **state)
{
	uint8_t *bytes = calloc(1, PB_TRUST_LIST_MAX + 1);

	(void)state;
	assert_non_null(bytes);
	assert_int_equal(open_under(pb_view(bytes, PB_TRUST_LIST_MAX + 1), trust_case_roots()), PB_TRUST_FAULT_TOO_LONG);
	assert_int_equal(open_under(pb_view(bytes, PB_TRUST_LIST_MAX), trust_case_roots()), PB_TRUST_FAULT_TRAILING_BYTES);
	free(bytes);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_meets_the_fault_it_is_for),
		cmocka_unit_test(published_lists_are_accepted_or_refused_as_published),
		cmocka_unit_test(what_is_signed_is_read_back),
		cmocka_unit_test(an_issuer_stands_once_and_their_number_is_bounded),
		cmocka_unit_test(no_changed_list_is_accepted),
		cmocka_unit_test(the_whole_country_is_read_at_once),
		cmocka_unit_test(a_list_longer_than_any_is_not_looked_at),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
