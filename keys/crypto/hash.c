/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SHA-256, HMAC and random bytes.
 */
#include "keys/crypto/hash.h"

#include <errno.h>
#include <sys/random.h>

#include <openssl/core_names.h>

#include "keys/crypto/openssl.h"

void pb_sha256(struct pb_view message, uint8_t ret_digest[static PB_SHA256_LEN])
{
	pb_sha256_parts(&message, 1, ret_digest);
}

void pb_sha256_parts(const struct pb_view *parts, size_t count, uint8_t ret_digest[static PB_SHA256_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	OPENSSL_MUST(ctx != NULL);
	OPENSSL_MUST(EVP_DigestInit_ex2(ctx, pb_algorithms()->sha256, NULL) == 1);
	for (size_t i = 0; i < count; i++)
		OPENSSL_MUST(EVP_DigestUpdate(ctx, parts[i].p, parts[i].n) == 1);
	OPENSSL_MUST(EVP_DigestFinal_ex(ctx, ret_digest, NULL) == 1);
	EVP_MD_CTX_free(ctx);
}

void pb_hmac_sha256(struct pb_view key, struct pb_view message, uint8_t ret_mac[static PB_SHA256_LEN])
{
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){ "SHA2-256" }, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(pb_algorithms()->hmac);
	const uint8_t *bytes = key.n > 0 ? key.p : (const uint8_t *)""; /* NULL would mean "keep the key" */
	size_t n = 0;

	OPENSSL_MUST(ctx != NULL);
	OPENSSL_MUST(EVP_MAC_init(ctx, bytes, key.n, params) == 1);
	OPENSSL_MUST(EVP_MAC_update(ctx, message.p, message.n) == 1);
	OPENSSL_MUST(EVP_MAC_final(ctx, ret_mac, &n, PB_SHA256_LEN) == 1);
	EVP_MAC_CTX_free(ctx);
}

void pb_random(void *ret_bytes, size_t n)
{
	uint8_t *p = ret_bytes;

	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			PB_BUG("the system has no random generator");
		p += got;
		n -= (size_t)got;
	}
}
