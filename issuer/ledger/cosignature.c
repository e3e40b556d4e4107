/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages and lines of witnesses.
 */
#include "issuer/ledger/cosignature.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "issuer/ledger/note_line.h"
#include "keys/crypto/ed25519.h"

void pb_cosignature_put_message(struct pb_writer *writer, uint64_t time, struct pb_view text)
{
	char head[64];

	(void)snprintf(head, sizeof(head), "cosignature/v1\ntime %" PRIu64 "\n", time);
	pb_put_view(writer, pb_view_text(head));
	pb_put_view(writer, text);
}

void pb_cosignature_put_line(struct pb_writer *writer, const struct pb_note_key *key, uint64_t time,
			     const uint8_t sig[static 64])
{
	uint8_t bytes[PB_COSIGNATURE];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));

	pb_put_be(&out, time, sizeof(time));
	pb_put(&out, sig, PB_ED25519_SIG);
	pb_note_line_put(writer, key, PB_VIEW(bytes));
}

bool pb_cosignature_check(const uint8_t public_key[static 32], struct pb_view text, struct pb_view sig, uint64_t *ret_time)
{
	uint8_t message[PB_COSIGNED_MESSAGE_MAX];
	struct pb_writer out = pb_writer(message, sizeof(message));
	struct pb_cursor in = pb_cursor(sig);
	struct pb_view signed_bytes;
	uint64_t time;

	if (sig.n != PB_COSIGNATURE || !pb_take_be(&in, sizeof(time), &time) || time == 0 || time > INT64_MAX)
		return false;
	pb_cosignature_put_message(&out, time, text);
	if (!pb_writer_view(&out, &signed_bytes) || !pb_ed25519_verify(public_key, signed_bytes, in.p))
		return false;
	*ret_time = time;
	return true;
}

enum pb_note_verdict pb_cosignature_open(struct pb_view line, const struct pb_note_key *key, struct pb_view text,
					 uint64_t *ret_time)
{
	struct pb_note_line parsed;

	if (!pb_note_line_parse(line, &parsed))
		return PB_NOTE_MALFORMED;
	if (!pb_note_line_is_by(&parsed, key))
		return PB_NOTE_UNKNOWN;
	return pb_cosignature_check(key->public_key, text, pb_view(parsed.bytes + PB_NOTE_KEY_ID, parsed.n - PB_NOTE_KEY_ID),
				    ret_time) ?
		       PB_NOTE_GOOD :
		       PB_NOTE_FORGED;
}
