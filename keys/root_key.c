/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening a root's private key, and finding which root it is.
 */
#include "keys/root_key.h"

#include <fcntl.h>

#include "keys/crypto/pkcs8.h"
#include "keys/key_file.h"

static enum pb_status find_certificate(const struct pb_roots *roots, struct pb_root_key *root, struct pb_err *err)
{
	uint8_t point[PB_P256_POINT];

	pb_p256_private_point(root->key, point);
	for (size_t i = 0; i < roots->count; i++)
		if (pb_x509_is_of(roots->pinned[i], point)) {
			root->cert = roots->pinned[i];
			return PB_OK;
		}
	return pb_fail(err, PB_KEYS_REFUSED, "it is the key of no root of this office");
}

enum pb_status pb_root_key_open(const char *path, const struct pb_secret *passphrase, const struct pb_roots *roots,
				struct pb_root_key *ret_root, struct pb_err *err)
{
	struct pb_root_key root = { 0 };
	uint8_t content[PB_KEY_FILE_MAX];
	enum pb_status s;
	size_t n;

	s = pb_key_file_read(AT_FDCWD, path, PB_KEY_FILE_PRIVATE, content, &n, err);
	if (s != PB_OK)
		return s;
	s = pb_pkcs8_open_p256(pb_view(content, n), passphrase, &root.key, err);
	if (s == PB_OK)
		s = find_certificate(roots, &root, err);
	if (s != PB_OK) {
		pb_root_key_finish(&root);
		return pb_wrap(err, s, "%s", path);
	}
	*ret_root = root;
	return PB_OK;
}

void pb_root_key_finish(struct pb_root_key *root)
{
	pb_p256_private_destroy(root->key);
	*root = (struct pb_root_key){ 0 };
}
