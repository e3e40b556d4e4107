/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the key store costs over a token: credentials signed by pb_keystore_sign_credential against bare
 * C_SignInit and C_Sign of a digest with the same key, in the same process, in turns; and the largest resident
 * memory of a process that does only the one or only the other.
 */
#include <dlfcn.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

#include "keys/keystore.h"
#include "tests/bench/rounds.h"
#include "tests/lib/soft_token.h"

enum { ROUNDS = 9, SIGNATURES = 1000 };

/* As long as a chip's Sig_structure: header { 1: -7 }, no additional data, a payload of 200 bytes. */
static uint8_t message[2 + 10 + 4 + 1 + 2 + 200] = "\x84\x6A" "Signature1" "\x43\xA1\x01\x26" "\x40" "\x58\xC8";

struct bench {
	char folder[64], keys[80];
	struct pb_secret passphrase;
	struct soft_token token;
};

static void make_keys(struct bench *bench)
{
	struct pb_keystore_terms terms = { .issuer_code = "RU-75-TST", .issuer_name = "Bench", .test = true,
					   .token = &bench->token.options };

	bench_expect(pb_keystore_create(bench->keys, &bench->passphrase, &terms, &pb_clock_system, NULL) == PB_OK, "no keys");
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
		bench_expect(pb_keystore_sign_credential(store, &order, PB_VIEW(message), sig, NULL) == PB_OK, "not signed");
	return SIGNATURES / (bench_now() - start);
}

/* ---- PKCS#11 alone */

struct raw {
	CK_FUNCTION_LIST *module;
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;
};

static void open_raw(struct bench *bench, struct raw *ret_raw)
{
	void *library = dlopen(bench->token.options.module, RTLD_NOW | RTLD_LOCAL);
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE wanted[] = { { CKA_CLASS, &class, sizeof(class) }, { CKA_LABEL, (void *)"profbilet TEST issuer", 21 } };
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
	bench_expect(ret_raw->module->C_FindObjectsInit(ret_raw->session, wanted, 2) == CKR_OK &&
		     ret_raw->module->C_FindObjects(ret_raw->session, &ret_raw->key, 1, &count) == CKR_OK && count == 1 &&
		     ret_raw->module->C_FindObjectsFinal(ret_raw->session) == CKR_OK, "C_FindObjects");
}

static double sign_raw(const struct raw *raw)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	uint8_t digest[32] = { 1 }, sig[64];
	double start = bench_now();

	for (int i = 0; i < SIGNATURES; i++) {
		CK_ULONG n = sizeof(sig);

		bench_expect(raw->module->C_SignInit(raw->session, &ecdsa, raw->key) == CKR_OK &&
			     raw->module->C_Sign(raw->session, digest, sizeof(digest), sig, &n) == CKR_OK, "C_Sign");
	}
	return SIGNATURES / (bench_now() - start);
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

int main(void)
{
	double ratio[ROUNDS], ours[ROUNDS], bare[ROUNDS];
	struct bench bench = { .folder = "/tmp/profbilet-bench-XXXXXX" };
	struct pb_keystore *store;
	long ours_kib, raw_kib;
	struct raw raw;

	bench_expect(mkdtemp(bench.folder) != NULL, "no folder");
	(void)snprintf(bench.keys, sizeof(bench.keys), "%s/keys", bench.folder);
	pb_secret_set(&bench.passphrase, "bench", 5);
	soft_token_make(&bench.token, bench.folder);
	(void)in_child(&bench, MAKE_KEYS);
	raw_kib = in_child(&bench, RAW);
	ours_kib = in_child(&bench, OURS);
	open_raw(&bench, &raw);
	store = open_ours(&bench);
	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = sign_ours(store);
		bare[i] = sign_raw(&raw);
		ratio[i] = ours[i] / bare[i];
	}
	printf("pkcs11_sign ratio=%.2f ours=%.0f/s raw=%.0f/s\n", bench_median(ratio, ROUNDS), bench_median(ours, ROUNDS), bench_median(bare, ROUNDS));
	printf("pkcs11_memory ours=%ld KiB raw=%ld KiB\n", ours_kib, raw_kib);
	pb_keystore_close(store);
	(void)nftw(bench.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}
