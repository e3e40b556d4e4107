/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is the same for every reader: fetching the UID, telling the next card from the last one, and
 * collecting an answer that comes in pieces.
 */
#include "issuer/reader/reader.h"

#include <poll.h>
#include <string.h>

#include "issuer/iso7816/apdu.h"
#include "issuer/iso7816/atr.h"
#include "issuer/iso7816/sw.h"

enum {
	SW1_MORE = 0x61,
	SW1_WRONG_LE = 0x6C,
	INS_GET_RESPONSE = 0xC0,
	PIECES_MAX = 8,
	SETTLE_MS = 50,
	RANDOM_UID_LEN = 4,
	RANDOM_UID_FIRST = 0x08, /* ISO/IEC 14443-3 6.5.4 */
};

enum pb_status pb_reader_list(struct pb_reader *reader, struct pb_reader_list *ret_list, struct pb_err *err)
{
	return reader->ops->list(reader, ret_list, err);
}

/* PC/SC part 3 3.2.2.1.3: answered by a contactless reader itself.  In a contact reader the same bytes
 * would go to the card, so it is asked only behind a contactless ATR. */
static enum pb_status read_uid(struct pb_reader *reader, struct pb_reader_card *card, struct pb_err *err)
{
	static const uint8_t get_uid[] = { 0xFF, 0xCA, 0x00, 0x00, 0x00 };
	uint8_t bytes[PB_RESPONSE_MAX];
	struct pb_response response;
	struct pb_atr atr;
	enum pb_status s;
	size_t n;

	card->uid_n = 0;
	if (!pb_atr_parse(pb_view(card->atr, card->atr_n), &atr) || atr.kind == PB_ATR_CONTACT)
		return PB_OK;
	s = pb_reader_transmit(reader, PB_VIEW(get_uid), bytes, &n, err);
	if (s != PB_OK)
		return s;
	if (!pb_response_parse(pb_view(bytes, n), &response) || response.sw != SW_OK)
		return PB_OK; /* a reader that does not know the command: the card has no UID for us */
	if (response.data.n != 4 && response.data.n != 7 && response.data.n != 10)
		return pb_fail(err, PB_CARD_PROTOCOL, "a UID of %zu bytes", response.data.n);
	memcpy(card->uid, response.data.p, response.data.n);
	card->uid_n = response.data.n;
	return PB_OK;
}

/* A card without a UID, or with one that is random, cannot be told from the last. */
static bool is_another(const struct pb_reader *reader, const struct pb_reader_card *card)
{
	bool random = card->uid_n == RANDOM_UID_LEN && card->uid[0] == RANDOM_UID_FIRST;

	return card->uid_n && !random &&
	       !pb_view_equal(pb_view(reader->uid, reader->uid_n), pb_view(card->uid, card->uid_n));
}

static enum pb_status connect_once(struct pb_reader *reader, bool changed, struct pb_deadline deadline,
				   struct pb_reader_card *card, struct pb_err *err)
{
	enum pb_status s;

	*card = (struct pb_reader_card){ 0 };
	s = reader->ops->connect(reader, changed, deadline, card, err);
	return s == PB_OK ? read_uid(reader, card, err) : s;
}

/* A card that is gone before it has said its UID was not put down yet: go on waiting. */
static enum pb_status connect_firmly(struct pb_reader *reader, bool changed, struct pb_deadline deadline,
				     struct pb_reader_card *card, struct pb_err *err)
{
	enum pb_status s = connect_once(reader, changed, deadline, card, err);

	while (s == PB_CARD_REMOVED && pb_deadline_left(deadline) > 0) {
		poll(NULL, 0, SETTLE_MS);
		s = connect_once(reader, changed, deadline, card, err);
	}
	return s;
}

enum pb_status pb_reader_connect(struct pb_reader *reader, struct pb_deadline deadline,
				 struct pb_reader_card *ret_card, struct pb_err *err)
{
	struct pb_reader_card card;
	enum pb_status s = connect_firmly(reader, false, deadline, &card, err);

