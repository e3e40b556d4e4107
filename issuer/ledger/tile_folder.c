/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tiles from files: one tile of each level is kept, which is enough for a walk from the left to the right and for the
 * hashes of a proof.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "issuer/ledger/note.h"
#include "issuer/ledger/tile_folder.h"

struct slot {
	struct pb_tile tile; /* width 0: none was asked for yet */
	bool whole;	     /* its hashes are here; else it was asked for in vain */
	bool told;	     /* a wrong hash in it */
	uint8_t bytes[PB_TILE_BYTES];
};

struct pb_tiles {
	int folder;
	uint64_t size;
	struct slot slots[PB_TILE_LEVELS];
	struct pb_tiles_fault last;
	uint8_t checkpoint[PB_NOTE_MAX];
	size_t checkpoint_n;
	uint8_t bundle[PB_BUNDLE_BYTES + 1];
};

const char *pb_tiles_fault_name(enum pb_tiles_fault_kind kind)
{
	static const char *const names[PB_TILES_FAULTS] = {
		[PB_TILES_MISSING] = "missing", [PB_TILES_UNREADABLE] = "unreadable", [PB_TILES_LENGTH] = "length",
		[PB_TILES_ENTRIES] = "entries", [PB_TILES_LEAF] = "leaf",	      [PB_TILES_NODE] = "node",
	};

	return kind < PB_TILES_FAULTS ? names[kind] : "unknown";
}

/* ---- files */

static bool read_all(int fd, uint8_t *bytes, size_t cap, size_t *ret_n)
{
	size_t n = 0;

	while (n < cap) {
		ssize_t got = read(fd, bytes + n, cap - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*ret_n = n;
	return true;
}

/* At most cap bytes; a file that is longer gives cap.  errno says why not, 0: it is no plain file. */
static bool read_file(int folder, const char *path, uint8_t *bytes, size_t cap, size_t *ret_n)
{
	/* A named pipe must not hold us up, and a terminal must not become ours. */
	int fd = openat(folder, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), failed = 0;
	struct stat found;
	bool done = false;

	if (fd < 0)
		return false;
	if (fstat(fd, &found) == 0 && S_ISREG(found.st_mode)) {
		done = read_all(fd, bytes, cap, ret_n);
		failed = errno;
	}
	close(fd);
	errno = failed;
	return done;
}

enum pb_status pb_tiles_open_bare(const char *folder, struct pb_tiles **ret_tiles, struct pb_err *err)
{
	struct pb_tiles *tiles;
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "%s", folder);
	tiles = calloc(1, sizeof(*tiles));
	if (tiles == NULL) {
		close(fd);
		return pb_fail(err, PB_NO_MEMORY, "tiles");
	}
	tiles->folder = fd;
	*ret_tiles = tiles;
	return PB_OK;
}

static enum pb_status read_checkpoint(struct pb_tiles *tiles, const char *folder, struct pb_err *err)
{
	uint8_t longer[PB_NOTE_MAX + 1];
	size_t n;

	if (!read_file(tiles->folder, "checkpoint", longer, sizeof(longer), &n))
		return errno != 0 ? pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "%s/checkpoint", folder)
				  : pb_fail(err, PB_FILE_UNREADABLE, "%s/checkpoint is no file", folder);
	if (n > PB_NOTE_MAX)
		return pb_fail(err, PB_INPUT_TOO_LARGE, "%s/checkpoint", folder);
	memcpy(tiles->checkpoint, longer, n);
	tiles->checkpoint_n = n;
	return PB_OK;
}

enum pb_status pb_tiles_open(const char *folder, struct pb_tiles **ret_tiles, struct pb_err *err)
{
	struct pb_tiles *tiles = NULL;
	enum pb_status s = pb_tiles_open_bare(folder, &tiles, err);

	if (s == PB_OK)
		s = read_checkpoint(tiles, folder, err);
	if (s != PB_OK) {
		pb_tiles_close(tiles);
		return s;
	}
	*ret_tiles = tiles;
	return PB_OK;
}

void pb_tiles_close(struct pb_tiles *tiles)
{
	if (tiles == NULL)
		return;
	if (tiles->folder >= 0)
		close(tiles->folder);
	free(tiles);
}

struct pb_view pb_tiles_checkpoint(const struct pb_tiles *tiles)
{
	return pb_view(tiles->checkpoint, tiles->checkpoint_n);
}

static void forget(struct slot *slot)
{
	slot->tile.width = 0;
}

