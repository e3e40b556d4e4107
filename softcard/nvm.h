/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The card's memory that outlives the field.  Everything mutable is one `struct card_image`, replaced as
 * a whole: copy `now`, change the copy, nvm_write() it.  So each write is one transaction by
 * construction, as JCSystem.beginTransaction..commitTransaction makes it on a Java Card.
 *
 * On disk a card is one small file, replaced by rename.
 */
#ifndef PROFBILET_SOFTCARD_NVM_H
#define PROFBILET_SOFTCARD_NVM_H

#include "base/bytes.h"
#include "base/err.h"
#include "card-applet-spec/applet.h"
#include "keys/crypto/p256.h"
#include "softcard/desfire_image.h"
#include "softcard/ntag21x_image.h"
#include "softcard/ntag424_image.h"
#include "softcard/piv_image.h"
#include "softcard/softcard.h"

struct card_keys {
	uint8_t kvn;
	uint8_t attempts;  /* EXTERNAL AUTHENTICATEs that may still fail */
	uint32_t sequence; /* of INITIALIZE UPDATE, 24 bits */
	uint8_t enc[FACTORY_KEY_LEN], mac[FACTORY_KEY_LEN], dek[FACTORY_KEY_LEN];
};

struct card_image {
	enum softcard_kind kind; /* the rest of another kind is zero */
	uint8_t uid[UID_MAX], uid_n;
	uint8_t scp03_i;
	enum applet_state state;
	struct card_keys keys;
	bool has_key, has_shadow;
	uint8_t key[PB_P256_SCALAR], shadow[PB_P256_SCALAR];
	uint8_t credential[CREDENTIAL_MAX], credential_n;
	uint8_t ndef[NDEF_MAX], ndef_n;
	struct ntag424_image ntag;
	struct desfire_image desfire;
	struct ntag21x_image ntag21x;
	struct piv_image piv; /* beside `key`, its slot 9E */
};

enum nvm_tear { NVM_NO_TEAR, NVM_TEAR_OLD, NVM_TEAR_NEW };

struct nvm {
	struct card_image now;
	char *path; /* NULL: memory only */
	bool durable;
	enum nvm_tear tear; /* awaits the next write */
	bool torn;	    /* the power went in a write: until it returns nothing is written or said */
	unsigned writes;
};

/* Loads `path` when it exists, else stores `fresh`.  The path is copied. */
PB_MUST_USE enum pb_status nvm_open(struct nvm *nvm, const char *path, bool durable, const struct card_image *fresh,
				    struct pb_err *err);
void nvm_close(struct nvm *nvm);
/* False when the write did not happen or the power went; the card then answers SW_MEMORY, if at all. */
PB_MUST_USE bool nvm_write(struct nvm *nvm, const struct card_image *next);

#endif
