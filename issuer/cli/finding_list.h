/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Findings of an audit, kept until all are known, then told: as lines, as JSON, or on paper.  For both programs that audit.
 *
 * Not for: what else was examined, which each of them knows.
 */
#ifndef PROFBILET_ISSUER_CLI_FINDING_LIST_H
#define PROFBILET_ISSUER_CLI_FINDING_LIST_H

#include <jansson.h>

#include "base/err.h"
#include "issuer/ledger/finding.h"
#include "issuer/ledger/lifecycle.h"
#include "print/paper_audit.h"

struct pb_finding_list {
	size_t count;
	struct pb_finding list[PB_FINDINGS_TOLD * PB_FINDING_COUNT];
};

/* A pb_finding_fn: `list` is a struct pb_finding_list. */
void pb_finding_list_add(void *list, const struct pb_finding *finding);

void pb_say_findings(const struct pb_finding_list *list);
/* [{"finding": "leaf_hash", "entry": 17, "serial": "", "about": ""}, ...]; entry is null where there is none. */
json_t *pb_findings_json(const struct pb_finding_list *list);

/* The counts of the conclusion; by_state: cards. */
void pb_conclusion_count(struct pb_paper_audit *audit, const struct pb_entry_counters *blanks, const uint64_t *by_state);
/* The conclusion as PDF; fills in the findings, and when it was made.  `zone`: of the times on it, seconds east of UTC. */
PB_MUST_USE enum pb_status pb_conclusion_write(const char *path, struct pb_paper_audit *audit, const struct pb_finding_list *list,
					       int32_t zone, struct pb_err *err);

#endif
