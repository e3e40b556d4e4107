/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet-scan: reads the QR codes of photos for whoever started it, over the socket it was given, until that closes.
 * Started by print/scan.c, never by hand.
 */
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/message.h"
#include "base/process.h"
#include "print/confine.h"
#include "print/render_wire.h"
#include "print/scan.h"

enum { IDLE_MS = 3600 * 1000, ENCODINGS = 4 };

/* libzbar asks for these with every code, and the C library would load them from files each time: held open, they are
 * loaded already when files cannot be opened any more. */
static void load_encodings(iconv_t ret_held[static ENCODINGS])
{
	static const char *const names[ENCODINGS] = { "ISO8859-1", "SJIS", "BIG-5", "UTF-8" };

	for (size_t i = 0; i < ENCODINGS; i++)
		ret_held[i] = iconv_open("UTF-8", names[i]);
}

static void let_encodings_go(const iconv_t held[static ENCODINGS])
{
	for (size_t i = 0; i < ENCODINGS; i++)
		if (held[i] != (iconv_t)-1)
			(void)iconv_close(held[i]);
}

static enum pb_status read_photo(const int fds[static PB_MESSAGE_FDS], uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err)
{
	enum pb_status s = fds[0] >= 0 ? pb_read_fd(fds[0], PB_SCAN_PHOTO_MAX, ret_bytes, ret_n, err) :
					 pb_fail(err, PB_MESSAGE_INVALID, "a request without its photo");

	for (size_t i = 0; i < PB_MESSAGE_FDS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return s;
}

static enum pb_status send_answer(enum pb_status status, const struct pb_err *detail, int file, struct pb_err *err)
{
	uint8_t bytes[PB_MESSAGE_MAX];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));

	pb_wire_put_answer(&out, status, status == PB_OK ? "" : detail->msg);
	return pb_message_send_fds(PB_PROCESS_FD, pb_view(bytes, out.n), &file, file >= 0, err);
}

static enum pb_status serve_one(struct pb_scan_text *text, struct pb_err *err)
{
	uint8_t message[PB_MESSAGE_MAX], *photo = NULL;
	int fds[PB_MESSAGE_FDS], made = -1;
	enum pb_render_request request;
	struct pb_err detail = { 0 };
	size_t n, photo_n = 0;
	enum pb_status s = pb_message_receive_fds(PB_PROCESS_FD, pb_deadline_in(IDLE_MS), message, &n, fds, err);

	if (s != PB_OK)
		return s;
	s = read_photo(fds, &photo, &photo_n, &detail);
	if (s == PB_OK && (!pb_wire_read_request(pb_view(message, n), &request) || request != PB_RENDER_PHOTO))
		s = pb_fail(&detail, PB_MESSAGE_INVALID, "a request that makes no sense");
	if (s == PB_OK)
		s = pb_scan_here(pb_view(photo, photo_n), text, &detail);
	if (s == PB_OK)
		s = pb_memory_file(pb_view(text->text, text->n), &made, &detail);
	free(photo);
	s = send_answer(s, &detail, made, err);
	if (made >= 0)
		close(made);
	return s;
}

int main(int argc, char *argv[])
{
	static struct pb_scan_text text;
	iconv_t held[ENCODINGS];
	struct pb_err err = { 0 };
	enum pb_status s;

	(void)argv;
	pb_process_harden();
	if (argc != 1) {
		fprintf(stderr, "profbilet-scan is started by profbilet-audit\n");
		return pb_status_row(PB_USAGE)->exit_code;
	}
	load_encodings(held);
	s = pb_render_confine(&err);
	while (s == PB_OK || s == PB_INTERRUPTED) /* a client may be idle for long */
		s = serve_one(&text, &err);
	let_encodings_go(held);
	return pb_status_row(s == PB_PROCESS_FAILED ? PB_OK : s)->exit_code; /* the other end has closed */
}
