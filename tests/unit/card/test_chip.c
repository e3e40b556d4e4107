/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/card/chip: every persona is told by name, with what it says besides; nothing that is sent could write, or
 * spend an attempt; a card that goes away or talks nonsense at any step ends the inspection, and no more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/card/card.h"
#include "softcard/persona.h"
#include "tests/lib/softcard_reader.h"

enum { EXCHANGES_MAX = 24, NEVER = 1000 };

/* A reader with a persona on it, which is taken away before the exchange `gone_at`, or answers 0000 from there on. */
struct persona_reader {
	struct pb_reader base;
	struct persona_card card;
	size_t exchanges, gone_at, mad_at;
};

/* Native, GlobalPlatform and ISO commands that need no key, count no attempt and change nothing. */
static bool is_harmless(struct pb_view command)
{
	static const uint8_t native[] = { 0x60, 0xAF, 0x64, 0x6E, 0x3C, 0x5A, 0xF5 }, iso[] = { 0xA4, 0xB0, 0xCB, 0xF7 }, reader[] = { 0xCA, 0xB0, 0xC2, 0x00 };

	switch (command.p[0]) {
	case 0x90:
		return memchr(native, command.p[1], sizeof(native));
	case 0x00:
		return memchr(iso, command.p[1], sizeof(iso));
	case 0x80:
		return command.p[1] == 0xCA;
	case 0xFF:
		return memchr(reader, command.p[1], sizeof(reader));
	default:
		return false;
	}
}

/* What passes through a reader to a memory card: GET_VERSION and READ_SIG alone. */
static bool passes_harmless(struct pb_view command)
{
	static const uint8_t escape[] = { 0xD4, 0x42 };
	uint8_t passed = command.n > 7 ? command.p[7] : 0;

	if (command.p[0] != 0xFF)
		return true;
	if (command.p[1] == 0x00)
		return command.n > 7 && memcmp(command.p + 5, escape, 2) == 0 && (passed == 0x60 || passed == 0x3C);
	return command.p[1] != 0xC2 || command.p[3] == 0 || passed == 0x60 || passed == 0x3C;
}

static enum pb_status transmit(struct pb_reader *reader, struct pb_view command,
			       uint8_t ret_response[static PB_RESPONSE_MAX], size_t *ret_n, struct pb_err *err)
{
	struct persona_reader *self = (struct persona_reader *)reader;

	assert_true(is_harmless(command) && passes_harmless(command));
	if (self->exchanges >= self->gone_at)
		return pb_fail(err, PB_CARD_REMOVED, "taken away");
	if (self->exchanges++ >= self->mad_at) {
		memset(ret_response, 0, 2);
		*ret_n = 2;
		return PB_OK;
	}
	persona_transmit(&self->card, command, ret_response, ret_n);
	return PB_OK;
}

static const struct pb_reader_ops ops = { .transmit = transmit };

static struct persona_reader reader_of(const struct persona *persona, struct pb_reader_card *ret_card)
{
	*ret_card = (struct pb_reader_card){ .atr_n = 0 };
	ret_card->atr_n = persona_atr(persona, ret_card->atr);
	ret_card->uid_n = persona_uid(persona, ret_card->uid);
	return (struct persona_reader){ .base = { .ops = &ops }, .card = { .persona = persona }, .gone_at = NEVER, .mad_at = NEVER };
}

static struct pb_chip inspect(const char *name)
{
	const struct persona *persona = persona_find(name);
	struct persona_reader reader;
	struct pb_reader_card card;
	struct pb_chip chip;

	assert_non_null(persona);
	reader = reader_of(persona, &card);
	assert_int_equal(pb_chip_inspect(&reader.base, &card, false, &chip, NULL), PB_OK);
	assert_in_range(reader.exchanges, 0, EXCHANGES_MAX);
	return chip;
}

