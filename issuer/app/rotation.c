/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order of the steps, and finding out which are done.
 */
#include "issuer/app/rotation.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "issuer/app/open_keys.h"
#include "issuer/app/publish.h"
#include "issuer/core/key_facts.h"
#include "issuer/ledger/ledger.h"
#include "keys/key_dir.h"
#include "keys/keystore.h"
#include "keys/passphrase.h"
#include "keys/succession.h"
#include "keys/trust.h"

enum pb_status pb_app_open_keys_here(const struct pb_app *app, struct pb_keystore **ret_store, struct pb_err *err)
{
	struct pb_config here = app->config;
	struct pb_key_way way;

	(void)snprintf(here.key_process, sizeof(here.key_process), "in-process");
	pb_key_way_init(&way, &here, NULL);
	return pb_key_way_open(&way, ret_store, err);
}

enum pb_status pb_app_account(const struct pb_app *app, bool opened, struct pb_account *ret_account, bool *ret_counted,
			      struct pb_err *err)
{
	const char *process = app->config.key_process;
	struct pb_keystore *store = NULL;
	struct pb_key_way way;
	enum pb_status s;

	if (strcmp(process, "in-process") == 0 || (!opened && strcmp(process, "child") == 0))
		return PB_OK;
	pb_key_way_init(&way, &app->config, NULL);
	s = pb_key_way_open(&way, &store, err);
	if (s == PB_OK)
		*ret_counted = pb_keystore_account(store, ret_account);
	pb_keystore_close(store);
	return s;
}

/* ---- which key is meant */

/* The keys of the office as they are now, by their ids: of a role it does not have, zeros. */
struct signing {
	uint8_t kid[PB_ROLE_CERTIFIED_COUNT][PB_P256_KID];
};

static enum pb_status read_signing(const struct pb_app *app, struct signing *ret_signing, struct pb_err *err)
{
	struct pb_keystore *store = NULL;
	uint8_t point[PB_P256_POINT];
	enum pb_status s = pb_app_open_keys_here(app, &store, err);

	if (s != PB_OK)
		return s;
	*ret_signing = (struct signing){ 0 };
	for (enum pb_key_role role = 0; role < PB_ROLE_CERTIFIED_COUNT; role++)
		if (pb_keystore_certified_point(store, role, point))
			pb_p256_kid(point, ret_signing->kid[role]);
	pb_keystore_close(store);
	return PB_OK;
}

static bool is_kid(const uint8_t a[static PB_P256_KID], const uint8_t b[static PB_P256_KID])
{
	return memcmp(a, b, PB_P256_KID) == 0;
}

static bool has_certificate(const struct pb_app *app, enum pb_key_role role, const uint8_t kid[static PB_P256_KID])
{
	char name[PB_KEY_DIR_CERTIFICATE_NAME], path[PB_CONFIG_PATH + sizeof(name) + sizeof(PB_KEY_DIR_PUBLIC) + 2];

	pb_key_dir_certificate_name(role, kid, name);
	(void)snprintf(path, sizeof(path), "%s/" PB_KEY_DIR_PUBLIC "/%s", app->config.key_directory, name);
	return access(path, F_OK) == 0;
}

/* *ret_already: the key of that id was followed by another before. */
static enum pb_status find_role(const struct pb_app *app, const struct signing *signing, const uint8_t kid[static PB_P256_KID],
				enum pb_key_role *ret_role, bool *ret_already, struct pb_err *err)
{
	char hex[2 * PB_P256_KID + 1];

	for (enum pb_key_role role = 0; role < PB_ROLE_CERTIFIED_COUNT; role++) {
		bool signs = is_kid(signing->kid[role], kid);

		if (!signs && !has_certificate(app, role, kid))
			continue;
		*ret_role = role;
		*ret_already = !signs;
		return PB_OK;
	}
	pb_hex_encode(pb_view(kid, PB_P256_KID), hex);
	return pb_fail(err, PB_NOT_FOUND, "key %s", hex);
}

/* ---- the trust list */

static enum pb_status publish(struct pb_app *app, const struct pb_trust_change *changes, size_t count, uint64_t *ret_sequence,
			      struct pb_err *err)
{
	struct pb_trust_draft draft = { 0 };
	enum pb_status s = pb_app_publish_trust(app, changes, count, NULL, &draft, err);

