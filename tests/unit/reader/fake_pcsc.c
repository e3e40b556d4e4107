/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See fake_pcsc.h.
 */
#include "tests/unit/reader/fake_pcsc.h"

#include <string.h>

struct fake_pcsc fake;

void fake_reset(void)
{
	fake = (struct fake_pcsc){ .readers = "Test Reader 00 00\0", .states = { SCARD_STATE_PRESENT }, .states_n = 1,
				   .answer = { 0x90, 0x00 }, .answer_n = 2 };
}

LONG SCardEstablishContext(DWORD scope, LPCVOID reserved1, LPCVOID reserved2, LPSCARDCONTEXT context)
{
	(void)scope;
	(void)reserved1;
	(void)reserved2;
	*context = (SCARDCONTEXT)++fake.contexts;
	return fake.establish;
}

LONG SCardReleaseContext(SCARDCONTEXT context)
{
	(void)context;
	return SCARD_S_SUCCESS;
}

LONG SCardIsValidContext(SCARDCONTEXT context)
{
	(void)context;
	return SCARD_S_SUCCESS;
}

LONG SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR names, LPDWORD n)
{
	size_t total = 1;

	(void)groups;
	/* As after a restart of pcscd: a code is answered to the first context only. */
	if (fake.list != SCARD_S_SUCCESS && (context == 1 || fake.list == SCARD_E_NO_READERS_AVAILABLE))
		return fake.list;
	for (const char *name = fake.readers; *name; name += strlen(name) + 1)
		total += strlen(name) + 1;
	if (total > *n)
		return SCARD_E_INSUFFICIENT_BUFFER;
	memcpy(names, fake.readers, total);
	*n = total;
	return SCARD_S_SUCCESS;
}

static bool is_known(const char *reader)
{
	for (const char *name = fake.readers; *name; name += strlen(name) + 1)
		if (!strcmp(name, reader))
			return true;
	return false;
}

LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE *readers, DWORD count)
{
	size_t at = fake.looks < fake.states_n ? fake.looks : fake.states_n - 1;

	(void)count;
	/* The real one waits for as long when nothing is different from what the caller knows. */
	if (readers[0].dwCurrentState == fake.states[at])
		fake.waited_ms += timeout;
	if (fake.list == SCARD_E_SERVICE_STOPPED && context == 1)
		return fake.list;
	if (!is_known(readers[0].szReader))
		return SCARD_E_UNKNOWN_READER;
	fake.looks++;
	readers[0].dwEventState = fake.states[at] | SCARD_STATE_CHANGED;
	return fake.status_change;
}

LONG SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD share, DWORD protocols, LPSCARDHANDLE card,
		  LPDWORD protocol)
{
	(void)context;
	(void)protocols;
	fake.connected_to = reader;
	fake.share = share;
	fake.connects++;
	if (fake.connect != SCARD_S_SUCCESS && (!fake.connect_fails || fake.connects <= fake.connect_fails))
		return fake.connect;
	*card = 1;
	*protocol = SCARD_PROTOCOL_T1;
	return SCARD_S_SUCCESS;
}

LONG SCardStatus(SCARDHANDLE card, LPSTR name, LPDWORD name_n, LPDWORD state, LPDWORD protocol, LPBYTE atr,
		 LPDWORD atr_n)
{
	static const uint8_t contact[] = { 0x3B, 0x02, 0x14, 0x50 };

	(void)card;
	(void)name;
	(void)name_n;
	*state = 0;
	*protocol = SCARD_PROTOCOL_T1;
	memcpy(atr, contact, sizeof(contact));
	*atr_n = sizeof(contact);
	return SCARD_S_SUCCESS;
}

LONG SCardDisconnect(SCARDHANDLE card, DWORD disposition)
{
	(void)card;
	fake.last_disposition = (LONG)disposition;
	return SCARD_S_SUCCESS;
}

LONG SCardTransmit(SCARDHANDLE card, const SCARD_IO_REQUEST *send_pci, LPCBYTE command, DWORD command_n,
		   SCARD_IO_REQUEST *receive_pci, LPBYTE answer, LPDWORD answer_n)
{
	(void)card;
	(void)send_pci;
	(void)command;
	(void)command_n;
	(void)receive_pci;
	fake.transmits++;
	if (fake.transmit != SCARD_S_SUCCESS)
		return fake.transmit;
	memcpy(answer, fake.answer, fake.answer_n);
	*answer_n = fake.answer_n;
	return SCARD_S_SUCCESS;
}
