/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asking a key store what it is, and holding it against a protocol.
 */
#include "issuer/core/key_facts.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keys/crypto/x509.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/keystore.h"

enum { PATH_ROOM = 4096 };

static const char *const names[PB_KEY_FACTS] = {
	[PB_KEY_FACT_ISSUER_CODE] = "issuer-code", [PB_KEY_FACT_KID] = "kid",
	[PB_KEY_FACT_ROOT] = "root-certificate",   [PB_KEY_FACT_ROOT_SPARE] = "root-spare-certificate",
	[PB_KEY_FACT_ISSUER] = "issuer-certificate",
	[PB_KEY_FACT_STATUS_LIST] = "status-list-certificate",
	[PB_KEY_FACT_TRUST_LIST] = "trust-list-certificate",
	[PB_KEY_FACT_CHECKPOINT] = "checkpoint-key", [PB_KEY_FACT_KVN] = "card-kvn",
	[PB_KEY_FACT_KCV] = "card-kcv",
};

static enum pb_status read_certificate(const char *key_directory, const char *name, char ret_text[static PB_KEY_FACT_TEXT],
				       struct pb_err *err)
{
	char directory[PATH_ROOM];
	uint8_t pem[PB_KEY_FILE_MAX], digest[32];
	struct pb_x509 *cert = NULL;
	enum pb_status s;
	size_t n = 0;
	int fd;

	(void)snprintf(directory, sizeof(directory), "%s/" PB_KEY_DIR_PUBLIC, key_directory);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s = pb_key_file_read(fd, name, PB_KEY_FILE_PUBLIC, pem, &n, err);
	if (fd >= 0)
		(void)close(fd);
	if (s == PB_OK)
		s = pb_x509_from_pem(pb_view(pem, n), &cert, err);
	if (s != PB_OK)
		return s;
	pb_x509_fingerprint(cert, digest);
	pb_hex_encode(PB_VIEW(digest), ret_text);
	pb_x509_destroy(cert);
	return PB_OK;
}

static void read_card_keys(const struct pb_keystore *store, struct pb_key_facts *facts)
{
	const struct pb_generation *newest = pb_generation_current(pb_keystore_generations(store), PB_MASTER_APPLET);

	pb_hex_encode(pb_view(&newest->kvn, 1), facts->text[PB_KEY_FACT_KVN]);
	pb_hex_encode(PB_VIEW(newest->kcv), facts->text[PB_KEY_FACT_KCV]);
}

/* Of a role that this office has no key for, nothing. */
static enum pb_status read_signer(const char *key_directory, const struct pb_keystore *store, enum pb_key_role role,
				  char ret_text[static PB_KEY_FACT_TEXT], struct pb_err *err)
{
	char name[PB_KEY_DIR_CERTIFICATE_NAME];
	uint8_t kid[PB_ISSUER_KID_LEN], point[PB_P256_POINT];

	if (role == PB_ROLE_ISSUER)
		pb_keystore_issuer_kid(store, kid);
	else if (pb_keystore_certified_point(store, role, point))
		pb_p256_kid(point, kid);
	else
		return PB_OK;
	pb_key_dir_certificate_name(role, kid, name);
	return read_certificate(key_directory, name, ret_text, err);
}

static enum pb_status read_certificates(const char *key_directory, const struct pb_keystore *store,
					struct pb_key_facts *facts, struct pb_err *err)
{
	static const enum pb_key_fact signers[PB_ROLE_CERTIFIED_COUNT] = {
		[PB_ROLE_ISSUER] = PB_KEY_FACT_ISSUER,
		[PB_ROLE_STATUS_LIST] = PB_KEY_FACT_STATUS_LIST,
		[PB_ROLE_TRUST_LIST] = PB_KEY_FACT_TRUST_LIST,
	};
	enum pb_status s = read_certificate(key_directory, PB_KEY_DIR_PUBLIC_ROOT, facts->text[PB_KEY_FACT_ROOT], err);

	if (s == PB_OK)
		s = read_certificate(key_directory, PB_KEY_DIR_PUBLIC_ROOT_SPARE, facts->text[PB_KEY_FACT_ROOT_SPARE], err);
	for (enum pb_key_role role = 0; s == PB_OK && role < PB_ROLE_CERTIFIED_COUNT; role++)
		s = read_signer(key_directory, store, role, facts->text[signers[role]], err);
	return s;
}

enum pb_status pb_key_facts_of(const struct pb_keystore *store, const char *key_directory, struct pb_key_facts *ret_facts,
			       struct pb_err *err)
{
	struct pb_key_facts facts = { .test = pb_keystore_is_test(store) };
	uint8_t kid[PB_ISSUER_KID_LEN], checkpoint[32];
	enum pb_status s;

	(void)snprintf(facts.text[PB_KEY_FACT_ISSUER_CODE], PB_KEY_FACT_TEXT, "%s", pb_keystore_issuer_code(store));
	pb_keystore_issuer_kid(store, kid);
	pb_hex_encode(PB_VIEW(kid), facts.text[PB_KEY_FACT_KID]);
	pb_keystore_checkpoint_public(store, checkpoint);
	pb_hex_encode(PB_VIEW(checkpoint), facts.text[PB_KEY_FACT_CHECKPOINT]);
	read_card_keys(store, &facts);
	s = read_certificates(key_directory, store, &facts, err);
	if (s == PB_OK)
		*ret_facts = facts;
	return s;
}

enum pb_status pb_key_facts_read(const char *key_directory, const struct pb_secret *passphrase,
				 const struct pb_clock *clock, struct pb_key_facts *ret_facts, struct pb_err *err)
{
	struct pb_keystore_options options = { .clock = clock };
	struct pb_keystore *store = NULL;
	enum pb_status s = pb_keystore_open(key_directory, passphrase, &options, &store, err);

	if (s == PB_OK)
		s = pb_key_facts_of(store, key_directory, ret_facts, err);
	pb_keystore_close(store);
	return s;
}

enum pb_status pb_key_facts_fingerprint(const char *key_directory, enum pb_key_role role, const uint8_t kid[static 8],
					uint8_t ret_digest[static 32], struct pb_err *err)
{
	char name[PB_KEY_DIR_CERTIFICATE_NAME], text[PB_KEY_FACT_TEXT];
	enum pb_status s;
	size_t n;

	pb_key_dir_certificate_name(role, kid, name);
	s = read_certificate(key_directory, name, text, err);
	if (s == PB_OK && !pb_hex_decode(text, ret_digest, 32, &n))
		PB_BUG("a fingerprint of our own");
	return s;
}

const char *pb_key_fact_name(enum pb_key_fact fact)
{
	return names[fact];
}

enum pb_key_fact pb_key_fact_find(const char *name)
{
	enum pb_key_fact fact = 0;

	while (fact < PB_KEY_FACTS && strcmp(names[fact], name) != 0)
		fact++;
	return fact;
}

enum pb_status pb_key_facts_compare(const struct pb_key_facts *protocol, const struct pb_key_facts *found,
				    struct pb_err *err)
{
	if (protocol->test != found->test)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "TEST keys and real ones");
	for (enum pb_key_fact fact = 0; fact < PB_KEY_FACTS; fact++)
		if (strcmp(protocol->text[fact], found->text[fact]) != 0)
			return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s is %s, and %s in the protocol", names[fact],
				       found->text[fact], protocol->text[fact]);
	return PB_OK;
}
