/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the key store costs over a token: credentials signed by pb_keystore_sign_credentials against bare
 * C_SignInit and C_Sign of a digest with the same key, in the same process, in turns; and the largest resident
 * memory of a process that does only the one or only the other.  Then the cards of an office whose keys profbilet-keyd
 * holds (the ledger told, face and chip signed, the INTENT and its checkpoint) against their three signatures made bare,
 * each followed by the write that must be on the disk before it leaves.
 *
 *	bench_pkcs11 KEYD
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

#include "keys/keyd/accounts.h"
#include "keys/keyd/keyd.h"
#include "keys/keystore.h"
#include "tests/bench/rounds.h"
#include "tests/lib/sign_credential.h"
#include "tests/lib/soft_token.h"
#include "tests/unit/keyd/counter.h"

enum { ROUNDS = 9, SIGNATURES = 1000, CARDS = 30 };

/* As long as a chip's Sig_structure: header { 1: -7 }, no additional data, a payload of 200 bytes. */
static uint8_t message[2 + 10 + 4 + 1 + 2 + 200] = "\x84\x6A" "Signature1" "\x43\xA1\x01\x26" "\x40" "\x58\xC8";

struct bench {
	char folder[64], keys[80], pin_file[80], passphrase_file[80];
	struct pb_secret passphrase;
	struct soft_token token;
};

static void make_keys(struct bench *bench)
{
	struct pb_keystore_terms terms = { .issuer_code = "RU-75-TST", .issuer_name = "Bench", .test = true,
					   .token = &bench->token.options };

	bench_expect(pb_keystore_create(bench->keys, &bench->passphrase, &terms, &pb_clock_system, NULL) == PB_OK, "no keys");
}

static void write_secret(const char *path, const char *secret)
{
	FILE *file = fopen(path, "we");

	bench_expect(file != NULL && fchmod(fileno(file), 0600) == 0 && fputs(secret, file) >= 0 && fclose(file) == 0, path);
}

/* ---- The key store */

static struct pb_keystore *open_ours(const struct bench *bench)
{
	struct pb_keystore_options options = { .token = &bench->token.options };
	struct pb_keystore *store = NULL;

	bench_expect(pb_keystore_open(bench->keys, NULL, &options, &store, NULL) == PB_OK, "the key store does not open");
	return store;
}

static double sign_ours(const struct pb_keystore *store)
{
	const struct pb_signing_order order = { .serial = 1 };
	double start = bench_now();
	uint8_t sig[64];

	for (int i = 0; i < SIGNATURES; i++)
		bench_expect(sign_credential(store, &order, PB_VIEW(message), sig, NULL) == PB_OK, "not signed");
	return SIGNATURES / (bench_now() - start);
}

/* ---- PKCS#11 alone */

struct raw {
	CK_FUNCTION_LIST *module;
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE issuer, checkpoint;
};

static CK_OBJECT_HANDLE find_raw(const struct raw *raw, const char *label)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE wanted[] = { { CKA_CLASS, &class, sizeof(class) }, { CKA_LABEL, (void *)label, strlen(label) } };
	CK_OBJECT_HANDLE found = CK_INVALID_HANDLE;
	CK_ULONG count = 0;

	bench_expect(raw->module->C_FindObjectsInit(raw->session, wanted, 2) == CKR_OK &&
		     raw->module->C_FindObjects(raw->session, &found, 1, &count) == CKR_OK && count == 1 &&
		     raw->module->C_FindObjectsFinal(raw->session) == CKR_OK, "C_FindObjects");
	return found;
}

