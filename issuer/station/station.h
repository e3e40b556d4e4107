/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A card station: one reader, driven by a process of its own, because a PC/SC call cannot be interrupted
 * and a card's bytes must not share memory with a key.  This is what issuer/core/ sees of cards.
 *
 * Each call is one question and one answer over a socket pair, and returns within `step_ms` (plus the
 * time it was told to wait for a card).  When it would not, the process is killed, pcscd lets go of the
 * card, and the call is PB_READER_SILENT; other stations do not notice.  The next pb_station_offer
 * starts a new process; until then every other call is PB_NOT_ALLOWED.
 *
 * A station judges nothing: which card may be written, which keys it has and whether what was read is
 * true are decided by its caller.  It is not thread-safe; one thread per station.  The process dies
 * with the thread that made the call which started it.
 *
 * One card, in order (of our own application 14 card commands and one for the UID):
 *
 *     offer -> begin(FOR_DATA), answer .. -> make_key -> write -> examine -> begin(FOR_KEYS), answer .. -> seal -> eject
 *
 * Errors common to all: PB_READER_SERVICE, PB_READER_GONE, PB_READER_BUSY, PB_READER_SILENT,
 * PB_CARD_ABSENT, PB_CARD_REMOVED, PB_CARD_MUTE, PB_CARD_REFUSED (err->sw set), PB_CARD_FAULT,
 * PB_CARD_PROTOCOL, PB_PROCESS_FAILED, PB_MESSAGE_INVALID.  After PB_CARD_REMOVED and every error of a
 * reader what the card did with the last command is unknown: offer again and look.
 */
#ifndef PROFBILET_ISSUER_STATION_STATION_H
#define PROFBILET_ISSUER_STATION_STATION_H

#include "base/bytes.h"
#include "base/err.h"
#include "issuer/card/card.h"
#include "issuer/perso/perso.h"
#include "issuer/reader/reader.h"

struct pb_station;

enum { PB_STATION_STEP_MS = 10000 };

struct pb_station_options {
	const char *program;	/* path of profbilet-station */
	const char *reader;	/* name as listed; "" or NULL takes the only reader there is */
	const char *trace_path; /* NULL: no trace (issuer/reader/trace.h) */
	int64_t step_ms;	/* 0: PB_STATION_STEP_MS */
};

/* Strings are copied. */
PB_MUST_USE enum pb_status pb_station_start(const struct pb_station_options *options, struct pb_station **ret_station,
					    struct pb_err *err);
/* The same station without a process, over a reader the caller owns: for tests.  No deadlines. */
PB_MUST_USE enum pb_status pb_station_create_local(struct pb_reader *reader, struct pb_station **ret_station,
						   struct pb_err *err);
void pb_station_stop(struct pb_station *station); /* accepts NULL; lets go of a card */

/* The readers of this machine, asked through a short-lived process: a hung pcscd hangs nobody here.
 * Uses program and step_ms.  No reader at all is PB_READER_NONE. */
PB_MUST_USE enum pb_status pb_station_readers(const struct pb_station_options *options,
					      struct pb_reader_list *ret_list, struct pb_err *err);

/* Waits for a card, after pb_station_eject for the next one.  PB_CARD_ABSENT when none came. */
PB_MUST_USE enum pb_status pb_station_offer(struct pb_station *station, int64_t wait_ms,
					    struct pb_card_identity *ret_offer, struct pb_err *err);

/* SELECT when not selected, and the card's first words for the key store (keys/keystore.h).  PB_CARD_SWAPPED when the
 * card calls itself something else than at the first session with the offered card. */
PB_MUST_USE enum pb_status pb_station_begin(struct pb_station *station, enum pb_session_purpose purpose,
					    struct pb_card_words *ret_words, struct pb_err *err);
/* As often as the key store has something to say to it before the session is open. */
PB_MUST_USE enum pb_status pb_station_answer(struct pb_station *station, struct pb_view say,
					     struct pb_card_words *ret_words, struct pb_err *err);
/* Opens the session, once, and has a key made; the key waits on the card and survives a tear. */
PB_MUST_USE enum pb_status pb_station_make_key(struct pb_station *station, const struct pb_card_session *session,
					       uint8_t ret_point[static PB_P256_POINT], struct pb_err *err);
/* Opens the session and no more: to go on with a key that waits, or where the chip has none. */
PB_MUST_USE enum pb_status pb_station_open(struct pb_station *station, const struct pb_card_session *session,
					   struct pb_err *err);
/* Credential and NDEF image, and the commit that makes both and the waiting key valid at once. */
PB_MUST_USE enum pb_status pb_station_write(struct pb_station *station, struct pb_view credential, struct pb_view ndef,
					    struct pb_err *err);
/* As pb_card_examine, on the card offered. */
PB_MUST_USE enum pb_status pb_station_examine(struct pb_station *station, struct pb_view challenge,
					      struct pb_card_image *ret_image, struct pb_err *err);
/* In a session for keys, which this opens: gives the card its keys (from pb_keystore_give_keys; none when empty) and
 * locks it.  Nobody rewrites the card after this. */
PB_MUST_USE enum pb_status pb_station_seal(struct pb_station *station, const struct pb_card_session *session,
					   struct pb_view keys, struct pb_err *err);
/* In a session for keys: keys for a card that is locked already, and nothing else. */
PB_MUST_USE enum pb_status pb_station_rekey(struct pb_station *station, const struct pb_card_session *session,
					    struct pb_view keys, struct pb_err *err);
/* In a session for keys: the application wipes itself for good. */
PB_MUST_USE enum pb_status pb_station_terminate(struct pb_station *station, const struct pb_card_session *session,
						struct pb_err *err);
/* As pb_chip_inspect, on the card offered, between the steps above or instead of them: nothing is written, no key is
 * tried. */
PB_MUST_USE enum pb_status pb_station_inspect(struct pb_station *station, struct pb_chip *ret_chip, struct pb_err *err);
/* Done with this card, well or ill.  Returns when it was asked: what the reader says to it is waited for with the next
 * call, and a process that is late with it is killed there. */
PB_MUST_USE enum pb_status pb_station_eject(struct pb_station *station, struct pb_err *err);

#endif
