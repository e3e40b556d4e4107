/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ledger against what the holder of the keys says he has signed.  He is played here: what the real one answers is
 * tests/unit/keyd's affair.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/ledger/internal.h"
#include "keys/keystore_remote.h"
#include "tests/unit/ledger/office.h"

enum { CARDS = 6 };

static struct office office;

/* ---- the holder */

struct holder {
	struct pb_told stands;
	struct pb_hash root; /* at stands.kept */
	bool fails;
	unsigned told; /* entries, which an audit never tells */
};

static enum pb_status say_where(void *ctx, struct pb_told *ret_told, struct pb_err *err)
{
	const struct holder *holder = ctx;

	*ret_told = holder->stands;
	return holder->fails ? pb_fail(err, PB_KEYS_UNAVAILABLE, "gone") : PB_OK;
}

static enum pb_status be_told(void *ctx, uint64_t size, const uint8_t root[static 32], struct pb_view entries, struct pb_err *err)
{
	struct holder *holder = ctx;

	holder->told += entries.n > 0;
	if (size == holder->stands.kept && memcmp(root, holder->root.bytes, PB_MERKLE_HASH) == 0)
		return PB_OK;
	return pb_fail(err, PB_KEYS_REFUSED, "another ledger");
}

static void leave(void *ctx)
{
	(void)ctx;
}

static const struct pb_keystore_remote remote = { .restart_telling = say_where, .tell = be_told, .close = leave };

/* Who has seen all that is there, and signed face and chip of each card. */
static struct holder honest(struct pb_keystore_facts *ret_facts)
{
	struct holder holder = { .stands = { .kept = office.ledger->head.edge.size, .before = office.ledger->head.edge.size - 1 },
				 .root = pb_merkle_root(&office.ledger->head.edge) };

	*ret_facts = (struct pb_keystore_facts){ .account = { .signatures = 2 * CARDS } };
	return holder;
}

static void keep(void *ctx, const struct pb_finding *finding)
{
	struct findings *findings = ctx;

	findings->list[findings->count++] = *finding;
}

static void ask(struct holder *holder, const struct pb_keystore_facts *facts, struct findings *ret_findings)
{
	struct pb_keystore *ks;
	struct pb_err err = { 0 };
	uint64_t found = 0;

	*ret_findings = (struct findings){ 0 };
	assert_int_equal(pb_keystore_create_remote(&remote, holder, facts, &ks, &err), PB_OK);
	assert_int_equal(pb_ledger_audit_signer(office.ledger, ks, keep, ret_findings, &found, &err), PB_OK);
	assert_int_equal(found, ret_findings->count);
	assert_int_equal(holder->told, 0);
	pb_keystore_close(ks);
}

static int make(void **state)
{
	(void)state;
	office_create(&office);
	office_fresh(&office, 100);
	for (unsigned i = 1; i <= CARDS; i++)
		(void)office_issue(&office, i);
	return 0;
}

static int destroy(void **state)
{
	(void)state;
	office_destroy(&office);
	return 0;
}

static void assert_one(const struct findings *findings, enum pb_finding_code code, uint64_t entry, uint64_t serial)
{
	assert_int_equal(findings->count, 1);
	assert_string_equal(pb_finding_name(findings->list[0].code), pb_finding_name(code));
	assert_int_equal(findings->list[0].entry, entry);
	assert_int_equal(findings->list[0].serial, serial);
}

/* ---- */

static void an_honest_ledger_is_what_was_signed_for(void **state)
{
	struct pb_keystore_facts facts;
	struct holder holder = honest(&facts);
	struct pb_merkle_edge edge;
	struct ledger_fetch fetch = { office.store, NULL, PB_OK };
	struct findings findings;

	(void)state;
	ask(&holder, &facts, &findings);
	assert_int_equal(findings.count, 0);
	/* Or its beginning: a reservation is told with the next signature. */
	holder.stands.kept -= 3;
	assert_true(pb_merkle_edge_fetch(holder.stands.kept, ledger_fetch, &fetch, &edge));
	holder.root = pb_merkle_root(&edge);
	ask(&holder, &facts, &findings);
	assert_int_equal(findings.count, 0);
	holder.stands = (struct pb_told){ 0 };
	ask(&holder, &facts, &findings);
	assert_int_equal(findings.count, 0);
}

static void a_ledger_that_went_back_is_found(void **state)
{
	struct pb_keystore_facts facts;
	struct holder holder = honest(&facts);
	struct findings findings;

	(void)state;
	holder.stands.kept++;
	ask(&holder, &facts, &findings);
	assert_one(&findings, PB_FINDING_SIGNER_AHEAD, office.ledger->head.edge.size, 0);
}

static void another_history_is_found(void **state)
{
	struct pb_keystore_facts facts;
	struct holder holder = honest(&facts);
	struct findings findings;

	(void)state;
	holder.root.bytes[31] ^= 1;
	ask(&holder, &facts, &findings);
	assert_one(&findings, PB_FINDING_SIGNER_ROOT, office.ledger->head.edge.size - 1, 0);
}

static void cards_that_nobody_signed_are_found(void **state)
{
	struct pb_keystore_facts facts;
	struct holder holder = honest(&facts);
	struct findings findings;

	(void)state;
	facts.account.signatures = CARDS;
	ask(&holder, &facts, &findings);
	assert_int_equal(findings.count, 0);
	facts.account.signatures--;
	ask(&holder, &facts, &findings);
	assert_one(&findings, PB_FINDING_SIGNER_COUNT, office.ledger->head.edge.size - 1, 0);
	facts.account.acknowledged = 1; /* a count that was begun anew */
	ask(&holder, &facts, &findings);
	assert_int_equal(findings.count, 0);
}

static void a_signed_card_that_is_not_there_is_found(void **state)
{
	struct pb_keystore_facts facts;
	struct holder holder = honest(&facts);
	struct findings findings;

	(void)state;
	facts.account.open_serial = OFFICE_SERIAL(CARDS); /* begun since, and not told yet */
	ask(&holder, &facts, &findings);
	assert_int_equal(findings.count, 0);
	facts.account.open_serial = OFFICE_SERIAL(CARDS + 1);
	ask(&holder, &facts, &findings);
	assert_one(&findings, PB_FINDING_SIGNER_CARD, office.ledger->head.edge.size, OFFICE_SERIAL(CARDS + 1));
}

static void a_holder_who_does_not_answer_is_no_finding(void **state)
{
	struct pb_keystore_facts facts;
	struct holder holder = honest(&facts);
	struct pb_keystore *ks;
	struct pb_err err = { 0 };
	uint64_t found;

	(void)state;
	holder.fails = true;
	assert_int_equal(pb_keystore_create_remote(&remote, &holder, &facts, &ks, &err), PB_OK);
	assert_int_equal(pb_ledger_audit_signer(office.ledger, ks, NULL, NULL, &found, &err), PB_KEYS_UNAVAILABLE);
	pb_keystore_close(ks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_honest_ledger_is_what_was_signed_for),
		cmocka_unit_test(a_ledger_that_went_back_is_found),
		cmocka_unit_test(another_history_is_found),
		cmocka_unit_test(cards_that_nobody_signed_are_found),
		cmocka_unit_test(a_signed_card_that_is_not_there_is_found),
		cmocka_unit_test(a_holder_who_does_not_answer_is_no_finding),
	};

	return cmocka_run_group_tests(tests, make, destroy);
}
