/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One table per list; po/ holds the words.
 */
#include "issuer/cli/names.h"

#include <stdio.h>

#include "base/calendar.h"
#include "issuer/cli/language.h"

/* TRANSLATORS: states of a card ("карта"), so feminine in Russian. */
static const char *const states[PB_CARD_STATE_COUNT] = {
	[PB_CARD_IS_UNKNOWN] = N_("unknown"),	  [PB_CARD_IS_RESERVED] = N_("half-written"), [PB_CARD_IS_ISSUED] = N_("issued"),
	[PB_CARD_IS_PRINTED] = N_("printed"),	  [PB_CARD_IS_SUSPENDED] = N_("suspended"),   [PB_CARD_IS_REVOKED] = N_("revoked"),
	[PB_CARD_IS_VOIDED] = N_("never issued"), [PB_CARD_IS_SPOILED] = N_("spoiled"),
};

static const char *const reasons[PB_REASON_COUNT] = {
	[PB_REASON_LOST] = N_("lost"),
	[PB_REASON_STOLEN] = N_("stolen"),
	[PB_REASON_DAMAGED] = N_("damaged"),
	[PB_REASON_RETURNED] = N_("returned"),
	[PB_REASON_NAME_CHANGE] = N_("name changed"),
	[PB_REASON_CHIP_FAULT] = N_("faulty chip"),
	[PB_REASON_PRINT_FAULT] = N_("badly printed"),
	[PB_REASON_NOT_PRESENTED] = N_("never came back to a reader"),
	[PB_REASON_KEYS] = N_("other keys than expected"),
	[PB_REASON_OTHER] = N_("another reason"),
	[PB_REASON_ISSUER_KEY] = N_("signing key compromised"),
	[PB_REASON_CONSENT] = N_("consent withdrawn"),
	[PB_REASON_PURPOSE] = N_("purpose served"),
	[PB_REASON_TERM] = N_("time of keeping over"),
	[PB_REASON_UNLAWFUL] = N_("kept without right"),
};

static const char *const entries[] = {
	[PB_ENTRY_GENESIS] = N_("ledger begun"),
	[PB_ENTRY_STOCK_IN] = N_("blanks received"),
	[PB_ENTRY_INTENT] = N_("card begun"),
	[PB_ENTRY_ISSUED] = N_("card issued"),
	[PB_ENTRY_PRINTED] = N_("card printed"),
	[PB_ENTRY_VOID] = N_("serial given up"),
	[PB_ENTRY_SPOILED] = N_("card spoiled"),
	[PB_ENTRY_REVOKE] = N_("card revoked"),
	[PB_ENTRY_REISSUE] = N_("card replaced"),
	[PB_ENTRY_RECOVER] = N_("start with open work"),
	[PB_ENTRY_CLOCK] = N_("clock was behind"),
	[PB_ENTRY_SUSPEND] = N_("card suspended"),
	[PB_ENTRY_RESUME] = N_("suspension ended"),
	[PB_ENTRY_CEREMONY] = N_("key ceremony"),
	[PB_ENTRY_APPROVED] = N_("cards ordered"),
	[PB_ENTRY_TRUST] = N_("trust list published"),
	[PB_ENTRY_REKEYED] = N_("new card keys"),
	[PB_ENTRY_ERASED] = N_("person erased"),
	[PB_ENTRY_RESTORED] = N_("restored from a backup"),
};

static const char *const key_steps[PB_STEP_COUNT] = {
	[PB_STEP_ROOT] = N_("root certificate"),
	[PB_STEP_ROOT_SPARE] = N_("spare root certificate"),
	[PB_STEP_ISSUER] = N_("issuer's certificate"),
	[PB_STEP_STATUS_LIST] = N_("certificate of the status lists"),
	[PB_STEP_TRUST_LIST] = N_("certificate of the trust lists"),
	[PB_STEP_CHECKPOINT] = N_("checkpoint key"),
	[PB_STEP_CARD_MASTER] = N_("card master key"),
	[PB_STEP_SHARES] = N_("shares printed"),
	[PB_STEP_READ_BACK] = N_("shares read back"),
	[PB_STEP_PROTOCOL] = N_("protocol"),
	[PB_STEP_DRILL] = N_("restore drill"),
};

