/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a ledger is laid out as files that any static server or stick can carry (C2SP tlog-tiles):
 *
 *     checkpoint                 the newest signed note
 *     tile/L/N[.p/W]             256 hashes, W in a partial tile: subtrees of level 8 * L
 *     tile/entries/N[.p/W]       the entries under tile/0/N, each with its length in two bytes before it
 *
 * N is written in groups of three digits, all but the last with an x before them: 1234067 is x001/x234/067.
 *
 * Not for: reading a folder (tile_folder.h), making one (ledger_export.h).
 */
#ifndef PROFBILET_ISSUER_LEDGER_TILES_H
#define PROFBILET_ISSUER_LEDGER_TILES_H

#include "issuer/ledger/entry.h"
#include "issuer/ledger/merkle.h"

enum {
	PB_TILE_HEIGHT = 8,
	PB_TILE_WIDTH = 1 << PB_TILE_HEIGHT,
	PB_TILE_LEVELS = 8, /* that a tree of at most 2^63 - 1 leaves has */
	PB_TILE_BYTES = PB_TILE_WIDTH * PB_MERKLE_HASH,
	PB_BUNDLE_BYTES = PB_TILE_WIDTH * (2 + PB_ENTRY_MAX),
	PB_TILE_PATH = 64, /* with NUL */
};

struct pb_tile {
	bool entries;	/* the bundle of entries; level is 0 then */
	unsigned level; /* below PB_TILE_LEVELS */
	uint64_t index;
	unsigned width; /* 1 to PB_TILE_WIDTH, which is a full tile */
};

/* How many hashes the tile of this level and index has in a tree of that size; 0: there is no such tile. */
unsigned pb_tile_width(unsigned level, uint64_t index, uint64_t size);
/* Relative to the folder. */
void pb_tile_path(const struct pb_tile *tile, char ret_path[static PB_TILE_PATH]);

/* One entry of a bundle, at most PB_ENTRY_MAX bytes.  False when it is cut short or too long. */
bool pb_bundle_take(struct pb_cursor *bundle, struct pb_view *ret_entry);
void pb_bundle_put(struct pb_writer *bundle, struct pb_view entry);

#endif
