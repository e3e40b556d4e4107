/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * PC/SC through pcsc-lite.  Its LONG and DWORD are 64 bits here and stay in this file.  Contexts die
 * with pcscd and handles with the card; both are made anew on the next call, and what happened is said
 * by one table.
 *
 * The card is held in exclusive mode: other programs (gpg's scdaemon, browsers) put their own commands
 * between ours otherwise.
 */
#include "issuer/reader/pcsc.h"

#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>
#include <reader.h>

enum {
	BUSY_PATIENCE_MS = 2000, /* another program usually looks at a new card for a moment */
	MUTE_PATIENCE_MS = 1500, /* a card on its way to the middle of the field */
	RETRY_MS = 100,
	EVENT_COUNT_SHIFT = 16,	 /* pcsc-lite counts insertions and removals in the upper word */
};

struct pcsc {
	struct pb_reader base;
	char wanted[PB_READER_NAME_MAX];
	char name[PB_READER_NAME_MAX]; /* as resolved in this context; "": not yet */
	bool has_context, has_card;
	DWORD events, ejected_events; /* insertions and removals counted when the card was taken, let go */
	SCARDCONTEXT context;
	SCARDHANDLE card;
	DWORD protocol;
	uint8_t answer[MAX_BUFFER_SIZE_EXTENDED]; /* a smaller one would lose the answer to a command done */
};

struct code_row {
	LONG code;
	enum pb_status status;
	const char *name;
};

#define ROW(code, status) { SCARD_##code, PB_##status, #code }
static const struct code_row codes[] = {
	ROW(E_NO_SERVICE, READER_SERVICE),
	ROW(E_SERVICE_STOPPED, READER_SERVICE),
	ROW(E_INVALID_HANDLE, READER_SERVICE), /* pcscd was restarted */
	ROW(E_NO_ACCESS, READER_SERVICE),
	ROW(W_SECURITY_VIOLATION, READER_SERVICE), /* polkit */
	ROW(F_COMM_ERROR, READER_SERVICE),
	ROW(F_INTERNAL_ERROR, READER_SERVICE),
	ROW(E_NO_MEMORY, NO_MEMORY),
	ROW(E_NO_READERS_AVAILABLE, READER_NONE),
	ROW(E_UNKNOWN_READER, READER_GONE),
	ROW(E_READER_UNAVAILABLE, READER_GONE),
	ROW(E_INVALID_VALUE, READER_GONE),
	ROW(E_SHARING_VIOLATION, READER_BUSY),
	ROW(E_TIMEOUT, CARD_ABSENT),
	ROW(E_NO_SMARTCARD, CARD_ABSENT),
	ROW(E_CANCELLED, INTERRUPTED),
	ROW(W_UNRESPONSIVE_CARD, CARD_MUTE),
	ROW(W_UNSUPPORTED_CARD, CARD_MUTE),
	ROW(E_CARD_UNSUPPORTED, CARD_MUTE),
	ROW(E_PROTO_MISMATCH, CARD_MUTE),
	ROW(W_UNPOWERED_CARD, CARD_ABSENT), /* on its way in or out; a broken one is unresponsive */
	ROW(W_REMOVED_CARD, CARD_REMOVED),
	ROW(W_RESET_CARD, CARD_REMOVED),
	ROW(E_NOT_TRANSACTED, CARD_REMOVED),
	ROW(E_COMM_DATA_LOST, CARD_REMOVED),
	ROW(E_INSUFFICIENT_BUFFER, CARD_REMOVED), /* done by the card, the answer lost */
};
#undef ROW

static struct pcsc *pcsc_of(struct pb_reader *reader)
{
	return (struct pcsc *)reader;
}

static void release_card(struct pcsc *pcsc, DWORD disposition)
{
	if (pcsc->has_card)
		SCardDisconnect(pcsc->card, disposition);
	pcsc->has_card = false;
}

static void drop_context(struct pcsc *pcsc)
{
	release_card(pcsc, SCARD_RESET_CARD);
	if (pcsc->has_context)
		SCardReleaseContext(pcsc->context);
	pcsc->has_context = false;
	pcsc->name[0] = '\0';
}

static const struct code_row *find_code(LONG code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code)
			return &codes[i];
	return NULL;
}

/* Says what a PC/SC code means; a dead service takes the context with it. */
static enum pb_status fail(struct pcsc *pcsc, LONG code, const char *call, struct pb_err *err)
{
	const struct code_row *row = find_code(code);
	enum pb_status status = row ? row->status : PB_READER_SERVICE;

