/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One shape, read from the left; the template is the same shape around zeroes.
 */
#include "issuer/card/sun.h"

#include <stdio.h>
#include <string.h>

#include "issuer/credential/url.h"

static const char scheme[] = "https://", path[] = "/v?p=", between[] = "&m=";

enum {
	PICC_DIGITS = 2 * PB_SDM_PICC,
	MAC_DIGITS = 2 * PB_SDM_MAC,
	TAIL = sizeof(path) - 1 + PICC_DIGITS + sizeof(between) - 1 + MAC_DIGITS,
};
_Static_assert(PB_NDEF_HEAD + PB_SUN_HOST_MAX + TAIL == NDEF_MAX, "the longest host fills the file");

static bool take_word(struct pb_cursor *in, const char *word)
{
	struct pb_view taken;

	return pb_take(in, strlen(word), &taken) && pb_view_equal(taken, pb_view_text(word));
}

static bool take_digits(struct pb_cursor *in, uint8_t *ret_bytes, size_t n)
{
	char digits[PICC_DIGITS + 1] = { 0 };
	size_t decoded;

	return pb_take_copy(in, digits, 2 * n) && strspn(digits, "0123456789ABCDEF") == 2 * n &&
	       pb_hex_decode(digits, ret_bytes, n, &decoded) && decoded == n;
}

bool pb_sun_parse(struct pb_view url, const char *host, struct pb_sdm_tap *ret_tap)
{
	struct pb_cursor in = pb_cursor(url);
	struct pb_sdm_tap tap;

	if (!take_word(&in, scheme) || !take_word(&in, host) || !take_word(&in, path) ||
	    !take_digits(&in, tap.picc, sizeof(tap.picc)) || !take_word(&in, between) ||
	    !take_digits(&in, tap.mac, sizeof(tap.mac)) || in.left != 0)
		return false;
	*ret_tap = tap;
	return true;
}

enum pb_status pb_sun_template(const char *host, struct pb_ndef *ret_ndef, struct pb_err *err)
{
	char url[PB_NDEF_URL_MAX + 1];

	if (!pb_url_host_valid(host) || strlen(host) > PB_SUN_HOST_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "the host of the tap address must be a lower-case name of at most %d letters",
			       PB_SUN_HOST_MAX);
	snprintf(url, sizeof(url), "%s%s%s%0*d%s%0*d", scheme, host, path, PICC_DIGITS, 0, between, MAC_DIGITS, 0);
	return pb_ndef_of_url(url, ret_ndef, err);
}

/* They are the end of the address, and of the file. */
bool pb_sun_blank(uint8_t *ndef_file, size_t n)
{
	const size_t between_n = sizeof(between) - 1;

	if (n < PICC_DIGITS + between_n + MAC_DIGITS)
		return false;
	memset(ndef_file + n - MAC_DIGITS, '0', MAC_DIGITS);
	memset(ndef_file + n - MAC_DIGITS - between_n - PICC_DIGITS, '0', PICC_DIGITS);
	return true;
}

/* The host is what stands before the rest, and the template of that host must be the same bytes. */
bool pb_sun_find_places(struct pb_view ndef_file, struct pb_sun_places *ret_places)
{
	char url[PB_NDEF_URL_MAX + 1], host[PB_SUN_HOST_MAX + 1] = { 0 };
	struct pb_ndef same;
	size_t host_n;

	if (!pb_ndef_read_url(ndef_file, url) || strlen(url) <= strlen(scheme) + TAIL)
		return false;
	host_n = strlen(url) - strlen(scheme) - TAIL;
	memcpy(host, url + strlen(scheme), host_n);
	if (pb_sun_template(host, &same, NULL) != PB_OK || !pb_view_equal(pb_ndef_view(&same), ndef_file))
		return false;
	ret_places->picc = (uint32_t)(PB_NDEF_HEAD + host_n + strlen(path));
	ret_places->mac = ret_places->picc + PICC_DIGITS + (uint32_t)strlen(between);
	return true;
}
