/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GlobalPlatform Amendment D from the host's side, for S8 and AES-128 alone.
 */
#include "host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>

#include "keys/crypto/aes.h"
#include "keys/crypto/hash.h"
#include "keys/crypto/p256.h"

enum { C_DECRYPTION = 0x02, R_MAC = 0x10, R_ENCRYPTION = 0x20 };

const uint8_t host_issuer_key[16] = "issuer's own key";
static const uint8_t host_challenge[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

struct host host_new(const char *path)
{
	static const uint8_t uid[] = { 0x04, 1, 2, 3, 4, 5, 6 };
	const struct softcard_options options = { .path = path, .uid = PB_VIEW(uid) };
	struct host host = { 0 };

	assert_int_equal(softcard_create(&options, &host.card, NULL), PB_OK);
	host_power(&host);
	return host;
}

void host_free(struct host *host)
{
	softcard_destroy(host->card);
	if (host->transmit)
		close(host->fd);
}

void host_power(struct host *host)
{
	uint8_t atr[SOFTCARD_ATR_MAX];

	if (host->power) {
		host->power(host);
		return;
	}
	softcard_put_back(host->card);
	assert_true(softcard_power_on(host->card, atr) > 0);
}

void host_send(struct host *host, struct pb_view command)
{
	host->n = 0;
	host->sw = 0;
	host->outcome = host->transmit ? host->transmit(host, command, host->data, &host->n)
				       : softcard_transmit(host->card, command, host->data, &host->n);
	if (host->outcome != SOFTCARD_ANSWERED)
		return;
	assert_true(host->n >= 2);
	host->n -= 2;
	host->sw = (unsigned)host->data[host->n] << 8 | host->data[host->n + 1];
}

void host_hex(struct host *host, const char *hex)
{
	uint8_t bytes[300];
	char packed[601];
	size_t n = 0, length;

	for (; *hex; hex++)
		if (*hex != ' ')
			packed[n++] = *hex;
	packed[n] = '\0';
	assert_true(pb_hex_decode(packed, bytes, sizeof(bytes), &length));
	host_send(host, pb_view(bytes, length));
}

void host_select(struct host *host, const char *aid, size_t n)
{
	uint8_t bytes[32];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));

	pb_put(&out, "\x00\xA4\x04\x00", 4);
	pb_put_u8(&out, (uint8_t)n);
	pb_put(&out, aid, n);
	pb_put_u8(&out, 0);
	host_send(host, pb_view(bytes, out.n));
}

void host_select_applet(struct host *host)
{
	host_select(host, APPLET_AID, APPLET_AID_LEN);
}

void host_select_isd(struct host *host)
{
	host_select(host, ISD_AID, ISD_AID_LEN);
}

static void derive(const uint8_t key[static 16], uint8_t constant, const uint8_t context[static 16], unsigned bits,
		   uint8_t ret_block[static 16])
{
	const uint8_t label[16] = { [11] = constant, [14] = (uint8_t)bits, [15] = 1 };
	const struct pb_view parts[] = { PB_VIEW(label), pb_view(context, 16) };

	pb_aes_cmac(pb_view(key, 16), parts, 2, ret_block);
}

void host_initialize(struct host *host, const uint8_t *key)
{
	uint8_t command[14] = { CLA_GP, INS_INITIALIZE_UPDATE, 0, 0, 8 }, context[16], cryptogram[16];

	memcpy(command + 5, host_challenge, 8);
	host_send(host, PB_VIEW(command));
	if (host->sw != SW_OK)
		return;
	assert_int_equal(host->n, 32);
	host->kvn = host->data[10];
	if (!key)
		key = host->kvn == KVN_FACTORY ? (const uint8_t *)FACTORY_KEY : host_issuer_key;
	memcpy(context, host_challenge, 8);
	memcpy(context + 8, host->data + 13, 8);
	derive(key, 0x04, context, 128, host->s_enc);
	derive(key, 0x06, context, 128, host->s_mac);
	derive(key, 0x07, context, 128, host->s_rmac);
	derive(host->s_mac, 0x00, context, 64, cryptogram);
	/* The host cryptogram waits where the MAC chain will begin. */
	derive(host->s_mac, 0x01, context, 64, host->chain);
	memset(host->counter, 0, sizeof(host->counter));
	host->card_is_right = memcmp(cryptogram, host->data + 21, 8) == 0;
}