void pb_tiles_set_size(struct pb_tiles *tiles, uint64_t size)
{
	if (size > PB_MERKLE_SIZE_MAX)
		PB_BUG("no tree is that large");
	tiles->size = size;
	for (size_t i = 0; i < PB_TILE_LEVELS; i++)
		forget(&tiles->slots[i]);
}

const struct pb_tiles_fault *pb_tiles_last_fault(const struct pb_tiles *tiles)
{
	return &tiles->last;
}

/* ---- one tile */

static uint64_t first_entry(const struct pb_tile *tile)
{
	unsigned shift = PB_TILE_HEIGHT * (tile->level + 1);

	return shift < 64 ? tile->index << shift : 0;
}

static bool fault(struct pb_tiles *tiles, enum pb_tiles_fault_kind kind, const struct pb_tile *tile, unsigned within)
{
	tiles->last = (struct pb_tiles_fault){ .kind = kind, .entry = first_entry(tile) + within };
	pb_tile_path(tile, tiles->last.path);
	return false;
}

/* The file of this tile, or the full one in its place: tile->width then says so. */
static bool read_tile_file(struct pb_tiles *tiles, struct pb_tile *tile, uint8_t *bytes, size_t cap, size_t *ret_n)
{
	char path[PB_TILE_PATH];
	struct pb_tile full = *tile;

	pb_tile_path(tile, path);
	if (read_file(tiles->folder, path, bytes, cap, ret_n))
		return true;
	if (errno != ENOENT && errno != ENOTDIR)
		return fault(tiles, PB_TILES_UNREADABLE, tile, 0);
	full.width = PB_TILE_WIDTH;
	pb_tile_path(&full, path);
	if (tile->width == PB_TILE_WIDTH || !read_file(tiles->folder, path, bytes, cap, ret_n))
		return fault(tiles, PB_TILES_MISSING, tile, 0);
	*tile = full;
	return true;
}

/* False, and a fault, when it cannot be had; asked for again, it is not looked for again. */
static bool load(struct pb_tiles *tiles, unsigned level, uint64_t index, struct slot **ret_slot, bool *ret_tried)
{
	struct slot *slot = &tiles->slots[level];
	uint8_t longer[PB_TILE_BYTES + 1];
	struct pb_tile file;
	size_t n;

	*ret_slot = slot;
	*ret_tried = slot->tile.width != 0 && slot->tile.index == index;
	if (*ret_tried)
		return slot->whole;
	slot->tile = (struct pb_tile){ .level = level, .index = index, .width = pb_tile_width(level, index, tiles->size) };
	slot->whole = slot->told = false;
	file = slot->tile;
	if (!read_tile_file(tiles, &file, longer, sizeof(longer), &n))
		return false;
	if (n != (size_t)file.width * PB_MERKLE_HASH)
		return fault(tiles, PB_TILES_LENGTH, &file, 0);
	memcpy(slot->bytes, longer, n);
	slot->whole = true;
	return true;
}

static struct pb_hash hash_in(const struct slot *slot, unsigned place)
{
	struct pb_hash hash;

	memcpy(hash.bytes, slot->bytes + (size_t)place * PB_MERKLE_HASH, PB_MERKLE_HASH);
	return hash;
}

/* The subtree over 2^height hashes of a tile. */
static struct pb_hash fold(const struct slot *slot, unsigned place, unsigned height)
{
	struct pb_hash hashes[PB_TILE_WIDTH / 2];

	for (unsigned i = 0; i < 1u << height; i++)
		hashes[i] = hash_in(slot, place + i);
	for (; height > 0; height--)
		for (unsigned i = 0; i < 1u << (height - 1); i++)
			hashes[i] = pb_merkle_node(&hashes[2 * i], &hashes[2 * i + 1]);
	return hashes[0];
}

bool pb_tiles_fetch(void *ctx, unsigned level, uint64_t index, struct pb_hash *ret_hash)
{
	struct pb_tiles *tiles = ctx;
	unsigned height = level % PB_TILE_HEIGHT;
	uint64_t first = index << height;
	struct pb_tile tile = { .level = level / PB_TILE_HEIGHT, .index = first >> PB_TILE_HEIGHT };
	unsigned place = (unsigned)(first % PB_TILE_WIDTH);
	struct slot *slot;
	bool tried;

	tile.width = pb_tile_width(tile.level, tile.index, tiles->size);
	if (level >= PB_MERKLE_LEVELS || place + (1u << height) > tile.width)
		PB_BUG("a subtree that the tree does not have");
	if (!tiles->slots[tile.level].whole)
		forget(&tiles->slots[tile.level]); /* so that the fault is told again */
	if (!load(tiles, tile.level, tile.index, &slot, &tried))
		return false;
	*ret_hash = fold(slot, place, height);
	return true;
}

