/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How much of an issue is not the cards, the disk and the curve.  The limit is measured in the same run, in one
 * bare loop: the very commands of an issue, replayed to fresh software cards by SCardTransmit, and between
 * them two commits, the signatures and the verification.  Replaying works since a blank's challenge is
 * pseudo-random: the same host challenge gives the same session.
 *
 * A holder of keys in a process of its own commits what it signs, twice for a card, before a signature leaves: in its
 * limit there are these two writes too.  With the keys in the process there are none.
 *
 *     with-virtual-readers --readers N -- bench_issue SOFTCARD-PROGRAM STATION-PROGRAM CARDS N
 *
 * Also counts the commands of one card and its modelled time against the least there could be.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <winscard.h>

#include "issuer/app/app.h"
#include "issuer/core/batch.h"
#include "issuer/core/requests.h"
#include "issuer/ledger/ledger.h"
#include "issuer/register/register.h"
#include "issuer/store/store.h"
#include "keys/crypto/ed25519.h"
#include "keys/crypto/p256.h"
#include "tests/bench/rounds.h"
#include "tests/lib/softcard_reader.h"

enum { ROUNDS = 5, COMMANDS_MAX = 32, MEMBERS_MAX = 4096 };

static void expect_ok(enum pb_status status, const struct pb_err *err)
{
	bench_expect(status == PB_OK, err->msg);
}

/* ---- The office */

struct bench {
	char directory[64];
	struct pb_app app;
	int64_t school;
	unsigned members;
	const char *softcard, *station;
};

static void open_bench(struct bench *bench, const char *key_process)
{
	const char *const values[] = { "keys.allow_factory_keys", "yes", "office.issuer_name", "Bench", "keys.process", key_process, NULL };
	struct pb_organisation school = { .level = PB_ORG_PRIMARY, .code = "B", .name = "МБОУ «СОШ № 14» г. Чита" };
	struct pb_config config;
	struct pb_err err = { 0 };
	char path[128];

	snprintf(bench->directory, sizeof(bench->directory), "/tmp/profbilet-bench-XXXXXX");
	bench_expect(mkdtemp(bench->directory), "mkdtemp");
	snprintf(path, sizeof(path), "%s/office", bench->directory);
	expect_ok(pb_app_create_test_office(path, values, NULL, &err), &err);
	snprintf(path, sizeof(path), "%s/office/profbilet.conf", bench->directory);
	expect_ok(pb_config_load(path, &config, &err), &err);
	expect_ok(pb_app_open(&config, PB_APP_WRITE, &bench->app, &err), &err);
	expect_ok(pb_ledger_receive_blanks(bench->app.office.ledger, 100000, "B", NULL, &err), &err);
	expect_ok(pb_ledger_approve(bench->app.office.ledger, "bench", 100000, NULL, &err), &err);
	expect_ok(pb_store_begin(bench->app.store, &err), &err);
	expect_ok(pb_register_add_organisation(bench->app.office.members, &school, &bench->school, &err), &err);
	expect_ok(pb_store_commit(bench->app.store, &err), &err);
}

/* `count` new members and their requests. */
static struct pb_issue_request *new_requests(struct bench *bench, size_t count)
{
	struct pb_issue_request *requests = calloc(count, sizeof(*requests));
	struct pb_err err = { 0 };

	bench_expect(requests, "memory");
	expect_ok(pb_store_begin(bench->app.store, &err), &err);
	for (size_t i = 0; i < count; i++) {
		struct pb_member member = { .name = "Вера", .patronymic = "Баировна", .sex = PB_SEX_FEMALE, .status = PB_MEMBER_ACTIVE,
					    .born = { 1986, 5, 5 }, .joined = { 2014, 9, 1 }, .organisation = bench->school };
		struct pb_member stored;

		snprintf(member.surname, sizeof(member.surname), "Жамсаранова");
		expect_ok(pb_register_add_member(bench->app.office.members, &member, &stored, &err), &err);
		snprintf(requests[i].member_number, sizeof(requests[i].member_number), "%s", stored.number);
		snprintf(requests[i].idempotency_key, sizeof(requests[i].idempotency_key), "first/%s", stored.number);
	}
	expect_ok(pb_store_commit(bench->app.store, &err), &err);
	return requests;
}