static void every_persona_is_told_by_its_name(void **state)
{
	static const struct {
		const char *persona, *chip, *source;
		uint32_t memory;
		enum pb_originality originality;
		size_t key_count;
		enum pb_chip_keys keys;
	} rows[] = {
		{ "classic_1k", "classic", "atr", 1024, PB_ORIGINALITY_NOT_OFFERED, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "classic_sak", "classic", "atr", 0, PB_ORIGINALITY_NOT_OFFERED, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "plus_sl1", "plus_sl1", "atr", 2048, PB_ORIGINALITY_NOT_OFFERED, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "plus", "plus", "atr", 0, PB_ORIGINALITY_NOT_OFFERED, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "ntag_213", "ntag_213", "version", 144, PB_ORIGINALITY_VALID, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "ntag_215", "ntag_215", "memory", 504, PB_ORIGINALITY_NOT_OFFERED, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "ntag_216", "ntag_216", "version", 888, PB_ORIGINALITY_VALID, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "ultralight_ev1", "ultralight_ev1", "version", 48, PB_ORIGINALITY_VALID, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "ultralight", "type_2", "atr", 0, PB_ORIGINALITY_NOT_OFFERED, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "magic_ntag", "clone", "version", 144, PB_ORIGINALITY_NOT_OFFERED, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "magic_uid", "clone", "version", 144, PB_ORIGINALITY_NOT_OFFERED, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "forged_ntag_215", "ntag_215", "version", 504, PB_ORIGINALITY_WRONG, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "magic_desfire", "clone", "version", 4096, PB_ORIGINALITY_NOT_OFFERED, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "forged_ntag_424", "ntag_424", "version", 416, PB_ORIGINALITY_WRONG, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "ntag_424", "ntag_424", "version", 416, PB_ORIGINALITY_VALID, 5, PB_CHIP_KEYS_UNKNOWN },
		{ "desfire_ev1", "desfire_ev1", "version", 4096, PB_ORIGINALITY_NOT_OFFERED, 1, PB_CHIP_KEYS_UNKNOWN },
		{ "desfire_ev2", "desfire_ev2", "version", 4096, PB_ORIGINALITY_VALID, 1, PB_CHIP_KEYS_CHANGED },
		{ "desfire_ev3", "desfire_ev3", "version", 2048, PB_ORIGINALITY_VALID, 1, PB_CHIP_KEYS_UNKNOWN },
		{ "desfire_random_uid", "desfire_ev3", "version", 2048, PB_ORIGINALITY_NOT_OFFERED, 1, PB_CHIP_KEYS_UNKNOWN },
		{ "desfire_light", "desfire_light", "version", 640, PB_ORIGINALITY_VALID, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "piv", "piv", "application", 0, PB_ORIGINALITY_NOT_OFFERED, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "type_4", "type_4", "application", 256, PB_ORIGINALITY_NOT_OFFERED, 0, PB_CHIP_KEYS_UNKNOWN },
		{ "java_card", "java_card", "application", 0, PB_ORIGINALITY_NOT_OFFERED, 1, PB_CHIP_KEYS_FACTORY },
		{ "stranger", "unknown", "nothing", 0, PB_ORIGINALITY_NOT_OFFERED, 0, PB_CHIP_KEYS_UNKNOWN },
	};

	(void)state;
	assert_null(persona_at(sizeof(rows) / sizeof(rows[0])));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pb_chip chip = inspect(rows[i].persona);

		assert_string_equal(pb_chip_row(chip.kind)->name, rows[i].chip);
		assert_string_equal(pb_chip_source_name(chip.source), rows[i].source);
		assert_int_equal(chip.memory, rows[i].memory);
		assert_int_equal(chip.originality, rows[i].originality);
		assert_int_equal(chip.key_count, rows[i].key_count);
		assert_int_equal(chip.keys, rows[i].keys);
	}
}

static void a_clone_is_exposed_by_what_it_says(void **state)
{
	(void)state;
	assert_string_equal(inspect("magic_ntag").note, "says it is NTAG 213: it has no signature of its maker");
	assert_string_equal(inspect("magic_uid").note, "says it is NTAG 213: its UID is of another maker");
	assert_string_equal(inspect("magic_desfire").note, "says it is MIFARE DESFire EV2: its UID is not the one it was made with");
	assert_string_equal(inspect("type_4").note, "NDEF mapping 2.0, anyone may write");
}

static void a_desfire_tells_its_free_memory_least_byte_first(void **state)
{
	struct pb_chip chip = inspect("desfire_ev2");

	(void)state;
	assert_true(chip.has_free);
	assert_int_equal(chip.free, 0x1400);
	assert_false(inspect("ntag_424").has_free);
}

static size_t count_exchanges(const struct persona *persona)
{
	struct pb_reader_card card;
	struct persona_reader reader = reader_of(persona, &card);
	struct pb_chip chip;

	assert_int_equal(pb_chip_inspect(&reader.base, &card, false, &chip, NULL), PB_OK);
	return reader.exchanges;
}

