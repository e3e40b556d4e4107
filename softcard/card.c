/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a command's bytes to an answer's: the field, the faults, selection, the secure channel, and the
 * application the command is for.
 */
#include "softcard/card.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/secret.h"
#include "softcard/application.h"
#include "softcard/contactless_reader.h"
#include "softcard/ndef_app.h"
#include "softcard/personalise.h"
#include "softcard/piv.h"
#include "softcard/random.h"
#include "softcard/security_domain.h"

static const struct {
	const char *aid;
	size_t n;
} aids[] = {
	[APPLICATION_ISD] = { ISD_AID, ISD_AID_LEN },
	[APPLICATION_APPLET] = { APPLET_AID, APPLET_AID_LEN },
	[APPLICATION_NDEF] = { NDEF_AID, NDEF_AID_LEN },
};

void card_forget_session(struct softcard *card)
{
	scp03_card_close(&card->channel);
	forget_blocks(card);
	card->installed = false;
	card->ndef_file = 0;
	ntag424_forget(&card->ntag);
	pb_wipe(&card->piv, sizeof(card->piv));
	desfire_forget(&card->desfire);
}

/* ---- the field */

/* What the factory of that kind leaves in it. */
static void make_fresh(const struct softcard_options *options, struct card_image *image)
{
	image->kind = options->kind;
	switch (image->kind) {
	case SOFTCARD_APPLET:
		security_domain_factory_keys(&image->keys);
		break;
	case SOFTCARD_NTAG424:
		ntag424_image_factory(&image->ntag);
		break;
	case SOFTCARD_PIV:
		piv_image_factory(options->piv_aes ? PIV_AES_192 : PIV_3DES, &image->piv);
		break;
	case SOFTCARD_DESFIRE:
		desfire_image_factory(options->desfire_ev3 ? DESFIRE_EV3 : DESFIRE_EV2, &image->desfire);
		break;
	case SOFTCARD_NTAG215:
		ntag21x_image_factory(image->uid, &image->ntag21x);
		break;
	}
}

enum pb_status softcard_create(const struct softcard_options *options, struct softcard **ret_card, struct pb_err *err)
{
	struct card_image fresh = { .state = APPLET_BLANK };
	struct softcard *card;
	enum pb_status s;

	if (options->uid.n && options->uid.n != 4 && options->uid.n != 7 && options->uid.n != 10)
		return pb_fail(err, PB_INPUT_INVALID, "a UID has 4, 7 or 10 bytes");
	if (options->scp03_i && options->scp03_i != 0x60 && options->scp03_i != 0x70)
		return pb_fail(err, PB_INPUT_INVALID, "SCP03 i is 60 or 70 here");
	if (options->kind != SOFTCARD_APPLET && options->kind != SOFTCARD_PIV && options->uid.n && options->uid.n != SOFTCARD_UID_LEN)
		return pb_fail(err, PB_INPUT_INVALID, "the UID of an NTAG, and of a DESFire, has 7 bytes");
	if (options->uid.n)
		memcpy(fresh.uid, options->uid.p, options->uid.n);
	fresh.uid_n = (uint8_t)options->uid.n;
	fresh.scp03_i = options->scp03_i ? options->scp03_i : 0x70;
	make_fresh(options, &fresh);
	card = calloc(1, sizeof(*card));
	if (!card)
		return pb_fail(err, PB_NO_MEMORY, "a software card");
	s = nvm_open(&card->nvm, options->path, options->durable, &fresh, err);
	if (s == PB_OK && !card->nvm.now.uid_n)
		s = pb_fail(err, PB_INPUT_INVALID, "a card needs a UID");
	if (s == PB_OK)
		*ret_card = card;
	else
		softcard_destroy(card);
	return s;
}

void softcard_destroy(struct softcard *card)
{
	if (!card)
		return;
	softcard_destroy(card->swapped_for);
	pb_p256_private_destroy(card->key);
	nvm_close(&card->nvm);
	pb_wipe(card, sizeof(*card));
	free(card);
}

