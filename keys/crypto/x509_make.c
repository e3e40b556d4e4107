/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making a root and an issuer certificate.
 */
#include "keys/crypto/x509.h"

#include <stdio.h>

#include <openssl/x509v3.h>

#include "keys/crypto/hash.h"
#include "keys/crypto/p256_key.h"
#include "keys/crypto/x509_cert.h"

enum { SERIAL_LEN = 16 };

static bool add_name(X509_NAME *name, int nid, const char *text)
{
	return text == NULL || X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, (const unsigned char *)text, -1, -1,
							  0) == 1;
}

/* X.520 limits each field to 64 characters, and OpenSSL holds us to it. */
static bool set_subject(X509 *x509, const struct pb_x509_subject *subject)
{
	X509_NAME *name = X509_get_subject_name(x509);

	return add_name(name, NID_organizationName, subject->organisation) &&
	       add_name(name, NID_serialNumber, subject->serial_number) &&
	       add_name(name, NID_commonName, subject->common_name);
}

/* Random, positive, at most 20 octets (RFC 5280 4.1.2.2). */
static void set_serial(X509 *x509)
{
	uint8_t bytes[SERIAL_LEN];
	BIGNUM *number;

	pb_random(bytes, sizeof(bytes));
	bytes[0] = (uint8_t)(0x40 | (bytes[0] & 0x3F));
	OPENSSL_MUST((number = BN_bin2bn(bytes, sizeof(bytes), NULL)) != NULL);
	OPENSSL_MUST(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != NULL);
	BN_free(number);
}

static void add_extension(X509 *x509, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, ctx, nid, value);

	OPENSSL_MUST(extension != NULL);
	OPENSSL_MUST(X509_add_ext(x509, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

static void add_purposes(X509 *x509, X509V3_CTX *ctx, const struct pb_x509_issuer_terms *terms)
{
	char value[128];

	(void)snprintf(value, sizeof(value), "critical,%s%s",
		       terms->purpose != NULL ? terms->purpose : PB_X509_OID_CARD_ISSUER,
		       terms->test ? "," PB_X509_OID_TEST : "");
	add_extension(x509, ctx, NID_ext_key_usage, value);
}

/* OpenSSL has no textual form of this one. */
static void add_usage_period(X509 *x509, int64_t from, int64_t until)
{
	PKEY_USAGE_PERIOD *period = PKEY_USAGE_PERIOD_new();

	OPENSSL_MUST(period != NULL);
	OPENSSL_MUST((period->notBefore = ASN1_GENERALIZEDTIME_set(NULL, (time_t)from)) != NULL);
	OPENSSL_MUST((period->notAfter = ASN1_GENERALIZEDTIME_set(NULL, (time_t)until)) != NULL);
	OPENSSL_MUST(X509_add1_ext_i2d(x509, NID_private_key_usage_period, period, 0, X509V3_ADD_DEFAULT) == 1);
	PKEY_USAGE_PERIOD_free(period);
}

static X509 *begin(EVP_PKEY *key, const struct pb_x509_subject *subject, int64_t from, int64_t until)
{
	X509 *x509 = X509_new();

	OPENSSL_MUST(x509 != NULL);
	OPENSSL_MUST(X509_set_version(x509, X509_VERSION_3) == 1);
	OPENSSL_MUST(X509_set_pubkey(x509, key) == 1);
	OPENSSL_MUST(ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)from) != NULL);
	OPENSSL_MUST(ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)until) != NULL);
	set_serial(x509);
	if (set_subject(x509, subject))
		return x509;
	X509_free(x509);
	ERR_clear_error();
	return NULL;
}

static struct pb_x509 *finish(X509 *x509, const struct pb_p256_private *signer)
{
	OPENSSL_MUST(X509_sign(x509, signer->pkey, pb_algorithms()->sha256) > 0);
	return pb_x509_adopt(x509);
}

enum pb_status pb_x509_make_root(const struct pb_p256_private *root, const struct pb_x509_subject *subject,
				 int64_t from, int64_t until, struct pb_x509 **ret_cert, struct pb_err *err)
{
	X509 *x509 = begin(root->pkey, subject, from, until);
	X509V3_CTX ctx;

	if (x509 == NULL)
		return pb_fail(err, PB_INPUT_INVALID, "a name for a certificate has 1 to 64 characters");
	OPENSSL_MUST(X509_set_issuer_name(x509, X509_get_subject_name(x509)) == 1);
	X509V3_set_ctx(&ctx, x509, x509, NULL, NULL, 0);
	add_extension(x509, &ctx, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
	add_extension(x509, &ctx, NID_key_usage, "critical,keyCertSign,cRLSign");
	add_extension(x509, &ctx, NID_subject_key_identifier, "hash");
	*ret_cert = finish(x509, root);
	return PB_OK;
}

enum pb_status pb_x509_make_issuer(const struct pb_p256_private *root, const struct pb_x509 *root_cert,
				   const struct pb_p256_public *issuer, const struct pb_x509_subject *subject,
				   const struct pb_x509_issuer_terms *terms, struct pb_x509 **ret_cert,
				   struct pb_err *err)
{
	X509 *x509 = begin(issuer->pkey, subject, terms->from, terms->until);
	X509V3_CTX ctx;

	if (x509 == NULL)
		return pb_fail(err, PB_INPUT_INVALID, "a name for a certificate has 1 to 64 characters");
	OPENSSL_MUST(X509_set_issuer_name(x509, X509_get_subject_name(root_cert->x509)) == 1);
	X509V3_set_ctx(&ctx, root_cert->x509, x509, NULL, NULL, 0);
	add_extension(x509, &ctx, NID_basic_constraints, "critical,CA:FALSE");
	add_extension(x509, &ctx, NID_key_usage, terms->receives ? "critical,keyAgreement" : "critical,digitalSignature");
	add_purposes(x509, &ctx, terms);
	add_extension(x509, &ctx, NID_subject_key_identifier, "hash");
	add_extension(x509, &ctx, NID_authority_key_identifier, "keyid:always");
	if (!terms->receives)
		add_usage_period(x509, terms->from, terms->signs_until);
	*ret_cert = finish(x509, root);
	return PB_OK;
}
