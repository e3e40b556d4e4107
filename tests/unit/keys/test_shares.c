/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shares: every subset that is large enough, every one that is not, both writings, and every slip of a pen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "keys/shares.h"

static const uint8_t set[PB_SHARE_SET] = { 0xDE, 0xAD, 0xBE, 0xEF };

static struct pb_secret secret_of(uint8_t seed)
{
	struct pb_secret secret = { .n = PB_SHARE_SECRET };

	for (size_t i = 0; i < PB_SHARE_SECRET; i++)
		secret.bytes[i] = (uint8_t)(seed + 7 * i);
	return secret;
}

/* The shares whose bits are in `chosen`, to the front; returns how many. */
static size_t choose(const struct pb_share *shares, unsigned count, unsigned chosen, struct pb_share *ret_chosen)
{
	size_t n = 0;

	for (unsigned i = 0; i < count; i++)
		if ((chosen & 1u << i) != 0)
			ret_chosen[n++] = shares[i];
	return n;
}

static void try_subsets(const struct pb_secret *secret, const struct pb_share *shares, unsigned needed, unsigned count)
{
	struct pb_share chosen[PB_SHARES_MAX];
	struct pb_secret joined;
	struct pb_err err = { 0 };

	for (unsigned subset = 1; subset < 1u << count; subset++) {
		size_t n = choose(shares, count, subset, chosen);
		enum pb_status s = pb_shares_combine(chosen, n, &joined, &err);

		assert_int_equal(s, n >= needed ? PB_OK : PB_INPUT_INVALID);
		assert_true(s != PB_OK || pb_ct_equal(joined.bytes, secret->bytes, PB_SHARE_SECRET));
	}
}

static void every_large_enough_subset_gives_the_secret_and_no_other(void **state)
{
	struct pb_secret secret = secret_of(1);
	struct pb_share shares[PB_SHARES_MAX];

	(void)state;
	for (uint8_t count = PB_SHARES_MIN; count <= PB_SHARES_MAX; count++)
		for (uint8_t needed = PB_SHARES_MIN; needed <= count; needed++) {
			assert_int_equal(pb_shares_split(&secret, set, needed, count, shares, NULL), PB_OK);
			try_subsets(&secret, shares, needed, count);
		}
}

/* Whoever lowers the number on the paper and interpolates anyway gets another secret. */
static void one_share_too_few_with_a_forged_number_gives_another_secret(void **state)
{
	struct pb_secret secret = secret_of(2), joined;
	struct pb_share shares[PB_SHARES_MAX], chosen[PB_SHARES_MAX];

	(void)state;
	assert_int_equal(pb_shares_split(&secret, set, 3, 5, shares, NULL), PB_OK);
	for (size_t i = 0; i < 5; i++)
		shares[i].needed = 2;
	for (unsigned subset = 1; subset < 1u << 5; subset++)
		if (choose(shares, 5, subset, chosen) == 2) {
			assert_int_equal(pb_shares_combine(chosen, 2, &joined, NULL), PB_OK);
			assert_false(pb_ct_equal(joined.bytes, secret.bytes, PB_SHARE_SECRET));
		}
}

static void shares_that_do_not_belong_together_are_refused(void **state)
{
	static const uint8_t other_set[PB_SHARE_SET] = { 1, 2, 3, 4 };
	struct pb_secret secret = secret_of(3), joined = { 0 };
	struct pb_share shares[PB_SHARES_MAX], others[PB_SHARES_MAX];
	struct pb_err err = { 0 };

	(void)state;
	assert_int_equal(pb_shares_split(&secret, set, 2, 3, shares, NULL), PB_OK);
	assert_int_equal(pb_shares_split(&secret, other_set, 2, 3, others, NULL), PB_OK);
	assert_int_equal(pb_shares_combine((struct pb_share[]){ shares[0], others[1] }, 2, &joined, &err), PB_INPUT_INVALID);
	assert_non_null(strstr(err.msg, "one ceremony"));
	assert_int_equal(pb_shares_combine((struct pb_share[]){ shares[0], shares[0] }, 2, &joined, &err), PB_INPUT_INVALID);
	assert_non_null(strstr(err.msg, "twice"));
	assert_int_equal(pb_shares_combine(shares, 0, &joined, &err), PB_INPUT_INVALID);
	assert_int_equal(joined.n, 0);
}