	if (s == PB_OK)
		*ret_sequence = draft.sequence;
	pb_trust_draft_finish(&draft);
	return s;
}

/* Its newest list names it already when an earlier run came so far. */
static enum pb_status publish_new_key(struct pb_app *app, const uint8_t kid[static PB_P256_KID], uint64_t *ret_sequence,
				      struct pb_err *err)
{
	*ret_sequence = pb_trust_list(app->trust)->sequence;
	if (pb_trust_find(app->trust, kid, NULL) != NULL)
		return PB_OK;
	return publish(app, NULL, 0, ret_sequence, err);
}

/* ---- rotate */

static enum pb_status prepare(struct pb_app *app, const struct pb_rotation *rotation, enum pb_key_role role,
			      struct pb_successor *ret_successor, struct pb_err *err)
{
	char root_file[PB_CONFIG_PATH + 16];
	const char *passphrase_file = rotation->root_passphrase_file ? rotation->root_passphrase_file : app->config.passphrase_file;
	PB_SECRET passphrase = { 0 };
	PB_SECRET root_passphrase = { 0 };
	struct pb_key_way way;
	struct pb_succession succession = { .key_directory = app->config.key_directory, .passphrase = &passphrase, .role = role,
					    .root_file = rotation->root_file ? rotation->root_file : root_file,
					    .root_passphrase = &root_passphrase, .clock = app->office.clock };
	enum pb_status s = pb_passphrase_read(app->config.passphrase_file, &passphrase, err);

	(void)snprintf(root_file, sizeof(root_file), "%s/" PB_KEY_DIR_ROOT PB_KEY_DIR_SUFFIX, app->config.key_directory);
	if (s == PB_OK)
		s = pb_passphrase_read(passphrase_file, &root_passphrase, err);
	if (s != PB_OK)
		return s;
	pb_key_way_init(&way, &app->config, NULL);
	succession.token = pb_key_way_token(&way);
	return pb_succession_prepare(&succession, ret_successor, err);
}

/* An office's keys are held against its ledger (readiness.h): the new one is entered before it can sign.  An
 * office that has no ceremony in its ledger has none to go on with. */
static enum pb_status enter_successor(struct pb_app *app, enum pb_key_role role, const uint8_t kid[static PB_P256_KID],
				      struct pb_err *err)
{
	static const enum pb_key_step steps[PB_ROLE_CERTIFIED_COUNT] = {
		[PB_ROLE_ISSUER] = PB_STEP_ISSUER,
		[PB_ROLE_STATUS_LIST] = PB_STEP_STATUS_LIST,
		[PB_ROLE_TRUST_LIST] = PB_STEP_TRUST_LIST,
	};
	struct pb_ceremony_step known, step = { .step = steps[role], .at = pb_clock_now(app->office.clock) };
	bool begun, entered = false;
	enum pb_status s = pb_key_facts_fingerprint(app->config.key_directory, role, kid, step.digest, err);

	if (s == PB_OK)
		s = pb_ledger_last_ceremony_step(app->office.ledger, steps[role], &known, &begun, err);
	if (s == PB_OK && begun)
		s = pb_ledger_has_ceremony_step(app->office.ledger, steps[role], step.digest, &entered, err);
	if (s != PB_OK || !begun || entered)
		return s;
	return pb_ledger_note_ceremony(app->office.ledger, &step, 1, err);
}

static enum pb_status make_successor(struct pb_app *app, const struct pb_rotation *rotation, struct pb_rotated *rotated,
				     struct pb_err *err)
{
	struct pb_successor successor;
	enum pb_status s = prepare(app, rotation, rotated->role, &successor, err);

	if (s != PB_OK)
		return s;
	memcpy(rotated->kid, successor.kid, sizeof(rotated->kid));
	s = enter_successor(app, rotated->role, successor.kid, err);
	if (s == PB_OK && rotated->role == PB_ROLE_ISSUER)
		s = publish_new_key(app, successor.kid, &rotated->sequence, err);
	if (s != PB_OK || rotation->only_prepare)
		return s;
	rotated->signs = true;
	return pb_succession_take_over(app->config.key_directory, rotated->role, err);
}

enum pb_status pb_app_rotate(struct pb_app *app, const struct pb_rotation *rotation, struct pb_rotated *ret_rotated,
			     struct pb_err *err)
{
	struct pb_rotated rotated = { 0 };
	struct signing signing;
	enum pb_status s;

