/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * issuer/card with a PIV card: the software card of softcard/piv.h, filled as an issuer fills one, and the same with
 * each liberty taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "card-applet-spec/piv.h"
#include "issuer/card/card.h"
#include "issuer/iso7816/apdu.h"
#include "issuer/iso7816/tlv.h"
#include "keys/crypto/des3.h"
#include "tests/lib/softcard_reader.h"

enum { CREDENTIAL_N = 112, PIECE = 200, CHUID_MAX = 256, CERTIFICATE_MAX = 512 };

static const uint8_t challenge[CHALLENGE_MIN] = { 1 };

struct rig {
	struct softcard *card;
	struct pb_reader *reader;
	struct pb_reader_card offered;
	uint8_t answer[SOFTCARD_ANSWER_MAX];
	size_t n;
	unsigned sw;
	uint8_t point[PB_P256_POINT];
};

static void send(struct rig *rig, const char *hex)
{
	uint8_t bytes[300];
	size_t n;

	assert_true(pb_hex_decode(hex, bytes, sizeof(bytes), &n));
	assert_int_equal(softcard_transmit(rig->card, pb_view(bytes, n), rig->answer, &rig->n), SOFTCARD_ANSWERED);
	rig->n -= 2;
	rig->sw = (unsigned)rig->answer[rig->n] << 8 | rig->answer[rig->n + 1];
}

static struct rig *rig_new(void)
{
	static const uint8_t uid[] = { 0x04, 1, 2, 3, 4, 5, 6 };
	const struct softcard_options options = { .kind = SOFTCARD_PIV, .uid = PB_VIEW(uid) };
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	assert_int_equal(softcard_create(&options, &rig->card, NULL), PB_OK);
	rig->reader = softcard_reader_create(rig->card);
	assert_int_equal(pb_reader_connect(rig->reader, pb_deadline_in(0), &rig->offered, NULL), PB_OK);
	return rig;
}

static void rig_free(struct rig *rig)
{
	pb_reader_destroy(rig->reader);
	softcard_destroy(rig->card);
	free(rig);
}

/* The host alone, with the factory's key. */
static void open_card(struct rig *rig)
{
	uint8_t response[8];
	char hex[64] = "0087039b0c7c0a8208";

	send(rig, "00a4040005a00000030800");
	send(rig, "0087039b047c02810000");
	assert_int_equal(rig->sw, SW_OK);
	pb_des3_encrypt_block(pb_view(PIV_FACTORY_KEY, PIV_FACTORY_KEY_LEN), rig->answer + 4, response);
	pb_hex_encode(PB_VIEW(response), hex + strlen(hex));
	send(rig, hex);
	assert_int_equal(rig->sw, SW_OK);
}

static void generate(struct rig *rig)
{
	send(rig, "0047009e05ac0380011100");
	assert_int_equal(rig->sw, SW_OK);
	memcpy(rig->point, rig->answer + 5, PB_P256_POINT);
}

static void put_object(struct rig *rig, uint32_t tag, struct pb_view value)
{
	uint8_t bytes[CERTIFICATE_MAX + 16];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));
	struct pb_cursor in;

	pb_put_be(&out, 0x5C03, 2);
	pb_put_be(&out, tag, 3);
	pb_tlv_put(&out, PIV_TAG_OBJECT, value);
	assert_false(out.full);
	in = pb_cursor(pb_view(bytes, out.n));
	while (in.left) {
		uint8_t command[PIECE + 5];
		struct pb_writer piece = pb_writer(command, sizeof(command));
		struct pb_apdu apdu = { CLA_ISO, INS_PUT_DATA, P1_PIV_OBJECT, P2_PIV_OBJECT, { 0 }, 0 };

		assert_true(pb_take(&in, in.left < PIECE ? in.left : PIECE, &apdu.data));
		apdu.cla = in.left ? CLA_CHAINED : CLA_ISO;
		pb_apdu_put(&piece, &apdu);
		assert_int_equal(softcard_transmit(rig->card, pb_view(command, piece.n), rig->answer, &rig->n), SOFTCARD_ANSWERED);
		assert_memory_equal(rig->answer, "\x90\x00", 2);
	}
}

