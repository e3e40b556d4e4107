/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/trust.h and keys/trust_publish.h: a folder believes its roots and one list, and no mistake, crash or older
 * list ever widens whom it believes.
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "keys/crypto/x509.h"
#include "keys/keystore.h"
#include "keys/trust.h"
#include "keys/trust_publish.h"
#include "tests/lib/published_trust.h"
#include "tests/unit/keys/key_folder.h"

enum { DAY = 86400, TOKEN_MAX = 8192 };

/* Every folder is a copy of one, so one store, opened once (scrypt is slow by design), signs for all. */
static struct pb_keystore *store;
static struct pb_clock clock_of_store;

static void open_store(const struct key_folder *folder)
{
	struct pb_keystore_options options = { .clock = &clock_of_store };
	struct pb_err err = { 0 };

	clock_of_store = folder->clock;
	if (store == NULL && pb_keystore_open(folder->keys, &folder->passphrase, &options, &store, &err) != PB_OK)
		fail_msg("%s", err.msg);
}

/* Publishes with one change to the office's first issuer, and loads. */
static struct pb_trust *publish(const struct key_folder *folder, const struct pb_trust_change *change)
{
	open_store(folder);
	return published_trust(key_folder_file(folder, "public"), store, KEY_FOLDER_MADE + DAY, change, change != NULL);
}

static enum pb_status try_publish(const struct key_folder *folder, const struct pb_trust_change *change, struct pb_err *err)
{
	struct pb_trust_publication publication = { .directory = key_folder_file(folder, "public"), .now = KEY_FOLDER_MADE + DAY,
						    .changes = change, .change_count = change != NULL };
	struct pb_trust_draft draft = { 0 };
	enum pb_status s;

	open_store(folder);
	publication.store = store;
	s = pb_trust_publication_make(&publication, &draft, err);
	pb_trust_draft_finish(&draft);
	return s;
}

static enum pb_status try_load(const char *directory, struct pb_err *err)
{
	struct pb_trust *trust = NULL;
	enum pb_status s = pb_trust_load(directory, &trust, err);

	pb_trust_destroy(trust);
	return s;
}

static uint64_t loaded_sequence(const char *directory)
{
	struct pb_trust *trust = NULL;
	struct pb_err err = { 0 };
	uint64_t sequence;

	if (pb_trust_load(directory, &trust, &err) != PB_OK)
		fail_msg("%s", err.msg);
	sequence = pb_trust_list(trust)->sequence;
	pb_trust_destroy(trust);
	return sequence;
}

