/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Base64, four letters at a time.
 */
#include "issuer/ledger/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void pb_base64_put(struct pb_writer *writer, struct pb_view bytes)
{
	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t have = bytes.n - i < 3 ? bytes.n - i : 3;
		uint32_t group = (uint32_t)bytes.p[i] << 16;

		if (have > 1)
			group |= (uint32_t)bytes.p[i + 1] << 8;
		if (have > 2)
			group |= bytes.p[i + 2];
		for (unsigned letter = 0; letter < 4; letter++)
			pb_put_u8(writer, letter <= have ? (uint8_t)alphabet[group >> (18 - 6 * letter) & 63] : '=');
	}
}

static int value_of(uint8_t letter)
{
	if (letter >= 'A' && letter <= 'Z')
		return letter - 'A';
	if (letter >= 'a' && letter <= 'z')
		return letter - 'a' + 26;
	if (letter >= '0' && letter <= '9')
		return letter - '0' + 52;
	if (letter == '+' || letter == '/')
		return letter == '+' ? 62 : 63;
	return -1;
}

/* Four letters, of which `letters` (2 to 4) are not padding. */
static bool decode_group(const uint8_t *text, unsigned letters, uint8_t bytes[static 3])
{
	uint32_t group = 0;

	for (unsigned i = 0; i < letters; i++) {
		int value = value_of(text[i]);

		if (value < 0)
			return false;
		group |= (uint32_t)value << (18 - 6 * i);
	}
	for (unsigned i = 0; i < 3; i++)
		bytes[i] = (uint8_t)(group >> (16 - 8 * i));
	/* The bits beyond the last byte are zero in the one canonical form. */
	return (group & (letters == 4 ? 0u : letters == 3 ? 0xFFu : 0xFFFFu)) == 0;
}

bool pb_base64_decode(struct pb_view text, uint8_t *ret_bytes, size_t cap, size_t *ret_n)
{
	size_t n = 0;

	if (text.n % 4 != 0)
		return false;
	for (size_t i = 0; i < text.n; i += 4) {
		unsigned letters = 4;
		uint8_t bytes[3];

		if (i + 4 == text.n && text.p[i + 3] == '=')
			letters = text.p[i + 2] == '=' ? 2 : 3;
		if (!decode_group(text.p + i, letters, bytes) || letters - 1 > cap - n)
			return false;
		for (unsigned k = 0; k + 1 < letters; k++)
			ret_bytes[n++] = bytes[k];
	}
	*ret_n = n;
	return true;
}
