/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * 200,000 damaged tokens: bit flips, bytes put in and taken out, cuts, splices of two tokens.  None may
 * decode and verify.  Argument: the seed (default 1), which is printed.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cases.h"
#include "tests/lib/draw.h"

enum { MUTANTS = 200000, MUTANT_MAX = 2 * PB_CREDENTIAL_MAX };

static uint64_t seed = 1;

static uint64_t draw(uint64_t below)
{
	return draw_from(&seed, below);
}

struct mutant {
	uint8_t bytes[MUTANT_MAX];
	size_t n;
};

static void flip_bits(struct mutant *mutant)
{
	for (uint64_t i = 1 + draw(3); i > 0; i--)
		mutant->bytes[draw(mutant->n)] ^= (uint8_t)(1u << draw(8));
}

static void change_byte(struct mutant *mutant)
{
	mutant->bytes[draw(mutant->n)] ^= (uint8_t)(1 + draw(255));
}

static void insert_byte(struct mutant *mutant)
{
	size_t at = draw(mutant->n + 1);

	memmove(mutant->bytes + at + 1, mutant->bytes + at, mutant->n - at);
	mutant->bytes[at] = (uint8_t)draw(256);
	mutant->n++;
}

static void delete_byte(struct mutant *mutant)
{
	size_t at = draw(mutant->n);

	memmove(mutant->bytes + at, mutant->bytes + at + 1, mutant->n - at - 1);
	mutant->n--;
}

static void cut(struct mutant *mutant)
{
	mutant->n = draw(mutant->n);
}

/* The beginning of one and the end of another: headers, claims and signatures that were each signed once. */
static void splice(struct mutant *mutant, const struct built_case *other)
{
	size_t head = draw(mutant->n + 1), tail = draw(other->n + 1);

	memcpy(mutant->bytes + head, other->token + other->n - tail, tail);
	mutant->n = head + tail;
}

static void swap_part(struct mutant *mutant, const struct built_case *other)
{
	size_t n = mutant->n < other->n ? mutant->n : other->n, size = 1 + draw(n), at = draw(n - size + 1);

	memcpy(mutant->bytes + at, other->token + at, size);
}

static void mutate(struct mutant *mutant, const struct built_case *other)
{
	switch (draw(7)) {
	case 0: flip_bits(mutant); break;
	case 1: change_byte(mutant); break;
	case 2: insert_byte(mutant); break;
	case 3: delete_byte(mutant); break;
	case 4: cut(mutant); break;
	case 5: splice(mutant, other); break;
	default: swap_part(mutant, other); break;
	}
}

/* A mutation can undo itself or copy a whole valid token: that is no mutant. */
static bool is_one_of(const struct mutant *mutant, const struct built_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (pb_view_equal(pb_view(mutant->bytes, mutant->n), pb_view(cases[i].token, cases[i].n)))
			return true;
	return false;
}

static struct mutant draw_mutant(const struct built_case *cases, const struct built_case **ret_base)
{
	struct mutant mutant;

	do {
		*ret_base = &cases[draw(accept_case_count)];
		memcpy(mutant.bytes, (*ret_base)->token, (*ret_base)->n);
		mutant.n = (*ret_base)->n;
		mutate(&mutant, &cases[draw(accept_case_count)]);
	} while (is_one_of(&mutant, cases, accept_case_count));
	return mutant;
}

static void print_counts(const unsigned counts[static PB_FAULT_COUNT])
{
	printf("seed %" PRIu64 "\n%7u reached the signature\n", seed, counts[PB_FAULT_NONE]);
	for (int fault = 1; fault < PB_FAULT_COUNT; fault++)
		if (counts[fault])
			printf("%7u %s\n", counts[fault], pb_credential_fault_name((enum pb_credential_fault)fault));
}

static void no_damaged_token_is_accepted(void **state)
{
	struct built_case *cases = calloc(accept_case_count, sizeof(*cases));
	unsigned counts[PB_FAULT_COUNT] = { 0 };
	uint64_t first_seed = seed;
	uint8_t point[PB_P256_POINT];
	struct pb_p256_public *key;
	struct pb_credential credential;

	(void)state;
	assert_non_null(cases);
	case_point(case_issuer_scalar, point);
	assert_int_equal(pb_p256_public_create(PB_VIEW(point), &key, NULL), PB_OK);
	for (size_t i = 0; i < accept_case_count; i++)
		build_accept_case(&accept_cases[i], &cases[i]);
	for (unsigned i = 0; i < MUTANTS; i++) {
		const struct built_case *base;
		struct mutant mutant = draw_mutant(cases, &base);
		enum pb_credential_fault fault = pb_credential_decode(pb_view(mutant.bytes, mutant.n), &credential);

		counts[fault]++;
		if (fault == PB_FAULT_NONE && pb_credential_verify(&credential, pb_aad_view(&base->aad), key))
			fail_msg("seed %" PRIu64 ": mutant %u of %zu bytes is accepted", first_seed, i, mutant.n);
	}
	seed = first_seed;
	print_counts(counts);
	assert_true(counts[PB_FAULT_NONE] > MUTANTS / 100); /* else the signature was hardly tested */
	pb_p256_public_destroy(key);
	free(cases);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(no_damaged_token_is_accepted) };

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
