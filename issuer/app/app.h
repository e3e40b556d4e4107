/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An office, opened: the configuration read, the database, keys, ledger, register and fonts in place.  The
 * only floor that knows the concrete parts; the command line and the daemon get the same office from it.
 */
#ifndef PROFBILET_ISSUER_APP_APP_H
#define PROFBILET_ISSUER_APP_APP_H

#include "issuer/app/config.h"
#include "issuer/app/readiness.h"
#include "issuer/core/office.h"
#include "issuer/core/roll.h"
#include "issuer/core/verify.h"
#include "keys/token.h"
#include "print/render.h"

enum { PB_APP_VALUES_MAX = 2 * 40 }; /* texts of values, in pairs */
enum { PB_TRUST_DIRECTORY_CAP = PB_CONFIG_PATH + sizeof("/public") };

enum pb_app_use {
	PB_APP_VERIFY, /* public keys, and the ledger read-only where there is one: no secret is opened */
	PB_APP_READ,   /* register and ledger, read-only, no keys */
	PB_APP_WRITE,  /* all of it; one process at a time */
	PB_APP_PUBLISH, /* the same, and there may be no trust list yet */
	PB_APP_SUCCEED, /* the same, and the time of a key may be over: another is to follow */
	PB_APP_KEYING, /* the same, and blanks with factory keys are opened whatever the setting */
};

struct pb_store;
struct pb_statuses;
struct pb_trust;

struct pb_app {
	struct pb_config config;
	struct pb_store *store;
	struct pb_trust *trust; /* NULL for PB_APP_PUBLISH, where there is no list yet */
	struct pb_statuses *statuses; /* of a verifier without a ledger; else NULL */
	struct pb_office office;     /* parts are NULL where the use does not need them */
	struct pb_verifier verifier; /* whatever the use */
	bool test;		     /* the office works with test keys */
};

/* A person who can be asked for the PIN of a token when it is in no file. */
struct pb_pin_prompt {
	/* As in struct pb_token_options; NULL: there is no such person. */
	enum pb_status (*ask)(void *ctx, const struct pb_token_facts *token, struct pb_secret *ret_pin, struct pb_err *err);
	void *ctx;
	bool spend_last_try; /* the operator insists */
};

/* `config` is copied.  *ret_app must stay where it is: its parts point into it.
 * PB_NOT_READY for PB_APP_WRITE, when readiness.h has a word against it. */
PB_MUST_USE enum pb_status pb_app_open(const struct pb_config *config, enum pb_app_use use, struct pb_app *ret_app,
				       struct pb_err *err);

/* The same with somebody to ask; `prompt` is borrowed for the call. */
PB_MUST_USE enum pb_status pb_app_open_asking(const struct pb_config *config, enum pb_app_use use,
					      const struct pb_pin_prompt *prompt, struct pb_app *ret_app, struct pb_err *err);
void pb_app_close(struct pb_app *app); /* accepts a zeroed one */

/* Whether the office's own processes reach its keys in a token, and which it is: no PIN is asked for, nothing is
 * opened.  *ret_is false, with PB_OK, for keys in files or behind a service. */
PB_MUST_USE enum pb_status pb_app_look_at_token(const struct pb_config *config, bool *ret_is, struct pb_token_facts *ret_token,
						struct pb_err *err);

/* Where roots and trust list are. */
const char *pb_app_trust_directory(const struct pb_config *config, char ret_path[static PB_TRUST_DIRECTORY_CAP]);

/* A new office in the folder `directory`, which must not exist or be empty: configuration, TEST keys with a
 * passphrase in a file of mode 0600, database, first entry of the ledger, first trust list
 * and first status list, which refuses nobody.
 * `values`: see pb_config_create.  `prompt`: NULL when nobody can be asked. */
PB_MUST_USE enum pb_status pb_app_create_test_office(const char *directory, const char *const *values,
						     const struct pb_pin_prompt *prompt, struct pb_err *err);

/* Makes the next generation of the card master key and enters it in the ledger; an interrupted roll is finished and
 * not begun again (*ret_finished).  Nothing of the office may be open.  PB_NOT_ALLOWED when the keys are a
 * service's: the next one is made where they are.  Else as pb_roll_reconcile and pb_keystore_roll_master. */
PB_MUST_USE enum pb_status pb_app_roll_master(const struct pb_config *config, const struct pb_pin_prompt *prompt,
					      enum pb_master_family family, struct pb_generation *ret_generation,
					      bool *ret_finished, struct pb_err *err);

/* A new office as by pb_app_create_test_office, with the keys of a ceremony: `ceremony` is the folder that it (or restoring) made for the office, whose
 * signed record becomes the first entries of the ledger.  Issuer and mode are what the keys say: *ret_test. */
PB_MUST_USE enum pb_status pb_app_create_office(const char *directory, const char *ceremony, const char *const *values,
						bool *ret_test, struct pb_err *err);

/* Everything that keeps this office from working with its keys; nothing is changed. */
void pb_app_check(const struct pb_config *config, const struct pb_pin_prompt *prompt, struct pb_readiness *ret_readiness);

/* A station on the reader of that name; "" takes the only one there is. */
PB_MUST_USE enum pb_status pb_app_start_station(const struct pb_app *app, const char *reader, const char *trace_path,
						struct pb_station **ret_station, struct pb_err *err);
/* The process that draws faces. */
PB_MUST_USE enum pb_status pb_app_start_render(const struct pb_app *app, enum pb_render_product product,
					       struct pb_render **ret_render, struct pb_err *err);
PB_MUST_USE enum pb_status pb_app_readers(const struct pb_app *app, struct pb_reader_list *ret_list, struct pb_err *err);

#endif
