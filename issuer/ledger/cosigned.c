/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checkpoints with what their witnesses have signed.
 */
#include <string.h>

#include "issuer/ledger/internal.h"

static enum pb_status read_checkpoint(struct pb_ledger *ledger, uint64_t *size, char ret_text[static PB_CHECKPOINT_MAX],
				      struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = false;
	enum pb_status s;

	if (*size == 0)
		return ledger_last_checkpoint(ledger->store, ret_text, size, err);
	s = pb_query(ledger->store, "SELECT note FROM checkpoint WHERE size=?1", &q, err);
	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)*size);
	s = pb_query_step(&q, &row, err);
	if (s != PB_OK)
		return s;
	if (!row)
		return pb_fail(err, PB_NOT_FOUND, "there is no checkpoint of %llu entries", (unsigned long long)*size);
	if (!pb_column_text(&q, 0, ret_text, PB_CHECKPOINT_MAX))
		return pb_fail(err, PB_LEDGER_CORRUPT, "the checkpoint of %llu entries is too long", (unsigned long long)*size);
	return PB_OK;
}

static enum pb_status put_cosignatures(struct pb_ledger *ledger, uint64_t size, struct pb_writer *out, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = true;
	enum pb_status s = pb_query(ledger->store, "SELECT line FROM cosignature WHERE size=?1 ORDER BY witness", &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)size);
	while ((s = pb_query_step(&q, &row, err)) == PB_OK && row)
		pb_put_view(out, pb_column_bytes(&q, 0));
	return s;
}

enum pb_status pb_ledger_cosigned(struct pb_ledger *ledger, uint64_t size, char ret_text[static PB_COSIGNED_MAX],
				  struct pb_err *err)
{
	struct pb_writer out = pb_writer(ret_text, PB_COSIGNED_MAX - 1);
	char note[PB_CHECKPOINT_MAX];
	enum pb_status s;

	pb_store_lock(ledger->store);
	s = read_checkpoint(ledger, &size, note, err);
	if (s == PB_OK) {
		pb_put_view(&out, pb_view_text(note));
		s = put_cosignatures(ledger, size, &out, err);
	}
	pb_store_unlock(ledger->store);
	if (s == PB_OK && out.full)
		return pb_fail(err, PB_LEDGER_CORRUPT, "the checkpoint of %llu entries has more cosignatures than it can have",
			       (unsigned long long)size);
	ret_text[out.n] = '\0';
	return s;
}
