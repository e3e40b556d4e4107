/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading the words of a call by its command's own tables.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/cli/command.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "issuer/ledger/ledger.h"

static size_t find_option(const struct pb_command *command, const char *name)
{
	size_t i = 0;

	while (command->options[i].name && strcmp(command->options[i].name, name) != 0)
		i++;
	return i;
}

/* Takes argv[*at] as an option, and the word after it when it needs one. */
static bool take_option(struct pb_call *call, int argc, char **argv, int *at)
{
	const char *word = argv[*at] + 2, *equals = strchr(word, '=');
	const struct pb_cli_option *option;
	char name[32];
	size_t i;

	snprintf(name, sizeof(name), "%.*s", (int)(equals ? (size_t)(equals - word) : strlen(word)), word);
	i = find_option(call->command, name);
	option = &call->command->options[i];
	if (!option->name)
		return pb_say_usage(call, _("unknown option --%s"), name), false;
	if (!option->value && equals)
		return pb_say_usage(call, _("option --%s takes no value"), name), false;
	if (option->value && !equals && *at + 1 >= argc)
		return pb_say_usage(call, _("option --%s needs a value"), name), false;
	if (!option->value)
		call->options[i] = "";
	else
		call->options[i] = equals ? equals + 1 : argv[++*at];
	return true;
}

bool pb_call_read(struct pb_call *call, int argc, char **argv)
{
	const struct pb_command *command = call->command;
	bool options_over = false;

	for (int at = 1; at < argc; at++) {
		if (!options_over && strcmp(argv[at], "--") == 0) {
			options_over = true;
		} else if (!options_over && strncmp(argv[at], "--", 2) == 0) {
			if (!take_option(call, argc, argv, &at))
				return false;
		} else if (call->word_count < command->words_max) {
			call->words[call->word_count++] = argv[at];
		} else {
			return pb_say_usage(call, _("one word too many: %s"), argv[at]), false;
		}
	}
	if (call->word_count < command->words_min)
		return pb_say_usage(call, _("needs: %s"), _(command->words)), false;
	return true;
}

bool pb_call_has_option(const struct pb_call *call, const char *name)
{
	return call->command->options[find_option(call->command, name)].name != NULL;
}

const char *pb_call_option(const struct pb_call *call, const char *name)
{
	size_t i = find_option(call->command, name);

	if (!call->command->options[i].name)
		PB_BUG("a command asks for an option it does not declare");
	return call->options[i];
}

bool pb_call_switch(const struct pb_call *call, const char *name)
{
	return pb_call_option(call, name) != NULL;
}

bool pb_call_number(const struct pb_call *call, const char *name, long min, long max, long fallback, long *ret_number)
{
	const char *text = pb_call_option(call, name);
	char *end;
	long number;

	if (!text) {
		*ret_number = fallback;
		return true;
	}
	errno = 0;
	number = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || number < min || number > max)
		return pb_say_usage(call, _("--%s takes a whole number from %ld to %ld"), name, min, max), false;
	*ret_number = number;
	return true;
}

bool pb_call_kid(const struct pb_call *call, const char *text, uint8_t ret_kid[static PB_KID_LEN])
{
	size_t n;

	if (strlen(text) == 2 * PB_KID_LEN && pb_hex_decode(text, ret_kid, PB_KID_LEN, &n) && n == PB_KID_LEN)
		return true;
	return pb_say_usage(call, _("%s is not a key id: it has sixteen digits 0-9 a-f"), text), false;
}

bool pb_call_serial(const struct pb_call *call, size_t word, uint64_t *ret_serial)
{
	if (pb_serial_parse(call->words[word], ret_serial))
		return true;
	return pb_say_usage(call, _("%s is not a card serial: it has ten digits"), call->words[word]), false;
}
