/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * P-256 private keys, and signing with them.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include "base/secret.h"
#include "keys/crypto/hash.h"
#include "keys/crypto/p256.h"
#include "keys/crypto/p256_key.h"

/* n, and n / 2 rounded down (SEC 2, 2.4.2) */
static const uint8_t order[PB_P256_SCALAR] = {
	0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
	0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
};
static const uint8_t half_order[PB_P256_SCALAR] = {
	0x7F, 0xFF, 0xFF, 0xFF, 0x80, 0x00, 0x00, 0x00, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
	0xDE, 0x73, 0x7D, 0x56, 0xD3, 0x8B, 0xCF, 0x42, 0x79, 0xDC, 0xE5, 0x61, 0x7E, 0x31, 0x92, 0xA8,
};

/* a - b modulo 2^256; true when b is the larger one.  No branch depends on the values. */
static bool subtract(const uint8_t a[static PB_P256_SCALAR], const uint8_t b[static PB_P256_SCALAR],
		     uint8_t ret_difference[static PB_P256_SCALAR])
{
	unsigned borrow = 0;

	for (size_t i = PB_P256_SCALAR; i-- > 0;) {
		unsigned difference = 256U + a[i] - b[i] - borrow;

		ret_difference[i] = (uint8_t)difference;
		borrow = 1 - (difference >> 8);
	}
	return borrow == 1;
}

bool pb_p256_private_adopt(EVP_PKEY *pkey, struct pb_p256_private **ret_key)
{
	struct pb_p256_private *key;
	uint8_t point[PB_P256_POINT];
	char group[32] = "";
	size_t n = 0;

	if (EVP_PKEY_is_a(pkey, "EC") != 1 || EVP_PKEY_get_group_name(pkey, group, sizeof(group), &n) != 1 ||
	    strcmp(group, PB_P256_GROUP) != 0)
		return false;
	/* Asking anew fixes the encoding: a key file may have been written with a compressed point. */
	OPENSSL_MUST(EVP_PKEY_set_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
						    "uncompressed") == 1);
	if (EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &n) != 1 ||
	    n != sizeof(point))
		return false;
	key = calloc(1, sizeof(*key));
	OPENSSL_MUST(key != NULL);
	key->pkey = pkey;
	memcpy(key->point, point, sizeof(point));
	*ret_key = key;
	return true;
}

struct pb_p256_private *pb_p256_generate(void)
{
	EVP_PKEY *pkey = EVP_EC_gen(PB_P256_GROUP);
	struct pb_p256_private *key = NULL;

	OPENSSL_MUST(pkey != NULL);
	OPENSSL_MUST(pb_p256_private_adopt(pkey, &key));
	return key;
}

/* The public point of a scalar in 1..n-1. */
static void multiply_base(const BIGNUM *scalar, uint8_t ret_point[static PB_P256_POINT])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *point = EC_POINT_new(group);

	OPENSSL_MUST(group != NULL && point != NULL);
	OPENSSL_MUST(EC_POINT_mul(group, point, scalar, NULL, NULL, NULL) == 1);
	OPENSSL_MUST(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, ret_point, PB_P256_POINT, NULL) ==
		     PB_P256_POINT);
	EC_POINT_free(point);
	EC_GROUP_free(group);
}

static EVP_PKEY *build_private(const BIGNUM *scalar, const uint8_t point[static PB_P256_POINT])
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM *params;
	EVP_PKEY *pkey = NULL;

	OPENSSL_MUST(build != NULL && ctx != NULL);
	OPENSSL_MUST(OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, PB_P256_GROUP, 0) == 1);
	OPENSSL_MUST(OSSL_PARAM_BLD_push_BN_pad(build, OSSL_PKEY_PARAM_PRIV_KEY, scalar, PB_P256_SCALAR) == 1);
	OPENSSL_MUST(OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, PB_P256_POINT) == 1);
	OPENSSL_MUST((params = OSSL_PARAM_BLD_to_param(build)) != NULL);
	OPENSSL_MUST(EVP_PKEY_fromdata_init(ctx) == 1);
	OPENSSL_MUST(EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params) == 1);
	OSSL_PARAM_free(params); /* a secure BIGNUM keeps its copy in memory that is cleared here */
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

enum pb_status pb_p256_private_create(struct pb_view scalar, struct pb_p256_private **ret_key, struct pb_err *err)
{
	static const uint8_t one[PB_P256_SCALAR] = { [PB_P256_SCALAR - 1] = 1 };
	uint8_t difference[PB_P256_SCALAR], point[PB_P256_POINT];
	BIGNUM *number;
	EVP_PKEY *pkey;
	bool in_range;

