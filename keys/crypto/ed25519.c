/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ed25519 public keys.  Private ones are in ed25519_sign.c, so that a program which only verifies links nothing that
 * signs.
 */
#include "keys/crypto/ed25519.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#include "keys/crypto/ed25519_key.h"

bool pb_ed25519_verify(const uint8_t public_key[static PB_ED25519_PUBLIC], struct pb_view message,
		       const uint8_t sig[static PB_ED25519_SIG])
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, PB_ED25519_PUBLIC);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	OPENSSL_MUST(pkey != NULL && ctx != NULL);
	good = EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, pkey, NULL) == 1 &&
	       EVP_DigestVerify(ctx, sig, PB_ED25519_SIG, message.p, message.n) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return good;
}

size_t pb_ed25519_public_to_pem(const uint8_t public_key[static PB_ED25519_PUBLIC],
				uint8_t ret_pem[static PB_ED25519_PEM_MAX])
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, PB_ED25519_PUBLIC);
	BIO *out = BIO_new(BIO_s_mem());
	char *text;
	long n;

	OPENSSL_MUST(pkey != NULL && out != NULL);
	OPENSSL_MUST(PEM_write_bio_PUBKEY(out, pkey) == 1);
	n = BIO_get_mem_data(out, &text);
	OPENSSL_MUST(n > 0 && n <= PB_ED25519_PEM_MAX);
	memcpy(ret_pem, text, (size_t)n);
	BIO_free(out);
	EVP_PKEY_free(pkey);
	return (size_t)n;
}

bool pb_ed25519_public_from_pem(struct pb_view pem, uint8_t ret_public[static PB_ED25519_PUBLIC])
{
	BIO *in = pem.n <= PB_ED25519_PEM_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	EVP_PKEY *pkey = in != NULL ? PEM_read_bio_PUBKEY(in, NULL, NULL, NULL) : NULL;
	size_t n = PB_ED25519_PUBLIC;
	bool good;

	good = pkey != NULL && EVP_PKEY_is_a(pkey, "ED25519") == 1 &&
	       EVP_PKEY_get_raw_public_key(pkey, ret_public, &n) == 1;
	EVP_PKEY_free(pkey);
	BIO_free(in);
	ERR_clear_error();
	return good;
}
