/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/card against cards that are nearly right: every liberty a card takes with its FCI or EF.CARD is
 * refused, and by name.  A card is told as the list of its answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/card/card.h"
#include "issuer/reader/replay.h"

#define NAME "840BF050524F4642494C455401"
#define POINT \
	"046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296" \
	"4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"
#define KEY "7F49438641" POINT
#define SIGNATURE "3006020101020102"
#define FCI(state) "6F18" NAME "A5099F6E01" state "9F08020100"
#define GOOD_FCI FCI("1F") "9000"
#define GOOD_FILE "C103AABBCC" KEY "C2040002D101" "9000"

static const uint8_t challenge[CHALLENGE_MIN] = { 1 };

/* The answers as a hostile reader takes them: a length and so many bytes each. */
struct script {
	uint8_t bytes[2048];
	size_t n;
};

static void add(struct script *script, const char *hex)
{
	size_t n;

	assert_true(pb_hex_decode(hex, script->bytes + script->n + 1, 255, &n));
	script->bytes[script->n] = (uint8_t)n;
	script->n += 1 + n;
}

static struct pb_reader *reader_of(const struct script *script)
{
	return pb_replay_create_hostile(pb_view(script->bytes, script->n));
}

static enum pb_status identify(const char *fci, const char *shadow, struct pb_card_identity *ret_identity)
{
	static const struct pb_reader_card card = { .uid = { 4 }, .uid_n = 7 };
	struct script script = { .n = 0 };
	struct pb_reader *reader;
	enum pb_status s;

	add(&script, fci);
	if (shadow)
		add(&script, shadow);
	else
		add(&script, "6A82"); /* nor is it of another kind */
	reader = reader_of(&script);
	s = pb_card_identify(reader, &card, ret_identity, NULL);
	pb_reader_destroy(reader);
	return s;
}

static enum pb_status examine(const char *fci, const char *file, const char *more, const char *signature,
			      struct pb_card_image *ret_image)
{
	struct script script = { .n = 0 };
	struct pb_reader *reader;
	enum pb_status s;

	add(&script, fci);
	add(&script, file);
	if (more)
		add(&script, more);
	add(&script, signature);
	reader = reader_of(&script);
	s = pb_card_examine(reader, PB_FAMILY_APPLET, PB_VIEW(challenge), ret_image, NULL);
	pb_reader_destroy(reader);
	return s;
}

static void a_good_card_is_read(void **state)
{
	struct pb_card_identity identity;
	struct pb_card_image image;

	(void)state;
	assert_int_equal(identify(GOOD_FCI, NULL, &identity), PB_OK);
	assert_int_equal(identity.family, PB_FAMILY_APPLET);
	assert_int_equal(identity.state, APPLET_LOCKED);
	assert_false(identity.shadow);
	assert_int_equal(examine(GOOD_FCI, GOOD_FILE, NULL, SIGNATURE "9000", &image), PB_OK);
	assert_int_equal(image.credential_n, 3);
	assert_int_equal(image.ndef_n, 4);
	assert_int_equal(image.sig[31], 1);
	assert_int_equal(image.sig[63], 2);
}