/* Nobody's keys are touched, so that it can only become less known. */
static void a_card_taken_away_or_gone_mad_at_any_step_is_no_harm(void **state)
{
	const struct persona *persona;

	(void)state;
	for (size_t i = 0; (persona = persona_at(i)); i++) {
		size_t whole = count_exchanges(persona);

		for (size_t step = 0; step <= EXCHANGES_MAX; step++) {
			struct pb_reader_card card;
			struct persona_reader reader = reader_of(persona, &card);
			struct pb_card_identity identity;
			struct pb_chip chip;
			enum pb_status s;

			reader.gone_at = step;
			s = pb_chip_inspect(&reader.base, &card, false, &chip, NULL);
			assert_int_equal(s, step < whole ? PB_CARD_REMOVED : PB_OK);
			reader = reader_of(persona, &card);
			reader.mad_at = step;
			assert_int_equal(pb_card_identify(&reader.base, &card, &identity, NULL), PB_OK);
			/* A blank memory card whose reader does not pass the question for its signature on is taken for one. */
			if (identity.family != PB_FAMILY_NDEF || strcmp(persona_name(persona), "forged_ntag_215") != 0)
				assert_int_equal(identity.family, PB_FAMILY_FOREIGN);
			assert_in_range(identity.chip, 0, PB_CHIP_COUNT - 1);
		}
	}
}

static void each_card_that_is_not_ours_is_refused_by_its_own_name(void **state)
{
	static const struct {
		const char *persona;
		enum pb_status status;
		const char *detail;
	} rows[] = {
		{ "classic_1k", PB_CARD_BROKEN, "MIFARE Classic 1K" },
		{ "classic_sak", PB_CARD_BROKEN, "MIFARE Classic" },
		{ "plus_sl1", PB_CARD_BROKEN, "MIFARE Plus SL1 2K" },
		{ "magic_ntag", PB_CARD_CLONE, "says it is NTAG 213: it has no signature of its maker" },
		{ "ntag_215", PB_CARD_UNSUPPORTED, "NTAG 215" },
		{ "forged_ntag_215", PB_CARD_CLONE, "says it is NTAG 215: the signature of its maker is wrong" },
		{ "forged_ntag_424", PB_CARD_CLONE, "says it is NTAG 424 DNA: the signature of its maker is wrong; SELECT: SW 6A82 (no such file or application)" },
		{ "desfire_ev1", PB_CARD_UNSUPPORTED, "MIFARE DESFire EV1; such a card is read and not written" },
		{ "desfire_ev3", PB_CARD_UNSUPPORTED, "MIFARE DESFire EV3; SelectApplication: SW 911C (no such command)" },
		{ "piv", PB_CARD_UNSUPPORTED, "PIV; GET DATA: SW 6D00 (no such instruction)" },
		{ "java_card", PB_CARD_UNSUPPORTED, "Java Card; SELECT: SW 6A82 (no such file or application)" },
		{ "stranger", PB_CARD_FOREIGN, "SELECT: SW 6A82 (no such file or application)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pb_reader_card card;
		struct persona_reader reader = reader_of(persona_find(rows[i].persona), &card);
		struct pb_card_identity identity;
		struct pb_err err = { 0 };

		assert_int_equal(pb_card_identify(&reader.base, &card, &identity, NULL), PB_OK);
		assert_int_equal(pb_card_refusal(&identity, &err), rows[i].status);
		assert_string_equal(err.msg, rows[i].detail);
	}
}

static void our_own_blank_shows_the_version_of_its_keys_and_loses_no_attempt(void **state)
{
	static const uint8_t uid[] = { 0x04, 1, 2, 3, 4, 5, 6 };
	const struct softcard_options options = { .uid = PB_VIEW(uid) };
	struct pb_reader_card card = { .uid_n = 0 };
	struct softcard *softcard;
	struct pb_reader *reader;
	struct pb_chip chip;
	unsigned attempts;

	(void)state;
	assert_int_equal(softcard_create(&options, &softcard, NULL), PB_OK);
	attempts = softcard_attempts_left(softcard);
	reader = softcard_reader_create(softcard);
	card.atr_n = softcard_power_on(softcard, card.atr);
	assert_int_equal(pb_chip_inspect(reader, &card, true, &chip, NULL), PB_OK);
	assert_int_equal(chip.kind, PB_CHIP_OWN);
	assert_int_equal(chip.key_count, 1);
	assert_int_equal(chip.key_versions[0], KVN_FACTORY);
	assert_int_equal(chip.keys, PB_CHIP_KEYS_FACTORY);
	assert_int_equal(softcard_attempts_left(softcard), attempts);
	pb_reader_destroy(reader);
	softcard_destroy(softcard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_persona_is_told_by_its_name),
		cmocka_unit_test(a_clone_is_exposed_by_what_it_says),
		cmocka_unit_test(a_desfire_tells_its_free_memory_least_byte_first),
		cmocka_unit_test(a_card_taken_away_or_gone_mad_at_any_step_is_no_harm),
		cmocka_unit_test(each_card_that_is_not_ours_is_refused_by_its_own_name),
		cmocka_unit_test(our_own_blank_shows_the_version_of_its_keys_and_loses_no_attempt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
