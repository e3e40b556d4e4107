/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/crypto/: the published examples of each primitive, and the edges of the DER border.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "keys/crypto/aes.h"
#include "keys/crypto/des3.h"
#include "keys/crypto/ed25519.h"
#include "keys/crypto/hash.h"
#include "keys/crypto/p256.h"
#include "keys/crypto/pkcs8.h"
#include "keys/crypto/sealed.h"
#include "tests/lib/vectors.h"

static size_t unhex(const char *text, uint8_t *ret_bytes, size_t cap)
{
	size_t n = 0;

	assert_true(pb_hex_decode(text, ret_bytes, cap, &n));
	return n;
}

static void assert_hex(const uint8_t *bytes, size_t n, const char *text)
{
	char hex[257];

	assert_true(2 * n < sizeof(hex));
	pb_hex_encode(pb_view(bytes, n), hex);
	assert_string_equal(hex, text);
}

/* FIPS 180-4's "abc", RFC 4231 cases 1 and 2 */
static void sha256_and_hmac_give_the_published_values(void **state)
{
	const struct pb_view parts[] = { pb_view_text("a"), pb_view_text(""), pb_view_text("bc") };
	uint8_t digest[PB_SHA256_LEN], key[20];

	(void)state;
	pb_sha256(pb_view_text("abc"), digest);
	assert_hex(digest, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	pb_sha256_parts(parts, 3, digest);
	assert_hex(digest, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	memset(key, 0x0b, sizeof(key));
	pb_hmac_sha256(PB_VIEW(key), pb_view_text("Hi There"), digest);
	assert_hex(digest, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	pb_hmac_sha256(pb_view_text("Jefe"), pb_view_text("what do ya want for nothing?"), digest);
	assert_hex(digest, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void random_bytes_differ(void **state)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };

	(void)state;
	pb_random(a, sizeof(a));
	pb_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
}

/* RFC 4493 4, NIST SP 800-38B D */
static void cmac_gives_the_published_values(void **state)
{
	struct vectors *vectors = vectors_load("cmac/rfc4493_nist.json");
	uint8_t key[32], message[128], mac[16], published[16];
	size_t tried = 0;

	(void)state;
	for (size_t i = 0; i < vectors_count(vectors); i++) {
		struct pb_view whole, halves[2];
		size_t n;

		if (!vector_is(vectors, i, "op", "aes_cmac"))
			continue;
		whole.p = key;
		whole.n = vector_bytes(vectors, i, "inputs.key", key, sizeof(key));
		n = vector_bytes(vectors, i, "inputs.msg", message, sizeof(message));
		halves[0] = pb_view(message, n / 3);
		halves[1] = pb_view(message + n / 3, n - n / 3);
		pb_aes_cmac(whole, halves, 2, mac);
		assert_int_equal(vector_bytes(vectors, i, "outputs.mac", published, sizeof(published)), 16);
		assert_memory_equal(mac, published, 16);
		tried++;
	}
	assert_int_equal(tried, 8);
	vectors_free(vectors);
}

static void a_kept_cmac_key_starts_anew_each_time(void **state)
{
	uint8_t key[16] = { 1 }, once[16], again[16];
	struct pb_view message = pb_view_text("the same message");
	struct pb_aes_cmac_key *kept = pb_aes_cmac_key_create(PB_VIEW(key));

	(void)state;
	pb_aes_cmac(PB_VIEW(key), &message, 1, once);
	for (int i = 0; i < 3; i++) {
		pb_aes_cmac_with(kept, &message, 1, again);
		assert_memory_equal(once, again, 16);
	}
	pb_aes_cmac_key_destroy(kept);
	pb_aes_cmac_key_destroy(NULL);
}

/* NIST SP 800-38A F.1.1, F.2.1 (first blocks) */
static void aes_gives_the_published_blocks(void **state)
{
	uint8_t key[16], iv[16], block[16], plain[32], out[32];

	(void)state;
	unhex("2b7e151628aed2a6abf7158809cf4f3c", key, 16);
	unhex("000102030405060708090a0b0c0d0e0f", iv, 16);
	unhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51", plain, 32);
	pb_aes_encrypt_block(PB_VIEW(key), plain, block);
	assert_hex(block, 16, "3ad77bb40d7a3660a89ecaf32466ef97");
	memcpy(out, plain, 32);
	pb_aes_cbc_encrypt(PB_VIEW(key), iv, out, 32, out);
	assert_hex(out, 32, "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2");
	pb_aes_cbc_decrypt(PB_VIEW(key), iv, out, 32, out);
	assert_memory_equal(out, plain, 32);
}

/* RFC 6979 A.2.5; its signature of "sample" has s in the upper half. */
/* NIST SP 800-67 Rev. 1, Appendix B.1: "The qufck brown fox jump" */
static void triple_des_gives_the_published_blocks(void **state)
{
	static const char plain[] = "The qufck brown fox jump";
	uint8_t key[PB_DES3_KEY], expected[sizeof(plain) - 1], block[PB_DES3_BLOCK];
	size_t n;

	(void)state;
	assert_true(pb_hex_decode("0123456789abcdef23456789abcdef01456789abcdef0123", key, sizeof(key), &n));
	assert_true(pb_hex_decode("a826fd8ce53b855fcce21c8112256fe668d5c05dd9b6b900", expected, sizeof(expected), &n));
	for (size_t i = 0; i < sizeof(expected); i += PB_DES3_BLOCK) {
		pb_des3_encrypt_block(PB_VIEW(key), (const uint8_t *)plain + i, block);
		assert_memory_equal(block, expected + i, sizeof(block));
		pb_des3_decrypt_block(PB_VIEW(key), block, block);
		assert_memory_equal(block, plain + i, sizeof(block));
	}
}

static void p256_knows_the_key_and_signature_of_rfc_6979(void **state)
{
	uint8_t scalar[32], point[65], again[32], sig[64];
	struct pb_p256_private *key = NULL;
	struct pb_p256_public *public_key = NULL;

	(void)state;
	unhex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721", scalar, 32);
	assert_int_equal(pb_p256_private_create(PB_VIEW(scalar), &key, NULL), PB_OK);
	pb_p256_private_point(key, point);
	assert_hex(point, 65, "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
			      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
	pb_p256_private_scalar(key, again);
	assert_memory_equal(again, scalar, 32);
	assert_int_equal(pb_p256_public_create(PB_VIEW(point), &public_key, NULL), PB_OK);
	unhex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
	      "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8", sig, 64);
	assert_true(pb_p256_verify(public_key, pb_view_text("sample"), sig));
	assert_false(pb_p256_verify(public_key, pb_view_text("Sample"), sig));
	sig[63] ^= 1;
	assert_false(pb_p256_verify(public_key, pb_view_text("sample"), sig));
	memset(sig, 0, sizeof(sig));
	assert_false(pb_p256_verify(public_key, pb_view_text("sample"), sig));
	memset(sig, 0xFF, sizeof(sig));
	assert_false(pb_p256_verify(public_key, pb_view_text("sample"), sig));
	pb_p256_private_destroy(key);
	pb_p256_public_destroy(public_key);
}

static void p256_refuses_what_is_no_key(void **state)
{
	uint8_t scalar[32] = { 0 }, point[65], spki[91];
	struct pb_p256_private *key = NULL;
	struct pb_p256_public *public_key = NULL;

	(void)state;
	assert_int_equal(pb_p256_private_create(PB_VIEW(scalar), &key, NULL), PB_INPUT_INVALID);
	unhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", scalar, 32); /* n */
	assert_int_equal(pb_p256_private_create(PB_VIEW(scalar), &key, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_p256_private_create(pb_view(scalar, 31), &key, NULL), PB_INPUT_INVALID);
	scalar[31]--; /* n - 1 is a key */
	assert_int_equal(pb_p256_private_create(PB_VIEW(scalar), &key, NULL), PB_OK);
	pb_p256_private_point(key, point);
	pb_p256_private_destroy(key);
	pb_p256_point_to_spki(point, spki);
	assert_int_equal(pb_p256_public_from_spki(PB_VIEW(spki), &public_key, NULL), PB_OK);
	pb_p256_public_destroy(public_key);
	spki[20] ^= 1; /* another curve */
	assert_int_equal(pb_p256_public_from_spki(PB_VIEW(spki), &public_key, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_p256_public_from_spki(pb_view(spki, 90), &public_key, NULL), PB_INPUT_INVALID);
	point[64] ^= 1; /* beside the curve */
	assert_int_equal(pb_p256_public_create(PB_VIEW(point), &public_key, NULL), PB_INPUT_INVALID);
	point[64] ^= 1;
	point[0] = 0x02; /* compressed, by its first byte */
	assert_int_equal(pb_p256_public_create(PB_VIEW(point), &public_key, NULL), PB_INPUT_INVALID);
	assert_int_equal(pb_p256_public_create(pb_view(point, 0), &public_key, NULL), PB_INPUT_INVALID);
}

static void what_p256_signs_has_a_low_s_and_survives_der(void **state)
{
	struct pb_p256_private *key = pb_p256_generate();
	struct pb_p256_public *public_key = NULL;
	uint8_t point[65], sig[64], der[PB_P256_SIG_DER_MAX], back[64];

	(void)state;
	pb_p256_private_point(key, point);
	assert_int_equal(pb_p256_public_create(PB_VIEW(point), &public_key, NULL), PB_OK);
	for (uint16_t i = 0; i < 400; i++) {
		struct pb_view message = pb_view(&i, sizeof(i));
		size_t n;

		pb_p256_sign(key, message, sig);
		assert_true(sig[32] < 0x80);
		assert_true(pb_p256_verify(public_key, message, sig));
		n = pb_p256_sig_to_der(sig, der);
		assert_true(pb_p256_sig_from_der(pb_view(der, n), back));
		assert_memory_equal(sig, back, 64);
		assert_false(pb_p256_sig_from_der(pb_view(der, n - 1), back));
	}
	pb_p256_private_destroy(key);
	pb_p256_public_destroy(public_key);
}

#define FULL "7f000000000000000000000000000000000000000000000000000000000000ff"
#define HIGH "ff000000000000000000000000000000000000000000000000000000000000ff"

/* What tokens answer: halves of 32 bytes, longer with zeros in front, shorter without theirs, s of either kind. */
static void halves_of_any_length_are_one_signature(void **state)
{
	static const uint8_t order_less_one[] = {
		0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
		0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x50,
	};
	uint8_t expected[64] = { [31] = 7, [63] = 1 }, raw[66] = { 0 }, sig[64];

	(void)state;
	memcpy(raw + 32, order_less_one, 32); /* n - 1 is 1 on the other side */
	raw[31] = 7;
	assert_true(pb_p256_sig_from_halves(pb_view(raw, 64), sig));
	assert_memory_equal(sig, expected, 64);
	memset(raw, 0, sizeof(raw));
	raw[32] = 7;
	raw[65] = 1;
	assert_true(pb_p256_sig_from_halves(pb_view(raw, 66), sig));
	assert_memory_equal(sig, expected, 64);
	assert_true(pb_p256_sig_from_halves(pb_view("\x07\x01", 2), sig));
	assert_memory_equal(sig, expected, 64);
	assert_false(pb_p256_sig_from_halves(pb_view(raw, 65), sig));
	assert_false(pb_p256_sig_from_halves(pb_view(raw, 0), sig));
	assert_false(pb_p256_sig_from_halves(pb_view("\x00\x01", 2), sig));
	raw[0] = 1; /* 33 bytes that are no leading zero */
	assert_false(pb_p256_sig_from_halves(pb_view(raw, 66), sig));
	memcpy(raw, order_less_one, 32);
	raw[31]++; /* r = n */
	raw[63] = 1;
	assert_false(pb_p256_sig_from_halves(pb_view(raw, 64), sig));
	assert_memory_equal(sig, expected, 64);
}

static void der_signatures_have_one_spelling(void **state)
{
	static const struct {
		const char *der;
		bool accepted;
	} cases[] = {
		{ "3006020101020101", true },
		{ "3008020200ff020200ff", true },
		{ "30440220" FULL "0220" FULL, true },
		{ "3046022100" HIGH "022100" HIGH, true },
		{ "", false },
		{ "30", false },
		{ "3000", false },
		{ "3003020101", false },				/* no s */
		{ "300602010102010100", false },			/* bytes after the sequence */
		{ "300702010102010100", false },			/* bytes inside, after s */
		{ "3007020101020101", false },				/* longer than there is */
		{ "3005020101020101", false },				/* shorter than its items */
		{ "308106020101020101", false },			/* long form of a short length */
		{ "3106020101020101", false },				/* a SET */
		{ "3006030101020101", false },				/* r is no INTEGER */
		{ "3006020181020101", false },				/* negative */
		{ "300702020001020101", false },			/* zero byte not needed */
		{ "30050200020101", false },				/* empty INTEGER */
		{ "3045022101" HIGH "0220" FULL, false },		/* 257 bits */
		{ "30460222007f" FULL "0220" FULL, false },		/* 34 bytes */
	};
	uint8_t bytes[160], sig[64];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		n = unhex(cases[i].der, bytes, sizeof(bytes));
		memset(sig, 0xA5, sizeof(sig));
		if (pb_p256_sig_from_der(pb_view(bytes, n), sig) != cases[i].accepted)
			fail_msg("case %zu: %s", i, cases[i].der);
		if (!cases[i].accepted)
			assert_int_equal(sig[0], 0xA5); /* untouched on failure */
	}
}

/* RFC 8032 7.1, tests 1 and 2 */
static void ed25519_gives_the_published_signatures(void **state)
{
	static const struct {
		const char *seed, *public_key, *message, *sig;
	} cases[] = {
		{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
		  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
		  "d25bf5f0595bbe24655141438e7a100b" },
		{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
		  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
		  "387b2eaeb4302aeeb00d291612bb0c00" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t seed[32], public_key[32], message[8], sig[64], pem[PB_ED25519_PEM_MAX], back[32];
		struct pb_ed25519_private *key;
		size_t n = unhex(cases[i].message, message, sizeof(message));

		unhex(cases[i].seed, seed, 32);
		key = pb_ed25519_from_seed(seed);
		pb_ed25519_public(key, public_key);
		assert_hex(public_key, 32, cases[i].public_key);
		pb_ed25519_sign(key, pb_view(message, n), sig);
		assert_hex(sig, 64, cases[i].sig);
		assert_true(pb_ed25519_verify(public_key, pb_view(message, n), sig));
		sig[0] ^= 1;
		assert_false(pb_ed25519_verify(public_key, pb_view(message, n), sig));
		n = pb_ed25519_public_to_pem(public_key, pem);
		assert_true(pb_ed25519_public_from_pem(pb_view(pem, n), back));
		assert_memory_equal(back, public_key, 32);
		assert_false(pb_ed25519_public_from_pem(pb_view(pem, n / 2), back));
		pb_ed25519_private_destroy(key);
	}
}

static void a_sealed_secret_opens_for_its_purpose_and_passphrase_only(void **state)
{
	struct pb_secret pass = { 0 }, wrong = { 0 }, secret = { 0 }, opened = { 0 };
	uint8_t sealed[PB_SEALED_MAX];
	struct pb_err err = { 0 };
	size_t n;

	(void)state;
	pb_secret_set(&pass, "correct horse", 13);
	pb_secret_set(&wrong, "correct horsf", 13);
	pb_secret_set(&secret, "0123456789abcdef", 16);
	n = pb_seal("card-master", &secret, &pass, sealed);
	assert_int_equal(pb_unseal("card-master", pb_view(sealed, n), &pass, &opened, &err), PB_OK);
	assert_int_equal(opened.n, 16);
	assert_memory_equal(opened.bytes, "0123456789abcdef", 16);
	assert_int_equal(pb_unseal("card-master", pb_view(sealed, n), &wrong, &opened, &err), PB_KEYS_PASSPHRASE);
	assert_int_equal(pb_unseal("pseudonym", pb_view(sealed, n), &pass, &opened, &err), PB_KEYS_UNAVAILABLE);
	for (size_t cut = 0; cut < n; cut += 7)
		assert_int_equal(pb_unseal("card-master", pb_view(sealed, cut), &pass, &opened, &err), PB_KEYS_UNAVAILABLE);
	sealed[n - 20] ^= 1; /* ciphertext */
	assert_int_equal(pb_unseal("card-master", pb_view(sealed, n), &pass, &opened, &err), PB_KEYS_PASSPHRASE);
	sealed[n - 20] ^= 1;
	sealed[7] = 30; /* a cost of our choosing would be a way to exhaust memory */
	assert_int_equal(pb_unseal("card-master", pb_view(sealed, n), &pass, &opened, &err), PB_KEYS_UNAVAILABLE);
}

static void a_private_key_comes_back_from_pkcs8(void **state)
{
	struct pb_secret pass = { 0 }, wrong = { 0 };
	struct pb_p256_private *key = pb_p256_generate(), *back = NULL;
	struct pb_ed25519_private *other = NULL;
	uint8_t text[PB_PKCS8_MAX], a[65], b[65];
	struct pb_err err = { 0 };
	size_t n;

	(void)state;
	pb_secret_set(&pass, "correct horse", 13);
	pb_secret_set(&wrong, "correct horsf", 13);
	n = pb_pkcs8_seal_p256(key, &pass, text);
	assert_int_equal(pb_pkcs8_open_p256(pb_view(text, n), &pass, &back, &err), PB_OK);
	pb_p256_private_point(key, a);
	pb_p256_private_point(back, b);
	assert_memory_equal(a, b, 65);
	assert_int_equal(pb_pkcs8_open_ed25519(pb_view(text, n), &pass, &other, &err), PB_KEYS_UNAVAILABLE);
	assert_int_equal(pb_pkcs8_open_p256(pb_view(text, n), &wrong, &key, &err), PB_KEYS_PASSPHRASE);
	assert_int_equal(pb_pkcs8_open_p256(pb_view(text, n / 2), &pass, &key, &err), PB_KEYS_UNAVAILABLE);
	assert_int_equal(pb_pkcs8_open_p256(pb_view_text("no key at all"), &pass, &key, &err), PB_KEYS_UNAVAILABLE);
	pb_p256_private_destroy(key);
	pb_p256_private_destroy(back);
}

struct shared {
	const struct pb_p256_private *private_key;
	const struct pb_p256_public *public_key;
};

static void *sign_and_verify(void *argument)
{
	const struct shared *shared = argument;
	uint8_t message[24], sig[64];
	bool good = true;

	for (int i = 0; i < 100; i++) {
		pb_random(message, sizeof(message));
		pb_p256_sign(shared->private_key, PB_VIEW(message), sig);
		good &= pb_p256_verify(shared->public_key, PB_VIEW(message), sig);
	}
	return good ? (void *)shared : NULL;
}

static void threads_share_one_key(void **state)
{
	struct pb_p256_private *key = pb_p256_generate();
	struct pb_p256_public *public_key = NULL;
	struct shared shared;
	pthread_t threads[4];
	uint8_t point[65];

	(void)state;
	pb_p256_private_point(key, point);
	assert_int_equal(pb_p256_public_create(PB_VIEW(point), &public_key, NULL), PB_OK);
	shared = (struct shared){ key, public_key };
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_and_verify, &shared), 0);
	for (int i = 0; i < 4; i++) {
		void *good = NULL;

		assert_int_equal(pthread_join(threads[i], &good), 0);
		assert_non_null(good);
	}
	pb_p256_private_destroy(key);
	pb_p256_public_destroy(public_key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_and_hmac_give_the_published_values),
		cmocka_unit_test(random_bytes_differ),
		cmocka_unit_test(cmac_gives_the_published_values),
		cmocka_unit_test(a_kept_cmac_key_starts_anew_each_time),
		cmocka_unit_test(aes_gives_the_published_blocks),
		cmocka_unit_test(triple_des_gives_the_published_blocks),
		cmocka_unit_test(p256_knows_the_key_and_signature_of_rfc_6979),
		cmocka_unit_test(p256_refuses_what_is_no_key),
		cmocka_unit_test(what_p256_signs_has_a_low_s_and_survives_der),
		cmocka_unit_test(halves_of_any_length_are_one_signature),
		cmocka_unit_test(der_signatures_have_one_spelling),
		cmocka_unit_test(ed25519_gives_the_published_signatures),
		cmocka_unit_test(a_sealed_secret_opens_for_its_purpose_and_passphrase_only),
		cmocka_unit_test(a_private_key_comes_back_from_pkcs8),
		cmocka_unit_test(threads_share_one_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