	if (status == PB_READER_SERVICE)
		drop_context(pcsc);
	if (row)
		return pb_fail(err, status, "%s: %s", call, row->name);
	return pb_fail(err, status, "%s: PC/SC code %08lX", call, (unsigned long)code & 0xFFFFFFFFUL);
}

static enum pb_status ensure_context(struct pcsc *pcsc, struct pb_err *err)
{
	LONG code;

	if (pcsc->has_context && SCardIsValidContext(pcsc->context) == SCARD_S_SUCCESS)
		return PB_OK;
	drop_context(pcsc);
	code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &pcsc->context);
	if (code != SCARD_S_SUCCESS)
		return fail(pcsc, code, "SCardEstablishContext", err);
	pcsc->has_context = true;
	return PB_OK;
}

/* ---- names */

static enum pb_status list(struct pb_reader *reader, struct pb_reader_list *ret_list, struct pb_err *err)
{
	struct pcsc *pcsc = pcsc_of(reader);
	char names[PB_READERS_MAX * PB_READER_NAME_MAX + 1];
	DWORD n = sizeof(names);
	struct pb_reader_list found = { 0 };
	enum pb_status s = ensure_context(pcsc, err);
	LONG code;

	if (s != PB_OK)
		return s;
	code = SCardListReaders(pcsc->context, NULL, names, &n);
	if (code != SCARD_S_SUCCESS)
		return fail(pcsc, code, "SCardListReaders", err);
	for (const char *name = names; name < names + n && *name; name += strlen(name) + 1) {
		if (found.count == PB_READERS_MAX || strlen(name) >= PB_READER_NAME_MAX)
			break;
		(void)snprintf(found.names[found.count++], PB_READER_NAME_MAX, "%s", name);
	}
	if (found.count == 0)
		return pb_fail(err, PB_READER_NONE, "the list is empty");
	*ret_list = found;
	return PB_OK;
}

/* Length without the " 00 00" that pcscd counts its readers and slots with: it changes as readers are
 * plugged. */
static size_t bare_length(const char *name)
{
	size_t n = strlen(name);

	for (int i = 0; i < 2; i++)
		if (n > 3 && isxdigit((unsigned char)name[n - 1]) && isxdigit((unsigned char)name[n - 2]) && name[n - 3] == ' ')
			n -= 3;
	return n;
}

static bool same_but_for_numbers(const char *a, const char *b)
{
	return bare_length(a) == bare_length(b) && !strncmp(a, b, bare_length(a));
}

static enum pb_status resolve(struct pcsc *pcsc, struct pb_err *err)
{
	struct pb_reader_list known;
	const char *similar = NULL;
	size_t count = 0;
	enum pb_status s = list(&pcsc->base, &known, err);

	if (s != PB_OK)
		return s;
	for (size_t i = 0; i < known.count; i++) {
		if (*pcsc->wanted && !strcmp(known.names[i], pcsc->wanted)) {
			memcpy(pcsc->name, known.names[i], sizeof(pcsc->name));
			return PB_OK;
		}
		if (!*pcsc->wanted || same_but_for_numbers(known.names[i], pcsc->wanted)) {
			similar = known.names[i];
			count++;
		}
	}
	if (count == 0)
		return pb_fail(err, PB_READER_GONE, "no reader \"%s\"", pcsc->wanted);
	if (count > 1)
		return pb_fail(err, PB_READER_CHOICE, "%zu readers fit the name \"%s\"; name one in full", count, pcsc->wanted);
	memcpy(pcsc->name, similar, sizeof(pcsc->name));
	return PB_OK;
}

/* ---- waiting for a card */

struct watch {
	SCARD_READERSTATE reader;
	bool must_change;		/* the card that was ejected does not count */
	struct pb_deadline busy, mute;	/* when patience with these ends; 0: not so now */
};

static bool is_over(struct pb_deadline *patience, bool now, int64_t ms)
{
	if (!now)
		patience->at_ms = 0;
	else if (!patience->at_ms)
		*patience = pb_deadline_in(ms);
	return now && pb_deadline_left(*patience) == 0;
}

/* One look at the reader: blocks until something changes or the time is over.  ret_ready: a card can be
 * connected to now. */
static enum pb_status look(struct pcsc *pcsc, struct watch *watch, struct pb_deadline deadline, bool *ret_ready,
			   struct pb_err *err)
{
	bool waits = watch->busy.at_ms || watch->mute.at_ms;
	int left = pb_deadline_left(deadline);
	LONG code = SCardGetStatusChange(pcsc->context, (DWORD)(waits && left > RETRY_MS ? RETRY_MS : left),
					 &watch->reader, 1);
	DWORD now = watch->reader.dwEventState;
	bool present, mute, busy;