/* ---- Software cards in a hopper, on the first `readers` virtual readers */

static void make_blanks(const struct bench *bench, const char *tray, size_t count)
{
	char command[512];

	snprintf(command, sizeof(command), "mkdir -p %s %s.done && %s new %s --count %zu >/dev/null", tray, tray, bench->softcard, tray,
		 count);
	bench_expect(system(command) == 0, "blanks");
}

static pid_t start_hopper(const struct bench *bench, const char *tray, size_t readers)
{
	const char *ports = getenv("PROFBILET_VPCD_PORTS");
	char done[128], words[PB_READERS_MAX][32];
	const char *argv[8 + 2 * PB_READERS_MAX] = { bench->softcard, "run", "--tray", tray, "--advance", "personalised", "--done", done };
	char *copy = strdup(ports ? ports : ""), *rest = copy;
	size_t argc = 8;
	pid_t child;

	snprintf(done, sizeof(done), "%s.done", tray);
	for (size_t i = 0; i < readers; i++) {
		const char *port = strtok_r(i == 0 ? copy : NULL, " ", &rest);

		bench_expect(port, "PROFBILET_VPCD_PORTS");
		snprintf(words[i], sizeof(words[i]), "127.0.0.1:%s", port);
		argv[argc++] = "--connect";
		argv[argc++] = words[i];
	}
	argv[argc] = NULL;
	child = fork();
	if (child == 0) {
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execv(bench->softcard, (char *const *)argv);
		_exit(127);
	}
	free(copy);
	bench_expect(child > 0, "fork");
	return child;
}

static void stop_hopper(pid_t hopper)
{
	kill(hopper, SIGTERM);
	waitpid(hopper, NULL, 0);
}

/* ---- Our side */

static void ignore_event(void *context, const struct pb_batch_event *event)
{
	(void)context;
	bench_expect(event->kind == PB_BATCH_ISSUED, event->err.msg);
}

static void issue(struct bench *bench, struct pb_station *station, const struct pb_issue_request *request)
{
	enum { WAIT_MS = 10000 };
	struct pb_card_identity card;
	struct pb_receipt receipt;
	struct pb_err err = { 0 };

	expect_ok(pb_station_offer(station, WAIT_MS, &card, &err), &err);
	expect_ok(pb_issue_card(&bench->app.office, station, &card, request, &receipt, &err), &err);
}

/* The first card of every reader is not counted: pcscd's polling would be. */
static double cards_per_second(struct bench *bench, const struct pb_reader_list *list, size_t readers, size_t cards, unsigned round)
{
	struct pb_station *stations[PB_READERS_MAX];
	struct pb_issue_request *requests = new_requests(bench, cards + readers);
	struct pb_batch_summary summary;
	struct pb_err err = { 0 };
	const volatile int stop = 0;
	char tray[128];
	double start;
	pid_t hopper;

	snprintf(tray, sizeof(tray), "%s/ours-%u-%zu", bench->directory, round, readers);
	make_blanks(bench, tray, cards + 2 * readers);
	hopper = start_hopper(bench, tray, readers);
	for (size_t i = 0; i < readers; i++) {
		struct pb_station_options options = { .program = bench->station, .reader = list->names[i] };

		expect_ok(pb_station_start(&options, &stations[i], &err), &err);
		issue(bench, stations[i], &requests[i]);
		expect_ok(pb_station_eject(stations[i], &err), &err);
	}
	start = bench_now();
	pb_batch_run(&bench->app.office, stations, readers, requests + readers, cards, &stop, ignore_event, NULL, &summary);
	start = (double)cards / (bench_now() - start);
	bench_expect(summary.issued == cards, "not all were issued");
	for (size_t i = 0; i < readers; i++)
		pb_station_stop(stations[i]);
	stop_hopper(hopper);
	free(requests);
	return start;
}

