/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each message is described once, as a walk over its fields; the walk writes or reads, depending on what
 * it is given, so that the two directions cannot drift apart.
 */
#include "keys/keyd/messages.h"

#include <string.h>

#include "base/cbor.h"
#include "base/secret.h"
#include "base/text.h"

enum { PROTOCOL = 7, VERDICT_MAX = 599, ERRNO_MAX = 4095 };

/* One of the two is set. */
struct wire {
	struct pb_writer *out;
	struct pb_cbor *in;
};

static bool uint_field(struct wire *wire, uint64_t max, uint64_t *value)
{
	if (wire->in != NULL)
		return pb_cbor_uint(wire->in, max, value);
	if (*value > max)
		return false;
	pb_cbor_put_uint(wire->out, *value);
	return true;
}

static bool bool_field(struct wire *wire, bool *value)
{
	if (wire->in != NULL)
		return pb_cbor_bool(wire->in, value);
	pb_cbor_put_bool(wire->out, *value);
	return true;
}

static bool view_field(struct wire *wire, size_t min, size_t max, struct pb_view *view)
{
	if (wire->in != NULL)
		return pb_cbor_bytes(wire->in, min, max, view);
	if (view->n < min || view->n > max)
		return false;
	pb_cbor_put_bytes(wire->out, *view);
	return true;
}

static bool fixed_field(struct wire *wire, uint8_t *bytes, size_t n)
{
	struct pb_view view = pb_view(bytes, n);

	if (!view_field(wire, n, n, &view))
		return false;
	if (wire->in != NULL)
		memcpy(bytes, view.p, n);
	return true;
}

static bool session_field(struct wire *wire, struct pb_card_session *session)
{
	uint8_t room[PB_CARD_SESSION_MAX];
	struct pb_writer out = pb_writer(room, sizeof(room));
	struct pb_view view;
	bool good;

	if (wire->in != NULL)
		return view_field(wire, 1, sizeof(room), &view) && pb_card_session_take(view, session);
	pb_card_session_put(&out, session);
	view = pb_view(room, out.n);
	good = view_field(wire, 1, sizeof(room), &view);
	pb_wipe(room, sizeof(room));
	return good;
}

static bool words_field(struct wire *wire, struct pb_card_words *words)
{
	struct pb_view view = pb_card_words_view(words);

	return view_field(wire, 1, sizeof(words->bytes), &view) && (wire->in == NULL || pb_card_words_set(words, view));
}

static bool family_field(struct wire *wire, enum pb_master_family *family)
{
	uint64_t wide = *family;

	if (!uint_field(wire, PB_MASTER_FAMILY_COUNT - 1, &wide))
		return false;
	*family = (enum pb_master_family)wide;
	return true;
}

/* A C string of less than `cap` bytes. */
static bool text_field(struct wire *wire, char *text, size_t cap)
{
	if (wire->in != NULL)
		return pb_cbor_text_copy(wire->in, 0, text, cap);
	pb_cbor_put_text(wire->out, text);
	return true;
}

/* ---- requests */

