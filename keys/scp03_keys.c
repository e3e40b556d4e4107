/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The SCP03 key derivation.  OpenSSL's KBKDF puts the counter in front of the label; Amendment D puts it
 * between L and the context, so the input is laid out here.
 */
#include "keys/scp03_keys.h"

#include <string.h>

#include "base/err.h"
#include "keys/crypto/aes.h"

enum { LABEL_ZEROES = 11, KDF_MAX = 2 * PB_AES_BLOCK, DIVERSIFICATION_LEN = 10, AID_MAX = 16 };

bool pb_initialize_update_parse(struct pb_view response, struct pb_initialize_update *ret_parsed)
{
	struct pb_cursor in = pb_cursor(response);
	struct pb_initialize_update parsed = { 0 };
	size_t size, sequence;

	if (!pb_take(&in, DIVERSIFICATION_LEN, &parsed.diversification) || !pb_take_u8(&in, &parsed.kvn) ||
	    !pb_take_u8(&in, &parsed.scp) || !pb_take_u8(&in, &parsed.i))
		return false;
	size = (parsed.i & PB_SCP03_I_S16) != 0 ? PB_SCP03_S16 : PB_SCP03_S8;
	sequence = (parsed.i & PB_SCP03_I_PSEUDO_RANDOM) != 0 ? PB_SCP03_SEQUENCE : 0;
	if (!pb_take(&in, size, &parsed.challenge) || !pb_take(&in, size, &parsed.cryptogram) ||
	    !pb_take(&in, sequence, &parsed.sequence) || in.left != 0)
		return false;
	*ret_parsed = parsed;
	return true;
}

void pb_scp03_kdf(struct pb_view key, enum pb_scp03_constant constant, struct pb_view context, uint8_t *ret_bytes,
		  size_t n)
{
	uint8_t fixed[LABEL_ZEROES + 5] = { 0 }, block[PB_AES_BLOCK];
	const struct pb_view parts[] = { PB_VIEW(fixed), context };

	if (n > KDF_MAX)
		PB_BUG("length asked of the SCP03 key derivation");
	fixed[LABEL_ZEROES] = (uint8_t)constant; /* then 00, the separator */
	fixed[LABEL_ZEROES + 2] = (uint8_t)(n * 8 >> 8);
	fixed[LABEL_ZEROES + 3] = (uint8_t)(n * 8);
	for (size_t done = 0; done < n; done += PB_AES_BLOCK) {
		fixed[LABEL_ZEROES + 4]++;
		pb_aes_cmac(key, parts, 2, block);
		memcpy(ret_bytes + done, block, n - done < PB_AES_BLOCK ? n - done : PB_AES_BLOCK);
	}
	pb_wipe(block, sizeof(block));
}

void pb_scp03_session_wipe(struct pb_scp03_session_keys *keys)
{
	pb_wipe(keys, sizeof(*keys));
}

/* host challenge || card challenge: what ties keys and cryptograms to this session */
static struct pb_view join(struct pb_view host, struct pb_view card, uint8_t room[static 2 * PB_SCP03_S16])
{
	struct pb_writer out = pb_writer(room, 2 * PB_SCP03_S16);

	if (host.n != card.n || (host.n != PB_SCP03_S8 && host.n != PB_SCP03_S16))
		PB_BUG("length of a SCP03 challenge");
	pb_put_view(&out, host);
	pb_put_view(&out, card);
	return pb_view(room, out.n);
}

static void derive(const struct pb_secret *key, enum pb_scp03_constant constant, struct pb_view context,
		   struct pb_secret *ret_key)
{
	uint8_t bytes[KDF_MAX];

	pb_scp03_kdf(pb_secret_view(key), constant, context, bytes, key->n);
	pb_secret_set(ret_key, bytes, key->n);
	pb_wipe(bytes, sizeof(bytes));
}

void pb_scp03_session_derive(const struct pb_secret *key_enc, const struct pb_secret *key_mac,
			     struct pb_view host_challenge, struct pb_view card_challenge,
			     struct pb_scp03_session_keys *ret_keys)
{
	uint8_t room[2 * PB_SCP03_S16];
	struct pb_view context = join(host_challenge, card_challenge, room);

	derive(key_enc, PB_SCP03_S_ENC, context, &ret_keys->enc);
	derive(key_mac, PB_SCP03_S_MAC, context, &ret_keys->mac);
	derive(key_mac, PB_SCP03_S_RMAC, context, &ret_keys->rmac);
}

void pb_scp03_cryptogram(const struct pb_scp03_session_keys *keys, enum pb_scp03_constant constant,
			 struct pb_view host_challenge, struct pb_view card_challenge, uint8_t *ret_cryptogram)
{
	uint8_t room[2 * PB_SCP03_S16];
	struct pb_view context = join(host_challenge, card_challenge, room);

	pb_scp03_kdf(pb_secret_view(&keys->mac), constant, context, ret_cryptogram, host_challenge.n);
}

void pb_scp03_card_challenge(const struct pb_secret *key_enc, const uint8_t sequence[static PB_SCP03_SEQUENCE],
			     struct pb_view aid, uint8_t *ret_challenge, size_t n)
{
	uint8_t bytes[PB_SCP03_SEQUENCE + AID_MAX];
	struct pb_writer context = pb_writer(bytes, sizeof(bytes));

	pb_put(&context, sequence, PB_SCP03_SEQUENCE);
	pb_put_view(&context, aid);
	if (context.full)
		PB_BUG("length of an AID");
	pb_scp03_kdf(pb_secret_view(key_enc), PB_SCP03_CARD_CHALLENGE, pb_view(bytes, context.n), ret_challenge, n);
}
