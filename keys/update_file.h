/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The update file: what a verifier without a network needs from its office, in one piece (card-applet-spec/
 * update-file.md).  A CBOR sequence (RFC 8742) of the trust list, the certificates of whoever signs status lists,
 * and the status lists.  It is not signed itself: each part is, so it may come by any channel, and may be put together by anybody.
 *
 * Not for: what a part says, and when it is believed: keys/trust.h, keys/status_folder.h.
 */
#ifndef PROFBILET_KEYS_UPDATE_FILE_H
#define PROFBILET_KEYS_UPDATE_FILE_H

#include "base/bytes.h"
#include "base/err.h"

enum { PB_UPDATE_MAX = 8 * 1024 * 1024, PB_UPDATE_NAME_CAP = 48 };

enum pb_update_kind {
	PB_UPDATE_TRUST_LIST,
	PB_UPDATE_SIGNER,
	PB_UPDATE_STATUS_LIST,
	PB_UPDATE_UNKNOWN, /* of a later version */
	PB_UPDATE_KIND_COUNT
};

/* "trust_list": stable, for programs. */
const char *pb_update_kind_name(enum pb_update_kind kind);

/* ---- the parts of a file */

struct pb_update_item {
	enum pb_update_kind kind;
	struct pb_view bytes; /* borrowed: a token, or the DER of a certificate */
};

/* The next one; false at the end, and where what follows is no CBOR item: then something is left in *rest. */
PB_MUST_USE bool pb_update_next(struct pb_cursor *rest, struct pb_update_item *ret_item);

/* ---- a whole file */

enum pb_update_outcome {
	PB_UPDATE_TAKEN,
	PB_UPDATE_PRESENT, /* the very same is here */
	PB_UPDATE_OLDER,   /* a later one is */
	PB_UPDATE_FORKED,  /* another one of the same number or second is */
	PB_UPDATE_REFUSED, /* for the reason in `fault` */
	PB_UPDATE_IGNORED, /* of an unknown kind */
};

/* What became of a part. */
struct pb_update_part {
	enum pb_update_kind kind;
	enum pb_update_outcome outcome;
	char name[PB_UPDATE_NAME_CAP]; /* of its file; "" where it cannot be believed */
	const char *fault, *words;     /* keys/trust_list.def, keys/status_list.def: static */
};
typedef void pb_update_tell(void *ctx, const struct pb_update_part *part);

/* What stands in this trust folder, checked first; memory the caller frees. */
PB_MUST_USE enum pb_status pb_update_export(const char *dir, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err);

/* Takes in each part that is good and new, one after another, each durable and whole; the others change nothing.
 * What a crash has kept out is taken in the next time.  PB_INPUT_INVALID, and nothing was taken in, when the bytes are
 * no such file or it was cut short. */
PB_MUST_USE enum pb_status pb_update_import(const char *dir, struct pb_view bytes, pb_update_tell *tell, void *ctx,
					    struct pb_err *err);

#endif
