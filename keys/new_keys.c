/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making an office's keys, and the root's word for each of them.
 */
#include "keys/new_keys.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"

/* The roots outlive two generations of issuers. */
enum { ROOT_MONTHS = 15 * 12 };

/* The last second of the day before the same day of the month, that many months on. */
static int64_t months_after(int64_t from, int months)
{
	struct pb_date date = pb_date_of_instant(from, 0);

	date.month += months;
	date.year += (date.month - 1) / 12;
	date.month = (date.month - 1) % 12 + 1;
	while (date.day > 28 && !pb_date_valid(date)) /* 31 February is the 28th or 29th */
		date.day--;
	return pb_date_start(date, 0) - 1;
}

static void random_secret(struct pb_secret *ret_secret, size_t n)
{
	uint8_t bytes[PB_SECRET_MAX];

	pb_random(bytes, n);
	pb_secret_set(ret_secret, bytes, n);
	pb_wipe(bytes, sizeof(bytes));
}

static void make_here(enum pb_key_role role, struct pb_new_keys *keys)
{
	switch (pb_key_role_row(role)->algorithm) {
	case PB_KEY_P256:
		keys->signers[role] = pb_p256_generate();
		pb_p256_private_point(keys->signers[role], keys->points[role]);
		return;
	case PB_KEY_ED25519:
		keys->checkpoint = pb_ed25519_generate();
		pb_ed25519_public(keys->checkpoint, keys->checkpoint_public);
		return;
	case PB_KEY_AES_128:
		for (size_t i = 0; i < PB_MASTER_FAMILY_COUNT; i++)
			if (pb_master_family_row((enum pb_master_family)i)->from_start)
				random_secret(&keys->masters[i], PB_CARD_KEY_LEN);
		return;
	case PB_KEY_HMAC_SHA256:
		random_secret(&keys->pseudonym, PB_PSEUDONYM_KEY_LEN);
		return;
	}
}

enum pb_status pb_new_master_in_token(struct pb_token *token, enum pb_master_family family, uint8_t kvn, bool test,
				      struct pb_token_key *ret_key, uint8_t ret_kcv[static PB_KCV_LEN], struct pb_err *err)
{
	char name[PB_MASTER_NAME];
	struct pb_token_key key;
	enum pb_status s;

	pb_master_name(family, kvn, name);
	s = pb_token_generate(token, PB_ROLE_CARD_MASTER, name, test, &key, err);
	if (s != PB_OK)
		return s;
	s = pb_token_check_value(token, &key, ret_kcv, err);
	if (s == PB_OK)
		s = pb_token_set_id(token, &key, pb_view(ret_kcv, PB_KCV_LEN), err);
	if (s == PB_OK)
		*ret_key = key;
	else
		pb_token_remove(token, &key);
	return s;
}

static enum pb_status make_masters_in_token(struct pb_new_keys *keys, bool test, struct pb_err *err)
{
	enum pb_status s = PB_OK;

	for (enum pb_master_family family = 0; family < PB_MASTER_FAMILY_COUNT && s == PB_OK; family++) {
		uint8_t kcv[PB_KCV_LEN];

		if (!pb_master_family_row(family)->from_start)
			continue;
		s = pb_new_master_in_token(keys->token, family, pb_master_family_row(family)->first, test,
					   &keys->masters_in_token[keys->master_count], kcv, err);
		keys->master_count += s == PB_OK;
	}
	return s;
}

/* Reads what is public, and gives the key the name by which the rest of the world knows it. */
static enum pb_status name_in_token(enum pb_key_role role, struct pb_new_keys *keys, struct pb_err *err)
{
	const struct pb_token_key *key = &keys->in_token[role];
	uint8_t kid[PB_P256_KID];
	enum pb_status s;

