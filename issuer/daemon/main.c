/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbiletd: the office behind a Unix socket, for programs.  Thin for now: it reads, verifies, and
 * cosigns for other offices.
 */
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process.h"
#include "issuer/app/app.h"
#include "issuer/app/witness.h"
#include "issuer/daemon/listen.h"
#include "issuer/daemon/routes.h"

enum { IDLE_SECONDS = 15, CONNECTIONS = 64 };

static int complain(enum pb_status status, const struct pb_err *err)
{
	pb_log(PB_LOG_ERROR, "%s %s", pb_status_row(status)->happened, err->msg);
	return pb_status_row(status)->exit_code;
}

/* Serves until it is told to end. */
static enum pb_status serve(struct pb_served *served, int fd, struct pb_err *err)
{
	struct MHD_Daemon *daemon;
	sigset_t ends;
	int which;

	/* Blocked before the threads of the server start, so that it is this one that hears them. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, pb_routes_answer,
				  served, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED, pb_routes_done, served,
				  MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_CONNECTION_LIMIT,
				  (unsigned)CONNECTIONS, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (!daemon)
		return pb_fail(err, PB_PROCESS_FAILED, "libmicrohttpd did not start");
	sigwait(&ends, &which);
	MHD_stop_daemon(daemon);
	return PB_OK;
}

/* The office is a witness when it has a policy and a key for it; whatever else is amiss keeps the daemon from starting. */
static enum pb_status open_witness(struct pb_app_witness *witness, struct pb_served *served, struct pb_err *err)
{
	enum pb_status s;

	if (access(served->app->config.witness_policy, F_OK) != 0)
		return PB_OK;
	s = pb_app_witness_open(&served->app->config, NULL, witness, err);
	if (s == PB_OK)
		served->witness = witness;
	return s == PB_NOT_FOUND ? PB_OK : s;
}

int main(int argc, char **argv)
{
	struct pb_config config;
	static struct pb_app_witness witness;
	struct pb_app app = { 0 };
	struct pb_served served = { .app = &app };
	struct pb_err err = { 0 };
	enum pb_status s;
	int fd = -1;

	pb_process_harden();
	if (argc != 5 || strcmp(argv[1], "--config") != 0 || strcmp(argv[3], "--socket") != 0) {
		fprintf(stderr, "usage: profbiletd --config FILE --socket PATH\n");
		return pb_status_row(PB_USAGE)->exit_code;
	}
	s = pb_config_load(argv[2], &config, &err);
	if (s == PB_OK)
		s = pb_app_open(&config, PB_APP_READ, &app, &err);
	if (s == PB_OK)
		s = open_witness(&witness, &served, &err);
	if (s == PB_OK)
		s = pb_listen(argv[4], &fd, &err);
	if (s == PB_OK)
		s = serve(&served, fd, &err);
	pb_app_witness_close(&witness);
	pb_app_close(&app);
	return s == PB_OK ? 0 : complain(s, &err);
}
