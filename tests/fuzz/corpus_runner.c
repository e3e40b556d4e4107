/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stands in for libFuzzer in a normal build: gives every file of a corpus folder to the fuzz target,
 * and then a few hundred small mutations of each.  The mutations depend on the file alone, so that a
 * failure seen once is seen by everyone; the one that crashed is named by a signal handler.
 *
 *     fuzz_x FOLDER | FILE ...        PROFBILET_MUTATIONS=N changes the count (0: the files alone)
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* A target that needs the program's arguments or a working folder defines this, as for libFuzzer. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

enum { FILE_MAX = 1 << 20, MUTATIONS = 200, GROW_MAX = 16 };

struct input {
	uint8_t *bytes;
	size_t n;
};

/* What the crash handler says; plain static because a handler can reach nothing else. */
static char running[512];
static volatile sig_atomic_t running_mutation;

static void say_what_crashed(int signal_number)
{
	char text[640];
	int n = snprintf(text, sizeof(text), "\ncorpus_runner: crashed in %s, mutation %d\n", running, (int)running_mutation);

	if (n > 0 && write(STDERR_FILENO, text, (size_t)n) < 0)
		_exit(2);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

/* xorshift64*: small, and the same everywhere */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545F4914F6CDD1DU;
}

/* FNV-1a over the bytes: the seed follows the content, not the name or the order of the folder. */
static uint64_t seed_of(const struct input *input)
{
	uint64_t hash = 0xCBF29CE484222325U;

	for (size_t i = 0; i < input->n; i++)
		hash = (hash ^ input->bytes[i]) * 0x100000001B3U;
	return hash ? hash : 1;
}

static size_t below(uint64_t *random, size_t bound)
{
	return bound ? (size_t)(next_random(random) % bound) : 0;
}

/* One small change of `n` bytes in `bytes`, which has GROW_MAX to spare; returns the new length. */
static size_t mutate(uint8_t *bytes, size_t n, uint64_t *random)
{
	static const uint8_t edges[] = { 0x00, 0x01, 0x7F, 0x80, 0x81, 0x82, 0xFE, 0xFF };
	size_t at = below(random, n), length = 1 + below(random, GROW_MAX);

	if (n == 0) {
		bytes[0] = (uint8_t)next_random(random);
		return 1;
	}
	if (length > n - at)
		length = n - at;
	switch (next_random(random) % 6) {
	case 0: /* a bit */
		bytes[at] ^= (uint8_t)(1U << below(random, 8));
		return n;
	case 1: /* a byte that lengths and signs turn on */
		bytes[at] = edges[below(random, sizeof(edges))];
		return n;
	case 2: /* any byte */
		bytes[at] = (uint8_t)next_random(random);
		return n;
	case 3: /* the end cut off */
		return at;
	case 4: /* a piece taken out */
		memmove(bytes + at, bytes + at + length, n - at - length);
		return n - length;
	default: /* a piece doubled */
		memmove(bytes + at + length, bytes + at, n - at);
		return n + length;
	}
}

/* Each call gets its own allocation of the exact length, so that a sanitizer sees one byte too far. */
static void give(const uint8_t *bytes, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	memcpy(copy, bytes, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static void give_mutations(const struct input *input, int count)
{
	uint8_t *bytes = malloc(input->n + 3 * (GROW_MAX + 1));
	uint64_t random = seed_of(input);

	if (!bytes)
		abort();
	for (int i = 1; i <= count; i++) {
		size_t n = input->n, changes = 1 + below(&random, 3);

		memcpy(bytes, input->bytes, n);
		while (changes--)
			n = mutate(bytes, n, &random);
		running_mutation = i;
		give(bytes, n);
	}
	free(bytes);
}

static int read_file(const char *path, struct input *ret_input)
{
	FILE *file = fopen(path, "rb");
	struct input input = { malloc(FILE_MAX), 0 };

	if (!file || !input.bytes) {
		fprintf(stderr, "corpus_runner: %s: %s\n", path, strerror(errno));
		free(input.bytes);
		if (file)
			fclose(file);
		return -1;
	}
	input.n = fread(input.bytes, 1, FILE_MAX, file);
	fclose(file);
	*ret_input = input;
	return 0;
}

static int run_file(const char *path, int mutations)
{
	struct input input;

	if (read_file(path, &input) < 0)
		return -1;
	snprintf(running, sizeof(running), "%s", path);
	running_mutation = 0;
	give(input.bytes, input.n);
	give_mutations(&input, mutations);
	free(input.bytes);
	return 0;
}

static int is_file_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Returns the number of files run, or -1. */
static int run_folder(const char *folder, int mutations)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_file_name, alphasort), done = 0;

	if (count < 0)
		fprintf(stderr, "corpus_runner: %s: %s\n", folder, strerror(errno));
	for (int i = 0; i < count; i++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (done >= 0)
			done = run_file(path, mutations) < 0 ? -1 : done + 1;
		free(entries[i]);
	}
	free(entries);
	return count < 0 ? -1 : done;
}

static int mutations_wanted(void)
{
	const char *text = getenv("PROFBILET_MUTATIONS");

	return text ? (int)strtol(text, NULL, 10) : MUTATIONS;
}

int main(int argc, char **argv)
{
	int files = 0, mutations = mutations_wanted();

	signal(SIGABRT, say_what_crashed);
	signal(SIGSEGV, say_what_crashed);
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++) {
		struct stat info;
		int done;

		if (stat(argv[i], &info) == 0 && S_ISDIR(info.st_mode))
			done = run_folder(argv[i], mutations);
		else
			done = run_file(argv[i], mutations) < 0 ? -1 : 1;
		if (done < 0)
			return 1;
		files += done;
	}
	/* An empty corpus would pass for ever without testing anything. */
	if (files == 0) {
		fprintf(stderr, "corpus_runner: no corpus file was given\n");
		return 1;
	}
	printf("%d files, %d mutations of each: no finding\n", files, mutations);
	return 0;
}
