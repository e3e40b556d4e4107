/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ledger against what the holder of the keys has counted.  He is asked and told nothing new: where he stands, and
 * whether the tables have that very root there.
 */
#include "issuer/ledger/audit.h"
#include "issuer/ledger/internal.h"

struct comparison {
	struct pb_ledger *ledger;
	const struct pb_keystore *ks;
	struct pb_findings findings;
};

static void find(struct comparison *comparison, enum pb_finding_code code, uint64_t entry, uint64_t serial)
{
	pb_findings_add(&comparison->findings, code, entry, serial);
}

/* That he signed for these entries.  At that size he is asked with no entries, which changes nothing for him. */
static enum pb_status compare_root(struct comparison *comparison, uint64_t size, struct pb_err *err)
{
	struct ledger_fetch fetch = { comparison->ledger->store, err, PB_OK };
	struct pb_merkle_edge edge;
	struct pb_hash root;
	enum pb_status s;

	if (!pb_merkle_edge_fetch(size, ledger_fetch, &fetch, &edge)) {
		if (fetch.status != PB_LEDGER_CORRUPT)
			return fetch.status;
		pb_err_clear(err); /* the audit has said so */
		return PB_OK;
	}
	root = pb_merkle_root(&edge);
	s = pb_keystore_tell(comparison->ks, size, root.bytes, pb_view(NULL, 0), err);
	if (s != PB_KEYS_REFUSED)
		return s;
	pb_err_clear(err);
	find(comparison, PB_FINDING_SIGNER_ROOT, size - 1, 0);
	return PB_OK;
}

static enum pb_status compare_tree(struct comparison *comparison, uint64_t entries, struct pb_err *err)
{
	struct pb_told stands;
	enum pb_status s = pb_keystore_restart_telling(comparison->ks, &stands, err);

	if (s != PB_OK)
		return s;
	if (stands.kept > entries) {
		find(comparison, PB_FINDING_SIGNER_AHEAD, entries, 0);
		return PB_OK;
	}
	return stands.kept > 0 ? compare_root(comparison, stands.kept, err) : PB_OK;
}

/* Whoever vouched for a ledger began a new count; before that there are as many signatures as cards, at least. */
static void compare_cards(struct comparison *comparison, uint64_t entries, uint64_t cards)
{
	struct pb_account account;

	if (!pb_keystore_account(comparison->ks, &account))
		return;
	if (account.acknowledged == 0 && account.signatures < cards)
		find(comparison, PB_FINDING_SIGNER_COUNT, entries - 1, 0);
	if (account.open_serial != 0 && account.open_serial % PB_SERIALS > cards)
		find(comparison, PB_FINDING_SIGNER_CARD, entries, account.open_serial);
}

enum pb_status pb_ledger_audit_signer(struct pb_ledger *ledger, const struct pb_keystore *ks, pb_finding_fn *finding, void *ctx,
				      uint64_t *ret_findings, struct pb_err *err)
{
	struct comparison comparison = { ledger, ks, { .tell = finding, .ctx = ctx } };
	uint64_t entries = 0, cards = 0;
	enum pb_status s = pb_store_begin_reading(ledger->store, err);

	if (s != PB_OK)
		return s;
	s = ledger_read_number(ledger->store, "SELECT max(idx)+1 FROM entry", &entries, err);
	if (s == PB_OK)
		s = ledger_read_number(ledger->store, "SELECT count(*) FROM card", &cards, err);
	if (s == PB_OK)
		s = compare_tree(&comparison, entries, err);
	if (s == PB_OK)
		compare_cards(&comparison, entries, cards);
	pb_store_rollback(ledger->store);
	if (s == PB_OK)
		*ret_findings = comparison.findings.total;
	return s;
}
