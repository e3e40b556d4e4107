/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The schema is the table at the top; below it one encoder and one decoder walk its rows.  A new message
 * is a new row.
 */
#include "issuer/station/messages.h"

#include <stddef.h>
#include <string.h>

#include "base/cbor.h"

enum kind {
	NUMBER, /* unsigned, four bytes in memory: min..max */
	FLAG,	/* bool */
	FIXED,	/* max bytes exactly */
	BYTES,	/* min..max bytes, their count at n_at */
	SESSION, /* struct pb_card_session */
	TEXT,	/* char[max], printable ASCII */
	NAMES,	/* struct pb_reader_list */
};

struct field {
	enum kind kind;
	size_t at, n_at;
	size_t min, max;
};

enum { FIELDS_MAX = 9, STATE_MAX = 0x7F };

struct row {
	enum pb_message_type type;
	struct field fields[FIELDS_MAX]; /* ends at the first of max 0 */
};

#define REQUEST(member) offsetof(struct pb_station_request, member)
#define REPLY(member) offsetof(struct pb_station_reply, u.member)
#define IN_SESSION { SESSION, REQUEST(session), 0, 1, PB_CARD_SESSION_MAX }
#define FIRST(min, max) { BYTES, REQUEST(first.p), REQUEST(first.n), min, max }
#define SECOND(min, max) { BYTES, REQUEST(second.p), REQUEST(second.n), min, max }

static const struct row requests[] = {
	{ PB_ASK_READERS, { { 0 } } },
	{ PB_ASK_OFFER, { { NUMBER, REQUEST(wait_ms), 0, 0, PB_WAIT_MAX_MS } } },
	{ PB_ASK_BEGIN, { { NUMBER, REQUEST(purpose), 0, 0, PB_SESSION_PURPOSES - 1 } } },
	{ PB_ASK_MAKE_KEY, { IN_SESSION } },
	{ PB_ASK_OPEN, { IN_SESSION } },
	{ PB_ASK_WRITE, { FIRST(1, CREDENTIAL_MAX), SECOND(0, NDEF_MAX) } },
	{ PB_ASK_EXAMINE, { FIRST(CHALLENGE_MIN, CHALLENGE_MAX) } },
	{ PB_ASK_SEAL, { IN_SESSION, FIRST(0, PB_CARD_WORDS_MAX) } },
	{ PB_ASK_TERMINATE, { IN_SESSION } },
	{ PB_ASK_EJECT, { FIRST(0, UID_MAX) } },
	{ PB_ASK_REKEY, { IN_SESSION, FIRST(1, PB_CARD_WORDS_MAX) } },
	{ PB_ASK_INSPECT, { { 0 } } },
	{ PB_ASK_ANSWER, { FIRST(1, PB_CARD_WORDS_MAX) } },
};

