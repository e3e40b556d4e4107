/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the two faces of one card say, and the questions to ask *before* it is signed: under which name
 * will it be printed, does the QR code fit, does everything fit.  Each is a pure function of its input
 * and the design.
 *
 * Not for: drawing (render.h; a photo is only ever decoded there), what a QR code holds
 * (issuer/credential/url.h).
 */
#ifndef PROFBILET_PRINT_FACE_H
#define PROFBILET_PRINT_FACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/calendar.h"
#include "base/err.h"
#include "print/design.h"

enum {
	PB_PRINTED_NAME_CAP = 241, /* with NUL: as long as a credential can state */
	PB_FACE_URL_MAX = 1800,	   /* bytes */
	PB_FACE_TEXT_MAX = 640,	   /* bytes of any other text */
};

/* A name that is too long for its line loses letters from the right. */
enum pb_name_form {
	PB_NAME_FULL,	  /* as much as the line holds: «Вера Баировна», «Вера Б.» or «В. Б.» */
	PB_NAME_INITIALS, /* «В. Б.»: when the QR code of the full form does not fit */
};

/* All text is borrowed, valid UTF-8 in NFC, never NULL; "" where there is nothing to say. */
struct pb_face {
	const char *surname, *name, *patronymic; /* as the register writes them */
	enum pb_name_form name_form;
	const char *organisation;	/* the member's primary organisation */
	const char *organisation_short; /* used when the full name does not fit */
	const char *member_number;	/* digits */
	const char *card_serial;	/* digits */
	struct pb_date member_since;	/* year 0: the line is left out */
	struct pb_date valid_until;
	const char *title_line, *organisation_line; /* of the issuer, in the header */
	const char *return_line, *contact_line;	    /* for whoever finds the card */
	const char *qr_url;
	size_t qr_prefix_n; /* characters of it up to and with `#`; the rest is base32 */
	bool test;	    /* marks both faces «ОБРАЗЕЦ / TEST» */
	bool copyable;	    /* says on the back that the chip can be copied */
};

/* The name exactly as the face will print it, on one line: what the credential signs.
 * PB_NAME_TOO_LONG when even this form fits at no size; PB_INPUT_INVALID when no font has a character of
 * it (err names the character). */
PB_MUST_USE enum pb_status pb_face_name_as_printed(const struct pb_design *design, const char *surname, const char *name,
						   const char *patronymic, enum pb_name_form form,
						   char ret_name[static PB_PRINTED_NAME_CAP], struct pb_err *err);

/* Whether `https://HOST/v#` and the base32 of a token of `token_n` bytes fit the QR field in modules of
 * at least four printer dots.  False: use PB_NAME_INITIALS, and if it is still false, refuse. */
bool pb_face_qr_fits(const struct pb_design *design, size_t host_n, size_t token_n);

/* Whether all of it fits, without drawing: PB_NAME_TOO_LONG or PB_INPUT_INVALID say what does not.  An
 * empty qr_url, card_serial or an absent valid_until is not looked at: they are not known before a card is
 * reserved. */
PB_MUST_USE enum pb_status pb_face_check(const struct pb_design *design, const struct pb_face *face, struct pb_err *err);

#endif
