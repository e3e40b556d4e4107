/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One fetch per algorithm and process.  The objects are immutable and shared by all threads; they are
 * released at exit so that a leak checker sees a clean end.
 */
#include "keys/crypto/openssl.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/params.h>

static struct pb_algorithms algorithms;
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

static void release(void)
{
	EVP_MD_free(algorithms.sha256);
	EVP_MAC_free(algorithms.cmac);
	EVP_MAC_free(algorithms.hmac);
	for (int i = 0; i < 3; i++) {
		EVP_CIPHER_free(algorithms.aes_ecb[i]);
		EVP_CIPHER_free(algorithms.aes_cbc[i]);
	}
	EVP_CIPHER_free(algorithms.aes_256_gcm);
	EVP_KDF_free(algorithms.scrypt);
}

static void fetch(void)
{
	static const char *const ecb[] = { "AES-128-ECB", "AES-192-ECB", "AES-256-ECB" };
	static const char *const cbc[] = { "AES-128-CBC", "AES-192-CBC", "AES-256-CBC" };

	OPENSSL_MUST((algorithms.sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL)) != NULL);
	OPENSSL_MUST((algorithms.cmac = EVP_MAC_fetch(NULL, "CMAC", NULL)) != NULL);
	OPENSSL_MUST((algorithms.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL)) != NULL);
	for (int i = 0; i < 3; i++) {
		OPENSSL_MUST((algorithms.aes_ecb[i] = EVP_CIPHER_fetch(NULL, ecb[i], NULL)) != NULL);
		OPENSSL_MUST((algorithms.aes_cbc[i] = EVP_CIPHER_fetch(NULL, cbc[i], NULL)) != NULL);
	}
	OPENSSL_MUST((algorithms.aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL)) != NULL);
	OPENSSL_MUST((algorithms.scrypt = EVP_KDF_fetch(NULL, "SCRYPT", NULL)) != NULL);
	(void)atexit(release);
}

const struct pb_algorithms *pb_algorithms(void)
{
	(void)pthread_once(&fetched, fetch);
	return &algorithms;
}

EVP_PKEY *pb_ec_public(const char *curve, struct pb_view point)
{
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)curve, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point.p, point.n),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pkey = NULL;

	OPENSSL_MUST(ctx != NULL);
	OPENSSL_MUST(EVP_PKEY_fromdata_init(ctx) == 1);
	if (EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, (OSSL_PARAM *)params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return pkey;
}