static void an_fci_that_is_not_ours_makes_a_foreign_card_with_a_reason(void **state)
{
	static const struct {
		const char *fci, *why;
	} rows[] = {
		{ "9000", "SELECT: another application answered" },
		{ "6F0A" "8408A000000151000000" "9000", "SELECT: another application answered" },
		{ "6F0D" NAME "9000", "SELECT: another application answered" },
		{ FCI("07") "00" "9000", "SELECT: another application answered" },
		{ "6F14" NAME "A5059F08020100" "9000", "SELECT: a life cycle state that is not ours" },
		{ FCI("08") "9000", "SELECT: a life cycle state that is not ours" },
		{ "6F18" NAME "A5099F6E01079F08020200" "9000", "SELECT: a newer generation of the card application" },
		{ "6A82", "SELECT: SW 6A82 (no such file or application)" },
		{ "6999", "SELECT: SW 6999 (the application refuses to be selected)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pb_card_identity identity;

		assert_int_equal(identify(rows[i].fci, NULL, &identity), PB_OK);
		assert_int_equal(identity.family, PB_FAMILY_FOREIGN);
		assert_string_equal(identity.why, rows[i].why);
	}
}

static void a_waiting_key_is_read_or_refused(void **state)
{
	static const char waiting[] = "6F1C" NAME "A50D9F6E01079F080201009F6F0101" "9000";
	struct pb_card_identity identity;

	(void)state;
	assert_int_equal(identify(waiting, "7F4A438641" POINT "9000", &identity), PB_OK);
	assert_true(identity.shadow);
	assert_int_equal(identity.shadow_point[1], 0x6B);
	assert_int_equal(identify(waiting, KEY "9000", &identity), PB_CARD_PROTOCOL);
	assert_int_equal(identify(waiting, "6A88", &identity), PB_CARD_REFUSED);
}

static void a_file_with_any_liberty_in_it_is_refused(void **state)
{
	static const char *const rows[] = {
		"9000",
		"C103AABBCC" KEY "9000",			       /* no NDEF */
		KEY "C103AABBCC" "C2040002D101" "9000",		       /* another order */
		"C103AABBCC" KEY "C2040002D101" "00" "9000",	       /* a byte too many */
		"C103AABBCC" KEY "C2040002D1" "9000",		       /* a byte too few */
		"C18103AABBCC" KEY "C2040002D101" "9000",	       /* a long length */
		"C103AABBCC" "7F4981438641" POINT "C2040002D101" "9000",
		"C103AABBCC" "7F49458641" POINT "8600" "C2040002D101" "9000", /* two in the template */
		"C100" KEY "C2040002D101" "9000",		       /* an empty credential */
		"C103AABBCC" KEY "C20100" "9000",		       /* NLEN cut in half */
		"C103AABBCC" "7F4943864102" /* a compressed point, padded */
		"6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
		"0000000000000000000000000000000000000000000000000000000000000000" "C2040002D101" "9000",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pb_card_image image;

		assert_int_equal(examine(GOOD_FCI, rows[i], NULL, SIGNATURE "9000", &image), PB_CARD_PROTOCOL);
	}
}

static void refusals_keep_their_status(void **state)
{
	struct pb_card_image image;

	(void)state;
	assert_int_equal(examine(GOOD_FCI, "6A82", NULL, SIGNATURE "9000", &image), PB_CARD_REFUSED);
	assert_int_equal(examine(GOOD_FCI, GOOD_FILE, NULL, "6F00", &image), PB_CARD_REFUSED);
	assert_int_equal(examine(GOOD_FCI, GOOD_FILE, NULL, "3006020101020100" "00" "9000", &image), PB_CARD_PROTOCOL);
	assert_int_equal(examine(FCI("07") "9000", GOOD_FILE, NULL, SIGNATURE "9000", &image), PB_NOT_FOUND);
	assert_int_equal(examine("6285", GOOD_FILE, NULL, SIGNATURE "9000", &image), PB_CARD_TERMINATED);
	assert_int_equal(examine("6A82", GOOD_FILE, NULL, SIGNATURE "9000", &image), PB_CARD_FOREIGN);
	/* Data with the warning that the file ended are whole. */
	assert_int_equal(examine(GOOD_FCI, "C103AABBCC" KEY "C2040002D101" "6282", NULL, SIGNATURE "9000", &image), PB_OK);
}

static void a_challenge_of_another_length_is_not_sent(void **state)
{
	struct script script = { .n = 0 };
	struct pb_reader *reader = reader_of(&script);
	struct pb_card_image image;
	uint8_t long_one[CHALLENGE_MAX + 1] = { 0 };

	(void)state;
	assert_int_equal(pb_card_examine(reader, PB_FAMILY_APPLET, pb_view(challenge, CHALLENGE_MIN - 1), &image, NULL),
			 PB_INPUT_INVALID);
	assert_int_equal(pb_card_examine(reader, PB_FAMILY_APPLET, PB_VIEW(long_one), &image, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_card_examine(reader, PB_FAMILY_FOREIGN, PB_VIEW(challenge), &image, NULL), PB_CARD_FOREIGN);
	pb_reader_destroy(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_card_is_read),
		cmocka_unit_test(an_fci_that_is_not_ours_makes_a_foreign_card_with_a_reason),
		cmocka_unit_test(a_waiting_key_is_read_or_refused),
		cmocka_unit_test(a_file_with_any_liberty_in_it_is_refused),
		cmocka_unit_test(refusals_keep_their_status),
		cmocka_unit_test(a_challenge_of_another_length_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