static void write_file(const struct key_folder *folder, const char *name, const void *content, size_t n)
{
	FILE *file = fopen(key_folder_file(folder, name), "we");

	assert_non_null(file);
	assert_int_equal(fwrite(content, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static size_t read_file(const char *path, uint8_t ret_bytes[static TOKEN_MAX])
{
	FILE *file = fopen(path, "re");
	size_t n;

	assert_non_null(file);
	n = fread(ret_bytes, 1, TOKEN_MAX, file);
	assert_true(n < TOKEN_MAX);
	assert_int_equal(fclose(file), 0);
	return n;
}

/* ---- a folder and its list */

static void an_issuer_is_what_its_certificate_says(void **state)
{
	struct pb_trust *trust = publish(*state, NULL);
	const struct pb_trust_entry *issuer = pb_trust_issuer(trust, 0)->entry;

	assert_int_equal(pb_trust_count(trust), 1);
	assert_int_equal(pb_trust_list(trust)->sequence, 1);
	assert_int_equal(pb_trust_list(trust)->issued_at, KEY_FOLDER_MADE + DAY);
	assert_int_equal(pb_trust_list(trust)->expires, KEY_FOLDER_MADE + 31 * DAY);
	assert_string_equal(issuer->code, "RU-75-TST");
	assert_string_equal(issuer->name, "Пробная организация");
	assert_true(issuer->test);
	assert_int_equal(issuer->state, PB_ISSUER_ACTIVE);
	/* Made at noon on 1 June 2026; signs to the end of 30 June 2027; valid to the end of 31 July 2033. */
	assert_int_equal(issuer->valid_from, KEY_FOLDER_MADE);
	assert_int_equal(issuer->last_signing, 1814399999);
	assert_int_equal(issuer->valid_until, 2006467199);
	assert_ptr_equal(pb_trust_find(trust, issuer->kid, NULL), pb_trust_issuer(trust, 0));
	assert_null(pb_trust_find(trust, issuer->kid, pb_trust_issuer(trust, 0)));
	assert_null(pb_trust_find(trust, issuer->point, NULL));
	pb_trust_destroy(trust);
	pb_trust_destroy(NULL);
}

static void without_a_list_or_a_root_nobody_is_believed(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_err err = { 0 };

	assert_int_equal(try_load(key_folder_file(folder, "public"), NULL), PB_NOT_FOUND);
	pb_trust_destroy(publish(folder, NULL));
	write_file(folder, "public/root.pem", "no root", 7);
	assert_int_equal(try_load(key_folder_file(folder, "public"), &err), PB_KEYS_UNAVAILABLE);
	assert_int_equal(unlink(key_folder_file(folder, "public/root.pem")), 0);
	assert_int_equal(try_load(key_folder_file(folder, "public"), &err), PB_KEYS_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "root.pem is missing"));
}

static void copy_to_shop(const struct key_folder *folder, const char *name)
{
	char from[64], to[64];
	uint8_t bytes[TOKEN_MAX];

	(void)snprintf(from, sizeof(from), "public/%s", name);
	(void)snprintf(to, sizeof(to), "shop/%s", name);
	write_file(folder, to, bytes, read_file(key_folder_file(folder, from), bytes));
}

static void open_shop(const struct key_folder *folder)
{
	assert_int_equal(mkdir(key_folder_file(folder, "shop"), 0700), 0);
	copy_to_shop(folder, "root.pem");
	copy_to_shop(folder, "root-spare.pem");
}

static void a_shop_needs_the_roots_and_the_list_and_nothing_else(void **state)
{
	pb_trust_destroy(publish(*state, NULL));
	open_shop(*state);
	copy_to_shop(*state, "trust.cwt");
	assert_int_equal(loaded_sequence(key_folder_file(*state, "shop")), 1);
}

/* ---- states */

static struct pb_trust_change change_of(const struct pb_trust *trust, enum pb_issuer_state state, int64_t last_signing)
{
	struct pb_trust_change change = { .state = state, .last_signing = last_signing };

	memcpy(change.kid, pb_trust_issuer(trust, 0)->entry->kid, sizeof(change.kid));
	return change;
}

static void states_narrow_trust_and_never_widen_it(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_trust *trust = publish(folder, NULL);
	struct pb_trust_change retired = change_of(trust, PB_ISSUER_RETIRED, KEY_FOLDER_MADE + 100 * DAY);
	struct pb_trust_change stolen = change_of(trust, PB_ISSUER_COMPROMISED, KEY_FOLDER_MADE + 5000LL * DAY);
	struct pb_err err = { 0 };

	pb_trust_destroy(trust);
	trust = publish(folder, &retired);
	assert_int_equal(pb_trust_issuer(trust, 0)->entry->state, PB_ISSUER_RETIRED);
	assert_int_equal(pb_trust_issuer(trust, 0)->entry->last_signing, KEY_FOLDER_MADE + 100 * DAY);
	assert_int_equal(pb_trust_list(trust)->sequence, 2);
	pb_trust_destroy(trust);
	trust = publish(folder, &stolen);
	assert_int_equal(pb_trust_issuer(trust, 0)->entry->state, PB_ISSUER_COMPROMISED);
	assert_int_equal(pb_trust_issuer(trust, 0)->entry->last_signing, KEY_FOLDER_MADE + 100 * DAY);
	pb_trust_destroy(trust);
	trust = publish(folder, NULL); /* what was said is said again */
	assert_int_equal(pb_trust_issuer(trust, 0)->entry->state, PB_ISSUER_COMPROMISED);
	pb_trust_destroy(trust);
	assert_int_equal(try_publish(folder, &retired, &err), PB_CONFLICT);
	assert_non_null(strstr(err.msg, "cannot be retired again"));
}

/* A typing mistake must not leave a stolen key trusted. */
static void a_change_of_nobody_is_refused(void **state)
{
	struct pb_trust_change nobody = { .kid = { 1, 2, 3 }, .state = PB_ISSUER_COMPROMISED };
	struct pb_err err = { 0 };

	assert_int_equal(try_publish(*state, &nobody, &err), PB_NOT_FOUND);
	assert_non_null(strstr(err.msg, "0102030000000000"));
}

/* ---- what a list is made from */

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
	assert_int_equal(pb_x509_make_root(pki.root, &subject, KEY_FOLDER_MADE, KEY_FOLDER_MADE + 3000LL * DAY, &pki.root_cert, NULL),
			 PB_OK);
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
	struct pb_x509_issuer_terms terms = { KEY_FOLDER_MADE, KEY_FOLDER_MADE + 2 * DAY, KEY_FOLDER_MADE + days * DAY, test, NULL, false };
	struct pb_x509 *cert = NULL;

	assert_int_equal(pb_x509_make_issuer(pki->root, pki->root_cert, pki->issuer_public, &subject, &terms, &cert, NULL), PB_OK);
	return cert;
}

static void write_cert(const struct key_folder *folder, const char *name, struct pb_x509 *cert)
{
	uint8_t pem[PB_X509_PEM_MAX];

	write_file(folder, name, pem, pb_x509_to_pem(cert, pem));
	pb_x509_destroy(cert);
}

/* The office's own root is exchanged for one whose key the test has. */
static void pin(const struct key_folder *folder, const struct pki *pki, const char *name)
{
	uint8_t pem[PB_X509_PEM_MAX];

	write_file(folder, name, pem, pb_x509_to_pem(pki->root_cert, pem));
}

static void an_issuer_under_another_root_is_not_vouched_for(void **state)
{
	/* The name of the pinned root, but not its key. */
	struct pki pki = make_pki("Profbilet TEST root");
	struct pb_err err = { 0 };

	write_cert(*state, "public/issuer-foreign.pem", make_issuer(&pki, "RU-00-XXX", 100, true));
	assert_int_equal(try_publish(*state, NULL, &err), PB_KEYS_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "issuer-foreign.pem"));
	free_pki(&pki);
}

