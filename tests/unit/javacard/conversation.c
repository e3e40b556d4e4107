/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * conversation FILE [PORT OUT]: says to a card what FILE holds, and compares its answers with those in FILE.
 * The card is the software card, or with a port whatever connects there as to a virtual reader, a new blank
 * each time: then nothing is compared, and OUT becomes FILE with the answers of this card.
 *
 *	card STATE	  a new card, brought to that state by an issue, selected, without a channel
 *	power		  off and on
 *	back		  the card was gone, and comes back; only with a port
 *	open LEVEL	  INITIALIZE UPDATE and EXTERNAL AUTHENTICATE with the key of the card's KVN
 *	challenge	  INITIALIZE UPDATE alone
 *	authenticate LEVEL  EXTERNAL AUTHENTICATE alone
 *	wrong		  both, with a key that the card does not have
 *	install, put-key, commit  as in an issue, through the channel
 *	> BYTES		  a command as it stands
 *	$ INS P1 P2 [BYTES]  a command through the channel
 *	+ P1 P2 BYTES	  STORE DATA of groupings, with the grouping 7FFF that fits them behind
 *
 * A line "= DATA SW" is the answer to the line before; "~" in front of a line says that its data differ from
 * card to card, and only SW is kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../softcard/vpcd_side.h"
#include "keys/crypto/hash.h"

enum { LINE_BYTES = 1400, COMMAND_BYTES = 300 };

struct conversation {
	struct host host;
	bool has_card;
	int listener; /* -1: the software card */
	FILE *out;    /* NULL: compare */
	unsigned line, differences;
};

static const uint8_t wrong_key[16] = "nobody's own key";

static size_t bytes_of(const char *text, uint8_t ret_bytes[static COMMAND_BYTES])
{
	char packed[2 * COMMAND_BYTES + 1];
	size_t n = 0;

	for (; *text && n < sizeof(packed) - 1; text++)
		if (*text != ' ')
			packed[n++] = *text;
	packed[n] = '\0';
	assert_true(pb_hex_decode(packed, ret_bytes, COMMAND_BYTES, &n));
	return n;
}

static void new_card(struct conversation *conversation, const char *words)
{
	static const struct { const char *name; enum applet_state state; } states[] = {
		{ "BLANK", APPLET_BLANK },
		{ "PERSONALISED", APPLET_PERSONALISED },
		{ "LOCKED", APPLET_LOCKED },
		{ "TERMINATED", APPLET_TERMINATED },
	};

	if (conversation->has_card)
		host_free(&conversation->host);
	conversation->host = (struct host){ 0 };
	if (conversation->listener < 0)
		conversation->host = host_new(NULL);
	else
		vpcd_side_accept(&conversation->host, conversation->listener);
	conversation->has_card = true;
	for (size_t i = 0; i < 4; i++) {
		if (strcmp(states[i].name, words) == 0) {
			host_bring_to(&conversation->host, states[i].state);
			return;
		}
	}
	fail_msg("no such state: %s", words);
}

static void authenticate(struct host *host, const char *words)
{
	host_authenticate(host, (uint8_t)strtoul(words, NULL, 16));
}

static void challenge(struct host *host, const char *words)
{
	(void)words;
	host_initialize(host, NULL);
}

static void open_channel(struct host *host, const char *words)
{
	host_initialize(host, NULL);
	if (host->sw == SW_OK)
		authenticate(host, words);
}

static void wrong(struct host *host, const char *words)
{
	(void)words;
	host_initialize(host, wrong_key);
	if (host->sw == SW_OK)
		host_authenticate(host, SCP03_LEVEL);
}

static void install(struct host *host, const char *words)
{
	(void)words;
	host_install(host);
}

static void put_key(struct host *host, const char *words)
{
	(void)words;
	host_put_key(host);
}

static void commit(struct host *host, const char *words)
{
	(void)words;
	host_commit(host, 0x22, 100);
}

static void clear(struct host *host, const char *words)
{
	uint8_t bytes[COMMAND_BYTES];

	host_send(host, pb_view(bytes, bytes_of(words, bytes)));
}

static void secured(struct host *host, const char *words)
{
	uint8_t bytes[COMMAND_BYTES];
	const size_t n = bytes_of(words, bytes);

	assert_true(n >= 3);
	host_secured(host, bytes[0], bytes[1], bytes[2], pb_view(bytes + 3, n - 3));
}

