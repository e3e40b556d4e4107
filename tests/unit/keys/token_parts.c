/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See token_parts.h.
 */
#include "tests/unit/keys/token_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cbor.h"
#include "keys/crypto/cose.h"
#include "keys/keystore_remote.h"

void token_must(bool held, const char *what)
{
	if (held)
		return;
	fprintf(stderr, "token_parts: %s\n", what);
	abort();
}

struct pb_p256_private *token_key_of_hex(const char *hex)
{
	uint8_t bytes[PB_P256_SCALAR];
	struct pb_p256_private *key = NULL;
	size_t n;

	token_must(pb_hex_decode(hex, bytes, sizeof(bytes), &n) && pb_p256_private_create(pb_view(bytes, n), &key, NULL) == PB_OK, hex);
	return key;
}

struct pb_p256_private *token_key_of_number(unsigned number)
{
	char hex[2 * PB_P256_SCALAR + 1];

	(void)snprintf(hex, sizeof(hex), "%064x", number);
	return token_key_of_hex(hex);
}

void token_make_root(const struct pb_p256_private *key, int64_t from, struct pb_roots *ret_roots)
{
	enum { LASTS = 5000 * 86400 };
	struct pb_x509_subject subject = { .common_name = "Root of vectors", .organisation = "Test" };

	token_must(pb_x509_make_root(key, &subject, from, from + LASTS, &ret_roots->pinned[0], NULL) == PB_OK, "root");
	ret_roots->count = 1;
}

struct pb_x509 *token_certify(const struct pb_p256_private *root, const struct pb_roots *roots, const struct pb_p256_private *signer,
			      const char *code, const struct pb_x509_issuer_terms *terms)
{
	bool trust = strcmp(terms->purpose, PB_X509_OID_TRUST_LIST) == 0;
	struct pb_x509_subject subject = { .common_name = trust ? "Trust list" : "Status list", .organisation = "Test",
					   .serial_number = code };
	struct pb_p256_public *key = NULL;
	uint8_t point[PB_P256_POINT];
	struct pb_x509 *cert = NULL;

	pb_p256_private_point(signer, point);
	token_must(pb_p256_public_create(PB_VIEW(point), &key, NULL) == PB_OK, "point");
	token_must(pb_x509_make_issuer(root, roots->pinned[0], key, &subject, terms, &cert, NULL) == PB_OK, "certificate");
	pb_p256_public_destroy(key);
	return cert;
}

static enum pb_status sign_list(void *ctx, enum pb_key_role role, struct pb_view bytes, uint8_t ret_sig[static 64],
				struct pb_err *err)
{
	(void)role;
	(void)err;
	pb_p256_sign(ctx, bytes, ret_sig);
	return PB_OK;
}

static void close_nothing(void *ctx)
{
	(void)ctx;
}

const struct pb_keystore *token_store(struct pb_p256_private *signer)
{
	static const struct pb_keystore_remote remote = { .sign_list = sign_list, .close = close_nothing };
	static const struct pb_keystore_facts facts = { .code = "RU-75-TST" };
	static struct pb_keystore *made;

	if (made == NULL)
		token_must(pb_keystore_create_remote(&remote, signer, &facts, &made, NULL) == PB_OK, "store");
	return made;
}

void token_part_set(struct token_part *part, struct pb_view bytes)
{
	token_must(bytes.n <= sizeof(part->bytes), "a part is too long");
	memmove(part->bytes, bytes.p, bytes.n);
	part->n = bytes.n;
}

size_t token_place_of(const struct token_part *part, const struct token_change *change, const char *id)
{
	const uint8_t *found = memmem(part->bytes, part->n, change->find, change->find_n);

	token_must(found != NULL, id);
	return (size_t)(found - part->bytes);
}

static void replace(struct token_part *part, const struct token_change *change, const char *id)
{
	size_t at = token_place_of(part, change, id), rest = part->n - at - change->find_n;

	memmove(part->bytes + at + change->put_n, part->bytes + at + change->find_n, rest);
	memcpy(part->bytes + at, change->put, change->put_n);
	part->n = at + change->put_n + rest;
}

void token_part_sign(const struct pb_p256_private *signer, const struct token_part *header, const struct token_part *payload,
		     struct token_part *ret_token)
{
	struct token_part signs;
	struct pb_view header_view = pb_view(header->bytes, header->n), payload_view = pb_view(payload->bytes, payload->n);
	struct pb_writer writer = pb_writer(signs.bytes, sizeof(signs.bytes));
	uint8_t sig[PB_P256_SIG];

	pb_cose_put_sig_structure(&writer, header_view, pb_view(NULL, 0), payload_view);
	token_must(!writer.full, "Sig_structure");
	pb_p256_sign(signer, pb_view(signs.bytes, writer.n), sig);
	writer = pb_writer(ret_token->bytes, sizeof(ret_token->bytes));
	pb_cose_put_sign1(&writer, header_view, payload_view, PB_VIEW(sig));
	token_must(!writer.full, "token");
	ret_token->n = writer.n;
}

void token_change_before(const struct token_change *change, struct token_part *header, struct token_part *payload, const char *id)
{
	if (change->how == IN_HEADER)
		replace(header, change, id);
	else if (change->how == IN_PAYLOAD)
		replace(payload, change, id);
}

void token_change_after(const struct token_change *change, struct token_part *token, const char *id)
{
	switch (change->how) {
	case IN_TOKEN:
		replace(token, change, id);
		break;
	case APPEND_BYTE:
		token->bytes[token->n++] = 0;
		break;
	case CUT_BYTE:
		token->n--;
		break;
	case SHORT_SIGNATURE:
		token->bytes[--token->n - PB_P256_SIG] = 63;
		break;
	default:
		break;
	}
}
