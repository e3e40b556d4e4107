/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One typed, bounded message over a socket pair: the transport.  A message is one deterministic CBOR
 * array (base/cbor.h) of at most PB_MESSAGE_MAX bytes whose first element is its type; its fields are
 * defined beside the two parts that speak (issuer/station/, print/).  Larger things (a photo, a PDF) go
 * as a sealed memory file beside the message.
 */
#ifndef PROFBILET_BASE_MESSAGE_H
#define PROFBILET_BASE_MESSAGE_H

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"

enum { PB_MESSAGE_MAX = 4096, PB_MESSAGE_FDS = 2 };

/* PB_PROCESS_FAILED when the other end is gone. */
PB_MUST_USE enum pb_status pb_message_send(int fd, struct pb_view message, struct pb_err *err);
/* PB_READER_SILENT is never said here: a passed deadline is PB_INTERRUPTED, and the caller names it. */
PB_MUST_USE enum pb_status pb_message_receive(int fd, struct pb_deadline deadline, uint8_t ret_bytes[static PB_MESSAGE_MAX],
					      size_t *ret_n, struct pb_err *err);

/* The same with up to PB_MESSAGE_FDS descriptors; received ones are owned by the caller, -1 where none. */
PB_MUST_USE enum pb_status pb_message_send_fds(int fd, struct pb_view message, const int *fds, size_t fd_count, struct pb_err *err);
PB_MUST_USE enum pb_status pb_message_receive_fds(int fd, struct pb_deadline deadline,
						  uint8_t ret_bytes[static PB_MESSAGE_MAX], size_t *ret_n,
						  int ret_fds[static PB_MESSAGE_FDS], struct pb_err *err);

/* A memory file holding `bytes`, sealed against change. */
PB_MUST_USE enum pb_status pb_memory_file(struct pb_view bytes, int *ret_fd, struct pb_err *err);
/* All of the bytes; false, with errno, when they could not be written. */
bool pb_write_fd(int fd, struct pb_view bytes);
/* Reads a whole regular file, from its current offset, of at most `max` bytes into memory the caller frees;
 * more is PB_INPUT_TOO_LARGE.  A pipe is refused: whoever holds its other end could make us wait for ever. */
PB_MUST_USE enum pb_status pb_read_fd(int fd, size_t max, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err);
/* The same of the file of that name. */
PB_MUST_USE enum pb_status pb_read_path(const char *path, size_t max, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err);

#endif
