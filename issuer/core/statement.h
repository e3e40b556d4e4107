/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a card will say: the member, the office's rules and a reservation become two signed credentials,
 * one for the chip and one for the face.  Everything that can be refused about a member (no photo, a name
 * that fits nowhere) is refused here, before a card is touched.
 */
#ifndef PROFBILET_ISSUER_CORE_STATEMENT_H
#define PROFBILET_ISSUER_CORE_STATEMENT_H

#include "issuer/core/office.h"
#include "issuer/credential/credential.h"
#include "issuer/ledger/ledger.h"
#include "issuer/register/register.h"
#include "print/face.h"

struct pb_statement {
	struct pb_member member;
	struct pb_organisation organisation;
	struct pb_date valid_until; /* the last day, as printed */
};

/* Looks the member up and checks what the office demands of one. */
PB_MUST_USE enum pb_status pb_statement_prepare(const struct pb_office *office, const char *member_number,
						struct pb_statement *ret_statement, struct pb_err *err);
/* Signs both credentials for this reservation and this chip key. */
PB_MUST_USE enum pb_status pb_statement_sign(const struct pb_office *office, const struct pb_statement *statement,
					     const struct pb_reservation *reservation, const struct pb_aad *binding,
					     struct pb_credential_token *ret_chip, struct pb_credential_token *ret_face,
					     struct pb_err *err);
/* The face as it will be printed; its texts are borrowed from statement and office.  The serial and the QR
 * code are left empty. */
void pb_statement_face(const struct pb_office *office, const struct pb_statement *statement, enum pb_name_form form,
		       struct pb_face *ret_face);

#endif
