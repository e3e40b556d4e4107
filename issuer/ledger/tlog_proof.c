/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A C2SP tlog-proof, line by line.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "issuer/ledger/base64.h"
#include "issuer/ledger/line.h"
#include "issuer/ledger/tlog_proof.h"

static const char first_line[] = "c2sp.org/tlog-proof@v1";
static const char extra_word[] = "extra ", index_word[] = "index ";

void pb_tlog_proof_put(struct pb_writer *writer, const struct pb_tlog_proof *proof)
{
	char number[24];

	pb_put_view(writer, pb_view_text(first_line));
	pb_put_u8(writer, '\n');
	if (proof->extra_n > 0) {
		pb_put_view(writer, pb_view_text(extra_word));
		pb_base64_put(writer, pb_view(proof->extra, proof->extra_n));
		pb_put_u8(writer, '\n');
	}
	(void)snprintf(number, sizeof(number), "%" PRIu64 "\n", proof->index);
	pb_put_view(writer, pb_view_text(index_word));
	pb_put_view(writer, pb_view_text(number));
	for (size_t i = 0; i < proof->path.count; i++) {
		pb_base64_put(writer, PB_VIEW(proof->path.hashes[i].bytes));
		pb_put_u8(writer, '\n');
	}
	pb_put_u8(writer, '\n');
	pb_put_view(writer, proof->note);
}

/* What follows the word; false when the line begins otherwise. */
static bool after_word(struct pb_view line, const char *word, struct pb_view *ret_rest)
{
	size_t n = strlen(word);

	if (line.n < n || !pb_view_equal(pb_view(line.p, n), pb_view_text(word)))
		return false;
	*ret_rest = pb_view(line.p + n, line.n - n);
	return true;
}

/* Takes the extra line if this is one, and gives the line that then has to name the index. */
static bool take_extra(struct pb_cursor *in, struct pb_view *line, struct pb_tlog_proof *proof)
{
	struct pb_view letters;

	if (!after_word(*line, extra_word, &letters))
		return true;
	return pb_base64_decode(letters, proof->extra, sizeof(proof->extra), &proof->extra_n) && proof->extra_n > 0 &&
	       pb_line_take(in, line);
}

bool pb_tlog_proof_parse(struct pb_view text, struct pb_tlog_proof *ret_proof)
{
	struct pb_cursor in = pb_cursor(text);
	struct pb_tlog_proof proof = { 0 };
	struct pb_view line, digits;

	if (text.n > PB_TLOG_PROOF_MAX || !pb_line_take(&in, &line) || !pb_view_equal(line, pb_view_text(first_line)))
		return false;
	if (!pb_line_take(&in, &line) || !take_extra(&in, &line, &proof))
		return false;
	if (!after_word(line, index_word, &digits) || !pb_line_decimal(digits, &proof.index) ||
	    !pb_line_hashes(&in, PB_MERKLE_PROOF_MAX, &proof.path))
		return false;
	proof.note = pb_view(in.p, in.left);
	*ret_proof = proof;
	return true;
}

static enum pb_tlog_verdict open_checkpoint(struct pb_view note, const struct pb_note_key *log,
					    struct pb_checkpoint *ret_checkpoint)
{
	struct pb_view text;

	switch (pb_note_open(note, log, 1, &text, NULL)) {
	case PB_NOTE_GOOD:
		break;
	case PB_NOTE_UNKNOWN:
		return PB_TLOG_NOTE_UNKNOWN;
	case PB_NOTE_FORGED:
		return PB_TLOG_NOTE_FORGED;
	case PB_NOTE_MALFORMED:
	default:
		return PB_TLOG_NOTE_MALFORMED;
	}
	if (!pb_checkpoint_parse(text, ret_checkpoint))
		return PB_TLOG_NOTE_MALFORMED;
	return strcmp(ret_checkpoint->origin, log->name) == 0 ? PB_TLOG_PROVEN : PB_TLOG_ORIGIN;
}

enum pb_tlog_verdict pb_tlog_proof_check(const struct pb_tlog_proof *proof, struct pb_view entry,
					 const struct pb_note_key *log, struct pb_checkpoint *ret_checkpoint)
{
	struct pb_hash leaf = pb_merkle_leaf(entry);
	struct pb_checkpoint checkpoint;
	enum pb_tlog_verdict verdict = open_checkpoint(proof->note, log, &checkpoint);

	if (verdict != PB_TLOG_PROVEN)
		return verdict;
	if (!pb_merkle_verify_inclusion(proof->index, checkpoint.size, &leaf, &checkpoint.root, proof->path.hashes,
					proof->path.count))
		return PB_TLOG_NOT_THERE;
	*ret_checkpoint = checkpoint;
	return PB_TLOG_PROVEN;
}
