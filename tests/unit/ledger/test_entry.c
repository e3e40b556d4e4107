/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Entries: what is written is read back, one form only, nothing personal; and the table of moves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/ledger/entry.h"
#include "issuer/ledger/lifecycle.h"

static struct pb_entry of_step(struct pb_entry e, enum pb_key_step step)
{
	e.clock = 1789990000;
	e.step = step;
	if (step != PB_STEP_CARD_MASTER && step != PB_STEP_READ_BACK)
		memset(e.digest, 9, sizeof(e.digest));
	if (step == PB_STEP_CARD_MASTER) {
		e.kvn = 1;
		memset(e.kcv, 7, sizeof(e.kcv));
	}
	if (step == PB_STEP_SHARES || step == PB_STEP_READ_BACK || step == PB_STEP_DRILL) {
		e.shares[0] = 2;
		e.shares[1] = 3;
	}
	return e;
}

/* An entry of the type with every field filled that it may have. */
static struct pb_entry full(enum pb_entry_type type)
{
	struct pb_entry e = { .type = type, .time = 1790000000, .counters = { 500, 20, 1, 2 } };
	bool of_card = type != PB_ENTRY_GENESIS && type != PB_ENTRY_STOCK_IN && type != PB_ENTRY_RECOVER &&
		       type != PB_ENTRY_CLOCK && type != PB_ENTRY_CEREMONY && type != PB_ENTRY_APPROVED &&
		       type != PB_ENTRY_TRUST && type != PB_ENTRY_RESTORED;
	bool closes = type == PB_ENTRY_VOID || type == PB_ENTRY_SPOILED || type == PB_ENTRY_REVOKE || type == PB_ENTRY_ERASED;

	e.has_actor = type == PB_ENTRY_STOCK_IN || type == PB_ENTRY_INTENT || closes || type == PB_ENTRY_SUSPEND ||
		      type == PB_ENTRY_RESUME || type == PB_ENTRY_APPROVED || type == PB_ENTRY_TRUST || type == PB_ENTRY_RESTORED;
	if (e.has_actor)
		memset(e.actor, 8, sizeof(e.actor));
	if (of_card)
		e.serial = 7501000012;
	if (of_card && type != PB_ENTRY_INTENT)
		e.intent = 41;
	if (closes)
		e.reason = PB_REASON_STOLEN;
	e.late = type == PB_ENTRY_ISSUED;
	if (type == PB_ENTRY_ISSUED || type == PB_ENTRY_REKEYED)
		e.kvn = 0x31;
	if (type == PB_ENTRY_INTENT) {
		memset(e.uid_h, 1, sizeof(e.uid_h));
		memset(e.job_h, 2, sizeof(e.job_h));
		memset(e.chip_h, 3, sizeof(e.chip_h));
		memset(e.face_h, 4, sizeof(e.face_h));
		memset(e.kid, 5, sizeof(e.kid));
		memset(e.member_c, 6, sizeof(e.member_c));
		e.status = (struct pb_status_slot){ 1, 65535 };
	}
	if (type == PB_ENTRY_INTENT || type == PB_ENTRY_REISSUE)
		e.old_serial = 7501000007;
	if (type == PB_ENTRY_STOCK_IN || type == PB_ENTRY_RECOVER || type == PB_ENTRY_APPROVED ||
	    type == PB_ENTRY_TRUST || type == PB_ENTRY_RESTORED)
		e.count = 500;
	if (type == PB_ENTRY_APPROVED)
		memset(e.job_h, 2, sizeof(e.job_h));
	if (type == PB_ENTRY_TRUST || type == PB_ENTRY_ERASED || type == PB_ENTRY_RESTORED)
		memset(e.digest, 9, sizeof(e.digest));
	if (type == PB_ENTRY_STOCK_IN)
		(void)snprintf(e.batch, sizeof(e.batch), "%s", "NXP-2026/117");
	if (type == PB_ENTRY_GENESIS)
		e.prefix = 7501;
	if (type == PB_ENTRY_RESTORED)
		(void)snprintf(e.old_origin, sizeof(e.old_origin), "%s", "profbilet.example/office/74");
	if (type == PB_ENTRY_GENESIS || type == PB_ENTRY_RESTORED) {
		(void)snprintf(e.origin, sizeof(e.origin), "%s", "profbilet.example/office/75");
		(void)snprintf(e.vkey, sizeof(e.vkey), "%s", "profbilet.example/office/75+00000000+AA==");
	}
	if (type == PB_ENTRY_CLOCK)
		e.clock = -5;
	if (type == PB_ENTRY_CEREMONY)
		e = of_step(e, PB_STEP_SHARES);
	return e;
}

/* In order, over numbers that are no type; 0 after the last. */
static int type_after(int type)
{
	while (++type <= PB_ENTRY_RESTORED)
		if (pb_entry_type_name((enum pb_entry_type)type) != NULL)
			return type;
	return 0;
}

