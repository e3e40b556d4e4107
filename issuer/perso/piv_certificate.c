/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * DER by hand: each field is one line, and the whole fits a page.
 */
#include "issuer/perso/piv_certificate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "card-applet-spec/piv.h"
#include "issuer/iso7816/tlv.h"
#include "keys/crypto/hash.h"

enum {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_PRINTABLE = 0x13,
	DER_UTC_TIME = 0x17,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	TBS_MAX = 320,
	NAME_MAX = 80,
	SERIAL_LEN = 8,
	YEAR_FIRST = 1950,
	YEAR_LAST = 2049, /* of two digits */
	DAY_SECONDS = 86400,
};

/* SEQUENCE{OID 1.2.840.10045.4.3.2}: ecdsa-with-SHA256 */
static const uint8_t algorithm[] = { 0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02 };
static const uint8_t version_3[] = { 0xA0, 0x03, DER_INTEGER, 0x01, 0x02 };
static const uint8_t common_name[] = { 0x06, 0x03, 0x55, 0x04, 0x03 };
static const uint8_t serial_number[] = { 0x06, 0x03, 0x55, 0x04, 0x05 };

static void put_attribute(struct pb_writer *out, struct pb_view type, const char *text)
{
	uint8_t bytes[2][NAME_MAX];
	struct pb_writer pair = pb_writer(bytes[0], NAME_MAX), set = pb_writer(bytes[1], NAME_MAX);

	pb_put_view(&pair, type);
	pb_tlv_put(&pair, DER_PRINTABLE, pb_view_text(text));
	pb_tlv_put(&set, DER_SEQUENCE, pb_view(pair.p, pair.n));
	pb_tlv_put(out, DER_SET, pb_view(set.p, set.n));
}

static void put_name(struct pb_writer *out, uint64_t serial)
{
	uint8_t bytes[NAME_MAX];
	struct pb_writer name = pb_writer(bytes, sizeof(bytes));
	char text[24];

	snprintf(text, sizeof(text), "%010" PRIu64, serial);
	put_attribute(&name, PB_VIEW(common_name), "Membership card");
	put_attribute(&name, PB_VIEW(serial_number), text);
	pb_tlv_put(out, DER_SEQUENCE, pb_view(name.p, name.n));
}

static bool put_time(struct pb_writer *out, int64_t at)
{
	struct pb_date date = pb_date_of_instant(at, 0);
	int second = (int)(at % DAY_SECONDS);
	char text[32];

	if (date.year < YEAR_FIRST || date.year > YEAR_LAST)
		return false;
	snprintf(text, sizeof(text), "%02d%02d%02d%02d%02d%02dZ", date.year % 100, date.month, date.day, second / 3600,
		 second / 60 % 60, second % 60);
	pb_tlv_put(out, DER_UTC_TIME, pb_view_text(text));
	return true;
}

static bool put_validity(struct pb_writer *out, const struct pb_piv_subject *subject)
{
	uint8_t bytes[40];
	struct pb_writer validity = pb_writer(bytes, sizeof(bytes));

	if (!put_time(&validity, subject->from) || !put_time(&validity, subject->until))
		return false;
	pb_tlv_put(out, DER_SEQUENCE, pb_view(validity.p, validity.n));
	return true;
}

/* A number of its own for each key: positive, and in its shortest form. */
static void put_number(struct pb_writer *out, const uint8_t *point)
{
	uint8_t digest[PB_SHA256_LEN];

	pb_sha256(pb_view(point, PB_P256_POINT), digest);
	digest[0] = (uint8_t)(0x40 | (digest[0] & 0x3F));
	pb_tlv_put(out, DER_INTEGER, pb_view(digest, SERIAL_LEN));
}

static bool put_tbs(struct pb_writer *out, const struct pb_piv_subject *subject)
{
	uint8_t bytes[TBS_MAX], spki[PB_P256_SPKI];
	struct pb_writer tbs = pb_writer(bytes, sizeof(bytes));

	pb_put(&tbs, version_3, sizeof(version_3));
	put_number(&tbs, subject->point);
	pb_put(&tbs, algorithm, sizeof(algorithm));
	put_name(&tbs, subject->serial);
	if (!put_validity(&tbs, subject))
		return false;
	put_name(&tbs, subject->serial);
	pb_p256_point_to_spki(subject->point, spki);
	pb_put(&tbs, spki, sizeof(spki));
	pb_tlv_put(out, DER_SEQUENCE, pb_view(tbs.p, tbs.n));
	return !tbs.full;
}

static void put_signature(struct pb_writer *out, const uint8_t sig[static PB_P256_SIG])
{
	uint8_t der[1 + PB_P256_SIG_DER_MAX] = { 0 }; /* no unused bits */

	pb_tlv_put(out, DER_BIT_STRING, pb_view(der, 1 + pb_p256_sig_to_der(sig, der + 1)));
}

/* 53{70 certificate, 71 00, FE} */
static void put_object(struct pb_writer *out, struct pb_view signed_parts)
{
	static const uint8_t plain[1];
	uint8_t bytes[2][PB_PIV_CERTIFICATE_MAX];
	struct pb_writer certificate = pb_writer(bytes[0], sizeof(bytes[0])), body = pb_writer(bytes[1], sizeof(bytes[1]));

	pb_tlv_put(&certificate, DER_SEQUENCE, signed_parts);
	pb_tlv_put(&body, PIV_CERTIFICATE, pb_view(certificate.p, certificate.n));
	pb_tlv_put(&body, PIV_CERTIFICATE_INFO, PB_VIEW(plain));
	pb_tlv_put(&body, PIV_CHUID_CHECK, (struct pb_view){ 0 });
	pb_tlv_put(out, PIV_TAG_OBJECT, pb_view(body.p, body.n));
	if (certificate.full || body.full || out->full)
		PB_BUG("a certificate longer than its bounds");
}

enum pb_status pb_piv_certificate_make(const struct pb_piv_subject *subject, pb_piv_sign_fn *sign, void *ctx,
				       struct pb_writer *writer, struct pb_err *err)
{
	uint8_t bytes[PB_PIV_CERTIFICATE_MAX], digest[PB_SHA256_LEN], sig[PB_P256_SIG];
	struct pb_writer parts = pb_writer(bytes, sizeof(bytes));
	enum pb_status s;

	if (!put_tbs(&parts, subject))
		return pb_fail(err, PB_INPUT_INVALID, "a certificate from or until a day that it cannot say");
	pb_sha256(pb_view(parts.p, parts.n), digest);
	s = sign(ctx, digest, sig, err);
	if (s != PB_OK)
		return s;
	pb_put(&parts, algorithm, sizeof(algorithm));
	put_signature(&parts, sig);
	put_object(writer, pb_view(parts.p, parts.n));
	return PB_OK;
}

void pb_piv_expiry(int64_t until, uint8_t ret_expiry[static 8])
{
	struct pb_date date = pb_date_of_instant(until, 0);
	char text[32];

	snprintf(text, sizeof(text), "%04d%02d%02d", date.year, date.month, date.day);
	memcpy(ret_expiry, text, 8);
}
