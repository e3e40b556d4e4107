/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How much of a verifier's time is not the elliptic curve: decoding and verifying a chip's credential
 * against OpenSSL's bare digest-verify of the same bytes, the key decoded once for both.  Rounds are
 * interleaved and their ratios sorted, so that a machine that grows slower meanwhile slows both.
 *
 * Not a test of the code's correctness, and the one file outside keys/crypto/ that calls OpenSSL.
 */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>

#include "cases.h"
#include "tests/bench/rounds.h"

enum { ROUNDS = 9, VERIFIES = 2000 };

/* Verifications a second. */
static double run_ours(const struct built_case *built, const struct pb_p256_public *key)
{
	double start = bench_now();

	for (int i = 0; i < VERIFIES; i++) {
		struct pb_credential credential;

		bench_expect(pb_credential_decode(pb_view(built->token, built->n), &credential) == PB_FAULT_NONE, "does not decode");
		bench_expect(pb_credential_verify(&credential, pb_aad_view(&built->aad), key), "does not verify");
	}
	return VERIFIES / (bench_now() - start);
}

static double run_raw(const struct built_case *built, EVP_PKEY *key)
{
	uint8_t der[PB_P256_SIG_DER_MAX];
	size_t der_n = pb_p256_sig_to_der(built->token + built->n - PB_P256_SIG, der);
	double start = bench_now();

	for (int i = 0; i < VERIFIES; i++) {
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();

		bench_expect(ctx && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1, "OpenSSL");
		bench_expect(EVP_DigestVerify(ctx, der, der_n, built->signed_bytes, built->signed_n) == 1, "OpenSSL refuses");
		EVP_MD_CTX_free(ctx);
	}
	return VERIFIES / (bench_now() - start);
}

static EVP_PKEY *raw_key(const uint8_t point[static PB_P256_POINT])
{
	uint8_t spki[PB_P256_SPKI];
	const uint8_t *p = spki;

	pb_p256_point_to_spki(point, spki);
	return d2i_PUBKEY(NULL, &p, sizeof(spki));
}

int main(void)
{
	double ratio[ROUNDS], ours[ROUNDS], raw[ROUNDS];
	uint8_t point[PB_P256_POINT];
	struct built_case built;
	struct pb_p256_public *key;

	build_accept_case(case_by_id("chip"), &built);
	case_point(case_issuer_scalar, point);
	EVP_PKEY *other = raw_key(point);

	bench_expect(other && pb_p256_public_create(PB_VIEW(point), &key, NULL) == PB_OK, "no key");
	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = run_ours(&built, key);
		raw[i] = run_raw(&built, other);
		ratio[i] = ours[i] / raw[i];
	}
	printf("credential_verify ratio=%.2f ours=%.0f/s raw=%.0f/s\n", bench_median(ratio, ROUNDS), bench_median(ours, ROUNDS), bench_median(raw, ROUNDS));
	pb_p256_public_destroy(key);
	EVP_PKEY_free(other);
	return 0;
}
