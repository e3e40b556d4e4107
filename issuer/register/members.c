/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Members: adding with a minted number, changing with a dated event, and the ways to find them.
 */
#include <string.h>

#include "base/text.h"
#include "issuer/register/internal.h"

#define COLUMNS                                                                                             \
	"m.id, m.number, m.surname, m.name, m.patronymic, m.sex, m.status, m.born, m.joined, m.organisation, " \
	"m.position, m.phone, m.email, p.format, p.taken"
#define FROM " FROM member m LEFT JOIN photo p ON p.member = m.id "

bool register_search_key(const struct pb_member *member, char ret_key[static SEARCH_CAP])
{
	char whole[SEARCH_CAP];
	struct pb_writer out = pb_writer(whole, sizeof(whole));
	struct pb_view view;

	pb_put_view(&out, pb_view_text(member->surname));
	pb_put_u8(&out, ' ');
	pb_put_view(&out, pb_view_text(member->name));
	pb_put_u8(&out, ' ');
	pb_put_view(&out, pb_view_text(member->patronymic));
	pb_put_u8(&out, '\0');
	return pb_writer_view(&out, &view) && pb_text_fold(whole, ret_key, SEARCH_CAP);
}

static bool read_date(const struct pb_query *q, int column, struct pb_date *ret_date)
{
	char text[11];

	if (pb_column_is_null(q, column)) {
		*ret_date = (struct pb_date){ 0 };
		return true;
	}
	return pb_column_text(q, column, text, sizeof(text)) && pb_date_parse(text, ret_date);
}

static enum pb_status read_row(const struct pb_query *q, struct pb_member *m, struct pb_err *err)
{
	m->id = pb_column_int(q, 0);
	m->sex = (enum pb_sex)pb_column_int(q, 5);
	m->status = (enum pb_member_status)pb_column_int(q, 6);
	m->organisation = pb_column_int(q, 9);
	m->photo = (enum pb_photo_format)pb_column_int(q, 13);
	if (!pb_column_text(q, 1, m->number, sizeof(m->number)) ||
	    !pb_column_text(q, 2, m->surname, sizeof(m->surname)) || !pb_column_text(q, 3, m->name, sizeof(m->name)) ||
	    !pb_column_text(q, 4, m->patronymic, sizeof(m->patronymic)) || !read_date(q, 7, &m->born) ||
	    !read_date(q, 8, &m->joined) || !pb_column_text(q, 10, m->position, sizeof(m->position)) ||
	    !pb_column_text(q, 11, m->phone, sizeof(m->phone)) || !pb_column_text(q, 12, m->email, sizeof(m->email)) ||
	    !read_date(q, 14, &m->photo_date))
		return pb_fail(err, PB_LEDGER_CORRUPT, "member %lld: a field cannot be read", (long long)m->id);
	return PB_OK;
}

/* The next row of a query that selects COLUMNS; PB_NOT_FOUND when there is none. */
static enum pb_status read_one(struct pb_query *q, struct pb_member *ret_member, struct pb_err *err)
{
	struct pb_member member;
	bool row;
	enum pb_status s = pb_query_step(q, &row, err);

	if (s == PB_OK && !row)
		s = pb_fail(err, PB_NOT_FOUND, "member");
	if (s == PB_OK)
		s = read_row(q, &member, err);
	if (s == PB_OK)
		*ret_member = member;
	return s;
}

enum pb_status pb_register_member(struct pb_register *reg, int64_t id, struct pb_member *ret_member, struct pb_err *err)
{
	static const char sql[] = "SELECT " COLUMNS FROM "WHERE m.id = ?1";
	PB_QUERY q = { 0 };
	enum pb_status s = pb_query(reg->store, sql, &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, id);
	return read_one(&q, ret_member, err);
}

enum pb_status pb_register_find_member(struct pb_register *reg, const char *number, struct pb_member *ret_member,
				       struct pb_err *err)
{
	static const char sql[] = "SELECT " COLUMNS FROM "WHERE m.number = ?1";
	PB_QUERY q = { 0 };
	enum pb_status s = pb_query(reg->store, sql, &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_text(&q, 1, number);
	return read_one(&q, ret_member, err);
}

static enum pb_status find_keyed(struct pb_register *reg, const char *sql, struct pb_date born, const char *key,
				 struct pb_member *ret_member, bool *ret_found, struct pb_err *err)
{
	char date[11];
	PB_QUERY q = { 0 };
	enum pb_status s = pb_query(reg->store, sql, &q, err);