size_t softcard_power_on(struct softcard *card, uint8_t ret_atr[static SOFTCARD_ATR_MAX])
{
	if (card->away)
		return 0;
	if (card->swapped_for)
		return softcard_power_on(card->swapped_for, ret_atr);
	card_forget_session(card);
	card->powered = true;
	card->proved = false;
	card->nvm.torn = false;
	card->foreign_now = card->foreign;
	card->selected = card->nvm.now.kind == SOFTCARD_PIV ? APPLICATION_PIV : APPLICATION_ISD;
	return softcard_atr(card, ret_atr);
}

size_t softcard_atr(const struct softcard *card, uint8_t ret_atr[static SOFTCARD_ATR_MAX])
{
	return card->away ? 0 : contactless_reader_atr(card->foreign, card->nvm.now.kind, ret_atr);
}

void softcard_power_off(struct softcard *card)
{
	if (card->swapped_for)
		softcard_power_off(card->swapped_for);
	card_forget_session(card);
	card->powered = false;
}

void softcard_put_back(struct softcard *card)
{
	softcard_power_off(card);
	softcard_destroy(card->swapped_for);
	card->swapped_for = NULL;
	card->away = false;
}

/* ---- commands */

static uint16_t chosen(struct softcard *card, enum application application, struct pb_writer *out)
{
	card_forget_session(card);
	card->selected = application;
	switch (application) {
	case APPLICATION_ISD:
		return security_domain_selected(out);
	case APPLICATION_APPLET:
		return application_selected(card, out);
	case APPLICATION_NDEF:
		return SW_OK;
	case APPLICATION_PIV:
		break; /* of another kind of card */
	}
	PB_BUG("an application without a row");
}

static uint16_t select_by_name(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	uint16_t sw;

	if (command->p2 != P2_SELECT_FCI && command->p2 != P2_SELECT_NO_FCI)
		return SW_P1P2;
	for (size_t i = 0; i < sizeof(aids) / sizeof(aids[0]); i++) {
		const bool by_default = i == APPLICATION_ISD && !command->data.n;

		if (!by_default && !pb_view_equal(command->data, pb_view(aids[i].aid, aids[i].n)))
			continue;
		sw = chosen(card, (enum application)i, out);
		if (command->p2 == P2_SELECT_NO_FCI)
			out->n = 0;
		return sw;
	}
	return SW_FILE_NOT_FOUND;
}

static bool knows_secured(const struct softcard *card, uint8_t ins)
{
	return card->selected == APPLICATION_ISD ? security_domain_knows_secured(ins) : application_knows_secured(ins);
}

/* A command that must come through the secure channel. */
static uint16_t secured(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	uint8_t bytes[APDU_DATA_MAX];
	struct command plain;
	uint16_t sw;

	if (card->channel.phase != SCP03_OPEN)
		return SW_SECURITY;
	card->work.aes_runs += command->data.n > SCP03_CHALLENGE_LEN ? 4 : 2;
	switch (scp03_card_unwrap(&card->channel, command, bytes, &plain)) {
	case SCP03_NOT_WRAPPED:
		card_forget_session(card);
		return SW_SM_MISSING;
	case SCP03_WRONG:
		card_forget_session(card);
		return SW_SM_INCORRECT;
	case SCP03_UNWRAPPED:
		break;
	}
	if (card->selected == APPLICATION_ISD)
		sw = security_domain_secured_command(card, &plain, out);
	else
		sw = application_secured_command(card, &plain, out);
	scp03_card_wrap(&card->channel, sw, out);
	pb_wipe(bytes, sizeof(bytes));
	return sw;
}

