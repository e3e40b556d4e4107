/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the keys are while a card is issued: in profbilet-keyd, and in no byte of the process that has the
 * ledger, the members and the card station.  Only root may look into processes that have made themselves
 * untraceable, so that others skip this test (exit 77).
 *
 *     test_secrets            makes an office, starts itself as its owner, looks
 *     test_secrets own DIR    issues a card and waits
 */
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/process.h"
#include "issuer/ledger/ledger.h"
#include "keys/crypto/pkcs8.h"
#include "keys/crypto/sealed.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/passphrase.h"
#include "tests/lib/softcard_reader.h"
#include "tests/unit/core/desk.h"

enum { SKIPPED = 77, NEEDLES = 5 };

static const char *self;

/* ---- the owner */

static int own(const char *directory)
{
	struct desk desk = { 0 };
	struct pb_config config;
	struct pb_receipt receipt;
	struct pb_err err = { 0 };
	char path[128], byte;

	pb_process_harden();
	snprintf(path, sizeof(path), "%s/office/profbilet.conf", directory);
	if (pb_config_load(path, &config, &err) != PB_OK || pb_app_open(&config, PB_APP_WRITE, &desk.app, &err) != PB_OK ||
	    pb_ledger_receive_blanks(desk.app.office.ledger, 10, "T", NULL, &err) != PB_OK ||
	    pb_ledger_approve(desk.app.office.ledger, "secrets", 1, NULL, &err) != PB_OK) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	desk.reader = softcard_reader_create(NULL);
	if (pb_station_create_local(desk.reader, &desk.station, &err) != PB_OK)
		return 1;
	desk_put(&desk, desk_blank(1));
	if (desk_issue(&desk, desk_member(&desk, "Дашиева").number, &receipt, &err) != PB_OK) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	/* Everything is as it was at the last signature; the other end looks now. */
	return write(STDOUT_FILENO, "!", 1) == 1 && read(STDIN_FILENO, &byte, 1) == 0 ? 0 : 1;
}

/* ---- what to look for */

struct needle {
	const char *what;
	uint8_t bytes[PB_SECRET_MAX];
	size_t n;
};

static void take_needle(struct needle *needle, const char *what, const void *bytes, size_t n)
{
	needle->what = what;
	memcpy(needle->bytes, bytes, n);
	needle->n = n;
}

