/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table "States and commands" of card-applet-spec/README.md, read from the document and tried, each
 * cell on a card of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host.h"

enum { STATES = 4 };

static const enum applet_state states[STATES] = { APPLET_BLANK, APPLET_PERSONALISED, APPLET_LOCKED, APPLET_TERMINATED };

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

static void try_cell(const struct row *row, enum applet_state state, unsigned wanted)
{
	struct host host = host_new(NULL);

	host_bring_to(&host, state);
	row->run(&host);
	if (host.sw != wanted)
		fail_msg("%s in state %02X: %04X, and the document says %04X", row->name, state, host.sw, wanted);
	/* What was refused has changed nothing. */
	if (wanted != SW_OK)
		assert_int_equal(softcard_state(host.card), state);
	host_free(&host);
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
	char path[4096], line[512], *name;
	unsigned wanted[STATES], seen = 0;
	bool here = false;
	FILE *file;

	(void)unused;
	snprintf(path, sizeof(path), "%s/card-applet-spec/README.md", getenv("PROFBILET_SOURCE"));
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "## ", 3) == 0)
			here = strstr(line, "States and commands") != NULL;
		if (!here || !parse_row(line, &name, wanted))
			continue;
		for (size_t i = 0; i < STATES; i++)
			try_cell(find(name), states[i], wanted[i]);
		seen++;
	}
	fclose(file);
	assert_int_equal(seen, ROWS);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_cell_of_the_document_is_true) };

	return cmocka_run_group_tests_name("softcard states", tests, NULL, NULL);
}
