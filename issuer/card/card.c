/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asks each kind of card in turn, and checks what a chip has signed.
 */
#include "issuer/card/card.h"

#include <stdio.h>
#include <string.h>

#include "issuer/card/chip_inside.h"
#include "issuer/card/family.h"
#include "issuer/iso7816/atr.h"
#include "keys/crypto/hash.h"

static const struct pb_card_family_ops *const families[] = {
	&pb_card_desfire, /* first, for it looks at the ATR before it asks */
	&pb_card_ntag424, /* the second, for the first has asked for it */
	&pb_card_applet,
	&pb_card_piv,
	&pb_card_ndef,
};

static const struct pb_card_family_row rows[PB_FAMILY_COUNT] = {
	[PB_FAMILY_FOREIGN] = { .name = "foreign" },
	[PB_FAMILY_APPLET] = { .name = "applet", .master = PB_MASTER_APPLET, .has_key = true },
	[PB_FAMILY_PIV] = { .name = "piv", .master = PB_MASTER_PIV, .has_key = true },
	[PB_FAMILY_DESFIRE] = { .name = "desfire", .master = PB_MASTER_DESFIRE },
	[PB_FAMILY_NTAG424] = { .name = "ntag424", .master = PB_MASTER_NTAG424, .signs_taps = true },
	[PB_FAMILY_NDEF] = { .name = "ndef", .master = PB_MASTER_FAMILY_COUNT, .storage = true, .copyable = true,
			     .signed_by_maker = true },
};

const struct pb_card_family_row *pb_card_family_row(enum pb_card_family family)
{
	return &rows[family];
}

/* A storage card takes no commands. */
static bool is_storage(const struct pb_reader_card *card, struct pb_card_identity *identity)
{
	struct pb_atr atr;

	if (!pb_atr_parse(pb_view(card->atr, card->atr_n), &atr) || atr.kind != PB_ATR_STORAGE)
		return false;
	snprintf(identity->why, sizeof(identity->why), "%s", pb_atr_storage_words(atr.storage_name));
	return true;
}

/* A chip with a signature that nobody who makes such chips has made is not what it says. */
static void hold_against_maker(struct pb_chip *chip)
{
	if (chip->kind != PB_CHIP_CLONE && chip->originality == PB_ORIGINALITY_WRONG)
		pb_chip_expose(chip, "the signature of its maker is wrong");
}

/* That the card is not ours is settled; what kept from finding out more is no reason to say less.  `why` has the words of
 * PC/SC for a storage card already, the size in them, and for another what came of the SELECT. */
static void name_foreign(struct pb_reader *reader, const struct pb_reader_card *card, bool storage,
			 struct pb_card_identity *identity)
{
	char before[PB_CARD_WHY_MAX];
	struct pb_chip chip;
	const char *words;

	if (pb_chip_inspect(reader, card, false, &chip, NULL) != PB_OK || chip.kind == PB_CHIP_UNKNOWN)
		return;
	hold_against_maker(&chip);
	identity->chip = chip.kind;
	words = chip.kind == PB_CHIP_CLONE ? chip.note : pb_chip_row(chip.kind)->words;
	memcpy(before, identity->why, sizeof(before));
	if (!storage)
		snprintf(identity->why, sizeof(identity->why), "%.*s; %.*s", PB_CHIP_NOTE_MAX - 1, words,
			 PB_CARD_WHY_SELECT_MAX - 1, before);
	else if (chip.source != PB_CHIP_BY_ATR || chip.memory == 0)
		snprintf(identity->why, sizeof(identity->why), "%.*s", PB_CHIP_NOTE_MAX, words);
}

/* A copy is unmasked before anything is written to it.  What kept from finding out is no reason to refuse the blank: most
 * readers of memory cards do not pass the question on. */
static void check_maker(struct pb_reader *reader, const struct pb_reader_card *card, struct pb_card_identity *identity)
{
	struct pb_chip chip;

	if (pb_chip_inspect(reader, card, false, &chip, NULL) != PB_OK)
		return;
	hold_against_maker(&chip);
	if (chip.kind != PB_CHIP_CLONE)
		return;
	identity->family = PB_FAMILY_FOREIGN;
	identity->chip = PB_CHIP_CLONE;
	snprintf(identity->why, sizeof(identity->why), "%s", chip.note);
}

