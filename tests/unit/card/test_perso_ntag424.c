/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An NTAG 424 DNA is written in the order of issuer/perso/perso_ntag424.h, torn off at every command of it, put back
 * and continued by what the chip itself says: never with an attempt at a key that it does not have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/card/card.h"
#include "issuer/card/sun.h"
#include "issuer/perso/perso_ntag424.h"
#include "keys/crypto/hash.h"
#include "keys/diversify.h"
#include "tests/lib/softcard_reader.h"

#define HOST "profbilet.example"

enum { OURS = 0x40, COMMANDS_MAX = 40, CREDENTIAL_N = 112 };

static const uint8_t uid[] = { 0x04, 1, 2, 3, 4, 5, 6 };

/* A card, its reader, and an office that has the keys. */
struct bench {
	struct softcard *card;
	struct pb_reader *reader;
	struct pb_ev2_session session;
	struct pb_ndef ndef;
	uint8_t credential[CREDENTIAL_N];
};

static struct pb_secret key_of(enum pb_ntag424_key number, uint8_t version)
{
	struct pb_secret key = { .n = PB_EV2_KEY }, master;

	if (version == 0)
		return key;
	memset(key.bytes, 0x5C, PB_EV2_KEY);
	master = key;
	pb_an10922_aes128(&master, pb_view((const uint8_t[]){ (uint8_t)number, version }, 2), &key);
	return key;
}

static void open_bench(struct bench *bench)
{
	const struct softcard_options options = { .kind = SOFTCARD_NTAG424, .uid = PB_VIEW(uid) };

	*bench = (struct bench){ 0 };
	assert_int_equal(softcard_create(&options, &bench->card, NULL), PB_OK);
	bench->reader = softcard_reader_create(bench->card);
	assert_int_equal(pb_sun_template(HOST, &bench->ndef, NULL), PB_OK);
	memset(bench->credential, 0xC1, sizeof(bench->credential));
}

static void close_bench(struct bench *bench)
{
	pb_reader_destroy(bench->reader);
	softcard_destroy(bench->card);
}

/* With the key that its version names. */
static enum pb_status authenticate(struct bench *bench, enum pb_ntag424_key number, uint8_t version, bool first)
{
	const struct pb_secret key = key_of(number, version);
	uint8_t rnd_a[PB_EV2_RANDOM], challenge[PB_EV2_CHALLENGE], response[PB_EV2_RESPONSE], answer[PB_EV2_ANSWER_FIRST];
	PB_EV2_HANDSHAKE_SECRET handshake = { 0 };
	enum pb_status s = pb_ev2_ask_challenge(bench->reader, (uint8_t)number, first, challenge, NULL);

	if (s != PB_OK)
		return s;
	pb_random(rnd_a, sizeof(rnd_a));
	pb_ev2_respond(&key, rnd_a, challenge, &handshake, response);
	s = pb_ev2_give_response(bench->reader, first, response, answer, NULL);
	if (s != PB_OK)
		return s;
	assert_true(first ? pb_ev2_open_first(&key, &handshake, answer, &bench->session) :
			    pb_ev2_open_next(&key, &handshake, answer, &bench->session));
	return PB_OK;
}

static enum pb_status change_key(struct bench *bench, enum pb_ntag424_key number)
{
	const struct pb_secret current = key_of(number, 0), next = key_of(number, OURS);
	const struct pb_ev2_key_change change = { (uint8_t)number, 0, &current, &next, OURS };
	uint8_t field[PB_EV2_CHANGE_KEY_MAX];
	struct pb_writer writer = pb_writer(field, sizeof(field));
	enum pb_status s = pb_ev2_wrap_change_key(&bench->session, &change, &writer, NULL);

	if (s != PB_OK)
		return s;
	return pb_ev2_change_key(bench->reader, &bench->session, number == PB_NTAG424_MASTER, pb_view(field, writer.n), NULL);
}

/* What is not done yet by what the card says, in the one order; done when the master key is ours. */
static enum pb_status write_card(struct bench *bench)
{
	uint8_t versions[PB_NTAG424_KEYS];
	bool mirrors = false;
	enum pb_status s = pb_ntag424_select(bench->reader, NULL);

