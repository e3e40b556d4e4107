/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table "States and commands" of card-applet-spec/README.md, read from the document and tried, each
 * cell on a card of its own.
 *
 *	test_states [TABLE]		the software card; TABLE: as another card has it, instead of the document's
 *	test_states --record PORT TABLE	whatever connects to PORT as to a virtual reader, a new blank each time;
 *					writes TABLE with what it answered
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vpcd_side.h"

enum { STATES = 4 };

static const enum applet_state states[STATES] = { APPLET_BLANK, APPLET_PERSONALISED, APPLET_LOCKED, APPLET_TERMINATED };

static const char *document;
static int listener = -1; /* of the port, when recording */
static FILE *record;

static struct host new_card(void)
{
	struct host host = { 0 };

	if (listener < 0)
		return host_new(NULL);
	vpcd_side_accept(&host, listener);
	return host;
}

/* ---- what each row does; the answer is left in host->sw */

/* A channel, or the answer that there is none to be had. */
static bool channel(struct host *host)
{
	host_initialize(host, NULL);
	if (host->sw != SW_OK)
		return false;
	host_authenticate(host, SCP03_LEVEL);
	return host->sw == SW_OK;
}

static bool domain_channel(struct host *host)
{
	host_select_isd(host);
	if (!channel(host))
		return false;
	host_install(host);
	return host->sw == SW_OK;
}

static void select_application(struct host *host) { host_select_applet(host); }
static void read_binary(struct host *host) { host_hex(host, "00 B0 81 00 00"); }
static void get_version(struct host *host) { host_hex(host, "00 CB 3F FF 04 5C 02 9F 08 00"); }
static void get_state(struct host *host) { host_hex(host, "00 CB 3F FF 04 5C 02 9F 6E 00"); }
static void get_key(struct host *host) { host_hex(host, "00 CB 3F FF 04 5C 02 7F 49 00"); }
static void get_shadow(struct host *host) { host_hex(host, "00 CB 3F FF 04 5C 02 7F 4A 00"); }
static void prove(struct host *host) { host_hex(host, "00 88 00 00 10 00112233445566778899AABBCCDDEEFF 00"); }
static void unknown(struct host *host) { host_hex(host, "00 D6 00 00 01 00"); }
static void initialize(struct host *host) { host_hex(host, "80 50 00 00 08 0102030405060708 00"); }
static void generate_bare(struct host *host) { host_hex(host, "84 47 00 00 08 0102030405060708 00"); }
static void store_bare(struct host *host) { host_hex(host, "84 E2 88 00 0C 7FFE017F 0102030405060708 00"); }

static void generate(struct host *host)
{
	if (channel(host))
		host_generate(host);
}

static void commit(struct host *host)
{
	if (!channel(host))
		return;
	host_generate(host);
	host_commit(host, 0x22, 100);
}

static void domain_commit(struct host *host)
{
	if (channel(host))
		host_generate(host);
	if (domain_channel(host))
		host_commit(host, 0x22, 100);
}

static void store_state(struct host *host, uint8_t state)
{
	if (channel(host))
		host_store_state(host, state);
}

static void domain_state(struct host *host, uint8_t state)
{
	if (domain_channel(host))
		host_store_state(host, state);
}

static void set_status(struct host *host, uint8_t state)
{
	if (channel(host))
		host_secured(host, INS_SET_STATUS, P1_STATUS_APPLICATION, state, (struct pb_view){ 0 });
}

static void store_lock(struct host *host) { store_state(host, APPLET_LOCKED); }
static void store_end(struct host *host) { store_state(host, APPLET_TERMINATED); }
static void store_unlock(struct host *host) { store_state(host, APPLET_PERSONALISED); }
static void status_lock(struct host *host) { set_status(host, APPLET_LOCKED); }
static void status_end(struct host *host) { set_status(host, APPLET_TERMINATED); }
static void domain_lock(struct host *host) { domain_state(host, APPLET_LOCKED); }
static void domain_end(struct host *host) { domain_state(host, APPLET_TERMINATED); }
static void select_ndef(struct host *host) { host_select(host, NDEF_AID, NDEF_AID_LEN); }

static void read_ndef(struct host *host)
{
	select_ndef(host);
	host_hex(host, "00 A4 00 0C 02 E1 04");
	host_hex(host, "00 B0 00 00 02");
}

