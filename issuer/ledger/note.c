/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signed notes: split at the last blank line, look at every signature line, believe only known keys.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "issuer/ledger/base64.h"
#include "issuer/ledger/cosignature.h"
#include "issuer/ledger/line.h"
#include "issuer/ledger/note.h"
#include "issuer/ledger/note_line.h"
#include "keys/crypto/ed25519.h"
#include "keys/crypto/hash.h"

enum { ED25519_KEY = 32, ED25519_SIG = 64 };

static const char dash[] = "\xE2\x80\x94 "; /* U+2014, space */

/* Unicode's White_Space, which no key name may hold. */
static bool is_space(uint32_t c)
{
	return c <= 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
	       c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static bool is_name(const char *name)
{
	uint32_t c;

	if (name[0] == '\0' || strlen(name) > PB_ORIGIN_MAX || !pb_text_valid(pb_view_text(name)))
		return false;
	while ((c = pb_text_next(&name)) != 0)
		if (is_space(c) || c == '+')
			return false;
	return true;
}

static void make_id(struct pb_note_key *key)
{
	const uint8_t middle[] = { '\n', (uint8_t)key->type };
	struct pb_view parts[] = { pb_view_text(key->name), PB_VIEW(middle), PB_VIEW(key->public_key) };
	uint8_t digest[PB_SHA256_LEN];

	pb_sha256_parts(parts, 3, digest);
	memcpy(key->id, digest, PB_NOTE_KEY_ID);
}

static bool make(enum pb_note_key_type type, const char *name, const uint8_t public_key[static ED25519_KEY],
		 struct pb_note_key *ret_key)
{
	if (!is_name(name))
		return false;
	*ret_key = (struct pb_note_key){ .type = type };
	memcpy(ret_key->name, name, strlen(name));
	memcpy(ret_key->public_key, public_key, ED25519_KEY);
	make_id(ret_key);
	return true;
}

bool pb_note_key_make(const char *name, const uint8_t public_key[static 32], struct pb_note_key *ret_key)
{
	return make(PB_NOTE_SIGNER, name, public_key, ret_key);
}

bool pb_cosigner_make(const char *name, const uint8_t public_key[static 32], struct pb_note_key *ret_key)
{
	return make(PB_NOTE_COSIGNER, name, public_key, ret_key);
}

static bool parse(enum pb_note_key_type type, const char *vkey, struct pb_note_key *ret_key)
{
	const char *id = strchr(vkey, '+'), *key = id != NULL ? strchr(id + 1, '+') : NULL;
	uint8_t bytes[1 + ED25519_KEY];
	char name[PB_ORIGIN_MAX + 1], hex[2 * PB_NOTE_KEY_ID + 1];
	struct pb_note_key made;
	size_t n;

	if (key == NULL || (size_t)(id - vkey) >= sizeof(name) || key - id - 1 != 2 * PB_NOTE_KEY_ID)
		return false;
	memcpy(name, vkey, id - vkey);
	name[id - vkey] = '\0';
	if (!pb_base64_decode(pb_view_text(key + 1), bytes, sizeof(bytes), &n) || n != sizeof(bytes) ||
	    bytes[0] != type || !make(type, name, bytes + 1, &made))
		return false;
	pb_hex_encode(PB_VIEW(made.id), hex);
	if (strncmp(hex, id + 1, sizeof(hex) - 1) != 0)
		return false;
	*ret_key = made;
	return true;
}

bool pb_note_key_parse(const char *vkey, struct pb_note_key *ret_key)
{
	return parse(PB_NOTE_SIGNER, vkey, ret_key);
}

bool pb_cosigner_parse(const char *vkey, struct pb_note_key *ret_key)
{
	return parse(PB_NOTE_COSIGNER, vkey, ret_key);
}

void pb_note_key_format(const struct pb_note_key *key, char ret_vkey[static PB_VKEY_MAX + 1])
{
	struct pb_writer out = pb_writer(ret_vkey, PB_VKEY_MAX + 1);
	char hex[2 * PB_NOTE_KEY_ID + 1];
	uint8_t bytes[1 + ED25519_KEY] = { (uint8_t)key->type };

	memcpy(bytes + 1, key->public_key, ED25519_KEY);
	pb_hex_encode(PB_VIEW(key->id), hex);
	pb_put_view(&out, pb_view_text(key->name));
	pb_put_u8(&out, '+');
	pb_put_view(&out, pb_view_text(hex));
	pb_put_u8(&out, '+');
	pb_base64_put(&out, PB_VIEW(bytes));
	pb_put_u8(&out, 0);
}

/* ---- reading a note */

/* Valid UTF-8 with no control character but LF. */
static bool is_clean(struct pb_view note)
{
	if (!pb_text_valid(note))
		return false;
	for (size_t i = 0; i < note.n; i++)
		if (note.p[i] < 0x20 && note.p[i] != '\n')
			return false;
	return true;
}

/* The blank line that parts text and signatures is the last one there is. */
static bool split(struct pb_view note, struct pb_view *ret_text, struct pb_view *ret_lines)
{
	if (note.n < 2 || note.p[note.n - 1] != '\n')
		return false;
	for (size_t i = note.n - 1; i-- > 0;) {
		if (note.p[i] != '\n' || note.p[i + 1] != '\n')
			continue;
		*ret_text = pb_view(note.p, i + 1);
		*ret_lines = pb_view(note.p + i + 2, note.n - i - 2);
		return ret_lines->n > 0;
	}
	return false;
}

bool pb_note_line_parse(struct pb_view line, struct pb_note_line *ret_line)
{
	const size_t lead = sizeof(dash) - 1;
	const uint8_t *space;
	char name[PB_ORIGIN_MAX + 1];
	size_t n;

	if (line.n <= lead || !pb_view_equal(pb_view(line.p, lead), pb_view_text(dash)))
		return false;
	space = memchr(line.p + lead, ' ', line.n - lead);
	if (space == NULL)
		return false;
	n = (size_t)(space - line.p) - lead;
	if (n > PB_ORIGIN_MAX)
		return false;
	memcpy(name, line.p + lead, n);
	name[n] = '\0';
	ret_line->name = pb_view(line.p + lead, n);
	return is_name(name) &&
	       pb_base64_decode(pb_view(space + 1, line.n - lead - n - 1), ret_line->bytes,
				sizeof(ret_line->bytes), &ret_line->n) &&
	       ret_line->n > PB_NOTE_KEY_ID;
}

bool pb_note_line_is_by(const struct pb_note_line *line, const struct pb_note_key *key)
{
	return pb_view_equal(line->name, pb_view_text(key->name)) &&
	       pb_view_equal(pb_view(line->bytes, PB_NOTE_KEY_ID), PB_VIEW(key->id));
}

static bool is_right(const struct pb_note_line *line, const struct pb_note_key *key, struct pb_view text)
{
	struct pb_view sig = pb_view(line->bytes + PB_NOTE_KEY_ID, line->n - PB_NOTE_KEY_ID);
	uint64_t time;

	if (key->type == PB_NOTE_COSIGNER)
		return pb_cosignature_check(key->public_key, text, sig, &time);
	return sig.n == ED25519_SIG && pb_ed25519_verify(key->public_key, text, sig.p);
}

enum pb_note_verdict pb_note_open(struct pb_view note, const struct pb_note_key *keys, size_t count,
				  struct pb_view *ret_text, uint64_t *ret_signers)
{
	struct pb_view text, lines, line;
	struct pb_cursor in;
	struct pb_note_line signature;
	enum pb_note_verdict verdict = PB_NOTE_UNKNOWN;
	uint64_t signers = 0;
	size_t seen = 0;

	if (count > 64)
		PB_BUG("more keys than bits");
	if (note.n > PB_NOTE_MAX || !is_clean(note) || !split(note, &text, &lines))
		return PB_NOTE_MALFORMED;
	in = pb_cursor(lines);
	while (pb_line_take(&in, &line)) {
		if (++seen > PB_NOTE_SIGNATURES || !pb_note_line_parse(line, &signature))
			return PB_NOTE_MALFORMED;
		for (size_t i = 0; i < count; i++) {
			if (!pb_note_line_is_by(&signature, &keys[i]))
				continue;
			if (is_right(&signature, &keys[i], text))
				signers |= (uint64_t)1 << i;
			else
				verdict = PB_NOTE_FORGED;
		}
	}
	if (verdict == PB_NOTE_FORGED || signers == 0)
		return verdict;
	*ret_text = text;
	if (ret_signers != NULL)
		*ret_signers = signers;
	return PB_NOTE_GOOD;
}

void pb_note_line_put(struct pb_writer *writer, const struct pb_note_key *key, struct pb_view sig)
{
	uint8_t bytes[PB_NOTE_SIG_MAX];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));

	pb_put(&out, key->id, PB_NOTE_KEY_ID);
	pb_put_view(&out, sig);
	pb_put_view(writer, pb_view_text(dash));
	pb_put_view(writer, pb_view_text(key->name));
	pb_put_u8(writer, ' ');
	pb_base64_put(writer, pb_view(bytes, out.n));
	pb_put_u8(writer, '\n');
}

