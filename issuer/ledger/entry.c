/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Entries to bytes and back.  One table says which fields each type has, another where each field lives and
 * what it may hold; encoder and decoder walk both in the order of the keys, and a decoded entry must encode
 * to the same bytes again.
 */
#include <stddef.h>
#include <string.h>

#include "base/cbor.h"
#include "issuer/ledger/entry.h"

/* Keys of the map, in the order they are written. */
enum key {
	KEY_VERSION = 1, KEY_TYPE = 2, KEY_TIME = 3, KEY_PREFIX = 4, KEY_SERIAL = 5, KEY_UID = 6, KEY_JOB = 7,
	KEY_ACTOR = 8, KEY_CHIP = 9, KEY_KID = 10, KEY_INTENT = 11, KEY_REASON = 12, KEY_BATCH = 13,
	KEY_MEMBER = 14, KEY_COUNTERS = 15, KEY_FACE = 16, KEY_STATUS = 17, KEY_OLD_SERIAL = 18, KEY_COUNT = 19,
	KEY_ORIGIN = 20, KEY_VKEY = 21, KEY_LATE = 22, KEY_CLOCK = 23, KEY_STEP = 24,
	KEY_DIGEST = 25, KEY_KVN = 26, KEY_KCV = 27, KEY_SHARES = 28, KEY_OLD_ORIGIN = 29,
	KEY_LAST = KEY_OLD_ORIGIN,
};

#define HAS(key) (1u << KEY_##key)
#define EVERY (HAS(VERSION) | HAS(TYPE) | HAS(TIME) | HAS(COUNTERS))
#define OF_CARD (EVERY | HAS(SERIAL) | HAS(INTENT))

static const struct shape {
	const char *name;
	unsigned must, may;
} shapes[] = {
	[PB_ENTRY_GENESIS] = { "genesis", EVERY | HAS(PREFIX) | HAS(ORIGIN) | HAS(VKEY), 0 },
	[PB_ENTRY_STOCK_IN] = { "stock_in", EVERY | HAS(COUNT) | HAS(BATCH), HAS(ACTOR) },
	[PB_ENTRY_INTENT] = { "intent", EVERY | HAS(SERIAL) | HAS(UID) | HAS(JOB) | HAS(CHIP) | HAS(FACE) | HAS(KID) |
				HAS(MEMBER) | HAS(STATUS), HAS(ACTOR) | HAS(OLD_SERIAL) },
	[PB_ENTRY_ISSUED] = { "issued", OF_CARD, HAS(LATE) | HAS(KVN) },
	[PB_ENTRY_PRINTED] = { "printed", OF_CARD, 0 },
	[PB_ENTRY_VOID] = { "void", OF_CARD | HAS(REASON), HAS(ACTOR) },
	[PB_ENTRY_SPOILED] = { "spoiled", OF_CARD | HAS(REASON), HAS(ACTOR) },
	[PB_ENTRY_REVOKE] = { "revoke", OF_CARD | HAS(REASON), HAS(ACTOR) },
	[PB_ENTRY_REISSUE] = { "reissue", OF_CARD | HAS(OLD_SERIAL), 0 },
	[PB_ENTRY_RECOVER] = { "recover", EVERY | HAS(COUNT), 0 },
	[PB_ENTRY_CLOCK] = { "clock", EVERY | HAS(CLOCK), 0 },
	[PB_ENTRY_SUSPEND] = { "suspend", OF_CARD, HAS(ACTOR) },
	[PB_ENTRY_RESUME] = { "resume", OF_CARD, HAS(ACTOR) },
	[PB_ENTRY_REKEYED] = { "rekeyed", OF_CARD | HAS(KVN), 0 },
	[PB_ENTRY_CEREMONY] = { "ceremony", EVERY | HAS(CLOCK) | HAS(STEP), HAS(DIGEST) | HAS(KVN) | HAS(KCV) | HAS(SHARES) },
	[PB_ENTRY_APPROVED] = { "approved", EVERY | HAS(JOB) | HAS(COUNT), HAS(ACTOR) },
	[PB_ENTRY_RESTORED] = { "restored", EVERY | HAS(COUNT) | HAS(ORIGIN) | HAS(VKEY) | HAS(DIGEST) | HAS(OLD_ORIGIN), HAS(ACTOR) },
	[PB_ENTRY_TRUST] = { "trust", EVERY | HAS(COUNT) | HAS(DIGEST), HAS(ACTOR) },
	[PB_ENTRY_ERASED] = { "erased", EVERY | HAS(REASON) | HAS(DIGEST), HAS(ACTOR) | HAS(SERIAL) | HAS(INTENT) },
};

