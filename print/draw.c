/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The elements of the layout in their order.  A run of neighbours that say the same on every card becomes
 * one form; so the drawing order of the file holds, and a batch carries its artwork once.
 */
#include "print/draw.h"

#include <math.h>
#include <string.h>

#define MM_PER_PT (25.4 / 72)
#define MM_PER_DOT (25.4 / PB_QR_DPI)

struct drawing {
	const struct pb_design *design;
	const struct pb_composition *composition;
	struct pb_image *photo;
	struct pb_canvas *canvas;
};

static const double no_dash[2] = { 0, 0 };

static void set_colours(const struct drawing *d, const struct pb_element *e)
{
	const struct pb_colour *colours = d->design->layout.colour;

	if (e->fill >= 0)
		pb_canvas_fill_colour(d->canvas, colours[e->fill].cmyk);
	if (e->stroke >= 0) {
		pb_canvas_stroke_colour(d->canvas, colours[e->stroke].cmyk);
		pb_canvas_line_style(d->canvas, e->outline > 0 ? e->outline : e->line_width, e->round_ends,
				     e->dash[0] > 0 ? e->dash : no_dash);
	}
}

static void paint(const struct drawing *d, const struct pb_element *e)
{
	if (e->fill >= 0 && e->stroke >= 0)
		pb_canvas_fill_stroke(d->canvas);
	else if (e->stroke >= 0)
		pb_canvas_stroke(d->canvas);
	else
		pb_canvas_fill(d->canvas);
}

static void draw_box(const struct drawing *d, const struct pb_element *e)
{
	pb_canvas_step(d->canvas, "re", (const double[]){ e->box.x, e->box.y, e->box.w, e->box.h }, 4);
	paint(d, e);
}

static void trace_path(const struct drawing *d, const struct pb_path *path, bool mirrored)
{
	for (size_t i = 0; i < path->n; i++) {
		const struct pb_step *step = &path->steps[i];
		size_t count = step->op == 'C' ? 6 : step->op == 'Z' ? 0 : 2;
		const char *op = step->op == 'M' ? "m" : step->op == 'L' ? "l" : step->op == 'C' ? "c" : "h";
		double p[6];

		memcpy(p, step->p, sizeof(p));
		for (size_t k = 0; mirrored && k < count; k += 2)
			p[k] = path->mirror - p[k];
		pb_canvas_step(d->canvas, op, p, count);
	}
}

static void draw_path(const struct drawing *d, const struct pb_element *e)
{
	const struct pb_path *path = &d->design->layout.path[e->path];

	pb_canvas_save(d->canvas);
	pb_canvas_place(d->canvas, e->box.x, e->box.y, e->scale);
	trace_path(d, path, false);
	if (path->mirror != 0)
		trace_path(d, path, true);
	paint(d, e);
	pb_canvas_restore(d->canvas);
}

/* One rectangle for a run of modules. */
void pb_draw_qr(struct pb_canvas *canvas, const struct pb_qr *qr, double x, double y)
{
	pb_canvas_save(canvas);
	pb_canvas_place(canvas, round(x / MM_PER_DOT) * MM_PER_DOT, round(y / MM_PER_DOT) * MM_PER_DOT,
			qr->dots * MM_PER_DOT);
	for (int row = 0; row < qr->side; row++)
		for (int start = 0, end; start < qr->side; start = end + 1) {
			for (end = start; end < qr->side && qr->dark[row][end]; end++)
				;
			if (end > start)
				pb_canvas_step(canvas, "re", (const double[]){ start, row, end - start, 1 }, 4);
		}
	pb_canvas_fill(canvas);
	pb_canvas_restore(canvas);
}

/* ---- text */

static double left_edge(const struct pb_element *e, double width, double x)
{
	return x - (e->align == PB_LEFT ? 0 : e->align == PB_CENTRE ? width / 2 : width);
}

/* Where the element stands once its neighbours are set; false when it stands by one that is not there. */
static bool settle(const struct drawing *d, const struct pb_element *e, double *ret_x, double *ret_down)
{
	*ret_x = e->box.x;
	*ret_down = 0;
	if (e->left_of >= 0) {
		const struct pb_element *other = &d->design->layout.element[e->left_of];
		const struct pb_set_text *text = &d->composition->text[e->left_of];

		if (text->lines == 0)
			return false;
		*ret_x = left_edge(other, text->line[0].width, other->box.x) - e->gap;
	}
	if (e->pushed_by >= 0) {
		const struct pb_set_text *text = &d->composition->text[e->pushed_by];

		if (text->lines > 1)
			*ret_down = (double)(text->lines - 1) * text->leading;
	}
	return true;
}

