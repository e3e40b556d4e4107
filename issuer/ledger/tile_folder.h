/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a folder of tiles (tiles.h) that somebody handed over.  Nothing in it is believed: files have bounds, what is
 * no plain file is not opened, and whatever is amiss is told as a value, with the file's name.  Full tiles stand in for
 * partial ones.
 *
 * First the checkpoint is opened (note.h) with a key that is trusted; then the tree of its size is looked at:
 * pb_tiles_walk reads everything once and holds each tile against the entries; pb_tiles_fetch makes proofs
 * of the few tiles that they need.
 *
 * Not for: what the entries say (that they are cards, in order), nor whether the root is the one that was signed: the
 * caller has the checkpoint.
 */
#ifndef PROFBILET_ISSUER_LEDGER_TILE_FOLDER_H
#define PROFBILET_ISSUER_LEDGER_TILE_FOLDER_H

#include "base/err.h"
#include "issuer/ledger/tiles.h"

struct pb_tiles;

/* PB_FILE_UNREADABLE: there is no such folder, or no checkpoint in it; PB_INPUT_TOO_LARGE: no checkpoint is that long. */
PB_MUST_USE enum pb_status pb_tiles_open(const char *folder, struct pb_tiles **ret_tiles, struct pb_err *err);
/* The same for whoever has a checkpoint of his own: that of the folder is not looked for, and empty. */
PB_MUST_USE enum pb_status pb_tiles_open_bare(const char *folder, struct pb_tiles **ret_tiles, struct pb_err *err);
void pb_tiles_close(struct pb_tiles *tiles); /* accepts NULL */

/* The bytes of the checkpoint, borrowed, not opened. */
struct pb_view pb_tiles_checkpoint(const struct pb_tiles *tiles);
/* Of which tree tiles are read from now on; at most PB_MERKLE_SIZE_MAX. */
void pb_tiles_set_size(struct pb_tiles *tiles, uint64_t size);

enum pb_tiles_fault_kind {
	PB_TILES_MISSING,   /* neither the file nor the full tile that would do */
	PB_TILES_UNREADABLE, /* there, but no plain file, or the disk failed */
	PB_TILES_LENGTH,    /* not of the length it must have */
	PB_TILES_ENTRIES,   /* a bundle that does not hold its entries, one after the other to its end */
	PB_TILES_LEAF,	    /* an entry does not have the hash that tile/0 has for it */
	PB_TILES_NODE,	    /* a hash of a higher tile is not that of what is below it */
	PB_TILES_FAULTS
};
/* Stable name: "missing". */
const char *pb_tiles_fault_name(enum pb_tiles_fault_kind kind);

struct pb_tiles_fault {
	enum pb_tiles_fault_kind kind;
	char path[PB_TILE_PATH];
	uint64_t entry; /* index of the first that is concerned */
};

/* A pb_merkle_fetch_fn: `ctx` is the tiles.  After it said no, pb_tiles_last_fault says why. */
bool pb_tiles_fetch(void *ctx, unsigned level, uint64_t index, struct pb_hash *ret_hash);
const struct pb_tiles_fault *pb_tiles_last_fault(const struct pb_tiles *tiles);

struct pb_tiles_visitor {
	/* Every entry in order, with the leaf hash of its bytes; what could not be read is passed over.  Bytes are
	 * borrowed for the call.  False stops the walk. */
	bool (*entry)(void *ctx, uint64_t index, struct pb_view bytes, const struct pb_hash *leaf);
	void (*fault)(void *ctx, const struct pb_tiles_fault *fault); /* at most one for each file and kind */
	void *ctx;
};

/* Walks the whole tree.  *ret_edge: what the entries (where a bundle is missing, the leaf hashes of tile/0) give;
 * pb_merkle_root of it is to be the checkpoint's.  Its size is short of the tree's when the walk ended early: at the
 * first bundle that is missing together with its leaf hashes, which is a fault, or where the visitor said so. */
void pb_tiles_walk(struct pb_tiles *tiles, const struct pb_tiles_visitor *visitor, struct pb_merkle_edge *ret_edge);

#endif
