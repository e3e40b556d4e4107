/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/status_list.h: each case of status_cases.c and each published vector meets the fault it is for; what is
 * signed is read back as it was; no list that was changed anywhere is accepted; and the country's lists are as
 * small as is said.
 * Argument: the seed of what is drawn (default 1), which is printed.
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
#include "tests/unit/keys/status_cases.h"

enum { MUTANTS = 20000 };

static uint64_t seed = 1;

static uint64_t draw(uint64_t below)
{
	return draw_from(&seed, below);
}

static enum pb_status_fault open_with(struct pb_view token, const struct pb_x509 *cert, const struct pb_roots *roots,
				      struct pb_status_list *ret_list)
{
	struct pb_x509 *certificates[] = { (struct pb_x509 *)cert };
	struct pb_status_signers signers = { certificates, 1 };

	return pb_status_list_open(token, &signers, roots, ret_list);
}

static void each_change_meets_the_fault_it_is_for(void **state)
{
	/* These three are met by other tests. */
	bool met[PB_STATUS_FAULT_COUNT] = { [PB_STATUS_FAULT_TOO_LONG] = true, [PB_STATUS_FAULT_ROLLBACK] = true,
					    [PB_STATUS_FAULT_FORK] = true };
	uint8_t token[STATUS_CASE_TOKEN_MAX];
	const struct pb_x509 *cert;
	struct pb_status_list list;
	struct status_case shown;
	size_t n;

	(void)state;
	for (size_t i = 0; status_case(i, &shown, &cert, token, &n); i++) {
		enum pb_status_fault fault = open_with(pb_view(token, n), cert, status_case_roots(), &list);

		if (fault != shown.fault)
			fail_msg("%s: %s, not %s", shown.id, pb_status_fault_name(fault), pb_status_fault_name(shown.fault));
		met[fault] = true;
	}
	for (size_t i = 0; i < PB_STATUS_FAULT_COUNT; i++)
		if (!met[i])
			fail_msg("no case meets %s", pb_status_fault_name((enum pb_status_fault)i));
}

static void published_lists_are_accepted_or_refused_as_published(void **state)
{
	static const char *const files[] = { "../../card-applet-spec/vectors/status-accept.json",
					     "../../card-applet-spec/vectors/status-refuse.json" };
	uint8_t token[STATUS_CASE_TOKEN_MAX], der[PB_X509_DER_MAX];
	struct pb_status_list list;
	size_t seen = 0;

	(void)state;
	for (size_t f = 0; f < 2; f++) {
		struct vectors *vectors = vectors_load(files[f]);

		for (size_t i = 0; i < vectors_count(vectors); i++, seen++) {
			struct pb_roots roots = { .count = 1 };
			struct pb_x509 *cert = NULL;
			size_t n = vector_bytes(vectors, i, "inputs.root", der, sizeof(der));

			assert_int_equal(pb_x509_from_der(pb_view(der, n), &roots.pinned[0], NULL), PB_OK);
			n = vector_bytes(vectors, i, "inputs.certificate", der, sizeof(der));
			assert_int_equal(pb_x509_from_der(pb_view(der, n), &cert, NULL), PB_OK);
			n = vector_bytes(vectors, i, "inputs.token", token, sizeof(token));
			if (!vector_is(vectors, i, "outputs.fault", pb_status_fault_name(open_with(pb_view(token, n), cert, &roots, &list))))
				fail_msg("%s", vector_text(vectors, i, "id"));
			pb_x509_destroy(cert);
			pb_roots_finish(&roots);
		}
		vectors_free(vectors);
	}
	assert_true(seen > 35);
}

static void what_is_signed_is_read_back(void **state)
{
	uint8_t token[PB_STATUS_TOKEN_MAX];
	struct pb_status_list list, again;
	bool refused = false;
	size_t n;

	(void)state;
	status_case_list(&list);
	status_case_sign(&list, token, &n);
	assert_int_equal(open_with(pb_view(token, n), status_case_certificate(), status_case_roots(), &again), PB_STATUS_FAULT_NONE);
	assert_string_equal(again.uri, "https://profbilet.example/st/RU-75-TST/3");
	assert_string_equal(again.issuer, "RU-75-TST");
	assert_int_equal(again.number, 3);
	assert_int_equal(again.issued_at, list.issued_at);
	assert_int_equal(again.expires, list.expires);
	assert_true(again.test);
	assert_memory_equal(again.bits, list.bits, sizeof(list.bits));
	assert_int_equal(pb_status_list_refused(&again), 100);
	assert_true(pb_status_list_look(&again, 997, &refused) && refused);
	assert_true(pb_status_list_look(&again, 998, &refused) && !refused);
	assert_true(pb_status_list_look(&again, PB_STATUS_LIST_SLOTS - 1, &refused));
	assert_false(pb_status_list_look(&again, PB_STATUS_LIST_SLOTS, &refused));
}