static bool request_fields(struct wire *wire, struct pb_keyd_request *r)
{
	uint64_t protocol = PROTOCOL;

	switch (r->type) {
	case PB_KEYD_HELLO:
		return uint_field(wire, PROTOCOL, &protocol) && protocol == PROTOCOL;
	case PB_KEYD_SIGN_CREDENTIALS:
		return uint_field(wire, UINT64_MAX, &r->order.serial) && view_field(wire, 1, PB_KEYD_SIGNED_MAX, &r->bytes) &&
		       view_field(wire, 0, PB_KEYD_SIGNED_MAX, &r->also);
	case PB_KEYD_SIGN_CHECKPOINT:
		return view_field(wire, 1, PB_KEYD_NOTE_MAX, &r->bytes);
	case PB_KEYD_SIGN_LIST:
		return bool_field(wire, &r->trust);
	case PB_KEYD_LOGIN:
		return family_field(wire, &r->family) && view_field(wire, 1, UINT8_MAX, &r->uid) &&
		       view_field(wire, 1, PB_CARD_WORDS_MAX, &r->bytes);
	case PB_KEYD_LOGIN_ANSWER:
		return uint_field(wire, UINT64_MAX, &r->login) && view_field(wire, 1, PB_CARD_WORDS_MAX, &r->bytes);
	case PB_KEYD_GIVE_KEYS:
		return family_field(wire, &r->family) && view_field(wire, 1, UINT8_MAX, &r->uid) && session_field(wire, &r->session);
	case PB_KEYD_PSEUDONYM:
		return view_field(wire, 0, PB_NAMED_MAX, &r->uid);
	case PB_KEYD_TELL:
		return bool_field(wire, &r->anew) && uint_field(wire, INT64_MAX, &r->size) && fixed_field(wire, r->root, sizeof(r->root)) &&
		       view_field(wire, 0, PB_TELL_MAX, &r->bytes);
	case PB_KEYD_COSIGN:
		return text_field(wire, r->log, sizeof(r->log)) && view_field(wire, 1, PB_KEYD_NOTE_MAX, &r->bytes) &&
		       fixed_field(wire, r->log_sig, sizeof(r->log_sig)) && uint_field(wire, INT64_MAX, &r->size) &&
		       view_field(wire, 0, PB_KEYD_PROOF_MAX, &r->proof);
	default:
		return false;
	}
}

/* ---- replies */

/* A sentence for the operator, in one line. */
static bool is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

static bool failure_fields(struct wire *wire, struct pb_err *failure)
{
	uint64_t status = failure->status, os_errno = (uint64_t)failure->os_errno;

	if (!uint_field(wire, PB_STATUS_COUNT - 1, &status) || status == PB_OK || !uint_field(wire, ERRNO_MAX, &os_errno) ||
	    !text_field(wire, failure->msg, sizeof(failure->msg)) || !is_plain(failure->msg))
		return false;
	failure->status = (enum pb_status)status;
	failure->os_errno = (int)os_errno;
	return true;
}

enum { GENERATION = 2 + PB_KCV_LEN }; /* family, KVN, KCV */

static bool take_generations(struct pb_view bytes, struct pb_generations *ret_generations)
{
	struct pb_cursor in = pb_cursor(bytes);
	struct pb_generations read = { .count = 0 };
	uint8_t family = 0;

	while (in.left != 0) {
		struct pb_generation *next = &read.list[read.count];

		if (!pb_take_u8(&in, &family) || family >= PB_MASTER_FAMILY_COUNT || !pb_take_u8(&in, &next->kvn) ||
		    !pb_master_kvn_valid((enum pb_master_family)family, next->kvn) || !pb_take_copy(&in, next->kcv, PB_KCV_LEN) ||
		    pb_generation_find(&read, (enum pb_master_family)family, next->kvn) != NULL)
			return false;
		next->family = (enum pb_master_family)family;
		read.count++;
	}
	for (enum pb_master_family i = 0; i < PB_MASTER_FAMILY_COUNT; i++)
		if (pb_master_family_row(i)->from_start && pb_generation_current(&read, i) == NULL)
			return false;
	*ret_generations = read;
	return true;
}

static bool generations_field(struct wire *wire, struct pb_generations *generations)
{
	uint8_t room[PB_GENERATIONS_MAX * GENERATION];
	struct pb_writer out = pb_writer(room, sizeof(room));
	struct pb_view view;

	if (wire->in != NULL)
		return view_field(wire, GENERATION, sizeof(room), &view) && take_generations(view, generations);
	for (size_t i = 0; i < generations->count; i++) {
		pb_put_u8(&out, (uint8_t)generations->list[i].family);
		pb_put_u8(&out, generations->list[i].kvn);
		pb_put(&out, generations->list[i].kcv, PB_KCV_LEN);
	}
	view = pb_view(room, out.n);
	return view_field(wire, GENERATION, sizeof(room), &view);
}

