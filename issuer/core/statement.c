/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Building what is signed.  The face credential holds the name exactly as printed, so the print rules
 * (what fits, initials or not) are asked first.
 */
#include "issuer/core/statement.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "keys/keystore.h"

static enum pb_status check_photo(const struct pb_office *office, const struct pb_member *member, struct pb_err *err)
{
	const struct pb_policy *policy = &office->policy;
	struct pb_date oldest = pb_date_of_instant(pb_clock_now(office->clock), policy->zone);

	if (member->photo == PB_PHOTO_NONE)
		return policy->photo_required ? pb_fail(err, PB_PHOTO_MISSING, "none in the register") : PB_OK;
	oldest.year -= policy->photo_max_age_years;
	if (oldest.month == 2 && oldest.day == 29)
		oldest.day = 28;
	if (policy->photo_max_age_years > 0 && pb_date_compare(member->photo_date, oldest) < 0)
		return pb_fail(err, PB_PHOTO_EXPIRED, "older than %d years", policy->photo_max_age_years);
	return PB_OK;
}

void pb_statement_face(const struct pb_office *office, const struct pb_statement *statement, enum pb_name_form form,
		       struct pb_face *ret_face)
{
	const struct pb_member *member = &statement->member;

	*ret_face = (struct pb_face){
		.surname = member->surname,
		.name = member->name,
		.patronymic = member->patronymic,
		.name_form = form,
		.organisation = statement->organisation.name,
		.organisation_short = statement->organisation.short_name,
		.member_number = member->number,
		.card_serial = "",
		.member_since = member->joined,
		.valid_until = statement->valid_until,
		.title_line = office->policy.title_line,
		.organisation_line = office->policy.organisation_line,
		.return_line = office->policy.return_line,
		.contact_line = office->policy.contact_line,
		.qr_url = "",
		.test = office->keys ? pb_keystore_is_test(office->keys) : false,
	};
}

static struct pb_date last_day(const struct pb_office *office)
{
	struct pb_date today = pb_date_of_instant(pb_clock_now(office->clock), office->policy.zone);

	return (struct pb_date){ .year = today.year + office->policy.valid_years, .month = 12, .day = 31 };
}

enum pb_status pb_statement_prepare(const struct pb_office *office, const char *member_number,
				    struct pb_statement *ret_statement, struct pb_err *err)
{
	struct pb_face face;
	enum pb_status s = pb_register_find_member(office->members, member_number, &ret_statement->member, err);

	if (s != PB_OK)
		return s;
	if (ret_statement->member.status != PB_MEMBER_ACTIVE)
		return pb_fail(err, PB_NOT_ALLOWED, "the member is not active");
	s = pb_register_organisation(office->members, ret_statement->member.organisation, &ret_statement->organisation, err);
	if (s != PB_OK)
		return s;
	s = check_photo(office, &ret_statement->member, err);
	if (s != PB_OK)
		return s;
	ret_statement->valid_until = last_day(office);
	pb_statement_face(office, ret_statement, PB_NAME_FULL, &face);
	return pb_face_check(office->design, &face, err);
}

/* Valid to the end of its last day where the office is. */
static struct pb_card_claims card_claims(const struct pb_office *office, const struct pb_statement *statement,
					 const struct pb_reservation *reservation)
{
	struct pb_date day_after = pb_date_from_days(pb_date_to_days(statement->valid_until) + 1);

	return (struct pb_card_claims){
		.member_number = pb_view_text(statement->member.number),
		.expires = pb_date_start(day_after, office->policy.zone),
		.serial = reservation->serial,
		.status_list = reservation->status.list,
		.status_index = reservation->status.index,
	};
}

static enum pb_status draft_chip(const struct pb_office *office, const struct pb_statement *statement,
				 const struct pb_reservation *reservation, struct pb_credential_draft *ret_draft,
				 struct pb_err *err)
{
	struct pb_card_claims claims = card_claims(office, statement, reservation);
	uint8_t kid[PB_KID_LEN];

	pb_keystore_issuer_kid(office->keys, kid);
	return pb_chip_draft(&claims, kid, ret_draft, err);
}

