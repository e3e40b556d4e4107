/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening and closing the parts of an office, in order.
 */
#include "issuer/app/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "issuer/app/app_inside.h"
#include "issuer/app/open_keys.h"
#include "issuer/app/paths.h"
#include "issuer/app/readiness.h"
#include "issuer/ledger/ledger.h"
#include "issuer/register/register.h"
#include "issuer/store/store.h"
#include "keys/keystore.h"
#include "keys/passphrase.h"
#include "keys/status_folder.h"
#include "keys/trust.h"
#include "print/design.h"
#include "print/render.h"

static enum pb_status open_keys(struct pb_app *app, const struct pb_pin_prompt *prompt, struct pb_err *err)
{
	struct pb_key_way way;

	pb_key_way_init(&way, &app->config, prompt);
	return pb_key_way_open(&way, &app->office.keys, err);
}

static const char *layout_path(const struct pb_config *config)
{
	return config->layout[0] ? config->layout : pb_paths()->layout;
}

static const char *font_directory(const struct pb_config *config)
{
	return config->font_directory[0] ? config->font_directory : pb_paths()->fonts;
}

const char *pb_app_trust_directory(const struct pb_config *config, char ret_path[static PB_TRUST_DIRECTORY_CAP])
{
	if (config->trust_directory[0] != '\0')
		snprintf(ret_path, PB_TRUST_DIRECTORY_CAP, "%s", config->trust_directory);
	else
		snprintf(ret_path, PB_TRUST_DIRECTORY_CAP, "%s/public", config->key_directory);
	return ret_path;
}

static enum pb_status open_trust(struct pb_app *app, enum pb_app_use use, struct pb_err *err)
{
	char directory[PB_TRUST_DIRECTORY_CAP];
	enum pb_status s = pb_trust_load(pb_app_trust_directory(&app->config, directory), &app->trust, err);

	if (s != PB_NOT_FOUND)
		return s;
	if (use != PB_APP_PUBLISH)
		return pb_wrap(err, PB_KEYS_UNAVAILABLE, "no trust list was accepted here yet");
	pb_err_clear(err);
	return PB_OK;
}

enum pb_status pb_app_open_register(struct pb_app *app, struct pb_err *err)
{
	struct pb_number_rule rule = { 0 };

	snprintf(rule.prefix, sizeof(rule.prefix), "%s", app->config.number_prefix);
	return pb_register_open(app->store, &rule, app->office.clock, &app->office.members, err);
}

/* Its texts are borrowed from the configuration, which must have its final place by then. */
static void set_policy(struct pb_app *app)
{
	const struct pb_config *config = &app->config;
	struct pb_policy *policy = &app->office.policy;

	memcpy(policy->verify_host, config->verify_host, sizeof(policy->verify_host));
	policy->valid_years = config->valid_years;
	policy->zone = config->zone;
	policy->allow_copyable = config->allow_copyable;
	policy->photo_required = config->photo_required;
	policy->photo_max_age_years = config->photo_max_age_years;
	policy->card_wait_ms = config->wait_seconds * INT64_C(1000);
	policy->title_line = config->title_line;
	policy->organisation_line = config->organisation_line;
	policy->return_line = config->return_line;
	policy->contact_line = config->contact_line;
}

/* Opens the keys, and refuses whatever opening says when something else is amiss too: that is said first. */
static enum pb_status open_fit_keys(struct pb_app *app, enum pb_app_use use, const struct pb_pin_prompt *prompt, struct pb_err *err)
{
	struct pb_readiness readiness;
	enum pb_status opened;

	pb_readiness_look(&app->config, app->store, app->office.clock, &readiness);
	app->config.allow_factory_keys = app->config.allow_factory_keys || use == PB_APP_KEYING;
	opened = open_keys(app, prompt, err);
	if (opened == PB_OK)
		pb_readiness_look_at_keys(&app->config, app->store, app->office.clock, app->office.keys, &readiness);
	if (use == PB_APP_SUCCEED)
		pb_readiness_forgive_time(&readiness);
	if (readiness.count == 0)
		return opened;
	pb_err_clear(err);
	return pb_readiness_judge(&readiness, err);
}

