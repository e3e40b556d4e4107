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
#include "keys/keyd/token_start.h"
#include "keys/passphrase.h"

enum { PATH_CAP = 4096, PER_HOUR_MAX = 1000000 };

struct options {
	const char *keys, *passphrase_file, *token_file, *listen, *owner, *acknowledge, *intents, *roll_master, *begin_witness;
	uint64_t per_hour;
	bool allow_factory_keys, token_by_owner, last_pin_try, only_witness;
	const char *say; /* that, and nothing else */
};

static const char usage[] =
	"Usage: profbilet-keyd --keys DIR --passphrase-file FILE --listen PATH --owner USER [OPTION...]\n"
	"       profbilet-keyd --keys DIR --passphrase-file FILE --acknowledge SERIAL --intents COUNT\n"
	"       profbilet-keyd --keys DIR --passphrase-file FILE --roll-master KVN\n"
	"       profbilet-keyd --keys DIR --passphrase-file FILE --begin-witness first|anew\n"
	"Holds the keys of an office and signs what its ledger accounts for.  Without --listen it serves the\n"
	"process that started it.\n"
	"\n"
	"  --keys DIR                 the key directory\n"
	"  --passphrase-file FILE     its passphrase; else $CREDENTIALS_DIRECTORY/passphrase\n"
	"  --token FILE               the keys are in the PKCS#11 token that this file names (man profbilet-keyd)\n"
	"  --token-by-owner           the same, and the process that started it says which token\n"
	"  --last-pin-try             spend the last try of its PIN\n"
	"  --listen PATH              make a socket at PATH\n"
	"  --owner USER               name or number of the one user who may connect to it\n"
	"  --signatures-per-hour N    refuse more; 0 for no limit\n"
	"  --allow-factory-keys       open sessions with blanks that have the factory keys\n"
	"  --acknowledge SERIAL       the ledger is right, its last serial is SERIAL (0 for none), and it holds\n"
	"  --intents COUNT            COUNT reservations: set the signing counter to that, and exit\n"
	"  --roll-master KVN          make the card master key that follows KVN (two hexadecimal digits), and exit\n"
	"  --witness                  cosign the checkpoints of other offices, and sign nothing else\n"
	"  --begin-witness WORD       make the key for that and an empty book: first, or anew in place of another, and exit\n"
	"  --help, --version\n";

/* Where the keys are. */
struct where {
	bool in_token, by_owner;
	struct pb_keyd_token token;
};

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
	case 't':
		options->token_file = optarg;
		return true;
	case 'b':
		options->token_by_owner = true;
		return true;
	case 'y':
		options->last_pin_try = true;
		return true;
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
	case 'w':
		options->only_witness = true;
		return true;
	case 'B':
		options->begin_witness = optarg;
		return strcmp(optarg, "first") == 0 || strcmp(optarg, "anew") == 0;
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
		{ "token", required_argument, NULL, 't' },
		{ "token-by-owner", no_argument, NULL, 'b' },
		{ "last-pin-try", no_argument, NULL, 'y' },
		{ "listen", required_argument, NULL, 'l' },
		{ "owner", required_argument, NULL, 'o' },
		{ "signatures-per-hour", required_argument, NULL, 'n' },
		{ "allow-factory-keys", no_argument, NULL, 'f' },
		{ "acknowledge", required_argument, NULL, 'a' },
		{ "intents", required_argument, NULL, 'i' },
		{ "roll-master", required_argument, NULL, 'r' },
		{ "witness", no_argument, NULL, 'w' },
		{ "begin-witness", required_argument, NULL, 'B' },
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
	       !ret_options->listen == !ret_options->owner &&
	       !(ret_options->token_by_owner && (ret_options->token_file || ret_options->listen || ret_options->acknowledge ||
						ret_options->roll_master || ret_options->begin_witness));
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

/* *ret_there is false where a token may do without one. */
static enum pb_status read_passphrase(const struct options *options, bool needed, struct pb_secret *ret_passphrase,
				      bool *ret_there, struct pb_err *err)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	char path[PATH_CAP];

	*ret_there = options->passphrase_file || credentials;
	if (!*ret_there)
		return needed ? pb_fail(err, PB_KEYS_UNAVAILABLE, "no --passphrase-file, and no credential of systemd's") : PB_OK;
	snprintf(path, sizeof(path), "%s%s", options->passphrase_file ? options->passphrase_file : credentials,
		 options->passphrase_file ? "" : "/passphrase");
	*ret_there = needed || access(path, F_OK) == 0;
	return *ret_there ? pb_passphrase_read(path, ret_passphrase, err) : PB_OK;
}

