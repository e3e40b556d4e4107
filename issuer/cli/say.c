/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Errors, help and progress, in the language of the office.
 */
#include "issuer/cli/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "issuer/cli/command.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"

void pb_say_padded(const char *text, size_t letters)
{
	size_t length = pb_text_length(text);

	printf("%s%*s", text, length < letters ? (int)(letters - length) : 0, "");
}

void pb_say_if_none(const struct pb_call *call, size_t count)
{
	if (count == 0 && !call->json)
		fprintf(stderr, "%s\n", _("Nothing found."));
}

/* A terminal may hold half a line of progress: what is said next replaces it. */
static void clear_line(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

void pb_say_trouble(const struct pb_call *call, const char *about, enum pb_status status)
{
	const struct pb_status_row *row = pb_status_row(status);

	clear_line();
	if (about && about[0] != '\0')
		fprintf(stderr, "%s: ", about);
	fprintf(stderr, "%s", _(row->happened));
	if (row->advice[0] != '\0')
		fprintf(stderr, " %s", _(row->advice));
	fputc('\n', stderr);
	if (call->err.msg[0] != '\0')
		fprintf(stderr, _("  Detail: %s\n"), call->err.msg);
}

int pb_say_error(const struct pb_call *call, const char *about, enum pb_status status)
{
	const struct pb_status_row *row = pb_status_row(status);

	pb_say_trouble(call, about, status);
	if (call->json)
		pb_json_error(about, row, call->err.msg);
	return row->exit_code;
}

void pb_say_readiness(FILE *to, const struct pb_readiness *readiness)
{
	for (size_t i = 0; i < readiness->count; i++) {
		const struct pb_unready *found = &readiness->found[i];
		const struct pb_unready_row *row = pb_unready_row(found->code);

		fprintf(to, "%s%s%s %s\n", found->about, found->about[0] ? ": " : "", _(row->sentence), _(row->advice));
	}
}

static void command_name(const struct pb_command *command, char *ret_name, size_t cap)
{
	snprintf(ret_name, cap, "profbilet %s%s%s", command->noun, command->noun[0] ? " " : "", command->verb);
}

int pb_say_usage(const struct pb_call *call, const char *fmt, ...)
{
	const struct pb_status_row *row = pb_status_row(PB_USAGE);
	char name[64] = "profbilet", words[512];
	va_list args;

	if (call->command)
		command_name(call->command, name, sizeof(name));
	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	fprintf(stderr, _("%s: %s\nHelp: %s --help\n"), name, words, name);
	if (call->json)
		pb_json_error(NULL, row, words);
	return row->exit_code;
}

enum { HELP_WIDTH = 80 };

/* Words up to the width, then a new line at the same column. */
static void say_wrapped(FILE *to, const char *sentence, int column)
{
	int at = column;

	while (*sentence) {
		size_t bytes = strcspn(sentence, " ");
		char word[128];
		int letters;

		snprintf(word, sizeof(word), "%.*s", (int)bytes, sentence);
		letters = (int)pb_text_length(word);
		if (at > column && at + 1 + letters > HELP_WIDTH) {
			fprintf(to, "\n%*s", column, "");
			at = column;
		}
		fprintf(to, "%s%s", at > column ? " " : "", word);
		at += letters + (at > column);
		sentence += bytes;
		sentence += strspn(sentence, " ");
	}
	fputc('\n', to);
}

/* One line of a list in help. */
static void say_row(FILE *to, const char *name, int column, const char *sentence)
{
	int length = (int)pb_text_length(name);

	fprintf(to, "  %s%*s ", name, length < column ? column - length : 0, "");
	say_wrapped(to, sentence, column + 3);
}

enum { NAME_COLUMN = 32, OPTION_COLUMN = 28 };

static void say_option(FILE *to, const char *name, const char *value, const char *sentence)
{
	char option[80];

	snprintf(option, sizeof(option), "--%s%s%s", name, value ? " " : "", value ? value : "");
	say_row(to, option, OPTION_COLUMN, sentence);
}

static void say_common_options(FILE *to)
{
	say_option(to, "config", _("FILE"), _("configuration of the office"));
	say_option(to, "json", NULL, _("print the result as one JSON object"));
	say_option(to, "language", "ru|en", _("language of the interface"));
	say_option(to, "last-pin-try", NULL, _("spend the last try of the token's PIN"));
	say_option(to, "debug", NULL, _("tell every step of the program on stderr"));
	say_option(to, "help", NULL, _("this help"));
}

void pb_say_help(FILE *to, const char *noun)
{
	fprintf(to, "%s\n\n%s\n", _("profbilet: issue and verify membership cards"), _("Commands:"));
	for (size_t i = 0; i < pb_command_count; i++) {
		char name[64];

		if (noun && strcmp(pb_commands[i].noun, noun) != 0)
			continue;
		command_name(&pb_commands[i], name, sizeof(name));
		say_row(to, name, NAME_COLUMN, _(pb_commands[i].summary));
	}
	fprintf(to, "\n%s\n", _("Options of every command:"));
	say_common_options(to);
	if (!noun)
		say_option(to, "version", NULL, _("which version this is"));
	fprintf(to, "\n%s\n", _("More about one command: profbilet COMMAND --help; man profbilet"));
}

void pb_say_command_help(const struct pb_command *command)
{
	char name[64];

	command_name(command, name, sizeof(name));
	printf("%s%s%s%s\n\n%s\n", name, command->words[0] ? " " : "", command->words[0] ? _(command->words) : "",
	       command->options[0].name ? _(" [options]") : "", _(command->summary));
	printf("\n%s\n", _("Options:"));
	for (const struct pb_cli_option *o = command->options; o->name; o++)
		say_option(stdout, o->name, o->value ? _(o->value) : NULL, _(o->help));
	say_common_options(stdout);
	printf("\n%s\n%s", _("Examples:"), command->examples);
}

void pb_say_progress(const char *what, unsigned done, unsigned total)
{
	enum { WIDTH = 30 };
	bool terminal = isatty(STDERR_FILENO);
	char bar[3 * WIDTH + 1] = "";
	unsigned filled = total ? WIDTH * done / total : WIDTH;

	if (!terminal && done != total && (done == 0 || done % 10 != 0))
		return;
	for (unsigned i = 0; i < WIDTH; i++)
		memcpy(bar + 3 * i, i < filled ? "█" : "░", sizeof("█"));
	clear_line();
	fprintf(stderr, "%s %s %u/%u%s", what, bar, done, total, done == total || !terminal ? "\n" : "");
	fflush(stderr);
}

void pb_say_progress_over(unsigned done, unsigned total)
{
	if (isatty(STDERR_FILENO) && done != total)
		fputc('\n', stderr);
}
