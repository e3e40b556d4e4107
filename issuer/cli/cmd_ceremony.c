/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet keys ceremony: leads custodians from a bare machine to sealed shares.  The folder it makes counts
 * when keys.backup is in it, which is written last; whatever was left by an earlier try without one is cleared.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/calendar.h"
#include "issuer/app/output.h"
#include "issuer/app/paths.h"
#include "issuer/cli/commands.h"
#include "issuer/cli/dialogue.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "issuer/core/ceremony.h"
#include "keys/crypto/hash.h"
#include "print/paper.h"

enum { PATH_ROOM = 4096, CLOCK_TEXT = 24 };

enum step { STEP_KEYS, STEP_SHARES, STEP_READ, STEP_SEALED, STEPS };

/* One run of the command. */
struct run {
	struct pb_call *call;
	const char *out;
	unsigned needed, count;
	struct pb_dialogue dialogue;
	struct pb_ceremony *ceremony;
	struct pb_paper *paper;
	struct pb_paper_ceremony heading;
	char name[PB_CEREMONY_NAME], date[11];
	char done_at[STEPS][CLOCK_TEXT];
};

/* ---- the network */

static bool is_up(int fd, const char *name)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) && !(request.ifr_flags & IFF_LOOPBACK);
}

/* False, and untouched, when no interface but lo is up. */
static bool find_network(char ret_name[static IF_NAMESIZE])
{
	struct if_nameindex *all = if_nameindex();
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool found = false;

	for (struct if_nameindex *one = all; one && one->if_name && !found; one++) {
		found = is_up(fd, one->if_name);
		if (found)
			snprintf(ret_name, IF_NAMESIZE, "%s", one->if_name);
	}
	if (all)
		if_freenameindex(all);
	if (fd >= 0)
		close(fd);
	return found;
}

static enum pb_status judge_network(const struct run *run, bool rehearsal)
{
	char name[IF_NAMESIZE];

	if (!find_network(name))
		return PB_OK;
	if (!rehearsal)
		return pb_fail(&run->call->err, PB_NOT_ALLOWED,
			       "network interface %s is up: keys are made on a machine without network, or with --rehearsal",
			       name);
	pb_dialogue_say(&run->dialogue, _("Network interface %s is up: a rehearsal goes on, a real ceremony would not.\n"), name);
	return PB_OK;
}

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

static void remove_share_pages(const struct run *run)
{
	char path[PATH_ROOM];

	for (unsigned i = 1; i <= PB_SHARES_MAX; i++) {
		share_path(run, i, path);
		(void)unlink(path);
	}
}

/* In a folder that is being filled, so that no other is ever cleared. */
static const char mark[] = ".ceremony-begun";

