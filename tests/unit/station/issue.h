/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A software card on a station in this process, and the host's part of an issue with published keys,
 * done by hand: what the key store does is not what is tested here.
 */
#ifndef PROFBILET_TESTS_STATION_ISSUE_H
#define PROFBILET_TESTS_STATION_ISSUE_H

#include "issuer/station/station.h"
#include "softcard/softcard.h"

enum { ISSUE_COMMANDS = 14 }; /* of one card, without the one for the UID */

struct bench {
	struct softcard *card;
	struct pb_reader *reader;
	struct pb_station *station;
};

/* Fails the running test on any trouble.  trace_path NULL: no trace. */
void bench_set_up(struct bench *bench, const char *trace_path);
void bench_tear_down(struct bench *bench);

extern const uint8_t issue_credential[100], issue_ndef[40], issue_challenge[32];

/* Session keys from the factory's keys, or from the office's own in `issue_office_key`. */
void issue_open(const struct pb_card_words *words, struct pb_card_session *ret_session);
/* The data of a PUT KEY of three office keys under the factory's, and the receipt for it. */
void issue_put_key(struct pb_card_words *ret_keys);

/* The whole line from offer to seal; stops at the first failure.  ret_image may be NULL. */
enum pb_status issue_run(struct pb_station *station, struct pb_card_image *ret_image, struct pb_err *err);

#endif
