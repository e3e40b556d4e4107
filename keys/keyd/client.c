/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The owner's side: encode, send, wait, decode, in turns.  A process that is late, gone or talking nonsense
 * is let go for good: the next call must not read the answer to the last one.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/message.h"
#include "base/process.h"
#include "base/secret.h"
#include "keys/keyd/attached.h"
#include "keys/keyd/keyd.h"
#include "keys/keyd/messages.h"
#include "keys/keyd/serve.h"

enum { ANSWER_MS = 10000, START_MS = 60000, LEAVE_MS = 2000, NAMES_KEPT = 16 };

/* One card asks for the same few names again and again, and each answer would cost two changes of process. */
struct named {
	uint8_t name[PB_NAMED_MAX], pseudonym[PB_PSEUDONYM_LEN];
	size_t n; /* 0: free */
};

struct client {
	pthread_mutex_t turn;
	struct pb_process process;    /* pid 0: not our child */
	struct pb_keyd_server *local; /* instead of a process */
	pthread_mutex_t naming;
	struct named named[NAMES_KEPT];
	size_t next_named; /* the oldest */
};

/* A list goes beside the request that is about it. */
static enum pb_status send_request(int fd, struct pb_view request, struct pb_view attached, struct pb_err *err)
{
	enum pb_status s;
	int file;

	if (attached.n == 0)
		return pb_message_send(fd, request, err);
	s = pb_memory_file(attached, &file, err);
	if (s != PB_OK)
		return s;
	s = pb_message_send_fds(fd, request, &file, 1, err);
	(void)close(file);
	return s;
}

static enum pb_status exchange(struct client *client, struct pb_view request, struct pb_view attached, int64_t ms,
			       uint8_t *ret_bytes, struct pb_view *ret_reply, struct pb_err *err)
{
	enum pb_status s;
	size_t n;

	if (client->local != NULL) {
		*ret_reply = pb_keyd_serve(client->local, request, attached, ret_bytes, PB_MESSAGE_MAX);
		return PB_OK;
	}
	if (client->process.fd < 0)
		return pb_fail(err, PB_PROCESS_FAILED, "the key process was let go");
	s = send_request(client->process.fd, request, attached, err);
	if (s == PB_OK)
		s = pb_message_receive(client->process.fd, pb_deadline_in(ms), ret_bytes, &n, err);
	if (s == PB_OK)
		*ret_reply = pb_view(ret_bytes, n);
	return s == PB_INTERRUPTED ? pb_fail(err, PB_PROCESS_FAILED, "no answer in time") : s;
}

static enum pb_status ask_within(struct client *client, const struct pb_keyd_request *request, int64_t ms,
				 enum pb_keyd_type expected, struct pb_keyd_reply *ret_reply, struct pb_err *err)
{
	uint8_t asked[PB_MESSAGE_MAX], answered[PB_MESSAGE_MAX];
	struct pb_view attached = request->type == PB_KEYD_SIGN_LIST ? request->bytes : pb_view(NULL, 0);
	struct pb_view message, reply = { 0 };
	enum pb_status s = pb_keyd_request_encode(request, asked, sizeof(asked), &message, err);

	if (s != PB_OK)
		return s;
	if (attached.n > PB_KEYD_LIST_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "a list of more than %d bytes", PB_KEYD_LIST_MAX);
	pthread_mutex_lock(&client->turn);
	s = exchange(client, message, attached, ms, answered, &reply, err);
	if (s == PB_OK)
		s = pb_keyd_reply_decode(reply, expected, ret_reply, err);
	if (s != PB_OK)
		pb_process_kill(&client->process);
	pthread_mutex_unlock(&client->turn);
	pb_wipe(asked, message.n); /* either may carry session keys */
	pb_wipe(answered, reply.n);
	if (s != PB_OK)
		return pb_wrap(err, s, "profbilet-keyd");
	if (ret_reply->type != PB_KEYD_FAILED)
		return PB_OK;
	if (err != NULL)
		*err = ret_reply->u.failure;
	return ret_reply->u.failure.status;
}

