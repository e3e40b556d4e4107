/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The credential decoder: what it accepts, encoded anew from its claims, is the same bytes.
 */
#include <stdlib.h>

#include "issuer/credential/credential.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_view token = pb_view(data, size);
	struct pb_credential credential;
	struct pb_credential_draft draft;
	struct pb_credential_token again;

	if (pb_credential_decode(token, &credential) != PB_FAULT_NONE || credential.unknown_keys > 0)
		return 0;
	enum pb_status status = credential.kind == PB_CREDENTIAL_CHIP ?
					pb_chip_draft(&credential.claims.card, credential.kid, &draft, NULL) :
					pb_face_draft(&credential.claims, credential.kid, &draft, NULL);

	if (status != PB_OK)
		abort();
	pb_credential_seal(&draft, credential.sign1.signature.p, &again);
	if (!pb_view_equal(pb_credential_token_view(&again), token))
		abort();
	return 0;
}
