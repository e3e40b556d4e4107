/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two sets of places; PLACE_* come from meson.build.
 */
#include "issuer/app/paths.h"

#include <string.h>
#include <unistd.h>

static const struct pb_paths installed = {
	.station = PLACE_LIBEXEC "/profbilet-station",
	.keyd = PLACE_LIBEXEC "/profbilet-keyd",
	.render = PLACE_LIBEXEC "/profbilet-render",
	.scan = PLACE_LIBEXEC "/profbilet-scan",
	.layout = PLACE_DATA "/card.layout",
	.fonts = PLACE_FONTS,
	.locale = PLACE_LOCALE,
	.page = PLACE_DATA "/verify",
};

static const struct pb_paths built = {
	.station = PLACE_BUILD "/issuer/station/profbilet-station",
	.keyd = PLACE_BUILD "/keys/keyd/profbilet-keyd",
	.render = PLACE_BUILD "/print/profbilet-render",
	.scan = PLACE_BUILD "/print/profbilet-scan",
	.layout = PLACE_SOURCE "/print/layout/card.layout",
	.fonts = PLACE_FONTS,
	.locale = PLACE_BUILD "/po",
	.page = PLACE_BUILD "/web/verify/site",
};

const struct pb_paths *pb_paths(void)
{
	char program[4096];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (n > 0 && strncmp(program, PLACE_BUILD "/", sizeof(PLACE_BUILD)) == 0)
		return &built;
	return &installed;
}