static bool account_field(struct wire *wire, struct pb_account *account)
{
	uint64_t *const counts[] = { &account->signatures, &account->steps_back, &account->acknowledged, &account->open_serial,
				     &account->open_signatures };
	const size_t n = sizeof(counts) / sizeof(counts[0]);

	if (wire->in != NULL && !pb_cbor_array_of(wire->in, n))
		return false;
	if (wire->in == NULL)
		pb_cbor_put_array(wire->out, n);
	for (size_t i = 0; i < n; i++)
		if (!uint_field(wire, INT64_MAX, counts[i]))
			return false;
	return true;
}

static bool facts_fields(struct wire *wire, struct pb_keystore_facts *facts)
{
	return fixed_field(wire, facts->kid, sizeof(facts->kid)) && text_field(wire, facts->code, sizeof(facts->code)) &&
	       text_field(wire, facts->name, sizeof(facts->name)) && pb_text_valid(pb_view_text(facts->name)) &&
	       is_plain(facts->code) && bool_field(wire, &facts->test) &&
	       fixed_field(wire, facts->checkpoint_public, sizeof(facts->checkpoint_public)) &&
	       bool_field(wire, &facts->is_witness) && fixed_field(wire, facts->witness_public, sizeof(facts->witness_public)) &&
	       generations_field(wire, &facts->generations) && account_field(wire, &facts->account);
}

static bool cosigned_fields(struct wire *wire, struct pb_cosign_answer *answer)
{
	uint64_t verdict = answer->verdict;

	if (!uint_field(wire, VERDICT_MAX, &verdict) || !uint_field(wire, INT64_MAX, &answer->size) ||
	    !uint_field(wire, INT64_MAX, &answer->time) || !fixed_field(wire, answer->sig, sizeof(answer->sig)))
		return false;
	answer->verdict = (unsigned)verdict;
	return true;
}

static bool reply_fields(struct wire *wire, struct pb_keyd_reply *r)
{
	switch (r->type) {
	case PB_KEYD_FAILED:
		return failure_fields(wire, &r->u.failure);
	case PB_KEYD_FACTS:
		return facts_fields(wire, &r->u.facts);
	case PB_KEYD_SIGNATURE:
		return fixed_field(wire, r->u.sig, sizeof(r->u.sig));
	case PB_KEYD_SIGNATURES:
		return fixed_field(wire, r->u.sigs[0], sizeof(r->u.sigs[0])) && fixed_field(wire, r->u.sigs[1], sizeof(r->u.sigs[1]));
	case PB_KEYD_SESSION:
		r->u.step.open = true;
		return session_field(wire, &r->u.step.session);
	case PB_KEYD_SAY:
		return uint_field(wire, UINT64_MAX, &r->u.step.login) && words_field(wire, &r->u.step.say);
	case PB_KEYD_WRAPPED:
		return words_field(wire, &r->u.wrapped);
	case PB_KEYD_NAMED:
		return fixed_field(wire, r->u.pseudonym, sizeof(r->u.pseudonym));
	case PB_KEYD_STANDS:
		return uint_field(wire, INT64_MAX, &r->u.stands.kept) && uint_field(wire, r->u.stands.kept, &r->u.stands.before);
	case PB_KEYD_COSIGNED:
		return cosigned_fields(wire, &r->u.cosigned);
	default:
		return false;
	}
}

/* ---- around the fields */

/* Elements of the array, the type among them; 0 for a type that does not exist. */
static size_t elements(enum pb_keyd_type type)
{
	switch (type) {
	case PB_KEYD_HELLO:
	case PB_KEYD_SIGN_CHECKPOINT:
	case PB_KEYD_PSEUDONYM:
	case PB_KEYD_SIGNATURE:
	case PB_KEYD_NAMED:
	case PB_KEYD_SIGN_LIST:
	case PB_KEYD_SESSION:
	case PB_KEYD_WRAPPED:
		return 2;
	case PB_KEYD_LOGIN_ANSWER:
	case PB_KEYD_SAY:
	case PB_KEYD_SIGNATURES:
	case PB_KEYD_STANDS:
		return 3;
	case PB_KEYD_SIGN_CREDENTIALS:
	case PB_KEYD_LOGIN:
	case PB_KEYD_GIVE_KEYS:
	case PB_KEYD_FAILED:
		return 4;
	case PB_KEYD_TELL:
	case PB_KEYD_COSIGNED:
		return 5;
	case PB_KEYD_COSIGN:
		return 6;
	case PB_KEYD_FACTS:
		return 10;
	}
	return 0;
}

