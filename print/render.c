/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The client of the render process.  It keeps the cards of the unfinished document, each with its clean
 * JPEG, so that when a photo kills the process a new one is given them again: a batch loses one photo,
 * never the batch.
 */
#include "print/render.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "base/process.h"
#include "print/render_server.h"
#include "print/render_wire.h"

enum {
	STEP_MS = 5000,
	FINISH_STEPS = 12,  /* a whole document may take as long as so many cards */
	START_STEPS = 4,
	RESTARTS_MAX = 32,  /* more than this is no bad photo but a bad installation */
	FINISH_MS = 500,    /* for leaving by itself */
};

struct kept {
	uint8_t *bytes; /* message, then JPEG */
	size_t message_n, jpeg_n;
};

struct pb_render {
	char *program, *layout, *font_directory;
	enum pb_render_product product;
	int64_t unix_time;
	int step_ms;
	struct pb_process process;
	int restarts;
	struct pb_render_server here; /* when there is no program */
	struct kept card[PB_RENDER_CARDS];
	size_t cards;
};

/* ---- one exchange */

/* Takes the answer's file; `died` tells that the process is gone or not to be trusted any more. */
static enum pb_status receive(struct pb_render *render, int ms, size_t max, uint8_t **ret_file, size_t *ret_n,
			      bool *ret_died, struct pb_err *err)
{
	uint8_t message[PB_MESSAGE_MAX];
	int fds[PB_MESSAGE_FDS];
	size_t n;
	enum pb_status s = pb_message_receive_fds(render->process.fd, pb_deadline_in(ms), message, &n, fds, err), answer;

	if (s != PB_OK)
		return *ret_died = true, s;
	if (!pb_wire_read_answer(pb_view(message, n), &answer, err)) {
		*ret_died = true;
		answer = pb_fail(err, PB_MESSAGE_INVALID, "profbilet-render: an answer that makes no sense");
	} else if (answer == PB_OK && ret_file) {
		answer = fds[0] >= 0 ? pb_read_fd(fds[0], max, ret_file, ret_n, err) :
				       pb_fail(err, PB_MESSAGE_INVALID, "profbilet-render: an answer without its file");
		*ret_died = answer != PB_OK;
	}
	for (size_t i = 0; i < PB_MESSAGE_FDS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return answer;
}

static enum pb_status send_request(struct pb_render *render, struct pb_view message, struct pb_view file,
				   struct pb_err *err)
{
	int fd = -1;
	enum pb_status s = file.n > 0 ? pb_memory_file(file, &fd, err) : PB_OK;

	if (s == PB_OK)
		s = pb_message_send_fds(render->process.fd, message, &fd, fd >= 0, err);
	if (fd >= 0)
		close(fd);
	return s;
}

/* ---- the process */

static enum pb_status spawn(struct pb_render *render, struct pb_err *err)
{
	const char *product = render->product == PB_RENDER_SHEETS ? "sheets" : "cards";
	char time[24];
	const char *const argv[] = { render->program, render->layout, render->font_directory, product, time, NULL };
	bool died = false;
	enum pb_status s;

	snprintf(time, sizeof(time), "%" PRId64, render->unix_time);
	s = pb_process_spawn(argv, &render->process, err);
	if (s == PB_OK)
		s = receive(render, START_STEPS * render->step_ms, 0, NULL, NULL, &died, err);
	if (s != PB_OK)
		pb_process_kill(&render->process);
	return s;
}

static enum pb_status replay(struct pb_render *render, struct pb_err *err)
{
	enum pb_status s = PB_OK;

	for (size_t i = 0; s == PB_OK && i < render->cards; i++) {
		const struct kept *card = &render->card[i];
		bool died = false;

		s = send_request(render, pb_view(card->bytes, card->message_n),
				 pb_view(card->bytes + card->message_n, card->jpeg_n), err);
		if (s == PB_OK)
			s = receive(render, render->step_ms, 0, NULL, NULL, &died, err);
	}
	return s;
}

/* A process that holds the document so far. */
static enum pb_status ensure_process(struct pb_render *render, struct pb_err *err)
{
	enum pb_status s;

	if (render->process.pid)
		return PB_OK;
	if (render->restarts++ > RESTARTS_MAX)
		return pb_fail(err, PB_RENDER_FAILED, "profbilet-render died %d times", RESTARTS_MAX);
	s = spawn(render, err);
	if (s == PB_OK)
		s = replay(render, err);
	if (s != PB_OK)
		pb_process_kill(&render->process);
	return s;
}

static enum pb_status exchange(struct pb_render *render, struct pb_view message, struct pb_view file, int steps,
			       size_t max, uint8_t **ret_file, size_t *ret_n, bool *ret_died, struct pb_err *err)
{
	enum pb_status s = ensure_process(render, err);

	*ret_died = false;
	if (s != PB_OK)
		return s;
	s = send_request(render, message, file, err);
	if (s == PB_OK)
		s = receive(render, steps * render->step_ms, max, ret_file, ret_n, ret_died, err);
	else
		*ret_died = true;
	if (*ret_died)
		pb_process_kill(&render->process);
	return s;
}

/* ---- starting and ending */

static bool copy_options(struct pb_render *render, const struct pb_render_options *options)
{
	render->product = options->product;
	render->unix_time = options->unix_time;
	render->step_ms = options->step_ms > 0 ? options->step_ms : STEP_MS;
	render->process = PB_PROCESS_NONE;
	render->program = options->program ? strdup(options->program) : NULL;
	render->layout = strdup(options->layout);
	render->font_directory = strdup(options->font_directory);
	return (render->program || !options->program) && render->layout && render->font_directory;
}

enum pb_status pb_render_start(const struct pb_render_options *options, struct pb_render **ret_render,
			       struct pb_err *err)
{
	struct pb_render *render = calloc(1, sizeof(*render));
	enum pb_status s;

	if (!render)
		return pb_fail(err, PB_NO_MEMORY, "render");
	if (!copy_options(render, options))
		s = pb_fail(err, PB_NO_MEMORY, "render");
	else if (render->program)
		s = ensure_process(render, err);
	else
		s = pb_render_server_open(&render->here, options, err);
	if (s == PB_OK)
		*ret_render = render;
	else
		pb_render_destroy(render);
	return s;
}

static void forget_cards(struct pb_render *render)
{
	for (size_t i = 0; i < render->cards; i++)
		free(render->card[i].bytes);
	render->cards = 0;
}

void pb_render_destroy(struct pb_render *render)
{
	if (!render)
		return;
	if (render->process.pid)
		pb_process_finish(&render->process, FINISH_MS);
	pb_render_server_close(&render->here);
	forget_cards(render);
	free(render->program);
	free(render->layout);
	free(render->font_directory);
	free(render);
}

/* ---- the three requests */

static enum pb_status ask_for_photo(struct pb_render *render, struct pb_view file, struct pb_photo *ret_photo,
				    struct pb_err *err)
{
	uint8_t message[8], *jpeg = NULL;
	struct pb_writer out = pb_writer(message, sizeof(message));
	size_t n = 0;
	bool died;
	enum pb_status s;

	pb_wire_put_request(&out, PB_RENDER_PHOTO);
	s = exchange(render, pb_view(message, out.n), file, 1, sizeof(ret_photo->jpeg), &jpeg, &n, &died, err);
	if (died)
		return pb_fail(err, PB_PHOTO_INVALID, "photo: its decoder %s",
			       s == PB_INTERRUPTED ? "did not come to an end" : "broke off");
	if (s == PB_OK) {
		memcpy(ret_photo->jpeg, jpeg, n);
		ret_photo->n = n;
	}
	free(jpeg);
	return s;
}

enum pb_status pb_render_photo(struct pb_render *render, struct pb_view file, struct pb_photo *ret_photo,
			       struct pb_err *err)
{
	if (file.n == 0)
		return pb_fail(err, PB_PHOTO_INVALID, "photo: an empty file");
	if (file.n > PB_RENDER_PHOTO_MAX)
		return pb_fail(err, PB_PHOTO_INVALID, "photo: larger than 5 MB");
	if (!render->program)
		return render->here.decode(file, ret_photo, err);
	return ask_for_photo(render, file, ret_photo, err);
}

static enum pb_status keep(struct pb_render *render, struct pb_view message, struct pb_view jpeg, struct pb_err *err)
{
	struct kept card = { malloc(message.n + jpeg.n + 1), message.n, jpeg.n };

	if (!card.bytes)
		return pb_fail(err, PB_NO_MEMORY, "card");
	if (message.n > 0) /* within this process there is nothing to give again */
		memcpy(card.bytes, message.p, message.n);
	if (jpeg.n > 0)
		memcpy(card.bytes + message.n, jpeg.p, jpeg.n);
	render->card[render->cards++] = card;
	return PB_OK;
}

static enum pb_status ask_to_add(struct pb_render *render, const struct pb_face *face, struct pb_view jpeg,
				 struct pb_err *err)
{
	uint8_t message[PB_MESSAGE_MAX];
	struct pb_writer out = pb_writer(message, sizeof(message));
	struct pb_view sent;
	bool died;
	enum pb_status s;

	pb_wire_put_face(&out, face);
	if (!pb_writer_view(&out, &sent))
		return pb_fail(err, PB_NAME_TOO_LONG, "the texts of the face: longer than any card holds");
	s = exchange(render, sent, jpeg, 1, 0, NULL, NULL, &died, err);
	if (died)
		return pb_fail(err, PB_RENDER_FAILED, "profbilet-render %s while it drew",
			       s == PB_INTERRUPTED ? "was silent" : "died");
	if (s == PB_OK)
		s = keep(render, sent, jpeg, err);
	if (s == PB_NO_MEMORY)
		pb_process_kill(&render->process); /* its document may have the card, the next one will not */
	return s;
}

enum pb_status pb_render_add(struct pb_render *render, const struct pb_face *face, const struct pb_photo *photo,
			     struct pb_err *err)
{
	struct pb_view jpeg = photo ? pb_view(photo->jpeg, photo->n) : pb_view(NULL, 0);
	enum pb_status s;

	if (render->cards == PB_RENDER_CARDS)
		return pb_fail(err, PB_NOT_ALLOWED, "a document holds %d cards", PB_RENDER_CARDS);
	if (render->program)
		return ask_to_add(render, face, jpeg, err);
	s = pb_render_server_add(&render->here, face, jpeg, err);
	return s == PB_OK ? keep(render, pb_view(NULL, 0), pb_view(NULL, 0), err) : s;
}

size_t pb_render_count(const struct pb_render *render)
{
	return render->cards;
}

static enum pb_status ask_to_finish(struct pb_render *render, uint8_t **ret_pdf, size_t *ret_n, struct pb_err *err)
{
	uint8_t message[8];
	struct pb_writer out = pb_writer(message, sizeof(message));
	bool died;
	enum pb_status s;

	pb_wire_put_request(&out, PB_RENDER_FINISH);
	s = exchange(render, pb_view(message, out.n), pb_view(NULL, 0), FINISH_STEPS, PB_RENDER_PDF_MAX, ret_pdf, ret_n, &died,
		     err);
	return died ? pb_wrap(err, PB_RENDER_FAILED, "profbilet-render") : s;
}

enum pb_status pb_render_finish(struct pb_render *render, uint8_t **ret_pdf, size_t *ret_n, struct pb_err *err)
{
	enum pb_status s;

	if (render->cards == 0)
		return pb_fail(err, PB_NOT_ALLOWED, "a document needs a card");
	s = render->program ? ask_to_finish(render, ret_pdf, ret_n, err) :
			      pb_render_server_finish(&render->here, ret_pdf, ret_n, err);
	if (s == PB_OK)
		forget_cards(render);
	return s;
}
