/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * verdicts TRUST-FOLDER NOW
 *
 * What the verifier of the command says of each line of the input, a text of a QR code: `VERDICT FAULT`, one line each.
 * The verify page is held against it (compare.mjs).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/core/judge.h"
#include "keys/status_folder.h"
#include "keys/trust.h"

/* As the shop of the page: whatever host, and no ledger. */
struct shop {
	struct pb_trust *trust;
	struct pb_statuses *statuses;
	int64_t now;
};

static enum pb_status revocation(void *ctx, const struct pb_exhibit *exhibit, struct pb_verification *report,
				 enum pb_verdict *ret_verdict, struct pb_err *err)
{
	const struct shop *shop = ctx;
	const struct pb_card_claims *card = &exhibit->credential.claims.card;
	const struct pb_status_list *list = pb_statuses_find(shop->statuses, report->issuer_code, report->test, card->status_list);
	bool refused;

	(void)err;
	*ret_verdict = list != NULL && pb_status_list_look(list, card->status_index, &refused) && refused ? PB_VERDICT_REVOKED
													  : PB_VERDICT_VALID;
	return PB_OK;
}

static bool say_verdict(struct shop *shop, const char *text)
{
	struct pb_verification report = { .verdict = PB_VERDICT_MALFORMED };
	struct pb_judge judge = { .trust = shop->trust, .now = shop->now, .revocation = revocation, .ctx = shop };
	static struct pb_exhibit exhibit;
	struct pb_err err = { 0 };

	report.fault = pb_exhibit_of_text(text, NULL, &exhibit);
	if (report.fault == PB_FAULT_NONE && exhibit.credential.kind != PB_CREDENTIAL_CHIP &&
	    pb_judge(&judge, &exhibit, &report, &err) != PB_OK)
		return false;
	printf("%s %s\n", pb_verdict_name(report.verdict), pb_credential_fault_name(report.fault));
	return true;
}

int main(int argc, char **argv)
{
	enum { LINE_MAX_BYTES = 8192 };
	static char line[LINE_MAX_BYTES];
	struct shop shop = { 0 };
	struct pb_err err = { 0 };
	bool good = true;

	if (argc != 3) {
		fputs("usage: verdicts TRUST-FOLDER NOW\n", stderr);
		return 2;
	}
	shop.now = strtoll(argv[2], NULL, 10);
	if (pb_trust_load(argv[1], &shop.trust, &err) != PB_OK || pb_statuses_load(argv[1], &shop.statuses, &err) != PB_OK) {
		fprintf(stderr, "verdicts: %s\n", err.msg);
		return 1;
	}
	while (good && fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		good = say_verdict(&shop, line);
	}
	pb_statuses_destroy(shop.statuses);
	pb_trust_destroy(shop.trust);
	return good && fflush(stdout) == 0 ? 0 : 1;
}
