/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tree of organisations.  It is small (an office has tens to thousands), so every lookup may walk an
 * index and nothing is kept in memory.
 */
#include <string.h>

#include "base/text.h"
#include "issuer/register/internal.h"

#define COLUMNS "id, parent, level, code, name, short_name"

static enum pb_status read_row(const struct pb_query *q, struct pb_organisation *ret_organisation, struct pb_err *err)
{
	struct pb_organisation o = {
		.id = pb_column_int(q, 0),
		.parent = pb_column_int(q, 1),
		.level = (enum pb_org_level)pb_column_int(q, 2),
	};

	if (!pb_column_text(q, 3, o.code, sizeof(o.code)) || !pb_column_text(q, 4, o.name, sizeof(o.name)) ||
	    !pb_column_text(q, 5, o.short_name, sizeof(o.short_name)))
		return pb_fail(err, PB_LEDGER_CORRUPT, "organisation %lld: a text is too long", (long long)o.id);
	*ret_organisation = o;
	return PB_OK;
}

enum pb_status pb_register_organisation(struct pb_register *reg, int64_t id, struct pb_organisation *ret_organisation,
					struct pb_err *err)
{
	static const char sql[] = "SELECT " COLUMNS " FROM organisation WHERE id = ?1";
	PB_QUERY q = { 0 };
	bool row;
	enum pb_status s = pb_query(reg->store, sql, &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, id);
	s = pb_query_step(&q, &row, err);
	if (s != PB_OK)
		return s;
	if (!row)
		return pb_fail(err, PB_NOT_FOUND, "organisation %lld", (long long)id);
	return read_row(&q, ret_organisation, err);
}

static enum pb_status check_place(struct pb_register *reg, const struct pb_organisation *o, struct pb_err *err)
{
	struct pb_organisation parent;
	enum pb_status s;

	if (o->level < PB_ORG_REGIONAL || o->level > PB_ORG_PRIMARY)
		return pb_fail(err, PB_INPUT_INVALID, "level: regional, local or primary");
	if (o->parent == 0)
		return PB_OK;
	s = pb_register_organisation(reg, o->parent, &parent, err);
	if (s != PB_OK)
		return pb_wrap(err, s, "parent");
	if (parent.level >= o->level)
		return pb_fail(err, PB_INPUT_INVALID, "parent: it is not of a higher level");
	return PB_OK;
}

static enum pb_status check_text(const char *field, const char *text, size_t max, struct pb_err *err)
{
	if (!pb_text_valid(pb_view_text(text)))
		return pb_fail(err, PB_INPUT_INVALID, "%s: not text in UTF-8", field);
	if (pb_text_length(text) > max)
		return pb_fail(err, PB_INPUT_INVALID, "%s: longer than %zu letters", field, max);
	return PB_OK;
}

static enum pb_status check_organisation(struct pb_register *reg, const struct pb_organisation *o, struct pb_err *err)
{
	enum pb_status s = check_text("name", o->name, PB_TITLE_LETTERS, err);

	if (s == PB_OK)
		s = check_text("short name", o->short_name, PB_TITLE_LETTERS, err);
	if (s == PB_OK)
		s = check_text("code", o->code, PB_CODE_CAP - 1, err);
	if (s == PB_OK && o->name[0] == '\0')
		s = pb_fail(err, PB_INPUT_INVALID, "name: missing");
	return s == PB_OK ? check_place(reg, o, err) : s;
}

static void bind_or_null(struct pb_query *q, int position, int64_t id)
{
	if (id == 0)
		pb_bind_null(q, position);
	else
		pb_bind_int(q, position, id);
}

enum pb_status pb_register_add_organisation(struct pb_register *reg, const struct pb_organisation *organisation,
					    int64_t *ret_id, struct pb_err *err)
{
	static const char sql[] = "INSERT INTO organisation(parent, level, code, name, short_name, folded_name, folded_short)"
				  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
	char folded[PB_TITLE_CAP], folded_short[PB_TITLE_CAP];
	PB_QUERY q = { 0 };
	enum pb_status s = check_organisation(reg, organisation, err);

	if (s == PB_OK)
		s = pb_query(reg->store, sql, &q, err);
	if (s != PB_OK)
		return s;
	if (!pb_text_fold(organisation->name, folded, sizeof(folded)) ||
	    !pb_text_fold(organisation->short_name, folded_short, sizeof(folded_short)))
		return pb_fail(err, PB_INPUT_INVALID, "name: too long");
	bind_or_null(&q, 1, organisation->parent);
	pb_bind_int(&q, 2, organisation->level);
	pb_bind_text(&q, 3, organisation->code[0] != '\0' ? organisation->code : NULL);
	pb_bind_text(&q, 4, organisation->name);
	pb_bind_text(&q, 5, organisation->short_name);
	pb_bind_text(&q, 6, folded);
	pb_bind_text(&q, 7, folded_short);
	s = pb_query_run(&q, err);
	if (s == PB_CONFLICT)
		return pb_fail(err, s, "an organisation of this code, or of this name in the same place, is there");
	if (s == PB_OK)
		*ret_id = pb_store_last_id(reg->store);
	return s;
}

enum pb_status pb_register_find_organisation(struct pb_register *reg, const char *what,
					     struct pb_organisation *ret_organisation, struct pb_err *err)
{
	static const char sql[] = "SELECT " COLUMNS " FROM organisation"
				  " WHERE code = ?1 OR folded_name = ?2 OR folded_short = ?2"
				  " ORDER BY code IS ?1 DESC, folded_name = ?2 DESC LIMIT 2";
	struct pb_organisation first;
	char folded[PB_TITLE_CAP];
	PB_QUERY q = { 0 };
	bool row;
	enum pb_status s;

	if (!pb_text_fold(what, folded, sizeof(folded)) || folded[0] == '\0')
		return pb_fail(err, PB_NOT_FOUND, "organisation: no such name");
	s = pb_query(reg->store, sql, &q, err);
	if (s != PB_OK)
		return s;
	pb_bind_text(&q, 1, what);
	pb_bind_text(&q, 2, folded);
	s = pb_query_step(&q, &row, err);
	if (s == PB_OK && !row)
		return pb_fail(err, PB_NOT_FOUND, "organisation: no such code or name");
	if (s == PB_OK)
		s = read_row(&q, &first, err);
	/* The code is unique, so it settles the matter whatever else is named so. */
	if (s == PB_OK && strcmp(first.code, what) != 0)
		s = pb_query_step(&q, &row, err);
	else
		row = false;
	if (s == PB_OK && row)
		return pb_fail(err, PB_CONFLICT, "organisation: several have this name");
	if (s == PB_OK)
		*ret_organisation = first;
	return s;
}

enum pb_status pb_register_each_organisation(
	struct pb_register *reg,
	enum pb_status (*each)(void *ctx, const struct pb_organisation *organisation, struct pb_err *err), void *ctx,
	struct pb_err *err)
{
	static const char sql[] = "SELECT " COLUMNS " FROM organisation ORDER BY folded_name, id";
	struct pb_organisation organisation;
	PB_QUERY q = { 0 };
	bool row = true;
	enum pb_status s = pb_query(reg->store, sql, &q, err);

	while (s == PB_OK) {
		s = pb_query_step(&q, &row, err);
		if (s != PB_OK || !row)
			break;
		s = read_row(&q, &organisation, err);
		if (s == PB_OK)
			s = each(ctx, &organisation, err);
	}
	return s;
}
