/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long a real card would have taken: a model of the air (ISO/IEC 14443-4, type A, 256-byte frames)
 * and of a JCOP4 chip (medians of JCAlgTest's published profiles).  It accounts in microseconds and can
 * also sleep them.  Not for: the time of the reader, of USB or of the host.
 */
#ifndef PROFBILET_SOFTCARD_TIMING_H
#define PROFBILET_SOFTCARD_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct softcard_timing {
	unsigned kbit;	/* 106, 212, 424 or 848; 0: off */
	bool sleeps;	/* really wait, instead of only accounting */
};

/* "106", "848,account"; false for anything else */
bool softcard_timing_parse(const char *text, struct softcard_timing *ret_timing);

/* What the chip did for one command, counted where it is done. */
struct softcard_work {
	unsigned key_generations, signatures, writes;
	unsigned aes_runs; /* CMAC or CBC over up to 256 bytes */
	unsigned hashes;
};

uint64_t softcard_wire_us(unsigned kbit, size_t command_n, size_t answer_n);
uint64_t softcard_work_us(const struct softcard_work *work);

#endif