void host_authenticate(struct host *host, uint8_t level)
{
	uint8_t command[21] = { CLA_GP_SM, INS_EXTERNAL_AUTHENTICATE, level, 0, 16 }, mac[16];
	const uint8_t zero[16] = { 0 };
	const struct pb_view parts[] = { PB_VIEW(zero), pb_view(command, 13) };

	host->level = level;
	memcpy(command + 5, host->chain, 8);
	pb_aes_cmac(PB_VIEW(host->s_mac), parts, 2, mac);
	memcpy(command + 13, mac, 8);
	memcpy(host->chain, mac, 16);
	host_send(host, PB_VIEW(command));
}

void host_open(struct host *host)
{
	host_initialize(host, NULL);
	assert_int_equal(host->sw, SW_OK);
	assert_true(host->card_is_right);
	host_authenticate(host, 0x33);
	assert_int_equal(host->sw, SW_OK);
}

static void start_value(const struct host *host, uint8_t first, uint8_t ret_iv[static 16])
{
	uint8_t block[16];

	memcpy(block, host->counter, 16);
	block[0] |= first;
	pb_aes_encrypt_block(PB_VIEW(host->s_enc), block, ret_iv);
}

static void unwrap(struct host *host)
{
	const uint8_t trailer[] = { (uint8_t)(host->sw >> 8), (uint8_t)host->sw };
	uint8_t mac[16], iv[16];

	assert_true(host->n >= 8);
	host->n -= 8;
	{
		const struct pb_view parts[] = { PB_VIEW(host->chain), pb_view(host->data, host->n), PB_VIEW(trailer) };

		pb_aes_cmac(PB_VIEW(host->s_rmac), parts, 3, mac);
	}
	assert_memory_equal(mac, host->data + host->n, 8);
	if (!host->n || !(host->level & R_ENCRYPTION))
		return;
	assert_int_equal(host->n % 16, 0);
	start_value(host, 0x80, iv);
	pb_aes_cbc_decrypt(PB_VIEW(host->s_enc), iv, host->data, host->n, host->data);
	while (host->data[host->n - 1] == 0)
		host->n--;
	assert_int_equal(host->data[--host->n], 0x80);
}

void host_secured(struct host *host, uint8_t ins, uint8_t p1, uint8_t p2, struct pb_view data)
{
	uint8_t command[300] = { CLA_GP_SM, ins, p1, p2 }, iv[16], mac[16];
	size_t n = 0;

	for (size_t i = 16; i-- > 0 && ++host->counter[i] == 0;)
		;
	if (data.n) {
		memcpy(command + 5, data.p, data.n);
		n = data.n;
	}
	if (n && host->level & C_DECRYPTION) {
		command[5 + data.n] = 0x80;
		n = (data.n / 16 + 1) * 16;
		start_value(host, 0, iv);
		pb_aes_cbc_encrypt(PB_VIEW(host->s_enc), iv, command + 5, n, command + 5);
	}
	command[4] = (uint8_t)(n + 8);
	{
		const struct pb_view parts[] = { PB_VIEW(host->chain), pb_view(command, 5 + n) };

		pb_aes_cmac(PB_VIEW(host->s_mac), parts, 2, mac);
	}
	memcpy(host->chain, mac, 16);
	memcpy(command + 5 + n, mac, 8);
	host_send(host, pb_view(command, 5 + n + 8 + 1));
	if (host->outcome == SOFTCARD_ANSWERED && host->sw == SW_OK && host->level & R_MAC)
		unwrap(host);
}

void host_generate(struct host *host)
{
	host_secured(host, INS_GENERATE_KEY_PAIR, 0, 0, (struct pb_view){ 0 });
	if (host->sw != SW_OK)
		return;
	assert_int_equal(host->n, 70);
	assert_memory_equal(host->data, "\x7F\x49\x43\x86\x41\x04", 6);
	memcpy(host->point, host->data + 5, 65);
}

void host_store_block(struct host *host, bool last, uint8_t number, struct pb_view data)
{
	host_secured(host, INS_STORE_DATA, last ? 0x88 : 0x08, number, data);
}

void host_commit(struct host *host, uint8_t fill, size_t n)
{
	static const uint8_t ndef[] = { 0x01, 0x02, 0x09, 0x00, 0x07, 0xD1, 0x01, 0x03, 0x55, 0x04, 'a', '/' };
	uint8_t bytes[256], digest[PB_SHA256_LEN];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));

	memset(host->credential, fill, n);
	host->credential_n = n;
	pb_put_be(&out, DGI_CREDENTIAL, 2);
	pb_put_u8(&out, (uint8_t)n);
	pb_put(&out, host->credential, n);
	pb_put(&out, ndef, sizeof(ndef));
	pb_sha256(pb_view(bytes, out.n), digest);
	pb_put_be(&out, DGI_COMMIT, 2);
	pb_put_u8(&out, DGI_COMMIT_LEN);
	pb_put(&out, digest, DGI_COMMIT_LEN);
	host_store_block(host, true, 0, pb_view(bytes, out.n));
}

