/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet ledger export, proof and check-proof: what an office hands out of its ledger, and how whoever has it checks
 * it with nothing but a public key.  A proof that proves nothing is a verdict, not a failure: exit code 1.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/message.h"
#include "issuer/app/output.h"
#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "issuer/cli/tell_entry.h"
#include "issuer/ledger/export.h"
#include "issuer/ledger/tlog_proof.h"
#include "issuer/ledger/witness_policy.h"

static unsigned long long number(uint64_t value)
{
	return value;
}

int pb_cmd_ledger_export(struct pb_call *call)
{
	struct pb_ledger_exported exported;
	enum pb_status s = pb_ledger_export(call->app.office.ledger, call->words[0], &exported, &call->err);

	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	if (call->json)
		pb_json_print(json_pack("{s:s, s:I, s:I, s:I, s:s}", "folder", call->words[0], "entries", (json_int_t)exported.size,
					"written", (json_int_t)exported.written, "kept", (json_int_t)exported.kept, "key",
					pb_ledger_vkey(call->app.office.ledger)));
	else
		printf(_("Ledger in %s: entries %llu, files written %llu, there already %llu\n"
			 "Whoever checks it needs this key, given to him by another way: %s\n"),
		       call->words[0], number(exported.size), number(exported.written), number(exported.kept),
		       pb_ledger_vkey(call->app.office.ledger));
	return PB_EXIT_OK;
}

/* ---- proof */

/* The entry that is named: by --entry, or the INTENT of the card, which has the hashes of what is written on it.  False,
 * and *ret_exit, when it is said already. */
static bool find_entry(struct pb_call *call, uint64_t *ret_index, int *ret_exit)
{
	struct pb_ledger_card card;
	uint64_t serial;
	bool found = false;
	long index;
	enum pb_status s;

	*ret_exit = pb_status_row(PB_USAGE)->exit_code;
	if (!pb_call_number(call, "entry", 0, INT32_MAX, -1, &index))
		return false;
	if ((index >= 0) == (call->word_count > 0)) {
		*ret_exit = pb_say_usage(call, _("name a card, or an entry with --entry"));
		return false;
	}
	*ret_index = (uint64_t)index;
	if (index >= 0)
		return true;
	if (!pb_call_serial(call, 0, &serial))
		return false;
	s = pb_ledger_card_by_serial(call->app.office.ledger, serial, &card, &found, &call->err);
	if (s == PB_OK && !found)
		s = pb_fail(&call->err, PB_NOT_FOUND, "card %010llu", number(serial));
	if (s != PB_OK)
		*ret_exit = pb_say_error(call, call->words[0], s);
	*ret_index = card.intent;
	return s == PB_OK;
}

static int give_proof(struct pb_call *call, uint64_t index, struct pb_view text)
{
	const char *path = pb_call_option(call, "out");
	enum pb_status s = path != NULL ? pb_output_write(path, text, &call->err) : PB_OK;

	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	if (call->json)
		pb_json_print(json_pack("{s:I, s:s?, s:s%, s:s}", "entry", (json_int_t)index, "file", path, "proof", text.p, text.n,
					"key", pb_ledger_vkey(call->app.office.ledger)));
	else if (path != NULL)
		printf(_("Written: %s, proof of entry %llu\n"), path, number(index));
	else
		fwrite(text.p, 1, text.n, stdout);
	return PB_EXIT_OK;
}

int pb_cmd_ledger_proof(struct pb_call *call)
{
	uint64_t index;
	char *text;
	size_t n;
	int code;
	enum pb_status s;

	if (!find_entry(call, &index, &code))
		return code;
	s = pb_ledger_proof_file(call->app.office.ledger, index, &text, &n, &call->err);
	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	code = give_proof(call, index, pb_view(text, n));
	free(text);
	return code;
}

/* ---- check-proof */

enum verdict {
	/* and before it those of enum pb_tlog_verdict */
	NO_PROOF_FILE = PB_TLOG_NOT_THERE + 1,
	NO_ENTRY,
	NOT_WITNESSED,
	VERDICTS
};