void pb_note_put_signature(struct pb_writer *writer, const struct pb_note_key *key, const uint8_t sig[static 64])
{
	pb_note_line_put(writer, key, pb_view(sig, ED25519_SIG));
}

/* ---- checkpoints */

bool pb_note_is_headed(struct pb_view note, const char *line)
{
	struct pb_cursor in = pb_cursor(note);
	struct pb_view first;

	return pb_line_take(&in, &first) && pb_view_equal(first, pb_view_text(line));
}

void pb_checkpoint_put(struct pb_writer *writer, const struct pb_checkpoint *checkpoint)
{
	char size[24];

	(void)snprintf(size, sizeof(size), "\n%" PRIu64 "\n", checkpoint->size);
	pb_put_view(writer, pb_view_text(checkpoint->origin));
	pb_put_view(writer, pb_view_text(size));
	pb_base64_put(writer, PB_VIEW(checkpoint->root.bytes));
	pb_put_u8(writer, '\n');
}

bool pb_checkpoint_parse(struct pb_view text, struct pb_checkpoint *ret_checkpoint)
{
	struct pb_cursor in = pb_cursor(text);
	struct pb_view origin, size, root;
	struct pb_checkpoint made = { 0 };
	size_t n;

	if (!pb_line_take(&in, &origin) || !pb_line_take(&in, &size) || !pb_line_take(&in, &root) || in.left != 0)
		return false;
	if (origin.n == 0 || origin.n > PB_ORIGIN_MAX || memchr(origin.p, 0, origin.n) != NULL ||
	    !pb_line_decimal(size, &made.size) || !pb_base64_decode(root, made.root.bytes, sizeof(made.root.bytes), &n) ||
	    n != sizeof(made.root.bytes))
		return false;
	memcpy(made.origin, origin.p, origin.n);
	*ret_checkpoint = made;
	return true;
}