static void draw_line(const struct drawing *d, const struct pb_element *e, const struct pb_set_text *text, size_t line,
		      double x, double y)
{
	double angle = e->rotate * M_PI / 180;
	double right = left_edge(e, text->line[line].width, 0);
	struct pb_text_place place = {
		.font = (size_t)text->font,
		.size = text->pt * MM_PER_PT,
		.x = x + right * cos(angle) + e->drop * sin(angle),
		.y = y - right * sin(angle) + e->drop * cos(angle),
		.rotate = e->rotate,
		.outline = e->outline > 0,
	};

	pb_canvas_text(d->canvas, &place, text->text + text->line[line].start, text->line[line].n);
}

static void draw_text(const struct drawing *d, const struct pb_element *e, const struct pb_set_text *text)
{
	double x, down;

	if (!settle(d, e, &x, &down))
		return;
	for (size_t i = 0; i < text->lines; i++)
		draw_line(d, e, text, i, x, text->y + down + (double)i * text->leading);
}

/* ---- elements in order */

static void draw_element(const struct drawing *d, size_t index)
{
	const struct pb_element *e = &d->design->layout.element[index];
	bool apart = e->clip.w > 0 || e->outline > 0 || e->round_ends || e->dash[0] > 0;

	if (!pb_composition_shows(d->composition, e))
		return;
	if (apart)
		pb_canvas_save(d->canvas);
	if (e->clip.w > 0)
		pb_canvas_clip(d->canvas, e->clip.x, e->clip.y, e->clip.w, e->clip.h);
	set_colours(d, e);
	switch (e->kind) {
	case PB_ELEMENT_TEXT:
		draw_text(d, e, &d->composition->text[index]);
		break;
	case PB_ELEMENT_BOX:
		draw_box(d, e);
		break;
	case PB_ELEMENT_PATH:
		draw_path(d, e);
		break;
	case PB_ELEMENT_PHOTO:
		pb_canvas_image(d->canvas, d->photo, e->box.x, e->box.y, e->box.w, e->box.h);
		break;
	case PB_ELEMENT_QR:
		if (d->composition->has_qr)
			pb_draw_qr(d->canvas, &d->composition->qr, e->box.x, e->box.y);
		break;
	}
	if (apart)
		pb_canvas_restore(d->canvas);
}

/* The same on every card that is, or is not, marked TEST. */
static bool constant(const struct pb_element *e)
{
	if (e->kind == PB_ELEMENT_PHOTO || e->kind == PB_ELEMENT_QR || (e->when != PB_ALWAYS && e->when != PB_WHEN_TEST) ||
	    e->left_of >= 0 || e->pushed_by >= 0)
		return false;
	for (size_t i = 0; i < e->texts; i++)
		if (strchr(e->text[i], '$'))
			return false;
	return true;
}

static struct pb_canvas *draw_form(const struct drawing *d, struct pb_pdf *pdf, size_t from, size_t to)
{
	const struct pb_layout *layout = &d->design->layout;
	struct drawing on_form = *d;

	on_form.canvas = pb_pdf_form(pdf, layout->width, layout->height, layout->bleed);
	for (size_t i = from; on_form.canvas && i < to; i++)
		draw_element(&on_form, i);
	return on_form.canvas;
}

void pb_draw_side(const struct pb_design *design, const struct pb_composition *composition, enum pb_side side,
		  struct pb_image *photo, struct pb_pdf *pdf, struct pb_artwork *artwork, struct pb_canvas *canvas)
{
	const struct pb_layout *layout = &design->layout;
	struct drawing d = { design, composition, photo, canvas };
	size_t end;

	for (size_t i = 0; i < layout->elements; i = end) {
		struct pb_canvas **form = &artwork->form[composition->test][i];
		bool shown = false;

		end = i + 1;
		if (layout->element[i].side != side)
			continue;
		if (!constant(&layout->element[i])) {
			draw_element(&d, i);
			continue;
		}
		for (end = i; end < layout->elements && layout->element[end].side == side && constant(&layout->element[end]);
		     end++)
			shown = shown || pb_composition_shows(composition, &layout->element[end]);
		if (shown && !*form)
			*form = draw_form(&d, pdf, i, end);
		if (shown)
			pb_canvas_form(canvas, *form, 0, 0);
	}
}
