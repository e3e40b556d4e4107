/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See issue.h.
 */
#include "tests/unit/station/issue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "issuer/reader/trace.h"
#include "keys/crypto/aes.h"
#include "keys/scp03_keys.h"
#include "tests/lib/softcard_reader.h"

const uint8_t issue_credential[100] = { 0xD2, 0x84, 0x01 };
const uint8_t issue_ndef[40] = { 0x00, 38, 0xD1, 0x01 };
const uint8_t issue_challenge[32] = { 0xC4 };

static const uint8_t office_key[FACTORY_KEY_LEN] = { 0x0F, 0xF1, 0xCE };

void bench_set_up(struct bench *bench, const char *trace_path)
{
	static const uint8_t uid[] = { 0x04, 0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6 };
	const struct softcard_options options = { .uid = PB_VIEW(uid) };

	assert_int_equal(softcard_create(&options, &bench->card, NULL), PB_OK);
	bench->reader = softcard_reader_create(bench->card);
	if (trace_path)
		assert_int_equal(pb_trace_create(bench->reader, trace_path, &bench->reader, NULL), PB_OK);
	assert_int_equal(pb_station_create_local(bench->reader, &bench->station, NULL), PB_OK);
}

void bench_tear_down(struct bench *bench)
{
	pb_station_stop(bench->station);
	pb_reader_destroy(bench->reader);
	softcard_destroy(bench->card);
}

void issue_open(const struct pb_card_words *words, struct pb_card_session *ret_session)
{
	const struct pb_view host = pb_view(words->bytes, PB_SCP03_S8);
	struct pb_scp03_session_keys keys;
	struct pb_initialize_update update;
	struct pb_secret key;

	assert_true(pb_initialize_update_parse(pb_view(words->bytes + PB_SCP03_S8, words->n - PB_SCP03_S8), &update));
	pb_secret_set(&key, update.kvn == KVN_FACTORY ? (const uint8_t *)FACTORY_KEY : office_key, FACTORY_KEY_LEN);
	pb_scp03_session_derive(&key, &key, host, update.challenge, &keys);
	*ret_session = (struct pb_card_session){ .kind = PB_SESSION_SCP03, .kvn = update.kvn,
						 .u.scp03 = { .enc = keys.enc, .mac = keys.mac, .rmac = keys.rmac } };
	pb_scp03_cryptogram(&keys, PB_SCP03_HOST_CRYPTOGRAM, host, update.challenge, ret_session->u.scp03.host_cryptogram);
}

void issue_put_key(struct pb_card_words *ret_keys)
{
	static const uint8_t iv[PB_AES_BLOCK];
	uint8_t ones[PB_AES_BLOCK], kcv[PB_AES_BLOCK], sealed[PB_AES_BLOCK];
	struct pb_writer data = pb_writer(ret_keys->bytes, PB_SCP03_PUT_KEY);
	struct pb_writer receipt = pb_writer(ret_keys->bytes + PB_SCP03_PUT_KEY, PB_SCP03_RECEIPT);

	memset(ones, 1, sizeof(ones));
	pb_aes_encrypt_block(PB_VIEW(office_key), ones, kcv);
	pb_aes_cbc_encrypt(pb_view(FACTORY_KEY, FACTORY_KEY_LEN), iv, office_key, sizeof(office_key), sealed);
	pb_put_u8(&data, KVN_ISSUER_FIRST);
	pb_put_u8(&receipt, KVN_ISSUER_FIRST);
	for (int i = 0; i < 3; i++) {
		const uint8_t head[] = { KEY_TYPE_AES, FACTORY_KEY_LEN + 1, FACTORY_KEY_LEN };

		pb_put(&data, head, sizeof(head));
		pb_put(&data, sealed, sizeof(sealed));
		pb_put_u8(&data, KCV_LEN);
		pb_put(&data, kcv, KCV_LEN);
		pb_put(&receipt, kcv, KCV_LEN);
	}
	ret_keys->n = data.n + receipt.n;
}

static enum pb_status write_and_read(struct pb_station *station, struct pb_card_image *ret_image, struct pb_err *err)
{
	struct pb_card_words challenge;
	struct pb_card_session session;
	uint8_t point[PB_P256_POINT];
	enum pb_status s = pb_station_begin(station, PB_SESSION_FOR_DATA, &challenge, err);

	if (s != PB_OK)
		return s;
	issue_open(&challenge, &session);
	s = pb_station_make_key(station, &session, point, err);
	if (s == PB_OK)
		s = pb_station_write(station, PB_VIEW(issue_credential), PB_VIEW(issue_ndef), err);
	if (s == PB_OK)
		s = pb_station_examine(station, PB_VIEW(issue_challenge), ret_image, err);
	if (s == PB_OK)
		assert_memory_equal(ret_image->point, point, sizeof(point));
	return s;
}

enum pb_status issue_run(struct pb_station *station, struct pb_card_image *ret_image, struct pb_err *err)
{
	struct pb_card_words keys;
	struct pb_card_words challenge;
	struct pb_card_identity offer;
	struct pb_card_session session;
	struct pb_card_image image;
	enum pb_status s = pb_station_offer(station, 0, &offer, err);

	if (s == PB_OK)
		s = write_and_read(station, ret_image ? ret_image : &image, err);
	if (s == PB_OK)
		s = pb_station_begin(station, PB_SESSION_FOR_KEYS, &challenge, err);
	if (s != PB_OK)
		return s;
	issue_open(&challenge, &session);
	issue_put_key(&keys);
	return pb_station_seal(station, &session, pb_card_words_view(&keys), err);
}
