/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inside of a certificate, for x509.c and x509_make.c.  Nobody else includes this: outside, a certificate
 * is a thing that says who an issuer is.
 */
#ifndef PROFBILET_KEYS_CRYPTO_X509_CERT_H
#define PROFBILET_KEYS_CRYPTO_X509_CERT_H

#include <openssl/x509.h>

#include "keys/crypto/openssl.h"
#include "keys/crypto/x509.h"

struct pb_x509 {
	X509 *x509;
};

/* Takes over. */
struct pb_x509 *pb_x509_adopt(X509 *x509);

#endif