static void an_issuer_may_stand_under_the_spare_root(void **state)
{
	const struct key_folder *folder = *state;
	struct pki pki = make_pki("Spare");
	struct pb_trust *trust;

	pin(folder, &pki, "public/root-spare.pem");
	write_cert(folder, "public/issuer-b.pem", make_issuer(&pki, "RU-02", 100, true));
	trust = publish(folder, NULL);
	assert_int_equal(pb_trust_count(trust), 2);
	pb_trust_destroy(trust);
	free_pki(&pki);
}

static void a_root_must_outlive_its_issuers(void **state)
{
	const struct key_folder *folder = *state;
	struct pki pki = make_pki("Spare");
	struct pb_err err = { 0 };

	pin(folder, &pki, "public/root-spare.pem");
	write_cert(folder, "public/issuer-b.pem", make_issuer(&pki, "RU-02", 3001, true));
	assert_int_equal(try_publish(folder, NULL, &err), PB_KEYS_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "issuer-b.pem"));
	write_cert(folder, "public/issuer-b.pem", make_issuer(&pki, "ru/../01", 100, true));
	assert_int_equal(try_publish(folder, NULL, &err), PB_KEYS_UNAVAILABLE);
	write_cert(folder, "public/issuer-b.pem", make_issuer(&pki, NULL, 100, true));
	assert_int_equal(try_publish(folder, NULL, &err), PB_KEYS_UNAVAILABLE);
	free_pki(&pki);
}