void host_put_key(struct host *host)
{
	host_put_key_as(host, KVN_ISSUER_FIRST);
}

void host_put_key_as(struct host *host, uint8_t kvn)
{
	const uint8_t zero[16] = { 0 }, *dek = (const uint8_t *)FACTORY_KEY;
	uint8_t bytes[128], sealed[16], ones[16], check[16], replaced = 0;
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));

	if (host->kvn != KVN_FACTORY) {
		dek = host_issuer_key;
		replaced = host->kvn;
	}
	memset(ones, 1, sizeof(ones));
	pb_aes_cbc_encrypt(pb_view(dek, 16), zero, host_issuer_key, 16, sealed);
	pb_aes_encrypt_block(PB_VIEW(host_issuer_key), ones, check);
	pb_put_u8(&out, kvn);
	for (int i = 0; i < 3; i++) {
		pb_put(&out, "\x88\x11\x10", 3);
		pb_put(&out, sealed, 16);
		pb_put_u8(&out, 3);
		pb_put(&out, check, 3);
	}
	host_secured(host, INS_PUT_KEY, replaced, P2_PUT_KEY_SET, pb_view(bytes, out.n));
}

void host_install(struct host *host)
{
	uint8_t bytes[3 + APPLET_AID_LEN + 3] = { 0, 0, APPLET_AID_LEN };

	memcpy(bytes + 3, APPLET_AID, APPLET_AID_LEN);
	host_secured(host, INS_INSTALL, P1_INSTALL_FOR_PERSONALIZATION, 0, PB_VIEW(bytes));
}

void host_store_state(struct host *host, uint8_t state)
{
	const uint8_t grouping[] = { DGI_STATE >> 8, DGI_STATE & 0xFF, 1, state };

	host_store_block(host, true, 0, PB_VIEW(grouping));
}

bool host_proves(struct host *host, const uint8_t point[static 65], struct pb_view credential)
{
	uint8_t command[5 + 32 + 1] = { 0, INS_INTERNAL_AUTHENTICATE, 0, 0, 32 };
	uint8_t message[LIVE_PREFIX_LEN + 32 + 32], sig[PB_P256_SIG];
	struct pb_p256_public *key;
	bool right;

	pb_random(command + 5, 32);
	host_send(host, PB_VIEW(command));
	if (host->sw != SW_OK || !pb_p256_sig_from_der(pb_view(host->data, host->n), sig))
		return false;
	memcpy(message, LIVE_PREFIX, LIVE_PREFIX_LEN);
	pb_sha256(credential, message + LIVE_PREFIX_LEN);
	memcpy(message + LIVE_PREFIX_LEN + 32, command + 5, 32);
	assert_int_equal(pb_p256_public_create(pb_view(point, 65), &key, NULL), PB_OK);
	right = pb_p256_verify(key, PB_VIEW(message), sig);
	pb_p256_public_destroy(key);
	return right;
}

static void personalise(struct host *host)
{
	host_select_applet(host);
	host_open(host);
	host_generate(host);
	host_commit(host, 0xC5, 120);
	assert_int_equal(host->sw, SW_OK);
}

void host_bring_to(struct host *host, enum applet_state state)
{
	if (state == APPLET_PERSONALISED || state == APPLET_LOCKED)
		personalise(host);
	if (state == APPLET_LOCKED) {
		host_select_isd(host);
		host_open(host);
		host_put_key(host);
		host_install(host);
		host_store_state(host, APPLET_LOCKED);
		assert_int_equal(host->sw, SW_OK);
	}
	if (state == APPLET_TERMINATED) {
		host_select_applet(host);
		host_open(host);
		host_secured(host, INS_SET_STATUS, P1_STATUS_APPLICATION, APPLET_TERMINATED, (struct pb_view){ 0 });
		assert_int_equal(host->sw, SW_OK);
	}
	host_power(host);
	assert_int_equal(host_state(host), state);
}

enum applet_state host_state(struct host *host)
{
	enum { STATE_AT = 25 }; /* in the FCI, section 4.3 of the specification */

	host_select_applet(host);
	assert_true(host->n > STATE_AT);
	return (enum applet_state)host->data[STATE_AT];
}
