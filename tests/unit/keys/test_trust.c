/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/trust.h: what a folder of certificates says, and that a mistake in it never widens trust.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "keys/crypto/x509.h"
#include "keys/keystore.h"
#include "keys/trust.h"
#include "tests/unit/keys/key_folder.h"

enum { DAY = 86400 };

static struct pb_trust *load(const struct key_folder *folder)
{
	struct pb_trust *trust = NULL;
	struct pb_err err = { 0 };

	if (pb_trust_load(key_folder_file(folder, "public"), &trust, &err) != PB_OK)
		fail_msg("%s", err.msg);
	return trust;
}

static enum pb_status try_load(const struct key_folder *folder, struct pb_err *err)
{
	struct pb_trust *trust = NULL;
	enum pb_status s = pb_trust_load(key_folder_file(folder, "public"), &trust, err);

	pb_trust_destroy(trust);
	return s;
}

static void write_file(const struct key_folder *folder, const char *name, const void *content, size_t n)
{
	FILE *file = fopen(key_folder_file(folder, name), "we");

	assert_non_null(file);
	assert_int_equal(fwrite(content, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static void write_states(const struct key_folder *folder, const char *kid, const char *lines)
{
	char text[512];
	int n = snprintf(text, sizeof(text), "[%s]\n%s", kid, lines);

	write_file(folder, "public/trust.ini", text, (size_t)n);
}

static void kid_of(const struct key_folder *folder, char ret_hex[static 17])
{
	struct pb_trust *trust = load(folder);

	pb_hex_encode(PB_VIEW(pb_trust_issuer(trust, 0)->kid), ret_hex);
	pb_trust_destroy(trust);
}

static void an_issuer_is_what_its_certificate_says(void **state)
{
	struct pb_trust *trust = load(*state);
	const struct pb_issuer *issuer = pb_trust_issuer(trust, 0);

	assert_int_equal(pb_trust_count(trust), 1);
	assert_string_equal(issuer->code, "RU-75-TST");
	assert_string_equal(issuer->name, "Пробная организация");
	assert_true(issuer->test);
	assert_int_equal(issuer->state, PB_ISSUER_ACTIVE);
	/* Made at noon on 1 June 2026; signs to the end of 30 June 2027; valid to the end of 31 July 2032. */
	assert_int_equal(issuer->valid_from, KEY_FOLDER_MADE);
	assert_int_equal(issuer->last_signing, 1814399999);
	assert_int_equal(issuer->valid_until, 1974931199);
	pb_trust_destroy(trust);
	pb_trust_destroy(NULL);
}

static void a_kid_may_have_several_issuers_or_none(void **state)
{
	const struct key_folder *folder = *state;
	char hex[17], name[64], copy[2 * KEY_FOLDER_PATH];
	const struct pb_issuer *first, *second;
	uint8_t kid[8];
	struct pb_trust *trust;

	kid_of(folder, hex);
	(void)snprintf(name, sizeof(name), "public/issuer-%s.pem", hex);
	(void)snprintf(copy, sizeof(copy), "%s", key_folder_file(folder, "public/issuer-again.pem"));
	assert_int_equal(link(key_folder_file(folder, name), copy), 0);
	trust = load(folder);
	memcpy(kid, pb_trust_issuer(trust, 0)->kid, 8);
	assert_non_null(first = pb_trust_find(trust, kid, NULL));
	assert_non_null(second = pb_trust_find(trust, kid, first));
	assert_ptr_not_equal(first, second);
	assert_null(pb_trust_find(trust, kid, second));
	kid[0] ^= 1;
	assert_null(pb_trust_find(trust, kid, NULL));
	pb_trust_destroy(trust);
}

static void states_narrow_trust_and_never_widen_it(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_trust *trust;
	char kid[17];

	kid_of(folder, kid);
	write_states(folder, kid, "state = retired\nlast-signing = 2026-12-31\n");
	trust = load(folder);
	assert_int_equal(pb_trust_issuer(trust, 0)->state, PB_ISSUER_RETIRED);
	assert_int_equal(pb_trust_issuer(trust, 0)->last_signing, 1798761599);
	pb_trust_destroy(trust);
	write_states(folder, kid, "state = compromised\nlast-signing = 2050-01-01\n");
	trust = load(folder);
	assert_int_equal(pb_trust_issuer(trust, 0)->state, PB_ISSUER_COMPROMISED);
	assert_int_equal(pb_trust_issuer(trust, 0)->last_signing, 1814399999);
	pb_trust_destroy(trust);
}

static void a_mistake_in_the_states_is_named(void **state)
{
	static const char *const lines[] = { "state = Retired\n", "status = retired\n", "last-signing = 31.02.2027\n",
					     "last-signing = soon\n" };
	const struct key_folder *folder = *state;
	struct pb_err err = { 0 };
	char kid[17];

	kid_of(folder, kid);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		write_states(folder, kid, lines[i]);
		assert_int_equal(try_load(folder, &err), PB_CONFIG_INVALID);
		assert_non_null(strstr(err.msg, "trust.ini line 2"));
	}
	kid[0] = kid[0] == '0' ? '1' : '0'; /* a typing mistake must not leave a stolen key trusted */
	write_states(folder, kid, "state = compromised\n");
	assert_int_equal(try_load(folder, &err), PB_CONFIG_INVALID);
	write_states(folder, "no kid", "state = compromised\n");
	assert_int_equal(try_load(folder, &err), PB_CONFIG_INVALID);
}

struct pki {
	struct pb_p256_private *root, *issuer;
	struct pb_p256_public *issuer_public;
	struct pb_x509 *root_cert;
};

static struct pki make_pki(const char *root_name)
{
	struct pki pki = { .root = pb_p256_generate(), .issuer = pb_p256_generate() };
	struct pb_x509_subject subject = { .common_name = root_name, .organisation = "Another office" };
	uint8_t point[PB_P256_POINT];

	pb_p256_private_point(pki.issuer, point);
	assert_int_equal(pb_p256_public_create(PB_VIEW(point), &pki.issuer_public, NULL), PB_OK);
	assert_int_equal(pb_x509_make_root(pki.root, &subject, KEY_FOLDER_MADE, KEY_FOLDER_MADE + 3000LL * DAY,
					   &pki.root_cert, NULL), PB_OK);
	return pki;
}

static void free_pki(struct pki *pki)
{
	pb_p256_private_destroy(pki->root);
	pb_p256_private_destroy(pki->issuer);
	pb_p256_public_destroy(pki->issuer_public);
	pb_x509_destroy(pki->root_cert);
}

static struct pb_x509 *make_issuer(const struct pki *pki, const char *code, int64_t days, bool test)
{
	struct pb_x509_subject subject = { .common_name = "Issuer", .organisation = "Another office", .serial_number = code };
	struct pb_x509_issuer_terms terms = { KEY_FOLDER_MADE, KEY_FOLDER_MADE + DAY, KEY_FOLDER_MADE + days * DAY, test,
					      NULL };
	struct pb_x509 *cert = NULL;

	assert_int_equal(pb_x509_make_issuer(pki->root, pki->root_cert, pki->issuer_public, &subject, &terms, &cert, NULL),
			 PB_OK);
	return cert;
}

static void write_cert(const struct key_folder *folder, const char *name, struct pb_x509 *cert)
{
	uint8_t pem[PB_X509_PEM_MAX];

	write_file(folder, name, pem, pb_x509_to_pem(cert, pem));
	pb_x509_destroy(cert);
}

static void an_issuer_under_another_root_spoils_the_folder(void **state)
{
	/* The name of the pinned root, but not its key. */
	struct pki pki = make_pki("Profbilet TEST root");
	struct pb_err err = { 0 };

	write_cert(*state, "public/issuer-foreign.pem", make_issuer(&pki, "RU-00-XXX", 100, false));
	assert_int_equal(try_load(*state, &err), PB_KEYS_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "issuer-foreign.pem"));
	free_pki(&pki);
}

static void a_root_must_outlive_its_issuers(void **state)
{
	const struct key_folder *folder = *state;
	struct pki pki = make_pki("Root");
	struct pb_x509 *root = NULL, *issuer = make_issuer(&pki, "RU-01", 3000, false);
	uint8_t pem[PB_X509_PEM_MAX];
	char kid[17], name[64];
	struct pb_trust *trust;

	kid_of(folder, kid);
	(void)snprintf(name, sizeof(name), "public/issuer-%s.pem", kid);
	assert_int_equal(unlink(key_folder_file(folder, name)), 0);
	assert_int_equal(try_load(folder, NULL), PB_KEYS_UNAVAILABLE); /* nobody to trust */
	assert_int_equal(pb_x509_from_pem(pb_view(pem, pb_x509_to_pem(pki.root_cert, pem)), &root, NULL), PB_OK);
	write_cert(folder, "public/root.pem", root);
	write_cert(folder, "public/issuer-a.pem", issuer);
	trust = load(folder);
	assert_false(pb_trust_issuer(trust, 0)->test);
	pb_trust_destroy(trust);
	write_cert(folder, "public/issuer-a.pem", make_issuer(&pki, "RU-01", 3001, false));
	assert_int_equal(try_load(folder, NULL), PB_KEYS_UNAVAILABLE);
	write_cert(folder, "public/issuer-a.pem", make_issuer(&pki, "ru/../01", 100, false));
	assert_int_equal(try_load(folder, NULL), PB_KEYS_UNAVAILABLE);
	write_cert(folder, "public/issuer-a.pem", make_issuer(&pki, NULL, 100, false));
	assert_int_equal(try_load(folder, NULL), PB_KEYS_UNAVAILABLE);
	free_pki(&pki);
}

static void an_issuer_may_stand_under_the_spare_root(void **state)
{
	const struct key_folder *folder = *state;
	struct pki pki = make_pki("Spare");
	struct pb_x509 *root = NULL;
	uint8_t pem[PB_X509_PEM_MAX];
	struct pb_trust *trust;

	write_cert(folder, "public/issuer-b.pem", make_issuer(&pki, "RU-02", 100, true));
	assert_int_equal(try_load(folder, NULL), PB_KEYS_UNAVAILABLE);
	assert_int_equal(pb_x509_from_pem(pb_view(pem, pb_x509_to_pem(pki.root_cert, pem)), &root, NULL), PB_OK);
	write_cert(folder, "public/root-spare.pem", root);
	trust = load(folder);
	assert_int_equal(pb_trust_count(trust), 2);
	pb_trust_destroy(trust);
	write_file(folder, "public/root-spare.pem", "no root", 7);
	assert_int_equal(try_load(folder, NULL), PB_KEYS_UNAVAILABLE);
	free_pki(&pki);
}

static void the_root_is_no_issuer(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_err err = { 0 };
	char copy[2 * KEY_FOLDER_PATH];

	(void)snprintf(copy, sizeof(copy), "%s", key_folder_file(folder, "public/issuer-root.pem"));
	assert_int_equal(link(key_folder_file(folder, "public/root.pem"), copy), 0);
	assert_int_equal(try_load(folder, &err), PB_KEYS_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "not for issuing membership cards"));
}

