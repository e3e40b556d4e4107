/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * NTAG 21x and MIFARE Ultralight (NFC Forum Type 2): memory cards that take no APDU.  Their GET_VERSION and READ_SIG
 * pass through the reader: in a transparent session (PC/SC part 3 amendment 1, FF C2), or inside the escape of the
 * PN532 that older ACS readers have.  A reader with neither shows the capability container alone.
 */
#include "issuer/card/chip_inside.h"

#include <string.h>

#include "issuer/iso7816/tlv.h"
#include "issuer/reader/exchange.h"

enum {
	CLA_READER = 0xFF,
	INS_READ_BLOCK = 0xB0,
	INS_TRANSPARENT = 0xC2,
	INS_ESCAPE = 0x00,
	P2_MANAGE_SESSION = 0x00,
	P2_EXCHANGE = 0x01,
	DO_START = 0x81,
	DO_END = 0x82,
	DO_TRANSCEIVE = 0x95,
	DO_ANSWER = 0x97,
	COMMAND_MAX = 2,
	ANSWER_MAX = 32,

	GET_VERSION = 0x60,
	READ_SIG = 0x3C,
	VERSION_LEN = 8,
	SIGNATURE_LEN = 32,
	VENDOR_NXP = 0x04,
	CC_PAGE = 3,
	CC_LEN = 4,
	BLOCK_LEN = 16,
	CC_MAGIC = 0xE1,
	CC_SIZE_AT = 2, /* in units of eight bytes */
};

enum { VERSION_VENDOR = 1, VERSION_TYPE = 2, VERSION_STORAGE = 6 };

static const struct model {
	uint8_t type, storage, cc_size; /* cc_size 0: a container that proves nothing */
	enum pb_chip_kind kind;
	enum pb_originality_maker maker;
	uint32_t memory;
} models[] = {
	{ 0x04, 0x0F, 0x12, PB_CHIP_NTAG_213, PB_MAKER_NTAG_21X, 144 },
	{ 0x04, 0x11, 0x3E, PB_CHIP_NTAG_215, PB_MAKER_NTAG_21X, 504 },
	{ 0x04, 0x13, 0x6D, PB_CHIP_NTAG_216, PB_MAKER_NTAG_21X, 888 },
	{ 0x03, 0x0B, 0, PB_CHIP_ULTRALIGHT_EV1, PB_MAKER_ULTRALIGHT_EV1, 48 },
	{ 0x03, 0x0E, 0, PB_CHIP_ULTRALIGHT_EV1, PB_MAKER_ULTRALIGHT_EV1, 128 },
};

enum { MODELS = sizeof(models) / sizeof(models[0]) };

/* How a reader passes a command on. */
enum passage { PASSAGE_NONE, PASSAGE_TRANSPARENT, PASSAGE_ESCAPE };

struct told {
	uint8_t bytes[ANSWER_MAX];
	size_t n; /* 0: nothing */
};

static enum pb_status manage_session(struct pb_reader *reader, uint8_t what, bool *ret_done, struct pb_err *err)
{
	const uint8_t object[] = { what, 0 };
	const struct pb_apdu command = { CLA_READER, INS_TRANSPARENT, 0, P2_MANAGE_SESSION, PB_VIEW(object), APDU_RESPONSE_MAX };
	struct pb_answer answer;
	enum pb_status s = pb_exchange(reader, "transparent session", &command, &answer, err);

	*ret_done = s == PB_OK && answer.response.sw == SW_OK;
	return s;
}

/* The card's answer: in a data object of a transparent exchange, behind D5 43 00 in an escape. */
static bool find_answer(enum passage passage, struct pb_view told, struct pb_view *ret_answer)
{
	static const uint8_t done[] = { 0xD5, 0x43, 0x00 };
	struct pb_cursor in = pb_cursor(told);
	struct pb_view head;

	if (passage == PASSAGE_TRANSPARENT)
		return pb_tlv_find(told, DO_ANSWER, ret_answer);
	return pb_take(&in, sizeof(done), &head) && pb_view_equal(head, PB_VIEW(done)) && pb_take(&in, in.left, ret_answer);
}

/* One command of the card's own.  A refusal of the card or of the reader is told->n == 0. */
static enum pb_status pass(struct pb_reader *reader, enum passage passage, struct pb_view bytes, size_t expected,
			   struct told *told, struct pb_err *err)
{
	const uint8_t transceive[] = { DO_TRANSCEIVE, (uint8_t)bytes.n }, in_communicate_thru[] = { 0xD4, 0x42 };
	uint8_t data[2 + COMMAND_MAX];
	struct pb_writer writer = pb_writer(data, sizeof(data));
	struct pb_apdu command = { CLA_READER, INS_TRANSPARENT, 0, P2_EXCHANGE, { 0 }, APDU_RESPONSE_MAX };
	struct pb_answer answer;
	struct pb_view found;
	enum pb_status s;