	if (code != SCARD_S_SUCCESS && code != SCARD_E_TIMEOUT)
		return fail(pcsc, code, "SCardGetStatusChange", err);
	if (now & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE | SCARD_STATE_IGNORE))
		return pb_fail(err, PB_READER_GONE, "%s", pcsc->name);
	watch->reader.dwCurrentState = now & ~(DWORD)SCARD_STATE_CHANGED;
	present = now & SCARD_STATE_PRESENT;
	if (!present || now >> EVENT_COUNT_SHIFT != pcsc->ejected_events)
		watch->must_change = false;
	mute = present && (now & SCARD_STATE_MUTE);
	busy = present && (now & (SCARD_STATE_EXCLUSIVE | SCARD_STATE_INUSE));
	if (is_over(&watch->mute, mute, MUTE_PATIENCE_MS))
		return pb_fail(err, PB_CARD_MUTE, "%s", pcsc->name);
	if (is_over(&watch->busy, busy, BUSY_PATIENCE_MS))
		return pb_fail(err, PB_READER_BUSY, "%s", pcsc->name);
	*ret_ready = present && !mute && !busy && !watch->must_change;
	if (!*ret_ready && pb_deadline_left(deadline) == 0)
		return pb_fail(err, busy ? PB_READER_BUSY : mute ? PB_CARD_MUTE : PB_CARD_ABSENT, "%s", pcsc->name);
	return PB_OK;
}

/* Tries once.  PB_CARD_ABSENT, _MUTE and PB_READER_BUSY may pass: pcscd and the card were changing. */
static enum pb_status take_card(struct pcsc *pcsc, struct pb_reader_card *ret_card, struct pb_err *err)
{
	DWORD state, protocol, name_n = 0, atr_n = sizeof(ret_card->atr);
	LONG code = SCardConnect(pcsc->context, pcsc->name, SCARD_SHARE_EXCLUSIVE,
				 SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &pcsc->card, &pcsc->protocol);

	if (code == SCARD_W_REMOVED_CARD)
		code = SCARD_E_NO_SMARTCARD; /* gone before anything was said to it */
	if (code != SCARD_S_SUCCESS)
		return fail(pcsc, code, "SCardConnect", err);
	pcsc->has_card = true;
	code = SCardStatus(pcsc->card, NULL, &name_n, &state, &protocol, ret_card->atr, &atr_n);
	if (code != SCARD_S_SUCCESS) {
		release_card(pcsc, SCARD_RESET_CARD);
		return fail(pcsc, code == SCARD_W_REMOVED_CARD ? SCARD_E_NO_SMARTCARD : code, "SCardStatus", err);
	}
	ret_card->atr_n = (size_t)atr_n;
	return PB_OK;
}

static bool may_pass(enum pb_status status)
{
	return status == PB_CARD_ABSENT || status == PB_CARD_MUTE || status == PB_READER_BUSY;
}

/* Waits for the state to move on, so that a repeated SCardConnect is not a busy loop. */
static void pause_for_change(struct pcsc *pcsc, struct watch *watch, struct pb_deadline deadline)
{
	int left = pb_deadline_left(deadline);

	SCardGetStatusChange(pcsc->context, (DWORD)(left < RETRY_MS ? left : RETRY_MS), &watch->reader, 1);
}

/* Looks the name up once for each context, not for each card. */
static enum pb_status find_reader(struct pcsc *pcsc, struct pb_err *err)
{
	enum pb_status s = ensure_context(pcsc, err);

	return s == PB_OK && !*pcsc->name ? resolve(pcsc, err) : s;
}

static enum pb_status wait_for_card(struct pcsc *pcsc, bool changed, struct pb_deadline deadline,
				    struct pb_reader_card *ret_card, struct pb_err *err)
{
	struct watch watch = { .reader = { .szReader = pcsc->name }, .must_change = changed };
	struct pb_deadline patience = { 0 };
	enum pb_status s = find_reader(pcsc, err);

	while (s == PB_OK) {
		bool ready = false;

		s = look(pcsc, &watch, deadline, &ready, err);
		if (s != PB_OK || !ready)
			continue;
		s = take_card(pcsc, ret_card, err);
		if (s == PB_OK)
			pcsc->events = watch.reader.dwEventState >> EVENT_COUNT_SHIFT;
		if (!may_pass(s) || pb_deadline_left(deadline) == 0)
			break;
		if (s != PB_CARD_ABSENT && is_over(&patience, true, BUSY_PATIENCE_MS))
			break;
		pause_for_change(pcsc, &watch, deadline);
		/* A card changed between two of pcscd's polls leaves no event behind: look anew, do not wait for one. */
		watch.reader.dwCurrentState = SCARD_STATE_UNAWARE;
		s = PB_OK;
	}
	return s;
}