static enum pb_status open_parts(struct pb_app *app, enum pb_app_use use, const struct pb_pin_prompt *prompt, struct pb_err *err)
{
	bool writes = use == PB_APP_WRITE || use == PB_APP_PUBLISH || use == PB_APP_KEYING ||
		      use == PB_APP_SUCCEED;
	char directory[PB_TRUST_DIRECTORY_CAP];
	enum pb_status s = open_trust(app, use, err);

	/* A verifier in the street has public keys and lists, and no office. */
	if (s == PB_OK && use == PB_APP_VERIFY && access(app->config.database, F_OK) != 0)
		return pb_statuses_load(pb_app_trust_directory(&app->config, directory), &app->statuses, err);
	if (s == PB_OK)
		s = pb_store_open(app->config.database, writes ? PB_STORE_WRITE : PB_STORE_READ, &app->store, err);
	if (s == PB_OK && writes)
		s = open_fit_keys(app, use, prompt, err);
	if (s == PB_OK)
		s = pb_ledger_open(app->store, app->office.keys, app->office.clock, &app->office.ledger, err);
	if (s == PB_OK && use != PB_APP_VERIFY)
		s = pb_app_open_register(app, err);
	if (s == PB_OK && writes)
		s = pb_design_open(layout_path(&app->config), font_directory(&app->config), &app->office.design, err);
	return s;
}

/* The office's own issuers, not anybody's: a folder may hold the country's. */
static bool has_test_keys(const struct pb_app *app)
{
	size_t count = app->trust != NULL ? pb_trust_count(app->trust) : 0;

	if (app->office.keys != NULL)
		return pb_keystore_is_test(app->office.keys);
	for (size_t i = 0; i < count; i++) {
		const struct pb_trust_entry *entry = pb_trust_issuer(app->trust, i)->entry;

		if (entry->test && strcmp(entry->code, app->config.issuer_code) == 0)
			return true;
	}
	return false;
}

enum pb_status pb_app_open(const struct pb_config *config, enum pb_app_use use, struct pb_app *ret_app, struct pb_err *err)
{
	return pb_app_open_asking(config, use, NULL, ret_app, err);
}

enum pb_status pb_app_open_asking(const struct pb_config *config, enum pb_app_use use, const struct pb_pin_prompt *prompt,
				  struct pb_app *ret_app, struct pb_err *err)
{
	enum pb_status s;

	*ret_app = (struct pb_app){ .config = *config, .office.clock = &pb_clock_system };
	set_policy(ret_app);
	s = open_parts(ret_app, use, prompt, err);
	if (s != PB_OK) {
		pb_app_close(ret_app);
		return s;
	}
	ret_app->test = has_test_keys(ret_app);
	ret_app->verifier = (struct pb_verifier){ .trust = ret_app->trust, .ledger = ret_app->office.ledger,
						  .statuses = ret_app->statuses,
						  .clock = ret_app->office.clock, .verify_host = ret_app->config.verify_host };
	return PB_OK;
}

void pb_app_close(struct pb_app *app)
{
	pb_design_close(app->office.design);
	pb_register_close(app->office.members);
	pb_ledger_close(app->office.ledger);
	pb_store_close(app->store);
	pb_keystore_close(app->office.keys);
	pb_statuses_destroy(app->statuses);
	pb_trust_destroy(app->trust);
	*app = (struct pb_app){ 0 };
}

void pb_app_check(const struct pb_config *config, const struct pb_pin_prompt *prompt, struct pb_readiness *ret_readiness)
{
	struct pb_app app = { .config = *config, .office.clock = &pb_clock_system };
	struct pb_err err = { 0 };

	if (pb_store_open(app.config.database, PB_STORE_READ, &app.store, &err) != PB_OK)
		app.store = NULL;
	pb_readiness_look(&app.config, app.store, app.office.clock, ret_readiness);
	if (open_keys(&app, prompt, &err) == PB_OK)
		pb_readiness_look_at_keys(&app.config, app.store, app.office.clock, app.office.keys, ret_readiness);
	else
		pb_readiness_add(ret_readiness, PB_UNREADY_KEYS_CLOSED, err.msg);
	pb_app_close(&app);
}

/* ---- A roll of the master key */

/* With the keys opened anew, and closed again. */
static enum pb_status reconcile(const struct pb_config *config, const struct pb_pin_prompt *prompt, enum pb_master_family family,
				enum pb_roll_due *ret_due, struct pb_generation *ret_newest, struct pb_err *err)
{
	struct pb_app app;
	enum pb_status s = pb_app_open_asking(config, PB_APP_WRITE, prompt, &app, err);

