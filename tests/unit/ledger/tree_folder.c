/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See tree_folder.h.  Slow on purpose: nothing is kept from one hash to the next.
 */
#define _XOPEN_SOURCE 700 /* nftw */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/ledger/tree_folder.h"

enum { PATH_CAP = 512 };

struct pb_view tree_folder_leaf(uint64_t index, char ret_text[static 32])
{
	(void)snprintf(ret_text, 32, "leaf %llu", (unsigned long long)index);
	return pb_view_text(ret_text);
}

struct pb_hash tree_folder_root(uint64_t first, uint64_t size)
{
	struct pb_hash left, right;
	uint64_t k = 1;
	char text[32];

	if (size == 1)
		return pb_merkle_leaf(tree_folder_leaf(first, text));
	while (2 * k < size)
		k *= 2;
	left = tree_folder_root(first, k);
	right = tree_folder_root(first + k, size - k);
	return pb_merkle_node(&left, &right);
}

static void make_folders(const char *path)
{
	char part[PATH_CAP];

	for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		(void)snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		(void)mkdir(part, 0700);
	}
}

void tree_folder_put(const char *folder, const char *path, struct pb_view bytes)
{
	char name[PATH_CAP];
	FILE *file;

	(void)snprintf(name, sizeof(name), "%s/%s", folder, path);
	make_folders(name);
	file = fopen(name, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, file), bytes.n);
	assert_int_equal(fclose(file), 0);
}

size_t tree_folder_get(const char *folder, const char *path, uint8_t *ret_bytes, size_t cap)
{
	char name[PATH_CAP];
	FILE *file;
	size_t n;

	(void)snprintf(name, sizeof(name), "%s/%s", folder, path);
	file = fopen(name, "rb");
	if (file == NULL)
		fail_msg("%s is not there", name);
	n = fread(ret_bytes, 1, cap, file);
	assert_int_equal(fclose(file), 0);
	return n;
}

static void put_tile(const char *folder, const struct pb_tile *tile)
{
	uint64_t leaves = UINT64_C(1) << (PB_TILE_HEIGHT * tile->level), first = tile->index * PB_TILE_WIDTH;
	struct pb_hash hashes[PB_TILE_WIDTH];
	char path[PB_TILE_PATH];

	for (unsigned i = 0; i < tile->width; i++)
		hashes[i] = tree_folder_root((first + i) * leaves, leaves);
	pb_tile_path(tile, path);
	tree_folder_put(folder, path, pb_view(hashes, tile->width * sizeof(hashes[0])));
}

static void put_bundle(const char *folder, const struct pb_tile *tile)
{
	uint8_t room[PB_TILE_WIDTH * 40];
	size_t n = 0;
	char path[PB_TILE_PATH], text[32];

	for (unsigned i = 0; i < tile->width; i++) {
		struct pb_view leaf = tree_folder_leaf(tile->index * PB_TILE_WIDTH + i, text);

		room[n++] = 0;
		room[n++] = (uint8_t)leaf.n;
		memcpy(room + n, leaf.p, leaf.n);
		n += leaf.n;
	}
	pb_tile_path(tile, path);
	tree_folder_put(folder, path, pb_view(room, n));
}

void tree_folder_write(const char *folder, uint64_t size)
{
	struct pb_tile tile = { 0 };

	(void)mkdir(folder, 0700);
	tree_folder_put(folder, "checkpoint", pb_view_text("none"));
	for (; tile.level < PB_TILE_LEVELS; tile.level++)
		for (tile.index = 0; (tile.width = pb_tile_width(tile.level, tile.index, size)) > 0; tile.index++)
			put_tile(folder, &tile);
	tile.entries = true;
	tile.level = 0;
	for (tile.index = 0; (tile.width = pb_tile_width(0, tile.index, size)) > 0; tile.index++)
		put_bundle(folder, &tile);
}

static int remove_one(const char *path, const struct stat *found, int type, struct FTW *at)
{
	(void)found;
	(void)type;
	(void)at;
	return remove(path);
}

void tree_folder_remove(const char *folder)
{
	(void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
