/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * P-256 public keys, and verifying with them.  A key object is read-only after creation, so threads share it; what
 * changes during an operation lives in a context of that call.  Private keys are in p256_sign.c, so that a program
 * which only verifies links nothing that signs.
 */
#include "keys/crypto/p256.h"

#include <stdlib.h>
#include <string.h>

#include "keys/crypto/hash.h"
#include "keys/crypto/p256_key.h"

/* SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING of 65 bytes, none unused } */
static const uint8_t spki_prefix[PB_P256_SPKI - PB_P256_POINT] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
	0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
};

enum pb_status pb_p256_public_create(struct pb_view point, struct pb_p256_public **ret_key, struct pb_err *err)
{
	struct pb_p256_public *key;
	EVP_PKEY *pkey = NULL;

	if (point.n == PB_P256_POINT && point.p[0] == 0x04)
		pkey = pb_ec_public(PB_P256_GROUP, point);
	if (pkey == NULL)
		return pb_fail(err, PB_INPUT_INVALID, "public key: not a point of P-256");
	key = calloc(1, sizeof(*key));
	OPENSSL_MUST(key != NULL);
	key->pkey = pkey;
	memcpy(key->point, point.p, PB_P256_POINT);
	*ret_key = key;
	return PB_OK;
}

enum pb_status pb_p256_public_from_spki(struct pb_view spki, struct pb_p256_public **ret_key, struct pb_err *err)
{
	if (spki.n != PB_P256_SPKI || !pb_view_equal(pb_view(spki.p, sizeof(spki_prefix)), PB_VIEW(spki_prefix)))
		return pb_fail(err, PB_INPUT_INVALID, "public key: not an uncompressed P-256 SubjectPublicKeyInfo");
	return pb_p256_public_create(pb_view(spki.p + sizeof(spki_prefix), PB_P256_POINT), ret_key, err);
}

void pb_p256_public_destroy(struct pb_p256_public *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

void pb_p256_public_point(const struct pb_p256_public *key, uint8_t ret_point[static PB_P256_POINT])
{
	memcpy(ret_point, key->point, PB_P256_POINT);
}

void pb_p256_point_to_spki(const uint8_t point[static PB_P256_POINT], uint8_t ret_spki[static PB_P256_SPKI])
{
	memcpy(ret_spki, spki_prefix, sizeof(spki_prefix));
	memcpy(ret_spki + sizeof(spki_prefix), point, PB_P256_POINT);
}

void pb_p256_kid(const uint8_t point[static PB_P256_POINT], uint8_t ret_kid[static PB_P256_KID])
{
	uint8_t spki[PB_P256_SPKI], digest[PB_SHA256_LEN];

	pb_p256_point_to_spki(point, spki);
	pb_sha256(PB_VIEW(spki), digest);
	memcpy(ret_kid, digest, PB_P256_KID);
}

bool pb_p256_verify(const struct pb_p256_public *key, struct pb_view message, const uint8_t sig[static PB_P256_SIG])
{
	uint8_t digest[PB_SHA256_LEN];

	pb_sha256(message, digest);
	return pb_p256_verify_digest(key, digest, sig);
}

bool pb_p256_verify_digest(const struct pb_p256_public *key, const uint8_t digest[static PB_SHA256_LEN],
			   const uint8_t sig[static PB_P256_SIG])
{
	uint8_t der[PB_P256_SIG_DER_MAX];
	size_t n = pb_p256_sig_to_der(sig, der);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	bool good;

	OPENSSL_MUST(ctx != NULL);
	OPENSSL_MUST(EVP_PKEY_verify_init(ctx) == 1);
	good = EVP_PKEY_verify(ctx, der, n, digest, PB_SHA256_LEN) == 1;
	EVP_PKEY_CTX_free(ctx);
	if (!good)
		ERR_clear_error();
	return good;
}