static void store_commit(struct host *host, const char *words)
{
	uint8_t bytes[COMMAND_BYTES], digest[PB_SHA256_LEN];
	struct pb_writer out = pb_writer(bytes, sizeof(bytes));

	out.n = bytes_of(words, bytes);
	assert_true(out.n >= 2);
	pb_sha256(pb_view(bytes + 2, out.n - 2), digest);
	pb_put_be(&out, DGI_COMMIT, 2);
	pb_put_u8(&out, DGI_COMMIT_LEN);
	pb_put(&out, digest, DGI_COMMIT_LEN);
	host_secured(host, INS_STORE_DATA, bytes[0], bytes[1], pb_view(bytes + 2, out.n - 2));
}

static const struct line_kind {
	const char *name;
	void (*say)(struct host *host, const char *words);
} kinds[] = {
	{ "open", open_channel }, { "challenge", challenge }, { "authenticate", authenticate }, { "wrong", wrong },
	{ "install", install },	  { "put-key", put_key },     { "commit", commit },		{ ">", clear },
	{ "$", secured },	  { "+", store_commit },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* Says the line; false when it has no answer. */
static bool say(struct conversation *conversation, const char *line)
{
	const size_t name_n = strcspn(line, " ");
	const char *words = line[name_n] ? line + name_n + 1 : "";

	if (name_n == 0 || line[0] == '#')
		return false;
	if (strncmp(line, "card ", 5) == 0)
		return new_card(conversation, words), false;
	if (strcmp(line, "power") == 0)
		return host_power(&conversation->host), false;
	if (strcmp(line, "back") == 0)
		return vpcd_side_accept(&conversation->host, conversation->listener), false;
	for (size_t i = 0; i < KINDS; i++) {
		if (strlen(kinds[i].name) == name_n && strncmp(kinds[i].name, line, name_n) == 0)
			return kinds[i].say(&conversation->host, words), true;
	}
	fail_msg("line %u is of no kind: %s", conversation->line, line);
	return false;
}

static void write_answer(const struct host *host, bool differs, char ret_text[static LINE_BYTES])
{
	char *at = ret_text + sprintf(ret_text, "= ");

	if (host->outcome != SOFTCARD_ANSWERED) {
		sprintf(at, "gone");
		return;
	}
	if (differs) {
		at += sprintf(at, "~ ");
	} else if (host->n) {
		pb_hex_encode(pb_view(host->data, host->n), at);
		at += 2 * host->n;
		at += sprintf(at, " ");
	}
	sprintf(at, "%04x", host->sw);
}

static void compare(struct conversation *conversation, const char *said, const char *found, const char *line)
{
	if (strcmp(found, line) == 0)
		return;
	conversation->differences++;
	print_message("line %u: %s\n\tthis card %s\n\tthe other %s\n", conversation->line, said, found, line);
}

static void play(struct conversation *conversation, FILE *file)
{
	char line[LINE_BYTES], said[LINE_BYTES] = "", found[LINE_BYTES] = "";

	while (fgets(line, sizeof(line), file)) {
		const bool differs = line[0] == '~';

		line[strcspn(line, "\n")] = '\0';
		conversation->line++;
		if (line[0] == '=') {
			if (!conversation->out)
				compare(conversation, said, found, line);
			continue;
		}
		strcpy(said, line);
		if (conversation->out)
			fprintf(conversation->out, "%s\n", line);
		if (!say(conversation, line + differs))
			continue;
		write_answer(&conversation->host, differs, found);
		if (conversation->out)
			fprintf(conversation->out, "%s\n", found);
	}
	if (conversation->has_card)
		host_free(&conversation->host);
}

static void both_cards_give_the_same_answers(void **state)
{
	char **words = *state;
	struct conversation conversation = { .listener = -1 };
	FILE *file = fopen(words[1], "r");
	unsigned port;

	assert_non_null(file);
	if (words[2]) {
		conversation.listener = vpcd_side_listen((unsigned)strtoul(words[2], NULL, 10), &port);
		conversation.out = fopen(words[3], "w");
		assert_non_null(conversation.out);
	}
	play(&conversation, file);
	fclose(file);
	if (conversation.out)
		assert_int_equal(fclose(conversation.out), 0);
	assert_int_equal(conversation.differences, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(both_cards_give_the_same_answers, argv),
	};

	if (argc != 2 && argc != 4)
		return 2;
	return cmocka_run_group_tests_name("conversation", tests, NULL, NULL);
}
