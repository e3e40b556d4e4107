/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A card's file: a magic word, the fields of card_image in order with fixed lengths, and the SHA-256 of
 * all that.  It is written beside the old one and renamed over it.
 */
#include "softcard/nvm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "keys/crypto/hash.h"

static const char magics[][22] = {
	[SOFTCARD_APPLET] = "profbilet softcard 1\n",
	[SOFTCARD_NTAG424] = "profbilet ntag 424 1\n",
	[SOFTCARD_PIV] = "profbilet piv card 1\n",
	[SOFTCARD_DESFIRE] = "profbilet desfire  1\n",
	[SOFTCARD_NTAG215] = "profbilet ntag 215 1\n",
};
enum { MAGIC_LEN = sizeof(magics[0]) - 1, FILE_MAX = 1024 + PIV_OBJECTS_MAX };

static void put_fixed(struct pb_writer *out, const uint8_t *bytes, uint8_t n, size_t room)
{
	pb_put_u8(out, n);
	pb_put(out, bytes, room);
}

static void put_applet(struct pb_writer *out, const struct card_image *image)
{
	pb_put_u8(out, image->scp03_i);
	pb_put_u8(out, (uint8_t)image->state);
	pb_put_u8(out, image->keys.kvn);
	pb_put_u8(out, image->keys.attempts);
	pb_put_be(out, image->keys.sequence, 3);
	pb_put(out, image->keys.enc, FACTORY_KEY_LEN);
	pb_put(out, image->keys.mac, FACTORY_KEY_LEN);
	pb_put(out, image->keys.dek, FACTORY_KEY_LEN);
	put_fixed(out, image->key, image->has_key, PB_P256_SCALAR);
	put_fixed(out, image->shadow, image->has_shadow, PB_P256_SCALAR);
	put_fixed(out, image->credential, image->credential_n, CREDENTIAL_MAX);
	put_fixed(out, image->ndef, image->ndef_n, NDEF_MAX);
}

static size_t encode(const struct card_image *image, uint8_t ret_bytes[static FILE_MAX])
{
	struct pb_writer out = pb_writer(ret_bytes, FILE_MAX);
	uint8_t digest[PB_SHA256_LEN];
	struct pb_view view;

	pb_put(&out, magics[image->kind], MAGIC_LEN);
	put_fixed(&out, image->uid, image->uid_n, sizeof(image->uid));
	switch (image->kind) {
	case SOFTCARD_APPLET:
		put_applet(&out, image);
		break;
	case SOFTCARD_NTAG424:
		ntag424_image_put(&out, &image->ntag);
		break;
	case SOFTCARD_PIV:
		put_fixed(&out, image->key, image->has_key, PB_P256_SCALAR);
		piv_image_put(&out, &image->piv);
		break;
	case SOFTCARD_DESFIRE:
		desfire_image_put(&out, &image->desfire);
		break;
	case SOFTCARD_NTAG215:
		pb_put(&out, image->ntag21x.bytes, NTAG21X_BYTES);
		break;
	}
	pb_sha256(pb_view(ret_bytes, out.n), digest);
	pb_put(&out, digest, sizeof(digest));
	if (!pb_writer_view(&out, &view))
		PB_BUG("a card image longer than its file");
	return view.n;
}

static bool take_fixed(struct pb_cursor *in, uint8_t *ret_bytes, uint8_t *ret_n, size_t room)
{
	return pb_take_u8(in, ret_n) && *ret_n <= room && pb_take_copy(in, ret_bytes, room);
}

static bool take_key(struct pb_cursor *in, uint8_t ret_scalar[static PB_P256_SCALAR], bool *ret_there)
{
	uint8_t there;

	if (!pb_take_u8(in, &there) || there > 1 || !pb_take_copy(in, ret_scalar, PB_P256_SCALAR))
		return false;
	*ret_there = there;
	return true;
}

static bool take_keys(struct pb_cursor *in, struct card_keys *keys)
{
	uint64_t sequence;

	if (!pb_take_u8(in, &keys->kvn) || !pb_take_u8(in, &keys->attempts) || !pb_take_be(in, 3, &sequence))
		return false;
	keys->sequence = (uint32_t)sequence;
	return pb_take_copy(in, keys->enc, FACTORY_KEY_LEN) && pb_take_copy(in, keys->mac, FACTORY_KEY_LEN) &&
	       pb_take_copy(in, keys->dek, FACTORY_KEY_LEN);
}

static bool take_applet(struct pb_cursor *in, struct card_image *image)
{
	uint8_t state;

	if (!pb_take_u8(in, &image->scp03_i) || !pb_take_u8(in, &state) || !take_keys(in, &image->keys) ||
	    !take_key(in, image->key, &image->has_key) || !take_key(in, image->shadow, &image->has_shadow) ||
	    !take_fixed(in, image->credential, &image->credential_n, CREDENTIAL_MAX) ||
	    !take_fixed(in, image->ndef, &image->ndef_n, NDEF_MAX))
		return false;
	image->state = (enum applet_state)state;
	return true;
}