static enum pb_status find_pin(void *ctx, const struct pb_token_facts *facts, struct pb_secret *ret_pin, struct pb_err *err)
{
	const struct where *where = ctx;

	if (where->token.pin.path[0] == '\0' && where->by_owner)
		return pb_keyd_token_want_pin(PB_PROCESS_FD, facts, ret_pin, err);
	return pb_pin_read(&where->token.pin, ret_pin, err);
}

/* Borrowed from `where`. */
static struct pb_token_options token_of(struct where *where)
{
	return (struct pb_token_options){ .module = where->token.module, .label = where->token.label,
					  .environment = where->token.environment, .pin = find_pin, .pin_ctx = where,
					  .spend_last_try = where->token.spend_last_try };
}

static enum pb_status open_keys(const struct options *options, struct where *where, struct pb_keystore **ret_store,
				struct pb_err *err)
{
	struct pb_token_options token = token_of(where);
	struct pb_keystore_options how = { .allow_factory_keys = options->allow_factory_keys,
					   .token = where->in_token ? &token : NULL };
	PB_SECRET passphrase = { 0 };
	bool there = false;
	enum pb_status s = read_passphrase(options, !where->in_token, &passphrase, &there, err);

	return s == PB_OK ? pb_keystore_open(options->keys, there ? &passphrase : NULL, &how, ret_store, err) : s;
}

/* Files, the token that the owner names, or that of --token. */
static enum pb_status find_keys(const struct options *options, struct where *ret_where, struct pb_err *err)
{
	enum pb_status s = PB_OK;

	*ret_where = (struct where){ .in_token = options->token_file || options->token_by_owner, .by_owner = options->token_by_owner };
	if (options->token_by_owner)
		return pb_keyd_token_hear(PB_PROCESS_FD, &ret_where->token, err);
	if (options->token_file)
		s = pb_keyd_token_read(options->token_file, &ret_where->token, err);
	ret_where->token.spend_last_try = options->last_pin_try;
	return s;
}

/* A version names its family; without one, the family is named. */
static bool read_roll(const char *text, enum pb_master_family *ret_family, uint8_t *ret_after)
{
	size_t n;

	*ret_after = 0;
	if (pb_hex_decode(text, ret_after, 1, &n) && n == 1)
		*ret_family = pb_master_family_of_kvn(*ret_after);
	else
		*ret_family = pb_master_family_find(text);
	return *ret_family < PB_MASTER_FAMILY_COUNT;
}

/* For a key folder that its service's user alone may open. */
static enum pb_status roll_master(const struct options *options, struct pb_err *err)
{
	struct pb_generation made;
	char kcv[2 * PB_KCV_LEN + 1], said[64];
	struct pb_keystore_options how = { 0 };
	struct pb_token_options token;
	PB_SECRET passphrase = { 0 };
	struct where where;
	bool there = false;
	enum pb_master_family family;
	uint8_t after;
	enum pb_status s;

	if (!read_roll(options->roll_master, &family, &after))
		return pb_fail(err, PB_USAGE, "--roll-master takes the key version that there is, as 30, or the name of a family "
			       "that has none");
	s = find_keys(options, &where, err);
	token = token_of(&where);
	how.token = where.in_token ? &token : NULL;
	if (s == PB_OK)
		s = read_passphrase(options, true, &passphrase, &there, err);
	if (s == PB_OK)
		s = pb_keystore_roll_master(options->keys, &passphrase, &how, family, after, &made, err);
	if (s != PB_OK)
		return s;
	pb_hex_encode(PB_VIEW(made.kcv), kcv);
	snprintf(said, sizeof(said), "card master key %02X, check value %s\n", made.kvn, kcv);
	fputs(said, stdout);
	return PB_OK;
}

/* For a key folder that its service's user alone may open. */
static enum pb_status begin_witness(const struct options *options, struct pb_err *err)
{
	struct pb_keystore_options how = { 0 };
	struct pb_token_options token;
	PB_SECRET passphrase = { 0 };
	struct where where;
	bool there = false;
	enum pb_status s = find_keys(options, &where, err);