	if (s != PB_OK)
		return s;
	pb_date_format_iso(born, date);
	pb_bind_text(&q, 1, date);
	pb_bind_text(&q, 2, key);
	s = pb_query_step(&q, ret_found, err);
	return s == PB_OK && *ret_found ? read_row(&q, ret_member, err) : s;
}

enum pb_status register_find_person(struct pb_register *reg, const struct pb_member *like, struct pb_member *ret_member,
				    bool *ret_found, struct pb_err *err)
{
	/* Both walk the index member_person.  "!" is the character after the space. */
	static const char same[] = "SELECT " COLUMNS FROM "WHERE m.born = ?1 AND m.search = ?2 ORDER BY m.id LIMIT 1";
	static const char longer[] = "SELECT " COLUMNS FROM "WHERE m.born = ?1 AND m.search > ?2 || ' ' AND"
				     " m.search < ?2 || '!' ORDER BY m.search, m.id LIMIT 1";
	struct pb_member without = *like;
	char key[SEARCH_CAP], short_key[SEARCH_CAP];
	enum pb_status s;

	without.patronymic[0] = '\0';
	if (!register_search_key(like, key) || !register_search_key(&without, short_key))
		return pb_fail(err, PB_INPUT_INVALID, "name: too long");
	s = find_keyed(reg, same, like->born, key, ret_member, ret_found, err);
	if (s != PB_OK || *ret_found)
		return s;
	/* One of the two has no patronymic. */
	return find_keyed(reg, like->patronymic[0] != '\0' ? same : longer, like->born, short_key, ret_member, ret_found, err);
}

static enum pb_status check_name(const char *field, const char *text, size_t max, bool required, struct pb_err *err)
{
	if (required && text[0] == '\0')
		return pb_fail(err, PB_INPUT_INVALID, "%s: missing", field);
	if (!pb_text_valid(pb_view_text(text)))
		return pb_fail(err, PB_INPUT_INVALID, "%s: not text in UTF-8", field);
	if (pb_text_length(text) > max)
		return pb_fail(err, PB_INPUT_INVALID, "%s: longer than %zu letters", field, max);
	return PB_OK;
}

static enum pb_status check_member(const struct pb_member *m, struct pb_err *err)
{
	enum pb_status s = check_name("surname", m->surname, PB_NAME_LETTERS, true, err);

	if (s == PB_OK)
		s = check_name("name", m->name, PB_NAME_LETTERS, true, err);
	if (s == PB_OK)
		s = check_name("patronymic", m->patronymic, PB_NAME_LETTERS, false, err);
	if (s == PB_OK)
		s = check_name("position", m->position, PB_TITLE_LETTERS, false, err);
	if (s != PB_OK)
		return s;
	if (!pb_date_valid(m->born))
		return pb_fail(err, PB_INPUT_INVALID, "birth date: missing");
	if (m->joined.year != 0 && !pb_date_valid(m->joined))
		return pb_fail(err, PB_INPUT_INVALID, "joining date: no such date");
	if (m->status < PB_MEMBER_ACTIVE || m->status > PB_MEMBER_EXCLUDED)
		return pb_fail(err, PB_INPUT_INVALID, "status: none of the four");
	return PB_OK;
}

/* What one INSERT or UPDATE borrows until it has run. */
struct texts {
	char search[SEARCH_CAP], born[11], joined[11];
};

static enum pb_status bind_member(struct pb_query *q, const struct pb_member *m, struct texts *texts, struct pb_err *err)
{
	if (!register_search_key(m, texts->search))
		return pb_fail(err, PB_INPUT_INVALID, "name: too long");
	pb_date_format_iso(m->born, texts->born);
	pb_bind_text(q, 2, m->surname);
	pb_bind_text(q, 3, m->name);
	pb_bind_text(q, 4, m->patronymic);
	pb_bind_text(q, 5, texts->search);
	pb_bind_int(q, 6, m->sex);
	pb_bind_int(q, 7, m->status);
	pb_bind_text(q, 8, texts->born);
	pb_bind_int(q, 10, m->organisation);
	pb_bind_text(q, 11, m->position);
	pb_bind_text(q, 12, m->phone);
	pb_bind_text(q, 13, m->email);
	if (m->joined.year != 0) {
		pb_date_format_iso(m->joined, texts->joined);
		pb_bind_text(q, 9, texts->joined);
	} else {
		pb_bind_null(q, 9);
	}
	return PB_OK;
}

/* The statistics ask who was a member, of which organisation and as what, on a day. */
static enum pb_status add_event(struct pb_register *reg, const struct pb_member *m, struct pb_err *err)
{
	static const char sql[] = "INSERT INTO member_event(member, ordinal, at, status, organisation, position) VALUES"
				  " (?1, (SELECT ifnull(max(ordinal), 0) + 1 FROM member_event WHERE member = ?1),"
				  " ?2, ?3, ?4, ?5)";
	PB_QUERY q = { 0 };
	enum pb_status s = pb_query(reg->store, sql, &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, m->id);
	pb_bind_int(&q, 2, pb_clock_now(&reg->clock));
	pb_bind_int(&q, 3, m->status);
	pb_bind_int(&q, 4, m->organisation);
	pb_bind_text(&q, 5, m->position);
	return pb_query_run(&q, err);
}

static void bind_range(struct pb_query *q, const struct pb_register *reg)
{
	pb_bind_text(q, 1, reg->rule.prefix);
	pb_bind_int(q, 2, reg->rule.digits > 0 ? reg->rule.digits : PB_MEMBER_NUMBER_DIGITS);
}

/* The next unused place of the office's range. */
static enum pb_status read_next(struct pb_register *reg, int64_t *ret_next, struct pb_err *err)
{
	static const char sql[] = "SELECT next FROM number_range WHERE prefix = ?1 AND digits = ?2";
	PB_QUERY q = { 0 };
	bool row;
	enum pb_status s = pb_query(reg->store, sql, &q, err);

