/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet-keyd: opens the office's keys, gives up everything else, serves.  Started by its owner over a
 * socket pair, or as a service that listens at a path (man profbilet-keyd).
 */
#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/process.h"
#include "keys/keyd/confine.h"
#include "keys/keyd/listen.h"
#include "keys/passphrase.h"

enum { PATH_CAP = 4096, PER_HOUR_MAX = 1000000 };

struct options {
	const char *keys, *passphrase_file, *listen, *owner, *acknowledge, *intents, *roll_master;
	uint64_t per_hour;
	bool allow_factory_keys;
	const char *say; /* that, and nothing else */
};

static const char usage[] =
	"Usage: profbilet-keyd --keys DIR --passphrase-file FILE --listen PATH --owner USER [OPTION...]\n"
	"       profbilet-keyd --keys DIR --passphrase-file FILE --acknowledge SERIAL --intents COUNT\n"
	"       profbilet-keyd --keys DIR --passphrase-file FILE --roll-master KVN\n"
	"Holds the keys of an office and signs what its ledger accounts for.  Without --listen it serves the\n"
	"process that started it.\n"
	"\n"
	"  --keys DIR                 the key directory\n"
	"  --passphrase-file FILE     its passphrase; else $CREDENTIALS_DIRECTORY/passphrase\n"
	"  --listen PATH              make a socket at PATH\n"
	"  --owner USER               name or number of the one user who may connect to it\n"
	"  --signatures-per-hour N    refuse more; 0 for no limit\n"
	"  --allow-factory-keys       open sessions with blanks that have the factory keys\n"
	"  --acknowledge SERIAL       the ledger is right, its last serial is SERIAL (0 for none), and it holds\n"
	"  --intents COUNT            COUNT reservations: set the signing counter to that, and exit\n"
	"  --roll-master KVN          make the card master key that follows KVN (two hexadecimal digits), and exit\n"
	"  --help, --version\n";

static bool parse_number(const char *text, uint64_t max, uint64_t *ret_value)
{
	char *end;

	errno = 0;
	*ret_value = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *ret_value <= max;
}

/* False when a word is not understood. */
static bool take_option(struct options *options, int option)
{
	switch (option) {
	case 'k':
		options->keys = optarg;
		return true;
	case 'p':
		options->passphrase_file = optarg;
		return true;
	case 'l':
		options->listen = optarg;
		return true;
	case 'o':
		options->owner = optarg;
		return true;
	case 'n':
		return parse_number(optarg, PER_HOUR_MAX, &options->per_hour);
	case 'f':
		options->allow_factory_keys = true;
		return true;
	case 'a':
		options->acknowledge = optarg;
		return true;
	case 'i':
		options->intents = optarg;
		return true;
	case 'r':
		options->roll_master = optarg;
		return true;
	case 'h':
		options->say = usage;
		return true;
	case 'v':
		options->say = "profbilet-keyd " PROFBILET_VERSION "\n";
		return true;
	default:
		return false;
	}
}

static bool parse(int argc, char **argv, struct options *ret_options)
{
	static const struct option words[] = {
		{ "keys", required_argument, NULL, 'k' },
		{ "passphrase-file", required_argument, NULL, 'p' },
		{ "listen", required_argument, NULL, 'l' },
		{ "owner", required_argument, NULL, 'o' },
		{ "signatures-per-hour", required_argument, NULL, 'n' },
		{ "allow-factory-keys", no_argument, NULL, 'f' },
		{ "acknowledge", required_argument, NULL, 'a' },
		{ "intents", required_argument, NULL, 'i' },
		{ "roll-master", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", words, NULL)) != -1)
		if (!take_option(ret_options, option))
			return false;
	if (ret_options->say)
		return true;
	return optind == argc && ret_options->keys && !ret_options->acknowledge == !ret_options->intents &&
	       !ret_options->listen == !ret_options->owner;
}

static enum pb_status find_owner(const char *name, uid_t *ret_uid, struct pb_err *err)
{
	const struct passwd *user = getpwnam(name);
	uint64_t number;

	if (!user && !parse_number(name, UINT32_MAX - 1, &number))
		return pb_fail(err, PB_NOT_FOUND, "there is no user %s", name);
	*ret_uid = user ? user->pw_uid : (uid_t)number;
	return PB_OK;
}

static enum pb_status read_passphrase(const struct options *options, struct pb_secret *ret_passphrase, struct pb_err *err)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	char path[PATH_CAP];

	if (!options->passphrase_file && !credentials)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "no --passphrase-file, and no credential of systemd's");
	snprintf(path, sizeof(path), "%s%s", options->passphrase_file ? options->passphrase_file : credentials,
		 options->passphrase_file ? "" : "/passphrase");
	return pb_passphrase_read(path, ret_passphrase, err);
}

