/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What profbilet-audit says: to people, to programs (man profbilet-audit has the JSON), and on paper.
 *
 * Not for: findings one by one, which both auditing programs tell alike (finding_list.h).
 */
#ifndef PROFBILET_ISSUER_CLI_AUDIT_TELL_H
#define PROFBILET_ISSUER_CLI_AUDIT_TELL_H

#include "issuer/audit/stick.h"
#include "issuer/cli/finding_list.h"

/* What was heard while it went on. */
struct pb_audit_told {
	struct pb_finding_list *findings;
	json_t *samples; /* NULL: not asked for */
};

PB_MUST_USE enum pb_status pb_audit_told_init(struct pb_audit_told *told, bool json, struct pb_err *err);
void pb_audit_told_finish(struct pb_audit_told *told);

/* For struct pb_stick_listener; `told` is its ctx. */
void pb_audit_take_finding(void *told, const struct pb_finding *finding);
void pb_audit_take_sample(void *told, const struct pb_stick_sample *sample);

/* JSON when samples were asked for, else words.  Once. */
void pb_audit_tell(const struct pb_stick_options *options, const struct pb_stick_report *report, struct pb_audit_told *told,
		   int32_t zone);
PB_MUST_USE enum pb_status pb_audit_write(const char *path, const struct pb_stick_options *options,
					  const struct pb_stick_report *report, const struct pb_audit_told *told, int32_t zone,
					  struct pb_err *err);

#endif
