/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One statement by itself: an office signs a face's and a chip's together, tests often need no more than one.
 */
#ifndef PROFBILET_TESTS_LIB_SIGN_CREDENTIAL_H
#define PROFBILET_TESTS_LIB_SIGN_CREDENTIAL_H

#include <string.h>

#include "keys/keystore.h"

PB_MUST_USE static inline enum pb_status sign_credential(const struct pb_keystore *store, const struct pb_signing_order *order,
							 struct pb_view sig_structure, uint8_t ret_sig[static PB_ES256_LEN],
							 struct pb_err *err)
{
	uint8_t sigs[1][PB_ES256_LEN];
	enum pb_status s = pb_keystore_sign_credentials(store, order, &sig_structure, 1, sigs, err);

	if (s == PB_OK)
		memcpy(ret_sig, sigs[0], sizeof(sigs[0]));
	return s;
}

#endif