/* ---- The limit */

struct recording {
	uint8_t command[COMMANDS_MAX][PB_COMMAND_MAX];
	size_t n[COMMANDS_MAX], answer_n[COMMANDS_MAX], count;
	uint64_t modelled_us;
};

static struct recording *recording_now; /* of the one reader that is being recorded */
static const struct pb_reader_ops *plain_ops;

static enum pb_status record(struct pb_reader *reader, struct pb_view command, uint8_t ret_response[static PB_RESPONSE_MAX],
			     size_t *ret_n, struct pb_err *err)
{
	struct recording *r = recording_now;
	enum pb_status s = plain_ops->transmit(reader, command, ret_response, ret_n, err);

	bench_expect(r->count < COMMANDS_MAX, "too many commands");
	memcpy(r->command[r->count], command.p, command.n);
	r->n[r->count] = command.n;
	r->answer_n[r->count++] = *ret_n;
	return s;
}

/* One issue on a card in this process, its commands kept. */
static void record_issue(struct bench *bench, struct recording *recording)
{
	const uint8_t uid[] = { 4, 1, 2, 3, 4, 5, 6 };
	struct softcard_options options = { .uid = PB_VIEW(uid) };
	struct pb_issue_request *request = new_requests(bench, 1);
	struct pb_reader_ops recording_ops;
	struct pb_station *station;
	struct softcard *card;
	struct pb_reader *reader;
	struct pb_err err = { 0 };

	expect_ok(softcard_create(&options, &card, &err), &err);
	softcard_set_timing(card, (struct softcard_timing){ .kbit = 106 });
	reader = softcard_reader_create(card);
	plain_ops = reader->ops;
	recording_ops = *plain_ops;
	recording_ops.transmit = record;
	reader->ops = &recording_ops;
	recording_now = recording;
	expect_ok(pb_station_create_local(reader, &station, &err), &err);
	issue(bench, station, request);
	recording->modelled_us = softcard_modelled_us(card);
	pb_station_stop(station);
	reader->ops = plain_ops;
	pb_reader_destroy(reader);
	softcard_destroy(card);
	free(request);
}

static void replay(SCARDHANDLE handle, const struct recording *recording, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		uint8_t answer[PB_RESPONSE_MAX];
		DWORD n = sizeof(answer);

		bench_expect(SCardTransmit(handle, SCARD_PCI_T1, recording->command[i], recording->n[i], NULL, answer, &n) == SCARD_S_SUCCESS,
		       "SCardTransmit");
		bench_expect(n >= 2 && answer[n - 2] == 0x90, "a replayed command was refused");
	}
}

/* The commands up to the one that makes the key, which is what the credentials are bound to. */
static size_t until_key(const struct recording *recording)
{
	size_t i = 0;

	while (i < recording->count && recording->command[i][1] != INS_GENERATE_KEY_PAIR)
		i++;
	bench_expect(i < recording->count, "no key was made");
	return i + 1;
}

/* What is written and computed for one card, with nothing around it. */
struct bare {
	struct pb_p256_private *key;
	struct pb_p256_public *public_key;
	struct pb_ed25519_private *note_key;
	sqlite3 *db;
	sqlite3_stmt *insert;
	int records; /* what a holder of keys in a process of its own has signed; -1: there is none */
	off_t slot;
};

enum { RECORD = 8192, ROW = 400 };

