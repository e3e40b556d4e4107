/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sessions of our issuer with the Java Card application, recorded by tests/javacard/record, once more against
 * the code that identifies, reads and judges a card.  What went through the secure channel is masked in them;
 * how the channel was opened is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "issuer/card/card.h"
#include "issuer/credential/credential.h"
#include "issuer/reader/replay.h"
#include "keys/crypto/x509.h"
#include "keys/scp03_keys.h"

#define SELECT_APPLET "> 00A404000B"
#define SELECT_ISD "> 00A4040008"
#define INITIALIZE "> 80500000"
#define AUTHENTICATE "> 84823300"
#define READ_BINARY "> 00B0"
#define PROVE "> 00880000"

enum { LINES_MAX = 200, LINE_BYTES = 1200 };

struct session {
	char lines[LINES_MAX][LINE_BYTES];
	size_t count;
};

static struct session session;

static void vector_path(const char *name, char ret_path[static 4096])
{
	snprintf(ret_path, 4096, "%s/tests/vectors/javacard/%s", getenv("PROFBILET_SOURCE"), name);
}

static void load(const char *name)
{
	char path[4096];
	FILE *file;

	vector_path(name, path);
	file = fopen(path, "r");
	assert_non_null(file);
	session.count = 0;
	while (session.count < LINES_MAX && fgets(session.lines[session.count], LINE_BYTES, file))
		session.count++;
	fclose(file);
	assert_true(session.count > 30 && session.count < LINES_MAX);
}

static bool line_is(size_t i, const char *beginning)
{
	return strncmp(session.lines[i], beginning, strlen(beginning)) == 0;
}

/* The last line from `from` on, or with `first` the first, that begins like this. */
static size_t find_line(const char *beginning, size_t from, bool first)
{
	size_t found = SIZE_MAX;

	for (size_t i = from; i < session.count && !(first && found != SIZE_MAX); i++) {
		if (line_is(i, beginning))
			found = i;
	}
	assert_true(found != SIZE_MAX);
	return found;
}

/* The bytes of a line's hexadecimal digits, `skip` bytes of them left out. */
static struct pb_view line_bytes(size_t i, size_t skip, uint8_t ret_bytes[static PB_RESPONSE_MAX])
{
	char hex[LINE_BYTES];
	size_t n;

	snprintf(hex, sizeof(hex), "%s", session.lines[i] + 2);
	hex[strcspn(hex, "\n")] = '\0';
	assert_true(pb_hex_decode(hex, ret_bytes, PB_RESPONSE_MAX, &n));
	assert_true(n >= skip);
	return pb_view(ret_bytes + skip, n - skip);
}

/* A reader that plays a card with its UID, and then the lines from `from` on, up to the next SELECT but one
 * that begins there, or a new channel. */
static struct pb_reader *play(size_t from, struct pb_reader_card *ret_card)
{
	char path[] = "/tmp/profbilet-javacard-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	struct pb_reader *reader;

	assert_non_null(file);
	for (size_t i = 0; i < 3; i++)
		fputs(session.lines[i], file);
	for (size_t i = from; i < session.count; i++) {
		if (i > from && (line_is(i, SELECT_APPLET) || line_is(i, SELECT_ISD) || line_is(i, INITIALIZE) || line_is(i, "-")))
			break;
		fputs(session.lines[i], file);
	}
	assert_int_equal(fclose(file), 0);
	assert_int_equal(pb_replay_create(path, &reader, NULL), PB_OK);
	unlink(path);
	assert_int_equal(pb_reader_connect(reader, pb_deadline_in(100), ret_card, NULL), PB_OK);
	return reader;
}

static struct pb_card_identity identify(size_t from)
{
	struct pb_card_identity identity;
	struct pb_reader_card card;
	struct pb_reader *reader = play(from, &card);

	assert_int_equal(pb_card_identify(reader, &card, &identity, NULL), PB_OK);
	assert_true(pb_replay_finished(reader));
	pb_reader_destroy(reader);
	assert_int_equal(identity.family, PB_FAMILY_APPLET);
	return identity;
}