/* Which of the fields a ceremony may have each step has. */
static const struct {
	const char *name;
	unsigned has;
} steps[PB_STEP_COUNT] = {
	[PB_STEP_ROOT] = { "root", HAS(DIGEST) },
	[PB_STEP_ROOT_SPARE] = { "root_spare", HAS(DIGEST) },
	[PB_STEP_ISSUER] = { "issuer", HAS(DIGEST) },
	[PB_STEP_STATUS_LIST] = { "status_list", HAS(DIGEST) },
	[PB_STEP_TRUST_LIST] = { "trust_list", HAS(DIGEST) },
	[PB_STEP_CHECKPOINT] = { "checkpoint", HAS(DIGEST) },
	[PB_STEP_CARD_MASTER] = { "card_master", HAS(KVN) | HAS(KCV) },
	[PB_STEP_SHARES] = { "shares", HAS(DIGEST) | HAS(SHARES) },
	[PB_STEP_READ_BACK] = { "read_back", HAS(SHARES) },
	[PB_STEP_PROTOCOL] = { "protocol", HAS(DIGEST) },
	[PB_STEP_DRILL] = { "drill", HAS(DIGEST) | HAS(SHARES) },
};

enum kind { KIND_UINT, KIND_INT, KIND_UINTS, KIND_BYTES, KIND_TEXT, KIND_TRUE };

/* size: of one number, of the bytes, or of the text with its NUL.  count: numbers in the array. */
struct field {
	enum kind kind;
	size_t offset, size, count;
	uint64_t max;
};

#define AT(member) offsetof(struct pb_entry, member), sizeof(((struct pb_entry *)0)->member)

static const struct field fields[] = {
	[KEY_TYPE] = { KIND_UINT, AT(type), 1, PB_ENTRY_RESTORED },
	[KEY_TIME] = { KIND_INT, AT(time), 1, 0 },
	[KEY_PREFIX] = { KIND_UINT, AT(prefix), 1, 9999 },
	[KEY_SERIAL] = { KIND_UINT, AT(serial), 1, INT64_MAX },
	[KEY_UID] = { KIND_BYTES, AT(uid_h), 1, 0 },
	[KEY_JOB] = { KIND_BYTES, AT(job_h), 1, 0 },
	[KEY_ACTOR] = { KIND_BYTES, AT(actor), 1, 0 },
	[KEY_CHIP] = { KIND_BYTES, AT(chip_h), 1, 0 },
	[KEY_KID] = { KIND_BYTES, AT(kid), 1, 0 },
	[KEY_INTENT] = { KIND_UINT, AT(intent), 1, INT64_MAX },
	[KEY_REASON] = { KIND_UINT, AT(reason), 1, PB_REASON_COUNT - 1 },
	[KEY_BATCH] = { KIND_TEXT, AT(batch), 1, 0 },
	[KEY_MEMBER] = { KIND_BYTES, AT(member_c), 1, 0 },
	[KEY_COUNTERS] = { KIND_UINTS, offsetof(struct pb_entry, counters), sizeof(uint64_t), 4, INT64_MAX },
	[KEY_FACE] = { KIND_BYTES, AT(face_h), 1, 0 },
	[KEY_STATUS] = { KIND_UINTS, offsetof(struct pb_entry, status), sizeof(uint32_t), 2, UINT16_MAX },
	[KEY_OLD_SERIAL] = { KIND_UINT, AT(old_serial), 1, INT64_MAX },
	[KEY_COUNT] = { KIND_UINT, AT(count), 1, INT64_MAX },
	[KEY_ORIGIN] = { KIND_TEXT, AT(origin), 1, 0 },
	[KEY_VKEY] = { KIND_TEXT, AT(vkey), 1, 0 },
	[KEY_LATE] = { KIND_TRUE, AT(late), 1, 0 },
	[KEY_CLOCK] = { KIND_INT, AT(clock), 1, 0 },
	[KEY_STEP] = { KIND_UINT, AT(step), 1, PB_STEP_COUNT - 1 },
	[KEY_DIGEST] = { KIND_BYTES, AT(digest), 1, 0 },
	[KEY_KVN] = { KIND_UINT, AT(kvn), 1, 127 },
	[KEY_KCV] = { KIND_BYTES, AT(kcv), 1, 0 },
	[KEY_SHARES] = { KIND_UINTS, offsetof(struct pb_entry, shares), sizeof(uint32_t), 2, UINT8_MAX },
	[KEY_OLD_ORIGIN] = { KIND_TEXT, AT(old_origin), 1, 0 },
};

