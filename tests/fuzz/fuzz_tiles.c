/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A folder of tiles from anywhere.  The input is the folder: size of the tree (2 bytes), and files one after the other:
 * which one (1 byte), its length (2 bytes), its bytes.  However it lies, the walk ends, what it tells lies in the tree,
 * and proofs are made or refused.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "issuer/ledger/tile_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/profbilet-fuzz-tiles-XXXXXX";

static const char *const folders[] = { "tile", "tile/0", "tile/0/000.p", "tile/0/001.p", "tile/1", "tile/1/000.p",
				       "tile/entries", "tile/entries/000.p", "tile/entries/001.p" };
static const char *const files[] = {
	"checkpoint", "tile/0/000", "tile/0/001", "tile/1/000", "tile/entries/000", "tile/entries/001", "tile/0/000.p/3",
	"tile/0/001.p/1", "tile/1/000.p/1", "tile/entries/000.p/3", "tile/entries/001.p/1",
};
enum { FOLDERS = sizeof(folders) / sizeof(folders[0]), FILES = sizeof(files) / sizeof(files[0]), SIZE_MOST = 600 };

static const char *inside(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void tidy_up(void)
{
	for (size_t i = 0; i < FILES; i++)
		(void)unlink(inside(files[i]));
}

static void leave(void)
{
	tidy_up();
	for (size_t i = FOLDERS; i-- > 0;)
		(void)rmdir(inside(folders[i]));
	(void)rmdir(folder);
}

static void make_folder(void)
{
	static bool made;

	if (made)
		return;
	made = true;
	if (mkdtemp(folder) == NULL)
		abort();
	for (size_t i = 0; i < FOLDERS; i++)
		if (mkdir(inside(folders[i]), 0700) != 0)
			abort();
	(void)atexit(leave);
}

static void put_file(const char *name, struct pb_view bytes)
{
	int fd = open(inside(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || (bytes.n > 0 && write(fd, bytes.p, bytes.n) != (ssize_t)bytes.n))
		abort();
	close(fd);
}

static void unpack(struct pb_cursor *in)
{
	struct pb_view bytes;
	uint64_t length;
	uint8_t file;

	tidy_up();
	put_file(files[0], pb_view(NULL, 0));
	while (pb_take_u8(in, &file) && pb_take_be(in, 2, &length) && pb_take(in, length, &bytes))
		put_file(files[file % FILES], bytes);
}

struct seen {
	uint64_t size, next, faults;
};

static bool see_entry(void *ctx, uint64_t index, struct pb_view bytes, const struct pb_hash *leaf)
{
	struct seen *seen = ctx;
	struct pb_hash again = pb_merkle_leaf(bytes);

	if (index < seen->next || index >= seen->size || bytes.n > PB_ENTRY_MAX || !pb_hash_equal(&again, leaf))
		abort();
	seen->next = index + 1;
	return true;
}

static void see_fault(void *ctx, const struct pb_tiles_fault *fault)
{
	struct seen *seen = ctx;

	/* Three files with two faults each, and the tile above. */
	if (fault->entry >= seen->size || fault->path[0] != 't' || ++seen->faults > 12)
		abort();
}

static void look(struct pb_tiles *tiles, uint64_t size)
{
	struct seen seen = { .size = size };
	struct pb_tiles_visitor visitor = { see_entry, see_fault, &seen };
	struct pb_merkle_edge edge;
	struct pb_merkle_proof proof;

	pb_tiles_set_size(tiles, size);
	pb_tiles_walk(tiles, &visitor, &edge);
	if (edge.size > size || (edge.size < size && seen.faults == 0))
		abort();
	for (uint64_t index = 0; index < size; index += 1 + size / 3)
		(void)pb_merkle_prove_inclusion(index, size, pb_tiles_fetch, tiles, &proof);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pb_cursor in = pb_cursor(pb_view(data, size));
	struct pb_tiles *tiles;
	uint64_t leaves;

	if (!pb_take_be(&in, 2, &leaves))
		return 0;
	make_folder();
	unpack(&in);
	if (pb_tiles_open(folder, &tiles, NULL) != PB_OK)
		abort();
	look(tiles, leaves % SIZE_MOST);
	pb_tiles_close(tiles);
	return 0;
}