static void every_type_is_read_back(void **state)
{
	(void)state;
	for (int type = PB_ENTRY_GENESIS; type != 0; type = type_after(type)) {
		struct pb_entry entry = full((enum pb_entry_type)type), back;
		uint8_t bytes[PB_ENTRY_MAX];
		size_t n;

		assert_true(pb_entry_encode(&entry, bytes, &n));
		memset(&back, 0xFF, sizeof(back));
		if (!pb_entry_decode(pb_view(bytes, n), &back))
			fail_msg("%s", pb_entry_type_name(entry.type));
		assert_memory_equal(&entry, &back, sizeof(entry));
	}
}

static void every_step_of_a_ceremony_is_read_back(void **state)
{
	(void)state;
	for (int step = PB_STEP_ROOT; step < PB_STEP_COUNT; step++) {
		struct pb_entry entry = { .type = PB_ENTRY_CEREMONY, .time = 1790000000 }, back, more;
		uint8_t bytes[PB_ENTRY_MAX];
		size_t n;

		entry = of_step(entry, (enum pb_key_step)step);
		assert_true(pb_entry_encode(&entry, bytes, &n));
		memset(&back, 0xFF, sizeof(back));
		if (!pb_entry_decode(pb_view(bytes, n), &back))
			fail_msg("%s", pb_key_step_name(entry.step));
		assert_memory_equal(&entry, &back, sizeof(entry));
		/* What its step does not have is not written. */
		more = entry;
		memset(more.digest, 9, sizeof(more.digest));
		more.kvn = 1;
		memset(more.kcv, 7, sizeof(more.kcv));
		more.shares[0] = 2;
		more.shares[1] = 3;
		assert_true(pb_entry_encode(&more, bytes, &n));
		assert_true(pb_entry_decode(pb_view(bytes, n), &back));
		assert_memory_equal(&entry, &back, sizeof(entry));
	}
}

static void a_ceremony_without_a_step_is_none(void **state)
{
	struct pb_entry entry = { .type = PB_ENTRY_CEREMONY };
	uint8_t bytes[PB_ENTRY_MAX];
	size_t n;

	(void)state;
	assert_false(pb_entry_encode(&entry, bytes, &n));
}

/* The example of docs/ledger.md. */
static void a_printed_entry_has_these_bytes(void **state)
{
	static const uint8_t expected[] = {
		0xA6, 0x01, 0x01, 0x02, 0x05, 0x03, 0x1A, 0x6A, 0xB1, 0x3B, 0x80, 0x05, 0x1B, 0x00, 0x00, 0x00,
		0x01, 0xBF, 0x18, 0x2D, 0x4C, 0x0B, 0x18, 0x29, 0x0F, 0x84, 0x19, 0x01, 0xF4, 0x14, 0x01, 0x02,
	};
	struct pb_entry entry = full(PB_ENTRY_PRINTED);
	uint8_t bytes[PB_ENTRY_MAX];
	size_t n;

	(void)state;
	assert_true(pb_entry_encode(&entry, bytes, &n));
	assert_int_equal(n, sizeof(expected));
	assert_memory_equal(bytes, expected, sizeof(expected));
}

static void every_cut_and_every_longer_one_is_refused(void **state)
{
	(void)state;
	for (int type = PB_ENTRY_GENESIS; type != 0; type = type_after(type)) {
		struct pb_entry entry = full((enum pb_entry_type)type), back;
		uint8_t bytes[PB_ENTRY_MAX + 1] = { 0 };
		size_t n;

		assert_true(pb_entry_encode(&entry, bytes, &n));
		for (size_t cut = 0; cut < n; cut++)
			assert_false(pb_entry_decode(pb_view(bytes, cut), &back));
		assert_false(pb_entry_decode(pb_view(bytes, n + 1), &back));
	}
}

/* Whatever a byte is changed to: refused, or an entry that has exactly these bytes. */
static void a_changed_byte_never_has_two_readings(void **state)
{
	unsigned refused = 0, taken = 0;

	(void)state;
	for (int type = PB_ENTRY_GENESIS; type != 0; type = type_after(type)) {
		struct pb_entry entry = full((enum pb_entry_type)type), back;
		uint8_t bytes[PB_ENTRY_MAX], again[PB_ENTRY_MAX];
		size_t n, m;

		assert_true(pb_entry_encode(&entry, bytes, &n));
		for (size_t at = 0; at < n; at++)
			for (unsigned value = 0; value < 256; value++) {
				uint8_t old = bytes[at];

				bytes[at] = (uint8_t)value;
				if (pb_entry_decode(pb_view(bytes, n), &back)) {
					assert_true(pb_entry_encode(&back, again, &m));
					assert_true(m == n && memcmp(again, bytes, n) == 0);
					taken++;
				} else {
					refused++;
				}
				bytes[at] = old;
			}
	}
	assert_true(refused > 40000 && taken > 1000);
}