static const struct {
	const char *name, *words;
} verdicts[VERDICTS] = {
	[PB_TLOG_PROVEN] = { "proven", "" },
	[PB_TLOG_NOTE_MALFORMED] = { "note_malformed", N_("there is no checkpoint in it") },
	[PB_TLOG_NOTE_UNKNOWN] = { "note_unknown", N_("the checkpoint in it is not signed by this key") },
	[PB_TLOG_NOTE_FORGED] = { "note_forged", N_("the signature of its checkpoint is FORGED") },
	[PB_TLOG_ORIGIN] = { "origin", N_("the checkpoint in it is of another ledger") },
	[PB_TLOG_NOT_THERE] = { "not_there", N_("this entry is not where it says, among those that were signed for") },
	[NO_PROOF_FILE] = { "no_proof_file", N_("this is no proof file") },
	[NO_ENTRY] = { "no_entry", N_("the entry is not in it") },
	[NOT_WITNESSED] = { "not_witnessed", N_("its checkpoint is not signed by as many witnesses as the policy asks for") },
};

struct checked {
	struct pb_tlog_proof proof;
	struct pb_entry entry;
	struct pb_checkpoint checkpoint;
};

static bool is_witnessed(const struct pb_witness_policy *policy, struct pb_view note)
{
	struct pb_checkpoint checkpoint;

	return policy == NULL || pb_witness_policy_judge(policy, note, &checkpoint, NULL) == PB_POLICY_WITNESSED;
}

/* `policy`: NULL when the ledger's own signature is enough. */
static int check(struct pb_view text, const struct pb_note_key *key, const struct pb_witness_policy *policy,
		 struct checked *ret_checked)
{
	enum pb_tlog_verdict verdict;
	struct pb_view bytes;

	if (!pb_tlog_proof_parse(text, &ret_checked->proof))
		return NO_PROOF_FILE;
	bytes = pb_view(ret_checked->proof.extra, ret_checked->proof.extra_n);
	if (!pb_entry_decode(bytes, &ret_checked->entry))
		return NO_ENTRY;
	verdict = pb_tlog_proof_check(&ret_checked->proof, bytes, key, &ret_checked->checkpoint);
	return verdict == PB_TLOG_PROVEN && !is_witnessed(policy, ret_checked->proof.note) ? NOT_WITNESSED : (int)verdict;
}

static void say_checked(const struct checked *checked)
{
	printf(_("Proven: this entry is in the ledger %s, among its first %llu (times are UTC):\n"), checked->checkpoint.origin,
	       number(checked->checkpoint.size));
	pb_say_entry(checked->proof.index, &checked->entry, 0);
}

static int say_verdict(const struct pb_call *call, int verdict, const struct checked *checked)
{
	bool proven = verdict == PB_TLOG_PROVEN;

	if (call->json)
		pb_json_print(json_pack("{s:b, s:s, s:s?, s:o, s:o}", "proven", proven, "verdict", verdicts[verdict].name, "ledger",
					proven ? checked->checkpoint.origin : NULL, "size",
					proven ? json_integer((json_int_t)checked->checkpoint.size) : json_null(), "entry",
					proven ? pb_entry_json(checked->proof.index, &checked->entry) : json_null()));
	else if (proven)
		say_checked(checked);
	else
		printf(_("NOT PROVEN: %s\n"), _(verdicts[verdict].words));
	return proven ? PB_EXIT_OK : PB_EXIT_NEGATIVE;
}

static enum pb_status read_policy(const char *path, struct pb_witness_policy *ret_policy, struct pb_err *err)
{
	uint8_t *bytes = NULL;
	unsigned line = 0;
	size_t n = 0;
	enum pb_status s = pb_read_path(path, PB_POLICY_FILE_MAX, &bytes, &n, err);

	if (s == PB_OK && !pb_witness_policy_parse(pb_view(bytes, n), ret_policy, &line))
		s = pb_fail(err, PB_INPUT_INVALID, "%s:%u", path, line);
	free(bytes);
	return s;
}

int pb_cmd_ledger_check_proof(struct pb_call *call)
{
	static struct checked checked; /* both too large for a stack that many things share */
	static struct pb_witness_policy policy;
	const char *vkey = pb_call_option(call, "key"), *policy_path = pb_call_option(call, "policy");
	struct pb_note_key key;
	uint8_t *bytes = NULL;
	size_t n = 0;
	enum pb_status s;
	int verdict;

	if (vkey == NULL || !pb_note_key_parse(vkey, &key))
		return pb_say_usage(call, _("name the ledger's key, as you were given it: --key VKEY"));
	s = policy_path != NULL ? read_policy(policy_path, &policy, &call->err) : PB_OK;
	if (s == PB_OK)
		s = pb_read_path(call->words[0], PB_TLOG_PROOF_MAX, &bytes, &n, &call->err);
	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	verdict = check(pb_view(bytes, n), &key, policy_path != NULL ? &policy : NULL, &checked);
	free(bytes);
	return say_verdict(call, verdict, &checked);
}
