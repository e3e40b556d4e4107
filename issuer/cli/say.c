/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Errors, help and progress, in the language of the office.
 */
#include "issuer/cli/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "issuer/cli/command.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"

void pb_say_trouble(const struct pb_call *call, const char *about, enum pb_status status)
{
	const struct pb_status_row *row = pb_status_row(status);

	if (about)
		fprintf(stderr, "%s: ", about);
	fprintf(stderr, "%s", _(row->happened));
	if (row->advice[0] != '\0')
		fprintf(stderr, " %s", _(row->advice));
	if (call->err.msg[0] != '\0')
		fprintf(stderr, "\n  (%s)", call->err.msg);
	fputc('\n', stderr);
}

int pb_say_error(const struct pb_call *call, const char *about, enum pb_status status)
{
	const struct pb_status_row *row = pb_status_row(status);

	pb_say_trouble(call, about, status);
	if (call->json)
		pb_json_error(about, row, &call->err);
	return row->exit_code;
}

static void command_name(const struct pb_command *command, char *ret_name, size_t cap)
{
	snprintf(ret_name, cap, "profbilet %s%s%s", command->noun, command->noun[0] ? " " : "", command->verb);
}

int pb_say_usage(const struct pb_command *command, const char *fmt, ...)
{
	char name[64] = "profbilet";
	va_list args;

	if (command)
		command_name(command, name, sizeof(name));
	fprintf(stderr, "%s: ", name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, _("\nHelp: %s --help\n"), name);
	return pb_status_row(PB_USAGE)->exit_code;
}

static void say_common_options(void)
{
	printf("  %-24s %s\n", "--config FILE", _("configuration of the office"));
	printf("  %-24s %s\n", "--json", _("print the result as one JSON object"));
	printf("  %-24s %s\n", "--language ru|en", _("language of the interface"));
	printf("  %-24s %s\n", "--help", _("this help"));
}

void pb_say_help(void)
{
	printf("%s\n\n%s\n", _("profbilet: issue and verify membership cards"), _("Commands:"));
	for (size_t i = 0; i < pb_command_count; i++) {
		char name[64];

		command_name(&pb_commands[i], name, sizeof(name));
		printf("  %-32s %s\n", name, _(pb_commands[i].summary));
	}
	printf("\n%s\n", _("Options of every command:"));
	say_common_options();
	printf("\n%s\n", _("More about one command: profbilet COMMAND --help; man profbilet"));
}

void pb_say_command_help(const struct pb_command *command)
{
	char name[64], option[48];

	command_name(command, name, sizeof(name));
	printf("%s%s%s%s\n\n%s\n", name, command->words[0] ? " " : "", command->words,
	       command->options[0].name ? _(" [options]") : "", _(command->summary));
	printf("\n%s\n", _("Options:"));
	for (const struct pb_cli_option *o = command->options; o->name; o++) {
		snprintf(option, sizeof(option), "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
		printf("  %-24s %s\n", option, _(o->help));
	}
	say_common_options();
	printf("\n%s\n%s", _("Examples:"), command->examples);
}

void pb_say_progress(const char *what, unsigned done, unsigned total, bool last)
{
	enum { WIDTH = 30 };
	char bar[3 * WIDTH + 1] = "";
	unsigned filled = total ? WIDTH * done / total : WIDTH;

	if (!isatty(STDERR_FILENO) && !last && (done == 0 || done % 10 != 0))
		return;
	for (unsigned i = 0; i < WIDTH; i++)
		memcpy(bar + 3 * i, i < filled ? "█" : "░", sizeof("█"));
	fprintf(stderr, "%s%s %s %u/%u%s", isatty(STDERR_FILENO) ? "\r" : "", what, bar, done, total,
		last || !isatty(STDERR_FILENO) ? "\n" : "");
	fflush(stderr);
}
