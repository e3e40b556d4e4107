/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One function for each value of [keys] process.
 */
#include "issuer/app/open_keys.h"

#include <stdio.h>
#include <string.h>

#include "issuer/app/paths.h"
#include "keys/keyd/keyd.h"
#include "keys/keystore.h"
#include "keys/passphrase.h"

static bool keys_are_in_token(const struct pb_config *config)
{
	return strcmp(config->key_backend, "pkcs11") == 0;
}

static enum pb_status ask_of(const struct pb_pin_prompt *prompt, const struct pb_token_facts *token, struct pb_secret *ret_pin,
			     struct pb_err *err)
{
	if (prompt == NULL || prompt->ask == NULL)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "no file with the PIN is named, systemd has given no credential, and nobody can be asked");
	return prompt->ask(prompt->ctx, token, ret_pin, err);
}

/* As struct pb_token_options has it. */
static enum pb_status ask_person(void *ctx, const struct pb_token_facts *token, struct pb_secret *ret_pin, struct pb_err *err)
{
	const struct pb_key_way *way = ctx;

	return ask_of(way->prompt, token, ret_pin, err);
}

static enum pb_status ask_once(void *ctx, const struct pb_token_facts *token, struct pb_secret *ret_pin, struct pb_err *err)
{
	struct pb_pin_memory *memory = ctx;
	enum pb_status s = memory->typed.n != 0 ? PB_OK : ask_of(memory->person, token, &memory->typed, err);

	if (s == PB_OK)
		*ret_pin = memory->typed;
	return s;
}

void pb_pin_memory_init(struct pb_pin_memory *memory, const struct pb_pin_prompt *person)
{
	*memory = (struct pb_pin_memory){
		.prompt = { .ask = ask_once, .ctx = memory, .spend_last_try = person != NULL && person->spend_last_try },
		.person = person,
	};
}

void pb_pin_memory_finish(struct pb_pin_memory *memory)
{
	pb_secret_wipe(&memory->typed);
}

static enum pb_status find_pin(void *ctx, const struct pb_token_facts *token, struct pb_secret *ret_pin, struct pb_err *err)
{
	struct pb_key_way *way = ctx;

	return way->pin.path[0] != '\0' ? pb_pin_read(&way->pin, ret_pin, err) : ask_person(way, token, ret_pin, err);
}

void pb_key_way_init(struct pb_key_way *way, const struct pb_config *config, const struct pb_pin_prompt *prompt)
{
	*way = (struct pb_key_way){
		.config = config,
		.prompt = prompt,
		.token = {
			.module = config->pkcs11_module,
			.label = config->pkcs11_token,
			.environment = config->pkcs11_environment,
			.spend_last_try = prompt != NULL && prompt->spend_last_try,
			.pin = find_pin,
			.pin_ctx = way,
		},
	};
	pb_pin_place(config->pin_file, &way->pin);
}

const struct pb_token_options *pb_key_way_token(struct pb_key_way *way)
{
	return keys_are_in_token(way->config) ? &way->token : NULL;
}

static enum pb_status open_here(struct pb_key_way *way, struct pb_keystore **ret_store, struct pb_err *err)
{
	struct pb_keystore_options options = { .allow_factory_keys = way->config->allow_factory_keys,
					       .token = pb_key_way_token(way) };
	PB_SECRET passphrase = { 0 };
	enum pb_status s = pb_passphrase_read(way->config->passphrase_file, &passphrase, err);

	return s == PB_OK ? pb_keystore_open(way->config->key_directory, &passphrase, &options, ret_store, err) : s;
}

static void name_token(const struct pb_key_way *way, struct pb_keyd_token *ret_token)
{
	*ret_token = (struct pb_keyd_token){ .pin = way->pin, .spend_last_try = way->token.spend_last_try };
	(void)snprintf(ret_token->module, sizeof(ret_token->module), "%s", way->config->pkcs11_module);
	(void)snprintf(ret_token->label, sizeof(ret_token->label), "%s", way->config->pkcs11_token);
	(void)snprintf(ret_token->environment, sizeof(ret_token->environment), "%s", way->config->pkcs11_environment);
	(void)snprintf(ret_token->storage, sizeof(ret_token->storage), "%s", way->config->pkcs11_storage);
}

static enum pb_status start_keyd(struct pb_key_way *way, bool only_witness, struct pb_keystore **ret_store, struct pb_err *err)
{
	struct pb_keyd_token token;
	struct pb_keyd_options options = {
		.program = pb_paths()->keyd,
		.key_directory = way->config->key_directory,
		.passphrase_file = way->config->passphrase_file,
		.allow_factory_keys = way->config->allow_factory_keys,
		.signatures_per_hour = way->config->signatures_per_hour,
		.only_witness = only_witness,
		.token = keys_are_in_token(way->config) ? &token : NULL,
		.ask_pin = ask_person,
		.ask_ctx = way,
	};

	name_token(way, &token);
	if (options.token != NULL && (token.module[0] == '\0' || token.label[0] == '\0'))
		return pb_fail(err, PB_CONFIG_INVALID, "[keys] backend = pkcs11 needs pkcs11_module and pkcs11_token");
	return pb_keyd_start(&options, ret_store, err);
}

enum pb_status pb_key_way_open(struct pb_key_way *way, struct pb_keystore **ret_store, struct pb_err *err)
{
	const char *process = way->config->key_process;

	if (strcmp(process, "child") == 0)
		return start_keyd(way, false, ret_store, err);
	if (strcmp(process, "in-process") == 0)
		return open_here(way, ret_store, err);
	if (process[0] == '/')
		return pb_keyd_connect(process, ret_store, err);
	return pb_fail(err, PB_CONFIG_INVALID, "[keys] process = %s is not child, in-process or the path of a socket", process);
}

enum pb_status pb_key_way_open_witness(struct pb_key_way *way, struct pb_keystore **ret_store, struct pb_err *err)
{
	const char *process = way->config->key_process;

	return process[0] == '/' ? pb_keyd_connect(process, ret_store, err) : start_keyd(way, true, ret_store, err);
}

enum pb_status pb_app_look_at_token(const struct pb_config *config, bool *ret_is, struct pb_token_facts *ret_token,
				    struct pb_err *err)
{
	struct pb_key_way way;

	pb_key_way_init(&way, config, NULL);
	*ret_is = keys_are_in_token(config) && config->key_process[0] != '/';
	return *ret_is ? pb_token_look(&way.token, ret_token, err) : PB_OK;
}
