#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check-audit.py PROGRAM FINDING.c PAGE.scd: an auditor's program has nothing in it that signs, writes to a card, keeps keys
or knows a database, neither of ours nor asked of a library; and its page has every exit code of a finding.

Shown by the symbols that are linked: a static library gives only the files that are asked for, so what is not
there cannot be called.  That the patterns can match at all is shown by the symbols which must be there."""
import os
import re
import subprocess
import sys

import tree

# What is refused, and why.
REFUSED = (
    (r'EVP_DigestSign|EVP_PKEY_sign|EVP_PKEY_.*keygen|EVP_EC_gen|EVP_PKEY_decrypt', 'signs or makes keys (OpenSSL)'),
    (r'pb_p256_(sign|generate|private)|pb_ed25519_(sign|generate|from_seed)|pb_\w*_list_sign$', 'signs or makes keys'),
    (r'pb_keystore_|pb_token_|pb_root_key|pb_shares_|pb_unseal|C_GetFunctionList', 'keeps keys'),
    (r'pb_perso_|pb_station_|scp03|pb_card_session|ev2_channel|pb_sdm_', 'writes to cards'),
    (r'sqlite3_|pb_store_|pb_query|pb_ledger_', 'knows the database'),
    (r'pb_key_file_|pb_trust_accept|pb_status_accept|pb_update_import|pb_update_export', 'writes trust folders'),
    (r'zbar_', 'decodes strangers\' photos in this process'),
    (r'^(socket|connect|bind|listen|getaddrinfo)(@|$)', 'speaks to a network'),
)
WANTED = ('pb_stick_audit', 'pb_p256_verify', 'pb_ed25519_verify', 'pb_replay_entry', 'pb_card_examine')


def symbols(program):
    run = subprocess.run(['nm', program], capture_output=True, text=True, check=True)
    return {line.split()[-1] for line in run.stdout.splitlines() if line}


def main():
    program, table, page_path = sys.argv[1:4]
    there = symbols(program)
    findings = [f'{os.path.basename(program)}: {symbol} {why}'
                for symbol in sorted(there) for pattern, why in REFUSED if re.search(pattern, symbol)]
    findings += [f'{os.path.basename(program)}: {symbol} is not in it' for symbol in WANTED if symbol not in there]
    with open(table, encoding='utf-8') as file:
        rows = re.findall(r'\{ "(\w+)", (\d+) \}', file.read())
    with open(page_path, encoding='utf-8') as file:
        page = re.sub(r'[*_\\]', '', file.read())
    findings += [f'{page_path}:1: exit code {code} of "{name}" is not there'
                 for name, code in rows if f'\n{code} {name.replace("_", "")}\n' not in page]
    findings += [f'{table}:1: {code} stands twice' for code in {code for _, code in rows} if [c for _, c in rows].count(code) > 1]
    if not rows:
        findings.append(f'{table}:1: no rows')
    tree.finish(findings)


main()
