/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A persona on a virtual reader.
 */
#include <time.h>
#include <unistd.h>

#include "softcard/persona.h"
#include "softcard/vpcd.h"

/* Until the reader hangs up. */
static void serve(const struct persona *persona, int fd)
{
	struct persona_card card = { .persona = persona };
	uint8_t bytes[VPCD_MESSAGE_MAX], answer[SOFTCARD_ANSWER_MAX];
	size_t n = 0;

	for (;;) {
		switch (vpcd_next(fd, bytes, &n)) {
		case VPCD_CLOSED:
			return;
		case VPCD_POWER_OFF:
		case VPCD_POWER_ON:
		case VPCD_RESET:
			card.at = 0;
			continue;
		case VPCD_ATR:
			n = persona_atr(persona, answer);
			break;
		case VPCD_COMMAND:
			persona_transmit(&card, pb_view(bytes, n), answer, &n);
			break;
		}
		if (!vpcd_send(fd, pb_view(answer, n)))
			return;
	}
}

_Noreturn void persona_run(const struct persona *persona, unsigned port)
{
	static const struct timespec pause = { 0, 20000000 };

	for (;;) {
		int fd = vpcd_connect(port);

		if (fd >= 0) {
			serve(persona, fd);
			close(fd);
		}
		nanosleep(&pause, NULL);
	}
}
