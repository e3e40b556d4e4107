/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The owner's side: encode, send, wait no longer than the deadline, decode.  A process that is late,
 * gone or talking nonsense is killed here, and only here.
 */
#include "issuer/station/station.h"

#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "base/process.h"
#include "base/secret.h"
#include "issuer/station/messages.h"
#include "issuer/station/serve.h"

enum { LEAVE_MS = 500 };

struct pb_station {
	char *program, *reader, *trace_path; /* trace_path NULL: no trace */
	int64_t step_ms;
	struct pb_process process;	     /* fd -1: none runs */
	struct pb_station_server *local;     /* instead of a process */
	uint8_t uid[UID_MAX];		     /* of the card last offered */
	size_t uid_n;
	bool owes_answer;		     /* to an eject, which nobody waited for */
	struct pb_deadline owed_by;
};

static enum pb_status spawn(struct pb_station *station, struct pb_err *err)
{
	const char *const argv[] = { station->program, station->reader, station->trace_path, NULL };

	if (station->local || station->process.fd >= 0)
		return PB_OK;
	return pb_process_spawn(argv, &station->process, err);
}

static bool copy_text(const char *text, char **ret_copy)
{
	*ret_copy = text ? strdup(text) : NULL;
	return !text || *ret_copy;
}

enum pb_status pb_station_start(const struct pb_station_options *options, struct pb_station **ret_station,
				struct pb_err *err)
{
	struct pb_station *station = calloc(1, sizeof(*station));
	enum pb_status s;

	if (!station)
		return pb_fail(err, PB_NO_MEMORY, "station");
	station->process = PB_PROCESS_NONE;
	station->step_ms = options->step_ms ? options->step_ms : PB_STATION_STEP_MS;
	if (copy_text(options->program, &station->program) && copy_text(options->reader ? options->reader : "", &station->reader) &&
	    copy_text(options->trace_path, &station->trace_path))
		s = spawn(station, err);
	else
		s = pb_fail(err, PB_NO_MEMORY, "station");
	if (s != PB_OK) {
		pb_station_stop(station);
		return s;
	}
	*ret_station = station;
	return PB_OK;
}

enum pb_status pb_station_create_local(struct pb_reader *reader, struct pb_station **ret_station, struct pb_err *err)
{
	struct pb_station *station = calloc(1, sizeof(*station));
	struct pb_station_server *server = calloc(1, sizeof(*server));

	if (!station || !server) {
		free(station);
		free(server);
		return pb_fail(err, PB_NO_MEMORY, "station");
	}
	pb_station_server_init(server, reader);
	station->process = PB_PROCESS_NONE;
	station->step_ms = PB_STATION_STEP_MS;
	station->local = server;
	*ret_station = station;
	return PB_OK;
}

void pb_station_stop(struct pb_station *station)
{
	if (!station)
		return;
	if (station->local)
		pb_station_server_finish(station->local);
	free(station->local);
	pb_process_finish(&station->process, LEAVE_MS);
	free(station->program);
	free(station->reader);
	free(station->trace_path);
	free(station);
}

/* ---- one question, one answer */

/* PB_READER_SILENT when it is late, which nobody survives. */
static enum pb_status receive(struct pb_station *station, struct pb_deadline deadline,
			      uint8_t ret_bytes[static PB_MESSAGE_MAX], struct pb_view *ret_reply, struct pb_err *err)
{
	size_t n;
	enum pb_status s = pb_message_receive(station->process.fd, deadline, ret_bytes, &n, err);

	if (s == PB_INTERRUPTED)
		s = pb_fail(err, PB_READER_SILENT, "station %s: no answer in time", station->reader);
	if (s == PB_OK)
		*ret_reply = pb_view(ret_bytes, n);
	return s;
}

/* Answers come in the order of the questions: one that is owed comes first. */
static enum pb_status exchange_process(struct pb_station *station, struct pb_view request, struct pb_deadline deadline,
				       uint8_t ret_bytes[static PB_MESSAGE_MAX], struct pb_view *ret_reply,
				       struct pb_err *err)
{
	struct pb_station_reply owed;
	enum pb_status s;

	if (station->process.fd < 0)
		return pb_fail(err, PB_NOT_ALLOWED, "station: no card was offered since it was stopped");
	s = pb_message_send(station->process.fd, request, err);
	if (s == PB_OK && station->owes_answer)
		s = receive(station, station->owed_by, ret_bytes, ret_reply, err);
	if (s == PB_OK && station->owes_answer)
		s = pb_station_reply_decode(*ret_reply, PB_SAY_DONE, &owed, err);
	station->owes_answer = false;
	if (s == PB_OK)
		s = receive(station, deadline, ret_bytes, ret_reply, err);
	if (s != PB_OK)
		pb_process_kill(&station->process);
	return s;
}

