/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asking witnesses and keeping what they say, then answering as one.
 */
#include "issuer/ledger/witness.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "issuer/ledger/cosignature.h"
#include "issuer/ledger/internal.h"
#include "issuer/ledger/line.h"
#include "issuer/ledger/note_line.h"

#define REFUSED "refused "

enum { WITNESS_ID = PB_ORIGIN_MAX + 2 + 2 * PB_NOTE_KEY_ID };

/* "name+1234abcd", as the table of cosignatures has it. */
static void id_of(const struct pb_note_key *witness, char ret_id[static WITNESS_ID])
{
	char hex[2 * PB_NOTE_KEY_ID + 1];

	pb_hex_encode(PB_VIEW(witness->id), hex);
	(void)snprintf(ret_id, WITNESS_ID, "%s+%s", witness->name, hex);
}

enum pb_status pb_ledger_seen_by(struct pb_ledger *ledger, const struct pb_note_key *witness, uint64_t *ret_size,
				 struct pb_err *err)
{
	PB_QUERY q = { 0 };
	char id[WITNESS_ID];
	bool row = false;
	enum pb_status s = pb_query(ledger->store,
				    "SELECT max(size) FROM cosignature WHERE witness=?1"
				    " AND size>(SELECT coalesce(max(idx),0) FROM beginning)",
				    &q, err);

	if (s != PB_OK)
		return s;
	id_of(witness, id);
	pb_bind_text(&q, 1, id);
	s = pb_query_step(&q, &row, err);
	if (s == PB_OK)
		*ret_size = row ? (uint64_t)pb_column_int(&q, 0) : 0;
	return s;
}

/* In one state of the file. */
static enum pb_status put_request(struct pb_ledger *ledger, uint64_t old_size, struct pb_writer *writer, struct pb_err *err)
{
	struct pb_add_checkpoint request = { .old_size = old_size };
	char note[PB_CHECKPOINT_MAX];
	uint64_t size;
	enum pb_status s = ledger_last_checkpoint(ledger->store, note, &size, err);

	if (s == PB_OK && old_size > size)
		return pb_fail(err, PB_NOT_FOUND, "the witness has seen %" PRIu64 " entries, and the last checkpoint is of %" PRIu64,
			       old_size, size);
	if (s == PB_OK && old_size > 0 && old_size < size)
		s = pb_ledger_prove_consistency(ledger, old_size, size, &request.proof, err);
	if (s != PB_OK)
		return s;
	request.note = pb_view_text(note);
	pb_add_checkpoint_put(writer, &request);
	return PB_OK;
}

enum pb_status pb_ledger_ask_witness(struct pb_ledger *ledger, uint64_t old_size, struct pb_writer *writer, struct pb_err *err)
{
	enum pb_status s = pb_store_begin_reading(ledger->store, err);

	if (s != PB_OK)
		return s;
	s = put_request(ledger, old_size, writer, err);
	pb_store_rollback(ledger->store);
	return s;
}

/* ---- answers */

/* "20" LF, or "refused 422" LF; false for anything else. */
static bool read_refusal(struct pb_view answer, struct pb_witness_words *ret_words)
{
	const size_t lead = sizeof(REFUSED) - 1;
	struct pb_cursor in = pb_cursor(answer);
	struct pb_witness_words words = { 0 };
	struct pb_view line;
	uint64_t number;

	if (!pb_line_take(&in, &line) || in.left != 0)
		return false;
	words.refused = line.n > lead && pb_view_equal(pb_view(line.p, lead), pb_view_text(REFUSED));
	words.conflict = !words.refused;
	if (words.refused)
		line = pb_view(line.p + lead, line.n - lead);
	if (!pb_line_decimal(line, &number))
		return false;
	words.size = words.conflict ? number : 0;
	words.status = words.conflict ? PB_ADD_CONFLICT : (unsigned)number;
	*ret_words = words;
	return true;
}

/* The line of that witness; other lines are passed over. */
static bool find_line(struct pb_view answer, const struct pb_note_key *witness, struct pb_view *ret_line)
{
	struct pb_cursor in = pb_cursor(answer);
	struct pb_note_line parsed;
	struct pb_view line;

	while (pb_line_take(&in, &line))
		if (pb_note_line_parse(line, &parsed) && pb_note_line_is_by(&parsed, witness)) {
			*ret_line = line;
			return true;
		}
	return false;
}

/* Which checkpoint was cosigned, from the newest down: an answer does not name it. */
static enum pb_status find_cosigned(struct pb_ledger *ledger, const struct pb_note_key *witness, struct pb_view line,
				    uint64_t *ret_size, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = true;
	enum pb_status s = pb_query(ledger->store, "SELECT size,note FROM checkpoint ORDER BY size DESC LIMIT 10000", &q, err);

	while (s == PB_OK && (s = pb_query_step(&q, &row, err)) == PB_OK && row) {
		struct pb_view note = pb_column_bytes(&q, 1), text;
		uint64_t time;

		if (pb_note_open(note, &ledger->key, 1, &text, NULL) == PB_NOTE_GOOD &&
		    pb_cosignature_open(line, witness, text, &time) == PB_NOTE_GOOD) {
			*ret_size = (uint64_t)pb_column_int(&q, 0);
			return PB_OK;
		}
	}
	return s != PB_OK ? s : pb_fail(err, PB_INPUT_INVALID, "no checkpoint of this ledger is the one that %s signed", witness->name);
}

