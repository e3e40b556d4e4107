/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The faces of issued cards: what the ledger and the register hold of each becomes pages of one document.
 * The QR code is the credential signed when the card was reserved, and the printed name is the one in it.
 *
 * Not for: the file the document goes to, which is the caller's; only after it is safely there are the
 * cards recorded as printed (pb_ledger_printed).
 */
#ifndef PROFBILET_ISSUER_CORE_FACES_H
#define PROFBILET_ISSUER_CORE_FACES_H

#include "issuer/core/office.h"
#include "print/render.h"

/* How the face of one card went. */
typedef void pb_face_listener(void *context, uint64_t serial, enum pb_status status, const struct pb_err *err);

/* Adds each card to the document that is being drawn.  A card whose face cannot be drawn is told to the
 * listener and left out; a photo that cannot be used leaves the face without one, and is told too
 * (PB_PHOTO_INVALID, and the card is drawn).  ret_drawn[i] says whether serials[i] is in the document.
 * Fails only when nothing more can be drawn. */
PB_MUST_USE enum pb_status pb_faces_draw(const struct pb_office *office, struct pb_render *render, const uint64_t *serials,
					 size_t count, pb_face_listener *listener, void *context, bool *ret_drawn,
					 struct pb_err *err);

#endif
