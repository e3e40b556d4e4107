/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/crypto/originality: signatures that were read from real chips, and what is nearly one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keys/crypto/originality.h"
#include "tests/lib/vectors.h"

static const char *const names[PB_MAKER_COUNT] = {
	[PB_MAKER_NTAG_424] = "ntag_424",	    [PB_MAKER_DESFIRE_EV2] = "desfire_ev2",
	[PB_MAKER_DESFIRE_EV3] = "desfire_ev3",	    [PB_MAKER_DESFIRE_LIGHT] = "desfire_light",
	[PB_MAKER_NTAG_21X] = "ntag_21x",	    [PB_MAKER_ULTRALIGHT_EV1] = "ultralight_ev1",
};

struct sample {
	enum pb_originality_maker maker;
	uint8_t uid[7], signature[PB_ORIGINALITY_SIG_MAX];
	size_t uid_n, signature_n;
	bool valid;
};

static struct sample sample_of(const struct vectors *vectors, size_t i)
{
	struct sample sample = { .maker = PB_MAKER_NTAG_424 };

	while (!vector_is(vectors, i, "inputs.maker", names[sample.maker]))
		assert_true(++sample.maker < PB_MAKER_COUNT);
	sample.uid_n = vector_bytes(vectors, i, "inputs.uid", sample.uid, sizeof(sample.uid));
	sample.signature_n = vector_bytes(vectors, i, "inputs.signature", sample.signature, sizeof(sample.signature));
	sample.valid = vector_is(vectors, i, "kind", "published");
	return sample;
}

static enum pb_originality check(const struct sample *sample)
{
	return pb_originality_check(sample->maker, pb_view(sample->uid, sample->uid_n),
				    pb_view(sample->signature, sample->signature_n));
}

static void signatures_of_real_chips_verify_and_forged_ones_do_not(void **state)
{
	struct vectors *vectors = vectors_load("originality/nxp.json");
	size_t valid = 0;

	(void)state;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct sample sample = sample_of(vectors, i);

		assert_int_equal(check(&sample), sample.valid ? PB_ORIGINALITY_VALID : PB_ORIGINALITY_WRONG);
		valid += sample.valid;
	}
	assert_int_equal(valid, 19);
	assert_int_equal(vectors_count(vectors), 28);
	vectors_free(vectors);
}

static void each_bit_of_uid_and_signature_counts(void **state)
{
	struct vectors *vectors = vectors_load("originality/nxp.json");

	(void)state;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct sample sample = sample_of(vectors, i);

		if (!sample.valid)
			continue;
		sample.uid[i % sample.uid_n] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(check(&sample), PB_ORIGINALITY_WRONG);
		sample.uid[i % sample.uid_n] ^= (uint8_t)(1 << i % 8);
		sample.signature[i % sample.signature_n] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(check(&sample), PB_ORIGINALITY_WRONG);
	}
	vectors_free(vectors);
}

static void a_key_of_another_kind_of_chip_does_not_count(void **state)
{
	struct vectors *vectors = vectors_load("originality/nxp.json");
	struct sample sample = sample_of(vectors, 0);

	(void)state;
	sample.maker = PB_MAKER_DESFIRE_EV3;
	assert_int_equal(check(&sample), PB_ORIGINALITY_WRONG);
	vectors_free(vectors);
}

static void what_has_not_the_form_of_a_signature_is_wrong(void **state)
{
	static const uint8_t zeros[PB_ORIGINALITY_SIG_MAX + 2], uid[7] = { 4 };
	static const size_t lengths[] = { 0, 1, 2, 31, 32, 55, 56, 58 };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		for (int maker = 0; maker < PB_MAKER_COUNT; maker++)
			assert_int_equal(pb_originality_check((enum pb_originality_maker)maker, PB_VIEW(uid),
							      pb_view(zeros, lengths[i])),
					 PB_ORIGINALITY_WRONG);
	assert_int_equal(pb_originality_check(PB_MAKER_NTAG_21X, pb_view(NULL, 0), pb_view(zeros, 32)), PB_ORIGINALITY_WRONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_of_real_chips_verify_and_forged_ones_do_not),
		cmocka_unit_test(each_bit_of_uid_and_signature_counts),
		cmocka_unit_test(a_key_of_another_kind_of_chip_does_not_count),
		cmocka_unit_test(what_has_not_the_form_of_a_signature_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
