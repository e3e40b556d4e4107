/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Drafts become members: recognise, compare, add or change, report.  A dry run is the same work in one
 * transaction that is rolled back, so that it cannot say anything else than the real one would do.
 */
#include "issuer/register/import.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "issuer/register/import_internal.h"

/* Marks a string for xgettext without translating it here. */
#define N_(text) text

enum { BATCH = 1000, KNOWN_ORGANISATIONS = 1024 };

static const struct pb_fault_row faults[PB_IMPORT_FAULT_COUNT] = {
#define PB_IMPORT_FAULT(name, kind, happened, advice) \
	[PB_IMPORT_FAULT_##name] = { #name, PB_IMPORT_FAULT_##kind, happened, advice },
#include "issuer/register/import_faults.def"
#undef PB_IMPORT_FAULT
};

const struct pb_fault_row *pb_fault_row(enum pb_import_fault fault)
{
	if ((unsigned)fault >= PB_IMPORT_FAULT_COUNT)
		PB_BUG("fault outside the table");
	return &faults[fault];
}

/* A list names few organisations in many rows: the last ones are not asked of the database again.  Each name
 * has one place, by its hash. */
struct known_organisation {
	int64_t id;
	char words[PB_TITLE_CAP];
};

struct import {
	struct pb_register *reg;
	const struct pb_import_options *options;
	struct pb_table *table;
	struct headings headings;
	struct reading reading;
	struct pb_table_row row;
	struct draft draft;
	struct pb_import_row report;
	struct pb_import_totals totals;
	struct seen seen;
	struct known_organisation known[KNOWN_ORGANISATIONS];
	bool open; /* our transaction */
};

static void note(struct import *im, enum pb_import_fault fault, enum field field, const char *value)
{
	note_fault(&im->report, &im->headings, fault, field, value, NULL);
}

static void refuse(struct import *im, enum pb_import_fault fault, enum field field, const char *value)
{
	note(im, fault, field, value);
	im->report.outcome = PB_IMPORT_REFUSED;
}

/* ---- organisations */

static size_t place_of(const char *words)
{
	uint32_t hash = 0x811C9DC5u; /* FNV-1a */

	for (; *words != '\0'; words++)
		hash = (hash ^ (uint8_t)*words) * 0x01000193u;
	return (hash ^ hash >> 16) % KNOWN_ORGANISATIONS;
}

static void remember(struct import *im, int64_t id)
{
	struct known_organisation *place = &im->known[place_of(im->draft.organisation)];

	place->id = id;
	register_copy(place->words, sizeof(place->words), im->draft.organisation);
}

static int64_t recall(const struct import *im)
{
	const struct known_organisation *place = &im->known[place_of(im->draft.organisation)];

	return place->id != 0 && strcmp(place->words, im->draft.organisation) == 0 ? place->id : 0;
}

static enum pb_status create_organisation(struct import *im, int64_t *ret_id, struct pb_err *err)
{
	struct pb_organisation primary = { .parent = im->options->parent, .level = PB_ORG_PRIMARY };
	enum pb_status s;

	register_copy(primary.name, sizeof(primary.name), im->draft.organisation);
	s = pb_register_add_organisation(im->reg, &primary, ret_id, err);
	if (s == PB_OK)
		im->totals.organisations_created++;
	return s;
}

/* Sets the draft's organisation, or refuses the row. */
static enum pb_status place_member(struct import *im, struct pb_err *err)
{
	struct pb_organisation found;
	const char *words = im->draft.organisation;
	int64_t id = words[0] == '\0' ? im->options->organisation : recall(im);
	enum pb_status s;

	if (id != 0) {
		im->draft.member.organisation = id;
		return PB_OK;
	}
	s = pb_register_find_organisation(im->reg, words, &found, err);
	if (s == PB_CONFLICT || (s == PB_NOT_FOUND && im->options->refuse_organisations)) {
		refuse(im, s == PB_CONFLICT ? PB_IMPORT_FAULT_ORGANISATION_SEVERAL : PB_IMPORT_FAULT_ORGANISATION_UNKNOWN,
		       FIELD_ORGANISATION, words);
		return PB_OK;
	}
	id = s == PB_OK ? found.id : 0;
	if (s == PB_NOT_FOUND)
		s = create_organisation(im, &id, err);
	if (s != PB_OK)
		return s;
	remember(im, id);
	im->draft.member.organisation = id;
	return PB_OK;
}

/* ---- photos */

/* Brings in the photo that the row names.  *ret_changed: the register has another one than before. */
static enum pb_status bring_photo(struct import *im, int64_t member, bool *ret_changed, struct pb_err *err)
{
	enum pb_import_fault fault;
	uint8_t *bytes = NULL;
	size_t n = 0;
	bool same = false;
	enum pb_status s;

	*ret_changed = false;
	if (im->options->photos_fd < 0 || im->draft.photo[0] == '\0')
		return PB_OK;
	s = photo_read(im->options->photos_fd, im->draft.photo, &bytes, &n, &fault, err);
	if (s != PB_OK)
		return s;
	if (fault != PB_IMPORT_FAULT_COUNT) {
		note(im, fault, FIELD_PHOTO, im->draft.photo);
		return PB_OK;
	}
	s = register_photo_is(im->reg, member, pb_view(bytes, n), &same, err);
	if (s == PB_OK && !same)
		s = pb_register_set_photo(im->reg, member, pb_view(bytes, n), im->reading.today, err);
	free(bytes);
	if (s == PB_OK && !same) {
		*ret_changed = true;
		im->totals.photos++;
	}
	return s;
}

/* ---- members */

static bool same_folded(const char *a, const char *b)
{
	char fa[PB_NAME_CAP], fb[PB_NAME_CAP];

	return pb_text_fold(a, fa, sizeof(fa)) && pb_text_fold(b, fb, sizeof(fb)) && strcmp(fa, fb) == 0;
}

static bool same_person(const struct pb_member *a, const struct pb_member *b)
{
	return pb_date_compare(a->born, b->born) == 0 || (same_folded(a->surname, b->surname) && same_folded(a->name, b->name));
}

static bool same_full_name(const struct pb_member *a, const struct pb_member *b)
{
	return same_folded(a->surname, b->surname) && same_folded(a->name, b->name) &&
	       same_folded(a->patronymic, b->patronymic);
}

/* Takes over a text that says something else; an empty one says nothing. */
static bool take_text(char *kept, size_t cap, const char *said)
{
	if (said[0] == '\0' || strcmp(kept, said) == 0)
		return false;
	register_copy(kept, cap, said);
	return true;
}

/* Two lists may spell one name with ё and with е: only another name is a change. */
static bool take_name(char kept[static PB_NAME_CAP], const char *said)
{
	return !same_folded(kept, said) && take_text(kept, PB_NAME_CAP, said);
}

static bool take_date(struct pb_date *kept, struct pb_date said)
{
	if (said.year == 0 || pb_date_compare(*kept, said) == 0)
		return false;
	*kept = said;
	return true;
}

/* True when the row says anything that the register does not know yet. */
static bool merge(struct pb_member *kept, const struct pb_member *said)
{
	bool changed = take_name(kept->surname, said->surname);

	changed |= take_name(kept->name, said->name);
	changed |= take_name(kept->patronymic, said->patronymic);
	changed |= take_date(&kept->born, said->born);
	changed |= take_date(&kept->joined, said->joined);
	changed |= take_text(kept->position, sizeof(kept->position), said->position);
	changed |= take_text(kept->phone, sizeof(kept->phone), said->phone);
	changed |= take_text(kept->email, sizeof(kept->email), said->email);
	if (said->sex != PB_SEX_UNKNOWN && said->sex != kept->sex) {
		kept->sex = said->sex;
		changed = true;
	}
	if (said->organisation != kept->organisation) {
		kept->organisation = said->organisation;
		changed = true;
	}
	return changed;
}

static enum pb_status remember_member(struct import *im, int64_t member, struct pb_err *err)
{
	struct seen_entry entry = { .member = member, .row = im->row.row, .fingerprint = im->draft.fingerprint };

	im->report.member = member;
	return seen_add(&im->seen, entry, err);
}

static enum pb_status add(struct import *im, struct pb_err *err)
{
	struct pb_member stored;
	bool changed;
	enum pb_status s = pb_register_add_member(im->reg, &im->draft.member, &stored, err);

	if (s == PB_OK)
		s = bring_photo(im, stored.id, &changed, err);
	im->report.outcome = PB_IMPORT_ADDED;
	return s == PB_OK ? remember_member(im, stored.id, err) : s;
}

static enum pb_status change(struct import *im, struct pb_member *existing, struct pb_err *err)
{
	bool changed = merge(existing, &im->draft.member), photo_changed = false;
	enum pb_status s = changed ? pb_register_change_member(im->reg, existing, err) : PB_OK;

	if (s == PB_OK)
		s = bring_photo(im, existing->id, &photo_changed, err);
	im->report.outcome = changed || photo_changed ? PB_IMPORT_UPDATED : PB_IMPORT_UNCHANGED;
	return s == PB_OK ? remember_member(im, existing->id, err) : s;
}

static void report_duplicate(struct import *im, const struct pb_member *existing, const struct seen_entry *above)
{
	bool exact = above && above->fingerprint == im->draft.fingerprint;

	note(im, exact ? PB_IMPORT_FAULT_DUPLICATE_EXACT : PB_IMPORT_FAULT_DUPLICATE_PROBABLE, FIELDS, "");
	im->report.note[im->report.notes - 1].other_row = above ? above->row : 0;
	im->report.outcome = PB_IMPORT_DUPLICATE;
	im->report.member = existing->id;
}

/* By number, else by name and birth date. */
static enum pb_status recognise(struct import *im, struct pb_member *ret_existing, bool *ret_found, bool *ret_by_number,
				struct pb_err *err)
{
	const struct pb_member *said = &im->draft.member;
	enum pb_status s = PB_NOT_FOUND;

	if (said->number[0] != '\0')
		s = pb_register_find_member(im->reg, said->number, ret_existing, err);
	*ret_found = *ret_by_number = s == PB_OK;
	if (s != PB_NOT_FOUND)
		return s;
	return register_find_person(im->reg, said, ret_existing, ret_found, err);
}

static enum pb_status settle(struct import *im, struct pb_err *err)
{
	const struct pb_member *said = &im->draft.member;
	const struct seen_entry *above;
	struct pb_member existing;
	bool found = false, by_number = false;
	enum pb_status s = recognise(im, &existing, &found, &by_number, err);

	if (s != PB_OK)
		return s;
	if (!found)
		return add(im, err);
	if (by_number && !same_person(&existing, said)) {
		refuse(im, PB_IMPORT_FAULT_NUMBER_OTHER, FIELD_NUMBER, said->number);
		return PB_OK;
	}
	above = seen_find(&im->seen, existing.id);
	if (!above && (by_number || (said->number[0] == '\0' && existing.organisation == said->organisation &&
				     same_full_name(&existing, said))))
		return change(im, &existing, err);
	report_duplicate(im, &existing, above);
	return PB_OK;
}

static enum pb_status take_row(struct import *im, struct pb_err *err)
{
	enum pb_status s = PB_OK;

	draft_read(&im->reading, &im->row, &im->draft, &im->report);
	im->report.member = 0;
	im->report.outcome = im->draft.refused ? PB_IMPORT_REFUSED : PB_IMPORT_UNCHANGED;
	if (im->draft.refused)
		return PB_OK;
	s = place_member(im, err);
	if (s != PB_OK || im->report.outcome == PB_IMPORT_REFUSED)
		return s;
	return settle(im, err);
}

static void count(struct import *im)
{
	bool kinds[PB_IMPORT_FAULT_REFUSAL + 1] = { false };

	for (size_t i = 0; i < im->report.notes; i++)
		kinds[faults[im->report.note[i].fault].kind] = true;
	im->totals.rows++;
	im->totals.outcome[im->report.outcome]++;
	im->totals.repaired += kinds[PB_IMPORT_FAULT_REPAIRED];
	im->totals.warned += kinds[PB_IMPORT_FAULT_WARNING];
}

/* ---- the list */

static enum pb_status end_batch(struct import *im, bool last, struct pb_err *err)
{
	enum pb_status s;

	if (im->options->dry_run)
		return PB_OK; /* import_table rolls back */
	s = pb_store_commit(im->reg->store, err);
	im->open = false;
	if (s == PB_OK)
		im->totals.committed = im->totals.rows;
	if (s == PB_OK && !last) {
		s = pb_store_begin(im->reg->store, err);
		im->open = s == PB_OK;
	}
	return s;
}

static enum pb_status take_rows(struct import *im, struct pb_err *err)
{
	bool more;
	enum pb_status s;

	for (;;) {
		s = pb_table_next(im->table, &im->row, &more, err);
		if (s != PB_OK || !more)
			return s;
		s = take_row(im, err);
		if (s != PB_OK)
			return pb_wrap(err, s, "row %d", im->row.row);
		count(im);
		if (im->options->each)
			s = im->options->each(im->options->ctx, &im->report, err);
		if (s == PB_OK && im->totals.rows % BATCH == 0)
			s = end_batch(im, false, err);
		if (s != PB_OK)
			return s;
	}
}

static enum pb_status read_headings(struct import *im, struct pb_err *err)
{
	bool more;
	enum pb_status s = pb_table_next(im->table, &im->row, &more, err);

	if (s == PB_OK && !more)
		s = pb_fail(err, PB_INPUT_INVALID, "the file is empty");
	if (s == PB_OK)
		s = headings_read(&im->row, im->options->organisation == 0, &im->headings, err);
	if (s != PB_OK)
		return s;
	im->totals.unknown_columns = im->headings.unknown;
	memcpy(im->totals.unknown_heading, im->headings.unknown_text, sizeof(im->totals.unknown_heading));
	im->reading = (struct reading){
		.headings = &im->headings,
		.rule = &im->reg->rule,
		.today = pb_date_of_instant(pb_clock_now(&im->reg->clock), 0),
		.sheet = pb_table_is_sheet(im->table),
	};
	return PB_OK;
}

static enum pb_status import_table(struct import *im, struct pb_err *err)
{
	enum pb_status s = read_headings(im, err);

	if (s == PB_OK)
		s = pb_store_begin(im->reg->store, err);
	if (s != PB_OK)
		return s;
	im->open = true;
	s = take_rows(im, err);
	if (s == PB_OK)
		s = end_batch(im, true, err);
	/* A commit ends its transaction whatever it says. */
	if (im->open)
		pb_store_rollback(im->reg->store);
	return s;
}

enum pb_status pb_register_import(struct pb_register *reg, int fd, const struct pb_import_options *options,
				  struct pb_import_totals *ret_totals, struct pb_err *err)
{
	struct import *im = calloc(1, sizeof(*im));
	enum pb_status s;

	*ret_totals = (struct pb_import_totals){ 0 };
	if (!im)
		return pb_fail(err, PB_NO_MEMORY, "an import");
	im->reg = reg;
	im->options = options;
	s = pb_table_open(fd, &options->table, &im->table, err);
	if (s == PB_OK) {
		im->totals.encoding = pb_table_encoding(im->table);
		s = import_table(im, err);
	}
	*ret_totals = im->totals;
	pb_table_close(im->table);
	seen_finish(&im->seen);
	free(im);
	return s;
}
