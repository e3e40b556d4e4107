/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet verify: cards on readers, or QR codes as text.  Exit code 0 when every verdict is "valid",
 * 1 when one is not; another code when something could not be decided.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/app/verification_json.h"
#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "issuer/cli/stations.h"
#include "issuer/cli/tell_roll.h"
#include "issuer/ledger/ledger.h"
#include "issuer/register/member_number.h"

static const char *const verdict_words[PB_VERDICT_COUNT] = {
	[PB_VERDICT_VALID] = N_("VALID"),
	[PB_VERDICT_EXPIRED] = N_("NOT VALID: expired"),
	[PB_VERDICT_NOT_YET_VALID] = N_("NOT VALID YET"),
	[PB_VERDICT_REVOKED] = N_("NOT VALID: revoked or suspended"),
	[PB_VERDICT_NOT_REGISTERED] = N_("NOT VALID: never finished or not in this office's ledger"),
	[PB_VERDICT_UNKNOWN_ISSUER] = N_("UNKNOWN ISSUER: nobody we trust signed this"),
	[PB_VERDICT_REFUSED_ISSUER] = N_("NOT VALID: the issuer's key is no longer accepted"),
	[PB_VERDICT_FORGED] = N_("FORGED: the signature is not the issuer's, or the record belongs to another chip"),
	[PB_VERDICT_COPY] = N_("COPY: the chip is not the one this card was issued on"),
	[PB_VERDICT_MALFORMED] = N_("NOT A MEMBERSHIP CARD: the data cannot be read"),
	[PB_VERDICT_BLANK] = N_("BLANK: nothing is written on this card"),
	[PB_VERDICT_TERMINATED] = N_("DESTROYED: this card has been wiped"),
	[PB_VERDICT_FOREIGN] = N_("NOT A MEMBERSHIP CARD: another kind of card"),
};

/* A list lives thirty days; whoever has brought none for three months more is told in other words. */
static void say_old_trust(int64_t age)
{
	enum { DAY = 86400, LIVES = 30, GRACE = 90 };
	long long days = age / DAY;

	printf(days > LIVES + GRACE ?
		       ngettext("  CAUTION: the trust list is %lld day old. A stolen key would not be noticed: ask the office.\n",
				"  CAUTION: the trust list is %lld days old. A stolen key would not be noticed: ask the office.\n",
				(unsigned long)days) :
		       ngettext("  The trust list is %lld day old: bring a newer one.\n",
				"  The trust list is %lld days old: bring a newer one.\n", (unsigned long)days),
	       days);
}

/* Lists are signed daily.  A shop that has brought none for a week is told so, after a month in other words; a young
 * list's age is told too, because it bounds what the verdict can know. */
static void say_status_age(int64_t age)
{
	enum { DAY = 86400, WEEK = 7, MONTH = 30 };
	long long days = age / DAY;

	if (days > MONTH)
		printf(ngettext("  CAUTION: the list of lost cards is %lld day old. A card lost since would not be noticed: ask the office.\n",
				"  CAUTION: the list of lost cards is %lld days old. A card lost since would not be noticed: ask the office.\n",
				(unsigned long)days), days);
	else if (days > WEEK)
		printf(ngettext("  The list of lost cards is %lld day old: bring a newer one.\n",
				"  The list of lost cards is %lld days old: bring a newer one.\n", (unsigned long)days), days);
	else
		printf(ngettext("  Looked up in the list of lost cards, %lld day old.\n",
				"  Looked up in the list of lost cards, %lld days old.\n", (unsigned long)days), days);
}

static void say_proof(const struct pb_verification *report)
{
	if (report->proof == PB_PROOF_CHIP_KEY)
		puts(_("  Proven: the chip is the original."));
	if (report->proof == PB_PROOF_CHIP_UID)
		puts(_("  Proven: the chip's UID matches; a copy cannot be excluded. Compare the name and the photo with the person."));
	if (report->proof == PB_PROOF_PRINTED)
		puts(_("  Proven: the printed data only. Compare the name and the photo with the person."));
	if (report->trust_old && report->decoded)
		say_old_trust(report->trust_age);
	if (report->by_status_list)
		say_status_age(report->status_age);
	if (!report->revocation_checked && report->proof != PB_PROOF_NONE)
		puts(_("  Not looked up: whether the card was reported lost."));
}

