/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A command's MAC is over its number and an answer's over the next one; of each 16 bytes every second one is
 * sent.  Enciphered data are always padded, whole blocks too.
 */
#include "keys/ev2_channel.h"

#include <string.h>

#include "keys/crypto/aes.h"

enum { PAD_FIRST = 0x80, APDU_DATA = 255, COUNTER_LAST = 0xFFFF };
enum { LABEL_COMMAND = 0xA55A, LABEL_ANSWER = 0x5AA5 };

static void put_number(struct pb_writer *writer, uint16_t counter)
{
	pb_put_u8(writer, (uint8_t)counter);
	pb_put_u8(writer, (uint8_t)(counter >> 8));
}

/* `code`: INS of a command, status of an answer */
static void make_mac(const struct pb_ev2_session *session, uint8_t code, uint16_t counter, struct pb_view header,
		     struct pb_view data, uint8_t ret_mac[static PB_EV2_MAC_LEN])
{
	uint8_t head[1 + 2 + PB_EV2_TI], whole[PB_AES_BLOCK];
	struct pb_writer writer = pb_writer(head, sizeof(head));
	const struct pb_view parts[] = { PB_VIEW(head), header, data };

	pb_put_u8(&writer, code);
	put_number(&writer, counter);
	pb_put(&writer, session->ti, PB_EV2_TI);
	pb_aes_cmac(pb_secret_view(&session->mac), parts, 3, whole);
	for (size_t i = 0; i < PB_EV2_MAC_LEN; i++)
		ret_mac[i] = whole[2 * i + 1];
}

static void make_iv(const struct pb_ev2_session *session, uint16_t label, uint16_t counter,
		    uint8_t ret_iv[static PB_AES_BLOCK])
{
	uint8_t block[PB_AES_BLOCK] = { 0 };
	struct pb_writer writer = pb_writer(block, sizeof(block));

	pb_put_be(&writer, label, 2);
	pb_put(&writer, session->ti, PB_EV2_TI);
	put_number(&writer, counter);
	pb_aes_encrypt_block(pb_secret_view(&session->enc), block, ret_iv);
}

static size_t padded_length(size_t n)
{
	return (n / PB_AES_BLOCK + 1) * PB_AES_BLOCK;
}

/* Returns the length of ret_data. */
static size_t encipher(const struct pb_ev2_session *session, struct pb_view plain, uint8_t ret_data[static APDU_DATA])
{
	uint8_t iv[PB_AES_BLOCK], padded[APDU_DATA + 1] = { 0 };
	size_t n = padded_length(plain.n);

	memcpy(padded, plain.p, plain.n);
	padded[plain.n] = PAD_FIRST;
	make_iv(session, LABEL_COMMAND, session->counter, iv);
	pb_aes_cbc_encrypt(pb_secret_view(&session->enc), iv, padded, n, ret_data);
	pb_wipe(padded, sizeof(padded));
	return n;
}

enum pb_status pb_ev2_wrap(const struct pb_ev2_session *session, const struct pb_ev2_command *command,
			   struct pb_writer *writer, struct pb_err *err)
{
	const bool enciphered = command->mode == PB_EV2_FULL && command->data.n > 0;
	const size_t mac_n = command->mode == PB_EV2_PLAIN ? 0 : PB_EV2_MAC_LEN;
	const size_t n = enciphered ? padded_length(command->data.n) : command->data.n;
	uint8_t bytes[APDU_DATA + 1], mac[PB_EV2_MAC_LEN];
	struct pb_view data = command->data;

	if (session->mac.n == 0 || session->counter == COUNTER_LAST)
		return pb_fail(err, PB_NOT_ALLOWED, "EV2: no session is open");
	if (command->header.n + n + mac_n > APDU_DATA)
		return pb_fail(err, PB_INPUT_INVALID, "EV2: %zu bytes do not fit one command", command->data.n);
	if (enciphered)
		data = pb_view(bytes, encipher(session, command->data, bytes));
	pb_put_view(writer, command->header);
	pb_put_view(writer, data);
	if (mac_n > 0) {
		make_mac(session, command->ins, session->counter, command->header, data, mac);
		pb_put(writer, mac, mac_n);
	}
	return PB_OK;
}

static enum pb_status give_up(struct pb_ev2_session *session, const char *why, struct pb_err *err)
{
	pb_ev2_session_wipe(session);
	return pb_fail(err, PB_CARD_PROTOCOL, "EV2: %s", why);
}

