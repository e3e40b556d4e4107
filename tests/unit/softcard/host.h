/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A host for the card's own tests: raw commands, and SCP03 written a second time, the other way round.  Asserts what a host must see anyway (MACs, padding); what a test is about is left in `sw`
 * and `data`.
 */
#ifndef PROFBILET_TESTS_UNIT_SOFTCARD_HOST_H
#define PROFBILET_TESTS_UNIT_SOFTCARD_HOST_H

#include "softcard/softcard.h"

struct host {
	struct softcard *card; /* NULL when the card is behind `transmit` */
	enum softcard_outcome (*transmit)(struct host *host, struct pb_view command, uint8_t ret_answer[static SOFTCARD_ANSWER_MAX],
					  size_t *ret_n); /* NULL: to `card` */
	void (*power)(struct host *host); /* off and on, of a card behind `transmit` */
	int fd;			/* for transmit */
	enum softcard_outcome outcome;
	unsigned sw; /* 0 unless answered */
	uint8_t data[SOFTCARD_ANSWER_MAX];
	size_t n;

	uint8_t kvn;	    /* as the last INITIALIZE UPDATE said */
	bool card_is_right; /* its cryptogram was that of the key */
	uint8_t level;	    /* of the last EXTERNAL AUTHENTICATE */
	uint8_t s_enc[16], s_mac[16], s_rmac[16], chain[16], counter[16];
	uint8_t point[65], credential[CREDENTIAL_MAX];
	size_t credential_n;
};

/* A blank in memory, or the file at `path`, under power. */
struct host host_new(const char *path);
void host_free(struct host *host);
void host_power(struct host *host);

void host_send(struct host *host, struct pb_view command);
/* Hex, spaces allowed. */
void host_hex(struct host *host, const char *hex);
void host_select(struct host *host, const char *aid, size_t n);
void host_select_applet(struct host *host);
void host_select_isd(struct host *host);

/* INITIALIZE UPDATE, with `key` or, when it is NULL, the factory's or the issuer's by the card's KVN. */
void host_initialize(struct host *host, const uint8_t *key);
void host_authenticate(struct host *host, uint8_t level);
void host_open(struct host *host); /* both, by KVN, level 33; asserts that it went well */
/* Wraps, sends, unwraps, as the level asks. */
void host_secured(struct host *host, uint8_t ins, uint8_t p1, uint8_t p2, struct pb_view data);

/* Steps of an issue, each on an open channel. */
void host_generate(struct host *host); /* keeps the point */
void host_store_block(struct host *host, bool last, uint8_t number, struct pb_view data);
/* A commit of a credential of `n` bytes that all are `fill`. */
void host_commit(struct host *host, uint8_t fill, size_t n);
void host_put_key(struct host *host);
/* The same keys under another number, in place of the card's. */
void host_put_key_as(struct host *host, uint8_t kvn);
void host_install(struct host *host);
void host_store_state(struct host *host, uint8_t state);
/* INTERNAL AUTHENTICATE, and whether the answer is the key's of `point` over `credential`. */
bool host_proves(struct host *host, const uint8_t point[static 65], struct pb_view credential);
/* From a blank to that state, through the commands of an issue; ends selected and without a channel. */
void host_bring_to(struct host *host, enum applet_state state);
/* As the card says, selected for it. */
enum applet_state host_state(struct host *host);

extern const uint8_t host_issuer_key[16];

#endif