/* Names of our own only. */
static void clear_folder(const struct run *run)
{
	static const char *const names[] = { "protocol.pdf", "protocol.ini", mark };
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

static void note_time(struct run *run, enum step step)
{
	int64_t now = pb_clock_now(&pb_clock_system), seconds = now - pb_date_start(pb_date_of_instant(now, 0), 0);

	snprintf(run->done_at[step], CLOCK_TEXT, "%02d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60),
		 (int)(seconds % 60));
}

static enum pb_status make_keys(struct run *run)
{
	char workspace[PATH_ROOM];
	const char *code = pb_call_option(run->call, "issuer-code");
	struct pb_ceremony_plan plan = { .issuer_code = code ? code : "RU-00-TST", .issuer_name = run->heading.office,
					 .needed = (uint8_t)run->needed, .count = (uint8_t)run->count,
					 .workspace = workspace, .clock = &pb_clock_system };
	enum pb_status s;

	path_of(run, "workspace", workspace);
	pb_dialogue_say(&run->dialogue, "%s\n", _("Step 1. Making the keys."));
	s = pb_ceremony_begin(&plan, &run->ceremony, &run->call->err);
	if (s != PB_OK)
		return s;
	note_time(run, STEP_KEYS);
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
	note_time(run, STEP_SHARES);
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
	note_time(run, STEP_READ);
	return s;
}

static enum pb_status print_protocol(struct run *run, struct pb_view backup)
{
	const struct pb_key_facts *facts = pb_ceremony_facts(run->ceremony);
	struct pb_paper_protocol protocol = {
		.step = { { run->done_at[STEP_KEYS], "Ключи созданы на этой машине; время здесь и ниже — UTC" },
			  { run->done_at[STEP_SHARES], "Секрет резервной копии разделён, доли напечатаны" },
			  { run->done_at[STEP_READ], "Каждая доля прочитана с бумаги и принята программой" },
			  { run->done_at[STEP_SEALED], "Доли сложены и заклеены, файлы с ними удалены" } },
		.fact = { { "Код организации", facts->text[PB_KEY_FACT_ISSUER_CODE] },
			  { "Ключ подписи (kid)", facts->text[PB_KEY_FACT_KID] },
			  { "Корневой сертификат", facts->text[PB_KEY_FACT_ROOT] },
			  { "Запасной корневой", facts->text[PB_KEY_FACT_ROOT_SPARE] },
			  { "Сертификат издателя", facts->text[PB_KEY_FACT_ISSUER] },
			  { "Ключ журнала", facts->text[PB_KEY_FACT_CHECKPOINT] },
			  { "KVN ключей карт", facts->text[PB_KEY_FACT_KVN] },
			  { "KCV главного ключа карт", facts->text[PB_KEY_FACT_KCV] } },
	};
	uint8_t *pdf = NULL, digest[PB_SHA256_LEN];
	char hex[2 * PB_SHA256_LEN + 1];
	size_t n = 0;
	enum pb_status s;

	pb_sha256(backup, digest);
	pb_hex_encode(PB_VIEW(digest), hex);
	protocol.fact[PB_KEY_FACTS] = (struct pb_paper_line){ "Файл keys.backup (SHA-256)", hex };
	for (unsigned i = 0; i < run->count; i++)
		protocol.custodian[i] = run->call->words[i];
	s = pb_paper_print_protocol(run->paper, &run->heading, &protocol, &pdf, &n, &run->call->err);
	if (s == PB_OK)
		s = write_file(run, "protocol.pdf", pb_view(pdf, n));
	free(pdf);
	return s;
}

/* The backup last: with it the folder is a ceremony, without it a leftover. */
static enum pb_status finish(struct run *run)
{
	char text[PB_KEY_PROTOCOL_MAX], path[PATH_ROOM];
	struct pb_view backup;
	enum pb_status s = pb_ceremony_finish(run->ceremony, &backup, &run->call->err);

	if (s != PB_OK)
		return s;
	s = pb_dialogue_confirm(&run->dialogue, _("Step 4. Are all shares on paper, folded, sealed and signed? Their files will be removed. (yes/no)"),
				&run->call->err);
	if (s != PB_OK)
		return s;
	remove_share_pages(run);
	note_time(run, STEP_SEALED);
	s = print_protocol(run, backup);
	if (s == PB_OK)
		s = write_file(run, "protocol.ini",
			       pb_view(text, pb_key_protocol_write(run->name, pb_ceremony_facts(run->ceremony), text)));
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
	enum pb_status s = judge_network(run, true);

	if (s == PB_OK)
		s = open_folder(run);
	if (s != PB_OK)
		return s;
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
		printf(_("The ceremony %s is done. Print protocol.pdf and sign it; keep keys.backup and protocol.ini from %s on two carriers.\n"),
		       run->name, run->out);
	return PB_EXIT_OK;
}

/* What cannot be done yet is said before anybody is asked anything. */
static enum pb_status judge_mode(const struct run *run, bool rehearsal, const char *answers)
{
	enum pb_status s;

	if (rehearsal)
		return PB_OK;
	if (answers)
		return pb_fail(&run->call->err, PB_NOT_ALLOWED, "--answers goes with --rehearsal alone");
	s = judge_network(run, false);
	if (s != PB_OK)
		return s;
	return pb_fail(&run->call->err, PB_NOT_ALLOWED,
		       "this version only rehearses, with TEST keys: add --rehearsal");
}

int pb_cmd_keys_ceremony(struct pb_call *call)
{
	bool rehearsal = pb_call_switch(call, "rehearsal");
	const char *answers = pb_call_option(call, "answers"), *office = pb_call_option(call, "issuer-name");
	struct run run = { .call = call, .out = pb_call_option(call, "out"), .count = (unsigned)call->word_count,
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
						  .unix_time = now, .rehearsal = rehearsal, .needed = run.needed, .count = run.count };
	s = judge_mode(&run, rehearsal, answers);
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
