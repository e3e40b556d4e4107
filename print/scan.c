/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The client of the scan process: one photo, one answer, the messages of the render process (render_wire.h).
 */
#include "print/scan.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "base/process.h"
#include "print/render_wire.h"

enum { STEP_MS = 20000, FINISH_MS = 500 };

struct pb_scan {
	char *program;
	struct pb_process process;
};

static enum pb_status ensure_process(struct pb_scan *scan, struct pb_err *err)
{
	const char *const argv[] = { scan->program, NULL };

	return scan->process.pid ? PB_OK : pb_process_spawn(argv, &scan->process, err);
}

enum pb_status pb_scan_start(const char *program, struct pb_scan **ret_scan, struct pb_err *err)
{
	struct pb_scan *scan = calloc(1, sizeof(*scan));
	enum pb_status s = PB_OK;

	if (scan != NULL) {
		scan->process = PB_PROCESS_NONE;
		scan->program = strdup(program);
	}
	if (scan == NULL || scan->program == NULL)
		s = pb_fail(err, PB_NO_MEMORY, "scan");
	if (s == PB_OK)
		s = ensure_process(scan, err);
	if (s == PB_OK)
		*ret_scan = scan;
	else
		pb_scan_destroy(scan);
	return s;
}

void pb_scan_destroy(struct pb_scan *scan)
{
	if (scan == NULL)
		return;
	if (scan->process.pid)
		pb_process_finish(&scan->process, FINISH_MS);
	free(scan->program);
	free(scan);
}

static enum pb_status send_photo(const struct pb_scan *scan, struct pb_view file, struct pb_err *err)
{
	uint8_t message[8];
	struct pb_writer out = pb_writer(message, sizeof(message));
	int fd = -1;
	enum pb_status s = pb_memory_file(file, &fd, err);

	if (s != PB_OK)
		return s;
	pb_wire_put_request(&out, PB_RENDER_PHOTO);
	s = pb_message_send_fds(scan->process.fd, pb_view(message, out.n), &fd, 1, err);
	close(fd);
	return s;
}

/* Texts that came from a process which may have been taken over: each must end, and they must be as many as there are. */
static bool take_texts(struct pb_view bytes, struct pb_scan_text *ret_text)
{
	struct pb_scan_text text = { .n = bytes.n };

	if (bytes.n > sizeof(text.text) || (bytes.n > 0 && bytes.p[bytes.n - 1] != '\0'))
		return false;
	if (bytes.n > 0)
		memcpy(text.text, bytes.p, bytes.n);
	for (size_t i = 0; i < bytes.n; i++)
		text.count += text.text[i] == '\0';
	*ret_text = text;
	return true;
}

static enum pb_status read_answer(int fd, struct pb_scan_text *ret_text, struct pb_err *err)
{
	uint8_t *bytes = NULL;
	size_t n = 0;
	enum pb_status s = fd >= 0 ? pb_read_fd(fd, PB_SCAN_TEXT_MAX, &bytes, &n, err) :
				     pb_fail(err, PB_MESSAGE_INVALID, "profbilet-scan: an answer without its file");

	if (s == PB_OK && !take_texts(pb_view(bytes, n), ret_text))
		s = pb_fail(err, PB_MESSAGE_INVALID, "profbilet-scan: texts that make no sense");
	free(bytes);
	return s;
}

static enum pb_status receive(const struct pb_scan *scan, struct pb_scan_text *ret_text, bool *ret_died, struct pb_err *err)
{
	uint8_t message[PB_MESSAGE_MAX];
	int fds[PB_MESSAGE_FDS];
	size_t n;
	enum pb_status s = pb_message_receive_fds(scan->process.fd, pb_deadline_in(STEP_MS), message, &n, fds, err), answer;

	*ret_died = s != PB_OK;
	if (s != PB_OK)
		return s;
	if (!pb_wire_read_answer(pb_view(message, n), &answer, err)) {
		*ret_died = true;
		answer = pb_fail(err, PB_MESSAGE_INVALID, "profbilet-scan: an answer that makes no sense");
	} else if (answer == PB_OK) {
		answer = read_answer(fds[0], ret_text, err);
		*ret_died = answer != PB_OK;
	}
	for (size_t i = 0; i < PB_MESSAGE_FDS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return answer;
}

enum pb_status pb_scan_photo(struct pb_scan *scan, struct pb_view file, struct pb_scan_text *ret_text, struct pb_err *err)
{
	bool died = true;
	enum pb_status s;

	if (file.n == 0)
		return pb_fail(err, PB_PHOTO_INVALID, "photo: an empty file");
	if (file.n > PB_SCAN_PHOTO_MAX)
		return pb_fail(err, PB_PHOTO_INVALID, "photo: larger than 16 MB");
	s = ensure_process(scan, err);
	if (s != PB_OK)
		return s;
	s = send_photo(scan, file, err);
	if (s == PB_OK)
		s = receive(scan, ret_text, &died, err);
	if (!died)
		return s;
	pb_process_kill(&scan->process);
	scan->process = PB_PROCESS_NONE;
	return pb_fail(err, PB_PHOTO_INVALID, "photo: its decoder %s", s == PB_INTERRUPTED ? "did not come to an end" : "broke off");
}
