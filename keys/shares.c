/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Splitting and combining by libgfshare, of which this is the only home, and the two writings of a share.
 */
#include "keys/shares.h"

#include <string.h>

#include <libgfshare.h>

#include "base/text.h"
#include "keys/crypto/hash.h"

enum { VERSION = 1, CHECKSUM = 2, BYTES = 2 + PB_SHARE_SET + PB_SHARE_SECRET + CHECKSUM, QR_CHARACTERS = BYTES * 8 / 5 };

static const char qr_prefix[] = "PBS1:";
static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static const char *const share_words[256] = {
#define PB_SHARE_WORD(word) word,
#include "keys/share_words.def"
#undef PB_SHARE_WORD
};

_Static_assert(sizeof(qr_prefix) - 1 == PB_SHARE_QR_PREFIX, "prefix of the QR text");
_Static_assert((int)BYTES == PB_SHARE_WORDS, "one word for each byte");

void pb_share_wipe(struct pb_share *share)
{
	pb_wipe(share, sizeof(*share));
}

void pb_share_text_wipe(struct pb_share_text *text)
{
	pb_wipe(text, sizeof(*text));
}

const char *pb_share_word(uint8_t value)
{
	return share_words[value];
}

/* ---- splitting and combining */

/* libgfshare also overwrites its memory with it before freeing. */
static void fill_random(unsigned char *bytes, unsigned n)
{
	pb_random(bytes, n);
}

static bool numbers_good(unsigned needed, unsigned count)
{
	return needed >= PB_SHARES_MIN && needed <= count && count <= PB_SHARES_MAX;
}

enum pb_status pb_shares_split(const struct pb_secret *secret, const uint8_t set[static PB_SHARE_SET], uint8_t needed,
			       uint8_t count, struct pb_share ret_shares[static PB_SHARES_MAX], struct pb_err *err)
{
	uint8_t indexes[PB_SHARES_MAX] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	PB_SECRET copy = { 0 };
	gfshare_ctx *split;

	if (secret->n != PB_SHARE_SECRET)
		PB_BUG("length of a secret to share");
	if (!numbers_good(needed, count))
		return pb_fail(err, PB_INPUT_INVALID, "%u of %u shares: both are %d to %d", needed, count, PB_SHARES_MIN,
			       PB_SHARES_MAX);
	gfshare_fill_rand = fill_random;
	split = gfshare_ctx_init_enc(indexes, count, needed, PB_SHARE_SECRET);
	if (split == NULL)
		return pb_fail(err, PB_NO_MEMORY, "shares");
	copy = *secret;
	gfshare_ctx_enc_setsecret(split, copy.bytes);
	for (uint8_t i = 0; i < count; i++) {
		struct pb_share *share = &ret_shares[i];

		*share = (struct pb_share){ .index = indexes[i], .needed = needed, .count = count };
		memcpy(share->set, set, PB_SHARE_SET);
		gfshare_ctx_enc_getshare(split, i, share->value.bytes);
		share->value.n = PB_SHARE_SECRET;
	}
	gfshare_ctx_free(split);
	return PB_OK;
}

static bool same_split(const struct pb_share *a, const struct pb_share *b)
{
	return a->needed == b->needed && a->count == b->count && pb_view_equal(PB_VIEW(a->set), PB_VIEW(b->set));
}

static enum pb_status judge(const struct pb_share *shares, size_t count, uint8_t ret_indexes[static PB_SHARES_MAX],
			    struct pb_err *err)
{
	unsigned seen = 0;

	if (count == 0 || count > PB_SHARES_MAX)
		return pb_fail(err, PB_INPUT_INVALID, "%zu shares", count);
	for (size_t i = 0; i < count; i++) {
		if (!same_split(&shares[i], &shares[0]))
			return pb_fail(err, PB_INPUT_INVALID, "shares %u and %u are not of one ceremony", shares[0].index,
				       shares[i].index);
		if ((seen & 1u << shares[i].index) != 0)
			return pb_fail(err, PB_INPUT_INVALID, "share %u is given twice", shares[i].index);
		seen |= 1u << shares[i].index;
		ret_indexes[i] = shares[i].index;
	}
	if (count < shares[0].needed)
		return pb_fail(err, PB_INPUT_INVALID, "%zu shares, and %u are needed", count, shares[0].needed);
	return PB_OK;
}

enum pb_status pb_shares_combine(const struct pb_share *shares, size_t count, struct pb_secret *ret_secret,
				 struct pb_err *err)
{
	uint8_t indexes[PB_SHARES_MAX];
	PB_SECRET secret = { .n = PB_SHARE_SECRET };
	gfshare_ctx *joined;
	enum pb_status s = judge(shares, count, indexes, err);

