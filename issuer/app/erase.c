/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From whatever state an erasure is in to its end.
 */
#include "issuer/app/erase.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/secret.h"

#include "issuer/app/backup.h"
#include "issuer/app/output.h"
#include "issuer/app/paths.h"
#include "issuer/app/photo_files.h"
#include "issuer/store/store.h"
#include "print/paper.h"

enum { PATH_ROOM = PB_ERASURE_PATH + 64 };

/* ---- the papers */

/* An interrupted run may have written it: the same erasure gives the same bytes. */
static enum pb_status write_paper(const struct pb_erasure *erasure, const char *kind, struct pb_view pdf, struct pb_err *err)
{
	char path[PATH_ROOM];

	(void)snprintf(path, sizeof(path), "%s/%s-%" PRIu64 ".pdf", erasure->papers, kind, erasure->first);
	return pb_output_write_again(path, pdf, err);
}

static enum pb_status write_papers(struct pb_app *app, const struct pb_erasure *erasure, struct pb_err *err)
{
	const struct pb_erasure_operator by = { .name = app->config.issuer_name, .address = app->config.address,
						.system = app->config.data_system, .test = app->test };
	struct pb_erasure_papers papers = { 0 };
	struct pb_paper *paper = NULL;
	enum pb_status s = pb_paper_open(app->config.font_directory[0] ? app->config.font_directory : pb_paths()->fonts, &paper, err);

	if (s == PB_OK)
		s = pb_erasure_print(&app->office, erasure, &by, paper, &papers, err);
	if (s == PB_OK)
		s = write_paper(erasure, "act", pb_view(papers.act, papers.act_n), err);
	if (s == PB_OK)
		s = write_paper(erasure, "extract", pb_view(papers.extract, papers.extract_n), err);
	free(papers.act);
	free(papers.extract);
	pb_paper_close(paper);
	return s;
}

/* ---- the steps */

static enum pb_status destroy_photos(struct pb_app *app, const struct pb_erasure *erasure, struct pb_erase_result *result,
				     struct pb_err *err)
{
	uint8_t *photo = NULL;
	size_t n = 0;
	enum pb_status s;

	if (erasure->photos[0] == '\0')
		return PB_OK;
	s = pb_register_photo(app->office.members, erasure->member, &photo, &n, err);
	if (s == PB_PHOTO_MISSING) {
		pb_err_clear(err);
		return PB_OK;
	}
	if (s == PB_OK)
		s = pb_photo_files_destroy(erasure->photos, pb_view(photo, n), &result->photos, err);
	free(photo);
	return s;
}

static enum pb_status finish(struct pb_app *app, struct pb_erasure *erasure, struct pb_erase_result *result, struct pb_err *err)
{
	enum pb_status s = PB_OK;

	if (erasure->state == PB_ERASURE_INTENDED) {
		s = destroy_photos(app, erasure, result, err);
		if (s == PB_OK)
			s = pb_erasure_carry_out(&app->office, erasure, err);
	}
	if (s == PB_OK && erasure->state == PB_ERASURE_DESTROYED) {
		s = pb_store_scrub(app->store, err);
		if (s == PB_OK)
			s = write_papers(app, erasure, err);
		if (s == PB_OK)
			s = pb_erasure_forget(app->office.members, err);
	}
	if (s == PB_OK)
		s = pb_store_empty_log(app->store, err);
	if (s == PB_OK)
		s = pb_erasure_end(app->office.members, err);
	if (s != PB_OK)
		return s;
	result->entry = erasure->first;
	(void)snprintf(result->papers, sizeof(result->papers), "%s", erasure->papers);
	return PB_OK;
}

static enum pb_status finish_pending(struct pb_app *app, bool *ret_found, struct pb_erase_result *result, struct pb_err *err)
{
	struct pb_erasure erasure;
	enum pb_status s = pb_erasure_find(app->office.members, &erasure, ret_found, err);

	if (s == PB_OK && *ret_found)
		s = finish(app, &erasure, result, err);
	pb_wipe(&erasure, sizeof(erasure));
	return s;
}

/* Once more in the log and in memory: refused while nothing is decided yet. */
static enum pb_status check_room(const struct pb_app *app, struct pb_err *err)
{
	struct stat file;
	uint64_t size = stat(app->config.database, &file) == 0 ? (uint64_t)file.st_size : 0;

	return pb_store_check_space(app->store, 2 * size + PB_STORE_SPACE_ADVICE, err);
}

static enum pb_status check_folder(const char *path, struct pb_err *err)
{
	char inside[PATH_ROOM];

	if (snprintf(inside, sizeof(inside), "%s/.", path) >= PB_ERASURE_PATH)
		return pb_fail(err, PB_INPUT_INVALID, "the path is too long");
	(void)snprintf(inside, sizeof(inside), "%s/act-.pdf", path);
	return pb_output_check(inside, err);
}

enum pb_status pb_app_erase(struct pb_app *app, const struct pb_erasure_order *order, struct pb_erase_result *ret_result,
			    struct pb_err *err)
{
	struct pb_erase_result result = { 0 };
	enum pb_status s = pb_app_backup_clear(&app->config, err);
	bool found;

	if (s == PB_OK)
		s = finish_pending(app, &result.resumed, &result, err);
	*ret_result = result;
	if (s == PB_OK)
		s = check_folder(order->papers, err);
	if (s == PB_OK)
		s = check_room(app, err);
	if (s == PB_OK)
		s = pb_erasure_intend(&app->office, order, err);
	if (s == PB_OK)
		s = finish_pending(app, &found, &result, err);
	if (s != PB_OK)
		return s;
	result.done = true;
	*ret_result = result;
	return PB_OK;
}
