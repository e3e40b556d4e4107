/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one row of an erasure, and what the register deletes.
 */
#include "issuer/register/erasure.h"

#include "issuer/register/internal.h"

/* A statement without parameters, in a transaction of its own. */
static enum pb_status run_alone(struct pb_register *reg, const char *sql, struct pb_err *err)
{
	enum pb_status s = pb_store_begin(reg->store, err);

	if (s != PB_OK)
		return s;
	s = pb_store_run(reg->store, sql, err);
	if (s == PB_OK)
		return pb_store_commit(reg->store, err);
	pb_store_rollback(reg->store);
	return s;
}

static enum pb_status insert(struct pb_register *reg, const struct pb_erasure *e, struct pb_err *err)
{
	static const char sql[] = "INSERT INTO erasure(id, state, member, number, surname, name, patronymic, categories, reason,"
				  " actor, code, papers, photos, executor, first, count, at)"
				  " VALUES (1, 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, 0, ?13)";
	PB_QUERY q = { 0 };
	enum pb_status s = pb_query(reg->store, sql, &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, e->member);
	pb_bind_text(&q, 2, e->number);
	pb_bind_text(&q, 3, e->surname);
	pb_bind_text(&q, 4, e->name);
	pb_bind_text(&q, 5, e->patronymic);
	pb_bind_int(&q, 6, e->categories);
	pb_bind_int(&q, 7, e->reason);
	pb_bind_text(&q, 8, e->actor);
	pb_bind_bytes(&q, 9, PB_VIEW(e->code));
	pb_bind_text(&q, 10, e->papers);
	pb_bind_text(&q, 11, e->photos);
	pb_bind_text(&q, 12, e->executor);
	pb_bind_int(&q, 13, e->at);
	return pb_query_run(&q, err);
}

enum pb_status pb_erasure_put(struct pb_register *reg, const struct pb_erasure *erasure, struct pb_err *err)
{
	enum pb_status s = pb_store_begin(reg->store, err);

	if (s != PB_OK)
		return s;
	s = insert(reg, erasure, err);
	if (s == PB_OK)
		return pb_store_commit(reg->store, err);
	pb_store_rollback(reg->store);
	return s;
}

static bool read_texts(const struct pb_query *q, struct pb_erasure *e)
{
	return pb_column_text(q, 2, e->number, sizeof(e->number)) && pb_column_text(q, 3, e->surname, sizeof(e->surname)) &&
	       pb_column_text(q, 4, e->name, sizeof(e->name)) &&
	       pb_column_text(q, 5, e->patronymic, sizeof(e->patronymic)) &&
	       pb_column_text(q, 8, e->actor, sizeof(e->actor)) && pb_column_copy(q, 9, e->code, sizeof(e->code)) &&
	       pb_column_text(q, 10, e->papers, sizeof(e->papers)) && pb_column_text(q, 11, e->photos, sizeof(e->photos)) &&
	       pb_column_text(q, 12, e->executor, sizeof(e->executor));
}

enum pb_status pb_erasure_find(struct pb_register *reg, struct pb_erasure *ret_erasure, bool *ret_found, struct pb_err *err)
{
	static const char sql[] = "SELECT state, member, number, surname, name, patronymic, categories, reason, actor, code,"
				  " papers, photos, executor, first, count, at FROM erasure";
	PB_QUERY q = { 0 };
	struct pb_erasure e;
	enum pb_status s = pb_query(reg->store, sql, &q, err);

	if (s == PB_OK)
		s = pb_query_step(&q, ret_found, err);
	if (s != PB_OK || !*ret_found)
		return s;
	e = (struct pb_erasure){
		.state = (enum pb_erasure_state)pb_column_int(&q, 0),
		.member = pb_column_int(&q, 1),
		.categories = (unsigned)pb_column_int(&q, 6),
		.reason = (int)pb_column_int(&q, 7),
		.first = (uint64_t)pb_column_int(&q, 13),
		.count = (uint64_t)pb_column_int(&q, 14),
		.at = pb_column_int(&q, 15),
	};
	if (!read_texts(&q, &e))
		return pb_fail(err, PB_LEDGER_CORRUPT, "the row of an erasure cannot be read");
	*ret_erasure = e;
	return PB_OK;
}

static enum pb_status run_of_member(struct pb_register *reg, const char *sql, int64_t member, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	enum pb_status s = pb_query(reg->store, sql, &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, member);
	return pb_query_run(&q, err);
}

static enum pb_status note_destroyed(struct pb_register *reg, const struct pb_erasure *erasure, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	enum pb_status s = pb_query(reg->store, "UPDATE erasure SET state = 2, first = ?1, count = ?2, at = ?3", &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)erasure->first);
	pb_bind_int(&q, 2, (int64_t)erasure->count);
	pb_bind_int(&q, 3, erasure->at);
	return pb_query_run(&q, err);
}

enum pb_status pb_erasure_destroy(struct pb_register *reg, const struct pb_erasure *erasure, struct pb_err *err)
{
	static const char *const deletes[] = { "DELETE FROM photo WHERE member = ?1", "DELETE FROM member_event WHERE member = ?1",
					       "DELETE FROM member WHERE id = ?1" };
	enum pb_status s = PB_OK;

	for (size_t i = 0; s == PB_OK && i < sizeof(deletes) / sizeof(deletes[0]); i++)
		s = run_of_member(reg, deletes[i], erasure->member, err);
	return s == PB_OK ? note_destroyed(reg, erasure, err) : s;
}

enum pb_status pb_erasure_forget(struct pb_register *reg, struct pb_err *err)
{
	return run_alone(reg,
			 "UPDATE erasure SET state = 3, member = 0, number = '', surname = '', name = '', patronymic = '',"
			 " code = zeroblob(16)",
			 err);
}

enum pb_status pb_erasure_end(struct pb_register *reg, struct pb_err *err)
{
	return run_alone(reg, "DELETE FROM erasure", err);
}
