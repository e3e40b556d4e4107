/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A proof file from anywhere: what is taken is written back byte for byte, and nothing made up is proven.
 */
#include <stdint.h>
#include <stdlib.h>

#include "issuer/ledger/tlog_proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_back(struct pb_view text, const struct pb_tlog_proof *proof)
{
	static char room[PB_TLOG_PROOF_MAX];
	struct pb_writer out = pb_writer(room, sizeof(room));
	struct pb_view written;

	pb_tlog_proof_put(&out, proof);
	if (!pb_writer_view(&out, &written) || !pb_view_equal(written, text))
		abort();
}

/* The corpus has proofs of the log, and none of this entry. */
static void check(const struct pb_tlog_proof *proof)
{
	static const char vkey[] = "profbilet.example/office/77+0fc694ba+AcX/IK/HRG8P1UZBaoVeGCAYmiq9iOIBrb+fTfiSVMmE";
	struct pb_checkpoint checkpoint;
	struct pb_note_key log;

	if (!pb_note_key_parse(vkey, &log))
		abort();
	if (pb_tlog_proof_check(proof, pb_view_text("no such entry"), &log, &checkpoint) == PB_TLOG_PROVEN)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pb_tlog_proof proof;

	if (!pb_tlog_proof_parse(pb_view(data, size), &proof))
		return 0;
	write_back(pb_view(data, size), &proof);
	check(&proof);
	return 0;
}
