/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The wire to a vpcd virtual reader (vsmartcard): both directions send a length of two bytes, most
 * significant first, and that many bytes.  One byte from the reader is an order, more are a command APDU.
 */
#ifndef PROFBILET_SOFTCARD_VPCD_H
#define PROFBILET_SOFTCARD_VPCD_H

#include "base/bytes.h"
#include "base/err.h"

enum { VPCD_MESSAGE_MAX = 512 };

enum vpcd_event {
	VPCD_CLOSED,	/* the reader is gone, or speaks something else */
	VPCD_POWER_OFF,
	VPCD_POWER_ON,
	VPCD_RESET,
	VPCD_ATR,	/* answer with vpcd_send() */
	VPCD_COMMAND,	/* answer with vpcd_send() */
};

/* Connects to a reader that listens; 127.0.0.1 only.  -1 when nobody does. */
int vpcd_connect(unsigned port);
/* Waits for a reader that connects, on 127.0.0.1. */
PB_MUST_USE enum pb_status vpcd_listen(unsigned port, int *ret_fd, struct pb_err *err);
int vpcd_accept(int listener);

enum vpcd_event vpcd_next(int fd, uint8_t ret_command[static VPCD_MESSAGE_MAX], size_t *ret_n);
/* One write, or the delayed acknowledgement of the peer costs 40 ms. */
bool vpcd_send(int fd, struct pb_view message);

#endif
