/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making an office: with TEST keys made here, or with the keys of a ceremony and its record.
 */
#include "issuer/app/app.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "issuer/app/app_inside.h"
#include "issuer/app/open_keys.h"
#include "issuer/app/output.h"
#include "issuer/app/publish.h"
#include "issuer/app/publish_status.h"
#include "issuer/core/ceremony_record.h"
#include "issuer/core/key_backup.h"
#include "issuer/ledger/ledger.h"
#include "issuer/store/store.h"
#include "keys/crypto/hash.h"
#include "keys/key_file.h"
#include "keys/keyd/accounts.h"
#include "keys/keystore.h"
#include "keys/passphrase.h"

/* ---- keys */

static enum pb_status write_passphrase(const char *path, const struct pb_secret *passphrase, struct pb_err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	enum pb_status s = PB_OK;

	if (fd < 0)
		return pb_fail_errno(err, errno == EEXIST ? PB_CONFLICT : PB_FILE_UNWRITABLE, errno, "%s", path);
	if (write(fd, passphrase->bytes, passphrase->n) != (ssize_t)passphrase->n || fsync(fd) != 0)
		s = pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", path);
	close(fd);
	return s;
}

/* 128 random bits as hex: a test office has nobody who could type one. */
static void make_passphrase(struct pb_secret *ret_passphrase)
{
	enum { RANDOM = 16 };
	char text[2 * RANDOM + 1];
	uint8_t bytes[RANDOM];

	pb_random(bytes, sizeof(bytes));
	pb_hex_encode(PB_VIEW(bytes), text);
	pb_secret_set(ret_passphrase, text, 2 * RANDOM);
	pb_wipe(text, sizeof(text));
	pb_wipe(bytes, sizeof(bytes));
}

static enum pb_status create_ledger(struct pb_app *app, struct pb_key_way *way, struct pb_err *err)
{
	enum pb_status s = pb_store_create(app->config.database, &app->store, err);

	if (s == PB_OK)
		s = pb_key_way_open(way, &app->office.keys, err);
	if (s == PB_OK)
		s = pb_ledger_create(app->store, app->office.keys, app->config.origin, (uint32_t)app->config.serial_prefix,
				     app->office.clock, err);
	if (s == PB_OK)
		s = pb_app_open_register(app, err);
	return s;
}

/* The count of what these keys sign begins with the keys. */
static enum pb_status create_counter(struct pb_key_way *way, const struct pb_secret *passphrase, struct pb_err *err)
{
	const char *directory = way->config->key_directory;
	struct pb_keystore_options options = { .token = pb_key_way_token(way) };
	struct pb_keystore *store = NULL;
	enum pb_status s = pb_keystore_open(directory, passphrase, &options, &store, err);

	if (s == PB_OK)
		s = pb_keyd_accounts_create(store, directory, err);
	pb_keystore_close(store);
	return s;
}

static enum pb_status create_keys(struct pb_app *app, struct pb_key_way *way, const struct pb_secret *passphrase,
				  struct pb_err *err)
{
	struct pb_keystore_terms terms = { .issuer_code = app->config.issuer_code, .issuer_name = app->config.issuer_name,
					   .test = true, .token = pb_key_way_token(way) };

	return pb_keystore_create(app->config.key_directory, passphrase, &terms, app->office.clock, err);
}

/* ---- what a ceremony gave */

/* What a ceremony gave: see pb_ceremony_equip. */
struct gift {
	const char *directory;
	struct pb_secret passphrase;
	struct pb_ceremony_record record;
	uint8_t note[PB_CEREMONY_RECORD_MAX];
	size_t note_n;
	char issuer_name[PB_CONFIG_TEXT];
};

static enum pb_status read_note(struct gift *gift, struct pb_err *err)
{
	int fd = open(gift->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint8_t content[PB_KEY_FILE_MAX];
	enum pb_status s = pb_key_file_read(fd, PB_CEREMONY_RECORD_FILE, PB_KEY_FILE_PRIVATE, content, &gift->note_n, err);

	if (fd >= 0)
		close(fd);
	if (s == PB_OK && gift->note_n > sizeof(gift->note))
		return pb_fail(err, PB_KEYS_UNAVAILABLE, PB_CEREMONY_RECORD_FILE " is longer than any");
	if (s == PB_OK)
		memcpy(gift->note, content, gift->note_n);
	return s;
}

/* The record is of these keys and signed by them, or there is no office. */
static enum pb_status read_gift(struct gift *gift, struct pb_err *err)
{
	char path[PB_CONFIG_PATH + sizeof("/passphrase")];
	struct pb_keystore_options options = { 0 };
	struct pb_keystore *store = NULL;
	struct pb_key_facts facts;
	uint8_t checkpoint[32];
	enum pb_status s;

