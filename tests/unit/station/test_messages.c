/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/station/messages: every message goes through and comes back the same; every field has its
 * bounds, and nothing but the one right encoding is taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/cbor.h"
#include "base/message.h"
#include "issuer/station/messages.h"

static struct pb_station_request full_request(enum pb_message_type type)
{
	struct pb_station_request request = { .type = type, .wait_ms = 1234, .purpose = PB_SESSION_FOR_KEYS };

	pb_secret_set(&request.session.u.scp03.enc, "0123456789ABCDEF", 16);
	pb_secret_set(&request.session.u.scp03.mac, "0123456789ABCDEF0123456789ABCDEF", 32);
	pb_secret_set(&request.session.u.scp03.rmac, "0123456789ABCDEF01234567", 24);
	request.session.kind = PB_SESSION_SCP03;
	request.session.kvn = KVN_ISSUER_FIRST;
	request.first.n = type == PB_ASK_EJECT ? UID_MAX : CHALLENGE_MAX;
	memset(request.first.p, 0xF1, request.first.n);
	request.second.n = 10;
	memset(request.second.p, 0x52, request.second.n);
	return request;
}

static void every_request_comes_back_the_same(void **state)
{
	(void)state;
	for (int type = PB_ASK_READERS; type <= PB_ASK_ANSWER; type++) {
		struct pb_station_request request = full_request((enum pb_message_type)type), back;
		uint8_t bytes[PB_MESSAGE_MAX], again[PB_MESSAGE_MAX];
		struct pb_view message = pb_station_request_encode(&request, bytes, sizeof(bytes));

		assert_int_equal(pb_station_request_decode(message, &back, NULL), PB_OK);
		assert_int_equal(back.type, type);
		assert_true(pb_view_equal(message, pb_station_request_encode(&back, again, sizeof(again))));
	}
}

static void a_session_arrives_whole(void **state)
{
	struct pb_station_request request = full_request(PB_ASK_SEAL), back;
	uint8_t bytes[PB_MESSAGE_MAX];
	struct pb_view message = pb_station_request_encode(&request, bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(pb_station_request_decode(message, &back, NULL), PB_OK);
	assert_int_equal(back.session.u.scp03.mac.n, 32);
	assert_memory_equal(back.session.u.scp03.mac.bytes, request.session.u.scp03.mac.bytes, 32);
	assert_int_equal(back.session.kvn, KVN_ISSUER_FIRST);
	assert_int_equal(back.first.n, CHALLENGE_MAX);
	pb_station_request_wipe(&back);
	assert_int_equal(back.session.u.scp03.mac.n, 0);
}

static struct pb_station_reply full_reply(enum pb_message_type type)
{
	struct pb_station_reply reply = { .type = type };

	switch (type) {
	case PB_SAY_FAILED:
		reply.u.failure = (struct pb_err){ PB_CARD_REFUSED, 0x6A84, 5, "STORE DATA 1: SW 6A84" };
		break;
	case PB_SAY_READERS:
		reply.u.readers = (struct pb_reader_list){ { "One 00 00", "Two 00 00" }, 2 };
		break;
	case PB_SAY_OFFER:
		reply.u.offer = (struct pb_card_identity){ PB_FAMILY_APPLET, "why", { 4, 1 }, 7, APPLET_BLANK, true, { 4 }, PB_CHIP_UNKNOWN, PB_CHIP_UNKNOWN };
		break;
	case PB_SAY_WORDS:
		reply.u.words = (struct pb_card_words){ { 1 }, 37 };
		break;
	case PB_SAY_IMAGE:
		reply.u.image = (struct pb_card_image){ { 1 }, 100, { 4 }, { 0 }, 2, APPLET_LOCKED, { 7 } };
		break;
	case PB_SAY_CHIP:
		reply.u.chip = (struct pb_chip){ PB_CHIP_NTAG_424, PB_CHIP_BY_VERSION, "note", 416, true, 100, PB_ORIGINALITY_VALID,
						 { 0, 1 }, 2, PB_CHIP_KEYS_CHANGED };
		break;
	default:
		break;
	}
	return reply;
}

static void every_reply_comes_back_the_same(void **state)
{
	(void)state;
	for (int type = PB_SAY_DONE; type <= PB_SAY_CHIP; type++) {
		struct pb_station_reply reply = full_reply((enum pb_message_type)type), back;
		uint8_t bytes[PB_MESSAGE_MAX], again[PB_MESSAGE_MAX];
		struct pb_view message = pb_station_reply_encode(&reply, bytes, sizeof(bytes));

		assert_int_equal(pb_station_reply_decode(message, reply.type, &back, NULL), PB_OK);
		assert_true(pb_view_equal(message, pb_station_reply_encode(&back, again, sizeof(again))));
	}
}

static void a_reply_to_another_question_is_refused_and_a_failure_never(void **state)
{
	struct pb_station_reply reply = full_reply(PB_SAY_KEY), back;
	uint8_t bytes[PB_MESSAGE_MAX];
	struct pb_view message = pb_station_reply_encode(&reply, bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(pb_station_reply_decode(message, PB_SAY_IMAGE, &back, NULL), PB_MESSAGE_INVALID);
	reply = full_reply(PB_SAY_FAILED);
	message = pb_station_reply_encode(&reply, bytes, sizeof(bytes));
	assert_int_equal(pb_station_reply_decode(message, PB_SAY_IMAGE, &back, NULL), PB_OK);
	assert_int_equal(back.u.failure.sw, 0x6A84);
	assert_string_equal(back.u.failure.msg, "STORE DATA 1: SW 6A84");
}

/* Cut, lengthened, and with each byte changed: refused, or exactly what its bytes say. */
static void a_message_changed_anywhere_is_refused_or_says_what_it_says(void **state)
{
	struct pb_station_reply reply = full_reply(PB_SAY_OFFER), back;
	uint8_t bytes[PB_MESSAGE_MAX], again[PB_MESSAGE_MAX];
	struct pb_view message = pb_station_reply_encode(&reply, bytes, sizeof(bytes) - 1);

	(void)state;
	for (size_t n = 0; n < message.n; n++)
		assert_int_equal(pb_station_reply_decode(pb_view(bytes, n), PB_SAY_OFFER, &back, NULL), PB_MESSAGE_INVALID);
	bytes[message.n] = 0;
	assert_int_equal(pb_station_reply_decode(pb_view(bytes, message.n + 1), PB_SAY_OFFER, &back, NULL),
			 PB_MESSAGE_INVALID);
	for (size_t i = 0; i < message.n; i++)
		for (int value = 0; value < 256; value++) {
			uint8_t before = bytes[i];

			bytes[i] = (uint8_t)value;
			if (pb_station_reply_decode(message, PB_SAY_OFFER, &back, NULL) == PB_OK)
				assert_true(pb_view_equal(message, pb_station_reply_encode(&back, again, sizeof(again))));
			bytes[i] = before;
		}
}

static enum pb_status offer_with(uint64_t family, const char *why, uint64_t card_state, uint64_t chip)
{
	static const uint8_t uid[7] = { 4 }, point[PB_P256_POINT] = { 4 };
	uint8_t bytes[256];
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes));
	struct pb_station_reply back;

	pb_cbor_put_array(&writer, 8);
	pb_cbor_put_uint(&writer, PB_SAY_OFFER);
	pb_cbor_put_uint(&writer, family);
	pb_cbor_put_text(&writer, why);
	pb_cbor_put_bytes(&writer, PB_VIEW(uid));
	pb_cbor_put_uint(&writer, card_state);
	pb_cbor_put_bool(&writer, false);
	pb_cbor_put_bytes(&writer, PB_VIEW(point));
	pb_cbor_put_uint(&writer, chip);
	return pb_station_reply_decode(pb_view(bytes, writer.n), PB_SAY_OFFER, &back, NULL);
}