static void say_verdict(const struct pb_call *call, const struct pb_verification *report)
{
	char serial[PB_SERIAL_TEXT], member[PB_MEMBER_NUMBER_SHOWN_CAP], last_day[11];

	printf("%s%s\n", report->test ? _("TEST — ") : "", _(verdict_words[report->verdict]));
	if (report->decoded) {
		pb_serial_format(report->serial, serial);
		pb_date_format_ru(pb_date_of_instant(report->expires - 1, call->app.config.zone), last_day);
		pb_member_number_show(report->member_number, member);
		printf(_("  Card %s, member %s, valid to %s\n"), serial, member, last_day);
	}
	if (report->name[0] != '\0')
		printf("  %s\n", report->name);
	if (report->issuer_name[0] != '\0')
		printf("  %s\n", report->issuer_name);
	if (report->verdict == PB_VERDICT_MALFORMED)
		printf(_("  Detail: %s\n"), pb_credential_fault_words(report->fault));
	say_proof(report);
}

/* ---- What several readers find, told one at a time */

struct session {
	struct pb_call *call;
	pthread_mutex_t lock;
	long wanted; /* cards to be verified */
	long valid, negative;
	int code;	    /* exit code of the first failure, 0 for none */
	json_t *array;
	const struct pb_office *roller; /* gives verified cards the newest keys; NULL: nobody does */
};

/* `roll`: what was done to the card besides, NULL for nothing. */
static void tell(struct session *session, const struct pb_verification *report, const struct pb_roll *roll, const char *reader)
{
	json_t *object;

	pthread_mutex_lock(&session->lock);
	if (report->verdict == PB_VERDICT_VALID)
		session->valid++;
	else
		session->negative++;
	if (session->array) {
		object = pb_verification_json(report, reader);
		if (roll)
			json_object_set_new(object, "roll", pb_roll_json(roll, reader));
		json_array_append_new(session->array, object);
	} else {
		say_verdict(session->call, report);
		if (roll)
			pb_say_roll(roll);
	}
	pthread_mutex_unlock(&session->lock);
}

/* `nothing`: what it means that no card or text came. */
static int finish(struct session *session, long asked, enum pb_status nothing)
{
	if (session->code == 0 && session->valid + session->negative == 0)
		/* Whoever reads only the exit code must not take this for "all valid". */
		session->code = pb_say_error(session->call, NULL, nothing);
	if (session->code != 0) {
		json_decref(session->array);
		return session->code;
	}
	if (session->array)
		pb_json_print(json_pack("{s:I, s:I, s:o}", "valid", (json_int_t)session->valid, "negative",
					(json_int_t)session->negative, "results", session->array));
	else if (asked > 1)
		printf(_("Verified: valid %ld, not valid %ld\n"), session->valid, session->negative);
	return session->negative > 0 ? PB_EXIT_NEGATIVE : PB_EXIT_OK;
}

/* ---- QR codes */

static enum pb_status verify_line(struct session *session, const char *text)
{
	struct pb_verification report;
	enum pb_status s = pb_verify_text(&session->call->app.verifier, text, &report, &session->call->err);

	if (s == PB_OK)
		tell(session, &report, NULL, "");
	return s;
}

static enum pb_status verify_lines(struct session *session)
{
	char line[PB_CREDENTIAL_MAX * 2 + 128];
	enum pb_status s = PB_OK;

	while (s == PB_OK && fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] != '\0')
			s = verify_line(session, line);
	}
	return s;
}

/* ---- Cards */

struct reader_thread {
	pthread_t thread;
	struct session *session;
	struct pb_station *station;
	const char *reader;
	int64_t wait_ms;
	bool many; /* the end of the cards is no failure */
};

/* A card on any reader may be the last one wanted, so every reader looks up from its waiting now and then. */
enum { LOOK_UP_MS = 250 };

static bool is_over(struct session *session)
{
	bool over;

	pthread_mutex_lock(&session->lock);
	over = session->code != 0 || session->valid + session->negative >= session->wanted;
	pthread_mutex_unlock(&session->lock);
	return over;
}

static void report_failure(struct reader_thread *reader, enum pb_status status, const struct pb_err *err)
{
	struct session *session = reader->session;

	pthread_mutex_lock(&session->lock);
	if (!reader->many || status != PB_CARD_ABSENT) {
		const char *about = reader->reader[0] ? reader->reader : NULL;

		session->call->err = *err;
		/* Every trouble is told; the exit code and the one JSON object are of the first. */
		if (session->code == 0)
			session->code = pb_say_error(session->call, about, status);
		else
			pb_say_trouble(session->call, about, status);
	}
	pthread_mutex_unlock(&session->lock);
}

/* PB_CARD_ABSENT when none came in time, and when no more are wanted. */
static enum pb_status verify_next(struct reader_thread *reader, struct pb_verification *ret_report, struct pb_err *err)
{
	struct pb_deadline deadline = pb_deadline_in(reader->wait_ms);
	enum pb_status s;

