/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tiles out of the tables.  The checkpoint is written last, and only over tiles that lead to its root; an older one in
 * the folder says what may not change any more.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "issuer/ledger/export.h"
#include "issuer/ledger/internal.h"
#include "issuer/ledger/tile_folder.h"
#include "issuer/ledger/tile_writer.h"
#include "issuer/ledger/tlog_proof.h"

struct export {
	struct pb_ledger *ledger;
	struct pb_tile_writer writer;
	char note[PB_COSIGNED_MAX];
	struct pb_checkpoint checkpoint;
	uint64_t firm; /* entries of the checkpoint in the folder; 0: there is none */
	struct pb_hash hashes[PB_TILE_WIDTH];
	uint8_t bundle[PB_BUNDLE_BYTES];
};

/* ---- checkpoints */

static bool open_note(const struct pb_ledger *ledger, struct pb_view note, struct pb_checkpoint *ret_checkpoint)
{
	struct pb_view text;

	return pb_note_open(note, &ledger->key, 1, &text, NULL) == PB_NOTE_GOOD && pb_checkpoint_parse(text, ret_checkpoint) &&
	       strcmp(ret_checkpoint->origin, ledger->key.name) == 0;
}

/* That the tables lead to the root of a checkpoint. */
static enum pb_status is_of_tables(struct pb_ledger *ledger, const struct pb_checkpoint *checkpoint, bool *ret_is, struct pb_err *err)
{
	struct ledger_fetch fetch = { ledger->store, err, PB_OK };
	struct pb_merkle_edge edge;
	struct pb_hash root;

	if (!pb_merkle_edge_fetch(checkpoint->size, ledger_fetch, &fetch, &edge))
		return fetch.status;
	root = pb_merkle_root(&edge);
	*ret_is = pb_hash_equal(&root, &checkpoint->root);
	return PB_OK;
}

/* Of that many entries, 0: the newest; with what witnesses have signed, and found to be of the tables. */
static enum pb_status read_checkpoint(struct pb_ledger *ledger, uint64_t size, char ret_note[static PB_COSIGNED_MAX],
				      struct pb_checkpoint *ret_checkpoint, struct pb_err *err)
{
	bool is = false;
	enum pb_status s = pb_ledger_cosigned(ledger, size, ret_note, err);

	if (s != PB_OK)
		return s;
	if (!open_note(ledger, pb_view_text(ret_note), ret_checkpoint))
		return pb_fail(err, PB_LEDGER_CORRUPT, "a checkpoint is not this ledger's");
	s = is_of_tables(ledger, ret_checkpoint, &is, err);
	if (s == PB_OK && !is)
		s = pb_fail(err, PB_LEDGER_CORRUPT, "the first %llu entries are not those that were signed for",
			    (unsigned long long)ret_checkpoint->size);
	return s;
}

/* The folder's own checkpoint, if it has one, must be an earlier one of this ledger. */
static enum pb_status meet_older(struct export *export, const char *folder, struct pb_err *err)
{
	struct pb_checkpoint older = { 0 };
	struct pb_tiles *tiles;
	enum pb_status s;
	bool is = false;

	if (faccessat(export->writer.folder, "checkpoint", F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return PB_OK;
	s = pb_tiles_open(folder, &tiles, err);
	if (s != PB_OK)
		return s;
	if (!open_note(export->ledger, pb_tiles_checkpoint(tiles), &older))
		s = pb_fail(err, PB_CONFLICT, "%s is of another ledger", folder);
	else if (older.size > export->checkpoint.size)
		s = pb_fail(err, PB_CONFLICT, "%s has a checkpoint of %llu entries, and the ledger one of %llu", folder,
			    (unsigned long long)older.size, (unsigned long long)export->checkpoint.size);
	else
		s = is_of_tables(export->ledger, &older, &is, err);
	if (s == PB_OK && !is)
		s = pb_fail(err, PB_CONFLICT, "the checkpoint in %s is signed by the ledger's key for other entries", folder);
	export->firm = older.size;
	pb_tiles_close(tiles);
	return s;
}

/* ---- tiles */

static const char leaf_hashes[] = "SELECT idx,lh FROM entry WHERE idx>=?1 AND idx<?2 ORDER BY idx";
static const char node_hashes[] = "SELECT ix,h FROM node WHERE ix>=?1 AND ix<?2 AND lv=?3 ORDER BY ix";

static enum pb_status read_hashes(struct export *export, const struct pb_tile *tile, struct pb_view *ret_tile, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	uint64_t first = tile->index << PB_TILE_HEIGHT;
	enum pb_status s = pb_query(export->ledger->store, tile->level == 0 ? leaf_hashes : node_hashes, &q, err);
	bool row = true;

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)first);
	pb_bind_int(&q, 2, (int64_t)(first + tile->width));
	if (tile->level > 0)
		pb_bind_int(&q, 3, PB_TILE_HEIGHT * tile->level);
	for (unsigned i = 0; i < tile->width; i++) {
		s = pb_query_step(&q, &row, err);
		if (s != PB_OK)
			return s;
		if (!row || (uint64_t)pb_column_int(&q, 0) != first + i ||
		    !pb_column_copy(&q, 1, export->hashes[i].bytes, PB_MERKLE_HASH))
			return pb_fail(err, PB_LEDGER_CORRUPT, "the subtree (%u, %llu) is missing", PB_TILE_HEIGHT * tile->level,
				       (unsigned long long)(first + i));
	}
	*ret_tile = pb_view(export->hashes, tile->width * sizeof(export->hashes[0]));
	return PB_OK;
}