static void a_test_key_does_not_vouch_for_a_real_issuer(void **state)
{
	const struct key_folder *folder = *state;
	struct pki pki = make_pki("Spare");
	struct pb_err err = { 0 };

	pin(folder, &pki, "public/root-spare.pem");
	write_cert(folder, "public/issuer-b.pem", make_issuer(&pki, "RU-02", 100, false));
	assert_int_equal(try_publish(folder, NULL, &err), PB_INPUT_INVALID);
	assert_non_null(strstr(err.msg, "test_signer"));
	free_pki(&pki);
}

static void the_root_is_no_issuer(void **state)
{
	const struct key_folder *folder = *state;
	struct pb_err err = { 0 };
	char copy[2 * KEY_FOLDER_PATH];

	(void)snprintf(copy, sizeof(copy), "%s", key_folder_file(folder, "public/issuer-root.pem"));
	assert_int_equal(link(key_folder_file(folder, "public/root.pem"), copy), 0);
	assert_int_equal(try_publish(folder, NULL, &err), PB_KEYS_UNAVAILABLE);
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

/* ---- one list after another */

/* Three lists of one office, as bytes, and a shop that has the first. */
struct channel {
	uint8_t list[3][TOKEN_MAX];
	size_t n[3];
	char shop[2 * KEY_FOLDER_PATH];
};

static struct channel open_channel(const struct key_folder *folder)
{
	struct channel channel;

	for (size_t i = 0; i < 3; i++) {
		pb_trust_destroy(publish(folder, NULL));
		channel.n[i] = read_file(key_folder_file(folder, "public/trust.cwt"), channel.list[i]);
	}
	open_shop(folder);
	(void)snprintf(channel.shop, sizeof(channel.shop), "%s", key_folder_file(folder, "shop"));
	return channel;
}

static enum pb_trust_fault accept_list(const struct channel *channel, size_t i)
{
	struct pb_trust_list list = { 0 };
	enum pb_trust_fault fault;
	struct pb_err err = { 0 };

	if (pb_trust_accept(channel->shop, pb_view(channel->list[i], channel->n[i]), &list, &fault, &err) != PB_OK)
		fail_msg("%s", err.msg);
	pb_trust_list_finish(&list);
	return fault;
}

static void a_later_list_is_taken_and_an_earlier_one_never(void **state)
{
	struct channel channel = open_channel(*state);
	struct pb_trust_list list = { 0 };
	enum pb_trust_fault fault;

	assert_int_equal(accept_list(&channel, 1), PB_TRUST_FAULT_NONE);
	assert_int_equal(loaded_sequence(channel.shop), 2);
	assert_int_equal(accept_list(&channel, 0), PB_TRUST_FAULT_ROLLBACK);
	assert_int_equal(accept_list(&channel, 1), PB_TRUST_FAULT_NONE); /* it is there already */
	assert_int_equal(pb_trust_examine(channel.shop, pb_view(channel.list[2], channel.n[2]), &list, &fault, NULL), PB_OK);
	assert_int_equal(fault, PB_TRUST_FAULT_NONE);
	assert_int_equal(list.sequence, 3);
	pb_trust_list_finish(&list);
	assert_int_equal(loaded_sequence(channel.shop), 2); /* examining takes nothing in */
	assert_int_equal(accept_list(&channel, 2), PB_TRUST_FAULT_NONE);
	assert_int_equal(loaded_sequence(channel.shop), 3);
	assert_int_equal(accept_list(&channel, 0), PB_TRUST_FAULT_ROLLBACK);
}

/* Also when the newer list itself was lost, or an older one was put in its place by hand. */
static void what_was_seen_is_not_forgotten_with_the_list(void **state)
{
	const struct key_folder *folder = *state;
	struct channel channel = open_channel(folder);
	struct pb_err err = { 0 };

	assert_int_equal(accept_list(&channel, 2), PB_TRUST_FAULT_NONE);
	write_file(folder, "shop/trust.cwt", channel.list[0], channel.n[0]);
	assert_int_equal(try_load(channel.shop, &err), PB_KEYS_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "a later list has been seen here"));
	assert_int_equal(unlink(key_folder_file(folder, "shop/trust.cwt")), 0);
	assert_int_equal(try_load(channel.shop, &err), PB_KEYS_UNAVAILABLE);
	assert_int_equal(accept_list(&channel, 1), PB_TRUST_FAULT_ROLLBACK);
	assert_int_equal(accept_list(&channel, 2), PB_TRUST_FAULT_NONE);
	assert_int_equal(loaded_sequence(channel.shop), 3);
	write_file(folder, "shop/trust.seen", "3 abcd\n", 7);
	assert_int_equal(try_load(channel.shop, &err), PB_KEYS_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "trust.seen"));
}

