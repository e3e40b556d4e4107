/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One document after another: draw, store, record.
 */
#include "issuer/cli/print_faces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/app/output.h"
#include "issuer/cli/language.h"
#include "issuer/cli/say.h"
#include "issuer/core/faces.h"
#include "issuer/ledger/ledger.h"

struct telling {
	struct pb_call *call;
	struct pb_faces_result *result;
};

static void tell(void *context, uint64_t serial, enum pb_status status, const struct pb_err *err)
{
	struct telling *telling = context;
	char about[64], text[PB_SERIAL_TEXT];

	pb_serial_format(serial, text);
	snprintf(about, sizeof(about), _("Card %s"), text);
	telling->call->err = *err;
	pb_say_trouble(telling->call, about, status);
	if (status == PB_PHOTO_INVALID || status == PB_PHOTO_MISSING)
		telling->result->without_photo++;
	else
		telling->result->left_out++;
}

/* "cards.pdf" -> "cards-2.pdf" for the second document */
static void document_path(const char *path, size_t number, char *ret_path, size_t cap)
{
	const char *dot = strrchr(path, '.');
	int stem = dot && !strchr(dot, '/') ? (int)(dot - path) : (int)strlen(path);

	if (number == 1)
		snprintf(ret_path, cap, "%s", path);
	else
		snprintf(ret_path, cap, "%.*s-%zu%s", stem, path, number, path + stem);
}

/* Those of `serials` that are in the document, to the front; returns how many. */
static size_t keep_drawn(uint64_t *serials, const bool *drawn, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (drawn[i])
			serials[kept++] = serials[i];
	}
	return kept;
}

static enum pb_status store(struct pb_call *call, struct pb_render *render, const char *path, size_t number)
{
	char name[4096];
	uint8_t *pdf;
	size_t n;
	enum pb_status s = pb_render_finish(render, &pdf, &n, &call->err);

	if (s != PB_OK)
		return s;
	document_path(path, number, name, sizeof(name));
	s = pb_output_write(name, pb_view(pdf, n), &call->err);
	free(pdf);
	return s;
}

static enum pb_status print_document(struct pb_call *call, struct pb_render *render, const char *path, uint64_t *serials,
				     size_t count, struct pb_faces_result *result)
{
	struct telling telling = { call, result };
	bool drawn[PB_RENDER_CARDS] = { false };
	size_t kept;
	enum pb_status s = pb_faces_draw(&call->app.office, render, serials, count, tell, &telling, drawn, &call->err);

	if (s != PB_OK)
		return s;
	kept = keep_drawn(serials, drawn, count);
	if (kept == 0)
		return PB_OK;
	s = store(call, render, path, result->files + 1);
	if (s != PB_OK)
		return s;
	result->files++;
	result->drawn += kept;
	return pb_ledger_printed(call->app.office.ledger, serials, kept, &call->err);
}

enum pb_status pb_print_faces(struct pb_call *call, enum pb_render_product product, const char *path, const uint64_t *serials,
			      size_t count, struct pb_faces_result *ret_result)
{
	uint64_t *copy = count ? malloc(count * sizeof(*copy)) : NULL;
	struct pb_render *render = NULL;
	enum pb_status s;

	*ret_result = (struct pb_faces_result){ 0 };
	if (count == 0)
		return PB_OK;
	if (!copy)
		return pb_fail(&call->err, PB_NO_MEMORY, "%zu serials", count);
	memcpy(copy, serials, count * sizeof(*copy));
	s = pb_app_start_render(&call->app, product, &render, &call->err);
	for (size_t done = 0; s == PB_OK && done < count; done += PB_RENDER_CARDS) {
		size_t part = count - done < PB_RENDER_CARDS ? count - done : PB_RENDER_CARDS;

		s = print_document(call, render, path, copy + done, part, ret_result);
	}
	pb_render_destroy(render);
	free(copy);
	return s;
}
