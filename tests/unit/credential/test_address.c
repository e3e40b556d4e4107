/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/credential/url.h and ndef.h: one spelling each, and no other is read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/credential/ndef.h"
#include "issuer/credential/url.h"
#include "tests/lib/vectors.h"

static const char host[] = "profbilet.example";

static enum pb_credential_fault read_address(const char *text, struct pb_credential_token *ret_token)
{
	return pb_credential_url_decode(pb_view_text(text), host, ret_token);
}

static void an_auditor_takes_the_address_of_whichever_host(void **state)
{
	static const struct {
		const char *text;
		enum pb_credential_fault fault;
	} rows[] = {
		{ "https://a.example/v#MY", PB_FAULT_NONE },
		{ "https://other.example/v#MY", PB_FAULT_NONE },
		{ "https://Other.example/v#MY", PB_FAULT_URL_FOREIGN },
		{ "https:///v#MY", PB_FAULT_URL_FOREIGN },
		{ "https://a.example/w#MY", PB_FAULT_URL_FOREIGN },
		{ "https://a.example", PB_FAULT_URL_FOREIGN },
		{ "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/v#MY", PB_FAULT_URL_FOREIGN },
	};
	struct pb_credential_token token;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(pb_credential_url_decode(pb_view_text(rows[i].text), NULL, &token), rows[i].fault);
}

static void base32_is_that_of_rfc_4648(void **state)
{
	/* RFC 4648 10, without its padding */
	static const char *const published[][2] = { { "f", "MY" },	  { "fo", "MZXQ" },	 { "foo", "MZXW6" },
						    { "foob", "MZXW6YQ" }, { "fooba", "MZXW6YTB" }, { "foobar", "MZXW6YTBOI" } };
	struct pb_credential_url url;
	struct pb_credential_token token;

	(void)state;
	for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
		assert_int_equal(pb_credential_url(host, pb_view_text(published[i][0]), &url, NULL), PB_OK);
		assert_memory_equal(url.text, "https://profbilet.example/v#", 28);
		assert_int_equal(url.prefix_n, 28);
		assert_string_equal(url.text + url.prefix_n, published[i][1]);
		assert_int_equal(read_address(url.text, &token), PB_FAULT_NONE);
		assert_true(pb_view_equal(pb_credential_token_view(&token), pb_view_text(published[i][0])));
	}
}

static void every_length_comes_back(void **state)
{
	uint8_t bytes[PB_CREDENTIAL_MAX];
	struct pb_credential_url url;
	struct pb_credential_token token;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 167 + 201);
	for (size_t n = 1; n <= sizeof(bytes); n++) {
		assert_int_equal(pb_credential_url(host, pb_view(bytes, n), &url, NULL), PB_OK);
		assert_int_equal(read_address(url.text, &token), PB_FAULT_NONE);
		assert_true(pb_view_equal(pb_credential_token_view(&token), pb_view(bytes, n)));
	}
}

