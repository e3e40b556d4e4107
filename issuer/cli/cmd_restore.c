/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet keys restore: from a ceremony's folder and enough shares to a key folder; also the drill that shows
 * every year that it still works.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "issuer/cli/commands.h"
#include "issuer/cli/dialogue.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "issuer/core/ceremony.h"
#include "keys/crypto/hash.h"

enum { PATH_ROOM = 4096 };

/* What a ceremony left. */
struct left {
	uint8_t *backup, *record;
	size_t backup_n, record_n;
	struct pb_key_backup_head head;
};

static enum pb_status read_file(const char *folder, const char *name, size_t max, uint8_t **ret_bytes, size_t *ret_n,
				struct pb_err *err)
{
	char path[PATH_ROOM];
	enum pb_status s;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return pb_fail(err, PB_INPUT_INVALID, "the path is too long");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "%s", path);
	s = pb_read_fd(fd, max, ret_bytes, ret_n, err);
	close(fd);
	return s == PB_OK ? s : pb_wrap(err, s, "%s", path);
}

static enum pb_status read_left(const char *folder, struct left *left, struct pb_err *err)
{
	enum pb_status s = read_file(folder, "keys.backup", PB_KEY_BACKUP_MAX, &left->backup, &left->backup_n, err);

	if (s == PB_OK)
		s = read_file(folder, PB_CEREMONY_RECORD_FILE, PB_CEREMONY_RECORD_MAX, &left->record, &left->record_n, err);
	if (s == PB_OK && !pb_key_backup_read_head(pb_view(left->backup, left->backup_n), &left->head))
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "%s/keys.backup is no key backup", folder);
	return s;
}

/* Whether a share can be one of those that open this backup; said when not. */
static bool belongs(const struct pb_dialogue *dialogue, const struct left *left, const struct pb_share *shares, size_t count,
		    const struct pb_share *share)
{
	if (!pb_view_equal(PB_VIEW(share->set), PB_VIEW(left->head.set)) || share->needed != left->head.needed ||
	    share->count != left->head.count) {
		pb_dialogue_say(dialogue, "%s\n", _("This share is of another ceremony: set it aside."));
		return false;
	}
	for (size_t i = 0; i < count; i++)
		if (shares[i].index == share->index) {
			pb_dialogue_say(dialogue, _("Share %u was given already.\n"), share->index);
			return false;
		}
	return true;
}

static enum pb_status ask_shares(const struct pb_dialogue *dialogue, const struct left *left,
				 struct pb_share shares[static PB_SHARES_MAX], struct pb_err *err)
{
	size_t count = 0;

	while (count < left->head.needed) {
		PB_SHARE share = { 0 };
		enum pb_status s;

		pb_dialogue_say(dialogue, _("Share %zu of the %u that are needed:\n"), count + 1, left->head.needed);
		s = pb_dialogue_share(dialogue, &share, err);
		if (s != PB_OK)
			return pb_wrap(err, s, "%zu shares of the %u that are needed", count, left->head.needed);
		if (belongs(dialogue, left, shares, count, &share))
			shares[count++] = share;
	}
	return PB_OK;
}

static enum pb_status restore(struct pb_call *call, const struct left *left, const char *out, struct pb_key_facts *ret_facts)
{
	struct pb_share shares[PB_SHARES_MAX] = { 0 };
	struct pb_dialogue dialogue = PB_DIALOGUE_NONE;
	const char *answers = pb_call_option(call, "answers");
	enum pb_status s;

	if (answers && !left->head.test)
		return pb_fail(&call->err, PB_NOT_ALLOWED, "--answers opens TEST keys alone");
	s = pb_dialogue_open(answers, &dialogue, &call->err);
	if (s == PB_OK)
		s = ask_shares(&dialogue, left, shares, &call->err);
	if (s == PB_OK)
		s = pb_ceremony_restore(pb_view(left->backup, left->backup_n), pb_view(left->record, left->record_n), shares,
					left->head.needed, pb_call_switch(call, "with-root"), &pb_clock_system, out, ret_facts,
					&call->err);
	pb_dialogue_close(&dialogue);
	pb_wipe(shares, sizeof(shares));
	return s;
}

static int say_result(const struct pb_call *call, const char *out, const struct pb_key_facts *facts)
{
	const char *kid = facts->text[PB_KEY_FACT_KID], *kcv = facts->text[PB_KEY_FACT_KCV];

	if (call->json)
		pb_json_print(json_pack("{s:s, s:b, s:s, s:s}", "keys", out, "test", facts->test, "kid", kid, "kcv", kcv));
	else if (pb_call_switch(call, "drill"))
		printf(_("The backup gives the keys: kid %s, check values %s, as in the protocol. The drill is entered in the ledger; the keys are removed again.\n"),
		       kid, kcv);
	else
		printf(_("The keys are restored in %s: kid %s, check values %s, as in the protocol. The file passphrase opens them.\n"),
		       out, kid, kcv);
	return PB_EXIT_OK;
}

/* ---- the drill */

/* Before anybody is asked for a share: what would be refused later is refused now. */
static enum pb_status open_office(struct pb_call *call)
{
	struct pb_config config;
	enum pb_status s = pb_config_load(call->config_path, &config, &call->err);

	return s == PB_OK ? pb_app_open_asking(&config, PB_APP_WRITE, &call->prompt, &call->app, &call->err) : s;
}

static enum pb_status enter_drill(struct pb_call *call, const struct left *left, const struct pb_key_facts *facts)
{
	struct pb_ceremony_step step = { .step = PB_STEP_DRILL, .at = pb_clock_now(&pb_clock_system), .needed = left->head.needed,
					 .count = left->head.count };
	char checkpoint[2 * 32 + 1];
	uint8_t public_key[32];

	pb_keystore_checkpoint_public(call->app.office.keys, public_key);
	pb_hex_encode(PB_VIEW(public_key), checkpoint);
	if (strcmp(checkpoint, facts->text[PB_KEY_FACT_CHECKPOINT]) != 0)
		return pb_fail(&call->err, PB_KEYS_REFUSED, "these shares restore the keys of another office");
	pb_sha256(pb_view(left->backup, left->backup_n), step.digest);
	return pb_ledger_note_ceremony(call->app.office.ledger, &step, 1, &call->err);
}

/* The keys were there to be looked at, and go again whatever comes of it. */
static enum pb_status hold_drill(struct pb_call *call, const struct left *left, const char *out,
				 struct pb_key_facts *ret_facts)
{
	enum pb_status s = open_office(call);

	if (s == PB_OK)
		s = restore(call, left, out, ret_facts);
	if (s != PB_OK)
		return s;
	pb_ceremony_discard(out);
	return enter_drill(call, left, ret_facts);
}

int pb_cmd_keys_restore(struct pb_call *call)
{
	const char *out = pb_call_option(call, "out");
	bool drill = pb_call_switch(call, "drill");
	struct pb_key_facts facts;
	struct left left = { 0 };
	enum pb_status s;

	if (!out)
		return pb_say_usage(call, _("--out names the folder to make"));
	s = access(out, F_OK) == 0 ? pb_fail(&call->err, PB_CONFLICT, "%s exists", out) : read_left(call->words[0], &left, &call->err);
	if (s == PB_OK)
		s = drill ? hold_drill(call, &left, out, &facts) : restore(call, &left, out, &facts);
	free(left.backup);
	free(left.record);
	return s == PB_OK ? say_result(call, out, &facts) : pb_say_error(call, NULL, s);
}
