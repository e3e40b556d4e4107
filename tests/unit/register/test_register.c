/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/register/register: the tree, the members and their numbers, finding and listing, photos, events.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "office.h"

static int64_t add_organisation(struct office *office, int64_t parent, enum pb_org_level level, const char *code,
				const char *name)
{
	struct pb_organisation organisation = { .parent = parent, .level = level };
	int64_t id = 0;

	snprintf(organisation.code, sizeof(organisation.code), "%s", code);
	snprintf(organisation.name, sizeof(organisation.name), "%s", name);
	assert_int_equal(pb_register_add_organisation(office->reg, &organisation, &id, NULL), PB_OK);
	return id;
}

static struct pb_member person(int64_t organisation, const char *surname, const char *name)
{
	struct pb_member member = { .organisation = organisation, .status = PB_MEMBER_ACTIVE, .born = { 1980, 2, 1 } };

	snprintf(member.surname, sizeof(member.surname), "%s", surname);
	snprintf(member.name, sizeof(member.name), "%s", name);
	return member;
}

static struct pb_member add_person(struct office *office, int64_t organisation, const char *surname, const char *name)
{
	struct pb_member member = person(organisation, surname, name), stored = { 0 };

	assert_int_equal(pb_register_add_member(office->reg, &member, &stored, NULL), PB_OK);
	return stored;
}

/* Most tests change something: they run inside one transaction. */
static int setup(void **state)
{
	if (office_setup(state) != 0)
		return -1;
	return pb_store_begin(((struct office *)*state)->store, NULL) == PB_OK ? 0 : -1;
}

static int teardown(void **state)
{
	pb_store_rollback(((struct office *)*state)->store);
	return office_teardown(state);
}

/* ---- organisations */

static void organisations_form_a_tree(void **state)
{
	struct office *office = *state;
	int64_t region = add_organisation(office, 0, PB_ORG_REGIONAL, "75", "Край");
	int64_t local = add_organisation(office, region, PB_ORG_LOCAL, "75-01", "Город");
	int64_t primary = add_organisation(office, local, PB_ORG_PRIMARY, "75-01-14", "Школа № 14");
	struct pb_organisation wrong = { .parent = primary, .level = PB_ORG_LOCAL, .name = "Район" }, found;

	assert_int_equal(pb_register_add_organisation(office->reg, &wrong, &primary, NULL), PB_INPUT_INVALID);
	wrong.parent = 999;
	assert_int_equal(pb_register_add_organisation(office->reg, &wrong, &primary, NULL), PB_NOT_FOUND);
	assert_int_equal(pb_register_find_organisation(office->reg, "75-01-14", &found, NULL), PB_OK);
	assert_int_equal(found.id, primary);
	assert_int_equal(found.parent, local);
	assert_int_equal(pb_register_find_organisation(office->reg, " школа  № 14", &found, NULL), PB_OK);
	assert_int_equal(found.id, primary);
	assert_int_equal(pb_register_find_organisation(office->reg, "Школа № 15", &found, NULL), PB_NOT_FOUND);
}

static void one_name_in_one_place_and_several_elsewhere(void **state)
{
	struct office *office = *state;
	int64_t a = add_organisation(office, 0, PB_ORG_LOCAL, "1", "Район А");
	int64_t b = add_organisation(office, 0, PB_ORG_LOCAL, "2", "Район Б");
	struct pb_organisation again = { .parent = a, .level = PB_ORG_PRIMARY, .name = "ШКОЛА" }, found;
	int64_t id;

	add_organisation(office, a, PB_ORG_PRIMARY, "1-1", "Школа");
	assert_int_equal(pb_register_add_organisation(office->reg, &again, &id, NULL), PB_CONFLICT);
	add_organisation(office, b, PB_ORG_PRIMARY, "2-1", "Школа");
	assert_int_equal(pb_register_find_organisation(office->reg, "Школа", &found, NULL), PB_CONFLICT);
	assert_int_equal(pb_register_find_organisation(office->reg, "2-1", &found, NULL), PB_OK);
	assert_int_equal(found.parent, b);
}

enum { LISTED = 256 };

static void append(char *list, const char *name)
{
	size_t n = strlen(list);

	assert_true(snprintf(list + n, LISTED - n, "%s;", name) < (int)(LISTED - n));
}

static enum pb_status gather_names(void *ctx, const struct pb_organisation *organisation, struct pb_err *err)
{
	(void)err;
	append(ctx, organisation->name);
	return PB_OK;
}

