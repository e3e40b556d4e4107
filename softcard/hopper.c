/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One card after the other, one reader, one process.
 */
#include "softcard/hopper.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "keys/crypto/hash.h"
#include "softcard/vpcd.h"

#define CARD_SUFFIX ".card"
enum {
	PATH_LEN = 1024,
	TRAY_POLL_MS = 100,
	CONNECT_POLL_MS = 20,
	/* Longer than pcscd's polling, so that a card that left is seen to have left. */
	PUT_BACK_MS = 1000,
};

struct hopper {
	const struct hopper_options *options;
	char stage[PATH_LEN]; /* the folder of the card on the reader */
	char name[NAME_MAX + 1];
	struct softcard *card; /* NULL: none */
	unsigned long taken;
};

static void pause_ms(unsigned ms)
{
	const struct timespec pause = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&pause, NULL);
}

static bool join(char ret_path[static PATH_LEN], const char *dir, const char *name)
{
	int n = snprintf(ret_path, PATH_LEN, "%s/%s", dir, name);

	return n > 0 && n < PATH_LEN;
}

static enum pb_status make_dir(const char *path, struct pb_err *err)
{
	if (mkdir(path, 0700) && errno != EEXIST)
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "folder %s", path);
	return PB_OK;
}

static bool is_card(const char *name)
{
	const size_t n = strlen(name), suffix_n = sizeof(CARD_SUFFIX) - 1;

	return n > suffix_n && strcmp(name + n - suffix_n, CARD_SUFFIX) == 0;
}

/* The first card by name; false when the folder has none. */
static bool first_card(const char *dir, char ret_name[static NAME_MAX + 1])
{
	DIR *listing = opendir(dir);
	struct dirent *entry;
	bool found = false;

	if (!listing)
		return false;
	while ((entry = readdir(listing))) {
		if (is_card(entry->d_name) && (!found || strcmp(entry->d_name, ret_name) < 0)) {
			snprintf(ret_name, NAME_MAX + 1, "%s", entry->d_name);
			found = true;
		}
	}
	closedir(listing);
	return found;
}

/* Moves a card from the tray to the reader; another hopper may be quicker, then the next one is tried. */
static enum pb_status take_from_tray(struct hopper *hopper, bool *ret_taken, struct pb_err *err)
{
	char from[PATH_LEN], to[PATH_LEN];

	while (first_card(hopper->options->tray, hopper->name)) {
		if (!join(from, hopper->options->tray, hopper->name) || !join(to, hopper->stage, hopper->name))
			return pb_fail(err, PB_INPUT_INVALID, "a path longer than %d bytes", PATH_LEN);
		*ret_taken = rename(from, to) == 0;
		if (*ret_taken)
			return PB_OK;
		if (errno != ENOENT)
			return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "card %s", from);
	}
	*ret_taken = false;
	return PB_OK;
}

static void arm(struct hopper *hopper)
{
	for (size_t i = 0; i < hopper->options->fault_count; i++) {
		const struct hopper_fault *fault = &hopper->options->faults[i];

		if (!fault->card || fault->card == hopper->taken)
			softcard_arm(hopper->card, &fault->fault);
	}
}

/* The card that lies on the reader, or the next of the tray; none is no error. */
static enum pb_status put_card(struct hopper *hopper, struct pb_err *err)
{
	struct softcard_options options = { .durable = hopper->options->durable };
	char path[PATH_LEN];
	bool there = first_card(hopper->stage, hopper->name);
	enum pb_status s = there ? PB_OK : take_from_tray(hopper, &there, err);

	if (s != PB_OK || !there)
		return s;
	if (!join(path, hopper->stage, hopper->name))
		return pb_fail(err, PB_INPUT_INVALID, "a path longer than %d bytes", PATH_LEN);
	options.path = path;
	s = softcard_create(&options, &hopper->card, err);
	if (s != PB_OK)
		return s;
	hopper->taken++;
	softcard_set_timing(hopper->card, hopper->options->timing);
	arm(hopper);
	return PB_OK;
}