static void put_head(struct pb_writer *out, enum pb_keyd_type type)
{
	pb_cbor_put_array(out, elements(type));
	pb_cbor_put_uint(out, type);
}

static bool take_head(struct pb_cbor *in, enum pb_keyd_type *ret_type)
{
	uint64_t type;
	size_t count;

	if (!pb_cbor_array(in, 10, &count) || !pb_cbor_uint(in, UINT8_MAX, &type) || count != elements((enum pb_keyd_type)type))
		return false;
	*ret_type = (enum pb_keyd_type)type;
	return true;
}

enum pb_status pb_keyd_request_encode(const struct pb_keyd_request *request, uint8_t *ret_bytes, size_t cap,
				      struct pb_view *ret_message, struct pb_err *err)
{
	struct pb_writer out = pb_writer(ret_bytes, cap);
	struct pb_keyd_request copy = *request; /* a walk may write, and this one does not */
	bool whole;

	put_head(&out, copy.type);
	whole = request_fields(&(struct wire){ .out = &out }, &copy) && pb_writer_view(&out, ret_message);
	pb_keyd_request_wipe(&copy);
	if (!whole)
		return pb_fail(err, PB_INPUT_INVALID, "more than a request to the keys has room for");
	return PB_OK;
}

/* Details of errors carry names of files: what is not plain is replaced, not refused. */
static void make_plain(char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

struct pb_view pb_keyd_reply_encode(const struct pb_keyd_reply *reply, uint8_t *ret_bytes, size_t cap)
{
	struct pb_writer out = pb_writer(ret_bytes, cap);
	struct pb_keyd_reply copy = *reply;
	struct pb_view message;
	bool whole;

	if (copy.type == PB_KEYD_FAILED)
		make_plain(copy.u.failure.msg);
	put_head(&out, copy.type);
	whole = reply_fields(&(struct wire){ .out = &out }, &copy) && pb_writer_view(&out, &message);
	pb_keyd_reply_wipe(&copy);
	if (!whole)
		PB_BUG("a reply outside its bounds");
	return message;
}

enum pb_status pb_keyd_request_decode(struct pb_view bytes, struct pb_keyd_request *ret_request, struct pb_err *err)
{
	struct pb_cbor in = pb_cbor(bytes);
	struct pb_keyd_request request = { 0 };

	if (!take_head(&in, &request.type) || !request_fields(&(struct wire){ .in = &in }, &request) || !pb_cbor_end(&in))
		return pb_fail(err, PB_MESSAGE_INVALID, "a request of %zu bytes", bytes.n);
	*ret_request = request;
	return PB_OK;
}

static bool belongs(enum pb_keyd_type type, enum pb_keyd_type expected)
{
	return type == expected || type == PB_KEYD_FAILED || (type == PB_KEYD_SAY && expected == PB_KEYD_SESSION);
}

enum pb_status pb_keyd_reply_decode(struct pb_view bytes, enum pb_keyd_type expected, struct pb_keyd_reply *ret_reply,
				    struct pb_err *err)
{
	struct pb_cbor in = pb_cbor(bytes);
	struct pb_keyd_reply reply = { 0 };
	bool whole = take_head(&in, &reply.type) && belongs(reply.type, expected) &&
		     reply_fields(&(struct wire){ .in = &in }, &reply) && pb_cbor_end(&in);

	if (whole)
		*ret_reply = reply;
	pb_keyd_reply_wipe(&reply);
	return whole ? PB_OK : pb_fail(err, PB_MESSAGE_INVALID, "a reply of %zu bytes", bytes.n);
}

void pb_keyd_request_wipe(struct pb_keyd_request *request)
{
	pb_wipe(request, sizeof(*request));
}

void pb_keyd_reply_wipe(struct pb_keyd_reply *reply)
{
	pb_wipe(reply, sizeof(*reply));
}