static const struct row {
	const char *name;
	void (*run)(struct host *host);
} rows[] = {
	{ "SELECT application", select_application },
	{ "READ BINARY", read_binary },
	{ "GET DATA 9F08", get_version },
	{ "GET DATA 9F6E", get_state },
	{ "GET DATA 7F49", get_key },
	{ "GET DATA 7F4A, none waits", get_shadow },
	{ "INTERNAL AUTHENTICATE", prove },
	{ "unknown instruction", unknown },
	{ "INITIALIZE UPDATE", initialize },
	{ "GENERATE KEY PAIR without a channel", generate_bare },
	{ "GENERATE KEY PAIR in a channel", generate },
	{ "STORE DATA without a channel", store_bare },
	{ "STORE DATA commit in a channel", commit },
	{ "STORE DATA 7FFE 1F in a channel", store_lock },
	{ "STORE DATA 7FFE 7F in a channel", store_end },
	{ "STORE DATA 7FFE 0F in a channel", store_unlock },
	{ "SET STATUS 1F in a channel", status_lock },
	{ "SET STATUS 7F in a channel", status_end },
	{ "STORE DATA commit through the ISD", domain_commit },
	{ "STORE DATA 7FFE 1F through the ISD", domain_lock },
	{ "STORE DATA 7FFE 7F through the ISD", domain_end },
	{ "SELECT NDEF application", select_ndef },
	{ "READ BINARY of the NDEF file", read_ndef },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static const struct row *find(const char *name)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	fail_msg("the document has a row this test does not know: %s", name);
	return NULL;
}

static unsigned answer_in(const struct row *row, enum applet_state state)
{
	struct host host = new_card();
	unsigned sw;

	host_bring_to(&host, state);
	row->run(&host);
	sw = host.sw;
	/* What was refused has changed nothing. */
	if (sw != SW_OK && sw != SW_TERMINATED)
		assert_int_equal(host_state(&host), state);
	host_free(&host);
	return sw;
}

static void record_row(const struct row *row)
{
	fprintf(record, "| %s |", row->name);
	for (size_t i = 0; i < STATES; i++)
		fprintf(record, " %04X |", answer_in(row, states[i]));
	fprintf(record, "\n");
}

static void try_row(const struct row *row, const unsigned wanted[static STATES])
{
	for (size_t i = 0; i < STATES; i++) {
		const unsigned sw = answer_in(row, states[i]);

		if (sw != wanted[i])
			fail_msg("%s in state %02X: %04X, and the document says %04X", row->name, states[i], sw, wanted[i]);
	}
}

/* "| name | 9000 | 9000 | 9000 | 6285 |"; false for any other line. */
static bool parse_row(char *line, char **ret_name, unsigned ret_sw[static STATES])
{
	char *cells = strstr(line + 1, " | ");

	if (strncmp(line, "| ", 2) != 0 || !cells)
		return false;
	*cells = '\0';
	*ret_name = line + 2;
	return sscanf(cells + 3, "%4x | %4x | %4x | %4x |", &ret_sw[0], &ret_sw[1], &ret_sw[2], &ret_sw[3]) == STATES;
}

static void every_cell_of_the_document_is_true(void **unused)
{
	char line[512], *name;
	unsigned wanted[STATES], seen = 0;
	bool here = false;
	FILE *file;

	(void)unused;
	file = fopen(document, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "## ", 3) == 0)
			here = strstr(line, "States and commands") != NULL;
		if (!here || !parse_row(line, &name, wanted))
			continue;
		try_row(find(name), wanted);
		seen++;
	}
	fclose(file);
	assert_int_equal(seen, ROWS);
}

static void every_row_is_recorded(void **unused)
{
	(void)unused;
	fprintf(record, "<!-- SPDX-License-Identifier: GPL-3.0-or-later -->\n## States and commands, as recorded\n");
	for (size_t i = 0; i < ROWS; i++)
		record_row(&rows[i]);
	assert_int_equal(fclose(record), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest trying[] = { cmocka_unit_test(every_cell_of_the_document_is_true) };
	const struct CMUnitTest recording[] = { cmocka_unit_test(every_row_is_recorded) };
	char path[4096];
	unsigned port;

	if (argc == 4) {
		listener = vpcd_side_listen((unsigned)strtoul(argv[2], NULL, 10), &port);
		record = fopen(argv[3], "w");
		return record ? cmocka_run_group_tests_name("states recorded", recording, NULL, NULL) : 1;
	}
	snprintf(path, sizeof(path), "%s/card-applet-spec/README.md", getenv("PROFBILET_SOURCE"));
	document = argc > 1 ? argv[1] : path;
	return cmocka_run_group_tests_name("softcard states", trying, NULL, NULL);
}
