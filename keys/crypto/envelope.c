/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Envelopes by OpenSSL's CMS.
 */
#include "keys/crypto/envelope.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/cms.h>
#include <openssl/ec.h>

#include "keys/crypto/p256_key.h"
#include "keys/crypto/x509_cert.h"

/* What a memory BIO holds, as the caller's. */
static enum pb_status take_out(BIO *bio, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err)
{
	char *held;
	long n = BIO_get_mem_data(bio, &held);
	uint8_t *bytes = malloc(n > 0 ? (size_t)n : 1);

	if (bytes == NULL)
		return pb_fail(err, PB_NO_MEMORY, "an envelope of %ld bytes", n);
	if (n > 0)
		memcpy(bytes, held, (size_t)n);
	*ret_bytes = bytes;
	*ret_n = (size_t)n;
	return PB_OK;
}

static bool add_recipient(CMS_ContentInfo *cms, const struct pb_x509 *to)
{
	CMS_RecipientInfo *recipient = CMS_add1_recipient_cert(cms, to->x509, CMS_KEY_PARAM);
	EVP_PKEY_CTX *agreement = recipient != NULL ? CMS_RecipientInfo_get0_pkey_ctx(recipient) : NULL;

	return agreement != NULL && EVP_PKEY_CTX_set_ecdh_kdf_md(agreement, EVP_sha256()) > 0;
}

enum pb_status pb_envelope_seal(const struct pb_x509 *to, struct pb_view content, uint8_t **ret_der, size_t *ret_n,
				struct pb_err *err)
{
	BIO *in, *out = BIO_new(BIO_s_mem());
	CMS_ContentInfo *cms = NULL;
	enum pb_status s;

	if (content.n > PB_ENVELOPE_CONTENT_MAX)
		return BIO_free(out), pb_fail(err, PB_INPUT_INVALID, "%zu bytes are too many for one envelope", content.n);
	in = BIO_new_mem_buf(content.n > 0 ? (const void *)content.p : "", (int)content.n);
	OPENSSL_MUST(in != NULL && out != NULL);
	cms = CMS_encrypt(NULL, in, EVP_aes_256_gcm(), CMS_BINARY | CMS_PARTIAL);
	if (cms == NULL || !add_recipient(cms, to) || CMS_final(cms, in, NULL, CMS_BINARY) != 1 || i2d_CMS_bio(out, cms) != 1)
		s = pb_fail(err, PB_INPUT_INVALID, "nothing can be encrypted to the key of this certificate");
	else
		s = take_out(out, ret_der, ret_n, err);
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	BIO_free(out);
	ERR_clear_error();
	return s;
}

/* The cipher without authentication is not taken. */
static CMS_ContentInfo *read_envelope(struct pb_view der)
{
	BIO *in = BIO_new_mem_buf(der.p, (int)der.n);
	CMS_ContentInfo *cms;

	OPENSSL_MUST(in != NULL);
	cms = d2i_CMS_bio(in, NULL);
	if (cms != NULL && (BIO_pending(in) != 0 || OBJ_obj2nid(CMS_get0_type(cms)) != NID_id_smime_ct_authEnvelopedData)) {
		CMS_ContentInfo_free(cms);
		cms = NULL;
	}
	BIO_free(in);
	return cms;
}

enum pb_status pb_envelope_open(const struct pb_p256_private *key, struct pb_view der, uint8_t **ret_content, size_t *ret_n,
				struct pb_err *err)
{
	CMS_ContentInfo *cms = der.n > 0 && der.n <= PB_ENVELOPE_MAX ? read_envelope(der) : NULL;
	BIO *out = BIO_new(BIO_s_mem());
	enum pb_status s;

	OPENSSL_MUST(out != NULL);
	if (cms == NULL)
		s = pb_fail(err, PB_KEYS_REFUSED, "this is no envelope (CMS AuthEnvelopedData)");
	else if (CMS_decrypt(cms, key->pkey, NULL, NULL, out, CMS_BINARY) != 1)
		s = pb_fail(err, PB_KEYS_REFUSED, "the envelope is to another key, or was changed");
	else
		s = take_out(out, ret_content, ret_n, err);
	CMS_ContentInfo_free(cms);
	BIO_free(out);
	ERR_clear_error();
	return s;
}
