/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of commands: adding one is a row here and a function in the file of its noun.
 */
#include "issuer/cli/commands.h"

#include "issuer/cli/language.h"
#include "keys/shares.h"

static const struct pb_cli_option no_options[] = { { 0 } };

static const struct pb_cli_option office_create_options[] = {
	{ "keys", "DIR", N_("with the keys of a ceremony, from the folder it made for the office") },
	{ "test-keys", NULL, N_("make TEST keys: every card and verdict says so") },
	{ "issuer-code", N_("CODE"), N_("code of the issuer, RU-75-TST") },
	{ "issuer-name", N_("NAME"), N_("name of the issuer") },
	{ "set", N_("KEY=VALUE"), N_("another value of the configuration, section.key=value; several with commas") },
	{ 0 },
};

static const struct pb_cli_option import_options[] = {
	{ "photos", N_("DIR"), N_("folder of the photos named in the list") },
	{ "encoding", N_("NAME"), N_("encoding of the list when it is not recognised: cp1251, cp866, koi8-r, utf-8, utf-16") },
	{ "dry-run", NULL, N_("only tell what would happen") },
	{ "all-rows", NULL, N_("tell about every row, not only those with something to say") },
	{ 0 },
};

static const struct pb_cli_option members_list_options[] = {
	{ "organisation", N_("NAME"), N_("of this organisation and all below it") },
	{ "name", N_("BEGINNING"), N_("whose surname begins like this") },
	{ 0 },
};

static const struct pb_cli_option erase_options[] = {
	{ "reason", N_("REASON"), N_("consent withdrawn, purpose served, time of keeping over, or kept without right: consent, purpose, term, unlawful") },
	{ "papers", N_("DIR"), N_("folder for the act and the extract of the ledger, outside of the office's") },
	{ "photos", N_("DIR"), N_("destroy the photo in this folder, too") },
	{ "by", N_("NAME"), N_("name and post of who destroys the data, for the act; written in by hand if not said") },
	{ "yes", NULL, N_("do not ask") },
	{ 0 },
};

static const struct pb_cli_option backup_options[] = {
	{ "to", N_("FILE"), N_("encrypt it to the key of this certificate instead of the office's custodians'") },
	{ 0 },
};

static const struct pb_cli_option restore_office_options[] = {
	{ "keys", N_("DIR"), N_("what keys restore --with-root has made from the custodians' shares") },
	{ 0 },
};

static const struct pb_cli_option blanks_key_options[] = {
	{ "reader", N_("NAME"), N_("on this reader") },
	{ 0 },
};

static const struct pb_cli_option inspect_options[] = {
	{ "reader", N_("NAME"), N_("the card on this reader") },
	{ "all-readers", NULL, N_("cards on all readers, until none comes") },
	{ "count", N_("N"), N_("so many cards, one after another") },
	{ "wait", N_("SECONDS"), N_("how long to wait for a card") },
	{ 0 },
};

static const struct pb_cli_option blanks_options[] = {
	{ "batch", N_("NUMBER"), N_("number of the supplier's batch") },
	{ 0 },
};

static const struct pb_cli_option issue_options[] = {
	{ "member", N_("NUMBER"), N_("first card of this member") },
	{ "organisation", N_("NAME"), N_("first cards of all its members who have none") },
	{ "reissue", N_("SERIAL"), N_("card in place of this lost or damaged one") },
	{ "affected", N_("KID"), N_("cards in place of those that a compromised key signed, which end first") },
	{ "reader", N_("NAME"), N_("on this reader") },
	{ "all-readers", NULL, N_("on all readers at once") },
	{ "faces", N_("FILE"), N_("write the faces of the cards issued as PDF") },
	{ "trace", N_("FILE"), N_("write what is said to the card, secrets masked; one reader only") },
	{ 0 },
};