static enum pb_status read_bundle(struct export *export, const struct pb_tile *tile, struct pb_view *ret_bundle, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	struct pb_writer out = pb_writer(export->bundle, sizeof(export->bundle));
	uint64_t first = tile->index << PB_TILE_HEIGHT;
	enum pb_status s = pb_query(export->ledger->store, "SELECT idx,rec FROM entry WHERE idx>=?1 AND idx<?2 ORDER BY idx", &q, err);
	bool row = true;

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)first);
	pb_bind_int(&q, 2, (int64_t)(first + tile->width));
	for (unsigned i = 0; i < tile->width; i++) {
		s = pb_query_step(&q, &row, err);
		if (s != PB_OK)
			return s;
		if (!row || (uint64_t)pb_column_int(&q, 0) != first + i)
			return pb_fail(err, PB_LEDGER_CORRUPT, "entry %llu is missing", (unsigned long long)(first + i));
		pb_bundle_put(&out, pb_column_bytes(&q, 1));
	}
	if (!pb_writer_view(&out, ret_bundle))
		return pb_fail(err, PB_LEDGER_CORRUPT, "an entry after %llu is too long", (unsigned long long)first);
	return PB_OK;
}

/* Whether the older tree in the folder has this very file. */
static bool is_firm(const struct export *export, const struct pb_tile *tile)
{
	return pb_tile_width(tile->level, tile->index, export->firm) == tile->width;
}

static enum pb_status put_tile(struct export *export, const struct pb_tile *tile, struct pb_err *err)
{
	struct pb_view bytes;
	char path[PB_TILE_PATH];
	enum pb_status s = tile->entries ? read_bundle(export, tile, &bytes, err) : read_hashes(export, tile, &bytes, err);

	pb_tile_path(tile, path);
	return s == PB_OK ? pb_tile_writer_put(&export->writer, path, bytes, is_firm(export, tile), err) : s;
}

/* Of one level, or the bundles. */
static enum pb_status put_row(struct export *export, bool entries, unsigned level, struct pb_err *err)
{
	struct pb_tile tile = { .entries = entries, .level = level };
	enum pb_status s = PB_OK;

	while (s == PB_OK && (tile.width = pb_tile_width(level, tile.index, export->checkpoint.size)) > 0) {
		s = put_tile(export, &tile, err);
		tile.index++;
	}
	return s;
}

/* ---- reading it back: what the medium holds leads to the root that was signed */

static bool pass_entry(void *ctx, uint64_t index, struct pb_view bytes, const struct pb_hash *leaf)
{
	const struct pb_tiles_fault *first = ctx;

	(void)index, (void)bytes, (void)leaf;
	return first->path[0] == '\0';
}

static void keep_fault(void *ctx, const struct pb_tiles_fault *fault)
{
	struct pb_tiles_fault *first = ctx;

	if (first->path[0] == '\0')
		*first = *fault;
}

static enum pb_status say_fault(const struct pb_tiles_fault *fault, struct pb_err *err)
{
	if (fault->kind == PB_TILES_LEAF || fault->kind == PB_TILES_NODE)
		return pb_fail(err, PB_LEDGER_CORRUPT, "entry %llu is not what was hashed (%s)", (unsigned long long)fault->entry, fault->path);
	return pb_fail(err, PB_FILE_UNREADABLE, "%s, read back: %s", fault->path, pb_tiles_fault_name(fault->kind));
}

static enum pb_status read_back(const struct export *export, const char *folder, struct pb_err *err)
{
	struct pb_tiles_fault first = { 0 };
	struct pb_tiles_visitor visitor = { pass_entry, keep_fault, &first };
	struct pb_merkle_edge edge;
	struct pb_tiles *tiles;
	struct pb_hash root;
	enum pb_status s = pb_tiles_open_bare(folder, &tiles, err);

	if (s != PB_OK)
		return s;
	pb_tiles_set_size(tiles, export->checkpoint.size);
	pb_tiles_walk(tiles, &visitor, &edge);
	pb_tiles_close(tiles);
	if (first.path[0] != '\0')
		return say_fault(&first, err);
	root = pb_merkle_root(&edge);
	if (!pb_hash_equal(&root, &export->checkpoint.root))
		return pb_fail(err, PB_LEDGER_CORRUPT, "the first %llu entries are not those that were signed for", (unsigned long long)edge.size);
	return PB_OK;
}

