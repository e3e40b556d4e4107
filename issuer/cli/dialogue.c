/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions and answers.  Lines are read byte by byte into memory that is wiped: stdio would keep copies.
 */
#include "issuer/cli/dialogue.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "issuer/cli/language.h"

static volatile sig_atomic_t stopped; /* by a signal, which has nowhere else to say it */

/* read(2) ends, or is not begun: what was made is then cleared away as after any failure. */
static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

enum pb_status pb_dialogue_open(const char *answers, struct pb_dialogue *ret_dialogue, struct pb_err *err)
{
	const struct sigaction ends = { .sa_handler = on_signal };
	const char *path = answers ? answers : "/dev/tty";
	int fd = open(path, (answers ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "%s", path);
	(void)sigaction(SIGINT, &ends, NULL);
	(void)sigaction(SIGTERM, &ends, NULL);
	(void)sigaction(SIGHUP, &ends, NULL);
	*ret_dialogue = (struct pb_dialogue){ fd, answers ? STDERR_FILENO : fd };
	return PB_OK;
}

void pb_dialogue_close(struct pb_dialogue *dialogue)
{
	if (dialogue->in >= 0)
		(void)close(dialogue->in);
	*dialogue = PB_DIALOGUE_NONE;
}

void pb_dialogue_say(const struct pb_dialogue *dialogue, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vdprintf(dialogue->out, fmt, args);
	va_end(args);
}

/* A line longer than any share is cut, and then no share. */
static enum pb_status read_line(const struct pb_dialogue *dialogue, struct pb_share_text *ret_line, struct pb_err *err)
{
	size_t n = 0;
	char c = '\0';

	while (c != '\n') {
		ssize_t got = stopped ? 0 : read(dialogue->in, &c, 1);

		if (got < 0 && errno != EINTR)
			return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "answers");
		if (got <= 0)
			return pb_fail(err, PB_INTERRUPTED, "no answer");
		if (c != '\n' && c != '\r' && n < PB_SHARE_TEXT_MAX)
			ret_line->text[n++] = c;
	}
	ret_line->text[n] = '\0';
	return PB_OK;
}

static bool is_word(const char *line, const char *one, const char *other)
{
	return strcmp(line, one) == 0 || strcmp(line, other) == 0;
}

enum pb_status pb_dialogue_confirm(const struct pb_dialogue *dialogue, const char *question, struct pb_err *err)
{
	PB_SHARE_TEXT line = { 0 };
	PB_SHARE_TEXT folded = { 0 };

	for (;;) {
		enum pb_status s;

		pb_dialogue_say(dialogue, "%s ", question);
		s = read_line(dialogue, &line, err);
		if (s != PB_OK)
			return s;
		if (!pb_text_valid(pb_view_text(line.text)) || !pb_text_fold(line.text, folded.text, sizeof(folded.text)))
			continue;
		if (is_word(folded.text, "да", "yes"))
			return PB_OK;
		if (is_word(folded.text, "нет", "no"))
			return pb_fail(err, PB_INTERRUPTED, "the answer was no");
		pb_dialogue_say(dialogue, "%s\n", _("Answer yes or no, the whole word."));
	}
}

static void say_fault(const struct pb_dialogue *dialogue, enum pb_share_fault fault, size_t position)
{
	static const char *const sentences[] = {
		[PB_SHARE_FORM] = N_("This is not a share: neither its QR code nor its words."),
		[PB_SHARE_LENGTH] = N_("A share has forty words."),
		[PB_SHARE_CHECKSUM] = N_("Every word is one of the list, but the checksum is another: compare all of them with the paper, also their order. Type the share again."),
		[PB_SHARE_VERSION] = N_("This share is of a later version of the program."),
	};

	if (fault == PB_SHARE_WORD)
		pb_dialogue_say(dialogue, _("Word %zu is not in the list. Type this line again.\n"), position);
	else if (fault == PB_SHARE_CHARACTER)
		pb_dialogue_say(dialogue, _("Character %zu of the QR text cannot be there. Scan it again.\n"), position);
	else
		pb_dialogue_say(dialogue, "%s\n", _(sentences[fault]));
}

/* The words so far and a line more; false, and said, when the line has a word that is none. */
static bool add_words(const struct pb_dialogue *dialogue, struct pb_share_text *words, size_t *count,
		      const struct pb_share_text *line)
{
	size_t added, unknown = pb_share_unknown_word(pb_view_text(line->text), &added), n = strlen(words->text);
	int room = (int)(sizeof(words->text) - n);

	if (unknown != 0) {
		say_fault(dialogue, PB_SHARE_WORD, *count + unknown);
		return false;
	}
	if (*count + added > PB_SHARE_WORDS || snprintf(words->text + n, (size_t)room, "%s ", line->text) >= room) {
		words->text[n] = '\0';
		say_fault(dialogue, PB_SHARE_LENGTH, 0);
		return false;
	}
	*count += added;
	return true;
}

/* What was typed does not stay on the screen, nor above it. */
static void clear_screen(const struct pb_dialogue *dialogue)
{
	if (isatty(dialogue->out))
		pb_dialogue_say(dialogue, "%s", "\033[H\033[2J\033[3J");
}

enum pb_status pb_dialogue_share(const struct pb_dialogue *dialogue, struct pb_share *ret_share, struct pb_err *err)
{
	PB_SHARE_TEXT line = { 0 };
	PB_SHARE_TEXT words = { 0 };
	size_t count = 0, position;

	for (;;) {
		enum pb_share_fault fault;
		enum pb_status s;

		pb_dialogue_say(dialogue, _("words from number %zu, or the QR code: "), count + 1);
		s = read_line(dialogue, &line, err);
		if (s != PB_OK)
			return s;
		if (strncmp(line.text, "PBS1:", PB_SHARE_QR_PREFIX) == 0)
			words = line;
		else if (line.text[0] != '\0' && !add_words(dialogue, &words, &count, &line))
			continue;
		else if (line.text[0] != '\0' && count < PB_SHARE_WORDS)
			continue;
		if (line.text[0] != '\0') {
			fault = pb_share_read(pb_view_text(words.text), ret_share, &position);
			clear_screen(dialogue);
			if (fault == PB_SHARE_GOOD)
				return PB_OK;
			say_fault(dialogue, fault, position);
		}
		pb_share_text_wipe(&words);
		count = 0;
	}
}
