/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pinned roots of a folder: one file, or two.
 */
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/roots.h"

static enum pb_status load_one(int public_fd, const char *name, struct pb_roots *roots, struct pb_err *err)
{
	uint8_t content[PB_KEY_FILE_MAX];
	size_t n;
	enum pb_status s = pb_key_file_read(public_fd, name, PB_KEY_FILE_PUBLIC, content, &n, err);

	if (s != PB_OK)
		return s;
	s = pb_x509_from_pem(pb_view(content, n), &roots->pinned[roots->count], err);
	if (s != PB_OK)
		return pb_wrap(err, PB_KEYS_UNAVAILABLE, "%s", name);
	roots->count++;
	return PB_OK;
}

enum pb_status pb_roots_load(int public_fd, struct pb_roots *ret_roots, struct pb_err *err)
{
	struct pb_roots roots = { 0 };
	enum pb_status s = load_one(public_fd, PB_KEY_DIR_PUBLIC_ROOT, &roots, err);

	if (s == PB_NOT_FOUND)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, PB_KEY_DIR_PUBLIC_ROOT " is missing");
	if (s == PB_OK)
		s = load_one(public_fd, PB_KEY_DIR_PUBLIC_ROOT_SPARE, &roots, err);
	if (s == PB_NOT_FOUND) {
		pb_err_clear(err);
		s = PB_OK;
	}
	if (s != PB_OK) {
		pb_roots_finish(&roots);
		return s;
	}
	*ret_roots = roots;
	return PB_OK;
}