static bool finished(const struct hopper *hopper)
{
	const enum applet_state state = softcard_state(hopper->card);

	switch (hopper->options->advance) {
	case HOPPER_NEVER:
		return false;
	case HOPPER_PERSONALISED:
		return state == APPLET_LOCKED || state == APPLET_TERMINATED;
	case HOPPER_PROVED:
		return softcard_proved(hopper->card) || state == APPLET_TERMINATED;
	}
	PB_BUG("an advance without a row");
}

static enum pb_status drop_card(struct hopper *hopper, struct pb_err *err)
{
	char from[PATH_LEN], to[PATH_LEN];

	if (!join(from, hopper->stage, hopper->name) || !join(to, hopper->options->done, hopper->name))
		return pb_fail(err, PB_INPUT_INVALID, "a path longer than %d bytes", PATH_LEN);
	printf("%u done %s commands %lu modelled-us %llu\n", hopper->options->port, hopper->name,
	       softcard_commands(hopper->card), (unsigned long long)softcard_modelled_us(hopper->card));
	fflush(stdout);
	softcard_destroy(hopper->card);
	hopper->card = NULL;
	if (rename(from, to))
		return pb_fail_errno(err, PB_FILE_UNWRITABLE, errno, "card %s", to);
	return PB_OK;
}

/* The eject: the only moment at which cards change. */
static enum pb_status power_off(struct hopper *hopper, struct pb_err *err)
{
	enum pb_status s;

	softcard_put_back(hopper->card);
	if (!finished(hopper))
		return PB_OK;
	s = drop_card(hopper, err);
	return s == PB_OK ? put_card(hopper, err) : s;
}

static bool answer_atr(struct hopper *hopper, int fd)
{
	uint8_t atr[SOFTCARD_ATR_MAX];

	return vpcd_send(fd, pb_view(atr, softcard_atr(hopper->card, atr)));
}

/* False when the card has left the reader. */
static bool answer_command(struct hopper *hopper, int fd, struct pb_view command)
{
	uint8_t answer[SOFTCARD_ANSWER_MAX];
	size_t n;

	switch (softcard_transmit(hopper->card, command, answer, &n)) {
	case SOFTCARD_ANSWERED:
		return vpcd_send(fd, pb_view(answer, n));
	case SOFTCARD_SILENT:
		pause_ms(hopper->options->silence_ms);
		return false;
	case SOFTCARD_GONE:
		return false;
	}
	PB_BUG("an outcome without a row");
}

/* Until the reader hangs up, the card leaves, or there is no card any more. */
static enum pb_status serve(struct hopper *hopper, int fd, struct pb_err *err)
{
	uint8_t bytes[VPCD_MESSAGE_MAX], atr[SOFTCARD_ATR_MAX];
	enum pb_status s = PB_OK;
	size_t n = 0;

	while (s == PB_OK && hopper->card) {
		switch (vpcd_next(fd, bytes, &n)) {
		case VPCD_CLOSED:
			return PB_OK;
		case VPCD_POWER_OFF:
			s = power_off(hopper, err);
			break;
		case VPCD_POWER_ON:
		case VPCD_RESET:
			(void)softcard_power_on(hopper->card, atr);
			break;
		case VPCD_ATR:
			if (!answer_atr(hopper, fd))
				return PB_OK;
			break;
		case VPCD_COMMAND:
			if (answer_command(hopper, fd, pb_view(bytes, n)))
				break;
			return PB_OK;
		}
	}
	return s;
}

/* One stay on the reader.  A card that left by itself is put back a moment later. */
static enum pb_status stay(struct hopper *hopper, int listener, struct pb_err *err)
{
	int fd = listener >= 0 ? vpcd_accept(listener) : vpcd_connect(hopper->options->port);
	enum pb_status s;

	if (fd < 0) {
		pause_ms(CONNECT_POLL_MS);
		return PB_OK;
	}
	s = serve(hopper, fd, err);
	close(fd);
	if (s == PB_OK && hopper->card) {
		softcard_put_back(hopper->card);
		pause_ms(PUT_BACK_MS);
	}
	return s;
}