static const char *const reasons[PB_REASON_COUNT] = {
	[PB_REASON_NONE] = "none",
	[PB_REASON_LOST] = "lost",
	[PB_REASON_STOLEN] = "stolen",
	[PB_REASON_DAMAGED] = "damaged",
	[PB_REASON_RETURNED] = "returned",
	[PB_REASON_NAME_CHANGE] = "name_change",
	[PB_REASON_CHIP_FAULT] = "chip_fault",
	[PB_REASON_PRINT_FAULT] = "print_fault",
	[PB_REASON_NOT_PRESENTED] = "not_presented",
	[PB_REASON_KEYS] = "keys",
	[PB_REASON_OTHER] = "other",
	[PB_REASON_ISSUER_KEY] = "issuer_key",
	[PB_REASON_CONSENT] = "consent",
	[PB_REASON_PURPOSE] = "purpose",
	[PB_REASON_TERM] = "term",
	[PB_REASON_UNLAWFUL] = "unlawful",
};

static const struct shape *shape_of(uint64_t type)
{
	if (type >= sizeof(shapes) / sizeof(shapes[0]) || shapes[type].name == NULL)
		return NULL;
	return &shapes[type];
}

const char *pb_entry_type_name(enum pb_entry_type type)
{
	const struct shape *shape = shape_of(type);

	return shape != NULL ? shape->name : NULL;
}

const char *pb_reason_name(enum pb_reason reason)
{
	return (unsigned)reason < PB_REASON_COUNT ? reasons[reason] : NULL;
}

const char *pb_key_step_name(enum pb_key_step step)
{
	return (unsigned)step < PB_STEP_COUNT ? steps[step].name : NULL;
}

bool pb_reason_parse(const char *name, enum pb_reason *ret_reason)
{
	for (unsigned i = 0; i < PB_REASON_COUNT; i++)
		if (strcmp(reasons[i], name) == 0) {
			*ret_reason = (enum pb_reason)i;
			return true;
		}
	return false;
}

/* ---- writing */

/* A number of 4 or 8 bytes in the struct. */
static uint64_t load(const uint8_t *at, size_t size)
{
	uint32_t small;
	uint64_t value;

	if (size == sizeof(small)) {
		memcpy(&small, at, size);
		return small;
	}
	memcpy(&value, at, sizeof(value));
	return value;
}

static void put_field(struct pb_writer *out, const struct pb_entry *entry, const struct field *field)
{
	const uint8_t *at = (const uint8_t *)entry + field->offset;
	int64_t number;

	switch (field->kind) {
	case KIND_INT:
		memcpy(&number, at, sizeof(number));
		pb_cbor_put_int(out, number);
		break;
	case KIND_UINTS:
		pb_cbor_put_array(out, field->count);
		for (size_t i = 0; i < field->count; i++)
			pb_cbor_put_uint(out, load(at + i * field->size, field->size));
		break;
	case KIND_UINT:
		pb_cbor_put_uint(out, load(at, field->size));
		break;
	case KIND_BYTES:
		pb_cbor_put_bytes(out, pb_view(at, field->size));
		break;
	case KIND_TEXT:
		pb_cbor_put_text(out, (const char *)at);
		break;
	case KIND_TRUE:
		pb_cbor_put_bool(out, true);
		break;
	}
}

static unsigned keys_of(const struct pb_entry *entry, const struct shape *shape)
{
	unsigned keys = shape->must;

	if (entry->has_actor)
		keys |= HAS(ACTOR) & shape->may;
	if (entry->old_serial != 0)
		keys |= HAS(OLD_SERIAL) & shape->may;
	if (entry->late)
		keys |= HAS(LATE) & shape->may;
	if (entry->type == PB_ENTRY_ISSUED && entry->kvn != 0)
		keys |= HAS(KVN);
	if (entry->type == PB_ENTRY_ERASED && entry->serial != 0)
		keys |= HAS(SERIAL) | HAS(INTENT);
	if (entry->type == PB_ENTRY_CEREMONY)
		keys |= steps[entry->step].has;
	return keys;
}