static void open_bare(const char *directory, unsigned round, bool records, struct bare *ret_bare)
{
	static const uint8_t slots[2 * RECORD];
	struct bare bare = { .key = pb_p256_generate(), .note_key = pb_ed25519_generate(), .records = -1 };
	uint8_t point[PB_P256_POINT];
	struct pb_err err = { 0 };
	char path[128];

	pb_p256_private_point(bare.key, point);
	expect_ok(pb_p256_public_create(PB_VIEW(point), &bare.public_key, &err), &err);
	snprintf(path, sizeof(path), "%s/raw-%u.db", directory, round);
	bench_expect(sqlite3_open(path, &bare.db) == SQLITE_OK, "sqlite3");
	bench_expect(sqlite3_exec(bare.db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
				"CREATE TABLE row(id INTEGER PRIMARY KEY, rec BLOB NOT NULL) STRICT", NULL, NULL, NULL) == SQLITE_OK, "schema");
	bench_expect(sqlite3_prepare_v2(bare.db, "INSERT INTO row(rec) VALUES(?1)", -1, &bare.insert, NULL) == SQLITE_OK, "insert");
	if (records) {
		snprintf(path, sizeof(path), "%s/raw-records-%u", directory, round);
		bare.records = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		bench_expect(pwrite(bare.records, slots, sizeof(slots), 0) == sizeof(slots) && fsync(bare.records) == 0, "records");
	}
	*ret_bare = bare;
}

static void close_bare(struct bare *bare)
{
	sqlite3_finalize(bare->insert);
	sqlite3_close(bare->db);
	if (bare->records >= 0)
		(void)close(bare->records);
	pb_p256_public_destroy(bare->public_key);
	pb_p256_private_destroy(bare->key);
	pb_ed25519_private_destroy(bare->note_key);
}

/* What was signed, where somebody keeps a record of it, and the ledger's commit. */
static void commit_bare(struct bare *bare)
{
	static const uint8_t record[RECORD] = { 1 };
	static const uint8_t row[ROW] = { 1 };

	if (bare->records >= 0)
		bench_expect(pwrite(bare->records, record, RECORD, bare->slot) == RECORD && fdatasync(bare->records) == 0, "record");
	bare->slot = RECORD - bare->slot;
	sqlite3_bind_blob(bare->insert, 1, row, sizeof(row), SQLITE_STATIC);
	bench_expect(sqlite3_step(bare->insert) == SQLITE_DONE && sqlite3_reset(bare->insert) == SQLITE_OK, "commit");
}

static void bare_card(struct bare *bare, SCARDHANDLE handle, const struct recording *recording)
{
	static const uint8_t message[ROW] = { 1 };
	size_t key_made = until_key(recording);
	uint8_t sig[PB_P256_SIG];

	replay(handle, recording, 0, key_made);
	pb_p256_sign(bare->key, PB_VIEW(message), sig); /* face */
	pb_p256_sign(bare->key, PB_VIEW(message), sig); /* chip */
	commit_bare(bare);
	replay(handle, recording, key_made, recording->count);
	bench_expect(pb_p256_verify(bare->public_key, PB_VIEW(message), sig), "verify"); /* the chip's proof */
	pb_ed25519_sign(bare->note_key, PB_VIEW(message), sig);
	commit_bare(bare);
}

/* Seconds for one card, with the power cut that brings the next one. */
static double raw_card(struct bench *bench, const char *reader, const struct recording *recording, size_t cards, unsigned round)
{
	struct bare bare;
	SCARDCONTEXT context;
	SCARDHANDLE handle;
	DWORD protocol;
	char tray[128];
	double start;
	pid_t hopper;

	open_bare(bench->directory, round, pb_keystore_keeps_accounts(bench->app.office.keys), &bare);
	snprintf(tray, sizeof(tray), "%s/raw-%u", bench->directory, round);
	make_blanks(bench, tray, cards + 2);
	hopper = start_hopper(bench, tray, 1);
	bench_expect(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) == SCARD_S_SUCCESS, "pcscd");
	/* The first card is there when pcscd has polled for it; it is not counted. */
	while (SCardConnect(context, reader, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T1, &handle, &protocol) != SCARD_S_SUCCESS)
		usleep(10000);
	bare_card(&bare, handle, recording);
	start = bench_now();
	for (size_t i = 0; i < cards; i++) {
		bench_expect(SCardReconnect(handle, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T1, SCARD_UNPOWER_CARD, &protocol) == SCARD_S_SUCCESS,
		       "reconnect");
		bare_card(&bare, handle, recording);
	}
	start = (bench_now() - start) / (double)cards;
	SCardDisconnect(handle, SCARD_UNPOWER_CARD);
	SCardReleaseContext(context);
	stop_hopper(hopper);
	close_bare(&bare);
	return start;
}