static const struct row replies[] = {
	{ PB_SAY_DONE, { { 0 } } },
	{ PB_SAY_FAILED,
	  { { NUMBER, REPLY(failure.status), 0, PB_OK + 1, PB_STATUS_COUNT - 1 },
	    { NUMBER, REPLY(failure.sw), 0, 0, UINT16_MAX },
	    { NUMBER, REPLY(failure.os_errno), 0, 0, 4095 },
	    { TEXT, REPLY(failure.msg), 0, 0, sizeof(((struct pb_err *)0)->msg) } } },
	{ PB_SAY_READERS, { { NAMES, REPLY(readers), 0, 0, PB_READERS_MAX } } },
	{ PB_SAY_OFFER,
	  { { NUMBER, REPLY(offer.family), 0, 0, PB_FAMILY_COUNT - 1 },
	    { TEXT, REPLY(offer.why), 0, 0, PB_CARD_WHY_MAX },
	    { BYTES, REPLY(offer.uid), REPLY(offer.uid_n), 0, UID_MAX },
	    { NUMBER, REPLY(offer.state), 0, 0, STATE_MAX },
	    { FLAG, REPLY(offer.shadow), 0, 0, 1 },
	    { FIXED, REPLY(offer.shadow_point), 0, 0, PB_P256_POINT },
	    { NUMBER, REPLY(offer.chip), 0, 0, PB_CHIP_COUNT - 1 } } },
	{ PB_SAY_WORDS, { { BYTES, REPLY(words.bytes), REPLY(words.n), 1, PB_CARD_WORDS_MAX } } },
	{ PB_SAY_KEY, { { FIXED, REPLY(point), 0, 0, PB_P256_POINT } } },
	{ PB_SAY_IMAGE,
	  { { BYTES, REPLY(image.credential), REPLY(image.credential_n), 1, CREDENTIAL_MAX },
	    { FIXED, REPLY(image.point), 0, 0, PB_P256_POINT },
	    { BYTES, REPLY(image.ndef), REPLY(image.ndef_n), 0, NDEF_MAX },
	    { NUMBER, REPLY(image.state), 0, 0, STATE_MAX },
	    { FIXED, REPLY(image.sig), 0, 0, PB_P256_SIG } } },
	{ PB_SAY_CHIP,
	  { { NUMBER, REPLY(chip.kind), 0, 0, PB_CHIP_COUNT - 1 },
	    { NUMBER, REPLY(chip.source), 0, 0, PB_CHIP_BY_COUNT - 1 },
	    { TEXT, REPLY(chip.note), 0, 0, PB_CHIP_NOTE_MAX },
	    { NUMBER, REPLY(chip.memory), 0, 0, PB_CHIP_MEMORY_MAX },
	    { FLAG, REPLY(chip.has_free), 0, 0, 1 },
	    { NUMBER, REPLY(chip.free), 0, 0, PB_CHIP_MEMORY_MAX },
	    { NUMBER, REPLY(chip.originality), 0, 0, PB_ORIGINALITY_COUNT - 1 },
	    { BYTES, REPLY(chip.key_versions), REPLY(chip.key_count), 0, PB_CHIP_KEYS_MAX },
	    { NUMBER, REPLY(chip.keys), 0, 0, PB_CHIP_KEYS_COUNT - 1 } } },
};

static const struct row *find(const struct row *rows, size_t count, uint64_t type)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].type == type)
			return &rows[i];
	return NULL;
}

#define COUNT(rows) (sizeof(rows) / sizeof(rows[0]))

static size_t field_count(const struct row *row)
{
	size_t n = 0;

	while (n < FIELDS_MAX && row->fields[n].max)
		n++;
	return n;
}

/* ---- encoding */

static size_t count_at(const void *message, size_t at)
{
	size_t n;

	memcpy(&n, (const uint8_t *)message + at, sizeof(n));
	return n;
}

static void put_number(struct pb_writer *writer, const struct field *field, const uint8_t *member)
{
	uint32_t value;

	_Static_assert(sizeof(enum pb_status) == sizeof(value) && sizeof(enum applet_state) == sizeof(value) &&
			       sizeof(enum pb_chip_kind) == sizeof(value),
		       "enums are read and written as four bytes");
	memcpy(&value, member, sizeof(value));
	if (value < field->min || value > field->max)
		PB_BUG("a number of a message is out of bounds");
	pb_cbor_put_uint(writer, value);
}

static void put_bytes(struct pb_writer *writer, const struct field *field, struct pb_view bytes)
{
	if (bytes.n < field->min || bytes.n > field->max)
		PB_BUG("bytes of a message are out of bounds");
	pb_cbor_put_bytes(writer, bytes);
}

/* Details of errors carry names of devices and files: what is not plain is replaced, not refused. */
static void put_text(struct pb_writer *writer, const struct field *field, const char *text)
{
	char plain[sizeof(((struct pb_err *)0)->msg)];
	size_t n = 0;

	for (; text[n] && n < field->max - 1; n++)
		plain[n] = text[n] >= ' ' && text[n] <= '~' ? text[n] : '?';
	plain[n] = '\0';
	pb_cbor_put_text(writer, plain);
}