static enum pb_status put_all(struct export *export, const char *folder, struct pb_err *err)
{
	enum pb_status s = read_checkpoint(export->ledger, 0, export->note, &export->checkpoint, err);

	if (s == PB_OK)
		s = meet_older(export, folder, err);
	if (s == PB_OK)
		s = put_row(export, true, 0, err);
	for (unsigned level = 0; s == PB_OK && level < PB_TILE_LEVELS; level++)
		s = put_row(export, false, level, err);
	if (s == PB_OK)
		s = read_back(export, folder, err);
	if (s == PB_OK)
		s = pb_tile_writer_finish(&export->writer, "checkpoint", pb_view_text(export->note), err);
	return s;
}

enum pb_status pb_ledger_export(struct pb_ledger *ledger, const char *folder, struct pb_ledger_exported *ret_exported,
				struct pb_err *err)
{
	struct export *export = calloc(1, sizeof(*export));
	enum pb_status s;

	if (export == NULL)
		return pb_fail(err, PB_NO_MEMORY, "a bundle of entries");
	export->ledger = ledger;
	s = pb_tile_writer_open(folder, &export->writer, err);
	if (s != PB_OK)
		goto out;
	s = pb_store_begin_reading(ledger->store, err);
	if (s == PB_OK) {
		s = put_all(export, folder, err);
		pb_store_rollback(ledger->store);
	}
	if (s == PB_OK)
		*ret_exported = (struct pb_ledger_exported){ .size = export->checkpoint.size, .written = export->writer.written,
							     .kept = export->writer.kept };
	pb_tile_writer_close(&export->writer);
out:
	free(export);
	return s;
}

/* ---- one entry */

/* The newest checkpoint that a witness has signed, for it is worth more to a stranger; 0 when none covers the entry. */
static enum pb_status find_cosigned(struct pb_ledger *ledger, uint64_t index, uint64_t *ret_size, struct pb_err *err)
{
	PB_QUERY q = { 0 };
	bool row = false;
	enum pb_status s = pb_query(ledger->store,
				    "SELECT max(size) FROM cosignature WHERE size>?1"
				    " AND size>(SELECT coalesce(max(idx),0) FROM beginning)",
				    &q, err);

	if (s != PB_OK)
		return s;
	pb_bind_int(&q, 1, (int64_t)index);
	s = pb_query_step(&q, &row, err);
	if (s == PB_OK)
		*ret_size = row ? (uint64_t)pb_column_int(&q, 0) : 0;
	return s;
}

static enum pb_status prove(struct pb_ledger *ledger, struct pb_tlog_proof *proof, char note[static PB_COSIGNED_MAX],
			    struct pb_err *err)
{
	struct pb_checkpoint checkpoint;
	uint64_t size = 0;
	enum pb_status s = pb_ledger_entry(ledger, proof->index, proof->extra, &proof->extra_n, err);

	if (s == PB_OK)
		s = find_cosigned(ledger, proof->index, &size, err);
	if (s == PB_OK)
		s = read_checkpoint(ledger, size, note, &checkpoint, err);
	if (s != PB_OK)
		return s;
	if (proof->index >= checkpoint.size)
		return pb_fail(err, PB_NOT_ALLOWED, "no checkpoint covers entry %llu yet", (unsigned long long)proof->index);
	proof->note = pb_view_text(note);
	s = pb_ledger_prove_inclusion(ledger, proof->index, checkpoint.size, &proof->path, err);
	if (s == PB_OK && pb_tlog_proof_check(proof, pb_view(proof->extra, proof->extra_n), &ledger->key, &checkpoint) != PB_TLOG_PROVEN)
		s = pb_fail(err, PB_LEDGER_CORRUPT, "entry %llu is not what was signed for", (unsigned long long)proof->index);
	return s;
}

enum pb_status pb_ledger_proof_file(struct pb_ledger *ledger, uint64_t index, char **ret_text, size_t *ret_n, struct pb_err *err)
{
	struct pb_tlog_proof proof = { .index = index };
	char note[PB_COSIGNED_MAX];
	char *text = malloc(PB_TLOG_PROOF_MAX);
	struct pb_writer out = pb_writer(text, PB_TLOG_PROOF_MAX);
	struct pb_view written;
	enum pb_status s;

	if (text == NULL)
		return pb_fail(err, PB_NO_MEMORY, "a proof");
	s = pb_store_begin_reading(ledger->store, err);
	if (s == PB_OK) {
		s = prove(ledger, &proof, note, err);
		pb_store_rollback(ledger->store);
	}
	if (s != PB_OK) {
		free(text);
		return s;
	}
	pb_tlog_proof_put(&out, &proof);
	if (!pb_writer_view(&out, &written))
		PB_BUG("a proof has its bounds");
	*ret_text = text;
	*ret_n = written.n;
	return PB_OK;
}

_Static_assert((int)PB_ENTRY_MAX <= (int)PB_TLOG_EXTRA_MAX, "an entry is the extra data of its proof");
