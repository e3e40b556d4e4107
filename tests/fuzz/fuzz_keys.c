/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What comes to keys/ from outside, in any bytes: a certificate, a public key, a signature in DER, a
 * card's answer to INITIALIZE UPDATE, a sealed secret.  What parses is consistent with what was read.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "keys/crypto/ed25519.h"
#include "keys/crypto/p256.h"
#include "keys/crypto/sealed.h"
#include "keys/crypto/x509.h"
#include "keys/scp03_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_certificate(struct pb_view bytes)
{
	struct pb_x509 *cert = NULL;
	struct pb_x509_issuer issuer;

	if (pb_x509_from_pem(bytes, &cert, NULL) != PB_OK)
		return;
	if (pb_x509_read_issuer(cert, &issuer, NULL) == PB_OK && (strlen(issuer.code) >= sizeof(issuer.code) ||
								   strlen(issuer.name) >= sizeof(issuer.name)))
		abort();
	(void)!pb_x509_verify(cert, cert, 1800000000, NULL);
	pb_x509_destroy(cert);
}

static void try_public_key(struct pb_view bytes)
{
	uint8_t point[PB_P256_POINT], spki[PB_P256_SPKI], public_key[PB_ED25519_PUBLIC];
	struct pb_p256_public *key = NULL;

	if (pb_p256_public_from_spki(bytes, &key, NULL) == PB_OK) {
		pb_p256_public_point(key, point);
		pb_p256_point_to_spki(point, spki);
		if (!pb_view_equal(PB_VIEW(spki), bytes))
			abort();
		pb_p256_public_destroy(key);
	}
	(void)pb_ed25519_public_from_pem(bytes, public_key);
}

/* One signature, one spelling: what is read is written back the same. */
static void try_signature(struct pb_view bytes)
{
	uint8_t sig[PB_P256_SIG], der[PB_P256_SIG_DER_MAX];

	if (pb_p256_sig_from_der(bytes, sig) && !pb_view_equal(pb_view(der, pb_p256_sig_to_der(sig, der)), bytes))
		abort();
}

static void try_answer(struct pb_view bytes)
{
	struct pb_initialize_update answer;

	if (pb_initialize_update_parse(bytes, &answer) &&
	    answer.diversification.n + 3 + 2 * answer.challenge.n + answer.sequence.n != bytes.n)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_view bytes = pb_view(data, size);
	PB_SECRET nothing = { 0 };
	PB_SECRET opened = { 0 };

	try_certificate(bytes);
	try_public_key(bytes);
	try_signature(bytes);
	try_answer(bytes);
	/* For a purpose that no seed has: the parser runs, the costly stretching does not. */
	if (pb_unseal("fuzz", bytes, &nothing, &opened, NULL) == PB_OK)
		abort();
	return 0;
}
