/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `profbilet`: find the command in the table, read its words, open what it needs, run it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process.h"
#include "base/text.h"
#include "issuer/cli/ask_pin.h"
#include "issuer/cli/command.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"

/* Takes the option `--name VALUE` or `--name=VALUE` out of argv; NULL when it is not there. */
static const char *take_value(int *argc, char **argv, const char *name)
{
	size_t length = strlen(name);

	for (int i = 1; i < *argc && strcmp(argv[i], "--") != 0; i++) {
		const char *value;
		int taken = 1;

		if (strncmp(argv[i], name, length) != 0)
			continue;
		if (argv[i][length] == '=') {
			value = argv[i] + length + 1;
		} else if (argv[i][length] == '\0' && i + 1 < *argc) {
			value = argv[i + 1];
			taken = 2;
		} else {
			continue;
		}
		memmove(argv + i, argv + i + taken, (size_t)(*argc - i - taken + 1) * sizeof(*argv));
		*argc -= taken;
		return value;
	}
	return NULL;
}

static bool take_switch(int *argc, char **argv, const char *name)
{
	for (int i = 1; i < *argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], name) != 0)
			continue;
		memmove(argv + i, argv + i + 1, (size_t)(*argc - i) * sizeof(*argv));
		*argc -= 1;
		return true;
	}
	return false;
}

/* The journeys are one word, everything else is a noun and a verb. */
static const struct pb_command *find_command(int argc, char **argv, int *ret_words)
{
	for (size_t i = 0; i < pb_command_count; i++) {
		const struct pb_command *command = &pb_commands[i];
		bool journey = command->noun[0] == '\0';

		if (argc < (journey ? 2 : 3) || (!journey && strcmp(argv[1], command->noun) != 0))
			continue;
		if (strcmp(argv[journey ? 1 : 2], command->verb) != 0)
			continue;
		*ret_words = journey ? 1 : 2;
		return command;
	}
	return NULL;
}

static bool is_noun(const char *word)
{
	for (size_t i = 0; i < pb_command_count; i++) {
		if (word[0] != '\0' && strcmp(pb_commands[i].noun, word) == 0)
			return true;
	}
	return false;
}

/* The verbs of a noun, "create, status". */
static void list_verbs(const char *noun, char *ret_verbs, size_t cap)
{
	size_t used = 0;

	ret_verbs[0] = '\0';
	for (size_t i = 0; i < pb_command_count && used < cap; i++) {
		if (strcmp(pb_commands[i].noun, noun) == 0)
			used += (size_t)snprintf(ret_verbs + used, cap - used, "%s%s", used ? ", " : "", pb_commands[i].verb);
	}
}

static int usage_of_program(const struct pb_call *call, int argc, char **argv)
{
	char verbs[128];

	if (argc < 2) {
		if (!call->json)
			pb_say_help(stderr, NULL);
		return call->json ? pb_say_usage(call, _("name a command")) : pb_status_row(PB_USAGE)->exit_code;
	}
	if (!is_noun(argv[1]))
		return pb_say_usage(call, _("no such command: %s"), argv[1]);
	list_verbs(argv[1], verbs, sizeof(verbs));
	if (argc < 3)
		return pb_say_usage(call, _("%s what? One of: %s"), argv[1], verbs);
	return pb_say_usage(call, _("no such command: %s %s. One of: %s"), argv[1], argv[2], verbs);
}

static int help(const struct pb_call *call, int argc, char **argv)
{
	if (!call->command && argc > 1 && (argc > 2 || !is_noun(argv[1])))
		return usage_of_program(call, argc, argv);
	if (call->command)
		pb_say_command_help(call->command);
	else
		pb_say_help(stdout, argc > 1 ? argv[1] : NULL);
	return PB_EXIT_OK;
}

/* What is not text could neither be said again nor stand in JSON. */
static bool words_are_text(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!pb_text_valid(pb_view_text(argv[i])))
			return false;
	}
	return true;
}

/* --language, then PROFBILET_LANGUAGE; the office's own choice comes when its configuration is read. */
static bool choose_language(const struct pb_call *call, const char *asked, bool *ret_chosen)
{
	const char *environment = getenv("PROFBILET_LANGUAGE");

	if (!asked && environment && environment[0])
		asked = environment;
	*ret_chosen = asked != NULL;
	if (!asked || pb_language_set(asked))
		return pb_language_set(asked ? asked : "ru");
	pb_language_set("ru");
	pb_say_usage(call, _("--language takes ru or en, not %s"), asked);
	return false;
}

