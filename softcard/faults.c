/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The waiting list of faults and their words.
 */
#include "softcard/faults.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

static const struct word {
	const char *text;
	enum softcard_fault_kind kind;
	bool counted;
} words[] = {
	{ "vanish-before", SOFTCARD_VANISH_BEFORE, true }, { "vanish-after", SOFTCARD_VANISH_AFTER, true },
	{ "torn-old", SOFTCARD_TORN_OLD, true },	   { "torn-new", SOFTCARD_TORN_NEW, true },
	{ "silent", SOFTCARD_STAY_SILENT, true },	   { "sw=", SOFTCARD_STATUS_WORD, true },
	{ "swapped", SOFTCARD_SWAPPED, true },		   { "foreign", SOFTCARD_FOREIGN, false },
	{ "wrong-keys", SOFTCARD_WRONG_KEYS, false },
};

/* A number in `base` that ends where `end` stands, at least 1. */
static bool parse_number(const char *text, int base, char end, unsigned long max, unsigned long *ret_value,
			 const char **ret_rest)
{
	char *rest;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &rest, base);
	if (errno || rest == text || *rest != end || *text == '-' || *text == '+' || *text == ' ' || !value || value > max)
		return false;
	*ret_value = value;
	*ret_rest = rest;
	return true;
}

bool softcard_fault_parse(const char *text, struct softcard_fault *ret_fault)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct softcard_fault fault = { .kind = words[i].kind };
		const size_t n = strlen(words[i].text);
		const char *rest = text + n;
		unsigned long sw;

		if (strncmp(text, words[i].text, n) != 0)
			continue;
		if (fault.kind == SOFTCARD_STATUS_WORD) {
			if (!parse_number(rest, 16, '@', 0xFFFF, &sw, &rest))
				return false;
			fault.sw = (uint16_t)sw;
		}
		if (words[i].counted && (*rest != '@' || !parse_number(rest + 1, 10, 0, 1000000000, &fault.at, &rest)))
			return false;
		if (*rest)
			return false;
		*ret_fault = fault;
		return true;
	}
	return false;
}

void softcard_faults_add(struct softcard_faults *faults, const struct softcard_fault *fault)
{
	for (size_t i = 0; i < SOFTCARD_FAULTS_MAX; i++) {
		if (faults->waiting[i].kind == SOFTCARD_NO_FAULT) {
			faults->waiting[i] = *fault;
			return;
		}
	}
	PB_BUG("more faults than a card can have");
}

struct softcard_fault softcard_faults_next(struct softcard_faults *faults)
{
	struct softcard_fault due = { 0 };

	for (size_t i = 0; i < SOFTCARD_FAULTS_MAX; i++) {
		struct softcard_fault *fault = &faults->waiting[i];

		if (fault->kind == SOFTCARD_NO_FAULT || --fault->at > 0)
			continue;
		due = *fault;
		fault->kind = SOFTCARD_NO_FAULT;
	}
	return due;
}
