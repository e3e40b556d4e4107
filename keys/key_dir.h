/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names inside a key directory, shared by the code that makes one (keystore_create.c), opens one
 * (keystore.c) and reads its public half (trust.c).
 */
#ifndef PROFBILET_KEYS_KEY_DIR_H
#define PROFBILET_KEYS_KEY_DIR_H

#include "base/bytes.h"

#define PB_KEY_DIR_ISSUER     "issuer.key"
#define PB_KEY_DIR_CHECKPOINT "checkpoint.key"
#define PB_KEY_DIR_ROOT	      "root.key"
#define PB_KEY_DIR_MASTER     "card-master.key"
#define PB_KEY_DIR_PSEUDONYM  "pseudonym.key"

#define PB_KEY_DIR_PUBLIC		"public"
#define PB_KEY_DIR_PUBLIC_ROOT		"root.pem"
#define PB_KEY_DIR_PUBLIC_CHECKPOINT	"checkpoint.pem"
#define PB_KEY_DIR_PUBLIC_STATES	"trust.ini"
#define PB_KEY_DIR_PUBLIC_ISSUER_PREFIX "issuer-"
#define PB_KEY_DIR_PUBLIC_ISSUER_SUFFIX ".pem"

/* "issuer-0123456789abcdef.pem" */
enum { PB_KEY_DIR_ISSUER_NAME = sizeof(PB_KEY_DIR_PUBLIC_ISSUER_PREFIX) + 16 + sizeof(PB_KEY_DIR_PUBLIC_ISSUER_SUFFIX) };
void pb_key_dir_issuer_name(const uint8_t kid[static 8], char ret_name[static PB_KEY_DIR_ISSUER_NAME]);

/* What a sealed secret says it is for.  A test key says so inside its seal. */
enum pb_sealed_use { PB_SEALED_MASTER, PB_SEALED_PSEUDONYM };
const char *pb_sealed_purpose(enum pb_sealed_use use, bool test);

/* 2 to 16 of A-Z, 0-9 and hyphen: what may stand as "iss" in a credential and in a file name. */
bool pb_issuer_code_valid(const char *code);

#endif