/* Ours: a UUID of version 8 that begins with PB1; then versions of the management key and whether the card is finished. */
static const char guid_begun[] = "504231000000800080000000000000AA", guid_finished[] = "504231004001800080000000000000AA",
		  guid_of_others[] = "00000000000040008000000000000000";

static void put_chuid(struct rig *rig, const char *guid_hex, size_t credential_n)
{
	static const uint8_t fasc_n[25], expiry[8] = "20300101";
	uint8_t guid[16];
	size_t n;
	uint8_t credential[CREDENTIAL_MAX + 1], bytes[CHUID_MAX];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));

	assert_true(pb_hex_decode(guid_hex, guid, sizeof(guid), &n));
	memset(credential, 0xC5, sizeof(credential));
	pb_tlv_put(&out, PIV_CHUID_FASC_N, PB_VIEW(fasc_n));
	pb_tlv_put(&out, PIV_CHUID_GUID, PB_VIEW(guid));
	pb_tlv_put(&out, PIV_CHUID_EXPIRY, PB_VIEW(expiry));
	pb_tlv_put(&out, PIV_CHUID_SIGNATURE, pb_view(credential, credential_n));
	pb_tlv_put(&out, PIV_CHUID_CHECK, (struct pb_view){ 0 });
	assert_false(out.full);
	put_object(rig, PIV_OBJECT_CHUID, pb_view(bytes, out.n));
}

/* As much of a certificate as says whose key it is, padded to a usual length by its subject. */
static void put_certificate(struct rig *rig, const uint8_t point[static PB_P256_POINT])
{
	static const uint8_t version[] = { 2, 1, 2 }, serial[] = { 7 }, subject[160];
	uint8_t spki[PB_P256_SPKI], tbs[CERTIFICATE_MAX], der[CERTIFICATE_MAX], whole[CERTIFICATE_MAX];
	struct pb_writer inner = pb_writer(tbs, sizeof(tbs)), middle = pb_writer(der, sizeof(der));
	struct pb_writer certificate = pb_writer(tbs, sizeof(tbs)), object = pb_writer(whole, sizeof(whole));

	pb_p256_point_to_spki(point, spki);
	pb_tlv_put(&inner, 0xA0, PB_VIEW(version));
	pb_tlv_put(&inner, 0x02, PB_VIEW(serial));
	for (int i = 0; i < 3; i++)
		pb_tlv_put(&inner, 0x30, (struct pb_view){ 0 });
	pb_tlv_put(&inner, 0x30, PB_VIEW(subject));
	pb_put(&inner, spki, sizeof(spki));
	pb_tlv_put(&middle, 0x30, pb_view(tbs, inner.n));
	pb_tlv_put(&certificate, 0x30, pb_view(der, middle.n));
	pb_tlv_put(&object, PIV_CERTIFICATE, pb_view(tbs, certificate.n));
	pb_tlv_put(&object, PIV_CERTIFICATE_INFO, pb_view("", 1));
	pb_tlv_put(&object, PIV_CHUID_CHECK, (struct pb_view){ 0 });
	assert_false(inner.full || middle.full || certificate.full || object.full);
	put_object(rig, PIV_OBJECT_CARD_CERTIFICATE, pb_view(whole, object.n));
}

/* NLEN 70, which is more than one piece of writing. */
static void put_tag(struct rig *rig)
{
	send(rig, "00a4040007d276000085010100");
	send(rig, "00a4000c020001");
	send(rig, "00d600000300" "46" "d1");
	assert_int_equal(rig->sw, SW_OK);
}

static struct rig *rig_of_issued(void)
{
	struct rig *rig = rig_new();

	open_card(rig);
	generate(rig);
	put_chuid(rig, guid_begun, CREDENTIAL_N);
	put_certificate(rig, rig->point);
	put_tag(rig);
	return rig;
}

static struct pb_card_identity identity_of(struct rig *rig)
{
	struct pb_card_identity identity;

