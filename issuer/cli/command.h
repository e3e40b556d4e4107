/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a subcommand of `profbilet` is: a row of the table in commands.c, with its words, its help, what it
 * needs opened, and one function.  main.c reads the words and opens the office; the command calls core and
 * says the result: to people on stdout in their language, or to programs as JSON (--json), one object.
 * Chatter and errors go to stderr.
 */
#ifndef PROFBILET_ISSUER_CLI_COMMAND_H
#define PROFBILET_ISSUER_CLI_COMMAND_H

#include "issuer/app/app.h"

enum { PB_EXIT_OK = 0, PB_EXIT_NEGATIVE = 1, PB_OPTIONS_MAX = 16, PB_WORDS_MAX = 32 };

/* An option of one command: `--name` or `--name VALUE`. */
struct pb_cli_option {
	const char *name;
	const char *value; /* msgid of the word shown for the value in help; NULL for a switch */
	const char *help;  /* msgid */
};

enum pb_needs {
	PB_NEEDS_NOTHING,
	PB_NEEDS_CONFIG, /* the configuration only */
	PB_NEEDS_VERIFY, /* as enum pb_app_use */
	PB_NEEDS_READ,
	PB_NEEDS_WRITE,
	PB_NEEDS_PUBLISH,
	PB_NEEDS_SUCCEED,
	PB_NEEDS_KEYING,
};

struct pb_command;

/* One run of a command. */
struct pb_call {
	const struct pb_command *command;
	const char *config_path;
	bool config_named; /* by --config */
	bool json;
	struct pb_pin_prompt prompt; /* who is asked for the PIN of a token */
	const char *options[PB_OPTIONS_MAX]; /* by index in command->options; "" for a switch given, NULL otherwise */
	const char *words[PB_WORDS_MAX];     /* positional */
	size_t word_count;
	struct pb_app app; /* opened as the command needs */
	struct pb_err err; /* for the command's use */
};

struct pb_command {
	const char *noun; /* "" for the two journeys: issue, verify */
	const char *verb;
	const char *words;    /* positional words for help, msgid: "FILE", "SERIAL"; "" for none */
	size_t words_min, words_max;
	const char *summary;  /* msgid, one line */
	const char *examples; /* whole lines, not translated */
	const struct pb_cli_option *options; /* ended by a NULL name */
	enum pb_needs needs;
	int (*run)(struct pb_call *call); /* returns the exit code; says everything itself */
};

/* Options may stand anywhere, `--` ends them.  Says what is wrong and returns false when they do not fit. */
bool pb_call_read(struct pb_call *call, int argc, char **argv);
/* Whether the command declares it. */
bool pb_call_has_option(const struct pb_call *call, const char *name);
/* NULL when not given. */
const char *pb_call_option(const struct pb_call *call, const char *name);
bool pb_call_switch(const struct pb_call *call, const char *name);
/* A whole number in bounds, or `fallback` when not given; false (and said) when it is not one. */
bool pb_call_number(const struct pb_call *call, const char *name, long min, long max, long fallback, long *ret_number);
/* The id of an issuer key, 16 hex digits; false (and said) when it is none. */
bool pb_call_kid(const struct pb_call *call, const char *text, uint8_t ret_kid[static PB_KID_LEN]);
/* A card serial from a positional word; false (and said) when it is not one. */
bool pb_call_serial(const struct pb_call *call, size_t word, uint64_t *ret_serial);

extern const struct pb_command pb_commands[];
extern const size_t pb_command_count;

#endif
