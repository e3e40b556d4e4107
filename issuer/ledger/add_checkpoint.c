/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Requests to witnesses: one line, the proof, the note; and the checks in the order that C2SP tlog-witness gives them.
 */
#include "issuer/ledger/add_checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "issuer/ledger/base64.h"
#include "issuer/ledger/line.h"

void pb_add_checkpoint_put(struct pb_writer *writer, const struct pb_add_checkpoint *request)
{
	char old[32];

	(void)snprintf(old, sizeof(old), "old %" PRIu64 "\n", request->old_size);
	pb_put_view(writer, pb_view_text(old));
	for (size_t i = 0; i < request->proof.count; i++) {
		pb_base64_put(writer, PB_VIEW(request->proof.hashes[i].bytes));
		pb_put_u8(writer, '\n');
	}
	pb_put_u8(writer, '\n');
	pb_put_view(writer, request->note);
}

static bool parse_old(struct pb_view line, uint64_t *ret_size)
{
	static const char word[] = "old ";
	const size_t n = sizeof(word) - 1;

	return line.n > n && pb_view_equal(pb_view(line.p, n), pb_view_text(word)) &&
	       pb_line_decimal(pb_view(line.p + n, line.n - n), ret_size);
}

bool pb_add_checkpoint_parse(struct pb_view body, struct pb_add_checkpoint *ret_request)
{
	struct pb_cursor in = pb_cursor(body);
	struct pb_add_checkpoint request = { 0 };
	struct pb_view line;

	if (body.n > PB_ADD_CHECKPOINT_MAX || !pb_line_take(&in, &line) || !parse_old(line, &request.old_size) ||
	    !pb_line_hashes(&in, PB_ADD_CHECKPOINT_PROOF_MAX, &request.proof))
		return false;
	request.note = pb_view(in.p, in.left);
	if (in.left == 0)
		return false;
	*ret_request = request;
	return true;
}

/* By one of the keys that are trusted for the name. */
static enum pb_add_verdict open_as(const struct pb_add_checkpoint *request, const struct pb_note_key *log,
				   struct pb_checkpoint *ret_checkpoint, struct pb_view *ret_text)
{
	struct pb_checkpoint checkpoint;
	struct pb_view text;

	switch (pb_note_open(request->note, log, 1, &text, NULL)) {
	case PB_NOTE_MALFORMED:
		return PB_ADD_BAD_REQUEST;
	case PB_NOTE_UNKNOWN:
	case PB_NOTE_FORGED:
		return PB_ADD_FORBIDDEN;
	case PB_NOTE_GOOD:
		break;
	}
	if (!pb_checkpoint_parse(text, &checkpoint) || strcmp(checkpoint.origin, log->name) != 0)
		return PB_ADD_BAD_REQUEST;
	*ret_checkpoint = checkpoint;
	*ret_text = text;
	return PB_ADD_COSIGNED;
}

enum pb_add_verdict pb_add_checkpoint_open(const struct pb_add_checkpoint *request, const struct pb_note_key *logs, size_t count,
					   const struct pb_note_key **ret_log, struct pb_checkpoint *ret_checkpoint,
					   struct pb_view *ret_text)
{
	enum pb_add_verdict verdict = PB_ADD_UNKNOWN_LOG;

	for (size_t i = 0; i < count && verdict != PB_ADD_COSIGNED; i++) {
		if (!pb_note_is_headed(request->note, logs[i].name))
			continue;
		verdict = open_as(request, &logs[i], ret_checkpoint, ret_text);
		if (verdict == PB_ADD_COSIGNED)
			*ret_log = &logs[i];
	}
	return verdict;
}

static bool is_proven(const struct pb_merkle_proof *proof, const struct pb_checkpoint *checkpoint, const struct pb_seen_tree *seen)
{
	const struct pb_merkle_edge nothing = { 0 };
	struct pb_hash empty = pb_merkle_root(&nothing);

	if (checkpoint->size == 0 && !pb_hash_equal(&checkpoint->root, &empty))
		return false;
	if (seen->size == 0)
		return proof->count == 0;
	return pb_merkle_verify_consistency(seen->size, checkpoint->size, &seen->root, &checkpoint->root, proof->hashes,
					    proof->count);
}

enum pb_add_verdict pb_add_checkpoint_judge(uint64_t old_size, const struct pb_merkle_proof *proof,
					    const struct pb_checkpoint *checkpoint, const struct pb_seen_tree *seen)
{
	if (old_size > checkpoint->size)
		return PB_ADD_BAD_REQUEST;
	if (old_size != seen->size)
		return PB_ADD_CONFLICT;
	return is_proven(proof, checkpoint, seen) ? PB_ADD_COSIGNED : PB_ADD_UNPROVEN;
}