	do {
		int left = pb_deadline_left(deadline);

		s = pb_verify_card(&reader->session->call->app.verifier, reader->station, left < LOOK_UP_MS ? left : LOOK_UP_MS,
				   ret_report, err);
	} while (s == PB_CARD_ABSENT && pb_deadline_left(deadline) > 0 && !is_over(reader->session));
	return s;
}

/* The verdict stands whatever comes of it.  True when there is something to tell. */
static bool roll_at_tap(struct reader_thread *reader, const struct pb_verification *report, struct pb_roll *ret_roll)
{
	struct session *session = reader->session;
	struct pb_err err = { 0 };
	enum pb_status s;

	if (!session->roller || report->verdict != PB_VERDICT_VALID || report->proof != PB_PROOF_CHIP_KEY)
		return false;
	s = pb_roll_at_tap(session->roller, reader->station, ret_roll, &err);
	if (s == PB_OK)
		return ret_roll->outcome == PB_ROLL_MOVED || ret_roll->outcome == PB_ROLL_NOTED;
	pthread_mutex_lock(&session->lock);
	session->call->err = err;
	pb_say_trouble(session->call, reader->reader[0] ? reader->reader : NULL, s);
	pthread_mutex_unlock(&session->lock);
	return false;
}

static void *verify_cards(void *argument)
{
	struct reader_thread *reader = argument;

	while (!is_over(reader->session)) {
		struct pb_verification report;
		struct pb_roll roll;
		struct pb_err err = { 0 };
		enum pb_status s = verify_next(reader, &report, &err);

		if (s != PB_OK) {
			if (!is_over(reader->session))
				report_failure(reader, s, &err);
			break;
		}
		tell(reader->session, &report, roll_at_tap(reader, &report, &roll) ? &roll : NULL, reader->reader);
		/* Done with this card; trouble with the reader is met at the next one. */
		if (pb_station_eject(reader->station, &err) != PB_OK)
			pb_err_clear(&err);
	}
	return NULL;
}

static enum pb_status verify_on_readers(struct session *session, bool all, int64_t wait_ms)
{
	struct reader_thread threads[PB_READERS_MAX];
	struct pb_stations stations;
	size_t started = 0;
	enum pb_status s = pb_stations_start(session->call, pb_call_option(session->call, "reader"), all, NULL, &stations);

	if (s != PB_OK)
		return s;
	for (; started < stations.count; started++) {
		struct reader_thread *reader = &threads[started];

		*reader = (struct reader_thread){ .session = session, .station = stations.station[started],
						  .reader = stations.name[started], .wait_ms = wait_ms, .many = session->wanted > 1 };
		if (pthread_create(&reader->thread, NULL, verify_cards, reader) != 0)
			break;
	}
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i].thread, NULL);
	pb_stations_stop(&stations);
	return PB_OK;
}

/* The office's own keys, where the policy says so and this is the office; else, and when they cannot be opened, cards
 * are only verified. */
static void open_roller(struct session *session, struct pb_app *roller)
{
	struct pb_call *call = session->call;
	enum pb_status s;

	if (!call->app.config.roll_at_tap || !call->app.office.ledger)
		return;
	s = pb_app_open_asking(&call->app.config, PB_APP_WRITE, &call->prompt, roller, &call->err);
	if (s == PB_OK)
		session->roller = &roller->office;
	else
		pb_say_trouble(call, _("Cards are verified only, and get no new keys"), s);
	pb_err_clear(&call->err);
}

int pb_cmd_verify(struct pb_call *call)
{
	enum { COUNT_MAX = 100000, WAIT_MAX = 3600 };
	struct session session = { .call = call, .lock = PTHREAD_MUTEX_INITIALIZER };
	const char *qr = pb_call_option(call, "qr");
	struct pb_app roller = { 0 };
	bool all = pb_call_switch(call, "all-readers");
	long wait;
	enum pb_status s;

	if (!pb_call_number(call, "count", 1, COUNT_MAX, all ? COUNT_MAX : 1, &session.wanted) ||
	    !pb_call_number(call, "wait", 0, WAIT_MAX, all ? 2 : call->app.config.wait_seconds, &wait))
		return pb_status_row(PB_USAGE)->exit_code;
	session.array = call->json ? json_array() : NULL;
	if (!qr)
		open_roller(&session, &roller);
	if (qr)
		s = strcmp(qr, "-") == 0 ? verify_lines(&session) : verify_line(&session, qr);
	else
		s = verify_on_readers(&session, all, wait * INT64_C(1000));
	pb_app_close(&roller);
	if (s != PB_OK)
		session.code = pb_say_error(call, NULL, s);
	return finish(&session, qr ? (strcmp(qr, "-") == 0 ? 2 : 1) : session.wanted, qr ? PB_INPUT_INVALID : PB_CARD_ABSENT);
}