	assert_int_equal(pb_card_identify(rig->reader, &rig->offered, &identity, NULL), PB_OK);
	return identity;
}

static void a_blank_says_so_and_which_key_waits(void **state)
{
	struct rig *rig = rig_new();
	struct pb_card_identity identity = identity_of(rig);
	struct pb_card_image image;

	(void)state;
	assert_int_equal(identity.family, PB_FAMILY_PIV);
	assert_int_equal(identity.state, APPLET_BLANK);
	assert_int_equal(pb_card_refusal(&identity, NULL), PB_OK);
	assert_false(identity.shadow);
	assert_int_equal(pb_card_examine(rig->reader, PB_FAMILY_PIV, PB_VIEW(challenge), &image, NULL), PB_NOT_FOUND);
	open_card(rig);
	generate(rig);
	identity = identity_of(rig);
	assert_int_equal(identity.state, APPLET_BLANK);
	assert_true(identity.shadow);
	assert_memory_equal(identity.shadow_point, rig->point, sizeof(rig->point));
	rig_free(rig);
}

static void an_issued_card_is_read_and_proves_itself(void **state)
{
	struct rig *rig = rig_of_issued();
	struct pb_card_image image;
	struct pb_view credential;

	(void)state;
	assert_int_equal(identity_of(rig).state, APPLET_PERSONALISED);
	assert_int_equal(pb_card_examine(rig->reader, PB_FAMILY_PIV, PB_VIEW(challenge), &image, NULL), PB_OK);
	assert_int_equal(image.state, APPLET_PERSONALISED);
	assert_int_equal(image.credential_n, CREDENTIAL_N);
	assert_int_equal(image.credential[CREDENTIAL_N - 1], 0xC5);
	assert_memory_equal(image.point, rig->point, sizeof(rig->point));
	assert_int_equal(image.ndef_n, 72);
	assert_int_equal(image.ndef[2], 0xD1);
	credential = pb_view(image.credential, image.credential_n);
	assert_true(pb_card_check_proof(image.point, credential, PB_VIEW(challenge), image.sig));
	image.credential[0] ^= 1;
	assert_false(pb_card_check_proof(image.point, credential, PB_VIEW(challenge), image.sig));
	rig_free(rig);
}

static void a_card_is_locked_when_its_chuid_says_it_is_finished(void **state)
{
	static const char set_key[] = "00ffffff1b039b18000102030405060708090a0b0c0d0e0f1011121314151617";
	struct rig *rig = rig_of_issued();
	struct pb_card_image image;
	struct pb_card_identity identity;

	(void)state;
	open_card(rig);
	send(rig, set_key);
	assert_int_equal(identity_of(rig).state, APPLET_PERSONALISED);
	rig_free(rig);
	rig = rig_of_issued();
	open_card(rig);
	put_chuid(rig, guid_finished, CREDENTIAL_N);
	send(rig, set_key);
	assert_int_equal(identity_of(rig).state, APPLET_LOCKED);
	assert_int_equal(pb_card_examine(rig->reader, PB_FAMILY_PIV, PB_VIEW(challenge), &image, NULL), PB_OK);
	assert_int_equal(image.state, APPLET_LOCKED);
	rig_free(rig);

	/* The same without anything of ours on it is somebody else's. */
	rig = rig_new();
	open_card(rig);
	send(rig, set_key);
	identity = identity_of(rig);
	assert_int_equal(identity.family, PB_FAMILY_FOREIGN);
	assert_non_null(strstr(identity.why, "PIV: no CHUID, and a management key"));
	rig_free(rig);
}

static void a_chuid_of_another_issuer_is_left_alone(void **state)
{
	static const struct {
		const char *guid;
		size_t n;
	} others[] = { { guid_of_others, 0 }, { guid_of_others, CREDENTIAL_N }, { guid_finished, CREDENTIAL_MAX + 1 } };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct rig *rig = rig_of_issued();
		struct pb_card_identity identity;
		struct pb_card_image image;

		open_card(rig);
		put_chuid(rig, others[i].guid, others[i].n);
		identity = identity_of(rig);
		assert_int_equal(identity.family, PB_FAMILY_FOREIGN);
		assert_non_null(strstr(identity.why, "PIV: a CHUID of another issuer"));
		assert_int_equal(pb_card_examine(rig->reader, PB_FAMILY_PIV, PB_VIEW(challenge), &image, NULL), PB_CARD_FOREIGN);
		rig_free(rig);
	}
}

