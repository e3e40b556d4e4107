/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first card is issued as any other; the rest are copies of it with numbers of their own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/ledger/internal.h"
#include "keys/crypto/hash.h"
#include "tests/bench/large_ledger.h"
#include "tests/bench/rounds.h"

enum { CARDS_A_COMMIT = 500, SLOTS_A_LIST = PB_STATUS_SLOTS / 4 * 3 /* as reserve.c fills them */, SPARE = 100000 };

static const char copy_card[] =
	"INSERT INTO card(serial,state,member_number,salt,sequence,uid_h,job_h,status_list,status_index,anchor_size,anchor_root,"
	"intent,reserved_at,issued_at,point,kid,chip_token,face_token,kvn)"
	" SELECT ?1,state,?2,salt,sequence,?3,?4,?5,?6,anchor_size,anchor_root,?7,reserved_at,issued_at,point,kid,chip_token,"
	"face_token,kvn FROM card WHERE serial=?8";

struct first_card {
	struct pb_entry intent, issued;
	uint8_t salt[LEDGER_SALT];
};

static void must(enum pb_status s, const struct pb_err *err)
{
	office_must(s, err, "a large ledger");
}

static struct first_card read_first(struct office *office, uint64_t serial)
{
	struct pb_err err = { 0 };
	struct first_card first;
	PB_QUERY q = { 0 };
	bool row;

	must(pb_query(office->store, "SELECT intent,salt FROM card WHERE serial=?1", &q, &err), &err);
	pb_bind_int(&q, 1, (int64_t)serial);
	must(pb_query_step(&q, &row, &err), &err);
	bench_expect(row && pb_column_copy(&q, 1, first.salt, sizeof(first.salt)), "the first card");
	must(ledger_read_entry(office->store, (uint64_t)pb_column_int(&q, 0), &first.intent, &err), &err);
	must(ledger_read_entry(office->store, (uint64_t)pb_column_int(&q, 0) + 1, &first.issued, &err), &err);
	return first;
}

static void store_row(struct office *office, const struct pb_entry *intent, const char *member, uint64_t index)
{
	struct pb_err err = { 0 };
	PB_QUERY q = { 0 };

	must(pb_query(office->store, copy_card, &q, &err), &err);
	pb_bind_int(&q, 1, (int64_t)intent->serial);
	pb_bind_text(&q, 2, member);
	pb_bind_bytes(&q, 3, PB_VIEW(intent->uid_h));
	pb_bind_bytes(&q, 4, PB_VIEW(intent->job_h));
	pb_bind_int(&q, 5, intent->status.list);
	pb_bind_int(&q, 6, intent->status.index);
	pb_bind_int(&q, 7, (int64_t)index);
	pb_bind_int(&q, 8, (int64_t)OFFICE_SERIAL(1));
	must(pb_query_run(&q, &err), &err);
}

static void copy(struct office *office, const struct first_card *first, unsigned n)
{
	struct pb_ledger *ledger = office->ledger;
	struct pb_entry intent = first->intent, issued = first->issued;
	struct request request;
	struct pb_err err = { 0 };
	uint64_t index;

	office_request(n, n, &request);
	intent.serial = issued.serial = OFFICE_SERIAL(n);
	memcpy(intent.uid_h, &n, sizeof(n));
	memcpy(intent.job_h, &n, sizeof(n));
	intent.status.list = (n - 1) / SLOTS_A_LIST;
	intent.status.index = (first->intent.status.index + (n - 1) % SLOTS_A_LIST) % PB_STATUS_SLOTS;
	pb_hmac_sha256(PB_VIEW(first->salt), pb_view_text(request.member), intent.member_c);
	ledger->next.counters.open++;
	ledger->next.last_serial++;
	must(ledger_append(ledger, &intent, &index, &err), &err);
	ledger->next.counters.open--;
	ledger->next.counters.issued++;
	issued.intent = index;
	store_row(office, &intent, request.member, index);
	must(ledger_append(ledger, &issued, &index, &err), &err);
}

void large_ledger_make(struct office *office, unsigned cards)
{
	char folder[] = "/dev/shm/profbilet-bench-XXXXXX";
	struct first_card first;
	struct pb_err err = { 0 };

	bench_expect(mkdtemp(folder) != NULL && cards > 0, folder);
	office_join(office, folder);
	office_fresh(office, cards + SPARE);
	must(pb_ledger_approve(office->ledger, "all cards", cards + SPARE, NULL, &err), &err);
	first = read_first(office, office_issue(office, 1));
	for (unsigned n = 2; n <= cards;) {
		must(ledger_begin(office->ledger, &err), &err);
		for (unsigned i = 0; i < CARDS_A_COMMIT && n <= cards; i++)
			copy(office, &first, n++);
		must(ledger_commit_signed(office->ledger, &err), &err);
	}
}
