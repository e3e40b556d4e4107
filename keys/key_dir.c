/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names inside a key directory.
 */
#include "keys/key_dir.h"

#include <stdio.h>
#include <string.h>

void pb_key_dir_issuer_name(const uint8_t kid[static 8], char ret_name[static PB_KEY_DIR_ISSUER_NAME])
{
	char hex[17];

	pb_hex_encode(pb_view(kid, 8), hex);
	(void)snprintf(ret_name, PB_KEY_DIR_ISSUER_NAME, PB_KEY_DIR_PUBLIC_ISSUER_PREFIX "%s"
		       PB_KEY_DIR_PUBLIC_ISSUER_SUFFIX, hex);
}

const char *pb_sealed_purpose(enum pb_sealed_use use, bool test)
{
	if (use == PB_SEALED_MASTER)
		return test ? "card-master TEST" : "card-master";
	return test ? "pseudonym TEST" : "pseudonym";
}

bool pb_issuer_code_valid(const char *code)
{
	size_t n = strlen(code);

	return n >= 2 && n <= 16 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == n;
}