static const struct pb_cli_option verify_options[] = {
	{ "reader", N_("NAME"), N_("the card on this reader") },
	{ "all-readers", NULL, N_("cards on all readers, until none comes") },
	{ "count", N_("N"), N_("so many cards, one after another") },
	{ "wait", N_("SECONDS"), N_("how long to wait for a card") },
	{ "trust", N_("DIR"), N_("believe the roots and the trust list of this folder") },
	{ "qr", N_("TEXT"), N_("the text of a QR code instead of a card; - reads lines") },
	{ 0 },
};

static const struct pb_cli_option cards_list_options[] = {
	{ "state", N_("STATE"), N_("in this state: reserved, issued, printed, suspended, revoked, voided, spoiled") },
	{ 0 },
};

static const struct pb_cli_option lost_options[] = {
	{ "reason", N_("REASON"), N_("what happened, lost if not said: lost, stolen, damaged, returned, name_change, other") },
	{ 0 },
};

static const struct pb_cli_option print_options[] = {
	{ "out", N_("FILE"), N_("the PDF to write; it must not exist") },
	{ "all", NULL, N_("every card issued and not printed") },
	{ "sheet", NULL, N_("A4 sheets with crop marks instead of single cards") },
	{ 0 },
};

static const struct pb_cli_option affected_options[] = {
	{ "kid", N_("KID"), N_("of this issuer key") },
	{ "csv", NULL, N_("as a table for a spreadsheet") },
	{ 0 },
};

static const struct pb_cli_option roll_options[] = {
	{ "reader", N_("NAME"), N_("the card on this reader") },
	{ "all-readers", NULL, N_("cards on all readers, until none comes") },
	{ "count", N_("N"), N_("so many cards, one after another") },
	{ "wait", N_("SECONDS"), N_("how long to wait for a card") },
	{ "dry-run", NULL, N_("only tell how many cards have keys of which master key") },
	{ "trace", N_("FILE"), N_("write what is said to the card, secrets masked; one reader only") },
	{ 0 },
};

static const struct pb_cli_option audit_options[] = {
	{ "key", N_("VKEY"), N_("the checkpoint key you were given on paper") },
	{ "pdf", N_("FILE"), N_("also write the conclusion, to be signed, as PDF") },
	{ "signer", NULL, N_("also hold it against what the process with the keys has signed") },
	{ 0 },
};

static const struct pb_cli_option proof_options[] = {
	{ "entry", N_("N"), N_("of this entry, not of the one in which the card was begun") },
	{ "out", N_("FILE"), N_("write it into this file, which must not exist") },
	{ 0 },
};

static const struct pb_cli_option check_proof_options[] = {
	{ "key", N_("VKEY"), N_("the checkpoint key you were given on paper") },
	{ "policy", N_("FILE"), N_("whose witnesses must have signed it, and how many of them") },
	{ 0 },
};

static const struct pb_cli_option witness_begin_options[] = {
	{ "anew", NULL, N_("in place of the key there is, when its book was lost") },
	{ 0 },
};

static const struct pb_cli_option witness_ask_options[] = {
	{ "old", N_("N"), N_("so many entries the witness says that it has seen") },
	{ 0 },
};

static const struct pb_cli_option witness_status_options[] = {
	{ "travel", N_("DAYS"), N_("so long a request may be on its way; 7 by default") },
	{ 0 },
};

static const struct pb_cli_option trust_options[] = {
	{ "trust", N_("DIR"), N_("the folder of the roots and the trust list, not the configuration's") },
	{ 0 },
};

static const struct pb_cli_option ceremony_options[] = {
	{ "needed", "N", N_("how many shares restore the keys; more than half by default") },
	{ "out", "DIR", N_("the folder to make") },
	{ "office", "DIR", N_("also make this folder, with what the office works with: no root key is in it") },
	{ "issuer-code", "CODE", N_("code of the issuer, RU-75-TST") },
	{ "issuer-name", "NAME", N_("name of the issuer") },
	{ "rehearsal", NULL, N_("throw-away TEST keys, and a network does not matter") },
	{ "answers", "FILE", N_("of a rehearsal: lines of this file or FIFO instead of the terminal") },
	{ 0 },
};

