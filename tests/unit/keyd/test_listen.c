/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet-keyd as a service: who may connect, and that one bad connection is nobody else's trouble.
 *
 *     test_listen KEYD-PROGRAM
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/message.h"
#include "keys/keyd/messages.h"
#include "tests/unit/keyd/service.h"

static const char *program;

static void the_owner_is_served_and_nobody_else(void **state)
{
	struct service service;
	struct pb_keystore *store = NULL;
	struct pb_err err = { 0 };

	(void)state;
	service_start(&service, program, getuid());
	if (pb_keyd_connect(service.socket, &store, &err) != PB_OK)
		fail_msg("%s", err.msg);
	assert_string_equal(pb_keystore_issuer_code(store), "RU-75-TST");
	pb_keystore_close(store);
	service_stop(&service);
	service_start(&service, program, getuid() + 1);
	assert_int_equal(pb_keyd_connect(service.socket, &store, &err), PB_PROCESS_FAILED);
	service_stop(&service);
}

static void nonsense_is_answered_and_others_are_served_on(void **state)
{
	struct service service;
	struct pb_keystore *store = NULL;
	struct pb_keyd_reply reply;
	struct pb_err err = { 0 };
	uint8_t bytes[PB_MESSAGE_MAX + 1] = { 0x82 };
	size_t n;
	int rude, deaf;

	(void)state;
	service_start(&service, program, getuid());
	rude = service_connect(&service);
	deaf = service_connect(&service);
	assert_int_equal(pb_message_send(rude, pb_view(bytes, 5), &err), PB_OK);
	assert_int_equal(pb_message_receive(rude, pb_deadline_in(5000), bytes, &n, &err), PB_OK);
	assert_int_equal(pb_keyd_reply_decode(pb_view(bytes, n), PB_KEYD_FACTS, &reply, &err), PB_OK);
	assert_int_equal(reply.u.failure.status, PB_MESSAGE_INVALID);
	/* More than a message: closed. */
	assert_true(send(rude, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0);
	assert_int_equal(pb_message_receive(rude, pb_deadline_in(5000), bytes, &n, &err), PB_PROCESS_FAILED);
	/* Asks and asks and never reads. */
	for (int i = 0; i < 5000 && send(deaf, "\x82\x01\x01", 3, MSG_NOSIGNAL | MSG_DONTWAIT) > 0; i++)
		;
	if (pb_keyd_connect(service.socket, &store, &err) != PB_OK)
		fail_msg("%s", err.msg);
	pb_keystore_close(store);
	close(rude);
	close(deaf);
	service_stop(&service);
}

static void what_keeps_it_from_starting_is_said(void **state)
{
	struct counter counter;
	struct pb_keystore *store = NULL;
	struct pb_err err = { 0 };
	char keys[128], passphrase[128];
	struct pb_keyd_options options = { .program = program, .key_directory = keys, .passphrase_file = passphrase };

	(void)state;
	counter_open(&counter, NULL);
	counter_path(&counter, "keys", keys);
	counter_path(&counter, "no-such-file", passphrase);
	assert_int_equal(pb_keyd_start(&options, &store, &err), PB_KEYS_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "no-such-file"));
	counter_path(&counter, "passphrase", passphrase);
	assert_int_equal(pb_keyd_start(&options, &store, &err), PB_KEYS_UNAVAILABLE); /* the counter has its keys open */
	assert_non_null(strstr(err.msg, "another process"));
	options.program = "/no/such/program";
	assert_int_equal(pb_keyd_start(&options, &store, &err), PB_PROCESS_FAILED);
	counter_close(&counter);
}

/* A leak checker, where there is one, looks when it ends: no key is left open. */
static void a_service_that_cannot_serve_ends_in_order(void **state)
{
	enum { EXIT_UNAVAILABLE = 50 };
	struct counter counter;
	char keys[128], count[128], command[1024];

	(void)state;
	counter_open(&counter, NULL);
	pb_keyd_accounts_close(&counter.server.accounts);
	counter_path(&counter, "keys", keys);
	counter_path(&counter, "keys/" PB_KEYD_COUNTER, count);
	snprintf(command, sizeof(command),
		 "'%s' --keys '%s' --passphrase-file '%s/passphrase' --listen '%s/no-folder/socket' --owner 0", program, keys,
		 counter.directory, counter.directory);
	for (int i = 0; i < 2; i++) {
		int ended = system(command);

		assert_true(WIFEXITED(ended));
		assert_int_equal(WEXITSTATUS(ended), EXIT_UNAVAILABLE);
		if (i == 0)
			assert_int_equal(unlink(count), 0);
	}
	counter_close(&counter);
}

