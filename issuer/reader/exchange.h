/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One named step with a card: a command, and its answer taken apart.  The name ("READ BINARY") stands
 * in front of every failure.
 */
#ifndef PROFBILET_ISSUER_READER_EXCHANGE_H
#define PROFBILET_ISSUER_READER_EXCHANGE_H

#include "issuer/iso7816/apdu.h"
#include "issuer/reader/reader.h"

struct pb_answer {
	uint8_t bytes[PB_RESPONSE_MAX];
	struct pb_response response; /* of `bytes`: do not copy the struct */
};

/* Any status word is PB_OK: the caller looks at it. */
PB_MUST_USE enum pb_status pb_exchange(struct pb_reader *reader, const char *step, const struct pb_apdu *command,
				       struct pb_answer *ret_answer, struct pb_err *err);
/* Anything but 9000 is a failure by the table of issuer/iso7816/sw.h. */
PB_MUST_USE enum pb_status pb_exchange_ok(struct pb_reader *reader, const char *step, const struct pb_apdu *command,
					  struct pb_answer *ret_answer, struct pb_err *err);
/* As pb_exchange, with an answer of up to `cap` bytes, from PB_RESPONSE_MAX on; ret_response is a view of `room`. */
PB_MUST_USE enum pb_status pb_exchange_long(struct pb_reader *reader, const char *step, const struct pb_apdu *command,
					    uint8_t *room, size_t cap, struct pb_response *ret_response, struct pb_err *err);
/* SELECT by name with the FCI asked for (ISO/IEC 7816-4 11.1.1). */
PB_MUST_USE enum pb_status pb_exchange_select(struct pb_reader *reader, struct pb_view aid,
					      struct pb_answer *ret_answer, struct pb_err *err);

#endif
