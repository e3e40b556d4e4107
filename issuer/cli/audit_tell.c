/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One report, told three times.
 */
#include "issuer/cli/audit_tell.h"

#include <stdio.h>
#include <stdlib.h>

#include "issuer/app/verification_json.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/names.h"
#include "issuer/ledger/base64.h"

enum { DAY = 86400, ROOT_TEXT = 4 * ((PB_MERKLE_HASH + 2) / 3) + 1 };

enum pb_status pb_audit_told_init(struct pb_audit_told *told, bool json, struct pb_err *err)
{
	told->samples = json ? json_array() : NULL;
	told->findings = calloc(1, sizeof(*told->findings));
	return told->findings != NULL ? PB_OK : pb_fail(err, PB_NO_MEMORY, "audit");
}

void pb_audit_told_finish(struct pb_audit_told *told)
{
	free(told->findings);
	json_decref(told->samples);
	*told = (struct pb_audit_told){ 0 };
}

void pb_audit_take_finding(void *told, const struct pb_finding *finding)
{
	pb_finding_list_add(((struct pb_audit_told *)told)->findings, finding);
}

void pb_audit_take_sample(void *told, const struct pb_stick_sample *sample)
{
	json_t *samples = ((struct pb_audit_told *)told)->samples;

	if (samples != NULL)
		json_array_append_new(samples, json_pack("{s:o, s:b, s:o}", "from", pb_json_text(sample->from), "good", sample->good,
							 "verification", pb_verification_json(sample->verification, "")));
}

static void format_root(const struct pb_hash *root, char ret_text[static ROOT_TEXT])
{
	struct pb_writer writer = pb_writer(ret_text, ROOT_TEXT - 1);

	pb_base64_put(&writer, PB_VIEW(root->bytes));
	ret_text[writer.n] = '\0';
}

static void format_fingerprint(const struct pb_stick_report *report, char ret_text[static 65])
{
	ret_text[0] = '\0';
	if (report->has_root)
		pb_hex_encode(PB_VIEW(report->fingerprint), ret_text);
}

static long long days_since(int64_t now, int64_t then)
{
	return now > then ? (long long)((now - then) / DAY) : 0;
}

/* ---- for programs */

static json_t *checkpoint_json(const struct pb_stick_report *report)
{
	char root[ROOT_TEXT];

	format_root(&report->root, root);
	return json_pack("{s:s, s:I, s:s, s:s, s:b, s:o}", "origin", report->origin, "size", (json_int_t)report->size, "root", root, "key",
			 report->key, "signed", report->signed_well, "witnesses",
			 report->has_policy ? json_integer(report->witnesses) : json_null());
}

static json_t *lists_json(const struct pb_stick_options *options, const struct pb_stick_report *report)
{
	char fingerprint[65];

	format_fingerprint(report, fingerprint);
	return json_pack("{s:s, s:b, s:s, s:b, s:I, s:I, s:I, s:I}", "root_sha256", fingerprint, "root_from_folder", report->root_from_folder,
			 "issuer", report->issuer, "test", report->test, "trust_list", (json_int_t)report->trust_sequence,
			 "trust_list_days", report->has_trust ? days_since(options->now, report->trust_issued_at) : -1LL,
			 "status_lists", (json_int_t)report->status_lists, "status_list_days",
			 report->status_lists > 0 ? days_since(options->now, report->status_issued_at) : -1LL);
}

static json_t *counts_json(const struct pb_stick_report *report)
{
	const struct pb_entry_counters *blanks = &report->blanks;
	json_t *object = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "entries", (json_int_t)report->entries, "received",
				   (json_int_t)blanks->received, "issued", (json_int_t)blanks->issued, "spoiled", (json_int_t)blanks->spoiled,
				   "left", (json_int_t)(blanks->received - blanks->issued - blanks->spoiled), "open",
				   (json_int_t)blanks->open, "cards", (json_int_t)report->cards);
	json_t *states = json_object();

	for (int i = PB_CARD_IS_RESERVED; i < PB_CARD_STATE_COUNT; i++)
		json_object_set_new(states, pb_card_state_name((enum pb_card_state)i), json_integer((json_int_t)report->by_state[i]));
	json_object_set_new(object, "by_state", states);
	return object;
}

static void tell_programs(const struct pb_stick_options *options, const struct pb_stick_report *report, struct pb_audit_told *told)
{
	json_t *object = json_pack("{s:I, s:i, s:o, s:o, s:o, s:I, s:I, s:O, s:o}", "findings", (json_int_t)report->findings, "exit_code",
				   report->exit_code, "checkpoint", checkpoint_json(report), "counts", counts_json(report), "lists",
				   lists_json(options, report), "samples", (json_int_t)report->samples, "samples_good",
				   (json_int_t)report->samples_good, "shown", told->samples, "report", pb_findings_json(told->findings));

	pb_json_print(object);
}