static void what_was_counted_is_told_to_who_comes(void **state)
{
	struct counter open_counter, *counter = &open_counter;
	struct pb_account account;
	struct pb_err err = { 0 };

	(void)state;
	counter_open(counter, program);
	counter_issue(counter, 1);
	assert_int_equal(counter_checkpoint(counter, &err), PB_OK);
	counter_restart(counter);
	assert_true(pb_keystore_account(counter->store, &account));
	assert_int_equal(account.signatures, 2);
	assert_int_equal(account.open_serial, 0);
	assert_int_equal(counter_sign_face(counter, COUNTER_FIRST + 1, &err), PB_OK);
	counter_restart(counter);
	assert_true(pb_keystore_account(counter->store, &account));
	assert_int_equal(account.signatures, 3);
	assert_int_equal(account.open_serial, COUNTER_FIRST + 1);
	assert_int_equal(account.open_signatures, 1);
	assert_int_equal(account.steps_back + account.acknowledged, 0);
	counter_close(counter);
}

static void a_process_that_is_gone_is_reported_for_good(void **state)
{
	struct service service;
	struct pb_keystore *store = NULL;
	struct pb_err err = { 0 };
	uint8_t pseudonym[PB_PSEUDONYM_LEN];

	(void)state;
	service_start(&service, program, getuid());
	assert_int_equal(pb_keyd_connect(service.socket, &store, &err), PB_OK);
	kill(service.pid, SIGKILL);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pb_keystore_pseudonym(store, pb_view_text("card"), pseudonym, &err), PB_PROCESS_FAILED);
	pb_keystore_close(store);
	service_stop(&service);
}

/* One card asks for the same few names several times; the process is asked once, and the oldest are forgotten. */
static void a_name_is_asked_for_once(void **state)
{
	enum { NAMES = 17 };
	struct service service;
	struct pb_keystore *store = NULL;
	uint8_t named[NAMES][PB_PSEUDONYM_LEN], again[PB_PSEUDONYM_LEN];

	(void)state;
	service_start(&service, program, getuid());
	assert_int_equal(pb_keyd_connect(service.socket, &store, NULL), PB_OK);
	for (uint8_t i = 0; i < NAMES; i++)
		assert_int_equal(pb_keystore_pseudonym(store, pb_view(&i, 1), named[i], NULL), PB_OK);
	kill(service.pid, SIGKILL);
	for (uint8_t i = 1; i < NAMES; i++) {
		assert_int_equal(pb_keystore_pseudonym(store, pb_view(&i, 1), again, NULL), PB_OK);
		assert_memory_equal(again, named[i], sizeof(again));
	}
	assert_int_equal(pb_keystore_pseudonym(store, pb_view((const uint8_t[]){ 0 }, 1), again, NULL), PB_PROCESS_FAILED);
	pb_keystore_close(store);
	service_stop(&service);
}

/* A leak checker, where there is one, looks at it: keys are wiped, and a token is left. */
static void a_service_that_is_told_to_stop_ends_in_order(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT };
	struct service service;
	struct pb_keystore *store = NULL;
	uint8_t pseudonym[PB_PSEUDONYM_LEN];
	int ended;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		service_start(&service, program, getuid());
		assert_int_equal(pb_keyd_connect(service.socket, &store, NULL), PB_OK);
		kill(service.pid, signals[i]);
		assert_int_equal(waitpid(service.pid, &ended, 0), service.pid);
		assert_true(WIFEXITED(ended));
		assert_int_equal(WEXITSTATUS(ended), 0);
		assert_int_equal(pb_keystore_pseudonym(store, pb_view_text("card"), pseudonym, NULL), PB_PROCESS_FAILED);
		pb_keystore_close(store);
		counter_close(&service.counter);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_owner_is_served_and_nobody_else),
		cmocka_unit_test(nonsense_is_answered_and_others_are_served_on),
		cmocka_unit_test(what_keeps_it_from_starting_is_said),
		cmocka_unit_test(a_service_that_cannot_serve_ends_in_order),
		cmocka_unit_test(what_was_counted_is_told_to_who_comes),
		cmocka_unit_test(a_process_that_is_gone_is_reported_for_good),
		cmocka_unit_test(a_name_is_asked_for_once),
		cmocka_unit_test(a_service_that_is_told_to_stop_ends_in_order),
	};

	if (argc != 2)
		return 2;
	program = argv[1];
	return cmocka_run_group_tests(tests, counter_make_keys, counter_remove_keys);
}
