/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Both ends of profbilet-keyd's socket: requests of any bytes to the holder of the keys, replies of any bytes
 * to its owner.  What a decoder accepts, the encoder writes back the same.  Entries are told to a ledger that has
 * begun, at the place where it stands, so that they are reached; whatever they are, no credential is signed and what
 * was kept is not lost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cbor.h"
#include "base/message.h"
#include "issuer/ledger/note.h"
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
	for (int expected = PB_KEYD_FAILED; expected < PB_KEYD_REPLIES_END; expected++) {
		uint8_t again[PB_MESSAGE_MAX];
		struct pb_keyd_reply reply;

		if (pb_keyd_reply_decode(bytes, (enum pb_keyd_type)expected, &reply, NULL) == PB_OK)
			must(pb_view_equal(pb_keyd_reply_encode(&reply, again, sizeof(again)), bytes));

	}
}

/* GENESIS under the key of this run, and an order. */
static void begin_ledger(struct pb_keyd_server *server)
{
	struct pb_entry first = { .type = PB_ENTRY_GENESIS, .prefix = 7501, .origin = "profbilet.example/office/75" };
	struct pb_entry order = { .type = PB_ENTRY_APPROVED, .count = 3 };
	uint8_t room[PB_TELL_MAX], bytes[PB_ENTRY_MAX], public_key[32];
	struct pb_writer out = pb_writer(room, sizeof(room));
	struct pb_hash empty = pb_merkle_root(&server->accounts.told.edge);
	struct pb_note_key key;
	size_t n;

	pb_keystore_checkpoint_public(server->store, public_key);
	must(pb_note_key_make(first.origin, public_key, &key));
	pb_note_key_format(&key, first.vkey);
	must(pb_entry_encode(&first, bytes, &n));
	pb_cbor_put_bytes(&out, pb_view(bytes, n));
	must(pb_entry_encode(&order, bytes, &n));
	pb_cbor_put_bytes(&out, pb_view(bytes, n));
	must(pb_keyd_accounts_tell(&server->accounts, 0, empty.bytes, pb_view(room, out.n), 0, NULL) == PB_OK);
	server->accounts.file.record.kept = server->accounts.file.record.before = server->accounts.told;
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
	begin_ledger(server);
	(void)snprintf(command, sizeof(command), "rm -r '%s'", directory);
	must(system(command) == 0);
}

/* The same entries, said to follow what was told. */
static void as_told(struct pb_keyd_server *server, struct pb_view bytes)
{
	struct pb_hash root = pb_merkle_root(&server->accounts.told.edge);
	struct pb_keyd_request request;
	uint8_t again[PB_MESSAGE_MAX], answered[PB_MESSAGE_MAX];
	struct pb_view message;

	if (pb_keyd_request_decode(bytes, &request, NULL) != PB_OK || request.type != PB_KEYD_TELL || request.anew)
		return;
	request.size = server->accounts.told.edge.size;
	memcpy(request.root, root.bytes, sizeof(request.root));
	must(pb_keyd_request_encode(&request, again, sizeof(again), &message, NULL) == PB_OK);
	(void)pb_keyd_serve(server, message, pb_view(NULL, 0), answered, sizeof(answered));
	must(server->accounts.told.edge.size >= server->accounts.file.record.kept.edge.size);
	must(server->accounts.told.intents == 0); /* nothing was signed for */
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
	as_told(&server, bytes);
	answer = pb_keyd_serve(&server, bytes, bytes, answered, sizeof(answered));
	for (int expected = PB_KEYD_FAILED; !understood && expected < PB_KEYD_REPLIES_END; expected++)
		understood = pb_keyd_reply_decode(answer, (enum pb_keyd_type)expected, &reply, NULL) == PB_OK;
	must(understood);
	must(server.accounts.file.record.count.highest == 0); /* no seed names the key of this run */
	must(server.accounts.file.record.kept.edge.size >= 2);
	pb_keyd_accounts_restart(&server.accounts, &(struct pb_told){ .kept = 0 }); /* each input by itself */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_view bytes = pb_view(data, size);

	as_request(bytes);
	as_reply(bytes);
	as_served(bytes);
	return 0;
}
