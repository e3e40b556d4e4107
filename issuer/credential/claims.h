/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The claims of PB1 (card-applet-spec/pb1.cddl) and their one encoding.  Both directions are here so that a
 * rule about a claim has one home: issuing encodes and then reads back what it encoded.
 *
 * Internal to issuer/credential/.
 */
#ifndef PROFBILET_ISSUER_CREDENTIAL_CLAIMS_H
#define PROFBILET_ISSUER_CREDENTIAL_CLAIMS_H

#include "issuer/credential/credential.h"

void pb_claims_put_chip(struct pb_writer *writer, const struct pb_card_claims *claims);
void pb_claims_put_face(struct pb_writer *writer, const struct pb_face_claims *claims);
/* Sets kind, claims and unknown_keys; `credential` is of no use after a fault. */
PB_MUST_USE enum pb_credential_fault pb_claims_decode(struct pb_view payload, struct pb_credential *credential);

#endif
