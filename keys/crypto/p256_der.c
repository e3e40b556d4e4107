/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two spellings of an ECDSA signature: 64 bytes r || s (COSE), and DER (cards, X.509, OpenSSL).
 * One signature in 128 has an r or s that begins with a zero byte, so lengths are never assumed.
 */
#include "keys/crypto/p256.h"

#include <string.h>

enum { TAG_SEQUENCE = 0x30, TAG_INTEGER = 0x02, HALF = PB_P256_SIG / 2 };

/* One minimal, positive INTEGER of at most 256 bits, right-aligned into 32 bytes. */
static bool take_integer(struct pb_cursor *in, uint8_t ret_value[static HALF])
{
	uint8_t tag, n;
	struct pb_view value;

	if (!pb_take_u8(in, &tag) || tag != TAG_INTEGER || !pb_take_u8(in, &n) || n == 0 || n > HALF + 1 ||
	    !pb_take(in, n, &value))
		return false;
	if ((value.p[0] & 0x80) != 0)
		return false; /* negative */
	if (value.p[0] == 0 && n > 1) {
		if ((value.p[1] & 0x80) == 0)
			return false; /* a zero that was not needed */
		value.p++;
		value.n--;
	}
	if (value.n > HALF)
		return false;
	memset(ret_value, 0, HALF);
	memcpy(ret_value + HALF - value.n, value.p, value.n);
	return true;
}

bool pb_p256_sig_from_der(struct pb_view der, uint8_t ret_sig[static PB_P256_SIG])
{
	struct pb_cursor in = pb_cursor(der);
	uint8_t tag, n, sig[PB_P256_SIG];

	if (!pb_take_u8(&in, &tag) || tag != TAG_SEQUENCE || !pb_take_u8(&in, &n) || n != in.left)
		return false;
	if (!take_integer(&in, sig) || !take_integer(&in, sig + HALF) || in.left != 0)
		return false;
	memcpy(ret_sig, sig, PB_P256_SIG);
	return true;
}

static void put_integer(struct pb_writer *out, const uint8_t value[static HALF])
{
	size_t skip = 0;
	bool pad;

	while (skip < HALF - 1 && value[skip] == 0)
		skip++;
	pad = (value[skip] & 0x80) != 0;
	pb_put_u8(out, TAG_INTEGER);
	pb_put_u8(out, (uint8_t)(HALF - skip + pad));
	if (pad)
		pb_put_u8(out, 0);
	pb_put(out, value + skip, HALF - skip);
}

size_t pb_p256_sig_to_der(const uint8_t sig[static PB_P256_SIG], uint8_t ret_der[static PB_P256_SIG_DER_MAX])
{
	uint8_t body[PB_P256_SIG_DER_MAX - 2];
	struct pb_writer integers = pb_writer(body, sizeof(body));

	put_integer(&integers, sig);
	put_integer(&integers, sig + HALF);
	ret_der[0] = TAG_SEQUENCE;
	ret_der[1] = (uint8_t)integers.n;
	memcpy(ret_der + 2, body, integers.n);
	return integers.n + 2;
}
