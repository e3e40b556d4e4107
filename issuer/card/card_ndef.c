/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A memory card that anybody can read, and copy (card-applet-spec/type2.h): the credential in the address that a telephone
 * opens.  It has no key, so nothing here proves more than that the UID is the one the credential is bound to.
 */
#include "issuer/card/family.h"

#include <stdio.h>
#include <string.h>

#include "issuer/card/type2.h"
#include "issuer/credential/ndef.h"
#include "issuer/credential/url.h"

/* What stands in page 4. */
enum content { CONTENT_NONE, CONTENT_MESSAGE, CONTENT_OTHER };

static enum content content_of(const uint8_t tlv[static TYPE2_PAGE_LEN], size_t *ret_n)
{
	*ret_n = (size_t)tlv[2] << 8 | tlv[3];
	if (tlv[0] == 0 || tlv[0] == TYPE2_TLV_END || (tlv[0] == TYPE2_TLV_NDEF && tlv[1] == 0))
		return CONTENT_NONE;
	return tlv[0] == TYPE2_TLV_NDEF && tlv[1] == TYPE2_TLV_LONG && *ret_n <= PB_NDEF_RECORD_MAX ? CONTENT_MESSAGE : CONTENT_OTHER;
}

static enum applet_state state_of(const struct pb_type2_head *head, enum content content)
{
	if (content == CONTENT_NONE)
		return APPLET_BLANK;
	return head->locked ? APPLET_LOCKED : APPLET_PERSONALISED;
}

/* NULL when it is one of ours or can become one. */
static const char *what_else(const struct pb_type2_head *head, enum content content, const struct pb_card_identity *identity)
{
	unsigned lock_page;

	if (!head->has_container)
		return "memory card without an NDEF container";
	if (!pb_type2_lock_page(head->cc_size, &lock_page))
		return "memory card without room for a credential: NTAG 215 or 216 has it";
	if (!pb_view_equal(PB_VIEW(head->uid), pb_view(identity->uid, identity->uid_n)))
		return "memory card whose UID is not the one it answers with";
	if (content == CONTENT_OTHER)
		return "memory card with a message of somebody's";
	return content == CONTENT_NONE && head->locked ? "memory card that is empty and locked" : NULL;
}

static enum pb_status identify(struct pb_reader *reader, const struct pb_reader_card *card, struct pb_card_identity *identity,
			       struct pb_err *err)
{
	uint8_t bytes[TYPE2_READ_LEN];
	struct pb_type2_head head;
	enum content content;
	const char *why;
	size_t n;
	enum pb_status s = pb_type2_read_head(reader, &head, err);

	(void)card;
	if (s == PB_OK)
		s = pb_type2_read(reader, TYPE2_FIRST_PAGE, bytes, err);
	if (s == PB_CARD_PROTOCOL) { /* a memory card of another kind, which the reader does not read so */
		pb_err_clear(err);
		return PB_OK;
	}
	if (s != PB_OK)
		return s;
	content = content_of(bytes, &n);
	why = what_else(&head, content, identity);
	if (why) {
		snprintf(identity->why, sizeof(identity->why), "%s", why);
		return PB_OK;
	}
	identity->family = PB_FAMILY_NDEF;
	identity->state = state_of(&head, content);
	identity->why[0] = '\0';
	return PB_OK;
}

static enum pb_status read_message(struct pb_reader *reader, size_t n, uint8_t *ret_message, struct pb_err *err)
{
	uint8_t bytes[TYPE2_READ_LEN];
	enum pb_status s = PB_OK;

	for (size_t at = 0; s == PB_OK && at < n; at += TYPE2_READ_LEN) {
		s = pb_type2_read(reader, TYPE2_MESSAGE_PAGE + (unsigned)(at / TYPE2_PAGE_LEN), bytes, err);
		if (s == PB_OK)
			memcpy(ret_message + at, bytes, n - at < TYPE2_READ_LEN ? n - at : TYPE2_READ_LEN);
	}
	return s;
}

/* The credential, and the address before it as the other families have it in a file of its own. */
static bool split(struct pb_view message, struct pb_card_image *image)
{
	char url[PB_NDEF_RECORD_URL_MAX + 1];
	struct pb_credential_token token;
	struct pb_ndef ndef;
	char *mark;

	if (!pb_ndef_record_url(message, url) || pb_credential_url_decode(pb_view_text(url), NULL, &token) != PB_FAULT_NONE ||
	    token.n > CREDENTIAL_MAX)
		return false;
	mark = strchr(url, '#');
	if (mark == NULL)
		return false;
	*mark = '\0';
	if (pb_ndef_of_url(url, &ndef, NULL) != PB_OK)
		return false;
	memcpy(image->credential, token.bytes, token.n);
	image->credential_n = token.n;
	memcpy(image->ndef, ndef.bytes, ndef.n);
	image->ndef_n = ndef.n;
	return true;
}

/* There is nobody to challenge. */
static enum pb_status examine(struct pb_reader *reader, struct pb_view challenge, struct pb_card_image *ret_image,
			      struct pb_err *err)
{
	uint8_t bytes[TYPE2_READ_LEN], message[PB_NDEF_RECORD_MAX];
	struct pb_card_image image = { 0 };
	struct pb_type2_head head;
	size_t n;
	enum pb_status s = pb_type2_read_head(reader, &head, err);

	(void)challenge;
	if (s == PB_OK)
		s = pb_type2_read(reader, TYPE2_FIRST_PAGE, bytes, err);
	if (s != PB_OK)
		return s;
	image.state = state_of(&head, content_of(bytes, &n));
	if (image.state == APPLET_BLANK)
		return pb_fail(err, PB_NOT_FOUND, "the card is blank");
	if (content_of(bytes, &n) != CONTENT_MESSAGE)
		return pb_fail(err, PB_CARD_FOREIGN, "memory card with a message of somebody's");
	s = read_message(reader, n, message, err);
	if (s == PB_OK && !split(pb_view(message, n), &image))
		s = pb_fail(err, PB_CARD_FOREIGN, "memory card with an address of somebody's");
	if (s == PB_OK)
		*ret_image = image;
	return s;
}

const struct pb_card_family_ops pb_card_ndef = { PB_FAMILY_NDEF, identify, examine };
