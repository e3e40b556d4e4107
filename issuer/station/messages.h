/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a station and its owner say to each other: one request, one reply, each a deterministic CBOR
 * array whose first element is its type.  The fields of all messages stand in one table (messages.c),
 * with a bound on each, and one encoder and one decoder read it; both ends take the other for hostile.
 */
#ifndef PROFBILET_ISSUER_STATION_MESSAGES_H
#define PROFBILET_ISSUER_STATION_MESSAGES_H

#include "base/bytes.h"
#include "base/err.h"
#include "issuer/card/card.h"
#include "issuer/perso/perso.h"
#include "issuer/reader/reader.h"

enum pb_message_type {
	/* requests */
	PB_ASK_READERS = 1,
	PB_ASK_OFFER,
	PB_ASK_BEGIN,
	PB_ASK_MAKE_KEY,
	PB_ASK_OPEN,
	PB_ASK_WRITE,
	PB_ASK_EXAMINE,
	PB_ASK_SEAL,
	PB_ASK_TERMINATE,
	PB_ASK_EJECT,
	PB_ASK_REKEY,
	PB_ASK_INSPECT,
	PB_ASK_ANSWER,
	/* replies */
	PB_SAY_DONE = 32,
	PB_SAY_FAILED,
	PB_SAY_READERS,
	PB_SAY_OFFER,
	PB_SAY_WORDS,
	PB_SAY_KEY,
	PB_SAY_IMAGE,
	PB_SAY_CHIP,
};

enum { PB_WAIT_MAX_MS = 24 * 3600 * 1000 };

/* Bytes of a request, with room for the longest of them. */
struct pb_station_field {
	uint8_t p[PB_CARD_WORDS_MAX];
	size_t n;
};

struct pb_station_request {
	enum pb_message_type type;
	uint32_t wait_ms;		/* OFFER */
	uint32_t purpose;		/* BEGIN: enum pb_session_purpose */
	struct pb_card_session session; /* MAKE_KEY, OPEN, SEAL, TERMINATE, REKEY */
	struct pb_station_field first;		/* WRITE: credential, EXAMINE: challenge, ANSWER: words, SEAL, REKEY: keys, EJECT: UID */
	struct pb_station_field second;		/* WRITE: NDEF image */
};

struct pb_station_reply {
	enum pb_message_type type;
	union {
		struct pb_err failure;
		struct pb_reader_list readers;
		struct pb_card_identity offer;
		struct pb_card_words words;
		uint8_t point[PB_P256_POINT];
		struct pb_card_image image;
		struct pb_chip chip;
	} u;
};

/* Aborts on a field outside its bounds: what we send was checked before. */
struct pb_view pb_station_request_encode(const struct pb_station_request *request, uint8_t *ret_bytes, size_t cap);
struct pb_view pb_station_reply_encode(const struct pb_station_reply *reply, uint8_t *ret_bytes, size_t cap);

/* PB_MESSAGE_INVALID for anything but one whole message within its bounds. */
PB_MUST_USE enum pb_status pb_station_request_decode(struct pb_view bytes, struct pb_station_request *ret_request,
						     struct pb_err *err);
/* `expected`: the reply that belongs to the request; PB_SAY_FAILED always may come. */
PB_MUST_USE enum pb_status pb_station_reply_decode(struct pb_view bytes, enum pb_message_type expected,
						   struct pb_station_reply *ret_reply, struct pb_err *err);

/* Requests carry session keys. */
void pb_station_request_wipe(struct pb_station_request *request);

#endif
