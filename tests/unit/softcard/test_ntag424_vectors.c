/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * NXP's published examples of Secure Dynamic Messaging from the chip's side: what it shows, byte for byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "softcard/ntag424_sdm.h"
#include "tests/lib/vectors.h"

static struct vectors *vectors;

static size_t bytes_at(size_t i, const char *path, uint8_t *ret_bytes, size_t cap)
{
	return vector_bytes(vectors, i, path, ret_bytes, cap);
}

/* p= and m= and, where a vector has one, the enciphered part with the MAC's input before the MAC */
static void published_taps_are_shown(void **state)
{
	size_t tried = 0;

	(void)state;
	vectors = vectors_load("sdm/sdm.json");
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct ntag424_image image;
		uint8_t picc[16], plain[16], mac[8], file[NTAG424_NDEF_SIZE];
		const bool enciphers = vector_has(vectors, i, "inputs.enc_file_data");
		const char *input = vector_is(vectors, i, "op", "sdm_sun_verify") ?
					    vector_text(vectors, i, "inputs.mac_input_ascii") : "";
		const uint8_t input_at = 64, mac_at = (uint8_t)(64 + strlen(input));
		/* keys 2 and 1; UID, counter, and perhaps a part of the file */
		uint8_t settings[] = { 0x40, 0x00, 0xE0, enciphers ? 0xD1 : 0xC1, 0xF1, 0x21, 16, 0, 0, input_at, 0, 0,
				       enciphers ? input_at : mac_at, 0, 0, 32, 0, 0, mac_at, 0, 0 };
		char digits[40];

		if (!vector_is(vectors, i, "op", "sdm_sun_verify"))
			continue;
		ntag424_image_factory(&image);
		bytes_at(i, "inputs.k_sdm_meta_read", image.keys[2].bytes, 16);
		bytes_at(i, "inputs.k_sdm_file_read", image.keys[1].bytes, 16);
		bytes_at(i, "outputs.picc_plain", plain, sizeof(plain));
		bytes_at(i, "inputs.picc_enc_data", picc, sizeof(picc));
		bytes_at(i, "outputs.sdmmac", mac, sizeof(mac));
		image.read_counter = (uint32_t)vector_number(vectors, i, "outputs.read_ctr");
		memcpy(image.ndef + input_at, input, strlen(input));
		if (enciphers)
			bytes_at(i, "outputs.enc_file_plain", image.ndef + input_at, 16);
		else
			memcpy(settings + 12, settings + 18, 3);
		image.settings[1].n = enciphers ? 21 : 15;
		memcpy(image.settings[1].bytes, settings, image.settings[1].n);
		ntag424_mirror(&image, plain + 1, plain, file);
		for (size_t k = 0; k < 16; k++)
			snprintf(digits + 2 * k, 3, "%02X", picc[k]);
		assert_memory_equal(file + 16, digits, 32);
		assert_memory_equal(file + input_at, input, strlen(input));
		for (size_t k = 0; k < 8; k++)
			snprintf(digits + 2 * k, 3, "%02X", mac[k]);
		assert_memory_equal(file + mac_at, digits, 16);
		tried++;
	}
	assert_int_equal(tried, 6);
	vectors_free(vectors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_taps_are_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
