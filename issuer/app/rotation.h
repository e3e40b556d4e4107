/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The life of a certified key of the office: another takes over, it is retired, it is in other hands.  Each step
 * can stop anywhere and is finished by being asked for again; whenever it stops, one key signs, and the trust
 * list says of every key no more than is so.
 *
 *     rotate       new key and certificate, then a trust list with both, then the new one signs
 *     retire       a trust list: signs no more, its cards stay good
 *     compromise   a trust list: none of its cards is good; half-written ones are given up
 *
 * The list comes before the change that needs it, so that no verifier who has the newest list meets a card that it
 * cannot know.
 *
 * Not for: making the keys (keys/succession.h), the cards of a lost key (issuer/core/affected.h).
 */
#ifndef PROFBILET_ISSUER_APP_ROTATION_H
#define PROFBILET_ISSUER_APP_ROTATION_H

#include "issuer/app/app.h"
#include "keys/crypto/p256.h"
#include "keys/roles.h"

struct pb_rotation {
	uint8_t kid[PB_P256_KID];	  /* of the key that is to be followed */
	const char *root_file;		  /* private key of either root; NULL: root.key of the key directory */
	const char *root_passphrase_file; /* NULL: the office's own */
	bool only_prepare;		  /* the old key goes on signing until asked again without */
};

struct pb_rotated {
	enum pb_key_role role;
	uint8_t kid[PB_P256_KID]; /* of the new key */
	bool already;		  /* the key did not sign any more: nothing was done */
	bool signs;		  /* the new one does */
	uint64_t sequence;	  /* of the trust list that names both; 0 for keys that no list names */
};

/* The keys, opened in this process whoever holds them otherwise: they are known by more than a holder tells, and
 * are closed again at once.  The PIN of a token comes from its file or from systemd. */
PB_MUST_USE enum pb_status pb_app_open_keys_here(const struct pb_app *app, struct pb_keystore **ret_store, struct pb_err *err);
/* What the process that holds the keys has counted; *ret_counted is left alone when there is none.  With keys that were
 * not `opened` here none is started either: a passphrase that was refused is not tried again. */
PB_MUST_USE enum pb_status pb_app_account(const struct pb_app *app, bool opened, struct pb_account *ret_account,
					  bool *ret_counted, struct pb_err *err);

/* The office is open for writing; the old key signs in it until it is opened anew.  PB_NOT_FOUND: no key of the office has
 * that id; PB_NOT_ALLOWED when the keys are a service's, and its folder is not ours; else as pb_succession_prepare. */
PB_MUST_USE enum pb_status pb_app_rotate(struct pb_app *app, const struct pb_rotation *rotation, struct pb_rotated *ret_rotated,
					 struct pb_err *err);

struct pb_narrowed {
	bool already;	   /* it was so before */
	uint64_t sequence; /* of the trust list that says so */
	uint64_t given_up; /* half-written cards */
	uint64_t live;	   /* cards in hands that the key signed */
};

/* PB_NOT_ALLOWED: it signs; another must take over first. */
PB_MUST_USE enum pb_status pb_app_retire_key(struct pb_app *app, const uint8_t kid[static PB_P256_KID],
					     struct pb_narrowed *ret_narrowed, struct pb_err *err);
/* Also of the key that signs: then nothing is issued until another takes over. */
PB_MUST_USE enum pb_status pb_app_compromise_key(struct pb_app *app, const uint8_t kid[static PB_P256_KID],
						 struct pb_narrowed *ret_narrowed, struct pb_err *err);

/* PB_KEYS_REFUSED when no verifier would believe what the office's key signs now. */
PB_MUST_USE enum pb_status pb_app_check_signer(const struct pb_app *app, struct pb_err *err);

#endif
