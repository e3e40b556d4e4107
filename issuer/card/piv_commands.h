/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is asked of a PIV card (card-applet-spec/piv.h), and the tag that lies beside its application: the part that
 * reading (card_piv.c) and writing (issuer/perso/perso_piv.c) have in common.  Nothing here needs a key.
 */
#ifndef PROFBILET_ISSUER_CARD_PIV_COMMANDS_H
#define PROFBILET_ISSUER_CARD_PIV_COMMANDS_H

#include "base/err.h"
#include "card-applet-spec/piv.h"
#include "issuer/reader/exchange.h"
#include "keys/crypto/p256.h"

enum { PB_PIV_OBJECT_MAX = 2048, PB_PIV_TAG_LEN = 3 };

/* Any status word is PB_OK. */
PB_MUST_USE enum pb_status pb_piv_select(struct pb_reader *reader, struct pb_answer *ret_answer, struct pb_err *err);

/* GET DATA; any status word is PB_OK. */
PB_MUST_USE enum pb_status pb_piv_ask_object(struct pb_reader *reader, uint32_t tag, uint8_t room[static PB_PIV_OBJECT_MAX],
					     struct pb_response *ret_response, struct pb_err *err);
/* ret_object is empty when there is no such object. */
PB_MUST_USE enum pb_status pb_piv_get_object(struct pb_reader *reader, uint32_t tag, uint8_t room[static PB_PIV_OBJECT_MAX],
					     struct pb_view *ret_object, struct pb_err *err);

/* What a card says of one of its keys; empty where it knows no such command, or has no such key. */
PB_MUST_USE enum pb_status pb_piv_get_metadata(struct pb_reader *reader, enum piv_reference key, struct pb_answer *answer,
					       struct pb_view *ret_metadata, struct pb_err *err);

enum pb_piv_whose { PB_PIV_NOT_SAID, PB_PIV_FACTORYS, PB_PIV_REPLACED };
struct pb_piv_management {
	enum pb_piv_whose whose;
	uint8_t algorithm; /* 0: not said */
};
PB_MUST_USE enum pb_status pb_piv_ask_management(struct pb_reader *reader, struct pb_piv_management *ret_management,
						 struct pb_err *err);
/* The key of slot 9E, by what the card says of it; *ret_there false where it does not say. */
PB_MUST_USE enum pb_status pb_piv_ask_key(struct pb_reader *reader, bool *ret_there, uint8_t ret_point[static PB_P256_POINT],
					  struct pb_err *err);

/* The digest of what key 9E signs, and the signature, r || s. */
PB_MUST_USE enum pb_status pb_piv_sign(struct pb_reader *reader, const uint8_t digest[static 32],
				       uint8_t ret_sig[static PB_P256_SIG], struct pb_err *err);

/* The key that the certificate in such an object is about; false for anything but 53{70 certificate, 71 00, FE}. */
PB_MUST_USE bool pb_piv_certificate_read(struct pb_view object, uint8_t ret_point[static PB_P256_POINT]);

/* ---- The CHUID, 53{30 FASC-N, 34 GUID, 35 expiry, 3E credential, FE}.
 *
 * PIV numbers no keys and has no life cycle, so the GUID of ours does (a UUID of version 8, RFC 9562): 50 42 31, the
 * version of key 9B that was replaced last, the version that replaces it, 01 when the card is finished, and a part of
 * the credential's digest.  The versions are written before the key is, so the card has the newer one, or was torn off
 * and has the older. */
struct pb_piv_chuid {
	struct pb_view credential; /* up to CREDENTIAL_MAX bytes; empty: a blank that was given keys */
	uint8_t from, to;	   /* versions of key 9B; 00: the factory's */
	bool finished;
	uint8_t expiry[8];	   /* "20301231" */
};

enum { PB_PIV_CHUID_MAX = 256 };
void pb_piv_chuid_put(struct pb_writer *writer, const struct pb_piv_chuid *chuid);
/* An issuer's of Profbilet; false for another's, whose 3E is empty or a signature in CMS, far longer. */
PB_MUST_USE bool pb_piv_chuid_read(struct pb_view object, struct pb_piv_chuid *ret_chuid);

/* ---- The tag beside it (NFC Forum Type 4 Tag 2.0), by its own file identifier and limits.  PIV is no longer selected. */
struct pb_piv_tag {
	size_t read_max, write_max; /* bytes in one command, at most 255 */
	size_t size;		    /* of the file */
};
/* SELECT, as far as the NDEF file. */
PB_MUST_USE enum pb_status pb_piv_tag_select(struct pb_reader *reader, struct pb_piv_tag *ret_tag, struct pb_err *err);
/* In that file. */
PB_MUST_USE enum pb_status pb_piv_tag_read(struct pb_reader *reader, size_t offset, size_t n, uint8_t *ret_bytes,
					   struct pb_err *err);

#endif