static struct pb_view key_file(const char *keys, const char *stem, uint8_t ret_content[static PB_KEY_FILE_MAX])
{
	int fd = open(keys, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[PB_KEY_DIR_KEY_NAME];
	size_t n;

	pb_key_dir_key_name(stem, name);
	assert_int_equal(pb_key_file_read(fd, name, PB_KEY_FILE_PRIVATE, ret_content, &n, NULL), PB_OK);
	close(fd);
	return pb_view(ret_content, n);
}

static void take_sealed(const char *keys, const char *stem, const struct pb_secret *passphrase, struct needle *ret_needle)
{
	uint8_t content[PB_KEY_FILE_MAX];
	char purpose[PB_SEALED_PURPOSE_MAX];
	PB_SECRET secret = { 0 };

	pb_sealed_purpose(stem, true, purpose);
	assert_int_equal(pb_unseal(purpose, key_file(keys, stem, content), passphrase, &secret, NULL), PB_OK);
	take_needle(ret_needle, stem, secret.bytes, secret.n);
}

/* A scalar as bytes, and as the machine words in which OpenSSL has it. */
static void find_needles(const char *directory, struct needle ret_needles[static NEEDLES])
{
	uint8_t content[PB_KEY_FILE_MAX], scalar[PB_P256_SCALAR], words[PB_P256_SCALAR];
	struct pb_p256_private *issuer;
	PB_SECRET passphrase = { 0 };
	char path[128];

	snprintf(path, sizeof(path), "%s/office/passphrase", directory);
	assert_int_equal(pb_passphrase_read(path, &passphrase, NULL), PB_OK);
	snprintf(path, sizeof(path), "%s/office/keys", directory);
	take_sealed(path, "card-master-applet-30", &passphrase, &ret_needles[0]);
	take_sealed(path, "pseudonym", &passphrase, &ret_needles[1]);
	assert_int_equal(pb_pkcs8_open_p256(key_file(path, "issuer", content), &passphrase, &issuer, NULL), PB_OK);
	pb_p256_private_scalar(issuer, scalar);
	pb_p256_private_destroy(issuer);
	for (size_t i = 0; i < sizeof(scalar); i++)
		words[i] = scalar[sizeof(scalar) - 1 - i];
	take_needle(&ret_needles[2], "issuer scalar", scalar, sizeof(scalar));
	take_needle(&ret_needles[3], "issuer scalar, in words", words, sizeof(words));
	take_needle(&ret_needles[4], "passphrase", passphrase.bytes, passphrase.n);
}

/* ---- looking */

static size_t count_in(const uint8_t *memory, size_t n, const struct needle *needle)
{
	size_t found = 0;

	for (const uint8_t *p = memory; (p = memmem(p, n - (size_t)(p - memory), needle->bytes, needle->n)) != NULL; p++)
		found++;
	return found;
}

/* Adds up over everything the process can read; returns the bytes that were looked at. */
static size_t look_into(pid_t pid, const struct needle needles[static NEEDLES], size_t ret_found[static NEEDLES])
{
	uint64_t from, to;
	char path[64], line[512], mode[8];
	size_t looked = 0;
	FILE *maps;
	int fd;

	memset(ret_found, 0, NEEDLES * sizeof(*ret_found));
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "r");
	assert_true(fd >= 0 && maps);
	while (fgets(line, sizeof(line), maps)) {
		uint8_t *memory;
		ssize_t n;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &from, &to, mode) != 3 || mode[0] != 'r' || to - from > 1u << 30)
			continue;
		memory = malloc(to - from);
		assert_non_null(memory);
		n = pread(fd, memory, to - from, (off_t)from);
		for (size_t i = 0; n > 0 && i < NEEDLES; i++)
			ret_found[i] += count_in(memory, (size_t)n, &needles[i]);
		looked += n > 0 ? (size_t)n : 0;
		free(memory);
	}
	fclose(maps);
	close(fd);
	return looked;
}

static pid_t child_of(pid_t pid)
{
	char path[64];
	int child = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	file = fopen(path, "r");
	assert_true(file && fscanf(file, "%d", &child) == 1);
	fclose(file);
	return child;
}

static pid_t start_owner(const char *directory, int *ret_in, int *ret_out)
{
	int in[2], out[2];
	pid_t pid;

	assert_true(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execl(self, self, "own", directory, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	*ret_in = in[1];
	*ret_out = out[0];
	return pid;
}

static void make_office(char directory[static 64])
{
	static const char *const values[] = { "keys.allow_factory_keys", "yes", NULL };
	struct pb_err err = { 0 };
	char path[128];

	snprintf(directory, 64, "/tmp/profbilet-secrets-XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/office", directory);
	if (pb_app_create_test_office(path, values, NULL, &err) != PB_OK)
		fail_msg("%s", err.msg);
}

static void no_key_is_in_the_owner_of_the_ledger(void **state)
{
	struct needle needles[NEEDLES];
	size_t in_owner[NEEDLES], in_keyd[NEEDLES];
	char directory[64], command[128], byte;
	int in, out;
	pid_t owner;

	(void)state;
	make_office(directory);
	owner = start_owner(directory, &in, &out);
	assert_int_equal(read(out, &byte, 1), 1);
	find_needles(directory, needles);
	assert_true(look_into(owner, needles, in_owner) > 1000000);
	assert_true(look_into(child_of(owner), needles, in_keyd) > 1000000);
	for (size_t i = 0; i < NEEDLES; i++)
		if (in_owner[i] != 0)
			fail_msg("%s: %zu times in the owner", needles[i].what, in_owner[i]);
	/* So the search finds what is there. */
	assert_true(in_keyd[0] > 0 && in_keyd[1] > 0 && in_keyd[2] + in_keyd[3] > 0);
	assert_int_equal(in_keyd[4], 0); /* it was needed once */
	close(in);
	close(out);
	waitpid(owner, NULL, 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	assert_int_equal(system(command), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(no_key_is_in_the_owner_of_the_ledger) };

	self = argv[0];
	if (argc == 3 && strcmp(argv[1], "own") == 0)
		return own(argv[2]);
	if (geteuid() != 0)
		return SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
