/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of configuration keys, and reading a file against it.  Adding a key is one row here and one
 * field in struct pb_config.
 */
#include "issuer/app/config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ini.h"
#include "base/message.h"
#include "base/text.h"

#define N_(text) text

enum kind { TEXT, PATH, BOOL, INT, ZONE, DIGITS, HOST, LANGUAGE, BACKEND, MODE };

struct row {
	struct pb_config_key key;
	enum kind kind;
	size_t offset, size; /* of the field in struct pb_config */
	int min, max;	     /* INT: value; TEXT, DIGITS, HOST: length in bytes */
};

#define FIELD(name) offsetof(struct pb_config, name), sizeof(((struct pb_config *)NULL)->name)

static const struct row rows[] = {
	{ { "office", "mode", "production", N_("production, which refuses TEST keys and whatever is not safe, or test") }, MODE, FIELD(mode), 0, 0 },
	{ { "office", "issuer_code", "RU-00-TST", N_("code of the issuer, part of every credential") }, TEXT, FIELD(issuer_code), 2, 16 },
	{ { "office", "issuer_name", "Test issuer", N_("name of the issuer, shown to whoever verifies") }, TEXT, FIELD(issuer_name), 1, 240 },
	{ { "office", "address", "", N_("postal address of the office, for acts") }, TEXT, FIELD(address), 0, 240 },
	{ { "office", "data_system", "Профбилет", N_("name of the information system of personal data, for acts") }, TEXT, FIELD(data_system), 1, 240 },
	{ { "office", "origin", "profbilet.example/office", N_("origin of the ledger's checkpoints; never reuse one") }, TEXT, FIELD(origin), 1, 200 },
	{ { "office", "zone", "+03:00", N_("time zone of the office, for dates on cards") }, ZONE, FIELD(zone), 0, 0 },
	{ { "office", "language", "ru", N_("language of the interface: ru or en") }, LANGUAGE, FIELD(language), 0, 0 },
	{ { "office", "database", "office.db", N_("file with register and ledger") }, PATH, FIELD(database), 0, 0 },
	{ { "keys", "directory", "keys", N_("folder of the key store") }, PATH, FIELD(key_directory), 0, 0 },
	{ { "keys", "passphrase_file", "passphrase", N_("file with the passphrase, readable by its owner only") }, PATH, FIELD(passphrase_file), 0, 0 },
	{ { "keys", "backend", "files", N_("where the keys are: files (of that folder) or pkcs11 (a token)") }, BACKEND, FIELD(key_backend), 0, 0 },
	{ { "keys", "pkcs11_module", "", N_("path of the PKCS#11 library that came with the token") }, PATH, FIELD(pkcs11_module), 0, 0 },
	{ { "keys", "pkcs11_token", "", N_("label of the token") }, TEXT, FIELD(pkcs11_token), 0, 32 },
	{ { "keys", "pkcs11_environment", "", N_("what that library expects in the environment, as NAME=value") }, TEXT, FIELD(pkcs11_environment), 0, PB_CONFIG_TEXT - 1 },
	{ { "keys", "pkcs11_storage", "", N_("folder where that library keeps its files; empty when the keys are in a device") }, PATH, FIELD(pkcs11_storage), 0, 0 },
	{ { "keys", "pin_file", "", N_("file with the PIN of the token, readable by its owner only; empty for systemd's credential profbilet-pin, or to be asked") }, PATH, FIELD(pin_file), 0, 0 },
	{ { "keys", "allow_factory_keys", "no", N_("accept blanks that still have the factory keys 40..4F") }, BOOL, FIELD(allow_factory_keys), 0, 0 },
	{ { "keys", "process", "child", N_("who holds the keys: child (a process of their own), in-process, or the socket of profbilet-keyd") }, TEXT, FIELD(key_process), 1, PB_CONFIG_PATH - 1 },
	{ { "keys", "signatures_per_hour", "10000", N_("refuse to sign more; a card takes two; 0 for no limit") }, INT, FIELD(signatures_per_hour), 0, 1000000 },
	{ { "keys", "trust_directory", "", N_("folder of the pinned roots and the trust list; empty for public of the key folder") }, PATH, FIELD(trust_directory), 0, 0 },
	{ { "witness", "name", "", N_("name under which the office cosigns for others; empty for the ledger's origin with /witness") }, TEXT, FIELD(witness_name), 0, 96 },
	{ { "witness", "policy", "witness-policy", N_("file that lists ledgers, witnesses and whose word is enough") }, PATH, FIELD(witness_policy), 0, 0 },
	{ { "card", "serial_prefix", "1000", N_("four digits in front of the office's card serials") }, INT, FIELD(serial_prefix), 1000, 9999 },
	{ { "card", "valid_years", "5", N_("a card is valid to 31 December of the year of issue plus this") }, INT, FIELD(valid_years), 1, 5 },
	{ { "card", "verify_host", "pb.example", N_("host of the verify page, in the QR code and on the chip") }, HOST, FIELD(verify_host), 1, 40 },
	{ { "card", "photo_required", "no", N_("refuse to issue a card without a photo") }, BOOL, FIELD(photo_required), 0, 0 },
	{ { "card", "photo_max_age_years", "0", N_("refuse older photos; 0 for any age") }, INT, FIELD(photo_max_age_years), 0, 50 },
	{ { "card", "allow_copyable", "no", N_("also make cards of chips that anybody can copy: NTAG 215 and 216") }, BOOL, FIELD(allow_copyable), 0, 0 },
	{ { "card", "roll_at_tap", "no", N_("when a card is verified here, also give it the newest card keys") }, BOOL, FIELD(roll_at_tap), 0, 0 },
	{ { "members", "number_prefix", "64370000", N_("digits in front of the office's member numbers") }, DIGITS, FIELD(number_prefix), 1, 12 },
	{ { "print", "title_line", "Профсоюз образования", N_("first line of the header") }, TEXT, FIELD(title_line), 1, 120 },
	{ { "print", "organisation_line", "Краевая организация", N_("second line of the header") }, TEXT, FIELD(organisation_line), 1, 160 },
	{ { "print", "return_line", "", N_("address for a card that was found") }, TEXT, FIELD(return_line), 0, 160 },
	{ { "print", "contact_line", "", N_("telephone and site under the address") }, TEXT, FIELD(contact_line), 0, 160 },
	{ { "print", "layout", "", N_("layout of the faces; empty for the one that came with the program") }, PATH, FIELD(layout), 0, 0 },
	{ { "print", "font_directory", "", N_("folder of the fonts; empty for the one that came with the program") }, PATH, FIELD(font_directory), 0, 0 },
	{ { "readers", "step_seconds", "20", N_("a reader that is silent for longer is let go") }, INT, FIELD(step_seconds), 1, 300 },
	{ { "readers", "wait_seconds", "60", N_("how long to wait for a card") }, INT, FIELD(wait_seconds), 1, 3600 },
};

enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

const struct pb_config_key *pb_config_key(size_t index)
{
	return index < ROW_COUNT ? &rows[index].key : NULL;
}

static bool set_text(const struct row *row, char *field, const char *value)
{
	size_t length = strlen(value);

	if (length < (size_t)row->min || length > (size_t)row->max || length >= row->size)
		return false;
	memcpy(field, value, length + 1);
	return true;
}

/* An empty path stays empty; a relative one starts at the configuration file. */
static bool set_path(const struct row *row, const char *directory, char *field, const char *value)
{
	bool relative = value[0] != '\0' && value[0] != '/';
	size_t before = relative ? strlen(directory) + 1 : 0, length = strlen(value);

	if (before + length >= row->size)
		return false;
	if (relative) {
		memcpy(field, directory, before - 1);
		field[before - 1] = '/';
	}
	memcpy(field + before, value, length + 1);
	return true;
}

static bool set_bool(bool *field, const char *value)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return false;
	*field = value[0] == 'y';
	return true;
}

static bool set_int(const struct row *row, int *field, const char *value)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || number < row->min || number > row->max)
		return false;
	*field = (int)number;
	return true;
}

static bool two_digits(const char *text, int32_t max, int32_t *ret_value)
{
	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return false;
	*ret_value = (text[0] - '0') * 10 + (text[1] - '0');
	return *ret_value <= max;
}

/* "+09:00" */
static bool set_zone(int32_t *field, const char *value)
{
	int32_t hours, minutes;

	if (strlen(value) != 6 || (value[0] != '+' && value[0] != '-') || value[3] != ':' ||
	    !two_digits(value + 1, 14, &hours) || !two_digits(value + 4, 59, &minutes))
		return false;
	*field = (hours * 3600 + minutes * 60) * (value[0] == '-' ? -1 : 1);
	return true;
}

static bool made_of(const char *value, const char *alphabet)
{
	return strspn(value, alphabet) == strlen(value);
}

static bool set_word(const struct row *row, char *field, const char *value, const char *one, const char *other)
{
	if (strcmp(value, one) != 0 && strcmp(value, other) != 0)
		return false;
	(void)snprintf(field, row->size, "%s", value);
	return true;
}