static enum pb_status open_keys(const struct options *options, struct pb_keystore **ret_store, struct pb_err *err)
{
	struct pb_keystore_options how = { .allow_factory_keys = options->allow_factory_keys };
	PB_SECRET passphrase = { 0 };
	enum pb_status s = read_passphrase(options, &passphrase, err);

	return s == PB_OK ? pb_keystore_open(options->keys, &passphrase, &how, ret_store, err) : s;
}

/* For a key folder that its service's user alone may open. */
static enum pb_status roll_master(const struct options *options, struct pb_err *err)
{
	struct pb_generation made;
	char kcv[2 * PB_KCV_LEN + 1], said[64];
	PB_SECRET passphrase = { 0 };
	uint8_t after;
	size_t n;
	enum pb_status s;

	if (!pb_hex_decode(options->roll_master, &after, 1, &n) || n != 1)
		return pb_fail(err, PB_USAGE, "--roll-master takes the key version that there is, as 30");
	s = read_passphrase(options, &passphrase, err);
	if (s == PB_OK)
		s = pb_keystore_roll_master(options->keys, &passphrase, NULL, PB_MASTER_APPLET, after, &made, err);
	if (s != PB_OK)
		return s;
	pb_hex_encode(PB_VIEW(made.kcv), kcv);
	snprintf(said, sizeof(said), "card master key %02X, check value %s\n", made.kvn, kcv);
	fputs(said, stdout);
	return PB_OK;
}

static enum pb_status acknowledge(const struct options *options, struct pb_err *err)
{
	struct pb_keystore *store = NULL;
	uint64_t serial, intents;
	enum pb_status s;

	if (!parse_number(options->acknowledge, UINT64_MAX - 1, &serial) || !parse_number(options->intents, UINT64_MAX - 1, &intents))
		return pb_fail(err, PB_USAGE, "--acknowledge and --intents take numbers");
	s = open_keys(options, &store, err);
	if (s == PB_OK)
		s = pb_keyd_accounts_acknowledge(store, options->keys, serial, intents, err);
	pb_keystore_close(store);
	return s;
}

/* Everything that needs the file system, and then the confinement. */
static enum pb_status prepare(const struct options *options, struct pb_keyd_server *ret_server, int *ret_listen_fd,
			      uid_t *ret_owner, struct pb_err *err)
{
	struct pb_keystore *store;
	enum pb_status s = pb_keyd_lock_memory(options->listen != NULL, err);

	if (s == PB_OK && options->listen)
		s = find_owner(options->owner, ret_owner, err);
	if (s == PB_OK)
		s = open_keys(options, &store, err);
	if (s != PB_OK)
		return s;
	ret_server->store = store;
	s = pb_keyd_accounts_open(store, options->keys, options->per_hour, &ret_server->accounts, err);
	if (s == PB_OK && options->listen)
		s = pb_keyd_bind(options->listen, ret_listen_fd, err);
	if (s == PB_OK)
		s = pb_keyd_confine(ret_server->accounts.fd, options->listen != NULL, err);
	return s;
}

static enum pb_status run(const struct options *options, struct pb_err *err)
{
	struct pb_keyd_server server = { .clock = &pb_clock_system };
	int listen_fd = -1;
	uid_t owner = 0;
	enum pb_status s;

	if (options->acknowledge)
		return acknowledge(options, err);
	if (options->roll_master)
		return roll_master(options, err);
	s = prepare(options, &server, &listen_fd, &owner, err);
	if (options->listen)
		return s == PB_OK ? pb_keyd_serve_path(&server, listen_fd, owner, err) : s;
	if (s == PB_OK)
		return pb_keyd_serve_pair(&server, PB_PROCESS_FD, err);
	pb_keyd_serve_failure(PB_PROCESS_FD, err);
	_exit(pb_status_row(s)->exit_code); /* said to its owner, who says it once */
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct pb_err err = { 0 };
	enum pb_status s;

	pb_process_harden();
	if (!parse(argc, argv, &options)) {
		fputs(usage, stderr);
		return pb_status_row(PB_USAGE)->exit_code;
	}
	if (options.say) {
		fputs(options.say, stdout);
		return 0;
	}
	s = run(&options, &err);
	if (s != PB_OK)
		fprintf(stderr, "profbilet-keyd: %s %s\n", pb_status_row(s)->happened, err.msg);
	return pb_status_row(s)->exit_code;
}
