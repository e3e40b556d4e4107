/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Plays a trace: the file is read whole, and every call must find its line next.  The hostile card
 * stands here too, because it is the same thing with the lines left to a fuzzer.
 */
#include "issuer/reader/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"

enum { TRACE_MAX = 1 << 20 };

struct replay {
	struct pb_reader base;
	char *text;
	char *next; /* the line to play */
	size_t line;
};

struct hostile {
	struct pb_reader base;
	struct pb_cursor answers;
};

static struct replay *replay_of(const struct pb_reader *reader)
{
	return (struct replay *)reader;
}

static enum pb_status list_one(struct pb_reader *reader, struct pb_reader_list *ret_list, struct pb_err *err)
{
	(void)reader;
	(void)err;
	*ret_list = (struct pb_reader_list){ .names = { "replay" }, .count = 1 };
	return PB_OK;
}

/* The next line, NUL-terminated, when it starts with `mark`; NULL and not taken otherwise. */
static char *take_line(struct replay *replay, char mark)
{
	char *line = replay->next, *end = strchr(line, '\n');

	if (*line != mark)
		return NULL;
	replay->next = end ? end + 1 : line + strlen(line);
	replay->line++;
	if (end)
		*end = '\0';
	return line[1] == ' ' ? line + 2 : line + 1;
}

static enum pb_status mismatch(struct replay *replay, const char *what, struct pb_err *err)
{
	return pb_fail(err, PB_CARD_PROTOCOL, "replay: line %zu: %s", replay->line + 1, what);
}

/* A "! status" line, played as that failure. */
static enum pb_status play_failure(struct replay *replay, const char *name, struct pb_err *err)
{
	for (int status = PB_OK + 1; status < PB_STATUS_COUNT; status++)
		if (!strcmp(pb_status_row((enum pb_status)status)->name, name))
			return pb_fail(err, (enum pb_status)status, "replay: line %zu", replay->line);
	replay->line--;
	return mismatch(replay, "an unknown status", err);
}

static enum pb_status play_connect(struct pb_reader *reader, bool changed, struct pb_deadline deadline,
				   struct pb_reader_card *ret_card, struct pb_err *err)
{
	struct replay *replay = replay_of(reader);
	char *line;

	(void)changed;
	(void)deadline;
	line = take_line(replay, '!');
	if (line)
		return play_failure(replay, line, err);
	line = take_line(replay, '+');
	if (!line)
		return *replay->next ? mismatch(replay, "no card was put down here", err) :
				       pb_fail(err, PB_CARD_ABSENT, "replay: the trace is over");
	if (!pb_hex_decode(line, ret_card->atr, sizeof(ret_card->atr), &ret_card->atr_n))
		return mismatch(replay, "not an ATR", err);
	return PB_OK;
}

static bool fits(const char *written, const char *sent)
{
	if (strlen(written) != strlen(sent))
		return false;
	for (; *written; written++, sent++)
		if (*written != '*' && (*written | 0x20) != (*sent | 0x20))
			return false;
	return true;
}

static enum pb_status play_answer(struct replay *replay, uint8_t ret_response[static PB_RESPONSE_MAX], size_t *ret_n,
				  struct pb_err *err)
{
	char *line = take_line(replay, '!');

	if (line)
		return play_failure(replay, line, err);
	line = take_line(replay, '<');
	if (!line)
		return mismatch(replay, "an answer was expected", err);
	for (char *c = line; *c; c++)
		if (*c == '*')
			*c = '0';
	if (!pb_hex_decode(line, ret_response, PB_RESPONSE_MAX, ret_n) || *ret_n < 2)
		return mismatch(replay, "not an answer", err);
	return PB_OK;
}

static enum pb_status play_transmit(struct pb_reader *reader, struct pb_view command,
				    uint8_t ret_response[static PB_RESPONSE_MAX], size_t *ret_n, struct pb_err *err)
{
	struct replay *replay = replay_of(reader);
	char sent[2 * PB_COMMAND_MAX + 1];
	char *written = take_line(replay, '>');

	if (!written)
		return mismatch(replay, "no command was written here", err);
	if (command.n > PB_COMMAND_MAX)
		PB_BUG("a command that is not a short APDU");
	pb_hex_encode(command, sent);
	if (!fits(written, sent)) {
		replay->line--;
		return mismatch(replay, "another command was sent", err);
	}
	return play_answer(replay, ret_response, ret_n, err);
}

