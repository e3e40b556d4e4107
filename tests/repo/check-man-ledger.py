#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check-man-ledger.py PAGE.scd TREE: the page has each entry type, reason, step of a ceremony, card state and finding by its stable
name (issuer/ledger), and each finding with the sentence the command says (issuer/cli/names.c)."""
import re
import sys

import tree

NAMED = re.compile(r'\[PB_(ENTRY|REASON|CARD_IS|FINDING|STEP)_(\w+)\] = (?:\{ )?"([a-z_]+)"')
SENTENCE = re.compile(r'\[PB_FINDING_(\w+)\] = N_\("(.*?)"\)')
NOT_SHOWN = {('REASON', 'NONE'), ('CARD_IS', 'UNKNOWN')}


def main():
    page_path, top = sys.argv[1:3]
    with open(page_path, encoding='utf-8') as file:
        page = '\n' + file.read()
    sentences = dict(SENTENCE.findall(tree.text(top, 'issuer/cli/names.c')))
    findings, seen = [], 0
    for source in ('entry.c', 'lifecycle.c', 'audit.c'):
        for kind, code, name in NAMED.findall(tree.text(top, 'issuer/ledger/' + source)):
            seen += 1
            if kind == 'FINDING' and f'\n*{name}*\n\t{sentences.get(code)}\n' not in page:
                findings.append(f'{page_path}:1: says nothing of the finding {name} as "{sentences.get(code)}"')
            elif f'*{name}*' not in page and (kind, code) not in NOT_SHOWN:
                findings.append(f'{page_path}:1: says nothing of {name}')
    if seen == 0:
        findings.append('issuer/ledger: no names were found there')
    tree.finish(findings)


main()
