/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet keys ceremony: leads custodians from a bare machine to sealed shares.  The folder it makes counts
 * when keys.backup is in it, which is written last; whatever was left by an earlier try without one is cleared.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/text.h"
#include "issuer/app/output.h"
#include "issuer/app/paths.h"
#include "issuer/cli/ceremony_machine.h"
#include "issuer/cli/commands.h"
#include "issuer/cli/dialogue.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "issuer/core/ceremony.h"
#include "keys/crypto/hash.h"
#include "print/paper.h"

enum { PATH_ROOM = 4096, CLOCK_TEXT = 24, MACHINE_TEXT = 160, NAME_ROOM = 512 };

/* One run of the command. */
struct run {
	struct pb_call *call;
	const char *out, *office; /* folders; office: NULL for none */
	bool rehearsal, equipped; /* equipped: the office's folder is made */
	unsigned needed, count;
	struct pb_dialogue dialogue;
	struct pb_ceremony *ceremony;
	struct pb_paper *paper;
	struct pb_paper_ceremony heading;
	char name[PB_CEREMONY_NAME], date[11];
	int64_t done_at[PB_MOMENTS];
};

/* ---- files of the folder */

static void path_of(const struct run *run, const char *name, char ret_path[static PATH_ROOM])
{
	snprintf(ret_path, PATH_ROOM, "%s/%s", run->out, name);
}

static void share_path(const struct run *run, unsigned index, char ret_path[static PATH_ROOM])
{
	char name[32];

	snprintf(name, sizeof(name), "share-%u.pdf", index);
	path_of(run, name, ret_path);
}

/* Written over first: in memory (tmpfs) those are the very pages.  On a disk they need not be. */
static void wipe_file(const char *path)
{
	static const uint8_t nothing[4096];
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st = { 0 };

	if (fd < 0)
		return;
	(void)fstat(fd, &st);
	for (off_t at = 0; at < st.st_size; at += (off_t)sizeof(nothing))
		if (pwrite(fd, nothing, sizeof(nothing), at) < 0)
			break;
	(void)fsync(fd);
	(void)close(fd);
	(void)unlink(path);
}

static void remove_share_pages(const struct run *run)
{
	char path[PATH_ROOM];

	for (unsigned i = 1; i <= PB_SHARES_MAX; i++) {
		share_path(run, i, path);
		wipe_file(path);
	}
}

/* In a folder that is being filled, so that no other is ever cleared. */
static const char mark[] = ".ceremony-begun";

/* Names of our own only. */
static void clear_folder(const struct run *run)
{
	static const char *const names[] = { "protocol.pdf", PB_CEREMONY_RECORD_FILE, mark };
	char path[PATH_ROOM];

	remove_share_pages(run);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_of(run, names[i], path);
		(void)unlink(path);
	}
	path_of(run, "workspace", path);
	pb_key_folder_remove(path);
}

static enum pb_status write_file(const struct run *run, const char *name, struct pb_view bytes)
{
	char path[PATH_ROOM];

	path_of(run, name, path);
	return pb_output_write(path, bytes, &run->call->err);
}

static enum pb_status make_folder(const struct run *run)
{
	if (mkdir(run->out, 0700) != 0)
		return pb_fail_errno(&run->call->err, errno == EEXIST ? PB_CONFLICT : PB_FILE_UNWRITABLE, errno, "%s", run->out);
	return write_file(run, mark, pb_view_text(""));
}

static enum pb_status open_folder(const struct run *run)
{
	char path[PATH_ROOM];

	if (strlen(run->out) + sizeof("/protocol.pdf") > PATH_ROOM)
		return pb_fail(&run->call->err, PB_INPUT_INVALID, "the path is too long");
	if (run->office && access(run->office, F_OK) == 0)
		return pb_fail(&run->call->err, PB_CONFLICT, "%s exists", run->office);
	path_of(run, "keys.backup", path);
	if (access(path, F_OK) == 0)
		return pb_fail(&run->call->err, PB_CONFLICT, "%s holds a finished ceremony", run->out);
	path_of(run, mark, path);
	if (access(path, F_OK) == 0) {
		clear_folder(run);
		(void)rmdir(run->out);
	}
	return make_folder(run);
}

/* ---- steps */

static void note_time(struct run *run, enum pb_ceremony_moment moment)
{
	run->done_at[moment] = pb_clock_now(&pb_clock_system);
}

