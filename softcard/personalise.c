/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Blocks collect in memory that the field keeps alive; the last one is judged with all before it and then
 * is one write, or none.
 */
#include "softcard/personalise.h"

#include <string.h>

#include "base/secret.h"
#include "keys/crypto/hash.h"

enum { NLEN_LEN = 2 };

void forget_blocks(struct softcard *card)
{
	card->store.n = 0;
	card->store.next = 0;
}

static void forget_key(struct softcard *card)
{
	pb_p256_private_destroy(card->key);
	card->key = NULL;
}

/* Wiped in the same write that says so: nobody finds a terminated card with a key in it. */
static void terminate(struct card_image *image)
{
	image->state = APPLET_TERMINATED;
	image->has_key = image->has_shadow = false;
	pb_wipe(image->key, sizeof(image->key));
	pb_wipe(image->shadow, sizeof(image->shadow));
	pb_wipe(image->credential, sizeof(image->credential));
	pb_wipe(image->ndef, sizeof(image->ndef));
	image->credential_n = image->ndef_n = 0;
}

uint16_t set_state(struct softcard *card, uint8_t state)
{
	struct card_image next = card->nvm.now;
	bool written;

	if (state != APPLET_LOCKED && state != APPLET_TERMINATED)
		return SW_DATA;
	if (state == APPLET_LOCKED && next.state != APPLET_PERSONALISED)
		return SW_CONDITIONS;
	if (state == APPLET_TERMINATED) {
		terminate(&next);
		forget_key(card);
	} else {
		/* A key that still waits can never be committed now. */
		next.state = APPLET_LOCKED;
		next.has_shadow = false;
		pb_wipe(next.shadow, sizeof(next.shadow));
	}
	written = nvm_write(&card->nvm, &next);
	pb_wipe(&next, sizeof(next));
	return written ? SW_OK : SW_MEMORY;
}

/* DGI, one byte of length, value; `ret_before` is where it begins. */
static bool take_grouping(struct pb_cursor *in, unsigned dgi, struct pb_view *ret_value, const uint8_t **ret_before)
{
	uint64_t tag;
	uint8_t n;

	*ret_before = in->p;
	return pb_take_be(in, 2, &tag) && tag == dgi && pb_take_u8(in, &n) && n != 0xFF && pb_take(in, n, ret_value);
}

static bool is_ndef_image(struct pb_view image)
{
	return image.n >= NLEN_LEN && image.n <= NDEF_MAX && ((size_t)image.p[0] << 8 | image.p[1]) == image.n - NLEN_LEN;
}

/* 0101, 0102 and 7FFF in this order and nothing else, the last naming the others. */
static bool read_groupings(struct softcard *card, struct pb_view *ret_credential, struct pb_view *ret_ndef)
{
	const struct pb_view all = pb_view(card->store.bytes, card->store.n);
	struct pb_cursor in = pb_cursor(all);
	struct pb_view commit;
	uint8_t digest[PB_SHA256_LEN];
	const uint8_t *before;

	if (!take_grouping(&in, DGI_CREDENTIAL, ret_credential, &before) || !ret_credential->n ||
	    ret_credential->n > CREDENTIAL_MAX || !take_grouping(&in, DGI_NDEF, ret_ndef, &before) ||
	    !is_ndef_image(*ret_ndef) || !take_grouping(&in, DGI_COMMIT, &commit, &before) || commit.n != DGI_COMMIT_LEN ||
	    in.left)
		return false;
	pb_sha256(pb_view(all.p, (size_t)(before - all.p)), digest);
	card->work.hashes++;
	return pb_ct_equal(digest, commit.p, DGI_COMMIT_LEN);
}

static uint16_t commit(struct softcard *card)
{
	struct card_image next = card->nvm.now;
	struct pb_view credential, ndef;
	bool written;

	if (!read_groupings(card, &credential, &ndef))
		return SW_DATA;
	if (next.state == APPLET_LOCKED || !next.has_shadow)
		return SW_CONDITIONS;
	memcpy(next.key, next.shadow, sizeof(next.key));
	pb_wipe(next.shadow, sizeof(next.shadow));
	next.has_key = true;
	next.has_shadow = false;
	memset(next.credential, 0, sizeof(next.credential));
	memcpy(next.credential, credential.p, credential.n);
	next.credential_n = (uint8_t)credential.n;
	memset(next.ndef, 0, sizeof(next.ndef));
	memcpy(next.ndef, ndef.p, ndef.n);
	next.ndef_n = (uint8_t)ndef.n;
	next.state = APPLET_PERSONALISED;
	forget_key(card);
	written = nvm_write(&card->nvm, &next);
	pb_wipe(&next, sizeof(next));
	return written ? SW_OK : SW_MEMORY;
}

static uint16_t finish(struct softcard *card)
{
	static const uint8_t state_head[] = { DGI_STATE >> 8, DGI_STATE & 0xFF, 1 };

	if (card->store.next == 1 && card->store.n == sizeof(state_head) + 1 &&
	    memcmp(card->store.bytes, state_head, sizeof(state_head)) == 0)
		return set_state(card, card->store.bytes[sizeof(state_head)]);
	return commit(card);
}

static uint16_t take_block(struct softcard *card, const struct command *command)
{
	struct store_buffer *store = &card->store;
	const bool last = command->p1 & P1_STORE_LAST;

	if (command->p1 != (P1_STORE_DGI | (last ? P1_STORE_LAST : 0)))
		return SW_P1P2;
	if (command->p2 == 0)
		forget_blocks(card);
	if (command->p2 != store->next)
		return SW_P1P2;
	if (!command->data.n)
		return SW_LENGTH;
	if (store->next == STORE_BLOCKS_MAX || command->data.n > sizeof(store->bytes) - store->n)
		return SW_NO_SPACE;
	if (!last && card->nvm.now.state == APPLET_LOCKED)
		return SW_CONDITIONS;
	memcpy(store->bytes + store->n, command->data.p, command->data.n);
	store->n += command->data.n;
	store->next++;
	return last ? finish(card) : SW_OK;
}

uint16_t store_data(struct softcard *card, const struct command *command)
{
	const uint16_t sw = card->nvm.now.state == APPLET_TERMINATED ? SW_CONDITIONS : take_block(card, command);

	if (sw != SW_OK || command->p1 & P1_STORE_LAST)
		forget_blocks(card);
	return sw;
}