static void values_no_switch_knows_do_not_reach_the_owner(void **state)
{
	(void)state;
	assert_int_equal(offer_with(PB_FAMILY_APPLET, "", APPLET_BLANK, PB_CHIP_UNKNOWN), PB_OK);
	assert_int_equal(offer_with(PB_FAMILY_FOREIGN, "", 0, PB_CHIP_COUNT - 1), PB_OK);
	assert_int_equal(offer_with(PB_FAMILY_FOREIGN, "", 0, PB_CHIP_COUNT), PB_MESSAGE_INVALID);
	assert_int_equal(offer_with(PB_FAMILY_COUNT, "", APPLET_BLANK, PB_CHIP_UNKNOWN), PB_MESSAGE_INVALID);
	assert_int_equal(offer_with(PB_FAMILY_APPLET, "", 0x08, PB_CHIP_UNKNOWN), PB_MESSAGE_INVALID);
	assert_int_equal(offer_with(PB_FAMILY_FOREIGN, "", 0, PB_CHIP_UNKNOWN), PB_OK);
	assert_int_equal(offer_with(PB_FAMILY_FOREIGN, "\033[2J", 0, PB_CHIP_UNKNOWN), PB_MESSAGE_INVALID); /* for a terminal */
}

static void a_failure_without_a_status_is_refused(void **state)
{
	static const uint8_t fine[] = { 0x85, 0x18, PB_SAY_FAILED, 0x01, 0x00, 0x00, 0x60 };
	static const uint8_t success[] = { 0x85, 0x18, PB_SAY_FAILED, 0x00, 0x00, 0x00, 0x60 };
	struct pb_station_reply back;

	(void)state;
	assert_int_equal(pb_station_reply_decode(PB_VIEW(fine), PB_SAY_DONE, &back, NULL), PB_OK);
	assert_int_equal(pb_station_reply_decode(PB_VIEW(success), PB_SAY_DONE, &back, NULL), PB_MESSAGE_INVALID);
}

static void words_of_devices_are_made_plain_and_cut(void **state)
{
	struct pb_station_reply reply = { .type = PB_SAY_FAILED, .u.failure = { .status = PB_READER_GONE } }, back;
	uint8_t bytes[PB_MESSAGE_MAX];

	(void)state;
	strcpy(reply.u.failure.msg, "Reader \xC3\xA9\n");
	assert_int_equal(pb_station_reply_decode(pb_station_reply_encode(&reply, bytes, sizeof(bytes)), PB_SAY_DONE, &back, NULL),
			 PB_OK);
	assert_string_equal(back.u.failure.msg, "Reader ???");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_request_comes_back_the_same),
		cmocka_unit_test(a_session_arrives_whole),
		cmocka_unit_test(every_reply_comes_back_the_same),
		cmocka_unit_test(a_reply_to_another_question_is_refused_and_a_failure_never),
		cmocka_unit_test(a_message_changed_anywhere_is_refused_or_says_what_it_says),
		cmocka_unit_test(values_no_switch_knows_do_not_reach_the_owner),
		cmocka_unit_test(a_failure_without_a_status_is_refused),
		cmocka_unit_test(words_of_devices_are_made_plain_and_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