static void numbers_out_of_bounds_are_refused(void **state)
{
	static const struct {
		uint8_t needed, count;
	} wrong[] = { { 1, 3 }, { 4, 3 }, { 2, 9 }, { 0, 0 }, { 9, 9 } };
	struct pb_secret secret = secret_of(4);
	struct pb_share shares[PB_SHARES_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(pb_shares_split(&secret, set, wrong[i].needed, wrong[i].count, shares, NULL), PB_INPUT_INVALID);
}

/* ---- writings */

static struct pb_share a_share(uint8_t seed)
{
	struct pb_secret secret = secret_of(seed);
	struct pb_share shares[PB_SHARES_MAX];

	assert_int_equal(pb_shares_split(&secret, set, 3, 5, shares, NULL), PB_OK);
	return shares[1];
}

static void assert_same_share(const struct pb_share *a, const struct pb_share *b)
{
	assert_int_equal(a->index, b->index);
	assert_int_equal(a->needed, b->needed);
	assert_int_equal(a->count, b->count);
	assert_memory_equal(a->set, b->set, PB_SHARE_SET);
	assert_memory_equal(a->value.bytes, b->value.bytes, PB_SHARE_SECRET);
	assert_int_equal(a->value.n, b->value.n);
}

static enum pb_share_fault read_text(const char *text, struct pb_share *ret_share, size_t *ret_position)
{
	return pb_share_read(pb_view_text(text), ret_share, ret_position);
}

static void both_writings_are_read_back(void **state)
{
	struct pb_share_text text;
	struct pb_share again;
	size_t position;

	(void)state;
	for (unsigned seed = 0; seed < 64; seed++) {
		struct pb_share share = a_share((uint8_t)seed);

		memset(&again, 0, sizeof(again));
		pb_share_write_qr(&share, &text);
		assert_int_equal(read_text(text.text, &again, &position), PB_SHARE_GOOD);
		assert_same_share(&share, &again);
		memset(&again, 0, sizeof(again));
		pb_share_write_words(&share, &text);
		assert_int_equal(read_text(text.text, &again, &position), PB_SHARE_GOOD);
		assert_same_share(&share, &again);
	}
}

/* The text of RFC 4648 base32, which a tool that is not ours wrote: Python's base64.b32encode. */
static void a_share_written_by_another_program_is_read(void **state)
{
	struct pb_share share;
	size_t position;

	(void)state;
	assert_int_equal(read_text("PBS1:CI255LN654AACAQDAQCQMBYIBEFAWDANBYHRAEISCMKBKFQXDAMRUGY4DUPB7SKW", &share, &position), PB_SHARE_GOOD);
	assert_int_equal(share.index, 2);
	assert_int_equal(share.needed, 3);
	assert_int_equal(share.count, 5);
	for (size_t i = 0; i < PB_SHARE_SECRET; i++)
		assert_int_equal(share.value.bytes[i], i);
}

static void words_are_read_in_any_case_and_white_space(void **state)
{
	struct pb_share share = a_share(9), again = { 0 };
	struct pb_share_text text, capitals;
	char spaced[2 * PB_SHARE_TEXT_MAX] = "\n\t ";
	size_t position, n = 3;

	(void)state;
	pb_share_write_words(&share, &text);
	assert_true(pb_text_upper(text.text, capitals.text, sizeof(capitals.text)));
	for (const char *at = capitals.text; *at != '\0'; at++) {
		spaced[n++] = *at == ' ' ? '\n' : *at;
		if (*at == ' ')
			spaced[n++] = ' ';
	}
	spaced[n++] = '\n';
	assert_true(n <= PB_SHARE_TEXT_MAX);
	assert_int_equal(pb_share_read(pb_view(spaced, n), &again, &position), PB_SHARE_GOOD);
	assert_same_share(&share, &again);
}

static const char *word_at(const char *text, size_t position)
{
	for (size_t i = 1; i < position; i++)
		text = strchr(text, ' ') + 1;
	return text;
}

/* The last letter of each word in turn becomes another: no word of the list is one letter from another. */
static void a_typo_is_named_by_its_position(void **state)
{
	struct pb_share share = a_share(5), again = { 0 };
	struct pb_share_text good, text;
	size_t position;

	(void)state;
	pb_share_write_words(&share, &good);
	for (size_t i = 1; i <= PB_SHARE_WORDS; i++) {
		char *letter;

		text = good;
		letter = (char *)word_at(text.text, i);
		letter += strcspn(letter, " ") - 2;
		memcpy(letter, memcmp(letter, "ы", 2) == 0 ? "э" : "ы", 2);
		assert_int_equal(read_text(text.text, &again, &position), PB_SHARE_WORD);
		assert_int_equal(position, i);
	}
	assert_int_equal(again.index, 0);
}

static void a_wrong_character_of_the_qr_text_is_named(void **state)
{
	struct pb_share share = a_share(6), again;
	struct pb_share_text text;
	size_t position;

	(void)state;
	pb_share_write_qr(&share, &text);
	text.text[20] = '0';
	assert_int_equal(read_text(text.text, &again, &position), PB_SHARE_CHARACTER);
	assert_int_equal(position, 21);
	text.text[20] = '\0';
	assert_int_equal(read_text(text.text, &again, &position), PB_SHARE_FORM);
}

/* Words that all exist: neighbours exchanged, or one taken from the next line of the list. */
static void a_wrong_word_of_the_list_fails_the_checksum(void **state)
{
	struct pb_share share = a_share(7), again;
	struct pb_share_text good, text;
	size_t position;

	(void)state;
	pb_share_write_words(&share, &good);
	for (size_t i = 1; i < PB_SHARE_WORDS; i++) {
		const char *first = word_at(good.text, i), *second = word_at(good.text, i + 1);
		int first_n = (int)strcspn(first, " "), second_n = (int)strcspn(second, " ");

		if (first_n == second_n && strncmp(first, second, (size_t)first_n) == 0)
			continue;
		(void)snprintf(text.text, sizeof(text.text), "%.*s%.*s %.*s%s", (int)(first - good.text), good.text, second_n,
			       second, first_n, first, second + second_n);
		assert_int_equal(read_text(text.text, &again, &position), PB_SHARE_CHECKSUM);
	}
}

static void another_number_of_words_is_counted(void **state)
{
	struct pb_share share = a_share(8), again;
	struct pb_share_text text;
	size_t position, count;

	(void)state;
	pb_share_write_words(&share, &text);
	*strrchr(text.text, ' ') = '\0';
	assert_int_equal(read_text(text.text, &again, &position), PB_SHARE_LENGTH);
	assert_int_equal(position, PB_SHARE_WORDS - 1);
	assert_int_equal(read_text("", &again, &position), PB_SHARE_FORM);
	assert_int_equal(read_text(" \n", &again, &position), PB_SHARE_FORM);
	assert_int_equal(read_text("\xFF", &again, &position), PB_SHARE_FORM);
	assert_int_equal(pb_share_unknown_word(pb_view_text("абажур АБЗАЦ авиню адрес"), &count), 3);
	assert_int_equal(count, 4);
	assert_int_equal(pb_share_unknown_word(pb_view_text(" абажур  адрес "), &count), 0);
	assert_int_equal(count, 2);
}

/* ---- the list */

enum { LETTERS = 8 };

static size_t letters_of(const char *word, uint32_t ret_letters[static LETTERS + 1])
{
	size_t n = 0;
	uint32_t c;

	while ((c = pb_text_next(&word)) != 0) {
		assert_true(n < LETTERS);
		assert_true(c >= 0x430 && c <= 0x44F);
		ret_letters[n++] = c;
	}
	return n;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's. */
static size_t distance(const char *a, const char *b)
{
	uint32_t from[LETTERS + 1], to[LETTERS + 1];
	size_t from_n = letters_of(a, from), to_n = letters_of(b, to), row[LETTERS + 1];

	for (size_t j = 0; j <= to_n; j++)
		row[j] = j;
	for (size_t i = 1; i <= from_n; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= to_n; j++) {
			size_t above = row[j];

			row[j] = least(least(above, row[j - 1]) + 1, corner + (from[i - 1] != to[j - 1]));
			corner = above;
		}
	}
	return row[to_n];
}

static void no_two_words_are_less_than_two_letters_apart(void **state)
{
	(void)state;
	assert_int_equal(distance("лодка", "водка"), 1);
	assert_int_equal(distance("кит", "кот"), 1);
	assert_int_equal(distance("игла", "изба"), 2);
	for (unsigned i = 0; i < 256; i++)
		for (unsigned j = 0; j < i; j++)
			if (distance(pb_share_word((uint8_t)i), pb_share_word((uint8_t)j)) < 2)
				fail_msg("%s, %s", pb_share_word((uint8_t)i), pb_share_word((uint8_t)j));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_large_enough_subset_gives_the_secret_and_no_other),
		cmocka_unit_test(one_share_too_few_with_a_forged_number_gives_another_secret),
		cmocka_unit_test(shares_that_do_not_belong_together_are_refused),
		cmocka_unit_test(numbers_out_of_bounds_are_refused),
		cmocka_unit_test(both_writings_are_read_back),
		cmocka_unit_test(a_share_written_by_another_program_is_read),
		cmocka_unit_test(words_are_read_in_any_case_and_white_space),
		cmocka_unit_test(a_typo_is_named_by_its_position),
		cmocka_unit_test(a_wrong_character_of_the_qr_text_is_named),
		cmocka_unit_test(a_wrong_word_of_the_list_fails_the_checksum),
		cmocka_unit_test(another_number_of_words_is_counted),
		cmocka_unit_test(no_two_words_are_less_than_two_letters_apart),
	};

	return cmocka_run_group_tests_name("shares", tests, NULL, NULL);
}
