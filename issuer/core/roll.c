/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The roll: first the generation, then a card.  Read pb_roll_card(), at the end, first.
 */
#include "issuer/core/roll.h"

#include <inttypes.h>
#include <string.h>

#include "issuer/core/own_card.h"
#include "issuer/ledger/ledger.h"
#include "keys/keystore.h"

/* ---- The generation */

static enum pb_status note(const struct pb_office *office, const struct pb_generation *generation, struct pb_err *err)
{
	struct pb_ceremony_step step = { .step = PB_STEP_CARD_MASTER, .at = pb_clock_now(office->clock), .kvn = generation->kvn };

	_Static_assert((int)PB_ENTRY_KCV == (int)PB_KCV_LEN, "one length of check values");
	memcpy(step.kcv, generation->kcv, sizeof(step.kcv));
	return pb_ledger_note_ceremony(office->ledger, &step, 1, err);
}

/* Those after `kvn`, in their order. */
static enum pb_status note_after(const struct pb_office *office, enum pb_master_family family, unsigned kvn, struct pb_err *err)
{
	const struct pb_generations *there = pb_keystore_generations(office->keys);
	enum pb_status s = PB_OK;

	for (size_t i = 0; i < there->count && s == PB_OK; i++)
		if (there->list[i].family == family && there->list[i].kvn > kvn)
			s = note(office, &there->list[i], err);
	return s;
}

/* What the ledger knows last must be among the keys, and be the same key. */
static enum pb_status check_known(const struct pb_generations *there, enum pb_master_family family,
				  const struct pb_ceremony_step *known, struct pb_err *err)
{
	const struct pb_generation *same = pb_generation_find(there, family, (uint8_t)known->kvn);

	if (same == NULL)
		return pb_fail(err, PB_KEYS_REFUSED, "the ledger knows of master key %02X, and the keys do not have it: "
			       "an old copy of them was restored", (unsigned)known->kvn);
	if (!pb_view_equal(PB_VIEW(same->kcv), PB_VIEW(known->kcv)))
		return pb_fail(err, PB_KEYS_REFUSED, "master key %02X is another one than the ledger knows", same->kvn);
	return PB_OK;
}

enum pb_status pb_roll_reconcile(const struct pb_office *office, enum pb_master_family family, enum pb_roll_due *ret_due,
				 struct pb_generation *ret_newest, struct pb_err *err)
{
	const struct pb_generations *there = pb_keystore_generations(office->keys);
	const struct pb_generation *newest = pb_generation_current(there, family);
	const struct pb_master_family_row *row = pb_master_family_row(family);
	struct pb_ceremony_step known = { 0 };
	unsigned entered;
	bool found, made_before;
	enum pb_status s = pb_ledger_last_card_master(office->ledger, row->first, row->last, &known, &found, err);

	if (s == PB_OK && found)
		s = check_known(there, family, &known, err);
	if (s != PB_OK)
		return s;
	/* An office that never entered the first key that it was made with has not begun a roll. */
	entered = found ? known.kvn : row->from_start ? row->first : 0;
	made_before = newest && newest->kvn > entered;
	s = note_after(office, family, known.kvn, err);
	if (s != PB_OK)
		return s;
	*ret_due = made_before ? PB_ROLL_DONE : PB_ROLL_MAKE;
	*ret_newest = newest ? *newest : (struct pb_generation){ .family = family };
	return PB_OK;
}

/* ---- A card */

struct move {
	const struct pb_office *office;
	struct pb_station *station;
	const struct pb_card_identity *card;
	struct pb_ledger_card record;
	struct pb_roll *roll;
};

/* Cards that are blank, half-written, ended or another's are no business of a roll. */
static enum pb_status find_record(struct move *move, bool *ret_ours, struct pb_err *err)
{
	const struct pb_card_identity *card = move->card;
	bool found = false;
	enum pb_status s = PB_OK;

	if (card->family != PB_FAMILY_FOREIGN && card->state == APPLET_LOCKED)
		s = pb_ledger_card_by_uid(move->office->ledger, pb_view(card->uid, card->uid_n), &move->record, &found, err);
	*ret_ours = found && move->record.state != PB_CARD_IS_RESERVED;
	return s;
}

static enum pb_status open_session(struct move *move, struct pb_card_session *ret_session, struct pb_err *err)
{
	return pb_own_card_session(move->office, move->station, move->card, PB_SESSION_FOR_KEYS, ret_session, err);
}

/* What the card says of itself decides; the ledger follows. */
static enum pb_status move_card(struct move *move, struct pb_err *err)
{
	PB_CARD_SESSION_SECRET session = { 0 };
	struct pb_roll *roll = move->roll;
	enum pb_status s = pb_own_card_newest_kvn(move->office, move->card, &roll->to, err);

	if (s == PB_OK)
		s = open_session(move, &session, err);
	if (s != PB_OK)
		return s;
	roll->from = session.kvn;
	if (session.kvn != roll->to) {
		roll->outcome = PB_ROLL_MOVED;
		s = pb_own_card_give_keys(move->office, move->station, move->card, &session, err);
	} else {
		roll->from = move->record.kvn;
		roll->outcome = move->record.kvn == roll->to ? PB_ROLL_NOTHING : PB_ROLL_NOTED;
	}
	return s == PB_OK ? pb_ledger_rekeyed(move->office->ledger, roll->serial, roll->to, err) : s;
}

enum pb_status pb_roll_card(const struct pb_office *office, struct pb_station *station, const struct pb_card_identity *card,
			    struct pb_roll *ret_roll, struct pb_err *err)
{
	struct move move = { .office = office, .station = station, .card = card, .roll = ret_roll };
	struct pb_card_image image;
	bool ours;
	enum pb_status s;

	*ret_roll = (struct pb_roll){ .outcome = PB_ROLL_NOT_ISSUED };
	s = find_record(&move, &ours, err);
	if (s != PB_OK || !ours)
		return s;
	ret_roll->serial = move.record.serial;
	s = pb_own_card_prove(station, card, &move.record, &image, err);
	if (s == PB_OK)
		s = move_card(&move, err);
	return s == PB_OK ? PB_OK : pb_wrap(err, s, "card %010" PRIu64, ret_roll->serial);
}

enum pb_status pb_roll_at_tap(const struct pb_office *office, struct pb_station *station, struct pb_roll *ret_roll,
			      struct pb_err *err)
{
	struct pb_card_identity card;
	enum pb_status s = pb_station_offer(station, 0, &card, err);

	return s == PB_OK ? pb_roll_card(office, station, &card, ret_roll, err) : s;
}
