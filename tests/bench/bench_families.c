/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What one issue to each kind of card costs on the air: its commands, and the modelled time of air and chip, against the
 * least there could be for the same bytes, which docs/benchmarks.md derives.  Counted and not timed, so it is the same
 * on any machine.  A row is what another kind adds here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys/passphrase.h"
#include "tests/bench/rounds.h"
#include "tests/lib/softcard_reader.h"
#include "tests/unit/core/desk.h"

enum { COMMANDS_MAX = 96, LEAST_MAX = 48, CLA_READER = 0xFF, KBIT = 106 };

/* `least`: the instructions that cannot be done without, in the order in which they come. */
static const struct family {
	const char *name;
	struct softcard_options blank;
	enum pb_master_family master;
	uint8_t least[LEAST_MAX];
	size_t least_n;
} families[] = {
	{ "applet", { .kind = SOFTCARD_APPLET }, PB_MASTER_APPLET,
	  { 0xA4, 0x50, 0x82, 0x47, 0xE2, 0xB0, 0x88, 0xA4, 0x50, 0x82, 0xD8, 0xE2 }, 12 },
	{ "piv", { .kind = SOFTCARD_PIV }, PB_MASTER_PIV,
	  { 0xA4, 0xCB, 0xF7, 0x87, 0x87, 0x47, 0x87, 0xDB, 0xDB, 0xDB, 0xA4, 0xA4, 0xB0, 0xA4, 0xD6, 0xD6, 0xD6, 0xA4, 0xA4, 0xB0,
	    0xA4, 0xCB, 0xCB, 0xC0, 0x87, 0x87, 0x87, 0xDB, 0xFF, 0xDB }, 30 },
	{ "ntag424", { .kind = SOFTCARD_NTAG424 }, PB_MASTER_NTAG424,
	  { 0x60, 0xAF, 0xAF, 0xA4, 0x64, 0xF5, 0x71, 0xAF, 0x5F, 0x8D, 0x8D, 0x8D, 0x5F, 0xA4, 0xAD, 0xAD, 0x71, 0xAF, 0xC4, 0xC4,
	    0xC4, 0xC4, 0xC4 }, 23 },
	{ "desfire", { .kind = SOFTCARD_DESFIRE }, PB_MASTER_DESFIRE,
	  { 0x60, 0xAF, 0xAF, 0x5A, 0xCA, 0x5A, 0x71, 0xAF, 0xCB, 0xCB, 0xCB, 0x8D, 0x8D, 0x8D, 0xC7, 0x5A, 0xAD, 0xAD, 0x64, 0x71,
	    0xAF, 0xC4, 0xC4 }, 23 },
};

/* ---- Recording */

static struct recording {
	struct command {
		uint8_t ins;
		size_t n, answer_n;
	} list[COMMANDS_MAX];
	size_t count;
} recording; /* a reader's operations have no room for it */
static const struct pb_reader_ops *plain_ops;

static enum pb_status record(struct pb_reader *reader, struct pb_view command, uint8_t ret_response[static PB_RESPONSE_MAX],
			     size_t *ret_n, struct pb_err *err)
{
	enum pb_status s = plain_ops->transmit(reader, command, ret_response, ret_n, err);

	if (s != PB_OK || command.p[0] == CLA_READER)
		return s;
	bench_expect(recording.count < COMMANDS_MAX, "too many commands");
	recording.list[recording.count++] = (struct command){ command.p[1], command.n, *ret_n };
	return s;
}

static void record_issue(struct desk *desk, const char *member_number)
{
	struct pb_reader_ops ops = *desk->reader->ops;
	struct pb_receipt receipt;
	struct pb_err err = { 0 };

	plain_ops = desk->reader->ops;
	ops.transmit = record;
	desk->reader->ops = &ops;
	recording.count = 0;
	bench_expect(desk_issue(desk, member_number, &receipt, &err) == PB_OK, err.msg);
	desk->reader->ops = plain_ops;
}

/* ---- Telling */

/* Of what was sent, each command that the least has not a place for: its time. */
static uint64_t beyond_us(const struct family *family)
{
	const struct softcard_work nothing = { 0 };
	uint64_t us = 0;
	size_t next = 0;

	for (size_t i = 0; i < recording.count; i++) {
		const struct command *command = &recording.list[i];

		if (next < family->least_n && family->least[next] == command->ins)
			next++;
		else
			us += softcard_wire_us(KBIT, command->n, command->answer_n) + softcard_work_us(&nothing);
	}
	bench_expect(next == family->least_n, "what the least has was not all sent, or in another order");
	return us;
}

static void tell(const struct family *family, uint64_t modelled_us)
{
	uint64_t least_us = modelled_us - beyond_us(family);

	printf("family=%s commands=%zu least=%zu goal=least+2 modelled_ms=%.1f least_ms=%.1f ratio=%.2f goal=1.10\n", family->name,
	       recording.count, family->least_n, (double)modelled_us / 1000, (double)least_us / 1000,
	       (double)modelled_us / (double)least_us);
}

/* An office that has bought such cards. */
static void open_desk(struct desk *desk, enum pb_master_family master)
{
	const struct pb_config *config = &desk->app.config;
	struct pb_generation made;
	PB_SECRET passphrase = { 0 };
	struct pb_err err = { 0 };

	desk_open(desk);
	if (pb_keystore_current_kvn(desk->app.office.keys, master) != 0)
		return;
	bench_expect(pb_passphrase_read(config->passphrase_file, &passphrase, &err) == PB_OK, err.msg);
	bench_expect(pb_keystore_roll_master(config->key_directory, &passphrase, NULL, master, 0, &made, &err) == PB_OK, err.msg);
	desk_restart(desk);
}

static void bench_family(const struct family *family)
{
	static const uint8_t uid[] = { 0x04, 1, 2, 3, 4, 5, 6 };
	struct softcard_options blank = family->blank;
	struct pb_err err = { 0 };
	struct softcard *card;
	struct desk desk;

	blank.uid = PB_VIEW(uid);
	open_desk(&desk, family->master);
	bench_expect(softcard_create(&blank, &card, &err) == PB_OK, err.msg);
	softcard_set_timing(card, (struct softcard_timing){ .kbit = KBIT });
	desk_put(&desk, card);
	record_issue(&desk, desk_member(&desk, "Жамсаранова").number);
	tell(family, softcard_modelled_us(card));
	desk_put(&desk, NULL);
	softcard_destroy(card);
	desk_close(&desk);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		bench_family(&families[i]);
	return 0;
}
