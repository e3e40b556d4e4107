/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet-audit FOLDER: what an office has handed out, checked by somebody who trusts nobody (issuer/audit/stick.h).  It
 * needs no configuration, no network and no key, and has no code to sign or to write a card.  It may be stopped at
 * any time: nothing is kept but the conclusion it was asked for.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/text.h"
#include "issuer/app/output.h"
#include "issuer/app/paths.h"
#include "issuer/cli/audit_tell.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"

enum { CARDS_MAX = 1000, WAIT_MAX = 3600, WAIT_DEFAULT = 30, SECOND_MS = 1000 };

enum word { ROOT = 256, FINGERPRINT, KEY, POLICY, PHOTOS, CARDS, COUNT, WAIT, DATE, PDF, JSON, LANGUAGE, HELP, VERSION };

static const struct {
	enum word option;
	const char *name, *value, *help;
} options[] = {
	{ ROOT, "root", N_("FILE"), N_("the root certificate you were given, not the folder's") },
	{ FINGERPRINT, "root-sha256", N_("HEX"), N_("fingerprint of the root certificate, as the protocol of the ceremony has it") },
	{ KEY, "key", N_("VKEY"), N_("the checkpoint key you were given on paper") },
	{ POLICY, "policy", N_("FILE"), N_("which witnesses must have signed, not the folder's") },
	{ PHOTOS, "photos", N_("DIR"), N_("photos of QR codes, not the folder's") },
	{ CARDS, "cards", N_("READER"), N_("cards on this reader, one after another") },
	{ COUNT, "count", N_("N"), N_("so many cards at most") },
	{ WAIT, "wait", N_("SECONDS"), N_("how long to wait for a card") },
	{ DATE, "date", N_("DATE"), N_("as of this day, 24.11.2026, and not of today") },
	{ PDF, "pdf", N_("FILE"), N_("also write the conclusion, to be signed, as PDF") },
	{ JSON, "json", NULL, N_("the result for programs, as one JSON object") },
	{ LANGUAGE, "language", "ru|en", N_("language of the words; the PDF is Russian") },
	{ HELP, "help", NULL, N_("this help") },
	{ VERSION, "version", NULL, N_("the version") },
};

enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

struct request {
	struct pb_stick_options stick;
	const char *pdf;
	bool json, help, version;
};

static int32_t zone_of(int64_t unix_time)
{
	time_t at = (time_t)unix_time;
	struct tm local;

	return localtime_r(&at, &local) != NULL ? (int32_t)local.tm_gmtoff : 0;
}

/* ---- words */

static int say_error(bool json, enum pb_status status, const struct pb_err *err)
{
	const struct pb_status_row *row = pb_status_row(status);

	fprintf(stderr, "%s %s\n", _(row->happened), _(row->advice));
	if (err->msg[0] != '\0')
		fprintf(stderr, _("  Detail: %s\n"), err->msg);
	if (json)
		pb_json_error(NULL, row, err->msg);
	return row->exit_code;
}

static int say_usage(const char *about, const char *word)
{
	fprintf(stderr, _("profbilet-audit: %s: %s\nHelp: profbilet-audit --help\n"), about, word);
	return pb_status_row(PB_USAGE)->exit_code;
}

static void say_help(void)
{
	puts(_("profbilet-audit [OPTIONS] FOLDER"));
	puts(_("Checks the ledger, the lists and the cards of an office from a folder it has handed out, trusting nobody.\n"
	       "The exit code is 0 when nothing is found; each kind of finding has its own: man profbilet-audit.\n"));
	for (size_t i = 0; i < OPTIONS; i++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s %s", options[i].name, options[i].value != NULL ? _(options[i].value) : "");
		printf("  %s%*s %s\n", left, (int)(pb_text_length(left) < 24 ? 24 - pb_text_length(left) : 0), "", _(options[i].help));
	}
}

/* ---- reading the words */

