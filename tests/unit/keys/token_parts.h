/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signed lists taken apart, changed and put together again past every check, for tests: what trust_cases.c and
 * status_cases.c share.  Whatever does not fit ends the program.
 */
#ifndef PROFBILET_TESTS_UNIT_KEYS_TOKEN_PARTS_H
#define PROFBILET_TESTS_UNIT_KEYS_TOKEN_PARTS_H

#include "keys/crypto/x509.h"
#include "keys/keystore.h"
#include "keys/roots.h"

enum { TOKEN_PART_MAX = 4096 };

void token_must(bool held, const char *what);

/* ---- who signs: keys of published numbers, which anybody has */
struct pb_p256_private *token_key_of_hex(const char *hex);
struct pb_p256_private *token_key_of_number(unsigned number);
void token_make_root(const struct pb_p256_private *key, int64_t from, struct pb_roots *ret_roots);
struct pb_x509 *token_certify(const struct pb_p256_private *root, const struct pb_roots *roots, const struct pb_p256_private *signer,
			      const char *code, const struct pb_x509_issuer_terms *terms);
/* The only store of the program: whatever list it is asked to sign it signs with that key. */
const struct pb_keystore *token_store(struct pb_p256_private *signer);

/* ---- what is changed */
struct token_part {
	uint8_t bytes[TOKEN_PART_MAX];
	size_t n;
};

enum token_how {
	AS_IT_IS,
	IN_HEADER, IN_PAYLOAD, IN_TOKEN, /* the first `find` becomes `put`, which may be longer or shorter */
	APPEND_BYTE, CUT_BYTE, SHORT_SIGNATURE, /* after signing */
	TOKEN_CHANGES /* from here on they are the table's own */
};

struct token_change {
	int how;
	const char *find, *put;
	size_t find_n, put_n;
};

#define TOKEN_CHANGE(how, find, put) { how, find, put, sizeof(find) - 1, sizeof(put) - 1 }

void token_part_set(struct token_part *part, struct pb_view bytes);
size_t token_place_of(const struct token_part *part, const struct token_change *change, const char *id);
void token_change_before(const struct token_change *change, struct token_part *header, struct token_part *payload, const char *id);
void token_part_sign(const struct pb_p256_private *signer, const struct token_part *header, const struct token_part *payload,
		     struct token_part *ret_token);
void token_change_after(const struct token_change *change, struct token_part *token, const char *id);

#endif