static void organisations_are_walked_by_name(void **state)
{
	struct office *office = *state;
	char names[LISTED] = "";

	add_organisation(office, 0, PB_ORG_PRIMARY, "", "школа б");
	add_organisation(office, 0, PB_ORG_PRIMARY, "", "Школа А");
	assert_int_equal(pb_register_each_organisation(office->reg, gather_names, names, NULL), PB_OK);
	assert_string_equal(names, "Школа А;школа б;");
}

/* ---- members */

static void members_get_numbers_of_the_offices_range(void **state)
{
	struct office *office = *state;
	int64_t school = add_organisation(office, 0, PB_ORG_PRIMARY, "", "Школа");
	struct pb_member first = add_person(office, school, "Иванова", "Анна"), second, brought, found;

	second = add_person(office, school, "Петров", "Олег");
	assert_string_equal(first.number, "9643907500000013");
	assert_string_equal(second.number, "9643907500000021");
	assert_int_equal(pb_register_find_member(office->reg, second.number, &found, NULL), PB_OK);
	assert_memory_equal(&found.born, &second.born, sizeof(found.born));
	assert_string_equal(found.surname, "Петров");
	assert_int_equal(pb_register_find_member(office->reg, "9643907500009999", &found, NULL), PB_NOT_FOUND);
	/* A number that came from outside is stepped over when its turn comes. */
	brought = person(school, "Сидоров", "Пётр");
	assert_int_equal(pb_member_number_make(pb_register_rule(office->reg), 3, brought.number, NULL), PB_OK);
	assert_int_equal(pb_register_add_member(office->reg, &brought, &brought, NULL), PB_OK);
	assert_int_equal(pb_member_number_sequence(add_person(office, school, "Яшин", "Лев").number, pb_register_rule(office->reg)),
			 4);
	assert_int_equal(pb_register_add_member(office->reg, &brought, &found, NULL), PB_CONFLICT);
	brought.number[15] ^= 1;
	assert_int_equal(pb_register_add_member(office->reg, &brought, &found, NULL), PB_CHECK_DIGIT);
}

static void what_a_member_needs_is_asked_for(void **state)
{
	struct office *office = *state;
	int64_t school = add_organisation(office, 0, PB_ORG_PRIMARY, "", "Школа");
	struct pb_member member = person(school, "", "Анна"), stored;

	assert_int_equal(pb_register_add_member(office->reg, &member, &stored, NULL), PB_INPUT_INVALID);
	member = person(school, "Иванова\x1B", "Анна");
	assert_int_equal(pb_register_add_member(office->reg, &member, &stored, NULL), PB_INPUT_INVALID);
	member = person(school + 1, "Иванова", "Анна");
	assert_int_equal(pb_register_add_member(office->reg, &member, &stored, NULL), PB_NOT_FOUND);
	member = person(school, "Иванова", "Анна");
	member.born = (struct pb_date){ 0 };
	assert_int_equal(pb_register_add_member(office->reg, &member, &stored, NULL), PB_INPUT_INVALID);
}

static int64_t events_of(struct office *office, int64_t member)
{
	static const char sql[] = "SELECT count(*) FROM member_event WHERE member = ?1";
	PB_QUERY q = { 0 };
	bool row;

	assert_int_equal(pb_query(office->store, sql, &q, NULL), PB_OK);
	pb_bind_int(&q, 1, member);
	assert_int_equal(pb_query_step(&q, &row, NULL), PB_OK);
	return pb_column_int(&q, 0);
}

static void what_statistics_ask_for_is_kept_as_events(void **state)
{
	struct office *office = *state;
	int64_t school = add_organisation(office, 0, PB_ORG_PRIMARY, "", "Школа");
	struct pb_member member = add_person(office, school, "Иванова", "Анна"), found;

	assert_int_equal(events_of(office, member.id), 1);
	snprintf(member.phone, sizeof(member.phone), "+79141234567");
	assert_int_equal(pb_register_change_member(office->reg, &member, NULL), PB_OK);
	assert_int_equal(events_of(office, member.id), 1);
	snprintf(member.position, sizeof(member.position), "завуч");
	assert_int_equal(pb_register_change_member(office->reg, &member, NULL), PB_OK);
	member.status = PB_MEMBER_LEFT;
	assert_int_equal(pb_register_change_member(office->reg, &member, NULL), PB_OK);
	assert_int_equal(events_of(office, member.id), 3);
	assert_int_equal(pb_register_member(office->reg, member.id, &found, NULL), PB_OK);
	assert_string_equal(found.phone, "+79141234567");
	assert_int_equal(found.status, PB_MEMBER_LEFT);
	member.id = 999;
	assert_int_equal(pb_register_change_member(office->reg, &member, NULL), PB_NOT_FOUND);
}