static struct pb_face_claims face_claims(const struct pb_office *office, const struct pb_statement *statement,
					 const struct pb_reservation *reservation, const char *printed_name, const char *code)
{
	const struct pb_date joined = statement->member.joined;
	struct pb_face_claims claims = {
		.card = card_claims(office, statement, reservation),
		.issuer = pb_view_text(pb_keystore_issuer_code(office->keys)),
		.not_before = pb_clock_now(office->clock),
		.name = pb_view_text(printed_name),
		.organisation_code = pb_view_text(code),
		.has_member_since = joined.year != 0,
		.member_since = joined.year != 0 ? pb_date_to_days(joined) : 0,
		.sequence = reservation->sequence,
		.anchor_size = reservation->anchor.size,
	};

	memcpy(claims.anchor_root, reservation->anchor.root, sizeof(claims.anchor_root));
	return claims;
}

/* The office's own code of the organisation; the register's number for one that was given none. */
static void organisation_code(const struct pb_organisation *organisation, char ret_code[static PB_CODE_CAP])
{
	if (organisation->code[0] != '\0')
		memcpy(ret_code, organisation->code, PB_CODE_CAP);
	else
		snprintf(ret_code, PB_CODE_CAP, "%" PRId64, organisation->id);
}

/* A signature is as long as any other, so this is known before one is asked for. */
static bool qr_fits(const struct pb_office *office, const struct pb_credential_draft *draft)
{
	static const uint8_t no_sig[PB_P256_SIG];
	struct pb_credential_token token;

	pb_credential_seal(draft, no_sig, &token);
	return pb_face_qr_fits(office->design, strlen(office->policy.verify_host), token.n);
}

/* The full name where its QR code fits the field, initials where it does not. */
static enum pb_status draft_face(const struct pb_office *office, const struct pb_statement *statement,
				 const struct pb_reservation *reservation, struct pb_credential_draft *ret_draft,
				 struct pb_err *err)
{
	static const enum pb_name_form forms[] = { PB_NAME_FULL, PB_NAME_INITIALS };
	const struct pb_member *member = &statement->member;
	char code[PB_CODE_CAP];
	uint8_t kid[PB_KID_LEN];

	organisation_code(&statement->organisation, code);
	pb_keystore_issuer_kid(office->keys, kid);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		char name[PB_PRINTED_NAME_CAP];
		struct pb_face_claims claims;
		enum pb_status s = pb_face_name_as_printed(office->design, member->surname, member->name, member->patronymic,
							   forms[i], name, err);

		if (s != PB_OK)
			return s;
		claims = face_claims(office, statement, reservation, name, code);
		s = pb_face_draft(&claims, kid, ret_draft, err);
		if (s != PB_OK || qr_fits(office, ret_draft))
			return s;
	}
	return pb_fail(err, PB_NAME_TOO_LONG, "the QR code does not fit, even with initials");
}

enum pb_status pb_statement_sign(const struct pb_office *office, const struct pb_statement *statement,
				 const struct pb_reservation *reservation, const struct pb_aad *binding,
				 struct pb_credential_token *ret_chip, struct pb_credential_token *ret_face, struct pb_err *err)
{
	struct pb_signing_order order = { .serial = reservation->serial };
	struct pb_credential_draft chip, face;
	struct pb_sig_structure chip_structure, face_structure;
	struct pb_view structures[PB_STATEMENTS_MAX];
	uint8_t sigs[PB_STATEMENTS_MAX][PB_ES256_LEN];
	enum pb_status s = draft_face(office, statement, reservation, &face, err);

	if (s == PB_OK)
		s = draft_chip(office, statement, reservation, &chip, err);
	if (s != PB_OK)
		return s;
	pb_credential_sig_structure(&face, pb_view(NULL, 0), &face_structure);
	pb_credential_sig_structure(&chip, pb_aad_view(binding), &chip_structure);
	structures[0] = pb_sig_structure_view(&face_structure);
	structures[1] = pb_sig_structure_view(&chip_structure);
	s = pb_keystore_sign_credentials(office->keys, &order, structures, PB_STATEMENTS_MAX, sigs, err);
	if (s != PB_OK)
		return s;
	pb_credential_seal(&face, sigs[0], ret_face);
	pb_credential_seal(&chip, sigs[1], ret_chip);
	return PB_OK;
}
