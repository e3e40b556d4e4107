/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One request, one answer.  A request that cannot be met is answered with its status; only a client that
 * does not keep to the form ends the service.
 */
#include "print/render_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/message.h"
#include "print/photo.h"
#include "print/render_wire.h"

enum { IDLE_MS = 3600 * 1000 };

enum pb_status pb_render_server_open(struct pb_render_server *server, const struct pb_render_options *options,
				     struct pb_err *err)
{
	*server = (struct pb_render_server){ .product = options->product, .unix_time = options->unix_time,
					     .decode = pb_photo_normalise };
	return pb_design_open(options->layout, options->font_directory, &server->design, err);
}

void pb_render_server_close(struct pb_render_server *server)
{
	pb_document_destroy(server->document);
	pb_design_close(server->design);
	*server = (struct pb_render_server){ 0 };
}

enum pb_status pb_render_server_add(struct pb_render_server *server, const struct pb_face *face, struct pb_view photo,
				    struct pb_err *err)
{
	enum pb_status s = PB_OK;

	if (!server->document)
		s = pb_document_create(server->design, server->product, server->unix_time, &server->document, err);
	return s == PB_OK ? pb_document_add(server->document, face, photo, err) : s;
}

enum pb_status pb_render_server_finish(struct pb_render_server *server, uint8_t **ret_pdf, size_t *ret_n,
				       struct pb_err *err)
{
	enum pb_status s;

	if (!server->document)
		return pb_fail(err, PB_NOT_ALLOWED, "a document needs a card");
	s = pb_document_finish(server->document, ret_pdf, ret_n, err);
	pb_document_destroy(server->document);
	server->document = NULL;
	return s;
}

/* ---- requests */

static enum pb_status answer_photo(struct pb_render_server *server, struct pb_view file, int *ret_fd,
				   struct pb_err *err)
{
	struct pb_photo *photo = calloc(1, sizeof(*photo));
	enum pb_status s;

	if (!photo)
		return pb_fail(err, PB_NO_MEMORY, "photo");
	s = server->decode(file, photo, err);
	if (s == PB_OK)
		s = pb_memory_file(pb_view(photo->jpeg, photo->n), ret_fd, err);
	free(photo);
	return s;
}

static enum pb_status answer_add(struct pb_render_server *server, struct pb_view message, struct pb_view photo,
				 struct pb_err *err)
{
	struct pb_wire_face *face = malloc(sizeof(*face));
	enum pb_status s;

	if (!face)
		return pb_fail(err, PB_NO_MEMORY, "face");
	if (pb_wire_read_face(message, face))
		s = pb_render_server_add(server, &face->face, photo, err);
	else
		s = pb_fail(err, PB_MESSAGE_INVALID, "a face that makes no sense");
	free(face);
	return s;
}

static enum pb_status answer_finish(struct pb_render_server *server, int *ret_fd, struct pb_err *err)
{
	uint8_t *pdf = NULL;
	size_t n = 0;
	enum pb_status s = pb_render_server_finish(server, &pdf, &n, err);

	if (s == PB_OK)
		s = pb_memory_file(pb_view(pdf, n), ret_fd, err);
	free(pdf);
	return s;
}

static enum pb_status answer(struct pb_render_server *server, struct pb_view message, struct pb_view file, int *ret_fd,
			     struct pb_err *err)
{
	enum pb_render_request request;

	if (!pb_wire_read_request(message, &request))
		return pb_fail(err, PB_MESSAGE_INVALID, "a request that makes no sense");
	switch (request) {
	case PB_RENDER_PHOTO:
		return answer_photo(server, file, ret_fd, err);
	case PB_RENDER_ADD:
		return answer_add(server, message, file, err);
	case PB_RENDER_FINISH:
		return answer_finish(server, ret_fd, err);
	}
	PB_BUG("a request was read that is none");
}

/* ---- the loop */

static enum pb_status send_answer(int socket, enum pb_status status, const struct pb_err *detail, int file,
				  struct pb_err *err)
{
	uint8_t bytes[PB_MESSAGE_MAX];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));

	pb_wire_put_answer(&out, status, status == PB_OK ? "" : detail->msg);
	return pb_message_send_fds(socket, pb_view(bytes, out.n), &file, file >= 0, err);
}

/* The file beside a request; its absence is an empty file. */
static enum pb_status read_files(const int fds[static PB_MESSAGE_FDS], uint8_t **ret_bytes, size_t *ret_n,
				 struct pb_err *err)
{
	enum pb_status s = fds[0] >= 0 ? pb_read_fd(fds[0], PB_RENDER_PHOTO_MAX, ret_bytes, ret_n, err) : PB_OK;

	for (size_t i = 0; i < PB_MESSAGE_FDS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return s == PB_INPUT_TOO_LARGE ? pb_fail(err, PB_PHOTO_INVALID, "photo: larger than 5 MB") : s;
}

static enum pb_status serve_one(struct pb_render_server *server, int socket, struct pb_err *err)
{
	uint8_t message[PB_MESSAGE_MAX], *bytes = NULL;
	int fds[PB_MESSAGE_FDS], made = -1;
	struct pb_err detail = { 0 };
	size_t n, file_n = 0;
	enum pb_status s = pb_message_receive_fds(socket, pb_deadline_in(IDLE_MS), message, &n, fds, err);

	if (s != PB_OK)
		return s;
	s = read_files(fds, &bytes, &file_n, &detail);
	if (s == PB_OK)
		s = answer(server, pb_view(message, n), pb_view(bytes, file_n), &made, &detail);
	free(bytes);
	s = send_answer(socket, s, &detail, made, err);
	if (made >= 0)
		close(made);
	return s;
}

enum pb_status pb_render_serve(struct pb_render_server *server, int fd, enum pb_status opened,
			       const struct pb_err *opening, struct pb_err *err)
{
	enum pb_status s = send_answer(fd, opened, opening, -1, err);

	while (s == PB_OK || s == PB_INTERRUPTED) /* a client may be idle for long */
		s = opened == PB_OK ? serve_one(server, fd, err) : PB_PROCESS_FAILED;
	return s == PB_PROCESS_FAILED ? PB_OK : s; /* the other end has closed */
}
