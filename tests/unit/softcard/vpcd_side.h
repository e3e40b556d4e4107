/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The reader's end of the vpcd wire, for tests that listen where a virtual reader would.  Asserts that the
 * card keeps to the wire; a card that hangs up is an outcome.
 */
#ifndef PROFBILET_TESTS_UNIT_SOFTCARD_VPCD_SIDE_H
#define PROFBILET_TESTS_UNIT_SOFTCARD_VPCD_SIDE_H

#include "host.h"

enum vpcd_side_order { VPCD_SIDE_OFF = 0, VPCD_SIDE_ON = 1, VPCD_SIDE_ATR = 4 };

/* On 127.0.0.1; port 0: any.  The socket. */
int vpcd_side_listen(unsigned port, unsigned *ret_port);
/* Waits for the next card and gives it power: from now on the host speaks to it. */
void vpcd_side_accept(struct host *host, int listener);
void vpcd_side_order(const struct host *host, enum vpcd_side_order order);
/* False when the card hung up. */
bool vpcd_side_receive(const struct host *host, uint8_t ret_bytes[static SOFTCARD_ANSWER_MAX], size_t *ret_n);

#endif
