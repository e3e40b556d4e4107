/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/keyd/: what is signed and what is refused.  Every test runs twice: with the keys in this process,
 * and with those of profbilet-keyd, whose path is the argument.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/message.h"
#include "keys/crypto/ed25519.h"
#include "keys/crypto/p256.h"
#include "keys/keyd/messages.h"
#include "keys/trust.h"
#include "tests/unit/keyd/counter.h"

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

static void assert_refused(struct counter *counter, uint64_t serial, uint64_t intents, const char *why)
{
	struct pb_err err = { 0 };

	assert_int_equal(counter_sign(counter, serial, intents, &err), PB_KEYS_REFUSED);
	if (strstr(err.msg, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.msg, why);
}

/* ---- the same store */

static enum pb_status sign_bytes(struct counter *counter, uint64_t serial, struct pb_view bytes, struct pb_err *err)
{
	struct pb_signing_order order = { .serial = serial };
	uint8_t sig[64];

	return pb_keystore_sign_credential(counter->store, &order, bytes, sig, err);
}

static void what_is_signed_verifies(void **state)
{
	struct counter *counter = *state;
	struct pb_signing_order order = { .serial = COUNTER_FIRST };
	struct pb_sig_structure structure;
	struct pb_trust *trust;
	uint8_t kid[8], sig[64], checkpoint[32];
	char path[128];

	counter_path(counter, "keys/public", path);
	assert_int_equal(pb_trust_load(path, &trust, NULL), PB_OK);
	pb_keystore_issuer_kid(counter->store, kid);
	counter_chip(counter, COUNTER_FIRST, &structure);
	assert_int_equal(pb_keystore_sign_credential(counter->store, &order, pb_sig_structure_view(&structure), sig, NULL), PB_OK);
	assert_true(pb_p256_verify(pb_trust_find(trust, kid, NULL)->key, pb_sig_structure_view(&structure), sig));
	assert_int_equal(pb_keystore_sign_checkpoint(counter->store, pb_view_text("a\n1\nAAAA\n"), sig, NULL), PB_OK);
	pb_keystore_checkpoint_public(counter->store, checkpoint);
	assert_true(pb_ed25519_verify(checkpoint, pb_view_text("a\n1\nAAAA\n"), sig));
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
	assert_non_null(strstr(err.msg, "notes only"));
	assert_int_equal(pb_keystore_open_card_session(counter->store, pb_view(bytes, 7), bytes, pb_view(bytes, 29), &session, &err),
			 PB_CARD_PROTOCOL);
	assert_int_equal(pb_keystore_wrap_card_keys(counter->store, pb_view(bytes, 7), 0x77, bytes, receipt, &err), PB_CARD_KEYS);
	assert_int_equal(pb_keystore_pseudonym(counter->store, PB_VIEW(bytes), out, &err), PB_INPUT_INVALID);
	/* Too long to be asked at all. */
	assert_int_equal(pb_keystore_sign_checkpoint(counter->store, pb_view((uint8_t[5000]){ 0 }, 5000), out, &err), PB_INPUT_INVALID);
	counter_issue(counter, 1);
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
	assert_refused(counter, COUNTER_FIRST + 4, 5, "comes after");
	assert_refused(counter, COUNTER_FIRST + 7, 6, "is not the next");
}

static void nothing_is_signed_that_the_ledger_does_not_account_for(void **state)
{
	struct counter *counter = *state;

	assert_refused(counter, COUNTER_FIRST, 1, "only 0");
	counter_issue(counter, 1);
	/* Its reservation was not written, and yet a second one is wanted. */
	assert_refused(counter, COUNTER_FIRST + 1, 0, "an old copy of it has come back");
	/* It was, so it is not open any more. */
	assert_refused(counter, COUNTER_FIRST, 1, "is in it already");
	counter_restart(counter);
	assert_refused(counter, COUNTER_FIRST + 1, 0, "an old copy of it has come back");
	counter_issue(counter, 2);
}

static void an_open_reservation_is_signed_again_a_few_times(void **state)
{
	struct counter *counter = *state;
	struct pb_err err = { 0 };

	counter_issue(counter, 1);
	for (int i = 0; i < PB_KEYD_PER_SERIAL / PB_KEYD_LEASE - 1; i++) {
		counter_restart(counter);
		assert_int_equal(counter_sign(counter, COUNTER_FIRST, 0, &err), PB_OK);
	}
	counter_restart(counter);
	assert_refused(counter, COUNTER_FIRST, 0, "8 times");
	counter_issue(counter, 2);
}

static void an_hour_has_as_many_signatures_as_the_office_allows(void **state)
{
	struct counter *counter = *state;

	counter->per_hour = 6;
	counter_restart(counter);
	for (uint64_t n = 1; n <= 3; n++)
		counter_issue(counter, n);
	assert_refused(counter, COUNTER_FIRST + 3, 3, "in an hour");
	counter_restart(counter);
	assert_refused(counter, COUNTER_FIRST + 3, 3, "in an hour");
	if (counter->program != NULL)
		return;
	counter->clock.fixed -= 7200; /* a clock that is set back gives no new hour */
	assert_refused(counter, COUNTER_FIRST + 3, 3, "in an hour");
	counter->clock.fixed += 7200 + 3600;
	counter_issue(counter, 4);
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
	struct pb_keyd_request request = { .type = PB_KEYD_SIGN_CREDENTIAL, .order = { COUNTER_FIRST + 1, 1 } };
	struct pb_sig_structure structure;
	uint8_t right[PB_MESSAGE_MAX], changed[PB_MESSAGE_MAX], answered[PB_MESSAGE_MAX];
	struct pb_view message, reply;
	struct pb_keyd_reply said;

	if (counter->program != NULL)
		skip(); /* the same function, ten thousand times slower */
	counter_issue(counter, 1);
	counter_issue(counter, 2); /* so the second is signed, and reserved when the third is asked for */
	counter_chip(counter, COUNTER_FIRST + 1, &structure);
	request.bytes = pb_sig_structure_view(&structure);
	assert_int_equal(pb_keyd_request_encode(&request, right, sizeof(right), &message, NULL), PB_OK);
	for (size_t at = 0; at < message.n; at++)
		for (unsigned flip = 1; flip < 256; flip = flip * 2 + 1) {
			memcpy(changed, right, message.n);
			changed[at] = (uint8_t)(changed[at] ^ flip);
			reply = pb_keyd_serve(&counter->server, pb_view(changed, message.n), answered, sizeof(answered));
			if (pb_keyd_reply_decode(reply, PB_KEYD_SIGNATURE, &said, NULL) != PB_OK)
				continue; /* the type became another question's */
			if (said.type == PB_KEYD_SIGNATURE)
				assert_int_equal(counter->server.accounts.count.highest, COUNTER_FIRST + 1);
		}
	for (size_t n = 0; n < message.n; n++) {
		reply = pb_keyd_serve(&counter->server, pb_view(right, n), answered, sizeof(answered));
		assert_int_equal(pb_keyd_reply_decode(reply, PB_KEYD_SIGNATURE, &said, NULL), PB_OK);
		assert_int_equal(said.type, PB_KEYD_FAILED);
	}
	assert_int_equal(counter->server.accounts.count.serials, 2);
	assert_true(counter->server.accounts.count.signatures <= PB_KEYD_PER_SERIAL);
}

static void a_replayed_request_signs_nothing_once_the_ledger_has_it(void **state)
{
	struct counter *counter = *state;

	counter_issue(counter, 1);
	counter_issue(counter, 2);
	for (int i = 0; i < 3; i++) {
		assert_refused(counter, COUNTER_FIRST, 0, "comes after");
		assert_refused(counter, COUNTER_FIRST, 1, "comes after");
		assert_refused(counter, COUNTER_FIRST, 2, "comes after");
	}
	counter_issue(counter, 3);
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
	for (off_t at = 0; at < PB_KEYD_SLOT; at += 5) {
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
	struct pb_keyd_accounts again;
	struct pb_err err = { 0 };
	char path[128], file[128];

	if (counter->program != NULL)
		skip();
	for (uint64_t n = 1; n <= 3; n++)
		counter_issue(counter, n);
	counter_path(counter, "keys", path);
	counter_path(counter, "keys/" PB_KEYD_COUNTER, file);
	pb_keyd_accounts_close(&counter->server.accounts);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(pb_keyd_accounts_open(counter->keys, path, 0, &again, &err), PB_KEYS_UNAVAILABLE);
	assert_int_equal(pb_keyd_accounts_acknowledge(counter->keys, path, 0, 3, &err), PB_INPUT_INVALID);
	assert_int_equal(pb_keyd_accounts_acknowledge(counter->keys, path, COUNTER_FIRST + 2, 3, &err), PB_OK);
	assert_int_equal(pb_keyd_accounts_open(counter->keys, path, 0, &counter->server.accounts, &err), PB_OK);
	assert_int_equal(counter->server.accounts.count.acknowledged, 1);
	assert_refused(counter, COUNTER_FIRST + 2, 3, "is in it already");
	counter_issue(counter, 4);
}

static int run(const char *keyd)
{
#define BOTH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		BOTH(what_is_signed_verifies),
		BOTH(refusals_come_with_their_sentence),
		BOTH(lists_are_signed_by_their_own_keys),
		BOTH(serials_are_signed_one_after_another),
		BOTH(nothing_is_signed_that_the_ledger_does_not_account_for),
		BOTH(an_open_reservation_is_signed_again_a_few_times),
		BOTH(an_hour_has_as_many_signatures_as_the_office_allows),
		BOTH(only_this_offices_credentials_of_the_ordered_serial_are_signed),
		BOTH(a_changed_request_signs_nothing_else),
		BOTH(a_replayed_request_signs_nothing_once_the_ledger_has_it),
		BOTH(an_edited_count_is_noticed),
		BOTH(a_missing_count_is_acknowledged_by_whoever_has_the_passphrase),
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
