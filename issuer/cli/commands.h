/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The functions behind the rows of the command table (commands.c), one file per noun.  Each is given an
 * opened office and its words, says everything itself, and returns the exit code.
 */
#ifndef PROFBILET_ISSUER_CLI_COMMANDS_H
#define PROFBILET_ISSUER_CLI_COMMANDS_H

#include "issuer/cli/command.h"

int pb_cmd_issue(struct pb_call *call);
int pb_cmd_verify(struct pb_call *call);
int pb_cmd_office_create(struct pb_call *call);
int pb_cmd_office_check(struct pb_call *call);
int pb_cmd_office_status(struct pb_call *call);
int pb_cmd_members_import(struct pb_call *call);
int pb_cmd_members_list(struct pb_call *call);
int pb_cmd_members_show(struct pb_call *call);
int pb_cmd_members_erase(struct pb_call *call);
int pb_cmd_backup(struct pb_call *call);
int pb_cmd_restore(struct pb_call *call);
int pb_cmd_organisations_list(struct pb_call *call);
int pb_cmd_blanks_inspect(struct pb_call *call);
int pb_cmd_blanks_key(struct pb_call *call);
int pb_cmd_blanks_receive(struct pb_call *call);
int pb_cmd_cards_list(struct pb_call *call);
int pb_cmd_cards_show(struct pb_call *call);
int pb_cmd_cards_lost(struct pb_call *call);
int pb_cmd_cards_suspend(struct pb_call *call);
int pb_cmd_cards_resume(struct pb_call *call);
int pb_cmd_cards_spoil(struct pb_call *call);
int pb_cmd_cards_affected(struct pb_call *call);
int pb_cmd_cards_print(struct pb_call *call);
int pb_cmd_cards_roll(struct pb_call *call);
int pb_cmd_ledger_audit(struct pb_call *call);
int pb_cmd_ledger_show(struct pb_call *call);
int pb_cmd_ledger_checkpoint(struct pb_call *call);
int pb_cmd_ledger_begin_anew(struct pb_call *call);
int pb_cmd_ledger_export(struct pb_call *call);
int pb_cmd_ledger_proof(struct pb_call *call);
int pb_cmd_ledger_check_proof(struct pb_call *call);
int pb_cmd_keys_show(struct pb_call *call);
int pb_cmd_keys_list(struct pb_call *call);
int pb_cmd_keys_rotate(struct pb_call *call);
int pb_cmd_keys_retire(struct pb_call *call);
int pb_cmd_keys_compromise(struct pb_call *call);
int pb_cmd_keys_ceremony(struct pb_call *call);
int pb_cmd_keys_restore(struct pb_call *call);
int pb_cmd_keys_roll_master(struct pb_call *call);
int pb_cmd_trust_show(struct pb_call *call);
int pb_cmd_trust_verify(struct pb_call *call);
int pb_cmd_trust_update(struct pb_call *call);
int pb_cmd_trust_publish(struct pb_call *call);
int pb_cmd_status_publish(struct pb_call *call);
int pb_cmd_status_show(struct pb_call *call);
int pb_cmd_update_export(struct pb_call *call);
int pb_cmd_update_import(struct pb_call *call);
int pb_cmd_witness_begin(struct pb_call *call);
int pb_cmd_witness_key(struct pb_call *call);
int pb_cmd_witness_ask(struct pb_call *call);
int pb_cmd_witness_answer(struct pb_call *call);
int pb_cmd_witness_take(struct pb_call *call);
int pb_cmd_witness_status(struct pb_call *call);
int pb_cmd_readers_list(struct pb_call *call);
int pb_cmd_config_check(struct pb_call *call);
int pb_cmd_config_list(struct pb_call *call);

#endif