static enum pb_status interpret(struct pb_station *station, struct pb_view bytes, enum pb_message_type expected,
				struct pb_station_reply *ret_reply, struct pb_err *err)
{
	enum pb_status s = pb_station_reply_decode(bytes, expected, ret_reply, err);

	if (s != PB_OK) {
		pb_process_kill(&station->process);
		return pb_wrap(err, s, "station");
	}
	if (ret_reply->type != PB_SAY_FAILED)
		return PB_OK;
	if (err)
		*err = ret_reply->u.failure;
	return ret_reply->u.failure.status;
}

static enum pb_status ask(struct pb_station *station, const struct pb_station_request *request,
			  enum pb_message_type expected, struct pb_station_reply *ret_reply, struct pb_err *err)
{
	struct pb_deadline deadline = pb_deadline_in(station->step_ms + request->wait_ms);
	uint8_t asked[PB_MESSAGE_MAX], answered[PB_MESSAGE_MAX];
	struct pb_view message = pb_station_request_encode(request, asked, sizeof(asked)), reply;
	enum pb_status s = PB_OK;

	if (station->local)
		reply = pb_station_serve(station->local, message, answered, sizeof(answered));
	else
		s = exchange_process(station, message, deadline, answered, &reply, err);
	pb_wipe(asked, message.n);
	return s == PB_OK ? interpret(station, reply, expected, ret_reply, err) : s;
}

/* A request with session keys in it, gone when it was asked. */
static enum pb_status ask_with_session(struct pb_station *station, struct pb_station_request *request,
				       const struct pb_card_session *session, enum pb_message_type expected,
				       struct pb_station_reply *ret_reply, struct pb_err *err)
{
	enum pb_status s;

	request->session = *session;
	s = ask(station, request, expected, ret_reply, err);
	pb_station_request_wipe(request);
	return s;
}

static enum pb_status put_field(struct pb_station_field *field, struct pb_view bytes, size_t max, struct pb_err *err)
{
	if (bytes.n > max)
		return pb_fail(err, PB_INPUT_INVALID, "station: %zu bytes where %zu are the most", bytes.n, max);
	if (bytes.n)
		memcpy(field->p, bytes.p, bytes.n);
	field->n = bytes.n;
	return PB_OK;
}

/* ---- the calls */

enum pb_status pb_station_readers(const struct pb_station_options *options, struct pb_reader_list *ret_list,
				  struct pb_err *err)
{
	struct pb_station_request request = { .type = PB_ASK_READERS };
	struct pb_station_reply reply;
	struct pb_station *station;
	enum pb_status s = pb_station_start(options, &station, err);

	if (s != PB_OK)
		return s;
	s = ask(station, &request, PB_SAY_READERS, &reply, err);
	pb_station_stop(station);
	if (s == PB_OK)
		*ret_list = reply.u.readers;
	return s;
}

enum pb_status pb_station_offer(struct pb_station *station, int64_t wait_ms, struct pb_card_identity *ret_offer,
				struct pb_err *err)
{
	struct pb_station_request request = { .type = PB_ASK_OFFER };
	struct pb_station_reply reply;
	enum pb_status s = spawn(station, err);

	request.wait_ms = (uint32_t)(wait_ms < 0 ? 0 : wait_ms > PB_WAIT_MAX_MS ? PB_WAIT_MAX_MS : wait_ms);
	if (s == PB_OK)
		s = ask(station, &request, PB_SAY_OFFER, &reply, err);
	if (s != PB_OK)
		return s;
	memcpy(station->uid, reply.u.offer.uid, sizeof(station->uid));
	station->uid_n = reply.u.offer.uid_n;
	*ret_offer = reply.u.offer;
	return PB_OK;
}

enum pb_status pb_station_begin(struct pb_station *station, enum pb_session_purpose purpose,
				struct pb_card_words *ret_words, struct pb_err *err)
{
	struct pb_station_request request = { .type = PB_ASK_BEGIN, .purpose = purpose };
	struct pb_station_reply reply;
	enum pb_status s = ask(station, &request, PB_SAY_WORDS, &reply, err);

	if (s == PB_OK)
		*ret_words = reply.u.words;
	return s;
}

enum pb_status pb_station_answer(struct pb_station *station, struct pb_view say, struct pb_card_words *ret_words,
				 struct pb_err *err)
{
	struct pb_station_request request = { .type = PB_ASK_ANSWER };
	struct pb_station_reply reply;
	enum pb_status s = put_field(&request.first, say, PB_CARD_WORDS_MAX, err);

	if (s == PB_OK)
		s = ask(station, &request, PB_SAY_WORDS, &reply, err);
	if (s == PB_OK)
		*ret_words = reply.u.words;
	return s;
}

