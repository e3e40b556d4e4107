/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names inside a key directory.
 */
#include "keys/key_dir.h"

#include <stdio.h>
#include <string.h>

void pb_key_dir_key_name(const char *stem, char ret_name[static PB_KEY_DIR_KEY_NAME])
{
	(void)snprintf(ret_name, PB_KEY_DIR_KEY_NAME, "%s" PB_KEY_DIR_SUFFIX, stem);
}

void pb_key_dir_certificate_name(enum pb_key_role role, const uint8_t kid[static 8],
				 char ret_name[static PB_KEY_DIR_CERTIFICATE_NAME])
{
	char hex[17];

	pb_hex_encode(pb_view(kid, 8), hex);
	(void)snprintf(ret_name, PB_KEY_DIR_CERTIFICATE_NAME, "%s-%s.pem", pb_key_role_row(role)->name, hex);
}

void pb_sealed_purpose(const char *stem, bool test, char ret_purpose[static PB_SEALED_PURPOSE_MAX])
{
	(void)snprintf(ret_purpose, PB_SEALED_PURPOSE_MAX, "%s%s", stem, test ? " TEST" : "");
}

bool pb_issuer_code_valid(const char *code)
{
	size_t n = strlen(code);

	return n >= 2 && n <= 16 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == n;
}