	if (s == PB_OK && reader->ejected && !is_another(reader, &card))
		s = connect_firmly(reader, true, deadline, &card, err);
	if (s != PB_OK)
		return s;
	reader->ejected = false;
	*ret_card = card;
	return PB_OK;
}

/* The same command with the Le the card asked for. */
static enum pb_status repeat_with_le(struct pb_reader *reader, struct pb_view command, uint8_t le,
				     uint8_t ret_response[static PB_RESPONSE_MAX], size_t *ret_n, struct pb_err *err)
{
	uint8_t bytes[PB_COMMAND_MAX];
	struct pb_writer writer = pb_writer(bytes, sizeof(bytes));
	struct pb_view again;
	struct pb_apdu apdu;

	if (!pb_apdu_parse(command, &apdu))
		PB_BUG("a command that is not a short APDU");
	apdu.le = le ? le : APDU_RESPONSE_MAX;
	pb_apdu_put(&writer, &apdu);
	if (!pb_writer_view(&writer, &again))
		PB_BUG("a parsed command no longer fits");
	return reader->ops->transmit(reader, again, ret_response, ret_n, err);
}

/* ret_response holds *ret_n bytes ending in 61xx; the rest is fetched behind them. */
static enum pb_status collect(struct pb_reader *reader, uint8_t *ret_response, size_t cap, size_t *ret_n,
			      struct pb_err *err)
{
	uint8_t piece[PB_RESPONSE_MAX];
	size_t n = *ret_n, piece_n;

	for (int pieces = 0; ret_response[n - 2] == SW1_MORE; pieces++) {
		const uint8_t get_response[] = { CLA_ISO, INS_GET_RESPONSE, 0, 0, ret_response[n - 1] };
		enum pb_status s = reader->ops->transmit(reader, PB_VIEW(get_response), piece, &piece_n, err);

		if (s != PB_OK)
			return s;
		n -= 2;
		if (pieces == PIECES_MAX || n + piece_n > cap)
			return pb_fail(err, PB_CARD_PROTOCOL, "an answer without end");
		memcpy(ret_response + n, piece, piece_n);
		n += piece_n;
	}
	*ret_n = n;
	return PB_OK;
}

enum pb_status pb_reader_transmit(struct pb_reader *reader, struct pb_view command,
				  uint8_t ret_response[static PB_RESPONSE_MAX], size_t *ret_n, struct pb_err *err)
{
	return pb_reader_transmit_long(reader, command, ret_response, PB_RESPONSE_MAX, ret_n, err);
}

enum pb_status pb_reader_transmit_long(struct pb_reader *reader, struct pb_view command, uint8_t *ret_response, size_t cap,
				       size_t *ret_n, struct pb_err *err)
{
	size_t n;
	enum pb_status s;

	if (cap < PB_RESPONSE_MAX)
		PB_BUG("room for less than one answer");
	s = reader->ops->transmit(reader, command, ret_response, &n, err);
	if (s == PB_OK && n == 2 && ret_response[0] == SW1_WRONG_LE)
		s = repeat_with_le(reader, command, ret_response[1], ret_response, &n, err);
	if (s == PB_OK)
		s = collect(reader, ret_response, cap, &n, err);
	if (s != PB_OK)
		return s;
	*ret_n = n;
	return PB_OK;
}

enum pb_status pb_reader_eject(struct pb_reader *reader, struct pb_view uid, struct pb_err *err)
{
	if (uid.n > UID_MAX)
		PB_BUG("a UID longer than UIDs are");
	if (uid.n)
		memcpy(reader->uid, uid.p, uid.n);
	reader->uid_n = uid.n;
	reader->ejected = true;
	return reader->ops->eject(reader, err);
}

void pb_reader_destroy(struct pb_reader *reader)
{
	if (reader)
		reader->ops->destroy(reader);
}