static void put_names(struct pb_writer *writer, const struct pb_reader_list *list)
{
	pb_cbor_put_array(writer, list->count);
	for (size_t i = 0; i < list->count; i++)
		pb_cbor_put_bytes(writer, pb_view_text(list->names[i]));
}

static void put_session(struct pb_writer *writer, const struct field *field, const struct pb_card_session *session)
{
	uint8_t bytes[PB_CARD_SESSION_MAX];
	struct pb_writer inner = pb_writer(bytes, sizeof(bytes));

	pb_card_session_put(&inner, session);
	put_bytes(writer, field, pb_view(bytes, inner.n));
	pb_wipe(bytes, sizeof(bytes));
}

static void put_field(struct pb_writer *writer, const struct field *field, const void *message)
{
	const uint8_t *member = (const uint8_t *)message + field->at;

	switch (field->kind) {
	case NUMBER:
		put_number(writer, field, member);
		return;
	case FLAG:
		pb_cbor_put_bool(writer, *(const bool *)member);
		return;
	case FIXED:
		pb_cbor_put_bytes(writer, pb_view(member, field->max));
		return;
	case BYTES:
		put_bytes(writer, field, pb_view(member, count_at(message, field->n_at)));
		return;
	case SESSION:
		put_session(writer, field, (const struct pb_card_session *)member);
		return;
	case TEXT:
		put_text(writer, field, (const char *)member);
		return;
	case NAMES:
		put_names(writer, (const struct pb_reader_list *)member);
		return;
	}
}

static struct pb_view encode(const struct row *row, const void *message, uint8_t *ret_bytes, size_t cap)
{
	struct pb_writer writer = pb_writer(ret_bytes, cap);
	struct pb_view bytes;
	size_t count;

	if (!row)
		PB_BUG("a message of no type");
	count = field_count(row);
	pb_cbor_put_array(&writer, 1 + count);
	pb_cbor_put_uint(&writer, row->type);
	for (size_t i = 0; i < count; i++)
		put_field(&writer, &row->fields[i], message);
	if (!pb_writer_view(&writer, &bytes))
		PB_BUG("a message longer than its bounds");
	return bytes;
}

struct pb_view pb_station_request_encode(const struct pb_station_request *request, uint8_t *ret_bytes, size_t cap)
{
	return encode(find(requests, COUNT(requests), request->type), request, ret_bytes, cap);
}

struct pb_view pb_station_reply_encode(const struct pb_station_reply *reply, uint8_t *ret_bytes, size_t cap)
{
	return encode(find(replies, COUNT(replies), reply->type), reply, ret_bytes, cap);
}

/* ---- decoding */

static bool take_number(struct pb_cbor *in, const struct field *field, uint8_t *member)
{
	uint64_t value;
	uint32_t narrow;

	if (!pb_cbor_uint(in, field->max, &value) || value < field->min)
		return false;
	narrow = (uint32_t)value;
	memcpy(member, &narrow, sizeof(narrow));
	return true;
}

static bool take_bytes(struct pb_cbor *in, size_t min, size_t max, uint8_t *ret_bytes, size_t *ret_n)
{
	struct pb_view bytes;

	if (!pb_cbor_bytes(in, min, max, &bytes))
		return false;
	if (bytes.n)
		memcpy(ret_bytes, bytes.p, bytes.n);
	*ret_n = bytes.n;
	return true;
}

