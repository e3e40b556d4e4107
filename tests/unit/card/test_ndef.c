/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory cards, which anybody can copy: written and read over the software NTAG 215, torn at every exchange; and cards
 * that are no such blank are told and left alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/credential/ndef.h"
#include "issuer/credential/url.h"
#include "issuer/perso/perso.h"
#include "softcard/softcard.h"
#include "tests/lib/softcard_reader.h"

static const uint8_t uid[] = { 0x04, 0xE1, 0x0C, 0xDA, 0x99, 0x3C, 0x80 };
static const uint8_t challenge[CHALLENGE_MIN];
static const char host[] = "pb.example";

struct tag {
	struct softcard *card;
	struct pb_reader *reader;
	struct pb_perso perso;
	uint8_t credential[CREDENTIAL_MAX];
};

static struct tag put_down(void)
{
	const struct softcard_options options = { .kind = SOFTCARD_NTAG215, .uid = PB_VIEW(uid) };
	struct tag tag = { 0 };

	assert_int_equal(softcard_create(&options, &tag.card, NULL), PB_OK);
	tag.reader = softcard_reader_create(tag.card);
	for (size_t i = 0; i < sizeof(tag.credential); i++)
		tag.credential[i] = (uint8_t)(0xD2 + i * 7);
	return tag;
}

static void take_away(struct tag *tag)
{
	pb_perso_finish(&tag->perso);
	pb_reader_destroy(tag->reader);
	softcard_destroy(tag->card);
}

static struct pb_card_identity identify(struct tag *tag)
{
	struct pb_card_identity identity;
	struct pb_reader_card card;
	struct pb_err err = { 0 };

	assert_int_equal(pb_reader_connect(tag->reader, pb_deadline_in(0), &card, &err), PB_OK);
	if (pb_card_identify(tag->reader, &card, &identity, &err) != PB_OK)
		fail_msg("%s", err.msg);
	return identity;
}

static struct pb_ndef address(const char *of)
{
	struct pb_ndef ndef;
	char url[80];

	snprintf(url, sizeof(url), "https://%s/v", of);
	assert_int_equal(pb_ndef_of_url(url, &ndef, NULL), PB_OK);
	return ndef;
}

static enum pb_status open_tag(struct tag *tag, enum pb_session_purpose purpose, struct pb_err *err)
{
	const struct pb_card_session session = { .kind = PB_SESSION_OPEN, .kvn = PB_KVN_NO_KEYS };
	struct pb_card_words words;
	enum pb_status s = pb_perso_begin(&tag->perso, purpose, &words, err);

	return s == PB_OK ? pb_perso_open(&tag->perso, &session, err) : s;
}

/* From whatever state it is in to a card that is locked. */
static enum pb_status personalise(struct tag *tag, struct pb_err *err)
{
	struct pb_ndef ndef = address(host);
	struct pb_card_identity identity;
	struct pb_reader_card card;
	enum pb_status s = pb_reader_connect(tag->reader, pb_deadline_in(0), &card, err);

	if (s == PB_OK)
		s = pb_card_identify(tag->reader, &card, &identity, err);
	if (s != PB_OK)
		return s;
	assert_int_equal(identity.family, PB_FAMILY_NDEF);
	pb_perso_init(&tag->perso, tag->reader, identity.family);
	if (identity.state == APPLET_BLANK) {
		s = open_tag(tag, PB_SESSION_FOR_DATA, err);
		if (s == PB_OK)
			s = pb_perso_write(&tag->perso, PB_VIEW(tag->credential), pb_ndef_view(&ndef), err);
	}
	if (s == PB_OK && identity.state != APPLET_LOCKED)
		s = open_tag(tag, PB_SESSION_FOR_KEYS, err);
	if (s == PB_OK && identity.state != APPLET_LOCKED)
		s = pb_perso_set_state(&tag->perso, APPLET_LOCKED, err);
	return s;
}

