/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which product a chip is, as far as it can be told without a key and without a write: from its ATR, from what it
 * says of itself (GetVersion), from the applications that answer.  For inspecting incoming goods, and for telling an
 * operator why a card is refused.
 *
 * Nothing here is an authentication attempt: no counter of a card moves.  What a chip says of itself is believed in
 * form only; it can lie, and a contradiction is a finding (PB_CHIP_CLONE).  Not for issuing or verifying: card.h.
 */
#ifndef PROFBILET_ISSUER_CARD_CHIP_H
#define PROFBILET_ISSUER_CARD_CHIP_H

#include "base/err.h"
#include "issuer/reader/reader.h"
#include "keys/crypto/originality.h"

enum pb_chip_kind {
	PB_CHIP_UNKNOWN,
	PB_CHIP_OWN,	   /* card-applet-spec/, whatever the chip below it */
	PB_CHIP_JAVA_CARD, /* a GlobalPlatform card without our application */
	PB_CHIP_NTAG_424,
	PB_CHIP_DESFIRE_EV1,
	PB_CHIP_DESFIRE_EV2,
	PB_CHIP_DESFIRE_EV3,
	PB_CHIP_DESFIRE_LIGHT,
	PB_CHIP_PIV,
	PB_CHIP_TYPE_4,	   /* an NDEF application and no other that is known */
	PB_CHIP_PLUS,
	PB_CHIP_NTAG_213,
	PB_CHIP_NTAG_215,
	PB_CHIP_NTAG_216,
	PB_CHIP_ULTRALIGHT_EV1,
	PB_CHIP_TYPE_2,	   /* MIFARE Ultralight or NTAG, which is not known */
	PB_CHIP_CLASSIC,
	PB_CHIP_PLUS_SL1,  /* MIFARE Plus that speaks as a Classic */
	PB_CHIP_CLONE,	   /* what it says of itself contradicts itself */
	PB_CHIP_COUNT
};

/* What an office can do with a kind of chip. */
enum pb_chip_standing {
	PB_CHIP_IS_STRANGE,
	PB_CHIP_IS_OURS,
	PB_CHIP_IS_NOT_YET,  /* can carry a membership card, by a family of issuer/card/ that knows it; else not yet */
	PB_CHIP_IS_COPYABLE, /* the same, and anyone can copy it */
	PB_CHIP_IS_BROKEN,   /* a cipher that was broken in 2008 */
	PB_CHIP_IS_CLONE,
};

struct pb_chip_row {
	const char *name;  /* "desfire_ev2": stable, for programs */
	const char *words; /* "MIFARE DESFire EV2": a product has one name in every language */
	enum pb_chip_standing standing;
};

/* Never NULL; the memory is static. */
const struct pb_chip_row *pb_chip_row(enum pb_chip_kind kind);

/* By what it was told: the weakest, the ATR, is the reader's word. */
enum pb_chip_source { PB_CHIP_BY_NOTHING, PB_CHIP_BY_ATR, PB_CHIP_BY_VERSION, PB_CHIP_BY_APPLICATION, PB_CHIP_BY_MEMORY, PB_CHIP_BY_COUNT };

/* "atr" */
const char *pb_chip_source_name(enum pb_chip_source source);

/* Whether the keys are those of its maker, where this can be told without trying one. */
enum pb_chip_keys { PB_CHIP_KEYS_UNKNOWN, PB_CHIP_KEYS_FACTORY, PB_CHIP_KEYS_CHANGED, PB_CHIP_KEYS_COUNT };

enum { PB_CHIP_NOTE_MAX = 96, PB_CHIP_KEYS_MAX = 8, PB_CHIP_MEMORY_MAX = 1 << 24 };

struct pb_chip {
	enum pb_chip_kind kind;
	enum pb_chip_source source;
	char note[PB_CHIP_NOTE_MAX]; /* English, printable ASCII: what else was seen; "" for nothing */
	uint32_t memory;	     /* bytes for data; 0: not known */
	bool has_free;
	uint32_t free;		     /* bytes, if has_free */
	enum pb_originality originality;
	uint8_t key_versions[PB_CHIP_KEYS_MAX]; /* those the card tells everyone */
	size_t key_count;
	enum pb_chip_keys keys;
};

/* The card was connected and perhaps selected; afterwards another application of it may be.  `own`: it was
 * identified as a card of ours.  A chip that is not known is a value; an error is only what kept from finding out.  At
 * most 24 exchanges, those with the reader (CLA FF) counted. */
PB_MUST_USE enum pb_status pb_chip_inspect(struct pb_reader *reader, const struct pb_reader_card *card, bool own,
					   struct pb_chip *ret_chip, struct pb_err *err);

#endif
