/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which application a command is for, and commands and answers longer than a short APDU (ISO/IEC 7816-4
 * 5.3.3 and 5.3.4): they come and go in pieces, and a command takes effect with its last piece.
 */
#include "softcard/piv.h"

#include <string.h>

enum {
	SW_MORE = 0x6100, /* plus how much, 00 for 256 and more */
	VERSION_MAJOR = 5, /* the firmware whose extensions these are */
	VERSION_MINOR = 4,
	VERSION_PATCH = 3,
	SERIAL_LEN = 4,
};

/* The next piece of what is to be said, at most `le`. */
static uint16_t say_piece(struct piv_session *piv, size_t le, struct pb_writer *out)
{
	size_t left = piv->answer_n - piv->answered;
	const size_t piece = left < le ? left : le;

	pb_put(out, piv->answer + piv->answered, piece);
	piv->answered += piece;
	left -= piece;
	if (!left)
		return SW_OK;
	return (uint16_t)(SW_MORE | (left < APDU_RESPONSE_MAX ? left : 0));
}

static uint16_t get_response(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	if (command->p1 || command->p2)
		return SW_P1P2;
	if (command->data.n || !command->le)
		return SW_LENGTH;
	return card->piv.answered < card->piv.answer_n ? say_piece(&card->piv, command->le, out) : SW_CONDITIONS;
}

static uint16_t get_serial(const struct softcard *card, struct pb_writer *out)
{
	const struct card_image *now = &card->nvm.now;

	pb_put(out, now->uid + now->uid_n - SERIAL_LEN, SERIAL_LEN);
	return SW_OK;
}

static uint16_t get_version(struct pb_writer *out)
{
	pb_put_u8(out, VERSION_MAJOR);
	pb_put_u8(out, VERSION_MINOR);
	pb_put_u8(out, VERSION_PATCH);
	return SW_OK;
}

/* A whole command; its answer may be longer than one APDU carries. */
static uint16_t execute(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	switch (command->ins) {
	case INS_GET_DATA:
		return piv_get_data(card, command, out);
	case INS_PUT_DATA:
		return piv_put_data(card, command);
	case INS_PIV_GENERATE:
		return piv_generate(card, command, out);
	case INS_GENERAL_AUTHENTICATE:
		return piv_general_authenticate(card, command, out);
	case INS_PIV_VERIFY:
		return piv_verify(card, command);
	case INS_PIV_SET_MANAGEMENT_KEY:
		return piv_set_management_key(card, command);
	case INS_PIV_GET_METADATA:
		return piv_get_metadata(card, command, out);
	case INS_PIV_GET_SERIAL:
		return get_serial(card, out);
	case INS_PIV_GET_VERSION:
		return get_version(out);
	default:
		return SW_INS;
	}
}

static bool continues(const struct piv_chain *chain, const struct command *command)
{
	return chain->n && chain->ins == command->ins && chain->p1 == command->p1 && chain->p2 == command->p2;
}

/* A piece that is not the last; one of another command drops what came before. */
static uint16_t take_piece(struct piv_chain *chain, const struct command *command)
{
	if (!continues(chain, command))
		*chain = (struct piv_chain){ .ins = command->ins, .p1 = command->p1, .p2 = command->p2 };
	if (!command->data.n || command->data.n > sizeof(chain->bytes) - chain->n) {
		chain->n = 0;
		return SW_LENGTH;
	}
	memcpy(chain->bytes + chain->n, command->data.p, command->data.n);
	chain->n += command->data.n;
	return SW_OK;
}

/* The last piece, or the only one. */
static uint16_t piv_command(struct softcard *card, const struct command *piece, struct pb_writer *out)
{
	struct piv_session *piv = &card->piv;
	struct pb_writer answer = pb_writer(piv->answer, sizeof(piv->answer));
	struct command command = *piece;
	uint16_t sw;

	if (command.ins == INS_GET_RESPONSE)
		return get_response(card, &command, out);
	piv->answer_n = piv->answered = 0;
	if (command.cla == CLA_CHAINED)
		return take_piece(&piv->chain, &command);
	if (continues(&piv->chain, &command)) {
		sw = command.data.n ? take_piece(&piv->chain, &command) : SW_OK;
		if (sw != SW_OK)
			return sw;
		command.data = pb_view(piv->chain.bytes, piv->chain.n);
	}
	sw = execute(card, &command, &answer);
	piv->chain.n = 0;
	if (sw != SW_OK)
		return sw;
	if (answer.full)
		PB_BUG("an answer longer than an object");
	piv->answer_n = answer.n;
	/* Over T = 1 many hosts leave out Le and take what comes. */
	return say_piece(piv, command.le ? command.le : APDU_RESPONSE_MAX, out);
}

static uint16_t select_by_name(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	const struct pb_view name = command->data;
	const bool piv = name.n >= PIV_AID_SHORTEST && name.n <= PIV_AID_LEN && pb_view_equal(name, pb_view(PIV_AID, name.n));

	if (command->p2 != P2_SELECT_FCI && command->p2 != P2_SELECT_NO_FCI)
		return SW_P1P2;
	if (!piv && !pb_view_equal(name, pb_view(NDEF_AID, NDEF_AID_LEN)))
		return SW_FILE_NOT_FOUND;
	card_forget_session(card);
	card->selected = piv ? APPLICATION_PIV : APPLICATION_NDEF;
	return piv && command->p2 == P2_SELECT_FCI ? piv_selected(out) : SW_OK;
}

uint16_t piv_card_command(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	if (command->cla != CLA_ISO && command->cla != CLA_CHAINED)
		return SW_CLA;
	if (command->cla == CLA_ISO && command->ins == INS_SELECT && command->p1 == P1_SELECT_BY_NAME)
		return select_by_name(card, command, out);
	if (card->selected == APPLICATION_NDEF)
		return command->cla == CLA_ISO ? piv_ndef_command(card, command, out) : SW_CLA;
	return piv_command(card, command, out);
}
