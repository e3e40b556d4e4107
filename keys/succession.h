/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The certified keys of an office that follow each other: a key signs for thirteen months, then the next one
 * takes over.  Keys of a role are numbered from 1, and none is ever overwritten or reused:
 *
 *     issuer.key, issuer-2.key, ...     in a token: "profbilet issuer", "profbilet issuer-2", ...
 *     issuer.current                    number of the key that signs; written when the second is made, until
 *                                       then the first does
 *     issuer.next                       number of the key that is being made; gone when it has taken over
 *
 * A successor takes over by one rename, of issuer.next to issuer.current.  Every step before it is durable and
 * is found done when the making is repeated, so that a crash leaves the old key signing, or the new one.
 *
 * Not for: what verifiers are told of it (keys/trust_list.h), when a key is due (issuer/core/rotation.h).
 */
#ifndef PROFBILET_KEYS_SUCCESSION_H
#define PROFBILET_KEYS_SUCCESSION_H

#include "base/clock.h"
#include "base/err.h"
#include "base/secret.h"
#include "keys/crypto/p256.h"
#include "keys/roles.h"
#include "keys/token.h"

enum { PB_SUCCESSION_MAX = 99, PB_SUCCESSION_NAME = 24 };

/* "issuer", "issuer-2": of the file, before its ending, and of the objects in a token. */
void pb_succession_name(enum pb_key_role role, unsigned number, char ret_name[static PB_SUCCESSION_NAME]);

/* The number of the key that signs.  *ret_written: a file says so; where it is false and a second key is
 * there, the file was lost, and whoever opens keys refuses: an old key would sign again. */
PB_MUST_USE enum pb_status pb_succession_current(int dir_fd, enum pb_key_role role, unsigned *ret_number,
						 bool *ret_written, struct pb_err *err);

/* PB_KEYS_UNAVAILABLE, with what to do about the lost file. */
enum pb_status pb_succession_lost(enum pb_key_role role, struct pb_err *err);

struct pb_succession {
	const char *key_directory;
	const struct pb_secret *passphrase; /* of the key directory: the new key is sealed under it */
	const struct pb_token_options *token; /* NULL: keys are in files */
	enum pb_key_role role; /* one that has a certificate */
	const char *root_file; /* private key of either root */
	const struct pb_secret *root_passphrase;
	const struct pb_clock *clock;
};

struct pb_successor {
	unsigned number;
	uint8_t kid[PB_P256_KID];
	bool resumed; /* an interrupted run had begun it */
};

/* Makes the next key where the old one is, and its certificate, in public/, with the names of the old one's.
 * Durable; given twice, there is still one.  The old key goes on signing.
 * PB_KEYS_PASSPHRASE; PB_KEYS_REFUSED when the root is none of those pinned, or ends too early. */
PB_MUST_USE enum pb_status pb_succession_prepare(const struct pb_succession *succession, struct pb_successor *ret_successor,
						 struct pb_err *err);

/* The prepared key signs from now on, for stores that are opened from now on.  PB_NOT_FOUND: none is prepared. */
PB_MUST_USE enum pb_status pb_succession_take_over(const char *key_directory, enum pb_key_role role, struct pb_err *err);

#endif