static bool is_plain(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

static bool take_names(struct pb_cbor *in, struct pb_reader_list *list)
{
	size_t n;

	if (!pb_cbor_array(in, PB_READERS_MAX, &list->count))
		return false;
	for (size_t i = 0; i < list->count; i++) {
		uint8_t *name = (uint8_t *)list->names[i];

		if (!take_bytes(in, 1, PB_READER_NAME_MAX - 1, name, &n))
			return false;
		for (size_t k = 0; k < n; k++)
			if (name[k] < ' ' || name[k] == 0x7F)
				return false;
	}
	return true;
}

static bool take_field(struct pb_cbor *in, const struct field *field, void *message)
{
	uint8_t *member = (uint8_t *)message + field->at;
	struct pb_view session;
	size_t n;

	switch (field->kind) {
	case NUMBER:
		return take_number(in, field, member);
	case FLAG:
		return pb_cbor_bool(in, (bool *)member);
	case FIXED:
		return take_bytes(in, field->max, field->max, member, &n);
	case BYTES:
		if (!take_bytes(in, field->min, field->max, member, &n))
			return false;
		memcpy((uint8_t *)message + field->n_at, &n, sizeof(n));
		return true;
	case SESSION:
		return pb_cbor_bytes(in, field->min, field->max, &session) &&
		       pb_card_session_take(session, (struct pb_card_session *)member);
	case TEXT:
		return pb_cbor_text_copy(in, 0, (char *)member, field->max) && is_plain((char *)member);
	case NAMES:
		return take_names(in, (struct pb_reader_list *)member);
	}
	return false;
}

/* `message` is zeroed and may be left half filled. */
static const struct row *decode(struct pb_view bytes, const struct row *rows, size_t row_count, void *message)
{
	struct pb_cbor in = pb_cbor(bytes);
	const struct row *row;
	uint64_t type;
	size_t count;

	if (!pb_cbor_array(&in, 1 + FIELDS_MAX, &count) || !pb_cbor_uint(&in, UINT8_MAX, &type))
		return NULL;
	row = find(rows, row_count, type);
	if (!row || count != 1 + field_count(row))
		return NULL;
	for (size_t i = 0; i < count - 1; i++)
		if (!take_field(&in, &row->fields[i], message))
			return NULL;
	return pb_cbor_end(&in) ? row : NULL;
}

enum pb_status pb_station_request_decode(struct pb_view bytes, struct pb_station_request *ret_request,
					 struct pb_err *err)
{
	struct pb_station_request request = { 0 };
	const struct row *row = decode(bytes, requests, COUNT(requests), &request);

	if (row) {
		request.type = row->type;
		*ret_request = request;
	}
	pb_station_request_wipe(&request);
	return row ? PB_OK : pb_fail(err, PB_MESSAGE_INVALID, "a request of %zu bytes", bytes.n);
}

static bool is_known_state(enum applet_state state)
{
	return state == APPLET_BLANK || state == APPLET_PERSONALISED || state == APPLET_LOCKED ||
	       state == APPLET_TERMINATED;
}

/* What bounds alone do not say: a value that no switch of the owner's knows must not reach it. */
static bool makes_sense(const struct pb_station_reply *reply)
{
	if (reply->type == PB_SAY_OFFER && reply->u.offer.family != PB_FAMILY_FOREIGN)
		return is_known_state(reply->u.offer.state);
	if (reply->type == PB_SAY_IMAGE)
		return is_known_state(reply->u.image.state);
	return true;
}

enum pb_status pb_station_reply_decode(struct pb_view bytes, enum pb_message_type expected,
				       struct pb_station_reply *ret_reply, struct pb_err *err)
{
	struct pb_station_reply reply = { 0 };
	const struct row *row = decode(bytes, replies, COUNT(replies), &reply);

	if (row)
		reply.type = row->type;
	if (!row || (row->type != expected && row->type != PB_SAY_FAILED) || !makes_sense(&reply))
		return pb_fail(err, PB_MESSAGE_INVALID, "a reply of %zu bytes", bytes.n);
	*ret_reply = reply;
	return PB_OK;
}

void pb_station_request_wipe(struct pb_station_request *request)
{
	pb_wipe(request, sizeof(*request));
}
