/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A memory card that anybody may write, until it is locked (card-applet-spec/type2.h): the message first, then the four
 * bytes that say there is one.  So a card that is pulled away is blank, or whole.  Locking goes from the configuration to
 * the static lock bits, by which the card says that it is locked.
 */
#include "issuer/perso/family.h"

#include <string.h>

#include "issuer/card/type2.h"
#include "issuer/credential/ndef.h"
#include "issuer/credential/url.h"
#include "issuer/reader/exchange.h"

static enum pb_status write_page(struct pb_perso *perso, unsigned page, const uint8_t bytes[static TYPE2_PAGE_LEN], struct pb_err *err)
{
	const struct pb_apdu write = { CLA_TYPE2_READER, INS_TYPE2_WRITE, 0, (uint8_t)page, pb_view(bytes, TYPE2_PAGE_LEN), 0 };
	struct pb_answer answer;
	enum pb_status s = pb_exchange(perso->reader, "WRITE", &write, &answer, err);

	if (s == PB_OK && answer.response.sw != SW_OK)
		s = pb_fail(err, PB_CARD_PROTOCOL, "WRITE page %u: SW %04X", page, answer.response.sw);
	return s;
}

/* Of a page whose bits stay once they are set: not written again, for it may refuse that. */
static enum pb_status set_bits(struct pb_perso *perso, unsigned page, const uint8_t bits[static TYPE2_PAGE_LEN], struct pb_err *err)
{
	uint8_t now[TYPE2_READ_LEN];
	bool set = true;
	enum pb_status s = pb_type2_read(perso->reader, page, now, err);

	for (size_t i = 0; s == PB_OK && i < TYPE2_PAGE_LEN; i++)
		set = set && (now[i] & bits[i]) == bits[i];
	return s == PB_OK && !set ? write_page(perso, page, bits, err) : s;
}

static enum pb_status begin(struct pb_perso *perso, enum pb_session_purpose purpose, struct pb_card_words *ret_words,
			    struct pb_err *err)
{
	struct pb_type2_head head;
	enum pb_status s = pb_type2_read_head(perso->reader, &head, err);

	(void)purpose;
	if (s != PB_OK)
		return s;
	if (perso->has_name && !pb_view_equal(pb_view(perso->name, TYPE2_UID_LEN), PB_VIEW(head.uid)))
		return pb_fail(err, PB_CARD_SWAPPED, "another memory card lies there");
	memcpy(perso->name, head.uid, TYPE2_UID_LEN);
	perso->has_name = true;
	if (!pb_card_words_set(ret_words, PB_VIEW(head.uid))) /* all that it can say of itself */
		PB_BUG("a UID is longer than words may be");
	return PB_OK;
}

/* The address with the credential behind it, as one record. */
static enum pb_status build(struct pb_view credential, struct pb_view ndef, struct pb_writer *message, struct pb_err *err)
{
	static const char scheme[] = "https://";
	char address[PB_NDEF_URL_MAX + 1], *host = address + sizeof(scheme) - 1;
	struct pb_credential_url url;
	enum pb_status s;

	if (!pb_ndef_read_url(ndef, address))
		return pb_fail(err, PB_INPUT_INVALID, "an NDEF image without an address");
	host[strcspn(host, "/")] = '\0';
	s = pb_credential_url(host, credential, &url, err);
	if (s != PB_OK)
		return s;
	if (!pb_ndef_put_record(message, url.text) || message->full)
		return pb_fail(err, PB_INPUT_INVALID, "the address has %zu characters, at most %d fit", strlen(url.text),
			       PB_NDEF_RECORD_URL_MAX);
	return PB_OK;
}

static enum pb_status write_data(struct pb_perso *perso, struct pb_view credential, struct pb_view ndef, struct pb_err *err)
{
	uint8_t bytes[PB_NDEF_RECORD_MAX + TYPE2_PAGE_LEN] = { 0 }, head[TYPE2_PAGE_LEN] = { TYPE2_TLV_NDEF, TYPE2_TLV_LONG };
	struct pb_writer message = pb_writer(bytes, PB_NDEF_RECORD_MAX);
	enum pb_status s = build(credential, ndef, &message, err);

	if (s != PB_OK)
		return s;
	bytes[message.n] = TYPE2_TLV_END;
	for (size_t at = 0; s == PB_OK && at <= message.n; at += TYPE2_PAGE_LEN)
		s = write_page(perso, TYPE2_MESSAGE_PAGE + (unsigned)(at / TYPE2_PAGE_LEN), bytes + at, err);
	head[2] = (uint8_t)(message.n >> 8);
	head[3] = (uint8_t)message.n;
	return s == PB_OK ? write_page(perso, TYPE2_FIRST_PAGE, head, err) : s;
}

/* Those of pages from 16 on, and the bits that lock them in their turn (NXP NTAG213_215_216 8.5.3). */
static const uint8_t *dynamic_locks(uint8_t cc_size)
{
	static const uint8_t locks_215[TYPE2_PAGE_LEN] = { 0xFF, 0x00, 0x0F, 0x00 };
	static const uint8_t locks_216[TYPE2_PAGE_LEN] = { 0xFF, 0x3F, 0x7F, 0x00 };

	return cc_size == TYPE2_CC_SIZE_215 ? locks_215 : locks_216;
}

static enum pb_status set_state(struct pb_perso *perso, enum applet_state state, struct pb_err *err)
{
	static const uint8_t configuration[] = { TYPE2_CONFIGURATION_LOCKED, 0, 0, 0 };
	static const uint8_t container[] = { 0, 0, 0, TYPE2_CC_READ_ONLY };
	static const uint8_t static_locks[] = { 0, 0, 0xFF, 0xFF };
	struct pb_type2_head head;
	unsigned locks;
	enum pb_status s;

	if (state != APPLET_LOCKED)
		return pb_fail(err, PB_CARD_UNSUPPORTED, "setting the state: a memory card has no such step");
	s = pb_type2_read_head(perso->reader, &head, err);
	if (s == PB_OK && !pb_type2_lock_page(head.cc_size, &locks))
		s = pb_fail(err, PB_CARD_PROTOCOL, "READ: a container of size %02X", head.cc_size);
	if (s == PB_OK)
		s = set_bits(perso, locks + TYPE2_CONFIGURATION_AFTER, configuration, err);
	if (s == PB_OK)
		s = set_bits(perso, TYPE2_CC_PAGE, container, err);
	if (s == PB_OK)
		s = set_bits(perso, locks, dynamic_locks(head.cc_size), err);
	return s == PB_OK ? set_bits(perso, TYPE2_LOCK_PAGE, static_locks, err) : s;
}

const struct pb_perso_family_ops pb_perso_ndef = {
	.family = PB_FAMILY_NDEF,
	.begin = begin,
	.write = write_data,
	.set_state = set_state,
	.session = PB_SESSION_OPEN,
};