/* The same number from a second signing of the same keys: one of the two publishers must be wrong. */
static void two_lists_of_one_number_are_told_apart(void **state)
{
	const struct key_folder *folder = *state;
	struct channel channel = open_channel(folder);
	uint8_t bytes[TOKEN_MAX];

	assert_int_equal(unlink(key_folder_file(folder, "public/trust.seen")), 0);
	write_file(folder, "public/trust.cwt", channel.list[0], channel.n[0]);
	pb_trust_destroy(publish(folder, NULL));
	channel.n[0] = read_file(key_folder_file(folder, "public/trust.cwt"), bytes);
	memcpy(channel.list[0], bytes, channel.n[0]);
	assert_int_equal(accept_list(&channel, 1), PB_TRUST_FAULT_NONE);
	assert_int_equal(accept_list(&channel, 0), PB_TRUST_FAULT_FORK);
	assert_int_equal(loaded_sequence(channel.shop), 2);
}

static void a_list_under_other_roots_is_foreign(void **state)
{
	const struct key_folder *folder = *state;
	struct channel channel = open_channel(folder);
	struct pki pki = make_pki("Profbilet TEST root");

	pin(folder, &pki, "shop/root.pem");
	pin(folder, &pki, "shop/root-spare.pem");
	assert_int_equal(accept_list(&channel, 2), PB_TRUST_FAULT_FOREIGN_ROOT);
	assert_int_equal(try_load(channel.shop, NULL), PB_NOT_FOUND);
	free_pki(&pki);
}

/* ---- crashes */

static void copy_all(const char *from, const char *to)
{
	DIR *dir = opendir(from);
	const struct dirent *entry;
	char path[2 * KEY_FOLDER_PATH + 256];
	uint8_t bytes[TOKEN_MAX];

	assert_true(dir != NULL && mkdir(to, 0700) == 0);
	while ((entry = readdir(dir)) != NULL) {
		FILE *file;
		size_t n;

		if (entry->d_type != DT_REG)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", from, entry->d_name);
		n = read_file(path, bytes);
		(void)snprintf(path, sizeof(path), "%s/%s", to, entry->d_name);
		assert_non_null(file = fopen(path, "we"));
		assert_true(fwrite(bytes, 1, n, file) == n && fclose(file) == 0);
	}
	assert_int_equal(closedir(dir), 0);
}

/* Each state in which a power cut can leave the folder while list 2 takes the place of list 1: the old list or the
 * new one is loaded, the older one never comes back, and the next update goes through. */