static enum pb_status ask(struct client *client, const struct pb_keyd_request *request, enum pb_keyd_type expected,
			  struct pb_keyd_reply *ret_reply, struct pb_err *err)
{
	return ask_within(client, request, ANSWER_MS, expected, ret_reply, err);
}

/* ---- the calls of a store */

static enum pb_status signature(struct client *client, const struct pb_keyd_request *request, uint8_t ret_sig[static 64],
				struct pb_err *err)
{
	struct pb_keyd_reply reply;
	enum pb_status s = ask(client, request, PB_KEYD_SIGNATURE, &reply, err);

	if (s == PB_OK)
		memcpy(ret_sig, reply.u.sig, sizeof(reply.u.sig));
	return s;
}

static enum pb_status sign_credentials(void *ctx, const struct pb_signing_order *order, const struct pb_view *sig_structures,
				       size_t count, uint8_t (*ret_sigs)[PB_ES256_LEN], struct pb_err *err)
{
	struct pb_keyd_request request = { .type = PB_KEYD_SIGN_CREDENTIALS, .order = *order, .bytes = sig_structures[0] };
	struct pb_keyd_reply reply;
	enum pb_status s;

	if (count > 1)
		request.also = sig_structures[1];
	s = ask(ctx, &request, PB_KEYD_SIGNATURES, &reply, err);
	if (s == PB_OK)
		memcpy(ret_sigs, reply.u.sigs, count * sizeof(reply.u.sigs[0]));
	return s;
}

static enum pb_status sign_checkpoint(void *ctx, struct pb_view note_text, uint8_t ret_sig[static 64], struct pb_err *err)
{
	struct pb_keyd_request request = { .type = PB_KEYD_SIGN_CHECKPOINT, .bytes = note_text };

	return signature(ctx, &request, ret_sig, err);
}

static enum pb_status sign_list(void *ctx, enum pb_key_role role, struct pb_view sig_structure, uint8_t ret_sig[static 64],
				struct pb_err *err)
{
	struct pb_keyd_request request = { .type = PB_KEYD_SIGN_LIST, .trust = role == PB_ROLE_TRUST_LIST, .bytes = sig_structure };

	return signature(ctx, &request, ret_sig, err);
}

static enum pb_status cosign(void *ctx, const struct pb_cosign_order *order, struct pb_cosign_answer *ret_answer,
			     struct pb_err *err)
{
	struct pb_keyd_request request = { .type = PB_KEYD_COSIGN, .bytes = order->text, .size = order->old_size,
					   .proof = order->proof };
	struct pb_keyd_reply reply;
	enum pb_status s;

	if (snprintf(request.log, sizeof(request.log), "%s", order->log) >= (int)sizeof(request.log))
		return pb_fail(err, PB_INPUT_INVALID, "the name of a ledger is too long");
	memcpy(request.log_sig, order->log_sig, sizeof(request.log_sig));
	s = ask(ctx, &request, PB_KEYD_COSIGNED, &reply, err);
	if (s == PB_OK)
		*ret_answer = reply.u.cosigned;
	return s;
}

static bool recall(struct client *client, struct pb_view name, uint8_t ret_pseudonym[static PB_PSEUDONYM_LEN])
{
	bool found = false;

	pthread_mutex_lock(&client->naming);
	for (size_t i = 0; i < NAMES_KEPT && !found && name.n > 0; i++) {
		found = pb_view_equal(name, pb_view(client->named[i].name, client->named[i].n));
		if (found)
			memcpy(ret_pseudonym, client->named[i].pseudonym, PB_PSEUDONYM_LEN);
	}
	pthread_mutex_unlock(&client->naming);
	return found;
}

static void keep(struct client *client, struct pb_view name, const uint8_t pseudonym[static PB_PSEUDONYM_LEN])
{
	struct named *named;

	if (name.n == 0 || name.n > sizeof(named->name))
		return;
	pthread_mutex_lock(&client->naming);
	named = &client->named[client->next_named];
	client->next_named = (client->next_named + 1) % NAMES_KEPT;
	named->n = name.n;
	memcpy(named->name, name.p, name.n);
	memcpy(named->pseudonym, pseudonym, PB_PSEUDONYM_LEN);
	pthread_mutex_unlock(&client->naming);
}

