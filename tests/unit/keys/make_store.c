/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * make_store DIR: a store of test keys for openssl.sh, passphrase "correct horse", made now.
 */
#include <stdio.h>

#include "keys/keystore.h"

int main(int argc, char **argv)
{
	struct pb_secret passphrase = { 0 };
	struct pb_err err = { 0 };

	if (argc != 2)
		return 2;
	pb_secret_set(&passphrase, "correct horse", 13);
	if (pb_keystore_create_test(argv[1], &passphrase, "RU-75-TST", "Пробная организация", &pb_clock_system, &err) == PB_OK)
		return 0;
	(void)fprintf(stderr, "%s\n", err.msg);
	return 1;
}
