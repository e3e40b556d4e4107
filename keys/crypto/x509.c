/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading and checking certificates; x509_make.c makes them.
 */
#include "keys/crypto/x509.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "keys/crypto/x509_cert.h"

struct pb_x509 *pb_x509_adopt(X509 *x509)
{
	struct pb_x509 *cert = calloc(1, sizeof(*cert));

	OPENSSL_MUST(cert != NULL);
	cert->x509 = x509;
	return cert;
}

void pb_x509_destroy(struct pb_x509 *cert)
{
	if (cert == NULL)
		return;
	X509_free(cert->x509);
	free(cert);
}

enum pb_status pb_x509_from_pem(struct pb_view pem, struct pb_x509 **ret_cert, struct pb_err *err)
{
	X509 *x509 = NULL;
	BIO *in;

	if (pem.n <= PB_X509_PEM_MAX) {
		OPENSSL_MUST((in = BIO_new_mem_buf(pem.p, (int)pem.n)) != NULL);
		x509 = PEM_read_bio_X509(in, NULL, NULL, NULL);
		BIO_free(in);
		ERR_clear_error();
	}
	if (x509 == NULL)
		return pb_fail(err, PB_INPUT_INVALID, "not a PEM certificate");
	*ret_cert = pb_x509_adopt(x509);
	return PB_OK;
}

size_t pb_x509_to_pem(const struct pb_x509 *cert, uint8_t ret_pem[static PB_X509_PEM_MAX])
{
	BIO *out = BIO_new(BIO_s_mem());
	char *text;
	long n;

	OPENSSL_MUST(out != NULL);
	OPENSSL_MUST(PEM_write_bio_X509(out, cert->x509) == 1);
	n = BIO_get_mem_data(out, &text);
	OPENSSL_MUST(n > 0 && n <= PB_X509_PEM_MAX);
	memcpy(ret_pem, text, (size_t)n);
	BIO_free(out);
	return (size_t)n;
}

enum pb_status pb_x509_from_der(struct pb_view der, struct pb_x509 **ret_cert, struct pb_err *err)
{
	const unsigned char *at = der.p;
	X509 *x509 = der.n > 0 && der.n <= PB_X509_DER_MAX ? d2i_X509(NULL, &at, (long)der.n) : NULL;

	ERR_clear_error();
	if (x509 != NULL && at != der.p + der.n) {
		X509_free(x509);
		x509 = NULL;
	}
	if (x509 == NULL)
		return pb_fail(err, PB_INPUT_INVALID, "not a DER certificate");
	*ret_cert = pb_x509_adopt(x509);
	return PB_OK;
}

size_t pb_x509_to_der(const struct pb_x509 *cert, uint8_t ret_der[static PB_X509_DER_MAX])
{
	unsigned char *at = ret_der;
	int n = i2d_X509(cert->x509, NULL);

	OPENSSL_MUST(n > 0 && n <= PB_X509_DER_MAX && i2d_X509(cert->x509, &at) == n);
	return (size_t)n;
}

void pb_x509_fingerprint(const struct pb_x509 *cert, uint8_t ret_digest[static 32])
{
	unsigned n = 0;

	OPENSSL_MUST(X509_digest(cert->x509, pb_algorithms()->sha256, ret_digest, &n) == 1 && n == 32);
}

enum pb_status pb_x509_verify(const struct pb_x509 *issuer, const struct pb_x509 *root, int64_t at, struct pb_err *err)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	int reason = X509_V_OK;

	OPENSSL_MUST(store != NULL && ctx != NULL);
	OPENSSL_MUST(X509_STORE_add_cert(store, root->x509) == 1);
	OPENSSL_MUST(X509_STORE_CTX_init(ctx, store, issuer->x509, NULL) == 1);
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, (time_t)at);
	OPENSSL_MUST(X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT) == 1);
	if (X509_verify_cert(ctx) != 1)
		reason = X509_STORE_CTX_get_error(ctx);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	ERR_clear_error();
	if (reason != X509_V_OK)
		return pb_fail(err, PB_INPUT_INVALID, "certificate: %s", X509_verify_cert_error_string(reason));
	return PB_OK;
}

static bool seconds_of(const ASN1_TIME *at, int64_t *ret_seconds)
{
	struct tm tm;

	if (at == NULL || ASN1_TIME_to_tm(at, &tm) != 1)
		return false;
	*ret_seconds = timegm(&tm);
	return true;
}

static bool read_usage_period(const X509 *x509, int64_t *ret_until)
{
	PKEY_USAGE_PERIOD *period = X509_get_ext_d2i(x509, NID_private_key_usage_period, NULL, NULL);
	bool found = period != NULL && seconds_of(period->notAfter, ret_until);

	PKEY_USAGE_PERIOD_free(period);
	return found;
}

