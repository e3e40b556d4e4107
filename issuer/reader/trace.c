/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The trace: one write(2) for each line, so that a process killed in the middle leaves whole lines and
 * the command that silenced the card.
 */
#include "issuer/reader/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "issuer/iso7816/apdu.h"

enum {
	LINE_MAX_BYTES = 2 + 2 * (PB_RESPONSE_MAX + PB_COMMAND_MAX) + 2,
	CLA_SM_BITS = 0x0C, /* ISO/IEC 7816-4 5.4.1; GlobalPlatform sets the upper one of them: 84 */
};

struct trace {
	struct pb_reader base;
	struct pb_reader *inner;
	int fd;
};

static struct trace *trace_of(struct pb_reader *reader)
{
	return (struct trace *)reader;
}

/* A trace that cannot be written (full disk) must not stop an issue: the line is lost, nothing else. */
static void write_line(struct trace *trace, const char *line)
{
	if (write(trace->fd, line, strlen(line)) < 0)
		return;
}

static void end_line(struct trace *trace, char *line, char *at)
{
	at[0] = '\n';
	at[1] = '\0';
	write_line(trace, line);
}

static char *append_hex(char *at, struct pb_view bytes)
{
	pb_hex_encode(bytes, at);
	for (char *c = at; *c; c++)
		if (*c >= 'a')
			*c = (char)(*c - 'a' + 'A');
	return at + 2 * bytes.n;
}

static char *append_mask(char *at, size_t bytes)
{
	memset(at, '*', 2 * bytes);
	return at + 2 * bytes;
}

static bool is_masked(const struct pb_apdu *command)
{
	if (command->cla == CLA_GP || command->cla == CLA_GP_SM) {
		if (command->ins == INS_PUT_KEY)
			return true;
		if (command->ins == INS_EXTERNAL_AUTHENTICATE)
			return false;
	}
	return (command->cla & CLA_SM_BITS) && command->cla != 0xFF; /* FF: for the reader */
}

/* Header, Lc and Le in clear; ret_masked: what is between them is not, nor will the answer be. */
static void write_command(struct trace *trace, struct pb_view bytes, bool *ret_masked)
{
	char line[LINE_MAX_BYTES] = "> ", *at = line + 2;
	struct pb_apdu command;

	*ret_masked = !pb_apdu_parse(bytes, &command) || is_masked(&command);
	if (*ret_masked && bytes.n > 5) {
		size_t tail = command.le ? 1 : 0;

		at = append_hex(at, pb_view(bytes.p, 5));
		at = append_mask(at, bytes.n - 5 - tail);
		at = append_hex(at, pb_view(bytes.p + bytes.n - tail, tail));
	} else {
		at = append_hex(at, bytes);
	}
	end_line(trace, line, at);
}

static void write_answer(struct trace *trace, struct pb_view bytes, bool masked)
{
	char line[LINE_MAX_BYTES] = "< ", *at = line + 2;

	if (masked) {
		at = append_mask(at, bytes.n - 2);
		at = append_hex(at, pb_view(bytes.p + bytes.n - 2, 2));
	} else {
		at = append_hex(at, bytes);
	}
	end_line(trace, line, at);
}

static void write_failure(struct trace *trace, enum pb_status status)
{
	char line[64];

	snprintf(line, sizeof(line), "! %s\n", pb_status_row(status)->name);
	write_line(trace, line);
}

static void write_card(struct trace *trace, const struct pb_reader_card *card)
{
	char line[LINE_MAX_BYTES] = "+ ", *at = append_hex(line + 2, pb_view(card->atr, card->atr_n));

	end_line(trace, line, at);
}

static enum pb_status list(struct pb_reader *reader, struct pb_reader_list *ret_list, struct pb_err *err)
{
	return pb_reader_list(trace_of(reader)->inner, ret_list, err);
}

static enum pb_status connect_card(struct pb_reader *reader, bool changed, struct pb_deadline deadline,
				   struct pb_reader_card *ret_card, struct pb_err *err)
{
	struct trace *trace = trace_of(reader);
	enum pb_status s = trace->inner->ops->connect(trace->inner, changed, deadline, ret_card, err);

	if (s == PB_OK)
		write_card(trace, ret_card);
	else
		write_failure(trace, s);
	return s;
}

static enum pb_status transmit(struct pb_reader *reader, struct pb_view command,
			       uint8_t ret_response[static PB_RESPONSE_MAX], size_t *ret_n, struct pb_err *err)
{
	struct trace *trace = trace_of(reader);
	enum pb_status s;
	bool masked;

	write_command(trace, command, &masked);
	s = trace->inner->ops->transmit(trace->inner, command, ret_response, ret_n, err);
	if (s == PB_OK)
		write_answer(trace, pb_view(ret_response, *ret_n), masked);
	else
		write_failure(trace, s);
	return s;
}

static enum pb_status eject(struct pb_reader *reader, struct pb_err *err)
{
	struct trace *trace = trace_of(reader);

	write_line(trace, "-\n");
	return trace->inner->ops->eject(trace->inner, err);
}

static void destroy(struct pb_reader *reader)
{
	struct trace *trace = trace_of(reader);

	pb_reader_destroy(trace->inner);
	close(trace->fd);
	free(trace);
}

static const struct pb_reader_ops ops = { list, connect_card, transmit, eject, destroy };

enum pb_status pb_trace_create(struct pb_reader *inner, const char *path, struct pb_reader **ret_reader,
			       struct pb_err *err)
{
	struct trace *trace = calloc(1, sizeof(*trace));

	if (!trace)
		return pb_fail(err, PB_NO_MEMORY, "trace");
	trace->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (trace->fd < 0) {
		free(trace);
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "%s", path);
	}
	trace->base.ops = &ops;
	trace->inner = inner;
	*ret_reader = &trace->base;
	return PB_OK;
}
