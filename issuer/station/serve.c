/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One function for each request, and the table that finds it.
 */
#include "issuer/station/serve.h"

#include "issuer/station/messages.h"

typedef enum pb_status handler(struct pb_station_server *server, const struct pb_station_request *request,
			       struct pb_station_reply *reply, struct pb_err *err);

static struct pb_view view_of(const struct pb_station_field *field)
{
	return pb_view(field->p, field->n);
}

static enum pb_status readers(struct pb_station_server *server, const struct pb_station_request *request,
			      struct pb_station_reply *reply, struct pb_err *err)
{
	(void)request;
	reply->type = PB_SAY_READERS;
	return pb_reader_list(server->reader, &reply->u.readers, err);
}

static enum pb_status offer(struct pb_station_server *server, const struct pb_station_request *request,
			    struct pb_station_reply *reply, struct pb_err *err)
{
	struct pb_reader_card card;
	enum pb_status s;

	reply->type = PB_SAY_OFFER;
	pb_perso_finish(&server->perso);
	server->card.atr_n = 0;
	s = pb_reader_connect(server->reader, pb_deadline_in(request->wait_ms), &card, err);
	if (s == PB_OK)
		s = pb_card_identify(server->reader, &card, &reply->u.offer, err);
	if (s != PB_OK)
		return s;
	server->card = card;
	server->own = reply->u.offer.family == PB_FAMILY_APPLET;
	pb_perso_init(&server->perso, server->reader, reply->u.offer.family);
	pb_perso_selected(&server->perso, reply->u.offer.family != PB_FAMILY_FOREIGN);
	return PB_OK;
}

static enum pb_status begin(struct pb_station_server *server, const struct pb_station_request *request,
			    struct pb_station_reply *reply, struct pb_err *err)
{
	reply->type = PB_SAY_WORDS;
	return pb_perso_begin(&server->perso, (enum pb_session_purpose)request->purpose, &reply->u.words, err);
}

static enum pb_status answer(struct pb_station_server *server, const struct pb_station_request *request,
			     struct pb_station_reply *reply, struct pb_err *err)
{
	reply->type = PB_SAY_WORDS;
	return pb_perso_answer(&server->perso, view_of(&request->first), &reply->u.words, err);
}

static enum pb_status make_key(struct pb_station_server *server, const struct pb_station_request *request,
			       struct pb_station_reply *reply, struct pb_err *err)
{
	enum pb_status s = pb_perso_open(&server->perso, &request->session, err);

	reply->type = PB_SAY_KEY;
	return s == PB_OK ? pb_perso_make_key(&server->perso, reply->u.point, err) : s;
}

static enum pb_status open_session(struct pb_station_server *server, const struct pb_station_request *request,
				   struct pb_station_reply *reply, struct pb_err *err)
{
	(void)reply;
	return pb_perso_open(&server->perso, &request->session, err);
}

static enum pb_status write_card(struct pb_station_server *server, const struct pb_station_request *request,
				 struct pb_station_reply *reply, struct pb_err *err)
{
	(void)reply;
	return pb_perso_write(&server->perso, view_of(&request->first), view_of(&request->second), err);
}

static enum pb_status examine(struct pb_station_server *server, const struct pb_station_request *request,
			      struct pb_station_reply *reply, struct pb_err *err)
{
	enum pb_status s;

	reply->type = PB_SAY_IMAGE;
	s = pb_card_examine(server->reader, server->perso.family, view_of(&request->first), &reply->u.image, err);
	pb_perso_selected(&server->perso, s == PB_OK);
	return s;
}

static enum pb_status seal(struct pb_station_server *server, const struct pb_station_request *request,
			   struct pb_station_reply *reply, struct pb_err *err)
{
	enum pb_status s = pb_perso_open(&server->perso, &request->session, err);

	(void)reply;
	if (s == PB_OK && request->first.n)
		s = pb_perso_give_keys(&server->perso, view_of(&request->first), err);
	return s == PB_OK ? pb_perso_set_state(&server->perso, APPLET_LOCKED, err) : s;
}

static enum pb_status rekey(struct pb_station_server *server, const struct pb_station_request *request,
			    struct pb_station_reply *reply, struct pb_err *err)
{
	enum pb_status s = pb_perso_open(&server->perso, &request->session, err);

	(void)reply;
	return s == PB_OK ? pb_perso_give_keys(&server->perso, view_of(&request->first), err) : s;
}

static enum pb_status terminate(struct pb_station_server *server, const struct pb_station_request *request,
				struct pb_station_reply *reply, struct pb_err *err)
{
	enum pb_status s = pb_perso_open(&server->perso, &request->session, err);

	(void)reply;
	return s == PB_OK ? pb_perso_set_state(&server->perso, APPLET_TERMINATED, err) : s;
}

static enum pb_status inspect(struct pb_station_server *server, const struct pb_station_request *request,
			      struct pb_station_reply *reply, struct pb_err *err)
{
	(void)request;
	reply->type = PB_SAY_CHIP;
	if (!server->card.atr_n)
		return pb_fail(err, PB_NOT_ALLOWED, "no card was offered");
	pb_perso_selected(&server->perso, false);
	return pb_chip_inspect(server->reader, &server->card, server->own, &reply->u.chip, err);
}

/* The UID comes with the request: the process that offered the card may have been another. */
static enum pb_status eject(struct pb_station_server *server, const struct pb_station_request *request,
			    struct pb_station_reply *reply, struct pb_err *err)
{
	(void)reply;
	pb_perso_finish(&server->perso);
	server->card.atr_n = 0;
	return pb_reader_eject(server->reader, view_of(&request->first), err);
}

static const struct {
	enum pb_message_type type;
	handler *handle;
} handlers[] = {
	{ PB_ASK_READERS, readers },   { PB_ASK_OFFER, offer },	    { PB_ASK_BEGIN, begin },
	{ PB_ASK_MAKE_KEY, make_key }, { PB_ASK_OPEN, open_session }, { PB_ASK_WRITE, write_card },
	{ PB_ASK_EXAMINE, examine },   { PB_ASK_SEAL, seal },	    { PB_ASK_TERMINATE, terminate },
	{ PB_ASK_EJECT, eject },       { PB_ASK_REKEY, rekey },	    { PB_ASK_INSPECT, inspect },
	{ PB_ASK_ANSWER, answer },
};

static handler *handler_of(enum pb_message_type type)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].type == type)
			return handlers[i].handle;
	PB_BUG("a request without a handler");
}

void pb_station_server_init(struct pb_station_server *server, struct pb_reader *reader)
{
	*server = (struct pb_station_server){ .reader = reader };
}

void pb_station_server_finish(struct pb_station_server *server)
{
	pb_perso_finish(&server->perso);
}

struct pb_view pb_station_serve(struct pb_station_server *server, struct pb_view request, uint8_t *ret_bytes,
				size_t cap)
{
	struct pb_station_request asked;
	struct pb_station_reply reply = { .type = PB_SAY_DONE };
	struct pb_err err = { 0 };
	enum pb_status s = pb_station_request_decode(request, &asked, &err);

	if (s == PB_OK) {
		s = handler_of(asked.type)(server, &asked, &reply, &err);
		pb_station_request_wipe(&asked);
	}
	if (s != PB_OK) {
		reply = (struct pb_station_reply){ .type = PB_SAY_FAILED, .u.failure = err };
		reply.u.failure.status = s;
	}
	return pb_station_reply_encode(&reply, ret_bytes, cap);
}