/* CLA 80 and 84, to the security domain or the application */
static uint16_t gp_command(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	const bool terminated = card->selected == APPLICATION_APPLET && card->nvm.now.state == APPLET_TERMINATED;
	const struct pb_view aid = pb_view(aids[card->selected].aid, aids[card->selected].n);

	if (terminated)
		return SW_CONDITIONS;
	if (command->cla == CLA_GP && command->ins == INS_INITIALIZE_UPDATE)
		return initialize_update(card, aid, command, out);
	if (command->cla == CLA_GP_SM && command->ins == INS_EXTERNAL_AUTHENTICATE)
		return external_authenticate(card, command);
	/* A challenge is for the very next command. */
	if (card->channel.phase == SCP03_CHALLENGED)
		scp03_card_close(&card->channel);
	if (!knows_secured(card, command->ins))
		return SW_INS;
	if (card->selected == APPLICATION_ISD && command->cla == CLA_GP && command->ins == INS_GP_GET_DATA &&
	    card->channel.phase == SCP03_CLOSED)
		return security_domain_get_data(card, command, out);
	return secured(card, command, out);
}

static uint16_t iso_command(struct softcard *card, const struct command *command, struct pb_writer *out)
{
	if (card->channel.phase == SCP03_CHALLENGED)
		scp03_card_close(&card->channel);
	if (command->ins == INS_SELECT && command->p1 == P1_SELECT_BY_NAME)
		return select_by_name(card, command, out);
	switch (card->selected) {
	case APPLICATION_ISD:
		return command->ins == INS_SELECT ? SW_P1P2 : SW_INS;
	case APPLICATION_APPLET:
		if (command->ins == INS_SELECT && card->nvm.now.state != APPLET_TERMINATED)
			return SW_P1P2;
		return application_open_command(card, command, out);
	case APPLICATION_NDEF:
		return ndef_app_command(card, command, out);
	case APPLICATION_PIV:
		break; /* of another kind of card */
	}
	PB_BUG("an application without a row");
}

static uint16_t dispatch(struct softcard *card, struct pb_view apdu, struct pb_writer *out)
{
	struct command command;

	if (!command_parse(apdu, &command))
		return SW_LENGTH;
	if (card->foreign_now)
		return command.ins == INS_SELECT ? SW_FILE_NOT_FOUND : SW_INS;
	if (card->nvm.now.kind == SOFTCARD_NTAG424)
		return ntag424_command(card, &command, out);
	if (card->nvm.now.kind == SOFTCARD_PIV)
		return piv_card_command(card, &command, out);
	if (card->nvm.now.kind == SOFTCARD_DESFIRE)
		return desfire_command(card, &command, out);
	if (card->nvm.now.kind == SOFTCARD_NTAG215)
		return ntag21x_command(card, &command, out);
	if (command.cla == CLA_ISO)
		return iso_command(card, &command, out);
	if ((command.cla == CLA_GP || command.cla == CLA_GP_SM) && card->selected != APPLICATION_NDEF)
		return gp_command(card, &command, out);
	return SW_CLA;
}

/* ---- what befalls a command */

static void leave(struct softcard *card)
{
	softcard_power_off(card);
	card->away = true;
}

/* A blank that someone laid there meanwhile; the host notices by its answers alone. */
static void swap(struct softcard *card)
{
	uint8_t uid[SOFTCARD_UID_LEN] = { 0x04 }, atr[SOFTCARD_ATR_MAX];
	const struct softcard_options options = { .kind = card->nvm.now.kind,
						  .uid = PB_VIEW(uid),
						  .desfire_ev3 = card->nvm.now.desfire.generation == DESFIRE_EV3 };

	card_random(uid + 1, sizeof(uid) - 1);
	if (softcard_create(&options, &card->swapped_for, NULL) == PB_OK)
		softcard_power_on(card->swapped_for, atr);
}

static void put_status_word(struct pb_writer *out, uint16_t sw)
{
	pb_put_be(out, sw, 2);
}

