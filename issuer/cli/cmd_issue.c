/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet issue: requests from the words, stations, the batch, and the faces of what was issued.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/app/output.h"
#include "issuer/app/rotation.h"
#include "issuer/cli/commands.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/print_faces.h"
#include "issuer/cli/say.h"
#include "issuer/cli/stations.h"
#include "issuer/core/affected.h"
#include "issuer/core/batch.h"
#include "issuer/core/requests.h"
#include "issuer/register/member_number.h"
#include "issuer/register/register.h"
#include "keys/trust.h"

/* Ctrl-C ends the batch after the cards in work: set by the handler, read by the threads. */
static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

struct run {
	struct pb_call *call;
	struct pb_stations stations;
	struct pb_issue_request *requests;
	size_t count;
	char job[PB_IDEMPOTENCY_MAX + 1]; /* what is ordered, for the ledger */
	uint64_t *serials; /* issued */
	size_t issued;
	enum pb_status trouble; /* the first that was told */
	enum pb_status faces;	/* PB_OK, or why they were not written */
	json_t *cards, *troubles; /* with --json */
};

/* ---- Telling */

static void keep_card(struct run *run, const struct pb_batch_event *event)
{
	char serial[PB_SERIAL_TEXT];

	pb_serial_format(event->receipt.serial, serial);
	json_array_append_new(run->cards, json_pack("{s:s, s:s, s:b, s:o}", "serial", serial, "member", event->receipt.member_number,
						    "resumed", event->receipt.resumed, "reader",
						    pb_json_text(run->stations.name[event->station])));
}

static void keep_trouble(struct run *run, const struct pb_batch_event *event)
{
	char serial[PB_SERIAL_TEXT] = "";

	if (event->receipt.serial != 0)
		pb_serial_format(event->receipt.serial, serial);
	json_array_append_new(run->troubles,
			      json_pack("{s:s, s:s, s:s, s:o, s:b, s:b, s:o}", "status", pb_status_row(event->status)->name, "member",
					event->request ? event->request->member_number : "", "serial", serial, "detail",
					pb_json_text(event->err.msg), "spoiled", event->receipt.spoiled, "reserved",
					event->receipt.reserved, "reader", pb_json_text(run->stations.name[event->station])));
}

static void say_trouble(struct run *run, const struct pb_batch_event *event)
{
	char about[160], member[PB_MEMBER_NUMBER_SHOWN_CAP];

	if (event->kind == PB_BATCH_READER_LOST || !event->request) {
		snprintf(about, sizeof(about), "%s", run->stations.name[event->station]);
	} else {
		pb_member_number_show(event->request->member_number, member);
		snprintf(about, sizeof(about), _("Member %s"), member);
	}
	run->call->err = event->err;
	pb_say_trouble(run->call, about[0] ? about : NULL, event->status);
	if (event->receipt.spoiled)
		fprintf(stderr, "  %s\n", _("The card is spoiled: destroy it. The member gets another one."));
	/* Where trying again helps, the advice has said so. */
	if (event->receipt.reserved && !pb_status_row(event->status)->retry)
		fprintf(stderr, "  %s\n", _("Put the same card back: it is continued where it stopped."));
}

static void listen(void *context, const struct pb_batch_event *event)
{
	struct run *run = context;

	if (event->kind == PB_BATCH_ISSUED) {
		run->serials[run->issued++] = event->receipt.serial;
		if (run->cards)
			keep_card(run, event);
		pb_say_progress(_("Issued"), (unsigned)run->issued, (unsigned)run->count);
		return;
	}
	if (run->trouble == PB_OK)
		run->trouble = event->status;
	say_trouble(run, event);
	if (run->troubles)
		keep_trouble(run, event);
}

/* ---- Requests */

static enum pb_status requests_of_organisation(struct run *run, const char *name)
{
	const struct pb_office *office = &run->call->app.office;
	struct pb_organisation organisation;
	enum pb_status s = pb_register_find_organisation(office->members, name, &organisation, &run->call->err);

	if (s != PB_OK)
		return s;
	snprintf(run->job, sizeof(run->job), "organisation/%lld", (long long)organisation.id);
	return pb_requests_of_organisation(office, organisation.id, NULL, &run->requests, &run->count, &run->call->err);
}

static enum pb_status single_request(struct run *run, const char *member, uint64_t old_serial)
{
	const struct pb_office *office = &run->call->app.office;
	enum pb_status s;