static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < 0x20 || *text > 0x7E)
			return false;
	return true;
}

bool pb_entry_encode(const struct pb_entry *entry, uint8_t ret_bytes[static PB_ENTRY_MAX], size_t *ret_n)
{
	const struct shape *shape = shape_of(entry->type);
	struct pb_writer out = pb_writer(ret_bytes, PB_ENTRY_MAX);
	unsigned keys;

	if (shape == NULL || (entry->type == PB_ENTRY_CEREMONY && pb_key_step_name(entry->step) == NULL) ||
	    !is_printable(entry->batch) || !is_printable(entry->origin) || !is_printable(entry->vkey) ||
	    !is_printable(entry->old_origin))
		return false;
	keys = keys_of(entry, shape);
	pb_cbor_put_map(&out, (size_t)__builtin_popcount(keys));
	pb_cbor_put_uint(&out, KEY_VERSION);
	pb_cbor_put_uint(&out, PB_ENTRY_VERSION);
	for (unsigned key = KEY_TYPE; key <= KEY_LAST; key++)
		if ((keys & 1u << key) != 0) {
			pb_cbor_put_uint(&out, key);
			put_field(&out, entry, &fields[key]);
		}
	*ret_n = out.n;
	return !out.full;
}

/* ---- reading */

static bool take_number(struct pb_cbor *in, const struct field *field, uint8_t *at)
{
	uint64_t value;
	uint32_t small;

	if (!pb_cbor_uint(in, field->max, &value))
		return false;
	small = (uint32_t)value;
	memcpy(at, field->size == sizeof(small) ? (void *)&small : (void *)&value, field->size);
	return true;
}

static bool take_numbers(struct pb_cbor *in, const struct field *field, uint8_t *at)
{
	if (!pb_cbor_array_of(in, field->count))
		return false;
	for (size_t i = 0; i < field->count; i++)
		if (!take_number(in, field, at + i * field->size))
			return false;
	return true;
}

static bool take_bytes(struct pb_cbor *in, const struct field *field, uint8_t *at)
{
	struct pb_view bytes;

	if (!pb_cbor_bytes(in, field->size, field->size, &bytes))
		return false;
	memcpy(at, bytes.p, field->size);
	return true;
}

static bool take_field(struct pb_cbor *in, const struct field *field, struct pb_entry *entry)
{
	uint8_t *at = (uint8_t *)entry + field->offset;
	int64_t number;

	switch (field->kind) {
	case KIND_INT:
		if (!pb_cbor_int(in, &number))
			return false;
		memcpy(at, &number, sizeof(number));
		return true;
	case KIND_UINTS:
		return take_numbers(in, field, at);
	case KIND_UINT:
		return take_number(in, field, at);
	case KIND_BYTES:
		return take_bytes(in, field, at);
	case KIND_TEXT:
		return pb_cbor_text_copy(in, 0, (char *)at, field->size);
	case KIND_TRUE:
		return pb_cbor_bool(in, &entry->late);
	}
	return false;
}

/* What the map says, without asking yet whether it is an entry of ours. */
static bool take_map(struct pb_view bytes, struct pb_entry *entry)
{
	struct pb_cbor in = pb_cbor(bytes);
	struct pb_cbor_map map;
	uint64_t version;
	int64_t key;
	bool ok = pb_cbor_map(&in, KEY_LAST, &map);

	while (ok && pb_cbor_next_key(&in, &map, &key)) {
		if (key < KEY_VERSION || key > KEY_LAST)
			return false;
		if (key == KEY_VERSION)
			ok = pb_cbor_uint(&in, PB_ENTRY_VERSION, &version);
		else
			ok = take_field(&in, &fields[key], entry);
		entry->has_actor |= key == KEY_ACTOR;
	}
	return ok && pb_cbor_end(&in);
}

bool pb_entry_decode(struct pb_view bytes, struct pb_entry *ret_entry)
{
	struct pb_entry entry = { 0 };
	uint8_t again[PB_ENTRY_MAX];
	size_t n;

	if (bytes.n > PB_ENTRY_MAX || !take_map(bytes, &entry))
		return false;
	/* A field too many or too few, or said in another way, shows here. */
	if (!pb_entry_encode(&entry, again, &n) || !pb_view_equal(pb_view(again, n), bytes))
		return false;
	*ret_entry = entry;
	return true;
}
