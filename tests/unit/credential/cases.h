/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cases of the published vectors (card-applet-spec/vectors/): tokens that a verifier accepts, and
 * tokens that differ from one of those by one edit and are refused.  make_vectors writes them out and
 * checks what was published against them.
 *
 * Every token is signed over what it holds, edits included, so that the named fault is the only one; only
 * the edits of the finished token leave its signature behind.
 */
#ifndef PROFBILET_TESTS_CREDENTIAL_CASES_H
#define PROFBILET_TESTS_CREDENTIAL_CASES_H

#include "issuer/credential/credential.h"

enum { CASE_TOKEN_MAX = 2048, CASE_EDITS = 2 };

/* Published keys, known to everybody: RFC 6979 A.2.5 signs, RFC 9500 2.3 sits in the chip. */
extern const char case_issuer_scalar[], case_chip_scalar[];

enum case_part { WHOLE_TOKEN, PROTECTED, PAYLOAD };

/* The first place in the part where `find` stands becomes `put`; "" finds the end, "*" the whole. */
struct case_edit {
	enum case_part part;
	const char *find, *put; /* hex */
};

struct accept_case {
	const char *id;
	enum pb_credential_kind kind;
	const char *family; /* of a chip; NULL: bound to the RFC 9500 key */
	const char *binding; /* hex */
	bool high_s;
	struct pb_face_claims claims;
	struct case_edit edits[CASE_EDITS]; /* of the payload; find == NULL: no more */
};

struct refuse_case {
	const char *id;
	const char *of; /* id of an accept case */
	enum pb_credential_fault fault; /* none: it decodes, and the signature does not hold */
	struct case_edit edits[CASE_EDITS];
	bool other_chip, no_aad; /* the verifier met another key, or none */
};

extern const struct accept_case accept_cases[];
extern const size_t accept_case_count;
extern const struct refuse_case refuse_cases[];
extern const size_t refuse_case_count;

/* A signed token; its signature differs from call to call. */
struct built_case {
	uint8_t token[CASE_TOKEN_MAX];
	size_t n;
	struct pb_aad aad; /* as the verifier would make it */
	uint8_t signed_bytes[CASE_TOKEN_MAX];
	size_t signed_n;
};

struct pb_p256_private *case_key(const char *scalar);
void case_point(const char *scalar, uint8_t ret_point[static PB_P256_POINT]);
const struct accept_case *case_by_id(const char *id);
void build_accept_case(const struct accept_case *accept, struct built_case *ret_built);
void build_refuse_case(const struct refuse_case *refuse, struct built_case *ret_built);

#endif
