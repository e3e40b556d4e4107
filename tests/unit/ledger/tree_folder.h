/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A folder of tiles of the leaves "leaf 0", "leaf 1" ..., written by the definition of C2SP tlog-tiles alone: every hash
 * is computed from its leaves, by recursion.  Any failure fails the running test.
 */
#ifndef PROFBILET_TESTS_UNIT_LEDGER_TREE_FOLDER_H
#define PROFBILET_TESTS_UNIT_LEDGER_TREE_FOLDER_H

#include "issuer/ledger/tiles.h"

/* "leaf 7" */
struct pb_view tree_folder_leaf(uint64_t index, char ret_text[static 32]);
/* MTH(D[first:first + size]) of RFC 9162 2.1.1. */
struct pb_hash tree_folder_root(uint64_t first, uint64_t size);
/* All tiles and bundles of the tree of `size` leaves, and a checkpoint file that says "none". */
void tree_folder_write(const char *folder, uint64_t size);
/* One file, with the folders on its way; it may be there. */
void tree_folder_put(const char *folder, const char *path, struct pb_view bytes);
/* The whole of it, at most cap bytes. */
size_t tree_folder_get(const char *folder, const char *path, uint8_t *ret_bytes, size_t cap);
/* The folder with all that is in it. */
void tree_folder_remove(const char *folder);

#endif