static bool take_number(const char *text, long max, long *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtol(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *ret_number >= 1 && *ret_number <= max;
}

/* The end of that day, or now when it is today. */
static bool take_date(const char *text, int64_t *ret_now)
{
	struct pb_date date;
	int64_t now = pb_clock_now(&pb_clock_system), end;

	if (!pb_date_parse(text, &date))
		return false;
	end = pb_date_start(pb_date_from_days(pb_date_to_days(date) + 1), zone_of(now)) - 1;
	*ret_now = pb_date_compare(date, pb_date_of_instant(now, zone_of(now))) == 0 ? now : end;
	return true;
}

static bool take_option(struct request *request, enum word option, const char *value)
{
	struct pb_stick_options *stick = &request->stick;
	long number = 0;

	switch (option) {
	case ROOT: return stick->root = value, true;
	case FINGERPRINT: return stick->fingerprint = value, strspn(value, "0123456789abcdefABCDEF") == 64 && strlen(value) == 64;
	case KEY: return stick->key = value, true;
	case POLICY: return stick->policy = value, true;
	case PHOTOS: return stick->photos = value, true;
	case CARDS: return stick->reader = value, true;
	case COUNT: return take_number(value, CARDS_MAX, &number) && (stick->cards_max = (unsigned)number, true);
	case WAIT: return take_number(value, WAIT_MAX, &number) && (stick->wait_ms = (int)number * SECOND_MS, true);
	case DATE: return take_date(value, &stick->now);
	case PDF: return request->pdf = value, true;
	case LANGUAGE: return pb_language_set(value);
	case JSON: return request->json = true;
	case HELP: return request->help = true;
	case VERSION: return request->version = true;
	}
	return false;
}

/* 0, or the exit code of a usage that was said to be wrong. */
static int read_words(int argc, char **argv, struct request *request)
{
	struct option words[OPTIONS + 1] = { 0 };
	int found, index = 0;

	for (size_t i = 0; i < OPTIONS; i++)
		words[i] = (struct option){ options[i].name, options[i].value != NULL ? required_argument : no_argument, NULL,
					    (int)options[i].option };
	opterr = 0;
	while ((found = getopt_long(argc, argv, "", words, &index)) != -1) {
		if (found == '?')
			return say_usage(_("unknown, or without its value"), argv[optind - 1]);
		if (!take_option(request, (enum word)found, optarg))
			return say_usage(_("cannot be understood"), argv[optind - 1]);
	}
	if (request->help || request->version)
		return 0;
	if (argc - optind != 1)
		return say_usage(_("name one folder"), argc > optind ? argv[optind + 1] : "");
	request->stick.folder = argv[optind];
	return 0;
}

/* ---- */

static int audit(const struct request *request)
{
	struct pb_audit_told told = { 0 };
	struct pb_stick_report report;
	struct pb_err err = { 0 };
	enum pb_status s = pb_audit_told_init(&told, request->json, &err);
	const struct pb_stick_listener listener = { pb_audit_take_finding, pb_audit_take_sample, &told };

	if (s == PB_OK && request->pdf != NULL)
		s = pb_output_check(request->pdf, &err);
	if (s == PB_OK)
		s = pb_stick_audit(&request->stick, &listener, &report, &err);
	if (s == PB_OK && request->pdf != NULL)
		s = pb_audit_write(request->pdf, &request->stick, &report, &told, zone_of(request->stick.now), &err);
	if (s == PB_OK)
		pb_audit_tell(&request->stick, &report, &told, zone_of(request->stick.now));
	pb_audit_told_finish(&told);
	return s == PB_OK ? report.exit_code : say_error(request->json, s, &err);
}

int main(int argc, char **argv)
{
	const char *language = getenv("PROFBILET_LANGUAGE");
	struct request request = { .stick = { .cards_max = CARDS_MAX, .wait_ms = WAIT_DEFAULT * SECOND_MS } };
	int code;

	pb_process_harden();
	if (language == NULL || !pb_language_set(language))
		pb_language_set("ru");
	request.stick.now = pb_clock_now(&pb_clock_system);
	request.stick.scan_program = pb_paths()->scan;
	code = read_words(argc, argv, &request);
	if (code == 0 && request.help)
		say_help();
	else if (code == 0 && request.version)
		puts("profbilet-audit " PROFBILET_VERSION);
	else if (code == 0)
		code = audit(&request);
	/* A result that did not reach its reader is not a success. */
	if (fflush(stdout) != 0 || ferror(stdout))
		return pb_status_row(PB_FILE_UNWRITABLE)->exit_code;
	return code;
}
