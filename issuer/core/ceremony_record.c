/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing and reading the record of a ceremony: one table says which values it has and where each lives, so
 * that both ways agree; every value must be there once.
 */
#include "issuer/core/ceremony_record.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ini.h"
#include "issuer/ledger/note.h"
#include "keys/keystore.h"

/* Of the note's key: not the ledger's origin, so that no checkpoint is ever taken for a record. */
static const char signer[] = "profbilet/key-ceremony";

enum kind { TEXT, NUMBER, MOMENT, TRUTH };

#define FIELD(kind, member) kind, offsetof(struct pb_ceremony_record, member), sizeof(((struct pb_ceremony_record *)0)->member)

static const struct row {
	const char *section, *key;
	enum kind kind;
	size_t offset, size;
} rows[] = {
	{ "ceremony", "name", FIELD(TEXT, name) },
	{ "ceremony", "test", FIELD(TRUTH, facts.test) },
	{ "ceremony", "needed", FIELD(NUMBER, needed) },
	{ "ceremony", "count", FIELD(NUMBER, count) },
	{ "steps", "keys", FIELD(MOMENT, at[PB_MOMENT_KEYS]) },
	{ "steps", "shares", FIELD(MOMENT, at[PB_MOMENT_SHARES]) },
	{ "steps", "read-back", FIELD(MOMENT, at[PB_MOMENT_READ]) },
	{ "steps", "sealed", FIELD(MOMENT, at[PB_MOMENT_SEALED]) },
	{ "files", "keys.backup", FIELD(TEXT, backup) },
	{ "files", "protocol.pdf", FIELD(TEXT, paper) },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* ---- writing */

static int write_row(const struct row *row, const struct pb_ceremony_record *record, char *ret_text, size_t cap)
{
	const char *at = (const char *)record + row->offset;

	switch (row->kind) {
	case TEXT:
		return snprintf(ret_text, cap, "%s = %s\n", row->key, at);
	case NUMBER:
		return snprintf(ret_text, cap, "%s = %u\n", row->key, *(const uint8_t *)at);
	case MOMENT:
		return snprintf(ret_text, cap, "%s = %lld\n", row->key, (long long)*(const int64_t *)(const void *)at);
	case TRUTH:
		return snprintf(ret_text, cap, "%s = %s\n", row->key, *(const bool *)at ? "yes" : "no");
	}
	PB_BUG("a kind of value");
}

static size_t write_text(const struct pb_ceremony_record *record, char ret_text[static PB_CEREMONY_RECORD_MAX])
{
	const char *section = "";
	int n = snprintf(ret_text, PB_CEREMONY_RECORD_MAX, "# A key ceremony; the paper protocol says the same.\n");

	for (size_t i = 0; i < ROWS; i++) {
		if (strcmp(section, rows[i].section) != 0)
			n += snprintf(ret_text + n, PB_CEREMONY_RECORD_MAX - (size_t)n, "[%s]\n", rows[i].section);
		section = rows[i].section;
		n += write_row(&rows[i], record, ret_text + n, PB_CEREMONY_RECORD_MAX - (size_t)n);
	}
	n += snprintf(ret_text + n, PB_CEREMONY_RECORD_MAX - (size_t)n, "[keys]\n");
	for (enum pb_key_fact fact = 0; fact < PB_KEY_FACTS; fact++)
		n += snprintf(ret_text + n, PB_CEREMONY_RECORD_MAX - (size_t)n, "%s = %s\n", pb_key_fact_name(fact),
			      record->facts.text[fact]);
	return (size_t)n;
}

enum pb_status pb_ceremony_record_sign(const struct pb_ceremony_record *record, const struct pb_keystore *store,
				       char ret_note[static PB_CEREMONY_RECORD_MAX], struct pb_err *err)
{
	struct pb_writer out = pb_writer(ret_note, PB_CEREMONY_RECORD_MAX);
	struct pb_note_key key;
	uint8_t public_key[32], sig[64];
	enum pb_status s;

	out.n = write_text(record, ret_note);
	pb_keystore_checkpoint_public(store, public_key);
	if (!pb_note_key_make(signer, public_key, &key))
		PB_BUG("the name of the record's key");
	s = pb_keystore_sign_checkpoint(store, pb_view(ret_note, out.n), sig, err);
	if (s != PB_OK)
		return s;
	pb_put_u8(&out, '\n');
	pb_note_put_signature(&out, &key, sig);
	pb_put_u8(&out, 0);
	if (out.full)
		PB_BUG("the record of a ceremony is longer than any");
	return PB_OK;
}

/* ---- reading */

static bool take_number(const char *text, long long max, long long *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *ret_number >= 0 && *ret_number <= max;
}

static bool take_row(const struct row *row, const char *value, struct pb_ceremony_record *record)
{
	char *at = (char *)record + row->offset;
	bool truth = strcmp(value, "yes") == 0;
	long long number;

	switch (row->kind) {
	case TEXT:
		(void)snprintf(at, row->size, "%s", value);
		return strlen(value) + 1 == row->size && strspn(value, "0123456789abcdef") == strlen(value);
	case NUMBER:
		if (!take_number(value, PB_SHARES_MAX, &number))
			return false;
		*(uint8_t *)at = (uint8_t)number;
		return true;
	case MOMENT:
		if (!take_number(value, INT64_MAX, &number))
			return false;
		*(int64_t *)(void *)at = number;
		return true;
	case TRUTH:
		*(bool *)at = truth;
		return truth || strcmp(value, "no") == 0;
	}
	return false;
}

static bool take_fact(const struct pb_ini_entry *entry, struct pb_key_facts *facts, enum pb_key_fact fact)
{
	(void)snprintf(facts->text[fact], PB_KEY_FACT_TEXT, "%s", entry->value);
	return strlen(entry->value) < PB_KEY_FACT_TEXT;
}

/* Which value this line is: of the rows, then of the facts; one past all when it is none. */
static size_t find(const struct pb_ini_entry *entry)
{
	if (strcmp(entry->section, "keys") == 0)
		return ROWS + (size_t)pb_key_fact_find(entry->key);
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].section, entry->section) == 0 && strcmp(rows[i].key, entry->key) == 0)
			return i;
	return ROWS + PB_KEY_FACTS;
}

