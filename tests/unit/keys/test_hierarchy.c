/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The certificates of an office, made with real keys and with TEST keys, against the table that says what each
 * key may do: purpose, times, roots.  What OpenSSL's own tools read is in openssl.sh.
 */
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/keystore.h"
#include "keys/roots.h"

enum { MADE = 1780315200 /* 1 June 2026, noon */ };

struct office {
	char folder[64];
	struct pb_keystore *store;
	struct pb_roots roots;
	int public_fd;
	bool test;
};

static void make(struct office *office, bool test)
{
	const struct pb_keystore_terms terms = { .issuer_code = "RU-75-01", .issuer_name = "Краевая организация", .test = test };
	struct pb_clock clock = pb_clock_at(MADE);
	struct pb_keystore_options options = { .clock = &clock };
	struct pb_secret passphrase = { 0 };
	struct pb_err err = { 0 };
	char path[128];

	*office = (struct office){ .folder = "/tmp/profbilet-hierarchy.XXXXXX", .test = test };
	assert_non_null(mkdtemp(office->folder));
	(void)snprintf(path, sizeof(path), "%s/keys", office->folder);
	pb_secret_set(&passphrase, "correct horse", 13);
	if (pb_keystore_create(path, &passphrase, &terms, &clock, &err) != PB_OK ||
	    pb_keystore_open(path, &passphrase, &options, &office->store, &err) != PB_OK)
		fail_msg("%s", err.msg);
	(void)snprintf(path, sizeof(path), "%s/keys/" PB_KEY_DIR_PUBLIC, office->folder);
	office->public_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(office->public_fd >= 0);
	assert_int_equal(pb_roots_load(office->public_fd, &office->roots, &err), PB_OK);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static void finish(struct office *office)
{
	pb_keystore_close(office->store);
	pb_roots_finish(&office->roots);
	(void)close(office->public_fd);
	assert_int_equal(nftw(office->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static struct pb_x509 *certificate_of(const struct office *office, enum pb_key_role role)
{
	char name[PB_KEY_DIR_CERTIFICATE_NAME];
	uint8_t pem[PB_KEY_FILE_MAX], point[PB_P256_POINT], kid[PB_P256_KID];
	struct pb_x509 *cert = NULL;
	size_t n;

	assert_true(pb_keystore_certified_point(office->store, role, point));
	pb_p256_kid(point, kid);
	pb_key_dir_certificate_name(role, kid, name);
	assert_int_equal(pb_key_file_read(office->public_fd, name, PB_KEY_FILE_PUBLIC, pem, &n, NULL), PB_OK);
	assert_int_equal(pb_x509_from_pem(pb_view(pem, n), &cert, NULL), PB_OK);
	return cert;
}

/* To the last second of the day before. */
static void assert_months(int64_t until, int months)
{
	struct pb_date from = pb_date_of_instant(MADE, 0), end = pb_date_of_instant(until + 1, 0);

	assert_int_equal(pb_date_start(end, 0), until + 1);
	assert_int_equal((end.year - from.year) * 12 + end.month - from.month, months);
	assert_int_equal(end.day, from.day);
}

static void check_role(const struct office *office, enum pb_key_role role)
{
	const struct pb_key_role_row *row = pb_key_role_row(role);
	struct pb_x509 *cert = certificate_of(office, role);
	struct pb_x509_issuer read;

	assert_int_equal(pb_x509_read_signer(cert, row->purpose, &read, NULL), PB_OK);
	assert_int_equal(read.test, office->test);
	assert_int_equal(read.from, MADE);
	assert_months(read.signs_until, row->signing_months);
	assert_months(read.until, row->certificate_months);
	assert_true(row->signing_months < row->certificate_months);
	for (enum pb_key_role other = 0; other < PB_ROLE_CERTIFIED_COUNT; other++)
		if (other != role)
			assert_int_equal(pb_x509_read_signer(cert, pb_key_role_row(other)->purpose, &read, NULL), PB_INPUT_INVALID);
	/* The root signs it, the spare does not; until its last second and no longer. */
	assert_int_equal(pb_x509_verify(cert, office->roots.pinned[0], MADE, NULL), PB_OK);
	assert_int_equal(pb_x509_verify(cert, office->roots.pinned[1], MADE, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_x509_verify(cert, office->roots.pinned[0], MADE - 1, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_x509_read_signer(cert, row->purpose, &read, NULL), PB_OK);
	assert_int_equal(pb_x509_verify(cert, office->roots.pinned[0], read.until - 1, NULL), PB_OK);
	assert_int_equal(pb_x509_verify(cert, office->roots.pinned[0], read.until + 1, NULL), PB_INPUT_INVALID);
	pb_x509_destroy(cert);
}

static void each_certificate_is_its_row_of_the_table(void **state)
{
	struct office office;

	(void)state;
	for (int test = 0; test < 2; test++) {
		make(&office, test == 1);
		assert_int_equal(office.roots.count, 2); /* and the spare, of the same day */
		assert_int_equal(pb_keystore_is_test(office.store), test == 1);
		for (enum pb_key_role role = 0; role < PB_ROLE_CERTIFIED_COUNT; role++)
			check_role(&office, role);
		finish(&office);
	}
}

/* A card of the last signing day, valid for five years to the end of that year, is checked to its end. */
static void an_issuer_outlives_its_last_card(void **state)
{
	const struct pb_key_role_row *row = pb_key_role_row(PB_ROLE_ISSUER);

	(void)state;
	for (int month = 1; month <= 12; month++) { /* of making the key, in year 0 */
		int last_signing = month + row->signing_months, last_year = (last_signing - 1) / 12 + 5;

		assert_true(month + row->certificate_months >= last_year * 12 + 12);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_certificate_is_its_row_of_the_table),
		cmocka_unit_test(an_issuer_outlives_its_last_card),
	};

	return cmocka_run_group_tests_name("hierarchy", tests, NULL, NULL);
}