static void must_hold_all(struct tag *tag)
{
	struct pb_ndef ndef = address(host);
	struct pb_card_image image;
	struct pb_err err = { 0 };

	if (pb_card_examine(tag->reader, PB_FAMILY_NDEF, PB_VIEW(challenge), &image, &err) != PB_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(image.state, APPLET_LOCKED);
	assert_true(pb_view_equal(pb_view(image.credential, image.credential_n), PB_VIEW(tag->credential)));
	assert_true(pb_view_equal(pb_view(image.ndef, image.ndef_n), pb_ndef_view(&ndef)));
	assert_int_equal(softcard_state(tag->card), APPLET_LOCKED);
}

static void a_blank_becomes_a_card_that_a_telephone_opens(void **state)
{
	struct tag tag = put_down();
	struct pb_credential_token token;
	char url[PB_NDEF_RECORD_URL_MAX + 1];
	struct pb_err err = { 0 };

	(void)state;
	assert_int_equal(identify(&tag).state, APPLET_BLANK);
	assert_int_equal(personalise(&tag, &err), PB_OK);
	assert_int_equal(identify(&tag).state, APPLET_LOCKED);
	must_hold_all(&tag);
	assert_true(pb_ndef_record_url(ntag21x_message(softcard_ntag21x(tag.card)), url));
	assert_int_equal(pb_credential_url_decode(pb_view_text(url), host, &token), PB_FAULT_NONE);
	assert_true(pb_view_equal(pb_credential_token_view(&token), PB_VIEW(tag.credential)));
	take_away(&tag);
}

/* Every exchange that reaches the memory, and whatever may befall it. */
static void every_tear_is_continued(void **state)
{
	static const enum softcard_fault_kind tears[] = { SOFTCARD_VANISH_BEFORE, SOFTCARD_VANISH_AFTER, SOFTCARD_TORN_OLD,
							  SOFTCARD_TORN_NEW };
	struct tag tag = put_down();
	struct pb_err err = { 0 };
	unsigned long commands;

	(void)state;
	assert_int_equal(personalise(&tag, &err), PB_OK);
	commands = softcard_commands(tag.card);
	print_message("%lu exchanges with a memory card\n", commands);
	take_away(&tag);
	for (unsigned long at = 1; at <= commands; at++) {
		for (size_t i = 0; i < sizeof(tears) / sizeof(tears[0]); i++) {
			const struct softcard_fault fault = { .kind = tears[i], .at = at };
			struct pb_card_image image;

			tag = put_down();
			softcard_arm(tag.card, &fault);
			assert_int_equal(personalise(&tag, &err), PB_CARD_REMOVED);
			softcard_put_back(tag.card);
			if (identify(&tag).state == APPLET_BLANK) /* nobody reads half a message */
				assert_int_equal(pb_card_examine(tag.reader, PB_FAMILY_NDEF, PB_VIEW(challenge), &image, &err), PB_NOT_FOUND);
			if (personalise(&tag, &err) != PB_OK)
				fail_msg("tear %zu at exchange %lu: %s", i, at, err.msg);
			must_hold_all(&tag);
			take_away(&tag);
		}
	}
}

static void write_page(struct tag *tag, uint8_t page, const char *hex)
{
	uint8_t command[9] = { 0xFF, 0xD6, 0x00, page, 0x04 }, answer[PB_RESPONSE_MAX];
	size_t n;

	assert_true(pb_hex_decode(hex, command + 5, 4, &n) && n == 4);
	assert_int_equal(pb_reader_transmit(tag->reader, PB_VIEW(command), answer, &n, NULL), PB_OK);
	assert_int_equal(answer[0], 0x90);
}

static void must_be_foreign(struct tag *tag, const char *why)
{
	struct pb_card_identity identity = identify(tag);

	assert_int_equal(identity.family, PB_FAMILY_FOREIGN);
	if (strstr(identity.why, why) == NULL)
		fail_msg("%s", identity.why);
	take_away(tag);
}

static void what_is_somebody_s_is_left_alone(void **state)
{
	struct tag tag = put_down();
	struct pb_card_image image;

	(void)state;
	identify(&tag);
	write_page(&tag, 4, "0305D101");
	must_be_foreign(&tag, "NTAG 215"); /* a short message */
	tag = put_down();
	identify(&tag);
	write_page(&tag, 4, "0103A00C");
	must_be_foreign(&tag, "NTAG 215"); /* a lock control TLV */
	tag = put_down();
	identify(&tag);
	write_page(&tag, 2, "0000FFFF");
	must_be_foreign(&tag, "NTAG 215"); /* empty, and locked */
	tag = put_down();
	identify(&tag);
	write_page(&tag, 5, "D1010155");
	write_page(&tag, 4, "03FF0005");
	assert_int_equal(identify(&tag).family, PB_FAMILY_NDEF); /* a record, as far as its head tells */
	assert_int_equal(pb_card_examine(tag.reader, PB_FAMILY_NDEF, PB_VIEW(challenge), &image, NULL), PB_CARD_FOREIGN);
	take_away(&tag);
}

static void another_card_that_lies_there_meanwhile_is_noticed(void **state)
{
	const struct softcard_fault fault = { .kind = SOFTCARD_SWAPPED, .at = 1 };
	struct tag tag = put_down();
	struct pb_err err = { 0 };

	(void)state;
	identify(&tag);
	pb_perso_init(&tag.perso, tag.reader, PB_FAMILY_NDEF);
	assert_int_equal(open_tag(&tag, PB_SESSION_FOR_DATA, &err), PB_OK);
	softcard_arm(tag.card, &fault);
	assert_int_equal(open_tag(&tag, PB_SESSION_FOR_KEYS, &err), PB_CARD_SWAPPED);
	take_away(&tag);
}

static void an_address_that_is_too_long_is_refused_before_it_is_written(void **state)
{
	static const char longest[] = "a-name-of-thirty-eight-letters-pb.example.org.example";
	struct tag tag = put_down();
	struct pb_ndef ndef = address(longest);
	struct pb_err err = { 0 };

	(void)state;
	identify(&tag);
	pb_perso_init(&tag.perso, tag.reader, PB_FAMILY_NDEF);
	assert_int_equal(open_tag(&tag, PB_SESSION_FOR_DATA, &err), PB_OK);
	assert_int_equal(pb_perso_write(&tag.perso, PB_VIEW(tag.credential), pb_ndef_view(&ndef), &err), PB_INPUT_INVALID);
	assert_int_equal(identify(&tag).state, APPLET_BLANK);
	take_away(&tag);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blank_becomes_a_card_that_a_telephone_opens),
		cmocka_unit_test(every_tear_is_continued),
		cmocka_unit_test(what_is_somebody_s_is_left_alone),
		cmocka_unit_test(another_card_that_lies_there_meanwhile_is_noticed),
		cmocka_unit_test(an_address_that_is_too_long_is_refused_before_it_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
