/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Envelopes: what goes in comes out, to the one key alone, and a changed byte is noticed wherever it is.  That OpenSSL's
 * command opens them shows flow@backup.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "keys/crypto/envelope.h"
#include "keys/crypto/hash.h"

static struct pb_p256_private *key, *other;
static struct pb_x509 *cert;
static struct pb_err err;

static int setup(void **state)
{
	struct pb_x509_subject subject = { .common_name = "backup", .organisation = "office" };

	(void)state;
	key = pb_p256_generate();
	other = pb_p256_generate();
	return pb_x509_make_root(key, &subject, 1790000000, 1890000000, &cert, &err) == PB_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	pb_x509_destroy(cert);
	pb_p256_private_destroy(key);
	pb_p256_private_destroy(other);
	return 0;
}

static void what_goes_in_comes_out(void **state)
{
	static const size_t sizes[] = { 0, 1, 4096, PB_ENVELOPE_CONTENT_MAX };
	uint8_t *content = calloc(1, PB_ENVELOPE_CONTENT_MAX + 1);

	(void)state;
	assert_non_null(content);
	pb_random(content, 4096);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint8_t *der, *back;
		size_t n, m;

		assert_int_equal(pb_envelope_seal(cert, pb_view(content, sizes[i]), &der, &n, &err), PB_OK);
		assert_true(n <= PB_ENVELOPE_MAX);
		assert_int_equal(pb_envelope_open(key, pb_view(der, n), &back, &m, &err), PB_OK);
		assert_true(pb_view_equal(pb_view(back, m), pb_view(content, sizes[i])));
		free(back);
		assert_int_equal(pb_envelope_open(other, pb_view(der, n), &back, &m, &err), PB_KEYS_REFUSED);
		free(der);
	}
	assert_int_equal(pb_envelope_seal(cert, pb_view(content, PB_ENVELOPE_CONTENT_MAX + 1), &(uint8_t *){ NULL }, &(size_t){ 0 }, &err),
			 PB_INPUT_INVALID);
	free(content);
}

/* The names in it may change and are nobody's concern; what may not is the content. */
static void a_changed_byte_never_gives_other_content(void **state)
{
	static const char text[] = "a member list";
	uint8_t *der;
	size_t n, refused = 0;

	(void)state;
	assert_int_equal(pb_envelope_seal(cert, pb_view_text(text), &der, &n, &err), PB_OK);
	for (size_t i = 0; i < n; i++) {
		uint8_t *back = NULL;
		size_t m;

		der[i] ^= 0x10;
		if (pb_envelope_open(key, pb_view(der, n), &back, &m, &err) == PB_OK)
			assert_true(pb_view_equal(pb_view(back, m), pb_view_text(text)));
		else
			refused++;
		free(back);
		der[i] ^= 0x10;
	}
	assert_true(refused > n / 2);
	for (size_t cut = 0; cut < n; cut++)
		assert_int_equal(pb_envelope_open(key, pb_view(der, cut), &(uint8_t *){ NULL }, &(size_t){ 0 }, &err), PB_KEYS_REFUSED);
	free(der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(a_changed_byte_never_gives_other_content),
	};

	return cmocka_run_group_tests_name("envelope", tests, setup, teardown);
}