	if (passage == PASSAGE_ESCAPE) {
		command.ins = INS_ESCAPE;
		command.p2 = 0;
		command.le = 0;
	}
	pb_put(&writer, passage == PASSAGE_ESCAPE ? in_communicate_thru : transceive, sizeof(transceive));
	pb_put_view(&writer, bytes);
	if (!pb_writer_view(&writer, &command.data))
		PB_BUG("a command of a memory card is longer than any that is known");
	s = pb_exchange(reader, "memory card", &command, &answer, err);
	told->n = 0;
	if (s == PB_OK && answer.response.sw == SW_OK && find_answer(passage, answer.response.data, &found) &&
	    found.n == expected && expected <= ANSWER_MAX) {
		memcpy(told->bytes, found.p, expected);
		told->n = expected;
	}
	return s;
}

/* First of all questions: a card of this type that refuses a command falls silent until it is put down anew. */
static enum pb_status read_container(struct pb_reader *reader, struct told *told, struct pb_err *err)
{
	const struct pb_apdu read = { CLA_READER, INS_READ_BLOCK, 0, CC_PAGE, { 0 }, BLOCK_LEN };
	struct pb_answer answer;
	enum pb_status s = pb_exchange(reader, "READ", &read, &answer, err);

	told->n = 0;
	if (s == PB_OK && answer.response.sw == SW_OK && answer.response.data.n >= CC_LEN &&
	    answer.response.data.p[0] == CC_MAGIC) {
		memcpy(told->bytes, answer.response.data.p, CC_LEN);
		told->n = CC_LEN;
	}
	return s;
}

static enum pb_status ask_version(struct pb_reader *reader, enum passage passage, struct told *ret_version,
				  struct told *ret_signature, struct pb_err *err)
{
	static const uint8_t get_version[] = { GET_VERSION }, read_sig[] = { READ_SIG, 0 };
	enum pb_status s = pass(reader, passage, PB_VIEW(get_version), VERSION_LEN, ret_version, err);

	ret_signature->n = 0;
	if (s == PB_OK && ret_version->n)
		s = pass(reader, passage, PB_VIEW(read_sig), SIGNATURE_LEN, ret_signature, err);
	return s;
}

static enum pb_status ask_through_reader(struct pb_reader *reader, struct told *ret_version, struct told *ret_signature,
					 struct pb_err *err)
{
	bool done, ended;
	enum pb_status s = manage_session(reader, DO_START, &done, err);

	if (s != PB_OK)
		return s;
	s = ask_version(reader, done ? PASSAGE_TRANSPARENT : PASSAGE_ESCAPE, ret_version, ret_signature, err);
	return s == PB_OK && done ? manage_session(reader, DO_END, &ended, err) : s;
}

static const struct model *by_version(const struct told *version)
{
	for (size_t i = 0; version->n && i < MODELS; i++)
		if (version->bytes[VERSION_VENDOR] == VENDOR_NXP && version->bytes[VERSION_TYPE] == models[i].type &&
		    version->bytes[VERSION_STORAGE] == models[i].storage)
			return &models[i];
	return NULL;
}

static const struct model *by_container(const struct told *container)
{
	for (size_t i = 0; container->n && i < MODELS; i++)
		if (models[i].cc_size && models[i].cc_size == container->bytes[CC_SIZE_AT])
			return &models[i];
	return NULL;
}

static void judge(struct pb_chip *chip, const struct model *model, const struct pb_reader_card *card,
		  const struct told *signature)
{
	static const uint8_t none[SIGNATURE_LEN];

	pb_chip_hold_against_uid(chip, card, pb_view(NULL, 0));
	if (chip->kind == PB_CHIP_CLONE || !signature->n)
		return;
	if (pb_view_equal(pb_view(signature->bytes, SIGNATURE_LEN), PB_VIEW(none)))
		pb_chip_expose(chip, "it has no signature of its maker");
	else if (card->uid_n)
		chip->originality = pb_originality_check(model->maker, pb_view(card->uid, card->uid_n),
							 pb_view(signature->bytes, signature->n));
}

enum pb_status pb_chip_ask_type_2(struct pb_reader *reader, const struct pb_reader_card *card, struct pb_chip *chip,
				  struct pb_err *err)
{
	struct told container, version = { .n = 0 }, signature = { .n = 0 };
	const struct model *model;
	enum pb_status s = read_container(reader, &container, err);

	if (s == PB_OK)
		s = ask_through_reader(reader, &version, &signature, err);
	if (s != PB_OK)
		return s;
	model = by_version(&version);
	chip->source = model ? PB_CHIP_BY_VERSION : PB_CHIP_BY_ATR;
	if (!model && !version.n && (model = by_container(&container)))
		chip->source = PB_CHIP_BY_MEMORY;
	if (!model)
		return PB_OK;
	chip->kind = model->kind;
	chip->memory = model->memory;
	if (chip->source == PB_CHIP_BY_VERSION)
		judge(chip, model, card, &signature);
	return PB_OK;
}
