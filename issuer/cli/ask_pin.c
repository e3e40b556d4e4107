/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One line, read at once into memory that is wiped.  While it is typed the terminal sends no signals, so that
 * nothing ends the program before the echo is back; Ctrl-C ends the line instead.
 */
#include "issuer/cli/ask_pin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "issuer/cli/language.h"

enum { CTRL_C = 3 };

static void say_question(int terminal, const struct pb_token_facts *token)
{
	if (token->last_try)
		(void)dprintf(terminal, "%s\n", _("This is the last try: a wrong PIN locks the token."));
	else if (token->tries_count_low)
		(void)dprintf(terminal, "%s\n", _("A wrong PIN was given last time: few tries are left."));
	(void)dprintf(terminal, _("PIN of the token %s (serial number %s): "), token->label, token->serial);
}

static enum pb_status read_line(int terminal, struct pb_secret *ret_pin, struct pb_err *err)
{
	char line[PB_SECRET_MAX + 2];
	ssize_t n;
	enum pb_status s = PB_OK;

	do
		n = read(terminal, line, sizeof(line));
	while (n < 0 && errno == EINTR);
	if (n <= 1 || line[n - 1] == CTRL_C)
		s = pb_fail(err, PB_INTERRUPTED, "no PIN was given, and none was tried");
	else if (line[n - 1] != '\n')
		s = pb_fail(err, PB_INPUT_INVALID, "a PIN has 1 to %d bytes; none was tried", PB_SECRET_MAX);
	else
		pb_secret_set(ret_pin, line, (size_t)n - 1);
	pb_wipe(line, sizeof(line));
	return s;
}

static enum pb_status ask(int terminal, const struct pb_token_facts *token, struct pb_secret *ret_pin, struct pb_err *err)
{
	struct termios before, silent;
	enum pb_status s;

	if (tcgetattr(terminal, &before) != 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "/dev/tty");
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ISIG);
	silent.c_lflag |= ICANON;
	silent.c_cc[VEOL] = CTRL_C;
	if (tcsetattr(terminal, TCSAFLUSH, &silent) != 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "/dev/tty");
	say_question(terminal, token);
	s = read_line(terminal, ret_pin, err);
	(void)tcsetattr(terminal, TCSAFLUSH, &before); /* and forgets what was typed beyond */
	(void)dprintf(terminal, "\n");
	return s;
}

enum pb_status pb_ask_pin(void *ctx, const struct pb_token_facts *token, struct pb_secret *ret_pin, struct pb_err *err)
{
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	enum pb_status s;

	(void)ctx;
	if (terminal < 0)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "no file with the PIN is named, systemd has given no credential, and there is no terminal to ask at");
	s = ask(terminal, token, ret_pin, err);
	(void)close(terminal);
	return s;
}