	snprintf(path, sizeof(path), "%s/passphrase", gift->directory);
	s = pb_passphrase_read(path, &gift->passphrase, err);
	if (s == PB_OK)
		s = read_note(gift, err);
	snprintf(path, sizeof(path), "%s/keys", gift->directory);
	if (s == PB_OK)
		s = pb_keystore_open(path, &gift->passphrase, &options, &store, err);
	if (s != PB_OK)
		return s;
	pb_keystore_checkpoint_public(store, checkpoint);
	snprintf(gift->issuer_name, sizeof(gift->issuer_name), "%s", pb_keystore_issuer_name(store));
	s = pb_ceremony_record_open(pb_view(gift->note, gift->note_n), checkpoint, &gift->record, err);
	if (s == PB_OK)
		s = pb_key_facts_of(store, path, &facts, err);
	if (s == PB_OK)
		s = pb_key_facts_compare(&gift->record.facts, &facts, err);
	pb_keystore_close(store);
	return s;
}

/* The first value of a key counts: what the keys say comes before what was asked for. */
struct values {
	const char *pair[PB_APP_VALUES_MAX + 1];
	size_t count;
};

static void add_value(struct values *values, const char *key, const char *value)
{
	values->pair[values->count++] = key;
	values->pair[values->count++] = value;
}

static enum pb_status choose_values(const struct gift *gift, const char *const *asked, struct values *ret_values,
				    struct pb_err *err)
{
	*ret_values = (struct values){ .count = 0 };
	add_value(ret_values, "office.mode", gift && !gift->record.facts.test ? "production" : "test");
	if (gift) {
		add_value(ret_values, "office.issuer_code", gift->record.facts.text[PB_KEY_FACT_ISSUER_CODE]);
		add_value(ret_values, "office.issuer_name", gift->issuer_name);
	}
	for (; asked && *asked; asked += 2) {
		if (ret_values->count + 2 > PB_APP_VALUES_MAX)
			return pb_fail(err, PB_INPUT_INVALID, "too many values");
		add_value(ret_values, asked[0], asked[1]);
	}
	return PB_OK;
}

static enum pb_status take_keys(struct pb_app *app, const struct gift *gift, const char *staging, struct pb_err *err)
{
	char keys[PB_CONFIG_PATH + sizeof("/keys")];
	int fd = open(staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum pb_status s = pb_key_file_write(fd, PB_CEREMONY_RECORD_FILE, PB_KEY_FILE_PRIVATE, pb_view(gift->note, gift->note_n),
					     err);

	if (fd >= 0)
		close(fd);
	snprintf(keys, sizeof(keys), "%s/keys", gift->directory);
	return s == PB_OK ? pb_key_folder_copy(keys, app->config.key_directory, err) : s;
}

/* The first entries after the ledger's own beginning. */
static enum pb_status enter_ceremony(struct pb_app *app, const struct gift *gift, struct pb_err *err)
{
	struct pb_ceremony_step steps[PB_CEREMONY_STEPS_MAX];
	size_t count = pb_ceremony_record_steps(&gift->record, steps);
	enum pb_status s = pb_ledger_open(app->store, app->office.keys, app->office.clock, &app->office.ledger, err);

	return s == PB_OK ? pb_ledger_note_ceremony(app->office.ledger, steps, count, err) : s;
}

/* An office without a key for trust lists takes in those of another (profbilet trust update). */
static enum pb_status publish_trust(struct pb_app *app, struct pb_err *err)
{
	struct pb_trust_draft draft = { 0 };
	enum pb_status s = pb_app_publish_trust(app, NULL, 0, NULL, &draft, err);

	pb_trust_draft_finish(&draft);
	if (s != PB_NOT_FOUND)
		return s;
	pb_err_clear(err);
	return PB_OK;
}

/* A shop that looks a card up in an empty list knows more than one that has no list. */
static enum pb_status publish_first(struct pb_app *app, struct pb_err *err)
{
	struct pb_status_publication published;
	enum pb_status s = PB_OK;

	if (!app->office.ledger)
		s = pb_ledger_open(app->store, app->office.keys, app->office.clock, &app->office.ledger, err);
	if (s == PB_OK)
		s = publish_trust(app, err);
	return s == PB_OK ? pb_app_publish_status(app, &published, err) : s;
}

static enum pb_status fill_keys(struct pb_app *app, const struct gift *gift, const char *staging, struct pb_key_way *way,
				struct pb_err *err)
{
	PB_SECRET passphrase = { 0 };
	enum pb_status s;