/* ---- the walk */

struct walk {
	struct pb_tiles *tiles;
	const struct pb_tiles_visitor *visitor;
	struct pb_merkle_edge edge;
};

static void tell(struct walk *walk)
{
	walk->visitor->fault(walk->visitor->ctx, &walk->tiles->last);
}

/* NULL when it cannot be had, which was told. */
static struct slot *slot_of(struct walk *walk, unsigned level, uint64_t index)
{
	struct slot *slot;
	bool tried;

	if (load(walk->tiles, level, index, &slot, &tried))
		return slot;
	if (!tried)
		tell(walk);
	return NULL;
}

static void compare(struct walk *walk, struct slot *slot, unsigned place, const struct pb_hash *hash)
{
	struct pb_hash stored = hash_in(slot, place);

	if (slot->told || pb_hash_equal(&stored, hash))
		return;
	slot->told = true;
	(void)fault(walk->tiles, slot->tile.level == 0 ? PB_TILES_LEAF : PB_TILES_NODE, &slot->tile, 0);
	walk->tiles->last.entry += (uint64_t)place << (PB_TILE_HEIGHT * slot->tile.level);
	tell(walk);
}

static bool check_node(void *ctx, unsigned level, uint64_t index, const struct pb_hash *hash)
{
	struct walk *walk = ctx;
	struct slot *slot;

	if (level % PB_TILE_HEIGHT != 0)
		return true;
	slot = slot_of(walk, level / PB_TILE_HEIGHT, index >> PB_TILE_HEIGHT);
	if (slot != NULL)
		compare(walk, slot, (unsigned)(index % PB_TILE_WIDTH), hash);
	return true;
}

static void grow(struct walk *walk, const struct pb_hash *leaf)
{
	if (!pb_merkle_append(&walk->edge, leaf, check_node, walk))
		PB_BUG("the size was checked");
}

/* The entries of a bundle, as far as it goes; *ret_n of them.  False when the visitor wants no more. */
static bool visit_entries(struct walk *walk, const struct pb_tile *bundle, struct pb_cursor in, bool to_the_end,
			  struct slot *leaves, unsigned *ret_n)
{
	struct pb_view entry;
	bool more = true;
	unsigned n = 0;

	while (more && n < bundle->width && pb_bundle_take(&in, &entry)) {
		struct pb_hash leaf = pb_merkle_leaf(entry);
		uint64_t index = walk->edge.size;

		if (leaves != NULL)
			compare(walk, leaves, n, &leaf);
		grow(walk, &leaf);
		n++;
		more = walk->visitor->entry(walk->visitor->ctx, index, entry, &leaf);
	}
	if (more && (n < bundle->width || (to_the_end && in.left != 0))) {
		(void)fault(walk->tiles, PB_TILES_ENTRIES, bundle, n < bundle->width ? n : n - 1);
		tell(walk);
	}
	*ret_n = n;
	return more;
}

/* Goes on with the leaf hashes alone where the entries are not to be had; false when those are missing, too. */
static bool visit_bundle(struct walk *walk, uint64_t index)
{
	struct pb_tiles *tiles = walk->tiles;
	struct pb_tile bundle = { .entries = true, .index = index, .width = pb_tile_width(0, index, tiles->size) }, file = bundle;
	struct slot *leaves = slot_of(walk, 0, index);
	unsigned read = 0;
	size_t n;

	if (!read_tile_file(tiles, &file, tiles->bundle, sizeof(tiles->bundle), &n))
		tell(walk);
	else if (!visit_entries(walk, &bundle, pb_cursor(pb_view(tiles->bundle, n)), file.width == bundle.width, leaves, &read))
		return false;
	for (; leaves != NULL && read < bundle.width; read++) {
		struct pb_hash leaf = hash_in(leaves, read);

		grow(walk, &leaf);
	}
	return read == bundle.width;
}

void pb_tiles_walk(struct pb_tiles *tiles, const struct pb_tiles_visitor *visitor, struct pb_merkle_edge *ret_edge)
{
	struct walk walk = { .tiles = tiles, .visitor = visitor };

	pb_tiles_set_size(tiles, tiles->size); /* nothing of an earlier look */
	for (uint64_t bundle = 0; walk.edge.size < tiles->size; bundle++)
		if (!visit_bundle(&walk, bundle))
			break;
	*ret_edge = walk.edge;
}
