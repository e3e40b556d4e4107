/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One or two certificates, tried in order.
 */
#include "keys/roots.h"

void pb_roots_finish(struct pb_roots *roots)
{
	if (roots == NULL)
		return;
	for (size_t i = 0; i < roots->count; i++)
		pb_x509_destroy(roots->pinned[i]);
	*roots = (struct pb_roots){ 0 };
}

enum pb_status pb_roots_verify(const struct pb_roots *roots, const struct pb_x509 *cert, int64_t at, struct pb_err *err)
{
	enum pb_status s = roots->count > 0 ? pb_x509_verify(cert, roots->pinned[0], at, err) :
					      pb_fail(err, PB_INPUT_INVALID, "certificate: no root is pinned");

	for (size_t i = 1; i < roots->count && s != PB_OK; i++)
		if (pb_x509_verify(cert, roots->pinned[i], at, NULL) == PB_OK) {
			pb_err_clear(err);
			s = PB_OK;
		}
	return s;
}