static enum pb_status pseudonym(void *ctx, struct pb_view uid, uint8_t ret_pseudonym[static PB_PSEUDONYM_LEN],
				struct pb_err *err)
{
	struct pb_keyd_request request = { .type = PB_KEYD_PSEUDONYM, .uid = uid };
	struct pb_keyd_reply reply;
	enum pb_status s;

	if (recall(ctx, uid, ret_pseudonym))
		return PB_OK;
	s = ask(ctx, &request, PB_KEYD_NAMED, &reply, err);
	if (s == PB_OK) {
		memcpy(ret_pseudonym, reply.u.pseudonym, PB_PSEUDONYM_LEN);
		keep(ctx, uid, reply.u.pseudonym);
	}
	return s;
}

static enum pb_status login_step(struct client *client, const struct pb_keyd_request *request, struct pb_login_step *ret_step,
				 struct pb_err *err)
{
	struct pb_keyd_reply reply;
	enum pb_status s = ask(client, request, PB_KEYD_SESSION, &reply, err);

	if (s == PB_OK)
		*ret_step = reply.u.step;
	pb_keyd_reply_wipe(&reply);
	return s;
}

static enum pb_status login_begin(void *ctx, enum pb_master_family family, struct pb_view uid, struct pb_view words,
				  struct pb_login_step *ret_step, struct pb_err *err)
{
	struct pb_keyd_request request = { .type = PB_KEYD_LOGIN, .family = family, .uid = uid, .bytes = words };

	return login_step(ctx, &request, ret_step, err);
}

static enum pb_status login_answer(void *ctx, uint64_t login, struct pb_view words, struct pb_login_step *ret_step,
				   struct pb_err *err)
{
	struct pb_keyd_request request = { .type = PB_KEYD_LOGIN_ANSWER, .login = login, .bytes = words };

	return login_step(ctx, &request, ret_step, err);
}

static enum pb_status give_keys(void *ctx, enum pb_master_family family, struct pb_view uid,
				const struct pb_card_session *session, struct pb_card_words *ret_words, struct pb_err *err)
{
	struct pb_keyd_request request = { .type = PB_KEYD_GIVE_KEYS, .family = family, .uid = uid, .session = *session };
	struct pb_keyd_reply reply;
	enum pb_status s = ask(ctx, &request, PB_KEYD_WRAPPED, &reply, err);

	if (s == PB_OK)
		*ret_words = reply.u.wrapped;
	pb_keyd_request_wipe(&request);
	pb_keyd_reply_wipe(&reply);
	return s;
}

static enum pb_status restart_telling(void *ctx, struct pb_told *ret_told, struct pb_err *err)
{
	struct pb_keyd_request request = { .type = PB_KEYD_TELL, .anew = true };
	struct pb_keyd_reply reply;
	enum pb_status s = ask(ctx, &request, PB_KEYD_STANDS, &reply, err);

	if (s == PB_OK)
		*ret_told = reply.u.stands;
	return s;
}

static enum pb_status tell(void *ctx, uint64_t size, const uint8_t root[static 32], struct pb_view entries, struct pb_err *err)
{
	struct pb_keyd_request request = { .type = PB_KEYD_TELL, .size = size, .bytes = entries };
	struct pb_keyd_reply reply;

	memcpy(request.root, root, sizeof(request.root));
	return ask(ctx, &request, PB_KEYD_STANDS, &reply, err);
}

static void close_client(void *ctx)
{
	struct client *client = ctx;

	pb_process_finish(&client->process, LEAVE_MS);
	pthread_mutex_destroy(&client->turn);
	pthread_mutex_destroy(&client->naming);
	free(client);
}

static const struct pb_keystore_remote remote = {
	.sign_credentials = sign_credentials,
	.sign_checkpoint = sign_checkpoint,
	.sign_list = sign_list,
	.cosign = cosign,
	.pseudonym = pseudonym,
	.login_begin = login_begin,
	.login_answer = login_answer,
	.give_keys = give_keys,
	.restart_telling = restart_telling,
	.tell = tell,
	.close = close_client,
};

