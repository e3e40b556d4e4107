/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The NDEF file of the card: one URI record (NFC Forum URI RTD) that a phone opens without any program of
 * ours.  The file image is NLEN (2 bytes) and one short record, as READ BINARY of a Type 4 Tag gives it:
 *
 *     NLEN  D1 01 length 'U' 04 rest-of-the-https-address
 *
 * It holds an address only, never a credential: that would neither fit nor be bound to the chip.  A memory card has no
 * other place for its credential: there the record is longer, and alone (pb_ndef_put_record).
 */
#ifndef PROFBILET_ISSUER_CREDENTIAL_NDEF_H
#define PROFBILET_ISSUER_CREDENTIAL_NDEF_H

#include "base/bytes.h"
#include "base/err.h"
#include "card-applet-spec/applet.h"

enum { PB_NDEF_HEAD = 7, PB_NDEF_URL_MAX = 8 + NDEF_MAX - PB_NDEF_HEAD /* without NUL */ };

struct pb_ndef {
	uint8_t bytes[NDEF_MAX];
	size_t n;
};

/* PB_INPUT_INVALID unless the address begins with https://, is visible ASCII and fits. */
PB_MUST_USE enum pb_status pb_ndef_of_url(const char *url, struct pb_ndef *ret_ndef, struct pb_err *err);
struct pb_view pb_ndef_view(const struct pb_ndef *ndef);
/* The record without NLEN, of an address of any length that a short record has; false for another address. */
PB_MUST_USE bool pb_ndef_put_record(struct pb_writer *writer, const char *url);
/* Exactly such a record, no byte more. */
enum { PB_NDEF_RECORD_MAX = 4 + 255, PB_NDEF_RECORD_URL_MAX = 8 + 254 };
PB_MUST_USE bool pb_ndef_record_url(struct pb_view record, char ret_url[static PB_NDEF_RECORD_URL_MAX + 1]);
/* Exactly such an image, no byte more; false for anything else. */
PB_MUST_USE bool pb_ndef_read_url(struct pb_view file, char ret_url[static PB_NDEF_URL_MAX + 1]);

#endif