static void a_crash_at_any_step_leaves_the_old_list_or_the_new(void **state)
{
	static const struct {
		bool waiting, seen, in_place;
		uint64_t loads;
	} steps[] = { { false, false, false, 1 }, { true, false, false, 1 }, { true, true, false, 2 }, { false, true, true, 2 } };
	const struct key_folder *folder = *state;
	struct channel channel = open_channel(folder);
	uint8_t seen[TOKEN_MAX];
	size_t seen_n;

	assert_int_equal(accept_list(&channel, 0), PB_TRUST_FAULT_NONE);
	copy_all(channel.shop, key_folder_file(folder, "old"));
	assert_int_equal(accept_list(&channel, 1), PB_TRUST_FAULT_NONE);
	seen_n = read_file(key_folder_file(folder, "shop/trust.seen"), seen);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		char name[64], old[2 * KEY_FOLDER_PATH];

		(void)snprintf(old, sizeof(old), "%s", key_folder_file(folder, "old"));
		(void)snprintf(name, sizeof(name), "crash%zu", i);
		(void)snprintf(channel.shop, sizeof(channel.shop), "%s", key_folder_file(folder, name));
		copy_all(old, channel.shop);
		(void)snprintf(name, sizeof(name), "crash%zu/trust.cwt.new", i);
		if (steps[i].waiting)
			write_file(folder, name, channel.list[1], channel.n[1]);
		(void)snprintf(name, sizeof(name), "crash%zu/trust.seen", i);
		if (steps[i].seen)
			write_file(folder, name, seen, seen_n);
		(void)snprintf(name, sizeof(name), "crash%zu/trust.cwt", i);
		if (steps[i].in_place)
			write_file(folder, name, channel.list[1], channel.n[1]);
		assert_int_equal(loaded_sequence(channel.shop), steps[i].loads);
		assert_int_equal(accept_list(&channel, 0), steps[i].seen ? PB_TRUST_FAULT_ROLLBACK : PB_TRUST_FAULT_NONE);
		assert_int_equal(accept_list(&channel, 2), PB_TRUST_FAULT_NONE);
		assert_int_equal(loaded_sequence(channel.shop), 3);
	}
}

/* The same with a process that is killed at moments nobody chose. */
static void a_killed_update_leaves_the_old_list_or_the_new(void **state)
{
	enum { ROUNDS = 60 };
	struct channel channel = open_channel(*state);
	int died = 0;

	assert_int_equal(accept_list(&channel, 0), PB_TRUST_FAULT_NONE);
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t sequence;
		int status;
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			struct pb_trust_list list;
			enum pb_trust_fault fault;

			for (;;) /* until it is killed */
				if (pb_trust_accept(channel.shop, pb_view(channel.list[1], channel.n[1]), &list, &fault, NULL) == PB_OK)
					pb_trust_list_finish(&list);
		}
		(void)usleep((useconds_t)(i * 97 % 4000));
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		died += WIFSIGNALED(status);
		sequence = loaded_sequence(channel.shop);
		assert_true(sequence == 1 || sequence == 2);
	}
	assert_int_equal(died, ROUNDS);
	assert_int_equal(accept_list(&channel, 2), PB_TRUST_FAULT_NONE);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, key_folder_setup, key_folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(an_issuer_is_what_its_certificate_says),
		WITH_FOLDER(without_a_list_or_a_root_nobody_is_believed),
		WITH_FOLDER(a_shop_needs_the_roots_and_the_list_and_nothing_else),
		WITH_FOLDER(states_narrow_trust_and_never_widen_it),
		WITH_FOLDER(a_change_of_nobody_is_refused),
		WITH_FOLDER(an_issuer_under_another_root_is_not_vouched_for),
		WITH_FOLDER(an_issuer_may_stand_under_the_spare_root),
		WITH_FOLDER(a_root_must_outlive_its_issuers),
		WITH_FOLDER(a_test_key_does_not_vouch_for_a_real_issuer),
		WITH_FOLDER(the_root_is_no_issuer),
		cmocka_unit_test(a_damaged_certificate_is_refused),
		WITH_FOLDER(a_later_list_is_taken_and_an_earlier_one_never),
		WITH_FOLDER(what_was_seen_is_not_forgotten_with_the_list),
		WITH_FOLDER(two_lists_of_one_number_are_told_apart),
		WITH_FOLDER(a_list_under_other_roots_is_foreign),
		WITH_FOLDER(a_crash_at_any_step_leaves_the_old_list_or_the_new),
		WITH_FOLDER(a_killed_update_leaves_the_old_list_or_the_new),
	};

	int failed = cmocka_run_group_tests(tests, key_folder_make, key_folder_remove);

	pb_keystore_close(store);
	return failed;
}