	switch (pb_key_role_row(role)->algorithm) {
	case PB_KEY_P256:
		s = pb_token_public(keys->token, key, keys->points[role], PB_P256_POINT, err);
		pb_p256_kid(keys->points[role], kid);
		return s == PB_OK ? pb_token_set_id(keys->token, key, PB_VIEW(kid), err) : s;
	case PB_KEY_ED25519:
		return pb_token_public(keys->token, key, keys->checkpoint_public, PB_ED25519_PUBLIC, err);
	case PB_KEY_AES_128: /* named where they are made */
	case PB_KEY_HMAC_SHA256:
		break;
	}
	return PB_OK;
}

static enum pb_status make_key(const struct pb_keystore_terms *terms, enum pb_key_role role, struct pb_new_keys *keys,
			       struct pb_err *err)
{
	const struct pb_key_role_row *row = pb_key_role_row(role);
	bool offered = keys->token != NULL && pb_token_offers(keys->token, role);
	enum pb_status s;

	if (keys->token != NULL && !offered && !row->in_files)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "the token has no mechanism for a %s key", row->name);
	if (!offered) {
		make_here(role, keys);
		return PB_OK;
	}
	if (role == PB_ROLE_CARD_MASTER) {
		s = make_masters_in_token(keys, terms->test, err);
		keys->is_in_token[role] = s == PB_OK;
		return s;
	}
	s = pb_token_generate(keys->token, role, row->name, terms->test, &keys->in_token[role], err);
	keys->is_in_token[role] = s == PB_OK;
	return s == PB_OK ? name_in_token(role, keys, err) : s;
}

static enum pb_status make_keys(const struct pb_keystore_terms *terms, struct pb_new_keys *keys, struct pb_err *err)
{
	enum pb_status s = PB_OK;

	if (terms->token != NULL)
		s = pb_token_open(terms->token, &keys->token, err);
	for (enum pb_key_role role = 0; role < PB_ROLE_COUNT && s == PB_OK; role++)
		if (!pb_key_role_row(role)->on_demand)
			s = make_key(terms, role, keys, err);
	for (size_t i = 0; i < PB_NEW_ROOT_COUNT && s == PB_OK; i++)
		keys->roots[i] = pb_p256_generate();
	if (s == PB_OK)
		keys->backup = pb_p256_generate();
	return s;
}

/* Two names: a verifier that looks for the root of a certificate by its name finds the right one. */
static enum pb_status certify_roots(const struct pb_keystore_terms *terms, int64_t now, struct pb_new_keys *keys,
				    struct pb_err *err)
{
	static const char *const names[PB_NEW_ROOT_COUNT] = { "root", "spare root" };
	enum pb_status s = PB_OK;

	for (size_t i = 0; i < PB_NEW_ROOT_COUNT && s == PB_OK; i++) {
		char common_name[64];
		struct pb_x509_subject subject = { .common_name = common_name, .organisation = terms->issuer_name };

		(void)snprintf(common_name, sizeof(common_name), "Profbilet %s%s", terms->test ? "TEST " : "", names[i]);
		s = pb_x509_make_root(keys->roots[i], &subject, now, months_after(now, ROOT_MONTHS), &keys->root_certs[i], err);
	}
	return s;
}

enum pb_status pb_new_keys_certify(const struct pb_certify *certify, struct pb_x509 **ret_cert, struct pb_err *err)
{
	const struct pb_key_role_row *row = pb_key_role_row(certify->role);
	struct pb_x509_issuer_terms terms = {
		.from = certify->now,
		.signs_until = months_after(certify->now, row->signing_months),
		.until = months_after(certify->now, row->certificate_months),
		.test = certify->test,
		.purpose = row->purpose,
	};
	char common_name[64];
	struct pb_x509_subject subject = { .common_name = common_name, .organisation = certify->issuer_name,
					   .serial_number = certify->issuer_code };
	struct pb_p256_public *key = NULL;
	enum pb_status s = pb_p256_public_create(pb_view(certify->point, PB_P256_POINT), &key, err);

