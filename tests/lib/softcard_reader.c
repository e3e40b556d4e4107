/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See softcard_reader.h.
 */
#include "tests/lib/softcard_reader.h"

#include <stdlib.h>
#include <string.h>

struct softcard_reader {
	struct pb_reader base;
	struct softcard *card, *ejected;
	size_t commands;
};

static struct softcard_reader *of(const struct pb_reader *reader)
{
	return (struct softcard_reader *)reader;
}

static enum pb_status list(struct pb_reader *reader, struct pb_reader_list *ret_list, struct pb_err *err)
{
	(void)reader;
	(void)err;
	*ret_list = (struct pb_reader_list){ .names = { "Software card" }, .count = 1 };
	return PB_OK;
}

static enum pb_status connect_card(struct pb_reader *reader, bool changed, struct pb_deadline deadline,
				   struct pb_reader_card *ret_card, struct pb_err *err)
{
	struct softcard_reader *self = of(reader);

	(void)deadline;
	if (self->card && !(changed && self->card == self->ejected))
		ret_card->atr_n = softcard_power_on(self->card, ret_card->atr);
	return ret_card->atr_n ? PB_OK : pb_fail(err, PB_CARD_ABSENT, "no software card");
}

static enum pb_status transmit(struct pb_reader *reader, struct pb_view command,
			       uint8_t ret_response[static PB_RESPONSE_MAX], size_t *ret_n, struct pb_err *err)
{
	struct softcard_reader *self = of(reader);

	if (!self->card)
		return pb_fail(err, PB_CARD_REMOVED, "no software card");
	if (command.n && command.p[0] != 0xFF)
		self->commands++;
	switch (softcard_transmit(self->card, command, ret_response, ret_n)) {
	case SOFTCARD_ANSWERED:
		return PB_OK;
	case SOFTCARD_SILENT:
		return pb_fail(err, PB_READER_SILENT, "the software card is silent");
	case SOFTCARD_GONE:
		break;
	}
	return pb_fail(err, PB_CARD_REMOVED, "the software card is gone");
}

static enum pb_status eject(struct pb_reader *reader, struct pb_err *err)
{
	(void)err;
	of(reader)->ejected = of(reader)->card;
	if (of(reader)->card)
		softcard_power_off(of(reader)->card);
	return PB_OK;
}

static void destroy(struct pb_reader *reader)
{
	free(reader);
}

static const struct pb_reader_ops ops = { list, connect_card, transmit, eject, destroy };

struct pb_reader *softcard_reader_create(struct softcard *card)
{
	struct softcard_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		abort();
	reader->base.ops = &ops;
	reader->card = card;
	return &reader->base;
}

void softcard_reader_put(struct pb_reader *reader, struct softcard *card)
{
	if (of(reader)->card)
		softcard_power_off(of(reader)->card);
	of(reader)->card = card;
	of(reader)->ejected = NULL;
}

size_t softcard_reader_commands(const struct pb_reader *reader)
{
	return of(reader)->commands;
}