/* The one field of that kind in the subject, as text without surprises. */
static bool read_subject(const X509 *x509, int nid, char *ret_text, size_t cap)
{
	const X509_NAME *name = X509_get_subject_name(x509);
	int at = X509_NAME_get_index_by_NID(name, nid, -1);
	uint8_t *utf8 = NULL;
	bool fits = false;
	int n;

	if (at < 0 || X509_NAME_get_index_by_NID(name, nid, at) >= 0)
		return false;
	n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (n > 0 && (size_t)n < cap && memchr(utf8, 0, (size_t)n) == NULL) {
		memcpy(ret_text, utf8, (size_t)n);
		ret_text[n] = '\0';
		fits = true;
	}
	OPENSSL_free(utf8);
	return fits;
}

static bool has_purpose(const EXTENDED_KEY_USAGE *purposes, const char *oid)
{
	ASN1_OBJECT *wanted = OBJ_txt2obj(oid, 1);
	bool found = false;

	OPENSSL_MUST(wanted != NULL);
	for (int i = 0; i < sk_ASN1_OBJECT_num(purposes); i++)
		found |= OBJ_cmp(sk_ASN1_OBJECT_value(purposes, i), wanted) == 0;
	ASN1_OBJECT_free(wanted);
	return found;
}

/* One purpose, and none of our others: what is signed under it must not be taken for something else. */
static bool read_purposes(const X509 *x509, const char *purpose, bool *ret_test)
{
	static const char *const ours[] = { PB_X509_OID_CARD_ISSUER, PB_X509_OID_STATUS_LIST, PB_X509_OID_TRUST_LIST };
	EXTENDED_KEY_USAGE *purposes = X509_get_ext_d2i(x509, NID_ext_key_usage, NULL, NULL);
	bool good = purposes != NULL;

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]) && good; i++)
		good = has_purpose(purposes, ours[i]) == (strcmp(ours[i], purpose) == 0);
	*ret_test = purposes != NULL && has_purpose(purposes, PB_X509_OID_TEST);
	EXTENDED_KEY_USAGE_free(purposes);
	return good;
}

static bool read_point(const X509 *x509, uint8_t ret_point[static PB_P256_POINT])
{
	uint8_t *spki = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &spki);
	struct pb_p256_public *key = NULL;
	bool good;

	good = n > 0 && pb_p256_public_from_spki(pb_view(spki, (size_t)n), &key, NULL) == PB_OK;
	if (good)
		pb_p256_public_point(key, ret_point);
	pb_p256_public_destroy(key);
	OPENSSL_free(spki);
	return good;
}

bool pb_x509_is_of(const struct pb_x509 *cert, const uint8_t point[static PB_P256_POINT])
{
	uint8_t own[PB_P256_POINT];
	bool read = read_point(cert->x509, own);

	ERR_clear_error();
	return read && pb_view_equal(PB_VIEW(own), pb_view(point, PB_P256_POINT));
}

bool pb_x509_kid(const struct pb_x509 *cert, uint8_t ret_kid[static PB_P256_KID])
{
	uint8_t point[PB_P256_POINT];
	bool read = read_point(cert->x509, point);

	ERR_clear_error();
	if (read)
		pb_p256_kid(point, ret_kid);
	return read;
}

static const char *what_is_missing(const X509 *x509, const char *purpose, struct pb_x509_issuer *issuer)
{
	if (!read_purposes(x509, purpose, &issuer->test))
		return strcmp(purpose, PB_X509_OID_CARD_ISSUER) == 0 ? "not for issuing membership cards" :
								       "not for this purpose, or not for it alone";
	if ((X509_get_key_usage((X509 *)x509) & KU_DIGITAL_SIGNATURE) == 0)
		return "not for digital signatures";
	if (!read_subject(x509, NID_serialNumber, issuer->code, sizeof(issuer->code)))
		return "no issuer code in the subject";
	if (!read_subject(x509, NID_organizationName, issuer->name, sizeof(issuer->name)))
		return "no organisation in the subject";
	if (!seconds_of(X509_get0_notBefore(x509), &issuer->from) ||
	    !seconds_of(X509_get0_notAfter(x509), &issuer->until) || !read_usage_period(x509, &issuer->signs_until))
		return "no validity or signing period";
	if (!read_point(x509, issuer->point))
		return "not a P-256 key";
	return NULL;
}

enum pb_status pb_x509_read_signer(const struct pb_x509 *cert, const char *purpose, struct pb_x509_issuer *ret_signer,
				   struct pb_err *err)
{
	struct pb_x509_issuer signer = { 0 };
	const char *missing = what_is_missing(cert->x509, purpose, &signer);

	ERR_clear_error();
	if (missing != NULL)
		return pb_fail(err, PB_INPUT_INVALID, "certificate: %s", missing);
	*ret_signer = signer;
	return PB_OK;
}

enum pb_status pb_x509_read_issuer(const struct pb_x509 *cert, struct pb_x509_issuer *ret_issuer, struct pb_err *err)
{
	return pb_x509_read_signer(cert, PB_X509_OID_CARD_ISSUER, ret_issuer, err);
}
