/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Both ends of profbilet-keyd's socket: requests of any bytes to the holder of the keys, replies of any bytes
 * to its owner.  What a decoder accepts, the encoder writes back the same; what is no order of the next
 * serial never moves the count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "keys/keyd/messages.h"
#include "keys/keyd/serve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static void as_request(struct pb_view bytes)
{
	struct pb_keyd_request request;
	uint8_t again[PB_MESSAGE_MAX];
	struct pb_view message;

	if (pb_keyd_request_decode(bytes, &request, NULL) != PB_OK)
		return;
	must(pb_keyd_request_encode(&request, again, sizeof(again), &message, NULL) == PB_OK);
	must(pb_view_equal(message, bytes));
}

static void as_reply(struct pb_view bytes)
{
	for (int expected = PB_KEYD_FAILED; expected <= PB_KEYD_STANDS; expected++) {
		uint8_t again[PB_MESSAGE_MAX];
		struct pb_keyd_reply reply;

		if (pb_keyd_reply_decode(bytes, (enum pb_keyd_type)expected, &reply, NULL) == PB_OK)
			must(pb_view_equal(pb_keyd_reply_encode(&reply, again, sizeof(again)), bytes));

	}
}

/* Keys of this run, in a folder that is gone once they are open. */
static void open_server(struct pb_keyd_server *server)
{
	char directory[] = "/tmp/profbilet-fuzz-keyd-XXXXXX", keys[64], command[96];
	struct pb_secret passphrase = { .bytes = "fuzz", .n = 4 };
	struct pb_keystore *store = NULL;

	must(mkdtemp(directory) != NULL);
	(void)snprintf(keys, sizeof(keys), "%s/keys", directory);
	must(pb_keystore_create_test(keys, &passphrase, "RU-75-TST", "Test", &pb_clock_system, NULL) == PB_OK);
	must(pb_keystore_open(keys, &passphrase, NULL, &store, NULL) == PB_OK);
	must(pb_keyd_accounts_create(store, keys, NULL) == PB_OK);
	must(pb_keyd_accounts_open(store, keys, 0, &server->accounts, NULL) == PB_OK);
	server->store = store;
	server->clock = &pb_clock_system;
	(void)snprintf(command, sizeof(command), "rm -r '%s'", directory);
	must(system(command) == 0);
}

/* Anything is answered with a reply that an owner understands. */
static void as_served(struct pb_view bytes)
{
	static struct pb_keyd_server server;
	uint8_t answered[PB_MESSAGE_MAX];
	struct pb_keyd_reply reply;
	struct pb_view answer;
	bool understood = false;

	if (server.store == NULL)
		open_server(&server);
	answer = pb_keyd_serve(&server, bytes, bytes, answered, sizeof(answered));
	for (int expected = PB_KEYD_FAILED; !understood && expected <= PB_KEYD_STANDS; expected++)
		understood = pb_keyd_reply_decode(answer, (enum pb_keyd_type)expected, &reply, NULL) == PB_OK;
	must(understood);
	must(server.accounts.file.record.count.highest == 0); /* no seed names the key of this run */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_view bytes = pb_view(data, size);

	as_request(bytes);
	as_reply(bytes);
	as_served(bytes);
	return 0;
}