static const struct pb_cli_option restore_options[] = {
	{ "out", "DIR", N_("the folder to make") },
	{ "drill", NULL, N_("only to see that it works: enter it in the office's ledger, and remove the keys again") },
	{ "with-root", NULL, N_("also the private keys of the roots and of backups, which an office issues without") },
	{ "answers", "FILE", N_("of a rehearsal: lines of this file or FIFO instead of the terminal") },
	{ 0 },
};

static const struct pb_cli_option rotate_options[] = {
	{ "root", N_("FILE"), N_("private key of a root; root.key of the key folder if not said") },
	{ "root-passphrase-file", N_("FILE"), N_("file with its passphrase; the office's own if not said") },
	{ "prepare", NULL, N_("only make and publish the new key; the old one goes on signing") },
	{ 0 },
};

const struct pb_command pb_commands[] = {
	{ "", "issue", "", 0, 0, N_("issue cards: write, read back, lock, record"),
	  "  profbilet issue --member 6437500100000016\n"
	  "  profbilet issue --organisation \"СОШ № 14\" --all-readers --faces cards.pdf\n"
	  "  profbilet issue --reissue 7501000012\n",
	  issue_options, PB_NEEDS_WRITE, pb_cmd_issue },
	{ "", "verify", "", 0, 0, N_("verify a card or a QR code"),
	  "  profbilet verify\n"
	  "  profbilet verify --all-readers --count 60 --json\n"
	  "  zbarimg --raw -q back.png | profbilet verify --qr -\n",
	  verify_options, PB_NEEDS_VERIFY, pb_cmd_verify },
	{ "", "backup", N_("FOLDER"), 1, 1, N_("the whole office into a folder that only its custodians can read, while it works"),
	  "  profbilet backup /media/usb/office-2026-06-01\n", backup_options, PB_NEEDS_READ, pb_cmd_backup },
	{ "", "restore", N_("BACKUP FOLDER"), 2, 2, N_("an office out of its backup; its ledger goes on under a new name"),
	  "  profbilet restore /media/usb/office-2026-06-01 office --keys restored\n", restore_office_options, PB_NEEDS_NOTHING,
	  pb_cmd_restore },
	{ "office", "create", N_("DIR"), 1, 1, N_("set up a new office"),
	  "  profbilet office create office --keys /media/office\n"
	  "  profbilet office create demo-office --test-keys --issuer-code RU-75-TST\n", office_create_options, PB_NEEDS_NOTHING, pb_cmd_office_create },
	{ "office", "check", "", 0, 0, N_("everything that keeps the office from working with its keys"),
	  "  profbilet office check\n", no_options, PB_NEEDS_CONFIG, pb_cmd_office_check },
	{ "office", "status", "", 0, 0, N_("members, cards, blanks and open work of the office"),
	  "  profbilet office status\n", no_options, PB_NEEDS_READ, pb_cmd_office_status },
	{ "members", "import", N_("FILE"), 1, 1, N_("take in a member list, CSV or XLSX"),
	  "  profbilet members import list.csv --photos photos --dry-run\n", import_options, PB_NEEDS_WRITE, pb_cmd_members_import },
	{ "members", "list", "", 0, 0, N_("list members"),
	  "  profbilet members list --organisation \"СОШ № 14\"\n", members_list_options, PB_NEEDS_READ, pb_cmd_members_list },
	{ "members", "show", N_("NUMBER"), 1, 1, N_("one member and their cards"),
	  "  profbilet members show \"6437 5001 0000 0016\"\n", no_options, PB_NEEDS_READ, pb_cmd_members_show },
	{ "members", "erase", N_("NUMBER"), 1, 1, N_("destroy everything of one person, with act and extract of the ledger"),
	  "  profbilet members erase \"6437 5001 0000 0016\" --reason consent --papers /media/acts\n", erase_options,
	  PB_NEEDS_WRITE, pb_cmd_members_erase },
	{ "organisations", "list", "", 0, 0, N_("list organisations and how many members they have"),
	  "  profbilet organisations list --json\n", no_options, PB_NEEDS_READ, pb_cmd_organisations_list },
	{ "blanks", "inspect", "", 0, 0, N_("what lies on the reader, and whether it can become a card"),
	  "  profbilet blanks inspect\n  profbilet blanks inspect --all-readers --json >> incoming.json\n",
	  inspect_options, PB_NEEDS_CONFIG, pb_cmd_blanks_inspect },
	{ "blanks", "key", N_("COUNT"), 1, 1, N_("give blanks the office's keys, where nobody listens"),
	  "  profbilet blanks key 500\n", blanks_key_options, PB_NEEDS_KEYING, pb_cmd_blanks_key },
	{ "blanks", "receive", N_("COUNT"), 1, 1, N_("record blank cards received"),
	  "  profbilet blanks receive 500 --batch ACME-2026-118\n", blanks_options, PB_NEEDS_WRITE, pb_cmd_blanks_receive },
	{ "cards", "list", "", 0, 0, N_("list cards"),
	  "  profbilet cards list --state reserved\n", cards_list_options, PB_NEEDS_READ, pb_cmd_cards_list },
	{ "cards", "show", N_("SERIAL"), 1, 1, N_("one card and its life"),
	  "  profbilet cards show 7501000012\n", no_options, PB_NEEDS_READ, pb_cmd_cards_show },
	{ "cards", "lost", N_("SERIAL"), 1, 1, N_("report a card lost: it is refused from now on"),
	  "  profbilet cards lost 7501000012\n  profbilet cards lost 7501000012 --reason damaged\n", lost_options, PB_NEEDS_WRITE, pb_cmd_cards_lost },
	{ "cards", "suspend", N_("SERIAL"), 1, 1, N_("refuse a card for a time, until it is resumed"),
	  "  profbilet cards suspend 7501000012\n", no_options, PB_NEEDS_WRITE, pb_cmd_cards_suspend },
	{ "cards", "resume", N_("SERIAL"), 1, 1, N_("end the time for which a card is refused"),
	  "  profbilet cards resume 7501000012\n", no_options, PB_NEEDS_WRITE, pb_cmd_cards_resume },
	{ "cards", "spoil", N_("SERIAL"), 1, 1, N_("give up a half-written card"),
	  "  profbilet cards spoil 7501000012\n", no_options, PB_NEEDS_WRITE, pb_cmd_cards_spoil },
	{ "cards", "print", N_("[SERIAL ...]"), 0, PB_WORDS_MAX, N_("write card faces as PDF"),
	  "  profbilet cards print 7501000012 --out card.pdf\n  profbilet cards print --all --sheet --out sheets.pdf\n",
	  print_options, PB_NEEDS_WRITE, pb_cmd_cards_print },
	{ "cards", "affected", "", 0, 0, N_("cards that an issuer key signed and that end with it"),
	  "  profbilet cards affected --kid 1f0c5e8a90b3d277 --csv\n", affected_options, PB_NEEDS_READ, pb_cmd_cards_affected },
	{ "cards", "roll", "", 0, 0, N_("give cards of an older master key the newest card keys"),
	  "  profbilet cards roll --dry-run\n  profbilet cards roll --all-readers\n", roll_options, PB_NEEDS_WRITE, pb_cmd_cards_roll },
	{ "ledger", "audit", "", 0, 0, N_("recompute the ledger and hold it against its own claims"),
	  "  profbilet ledger audit\n  profbilet ledger audit --key \"profbilet.example/office+33d7b496+...\" --pdf conclusion.pdf\n",
	  audit_options, PB_NEEDS_READ, pb_cmd_ledger_audit },
	{ "ledger", "show", N_("[INDEX]"), 0, 1, N_("the entries, or one of them"),
	  "  profbilet ledger show\n  profbilet ledger show 17 --json\n", no_options, PB_NEEDS_READ, pb_cmd_ledger_show },
	{ "ledger", "checkpoint", "", 0, 0, N_("the last signed checkpoint"),
	  "  profbilet ledger checkpoint\n", no_options, PB_NEEDS_READ, pb_cmd_ledger_checkpoint },
	{ "ledger", "export", N_("DIR"), 1, 1, N_("write the ledger as files that anyone can check"),
	  "  profbilet ledger export /media/usb/ledger\n", no_options, PB_NEEDS_READ, pb_cmd_ledger_export },
	{ "ledger", "proof", N_("[SERIAL]"), 0, 1, N_("write the proof that a card is in the ledger"),
	  "  profbilet ledger proof 7501000012 --out 7501000012.tlog-proof\n  profbilet ledger proof --entry 41\n",
	  proof_options, PB_NEEDS_READ, pb_cmd_ledger_proof },
	{ "ledger", "check-proof", N_("FILE"), 1, 1, N_("check such a proof, with the ledger's key alone"),
	  "  profbilet ledger check-proof 7501000012.tlog-proof --key \"profbilet.example/office+33d7b496+...\"\n",
	  check_proof_options, PB_NEEDS_NOTHING, pb_cmd_ledger_check_proof },
	{ "ledger", "begin-anew", "", 0, 0, N_("after a backup was restored: go on under a name that was never used"),
	  "  profbilet ledger begin-anew\n", no_options, PB_NEEDS_WRITE, pb_cmd_ledger_begin_anew },
	{ "keys", "show", "", 0, 0, N_("where the keys are, and which token has them"),
	  "  profbilet keys show\n", no_options, PB_NEEDS_CONFIG, pb_cmd_keys_show },
	{ "keys", "list", "", 0, 0, N_("the keys of the office, what verifiers are told of them, how many cards hang on each"),
	  "  profbilet keys list\n", no_options, PB_NEEDS_READ, pb_cmd_keys_list },
	{ "keys", "rotate", N_("KID"), 1, 1, N_("let a new key take over from this one"),
	  "  profbilet keys rotate 1f0c5e8a90b3d277 --root restored/keys/root.key \\\n"
	  "      --root-passphrase-file restored/passphrase\n", rotate_options, PB_NEEDS_SUCCEED, pb_cmd_keys_rotate },
	{ "keys", "retire", N_("KID"), 1, 1, N_("tell verifiers that this key signs no more; its cards stay good"),
	  "  profbilet keys retire 1f0c5e8a90b3d277\n", no_options, PB_NEEDS_SUCCEED, pb_cmd_keys_retire },
	{ "keys", "compromise", N_("KID"), 1, 1, N_("tell verifiers to believe no card of this key"),
	  "  profbilet keys compromise 1f0c5e8a90b3d277\n", no_options, PB_NEEDS_SUCCEED, pb_cmd_keys_compromise },
	{ "keys", "ceremony", "CUSTODIAN ...", PB_SHARES_MIN, PB_SHARES_MAX, N_("make keys and share their backup among custodians"),
	  "  profbilet keys ceremony --needed 2 --out /dev/shm/keys --rehearsal \\\n"
	  "      \"Иванова М. П.\" \"Доржиев Б. Ц.\" \"Ким А. С.\"\n",
	  ceremony_options, PB_NEEDS_NOTHING, pb_cmd_keys_ceremony },
	{ "keys", "restore", "DIR", 1, 1, N_("restore keys from a ceremony's folder and enough shares"),
	  "  profbilet keys restore /media/keys --out restored\n", restore_options, PB_NEEDS_NOTHING, pb_cmd_keys_restore },
	{ "keys", "roll-master", N_("[FAMILY]"), 0, 1, N_("make the next card master key; cards are moved to it by: cards roll"),
	  "  profbilet keys roll-master\n  profbilet keys roll-master piv\n", no_options, PB_NEEDS_CONFIG, pb_cmd_keys_roll_master },
	{ "trust", "show", "", 0, 0, N_("whom this folder trusts: issuers, states, dates, age of the list"),
	  "  profbilet trust show\n  profbilet trust show --trust shop --json\n", trust_options, PB_NEEDS_CONFIG, pb_cmd_trust_show },
	{ "trust", "verify", N_("FILE"), 1, 1, N_("judge a trust list without taking it in"),
	  "  profbilet trust verify trust.cwt\n", trust_options, PB_NEEDS_CONFIG, pb_cmd_trust_verify },
	{ "trust", "update", N_("FILE"), 1, 1, N_("take in a newer trust list"),
	  "  profbilet trust update /media/usb/trust.cwt\n  profbilet trust update trust.cwt --trust shop\n",
	  trust_options, PB_NEEDS_CONFIG, pb_cmd_trust_update },
	{ "trust", "publish", "", 0, 0, N_("sign the office's next trust list"),
	  "  profbilet trust publish\n", no_options, PB_NEEDS_PUBLISH, pb_cmd_trust_publish },
	{ "status", "publish", "", 0, 0, N_("sign anew which cards are refused, each day and after each loss"),
	  "  profbilet status publish\n", no_options, PB_NEEDS_WRITE, pb_cmd_status_publish },
	{ "status", "show", "", 0, 0, N_("the lists of refused cards in this folder, and how old they are"),
	  "  profbilet status show\n  profbilet status show --trust shop --json\n", trust_options, PB_NEEDS_CONFIG, pb_cmd_status_show },
	{ "update", "export", N_("FILE"), 1, 1, N_("write the trust list and the status lists into one file, for shops without a network"),
	  "  profbilet update export profbilet.update\n", trust_options, PB_NEEDS_CONFIG, pb_cmd_update_export },
	{ "update", "import", N_("FILE"), 1, 1, N_("take in what is newer in such a file"),
	  "  profbilet update import profbilet.update --trust shop\n", trust_options, PB_NEEDS_CONFIG, pb_cmd_update_import },
	{ "witness", "begin", "", 0, 0, N_("make the key with which this office cosigns the ledgers of others"),
	  "  profbilet witness begin\n", witness_begin_options, PB_NEEDS_CONFIG, pb_cmd_witness_begin },
	{ "witness", "key", "", 0, 0, N_("the line of this office for the policies of others"),
	  "  profbilet witness key\n", no_options, PB_NEEDS_CONFIG, pb_cmd_witness_key },
	{ "witness", "ask", N_("NAME FILE"), 2, 2, N_("write a request to a witness, to cosign the last checkpoint"),
	  "  profbilet witness ask centre /media/usb/request\n", witness_ask_options, PB_NEEDS_READ, pb_cmd_witness_ask },
	{ "witness", "answer", N_("FILE ANSWER"), 2, 2, N_("judge another office's request, and cosign or refuse"),
	  "  profbilet witness answer /media/usb/request /media/usb/answer\n", no_options, PB_NEEDS_CONFIG, pb_cmd_witness_answer },
	{ "witness", "take", N_("NAME FILE"), 2, 2, N_("take in what a witness has answered"),
	  "  profbilet witness take centre /media/usb/answer\n", no_options, PB_NEEDS_WRITE, pb_cmd_witness_take },
	{ "witness", "status", "", 0, 0, N_("how far the ledger is witnessed, by whom, and whether an entry is backdated"),
	  "  profbilet witness status\n", witness_status_options, PB_NEEDS_READ, pb_cmd_witness_status },
	{ "readers", "list", "", 0, 0, N_("list the card readers of this computer"),
	  "  profbilet readers list\n", no_options, PB_NEEDS_CONFIG, pb_cmd_readers_list },
	{ "config", "check", N_("[FILE]"), 0, 1, N_("read a configuration and name its first mistake; look for its token"),
	  "  profbilet config check office/profbilet.conf\n", no_options, PB_NEEDS_NOTHING, pb_cmd_config_check },
	{ "config", "list", "", 0, 0, N_("every key of the configuration with its default"),
	  "  profbilet config list\n", no_options, PB_NEEDS_NOTHING, pb_cmd_config_list },
};

const size_t pb_command_count = sizeof(pb_commands) / sizeof(pb_commands[0]);
