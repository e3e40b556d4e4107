/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/sdm.h and issuer/card/sun.h: the examples of NXP's AN12196 and those of three other implementations, then
 * what somebody without the keys may try.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/card/sun.h"
#include "tests/lib/vectors.h"

#define HOST "profbilet.example"
#define AN12196_TAP "https://" HOST "/v?p=EF963FF7828658A599F3041510671E88&m=94EED9EE65337086"

static struct vectors *vectors;

static int load(void **state)
{
	(void)state;
	vectors = vectors_load("sdm/sdm.json");
	return 0;
}

static int unload(void **state)
{
	(void)state;
	vectors_free(vectors);
	return 0;
}

static void secret_at(size_t i, const char *path, struct pb_secret *ret_secret)
{
	uint8_t bytes[16];

	pb_secret_set(ret_secret, bytes, vector_bytes(vectors, i, path, bytes, sizeof(bytes)));
}

static void assert_bytes(size_t i, const char *path, const void *bytes, size_t n)
{
	uint8_t expected[32];

	assert_int_equal(vector_bytes(vectors, i, path, expected, sizeof(expected)), n);
	assert_memory_equal(expected, bytes, n);
}

static void zero_key(struct pb_secret *ret_key)
{
	static const uint8_t zero[16];

	pb_secret_set(ret_key, zero, sizeof(zero));
}

static void published_taps_name_their_chip(void **state)
{
	size_t tried = 0;

	(void)state;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct pb_secret meta_read = { 0 }, file_read = { 0 };
		struct pb_sdm_chip chip;
		struct pb_sdm_tap tap;
		uint8_t mac[PB_SDM_MAC];

		if (!vector_is(vectors, i, "op", "sdm_sun_verify"))
			continue;
		secret_at(i, "inputs.k_sdm_meta_read", &meta_read);
		secret_at(i, "inputs.k_sdm_file_read", &file_read);
		vector_bytes(vectors, i, "inputs.picc_enc_data", tap.picc, sizeof(tap.picc));
		vector_bytes(vectors, i, "outputs.sdmmac", tap.mac, sizeof(tap.mac));
		assert_true(pb_sdm_open(&meta_read, &tap, &chip));
		assert_bytes(i, "outputs.uid", chip.uid, sizeof(chip.uid));
		assert_int_equal(chip.counter, vector_number(vectors, i, "outputs.read_ctr"));
		pb_sdm_mac(&file_read, &chip, pb_view_text(vector_text(vectors, i, "inputs.mac_input_ascii")), mac);
		assert_bytes(i, "outputs.sdmmac", mac, sizeof(mac));
		if (vector_text(vectors, i, "inputs.mac_input_ascii")[0] == '\0')
			assert_int_equal(pb_sdm_check(&file_read, &tap, &chip, NULL), PB_SDM_FRESH);
		tried++;
	}
	assert_int_equal(tried, 6);
}

static void published_macs_of_open_addresses_come_out(void **state)
{
	size_t tried = 0;

	(void)state;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct pb_secret file_read = { 0 };
		struct pb_sdm_chip chip;
		uint8_t counter[3], mac[PB_SDM_MAC];

		if (!vector_is(vectors, i, "op", "sdm_plain_mirror_mac"))
			continue;
		secret_at(i, "inputs.k_sdm_file_read", &file_read);
		vector_bytes(vectors, i, "inputs.uid", chip.uid, sizeof(chip.uid));
		vector_bytes(vectors, i, "inputs.read_ctr_le", counter, sizeof(counter));
		chip.counter = counter[0];
		pb_sdm_mac(&file_read, &chip, pb_view(NULL, 0), mac);
		assert_bytes(i, "outputs.sdmmac", mac, sizeof(mac));
		tried++;
	}
	assert_int_equal(tried, 2);
}

static void an12196(struct pb_secret *ret_key, struct pb_sdm_tap *ret_tap, struct pb_sdm_chip *ret_chip)
{
	zero_key(ret_key);
	assert_true(pb_sun_parse(pb_view_text(AN12196_TAP), HOST, ret_tap));
	assert_true(pb_sdm_open(ret_key, ret_tap, ret_chip));
	assert_int_equal(ret_chip->counter, 61);
}

static void the_counter_must_grow(void **state)
{
	const uint32_t before = 60, same = 61, after = 62;
	struct pb_secret key = { 0 };
	struct pb_sdm_tap tap;
	struct pb_sdm_chip chip;

	(void)state;
	an12196(&key, &tap, &chip);
	assert_int_equal(pb_sdm_check(&key, &tap, &chip, NULL), PB_SDM_FRESH);
	assert_int_equal(pb_sdm_check(&key, &tap, &chip, &before), PB_SDM_FRESH);
	assert_int_equal(pb_sdm_check(&key, &tap, &chip, &same), PB_SDM_REPLAYED);
	assert_int_equal(pb_sdm_check(&key, &tap, &chip, &after), PB_SDM_REPLAYED);
}