	if (s != PB_OK)
		return s;
	bind_range(&q, reg);
	s = pb_query_step(&q, &row, err);
	if (s == PB_OK)
		*ret_next = row ? pb_column_int(&q, 0) : 1;
	return s;
}

/* Two statements and not one with RETURNING, for which SQLite makes a table in memory each time. */
static enum pb_status mint(struct pb_register *reg, char ret_number[static PB_MEMBER_NUMBER_CAP], struct pb_err *err)
{
	static const char sql[] = "INSERT INTO number_range(prefix, digits, next) VALUES (?1, ?2, ?3)"
				  " ON CONFLICT(prefix, digits) DO UPDATE SET next = ?3";
	int64_t next = 0;
	PB_QUERY q = { 0 };
	enum pb_status s = read_next(reg, &next, err);

	if (s == PB_OK)
		s = pb_member_number_make(&reg->rule, next, ret_number, err);
	if (s == PB_OK)
		s = pb_query(reg->store, sql, &q, err);
	if (s != PB_OK)
		return s;
	bind_range(&q, reg);
	pb_bind_int(&q, 3, next + 1);
	return pb_query_run(&q, err);
}

static enum pb_status insert(struct pb_register *reg, struct pb_member *m, struct pb_err *err)
{
	static const char sql[] = "INSERT INTO member(number, surname, name, patronymic, search, sex, status, born, joined,"
				  " organisation, position, phone, email)"
				  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
	struct texts texts;
	PB_QUERY q = { 0 };
	enum pb_status s = pb_query(reg->store, sql, &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_text(&q, 1, m->number);
	s = bind_member(&q, m, &texts, err);
	if (s == PB_OK)
		s = pb_query_run(&q, err);
	if (s == PB_OK)
		m->id = pb_store_last_id(reg->store);
	return s;
}

static enum pb_status insert_minting(struct pb_register *reg, struct pb_member *m, struct pb_err *err)
{
	struct pb_member holder;
	enum pb_status s;

	/* A list may have brought numbers of our own range: those are stepped over, one by one. */
	do {
		s = mint(reg, m->number, err);
		if (s != PB_OK)
			return s;
		s = insert(reg, m, err);
	} while (s == PB_CONFLICT && pb_register_find_member(reg, m->number, &holder, NULL) == PB_OK);
	return s;
}

static enum pb_status insert_numbered(struct pb_register *reg, struct pb_member *m, struct pb_err *err)
{
	enum pb_status s = pb_member_number_parse(m->number, &reg->rule, m->number, err);

	if (s == PB_OK)
		s = insert(reg, m, err);
	if (s == PB_CONFLICT)
		return pb_fail(err, s, "the member number is taken");
	return s;
}

static enum pb_status check_organisation(struct pb_register *reg, int64_t id, struct pb_err *err)
{
	static const char sql[] = "SELECT 1 FROM organisation WHERE id = ?1";
	PB_QUERY q = { 0 };
	bool row;
	enum pb_status s = pb_query(reg->store, sql, &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, id);
	s = pb_query_step(&q, &row, err);
	return s == PB_OK && !row ? pb_fail(err, PB_NOT_FOUND, "organisation %lld", (long long)id) : s;
}

enum pb_status pb_register_add_member(struct pb_register *reg, const struct pb_member *member,
				      struct pb_member *ret_stored, struct pb_err *err)
{
	struct pb_member m = *member;
	enum pb_status s = check_member(&m, err);