static void time_of(const struct run *run, enum pb_ceremony_moment moment, char ret_text[static CLOCK_TEXT])
{
	int64_t at = run->done_at[moment], seconds = at - pb_date_start(pb_date_of_instant(at, 0), 0);

	snprintf(ret_text, CLOCK_TEXT, "%02d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60));
}

static enum pb_status make_keys(struct run *run)
{
	char workspace[PATH_ROOM];
	const char *code = pb_call_option(run->call, "issuer-code");
	struct pb_ceremony_plan plan = { .issuer_code = code ? code : "RU-00-TST", .issuer_name = run->heading.office,
					 .test = run->rehearsal, .needed = (uint8_t)run->needed, .count = (uint8_t)run->count,
					 .workspace = workspace, .clock = &pb_clock_system };
	enum pb_status s;

	path_of(run, "workspace", workspace);
	pb_dialogue_say(&run->dialogue, "%s\n", _("Step 1. Making the keys."));
	s = pb_ceremony_begin(&plan, &run->ceremony, &run->call->err);
	if (s != PB_OK)
		return s;
	note_time(run, PB_MOMENT_KEYS);
	pb_ceremony_name(run->ceremony, run->name);
	run->heading.id = run->name;
	pb_dialogue_say(&run->dialogue, _("The ceremony is called %s.\n"), run->name);
	return PB_OK;
}

static enum pb_status print_share(struct run *run, unsigned index)
{
	const struct pb_share *share = pb_ceremony_share(run->ceremony, index);
	PB_SHARE_TEXT qr;
	PB_SHARE_TEXT words;
	struct pb_paper_share page = { .index = index, .custodian = run->call->words[index - 1], .qr = qr.text, .words = words.text };
	char path[PATH_ROOM];
	uint8_t *pdf = NULL;
	size_t n = 0;
	enum pb_status s;

	pb_share_write_qr(share, &qr);
	pb_share_write_words(share, &words);
	s = pb_paper_print_share(run->paper, &run->heading, &page, &pdf, &n, &run->call->err);
	if (s != PB_OK)
		return s;
	share_path(run, index, path);
	s = pb_output_write(path, pb_view(pdf, n), &run->call->err);
	pb_wipe(pdf, n);
	free(pdf);
	if (s == PB_OK)
		pb_dialogue_say(&run->dialogue, _("  %s: print it once, for %s\n"), path, page.custodian);
	return s;
}

static enum pb_status print_shares(struct run *run)
{
	enum pb_status s = PB_OK;

	pb_dialogue_say(&run->dialogue, _("Step 2. %u shares, of which %u are needed, each on a page of its own:\n"), run->count,
			run->needed);
	for (unsigned i = 1; s == PB_OK && i <= run->count; i++)
		s = print_share(run, i);
	note_time(run, PB_MOMENT_SHARES);
	return s;
}

static void say_verdict(const struct run *run, enum pb_read_back verdict, unsigned given, unsigned wanted)
{
	if (verdict == PB_READ_OTHER_CEREMONY)
		pb_dialogue_say(&run->dialogue, "%s\n", _("This share is of another ceremony: set it aside."));
	else if (verdict == PB_READ_CHANGED)
		pb_dialogue_say(&run->dialogue, "%s\n", _("This share is not the one printed. Print its page again."));
	else
		pb_dialogue_say(&run->dialogue, _("This is share %u; share %u is wanted.\n"), given, wanted);
}

static enum pb_status read_share_back(struct run *run, unsigned index)
{
	for (;;) {
		PB_SHARE share = { 0 };
		enum pb_read_back verdict;
		enum pb_status s;

		pb_dialogue_say(&run->dialogue, _("Share %u, %s:\n"), index, run->call->words[index - 1]);
		s = pb_dialogue_share(&run->dialogue, &share, &run->call->err);
		if (s != PB_OK)
			return s;
		if (share.index == index || memcmp(share.set, pb_ceremony_share(run->ceremony, index)->set, PB_SHARE_SET) != 0) {
			verdict = pb_ceremony_read_back(run->ceremony, &share);
			if (verdict == PB_READ_COUNTED)
				break;
		} else {
			verdict = PB_READ_BEFORE;
		}
		say_verdict(run, verdict, share.index, index);
	}
	pb_dialogue_say(&run->dialogue, _("Share %u is read and counts.\n"), index);
	return PB_OK;
}

static enum pb_status read_shares_back(struct run *run)
{
	enum pb_status s = PB_OK;

	pb_dialogue_say(&run->dialogue, "%s\n", _("Step 3. Each custodian reads their share back from the paper. An empty line begins a share anew."));
	for (unsigned i = 1; s == PB_OK && i <= run->count; i++)
		s = read_share_back(run, i);
	note_time(run, PB_MOMENT_READ);
	return s;
}

static void describe_machine(const struct run *run, char ret_text[static MACHINE_TEXT])
{
	struct utsname name = { 0 };

	(void)uname(&name);
	snprintf(ret_text, MACHINE_TEXT, "%.40s, %.16s %.40s%s", name.nodename, name.sysname, name.release,
		 run->rehearsal ? "" : "; без сети и подкачки");
}

static enum pb_status print_protocol(struct run *run, struct pb_view backup, struct pb_view *ret_pdf)
{
	const struct pb_key_facts *facts = pb_ceremony_facts(run->ceremony);
	char at[PB_MOMENTS][CLOCK_TEXT], machine[MACHINE_TEXT], hex[2 * PB_SHA256_LEN + 1];
	struct pb_paper_protocol protocol = {
		.step = { { at[PB_MOMENT_KEYS], "Ключи созданы на этой машине; время здесь и ниже — UTC" },
			  { at[PB_MOMENT_SHARES], "Секрет резервной копии разделён, доли напечатаны" },
			  { at[PB_MOMENT_READ], "Каждая доля прочитана с бумаги и принята программой" },
			  { at[PB_MOMENT_SEALED], "Доли сложены и заклеены, файлы с ними удалены" } },
		.fact = { { "Код организации", facts->text[PB_KEY_FACT_ISSUER_CODE] },
			  { "Ключ подписи (kid)", facts->text[PB_KEY_FACT_KID] },
			  { "Корневой сертификат", facts->text[PB_KEY_FACT_ROOT] },
			  { "Запасной корневой", facts->text[PB_KEY_FACT_ROOT_SPARE] },
			  { "Сертификат издателя", facts->text[PB_KEY_FACT_ISSUER] },
			  { "Списки состояния", facts->text[PB_KEY_FACT_STATUS_LIST] },
			  { "Списки доверия", facts->text[PB_KEY_FACT_TRUST_LIST] },
			  { "Ключ журнала", facts->text[PB_KEY_FACT_CHECKPOINT] },
			  { "KVN ключей карт", facts->text[PB_KEY_FACT_KVN] },
			  { "KCV главного ключа карт", facts->text[PB_KEY_FACT_KCV] },
			  { "Файл keys.backup (SHA-256)", hex },
			  { "Машина", machine },
			  { "Программа", "profbilet " PROFBILET_VERSION } },
	};
	uint8_t *pdf = NULL, digest[PB_SHA256_LEN];
	size_t n = 0;
	enum pb_status s;

	for (enum pb_ceremony_moment moment = 0; moment < PB_MOMENTS; moment++)
		time_of(run, moment, at[moment]);
	describe_machine(run, machine);
	pb_sha256(backup, digest);
	pb_hex_encode(PB_VIEW(digest), hex);
	for (unsigned i = 0; i < run->count; i++)
		protocol.custodian[i] = run->call->words[i];
	s = pb_paper_print_protocol(run->paper, &run->heading, &protocol, &pdf, &n, &run->call->err);
	if (s == PB_OK)
		*ret_pdf = pb_view(pdf, n);
	return s;
}

/* The paper and the signed record of it, and the office's folder where one was asked for. */
static enum pb_status write_results(struct run *run, struct pb_view backup)
{
	char note[PB_CEREMONY_RECORD_MAX];
	struct pb_view pdf = { 0 };
	enum pb_status s = print_protocol(run, backup, &pdf);

	if (s == PB_OK)
		s = write_file(run, "protocol.pdf", pdf);
	if (s == PB_OK)
		s = pb_ceremony_record(run->ceremony, run->done_at, pdf, note, &run->call->err);
	free((void *)(uintptr_t)pdf.p);
	if (s == PB_OK)
		s = write_file(run, PB_CEREMONY_RECORD_FILE, pb_view_text(note));
	if (s == PB_OK && run->office)
		s = pb_ceremony_equip(run->ceremony, pb_view_text(note), &pb_clock_system, run->office, &run->call->err);
	run->equipped = s == PB_OK && run->office;
	return s;
}

/* The backup last: with it the folder is a ceremony, without it a leftover. */
static enum pb_status finish(struct run *run)
{
	char path[PATH_ROOM];
	struct pb_view backup;
	enum pb_status s = pb_ceremony_finish(run->ceremony, &backup, &run->call->err);

	if (s != PB_OK)
		return s;
	s = pb_dialogue_confirm(&run->dialogue, _("Step 4. Are all shares on paper, folded, sealed and signed? Their files will be removed. (yes/no)"),
				&run->call->err);
	if (s != PB_OK)
		return s;
	remove_share_pages(run);
	note_time(run, PB_MOMENT_SEALED);
	s = write_results(run, backup);
	if (s == PB_OK)
		s = write_file(run, "keys.backup", backup);
	if (s == PB_OK) {
		path_of(run, mark, path);
		(void)unlink(path);
	}
	return s;
}

static enum pb_status lead(struct run *run)
{
	enum pb_status s = open_folder(run);

	if (s != PB_OK)
		return s;
	if (run->rehearsal)
		pb_ceremony_machine_tell(&run->dialogue);
	s = pb_paper_open(pb_paths()->fonts, &run->paper, &run->call->err);
	if (s == PB_OK)
		s = make_keys(run);
	if (s == PB_OK)
		s = print_shares(run);
	if (s == PB_OK)
		s = read_shares_back(run);
	if (s == PB_OK)
		s = finish(run);
	if (s != PB_OK) {
		clear_folder(run);
		(void)rmdir(run->out);
		if (run->equipped)
			pb_ceremony_discard(run->office);
	}
	return s;
}

static int say_result(const struct run *run)
{
	const struct pb_key_facts *facts = pb_ceremony_facts(run->ceremony);

	if (run->call->json)
		pb_json_print(json_pack("{s:s, s:s, s:b, s:s, s:i, s:i}", "ceremony", run->name, "folder", run->out, "test",
					facts->test, "kid", facts->text[PB_KEY_FACT_KID], "needed", (int)run->needed, "count",
					(int)run->count));
	else
		printf(_("The ceremony %s is done. Print protocol.pdf and sign it; keep keys.backup and protocol.note from %s on two carriers.\n"),
		       run->name, run->out);
	if (!run->call->json && run->office)
		printf(_("What the office works with is in %s: carry it to its computer, set the office up (profbilet office create DIR --keys %s), then destroy it here.\n"),
		       run->office, run->office);
	return PB_EXIT_OK;
}

static bool is_same_name(const char *one, const char *other)
{
	char a[NAME_ROOM], b[NAME_ROOM];

	return !pb_text_fold(one, a, sizeof(a)) || !pb_text_fold(other, b, sizeof(b)) || strcmp(a, b) == 0;
}

/* Two people, not one person twice. */
static enum pb_status judge_custodians(const struct run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		if (run->call->words[i][0] == '\0')
			return pb_fail(&run->call->err, PB_INPUT_INVALID, "custodian %zu has no name", i + 1);
		for (size_t j = 0; j < i; j++)
			if (is_same_name(run->call->words[i], run->call->words[j]))
				return pb_fail(&run->call->err, PB_INPUT_INVALID, "custodians %zu and %zu are one: %s", j + 1, i + 1,
					       run->call->words[i]);
	}
	return PB_OK;
}