/* ---- making one */

/* The first question; what the process could not do when it started is its answer. */
static enum pb_status greet(struct client *client, struct pb_keystore **ret_store, struct pb_err *err)
{
	struct pb_keyd_request request = { .type = PB_KEYD_HELLO };
	struct pb_keyd_reply reply;
	enum pb_status s = ask_within(client, &request, START_MS, PB_KEYD_FACTS, &reply, err);

	if (s == PB_OK)
		s = pb_keystore_create_remote(&remote, client, &reply.u.facts, ret_store, err);
	if (s != PB_OK)
		close_client(client);
	return s;
}

static enum pb_status create(struct client **ret_client, struct pb_err *err)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client == NULL)
		return pb_fail(err, PB_NO_MEMORY, "key process");
	client->process = PB_PROCESS_NONE;
	pthread_mutex_init(&client->turn, NULL);
	pthread_mutex_init(&client->naming, NULL);
	*ret_client = client;
	return PB_OK;
}

enum { ARGUMENTS_MAX = 11 };

/* Names of files and numbers: everyone may read them.  The token is named over the socket. */
static void arguments_of(const struct pb_keyd_options *options, const char *per_hour, const char *ret_argv[static ARGUMENTS_MAX])
{
	size_t n = 0;

	ret_argv[n++] = options->program;
	ret_argv[n++] = "--keys";
	ret_argv[n++] = options->key_directory;
	ret_argv[n++] = "--passphrase-file";
	ret_argv[n++] = options->passphrase_file;
	ret_argv[n++] = "--signatures-per-hour";
	ret_argv[n++] = per_hour;
	if (options->allow_factory_keys)
		ret_argv[n++] = "--allow-factory-keys";
	if (options->token != NULL)
		ret_argv[n++] = "--token-by-owner";
	if (options->only_witness)
		ret_argv[n++] = "--witness";
	ret_argv[n] = NULL;
}

enum pb_status pb_keyd_start(const struct pb_keyd_options *options, struct pb_keystore **ret_store, struct pb_err *err)
{
	const char *argv[ARGUMENTS_MAX];
	char per_hour[16];
	struct client *client = NULL;
	enum pb_status s = create(&client, err);

	if (s != PB_OK)
		return s;
	(void)snprintf(per_hour, sizeof(per_hour), "%d", options->signatures_per_hour);
	arguments_of(options, per_hour, argv);
	s = pb_process_spawn(argv, &client->process, err);
	if (s == PB_OK && options->token != NULL)
		s = pb_keyd_token_tell(client->process.fd, options->token, options->ask_pin, options->ask_ctx, err);
	if (s != PB_OK) {
		close_client(client);
		return s;
	}
	return greet(client, ret_store, err);
}

static enum pb_status connect_to(const char *path, int *ret_fd, struct pb_err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, failed;

	if (strlen(path) >= sizeof(address.sun_path))
		return pb_fail(err, PB_CONFIG_INVALID, "%s: the path of a socket has at most %zu bytes", path,
			       sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0) {
		*ret_fd = fd;
		return PB_OK;
	}
	failed = errno;
	if (fd >= 0)
		(void)close(fd);
	return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, failed, "%s", path);
}

enum pb_status pb_keyd_connect(const char *path, struct pb_keystore **ret_store, struct pb_err *err)
{
	struct client *client = NULL;
	enum pb_status s = create(&client, err);

	if (s != PB_OK)
		return s;
	s = connect_to(path, &client->process.fd, err);
	if (s != PB_OK) {
		close_client(client);
		return s;
	}
	return greet(client, ret_store, err);
}

enum pb_status pb_keyd_connect_local(struct pb_keyd_server *server, struct pb_keystore **ret_store, struct pb_err *err)
{
	struct client *client = NULL;
	enum pb_status s = create(&client, err);

	if (s != PB_OK)
		return s;
	client->local = server;
	return greet(client, ret_store, err);
}