static enum pb_status play_eject(struct pb_reader *reader, struct pb_err *err)
{
	return take_line(replay_of(reader), '-') ? PB_OK : mismatch(replay_of(reader), "the card was not let go here", err);
}

static void destroy_replay(struct pb_reader *reader)
{
	free(replay_of(reader)->text);
	free(reader);
}

static const struct pb_reader_ops replay_ops = { list_one, play_connect, play_transmit, play_eject, destroy_replay };

static enum pb_status read_trace(const char *path, char **ret_text, struct pb_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum pb_status s;
	uint8_t *bytes;
	char *text;
	size_t n;

	if (fd < 0)
		return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "%s", path);
	s = pb_read_fd(fd, TRACE_MAX, &bytes, &n, err);
	close(fd);
	if (s != PB_OK)
		return pb_wrap(err, s, "%s", path);
	text = strndup((const char *)bytes, n); /* stops at a NUL: what follows it is not a trace */
	free(bytes);
	if (!text)
		return pb_fail(err, PB_NO_MEMORY, "%s", path);
	*ret_text = text;
	return PB_OK;
}

enum pb_status pb_replay_create(const char *path, struct pb_reader **ret_reader, struct pb_err *err)
{
	struct replay *replay;
	char *text = NULL;
	enum pb_status s = read_trace(path, &text, err);

	if (s != PB_OK)
		return s;
	replay = calloc(1, sizeof(*replay));
	if (!replay) {
		free(text);
		return pb_fail(err, PB_NO_MEMORY, "%s", path);
	}
	*replay = (struct replay){ .base = { .ops = &replay_ops }, .text = text, .next = text };
	*ret_reader = &replay->base;
	return PB_OK;
}

bool pb_replay_finished(const struct pb_reader *reader)
{
	return *replay_of(reader)->next == '\0';
}

/* ---- the hostile card */

static enum pb_status hostile_connect(struct pb_reader *reader, bool changed, struct pb_deadline deadline,
				      struct pb_reader_card *ret_card, struct pb_err *err)
{
	static const uint8_t atr[] = { 0x3B, 0x81, 0x80, 0x01, 0x80, 0x80 }; /* contactless, so that a UID is asked */

	(void)changed;
	(void)deadline;
	if (((struct hostile *)reader)->answers.left == 0)
		return pb_fail(err, PB_CARD_ABSENT, "no answers are left");
	memcpy(ret_card->atr, atr, sizeof(atr));
	ret_card->atr_n = sizeof(atr);
	return PB_OK;
}

static enum pb_status hostile_transmit(struct pb_reader *reader, struct pb_view command,
				       uint8_t ret_response[static PB_RESPONSE_MAX], size_t *ret_n, struct pb_err *err)
{
	struct pb_cursor *answers = &((struct hostile *)reader)->answers;
	struct pb_view answer = { 0 };
	uint8_t n;

	(void)command;
	if (!pb_take_u8(answers, &n) || !pb_take(answers, n < answers->left ? n : answers->left, &answer) || answer.n < 2)
		return pb_fail(err, PB_CARD_REMOVED, "an empty answer");
	memcpy(ret_response, answer.p, answer.n);
	*ret_n = answer.n;
	return PB_OK;
}

static enum pb_status hostile_eject(struct pb_reader *reader, struct pb_err *err)
{
	(void)reader;
	(void)err;
	return PB_OK;
}

static void hostile_destroy(struct pb_reader *reader)
{
	free(reader);
}

static const struct pb_reader_ops hostile_ops = { list_one, hostile_connect, hostile_transmit, hostile_eject,
						  hostile_destroy };

struct pb_reader *pb_replay_create_hostile(struct pb_view bytes)
{
	struct hostile *hostile = calloc(1, sizeof(*hostile));

	if (!hostile)
		return NULL;
	hostile->base.ops = &hostile_ops;
	hostile->answers = pb_cursor(bytes);
	return &hostile->base;
}
