/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of a witness, opened and closed.
 */
#include "issuer/app/witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "issuer/app/open_keys.h"
#include "keys/keyd/witness_book.h"
#include "keys/keystore.h"
#include "keys/passphrase.h"

enum pb_status pb_app_witness_policy(const struct pb_config *config, struct pb_witness_policy *ret_policy, struct pb_err *err)
{
	uint8_t *bytes = NULL;
	unsigned line = 0;
	size_t n = 0;
	enum pb_status s = pb_read_path(config->witness_policy, PB_POLICY_FILE_MAX, &bytes, &n, err);

	if (s != PB_OK)
		return s;
	if (!pb_witness_policy_parse(pb_view(bytes, n), ret_policy, &line))
		s = line == 0 ? pb_fail(err, PB_INPUT_INVALID, "%s has no quorum line", config->witness_policy) :
				pb_fail(err, PB_INPUT_INVALID, "line %u of %s", line, config->witness_policy);
	free(bytes);
	return s;
}

/* Without a name of its own a witness is called after its ledger. */
static enum pb_status name_key(const struct pb_config *config, const struct pb_keystore *keys, struct pb_note_key *ret_key,
			       struct pb_err *err)
{
	char name[PB_CONFIG_TEXT + sizeof("/witness")];
	uint8_t public_key[32];

	(void)snprintf(name, sizeof(name), "%s%s", config->witness_name[0] != '\0' ? config->witness_name : config->origin,
		       config->witness_name[0] != '\0' ? "" : "/witness");
	if (!pb_keystore_witness_public(keys, public_key))
		return pb_fail(err, PB_NOT_FOUND, "this office has no witness key (profbilet witness begin)");
	if (!pb_cosigner_make(name, public_key, ret_key))
		return pb_fail(err, PB_CONFIG_INVALID, "a witness cannot be called \"%s\"", name);
	return PB_OK;
}

static enum pb_status open_keys(const struct pb_config *config, const struct pb_pin_prompt *prompt, struct pb_keystore **ret_keys,
				struct pb_note_key *ret_key, struct pb_err *err)
{
	struct pb_key_way way;
	enum pb_status s;

	pb_key_way_init(&way, config, prompt);
	s = pb_key_way_open_witness(&way, ret_keys, err);
	return s == PB_OK ? name_key(config, *ret_keys, ret_key, err) : s;
}

enum pb_status pb_app_witness_open(const struct pb_config *config, const struct pb_pin_prompt *prompt,
				   struct pb_app_witness *ret_witness, struct pb_err *err)
{
	enum pb_status s;

	*ret_witness = (struct pb_app_witness){ .keys = NULL };
	s = pb_app_witness_policy(config, &ret_witness->policy, err);
	if (s == PB_OK)
		s = open_keys(config, prompt, &ret_witness->keys, &ret_witness->key, err);
	if (s != PB_OK)
		pb_app_witness_close(ret_witness);
	return s;
}

void pb_app_witness_close(struct pb_app_witness *witness)
{
	pb_keystore_close(witness->keys);
	witness->keys = NULL;
}

enum pb_status pb_app_witness_answer(const struct pb_app_witness *witness, struct pb_view request,
				     struct pb_witness_reply *ret_reply, struct pb_err *err)
{
	return pb_witness_answer(witness->keys, witness->key.name, &witness->policy, request, ret_reply, err);
}

enum pb_status pb_app_witness_key(const struct pb_config *config, const struct pb_pin_prompt *prompt, struct pb_note_key *ret_key,
				  struct pb_err *err)
{
	struct pb_keystore *keys = NULL;
	enum pb_status s = open_keys(config, prompt, &keys, ret_key, err);

	pb_keystore_close(keys);
	return s;
}

enum pb_status pb_app_witness_begin(const struct pb_config *config, const struct pb_pin_prompt *prompt, bool anew,
				    struct pb_err *err)
{
	struct pb_keystore_options options = { 0 };
	PB_SECRET passphrase = { 0 };
	struct pb_pin_memory memory;
	struct pb_key_way way;
	enum pb_status s;

	if (config->key_process[0] == '/')
		return pb_fail(err, PB_NOT_ALLOWED, "the keys belong to the service at %s: stop it, make the witness's key there with "
			       "profbilet-keyd --begin-witness %s, and start it", config->key_process, anew ? "anew" : "first");
	pb_pin_memory_init(&memory, prompt);
	pb_key_way_init(&way, config, &memory.prompt);
	options.token = pb_key_way_token(&way);
	s = pb_passphrase_read(config->passphrase_file, &passphrase, err);
	if (s == PB_OK)
		s = pb_witness_begin(config->key_directory, &passphrase, &options, anew, err);
	pb_pin_memory_finish(&memory);
	return s;
}