static enum pb_status gather_surnames(void *ctx, const struct pb_member *member, struct pb_err *err)
{
	(void)err;
	append(ctx, member->surname);
	return PB_OK;
}

static void assert_listed(struct office *office, struct pb_member_filter filter, const char *surnames)
{
	char names[LISTED] = "";
	int64_t count, listed = 0;

	assert_int_equal(pb_register_each_member(office->reg, &filter, gather_surnames, names, NULL), PB_OK);
	assert_string_equal(names, surnames);
	assert_int_equal(pb_register_count_members(office->reg, &filter, &count, NULL), PB_OK);
	for (const char *p = names; *p != '\0'; p++)
		listed += *p == ';';
	assert_int_equal(count, listed);
}

static void members_are_found_by_name_and_place(void **state)
{
	struct office *office = *state;
	int64_t city = add_organisation(office, 0, PB_ORG_LOCAL, "", "Город");
	int64_t a = add_organisation(office, city, PB_ORG_PRIMARY, "", "Школа А");
	int64_t b = add_organisation(office, 0, PB_ORG_PRIMARY, "", "Школа Б");
	struct pb_member gone;

	add_person(office, a, "Семёнова", "Алёна");
	add_person(office, b, "Семенихин", "Олег");
	gone = add_person(office, a, "Яшин", "Лев");
	gone.status = PB_MEMBER_LEFT;
	assert_int_equal(pb_register_change_member(office->reg, &gone, NULL), PB_OK);
	assert_listed(office, (struct pb_member_filter){ 0 }, "Семенихин;Семёнова;");
	assert_listed(office, (struct pb_member_filter){ .with_inactive = true }, "Семенихин;Семёнова;Яшин;");
	assert_listed(office, (struct pb_member_filter){ .name = "СЕМЁН" }, "Семенихин;Семёнова;");
	assert_listed(office, (struct pb_member_filter){ .name = "семенова  алена" }, "Семёнова;");
	assert_listed(office, (struct pb_member_filter){ .organisation = city }, "Семёнова;");
	assert_listed(office, (struct pb_member_filter){ .organisation = city, .with_inactive = true }, "Семёнова;Яшин;");
	assert_listed(office, (struct pb_member_filter){ .name = "%" }, "");
}

/* ---- photos */

static void a_photo_is_kept_as_it_came(void **state)
{
	static const uint8_t jpeg[] = { 0xFF, 0xD8, 0xFF, 0xE0, 0, 1, 2 }, gif[] = "GIF89a..";
	static uint8_t large[PB_PHOTO_MAX + 1] = { 0xFF, 0xD8, 0xFF };
	struct office *office = *state;
	struct pb_member member = add_person(office, add_organisation(office, 0, PB_ORG_PRIMARY, "", "Школа"), "Ли", "Ян");
	struct pb_date day = { 2026, 9, 1 };
	uint8_t *bytes;
	size_t n;

	assert_int_equal(pb_register_photo(office->reg, member.id, &bytes, &n, NULL), PB_PHOTO_MISSING);
	assert_int_equal(pb_register_set_photo(office->reg, member.id, PB_VIEW(gif), day, NULL), PB_PHOTO_INVALID);
	assert_int_equal(pb_register_set_photo(office->reg, member.id, pb_view(NULL, 0), day, NULL), PB_PHOTO_INVALID);
	assert_int_equal(pb_register_set_photo(office->reg, member.id, PB_VIEW(large), day, NULL), PB_INPUT_TOO_LARGE);
	assert_int_equal(pb_register_set_photo(office->reg, 999, PB_VIEW(jpeg), day, NULL), PB_NOT_FOUND);
	assert_int_equal(pb_register_set_photo(office->reg, member.id, PB_VIEW(jpeg), day, NULL), PB_OK);
	assert_int_equal(pb_register_photo(office->reg, member.id, &bytes, &n, NULL), PB_OK);
	assert_int_equal(n, sizeof(jpeg));
	assert_memory_equal(bytes, jpeg, n);
	free(bytes);
	assert_int_equal(pb_register_member(office->reg, member.id, &member, NULL), PB_OK);
	assert_int_equal(member.photo, PB_PHOTO_JPEG);
	assert_int_equal(pb_date_compare(member.photo_date, day), 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(organisations_form_a_tree),
		CASE(one_name_in_one_place_and_several_elsewhere),
		CASE(organisations_are_walked_by_name),
		CASE(members_get_numbers_of_the_offices_range),
		CASE(what_a_member_needs_is_asked_for),
		CASE(what_statistics_ask_for_is_kept_as_events),
		CASE(members_are_found_by_name_and_place),
		CASE(a_photo_is_kept_as_it_came),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
