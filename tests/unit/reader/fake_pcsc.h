/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * PC/SC as a test wants it: the functions of winscard.h, answering from one struct.  An executable that
 * links fake_pcsc.c has these instead of the library's.
 */
#ifndef PROFBILET_TESTS_FAKE_PCSC_H
#define PROFBILET_TESTS_FAKE_PCSC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <winscard.h>

struct fake_pcsc {
	LONG establish, list, status_change, connect, transmit; /* codes to answer with */
	unsigned connect_fails;	      /* how many times `connect` is answered before success; 0: always */
	const char *readers;	      /* double-NUL-terminated */
	DWORD states[8];	      /* what SCardGetStatusChange shows, one after the other, the last again */
	size_t states_n, looks;
	DWORD waited_ms;	      /* that SCardGetStatusChange would have lasted, nothing changing */
	uint8_t answer[300];
	size_t answer_n;
	const char *connected_to;     /* name of the last SCardConnect */
	DWORD share;
	unsigned contexts, connects, transmits;
	LONG last_disposition;
};

extern struct fake_pcsc fake;
/* One reader "Test Reader 00 00" with a contact card, everything succeeds. */
void fake_reset(void);

#endif
