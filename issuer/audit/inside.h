/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of issuer/audit/ share: the audit while it goes on, and its four steps.  Nobody else includes this;
 * what an audit is given and what it answers is in stick.h.
 */
#ifndef PROFBILET_ISSUER_AUDIT_INSIDE_H
#define PROFBILET_ISSUER_AUDIT_INSIDE_H

#include "issuer/audit/stick.h"
#include "issuer/ledger/replay.h"
#include "issuer/ledger/tile_folder.h"
#include "keys/status_list.h"
#include "keys/trust.h"

struct pb_scan;

enum { STICK_PATH = 4096, STICK_SIGNERS = 256, STICK_LISTS = 1024, STICK_FILES = 4096, STICK_KEYS = 64 };

/* What the lists of the folder say, and whom they are believed for. */
struct given {
	struct pb_roots roots;
	struct pb_trust *trust; /* NULL: none */
	struct pb_x509 *signers[STICK_SIGNERS];
	size_t signer_count;
	struct pb_status_list *lists; /* the newest of each issuer and number */
	size_t list_count;
	uint8_t *update; /* bytes of the update file; NULL: none */
	size_t update_n;
};

/* The hashes of the credentials of one card, by its INTENT. */
struct record {
	uint8_t chip_h[PB_ENTRY_HASH], face_h[PB_ENTRY_HASH];
};

struct stick {
	const struct pb_stick_options *options;
	const struct pb_stick_listener *listener;
	struct pb_findings findings;
	struct pb_stick_report report;
	struct given given;
	struct pb_tiles *tiles;
	struct pb_replay replay;
	struct record *records; /* records[n - 1] of replay.cards[n - 1] */
	size_t record_cap;
	uint8_t kids[STICK_KEYS][PB_ENTRY_KID]; /* keys that signed cards */
	size_t kid_count;
	struct pb_scan *scan; /* NULL until there is a photo */
};

void stick_find(struct stick *stick, enum pb_finding_code code, const char *about);

/* files.c.  "FOLDER/name", or "FOLDER/sub/name"; false when it is too long. */
bool stick_path(const struct stick *stick, const char *sub, const char *name, char ret_path[static STICK_PATH]);
/* Calls `take` for each file of a folder whose name begins and ends so, in the order of names, with its bytes; a folder that
 * is not there has none.  One that cannot be read is a finding of this code. */
typedef enum pb_status stick_take(struct stick *stick, const char *name, struct pb_view bytes, struct pb_err *err);
struct stick_files {
	const char *folder, *prefix, *suffix;
	size_t max; /* bytes */
	enum pb_finding_code unreadable;
};
enum pb_status stick_each_file(struct stick *stick, const struct stick_files *files, stick_take *take, struct pb_err *err);

/* given.c: roots, trust list, status lists and certificates; each that cannot be believed is a finding. */
enum pb_status stick_load_given(struct stick *stick, struct pb_err *err);
void stick_forget_given(struct given *given);

/* history.c: the entries, the tree, the checkpoint and its cosignatures. */
enum pb_status stick_check_history(struct stick *stick, struct pb_err *err);
/* The root of the tree when it had that size; false when it never had, or a tile is missing. */
bool stick_root_at(struct stick *stick, uint64_t size, struct pb_hash *ret_root);

/* lists.c: what was given out against the entries. */
enum pb_status stick_compare_lists(struct stick *stick, struct pb_err *err);

/* samples.c: photos, then cards. */
enum pb_status stick_check_samples(struct stick *stick, struct pb_err *err);

#endif