/* Reads as the issuer did, with the challenge of then, and checks the chip's proof. */
static struct pb_card_image examine(void)
{
	const size_t read = find_line(READ_BINARY, 0, false), prove = find_line(PROVE, read, true);
	uint8_t bytes[PB_RESPONSE_MAX];
	struct pb_view challenge = line_bytes(prove, 5, bytes);
	struct pb_card_image image;
	struct pb_reader_card card;
	struct pb_reader *reader = play(read - 2, &card);

	challenge.n--; /* Le */
	assert_int_equal(pb_card_examine(reader, PB_FAMILY_APPLET, challenge, &image, NULL), PB_OK);
	assert_true(pb_replay_finished(reader));
	pb_reader_destroy(reader);
	assert_true(pb_card_check_proof(image.point, pb_view(image.credential, image.credential_n), challenge, image.sig));
	bytes[5] ^= 1;
	assert_false(pb_card_check_proof(image.point, pb_view(image.credential, image.credential_n), challenge, image.sig));
	return image;
}

static struct pb_x509 *read_certificate(const char *name)
{
	char path[4096];
	uint8_t pem[PB_X509_PEM_MAX];
	struct pb_x509 *cert;
	FILE *file;
	size_t n;

	vector_path(name, path);
	file = fopen(path, "r");
	assert_non_null(file);
	n = fread(pem, 1, sizeof(pem), file);
	fclose(file);
	assert_int_equal(pb_x509_from_pem(pb_view(pem, n), &cert, NULL), PB_OK);
	return cert;
}

/* The key of the office's certificate, which is under its root and for tests. */
static struct pb_p256_public *issuer_key(const uint8_t kid[static PB_KID_LEN])
{
	char name[64], hex[2 * PB_KID_LEN + 1];
	struct pb_x509 *root = read_certificate("trust/root.pem"), *cert;
	struct pb_p256_public *key;
	struct pb_x509_issuer issuer;

	pb_hex_encode(pb_view(kid, PB_KID_LEN), hex);
	(void)snprintf(name, sizeof(name), "trust/issuer-%s.pem", hex);
	cert = read_certificate(name);
	assert_int_equal(pb_x509_read_issuer(cert, &issuer, NULL), PB_OK);
	assert_int_equal(pb_x509_verify(cert, root, issuer.from, NULL), PB_OK);
	assert_true(issuer.test);
	assert_int_equal(pb_p256_public_create(PB_VIEW(issuer.point), &key, NULL), PB_OK);
	pb_x509_destroy(cert);
	pb_x509_destroy(root);
	return key;
}

/* The TEST office signed it, for this chip and no other. */
static void check_credential(const struct pb_card_image *image, uint64_t serial)
{
	struct pb_credential credential;
	struct pb_p256_public *key;
	struct pb_aad aad;

	assert_int_equal(pb_credential_decode(pb_view(image->credential, image->credential_n), &credential), PB_FAULT_NONE);
	assert_int_equal(credential.claims.card.serial, serial);
	key = issuer_key(credential.kid);
	pb_chip_aad_of_point(image->point, &aad);
	assert_true(pb_credential_verify(&credential, pb_aad_view(&aad), key));
	aad.bytes[aad.n - 1] ^= 1;
	assert_false(pb_credential_verify(&credential, pb_aad_view(&aad), key));
	pb_p256_public_destroy(key);
}

static void a_blank_is_identified(void **unused)
{
	struct pb_card_identity identity;

	(void)unused;
	load("issue.trace");
	identity = identify(3);
	assert_int_equal(identity.state, APPLET_BLANK);
	assert_false(identity.shadow);
	assert_int_equal(identity.uid_n, 7);
	assert_memory_equal(identity.uid, "\x04\xA0\0\0\0\0\x01", 7);
}

static void what_was_issued_is_read_proven_and_signed_by_the_office(void **unused)
{
	struct pb_card_image image;

	(void)unused;
	load("issue.trace");
	image = examine();
	assert_int_equal(image.state, APPLET_PERSONALISED);
	check_credential(&image, 1000000001);
}

static void a_commit_that_was_torn_left_the_key_waiting_and_was_done_again(void **unused)
{
	struct pb_card_identity identity;
	struct pb_card_image image;

	(void)unused;
	load("torn-commit.trace");
	identity = identify(find_line(SELECT_APPLET, find_line("! CARD_REMOVED", 0, true), true));
	assert_int_equal(identity.state, APPLET_BLANK);
	assert_true(identity.shadow);
	image = examine();
	assert_memory_equal(image.point, identity.shadow_point, PB_P256_POINT);
	check_credential(&image, 1000000002);
}

