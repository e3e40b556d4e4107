/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sealing a secret under a passphrase.  The cost is fixed, not read: a file that asks for another one is
 * not ours, and could ask for more memory than there is.
 */
#include "keys/crypto/sealed.h"

#include <string.h>

#include <openssl/core_names.h>

#include "keys/crypto/hash.h"
#include "keys/crypto/openssl.h"

enum { LOG2_N = 14, SCRYPT_R = 8, SCRYPT_P = 1, SALT_LEN = 16, NONCE_LEN = 12, TAG_LEN = 16, KEY_LEN = 32 };

static const uint8_t magic[] = { 'P', 'B', 'S', 'E', 'A', 'L', 0x01, LOG2_N, SCRYPT_R, SCRYPT_P };

struct container {
	struct pb_view header; /* all that is authenticated and not encrypted */
	const uint8_t *salt, *nonce;
	struct pb_view purpose, ciphertext;
	const uint8_t *tag;
};

static void stretch(const struct pb_secret *passphrase, const uint8_t *salt, struct pb_secret *ret_key)
{
	uint64_t n = UINT64_C(1) << LOG2_N;
	uint32_t r = SCRYPT_R, p = SCRYPT_P;
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *)passphrase->bytes, passphrase->n),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, SALT_LEN),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(pb_algorithms()->scrypt);

	OPENSSL_MUST(ctx != NULL);
	OPENSSL_MUST(EVP_KDF_derive(ctx, ret_key->bytes, KEY_LEN, params) == 1);
	ret_key->n = KEY_LEN;
	EVP_KDF_CTX_free(ctx);
}

/* One GCM pass over a whole container; `tag` is written when encrypting, checked when decrypting. */
static bool gcm(int encrypt, const struct pb_secret *key, const uint8_t *nonce, struct pb_view header,
		struct pb_view in, uint8_t *ret_out, uint8_t tag[static TAG_LEN])
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;
	bool good;

	OPENSSL_MUST(ctx != NULL);
	OPENSSL_MUST(EVP_CipherInit_ex2(ctx, pb_algorithms()->aes_256_gcm, key->bytes, nonce, encrypt, NULL) == 1);
	OPENSSL_MUST(EVP_CipherUpdate(ctx, NULL, &n, header.p, (int)header.n) == 1);
	OPENSSL_MUST(EVP_CipherUpdate(ctx, ret_out, &n, in.p, (int)in.n) == 1);
	if (encrypt == 0)
		OPENSSL_MUST(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) == 1);
	good = EVP_CipherFinal_ex(ctx, ret_out + n, &n) == 1;
	if (encrypt == 1)
		OPENSSL_MUST(good && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, tag) == 1);
	EVP_CIPHER_CTX_free(ctx);
	return good;
}

size_t pb_seal(const char *purpose, const struct pb_secret *secret, const struct pb_secret *passphrase,
	       uint8_t ret_sealed[static PB_SEALED_MAX])
{
	struct pb_writer out = pb_writer(ret_sealed, PB_SEALED_MAX);
	uint8_t salt[SALT_LEN], nonce[NONCE_LEN], body[PB_SECRET_MAX], tag[TAG_LEN];
	size_t purpose_len = strlen(purpose);
	PB_SECRET key = { 0 };

	if (purpose_len < 1 || purpose_len > PB_SEALED_PURPOSE_MAX)
		PB_BUG("length of a sealed purpose");
	pb_random(salt, sizeof(salt));
	pb_random(nonce, sizeof(nonce));
	stretch(passphrase, salt, &key);
	pb_put(&out, magic, sizeof(magic));
	pb_put(&out, salt, sizeof(salt));
	pb_put(&out, nonce, sizeof(nonce));
	pb_put_u8(&out, (uint8_t)purpose_len);
	pb_put(&out, purpose, purpose_len);
	pb_put_u8(&out, (uint8_t)secret->n);
	(void)gcm(1, &key, nonce, pb_view(ret_sealed, out.n), pb_secret_view(secret), body, tag);
	pb_put(&out, body, secret->n);
	pb_put(&out, tag, sizeof(tag));
	if (out.full)
		PB_BUG("PB_SEALED_MAX is too small");
	return out.n;
}

static bool parse(struct pb_view sealed, struct container *ret_container)
{
	struct pb_cursor in = pb_cursor(sealed);
	struct pb_view start, salt, nonce, tag;
	uint8_t n;

	if (!pb_take(&in, sizeof(magic), &start) || !pb_view_equal(start, PB_VIEW(magic)) ||
	    !pb_take(&in, SALT_LEN, &salt) || !pb_take(&in, NONCE_LEN, &nonce) || !pb_take_u8(&in, &n) ||
	    !pb_take(&in, n, &ret_container->purpose) || !pb_take_u8(&in, &n) || n > PB_SECRET_MAX)
		return false;
	ret_container->header = pb_view(sealed.p, (size_t)(in.p - sealed.p));
	if (!pb_take(&in, n, &ret_container->ciphertext) || !pb_take(&in, TAG_LEN, &tag) || in.left != 0)
		return false;
	ret_container->salt = salt.p;
	ret_container->nonce = nonce.p;
	ret_container->tag = tag.p;
	return true;
}

enum pb_status pb_unseal(const char *purpose, struct pb_view sealed, const struct pb_secret *passphrase,
			 struct pb_secret *ret_secret, struct pb_err *err)
{
	struct container container;
	uint8_t tag[TAG_LEN];
	PB_SECRET key = { 0 };
	PB_SECRET secret = { 0 };

	if (!parse(sealed, &container))
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "not a sealed secret");
	if (!pb_view_equal(container.purpose, pb_view_text(purpose)))
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "sealed for another purpose than \"%s\"", purpose);
	stretch(passphrase, container.salt, &key);
	memcpy(tag, container.tag, sizeof(tag));
	if (!gcm(0, &key, container.nonce, container.header, container.ciphertext, secret.bytes, tag))
		return pb_fail(err, PB_KEYS_PASSPHRASE, "the passphrase does not open the secret");
	pb_secret_set(ret_secret, secret.bytes, container.ciphertext.n);
	return PB_OK;
}
