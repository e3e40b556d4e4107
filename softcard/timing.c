/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model's figures.  Air: nine bits a byte at fc / 128 and its multiples, start and end of frame, two
 * bytes of CRC, one of protocol, and the frame delay of 1172 / fc each way.  Chip: NXP JCOP4 (J3R180).
 */
#include "softcard/timing.h"

#include <string.h>

enum {
	FRAME_OVERHEAD = 3,	 /* PCB and CRC */
	FRAME_MAX = 256 - FRAME_OVERHEAD,
	FRAME_DELAY_NS = 86430,	 /* 1172 / 13.56 MHz */
	BYTE_NS_106 = 84956,	 /* 9 bits of 128 / 13.56 MHz */

	KEY_GENERATION_US = 26800,
	SIGNATURE_US = 32000,
	WRITE_US = 2860,
	AES_RUN_US = 2000,
	HASH_US = 7900,
	DISPATCH_US = 300,	 /* what the card's runtime takes for any command */
};

bool softcard_timing_parse(const char *text, struct softcard_timing *ret_timing)
{
	static const struct {
		const char *text;
		unsigned kbit;
	} rates[] = { { "106", 106 }, { "212", 212 }, { "424", 424 }, { "848", 848 } };

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		if (strncmp(text, rates[i].text, 3) != 0)
			continue;
		if (text[3] != '\0' && strcmp(text + 3, ",account") != 0)
			return false;
		*ret_timing = (struct softcard_timing){ rates[i].kbit, text[3] == '\0' };
		return true;
	}
	return false;
}

/* A chain of frames with an acknowledgement between two of them. */
static uint64_t message_ns(uint64_t byte_ns, size_t n)
{
	const uint64_t frames = n ? (n + FRAME_MAX - 1) / FRAME_MAX : 1;
	const uint64_t bytes = n + frames * FRAME_OVERHEAD + (frames - 1) * FRAME_OVERHEAD;

	return bytes * byte_ns + (2 * frames - 1) * FRAME_DELAY_NS;
}

uint64_t softcard_wire_us(unsigned kbit, size_t command_n, size_t answer_n)
{
	const uint64_t byte_ns = (uint64_t)BYTE_NS_106 * 106 / kbit;

	return (message_ns(byte_ns, command_n) + message_ns(byte_ns, answer_n)) / 1000;
}

uint64_t softcard_work_us(const struct softcard_work *work)
{
	return DISPATCH_US + (uint64_t)work->key_generations * KEY_GENERATION_US +
	       (uint64_t)work->signatures * SIGNATURE_US + (uint64_t)work->writes * WRITE_US +
	       (uint64_t)work->aes_runs * AES_RUN_US + (uint64_t)work->hashes * HASH_US;
}