static void no_other_spelling_is_read(void **state)
{
	static const struct {
		const char *text;
		enum pb_credential_fault fault;
	} bad[] = {
		{ "", PB_FAULT_URL_FOREIGN },
		{ "https://", PB_FAULT_URL_FOREIGN },
		{ "http://profbilet.example/v#MY", PB_FAULT_URL_FOREIGN },
		{ "HTTPS://PROFBILET.EXAMPLE/v#MY", PB_FAULT_URL_FOREIGN },
		{ "https://profbilet.example.evil/v#MY", PB_FAULT_URL_FOREIGN },
		{ "https://evil@profbilet.example/v#MY", PB_FAULT_URL_FOREIGN },
		{ "https://profbilet.example:443/v#MY", PB_FAULT_URL_FOREIGN },
		{ "https://profbilet.example/V#MY", PB_FAULT_URL_FOREIGN },
		{ "https://profbilet.example/v?x#MY", PB_FAULT_URL_FOREIGN },
		{ "https://profbilet.exampl", PB_FAULT_URL_FOREIGN },
		{ " https://profbilet.example/v#MY", PB_FAULT_URL_FOREIGN },
		{ "https://profbilet.example/v#", PB_FAULT_URL_LENGTH },
		{ "https://profbilet.example/v#M", PB_FAULT_URL_LENGTH },
		{ "https://profbilet.example/v#MZX", PB_FAULT_URL_LENGTH },
		{ "https://profbilet.example/v#MZXW6Y", PB_FAULT_URL_LENGTH },
		{ "https://profbilet.example/v#my", PB_FAULT_URL_ALPHABET },
		{ "https://profbilet.example/v#M0", PB_FAULT_URL_ALPHABET },
		{ "https://profbilet.example/v#M1", PB_FAULT_URL_ALPHABET },
		{ "https://profbilet.example/v#M8", PB_FAULT_URL_ALPHABET },
		{ "https://profbilet.example/v#MY======", PB_FAULT_URL_ALPHABET },
		{ "https://profbilet.example/v#MZX ", PB_FAULT_URL_ALPHABET },
		{ "https://profbilet.example/v#MZ", PB_FAULT_URL_TAIL },
		{ "https://profbilet.example/v#MZXR", PB_FAULT_URL_TAIL },
		{ "https://profbilet.example/v#MZXW7", PB_FAULT_URL_TAIL },
		{ "https://profbilet.example/v#MZXW6YR", PB_FAULT_URL_TAIL },
	};
	char longest[28 + PB_URL_BASE32_MAX + 2] = "https://profbilet.example/v#";
	struct pb_credential_token token = { .n = 77 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (read_address(bad[i].text, &token) != bad[i].fault)
			fail_msg("%s: %s", bad[i].text, pb_credential_fault_name(read_address(bad[i].text, &token)));
	memset(longest + 28, 'A', PB_URL_BASE32_MAX + 1);
	assert_int_equal(read_address(longest, &token), PB_FAULT_URL_TOO_LONG);
	assert_int_equal(token.n, 77);
}

static void only_a_plain_host_gets_an_address(void **state)
{
	static const char *const bad[] = { "", "Profbilet.example", "a/b", "a#b", "a@b", "a b", "профбилет.рф", ".a", "a.", "-a",
					   "a234567890123456789012345678901234567890123456789012345678901234" };
	struct pb_credential_url url;
	uint8_t bytes[PB_CREDENTIAL_MAX + 1] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(pb_credential_url(bad[i], PB_VIEW("x"), &url, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_credential_url(host, PB_VIEW(bytes), &url, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_credential_url(host, pb_view(bytes, 0), &url, NULL), PB_INPUT_INVALID);
}

static void the_ndef_file_is_the_published_one(void **state)
{
	struct vectors *vectors = vectors_load("ndef/uri.json");
	char url[PB_NDEF_URL_MAX + 1];
	uint8_t file[NDEF_MAX];
	struct pb_ndef ndef;

	(void)state;
	size_t n = vector_bytes(vectors, 0, "outputs.ndef_file", file, sizeof(file));

	assert_int_equal(pb_ndef_of_url(vector_text(vectors, 0, "inputs.uri"), &ndef, NULL), PB_OK);
	assert_true(pb_view_equal(pb_ndef_view(&ndef), pb_view(file, n)));
	assert_true(pb_ndef_read_url(pb_view(file, n), url));
	assert_string_equal(url, vector_text(vectors, 0, "inputs.uri"));
	vectors_free(vectors);
}

static void an_address_fills_the_ndef_file_and_no_more(void **state)
{
	char longest[PB_NDEF_URL_MAX + 2] = "https://", url[PB_NDEF_URL_MAX + 1];
	struct pb_ndef ndef;

	(void)state;
	memset(longest + 8, 'a', PB_NDEF_URL_MAX + 1 - 8);
	assert_int_equal(pb_ndef_of_url(longest, &ndef, NULL), PB_INPUT_INVALID);
	longest[PB_NDEF_URL_MAX] = '\0';
	assert_int_equal(pb_ndef_of_url(longest, &ndef, NULL), PB_OK);
	assert_int_equal(ndef.n, NDEF_MAX);
	assert_true(pb_ndef_read_url(pb_ndef_view(&ndef), url));
	assert_string_equal(url, longest);
	assert_int_equal(pb_ndef_of_url("http://a", &ndef, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_ndef_of_url("https://", &ndef, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_ndef_of_url("https://a b", &ndef, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_ndef_of_url("https://\xD1\x84", &ndef, NULL), PB_INPUT_INVALID);
}

static void another_ndef_file_is_not_read(void **state)
{
	char url[PB_NDEF_URL_MAX + 1];
	struct pb_ndef ndef;

	(void)state;
	assert_int_equal(pb_ndef_of_url("https://example.org/v/123", &ndef, NULL), PB_OK);
	for (size_t n = 0; n < ndef.n; n++)
		assert_false(pb_ndef_read_url(pb_view(ndef.bytes, n), url));
	for (size_t i = 0; i < PB_NDEF_HEAD; i++)
		for (int bit = 0; bit < 8; bit++) {
			struct pb_ndef other = ndef;

			other.bytes[i] ^= (uint8_t)(1 << bit);
			assert_false(pb_ndef_read_url(pb_ndef_view(&other), url));
		}
	ndef.bytes[ndef.n++] = 0; /* a longer file, as a card with a fixed size gives it */
	assert_false(pb_ndef_read_url(pb_ndef_view(&ndef), url));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base32_is_that_of_rfc_4648),
		cmocka_unit_test(an_auditor_takes_the_address_of_whichever_host),
		cmocka_unit_test(every_length_comes_back),
		cmocka_unit_test(no_other_spelling_is_read),
		cmocka_unit_test(only_a_plain_host_gets_an_address),
		cmocka_unit_test(the_ndef_file_is_the_published_one),
		cmocka_unit_test(an_address_fills_the_ndef_file_and_no_more),
		cmocka_unit_test(another_ndef_file_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