static bool strip_padding(const uint8_t *data, size_t *n)
{
	size_t end = *n;

	while (end > 0 && data[end - 1] == 0)
		end--;
	if (end == 0 || data[end - 1] != PAD_FIRST || *n - end >= PB_AES_BLOCK)
		return false;
	*n = end - 1;
	return true;
}

static bool decipher(const struct pb_ev2_session *session, struct pb_view data, uint8_t *ret_data, size_t *ret_n)
{
	uint8_t iv[PB_AES_BLOCK];
	size_t n = data.n;

	if (n % PB_AES_BLOCK != 0)
		return false;
	make_iv(session, LABEL_ANSWER, session->counter, iv);
	pb_aes_cbc_decrypt(pb_secret_view(&session->enc), iv, data.p, n, ret_data);
	if (!strip_padding(ret_data, &n))
		return false;
	*ret_n = n;
	return true;
}

static bool mac_is_right(const struct pb_ev2_session *session, uint8_t status, struct pb_view data, const uint8_t *mac)
{
	uint8_t right[PB_EV2_MAC_LEN];

	make_mac(session, status, session->counter, pb_view(NULL, 0), data, right);
	return pb_ct_equal(right, mac, sizeof(right));
}

enum pb_status pb_ev2_unwrap(struct pb_ev2_session *session, enum pb_ev2_mode mode, uint8_t status,
			     struct pb_view answer, uint8_t *ret_data, size_t *ret_n, struct pb_err *err)
{
	if (session->mac.n == 0 || answer.n > PB_EV2_ANSWER_MAX)
		return give_up(session, "no session is open", err);
	if (status != PB_EV2_OK) {
		pb_ev2_session_wipe(session);
		*ret_n = 0;
		return PB_OK;
	}
	session->counter++;
	if (mode != PB_EV2_PLAIN) {
		if (answer.n < PB_EV2_MAC_LEN)
			return give_up(session, "an answer without its MAC", err);
		answer.n -= PB_EV2_MAC_LEN;
		if (!mac_is_right(session, status, answer, answer.p + answer.n))
			return give_up(session, "an answer with a wrong MAC", err);
	}
	if (mode == PB_EV2_FULL && answer.n > 0)
		return decipher(session, answer, ret_data, ret_n) ? PB_OK :
								    give_up(session, "an answer with wrong padding", err);
	if (answer.n > 0)
		memcpy(ret_data, answer.p, answer.n);
	*ret_n = answer.n;
	return PB_OK;
}

void pb_ev2_crc32(struct pb_view bytes, uint8_t ret_crc[static 4])
{
	uint32_t crc = 0xFFFFFFFF;

	for (size_t i = 0; i < bytes.n; i++) {
		crc ^= bytes.p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
	}
	for (size_t i = 0; i < 4; i++)
		ret_crc[i] = (uint8_t)(crc >> (8 * i));
}

/* next || version, or (next XOR current) || version || CRC */
static void put_key_data(struct pb_writer *plain, const struct pb_ev2_key_change *change)
{
	const bool own = change->number == change->session_number;
	uint8_t crc[4];

	for (size_t i = 0; i < PB_EV2_KEY; i++)
		pb_put_u8(plain, change->next->bytes[i] ^ (own ? 0 : change->current->bytes[i]));
	pb_put_u8(plain, change->version);
	pb_ev2_crc32(pb_secret_view(change->next), crc);
	if (!own)
		pb_put(plain, crc, sizeof(crc));
}

enum pb_status pb_ev2_wrap_change_key(const struct pb_ev2_session *session, const struct pb_ev2_key_change *change,
				      struct pb_writer *writer, struct pb_err *err)
{
	uint8_t bytes[PB_EV2_KEY + 1 + 4];
	struct pb_writer plain = pb_writer(bytes, sizeof(bytes));
	struct pb_ev2_command command = { .ins = PB_EV2_CHANGE_KEY, .header = pb_view(&change->number, 1),
					  .mode = PB_EV2_FULL };
	enum pb_status s;

	put_key_data(&plain, change);
	command.data = pb_view(bytes, plain.n);
	s = pb_ev2_wrap(session, &command, writer, err);
	pb_wipe(bytes, sizeof(bytes));
	return s;
}
