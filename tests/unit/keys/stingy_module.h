/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a test tells the stingy PKCS#11 module what not to do: the test loads it too, and writes into this
 * variable of it (dlsym "stingy").  Where another process loads it, $STINGY names a file with the real module,
 * SoftHSM's configuration, how many uses of a key are left before the token is removed, and perhaps the file with the
 * number of tries of the PIN that are left.
 */
#ifndef PROFBILET_TESTS_UNIT_KEYS_STINGY_MODULE_H
#define PROFBILET_TESTS_UNIT_KEYS_STINGY_MODULE_H

#include <stdbool.h>

#include <p11-kit/pkcs11.h>

enum { STINGY_HIDDEN_MAX = 8, STINGY_TRIES = 3 };

struct stingy {
	const char *module; /* the real one */
	CK_MECHANISM_TYPE hidden[STINGY_HIDDEN_MAX]; /* 0: no more */
	bool long_halves;
	CK_FLAGS token_flags; /* that the token has beside its own */
	CK_FLAGS flags_of_wrong_pin; /* that it gains by a wrong PIN */
	bool no_slots;
	CK_RV removed;	    /* what a token that is gone answers; CKR_OK: it is there */
	unsigned uses_left; /* of keys, before it is gone */
	unsigned logins;
};

#endif