static void a_seal_that_was_not_answered_is_found_on_the_card(void **unused)
{
	struct pb_card_image image;

	(void)unused;
	load("torn-seal.trace");
	assert_int_equal(identify(find_line(SELECT_APPLET, find_line("! CARD_REMOVED", 0, true), true)).state, APPLET_LOCKED);
	image = examine();
	assert_int_equal(image.state, APPLET_LOCKED);
	check_credential(&image, 1000000003);
}

/* One opening of a channel under the factory keys: the answer to `initialize` and the command two lines on. */
static void check_opening(size_t initialize, struct pb_view aid)
{
	static const uint8_t factory_key[] = FACTORY_KEY;
	PB_SCP03_SESSION_SECRET keys = { 0 };
	uint8_t command[PB_RESPONSE_MAX], answer[PB_RESPONSE_MAX], authenticate[PB_RESPONSE_MAX], expected[PB_SCP03_S8];
	struct pb_secret key = { 0 };
	struct pb_initialize_update parsed;
	struct pb_view host, response;

	pb_secret_set(&key, factory_key, FACTORY_KEY_LEN);
	host = pb_view(line_bytes(initialize, 5, command).p, PB_SCP03_S8);
	response = line_bytes(initialize + 1, 0, answer);
	assert_true(pb_initialize_update_parse(pb_view(response.p, response.n - 2), &parsed));
	assert_int_equal(parsed.kvn, KVN_FACTORY);
	pb_scp03_card_challenge(&key, parsed.sequence.p, aid, expected, sizeof(expected));
	assert_memory_equal(parsed.challenge.p, expected, sizeof(expected));
	pb_scp03_session_derive(&key, &key, host, parsed.challenge, &keys);
	pb_scp03_cryptogram(&keys, PB_SCP03_CARD_CRYPTOGRAM, host, parsed.challenge, expected);
	assert_memory_equal(parsed.cryptogram.p, expected, sizeof(expected));
	assert_true(line_is(initialize + 2, AUTHENTICATE));
	pb_scp03_cryptogram(&keys, PB_SCP03_HOST_CRYPTOGRAM, host, parsed.challenge, expected);
	assert_memory_equal(line_bytes(initialize + 2, 5, authenticate).p, expected, sizeof(expected));
	assert_string_equal(session.lines[initialize + 3], "< 9000\n");
}

static void issuer_and_card_agreed_on_their_keys(void **unused)
{
	size_t first, second;

	(void)unused;
	load("issue.trace");
	first = find_line(INITIALIZE, 0, true);
	second = find_line(INITIALIZE, 0, false);
	assert_true(second > first);
	check_opening(first, pb_view(APPLET_AID, APPLET_AID_LEN));
	check_opening(second, pb_view(ISD_AID, ISD_AID_LEN));
}

/* Section 9 of the specification */
static void an_issue_is_fourteen_commands_that_all_succeed(void **unused)
{
	static const char *const commands[] = {
		SELECT_APPLET, INITIALIZE, AUTHENTICATE, "> 84470000", "> 84E28800",  SELECT_APPLET,  READ_BINARY,
		PROVE,	       SELECT_ISD, INITIALIZE,	 AUTHENTICATE, "> 84D80081", "> 84E62000", "> 84E28800",
	};
	size_t at = 3;

	(void)unused;
	load("issue.trace");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++, at += 2) {
		assert_true(line_is(at, commands[i]));
		assert_string_equal(session.lines[at + 1] + strlen(session.lines[at + 1]) - 5, "9000\n");
	}
	assert_true(line_is(at, "-"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blank_is_identified),
		cmocka_unit_test(what_was_issued_is_read_proven_and_signed_by_the_office),
		cmocka_unit_test(a_commit_that_was_torn_left_the_key_waiting_and_was_done_again),
		cmocka_unit_test(a_seal_that_was_not_answered_is_found_on_the_card),
		cmocka_unit_test(issuer_and_card_agreed_on_their_keys),
		cmocka_unit_test(an_issue_is_fourteen_commands_that_all_succeed),
	};

	return cmocka_run_group_tests_name("javacard replay", tests, NULL, NULL);
}