/* A context from before a restart of pcscd fails once, and a name from before a replugging too. */
static enum pb_status connect_card(struct pb_reader *reader, bool changed, struct pb_deadline deadline,
				   struct pb_reader_card *ret_card, struct pb_err *err)
{
	struct pcsc *pcsc = pcsc_of(reader);
	bool may_be_stale = pcsc->has_context;
	enum pb_status s;

	release_card(pcsc, SCARD_RESET_CARD);
	s = wait_for_card(pcsc, changed, deadline, ret_card, err);
	if (may_be_stale && (s == PB_READER_SERVICE || s == PB_READER_GONE)) {
		drop_context(pcsc);
		s = wait_for_card(pcsc, changed, deadline, ret_card, err);
	}
	return s;
}

/* ---- talking to it */

/* A card that does not answer may have lost its reader or its service: ask which. */
static enum pb_status explain_loss(struct pcsc *pcsc, LONG code, struct pb_err *err)
{
	SCARD_READERSTATE now = { .szReader = pcsc->name };
	enum pb_status s;
	LONG asked;

	release_card(pcsc, SCARD_RESET_CARD);
	asked = SCardGetStatusChange(pcsc->context, 0, &now, 1);
	if (asked != SCARD_S_SUCCESS && asked != SCARD_E_TIMEOUT)
		return fail(pcsc, asked, "SCardTransmit", err);
	if (now.dwEventState & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE))
		return pb_fail(err, PB_READER_GONE, "%s", pcsc->name);
	if (code == SCARD_S_SUCCESS)
		return pb_fail(err, PB_CARD_REMOVED, "SCardTransmit: an empty answer");
	s = fail(pcsc, code, "SCardTransmit", err);
	/* "Absent" is for before a command: here the card was there when it began. */
	return s == PB_CARD_ABSENT ? pb_wrap(err, PB_CARD_REMOVED, "no longer there") : s;
}

static enum pb_status transmit(struct pb_reader *reader, struct pb_view command,
			       uint8_t ret_response[static PB_RESPONSE_MAX], size_t *ret_n, struct pb_err *err)
{
	struct pcsc *pcsc = pcsc_of(reader);
	const SCARD_IO_REQUEST *pci = pcsc->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
	DWORD n = sizeof(pcsc->answer);
	LONG code;

	if (!pcsc->has_card)
		return pb_fail(err, PB_CARD_REMOVED, "no card is held");
	code = SCardTransmit(pcsc->card, pci, command.p, command.n, NULL, pcsc->answer, &n);
	if (code != SCARD_S_SUCCESS || n < 2)
		return explain_loss(pcsc, code, err);
	if (n > PB_RESPONSE_MAX)
		return pb_fail(err, PB_CARD_PROTOCOL, "an answer of %lu bytes", (unsigned long)n);
	memcpy(ret_response, pcsc->answer, n);
	*ret_n = n;
	return PB_OK;
}

/* A card that this process does not hold, because another was killed over it, is taken and let go
 * without a word; pcscd may be busy with the other's last command for a while.  That it cannot be taken
 * does not matter: it is then gone or without power already. */
static void take_to_unpower(struct pcsc *pcsc)
{
	struct pb_deadline patience = pb_deadline_in(BUSY_PATIENCE_MS);
	struct pb_reader_card card;

	while (wait_for_card(pcsc, false, pb_deadline_in(0), &card, NULL) == PB_READER_BUSY &&
	       pb_deadline_left(patience) > 0)
		poll(NULL, 0, RETRY_MS);
}

static enum pb_status eject(struct pb_reader *reader, struct pb_err *err)
{
	struct pcsc *pcsc = pcsc_of(reader);

	(void)err;
	if (!pcsc->has_card)
		take_to_unpower(pcsc);
	pcsc->ejected_events = pcsc->events;
	release_card(pcsc, SCARD_UNPOWER_CARD);
	return PB_OK;
}

static void destroy(struct pb_reader *reader)
{
	drop_context(pcsc_of(reader));
	free(reader);
}

static const struct pb_reader_ops ops = { list, connect_card, transmit, eject, destroy };

struct pb_reader *pb_pcsc_create(const char *name)
{
	struct pcsc *pcsc = calloc(1, sizeof(*pcsc));

	if (!pcsc)
		return NULL;
	pcsc->base.ops = &ops;
	(void)snprintf(pcsc->wanted, sizeof(pcsc->wanted), "%s", name);
	return &pcsc->base;
}