	for (enum pb_ntag424_key i = PB_NTAG424_MASTER; s == PB_OK && i < PB_NTAG424_KEYS; i++)
		s = pb_native_key_version(bench->reader, (uint8_t)i, &versions[i], NULL);
	if (s != PB_OK || versions[PB_NTAG424_MASTER] == OURS)
		return s;
	s = pb_ntag424_mirrors(bench->reader, &mirrors, NULL);
	if (s == PB_OK && !mirrors) {
		s = authenticate(bench, PB_NTAG424_WRITE, versions[PB_NTAG424_WRITE], true);
		if (s == PB_OK)
			s = pb_ntag424_write_credential(bench->reader, &bench->session, PB_VIEW(bench->credential), NULL);
		if (s == PB_OK)
			s = pb_ntag424_write_ndef(bench->reader, &bench->session, pb_ndef_view(&bench->ndef), NULL);
	}
	if (s == PB_OK)
		s = authenticate(bench, PB_NTAG424_MASTER, 0, mirrors);
	if (s == PB_OK && !mirrors)
		s = pb_ntag424_set_files(bench->reader, &bench->session, pb_ndef_view(&bench->ndef), NULL);
	for (int i = PB_NTAG424_SPARE; s == PB_OK && i >= PB_NTAG424_MASTER; i--)
		if (versions[i] != OURS)
			s = change_key(bench, (enum pb_ntag424_key)i);
	return s;
}

static void tap(struct bench *bench, struct pb_sdm_tap *ret_tap)
{
	uint8_t answer[SOFTCARD_ANSWER_MAX];
	char url[PB_NDEF_URL_MAX + 1];
	size_t n;

	assert_int_equal(pb_ntag424_select(bench->reader, NULL), PB_OK);
	assert_int_equal(softcard_transmit(bench->card, pb_view("\0\xA4\0\x0C\x02\xE1\x04", 7), answer, &n), SOFTCARD_ANSWERED);
	assert_int_equal(softcard_transmit(bench->card, pb_view("\0\xB0\0\0\0", 5), answer, &n), SOFTCARD_ANSWERED);
	assert_true(n > bench->ndef.n);
	assert_true(pb_ndef_read_url(pb_view(answer, bench->ndef.n), url));
	assert_true(pb_sun_parse(pb_view_text(url), HOST, ret_tap));
}

/* The credential is there, all keys are ours, the next tap is fresh, and no attempt was spent. */
static void assert_written(struct bench *bench)
{
	const struct pb_secret meta_read = key_of(PB_NTAG424_TAP_UID, OURS), file_read = key_of(PB_NTAG424_TAP_MAC, OURS);
	const struct ntag424_image *image = softcard_ntag424(bench->card);
	uint8_t file[CREDENTIAL_MAX], zeroes[CREDENTIAL_MAX - CREDENTIAL_N] = { 0 };
	struct pb_sdm_chip chip;
	struct pb_sdm_tap address;

	for (enum pb_ntag424_key i = PB_NTAG424_MASTER; i < PB_NTAG424_KEYS; i++) {
		const struct pb_secret key = key_of(i, OURS);

		assert_int_equal(image->keys[i].version, OURS);
		assert_memory_equal(image->keys[i].bytes, key.bytes, key.n);
		assert_int_equal(image->keys[i].failures, 0);
	}
	tap(bench, &address);
	assert_true(pb_sdm_open(&meta_read, &address, &chip));
	assert_memory_equal(chip.uid, uid, sizeof(uid));
	assert_int_equal(chip.counter, 1);
	assert_int_equal(pb_sdm_check(&file_read, &address, &chip, NULL), PB_SDM_FRESH);
	assert_int_equal(pb_ntag424_read_credential(bench->reader, file, NULL), PB_OK);
	assert_memory_equal(file, bench->credential, CREDENTIAL_N);
	assert_memory_equal(file + CREDENTIAL_N, zeroes, sizeof(zeroes));
}

static void connect_card(struct bench *bench)
{
	struct pb_reader_card card;

	assert_int_equal(pb_reader_connect(bench->reader, pb_deadline_in(0), &card, NULL), PB_OK);
}

/* issuer/card/chip.h was written against other software: before and after, the chip is the same to it. */
static void it_is_known_by_its_version_and_no_attempt_is_spent(void **state)
{
	struct bench bench;

	(void)state;
	open_bench(&bench);
	for (int written = 0; written < 2; written++) {
		struct pb_card_identity identity;
		struct pb_reader_card card;
		struct pb_chip chip;

		assert_int_equal(pb_reader_connect(bench.reader, pb_deadline_in(0), &card, NULL), PB_OK);
		assert_int_equal(pb_card_identify(bench.reader, &card, &identity, NULL), PB_OK);
		assert_int_equal(identity.family, PB_FAMILY_FOREIGN);
		assert_int_equal(identity.chip, PB_CHIP_NTAG_424);
		assert_int_equal(pb_card_refusal(&identity, NULL), PB_CARD_UNSUPPORTED);
		assert_int_equal(pb_chip_inspect(bench.reader, &card, false, &chip, NULL), PB_OK);
		assert_int_equal(chip.keys, written ? PB_CHIP_KEYS_CHANGED : PB_CHIP_KEYS_UNKNOWN);
		assert_int_equal(chip.key_count, NTAG424_KEYS);
		assert_int_equal(chip.key_versions[PB_NTAG424_MASTER], written ? OURS : 0);
		for (size_t i = 0; i < NTAG424_KEYS; i++)
			assert_int_equal(softcard_ntag424(bench.card)->keys[i].failures, 0);
		connect_card(&bench);
		assert_int_equal(write_card(&bench), PB_OK);
	}
	close_bench(&bench);
}