static void say_what_is_amiss(const struct pb_config *config)
{
	struct pb_readiness readiness;

	pb_app_check(config, NULL, &readiness); /* nobody is asked for a PIN twice */
	pb_say_readiness(stderr, &readiness);
}

/* A shop that names its trust folder needs no configuration. */
static enum pb_status load_config(struct pb_call *call, struct pb_config *ret_config)
{
	const char *trust = pb_call_has_option(call, "trust") ? pb_call_option(call, "trust") : NULL;

	if (trust && strlen(trust) >= sizeof(ret_config->trust_directory))
		return pb_fail(&call->err, PB_INPUT_INVALID, "the path of the trust folder is too long");
	if (trust && !call->config_named && access(call->config_path, F_OK) != 0)
		pb_config_defaults(call->config_path, ret_config);
	else if (pb_config_load(call->config_path, ret_config, &call->err) != PB_OK)
		return call->err.status;
	if (trust)
		snprintf(ret_config->trust_directory, sizeof(ret_config->trust_directory), "%s", trust);
	return PB_OK;
}

static enum pb_status open_office(struct pb_call *call, bool language_chosen)
{
	static const enum pb_app_use use[] = { [PB_NEEDS_VERIFY] = PB_APP_VERIFY, [PB_NEEDS_READ] = PB_APP_READ,
					       [PB_NEEDS_WRITE] = PB_APP_WRITE, [PB_NEEDS_PUBLISH] = PB_APP_PUBLISH,
					       [PB_NEEDS_SUCCEED] = PB_APP_SUCCEED, [PB_NEEDS_KEYING] = PB_APP_KEYING };
	enum pb_needs needs = call->command->needs;
	struct pb_config config;
	enum pb_status s;

	if (needs == PB_NEEDS_NOTHING)
		return PB_OK;
	s = load_config(call, &config);
	if (s != PB_OK)
		return s;
	if (!language_chosen)
		pb_language_set(config.language);
	call->app.config = config;
	if (needs == PB_NEEDS_CONFIG)
		return PB_OK;
	s = pb_app_open_asking(&config, use[needs], &call->prompt, &call->app, &call->err);
	if (s == PB_NOT_READY)
		say_what_is_amiss(&config);
	return s;
}

static int run(struct pb_call *call, int argc, char **argv, bool language_chosen)
{
	enum pb_status s;
	int code;

	if (!pb_call_read(call, argc, argv))
		return pb_status_row(PB_USAGE)->exit_code;
	s = open_office(call, language_chosen);
	code = s == PB_OK ? call->command->run(call) : pb_say_error(call, NULL, s);
	pb_app_close(&call->app);
	/* A result that did not reach its reader is not a success. */
	if (fflush(stdout) != 0 || ferror(stdout))
		return pb_status_row(PB_FILE_UNWRITABLE)->exit_code;
	return code;
}

int main(int argc, char **argv)
{
	struct pb_call call = { .config_path = "/etc/profbilet/profbilet.conf" };
	const char *config_path, *language;
	int words = 0;
	bool help_asked, language_chosen;

	pb_process_harden();
	config_path = take_value(&argc, argv, "--config");
	language = take_value(&argc, argv, "--language");
	call.json = take_switch(&argc, argv, "--json");
	call.prompt = (struct pb_pin_prompt){ .ask = pb_ask_pin, .spend_last_try = take_switch(&argc, argv, "--last-pin-try") };
	help_asked = take_switch(&argc, argv, "--help");
	if (take_switch(&argc, argv, "--debug"))
		pb_log_set_level(PB_LOG_DEBUG);
	if (config_path)
		call.config_path = config_path;
	call.config_named = config_path != NULL;
	if (!choose_language(&call, language, &language_chosen))
		return pb_status_row(PB_USAGE)->exit_code;
	if (take_switch(&argc, argv, "--version")) {
		puts("profbilet " PROFBILET_VERSION);
		return PB_EXIT_OK;
	}
	if (!words_are_text(argc, argv))
		return pb_say_usage(&call, _("the words are not text in UTF-8"));
	call.command = find_command(argc, argv, &words);
	if (help_asked)
		return help(&call, argc, argv);
	if (!call.command)
		return usage_of_program(&call, argc, argv);
	return run(&call, argc - words, argv + words, language_chosen);
}
