/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See counter.h.
 */
#include "tests/unit/keyd/counter.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/cbor.h"
#include "tests/lib/sign_credential.h"

#define PASSPHRASE "correct horse battery"

static char made[64] = "/tmp/profbilet-counter-keys-XXXXXX";

static void run(const char *words, const char *from, const char *to)
{
	char command[256];

	snprintf(command, sizeof(command), "%s '%s' '%s'", words, from, to);
	assert_int_equal(system(command), 0);
}

static void write_passphrase(const char *directory)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/passphrase", directory);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(PASSPHRASE "\n", file) >= 0 && fchmod(fileno(file), 0600) == 0 && fclose(file) == 0);
}

void counter_create(const char *directory)
{
	struct pb_secret passphrase = { 0 };
	struct pb_keystore *store = NULL;
	struct pb_err err = { 0 };
	char path[128];

	assert_true(mkdir(directory, 0700) == 0 || errno == EEXIST);
	write_passphrase(directory);
	snprintf(path, sizeof(path), "%s/keys", directory);
	pb_secret_set(&passphrase, PASSPHRASE, sizeof(PASSPHRASE) - 1);
	if (pb_keystore_create_test(path, &passphrase, "RU-75-TST", "Test office", &pb_clock_system, &err) != PB_OK ||
	    pb_keystore_open(path, &passphrase, NULL, &store, &err) != PB_OK ||
	    pb_keyd_accounts_create(store, path, &err) != PB_OK)
		fail_msg("%s", err.msg);
	pb_keystore_close(store);
}

int counter_make_keys(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(made));
	counter_create(made);
	return 0;
}

int counter_remove_keys(void **state)
{
	(void)state;
	run("rm -rf", made, made);
	return 0;
}

void counter_path(const struct counter *counter, const char *name, char ret_path[static 128])
{
	snprintf(ret_path, 128, "%s/%s", counter->directory, name);
}

static void serve_here(struct counter *counter, const char *keys)
{
	struct pb_keystore_options options = { .allow_factory_keys = true };
	struct pb_secret passphrase = { 0 };
	struct pb_err err = { 0 };

	pb_secret_set(&passphrase, PASSPHRASE, sizeof(PASSPHRASE) - 1);
	if (pb_keystore_open(keys, &passphrase, &options, &counter->keys, &err) != PB_OK)
		fail_msg("%s", err.msg);
	counter->clock = pb_clock_at(pb_clock_now(&pb_clock_system));
	counter->server = (struct pb_keyd_server){ .store = counter->keys, .clock = &counter->clock };
	if (pb_keyd_accounts_open(counter->keys, keys, (uint64_t)counter->per_hour, &counter->server.accounts, &err) != PB_OK ||
	    pb_witness_book_open(counter->keys, keys, &counter->server.book, &err) != PB_OK ||
	    pb_keyd_connect_local(&counter->server, &counter->store, &err) != PB_OK)
		fail_msg("%s", err.msg);
}

static void begin(struct counter *counter)
{
	struct pb_keyd_options options = { .program = counter->program, .allow_factory_keys = true,
					   .signatures_per_hour = counter->per_hour };
	char keys[128], passphrase[128];
	struct pb_err err = { 0 };

	counter_path(counter, "keys", keys);
	counter_path(counter, "passphrase", passphrase);
	if (counter->program == NULL) {
		serve_here(counter, keys);
		return;
	}
	options.key_directory = keys;
	options.passphrase_file = passphrase;
	if (pb_keyd_start(&options, &counter->store, &err) != PB_OK)
		fail_msg("%s", err.msg);
}

static void end(struct counter *counter)
{
	pb_keystore_close(counter->store);
	if (counter->program != NULL)
		return;
	pb_keyd_accounts_close(&counter->server.accounts);
	pb_witness_book_close(&counter->server.book);
	pb_keystore_close(counter->keys);
}

void counter_open(struct counter *counter, const char *program)
{
	*counter = (struct counter){ .directory = "/tmp/profbilet-counter-XXXXXX", .program = program };
	assert_non_null(mkdtemp(counter->directory));
	run("cp -a --no-target-directory", made, counter->directory);
	begin(counter);
	counter_begin_book(counter);
}

void counter_begin_book(struct counter *counter)
{
	struct pb_err err = { 0 };

	book_add(&counter->book, book_first(counter));
	book_order(&counter->book, 100);
	if (counter_checkpoint(counter, &err) != PB_OK)
		fail_msg("%s", err.msg);
}

