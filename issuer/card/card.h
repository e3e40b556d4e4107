/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What anyone may do with a card, without a secret: tell what it is, read it, and make its chip prove
 * that it is the original.  A build for auditors has this and not issuer/perso/.
 *
 * What a card says is believed here only in form; what it is worth (signatures, dates, revocation) is
 * for issuer/core/ to judge.  A new kind of card is one file and one row in card.c.
 */
#ifndef PROFBILET_ISSUER_CARD_CARD_H
#define PROFBILET_ISSUER_CARD_CARD_H

#include "base/err.h"
#include "card-applet-spec/applet.h"
#include "issuer/card/chip.h"
#include "issuer/credential/credential.h"
#include "issuer/reader/reader.h"
#include "keys/crypto/p256.h"
#include "keys/master_keys.h"

enum pb_card_family {
	PB_FAMILY_FOREIGN, /* not a card this build can issue or verify */
	PB_FAMILY_APPLET,  /* card-applet-spec/ */
	PB_FAMILY_PIV,	   /* NIST SP 800-73-4 */
	PB_FAMILY_DESFIRE, /* card-applet-spec/desfire.h */
	PB_FAMILY_NTAG424, /* NXP NT4H2421Gx, as issuer/perso/perso_ntag424.c writes it */
	PB_FAMILY_NDEF,	   /* a memory card: NFC Forum Type 2, anybody can copy it */
	PB_FAMILY_COUNT
};

enum { PB_KVN_NO_KEYS = 1 }; /* instead of the key version of a card that has no keys: no family's keys have it */

/* What the journeys of issuer/core/ ask of a kind of card, so that none of them names one. */
struct pb_card_family_row {
	const char *name;	      /* "applet" */
	enum pb_master_family master; /* whose keys open it */
	bool has_key;		      /* one that is made in the chip and proves it; without, the chip is known by its UID */
	bool signs_taps;	      /* its address is a template that the chip fills at each reading (sun.h) */
	bool storage;	      /* a memory card behind the reader, which takes no commands of ISO/IEC 7816-4 */
	bool copyable;	      /* no keys of ours open it, and anybody can make another like it: issued only where allowed */
	bool signed_by_maker; /* a blank whose signature of its maker is wrong is refused */
};

/* Never NULL; static memory.  Of PB_FAMILY_FOREIGN the name only. */
const struct pb_card_family_row *pb_card_family_row(enum pb_card_family family);

enum { PB_CARD_WHY_SELECT_MAX = 64, PB_CARD_WHY_MAX = PB_CHIP_NOTE_MAX + PB_CARD_WHY_SELECT_MAX + 2 };

/* What lies on the reader. */
struct pb_card_identity {
	enum pb_card_family family;
	char why[PB_CARD_WHY_MAX]; /* FOREIGN: what it is instead ("PIV; SELECT: SW 6A82", "storage card"); else "" */
	uint8_t uid[UID_MAX];	   /* see struct pb_reader_card */
	size_t uid_n;
	enum applet_state state;   /* of a PIV card by what it holds: LOCKED under a management key of its own */
	bool shadow;		   /* a key was made and never committed ... */
	uint8_t shadow_point[PB_P256_POINT]; /* ... this one; zeros otherwise */
	enum pb_chip_kind chip;	   /* FOREIGN only: which product it is, as far as it tells */
	enum pb_chip_kind told;	   /* by GetVersion, while it is being identified: asked once for all kinds that tell so */
};

/* Everything a verifier needs from a card. */
struct pb_card_image {
	uint8_t credential[CREDENTIAL_MAX];
	size_t credential_n;
	uint8_t point[PB_P256_POINT]; /* the chip's key as the card states it */
	uint8_t ndef[NDEF_MAX];	      /* NLEN and message */
	size_t ndef_n;
	enum applet_state state;
	uint8_t sig[PB_P256_SIG];     /* over the challenge: pb_card_check_proof */
};

/* SELECT and, when the card says that a key waits, one GET DATA.  A card that is not ours is a value
 * (family FOREIGN) and not an error, and so is a terminated one (`state`).  One that is not ours is asked a little
 * more (chip.h), and whatever becomes of that, it stays foreign. */
PB_MUST_USE enum pb_status pb_card_identify(struct pb_reader *reader, const struct pb_reader_card *card,
					    struct pb_card_identity *ret_identity, struct pb_err *err);

/* PB_OK for a card of ours; for another, the status that says why it can be no membership card: PB_CARD_BROKEN,
 * PB_CARD_CLONE, PB_CARD_UNSUPPORTED, or PB_CARD_FOREIGN when it is not known. */
PB_MUST_USE enum pb_status pb_card_refusal(const struct pb_card_identity *identity, struct pb_err *err);

/* Over a fresh SELECT, which drops any secure channel: read strictly, then sign `challenge`
 * (CHALLENGE_MIN..CHALLENGE_MAX bytes).  PB_CARD_PROTOCOL when the form is wrong in anything,
 * PB_NOT_FOUND when the card is blank, PB_CARD_TERMINATED, PB_CARD_FOREIGN. */
PB_MUST_USE enum pb_status pb_card_examine(struct pb_reader *reader, enum pb_card_family family,
					   struct pb_view challenge, struct pb_card_image *ret_image, struct pb_err *err);

/* Pure: what the credential on such a card is bound to (card-applet-spec/credential.md): the chip's key, `point`, where its
 * kind has one; else its UID, and `point` is not looked at. */
PB_MUST_USE enum pb_status pb_card_binding(const struct pb_card_identity *card, const uint8_t point[static PB_P256_POINT],
					   struct pb_aad *ret_aad, struct pb_err *err);

/* Pure: whether `sig` was made by the private half of `point` over this credential and challenge
 * (applet.h, "Signing a challenge").  A value: false for anything wrong, a bad point included. */
bool pb_card_check_proof(const uint8_t point[static PB_P256_POINT], struct pb_view credential, struct pb_view challenge,
			 const uint8_t sig[static PB_P256_SIG]);

#endif