	if (s != PB_OK)
		return s;
	gfshare_fill_rand = fill_random;
	joined = gfshare_ctx_init_dec(indexes, (unsigned)count, PB_SHARE_SECRET);
	if (joined == NULL)
		return pb_fail(err, PB_NO_MEMORY, "shares");
	for (size_t i = 0; i < count; i++) {
		PB_SECRET value = shares[i].value;

		gfshare_ctx_dec_giveshare(joined, (unsigned char)i, value.bytes);
	}
	gfshare_ctx_dec_extract(joined, secret.bytes);
	gfshare_ctx_free(joined);
	*ret_secret = secret;
	return PB_OK;
}

/* ---- the forty bytes */

static void checksum(const struct pb_secret *bytes, uint8_t ret_checksum[static PB_SHA256_LEN])
{
	pb_sha256(pb_view(bytes->bytes, BYTES - CHECKSUM), ret_checksum);
}

static void pack(const struct pb_share *share, struct pb_secret *ret_bytes)
{
	struct pb_writer out = pb_writer(ret_bytes->bytes, BYTES);
	uint8_t digest[PB_SHA256_LEN];

	pb_put_u8(&out, (uint8_t)(VERSION << 4 | share->index));
	pb_put_u8(&out, (uint8_t)(share->needed << 4 | share->count));
	pb_put(&out, share->set, PB_SHARE_SET);
	pb_put(&out, share->value.bytes, PB_SHARE_SECRET);
	checksum(ret_bytes, digest);
	pb_put(&out, digest, CHECKSUM);
	ret_bytes->n = out.n;
}

static enum pb_share_fault unpack(const struct pb_secret *bytes, struct pb_share *ret_share)
{
	struct pb_cursor in = pb_cursor(pb_secret_view(bytes));
	PB_SHARE share = { 0 };
	uint8_t digest[PB_SHA256_LEN], first = 0, second = 0, written[CHECKSUM] = { 0 };

	if (!pb_take_u8(&in, &first) || !pb_take_u8(&in, &second) || !pb_take_copy(&in, share.set, PB_SHARE_SET) ||
	    !pb_take_copy(&in, share.value.bytes, PB_SHARE_SECRET) || !pb_take_copy(&in, written, CHECKSUM))
		PB_BUG("a share of another length");
	checksum(bytes, digest);
	if (!pb_ct_equal(digest, written, CHECKSUM))
		return PB_SHARE_CHECKSUM;
	share.index = first & 0x0F;
	share.needed = second >> 4;
	share.count = second & 0x0F;
	share.value.n = PB_SHARE_SECRET;
	if (first >> 4 != VERSION || !numbers_good(share.needed, share.count) || share.index < 1 ||
	    share.index > share.count)
		return PB_SHARE_VERSION;
	*ret_share = share;
	return PB_SHARE_GOOD;
}

/* ---- the QR code */

void pb_share_write_qr(const struct pb_share *share, struct pb_share_text *ret_text)
{
	PB_SECRET bytes = { 0 };
	char *out = ret_text->text;

	pack(share, &bytes);
	memcpy(out, qr_prefix, PB_SHARE_QR_PREFIX);
	out += PB_SHARE_QR_PREFIX;
	for (size_t group = 0; group < BYTES; group += 5) {
		uint64_t bits = 0;

		for (size_t i = 0; i < 5; i++)
			bits = bits << 8 | bytes.bytes[group + i];
		for (int shift = 35; shift >= 0; shift -= 5)
			*out++ = base32[bits >> shift & 31];
	}
	*out = '\0';
}

static enum pb_share_fault read_qr(struct pb_view text, struct pb_secret *ret_bytes, size_t *ret_position)
{
	uint64_t bits = 0;

	if (text.n != PB_SHARE_QR_PREFIX + QR_CHARACTERS)
		return PB_SHARE_FORM;
	for (size_t i = 0; i < QR_CHARACTERS; i++) {
		char c = (char)text.p[PB_SHARE_QR_PREFIX + i];
		const char *at = c != '\0' ? strchr(base32, c) : NULL;

		if (at == NULL) {
			*ret_position = PB_SHARE_QR_PREFIX + i + 1;
			return PB_SHARE_CHARACTER;
		}
		bits = bits << 5 | (uint64_t)(at - base32);
		if (i % 8 == 7)
			for (size_t k = 0; k < 5; k++)
				ret_bytes->bytes[i / 8 * 5 + k] = (uint8_t)(bits >> (32 - 8 * k));
	}
	ret_bytes->n = BYTES;
	return PB_SHARE_GOOD;
}

/* ---- the words */

