/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asking the person at the terminal for the PIN of a token: on /dev/tty itself, whatever stdin and stdout are,
 * and without an echo.
 *
 * Not for shares and other words of custodians (dialogue.h).
 */
#ifndef PROFBILET_ISSUER_CLI_ASK_PIN_H
#define PROFBILET_ISSUER_CLI_ASK_PIN_H

#include "keys/token.h"

/* For struct pb_pin_prompt; ctx is not used.  PB_KEYS_UNAVAILABLE without a terminal, PB_INTERRUPTED for Ctrl-C
 * and an empty line: then no PIN was tried. */
enum pb_status pb_ask_pin(void *ctx, const struct pb_token_facts *token, struct pb_secret *ret_pin, struct pb_err *err);

#endif
