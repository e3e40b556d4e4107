/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A table of NXP's public keys, and ECDSA over a message that nobody hashed.
 */
#include "keys/crypto/originality.h"

#include <openssl/ec.h>

#include "keys/crypto/openssl.h"

enum { POINT_MAX = 57 };

/* Points are 04 || X || Y.  NXP AN12196 7.2 (NTAG 424 DNA), AN11350 (NTAG 21x), AN11341 (Ultralight EV1),
 * AN12343 (DESFire Light); those of the other kinds follow from signatures of many chips, see
 * tests/vectors/originality/. */
static const struct {
	enum pb_originality_maker maker;
	const char *curve, *point;
} keys[] = {
	{ PB_MAKER_NTAG_424, "secp224r1",
	  "048A9B380AF2EE1B98DC417FECC263F8449C7625CECE82D9B916C992DA209D68422B81EC20B65A66B5102A61596AF3379200599316A00A1410" },
	{ PB_MAKER_NTAG_424, "secp224r1",
	  "04B304DC4C615F5326FE9383DDEC9AA892DF3A57FA7FFB3276192BC0EAA252ED45A865E3B093A3D0DCE5BE29E92F1392CE7DE321E3E5C52B3A" },
	{ PB_MAKER_DESFIRE_EV2, "secp224r1",
	  "04B304DC4C615F5326FE9383DDEC9AA892DF3A57FA7FFB3276192BC0EAA252ED45A865E3B093A3D0DCE5BE29E92F1392CE7DE321E3E5C52B3A" },
	{ PB_MAKER_DESFIRE_EV2, "secp224r1", /* 16 and 32 KB */
	  "04CD5D45E50B1502F0BA4656FF37669597E7E183251150F9574CC8DA56BF01C7ABE019E29FEA48F9CE22C3EA4029A765E1BC95A89543BAD1BC" },
	{ PB_MAKER_DESFIRE_EV3, "secp224r1",
	  "041DB46C145D0A36539C6544BD6D9B0AA62FF91EC48CBC6ABAE36E0089A46F0D08C8A715EA40A63313B92E90DDC1730230E0458A33276FB743" },
	{ PB_MAKER_DESFIRE_LIGHT, "secp224r1",
	  "040E98E117AAA36457F43173DC920A8757267F44CE4EC5ADD3C54075571AEBBF7B942A9774A1D94AD02572427E5AE0A2DD36591B1FB34FCF3D" },
	{ PB_MAKER_NTAG_21X, "secp128r1", "04494E1A386D3D3CFE3DC10E5DE68A499B1C202DB5B132393E89ED19FE5BE8BC61" },
	{ PB_MAKER_ULTRALIGHT_EV1, "secp128r1", "0490933BDCD6E99B4E255E3DA55389A827564E11718E017292FAF23226A96614B8" },
};

static EVP_PKEY *decode(const char *curve, const char *hex)
{
	uint8_t point[POINT_MAX];
	size_t n;

	if (!pb_hex_decode(hex, point, sizeof(point), &n))
		PB_BUG("a key of the table is not hex");
	return pb_ec_public(curve, pb_view(point, n));
}

/* r || s as OpenSSL wants it: DER (RFC 3279).  The caller frees *ret_der. */
static int to_der(struct pb_view signature, unsigned char **ret_der)
{
	const int half = (int)signature.n / 2;
	ECDSA_SIG *sig = ECDSA_SIG_new();
	int n;

	OPENSSL_MUST(sig != NULL);
	OPENSSL_MUST(ECDSA_SIG_set0(sig, BN_bin2bn(signature.p, half, NULL), BN_bin2bn(signature.p + half, half, NULL)) == 1);
	*ret_der = NULL;
	n = i2d_ECDSA_SIG(sig, ret_der);
	OPENSSL_MUST(n > 0);
	ECDSA_SIG_free(sig);
	return n;
}

static bool verify(EVP_PKEY *key, struct pb_view message, struct pb_view signature)
{
	unsigned char *der;
	int n = to_der(signature, &der);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	bool good;

	OPENSSL_MUST(ctx != NULL);
	OPENSSL_MUST(EVP_PKEY_verify_init(ctx) == 1);
	good = EVP_PKEY_verify(ctx, der, (size_t)n, message.p, message.n) == 1;
	EVP_PKEY_CTX_free(ctx);
	OPENSSL_free(der);
	ERR_clear_error();
	return good;
}

enum pb_originality pb_originality_check(enum pb_originality_maker maker, struct pb_view uid, struct pb_view signature)
{
	enum pb_originality found = PB_ORIGINALITY_WRONG;

	if (uid.n == 0 || signature.n == 0 || signature.n > PB_ORIGINALITY_SIG_MAX || signature.n % 2)
		return PB_ORIGINALITY_WRONG;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && found != PB_ORIGINALITY_VALID; i++) {
		EVP_PKEY *key = NULL;

		if (keys[i].maker != maker)
			continue;
		key = decode(keys[i].curve, keys[i].point);
		if (key == NULL)
			found = PB_ORIGINALITY_UNKNOWN;
		else if (verify(key, uid, signature))
			found = PB_ORIGINALITY_VALID;
		EVP_PKEY_free(key);
	}
	return found;
}
