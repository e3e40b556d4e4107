/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * File settings of an NTAG 424 DNA and its Secure Dynamic Messaging (NXP NT4H2421Gx 8.2.3, 9.3, 10.7.1): what a
 * reader without a session gets to see in the place of the NDEF file.
 */
#ifndef PROFBILET_SOFTCARD_NTAG424_SDM_H
#define PROFBILET_SOFTCARD_NTAG424_SDM_H

#include "softcard/ntag424_image.h"

struct ntag424_rules {
	uint8_t mode; /* of communication: 0 and 2 plain, 1 MAC, 3 full */
	uint8_t read, write, read_write, change;
	bool sdm, uid, counter, limited, enciphers;
	uint8_t meta_read, file_read, counter_read;
	uint32_t uid_at, counter_at, picc_at, input_at, enc_at, enc_n, mac_at, limit;
};

/* False for settings that ChangeFileSettings refuses (table 71): of a file of `size` bytes. */
bool ntag424_rules_read(struct pb_view settings, size_t size, struct ntag424_rules *ret_rules);
/* Of a file of the image, whose settings were checked when they came. */
struct ntag424_rules ntag424_rules_of(const struct ntag424_image *image, unsigned number);

enum { NTAG424_UID_LEN = 7, NTAG424_PADDING = 16 };

/* The NDEF file as it is read now, with the counter of the image.  `padding`: what stands in a block where UID and counter
 * leave it free. */
void ntag424_mirror(const struct ntag424_image *image, const uint8_t uid[static NTAG424_UID_LEN],
		    const uint8_t padding[static NTAG424_PADDING], uint8_t ret_file[static NTAG424_NDEF_SIZE]);

#endif
