/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The certificate of a PIV card's key (RFC 5280), signed by that very key: programs look for keys by certificates.  It
 * says the card's serial and nothing of a person.  In a PIV object: 53{70 certificate, 71 00, FE}.
 *
 * Not for trust: nobody is to believe a key that speaks for itself.  keys/crypto/x509.h has the certificates that count.
 */
#ifndef PROFBILET_ISSUER_PERSO_PIV_CERTIFICATE_H
#define PROFBILET_ISSUER_PERSO_PIV_CERTIFICATE_H

#include "base/bytes.h"
#include "base/err.h"
#include "keys/crypto/p256.h"

enum { PB_PIV_CERTIFICATE_MAX = 480 };

struct pb_piv_subject {
	uint64_t serial;      /* of the card */
	int64_t from, until;  /* UTC seconds, both included; before 2050 */
	const uint8_t *point; /* PB_P256_POINT bytes; borrowed */
};

/* r || s over SHA-256 of the certificate's first part. */
typedef enum pb_status pb_piv_sign_fn(void *ctx, const uint8_t digest[static 32], uint8_t ret_sig[static PB_P256_SIG],
				      struct pb_err *err);

/* PB_INPUT_INVALID for a date that such a certificate cannot say. */
PB_MUST_USE enum pb_status pb_piv_certificate_make(const struct pb_piv_subject *subject, pb_piv_sign_fn *sign, void *ctx,
						   struct pb_writer *writer, struct pb_err *err);

/* "20301231": the day in UTC, as a CHUID has it. */
void pb_piv_expiry(int64_t until, uint8_t ret_expiry[static 8]);

#endif