static void bench_rate(struct bench *bench, const struct recording *recording, const struct pb_reader_list *list, size_t cards)
{
	const char *keys = pb_keystore_keeps_accounts(bench->app.office.keys) ? "profbilet-keyd" : "in-process";
	double ours[ROUNDS], ratio[ROUNDS];

	for (unsigned round = 0; round < ROUNDS; round++) {
		double limit = raw_card(bench, list->names[0], recording, cards, round);

		ours[round] = cards_per_second(bench, list, 1, cards, round);
		ratio[round] = ours[round] * limit;
	}
	printf("issue keys=%s readers=1 ratio=%.2f goal=0.80 cards_per_second=%.0f\n", keys, bench_median(ratio, ROUNDS),
	       bench_median(ours, ROUNDS));
	for (size_t readers = 2; readers <= list->count; readers *= 2)
		printf("issue keys=%s readers=%zu cards_per_second=%.0f\n", keys, readers,
		       cards_per_second(bench, list, readers, cards * readers, 100 + (unsigned)readers));
}

/* The least there could be for these bytes (docs/benchmarks.md): what our order asks for beyond it is a
 * fresh SELECT, the second session of the security domain and INSTALL. */
static void bench_commands(const struct recording *recording)
{
	static const uint8_t beyond[] = { INS_SELECT, INS_SELECT, INS_INITIALIZE_UPDATE, INS_EXTERNAL_AUTHENTICATE, INS_INSTALL };
	bool first_select = true, first_update = true, first_authenticate = true;
	uint64_t extra_us = 0;
	size_t commands = 0;

	for (size_t i = 0; i < recording->count; i++) {
		uint8_t cla = recording->command[i][0], ins = recording->command[i][1];
		bool *first = ins == INS_SELECT ? &first_select : ins == INS_INITIALIZE_UPDATE ? &first_update :
			      ins == INS_EXTERNAL_AUTHENTICATE ? &first_authenticate : NULL;

		if (cla == 0xFF)
			continue;
		commands++;
		if (ins == INS_INSTALL || (first && !*first))
			extra_us += softcard_wire_us(106, recording->n[i], recording->answer_n[i]);
		if (first)
			*first = false;
	}
	printf("commands per_card=%zu least=%zu goal=least+2 beyond_least=%zu\n", commands, (size_t)12, commands - 12);
	printf("modelled_ms card=%.1f least=%.1f ratio=%.2f goal=1.10 (106 kbit/s; %zu short commands beyond the least)\n",
	       (double)recording->modelled_us / 1000, (double)(recording->modelled_us - extra_us) / 1000,
	       (double)recording->modelled_us / (double)(recording->modelled_us - extra_us), sizeof(beyond));
}

static void bench_office(const char *softcard, const char *station, size_t cards, const char *key_process)
{
	struct bench bench = { .softcard = softcard, .station = station };
	struct recording recording = { .count = 0 };
	struct pb_reader_list list;
	struct pb_err err = { 0 };
	char command[128];

	open_bench(&bench, key_process);
	expect_ok(pb_app_readers(&bench.app, &list, &err), &err);
	record_issue(&bench, &recording);
	bench_commands(&recording);
	bench_rate(&bench, &recording, &list, cards);
	pb_app_close(&bench.app);
	snprintf(command, sizeof(command), "rm -rf %s", bench.directory);
	bench_expect(system(command) == 0, command);
}

int main(int argc, char **argv)
{
	bench_expect(argc == 4, "usage: bench_issue SOFTCARD STATION CARDS");
	bench_office(argv[1], argv[2], strtoul(argv[3], NULL, 10), "child");
	bench_office(argv[1], argv[2], strtoul(argv[3], NULL, 10), "in-process");
	return 0;
}
