/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet config: check a file, list the keys.
 */
#include <stdio.h>

#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "issuer/cli/token_words.h"

int pb_cmd_config_check(struct pb_call *call)
{
	const char *path = call->word_count ? call->words[0] : call->config_path;
	struct pb_token_facts token;
	bool in_token = false;
	enum pb_status s = pb_config_load(path, &call->app.config, &call->err);

	if (s == PB_OK)
		s = pb_app_look_at_token(&call->app.config, &in_token, &token, &call->err);
	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	if (call->json) {
		pb_json_print(json_pack("{s:s, s:s, s:o}", "config", path, "status", "ok", "token",
					in_token ? pb_token_as_json(&token) : json_null()));
		return PB_EXIT_OK;
	}
	printf(_("%s: the configuration is in order.\n"), path);
	if (in_token)
		pb_say_token(&token);
	return PB_EXIT_OK;
}

static json_t *keys_as_json(void)
{
	json_t *list = json_array();
	const struct pb_config_key *key;

	for (size_t i = 0; (key = pb_config_key(i)); i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "section", key->section, "key", key->key, "default",
						      key->fallback, "help", key->help));
	return json_pack("{s:o}", "keys", list);
}

int pb_cmd_config_list(struct pb_call *call)
{
	const struct pb_config_key *key;
	const char *section = "";

	if (call->json) {
		pb_json_print(keys_as_json());
		return PB_EXIT_OK;
	}
	for (size_t i = 0; (key = pb_config_key(i)); i++) {
		if (section != key->section)
			printf("%s[%s]\n", i ? "\n" : "", key->section);
		section = key->section;
		printf("# %s\n%s = %s\n", _(key->help), key->key, key->fallback);
	}
	return PB_EXIT_OK;
}
