/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A host that is not ours, libfreefare, made an NFC tag of a software DESFire, wrote to it, read it and formatted it.
 * What it said is said again to the seeded card, which must answer as it did then, byte for byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "softcard/random.h"
#include "softcard/softcard.h"

enum { LINE = 700 };

static const uint8_t uid[] = { 0x04, 0xAA, 0x0A, 0x3A, 0x76, 0xD9, 0xA9 };

static FILE *open_trace(void)
{
	const char *source = getenv("PROFBILET_SOURCE");
	char path[LINE];
	FILE *trace;

	assert_non_null(source);
	snprintf(path, sizeof(path), "%s/tests/vectors/desfire/libfreefare.trace", source);
	trace = fopen(path, "r");
	assert_non_null(trace);
	return trace;
}

/* Of "> hex" or "< hex" */
static size_t bytes_of(const char *line, uint8_t ret_bytes[static LINE])
{
	size_t n;

	assert_true(pb_hex_decode(line + 2, ret_bytes, LINE, &n));
	return n;
}

static void what_libfreefare_did_is_answered_the_same_again(void **state)
{
	const struct softcard_options options = { .kind = SOFTCARD_DESFIRE, .uid = PB_VIEW(uid) };
	uint8_t atr[SOFTCARD_ATR_MAX], answer[SOFTCARD_ANSWER_MAX], expected[LINE], command[LINE];
	FILE *trace = open_trace();
	unsigned commands = 0, tools = 0;
	struct softcard *card;
	char line[LINE];
	size_t n = 0;

	(void)state;
	softcard_test_seed(pb_view_text("libfreefare"));
	assert_int_equal(softcard_create(&options, &card, NULL), PB_OK);
	while (fgets(line, sizeof(line), trace)) {
		line[strcspn(line, "\n")] = '\0';
		tools += strncmp(line, "# mifare-desfire-", 17) == 0;
		if (strcmp(line, "power") == 0)
			softcard_power_on(card, atr);
		if (line[0] == '>') {
			n = bytes_of(line, command);
			assert_int_equal(softcard_transmit(card, pb_view(command, n), answer, &n), SOFTCARD_ANSWERED);
			commands++;
		}
		if (line[0] == '<') {
			assert_int_equal(n, bytes_of(line, expected));
			assert_memory_equal(answer, expected, n);
		}
	}
	assert_int_equal(tools, 5);
	assert_in_range(commands, 40, 100);
	softcard_destroy(card);
	fclose(trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_libfreefare_did_is_answered_the_same_again) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
