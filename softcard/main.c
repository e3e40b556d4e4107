/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profbilet-softcard: makes blank software cards, and feeds them, or cards of other makers, to virtual readers.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "softcard/hopper.h"
#include "softcard/persona.h"

enum { PORTS_MAX = 16, BLANKS_MAX = 1000000, SILENCE_MS = 20000, EXIT_USAGE = 2 };

static const char usage[] =
	"profbilet-softcard new DIR --count N [--seed TEXT] [--scp03-i 60|70] [--family FAMILY]\n"
	"	writes N factory-fresh blanks; with a seed the same UIDs each time\n"
	"	FAMILY: applet ntag424 piv piv-aes desfire desfire-ev3 ntag215\n"
	"profbilet-softcard run --connect 127.0.0.1:PORT|--listen PORT ... --tray DIR --done DIR\n"
	"		[--advance personalised|proved|never] [--until-empty] [--durable]\n"
	"		[--fault [CARD:|*:]FAULT ...] [--timing 106|212|424|848[,account]] [--silence-ms N]\n"
	"	is the card on each of these vpcd readers, and changes it when the reader cuts the power\n"
	"profbilet-softcard persona NAME --connect 127.0.0.1:PORT\n"
	"	is another maker's card, as far as it says who it is; without a NAME lists them\n"
	"FAULT: vanish-before@K vanish-after@K torn-old@K torn-new@K silent@K sw=XXXX@K swapped@K foreign wrong-keys\n";

static int misused(const char *what)
{
	fprintf(stderr, "profbilet-softcard: %s\n%s", what, usage);
	return EXIT_USAGE;
}

static int failed(enum pb_status status, const struct pb_err *err)
{
	const struct pb_status_row *row = pb_status_row(status);

	fprintf(stderr, "profbilet-softcard: %s (%s)\n", row->happened, err->msg);
	return row->exit_code;
}

static bool parse_unsigned(const char *text, unsigned long max, unsigned *ret_value)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || text[0] < '0' || text[0] > '9' || *end || value > max)
		return false;
	*ret_value = (unsigned)value;
	return true;
}

/* ---- new */

static bool parse_family(const char *text, struct softcard_options *blank)
{
	static const struct {
		const char *text;
		enum softcard_kind kind;
		bool other; /* the less usual of two kinds */
	} words[] = { { "applet", SOFTCARD_APPLET, false },   { "ntag424", SOFTCARD_NTAG424, false },
		      { "piv", SOFTCARD_PIV, false },	      { "piv-aes", SOFTCARD_PIV, true },
		      { "desfire", SOFTCARD_DESFIRE, false }, { "desfire-ev3", SOFTCARD_DESFIRE, true },
		      { "ntag215", SOFTCARD_NTAG215, false } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i].text) == 0) {
			blank->kind = words[i].kind;
			blank->piv_aes = blank->desfire_ev3 = words[i].other;
			return true;
		}
	}
	return false;
}

static int command_new(int argc, char **argv)
{
	static const struct option words[] = { { "count", required_argument, NULL, 'c' },
					       { "seed", required_argument, NULL, 's' },
					       { "scp03-i", required_argument, NULL, 'i' },
					       { "family", required_argument, NULL, 'f' },
					       { 0 } };
	struct softcard_options blank = { 0 };
	const char *seed = NULL;
	struct pb_err err = { 0 };
	unsigned count = 0;
	enum pb_status s;
	int word;

	while ((word = getopt_long(argc, argv, "", words, NULL)) >= 0) {
		if (word == 'c' && !parse_unsigned(optarg, BLANKS_MAX, &count))
			return misused("--count takes a number");
		if (word == 's')
			seed = optarg;
		if (word == 'i')
			blank.scp03_i = strcmp(optarg, "60") == 0 ? 0x60 : strcmp(optarg, "70") == 0 ? 0x70 : 0xFF;
		if (word == 'f' && !parse_family(optarg, &blank))
			return misused("--family takes a kind of card");
		if (word == '?')
			return misused("unknown word");
	}
	if (optind != argc - 1 || !count || blank.scp03_i == 0xFF)
		return misused("new takes a folder and --count");
	s = hopper_make_blanks(argv[optind], count, seed, &blank, &err);
	return s == PB_OK ? 0 : failed(s, &err);
}

/* ---- run */

struct run_words {
	struct hopper_options hopper;
	struct hopper_fault faults[SOFTCARD_FAULTS_MAX];
	unsigned ports[PORTS_MAX];
	bool listens[PORTS_MAX];
	size_t port_count;
};

static bool add_port(struct run_words *words, const char *text, bool listens)
{
	static const char local[] = "127.0.0.1:";
	const bool named = strncmp(text, local, sizeof(local) - 1) == 0;
	unsigned *port = &words->ports[words->port_count];

	if (words->port_count == PORTS_MAX || named == listens ||
	    !parse_unsigned(named ? text + sizeof(local) - 1 : text, 65535, port) || !*port)
		return false;
	words->listens[words->port_count++] = listens;
	return true;
}

