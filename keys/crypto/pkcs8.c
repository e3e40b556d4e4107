/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Encrypted PKCS#8.  The clear PKCS#8 structure exists only inside OpenSSL, which clears it when freed.
 */
#include "keys/crypto/pkcs8.h"

#include <string.h>

#include <openssl/pem.h>
#include <openssl/pkcs12.h> /* home of PKCS8_decrypt */
#include <openssl/x509.h>

#include "keys/crypto/ed25519_key.h"
#include "keys/crypto/p256_key.h"

enum { SCRYPT_N = 16384, SCRYPT_R = 8, SCRYPT_P = 1, SALT_LEN = 16 };

static size_t seal(const EVP_PKEY *pkey, const struct pb_secret *passphrase, uint8_t ret_text[static PB_PKCS8_MAX])
{
	PKCS8_PRIV_KEY_INFO *clear = EVP_PKEY2PKCS8(pkey);
	X509_ALGOR *scheme = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, SALT_LEN, NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P);
	BIO *out = BIO_new(BIO_s_mem());
	X509_SIG *sealed;
	char *text;
	long n;

	OPENSSL_MUST(clear != NULL && scheme != NULL && out != NULL);
	sealed = PKCS8_set0_pbe((const char *)passphrase->bytes, (int)passphrase->n, clear, scheme);
	OPENSSL_MUST(sealed != NULL);
	OPENSSL_MUST(PEM_write_bio_PKCS8(out, sealed) == 1);
	n = BIO_get_mem_data(out, &text);
	OPENSSL_MUST(n > 0 && n <= PB_PKCS8_MAX);
	memcpy(ret_text, text, (size_t)n);
	BIO_free(out);
	X509_SIG_free(sealed);
	PKCS8_PRIV_KEY_INFO_free(clear);
	return (size_t)n;
}

size_t pb_pkcs8_seal_p256(const struct pb_p256_private *key, const struct pb_secret *passphrase,
			  uint8_t ret_text[static PB_PKCS8_MAX])
{
	return seal(key->pkey, passphrase, ret_text);
}

size_t pb_pkcs8_seal_ed25519(const struct pb_ed25519_private *key, const struct pb_secret *passphrase,
			     uint8_t ret_text[static PB_PKCS8_MAX])
{
	return seal(key->pkey, passphrase, ret_text);
}

static X509_SIG *parse(struct pb_view text)
{
	BIO *in = BIO_new_mem_buf(text.p, (int)text.n);
	X509_SIG *sealed;

	OPENSSL_MUST(in != NULL);
	sealed = PEM_read_bio_PKCS8(in, NULL, NULL, NULL);
	BIO_free(in);
	return sealed;
}

static enum pb_status open_any(struct pb_view text, const struct pb_secret *passphrase, EVP_PKEY **ret_pkey,
			       struct pb_err *err)
{
	X509_SIG *sealed = text.n <= PB_PKCS8_MAX ? parse(text) : NULL;
	PKCS8_PRIV_KEY_INFO *clear = NULL;
	EVP_PKEY *pkey = NULL;

	if (sealed != NULL)
		clear = PKCS8_decrypt(sealed, (const char *)passphrase->bytes, (int)passphrase->n);
	if (clear != NULL)
		pkey = EVP_PKCS82PKEY(clear);
	PKCS8_PRIV_KEY_INFO_free(clear);
	X509_SIG_free(sealed);
	ERR_clear_error();
	if (sealed == NULL)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "not an encrypted PKCS#8 key");
	/* One wrong passphrase in 256 leaves a padding that looks right, and then no key behind it. */
	if (pkey == NULL)
		return pb_fail(err, PB_KEYS_PASSPHRASE, "the passphrase does not open the key");
	*ret_pkey = pkey;
	return PB_OK;
}

enum pb_status pb_pkcs8_open_p256(struct pb_view text, const struct pb_secret *passphrase,
				  struct pb_p256_private **ret_key, struct pb_err *err)
{
	EVP_PKEY *pkey = NULL;
	enum pb_status s = open_any(text, passphrase, &pkey, err);

	if (s != PB_OK)
		return s;
	if (!pb_p256_private_adopt(pkey, ret_key)) {
		EVP_PKEY_free(pkey);
		ERR_clear_error();
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "the key is not a P-256 key");
	}
	return PB_OK;
}

enum pb_status pb_pkcs8_open_ed25519(struct pb_view text, const struct pb_secret *passphrase,
				     struct pb_ed25519_private **ret_key, struct pb_err *err)
{
	EVP_PKEY *pkey = NULL;
	enum pb_status s = open_any(text, passphrase, &pkey, err);

	if (s != PB_OK)
		return s;
	if (EVP_PKEY_is_a(pkey, "ED25519") != 1) {
		EVP_PKEY_free(pkey);
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "the key is not an Ed25519 key");
	}
	*ret_key = pb_ed25519_adopt(pkey);
	return PB_OK;
}