static void a_damaged_certificate_is_refused(void **state)
{
	struct pki pki = make_pki("Root");
	struct pb_x509 *issuer = make_issuer(&pki, "RU-01", 100, true), *cert = NULL;
	uint8_t pem[PB_X509_PEM_MAX];
	size_t n = pb_x509_to_pem(issuer, pem);

	(void)state;
	assert_int_equal(pb_x509_verify(issuer, pki.root_cert, KEY_FOLDER_MADE + DAY, NULL), PB_OK);
	assert_int_equal(pb_x509_verify(issuer, pki.root_cert, KEY_FOLDER_MADE - DAY, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_x509_verify(issuer, pki.root_cert, KEY_FOLDER_MADE + 101 * DAY, NULL), PB_INPUT_INVALID);
	for (size_t i = 40; i < n - 40; i += 3) {
		uint8_t kept = pem[i];

		pem[i] = kept == 'A' ? 'B' : 'A';
		if (pb_x509_from_pem(pb_view(pem, n), &cert, NULL) == PB_OK) {
			assert_int_equal(pb_x509_verify(cert, pki.root_cert, KEY_FOLDER_MADE + DAY, NULL), PB_INPUT_INVALID);
			pb_x509_destroy(cert);
		}
		pem[i] = kept;
	}
	pb_x509_destroy(issuer);
	free_pki(&pki);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, key_folder_setup, key_folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(an_issuer_is_what_its_certificate_says),
		WITH_FOLDER(a_kid_may_have_several_issuers_or_none),
		WITH_FOLDER(states_narrow_trust_and_never_widen_it),
		WITH_FOLDER(a_mistake_in_the_states_is_named),
		WITH_FOLDER(an_issuer_under_another_root_spoils_the_folder),
		WITH_FOLDER(a_root_must_outlive_its_issuers),
		WITH_FOLDER(an_issuer_may_stand_under_the_spare_root),
		WITH_FOLDER(the_root_is_no_issuer),
		cmocka_unit_test(a_damaged_certificate_is_refused),
	};

	return cmocka_run_group_tests(tests, key_folder_make, key_folder_remove);
}
