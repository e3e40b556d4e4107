/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A signed note from anywhere, against keys that did and did not sign it; then the same bytes as a
 * checkpoint, as a verifier key and as base64.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/ledger/base64.h"
#include "issuer/ledger/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void open_note(struct pb_view note)
{
	static const char *const vkeys[] = { "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
					     "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW" };
	struct pb_note_key keys[2];
	struct pb_view text = { 0 };
	uint64_t signers = 0;

	for (size_t i = 0; i < 2; i++)
		if (!pb_note_key_parse(vkeys[i], &keys[i]))
			abort();
	if (pb_note_open(note, keys, 2, &text, &signers) != PB_NOTE_GOOD)
		return;
	if (text.p != note.p || text.n >= note.n || signers == 0 || signers > 3)
		abort();
}

static void parse_checkpoint(struct pb_view text)
{
	struct pb_checkpoint checkpoint;
	char back[512];
	struct pb_writer out = pb_writer(back, sizeof(back));
	struct pb_view written;

	if (!pb_checkpoint_parse(text, &checkpoint))
		return;
	pb_checkpoint_put(&out, &checkpoint);
	if (!pb_writer_view(&out, &written) || !pb_view_equal(written, text))
		abort();
}

static void decode_base64(struct pb_view text)
{
	uint8_t bytes[1024];
	char back[2048];
	struct pb_writer out = pb_writer(back, sizeof(back));
	struct pb_view written;
	size_t n;

	if (!pb_base64_decode(text, bytes, sizeof(bytes), &n))
		return;
	pb_base64_put(&out, pb_view(bytes, n));
	if (!pb_writer_view(&out, &written) || !pb_view_equal(written, text))
		abort();
}

static void parse_key(struct pb_view text)
{
	struct pb_note_key key;
	char vkey[PB_VKEY_MAX + 1], back[PB_VKEY_MAX + 1];

	if (text.n > PB_VKEY_MAX)
		return;
	if (text.n > 0)
		memcpy(vkey, text.p, text.n);
	vkey[text.n] = '\0';
	if (!pb_note_key_parse(vkey, &key))
		return;
	pb_note_key_format(&key, back);
	if (strcmp(vkey, back) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	open_note(pb_view(data, size));
	parse_checkpoint(pb_view(data, size));
	decode_base64(pb_view(data, size));
	parse_key(pb_view(data, size));
	return 0;
}