	token = token_of(&where);
	how.token = where.in_token ? &token : NULL;
	if (s == PB_OK)
		s = read_passphrase(options, true, &passphrase, &there, err);
	return s == PB_OK ? pb_witness_begin(options->keys, &passphrase, &how, strcmp(options->begin_witness, "anew") == 0, err) : s;
}

static enum pb_status acknowledge(const struct options *options, struct pb_err *err)
{
	struct pb_keystore *store = NULL;
	uint64_t serial, intents;
	struct where where;
	enum pb_status s;

	if (!parse_number(options->acknowledge, UINT64_MAX - 1, &serial) || !parse_number(options->intents, UINT64_MAX - 1, &intents))
		return pb_fail(err, PB_USAGE, "--acknowledge and --intents take numbers");
	s = find_keys(options, &where, err);
	if (s == PB_OK)
		s = open_keys(options, &where, &store, err);
	if (s == PB_OK)
		s = pb_keyd_accounts_acknowledge(store, options->keys, serial, intents, err);
	pb_keystore_close(store);
	return s;
}

/* Of a service that listens. */
struct service {
	int listen_fd, stop_fd;
	uid_t owner;
};

/* Everything that needs the file system, and then the confinement. */
static enum pb_status prepare(const struct options *options, struct pb_keyd_server *ret_server, struct pb_keystore **ret_store,
			      struct service *ret_service, struct pb_err *err)
{
	struct where where;
	enum pb_status s = pb_keyd_lock_memory(options->listen != NULL, err);

	if (s == PB_OK && options->listen)
		s = find_owner(options->owner, &ret_service->owner, err);
	if (s == PB_OK && options->listen)
		s = pb_keyd_hear_stop(&ret_service->stop_fd, err);
	if (s == PB_OK)
		s = find_keys(options, &where, err);
	if (s == PB_OK)
		s = open_keys(options, &where, ret_store, err);
	if (s != PB_OK)
		return s;
	ret_server->store = *ret_store;
	ret_server->only_witness = options->only_witness;
	s = pb_witness_book_open(*ret_store, options->keys, &ret_server->book, err);
	if (s == PB_OK && !options->only_witness)
		s = pb_keyd_accounts_open(*ret_store, options->keys, options->per_hour, &ret_server->accounts, err);
	if (s == PB_OK && options->listen)
		s = pb_keyd_bind(options->listen, &ret_service->listen_fd, err);
	if (s == PB_OK)
		s = where.in_token ? pb_keyd_confine_with_token(where.token.storage, err) :
				     pb_keyd_confine(ret_server->accounts.file.fd, ret_server->book.fd, options->listen != NULL, err);
	return s;
}

/* *ret_told: a process that started it was told why it does not serve, and says it. */
static enum pb_status serve(const struct options *options, bool *ret_told, struct pb_err *err)
{
	struct pb_keyd_server server = { .clock = &pb_clock_system, .accounts.file.fd = -1, .book.fd = -1 };
	struct pb_keystore *store = NULL;
	struct service service = { .listen_fd = -1, .stop_fd = -1 };
	enum pb_status s = prepare(options, &server, &store, &service, err);

	*ret_told = s != PB_OK && !options->listen;
	if (options->token_by_owner)
		pb_keyd_token_answer(PB_PROCESS_FD, s == PB_OK ? NULL : err);
	if (s == PB_OK)
		s = options->listen ? pb_keyd_serve_path(&server, service.listen_fd, service.stop_fd, service.owner, err) :
				      pb_keyd_serve_pair(&server, PB_PROCESS_FD, err);
	else if (*ret_told && !options->token_by_owner)
		pb_keyd_serve_failure(PB_PROCESS_FD, err);
	pb_keyd_accounts_close(&server.accounts);
	pb_witness_book_close(&server.book);
	pb_keystore_close(store); /* wipes, and logs out of a token */
	return s;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct pb_err err = { 0 };
	bool told = false;
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
	if (options.acknowledge)
		s = acknowledge(&options, &err);
	else if (options.begin_witness)
		s = begin_witness(&options, &err);
	else if (options.roll_master)
		s = roll_master(&options, &err);
	else
		s = serve(&options, &told, &err);
	if (s != PB_OK && !told)
		fprintf(stderr, "profbilet-keyd: %s %s\n", pb_status_row(s)->happened, err.msg);
	return pb_status_row(s)->exit_code;
}
