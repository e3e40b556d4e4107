/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet keys rotate, retire, compromise: what becomes of a key of the office, and what is to be done next.
 */
#include <stdio.h>

#include "issuer/app/rotation.h"
#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"

static void say_rotated(const struct pb_rotated *rotated, const char *old, const char *kid)
{
	unsigned long long list = rotated->sequence;

	if (rotated->already)
		printf(_("Key %s does not sign any more; key %s does.\n"), old, kid);
	else if (!rotated->signs)
		printf(_("Key %s is made. Key %s goes on signing until this command is given again without --prepare.\n"), kid, old);
	else
		printf(_("From now on key %s signs.\n"), kid);
	if (list != 0)
		printf(_("Trust list %llu names both keys: bring it to all who verify. Then: profbilet keys retire %s\n"), list, old);
}

int pb_cmd_keys_rotate(struct pb_call *call)
{
	struct pb_rotation rotation = { .root_file = pb_call_option(call, "root"),
					.root_passphrase_file = pb_call_option(call, "root-passphrase-file"),
					.only_prepare = pb_call_switch(call, "prepare") };
	char kid[2 * PB_P256_KID + 1];
	struct pb_rotated rotated;
	enum pb_status s;

	if (!pb_call_kid(call, call->words[0], rotation.kid))
		return pb_status_row(PB_USAGE)->exit_code;
	s = pb_app_rotate(&call->app, &rotation, &rotated, &call->err);
	if (s != PB_OK)
		return pb_say_error(call, call->words[0], s);
	pb_hex_encode(PB_VIEW(rotated.kid), kid);
	if (call->json)
		pb_json_print(json_pack("{s:s, s:s, s:s, s:b, s:b, s:I}", "old_kid", call->words[0], "kid", kid, "role",
					pb_key_role_row(rotated.role)->name, "signs", rotated.signs, "already", rotated.already,
					"trust_list", (json_int_t)rotated.sequence));
	else
		say_rotated(&rotated, call->words[0], kid);
	return PB_EXIT_OK;
}

static void print_narrowed(const struct pb_call *call, const char *state, const struct pb_narrowed *narrowed)
{
	pb_json_print(json_pack("{s:s, s:s, s:b, s:I, s:I, s:I}", "kid", call->words[0], "state", state, "already", narrowed->already,
				"trust_list", (json_int_t)narrowed->sequence, "given_up", (json_int_t)narrowed->given_up, "cards",
				(json_int_t)narrowed->live));
}

static void say_cards(uint64_t live)
{
	printf(ngettext("%llu card in hands hangs on this key.\n", "%llu cards in hands hang on this key.\n", (unsigned long)live),
	       (unsigned long long)live);
}

int pb_cmd_keys_retire(struct pb_call *call)
{
	struct pb_narrowed narrowed;
	uint8_t kid[PB_P256_KID];
	enum pb_status s;

	if (!pb_call_kid(call, call->words[0], kid))
		return pb_status_row(PB_USAGE)->exit_code;
	s = pb_app_retire_key(&call->app, kid, &narrowed, &call->err);
	if (s != PB_OK)
		return pb_say_error(call, call->words[0], s);
	if (call->json) {
		print_narrowed(call, "retired", &narrowed);
		return PB_EXIT_OK;
	}
	printf(_("Trust list %llu says that key %s signs no more and its cards stay good.\n"), (unsigned long long)narrowed.sequence,
	       call->words[0]);
	say_cards(narrowed.live);
	return PB_EXIT_OK;
}

int pb_cmd_keys_compromise(struct pb_call *call)
{
	struct pb_narrowed narrowed;
	uint8_t kid[PB_P256_KID];
	enum pb_status s;

	if (!pb_call_kid(call, call->words[0], kid))
		return pb_status_row(PB_USAGE)->exit_code;
	s = pb_app_compromise_key(&call->app, kid, &narrowed, &call->err);
	if (s != PB_OK)
		return pb_say_error(call, call->words[0], s);
	if (call->json) {
		print_narrowed(call, "compromised", &narrowed);
		return PB_EXIT_OK;
	}
	printf(_("Trust list %llu says that no card of key %s is good. Bring it to all who verify, today: whoever has an older one still believes them.\n"),
	       (unsigned long long)narrowed.sequence, call->words[0]);
	say_cards(narrowed.live);
	if (narrowed.live > 0)
		printf(_("Whose they are: profbilet cards affected --kid %s\nNew ones: profbilet issue --affected %s\n"), call->words[0],
		       call->words[0]);
	return PB_EXIT_OK;
}
