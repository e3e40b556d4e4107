/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names and sizes of tiles, and the entries in a bundle.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "issuer/ledger/tiles.h"

unsigned pb_tile_width(unsigned level, uint64_t index, uint64_t size)
{
	uint64_t hashes = level < PB_TILE_LEVELS ? size >> (PB_TILE_HEIGHT * level) : 0;
	uint64_t first = index << PB_TILE_HEIGHT;

	if (size > PB_MERKLE_SIZE_MAX || index > PB_MERKLE_SIZE_MAX >> PB_TILE_HEIGHT || first >= hashes)
		return 0;
	return hashes - first < PB_TILE_WIDTH ? (unsigned)(hashes - first) : PB_TILE_WIDTH;
}

/* Groups of three digits, the last one without x. */
static void put_index(struct pb_writer *out, uint64_t index)
{
	uint64_t unit = 1;
	char group[8];

	while (index / unit >= 1000)
		unit *= 1000;
	for (; unit > 1; unit /= 1000) {
		(void)snprintf(group, sizeof(group), "x%03u/", (unsigned)(index / unit % 1000));
		pb_put_view(out, pb_view_text(group));
	}
	(void)snprintf(group, sizeof(group), "%03u", (unsigned)(index % 1000));
	pb_put_view(out, pb_view_text(group));
}

void pb_tile_path(const struct pb_tile *tile, char ret_path[static PB_TILE_PATH])
{
	struct pb_writer out = pb_writer(ret_path, PB_TILE_PATH);
	char word[16];

	if (tile->entries)
		(void)snprintf(word, sizeof(word), "entries/");
	else
		(void)snprintf(word, sizeof(word), "%u/", tile->level);
	pb_put_view(&out, pb_view_text("tile/"));
	pb_put_view(&out, pb_view_text(word));
	put_index(&out, tile->index);
	if (tile->width != PB_TILE_WIDTH) {
		(void)snprintf(word, sizeof(word), ".p/%u", tile->width);
		pb_put_view(&out, pb_view_text(word));
	}
	pb_put_u8(&out, 0);
	if (out.full)
		PB_BUG("the longest path was not measured");
}

bool pb_bundle_take(struct pb_cursor *bundle, struct pb_view *ret_entry)
{
	struct pb_cursor in = *bundle;
	uint64_t n;

	if (!pb_take_be(&in, 2, &n) || n > PB_ENTRY_MAX || !pb_take(&in, n, ret_entry))
		return false;
	*bundle = in;
	return true;
}

void pb_bundle_put(struct pb_writer *bundle, struct pb_view entry)
{
	pb_put_be(bundle, entry.n, 2);
	pb_put_view(bundle, entry);
}
