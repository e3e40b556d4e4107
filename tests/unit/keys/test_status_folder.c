/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/status_folder.h: a folder never goes back to an older list, also when the newer one was lost or exchanged behind
 * its back, and a crash between two steps of an exchange leaves the old list or the new one.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "keys/key_file.h"
#include "keys/status_folder.h"
#include "tests/unit/keys/status_cases.h"

#define LIST "status-RU-75-TST-3"

enum { DAY = 86400 };

struct token {
	uint8_t bytes[PB_STATUS_TOKEN_MAX];
	size_t n;
};

static struct {
	char path[64];
	int fd;
	struct token old, new; /* of the same list, a day apart */
} folder;

static void sign(int64_t issued_at, struct token *ret_token)
{
	struct pb_status_list list;

	status_case_list(&list);
	list.issued_at = issued_at;
	status_case_sign(&list, ret_token->bytes, &ret_token->n);
}

static void put(const char *name, struct pb_view content)
{
	assert_int_equal(pb_key_file_replace(folder.fd, name, content, NULL), PB_OK);
}

static void put_pem(const char *name, const struct pb_x509 *cert)
{
	uint8_t pem[PB_X509_PEM_MAX];

	put(name, pb_view(pem, pb_x509_to_pem(cert, pem)));
}

static int make_folder(void **state)
{
	(void)state;
	(void)snprintf(folder.path, sizeof(folder.path), "/tmp/profbilet-status-XXXXXX");
	assert_non_null(mkdtemp(folder.path));
	folder.fd = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(folder.fd >= 0);
	put_pem("root.pem", status_case_roots()->pinned[0]);
	put_pem("status-list-0.pem", status_case_certificate());
	sign(STATUS_CASE_ISSUED, &folder.old);
	sign(STATUS_CASE_ISSUED + DAY, &folder.new);
	return 0;
}

static int remove_folder(void **state)
{
	char command[96];

	(void)state;
	close(folder.fd);
	(void)snprintf(command, sizeof(command), "rm -r '%s'", folder.path);
	return system(command);
}

static enum pb_status_fault bring(const struct token *token, bool *ret_new)
{
	enum pb_status_fault fault;
	struct pb_status_list list;
	struct pb_err err = { 0 };

	if (pb_status_accept(folder.path, pb_view(token->bytes, token->n), &list, ret_new, &fault, &err) != PB_OK)
		fail_msg("%s", err.msg);
	return fault;
}

static void must_take(const struct token *token)
{
	bool is_new;

	assert_int_equal(bring(token, &is_new), PB_STATUS_FAULT_NONE);
	assert_true(is_new);
}

