/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An office as a witness for others: its policy file, its name, and its key in a process that does nothing but cosign
 * (profbilet-keyd --witness), so that it answers while the office issues.  No part of the office's database is opened.
 */
#ifndef PROFBILET_ISSUER_APP_WITNESS_H
#define PROFBILET_ISSUER_APP_WITNESS_H

#include "issuer/app/app.h"
#include "issuer/ledger/witness.h"

struct pb_app_witness {
	struct pb_witness_policy policy;
	struct pb_keystore *keys;
	struct pb_note_key key; /* name and public key */
};

/* [witness] policy of the configuration.  PB_NOT_FOUND when there is no such file, PB_INPUT_INVALID names the line. */
PB_MUST_USE enum pb_status pb_app_witness_policy(const struct pb_config *config, struct pb_witness_policy *ret_policy,
						 struct pb_err *err);

/* PB_NOT_FOUND: this office has no witness key.  `prompt`: NULL when nobody can be asked for a PIN. */
PB_MUST_USE enum pb_status pb_app_witness_open(const struct pb_config *config, const struct pb_pin_prompt *prompt,
					       struct pb_app_witness *ret_witness, struct pb_err *err);
void pb_app_witness_close(struct pb_app_witness *witness);

PB_MUST_USE enum pb_status pb_app_witness_answer(const struct pb_app_witness *witness, struct pb_view request,
						 struct pb_witness_reply *ret_reply, struct pb_err *err);

/* Makes the key and its empty book; `anew` in place of an older one, which whoever has lost its book must do. */
PB_MUST_USE enum pb_status pb_app_witness_begin(const struct pb_config *config, const struct pb_pin_prompt *prompt, bool anew,
						struct pb_err *err);
/* The key's line for others' policies needs no policy of one's own. */
PB_MUST_USE enum pb_status pb_app_witness_key(const struct pb_config *config, const struct pb_pin_prompt *prompt,
					      struct pb_note_key *ret_key, struct pb_err *err);

#endif
