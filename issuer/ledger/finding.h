/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an audit of a ledger can find, as values: a code, the entry it is about, the card.  The audit of an office's own
 * database (audit.h) and the one of what an office has handed out (issuer/audit) speak in the same codes.
 *
 * Not for: words, which are said in the reader's language (issuer/cli/names.h).
 */
#ifndef PROFBILET_ISSUER_LEDGER_FINDING_H
#define PROFBILET_ISSUER_LEDGER_FINDING_H

#include <stdint.h>

enum pb_finding_code {
	PB_FINDING_ENTRY_MISSING,      /* a gap in the numbers, or entries after the end */
	PB_FINDING_ENTRY_INVALID,      /* not the bytes of an entry */
	PB_FINDING_LEAF_HASH,	       /* the bytes are not those that were hashed */
	PB_FINDING_NODE,	       /* a stored subtree is wrong, missing or too many; entry: its last leaf */
	PB_FINDING_CHECKPOINT_MISSING, /* an entry that must be covered by a checkpoint of its commit is not */
	PB_FINDING_CHECKPOINT_INVALID, /* not a checkpoint of this ledger, or not signed by its key */
	PB_FINDING_CHECKPOINT_ROOT,    /* signed, but for other entries than these */
	PB_FINDING_GENESIS,	       /* the first entry is not GENESIS, or there is a second one */
	PB_FINDING_KEY,		       /* the ledger's key is not the one the auditor was given */
	PB_FINDING_TIME,	       /* before the entry before it */
	PB_FINDING_SERIAL,	       /* used twice, out of order, of another office, or unknown */
	PB_FINDING_INTENT,	       /* names an entry that is not this card's INTENT */
	PB_FINDING_MOVE,	       /* a move that the life cycle does not have */
	PB_FINDING_CHIP_TWICE,	       /* two live cards on one chip */
	PB_FINDING_JOB_TWICE,	       /* two cards for one job */
	PB_FINDING_SLOT_TWICE,	       /* a status slot used again */
	PB_FINDING_REISSUE,	       /* replaces a card that was not dead, or without being announced */
	PB_FINDING_STOCK,	       /* the totals are not those of the entries */
	PB_FINDING_APPROVAL,	       /* a card was begun beyond what was ordered, or an order of no size */
	PB_FINDING_CARD_MISSING,       /* the entries know the card, the table does not */
	PB_FINDING_CARD_UNKNOWN,       /* the table knows it, the entries do not */
	PB_FINDING_CARD_DIFFERS,       /* state, slot, times or links are not what the entries say */
	PB_FINDING_CREDENTIAL,	       /* a stored credential is not the one whose hash was entered */
	PB_FINDING_MEMBER,	       /* the stored number is not the one committed to, or has two live cards */
	PB_FINDING_CEREMONY,	       /* a key ceremony that cannot have been: another ledger's key, no such shares, later than its entry */
	PB_FINDING_TRUST,	       /* a trust list whose number is not above that of the one before */
	PB_FINDING_ERASURE,	       /* a person is gone without an entry, or is there in spite of one */
	PB_FINDING_RESTORED,	       /* a new beginning that does not follow from what was before it, or an index that hides one */
	/* Of what an office has handed out (issuer/audit). */
	PB_FINDING_TILE,	     /* a file of the export is missing, short, or not of the entries; about: its path */
	PB_FINDING_COSIGNATURES,     /* not the witnesses that the policy asks for */
	PB_FINDING_ROOT,	     /* no root certificate, or not the one the auditor was given */
	PB_FINDING_TRUST_LIST,	     /* not under the root, or not the one that was entered */
	PB_FINDING_TRUST_OLD,	     /* expired, or older than the last one that was entered */
	PB_FINDING_CERTIFICATE,	     /* a certificate of an issuer is not under the root, or the trust list says otherwise */
	PB_FINDING_ISSUER,	     /* cards were signed by a key that the trust list does not have */
	PB_FINDING_STATUS_LIST,	     /* a status list that cannot be believed */
	PB_FINDING_STATUS_MISSING,   /* cards have places in a list that is not there */
	PB_FINDING_STATUS_OLD,	     /* a status list of more than thirty days */
	PB_FINDING_STATUS_LOST,	     /* refused by the entries and not in the list; entry: the move */
	PB_FINDING_STATUS_EXTRA,     /* refused in the list and not by the entries */
	PB_FINDING_SAMPLE_UNREADABLE, /* a photo or a card that shows no credential */
	PB_FINDING_SAMPLE_FORGED,    /* not signed by the key that it names */
	PB_FINDING_SAMPLE_ISSUER,    /* signed by nobody in the trust list, or by one who must not have */
	PB_FINDING_SAMPLE_COPY,	     /* a true record on another chip */
	PB_FINDING_SAMPLE_UNKNOWN,   /* not in the ledger, not with these bytes, or never finished */
	PB_FINDING_SAMPLE_REVOKED,
	PB_FINDING_SAMPLE_EXPIRED,   /* or not valid yet */
	PB_FINDING_ANCHOR,	     /* made from another history than this, or from a longer one: the ledger was set back */
	PB_FINDING_SIGNER_AHEAD,     /* the holder of the keys signed for more entries than there are; entry: the first that is gone */
	PB_FINDING_SIGNER_ROOT,	     /* he signed for other entries than these; entry: the last he signed for */
	PB_FINDING_SIGNER_COUNT,     /* he signed fewer credentials than there are cards */
	PB_FINDING_SIGNER_CARD,	     /* he signed a card that is not in the ledger */
	PB_FINDING_COUNT
};

/* Stable name: "leaf_hash". */
const char *pb_finding_name(enum pb_finding_code code);
/* One for each code, from PB_FINDING_EXIT_FIRST on; never changed. */
enum { PB_FINDING_EXIT_FIRST = 170 };
int pb_finding_exit_code(enum pb_finding_code code);

#define PB_FINDING_NO_ENTRY UINT64_MAX
enum { PB_FINDING_ABOUT = 96 };

struct pb_finding {
	enum pb_finding_code code;
	uint64_t entry;	 /* index; PB_FINDING_NO_ENTRY: about none */
	uint64_t serial; /* 0: none */
	char about[PB_FINDING_ABOUT]; /* a file or a reader, cut where it is too long; "": none */
};

typedef void pb_finding_fn(void *ctx, const struct pb_finding *finding);

/* Where findings go: all are counted, and of each code the first PB_FINDINGS_TOLD are told. */
enum { PB_FINDINGS_TOLD = 100 };

struct pb_findings {
	pb_finding_fn *tell; /* NULL: nobody listens */
	void *ctx;
	uint64_t count[PB_FINDING_COUNT];
	uint64_t total;
};

void pb_findings_add(struct pb_findings *findings, enum pb_finding_code code, uint64_t entry, uint64_t serial);
void pb_findings_add_about(struct pb_findings *findings, enum pb_finding_code code, uint64_t entry, uint64_t serial,
			   const char *about);

#endif
