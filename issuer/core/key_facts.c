/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asking a key store what it is, and holding it against a protocol.
 */
#include "issuer/core/key_facts.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ini.h"
#include "keys/crypto/x509.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/keystore.h"

enum { PATH_ROOM = 4096 };

static const char *const names[PB_KEY_FACTS] = {
	[PB_KEY_FACT_ISSUER_CODE] = "issuer-code", [PB_KEY_FACT_KID] = "kid",
	[PB_KEY_FACT_ROOT] = "root-certificate",   [PB_KEY_FACT_ROOT_SPARE] = "root-spare-certificate",
	[PB_KEY_FACT_ISSUER] = "issuer-certificate",
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

static enum pb_status read_store(const char *key_directory, const struct pb_keystore *store, struct pb_key_facts *facts,
				 struct pb_err *err)
{
	char issuer_name[PB_KEY_DIR_CERTIFICATE_NAME];
	uint8_t kid[PB_ISSUER_KID_LEN], checkpoint[32];
	enum pb_status s;

	facts->test = pb_keystore_is_test(store);
	(void)snprintf(facts->text[PB_KEY_FACT_ISSUER_CODE], PB_KEY_FACT_TEXT, "%s", pb_keystore_issuer_code(store));
	pb_keystore_issuer_kid(store, kid);
	pb_hex_encode(PB_VIEW(kid), facts->text[PB_KEY_FACT_KID]);
	pb_keystore_checkpoint_public(store, checkpoint);
	pb_hex_encode(PB_VIEW(checkpoint), facts->text[PB_KEY_FACT_CHECKPOINT]);
	pb_key_dir_certificate_name(PB_ROLE_ISSUER, kid, issuer_name);
	read_card_keys(store, facts);
	s = read_certificate(key_directory, PB_KEY_DIR_PUBLIC_ROOT, facts->text[PB_KEY_FACT_ROOT], err);
	if (s == PB_OK)
		s = read_certificate(key_directory, PB_KEY_DIR_PUBLIC_ROOT_SPARE, facts->text[PB_KEY_FACT_ROOT_SPARE], err);
	if (s == PB_OK)
		s = read_certificate(key_directory, issuer_name, facts->text[PB_KEY_FACT_ISSUER], err);
	return s;
}

enum pb_status pb_key_facts_read(const char *key_directory, const struct pb_secret *passphrase,
				 const struct pb_clock *clock, struct pb_key_facts *ret_facts, struct pb_err *err)
{
	struct pb_keystore_options options = { .clock = clock };
	struct pb_key_facts facts = { 0 };
	struct pb_keystore *store = NULL;
	enum pb_status s = pb_keystore_open(key_directory, passphrase, &options, &store, err);

	if (s == PB_OK)
		s = read_store(key_directory, store, &facts, err);
	pb_keystore_close(store);
	if (s == PB_OK)
		*ret_facts = facts;
	return s;
}

size_t pb_key_protocol_write(const char *ceremony, const struct pb_key_facts *facts,
			     char ret_text[static PB_KEY_PROTOCOL_MAX])
{
	int n = snprintf(ret_text, PB_KEY_PROTOCOL_MAX,
			 "# Compared when the keys are restored; the signed protocol says the same.\n"
			 "[ceremony]\nname = %s\ntest = %s\n\n[keys]\n",
			 ceremony, facts->test ? "yes" : "no");

	for (size_t i = 0; i < PB_KEY_FACTS; i++)
		n += snprintf(ret_text + n, PB_KEY_PROTOCOL_MAX - (size_t)n, "%s = %s\n", names[i], facts->text[i]);
	return (size_t)n;
}

static size_t find(const char *name)
{
	size_t i = 0;

	while (i < PB_KEY_FACTS && strcmp(names[i], name) != 0)
		i++;
	return i;
}

enum pb_status pb_key_protocol_compare(struct pb_view protocol, const struct pb_key_facts *facts, struct pb_err *err)
{
	struct pb_ini ini = pb_ini(protocol);
	struct pb_ini_entry entry;
	bool seen[PB_KEY_FACTS + 1] = { false }, more = true;
	enum pb_status s;

	while ((s = pb_ini_next(&ini, &entry, &more, err)) == PB_OK && more) {
		size_t fact = find(entry.key);

		if (strcmp(entry.section, "keys") != 0)
			continue;
		if (fact == PB_KEY_FACTS)
			return pb_fail(err, PB_CONFIG_INVALID, "protocol, line %d: %s is not known", entry.line, entry.key);
		if (strcmp(entry.value, facts->text[fact]) != 0)
			return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s is %s, and %s in the protocol", entry.key,
				       facts->text[fact], entry.value);
		seen[fact] = true;
	}
	for (size_t i = 0; s == PB_OK && i < PB_KEY_FACTS; i++)
		if (!seen[i])
			s = pb_fail(err, PB_KEYS_UNAVAILABLE, "the protocol does not say %s", names[i]);
	return s;
}
