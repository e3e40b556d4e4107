/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fuzz: what offices send each other as witnesses.  The first byte chooses: a request, a cosignature line, a policy.
 * What is taken must be written back byte for byte, or judge a note without harm.
 */
#include <stdint.h>
#include <stdlib.h>

#include "issuer/ledger/add_checkpoint.h"
#include "issuer/ledger/cosignature.h"
#include "issuer/ledger/witness_policy.h"

static void read_request(struct pb_view body)
{
	static uint8_t back[PB_ADD_CHECKPOINT_MAX];
	struct pb_writer out = pb_writer(back, sizeof(back));
	struct pb_add_checkpoint request;
	struct pb_checkpoint checkpoint;
	const struct pb_note_key *log;
	struct pb_note_key key;
	struct pb_view text;

	if (!pb_add_checkpoint_parse(body, &request))
		return;
	pb_add_checkpoint_put(&out, &request);
	if (!pb_view_equal(pb_view(back, out.n), body))
		abort();
	if (pb_note_key_make("profbilet.example/office/77", (const uint8_t[32]){ 1 }, &key))
		(void)pb_add_checkpoint_open(&request, &key, 1, &log, &checkpoint, &text);
}

static void read_line(struct pb_view line)
{
	struct pb_note_key key;
	uint64_t time;

	if (pb_cosigner_make("witness.profbilet.example/centre", (const uint8_t[32]){ 1 }, &key) &&
	    pb_cosignature_open(line, &key, pb_view_text("a\n1\n"), &time) == PB_NOTE_GOOD)
		abort(); /* nobody has that key */
}

static void read_policy(struct pb_view text)
{
	static struct pb_witness_policy policy;
	struct pb_checkpoint checkpoint;
	uint64_t witnesses;
	unsigned line;

	if (!pb_witness_policy_parse(text, &policy, &line))
		return;
	if (!pb_witness_policy_is_met(&policy, UINT64_MAX >> 1))
		abort(); /* all that there are is always enough */
	(void)pb_witness_policy_judge(&policy, text, &checkpoint, &witnesses);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n == 0)
		return 0;
	switch (data[0]) {
	case 'r':
		read_request(pb_view(data + 1, n - 1));
		break;
	case 'c':
		read_line(pb_view(data + 1, n - 1));
		break;
	default:
		read_policy(pb_view(data + 1, n - 1));
	}
	return 0;
}