/* As programs wrote it before there were generations of card keys. */
static void an_issue_without_a_key_version_is_read(void **state)
{
	struct pb_entry entry = full(PB_ENTRY_ISSUED), back;
	uint8_t with[PB_ENTRY_MAX], without[PB_ENTRY_MAX];
	size_t n, shorter;

	(void)state;
	assert_true(pb_entry_encode(&entry, with, &n));
	entry.kvn = 0;
	assert_true(pb_entry_encode(&entry, without, &shorter));
	assert_int_equal(shorter, n - 4);
	assert_true(pb_entry_decode(pb_view(without, shorter), &back));
	assert_int_equal(back.kvn, 0);
}

static void foreign_text_is_not_written(void **state)
{
	struct pb_entry entry = full(PB_ENTRY_STOCK_IN);
	uint8_t bytes[PB_ENTRY_MAX];
	size_t n;

	(void)state;
	(void)snprintf(entry.batch, sizeof(entry.batch), "%s", "\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD\xD0\xBE\xD0\xB2");
	assert_false(pb_entry_encode(&entry, bytes, &n));
	entry = full(PB_ENTRY_STOCK_IN);
	entry.type = (enum pb_entry_type)99;
	assert_false(pb_entry_encode(&entry, bytes, &n));
}

static void reasons_have_one_name_each(void **state)
{
	(void)state;
	for (int i = 0; i < PB_REASON_COUNT; i++) {
		enum pb_reason reason;

		assert_true(pb_reason_parse(pb_reason_name((enum pb_reason)i), &reason));
		assert_int_equal(reason, i);
	}
	assert_null(pb_reason_name(PB_REASON_COUNT));
	assert_false(pb_reason_parse("bored", &(enum pb_reason){ 0 }));
}

/* ---- the life of a card */

static char cell(enum pb_card_state from, enum pb_entry_type type)
{
	enum pb_card_state to;

	return pb_card_state_move(from, type, false, &to) ? pb_card_state_name(to)[0] : '.';
}

/* One row per entry, one letter per state it comes from: unknown reserved issued printed suspended revoked
 * voided spoiled; the letter is the first of the state it leads to. */
static void the_table_of_moves_is_this(void **state)
{
	static const struct {
		enum pb_entry_type type;
		const char *to;
	} rows[] = {
		{ PB_ENTRY_GENESIS, "........" }, { PB_ENTRY_STOCK_IN, "........" }, { PB_ENTRY_INTENT, "r......." },
		{ PB_ENTRY_ISSUED, ".i......" },  { PB_ENTRY_PRINTED, "..p....." },  { PB_ENTRY_VOID, ".v......" },
		{ PB_ENTRY_SPOILED, ".sss...." }, { PB_ENTRY_REVOKE, "..rrr..." },   { PB_ENTRY_REISSUE, "........" },
		{ PB_ENTRY_RECOVER, "........" }, { PB_ENTRY_CLOCK, "........" },    { PB_ENTRY_SUSPEND, "..ss...." },
		{ PB_ENTRY_RESUME, "....i..." },   { PB_ENTRY_REKEYED, "........" },
		{ PB_ENTRY_ERASED, "........" },
	};
	enum pb_card_state to;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int from = 0; from < PB_CARD_STATE_COUNT; from++)
			if (cell((enum pb_card_state)from, rows[i].type) != rows[i].to[from])
				fail_msg("%s from %s", pb_entry_type_name(rows[i].type),
					 pb_card_state_name((enum pb_card_state)from));
	assert_true(pb_card_state_move(PB_CARD_IS_SUSPENDED, PB_ENTRY_RESUME, true, &to));
	assert_int_equal(to, PB_CARD_IS_PRINTED);
}

static void a_dead_card_is_refused_and_a_live_one_counted(void **state)
{
	(void)state;
	for (int i = PB_CARD_IS_RESERVED; i < PB_CARD_STATE_COUNT; i++) {
		enum pb_card_state s = (enum pb_card_state)i;

		assert_true(pb_card_state_is_live(s) || pb_card_state_is_refused(s));
		assert_int_equal(pb_card_state_is_live(s), i <= PB_CARD_IS_SUSPENDED);
		assert_int_equal(pb_card_state_is_refused(s), i >= PB_CARD_IS_SUSPENDED);
	}
	assert_null(pb_card_state_name(PB_CARD_STATE_COUNT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_read_back),
		cmocka_unit_test(every_step_of_a_ceremony_is_read_back),
		cmocka_unit_test(a_ceremony_without_a_step_is_none),
		cmocka_unit_test(a_printed_entry_has_these_bytes),
		cmocka_unit_test(every_cut_and_every_longer_one_is_refused),
		cmocka_unit_test(a_changed_byte_never_has_two_readings),
		cmocka_unit_test(an_issue_without_a_key_version_is_read),
		cmocka_unit_test(foreign_text_is_not_written),
		cmocka_unit_test(reasons_have_one_name_each),
		cmocka_unit_test(the_table_of_moves_is_this),
		cmocka_unit_test(a_dead_card_is_refused_and_a_live_one_counted),
	};

	return cmocka_run_group_tests_name("entry", tests, NULL, NULL);
}
