/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shares of a secret of 32 bytes: any `needed` of `count` give it back, fewer say nothing about it (Shamir,
 * over GF(256), by libgfshare).  A share goes on paper in two writings that hold the same 40 bytes:
 *
 *     version 1, index (4 bits each) | needed, count (4 bits each) | set 4 | share 32 | checksum 2
 *
 *     the QR code   "PBS1:" and base32 (RFC 4648, no padding)
 *     the words     forty, one for each byte (keys/share_words.def)
 *
 * `set` names the split: shares of two ceremonies do not mix.  The checksum, the first bytes of the SHA-256
 * of all before it, is against slips of the pen and not against people: a forged share is noticed by what
 * the secret opens.
 *
 * Not for: what the secret protects (issuer/core/ceremony.h), paper (print/paper.h).
 */
#ifndef PROFBILET_KEYS_SHARES_H
#define PROFBILET_KEYS_SHARES_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"

enum {
	PB_SHARE_SECRET = 32,
	PB_SHARE_SET = 4,
	PB_SHARES_MIN = 2, /* of both numbers */
	PB_SHARES_MAX = 8,
	PB_SHARE_WORDS = 40,
	PB_SHARE_WORD_MAX = 16, /* bytes of the longest word: eight letters */
	PB_SHARE_TEXT_MAX = PB_SHARE_WORDS * (PB_SHARE_WORD_MAX + 1),
	PB_SHARE_QR_PREFIX = 5, /* "PBS1:" */
};

struct pb_share {
	uint8_t index; /* from 1 */
	uint8_t needed, count;
	uint8_t set[PB_SHARE_SET];
	struct pb_secret value;
};

/* A writing of a share: as secret as the share, and wiped like it. */
struct pb_share_text {
	char text[PB_SHARE_TEXT_MAX + 1];
};

#define PB_SHARE __attribute__((cleanup(pb_share_wipe))) struct pb_share
#define PB_SHARE_TEXT __attribute__((cleanup(pb_share_text_wipe))) struct pb_share_text
void pb_share_wipe(struct pb_share *share);
void pb_share_text_wipe(struct pb_share_text *text);

/* PB_INPUT_INVALID unless 2 <= needed <= count <= 8.  A secret of another length aborts. */
PB_MUST_USE enum pb_status pb_shares_split(const struct pb_secret *secret, const uint8_t set[static PB_SHARE_SET],
					   uint8_t needed, uint8_t count,
					   struct pb_share ret_shares[static PB_SHARES_MAX], struct pb_err *err);

/* From at least `needed` different shares of one set.  PB_INPUT_INVALID says which rule they break: too few,
 * one twice, or of two ceremonies.  A changed share gives another secret: only what it opens can tell. */
PB_MUST_USE enum pb_status pb_shares_combine(const struct pb_share *shares, size_t count, struct pb_secret *ret_secret,
					     struct pb_err *err);

void pb_share_write_qr(const struct pb_share *share, struct pb_share_text *ret_text);
/* Forty words, a space between. */
void pb_share_write_words(const struct pb_share *share, struct pb_share_text *ret_text);

enum pb_share_fault {
	PB_SHARE_GOOD,
	PB_SHARE_FORM,	   /* neither writing, or not all of it */
	PB_SHARE_WORD,	   /* the word at `position` is not in the list */
	PB_SHARE_CHARACTER, /* the character at `position` of the QR text cannot be there */
	PB_SHARE_LENGTH,   /* another number of words than forty */
	PB_SHARE_CHECKSUM, /* every word exists, but one is another's, or two have changed places */
	PB_SHARE_VERSION,  /* of a later program, or numbers that no share has */
};

/* Reads either writing.  Words may be in any letter case, with ё or е, with spaces and line ends between and
 * around; nothing else is forgiven.  *ret_position counts from 1: of words (also for LENGTH: how many there
 * are) or of characters.  *ret_share is untouched unless PB_SHARE_GOOD. */
enum pb_share_fault pb_share_read(struct pb_view text, struct pb_share *ret_share, size_t *ret_position);

/* The first of the words that is not in the list, from 1; 0 when all are.  *ret_count says how many there
 * are: so that a row of words can be corrected before the next is typed. */
size_t pb_share_unknown_word(struct pb_view words, size_t *ret_count);

/* The word of a byte: static memory. */
const char *pb_share_word(uint8_t value);

#endif