static bool set_value(const struct row *row, struct pb_config *config, const char *value)
{
	char *field = (char *)config + row->offset;

	switch (row->kind) {
	case TEXT:
		return set_text(row, field, value);
	case PATH:
		return set_path(row, config->directory, field, value);
	case BOOL:
		return set_bool((bool *)field, value);
	case INT:
		return set_int(row, (int *)field, value);
	case ZONE:
		return set_zone((int32_t *)field, value);
	case DIGITS:
		return made_of(value, "0123456789") && set_text(row, field, value);
	case HOST:
		return made_of(value, "abcdefghijklmnopqrstuvwxyz0123456789.-") && set_text(row, field, value);
	case LANGUAGE:
		return set_word(row, field, value, "ru", "en");
	case BACKEND:
		return set_word(row, field, value, "files", "pkcs11");
	case MODE:
		return set_word(row, field, value, "production", "test");
	}
	return false;
}

static const struct row *find_row(const char *section, const char *key)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (strcmp(rows[i].key.section, section) == 0 && strcmp(rows[i].key.key, key) == 0)
			return &rows[i];
	}
	return NULL;
}

static void set_directory(struct pb_config *config, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 0;

	if (length == 0 || length >= sizeof(config->directory))
		snprintf(config->directory, sizeof(config->directory), "%s", slash == path ? "/" : ".");
	else
		snprintf(config->directory, sizeof(config->directory), "%.*s", (int)length, path);
}

void pb_config_defaults(const char *path, struct pb_config *ret_config)
{
	*ret_config = (struct pb_config){ 0 };
	set_directory(ret_config, path);
	(void)snprintf(ret_config->path, sizeof(ret_config->path), "%s", path);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (!set_value(&rows[i], ret_config, rows[i].key.fallback))
			PB_BUG("a default of the configuration table is out of its own bounds");
	}
}

static enum pb_status apply(struct pb_view text, struct pb_config *config, struct pb_err *err)
{
	struct pb_ini ini = pb_ini(text);
	struct pb_ini_entry entry;
	bool more = true;

	for (;;) {
		const struct row *row;
		enum pb_status s = pb_ini_next(&ini, &entry, &more, err);

		if (s != PB_OK || !more)
			return s;
		row = find_row(entry.section, entry.key);
		if (!row)
			return pb_fail(err, PB_CONFIG_INVALID, "line %d: unknown key [%s] %s", entry.line, entry.section, entry.key);
		if (!set_value(row, config, entry.value))
			return pb_fail(err, PB_CONFIG_INVALID, "line %d: [%s] %s = %s is not an allowed value", entry.line,
				       entry.section, entry.key, entry.value);
	}
}

enum pb_status pb_config_load(const char *path, struct pb_config *ret_config, struct pb_err *err)
{
	enum { FILE_MAX = 64 * 1024 };
	struct pb_config config;
	uint8_t *bytes;
	size_t n;
	enum pb_status s;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "%s", path);
	s = pb_read_fd(fd, FILE_MAX, &bytes, &n, err);
	close(fd);
	if (s != PB_OK)
		return pb_wrap(err, s, "%s", path);
	pb_config_defaults(path, &config);
	s = apply(pb_view(bytes, n), &config, err);
	free(bytes);
	if (s != PB_OK)
		return pb_wrap(err, s, "%s", path);
	*ret_config = config;
	return PB_OK;
}

static const char *chosen(const char *const *values, const struct pb_config_key *key)
{
	char name[128];

	snprintf(name, sizeof(name), "%s.%s", key->section, key->key);
	for (; values && *values; values += 2) {
		if (strcmp(values[0], name) == 0)
			return values[1];
	}
	return key->fallback;
}

enum pb_status pb_config_create(const char *path, const char *const *values, struct pb_err *err)
{
	const char *section = "";
	FILE *file;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return pb_fail_errno(err, errno == EEXIST ? PB_CONFLICT : PB_FILE_UNWRITABLE, errno, "%s", path);
	file = fdopen(fd, "w");
	if (!file) {
		close(fd);
		return pb_fail(err, PB_NO_MEMORY, "%s", path);
	}
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct pb_config_key *key = &rows[i].key;

		if (strcmp(section, key->section) != 0)
			fprintf(file, "%s[%s]\n", i ? "\n" : "", key->section);
		section = key->section;
		fprintf(file, "# %s\n%s = %s\n", key->help, key->key, chosen(values, key));
	}
	if (fflush(file) != 0 || fsync(fd) != 0) {
		int saved = errno;

		fclose(file);
		unlink(path);
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, saved, "%s", path);
	}
	fclose(file);
	return PB_OK;
}