static void a_certificate_of_another_key_proves_nothing(void **state)
{
	struct pb_p256_private *other = pb_p256_generate();
	struct rig *rig = rig_of_issued();
	uint8_t point[PB_P256_POINT];
	struct pb_card_image image;

	(void)state;
	pb_p256_private_point(other, point);
	pb_p256_private_destroy(other);
	open_card(rig);
	put_certificate(rig, point);
	assert_int_equal(pb_card_examine(rig->reader, PB_FAMILY_PIV, PB_VIEW(challenge), &image, NULL), PB_OK);
	assert_false(pb_card_check_proof(image.point, pb_view(image.credential, image.credential_n), PB_VIEW(challenge), image.sig));
	open_card(rig);
	put_object(rig, PIV_OBJECT_CARD_CERTIFICATE, pb_view("\x70\x02\x30\x00\x71\x01\x00", 7));
	assert_int_equal(pb_card_examine(rig->reader, PB_FAMILY_PIV, PB_VIEW(challenge), &image, NULL), PB_CARD_PROTOCOL);
	rig_free(rig);
}

/* Given keys for a batch, and waiting for their members. */
static void a_keyed_blank_is_a_blank(void **state)
{
	struct rig *rig = rig_new();
	struct pb_card_identity identity;

	(void)state;
	open_card(rig);
	put_chuid(rig, guid_begun, 0);
	send(rig, "00ffffff1b039b18000102030405060708090a0b0c0d0e0f1011121314151617");
	identity = identity_of(rig);
	assert_int_equal(identity.family, PB_FAMILY_PIV);
	assert_int_equal(identity.state, APPLET_BLANK);
	rig_free(rig);
}

/* 5 tries would block a PIN, and any number a management key: none is spent on looking. */
static void looking_spends_no_attempt(void **state)
{
	struct rig *rig = rig_of_issued();
	struct pb_card_image image;

	(void)state;
	for (int i = 0; i < 5; i++) {
		(void)identity_of(rig);
		assert_int_equal(pb_card_examine(rig->reader, PB_FAMILY_PIV, PB_VIEW(challenge), &image, NULL), PB_OK);
	}
	send(rig, "00200080");
	assert_int_equal(rig->sw, 0x63C3);
	rig_free(rig);
}

static void a_card_that_leaves_at_any_command_is_an_error_and_no_image(void **state)
{
	unsigned commands = 0;

	(void)state;
	for (unsigned long at = 1; at < 40; at++) {
		const struct softcard_fault fault = { SOFTCARD_VANISH_AFTER, at, 0 };
		struct rig *rig = rig_of_issued();
		struct pb_card_image image = { 0 };
		enum pb_status s;

		softcard_arm(rig->card, &fault);
		s = pb_card_examine(rig->reader, PB_FAMILY_PIV, PB_VIEW(challenge), &image, NULL);
		rig_free(rig);
		if (s == PB_OK)
			break;
		assert_int_equal(s, PB_CARD_REMOVED);
		assert_int_equal(image.credential_n, 0);
		commands++;
	}
	assert_int_equal(commands, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blank_says_so_and_which_key_waits),
		cmocka_unit_test(an_issued_card_is_read_and_proves_itself),
		cmocka_unit_test(a_card_is_locked_when_its_chuid_says_it_is_finished),
		cmocka_unit_test(a_keyed_blank_is_a_blank),
		cmocka_unit_test(a_chuid_of_another_issuer_is_left_alone),
		cmocka_unit_test(a_certificate_of_another_key_proves_nothing),
		cmocka_unit_test(looking_spends_no_attempt),
		cmocka_unit_test(a_card_that_leaves_at_any_command_is_an_error_and_no_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
