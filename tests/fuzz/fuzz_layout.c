/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a layout.  What is accepted names only colours, fonts, paths and elements that exist.
 */
#include <stdlib.h>

#include "print/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int index, size_t count)
{
	if (index < -1 || index >= (int)count)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pb_layout layout;

	if (pb_layout_parse(pb_view(data, size), &layout, NULL) != PB_OK)
		return 0;
	for (size_t i = 0; i < layout.elements; i++) {
		const struct pb_element *e = &layout.element[i];

		check(e->fill, layout.colours);
		check(e->stroke, layout.colours);
		check(e->path, layout.paths);
		check(e->left_of, i);
		check(e->pushed_by, i);
		for (size_t k = 0; k < e->tries; k++)
			if (e->try[k].font < 0 || (size_t)e->try[k].font >= layout.fonts || e->try[k].sizes == 0)
				abort();
	}
	return 0;
}