	if (s != PB_OK)
		return s;
	s = pb_roll_reconcile(&app.office, family, ret_due, ret_newest, err);
	pb_app_close(&app);
	return s;
}

static enum pb_status keys_elsewhere(const struct pb_config *config, enum pb_master_family family, uint8_t after,
				     struct pb_err *err)
{
	char kvn[3];

	snprintf(kvn, sizeof(kvn), "%02X", after);
	return pb_fail(err, PB_NOT_ALLOWED, "the keys belong to the service at %s: stop it, make the next key there with "
		       "profbilet-keyd --roll-master %s, start it, and come back", config->key_process,
		       after ? kvn : pb_master_family_row(family)->name);
}

static enum pb_status make_generation(const struct pb_config *config, const struct pb_pin_prompt *prompt,
				      enum pb_master_family family, uint8_t after, struct pb_generation *ret_made,
				      struct pb_err *err)
{
	struct pb_keystore_options options = { 0 };
	PB_SECRET passphrase = { 0 };
	struct pb_key_way way;
	enum pb_status s;

	pb_key_way_init(&way, config, prompt);
	options.token = pb_key_way_token(&way);
	if (config->key_process[0] == '/')
		return keys_elsewhere(config, family, after, err);
	s = pb_passphrase_read(config->passphrase_file, &passphrase, err);
	if (s == PB_OK)
		s = pb_keystore_roll_master(config->key_directory, &passphrase, &options, family, after, ret_made, err);
	return s;
}

/* The second look notes what was made; what stops in between is found by the first one of the next time. */
static enum pb_status roll_master(const struct pb_config *config, const struct pb_pin_prompt *prompt, enum pb_master_family family,
				  struct pb_generation *ret_newest, bool *ret_finished, struct pb_err *err)
{
	struct pb_generation made;
	enum pb_roll_due due;
	enum pb_status s = reconcile(config, prompt, family, &due, ret_newest, err);

	*ret_finished = s == PB_OK && due == PB_ROLL_DONE;
	if (s != PB_OK || due != PB_ROLL_MAKE)
		return s;
	s = make_generation(config, prompt, family, ret_newest->kvn, &made, err);
	return s == PB_OK ? reconcile(config, prompt, family, &due, ret_newest, err) : s;
}

enum pb_status pb_app_roll_master(const struct pb_config *config, const struct pb_pin_prompt *prompt,
				  enum pb_master_family family, struct pb_generation *ret_generation, bool *ret_finished,
				  struct pb_err *err)
{
	struct pb_pin_memory memory;
	struct pb_generation newest;
	bool finished;
	enum pb_status s;

	pb_pin_memory_init(&memory, prompt);
	s = roll_master(config, &memory.prompt, family, &newest, &finished, err);
	pb_pin_memory_finish(&memory);
	if (s != PB_OK)
		return s;
	*ret_generation = newest;
	*ret_finished = finished;
	return PB_OK;
}

/* ---- Stations and faces */

enum pb_status pb_app_start_station(const struct pb_app *app, const char *reader, const char *trace_path,
				    struct pb_station **ret_station, struct pb_err *err)
{
	struct pb_station_options options = {
		.program = pb_paths()->station,
		.reader = reader,
		.trace_path = trace_path,
		.step_ms = app->config.step_seconds * INT64_C(1000),
	};

	return pb_station_start(&options, ret_station, err);
}

enum pb_status pb_app_readers(const struct pb_app *app, struct pb_reader_list *ret_list, struct pb_err *err)
{
	struct pb_station_options options = { .program = pb_paths()->station, .step_ms = app->config.step_seconds * INT64_C(1000) };

	return pb_station_readers(&options, ret_list, err);
}

enum pb_status pb_app_start_render(const struct pb_app *app, enum pb_render_product product, struct pb_render **ret_render,
				   struct pb_err *err)
{
	struct pb_render_options options = {
		.program = pb_paths()->render,
		.layout = layout_path(&app->config),
		.font_directory = font_directory(&app->config),
		.product = product,
		.unix_time = pb_clock_now(app->office.clock),
	};

	return pb_render_start(&options, ret_render, err);
}