	run->requests = calloc(1, sizeof(*run->requests));
	if (!run->requests)
		return pb_fail(&run->call->err, PB_NO_MEMORY, "a request");
	s = member ? pb_request_first(office, member, NULL, run->requests, &run->call->err)
		   : pb_request_reissue(office, old_serial, NULL, run->requests, &run->call->err);
	run->count = s == PB_OK;
	snprintf(run->job, sizeof(run->job), "%s", run->requests->idempotency_key);
	return s;
}

/* Its cards end before anything is issued: nobody has two that the ledger takes for good. */
static enum pb_status requests_of_key(struct run *run, const uint8_t kid[static PB_ENTRY_KID])
{
	struct pb_call *call = run->call;
	const struct pb_issuer *issuer = pb_trust_find(call->app.trust, kid, NULL);
	uint64_t ended = 0;
	enum pb_status s;

	if (!issuer)
		return pb_fail(&call->err, PB_NOT_FOUND, "key %s", pb_call_option(call, "affected"));
	if (issuer->entry->state != PB_ISSUER_COMPROMISED)
		return pb_fail(&call->err, PB_NOT_ALLOWED, "the key is %s: its cards are good", pb_issuer_state_name(issuer->entry->state));
	snprintf(run->job, sizeof(run->job), "affected/%s", pb_call_option(call, "affected"));
	s = pb_affected_requests(&call->app.office, kid, NULL, &ended, &run->requests, &run->count, &call->err);
	if (s == PB_OK && ended > 0)
		fprintf(stderr, ngettext("%llu card of this key is ended in the ledger.\n", "%llu cards of this key are ended in the ledger.\n",
					 (unsigned long)ended), (unsigned long long)ended);
	return s;
}

/* For whom, as the words say. */
struct order {
	uint64_t old_serial;
	uint8_t kid[PB_ENTRY_KID];
};

static enum pb_status make_requests(struct run *run, const struct order *order)
{
	const char *organisation = pb_call_option(run->call, "organisation");

	if (organisation)
		return requests_of_organisation(run, organisation);
	if (pb_call_option(run->call, "affected"))
		return requests_of_key(run, order->kid);
	return single_request(run, pb_call_option(run->call, "member"), order->old_serial);
}

/* Exactly one of the four ways to say for whom. */
static bool read_words(struct pb_call *call, struct order *ret_order)
{
	const char *reissue = pb_call_option(call, "reissue"), *affected = pb_call_option(call, "affected");
	int ways = (pb_call_option(call, "member") != NULL) + (pb_call_option(call, "organisation") != NULL) + (reissue != NULL) +
		   (affected != NULL);

	if (ways != 1)
		return pb_say_usage(call, _("say for whom: --member, --organisation, --reissue or --affected")), false;
	if (reissue && !pb_serial_parse(reissue, &ret_order->old_serial))
		return pb_say_usage(call, _("%s is not a card serial: it has ten digits"), reissue), false;
	if (affected && !pb_call_kid(call, affected, ret_order->kid))
		return false;
	if (pb_call_option(call, "trace") && pb_call_switch(call, "all-readers"))
		return pb_say_usage(call, _("--trace goes with one reader")), false;
	return true;
}

/* ---- The run */

static enum pb_status issue_all(struct run *run, struct pb_batch_summary *ret_summary)
{
	struct pb_call *call = run->call;
	uint64_t open_reservations;
	enum pb_status s;

	run->serials = calloc(2 * run->count + PB_READERS_MAX, sizeof(*run->serials));
	if (!run->serials)
		return pb_fail(&call->err, PB_NO_MEMORY, "%zu serials", run->count);
	s = pb_ledger_note_start(call->app.office.ledger, &open_reservations, &call->err);
	if (s != PB_OK)
		return s;
	if (open_reservations > 0)
		fprintf(stderr, ngettext("%llu half-written card is waiting. Put it on a reader and it is finished first.\n",
					 "%llu half-written cards are waiting. Put one on a reader and it is finished first.\n",
					 (unsigned long)open_reservations),
			(unsigned long long)open_reservations);
	if (run->count > 0)
		s = pb_ledger_approve(call->app.office.ledger, run->job, run->count, NULL, &call->err);
	if (s != PB_OK)
		return s;
	s = pb_stations_start(call, pb_call_option(call, "reader"), pb_call_switch(call, "all-readers"),
			      pb_call_option(call, "trace"), &run->stations);
	if (s != PB_OK)
		return s;
	pb_batch_run(&call->app.office, run->stations.station, run->stations.count, run->requests, run->count, &interrupted, listen,
		     run, ret_summary);
	pb_stations_stop(&run->stations);
	if (run->issued > 0)
		pb_say_progress_over((unsigned)run->issued, (unsigned)run->count);
	return PB_OK;
}