static enum pb_status run(struct hopper *hopper, int listener, struct pb_err *err)
{
	enum pb_status s = PB_OK;

	while (s == PB_OK) {
		if (!hopper->card)
			s = put_card(hopper, err);
		if (s != PB_OK)
			break;
		if (hopper->card)
			s = stay(hopper, listener, err);
		else if (hopper->options->until_empty)
			break;
		else
			pause_ms(TRAY_POLL_MS);
	}
	softcard_destroy(hopper->card);
	return s;
}

enum pb_status hopper_run(const struct hopper_options *options, struct pb_err *err)
{
	struct hopper hopper = { .options = options };
	int listener = -1;
	int n = snprintf(hopper.stage, PATH_LEN, "%s/reader-%u", options->tray, options->port);
	enum pb_status s;

	if (n < 0 || n >= PATH_LEN)
		return pb_fail(err, PB_INPUT_INVALID, "a path longer than %d bytes", PATH_LEN);
	s = make_dir(options->done, err);
	if (s == PB_OK)
		s = make_dir(hopper.stage, err);
	if (s == PB_OK && options->listen)
		s = vpcd_listen(options->port, &listener, err);
	if (s == PB_OK)
		s = run(&hopper, listener, err);
	if (listener >= 0)
		close(listener);
	return s;
}

bool hopper_fault_parse(const char *text, struct hopper_fault *ret_fault)
{
	struct hopper_fault fault = { .card = 1 };
	const char *colon = strchr(text, ':');
	char *end;

	if (colon && strncmp(text, "*:", 2) == 0) {
		fault.card = 0;
	} else if (colon) {
		fault.card = strtoul(text, &end, 10);
		if (end != colon || text[0] < '1' || text[0] > '9')
			return false;
	}
	if (!softcard_fault_parse(colon ? colon + 1 : text, &fault.fault))
		return false;
	*ret_fault = fault;
	return true;
}

/* NXP's prefix and six bytes of chance, or of the seed. */
static void make_uid(const char *seed, unsigned number, uint8_t ret_uid[static SOFTCARD_UID_LEN])
{
	const uint8_t counter[] = { (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number };
	uint8_t digest[PB_SHA256_LEN];

	if (seed) {
		const struct pb_view parts[] = { pb_view_text(seed), PB_VIEW(counter) };

		pb_sha256_parts(parts, 2, digest);
	} else {
		pb_random(digest, sizeof(digest));
	}
	ret_uid[0] = 0x04;
	memcpy(ret_uid + 1, digest, SOFTCARD_UID_LEN - 1);
}

static enum pb_status make_blank(const char *dir, struct softcard_options options, struct pb_err *err)
{
	char hex[2 * SOFTCARD_UID_LEN + 1], path[PATH_LEN];
	struct softcard *card;
	enum pb_status s;
	int n;

	pb_hex_encode(options.uid, hex);
	n = snprintf(path, sizeof(path), "%s/%s" CARD_SUFFIX, dir, hex);
	if (n < 0 || n >= PATH_LEN)
		return pb_fail(err, PB_INPUT_INVALID, "a path longer than %d bytes", PATH_LEN);
	if (access(path, F_OK) == 0)
		return pb_fail(err, PB_CONFLICT, "card %s", path);
	options.path = path;
	s = softcard_create(&options, &card, err);
	if (s == PB_OK)
		softcard_destroy(card);
	return s;
}

enum pb_status hopper_make_blanks(const char *dir, unsigned count, const char *seed,
				  const struct softcard_options *blank, struct pb_err *err)
{
	struct softcard_options options = *blank;
	uint8_t uid[SOFTCARD_UID_LEN];
	enum pb_status s = make_dir(dir, err);

	options.uid = PB_VIEW(uid);
	for (unsigned i = 0; s == PB_OK && i < count; i++) {
		make_uid(seed, i, uid);
		s = make_blank(dir, options, err);
	}
	return s;
}