	if (s == PB_OK)
		s = check_organisation(reg, m.organisation, err);
	if (s != PB_OK)
		return s;
	m.photo = PB_PHOTO_NONE;
	m.photo_date = (struct pb_date){ 0 };
	s = m.number[0] == '\0' ? insert_minting(reg, &m, err) : insert_numbered(reg, &m, err);
	if (s == PB_OK)
		s = add_event(reg, &m, err);
	if (s == PB_OK)
		*ret_stored = m;
	return s;
}

static enum pb_status update(struct pb_register *reg, const struct pb_member *m, struct pb_err *err)
{
	static const char sql[] = "UPDATE member SET surname = ?2, name = ?3, patronymic = ?4, search = ?5, sex = ?6,"
				  " status = ?7, born = ?8, joined = ?9, organisation = ?10, position = ?11,"
				  " phone = ?12, email = ?13 WHERE id = ?1";
	struct texts texts;
	PB_QUERY q = { 0 };
	enum pb_status s = pb_query(reg->store, sql, &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, m->id);
	s = bind_member(&q, m, &texts, err);
	return s == PB_OK ? pb_query_run(&q, err) : s;
}

enum pb_status pb_register_change_member(struct pb_register *reg, const struct pb_member *member, struct pb_err *err)
{
	struct pb_member before;
	enum pb_status s = check_member(member, err);

	if (s == PB_OK)
		s = check_organisation(reg, member->organisation, err);
	if (s == PB_OK)
		s = pb_register_member(reg, member->id, &before, err);
	if (s == PB_OK)
		s = update(reg, member, err);
	if (s != PB_OK)
		return s;
	if (before.status == member->status && before.organisation == member->organisation &&
	    strcmp(before.position, member->position) == 0)
		return PB_OK;
	return add_event(reg, member, err);
}

#define MATCHES "m.search >= ?1 AND m.search < ?1 || char(1114111) AND m.status <= ?2"
#define IN_TREE                                                                                               \
	" AND m.organisation IN (WITH RECURSIVE tree(id) AS (SELECT ?3 UNION SELECT o.id FROM organisation o" \
	" JOIN tree ON o.parent = tree.id) SELECT id FROM tree)"

static enum pb_status open_list(struct pb_register *reg, const struct pb_member_filter *filter, const char *all,
				const char *in_tree, char *key, size_t cap, struct pb_query *ret_query, struct pb_err *err)
{
	enum pb_status s;

	if (!pb_text_fold(filter->name ? filter->name : "", key, cap))
		return pb_fail(err, PB_INPUT_INVALID, "name: too long or not text");
	s = pb_query(reg->store, filter->organisation != 0 ? in_tree : all, ret_query, err);
	if (s != PB_OK)
		return s;
	pb_bind_text(ret_query, 1, key);
	pb_bind_int(ret_query, 2, filter->with_inactive ? PB_MEMBER_EXCLUDED : PB_MEMBER_SUSPENDED);
	if (filter->organisation != 0)
		pb_bind_int(ret_query, 3, filter->organisation);
	return PB_OK;
}

enum pb_status pb_register_each_member(struct pb_register *reg, const struct pb_member_filter *filter,
				       enum pb_status (*each)(void *ctx, const struct pb_member *member, struct pb_err *err),
				       void *ctx, struct pb_err *err)
{
	static const char all[] = "SELECT " COLUMNS FROM "WHERE " MATCHES " ORDER BY m.search, m.id";
	static const char in_tree[] = "SELECT " COLUMNS FROM "WHERE " MATCHES IN_TREE " ORDER BY m.search, m.id";
	struct pb_member member;
	char key[SEARCH_CAP];
	PB_QUERY q = { 0 };
	bool row;
	enum pb_status s = open_list(reg, filter, all, in_tree, key, sizeof(key), &q, err);

	while (s == PB_OK) {
		s = pb_query_step(&q, &row, err);
		if (s != PB_OK || !row)
			break;
		s = read_row(&q, &member, err);
		if (s == PB_OK)
			s = each(ctx, &member, err);
	}
	return s;
}

enum pb_status pb_register_count_members(struct pb_register *reg, const struct pb_member_filter *filter,
					 int64_t *ret_count, struct pb_err *err)
{
	static const char all[] = "SELECT count(*) FROM member m WHERE " MATCHES;
	static const char in_tree[] = "SELECT count(*) FROM member m WHERE " MATCHES IN_TREE;
	char key[SEARCH_CAP];
	PB_QUERY q = { 0 };
	bool row;
	enum pb_status s = open_list(reg, filter, all, in_tree, key, sizeof(key), &q, err);

	if (s == PB_OK)
		s = pb_query_step(&q, &row, err);
	if (s == PB_OK)
		*ret_count = pb_column_int(&q, 0);
	return s;
}
