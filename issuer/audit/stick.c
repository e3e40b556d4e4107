/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The audit of a stick, in the order of what the next step needs: whom to believe, the history, the lists, the samples.
 */
#include "issuer/audit/stick.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "issuer/audit/inside.h"
#include "print/scan.h"

void stick_find(struct stick *stick, enum pb_finding_code code, const char *about)
{
	pb_findings_add_about(&stick->findings, code, PB_FINDING_NO_ENTRY, 0, about);
}

static void count_cards(struct stick *stick)
{
	const struct pb_replay *replay = &stick->replay;
	struct pb_stick_report *report = &stick->report;

	report->entries = replay->entries;
	report->first_time = replay->first_time;
	report->last_time = replay->time;
	report->blanks = replay->counters;
	report->cards = replay->card_count;
	for (size_t n = 0; n < replay->card_count; n++)
		report->by_state[replay->cards[n].state]++;
}

static void sum_up(struct stick *stick)
{
	struct pb_stick_report *report = &stick->report;

	report->findings = stick->findings.total;
	for (int code = 0; code < PB_FINDING_COUNT; code++) {
		int exit_code = pb_finding_exit_code((enum pb_finding_code)code);

		if (stick->findings.count[code] > 0 && (report->exit_code == 0 || exit_code < report->exit_code))
			report->exit_code = exit_code;
	}
}

static enum pb_status check(struct stick *stick, struct pb_err *err)
{
	enum pb_status s = stick_load_given(stick, err);

	if (s == PB_OK)
		s = stick_check_history(stick, err);
	if (s != PB_OK)
		return s;
	count_cards(stick);
	s = stick_compare_lists(stick, err);
	if (s == PB_OK)
		s = stick_check_samples(stick, err);
	sum_up(stick);
	return s;
}

enum pb_status pb_stick_audit(const struct pb_stick_options *options, const struct pb_stick_listener *listener,
			      struct pb_stick_report *ret_report, struct pb_err *err)
{
	struct stick *stick = calloc(1, sizeof(*stick));
	struct stat folder;
	enum pb_status s = PB_OK;

	if (stick == NULL)
		return pb_fail(err, PB_NO_MEMORY, "audit");
	if (stat(options->folder, &folder) != 0)
		s = pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "%s", options->folder);
	else if (!S_ISDIR(folder.st_mode))
		s = pb_fail(err, PB_FILE_UNREADABLE, "%s: no folder", options->folder);
	stick->options = options;
	stick->listener = listener;
	stick->findings = (struct pb_findings){ .tell = listener->finding, .ctx = listener->ctx };
	pb_replay_init(&stick->replay, &stick->findings);
	if (s == PB_OK)
		s = check(stick, err);
	if (s == PB_OK)
		*ret_report = stick->report;
	pb_scan_destroy(stick->scan);
	stick_forget_given(&stick->given);
	pb_tiles_close(stick->tiles);
	pb_replay_finish(&stick->replay);
	free(stick->records);
	free(stick);
	return s;
}