void counter_meet(struct counter *counter)
{
	struct pb_err err = { 0 };
	struct pb_told stands;

	assert_int_equal(pb_keystore_restart_telling(counter->store, &stands, NULL), PB_OK);
	counter->book.told = stands.kept <= counter->book.count ? stands.kept : stands.before;
	if (counter->book.told != stands.kept) {
		struct pb_merkle_edge edge = book_edge(&counter->book, counter->book.told);
		struct pb_hash root = pb_merkle_root(&edge);

		if (pb_keystore_tell(counter->store, counter->book.told, root.bytes, pb_view(NULL, 0), &err) != PB_OK)
			fail_msg("%s", err.msg);
	}
}

void counter_restart(struct counter *counter)
{
	end(counter);
	begin(counter);
	counter_meet(counter);
}

void counter_close(struct counter *counter)
{
	end(counter);
	run("rm -rf", counter->directory, counter->directory);
}

static struct pb_card_claims claims_of(uint64_t serial)
{
	return (struct pb_card_claims){ .member_number = pb_view_text("6437000000000018"), .expires = 1956495600, .serial = serial,
					.status_list = 1, .status_index = 2 };
}

void counter_chip(const struct counter *counter, uint64_t serial, struct pb_sig_structure *ret_structure)
{
	struct pb_card_claims claims = claims_of(serial);
	struct pb_credential_draft draft;
	uint8_t kid[PB_KID_LEN];
	struct pb_aad aad;

	pb_keystore_issuer_kid(counter->store, kid);
	assert_int_equal(pb_chip_aad("applet", pb_view("0123456789abcdef0123456789abcdef", 32), &aad, NULL), PB_OK);
	assert_int_equal(pb_chip_draft(&claims, kid, &draft, NULL), PB_OK);
	pb_credential_sig_structure(&draft, pb_aad_view(&aad), ret_structure);
}

void counter_face(const struct counter *counter, uint64_t serial, const char *issuer, struct pb_sig_structure *ret_structure)
{
	struct pb_face_claims claims = { .card = claims_of(serial), .issuer = pb_view_text(issuer), .not_before = 1798729200,
					 .name = pb_view_text("Дашиева Номин Баировна"),
					 .organisation_code = pb_view_text("75-014") };
	struct pb_credential_draft draft;
	uint8_t kid[PB_KID_LEN];

	pb_keystore_issuer_kid(counter->store, kid);
	assert_int_equal(pb_face_draft(&claims, kid, &draft, NULL), PB_OK);
	pb_credential_sig_structure(&draft, pb_view(NULL, 0), ret_structure);
}

void counter_note(struct counter *counter, struct pb_view sig_structure, const uint8_t sig[static 64])
{
	struct pb_credential credential;
	struct pb_credential_token token;

	assert_int_equal(pb_credential_decode_unsigned(sig_structure, &credential), PB_FAULT_NONE);
	assert_true(pb_credential_complete(&credential, sig, &token));
	pb_sha256(pb_credential_token_view(&token), credential.kind == PB_CREDENTIAL_CHIP ? counter->chip_h : counter->face_h);
}

static enum pb_status sign(struct counter *counter, uint64_t serial, const struct pb_sig_structure *structure, struct pb_err *ret_err)
{
	struct pb_signing_order order = { .serial = serial };
	uint8_t sig[64];
	enum pb_status s = sign_credential(counter->store, &order, pb_sig_structure_view(structure), sig, ret_err);

	if (s == PB_OK)
		counter_note(counter, pb_sig_structure_view(structure), sig);
	return s;
}

enum pb_status counter_sign(struct counter *counter, uint64_t serial, struct pb_err *ret_err)
{
	struct pb_sig_structure structure;

	counter_chip(counter, serial, &structure);
	return sign(counter, serial, &structure, ret_err);
}

enum pb_status counter_sign_face(struct counter *counter, uint64_t serial, struct pb_err *ret_err)
{
	struct pb_sig_structure structure;

	counter_face(counter, serial, "RU-75-TST", &structure);
	return sign(counter, serial, &structure, ret_err);
}

