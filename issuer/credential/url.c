/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Base32 both ways, and the words around it.
 */
#include "issuer/credential/url.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
static const char scheme[] = "https://", path[] = "/v#";

static size_t encode(struct pb_view bytes, char *ret_text)
{
	unsigned bits = 0, held = 0;
	size_t n = 0;

	for (size_t i = 0; i < bytes.n; i++) {
		held = (held << 8 | bytes.p[i]) & 0xFFF;
		for (bits += 8; bits >= 5; bits -= 5)
			ret_text[n++] = alphabet[held >> (bits - 5) & 31];
	}
	if (bits > 0)
		ret_text[n++] = alphabet[held << (5 - bits) & 31];
	return n;
}

static bool letter_value(uint8_t letter, unsigned *ret_value)
{
	if (letter >= 'A' && letter <= 'Z')
		*ret_value = letter - (unsigned)'A';
	else if (letter >= '2' && letter <= '7')
		*ret_value = letter - (unsigned)'2' + 26;
	else
		return false;
	return true;
}

static enum pb_credential_fault decode(struct pb_view text, struct pb_credential_token *ret_token)
{
	unsigned bits = 0, held = 0, value;
	struct pb_credential_token token;
	size_t n = 0;

	if (text.n > PB_URL_BASE32_MAX)
		return PB_FAULT_URL_TOO_LONG;
	/* Eight letters hold five bytes; of the shorter groups only 2, 4, 5 and 7 end one. */
	if (text.n == 0 || text.n % 8 == 1 || text.n % 8 == 3 || text.n % 8 == 6)
		return PB_FAULT_URL_LENGTH;
	for (size_t i = 0; i < text.n; i++) {
		if (!letter_value(text.p[i], &value))
			return PB_FAULT_URL_ALPHABET;
		held = (held << 5 | value) & 0xFFF;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			token.bytes[n++] = (uint8_t)(held >> bits);
		}
	}
	if (held & ((1u << bits) - 1))
		return PB_FAULT_URL_TAIL;
	token.n = n;
	*ret_token = token;
	return PB_FAULT_NONE;
}

bool pb_url_host_valid(const char *host)
{
	size_t n = strlen(host);

	return n >= 1 && n <= PB_URL_HOST_MAX && strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-") == n &&
	       strchr(".-", host[0]) == NULL && strchr(".-", host[n - 1]) == NULL;
}

enum pb_status pb_credential_url(const char *host, struct pb_view token, struct pb_credential_url *ret_url, struct pb_err *err)
{
	struct pb_credential_url url = { 0 };
	struct pb_writer writer = pb_writer(url.text, sizeof(url.text));

	if (!pb_url_host_valid(host))
		return pb_fail(err, PB_INPUT_INVALID, "the host of the verifying page must be a lower-case name");
	if (token.n < 1 || token.n > PB_CREDENTIAL_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "a credential of %zu bytes has no address", token.n);
	pb_put_view(&writer, pb_view_text(scheme));
	pb_put_view(&writer, pb_view_text(host));
	pb_put_view(&writer, pb_view_text(path));
	url.prefix_n = writer.n;
	(void)encode(token, url.text + writer.n);
	*ret_url = url;
	return PB_OK;
}

static bool take_word(struct pb_cursor *in, const char *word)
{
	struct pb_view taken;

	return pb_take(in, strlen(word), &taken) && pb_view_equal(taken, pb_view_text(word));
}

static bool take_host(struct pb_cursor *in, const char *host)
{
	char any[PB_URL_HOST_MAX + 1];
	struct pb_view taken;
	size_t n = 0;

	if (host != NULL)
		return take_word(in, host);
	while (n < in->left && n < PB_URL_HOST_MAX && in->p[n] != '/')
		n++;
	if (!pb_take(in, n, &taken))
		return false;
	memcpy(any, taken.p, n);
	any[n] = '\0';
	return pb_url_host_valid(any);
}

enum pb_credential_fault pb_credential_url_decode(struct pb_view url, const char *host, struct pb_credential_token *ret_token)
{
	struct pb_cursor in = pb_cursor(url);

	if (!take_word(&in, scheme) || !take_host(&in, host) || !take_word(&in, path))
		return PB_FAULT_URL_FOREIGN;
	return decode(pb_view(in.p, in.left), ret_token);
}
