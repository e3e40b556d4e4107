/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Host side of Secure Channel Protocol 03 (GlobalPlatform Card Technology, Amendment D 1.1.1) from
 * EXTERNAL AUTHENTICATE on.  Session keys and the host cryptogram come from the key store, which has
 * checked the card's cryptogram; nothing here derives a key.
 *
 * S8 and S16, AES-128, -192 and -256, the levels below.  A channel that failed once is closed: every
 * further call is PB_CARD_PROTOCOL.
 */
#ifndef PROFBILET_ISSUER_PERSO_SCP03_H
#define PROFBILET_ISSUER_PERSO_SCP03_H

#include "base/bytes.h"
#include "base/err.h"
#include "issuer/iso7816/apdu.h"
#include "issuer/reader/reader.h"
#include "keys/scp03_keys.h"

enum {
	PB_SCP03_C_MAC = 0x01,
	PB_SCP03_C_ENC = 0x02, /* with C_MAC only */
	PB_SCP03_R_MAC = 0x10,
	PB_SCP03_R_ENC = 0x20, /* with R_MAC only */
};

struct pb_scp03;

/* Keys of 16, 24 or 32 bytes, copied and wiped by destroy.  mac_n: PB_SCP03_S8 or PB_SCP03_S16.  NULL
 * when memory is out. */
struct pb_scp03 *pb_scp03_create(struct pb_view enc, struct pb_view mac, struct pb_view rmac, unsigned level,
				 size_t mac_n);
void pb_scp03_destroy(struct pb_scp03 *channel); /* accepts NULL */

/* EXTERNAL AUTHENTICATE with its MAC: the first command of the channel (7.1.2). */
void pb_scp03_authenticate(struct pb_scp03 *channel, struct pb_view host_cryptogram, struct pb_writer *writer);

/* The command as it goes to the card: class with secure messaging, data enciphered, MAC (6.2.4, 6.2.6).
 * PB_INPUT_INVALID when it would not fit a short APDU. */
PB_MUST_USE enum pb_status pb_scp03_wrap(struct pb_scp03 *channel, const struct pb_apdu *plain,
					 struct pb_writer *writer, struct pb_err *err);
/* The answer to the last wrapped command: MAC checked, data deciphered into ret_data (6.2.5, 6.2.7).
 * An error status word comes without a MAC and is passed on as it is. */
PB_MUST_USE enum pb_status pb_scp03_unwrap(struct pb_scp03 *channel, const struct pb_response *response,
					   uint8_t ret_data[static APDU_RESPONSE_MAX], size_t *ret_n,
					   struct pb_err *err);

#endif