void counter_issue(struct counter *counter, uint64_t n)
{
	const uint64_t serial = COUNTER_FIRST + n - 1;
	struct pb_err err = { 0 };

	if (counter_tell(counter, &err) != PB_OK || counter_sign_face(counter, serial, &err) != PB_OK ||
	    counter_sign(counter, serial, &err) != PB_OK)
		fail_msg("card %u: %s", (unsigned)n, err.msg);
	book_begin(counter, &counter->book, serial);
}

/* ---- the book */

void book_add(struct book *book, struct pb_entry entry)
{
	assert_true(book->count < BOOK_MAX);
	entry.time = 1790000000 + (int64_t)book->count;
	assert_true(pb_entry_encode(&entry, book->entries[book->count].bytes, &book->entries[book->count].n));
	book->count++;
}

void book_order(struct book *book, uint64_t count)
{
	book_add(book, (struct pb_entry){ .type = PB_ENTRY_APPROVED, .count = count });
}

void book_begin(const struct counter *counter, struct book *book, uint64_t serial)
{
	struct pb_entry entry = { .type = PB_ENTRY_INTENT, .serial = serial };

	pb_keystore_issuer_kid(counter->store, entry.kid);
	memcpy(entry.chip_h, counter->chip_h, sizeof(entry.chip_h));
	memcpy(entry.face_h, counter->face_h, sizeof(entry.face_h));
	book_add(book, entry);
}

void book_finish(struct book *book, uint64_t serial)
{
	book_add(book, (struct pb_entry){ .type = PB_ENTRY_ISSUED, .serial = serial, .intent = book->count - 1 });
}

struct pb_entry book_first(const struct counter *counter)
{
	struct pb_entry entry = { .type = PB_ENTRY_GENESIS, .prefix = BOOK_PREFIX, .origin = "profbilet.example/office/75" };
	struct pb_note_key key;
	uint8_t public_key[32];

	pb_keystore_checkpoint_public(counter->store, public_key);
	assert_true(pb_note_key_make(entry.origin, public_key, &key));
	pb_note_key_format(&key, entry.vkey);
	return entry;
}

static struct pb_view entry_of(const struct book *book, size_t i)
{
	return pb_view(book->entries[i].bytes, book->entries[i].n);
}

struct pb_merkle_edge book_edge(const struct book *book, size_t size)
{
	struct pb_merkle_edge edge = { .size = 0 };

	for (size_t i = 0; i < size; i++) {
		struct pb_hash leaf = pb_merkle_leaf(entry_of(book, i));

		assert_true(pb_merkle_append(&edge, &leaf, NULL, NULL));
	}
	return edge;
}

/* One at a time, so that every border between messages is met. */
enum pb_status counter_tell_from(struct counter *counter, const struct book *book, size_t from, struct pb_err *ret_err)
{
	enum pb_status s = PB_OK;

	for (size_t i = from; i < book->count && s == PB_OK; i++) {
		struct pb_merkle_edge edge = book_edge(book, i);
		struct pb_hash root = pb_merkle_root(&edge);
		uint8_t room[PB_TELL_MAX];
		struct pb_writer out = pb_writer(room, sizeof(room));

		pb_cbor_put_bytes(&out, entry_of(book, i));
		s = pb_keystore_tell(counter->store, i, root.bytes, pb_view(room, out.n), ret_err);
	}
	return s;
}

enum pb_status counter_tell(struct counter *counter, struct pb_err *ret_err)
{
	enum pb_status s = counter_tell_from(counter, &counter->book, counter->book.told, ret_err);

	if (s == PB_OK)
		counter->book.told = counter->book.count;
	return s;
}

enum pb_status counter_checkpoint_of(struct counter *counter, const struct book *book, size_t size, struct pb_err *ret_err)
{
	struct pb_merkle_edge edge = book_edge(book, size);
	struct pb_checkpoint checkpoint = { .origin = "profbilet.example/office/75", .size = size, .root = pb_merkle_root(&edge) };
	char text[256];
	struct pb_writer out = pb_writer(text, sizeof(text));
	uint8_t sig[64];

	pb_checkpoint_put(&out, &checkpoint);
	return pb_keystore_sign_checkpoint(counter->store, pb_view(text, out.n), sig, ret_err);
}

enum pb_status counter_checkpoint(struct counter *counter, struct pb_err *ret_err)
{
	enum pb_status s = counter_tell(counter, ret_err);

	return s == PB_OK ? counter_checkpoint_of(counter, &counter->book, counter->book.count, ret_err) : s;
}