/* ---- for people */

static void say_whom_to_believe(const struct pb_stick_report *report)
{
	char fingerprint[65];

	format_fingerprint(report, fingerprint);
	if (report->has_root)
		printf(_("Root certificate, SHA-256: %s\n"), fingerprint);
	if (report->has_root && report->root_from_folder)
		puts(_("  It was taken from the folder itself: compare it with the protocol of the key ceremony."));
	if (report->key[0] != '\0')
		printf(_("Checkpoint key: %s\n"), report->key);
	if (report->has_policy)
		printf(ngettext("Witnesses: %u has signed\n", "Witnesses: %u have signed\n", report->witnesses), report->witnesses);
}

static void say_lists(const struct pb_stick_options *options, const struct pb_stick_report *report)
{
	if (report->has_trust)
		printf(_("Trust list: No. %llu, days old: %lld\n"), (unsigned long long)report->trust_sequence,
		       days_since(options->now, report->trust_issued_at));
	if (report->status_lists > 0)
		printf(_("Status lists: %u, the oldest has days: %lld\n"), report->status_lists,
		       days_since(options->now, report->status_issued_at));
	if (report->samples > 0)
		printf(_("Cards and codes shown: %u, good: %u\n"), report->samples, report->samples_good);
}

static void tell_people(const struct pb_stick_options *options, const struct pb_stick_report *report, const struct pb_audit_told *told,
			int32_t zone)
{
	const struct pb_entry_counters *blanks = &report->blanks;
	char root[ROOT_TEXT], last[PB_WHEN_TEXT];

	pb_say_findings(told->findings);
	format_root(&report->root, root);
	pb_when(report->last_time, zone, last);
	printf(_("Ledger %s%s: entries %llu, the last of %s\n"), report->origin, report->test ? _(" (TEST)") : "",
	       (unsigned long long)report->entries, report->entries > 0 ? last : "-");
	printf(_("Root of the tree: %s\n"), root);
	say_whom_to_believe(report);
	printf(_("Blanks: received %llu = issued %llu + spoiled %llu + left %llu\n"), (unsigned long long)blanks->received,
	       (unsigned long long)blanks->issued, (unsigned long long)blanks->spoiled,
	       (unsigned long long)(blanks->received - blanks->issued - blanks->spoiled));
	say_lists(options, report);
	if (report->findings == 0)
		puts(_("Everything agrees: nothing was changed, nothing is missing."));
	else
		printf(ngettext("DOES NOT AGREE: %llu finding.\n", "DOES NOT AGREE: %llu findings.\n", (unsigned long)report->findings),
		       (unsigned long long)report->findings);
}

void pb_audit_tell(const struct pb_stick_options *options, const struct pb_stick_report *report, struct pb_audit_told *told,
		   int32_t zone)
{
	if (told->samples != NULL)
		tell_programs(options, report, told);
	else
		tell_people(options, report, told, zone);
}

/* ---- on paper */

enum pb_status pb_audit_write(const char *path, const struct pb_stick_options *options, const struct pb_stick_report *report,
			      const struct pb_audit_told *told, int32_t zone, struct pb_err *err)
{
	char root[ROOT_TEXT], last[PB_WHEN_TEXT], trust[PB_WHEN_TEXT], fingerprint[65];
	struct pb_paper_audit paper = {
		.unix_time = options->now, .source = options->folder, .test = report->test, .origin = report->origin, .root = root,
		.key = report->key[0] != '\0' ? report->key : NULL, .last_entry = report->entries > 0 ? last : NULL,
		.entries = report->entries, .checkpoints = report->signed_well ? 1 : 0,
		.pinned = report->has_root ? fingerprint : NULL, .pinned_in_source = report->root_from_folder,
		.trust_issued = report->has_trust ? trust : NULL, .trust_sequence = report->trust_sequence,
		.status_lists = report->status_lists, .status_days = days_since(options->now, report->status_issued_at),
		.has_witnesses = report->has_policy, .witnesses = report->witnesses,
		.samples = report->samples, .samples_good = report->samples_good, .total = report->findings,
	};

	format_root(&report->root, root);
	format_fingerprint(report, fingerprint);
	pb_when(report->last_time, zone, last);
	pb_when(report->trust_issued_at, zone, trust);
	pb_conclusion_count(&paper, &report->blanks, report->by_state);
	return pb_conclusion_write(path, &paper, told->findings, zone, err);
}