static bool take_kind(struct pb_cursor *in, enum softcard_kind *ret_kind)
{
	struct pb_view magic;

	if (!pb_take(in, MAGIC_LEN, &magic))
		return false;
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		*ret_kind = (enum softcard_kind)i;
		if (pb_view_equal(magic, pb_view(magics[i], MAGIC_LEN)))
			return true;
	}
	return false;
}

static bool decode(struct pb_view bytes, struct card_image *ret_image)
{
	struct card_image image = { 0 };
	struct pb_cursor in = pb_cursor(bytes);
	uint8_t digest[PB_SHA256_LEN];
	bool whole = false;

	if (bytes.n < PB_SHA256_LEN)
		return false;
	pb_sha256(pb_view(bytes.p, bytes.n - PB_SHA256_LEN), digest);
	if (!pb_ct_equal(digest, bytes.p + bytes.n - PB_SHA256_LEN, PB_SHA256_LEN))
		return false;
	if (!take_kind(&in, &image.kind) || !take_fixed(&in, image.uid, &image.uid_n, UID_MAX))
		return false;
	switch (image.kind) {
	case SOFTCARD_APPLET:
		whole = take_applet(&in, &image);
		break;
	case SOFTCARD_NTAG424:
		whole = ntag424_image_take(&in, &image.ntag);
		break;
	case SOFTCARD_PIV:
		whole = take_key(&in, image.key, &image.has_key) && piv_image_take(&in, &image.piv);
		break;
	case SOFTCARD_DESFIRE:
		whole = desfire_image_take(&in, &image.desfire);
		break;
	case SOFTCARD_NTAG215:
		whole = pb_take_copy(&in, image.ntag21x.bytes, NTAG21X_BYTES);
		break;
	}
	if (!whole || in.left != PB_SHA256_LEN)
		return false;
	*ret_image = image;
	return true;
}

/* 0 or errno */
static int write_file(const char *path, bool durable, const uint8_t *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), failed = 0;

	if (fd < 0)
		return errno;
	for (size_t done = 0; !failed && done < n;) {
		ssize_t step = write(fd, bytes + done, n - done);

		if (step < 0 && errno != EINTR)
			failed = errno;
		else if (step > 0)
			done += (size_t)step;
	}
	if (!failed && durable && fsync(fd))
		failed = errno;
	if (close(fd) && !failed)
		failed = errno;
	return failed;
}

static int store(const struct nvm *nvm, const struct card_image *image)
{
	uint8_t bytes[FILE_MAX];
	const size_t n = encode(image, bytes);
	char *beside;
	int failed;

	if (asprintf(&beside, "%s.new", nvm->path) < 0)
		return ENOMEM;
	failed = write_file(beside, nvm->durable, bytes, n);
	pb_wipe(bytes, sizeof(bytes));
	if (!failed && rename(beside, nvm->path))
		failed = errno;
	free(beside);
	return failed;
}

static enum pb_status load(const char *path, struct card_image *ret_image, bool *ret_exists, struct pb_err *err)
{
	uint8_t bytes[FILE_MAX + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	*ret_exists = fd >= 0 || errno != ENOENT;
	if (fd < 0)
		return *ret_exists ? pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "card %s", path) : PB_OK;
	n = read(fd, bytes, sizeof(bytes));
	close(fd);
	if (n < 0 || !decode(pb_view(bytes, (size_t)n), ret_image))
		return pb_fail(err, PB_INPUT_INVALID, "%s is not a software card", path);
	return PB_OK;
}

enum pb_status nvm_open(struct nvm *nvm, const char *path, bool durable, const struct card_image *fresh,
			struct pb_err *err)
{
	struct card_image image = *fresh;
	bool exists = false;
	enum pb_status s = path ? load(path, &image, &exists, err) : PB_OK;
	int failed;

	if (s != PB_OK)
		return s;
	*nvm = (struct nvm){ .now = image, .durable = durable, .path = path ? strdup(path) : NULL };
	if (path && !nvm->path)
		return pb_fail(err, PB_NO_MEMORY, "card %s", path);
	if (!path || exists)
		return PB_OK;
	failed = store(nvm, fresh);
	if (!failed)
		return PB_OK;
	nvm_close(nvm);
	return pb_fail_errno(err, PB_FILE_UNWRITABLE, failed, "card %s", path);
}

void nvm_close(struct nvm *nvm)
{
	free(nvm->path);
	pb_wipe(nvm, sizeof(*nvm));
}

bool nvm_write(struct nvm *nvm, const struct card_image *next)
{
	const enum nvm_tear tear = nvm->tear;
	int failed;

	if (nvm->torn)
		return false;
	nvm->tear = NVM_NO_TEAR;
	nvm->torn = tear != NVM_NO_TEAR;
	if (tear == NVM_TEAR_OLD)
		return false;
	nvm->writes++;
	failed = nvm->path ? store(nvm, next) : 0;
	if (failed) {
		pb_log(PB_LOG_ERROR, "card %s: %s", nvm->path, strerror(failed));
		return false;
	}
	nvm->now = *next;
	return !nvm->torn;
}
