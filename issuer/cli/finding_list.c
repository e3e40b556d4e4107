/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One finding is one line: where, and a sentence.
 */
#include "issuer/cli/finding_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/app/output.h"
#include "issuer/app/paths.h"
#include "issuer/cli/json.h"
#include "issuer/cli/language.h"
#include "issuer/cli/names.h"

void pb_finding_list_add(void *list, const struct pb_finding *finding)
{
	struct pb_finding_list *findings = list;

	if (findings->count < sizeof(findings->list) / sizeof(findings->list[0]))
		findings->list[findings->count++] = *finding;
}

static void format_serial(const struct pb_finding *finding, char ret_serial[static PB_SERIAL_TEXT])
{
	ret_serial[0] = '\0';
	if (finding->serial != 0)
		pb_serial_format(finding->serial, ret_serial);
}

static void say_finding(const struct pb_finding *finding)
{
	bool has_entry = finding->entry != PB_FINDING_NO_ENTRY;
	char serial[PB_SERIAL_TEXT];

	format_serial(finding, serial);
	if (finding->about[0] != '\0')
		printf("%s: ", finding->about);
	if (has_entry)
		printf(_("Entry %llu"), (unsigned long long)finding->entry);
	if (serial[0] != '\0' && has_entry)
		printf(_(", card %s"), serial);
	else if (serial[0] != '\0')
		printf(_("Card %s"), serial);
	printf("%s%s\n", has_entry || serial[0] != '\0' ? ": " : "", pb_word_of_finding(finding->code));
}

void pb_say_findings(const struct pb_finding_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		say_finding(&list->list[i]);
}

json_t *pb_findings_json(const struct pb_finding_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++) {
		const struct pb_finding *finding = &list->list[i];
		char serial[PB_SERIAL_TEXT];

		format_serial(finding, serial);
		json_array_append_new(array, json_pack("{s:s, s:o, s:s, s:o}", "finding", pb_finding_name(finding->code), "entry",
						       finding->entry != PB_FINDING_NO_ENTRY ? json_integer((json_int_t)finding->entry) :
											       json_null(),
						       "serial", serial, "about", pb_json_text(finding->about)));
	}
	return array;
}

/* ---- paper */

/* On paper the sentence is Russian, whatever language the program speaks. */
static void fill_findings(const struct pb_finding_list *list, struct pb_paper_finding *ret_findings)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct pb_finding *finding = &list->list[i];

		ret_findings[i] = (struct pb_paper_finding){ .has_entry = finding->entry != PB_FINDING_NO_ENTRY, .entry = finding->entry,
							     .about = finding->about, .words = pb_word_of_finding(finding->code) };
		format_serial(finding, ret_findings[i].card);
	}
}

void pb_conclusion_count(struct pb_paper_audit *audit, const struct pb_entry_counters *blanks, const uint64_t *by_state)
{
	audit->received = blanks->received;
	audit->issued = blanks->issued;
	audit->spoiled = blanks->spoiled;
	audit->left = blanks->received - blanks->issued - blanks->spoiled;
	audit->open = blanks->open;
	audit->cards = 0;
	for (size_t i = 0; i < PB_CARD_STATE_COUNT; i++)
		audit->cards += by_state[i];
	audit->valid = by_state[PB_CARD_IS_ISSUED] + by_state[PB_CARD_IS_PRINTED];
	audit->suspended = by_state[PB_CARD_IS_SUSPENDED];
	audit->revoked = by_state[PB_CARD_IS_REVOKED];
}

static enum pb_status print(const char *path, const struct pb_paper_audit *audit, struct pb_err *err)
{
	struct pb_paper *paper = NULL;
	uint8_t *pdf = NULL;
	size_t n = 0;
	enum pb_status s = pb_paper_open(pb_paths()->fonts, &paper, err);

	if (s == PB_OK)
		s = pb_paper_print_audit(paper, audit, &pdf, &n, err);
	if (s == PB_OK)
		s = pb_output_write(path, pb_view(pdf, n), err);
	free(pdf);
	pb_paper_close(paper);
	return s;
}

enum pb_status pb_conclusion_write(const char *path, struct pb_paper_audit *audit, const struct pb_finding_list *list, int32_t zone,
				   struct pb_err *err)
{
	struct pb_paper_finding *findings = calloc(list->count + 1, sizeof(*findings));
	const char *language = getenv("LANGUAGE");
	bool english = language != NULL && strcmp(language, "en") == 0;
	char when[PB_WHEN_TEXT];
	enum pb_status s;

	if (findings == NULL)
		return pb_fail(err, PB_NO_MEMORY, "conclusion");
	pb_language_set("ru");
	fill_findings(list, findings);
	pb_when(audit->unix_time, zone, when);
	when[PB_WHEN_TEXT - 4] = '\0'; /* without the seconds */
	audit->when = when;
	audit->findings = findings;
	audit->count = list->count;
	s = print(path, audit, err);
	pb_language_set(english ? "en" : "ru");
	free(findings);
	return s;
}