/* What cannot be done is said before anybody is asked anything. */
static enum pb_status judge_real(const struct run *run, const char *answers)
{
	enum pb_status s = judge_custodians(run);

	if (s != PB_OK)
		return s;
	if (answers)
		return pb_fail(&run->call->err, PB_NOT_ALLOWED, "--answers goes with --rehearsal alone");
	if (!pb_call_option(run->call, "issuer-code") || !pb_call_option(run->call, "issuer-name"))
		return pb_fail(&run->call->err, PB_INPUT_INVALID, "real certificates name their office: --issuer-code, --issuer-name");
	return pb_ceremony_machine_judge(run->out, &run->call->err);
}

int pb_cmd_keys_ceremony(struct pb_call *call)
{
	const char *answers = pb_call_option(call, "answers"), *office = pb_call_option(call, "issuer-name");
	struct run run = { .call = call, .out = pb_call_option(call, "out"), .office = pb_call_option(call, "office"),
			   .rehearsal = pb_call_switch(call, "rehearsal"), .count = (unsigned)call->word_count,
			   .dialogue = PB_DIALOGUE_NONE };
	int64_t now = pb_clock_now(&pb_clock_system);
	long needed;
	enum pb_status s;
	int code;

	if (!run.out)
		return pb_say_usage(call, _("--out names the folder to make"));
	if (!pb_call_number(call, "needed", PB_SHARES_MIN, run.count, run.count / 2 + 1, &needed))
		return pb_status_row(PB_USAGE)->exit_code;
	run.needed = (unsigned)needed;
	pb_date_format_ru(pb_date_of_instant(now, 0), run.date);
	run.heading = (struct pb_paper_ceremony){ .office = office ? office : "Пробная организация", .date = run.date,
						  .unix_time = now, .rehearsal = run.rehearsal, .needed = run.needed, .count = run.count };
	s = run.rehearsal ? PB_OK : judge_real(&run, answers);
	if (s == PB_OK)
		s = pb_dialogue_open(answers, &run.dialogue, &call->err);
	if (s == PB_OK)
		s = lead(&run);
	code = s == PB_OK ? say_result(&run) : pb_say_error(call, NULL, s);
	pb_dialogue_close(&run.dialogue);
	pb_paper_close(run.paper);
	pb_ceremony_end(run.ceremony);
	return code;
}