static void a_blank_becomes_a_card(void **state)
{
	struct bench bench;

	(void)state;
	open_bench(&bench);
	connect_card(&bench);
	assert_int_equal(write_card(&bench), PB_OK);
	assert_int_equal(softcard_reader_commands(bench.reader), 21);
	assert_written(&bench);
	assert_int_equal(write_card(&bench), PB_OK); /* nothing is left to do */
	close_bench(&bench);
}

static void torn_at_any_command_it_is_continued(void **state)
{
	static const char *const kinds[] = { "vanish-before", "vanish-after", "torn-old", "torn-new" };
	size_t torn = 0;

	(void)state;
	for (size_t kind = 0; kind < 4; kind++) {
		for (unsigned at = 1; at <= COMMANDS_MAX; at++) {
			struct softcard_fault fault;
			struct bench bench;
			char text[32];
			enum pb_status s;

			snprintf(text, sizeof(text), "%s@%u", kinds[kind], at);
			assert_true(softcard_fault_parse(text, &fault));
			open_bench(&bench);
			connect_card(&bench);
			softcard_arm(bench.card, &fault);
			s = write_card(&bench);
			if (s != PB_OK) {
				assert_int_equal(s, PB_CARD_REMOVED);
				softcard_put_back(bench.card);
				connect_card(&bench);
				assert_int_equal(write_card(&bench), PB_OK);
				assert_written(&bench);
				torn++;
			}
			close_bench(&bench);
		}
	}
	assert_int_equal(torn, 4 * 21);
}

static void unknown_keys_cost_one_attempt_and_nothing_is_written(void **state)
{
	struct softcard_fault fault;
	struct bench bench;

	(void)state;
	open_bench(&bench);
	connect_card(&bench);
	assert_true(softcard_fault_parse("wrong-keys", &fault));
	softcard_arm(bench.card, &fault);
	assert_int_equal(write_card(&bench), PB_CARD_KEYS);
	assert_int_equal(softcard_ntag424(bench.card)->keys[PB_NTAG424_WRITE].failures, 1);
	assert_int_equal(softcard_ntag424(bench.card)->proprietary[0], 0);
	close_bench(&bench);
}

static void a_written_card_is_closed_to_strangers(void **state)
{
	static const uint8_t update[] = { 0x00, 0xD6, 0x00, 0x00, 0x01, 0xFF };
	uint8_t answer[SOFTCARD_ANSWER_MAX];
	struct bench bench;
	size_t n;

	(void)state;
	open_bench(&bench);
	connect_card(&bench);
	assert_int_equal(write_card(&bench), PB_OK);
	for (uint8_t file = 3; file <= 5; file++) {
		const uint8_t select[] = { 0x00, 0xA4, 0x00, 0x0C, 0x02, 0xE1, file };

		assert_int_equal(softcard_transmit(bench.card, PB_VIEW(select), answer, &n), SOFTCARD_ANSWERED);
		assert_int_equal(softcard_transmit(bench.card, PB_VIEW(update), answer, &n), SOFTCARD_ANSWERED);
		assert_memory_equal(answer, "\x69\x82", 2);
	}
	assert_written(&bench);
	close_bench(&bench);
}

static void what_is_no_credential_and_no_template_is_not_sent(void **state)
{
	static const uint8_t long_one[CREDENTIAL_MAX + 1];
	struct bench bench;

	(void)state;
	open_bench(&bench);
	assert_int_equal(pb_ntag424_write_credential(bench.reader, &bench.session, PB_VIEW(long_one), NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_ntag424_write_credential(bench.reader, &bench.session, pb_view(NULL, 0), NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_ntag424_write_ndef(bench.reader, &bench.session, PB_VIEW("\0\1"), NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_ntag424_set_files(bench.reader, &bench.session, PB_VIEW("\0\1"), NULL), PB_INPUT_INVALID);
	assert_int_equal(softcard_reader_commands(bench.reader), 0);
	close_bench(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_known_by_its_version_and_no_attempt_is_spent),
		cmocka_unit_test(a_blank_becomes_a_card),
		cmocka_unit_test(torn_at_any_command_it_is_continued),
		cmocka_unit_test(unknown_keys_cost_one_attempt_and_nothing_is_written),
		cmocka_unit_test(a_written_card_is_closed_to_strangers),
		cmocka_unit_test(what_is_no_credential_and_no_template_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
