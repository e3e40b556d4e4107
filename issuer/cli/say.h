/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Saying things: errors as sentences of the status table, help from the command tables, results as lines
 * or as one JSON object.  The only place of the command that writes to stdout and stderr.
 */
#ifndef PROFBILET_ISSUER_CLI_SAY_H
#define PROFBILET_ISSUER_CLI_SAY_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"

struct pb_call;
struct pb_command;
struct pb_readiness;

/* "<what happened>: <what to do> [detail]" on stderr (and {"error":…} on stdout with --json).
 * `about` names the card or member it happened to, NULL for none; the detail is call->err.  Returns the
 * exit code. */
int pb_say_error(const struct pb_call *call, const char *about, enum pb_status status);
/* The same sentence, of one card or member among many: the command goes on, and no JSON is printed. */
void pb_say_trouble(const struct pb_call *call, const char *about, enum pb_status status);
/* Each finding with what to do, a line each; nothing when there is none. */
void pb_say_readiness(FILE *to, const struct pb_readiness *readiness);
/* What is wrong with the words, and how to get help.  Returns the exit code of PB_USAGE. */
int pb_say_usage(const struct pb_call *call, const char *fmt, ...) PB_PRINTF(2, 3);
/* Help of the whole program or, with a noun, of its commands; and of one command. */
void pb_say_help(FILE *to, const char *noun);
void pb_say_command_help(const struct pb_command *command);

/* A progress line on stderr, rewritten in place on a terminal and every tenth time elsewhere. */
void pb_say_progress(const char *what, unsigned done, unsigned total);
/* Ends the line of a progress that did not come to its end. */
void pb_say_progress_over(unsigned done, unsigned total);

/* The list that was asked for is empty: told to people, on stderr, so that silence never has to be read. */
void pb_say_if_none(const struct pb_call *call, size_t count);

/* The text, and blanks up to that many letters: printf counts bytes, and Russian letters have two. */
void pb_say_padded(const char *text, size_t letters);

#endif
