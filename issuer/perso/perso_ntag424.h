/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing an NTAG 424 DNA (NXP NT4H2421Gx), step by step.  In this order a card that was torn off shows where it
 * stopped, and what a telephone may read is complete or not there:
 *
 *     session of key 3   credential into file 3, address into file 2
 *     session of key 0   settings of both files, ChangeKey 4, 3, 2, 1, and 0 last: it ends the session
 *
 * Each key is given a version that is not 00, so that GetKeyVersion says without a session, and without an
 * attempt, whether it was changed.  After the settings are changed every reading of file 2 counts as a tap.
 *
 * Sessions are opened and keys changed by ev2_commands.h; no key comes here.
 *
 * Not for: which step is next, which version belongs to which key.  These steps are no row of perso.c yet: its order
 * of calls is that of SCP03, whose host answers before the card has proved anything.
 */
#ifndef PROFBILET_ISSUER_PERSO_PERSO_NTAG424_H
#define PROFBILET_ISSUER_PERSO_PERSO_NTAG424_H

#include "issuer/perso/ev2_commands.h"

enum pb_ntag424_key {
	PB_NTAG424_MASTER = 0,
	PB_NTAG424_TAP_MAC = 1, /* SDMFileRead */
	PB_NTAG424_TAP_UID = 2, /* SDMMetaRead: one for many cards */
	PB_NTAG424_WRITE = 3,	/* of file 3 */
	PB_NTAG424_SPARE = 4,
	PB_NTAG424_KEYS
};

/* The application, which ends a session. */
PB_MUST_USE enum pb_status pb_ntag424_select(struct pb_reader *reader, struct pb_err *err);
/* Whether the files have our settings: file 2 mirrors. */
PB_MUST_USE enum pb_status pb_ntag424_mirrors(struct pb_reader *reader, bool *ret_mirrors, struct pb_err *err);

/* In a session of key 3: pieces that one frame carries, so that none is torn. */
PB_MUST_USE enum pb_status pb_ntag424_write_credential(struct pb_reader *reader, struct pb_ev2_session *session,
						       struct pb_view credential, struct pb_err *err);
/* In the same session: a template of issuer/card/sun.h. */
PB_MUST_USE enum pb_status pb_ntag424_write_ndef(struct pb_reader *reader, struct pb_ev2_session *session,
						 struct pb_view ndef, struct pb_err *err);
/* In a session of key 0: everybody reads, nobody writes file 2, key 3 writes file 3, taps are signed. */
PB_MUST_USE enum pb_status pb_ntag424_set_files(struct pb_reader *reader, struct pb_ev2_session *session,
						struct pb_view ndef, struct pb_err *err);
/* File 3 as anybody reads it once the files are set: CREDENTIAL_MAX bytes, zeroes behind the credential. */
PB_MUST_USE enum pb_status pb_ntag424_read_credential(struct pb_reader *reader, uint8_t ret_file[static 128],
						      struct pb_err *err);

#endif