/* Wire and chip, for a command that was executed. */
static void take_time(struct softcard *card, size_t command_n, size_t answer_n)
{
	struct timespec pause;
	uint64_t us;

	if (!card->timing.kbit)
		return;
	us = softcard_wire_us(card->timing.kbit, command_n, answer_n) + softcard_work_us(&card->work);
	card->modelled_us += us;
	if (card->timing.sleeps) {
		pause = (struct timespec){ (time_t)(us / 1000000), (long)(us % 1000000) * 1000 };
		nanosleep(&pause, NULL);
	}
}

static void execute(struct softcard *card, struct pb_view command, struct pb_writer *out)
{
	const unsigned writes = card->nvm.writes;
	uint16_t sw;

	card->work = (struct softcard_work){ 0 };
	sw = dispatch(card, command, out);
	put_status_word(out, sw);
	card->work.writes = card->nvm.writes - writes;
	take_time(card, command.n, out->n);
}

/* Executes unless the fault says otherwise. */
static enum softcard_outcome befall(struct softcard *card, const struct softcard_fault *fault, struct pb_view command,
				    struct pb_writer *out)
{
	switch (fault->kind) {
	case SOFTCARD_VANISH_BEFORE:
		leave(card);
		return SOFTCARD_GONE;
	case SOFTCARD_STAY_SILENT:
		return SOFTCARD_SILENT;
	case SOFTCARD_STATUS_WORD:
		put_status_word(out, fault->sw);
		return SOFTCARD_ANSWERED;
	case SOFTCARD_TORN_OLD:
		card->nvm.tear = NVM_TEAR_OLD;
		break;
	case SOFTCARD_TORN_NEW:
		card->nvm.tear = NVM_TEAR_NEW;
		break;
	default:
		break;
	}
	execute(card, command, out);
	if (card->nvm.torn || fault->kind == SOFTCARD_VANISH_AFTER || fault->kind == SOFTCARD_TORN_OLD ||
	    fault->kind == SOFTCARD_TORN_NEW) {
		card->nvm.tear = NVM_NO_TEAR;
		leave(card);
		return SOFTCARD_GONE;
	}
	return SOFTCARD_ANSWERED;
}

static bool is_for_memory(const struct softcard *card, struct pb_view command)
{
	return card->nvm.now.kind == SOFTCARD_NTAG215 && !card->foreign_now && ntag21x_is_command(command);
}

enum softcard_outcome softcard_transmit(struct softcard *card, struct pb_view command,
					uint8_t ret_answer[static SOFTCARD_ANSWER_MAX], size_t *ret_n)
{
	uint8_t bytes[SOFTCARD_ANSWER_MAX];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));
	struct softcard_fault fault;
	enum softcard_outcome outcome = SOFTCARD_ANSWERED;

	if (card->away || (!card->powered && !card->swapped_for))
		return SOFTCARD_GONE;
	if (!card->swapped_for && contactless_reader_answers(command) && !is_for_memory(card, command)) {
		contactless_reader_command(pb_view(card->nvm.now.uid, card->nvm.now.uid_n), command, &out);
	} else if (!card->swapped_for) {
		card->commands++;
		fault = softcard_faults_next(&card->faults);
		if (fault.kind == SOFTCARD_SWAPPED)
			swap(card);
		else
			outcome = befall(card, &fault, command, &out);
	}
	if (card->swapped_for)
		return softcard_transmit(card->swapped_for, command, ret_answer, ret_n);
	if (outcome != SOFTCARD_ANSWERED)
		return outcome;
	if (out.full)
		PB_BUG("an answer longer than an answer can be");
	memcpy(ret_answer, bytes, out.n);
	*ret_n = out.n;
	return SOFTCARD_ANSWERED;
}

/* ---- tests and benches */