/* Whatever bit of the address is changed, no chip has made it; a forgery is not called a replay. */
static void a_changed_address_is_forged(void **state)
{
	const uint32_t last = 0xFFFFFF;
	struct pb_secret key = { 0 };
	struct pb_sdm_tap tap;
	struct pb_sdm_chip chip, changed;

	(void)state;
	an12196(&key, &tap, &chip);
	for (size_t bit = 0; bit < 8 * sizeof(tap.picc); bit++) {
		tap.picc[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (pb_sdm_open(&key, &tap, &changed))
			assert_int_equal(pb_sdm_check(&key, &tap, &changed, NULL), PB_SDM_FORGED);
		tap.picc[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * sizeof(tap.mac); bit++) {
		tap.mac[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(pb_sdm_check(&key, &tap, &chip, &last), PB_SDM_FORGED);
		tap.mac[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void the_key_of_another_card_forges(void **state)
{
	struct pb_secret key = { 0 }, other = { 0 };
	struct pb_sdm_tap tap;
	struct pb_sdm_chip chip;

	(void)state;
	an12196(&key, &tap, &chip);
	pb_secret_set(&other, "another card's k", 16);
	assert_int_equal(pb_sdm_check(&other, &tap, &chip, NULL), PB_SDM_FORGED);
	assert_false(pb_sdm_open(&other, &tap, &chip));
}

static void only_the_address_a_chip_writes_is_taken(void **state)
{
	static const char *const wrong[] = {
		"http://profbilet.example/v?p=EF963FF7828658A599F3041510671E88&m=94EED9EE65337086",
		"https://profbilet.exampl/v?p=EF963FF7828658A599F3041510671E88&m=94EED9EE65337086",
		"https://profbilet.example.evil/v?p=EF963FF7828658A599F3041510671E88&m=94EED9EE65337086",
		"https://profbilet.example/v?p=ef963FF7828658A599F3041510671E88&m=94EED9EE65337086",
		"https://profbilet.example/v?p=EF963FF7828658A599F3041510671E8&m=94EED9EE65337086",
		"https://profbilet.example/v?p=EF963FF7828658A599F3041510671E88&m=94EED9EE6533708",
		"https://profbilet.example/v?p=EF963FF7828658A599F3041510671E88&m=94EED9EE653370866",
		"https://profbilet.example/v?m=94EED9EE65337086&p=EF963FF7828658A599F3041510671E88",
		"https://profbilet.example/v?p=EF963FF7828658A599F3041510671E8G&m=94EED9EE65337086",
		"",
	};
	struct pb_sdm_tap tap;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(pb_sun_parse(pb_view_text(wrong[i]), HOST, &tap));
	for (size_t n = 0; n < strlen(AN12196_TAP); n++)
		assert_false(pb_sun_parse(pb_view(AN12196_TAP, n), HOST, &tap));
	assert_false(pb_sun_parse(pb_view("https://" HOST "/v?p=EF96\0FF7828658A599F3041510671E88&m=94EED9EE65337086", 81),
				  HOST, &tap));
}

static void the_chip_writes_into_the_places_of_the_template(void **state)
{
	char url[PB_NDEF_URL_MAX + 1];
	struct pb_sun_places places;
	struct pb_sdm_tap tap;
	struct pb_ndef ndef;

	(void)state;
	assert_int_equal(pb_sun_template(HOST, &ndef, NULL), PB_OK);
	assert_true(pb_sun_find_places(pb_ndef_view(&ndef), &places));
	memcpy(ndef.bytes + places.picc, "EF963FF7828658A599F3041510671E88", 32);
	memcpy(ndef.bytes + places.mac, "94EED9EE65337086", 16);
	assert_true(pb_ndef_read_url(pb_ndef_view(&ndef), url));
	assert_string_equal(url, AN12196_TAP);
	assert_true(pb_sun_parse(pb_view_text(url), HOST, &tap));
	assert_false(pb_sun_find_places(pb_ndef_view(&ndef), &places)); /* no longer a template */
}

static void the_longest_host_fits_and_no_longer_one(void **state)
{
	char host[PB_SUN_HOST_MAX + 2];
	struct pb_sun_places places;
	struct pb_ndef ndef;

	(void)state;
	memset(host, 'a', sizeof(host));
	host[PB_SUN_HOST_MAX + 1] = '\0';
	assert_int_equal(pb_sun_template(host, &ndef, NULL), PB_INPUT_INVALID);
	host[PB_SUN_HOST_MAX] = '\0';
	assert_int_equal(pb_sun_template(host, &ndef, NULL), PB_OK);
	assert_int_equal(ndef.n, NDEF_MAX);
	assert_true(pb_sun_find_places(pb_ndef_view(&ndef), &places));
	assert_int_equal(pb_sun_template("Profbilet.example", &ndef, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_sun_template("", &ndef, NULL), PB_INPUT_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_taps_name_their_chip),
		cmocka_unit_test(published_macs_of_open_addresses_come_out),
		cmocka_unit_test(the_counter_must_grow),
		cmocka_unit_test(a_changed_address_is_forged),
		cmocka_unit_test(the_key_of_another_card_forges),
		cmocka_unit_test(only_the_address_a_chip_writes_is_taken),
		cmocka_unit_test(the_chip_writes_into_the_places_of_the_template),
		cmocka_unit_test(the_longest_host_fits_and_no_longer_one),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