	in_range = scalar.n == PB_P256_SCALAR && !subtract(scalar.p, one, difference) &&
		   subtract(scalar.p, order, difference);
	pb_wipe(difference, sizeof(difference));
	if (!in_range)
		return pb_fail(err, PB_INPUT_INVALID, "private key: not a scalar of P-256");
	OPENSSL_MUST((number = BN_secure_new()) != NULL);
	OPENSSL_MUST(BN_bin2bn(scalar.p, PB_P256_SCALAR, number) != NULL);
	BN_set_flags(number, BN_FLG_CONSTTIME);
	multiply_base(number, point);
	pkey = build_private(number, point);
	BN_clear_free(number);
	OPENSSL_MUST(pb_p256_private_adopt(pkey, ret_key));
	return PB_OK;
}

void pb_p256_private_scalar(const struct pb_p256_private *key, uint8_t ret_scalar[static PB_P256_SCALAR])
{
	BIGNUM *number = BN_secure_new();

	OPENSSL_MUST(number != NULL);
	OPENSSL_MUST(EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1);
	OPENSSL_MUST(BN_bn2binpad(number, ret_scalar, PB_P256_SCALAR) == PB_P256_SCALAR);
	BN_clear_free(number);
}

void pb_p256_private_destroy(struct pb_p256_private *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey); /* OpenSSL clears the private part */
	free(key);
}

void pb_p256_private_point(const struct pb_p256_private *key, uint8_t ret_point[static PB_P256_POINT])
{
	memcpy(ret_point, key->point, PB_P256_POINT);
}

/* (r, s) and (r, n - s) are both valid; only one of them is ever ours, so a token has one spelling. */
static void lower_s(uint8_t s[static PB_P256_SCALAR])
{
	uint8_t difference[PB_P256_SCALAR];

	if (!subtract(half_order, s, difference))
		return;
	(void)subtract(order, s, difference);
	memcpy(s, difference, PB_P256_SCALAR);
}

void pb_p256_sign(const struct pb_p256_private *key, struct pb_view message, uint8_t ret_sig[static PB_P256_SIG])
{
	uint8_t digest[PB_SHA256_LEN];

	pb_sha256(message, digest);
	pb_p256_sign_digest(key, digest, ret_sig);
}

void pb_p256_sign_digest(const struct pb_p256_private *key, const uint8_t digest[static PB_SHA256_LEN],
			 uint8_t ret_sig[static PB_P256_SIG])
{
	uint8_t der[PB_P256_SIG_DER_MAX];
	size_t n = sizeof(der);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);

	OPENSSL_MUST(ctx != NULL);
	OPENSSL_MUST(EVP_PKEY_sign_init(ctx) == 1);
	OPENSSL_MUST(EVP_PKEY_sign(ctx, der, &n, digest, PB_SHA256_LEN) == 1);
	EVP_PKEY_CTX_free(ctx);
	OPENSSL_MUST(pb_p256_sig_from_der(pb_view(der, n), ret_sig));
	lower_s(ret_sig + PB_P256_SCALAR);
}

/* Big-endian, of any length, as a number in 1..n-1. */
static bool take_half(struct pb_view half, uint8_t ret_number[static PB_P256_SCALAR])
{
	static const uint8_t one[PB_P256_SCALAR] = { [PB_P256_SCALAR - 1] = 1 };
	uint8_t difference[PB_P256_SCALAR];

	while (half.n > PB_P256_SCALAR && half.p[0] == 0)
		half = pb_view(half.p + 1, half.n - 1);
	if (half.n == 0 || half.n > PB_P256_SCALAR)
		return false;
	memset(ret_number, 0, PB_P256_SCALAR - half.n);
	memcpy(ret_number + PB_P256_SCALAR - half.n, half.p, half.n);
	return !subtract(ret_number, one, difference) && subtract(ret_number, order, difference);
}

bool pb_p256_sig_from_halves(struct pb_view raw, uint8_t ret_sig[static PB_P256_SIG])
{
	uint8_t sig[PB_P256_SIG];
	size_t half = raw.n / 2;

	if (raw.n % 2 != 0 || !take_half(pb_view(raw.p, half), sig) ||
	    !take_half(pb_view(raw.p + half, half), sig + PB_P256_SCALAR))
		return false;
	lower_s(sig + PB_P256_SCALAR);
	memcpy(ret_sig, sig, sizeof(sig));
	return true;
}