static void open_raw(struct bench *bench, struct raw *ret_raw)
{
	void *library = dlopen(bench->token.options.module, RTLD_NOW | RTLD_LOCAL);
	CK_C_INITIALIZE_ARGS threads = { .flags = CKF_OS_LOCKING_OK };
	CK_C_GetFunctionList get_functions;
	CK_SLOT_ID slots[8];
	CK_ULONG count = 8;

	bench_expect(library != NULL, "no module");
	*(void **)&get_functions = dlsym(library, "C_GetFunctionList");
	bench_expect(get_functions(&ret_raw->module) == CKR_OK && ret_raw->module->C_Initialize(&threads) == CKR_OK, "C_Initialize");
	bench_expect(ret_raw->module->C_GetSlotList(CK_TRUE, slots, &count) == CKR_OK, "C_GetSlotList");
	bench_expect(ret_raw->module->C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL, NULL, &ret_raw->session) == CKR_OK, "C_OpenSession");
	bench_expect(ret_raw->module->C_Login(ret_raw->session, CKU_USER, bench->token.pin.bytes, bench->token.pin.n) == CKR_OK, "C_Login");
	ret_raw->issuer = find_raw(ret_raw, "profbilet TEST issuer");
	ret_raw->checkpoint = find_raw(ret_raw, "profbilet TEST checkpoint");
}

static void sign_one_raw(const struct raw *raw, CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE key)
{
	CK_MECHANISM mechanism = { type, NULL, 0 };
	uint8_t digest[32] = { 1 }, sig[64];
	CK_ULONG n = sizeof(sig);

	bench_expect(raw->module->C_SignInit(raw->session, &mechanism, key) == CKR_OK &&
		     raw->module->C_Sign(raw->session, digest, sizeof(digest), sig, &n) == CKR_OK, "C_Sign");
}

static double sign_raw(const struct raw *raw)
{
	double start = bench_now();

	for (int i = 0; i < SIGNATURES; i++)
		sign_one_raw(raw, CKM_ECDSA, raw->issuer);
	return SIGNATURES / (bench_now() - start);
}

/* ---- Cards, through profbilet-keyd */

static void open_counter(const struct bench *bench, const char *keyd, struct counter *counter)
{
	struct pb_keystore *store = open_ours(bench);
	struct pb_keyd_token token = { .label = SOFT_TOKEN_LABEL };
	struct pb_keyd_options options = { .program = keyd, .key_directory = bench->keys, .token = &token,
					   .passphrase_file = bench->passphrase_file };
	struct pb_err err = { 0 };

	(void)snprintf(token.module, sizeof(token.module), "%s", bench->token.options.module);
	(void)snprintf(token.environment, sizeof(token.environment), "SOFTHSM2_CONF=%s", bench->token.conf);
	(void)snprintf(token.storage, sizeof(token.storage), "%s/tokens", bench->folder);
	(void)snprintf(token.pin.path, sizeof(token.pin.path), "%s", bench->pin_file);
	bench_expect(pb_keyd_accounts_create(store, bench->keys, NULL) == PB_OK, "no accounts");
	pb_keystore_close(store);
	*counter = (struct counter){ .program = keyd };
	bench_expect(pb_keyd_start(&options, &counter->store, &err) == PB_OK, err.msg);
	counter_begin_book(counter);
}

static void write_bare(int fd, int slot)
{
	static const uint8_t record[PB_KEYD_SLOT];

	bench_expect(pwrite(fd, record, sizeof(record), (off_t)slot * PB_KEYD_SLOT) == sizeof(record) && fdatasync(fd) == 0, "no write");
}

/* Seconds of one card. */
static double issue_ours(struct counter *counter, uint64_t n)
{
	double start = bench_now();

	counter_issue(counter, n);
	book_finish(&counter->book, COUNTER_FIRST + n - 1);
	bench_expect(counter_checkpoint(counter, NULL) == PB_OK, "no checkpoint");
	return bench_now() - start;
}

static double issue_bare(const struct raw *raw, int fd)
{
	double start = bench_now();

	sign_one_raw(raw, CKM_ECDSA, raw->issuer);
	write_bare(fd, 0);
	sign_one_raw(raw, CKM_ECDSA, raw->issuer);
	write_bare(fd, 1);
	sign_one_raw(raw, CKM_EDDSA, raw->checkpoint);
	write_bare(fd, 0);
	return bench_now() - start;
}