/* The first word of a witness on a size stays. */
static enum pb_status store_line(struct pb_ledger *ledger, const struct pb_note_key *witness, struct pb_view line, uint64_t size,
				 struct pb_err *err)
{
	PB_QUERY q = { 0 };
	char id[WITNESS_ID], text[PB_NOTE_SIG_MAX * 2];
	enum pb_status s = pb_query(ledger->store,
				    "INSERT INTO cosignature(size,witness,line) VALUES(?1,?2,?3) ON CONFLICT DO NOTHING", &q, err);

	if (s != PB_OK)
		return s;
	if (snprintf(text, sizeof(text), "%.*s\n", (int)line.n, (const char *)line.p) >= (int)sizeof(text))
		return pb_fail(err, PB_INPUT_INVALID, "a signature line of %zu bytes", line.n);
	id_of(witness, id);
	pb_bind_int(&q, 1, (int64_t)size);
	pb_bind_text(&q, 2, id);
	pb_bind_text(&q, 3, text);
	return pb_query_run(&q, err);
}

enum pb_status pb_ledger_take_answer(struct pb_ledger *ledger, const struct pb_note_key *witness, struct pb_view answer,
				     struct pb_witness_words *ret_words, struct pb_err *err)
{
	struct pb_witness_words words = { .status = PB_ADD_COSIGNED };
	struct pb_view line;
	enum pb_status s;

	if (read_refusal(answer, ret_words))
		return PB_OK;
	if (!find_line(answer, witness, &line))
		return pb_fail(err, PB_INPUT_INVALID, "no answer of %s", witness->name);
	s = pb_store_begin(ledger->store, err);
	if (s != PB_OK)
		return s;
	s = find_cosigned(ledger, witness, line, &words.size, err);
	if (s == PB_OK)
		s = store_line(ledger, witness, line, words.size, err);
	if (s != PB_OK) {
		pb_store_rollback(ledger->store);
		return s;
	}
	s = pb_store_commit(ledger->store, err);
	if (s == PB_OK)
		*ret_words = words;
	return s;
}

static enum pb_status next_size(struct pb_ledger *ledger, uint64_t below, uint64_t *ret_size, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = false;
	enum pb_status s = pb_query(ledger->store, "SELECT max(size) FROM cosignature WHERE size<?1", &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)below);
	s = pb_query_step(&q, &row, err);
	if (s == PB_OK)
		*ret_size = row ? (uint64_t)pb_column_int(&q, 0) : 0;
	return s;
}

enum pb_status pb_ledger_last_witnessed(struct pb_ledger *ledger, const struct pb_witness_policy *policy, uint64_t *ret_size,
					struct pb_err *err)
{
	uint64_t size = PB_MERKLE_SIZE_MAX;
	char note[PB_COSIGNED_MAX];
	struct pb_checkpoint checkpoint;
	enum pb_status s;

	while ((s = next_size(ledger, size, &size, err)) == PB_OK && size != 0) {
		s = pb_ledger_cosigned(ledger, size, note, err);
		if (s != PB_OK || pb_witness_policy_judge(policy, pb_view_text(note), &checkpoint, NULL) == PB_POLICY_WITNESSED)
			break;
	}
	if (s == PB_OK)
		*ret_size = size;
	return s;
}

/* ---- times */

/* When a witness of the policy signed this line, over the checkpoint of that size; 0: none did. */
static uint64_t time_of(const struct pb_witness_policy *policy, struct pb_view line, struct pb_view text)
{
	uint64_t time;

	if (line.n > 0)
		line.n--; /* LF */
	for (size_t i = 0; i < policy->witness_count; i++)
		if (pb_cosignature_open(line, &policy->witnesses[i].key, text, &time) == PB_NOTE_GOOD)
			return time;
	return 0;
}

static enum pb_status check_row(struct pb_ledger *ledger, const struct pb_witness_policy *policy, const struct pb_query *q,
				int64_t travel, struct pb_backdated *backdated, struct pb_err *err)
{
	uint64_t size = (uint64_t)pb_column_int(q, 0), time;
	struct pb_view note = pb_column_bytes(q, 2);
	const uint8_t *end = note.n > 0 ? memmem(note.p, note.n, "\n\n", 2) : NULL;
	struct pb_entry entry;
	enum pb_status s;

	time = end != NULL ? time_of(policy, pb_column_bytes(q, 1), pb_view(note.p, (size_t)(end - note.p) + 1)) : 0;
	if (time == 0 || size >= ledger->head.edge.size)
		return PB_OK;
	s = ledger_read_entry(ledger->store, size, &entry, err);
	if (s == PB_OK && entry.time < (int64_t)time - travel)
		*backdated = (struct pb_backdated){ size, entry.time, time };
	return s;
}