	if (app->config.key_process[0] == '/')
		return pb_fail(err, PB_NOT_ALLOWED, "the keys are those of the service at %s: stop it, and rotate where they are with "
			       "[keys] process = child", app->config.key_process);
	s = read_signing(app, &signing, err);
	if (s == PB_OK)
		s = find_role(app, &signing, rotation->kid, &rotated.role, &rotated.already, err);
	if (s != PB_OK)
		return s;
	if (rotated.already) {
		memcpy(rotated.kid, signing.kid[rotated.role], sizeof(rotated.kid));
		rotated.signs = true;
	} else {
		s = make_successor(app, rotation, &rotated, err);
	}
	if (s == PB_OK)
		*ret_rotated = rotated;
	return s;
}

/* ---- retire and compromise */

/* Publishes a list in which the key's state is this one, unless it is so. */
static enum pb_status narrow(struct pb_app *app, const struct pb_trust_change *change, struct pb_narrowed *narrowed,
			     struct pb_err *err)
{
	const struct pb_issuer *issuer = pb_trust_find(app->trust, change->kid, NULL);
	enum pb_status s = PB_OK;

	narrowed->sequence = pb_trust_list(app->trust)->sequence;
	narrowed->already = issuer != NULL && issuer->entry->state == change->state;
	if (!narrowed->already)
		s = publish(app, change, 1, &narrowed->sequence, err);
	return s;
}

enum pb_status pb_app_retire_key(struct pb_app *app, const uint8_t kid[static PB_P256_KID], struct pb_narrowed *ret_narrowed,
				 struct pb_err *err)
{
	struct pb_trust_change change = { .state = PB_ISSUER_RETIRED, .last_signing = pb_clock_now(app->office.clock) };
	struct pb_narrowed narrowed = { 0 };
	uint8_t signs[PB_P256_KID];
	enum pb_status s;

	memcpy(change.kid, kid, sizeof(change.kid));
	pb_keystore_issuer_kid(app->office.keys, signs);
	if (is_kid(signs, kid))
		return pb_fail(err, PB_NOT_ALLOWED, "this key signs: let another take over first, profbilet keys rotate");
	s = narrow(app, &change, &narrowed, err);
	if (s == PB_OK)
		s = pb_ledger_count_signed_by(app->office.ledger, kid, &narrowed.live, err);
	if (s == PB_OK)
		*ret_narrowed = narrowed;
	return s;
}

/* The list first: a card that is finished between the two steps is refused, and counted with the others. */
enum pb_status pb_app_compromise_key(struct pb_app *app, const uint8_t kid[static PB_P256_KID],
				     struct pb_narrowed *ret_narrowed, struct pb_err *err)
{
	struct pb_trust_change change = { .state = PB_ISSUER_COMPROMISED };
	struct pb_narrowed narrowed = { 0 };
	enum pb_status s;

	memcpy(change.kid, kid, sizeof(change.kid));
	s = narrow(app, &change, &narrowed, err);
	if (s == PB_OK)
		s = pb_ledger_end_signed_by(app->office.ledger, kid, PB_LEDGER_UNFINISHED, NULL, &narrowed.given_up, err);
	if (s == PB_OK)
		s = pb_ledger_count_signed_by(app->office.ledger, kid, &narrowed.live, err);
	if (s == PB_OK)
		*ret_narrowed = narrowed;
	return s;
}

enum pb_status pb_app_check_signer(const struct pb_app *app, struct pb_err *err)
{
	uint8_t kid[PB_P256_KID];
	char hex[2 * PB_P256_KID + 1];
	const struct pb_issuer *issuer;

	pb_keystore_issuer_kid(app->office.keys, kid);
	pb_hex_encode(PB_VIEW(kid), hex);
	issuer = pb_trust_find(app->trust, kid, NULL);
	if (issuer == NULL)
		return pb_fail(err, PB_KEYS_REFUSED, "the key that signs, %s, is not in the trust list: profbilet trust publish", hex);
	if (issuer->entry->state != PB_ISSUER_ACTIVE)
		return pb_fail(err, PB_KEYS_REFUSED, "the key that signs is %s: profbilet keys rotate %s",
			       pb_issuer_state_name(issuer->entry->state), hex);
	return PB_OK;
}