static void an_address_that_does_not_fit_is_refused_before_signing(void **state)
{
	char host[PB_STATUS_URI_MAX + 1];
	struct pb_status_list list = { 0 };

	(void)state;
	memset(host, 'a', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	assert_int_equal(pb_status_list_name(&list, host, "RU-75-TST", 0, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_status_list_name(&list, "profbilet.example", "ru", 0, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_status_list_name(&list, "profbilet.example", "A/RU-75", 0, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_status_list_name(&list, "a b", "RU-75-TST", 0, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_status_list_name(&list, "profbilet.example", "RU-75-TST", UINT32_MAX, NULL), PB_OK);
	assert_string_equal(list.uri, "https://profbilet.example/st/RU-75-TST/4294967295");
}

static void bits_that_cannot_be_compressed_fit_too(void **state)
{
	uint8_t token[PB_STATUS_TOKEN_MAX + 1] = { 0 };
	struct pb_status_list list, again;
	size_t n;

	(void)state;
	status_case_list(&list);
	for (size_t i = 0; i < sizeof(list.bits); i++)
		list.bits[i] = (uint8_t)draw(256);
	status_case_sign(&list, token, &n);
	assert_true(n > PB_STATUS_LIST_BYTES);
	assert_int_equal(open_with(pb_view(token, n), status_case_certificate(), status_case_roots(), &again), PB_STATUS_FAULT_NONE);
	assert_memory_equal(again.bits, list.bits, sizeof(list.bits));
	assert_int_equal(open_with(pb_view(token, sizeof(token)), status_case_certificate(), status_case_roots(), &again),
			 PB_STATUS_FAULT_TOO_LONG);
}

static void no_changed_list_is_accepted(void **state)
{
	uint8_t token[PB_STATUS_TOKEN_MAX], mutant[PB_STATUS_TOKEN_MAX];
	struct pb_status_list list;
	size_t n;

	(void)state;
	status_case_list(&list);
	status_case_sign(&list, token, &n);
	for (int i = 0; i < MUTANTS; i++) {
		size_t length = draw(16) == 0 ? draw(n) : n;

		memcpy(mutant, token, n);
		mutant[draw(length > 0 ? length : 1)] ^= (uint8_t)(1 + draw(255));
		assert_int_not_equal(open_with(pb_view(mutant, length), status_case_certificate(), status_case_roots(), &list),
				     PB_STATUS_FAULT_NONE);
	}
}

/* ---- the whole country */

static double seconds_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

static void the_lists_of_the_country_are_under_210_kilobytes(void **state)
{
	enum { LIMIT = 210000 };
	static uint8_t tokens[STATUS_COUNTRY_LISTS][PB_STATUS_TOKEN_MAX];
	size_t n[STATUS_COUNTRY_LISTS], all = 0;
	uint32_t refused = 0, read = 0;
	struct pb_status_list list;
	struct timespec start;
	double took;

	(void)state;
	for (uint32_t l = 0; l < STATUS_COUNTRY_LISTS; l++) {
		status_case_country(seed, l, &list);
		refused += pb_status_list_refused(&list);
		status_case_sign(&list, tokens[l], &n[l]);
		all += n[l];
	}
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (uint32_t l = 0; l < STATUS_COUNTRY_LISTS; l++) {
		assert_int_equal(open_with(pb_view(tokens[l], n[l]), status_case_certificate(), status_case_roots(), &list),
				 PB_STATUS_FAULT_NONE);
		read += pb_status_list_refused(&list);
	}
	took = seconds_since(&start);
	print_message("%d lists, %u of %d cards refused: %zu bytes; decoded and verified in %.1f ms\n", STATUS_COUNTRY_LISTS,
		      refused, STATUS_COUNTRY_CARDS, all, 1000 * took);
	assert_int_equal(read, refused);
	assert_in_range(refused, STATUS_COUNTRY_CARDS / 21, STATUS_COUNTRY_CARDS / 19);
	assert_true(all < LIMIT);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_meets_the_fault_it_is_for),
		cmocka_unit_test(published_lists_are_accepted_or_refused_as_published),
		cmocka_unit_test(what_is_signed_is_read_back),
		cmocka_unit_test(an_address_that_does_not_fit_is_refused_before_signing),
		cmocka_unit_test(bits_that_cannot_be_compressed_fit_too),
		cmocka_unit_test(no_changed_list_is_accepted),
		cmocka_unit_test(the_lists_of_the_country_are_under_210_kilobytes),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 10);
	print_message("seed %" PRIu64 "\n", seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