static enum pb_status read_text(struct pb_view text, struct pb_ceremony_record *record, struct pb_err *err)
{
	struct pb_ini ini = pb_ini(text);
	struct pb_ini_entry entry;
	bool seen[ROWS + PB_KEY_FACTS + 1] = { false }, more = true;
	enum pb_status s;

	while ((s = pb_ini_next(&ini, &entry, &more, err)) == PB_OK && more) {
		size_t at = find(&entry);
		bool good = at < ROWS ? take_row(&rows[at], entry.value, record) :
					at < ROWS + PB_KEY_FACTS && take_fact(&entry, &record->facts, (enum pb_key_fact)(at - ROWS));

		if (!good || seen[at])
			return pb_fail(err, PB_KEYS_UNAVAILABLE, "protocol, line %d: %s", entry.line, entry.key);
		seen[at] = true;
	}
	for (size_t i = 0; s == PB_OK && i < ROWS + PB_KEY_FACTS; i++)
		if (!seen[i])
			s = pb_fail(err, PB_KEYS_UNAVAILABLE, "the protocol does not say %s",
				    i < ROWS ? rows[i].key : pb_key_fact_name((enum pb_key_fact)(i - ROWS)));
	return s;
}

enum pb_status pb_ceremony_record_open(struct pb_view note, const uint8_t checkpoint_public[static 32],
				       struct pb_ceremony_record *ret_record, struct pb_err *err)
{
	struct pb_ceremony_record record = { .needed = 0 };
	struct pb_note_key key;
	struct pb_view text;
	enum pb_status s;

	if (!pb_note_key_make(signer, checkpoint_public, &key))
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "the checkpoint key is none");
	if (pb_note_open(note, &key, 1, &text, NULL) != PB_NOTE_GOOD)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, PB_CEREMONY_RECORD_FILE " is not signed by the ledger's key among these keys");
	s = read_text(text, &record, err);
	if (s == PB_OK && (record.needed < PB_SHARES_MIN || record.needed > record.count))
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "no shares are %u of %u", record.needed, record.count);
	if (s == PB_OK)
		*ret_record = record;
	return s;
}

/* ---- as entries */

static bool read_digest(const char *hex, uint8_t ret_digest[static 32])
{
	size_t n;

	return pb_hex_decode(hex, ret_digest, 32, &n) && n == 32;
}

static void add(struct pb_ceremony_step *steps, size_t *count, struct pb_ceremony_step step, const char *digest)
{
	if (digest == NULL || read_digest(digest, step.digest))
		steps[(*count)++] = step;
}

size_t pb_ceremony_record_steps(const struct pb_ceremony_record *record,
				struct pb_ceremony_step ret_steps[static PB_CEREMONY_STEPS_MAX])
{
	static const struct {
		enum pb_key_step step;
		enum pb_key_fact fact;
	} keys[] = {
		{ PB_STEP_ROOT, PB_KEY_FACT_ROOT },
		{ PB_STEP_ROOT_SPARE, PB_KEY_FACT_ROOT_SPARE },
		{ PB_STEP_ISSUER, PB_KEY_FACT_ISSUER },
		{ PB_STEP_STATUS_LIST, PB_KEY_FACT_STATUS_LIST },
		{ PB_STEP_TRUST_LIST, PB_KEY_FACT_TRUST_LIST },
		{ PB_STEP_CHECKPOINT, PB_KEY_FACT_CHECKPOINT },
	};
	struct pb_ceremony_step step = { .at = record->at[PB_MOMENT_KEYS], .step = PB_STEP_CARD_MASTER };
	uint8_t kvn = 0;
	size_t count = 0, n;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		add(ret_steps, &count, (struct pb_ceremony_step){ .step = keys[i].step, .at = record->at[PB_MOMENT_KEYS] },
		    record->facts.text[keys[i].fact]);
	if (pb_hex_decode(record->facts.text[PB_KEY_FACT_KVN], &kvn, 1, &n) && n == 1 &&
	    pb_hex_decode(record->facts.text[PB_KEY_FACT_KCV], step.kcv, sizeof(step.kcv), &n) &&
	    n == sizeof(step.kcv)) {
		step.kvn = kvn;
		add(ret_steps, &count, step, NULL);
	}
	step = (struct pb_ceremony_step){ .step = PB_STEP_SHARES, .at = record->at[PB_MOMENT_SHARES], .needed = record->needed,
					  .count = record->count };
	add(ret_steps, &count, step, record->backup);
	step = (struct pb_ceremony_step){ .step = PB_STEP_READ_BACK, .at = record->at[PB_MOMENT_READ], .needed = record->needed,
					  .count = record->count };
	add(ret_steps, &count, step, NULL);
	step = (struct pb_ceremony_step){ .step = PB_STEP_PROTOCOL, .at = record->at[PB_MOMENT_SEALED] };
	add(ret_steps, &count, step, record->paper);
	return count;
}