void pb_share_write_words(const struct pb_share *share, struct pb_share_text *ret_text)
{
	PB_SECRET bytes = { 0 };
	struct pb_writer out = pb_writer(ret_text->text, PB_SHARE_TEXT_MAX);

	pack(share, &bytes);
	for (size_t i = 0; i < BYTES; i++) {
		if (i > 0)
			pb_put_u8(&out, ' ');
		pb_put_view(&out, pb_view_text(share_words[bytes.bytes[i]]));
	}
	ret_text->text[out.n] = '\0';
}

/* -1 when the list has no such word.  All of it is compared every time: it is short. */
static int word_value(struct pb_view word)
{
	int value = -1;

	for (int i = 0; i < 256; i++)
		if (pb_view_equal(word, pb_view_text(share_words[i])))
			value = i;
	return value;
}

/* The next word of folded text, which has single spaces between words and none around. */
static bool next_word(const char **at, struct pb_view *ret_word)
{
	size_t n = strcspn(*at, " ");

	if (n == 0)
		return false;
	*ret_word = pb_view(*at, n);
	*at += n + ((*at)[n] == ' ');
	return true;
}

/* The small letter as the list writes it; a space for white space; for all else a sign that no word has. */
static uint32_t plain_letter(uint32_t c)
{
	enum { CAPITAL_A = 0x410, SMALL_A = 0x430, SMALL_YA = 0x44F, CAPITAL_YO = 0x401, SMALL_YE = 0x435, SMALL_YO = 0x451 };

	if (c == ' ' || c == '\t' || c == '\n')
		return ' ';
	if (c == CAPITAL_YO || c == SMALL_YO)
		return SMALL_YE;
	if (c >= CAPITAL_A && c < SMALL_A)
		return c + (SMALL_A - CAPITAL_A);
	return c >= SMALL_A && c <= SMALL_YA ? c : '?';
}

/* Small letters, one space for any white space, none at the ends; false for what is no text or too long.
 * Not by pb_text_fold, which leaves copies behind. */
static bool fold(struct pb_view text, struct pb_share_text *ret_folded)
{
	struct pb_writer out = pb_writer(ret_folded->text, PB_SHARE_TEXT_MAX);
	PB_SHARE_TEXT copy = { 0 };
	const char *at = copy.text;
	bool space = false;
	uint32_t c;

	if (text.n > PB_SHARE_TEXT_MAX || !pb_text_valid(text))
		return false;
	if (text.n > 0)
		memcpy(copy.text, text.p, text.n);
	while ((c = pb_text_next(&at)) != 0) {
		c = plain_letter(c);
		if (c != ' ') {
			if (space && out.n > 0)
				pb_put_u8(&out, ' ');
			pb_put_be(&out, c < 0x80 ? c : (0xC080 | (c >> 6) << 8 | (c & 0x3F)), c < 0x80 ? 1 : 2);
		}
		space = c == ' ';
	}
	ret_folded->text[out.n] = '\0';
	return !out.full;
}

static enum pb_share_fault read_words(struct pb_view text, struct pb_secret *ret_bytes, size_t *ret_position)
{
	PB_SHARE_TEXT folded = { 0 };
	const char *at = folded.text;
	struct pb_view word;
	size_t count = 0;

	if (!fold(text, &folded))
		return PB_SHARE_FORM;
	for (; next_word(&at, &word); count++) {
		int value = word_value(word);

		*ret_position = count + 1;
		if (value < 0)
			return PB_SHARE_WORD;
		if (count < BYTES)
			ret_bytes->bytes[count] = (uint8_t)value;
	}
	*ret_position = count;
	ret_bytes->n = BYTES;
	return count == 0 ? PB_SHARE_FORM : count != BYTES ? PB_SHARE_LENGTH : PB_SHARE_GOOD;
}

size_t pb_share_unknown_word(struct pb_view words, size_t *ret_count)
{
	PB_SHARE_TEXT folded = { 0 };
	const char *at = folded.text;
	size_t unknown = 0;
	struct pb_view word;

	*ret_count = 0;
	if (!fold(words, &folded))
		return 1;
	while (next_word(&at, &word)) {
		++*ret_count;
		if (unknown == 0 && word_value(word) < 0)
			unknown = *ret_count;
	}
	return unknown;
}

enum pb_share_fault pb_share_read(struct pb_view text, struct pb_share *ret_share, size_t *ret_position)
{
	PB_SECRET bytes = { 0 };
	enum pb_share_fault fault;
	size_t position = 0;

	if (text.n >= PB_SHARE_QR_PREFIX &&
	    pb_view_equal(pb_view(text.p, PB_SHARE_QR_PREFIX), pb_view(qr_prefix, PB_SHARE_QR_PREFIX)))
		fault = read_qr(text, &bytes, &position);
	else
		fault = read_words(text, &bytes, &position);
	*ret_position = position;
	return fault == PB_SHARE_GOOD ? unpack(&bytes, ret_share) : fault;
}
