/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/keyd/: what is signed and what is refused.  Every test runs twice: with the keys in this process,
 * and with those of profbilet-keyd, whose path is the argument.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/cbor.h"
#include "base/message.h"
#include "keys/crypto/ed25519.h"
#include "keys/crypto/p256.h"
#include "keys/keyd/attached.h"
#include "keys/keyd/messages.h"
#include "tests/lib/published_trust.h"
#include "tests/unit/keyd/counter.h"
#include "tests/lib/scp03_words.h"
#include "tests/lib/sign_credential.h"

static const char *program; /* of keyd, or NULL */

static int setup(void **state)
{
	static struct counter counter;

	counter_open(&counter, program);
	*state = &counter;
	return 0;
}

static int teardown(void **state)
{
	counter_close(*state);
	return 0;
}

static void assert_says(const struct pb_err *err, const char *why)
{
	if (strstr(err->msg, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err->msg, why);
}

static void assert_refused(struct counter *counter, uint64_t serial, const char *why)
{
	struct pb_err err = { 0 };

	assert_int_equal(counter_tell(counter, &err), PB_OK);
	assert_int_equal(counter_sign(counter, serial, &err), PB_KEYS_REFUSED);
	assert_says(&err, why);
}

/* ---- the same store */

static enum pb_status sign_bytes(struct counter *counter, uint64_t serial, struct pb_view bytes, struct pb_err *err)
{
	struct pb_signing_order order = { .serial = serial };
	uint8_t sig[64];

	return sign_credential(counter->store, &order, bytes, sig, err);
}

static void what_is_signed_verifies(void **state)
{
	struct counter *counter = *state;
	struct pb_signing_order order = { .serial = COUNTER_FIRST };
	struct pb_sig_structure structure;
	struct pb_trust *trust;
	uint8_t kid[8], sig[64], checkpoint[32];
	char path[128], text[256];
	struct pb_writer out = pb_writer(text, sizeof(text));
	struct pb_merkle_edge edge = book_edge(&counter->book, 2);
	struct pb_checkpoint note = { .origin = "profbilet.example/office/75", .size = 2, .root = pb_merkle_root(&edge) };

	counter_path(counter, "keys/public", path);
	trust = published_trust(path, counter->store, pb_clock_now(&pb_clock_system), NULL, 0);
	pb_keystore_issuer_kid(counter->store, kid);
	counter_chip(counter, COUNTER_FIRST, &structure);
	assert_int_equal(sign_credential(counter->store, &order, pb_sig_structure_view(&structure), sig, NULL), PB_OK);
	assert_true(pb_p256_verify(pb_trust_find(trust, kid, NULL)->key, pb_sig_structure_view(&structure), sig));
	pb_checkpoint_put(&out, &note);
	assert_int_equal(pb_keystore_sign_checkpoint(counter->store, pb_view(text, out.n), sig, NULL), PB_OK);
	pb_keystore_checkpoint_public(counter->store, checkpoint);
	assert_true(pb_ed25519_verify(checkpoint, pb_view(text, out.n), sig));
	assert_true(pb_keystore_is_test(counter->store));
	assert_string_equal(pb_keystore_issuer_code(counter->store), "RU-75-TST");
	assert_string_equal(pb_keystore_issuer_name(counter->store), "Test office");
	pb_trust_destroy(trust);
}

static void refusals_come_with_their_sentence(void **state)
{
	struct counter *counter = *state;
	struct pb_card_session session;
	struct pb_err err = { 0 };
	uint8_t bytes[PB_NAMED_MAX + 1] = { 0 }, out[64], receipt[16];

	assert_int_equal(pb_keystore_sign_checkpoint(counter->store, pb_view_text("no line end"), out, &err), PB_KEYS_REFUSED);
	assert_says(&err, "no checkpoint");
	assert_int_equal(scp03_open(counter->store, pb_view(bytes, 7), bytes, pb_view(bytes, 29), &session, &err),
			 PB_CARD_PROTOCOL);
	assert_int_equal(scp03_put_key(counter->store, pb_view(bytes, 7), 0x77, bytes, receipt, &err), PB_CARD_KEYS);
	assert_int_equal(pb_keystore_pseudonym(counter->store, PB_VIEW(bytes), out, &err), PB_INPUT_INVALID);
	/* Too long to be asked at all. */
	assert_int_equal(pb_keystore_sign_checkpoint(counter->store, pb_view((uint8_t[5000]){ 0 }, 5000), out, &err), PB_INPUT_INVALID);
	counter_issue(counter, 1);
}

/* The country's issuers are longer than a message, and than a message and a half. */
static void a_list_of_any_length_is_signed(void **state)
{
	enum { LIST = 200 * 1024, LONGER = 300 * 1024 };
	static const char head[] = "\x84\x6ASignature1\x58\x20\xA2\x01\x26\x10\x78\x1A" "application/statuslist+cwt" "\x40";
	struct counter *counter = *state;
	uint8_t *bytes = calloc(1, LONGER), sig[64];
	struct pb_writer out = pb_writer(bytes, LIST + sizeof(head) + 8);
	struct pb_err err = { 0 };

	assert_non_null(bytes);
	pb_put(&out, head, sizeof(head) - 1);
	pb_cbor_put_bytes_head(&out, LIST);
	out.n += LIST;
	assert_int_equal(pb_keystore_sign_status_list(counter->store, pb_view(bytes, out.n), sig, &err), PB_OK);
	assert_int_equal(pb_keystore_sign_status_list(counter->store, pb_view(bytes, out.n - 1), sig, NULL), PB_KEYS_REFUSED);
	assert_int_equal(pb_keystore_sign_status_list(counter->store, pb_view(bytes, LONGER), sig, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_keystore_sign_status_list(counter->store, pb_view(bytes, 0), sig, NULL), PB_KEYS_REFUSED);
	free(bytes);
}

/* Whoever sends a file that he can still write to gets no signature over it. */
static void a_list_that_could_still_change_is_not_looked_at(void **state)
{
	char path[] = "/tmp/profbilet-list-XXXXXX";
	int open_file = memfd_create("list", MFD_CLOEXEC | MFD_ALLOW_SEALING), plain = mkstemp(path), sealed;
	struct pb_view file;

	(void)state;
	assert_true(open_file >= 0 && plain >= 0 && write(open_file, "list", 4) == 4 && write(plain, "list", 4) == 4);
	assert_false(pb_keyd_attach(open_file, &file));
	assert_false(pb_keyd_attach(plain, &file));
	assert_int_equal(pb_memory_file(pb_view_text("list"), &sealed, NULL), PB_OK);
	assert_true(pb_keyd_attach(sealed, &file));
	assert_true(pb_view_equal(file, pb_view_text("list")));
	pb_keyd_detach(file);
	assert_true(close(open_file) == 0 && close(plain) == 0 && close(sealed) == 0 && unlink(path) == 0);
}

/* The key of one purpose does not sign for another, whoever asks. */
static void lists_are_signed_by_their_own_keys(void **state)
{
	/* A Sig_structure with the header { 1: -7, 16: "application/statuslist+cwt" }. */
	static const char status_list[] =
		"\x84\x6ASignature1\x58\x20\xA2\x01\x26\x10\x78\x1A" "application/statuslist+cwt" "\x40\x41\x80";
	struct counter *counter = *state;
	struct pb_view list = pb_view(status_list, sizeof(status_list) - 1);
	struct pb_sig_structure chip;
	uint8_t sig[64];

	counter_chip(counter, COUNTER_FIRST, &chip);
	assert_int_equal(pb_keystore_sign_status_list(counter->store, list, sig, NULL), PB_OK);
	assert_int_equal(pb_keystore_sign_trust_list(counter->store, list, sig, NULL), PB_KEYS_REFUSED);
	assert_int_equal(pb_keystore_sign_status_list(counter->store, pb_sig_structure_view(&chip), sig, NULL), PB_KEYS_REFUSED);
	assert_int_equal(pb_keystore_sign_trust_list(counter->store, pb_sig_structure_view(&chip), sig, NULL), PB_KEYS_REFUSED);
	assert_int_equal(sign_bytes(counter, COUNTER_FIRST, list, NULL), PB_KEYS_REFUSED);
}

/* ---- the count */

static void serials_are_signed_one_after_another(void **state)
{
	struct counter *counter = *state;

	for (uint64_t n = 1; n <= 5; n++)
		counter_issue(counter, n);
	counter_restart(counter);
	counter_issue(counter, 6);
	assert_refused(counter, COUNTER_FIRST + 4, "begun already");
	assert_refused(counter, COUNTER_FIRST + 7, "is not the next");
}

static void nothing_is_signed_that_the_ledger_does_not_account_for(void **state)
{
	struct counter *counter = *state;
	struct pb_err err = { 0 };

	assert_refused(counter, COUNTER_FIRST + 1, "is not the next");
	counter_issue(counter, 1);
	/* Its reservation is in the book, and was not told. */
	assert_int_equal(counter_sign(counter, COUNTER_FIRST + 1, &err), PB_KEYS_REFUSED);
	assert_says(&err, "was signed and is not in the ledger");
	counter_restart(counter);
	assert_int_equal(counter_sign(counter, COUNTER_FIRST + 1, &err), PB_KEYS_REFUSED);
	assert_refused(counter, COUNTER_FIRST, "begun already");
	counter_issue(counter, 2);
}

static void an_open_reservation_is_signed_again_a_few_times(void **state)
{
	struct counter *counter = *state;
	struct pb_err err = { 0 };

	for (int i = 0; i < PB_KEYD_PER_SERIAL; i++) {
		counter_restart(counter);
		assert_int_equal((i == 2 ? counter_sign_face : counter_sign)(counter, COUNTER_FIRST, &err), PB_OK);
	}
	counter_restart(counter);
	assert_refused(counter, COUNTER_FIRST, "8 times");
	book_begin(counter, &counter->book, COUNTER_FIRST);
	counter_issue(counter, 2);
}

static void no_more_is_signed_than_was_ordered(void **state)
{
	struct counter *counter = *state;

	counter_issue(counter, 1);
	book_order(&counter->book, 2);
	counter_issue(counter, 2);
	counter_issue(counter, 3);
	assert_refused(counter, COUNTER_FIRST + 3, "beyond the order");
	/* What came to nothing is given back, six times for two; what an earlier order began is not. */
	book_add(&counter->book, (struct pb_entry){ .type = PB_ENTRY_SPOILED, .serial = COUNTER_FIRST, .intent = 2,
						    .reason = PB_REASON_CHIP_FAULT });
	assert_refused(counter, COUNTER_FIRST + 3, "beyond the order");
	for (uint64_t n = 4; n <= 7; n++) {
		book_add(&counter->book, (struct pb_entry){ .type = PB_ENTRY_VOID, .serial = COUNTER_FIRST + n - 2,
							    .intent = counter->book.count - 1, .reason = PB_REASON_OTHER });
		counter_issue(counter, n);
		assert_refused(counter, COUNTER_FIRST + n, "beyond the order");
	}
	book_add(&counter->book, (struct pb_entry){ .type = PB_ENTRY_VOID, .serial = COUNTER_FIRST + 6,
						    .intent = counter->book.count - 1, .reason = PB_REASON_OTHER });
	assert_refused(counter, COUNTER_FIRST + 7, "beyond the order");
	counter_restart(counter);
	assert_refused(counter, COUNTER_FIRST + 7, "beyond the order");
	book_order(&counter->book, 1);
	counter_issue(counter, 8);
}

static void an_hour_has_as_many_signatures_as_the_office_allows(void **state)
{
	struct counter *counter = *state;

	counter->per_hour = 6;
	counter_restart(counter);
	for (uint64_t n = 1; n <= 3; n++)
		counter_issue(counter, n);
	assert_refused(counter, COUNTER_FIRST + 3, "in an hour");
	counter_restart(counter);
	assert_refused(counter, COUNTER_FIRST + 3, "in an hour");
	if (counter->program != NULL)
		return;
	counter->clock.fixed -= 7200; /* a clock that is set back gives no new hour */
	assert_refused(counter, COUNTER_FIRST + 3, "in an hour");
	counter->clock.fixed += 7200 + 3600;
	counter_issue(counter, 4);
}

/* ---- checkpoints */

static void a_checkpoint_is_signed_over_what_was_told_alone(void **state)
{
	struct counter *counter = *state;
	struct book edited = counter->book;
	struct pb_err err = { 0 };
	size_t size = counter->book.count;

	counter_issue(counter, 1);
	assert_int_equal(counter_checkpoint_of(counter, &counter->book, size + 1, &err), PB_KEYS_REFUSED);
	assert_int_equal(counter_checkpoint_of(counter, &counter->book, size - 1, &err), PB_KEYS_REFUSED);
	assert_says(&err, "not those that were told");
	assert_int_equal(counter_checkpoint(counter, &err), PB_OK);
	assert_int_equal(counter_checkpoint_of(counter, &counter->book, size, &err), PB_KEYS_REFUSED); /* a rollback */
	assert_int_equal(counter_checkpoint_of(counter, &counter->book, size + 1, &err), PB_OK);       /* the same again */
	book_order(&edited, 7);
	assert_int_equal(counter_checkpoint_of(counter, &edited, size + 1, &err), PB_KEYS_REFUSED); /* a fork */
	assert_int_equal(counter_tell_from(counter, &edited, size, &err), PB_KEYS_REFUSED);
	assert_says(&err, "an old copy of it has come back");
	counter_meet(counter);
	counter_issue(counter, 2);
	assert_int_equal(counter_checkpoint(counter, &err), PB_OK);
}

static void a_lost_batch_is_taken_back_once_and_never_behind_a_card(void **state)
{
	struct counter *counter = *state;
	struct book lost, whole;
	struct pb_err err = { 0 };

	counter_issue(counter, 1);
	lost = counter->book; /* with INTENT, which was committed before it was told */
	book_finish(&counter->book, COUNTER_FIRST);
	assert_int_equal(counter_checkpoint(counter, &err), PB_OK);
	whole = counter->book;
	/* Behind the card: no. */
	lost.count--;
	counter->book = lost;
	book_order(&counter->book, 5);
	assert_int_equal(counter_tell_from(counter, &counter->book, lost.count, &err), PB_KEYS_REFUSED);
	assert_says(&err, "an old copy");
	/* To the card: yes, as after a crash; and no further, for the step is taken. */
	counter->book = whole;
	counter->book.count--;
	counter_restart(counter);
	book_order(&counter->book, 6);
	assert_int_equal(counter_checkpoint(counter, &err), PB_OK);
	counter_issue(counter, 2);
	assert_int_equal(counter_tell(counter, &err), PB_OK);
	/* A signed credential builds on it: no way back. */
	counter->book = whole;
	counter->book.count--;
	book_order(&counter->book, 7);
	assert_int_equal(counter_tell_from(counter, &counter->book, counter->book.count - 1, &err), PB_KEYS_REFUSED);
}

static void a_ledger_loses_its_last_batch_a_few_times_an_hour(void **state)
{
	struct counter *counter = *state;
	struct book start;
	struct pb_err err = { 0 };

	counter_issue(counter, 1);
	assert_int_equal(counter_checkpoint(counter, &err), PB_OK);
	start = counter->book;
	for (uint64_t i = 0; i <= PB_KEYD_STEPS_BACK; i++) {
		counter->book = start;
		book_order(&counter->book, i + 1);
		assert_int_equal(counter_tell_from(counter, &counter->book, start.count, &err), PB_OK);
		assert_int_equal(counter_checkpoint_of(counter, &counter->book, counter->book.count, &err), PB_OK);
	}
	counter->book = start;
	book_order(&counter->book, 50);
	assert_int_equal(counter_tell_from(counter, &counter->book, start.count, &err), PB_KEYS_REFUSED);
	assert_says(&err, "within an hour");
	if (counter->program != NULL)
		return;
	assert_int_equal(counter->server.accounts.file.record.count.steps_back, PB_KEYD_STEPS_BACK);
	counter->clock.fixed += 3600;
	assert_int_equal(counter_tell_from(counter, &counter->book, start.count, &err), PB_OK);
}

/* ---- the statement */

static void only_this_offices_credentials_of_the_ordered_serial_are_signed(void **state)
{
	struct counter *counter = *state;
	struct pb_sig_structure structure;
	struct pb_err err = { 0 };

	counter_chip(counter, COUNTER_FIRST + 1, &structure);
	assert_int_equal(sign_bytes(counter, COUNTER_FIRST, pb_sig_structure_view(&structure), &err), PB_KEYS_REFUSED);
	assert_non_null(strstr(err.msg, "the credential is of serial"));
	counter_face(counter, COUNTER_FIRST, "RU-77-OBR", &structure);
	assert_int_equal(sign_bytes(counter, COUNTER_FIRST, pb_sig_structure_view(&structure), &err), PB_KEYS_REFUSED);
	assert_non_null(strstr(err.msg, "another issuer"));
	counter_chip(counter, COUNTER_FIRST, &structure);
	structure.bytes[20] ^= 1; /* in the kid */
	assert_int_equal(sign_bytes(counter, COUNTER_FIRST, pb_sig_structure_view(&structure), &err), PB_KEYS_REFUSED);
	assert_int_equal(sign_bytes(counter, COUNTER_FIRST, pb_view_text("\x84\x6ASignature1 and the rest"), &err), PB_KEYS_REFUSED);
	counter_issue(counter, 1); /* none of it was charged */
}

/* ---- a front that is somebody else's */

/* Every prefix and every single changed byte of a message that was right: it may be answered, but the only
 * signature it can get is on the credential of the open reservation. */
static void a_changed_request_signs_nothing_else(void **state)
{
	struct counter *counter = *state;
	struct pb_keyd_request request = { .type = PB_KEYD_SIGN_CREDENTIALS, .order = { COUNTER_FIRST + 1 } };
	struct pb_sig_structure structure;
	uint8_t right[PB_MESSAGE_MAX], changed[PB_MESSAGE_MAX], answered[PB_MESSAGE_MAX];
	struct pb_view message, reply;
	struct pb_keyd_reply said;

	if (counter->program != NULL)
		skip(); /* the same function, ten thousand times slower */
	counter_issue(counter, 1);
	counter_issue(counter, 2); /* signed, and not yet told that it was begun */
	counter_chip(counter, COUNTER_FIRST + 1, &structure);
	request.bytes = pb_sig_structure_view(&structure);
	assert_int_equal(pb_keyd_request_encode(&request, right, sizeof(right), &message, NULL), PB_OK);
	for (size_t at = 0; at < message.n; at++)
		for (unsigned flip = 1; flip < 256; flip = flip * 2 + 1) {
			memcpy(changed, right, message.n);
			changed[at] = (uint8_t)(changed[at] ^ flip);
			reply = pb_keyd_serve(&counter->server, pb_view(changed, message.n), pb_view(NULL, 0), answered, sizeof(answered));
			if (pb_keyd_reply_decode(reply, PB_KEYD_SIGNATURES, &said, NULL) != PB_OK)
				continue; /* the type became another question's */
			if (said.type == PB_KEYD_SIGNATURES)
				assert_int_equal(counter->server.accounts.file.record.count.highest, COUNTER_FIRST + 1);
		}
	for (size_t n = 0; n < message.n; n++) {
		reply = pb_keyd_serve(&counter->server, pb_view(right, n), pb_view(NULL, 0), answered, sizeof(answered));
		assert_int_equal(pb_keyd_reply_decode(reply, PB_KEYD_SIGNATURES, &said, NULL), PB_OK);
		assert_int_equal(said.type, PB_KEYD_FAILED);
	}
	assert_int_equal(counter->server.accounts.file.record.count.highest, COUNTER_FIRST + 1);
	assert_true(counter->server.accounts.file.record.count.signatures <= PB_KEYD_PER_SERIAL);
}

/* ---- the file */

static void flip_byte(const struct counter *counter, off_t at)
{
	char path[128];
	uint8_t byte;
	int fd;

	counter_path(counter, "keys/" PB_KEYD_COUNTER, path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 0x10;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

/* Files of the kernel's that fail as a disk does: full; an error of input and output (nothing lies at those
 * addresses); what was written cannot be synced. */
static const struct {
	const char *path;
	enum pb_status status;
	int os_errno;
} failing[] = {
	{ "/dev/full", PB_DISK_FULL, ENOSPC },
	{ "/proc/self/mem", PB_KEYS_UNAVAILABLE, EIO },
	{ "/dev/null", PB_KEYS_UNAVAILABLE, EINVAL },
};

static void a_disk_that_fails_is_said_to_and_nothing_is_signed(void **state)
{
	struct counter *counter = *state;
	int *fd = &counter->server.accounts.file.fd;
	struct pb_err err = { 0 };

	if (counter->program != NULL)
		skip();
	for (size_t i = 0; i < sizeof(failing) / sizeof(failing[0]); i++) {
		int file, broken = open(failing[i].path, O_RDWR | O_CLOEXEC);

		assert_true(broken >= 0);
		counter_issue(counter, 2 * i + 1);
		assert_int_equal(counter_tell(counter, &err), PB_OK);
		file = dup(*fd);
		assert_true(dup2(broken, *fd) >= 0);
		assert_int_equal(counter_sign(counter, COUNTER_FIRST + 2 * i + 1, &err), failing[i].status);
		assert_int_equal(err.os_errno, failing[i].os_errno);
		assert_int_equal(counter_checkpoint(counter, &err), failing[i].status);
		assert_true(dup2(file, *fd) >= 0);
		close(file);
		close(broken);
		assert_int_equal(counter->server.accounts.file.record.count.signatures, 2); /* not counted either */
		counter_issue(counter, 2 * i + 2);
		assert_int_equal(counter_checkpoint(counter, &err), PB_OK);
	}
}

static void an_edited_count_is_noticed(void **state)
{
	struct counter *counter = *state;
	struct pb_keyd_accounts second;
	struct pb_err err = { 0 };
	char path[128];

	if (counter->program != NULL)
		skip();
	counter_issue(counter, 1);
	counter_path(counter, "keys", path);
	pb_keyd_accounts_close(&counter->server.accounts);
	for (off_t at = 0; at < PB_KEYD_SLOT; at += at < 600 ? 5 : 97) {
		flip_byte(counter, at);
		flip_byte(counter, PB_KEYD_SLOT + at);
		assert_int_equal(pb_keyd_accounts_open(counter->keys, path, 0, &second, &err), PB_KEYS_UNAVAILABLE);
		assert_non_null(strstr(err.msg, "changed or damaged"));
		flip_byte(counter, at);
		flip_byte(counter, PB_KEYD_SLOT + at);
	}
	assert_int_equal(pb_keyd_accounts_open(counter->keys, path, 0, &counter->server.accounts, &err), PB_OK);
	assert_int_equal(pb_keyd_accounts_open(counter->keys, path, 0, &second, &err), PB_KEYS_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "another process"));
	counter_issue(counter, 2);
}

static void a_missing_count_is_acknowledged_by_whoever_has_the_passphrase(void **state)
{
	struct counter *counter = *state;
	struct pb_keyd_accounts *accounts = &counter->server.accounts, again;
	struct pb_err err = { 0 };
	char path[128], file[128];

	if (counter->program != NULL)
		skip();
	for (uint64_t n = 1; n <= 3; n++)
		counter_issue(counter, n);
	counter_path(counter, "keys", path);
	counter_path(counter, "keys/" PB_KEYD_COUNTER, file);
	pb_keyd_accounts_close(accounts);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(pb_keyd_accounts_open(counter->keys, path, 0, &again, &err), PB_KEYS_UNAVAILABLE);
	assert_int_equal(pb_keyd_accounts_acknowledge(counter->keys, path, 0, 3, &err), PB_INPUT_INVALID);
	assert_int_equal(pb_keyd_accounts_acknowledge(counter->keys, path, COUNTER_FIRST + 2, 3, &err), PB_OK);
	assert_int_equal(pb_keyd_accounts_open(counter->keys, path, 0, accounts, &err), PB_OK);
	assert_int_equal(accounts->file.record.count.acknowledged, 1);
	/* Nothing is signed before the whole ledger was told, and it must be the one that was vouched for. */
	counter_meet(counter);
	assert_int_equal(counter->book.told, 0);
	assert_int_equal(counter_sign(counter, COUNTER_FIRST + 3, &err), PB_KEYS_REFUSED);
	assert_says(&err, "3 were acknowledged");
	assert_refused(counter, COUNTER_FIRST + 2, "begun already");
	counter_issue(counter, 4);
}

/* Keys that come from shares have no count, and the ledger has cards. */
static void a_new_count_takes_no_card_on_the_ledgers_word(void **state)
{
	struct counter *counter = *state;
	struct pb_keyd_accounts *accounts = &counter->server.accounts;
	struct pb_err err = { 0 };
	char path[128], file[128];

	if (counter->program != NULL)
		skip();
	counter_issue(counter, 1);
	counter_path(counter, "keys", path);
	counter_path(counter, "keys/" PB_KEYD_COUNTER, file);
	pb_keyd_accounts_close(accounts);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(pb_keyd_accounts_create(counter->keys, path, &err), PB_OK);
	assert_int_equal(pb_keyd_accounts_create(counter->keys, path, &err), PB_CONFLICT);
	assert_int_equal(pb_keyd_accounts_open(counter->keys, path, 0, accounts, &err), PB_OK);
	counter_meet(counter);
	assert_int_equal(counter_tell(counter, &err), PB_KEYS_REFUSED);
	assert_says(&err, "signed nothing for it");
	pb_keyd_accounts_close(accounts);
	assert_int_equal(pb_keyd_accounts_acknowledge(counter->keys, path, COUNTER_FIRST + 1, 1, &err), PB_OK);
	assert_int_equal(pb_keyd_accounts_open(counter->keys, path, 0, accounts, &err), PB_OK);
	counter_meet(counter);
	assert_int_equal(counter_tell(counter, &err), PB_KEYS_REFUSED);
	assert_says(&err, "what was acknowledged ends with");
}

static int run(const char *keyd)
{
#define BOTH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		BOTH(what_is_signed_verifies),
		BOTH(refusals_come_with_their_sentence),
		BOTH(lists_are_signed_by_their_own_keys),
		BOTH(a_list_of_any_length_is_signed),
		cmocka_unit_test(a_list_that_could_still_change_is_not_looked_at),
		BOTH(serials_are_signed_one_after_another),
		BOTH(nothing_is_signed_that_the_ledger_does_not_account_for),
		BOTH(an_open_reservation_is_signed_again_a_few_times),
		BOTH(an_hour_has_as_many_signatures_as_the_office_allows),
		BOTH(no_more_is_signed_than_was_ordered),
		BOTH(a_checkpoint_is_signed_over_what_was_told_alone),
		BOTH(a_lost_batch_is_taken_back_once_and_never_behind_a_card),
		BOTH(a_ledger_loses_its_last_batch_a_few_times_an_hour),
		BOTH(only_this_offices_credentials_of_the_ordered_serial_are_signed),
		BOTH(a_changed_request_signs_nothing_else),
		BOTH(a_disk_that_fails_is_said_to_and_nothing_is_signed),
		BOTH(an_edited_count_is_noticed),
		BOTH(a_missing_count_is_acknowledged_by_whoever_has_the_passphrase),
		BOTH(a_new_count_takes_no_card_on_the_ledgers_word),
	};

	program = keyd;
	return cmocka_run_group_tests_name(keyd ? "profbilet-keyd" : "in-process", tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	int failed;

	if (argc != 2)
		return 2;
	counter_make_keys(NULL);
	failed = run(NULL) + run(argv[1]);
	counter_remove_keys(NULL);
	return failed;
}
