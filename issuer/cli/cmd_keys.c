/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet keys show: where the keys are and, of a token, which it is.
 */
#include <stdio.h>

#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "issuer/cli/token_words.h"

json_t *pb_token_as_json(const struct pb_token_facts *token)
{
	return json_pack("{s:s, s:s, s:b, s:b, s:b}", "label", token->label, "serial", token->serial, "pin_tries_low",
			 token->tries_count_low, "pin_last_try", token->last_try, "pin_locked", token->locked);
}

void pb_say_token(const struct pb_token_facts *token)
{
	printf(_("Token: %s, serial number %s\n"), token->label, token->serial);
	if (token->locked)
		printf("%s\n", _("Its PIN is locked."));
	else if (token->last_try)
		printf("%s\n", _("Its PIN has one try left."));
	else if (token->tries_count_low)
		printf("%s\n", _("A wrong PIN was the last one given."));
}

static void say_place(const struct pb_config *config, const struct pb_token_facts *token)
{
	if (config->key_process[0] == '/') {
		printf(_("Keys: of the service at %s\n"), config->key_process);
	} else if (token) {
		printf(_("Keys: in a token, by %s\n"), config->pkcs11_module);
		pb_say_token(token);
	} else {
		printf(_("Keys: encrypted files in %s\n"), config->key_directory);
	}
}

int pb_cmd_keys_show(struct pb_call *call)
{
	const struct pb_config *config = &call->app.config;
	struct pb_token_facts token;
	bool in_token;
	enum pb_status s = pb_app_look_at_token(config, &in_token, &token, &call->err);

	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	if (!call->json) {
		say_place(config, in_token ? &token : NULL);
		return PB_EXIT_OK;
	}
	pb_json_print(json_pack("{s:s, s:s, s:s, s:s, s:o}", "backend", config->key_backend, "process", config->key_process,
				"directory", config->key_directory, "module", config->pkcs11_module, "token",
				in_token ? pb_token_as_json(&token) : json_null()));
	return PB_EXIT_OK;
}