	(void)snprintf(common_name, sizeof(common_name), "Profbilet %s%s %s", certify->test ? "TEST " : "", row->name,
		       certify->issuer_code);
	if (s == PB_OK)
		s = pb_x509_make_issuer(certify->root, certify->root_cert, key, &subject, &terms, ret_cert, err);
	pb_p256_public_destroy(key);
	return s;
}

static enum pb_status certify_backup(const struct pb_keystore_terms *terms, int64_t now, struct pb_new_keys *keys,
				     struct pb_err *err)
{
	struct pb_x509_issuer_terms says = { .from = now, .until = months_after(now, ROOT_MONTHS), .test = terms->test,
					     .purpose = PB_X509_OID_BACKUP, .receives = true };
	char common_name[64];
	struct pb_x509_subject subject = { .common_name = common_name, .organisation = terms->issuer_name,
					   .serial_number = terms->issuer_code };
	struct pb_p256_public *key = NULL;
	uint8_t point[PB_P256_POINT];
	enum pb_status s;

	(void)snprintf(common_name, sizeof(common_name), "Profbilet %sbackup %s", terms->test ? "TEST " : "", terms->issuer_code);
	pb_p256_private_point(keys->backup, point);
	s = pb_p256_public_create(PB_VIEW(point), &key, err);
	if (s == PB_OK)
		s = pb_x509_make_issuer(keys->roots[PB_NEW_ROOT], keys->root_certs[PB_NEW_ROOT], key, &subject, &says,
					&keys->backup_cert, err);
	pb_p256_public_destroy(key);
	return s;
}

static enum pb_status certify(const struct pb_keystore_terms *terms, int64_t now, enum pb_key_role role,
			      struct pb_new_keys *keys, struct pb_err *err)
{
	struct pb_certify certify = { .root = keys->roots[PB_NEW_ROOT], .root_cert = keys->root_certs[PB_NEW_ROOT], .role = role,
				      .point = keys->points[role], .issuer_code = terms->issuer_code,
				      .issuer_name = terms->issuer_name, .test = terms->test, .now = now };

	return pb_new_keys_certify(&certify, &keys->certs[role], err);
}

enum pb_status pb_new_keys_make(const struct pb_keystore_terms *terms, int64_t now, struct pb_new_keys *ret_keys,
				struct pb_err *err)
{
	struct pb_new_keys keys = { 0 };
	enum pb_status s;

	s = make_keys(terms, &keys, err);
	if (s == PB_OK)
		s = certify_roots(terms, now, &keys, err);
	if (s == PB_OK)
		s = certify_backup(terms, now, &keys, err);
	for (enum pb_key_role role = 0; role < PB_ROLE_CERTIFIED_COUNT && s == PB_OK; role++)
		s = certify(terms, now, role, &keys, err);
	if (s == PB_OK)
		*ret_keys = keys;
	else
		pb_new_keys_finish(&keys);
	return s;
}

void pb_new_keys_keep(struct pb_new_keys *keys)
{
	keys->kept = true;
}

void pb_new_keys_finish(struct pb_new_keys *keys)
{
	for (size_t i = 0; i < PB_ROLE_COUNT && !keys->kept; i++)
		if (keys->is_in_token[i] && i != PB_ROLE_CARD_MASTER)
			pb_token_remove(keys->token, &keys->in_token[i]);
	for (size_t i = 0; i < keys->master_count && !keys->kept; i++)
		pb_token_remove(keys->token, &keys->masters_in_token[i]);
	pb_token_close(keys->token);
	for (size_t i = 0; i < PB_NEW_ROOT_COUNT; i++) {
		pb_p256_private_destroy(keys->roots[i]);
		pb_x509_destroy(keys->root_certs[i]);
	}
	pb_p256_private_destroy(keys->backup);
	pb_x509_destroy(keys->backup_cert);
	for (size_t i = 0; i < PB_ROLE_CERTIFIED_COUNT; i++) {
		pb_p256_private_destroy(keys->signers[i]);
		pb_x509_destroy(keys->certs[i]);
	}
	pb_ed25519_private_destroy(keys->checkpoint);
	pb_wipe(keys, sizeof(*keys));
}