static const char *const findings[PB_FINDING_COUNT] = {
	[PB_FINDING_ENTRY_MISSING] = N_("An entry is missing, or there are entries after the end."),
	[PB_FINDING_ENTRY_INVALID] = N_("This is not an entry of a ledger."),
	[PB_FINDING_LEAF_HASH] = N_("The entry was changed after it was written."),
	[PB_FINDING_NODE] = N_("A stored hash of the tree is wrong, missing or too many."),
	[PB_FINDING_CHECKPOINT_MISSING] = N_("No signed checkpoint covers this entry."),
	[PB_FINDING_CHECKPOINT_INVALID] = N_("The checkpoint is not of this ledger or not signed by its key."),
	[PB_FINDING_CHECKPOINT_ROOT] = N_("The checkpoint was signed for other entries than these."),
	[PB_FINDING_GENESIS] = N_("The ledger does not begin with its first entry, or begins twice."),
	[PB_FINDING_KEY] = N_("The key of the ledger is not the one you gave."),
	[PB_FINDING_TIME] = N_("The entry is older than the one before it."),
	[PB_FINDING_SERIAL] = N_("The card serial is used twice, out of order, unknown or another office's."),
	[PB_FINDING_INTENT] = N_("The entry names a beginning that is not of this card."),
	[PB_FINDING_MOVE] = N_("A card in its state cannot do this step."),
	[PB_FINDING_CHIP_TWICE] = N_("Two valid cards are on one chip."),
	[PB_FINDING_JOB_TWICE] = N_("Two cards were made for one request."),
	[PB_FINDING_SLOT_TWICE] = N_("A place in the status list is used again."),
	[PB_FINDING_REISSUE] = N_("The card replaces one that was still valid, or without an entry that says so."),
	[PB_FINDING_STOCK] = N_("The count of blanks is not that of the entries."),
	[PB_FINDING_APPROVAL] = N_("A card was begun beyond what was ordered."),
	[PB_FINDING_CARD_MISSING] = N_("The entries have this card, the list of cards has not."),
	[PB_FINDING_CARD_UNKNOWN] = N_("The list of cards has this card, the entries have not."),
	[PB_FINDING_CARD_DIFFERS] = N_("The list of cards says something else of this card than the entries."),
	[PB_FINDING_CREDENTIAL] = N_("The signed record stored for this card is not the one entered."),
	[PB_FINDING_MEMBER] = N_("The member of this card is not the one entered, or has two valid cards."),
	[PB_FINDING_CEREMONY] = N_("The key ceremony is of another ledger, or could not have been like this."),
	[PB_FINDING_TRUST] = N_("The number of the trust list is not above that of the one before."),
	[PB_FINDING_ERASURE] = N_("The member of this card is gone without an entry, or is still there in spite of one."),
	[PB_FINDING_RESTORED] = N_("The new beginning after a backup does not follow from what was before it."),
	[PB_FINDING_TILE] = N_("A file of the ledger is missing, cut short, or not of these entries."),
	[PB_FINDING_COSIGNATURES] = N_("The checkpoint lacks signatures of witnesses that the policy asks for."),
	[PB_FINDING_ROOT] = N_("The root certificate is missing or not the one you were given."),
	[PB_FINDING_TRUST_LIST] = N_("The trust list is not under the root certificate, or not the one in the ledger."),
	[PB_FINDING_TRUST_OLD] = N_("The trust list has expired, or a newer one is in the ledger."),
	[PB_FINDING_CERTIFICATE] = N_("The issuer's certificate is not under the root, or the trust list says otherwise."),
	[PB_FINDING_ISSUER] = N_("Cards were signed by a key that is not in the trust list."),
	[PB_FINDING_STATUS_LIST] = N_("The status list cannot be believed."),
	[PB_FINDING_STATUS_MISSING] = N_("The status list that cards are looked up in is missing."),
	[PB_FINDING_STATUS_OLD] = N_("The status list is more than thirty days old."),
	[PB_FINDING_STATUS_LOST] = N_("The card is refused by the ledger and not by the status list."),
	[PB_FINDING_STATUS_EXTRA] = N_("The status list refuses what the ledger does not, or the ledger was exported before it."),
	[PB_FINDING_SAMPLE_UNREADABLE] = N_("No membership credential can be read here."),
	[PB_FINDING_SAMPLE_FORGED] = N_("The credential shown is forged."),
	[PB_FINDING_SAMPLE_ISSUER] = N_("The credential shown was signed by nobody in the trust list, or by a key that must not sign."),
	[PB_FINDING_SAMPLE_COPY] = N_("The card shown is a copy: its chip is not the one it was issued on."),
	[PB_FINDING_SAMPLE_UNKNOWN] = N_("The credential shown is not in the ledger, or not finished there."),
	[PB_FINDING_SAMPLE_REVOKED] = N_("The card shown is revoked or suspended by the ledger."),
	[PB_FINDING_SAMPLE_EXPIRED] = N_("The card shown is expired, or not valid yet."),
	[PB_FINDING_ANCHOR] = N_("The card shown was made from another history than this ledger's, or from a longer one."),
	[PB_FINDING_SIGNER_AHEAD] = N_("The holder of the keys has signed for more entries than there are: the ledger went back."),
	[PB_FINDING_SIGNER_ROOT] = N_("The holder of the keys has signed for other entries than these."),
	[PB_FINDING_SIGNER_COUNT] = N_("The holder of the keys has signed fewer cards than the ledger has."),
	[PB_FINDING_SIGNER_CARD] = N_("The holder of the keys has signed a card that the ledger does not have. If it was torn away, issue it again: it is finished then."),
};

/* A number that no table has comes from a damaged database. */
static const char *word(const char *const *table, size_t count, unsigned number)
{
	return number < count && table[number] ? _(table[number]) : "?";
}

const char *pb_word_of_state(enum pb_card_state state)
{
	return word(states, PB_CARD_STATE_COUNT, (unsigned)state);
}

const char *pb_word_of_reason(enum pb_reason reason)
{
	return reason == PB_REASON_NONE ? "" : word(reasons, PB_REASON_COUNT, (unsigned)reason);
}

const char *pb_word_of_entry(enum pb_entry_type type)
{
	return word(entries, sizeof(entries) / sizeof(entries[0]), (unsigned)type);
}

const char *pb_word_of_key_step(enum pb_key_step step)
{
	return word(key_steps, PB_STEP_COUNT, (unsigned)step);
}

const char *pb_word_of_finding(enum pb_finding_code code)
{
	return word(findings, PB_FINDING_COUNT, (unsigned)code);
}

void pb_when(int64_t unix_seconds, int32_t zone_seconds_east, char ret_text[static PB_WHEN_TEXT])
{
	struct pb_date day = pb_date_of_instant(unix_seconds, zone_seconds_east);
	unsigned second = (unsigned)(unix_seconds - pb_date_start(day, zone_seconds_east));
	char date[11];

	pb_date_format_ru(day, date);
	snprintf(ret_text, PB_WHEN_TEXT, "%s %02u:%02u:%02u", date, second / 3600 % 24, second / 60 % 60, second % 60);
}
