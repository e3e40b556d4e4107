/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See verification_json.h.
 */
#include "issuer/app/verification_json.h"

#include "issuer/ledger/ledger.h"

enum { AGE_UNKNOWN = -1 };

static const char *const proof_names[] = { [PB_PROOF_NONE] = "none", [PB_PROOF_PRINTED] = "printed_data",
					   [PB_PROOF_CHIP_UID] = "chip_uid", [PB_PROOF_CHIP_KEY] = "chip_key" };

json_t *pb_verification_json(const struct pb_verification *report, const char *reader)
{
	char serial[PB_SERIAL_TEXT] = "";

	if (report->decoded)
		pb_serial_format(report->serial, serial);
	return json_pack("{s:s, s:b, s:b, s:I, s:s, s:b, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:b, s:I, s:s}", "verdict", pb_verdict_name(report->verdict),
			 "test", report->test, "by_status_list", report->by_status_list,
			 "status_age", (json_int_t)(report->by_status_list ? report->status_age : AGE_UNKNOWN), "proof", proof_names[report->proof], "revocation_checked",
			 report->revocation_checked, "fault", pb_credential_fault_name(report->fault), "serial", serial, "member",
			 report->member_number, "name", report->name, "issuer", report->issuer_code, "issuer_name",
			 report->issuer_name, "expires", (json_int_t)report->expires, "trust_old", report->trust_old,
			 "trust_age", (json_int_t)report->trust_age, "reader", reader);
}