enum pb_status pb_station_make_key(struct pb_station *station, const struct pb_card_session *session,
				   uint8_t ret_point[static PB_P256_POINT], struct pb_err *err)
{
	struct pb_station_request request = { .type = PB_ASK_MAKE_KEY };
	struct pb_station_reply reply;
	enum pb_status s = ask_with_session(station, &request, session, PB_SAY_KEY, &reply, err);

	if (s == PB_OK)
		memcpy(ret_point, reply.u.point, PB_P256_POINT);
	return s;
}

enum pb_status pb_station_open(struct pb_station *station, const struct pb_card_session *session, struct pb_err *err)
{
	struct pb_station_request request = { .type = PB_ASK_OPEN };
	struct pb_station_reply reply;

	return ask_with_session(station, &request, session, PB_SAY_DONE, &reply, err);
}

enum pb_status pb_station_write(struct pb_station *station, struct pb_view credential, struct pb_view ndef,
				struct pb_err *err)
{
	struct pb_station_request request = { .type = PB_ASK_WRITE };
	struct pb_station_reply reply;
	enum pb_status s;

	if (credential.n == 0)
		return pb_fail(err, PB_INPUT_INVALID, "station: an empty credential");
	s = put_field(&request.first, credential, CREDENTIAL_MAX, err);
	if (s == PB_OK)
		s = put_field(&request.second, ndef, NDEF_MAX, err);
	return s == PB_OK ? ask(station, &request, PB_SAY_DONE, &reply, err) : s;
}

enum pb_status pb_station_examine(struct pb_station *station, struct pb_view challenge,
				  struct pb_card_image *ret_image, struct pb_err *err)
{
	struct pb_station_request request = { .type = PB_ASK_EXAMINE };
	struct pb_station_reply reply;
	enum pb_status s;

	if (challenge.n < CHALLENGE_MIN)
		return pb_fail(err, PB_INPUT_INVALID, "station: a challenge of %zu bytes", challenge.n);
	s = put_field(&request.first, challenge, CHALLENGE_MAX, err);
	if (s == PB_OK)
		s = ask(station, &request, PB_SAY_IMAGE, &reply, err);
	if (s == PB_OK)
		*ret_image = reply.u.image;
	return s;
}

/* A request that may carry keys. */
static enum pb_status ask_with_keys(struct pb_station *station, enum pb_message_type type, const struct pb_card_session *session,
				    struct pb_view keys, struct pb_err *err)
{
	struct pb_station_request request = { .type = type };
	struct pb_station_reply reply;
	enum pb_status s = put_field(&request.first, keys, PB_CARD_WORDS_MAX, err);

	return s == PB_OK ? ask_with_session(station, &request, session, PB_SAY_DONE, &reply, err) : s;
}

enum pb_status pb_station_seal(struct pb_station *station, const struct pb_card_session *session, struct pb_view keys,
			       struct pb_err *err)
{
	return ask_with_keys(station, PB_ASK_SEAL, session, keys, err);
}

enum pb_status pb_station_rekey(struct pb_station *station, const struct pb_card_session *session, struct pb_view keys,
				struct pb_err *err)
{
	if (keys.n == 0)
		return pb_fail(err, PB_INPUT_INVALID, "station: no keys to give");
	return ask_with_keys(station, PB_ASK_REKEY, session, keys, err);
}

enum pb_status pb_station_terminate(struct pb_station *station, const struct pb_card_session *session,
				    struct pb_err *err)
{
	struct pb_station_request request = { .type = PB_ASK_TERMINATE };
	struct pb_station_reply reply;

	return ask_with_session(station, &request, session, PB_SAY_DONE, &reply, err);
}

enum pb_status pb_station_inspect(struct pb_station *station, struct pb_chip *ret_chip, struct pb_err *err)
{
	struct pb_station_request request = { .type = PB_ASK_INSPECT };
	struct pb_station_reply reply;
	enum pb_status s = ask(station, &request, PB_SAY_CHIP, &reply, err);

	if (s == PB_OK)
		*ret_chip = reply.u.chip;
	return s;
}

enum pb_status pb_station_eject(struct pb_station *station, struct pb_err *err)
{
	struct pb_station_request request = { .type = PB_ASK_EJECT };
	struct pb_station_reply reply;
	uint8_t asked[PB_MESSAGE_MAX];
	enum pb_status s = spawn(station, err);

	if (s == PB_OK)
		s = put_field(&request.first, pb_view(station->uid, station->uid_n), UID_MAX, err);
	if (s != PB_OK)
		return s;
	if (station->local || station->owes_answer)
		return ask(station, &request, PB_SAY_DONE, &reply, err);
	s = pb_message_send(station->process.fd, pb_station_request_encode(&request, asked, sizeof(asked)), err);
	station->owes_answer = s == PB_OK;
	station->owed_by = pb_deadline_in(station->step_ms);
	if (s != PB_OK)
		pb_process_kill(&station->process);
	return s;
}