enum pb_status pb_ledger_find_backdated(struct pb_ledger *ledger, const struct pb_witness_policy *policy, int64_t travel,
					struct pb_backdated *ret_backdated, struct pb_err *err)
{
	struct pb_backdated backdated = { 0 };
	PB_QUERY q = { 0 };
	bool row = true;
	enum pb_status s = pb_query(ledger->store,
				    "SELECT c.size,c.line,p.note FROM cosignature c JOIN checkpoint p ON p.size=c.size ORDER BY c.size",
				    &q, err);

	while (s == PB_OK && backdated.entry == 0 && (s = pb_query_step(&q, &row, err)) == PB_OK && row)
		s = check_row(ledger, policy, &q, travel, &backdated, err);
	if (s == PB_OK)
		*ret_backdated = backdated;
	return s;
}

/* ---- answering */

/* The ledger's own signature among those of the note: it was found to be good. */
static bool find_signature(struct pb_view note, const struct pb_note_key *log, uint8_t ret_sig[static 64])
{
	struct pb_cursor in = pb_cursor(note);
	struct pb_note_line parsed;
	struct pb_view line;

	while (pb_line_take(&in, &line))
		if (pb_note_line_parse(line, &parsed) && pb_note_line_is_by(&parsed, log) && parsed.n == PB_NOTE_KEY_ID + 64) {
			memcpy(ret_sig, parsed.bytes + PB_NOTE_KEY_ID, 64);
			return true;
		}
	return false;
}

static enum pb_status cosign(const struct pb_keystore *keys, const struct pb_add_checkpoint *request, const struct pb_note_key *log,
			     struct pb_view text, struct pb_cosign_answer *ret_answer, struct pb_err *err)
{
	char vkey[PB_VKEY_MAX + 1];
	struct pb_cosign_order order = { .log = vkey, .text = text, .old_size = request->old_size,
					 .proof = pb_view(request->proof.hashes, request->proof.count * PB_MERKLE_HASH) };

	if (!find_signature(request->note, log, order.log_sig))
		PB_BUG("a note that was opened a moment ago");
	pb_note_key_format(log, vkey);
	return pb_keystore_cosign(keys, &order, ret_answer, err);
}

static enum pb_status put_reply(const struct pb_keystore *keys, const char *name, const struct pb_cosign_answer *answer,
				struct pb_witness_reply *ret_reply, struct pb_err *err)
{
	struct pb_writer out = pb_writer(ret_reply->body, sizeof(ret_reply->body) - 1);
	struct pb_note_key witness;
	uint8_t public_key[32];

	ret_reply->status = answer->verdict;
	if (answer->verdict == PB_ADD_CONFLICT)
		(void)snprintf(ret_reply->body, sizeof(ret_reply->body), "%" PRIu64 "\n", answer->size);
	if (answer->verdict != PB_ADD_COSIGNED)
		return PB_OK;
	if (!pb_keystore_witness_public(keys, public_key) || !pb_cosigner_make(name, public_key, &witness))
		return pb_fail(err, PB_CONFIG_INVALID, "a witness cannot be called \"%s\"", name);
	pb_cosignature_put_line(&out, &witness, answer->time, answer->sig);
	ret_reply->body[out.n] = '\0';
	return PB_OK;
}

static bool is_own(const struct pb_keystore *keys, const struct pb_note_key *log)
{
	uint8_t own[32];

	pb_keystore_checkpoint_public(keys, own);
	return pb_view_equal(PB_VIEW(own), PB_VIEW(log->public_key));
}

enum pb_status pb_witness_answer(const struct pb_keystore *keys, const char *name, const struct pb_witness_policy *policy,
				 struct pb_view request, struct pb_witness_reply *ret_reply, struct pb_err *err)
{
	struct pb_cosign_answer answer = { 0 };
	struct pb_add_checkpoint asked;
	struct pb_checkpoint checkpoint;
	const struct pb_note_key *log = NULL;
	struct pb_view text;
	enum pb_status s = PB_OK;

	*ret_reply = (struct pb_witness_reply){ 0 };
	answer.verdict = pb_add_checkpoint_parse(request, &asked) ?
				 pb_add_checkpoint_open(&asked, policy->logs, policy->log_count, &log, &checkpoint, &text) :
				 PB_ADD_BAD_REQUEST;
	if (answer.verdict == PB_ADD_COSIGNED && is_own(keys, log))
		answer.verdict = PB_ADD_UNKNOWN_LOG;
	if (answer.verdict == PB_ADD_COSIGNED)
		s = cosign(keys, &asked, log, text, &answer, err);
	return s == PB_OK ? put_reply(keys, name, &answer, ret_reply, err) : s;
}

void pb_witness_reply_put(struct pb_writer *writer, const struct pb_witness_reply *reply)
{
	char refusal[32];

	if (reply->body[0] == '\0')
		(void)snprintf(refusal, sizeof(refusal), REFUSED "%u\n", reply->status);
	pb_put_view(writer, pb_view_text(reply->body[0] != '\0' ? reply->body : refusal));
}
