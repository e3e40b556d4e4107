/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The next generation of a card master key, beside the ones there are.  Nothing is replaced: a card that has
 * not been moved yet is opened with the generation it names.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "keys/crypto/sealed.h"
#include "keys/key_dir.h"
#include "keys/key_file.h"
#include "keys/keystore_inside.h"
#include "keys/new_keys.h"

enum pb_status pb_keystore_write_sealed(int dir_fd, const char *stem, bool test, const struct pb_secret *secret,
					const struct pb_secret *passphrase, struct pb_err *err)
{
	char purpose[PB_SEALED_PURPOSE_MAX], name[PB_KEY_DIR_KEY_NAME];
	uint8_t sealed[PB_SEALED_MAX];
	size_t n;

	pb_sealed_purpose(stem, test, purpose);
	pb_key_dir_key_name(stem, name);
	n = pb_seal(purpose, secret, passphrase, sealed);
	return pb_key_file_write(dir_fd, name, PB_KEY_FILE_PRIVATE, pb_view(sealed, n), err);
}

static enum pb_status make_in_file(const char *dir, const struct pb_secret *passphrase, bool test,
				   struct pb_generation *generation, struct pb_err *err)
{
	char stem[PB_MASTER_NAME];
	PB_SECRET master = { .n = PB_CARD_KEY_LEN };
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum pb_status s;

	if (fd < 0)
		return pb_fail_errno(err, PB_KEYS_UNAVAILABLE, errno, "%s", dir);
	pb_random(master.bytes, master.n);
	pb_key_check_value(&master, generation->kcv);
	pb_master_name(generation->family, generation->kvn, stem);
	s = pb_keystore_write_sealed(fd, stem, test, &master, passphrase, err);
	(void)close(fd);
	return s;
}

static enum pb_status make_in_token(const struct pb_token_options *options, bool test, struct pb_generation *generation,
				    struct pb_err *err)
{
	struct pb_token *token = NULL;
	struct pb_token_key key;
	enum pb_status s = pb_token_open(options, &token, err);

	if (s == PB_OK)
		s = pb_new_master_in_token(token, generation->family, generation->kvn, test, &key, generation->kcv, err);
	pb_token_close(token);
	return s;
}

/* The store as it is now: all in order, and which generation is the newest. */
static enum pb_status look(const char *dir, const struct pb_secret *passphrase, const struct pb_keystore_options *options,
			   bool *ret_test, struct pb_generations *ret_generations, struct pb_err *err)
{
	struct pb_keystore *store = NULL;
	enum pb_status s = pb_keystore_open(dir, passphrase, options, &store, err);

	if (s != PB_OK)
		return s;
	*ret_test = pb_keystore_is_test(store);
	*ret_generations = *pb_keystore_generations(store);
	pb_keystore_close(store);
	return PB_OK;
}

static enum pb_status next_of(const struct pb_generations *generations, enum pb_master_family family, uint8_t after,
			      struct pb_generation *ret_next, struct pb_err *err)
{
	const struct pb_master_family_row *row = pb_master_family_row(family);
	const struct pb_generation *current = pb_generation_current(generations, family);
	uint8_t newest = current != NULL ? current->kvn : 0;

	if (newest != after)
		return pb_fail(err, PB_NOT_ALLOWED, "the newest master key of family %s is %02X, not %02X", row->name, newest,
			       after);
	if (newest >= row->last)
		return pb_fail(err, PB_KEYS_REFUSED, "master key %02X of family %s is the last there can be", newest, row->name);
	*ret_next = (struct pb_generation){ .family = family, .kvn = current != NULL ? (uint8_t)(newest + 1) : row->first };
	return PB_OK;
}

/* A key that cannot be read back must not be the one that cards are given. */
static enum pb_status read_back(const struct pb_generations *generations, const struct pb_generation *made, struct pb_err *err)
{
	const struct pb_generation *read = pb_generation_current(generations, made->family);

	if (read == NULL || read->kvn != made->kvn || !pb_view_equal(PB_VIEW(read->kcv), PB_VIEW(made->kcv)))
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "the new master key %02X does not read back", made->kvn);
	return PB_OK;
}

enum pb_status pb_keystore_roll_master(const char *dir, const struct pb_secret *passphrase,
				       const struct pb_keystore_options *options, enum pb_master_family family, uint8_t after,
				       struct pb_generation *ret_generation, struct pb_err *err)
{
	struct pb_generations generations;
	struct pb_generation made;
	bool test = false;
	enum pb_status s = look(dir, passphrase, options, &test, &generations, err);

	if (s == PB_OK)
		s = next_of(&generations, family, after, &made, err);
	if (s != PB_OK)
		return s;
	if (options != NULL && options->token != NULL)
		s = make_in_token(options->token, test, &made, err);
	else
		s = make_in_file(dir, passphrase, test, &made, err);
	if (s == PB_OK)
		s = look(dir, passphrase, options, &test, &generations, err);
	if (s == PB_OK)
		s = read_back(&generations, &made, err);
	if (s == PB_OK)
		*ret_generation = made;
	return s;
}