	if (gift)
		passphrase = gift->passphrase;
	else
		make_passphrase(&passphrase);
	s = write_passphrase(app->config.passphrase_file, &passphrase, err);
	if (s == PB_OK)
		s = gift ? take_keys(app, gift, staging, err) : create_keys(app, way, &passphrase, err);
	return s == PB_OK ? create_counter(way, &passphrase, err) : s;
}

/* ---- the folder */

/* The PIN of a token is asked for once. */
static enum pb_status fill(struct pb_app *app, const struct gift *gift, const char *staging,
			   const struct pb_pin_prompt *prompt, struct pb_err *err)
{
	struct pb_pin_memory memory;
	struct pb_key_way way;
	enum pb_status s;

	pb_pin_memory_init(&memory, prompt);
	pb_key_way_init(&way, &app->config, &memory.prompt);
	s = fill_keys(app, gift, staging, &way, err);
	if (s == PB_OK)
		s = create_ledger(app, &way, err);
	if (s == PB_OK && gift)
		s = enter_ceremony(app, gift, err);
	if (s == PB_OK)
		s = publish_first(app, err);
	pb_pin_memory_finish(&memory);
	return s;
}

/* In a folder that is not yet the office's: whatever fails, nothing half-made stays under its name. */
static enum pb_status create_in(const char *staging, const struct gift *gift, const char *const *asked,
				const struct pb_pin_prompt *prompt, struct pb_err *err)
{
	struct pb_app app = { .office.clock = &pb_clock_system };
	char path[PB_CONFIG_PATH + sizeof("/profbilet.conf")];
	struct values values;
	enum pb_status s = choose_values(gift, asked, &values, err);

	snprintf(path, sizeof(path), "%s/profbilet.conf", staging);
	if (s == PB_OK)
		s = pb_config_create(path, values.pair, err);
	if (s == PB_OK)
		s = pb_config_load(path, &app.config, err);
	if (s == PB_OK)
		s = fill(&app, gift, staging, prompt, err);
	pb_app_close(&app);
	return s;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

void pb_app_remove_tree(const char *path)
{
	enum { OPEN_FOLDERS = 8 };

	if (nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
		pb_log(PB_LOG_WARNING, "%s could not be removed", path);
}

enum pb_status pb_app_put_in_place(const char *staging, const char *folder, struct pb_err *err)
{
	if (rename(staging, folder) != 0)
		return pb_fail_errno(err, errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR ? PB_CONFLICT : PB_FILE_UNWRITABLE,
				     errno, "%s", folder);
	return pb_output_sync_name(folder, err);
}

static enum pb_status create_office(const char *directory, const struct gift *gift, const char *const *values,
				    const struct pb_pin_prompt *prompt, struct pb_err *err)
{
	enum { ROOM_FOR_NAMES = 64 };
	char staging[PB_CONFIG_PATH];
	enum pb_status s;

	if (snprintf(staging, sizeof(staging), "%s.XXXXXX", directory) >= (int)sizeof(staging) - ROOM_FOR_NAMES)
		return pb_fail(err, PB_INPUT_INVALID, "the path is too long");
	if (!mkdtemp(staging))
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", directory);
	s = create_in(staging, gift, values, prompt, err);
	/* Takes the place of an empty folder, and of nothing else. */
	if (s == PB_OK)
		s = pb_app_put_in_place(staging, directory, err);
	if (s != PB_OK)
		pb_app_remove_tree(staging);
	return s;
}

enum pb_status pb_app_create_test_office(const char *directory, const char *const *values, const struct pb_pin_prompt *prompt,
					 struct pb_err *err)
{
	return create_office(directory, NULL, values, prompt, err);
}

enum pb_status pb_app_create_office(const char *directory, const char *ceremony, const char *const *values, bool *ret_test,
				    struct pb_err *err)
{
	struct gift gift = { .directory = ceremony };
	enum pb_status s = strlen(ceremony) < PB_CONFIG_PATH ? read_gift(&gift, err) :
							       pb_fail(err, PB_INPUT_INVALID, "the path is too long");

	if (s == PB_OK)
		s = create_office(directory, &gift, values, NULL, err);
	if (s == PB_OK)
		*ret_test = gift.record.facts.test;
	pb_wipe(&gift, sizeof(gift));
	return s;
}