static void compare_cards(const struct bench *bench, const struct raw *raw, struct counter *counter)
{
	char path[80];
	double ratio[CARDS], ours[CARDS], bare[CARDS];

	int fd;

	(void)snprintf(path, sizeof(path), "%s/record", bench->folder);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bench_expect(fd >= 0, path);
	write_bare(fd, 0);
	write_bare(fd, 1);
	for (int i = 0; i < CARDS; i++) {
		ours[i] = issue_ours(counter, (uint64_t)i + 1);
		bare[i] = issue_bare(raw, fd);
		ratio[i] = bare[i] / ours[i];
	}
	(void)close(fd);
	printf("pkcs11_keyd ratio=%.2f ours=%.0f cards/s raw=%.0f cards/s\n", bench_median(ratio, CARDS), 1 / bench_median(ours, CARDS),
	       1 / bench_median(bare, CARDS));
}

/* ---- Memory: each in a process of its own */

enum work { MAKE_KEYS, OURS, RAW };

static void do_work(struct bench *bench, enum work work)
{
	struct raw raw = { 0 };

	switch (work) {
	case MAKE_KEYS:
		make_keys(bench);
		break;
	case OURS:
		(void)sign_ours(open_ours(bench));
		break;
	case RAW:
		open_raw(bench, &raw);
		(void)sign_raw(&raw);
		break;
	}
}

/* Largest resident set in KiB. */
static long in_child(struct bench *bench, enum work work)
{
	struct rusage used;
	int status = 1;
	pid_t pid = fork();

	if (pid == 0) {
		do_work(bench, work);
		_exit(0);
	}
	bench_expect(pid > 0 && wait4(pid, &status, 0, &used) == pid && status == 0, "a child failed");
	return used.ru_maxrss;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

int main(int argc, char **argv)
{
	double ratio[ROUNDS], ours[ROUNDS], bare[ROUNDS];
	struct bench bench = { .folder = "/tmp/profbilet-bench-XXXXXX" };
	struct pb_keystore *store;
	long ours_kib, raw_kib;
	struct counter counter;
	struct raw raw;

	bench_expect(argc == 2, "which profbilet-keyd?");
	bench_expect(mkdtemp(bench.folder) != NULL, "no folder");
	(void)snprintf(bench.keys, sizeof(bench.keys), "%s/keys", bench.folder);
	(void)snprintf(bench.pin_file, sizeof(bench.pin_file), "%s/pin", bench.folder);
	(void)snprintf(bench.passphrase_file, sizeof(bench.passphrase_file), "%s/passphrase", bench.folder);
	write_secret(bench.pin_file, SOFT_TOKEN_PIN);
	write_secret(bench.passphrase_file, "bench");
	pb_secret_set(&bench.passphrase, "bench", 5);
	soft_token_make(&bench.token, bench.folder);
	(void)in_child(&bench, MAKE_KEYS);
	raw_kib = in_child(&bench, RAW);
	ours_kib = in_child(&bench, OURS);
	open_counter(&bench, argv[1], &counter);
	open_raw(&bench, &raw);
	store = open_ours(&bench);
	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = sign_ours(store);
		bare[i] = sign_raw(&raw);
		ratio[i] = ours[i] / bare[i];
	}
	printf("pkcs11_sign ratio=%.2f ours=%.0f/s raw=%.0f/s\n", bench_median(ratio, ROUNDS), bench_median(ours, ROUNDS), bench_median(bare, ROUNDS));
	printf("pkcs11_memory ours=%ld KiB raw=%ld KiB\n", ours_kib, raw_kib);
	compare_cards(&bench, &raw, &counter);
	pb_keystore_close(counter.store);
	pb_keystore_close(store);
	(void)nftw(bench.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}
