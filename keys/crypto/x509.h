/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two kinds of certificate of the trust model (X.509, RFC 5280), both P-256: a root, and a signer under
 * it: of cards (an issuer), of status lists or of trust lists, and of one of these alone.  A signer's certificate says who it is (subject serialNumber = issuer code, O = its name), until when
 * it may sign (private key usage period) and until when what it signed can be checked (notAfter), which
 * is later: the signer must outlive the cards.
 *
 * Object identifiers stand under 1.3.6.1.4.1.32473, the arc for documentation (RFC 5612), until the
 * union has an arc of its own:
 *     .75.1   extended key usage: issues membership cards
 *     .75.2   extended key usage: signs status lists
 *     .75.3   extended key usage: signs trust lists
 *     .75.4   extended key usage: backups of the office are encrypted to it
 *     .75.99  extended key usage: a test issuer, whose cards are never real ones
 *
 * Not for: other people's certificates.  RSA, other curves and chains longer than two are refused.
 */
#ifndef PROFBILET_KEYS_CRYPTO_X509_H
#define PROFBILET_KEYS_CRYPTO_X509_H

#include "keys/crypto/p256.h"

#define PB_X509_OID_CARD_ISSUER "1.3.6.1.4.1.32473.75.1"
#define PB_X509_OID_STATUS_LIST "1.3.6.1.4.1.32473.75.2"
#define PB_X509_OID_TRUST_LIST	"1.3.6.1.4.1.32473.75.3"
#define PB_X509_OID_BACKUP	"1.3.6.1.4.1.32473.75.4"
#define PB_X509_OID_TEST	"1.3.6.1.4.1.32473.75.99"

enum { PB_X509_PEM_MAX = 4096, PB_X509_DER_MAX = 2048 };

struct pb_x509; /* one certificate */

struct pb_x509_subject {
	const char *common_name;   /* 1 to 64 characters, UTF-8, as X.520 has it */
	const char *organisation;  /* the same */
	const char *serial_number; /* issuer code; NULL for none */
};

/* Both signed by the root's key; times are UTC seconds.  PB_INPUT_INVALID for a subject that does not fit. */
PB_MUST_USE enum pb_status pb_x509_make_root(const struct pb_p256_private *root, const struct pb_x509_subject *subject,
					     int64_t from, int64_t until, struct pb_x509 **ret_cert,
					     struct pb_err *err);

struct pb_x509_issuer_terms {
	int64_t from, signs_until, until;
	bool test;
	const char *purpose; /* PB_X509_OID_*; NULL: PB_X509_OID_CARD_ISSUER */
	bool receives;	     /* key agreement instead of signatures; signs_until does not matter */
};

PB_MUST_USE enum pb_status pb_x509_make_issuer(const struct pb_p256_private *root, const struct pb_x509 *root_cert,
					       const struct pb_p256_public *issuer,
					       const struct pb_x509_subject *subject,
					       const struct pb_x509_issuer_terms *terms, struct pb_x509 **ret_cert,
					       struct pb_err *err);
void pb_x509_destroy(struct pb_x509 *cert); /* accepts NULL */

/* One PEM certificate; PB_INPUT_INVALID for anything else. */
PB_MUST_USE enum pb_status pb_x509_from_pem(struct pb_view pem, struct pb_x509 **ret_cert, struct pb_err *err);
size_t pb_x509_to_pem(const struct pb_x509 *cert, uint8_t ret_pem[static PB_X509_PEM_MAX]);
/* Whether it certifies the key of that point. */
bool pb_x509_is_of(const struct pb_x509 *cert, const uint8_t point[static PB_P256_POINT]);
/* The id of the key that it certifies; false for a key of another kind. */
bool pb_x509_kid(const struct pb_x509 *cert, uint8_t ret_kid[static PB_P256_KID]);
/* The same as DER, and nothing after it. */
PB_MUST_USE enum pb_status pb_x509_from_der(struct pb_view der, struct pb_x509 **ret_cert, struct pb_err *err);
size_t pb_x509_to_der(const struct pb_x509 *cert, uint8_t ret_der[static PB_X509_DER_MAX]);
/* SHA-256 of the DER: what `openssl x509 -fingerprint -sha256` shows. */
void pb_x509_fingerprint(const struct pb_x509 *cert, uint8_t ret_digest[static 32]);

/* Signature, constraints, key usages and both validities at that moment; PB_INPUT_INVALID says why not. */
PB_MUST_USE enum pb_status pb_x509_verify(const struct pb_x509 *issuer, const struct pb_x509 *root, int64_t at,
					  struct pb_err *err);

/* What a signer's certificate says. */
struct pb_x509_issuer {
	char code[17];	/* subject serialNumber */
	char name[257]; /* subject O, UTF-8 */
	int64_t from, until, signs_until;
	bool test;
	uint8_t point[PB_P256_POINT];
};

/* PB_INPUT_INVALID when it lacks any of these or is not for issuing cards, and for that alone. */
PB_MUST_USE enum pb_status pb_x509_read_issuer(const struct pb_x509 *cert, struct pb_x509_issuer *ret_issuer,
					       struct pb_err *err);
/* The same for a certificate of another purpose. */
PB_MUST_USE enum pb_status pb_x509_read_signer(const struct pb_x509 *cert, const char *purpose,
					       struct pb_x509_issuer *ret_signer, struct pb_err *err);

#endif