static bool parse_advance(const char *text, enum hopper_advance *ret_advance)
{
	static const char *const names[] = { [HOPPER_NEVER] = "never",
					     [HOPPER_PERSONALISED] = "personalised",
					     [HOPPER_PROVED] = "proved" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret_advance = (enum hopper_advance)i;
			return true;
		}
	}
	return false;
}

static bool take_word(struct run_words *words, int word, const char *value)
{
	struct hopper_options *hopper = &words->hopper;

	switch (word) {
	case 'c':
		return add_port(words, value, false);
	case 'l':
		return add_port(words, value, true);
	case 't':
		hopper->tray = value;
		return true;
	case 'd':
		hopper->done = value;
		return true;
	case 'a':
		return parse_advance(value, &hopper->advance);
	case 'f':
		return hopper->fault_count < SOFTCARD_FAULTS_MAX &&
		       hopper_fault_parse(value, &words->faults[hopper->fault_count++]);
	case 'm':
		return softcard_timing_parse(value, &hopper->timing);
	case 's':
		return parse_unsigned(value, 3600000, &hopper->silence_ms);
	case 'e':
		hopper->until_empty = true;
		return true;
	case 'D':
		hopper->durable = true;
		return true;
	default:
		return false;
	}
}

static bool parse_run(int argc, char **argv, struct run_words *words)
{
	static const struct option table[] = { { "connect", required_argument, NULL, 'c' },
					       { "listen", required_argument, NULL, 'l' },
					       { "tray", required_argument, NULL, 't' },
					       { "done", required_argument, NULL, 'd' },
					       { "advance", required_argument, NULL, 'a' },
					       { "fault", required_argument, NULL, 'f' },
					       { "timing", required_argument, NULL, 'm' },
					       { "silence-ms", required_argument, NULL, 's' },
					       { "until-empty", no_argument, NULL, 'e' },
					       { "durable", no_argument, NULL, 'D' },
					       { 0 } };
	int word;

	while ((word = getopt_long(argc, argv, "", table, NULL)) >= 0) {
		if (!take_word(words, word, optarg))
			return false;
	}
	return optind == argc && words->port_count && words->hopper.tray && words->hopper.done;
}

static int run_one(const struct run_words *words, size_t index)
{
	struct hopper_options hopper = words->hopper;
	struct pb_err err = { 0 };
	enum pb_status s;

	hopper.port = words->ports[index];
	hopper.listen = words->listens[index];
	hopper.faults = words->faults;
	s = hopper_run(&hopper, &err);
	return s == PB_OK ? 0 : failed(s, &err);
}

/* A process for each reader, so that one card's modelled time is not another's; all end with this one. */
static int run_many(const struct run_words *words)
{
	const pid_t parent = getpid();
	int worst = 0, status;

	for (size_t i = 0; i < words->port_count; i++) {
		pid_t child = fork();

		if (child < 0) {
			perror("profbilet-softcard: fork");
			return 1;
		}
		if (child == 0) {
			if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
				_exit(1);
			exit(run_one(words, i));
		}
	}
	while (wait(&status) > 0) {
		const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;

		worst = code > worst ? code : worst;
	}
	return worst;
}

static int command_run(int argc, char **argv)
{
	struct run_words words = { .hopper = { .advance = HOPPER_PERSONALISED, .silence_ms = SILENCE_MS } };

	if (!parse_run(argc, argv, &words))
		return misused("run takes readers, --tray and --done");
	return words.port_count == 1 ? run_one(&words, 0) : run_many(&words);
}

/* ---- persona */

static int command_persona(int argc, char **argv)
{
	static const struct option words_table[] = { { "connect", required_argument, NULL, 'c' }, { 0 } };
	struct run_words words = { .port_count = 0 };
	const struct persona *persona;
	int word;

	while ((word = getopt_long(argc, argv, "", words_table, NULL)) >= 0) {
		if (word != 'c' || !add_port(&words, optarg, false))
			return misused("persona takes a name and one --connect");
	}
	if (argc == 1) {
		for (size_t i = 0; (persona = persona_at(i)); i++)
			puts(persona_name(persona));
		return 0;
	}
	persona = optind == argc - 1 ? persona_find(argv[optind]) : NULL;
	if (!persona || words.port_count != 1)
		return misused("persona takes a name and one --connect");
	persona_run(persona, words.ports[0]);
}

int main(int argc, char **argv)
{
	if (argc >= 2 && strcmp(argv[1], "new") == 0)
		return command_new(argc - 1, argv + 1);
	if (argc >= 2 && strcmp(argv[1], "run") == 0)
		return command_run(argc - 1, argv + 1);
	if (argc >= 2 && strcmp(argv[1], "persona") == 0)
		return command_persona(argc - 1, argv + 1);
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	return misused("new, run or persona");
}
