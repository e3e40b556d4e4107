/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What keeps an office from working with its keys, all of it at once: for an office in production everything that
 * would make its cards or its ledger worth less than they seem, and for any other office real keys.
 *
 * What is expected of the keys is not in the configuration but in the ledger: the fingerprints and check values
 * that were entered at the ceremony.  Verifying and auditing need no key and are never kept back.
 *
 * Not for: sentences (readiness.def has msgids, issuer/cli says them), the machine of a ceremony (machine.h).
 */
#ifndef PROFBILET_ISSUER_APP_READINESS_H
#define PROFBILET_ISSUER_APP_READINESS_H

#include "issuer/app/config.h"
#include "issuer/ledger/ledger.h"

enum pb_unready_code {
#define PB_UNREADY(name, stable, sentence, advice) PB_UNREADY_##name,
#include "issuer/app/readiness.def"
#undef PB_UNREADY
	PB_UNREADY_COUNT
};

struct pb_unready_row {
	const char *name;	       /* "test-keys" */
	const char *sentence, *advice; /* msgids */
};

/* Never NULL; static memory. */
const struct pb_unready_row *pb_unready_row(enum pb_unready_code code);

enum { PB_UNREADY_ABOUT = PB_CONFIG_PATH + 256, PB_UNREADY_MAX = 48 };

struct pb_unready {
	enum pb_unready_code code;
	char about[PB_UNREADY_ABOUT]; /* path, name of a key, or "" */
};

struct pb_readiness {
	size_t count;
	struct pb_unready found[PB_UNREADY_MAX];
	/* What the ledger says of the keys, by step. */
	struct pb_ceremony_step expected[PB_STEP_COUNT];
	bool has[PB_STEP_COUNT];
};

/* What can be seen without the keys: settings, files, certificates, the clock.  `store` is open, to read or to
 * write, or NULL when it cannot be. */
void pb_readiness_look(const struct pb_config *config, struct pb_store *store, const struct pb_clock *clock,
		       struct pb_readiness *ret_readiness);
/* And with them, wherever they are: kind, check value, and that the issuer's was entered and may sign today. */
void pb_readiness_look_at_keys(const struct pb_config *config, struct pb_store *store, const struct pb_clock *clock,
			       const struct pb_keystore *keys, struct pb_readiness *readiness);
/* Leaves out that a key's time is over: for the command that has another follow. */
void pb_readiness_forgive_time(struct pb_readiness *readiness);
void pb_readiness_add(struct pb_readiness *readiness, enum pb_unready_code code, const char *about);

/* PB_OK, or PB_NOT_READY with the first finding in the words of its stable name. */
PB_MUST_USE enum pb_status pb_readiness_judge(const struct pb_readiness *readiness, struct pb_err *err);

#endif