/* `iat` of the one list that a verifier goes by. */
static int64_t used(void)
{
	struct pb_statuses *statuses;
	struct pb_err err = { 0 };
	int64_t issued_at;

	if (pb_statuses_load(folder.path, &statuses, &err) != PB_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(pb_statuses_count(statuses), 1);
	issued_at = pb_statuses_list(statuses, 0)->issued_at;
	pb_statuses_destroy(statuses);
	return issued_at;
}

static void must_refuse(const char *words)
{
	struct pb_statuses *statuses;
	struct pb_err err = { 0 };

	assert_int_equal(pb_statuses_load(folder.path, &statuses, &err), PB_KEYS_UNAVAILABLE);
	if (strstr(err.msg, words) == NULL)
		fail_msg("%s", err.msg);
	assert_int_equal(pb_statuses_load_good(folder.path, &statuses, NULL), PB_OK);
	assert_int_equal(pb_statuses_count(statuses), 0);
	pb_statuses_destroy(statuses);
}

/* ---- going back */

static void the_very_list_that_is_here_is_nothing_new(void **state)
{
	bool is_new = true;

	(void)state;
	must_take(&folder.old);
	assert_int_equal(bring(&folder.old, &is_new), PB_STATUS_FAULT_NONE);
	assert_false(is_new);
	assert_int_equal(used(), STATUS_CASE_ISSUED);
}

static void a_list_that_was_lost_is_missed(void **state)
{
	bool is_new;

	(void)state;
	must_take(&folder.new);
	assert_int_equal(unlinkat(folder.fd, LIST ".cwt", 0), 0);
	must_refuse(LIST ".cwt is missing");
	assert_int_equal(bring(&folder.old, &is_new), PB_STATUS_FAULT_ROLLBACK);
	must_take(&folder.new);
	assert_int_equal(used(), STATUS_CASE_ISSUED + DAY);
}

static void an_older_list_put_in_its_place_is_refused(void **state)
{
	struct token other;

	(void)state;
	must_take(&folder.new);
	put(LIST ".cwt", pb_view(folder.old.bytes, folder.old.n));
	must_refuse("a later list has been seen here");
	sign(STATUS_CASE_ISSUED + DAY, &other);
	put(LIST ".cwt", pb_view(other.bytes, other.n));
	must_refuse("another list of the same number has been seen here");
	put(LIST ".cwt", pb_view(folder.new.bytes, folder.new.n));
	assert_int_equal(used(), STATUS_CASE_ISSUED + DAY);
}

static void a_memory_that_cannot_be_read_is_named(void **state)
{
	enum pb_status_fault fault;
	struct pb_status_list list;
	bool is_new;

	(void)state;
	must_take(&folder.new);
	put(LIST ".seen", pb_view_text("1793534400\n"));
	must_refuse(LIST ".seen: not the number and SHA-256");
	assert_int_equal(pb_status_accept(folder.path, pb_view(folder.new.bytes, folder.new.n), &list, &is_new, &fault, NULL),
			 PB_KEYS_UNAVAILABLE);
}

static void a_newer_list_that_was_copied_here_counts(void **state)
{
	bool is_new;

	(void)state;
	must_take(&folder.old);
	put(LIST ".cwt", pb_view(folder.new.bytes, folder.new.n));
	assert_int_equal(used(), STATUS_CASE_ISSUED + DAY);
	assert_int_equal(bring(&folder.old, &is_new), PB_STATUS_FAULT_ROLLBACK);
}

static void the_signer_learns_of_the_latest_that_was_here(void **state)
{
	int64_t newest = -1;

	(void)state;
	assert_int_equal(pb_status_newest(folder.path, "RU-75-TST", 3, &newest, NULL), PB_OK);
	assert_int_equal(newest, 0);
	must_take(&folder.new);
	assert_int_equal(unlinkat(folder.fd, LIST ".cwt", 0), 0);
	assert_int_equal(pb_status_newest(folder.path, "RU-75-TST", 3, &newest, NULL), PB_OK);
	assert_int_equal(newest, STATUS_CASE_ISSUED + DAY);
}

/* ---- a crash between two steps */

static void a_list_that_only_waits_does_not_count_yet(void **state)
{
	(void)state;
	must_take(&folder.old);
	put(LIST ".cwt.new", pb_view(folder.new.bytes, folder.new.n));
	assert_int_equal(used(), STATUS_CASE_ISSUED);
	must_take(&folder.new);
	assert_int_equal(used(), STATUS_CASE_ISSUED + DAY);
}

static void once_it_was_seen_the_waiting_list_counts(void **state)
{
	bool is_new;

	(void)state;
	must_take(&folder.new); /* writes the memory that the next step begins with */
	put(LIST ".cwt.new", pb_view(folder.new.bytes, folder.new.n));
	put(LIST ".cwt", pb_view(folder.old.bytes, folder.old.n));
	assert_int_equal(used(), STATUS_CASE_ISSUED + DAY);
	assert_int_equal(unlinkat(folder.fd, LIST ".cwt", 0), 0); /* of the first list there is no old one */
	assert_int_equal(used(), STATUS_CASE_ISSUED + DAY);
	assert_int_equal(bring(&folder.old, &is_new), PB_STATUS_FAULT_ROLLBACK);
	assert_int_equal(faccessat(folder.fd, LIST ".cwt.new", F_OK, 0), -1); /* settled on the way */
	assert_int_equal(used(), STATUS_CASE_ISSUED + DAY);
}

#define OWN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OWN_FOLDER(the_very_list_that_is_here_is_nothing_new),
		OWN_FOLDER(a_list_that_was_lost_is_missed),
		OWN_FOLDER(an_older_list_put_in_its_place_is_refused),
		OWN_FOLDER(a_memory_that_cannot_be_read_is_named),
		OWN_FOLDER(a_newer_list_that_was_copied_here_counts),
		OWN_FOLDER(the_signer_learns_of_the_latest_that_was_here),
		OWN_FOLDER(a_list_that_only_waits_does_not_count_yet),
		OWN_FOLDER(once_it_was_seen_the_waiting_list_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