/* How the run ended: PB_OK also when some cards were issued and others not, which the counts tell. */
static enum pb_status outcome(const struct run *run, const struct pb_batch_summary *summary)
{
	if (summary->status != PB_OK)
		return summary->status;
	if (summary->left > 0 && interrupted)
		return PB_INTERRUPTED;
	if (run->faces != PB_OK)
		return run->faces;
	return run->issued == 0 ? run->trouble : PB_OK;
}

static void say_summary(const struct run *run, const struct pb_batch_summary *summary, const struct pb_faces_result *faces)
{
	printf(_("Issued %zu, refused %zu, spoiled %zu, left for later %zu\n"), summary->issued, summary->refused, summary->spoiled,
	       summary->left);
	if (faces->files > 0)
		printf(ngettext("Faces of %zu card: %s\n", "Faces of %zu cards: %s\n", faces->drawn), faces->drawn,
		       pb_call_option(run->call, "faces"));
}

static json_t *summary_as_json(const struct run *run, const struct pb_batch_summary *summary, const struct pb_faces_result *faces)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:O, s:O}", "issued", (json_int_t)summary->issued, "resumed",
			 (json_int_t)summary->resumed, "refused", (json_int_t)summary->refused, "spoiled",
			 (json_int_t)summary->spoiled, "left", (json_int_t)summary->left, "faces", (json_int_t)faces->drawn, "status",
			 pb_status_row(outcome(run, summary))->name, "cards", run->cards, "troubles", run->troubles);
}

/* Trouble was told when it came; here it becomes the exit code. */
static int exit_code(const struct run *run, const struct pb_batch_summary *summary)
{
	enum pb_status s = outcome(run, summary);

	if (s != PB_OK)
		return pb_status_row(s)->exit_code;
	return summary->refused + summary->left + summary->spoiled > 0 ? PB_EXIT_NEGATIVE : PB_EXIT_OK;
}

/* The cards are in the ledger and in their holders' hands whatever becomes of a PDF. */
static void say_faces_missing(struct run *run)
{
	pb_say_trouble(run->call, NULL, run->faces);
	fprintf(stderr, "  %s\n", _("The cards are issued. Write their faces: profbilet cards print --all --out FILE"));
}

static void say_interrupted(struct pb_call *call)
{
	pb_err_clear(&call->err);
	pb_say_trouble(call, NULL, PB_INTERRUPTED);
}

static int issue_and_print(struct run *run)
{
	struct pb_call *call = run->call;
	struct pb_batch_summary summary = { 0 };
	struct pb_faces_result faces = { 0 };
	const char *path = pb_call_option(call, "faces");
	enum pb_status s = path ? pb_output_check(path, &call->err) : PB_OK;

	if (s == PB_OK)
		s = issue_all(run, &summary);
	if (s != PB_OK)
		return pb_say_error(call, NULL, s);
	if (path)
		run->faces = pb_print_faces(call, PB_RENDER_CARD_PAGES, path, run->serials, run->issued, &faces);
	if (run->faces != PB_OK)
		say_faces_missing(run);
	if (outcome(run, &summary) == PB_INTERRUPTED)
		say_interrupted(call);
	if (call->json)
		pb_json_print(summary_as_json(run, &summary, &faces));
	else
		say_summary(run, &summary, &faces);
	return exit_code(run, &summary);
}

int pb_cmd_issue(struct pb_call *call)
{
	struct run run = { .call = call };
	const char *organisation = pb_call_option(call, "organisation");
	struct order order = { 0 };
	enum pb_status s;
	int code;

	if (!read_words(call, &order))
		return pb_status_row(PB_USAGE)->exit_code;
	signal(SIGINT, interrupt);
	signal(SIGTERM, interrupt);
	s = pb_app_check_signer(&call->app, &call->err);
	if (s == PB_OK)
		s = make_requests(&run, &order);
	if (call->json) {
		run.cards = json_array();
		run.troubles = json_array();
	}
	code = s == PB_OK ? issue_and_print(&run) : pb_say_error(call, organisation, s);
	json_decref(run.cards);
	json_decref(run.troubles);
	free(run.requests);
	free(run.serials);
	return code;
}