enum pb_status pb_card_identify(struct pb_reader *reader, const struct pb_reader_card *card,
				struct pb_card_identity *ret_identity, struct pb_err *err)
{
	struct pb_card_identity identity = { .family = PB_FAMILY_FOREIGN, .uid_n = card->uid_n };
	bool storage = is_storage(card, &identity);

	memcpy(identity.uid, card->uid, card->uid_n);
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		enum pb_status s = PB_OK;

		if (rows[families[i]->family].storage == storage)
			s = families[i]->identify(reader, card, &identity, err);
		if (s != PB_OK)
			return s;
		if (identity.family != PB_FAMILY_FOREIGN || identity.chip != PB_CHIP_UNKNOWN)
			break;
	}
	if (pb_card_family_row(identity.family)->signed_by_maker && identity.state == APPLET_BLANK)
		check_maker(reader, card, &identity);
	if (identity.family == PB_FAMILY_FOREIGN && identity.chip != PB_CHIP_CLONE)
		name_foreign(reader, card, storage, &identity);
	*ret_identity = identity;
	return PB_OK;
}

enum pb_status pb_card_refusal(const struct pb_card_identity *identity, struct pb_err *err)
{
	static const enum pb_status refusals[] = {
		[PB_CHIP_IS_STRANGE] = PB_CARD_FOREIGN,	    [PB_CHIP_IS_OURS] = PB_CARD_FOREIGN,
		[PB_CHIP_IS_NOT_YET] = PB_CARD_UNSUPPORTED, [PB_CHIP_IS_COPYABLE] = PB_CARD_UNSUPPORTED,
		[PB_CHIP_IS_BROKEN] = PB_CARD_BROKEN,	    [PB_CHIP_IS_CLONE] = PB_CARD_CLONE,
	};

	if (identity->family != PB_FAMILY_FOREIGN)
		return PB_OK;
	return pb_fail(err, refusals[pb_chip_row(identity->chip)->standing], "%s", identity->why);
}

enum pb_status pb_card_examine(struct pb_reader *reader, enum pb_card_family family, struct pb_view challenge,
			       struct pb_card_image *ret_image, struct pb_err *err)
{
	if (challenge.n < CHALLENGE_MIN || challenge.n > CHALLENGE_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "a challenge of %zu bytes", challenge.n);
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (families[i]->family == family)
			return families[i]->examine(reader, challenge, ret_image, err);
	return pb_fail(err, PB_CARD_FOREIGN, "nothing to read");
}

enum pb_status pb_card_binding(const struct pb_card_identity *card, const uint8_t point[static PB_P256_POINT],
			       struct pb_aad *ret_aad, struct pb_err *err)
{
	const struct pb_card_family_row *row = pb_card_family_row(card->family);

	return row->has_key ? pb_chip_aad_of_key(row->name, point, ret_aad, err) :
			      pb_chip_aad(row->name, pb_view(card->uid, card->uid_n), ret_aad, err);
}

bool pb_card_check_proof(const uint8_t point[static PB_P256_POINT], struct pb_view credential, struct pb_view challenge,
			 const uint8_t sig[static PB_P256_SIG])
{
	uint8_t message[LIVE_PREFIX_LEN + PB_SHA256_LEN + CHALLENGE_MAX];
	struct pb_writer writer = pb_writer(message, sizeof(message));
	uint8_t digest[PB_SHA256_LEN];
	struct pb_p256_public *key;
	struct pb_view signed_bytes;
	bool right;

	if (challenge.n < CHALLENGE_MIN || challenge.n > CHALLENGE_MAX ||
	    pb_p256_public_create(pb_view(point, PB_P256_POINT), &key, NULL) != PB_OK)
		return false;
	pb_sha256(credential, digest);
	pb_put(&writer, LIVE_PREFIX, LIVE_PREFIX_LEN);
	pb_put(&writer, digest, sizeof(digest));
	pb_put_view(&writer, challenge);
	right = pb_writer_view(&writer, &signed_bytes) && pb_p256_verify(key, signed_bytes, sig);
	pb_p256_public_destroy(key);
	return right;
}