static void change_keys(struct softcard *card)
{
	struct card_image next = card->nvm.now;

	for (size_t i = 0; next.kind == SOFTCARD_NTAG424 && i < NTAG424_KEYS; i++)
		card_random(next.ntag.keys[i].bytes, NTAG424_KEY_LEN);
	desfire_lose_key(&next.desfire);
	card_random(next.piv.management, piv_key_length(next.piv.algorithm));
	card_random(next.keys.enc, sizeof(next.keys.enc));
	card_random(next.keys.mac, sizeof(next.keys.mac));
	card_random(next.keys.dek, sizeof(next.keys.dek));
	if (!nvm_write(&card->nvm, &next))
		PB_BUG("a card whose file cannot be written cannot be given wrong keys");
}

void softcard_arm(struct softcard *card, const struct softcard_fault *fault)
{
	if (fault->kind == SOFTCARD_FOREIGN)
		card->foreign = true;
	else if (fault->kind == SOFTCARD_WRONG_KEYS)
		change_keys(card);
	else if (fault->kind != SOFTCARD_NO_FAULT)
		softcard_faults_add(&card->faults, fault);
}

void softcard_set_timing(struct softcard *card, struct softcard_timing timing)
{
	card->timing = timing;
}

uint64_t softcard_modelled_us(const struct softcard *card)
{
	return card->modelled_us;
}

unsigned long softcard_commands(const struct softcard *card)
{
	return card->commands;
}

/* A PIV card has no life cycle of its own: nobody writes it any more once its management key is not the factory's. */
static enum applet_state piv_state(const struct piv_image *image)
{
	if (!piv_management_is_factory(image))
		return APPLET_LOCKED;
	return image->objects_n ? APPLET_PERSONALISED : APPLET_BLANK;
}

/* Keys are told apart from the factory's by their versions. */
static enum applet_state desfire_state(const struct desfire_image *image)
{
	enum applet_state state = APPLET_BLANK;

	for (size_t i = 1; i <= DESFIRE_APPLICATIONS; i++) {
		if (!image->applications[i].there)
			continue;
		if (!desfire_key_version(&image->applications[i], 0))
			return APPLET_PERSONALISED;
		state = APPLET_LOCKED;
	}
	return state;
}

enum applet_state softcard_state(const struct softcard *card)
{
	if (card->nvm.now.kind == SOFTCARD_PIV)
		return piv_state(&card->nvm.now.piv);
	if (card->nvm.now.kind == SOFTCARD_DESFIRE)
		return desfire_state(&card->nvm.now.desfire);
	if (card->nvm.now.kind == SOFTCARD_NTAG215)
		return ntag21x_is_locked(&card->nvm.now.ntag21x)     ? APPLET_LOCKED :
		       ntag21x_message(&card->nvm.now.ntag21x).n > 0 ? APPLET_PERSONALISED :
								       APPLET_BLANK;
	return card->nvm.now.state;
}

struct pb_view softcard_credential(const struct softcard *card)
{
	return pb_view(card->nvm.now.credential, card->nvm.now.credential_n);
}

struct pb_view softcard_ndef(const struct softcard *card)
{
	return pb_view(card->nvm.now.ndef, card->nvm.now.ndef_n);
}

uint8_t softcard_kvn(const struct softcard *card)
{
	return card->nvm.now.keys.kvn;
}

unsigned softcard_attempts_left(const struct softcard *card)
{
	return card->nvm.now.keys.attempts;
}

bool softcard_shadow_waits(const struct softcard *card)
{
	return card->nvm.now.has_shadow;
}

const struct ntag424_image *softcard_ntag424(const struct softcard *card)
{
	return card->nvm.now.kind == SOFTCARD_NTAG424 ? &card->nvm.now.ntag : NULL;
}

const struct desfire_image *softcard_desfire(const struct softcard *card)
{
	return card->nvm.now.kind == SOFTCARD_DESFIRE ? &card->nvm.now.desfire : NULL;
}

const struct ntag21x_image *softcard_ntag21x(const struct softcard *card)
{
	return card->nvm.now.kind == SOFTCARD_NTAG215 ? &card->nvm.now.ntag21x : NULL;
}

bool softcard_proved(const struct softcard *card)
{
	return card->proved;
}
