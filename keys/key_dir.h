/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names inside a key directory, shared by the code that makes one (keystore_create.c), opens one
 * (keystore.c) and reads its public half (trust.c).
 */
#ifndef PROFBILET_KEYS_KEY_DIR_H
#define PROFBILET_KEYS_KEY_DIR_H

#include "base/bytes.h"
#include "keys/crypto/sealed.h"
#include "keys/roles.h"

#define PB_KEY_DIR_ROOT	       "root"
#define PB_KEY_DIR_ROOT_SPARE  "root-spare"
#define PB_KEY_DIR_BACKUP      "backup" /* the custodians', as the roots: keys/crypto/envelope.h */
#define PB_KEY_DIR_SUFFIX      ".key"

#define PB_KEY_DIR_CURRENT     ".current" /* keys/succession.h */
#define PB_KEY_DIR_NEXT	       ".next"

/* "issuer.key", of a role's name (keys/succession.h), a master key's (keys/master_keys.h) or PB_KEY_DIR_ROOT */
enum { PB_KEY_DIR_KEY_NAME = 32 };
void pb_key_dir_key_name(const char *stem, char ret_name[static PB_KEY_DIR_KEY_NAME]);

#define PB_KEY_DIR_PUBLIC		"public"
#define PB_KEY_DIR_PUBLIC_ROOT		"root.pem"
#define PB_KEY_DIR_PUBLIC_ROOT_SPARE	"root-spare.pem"
#define PB_KEY_DIR_PUBLIC_BACKUP	"backup.pem"
#define PB_KEY_DIR_PUBLIC_CHECKPOINT	"checkpoint.pem"
#define PB_KEY_DIR_PUBLIC_SUFFIX	".pem" /* of certificates */

/* In public/, and in every verifier's folder (keys/trust.h). */
#define PB_TRUST_FILE_STEM "trust" /* of .cwt and what stands beside it (keys/list_file.h) */
#define PB_TRUST_FILE_LIST PB_TRUST_FILE_STEM ".cwt"

/* "issuer-0123456789abcdef.pem", of a certified role */
enum { PB_KEY_DIR_CERTIFICATE_NAME = 48 };
void pb_key_dir_certificate_name(enum pb_key_role role, const uint8_t kid[static 8],
				 char ret_name[static PB_KEY_DIR_CERTIFICATE_NAME]);

/* What the sealed secret in the file of that stem says it is for: "card-master-applet-30 TEST".  A test key says
 * so inside its seal. */
void pb_sealed_purpose(const char *stem, bool test, char ret_purpose[static PB_SEALED_PURPOSE_MAX]);

/* 2 to 16 of A-Z, 0-9 and hyphen: what may stand as "iss" in a credential and in a file name. */
bool pb_issuer_code_valid(const char *code);

#endif
