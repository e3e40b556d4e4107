#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check-man.py PAGE.scd PROGRAM [HELP-WORD...]: every --option and every command that `PROGRAM --help` shows
stands in the page, and every --option of the page in the help.

A command is a line of the help that begins, indented or not, with the program's name and then words in small
letters: `profbilet ledger audit [FILE]` is the command "ledger audit"."""
import os
import re
import subprocess
import sys

import tree

OPTION = re.compile(r'(?<![\w-])--[a-z][a-z0-9-]*')


def main():
    page_path, program = sys.argv[1:3]
    name = os.path.basename(program)
    said = subprocess.run([program, *sys.argv[3:], '--help'], capture_output=True, text=True, check=True,
                          env=dict(os.environ, LANGUAGE='en')).stdout
    with open(page_path, encoding='utf-8') as file:
        # Only the marks of scdoc are taken away: *bold*, _italic_, \escape.
        page = re.sub(r'[*_\\]', '', file.read())
    findings = []
    commands = {' '.join(words.split()) for words in re.findall(rf'^\s*{re.escape(name)}((?: +[a-z][a-z-]*)+)\b', said, re.M)}
    for command in sorted(commands):
        if not re.search(rf'(?<!\w){re.escape(command)}(?!\w)', page):
            findings.append(f'{page_path}:1: says nothing of "{name} {command}"')
    shown, written = set(OPTION.findall(said)), set(OPTION.findall(page))
    findings += [f'{page_path}:1: says nothing of {option}' for option in sorted(shown - written)]
    # A page may name an option of another program in an example; the help of ours must know the rest.
    examples = set(OPTION.findall(page.split('# EXAMPLES', 1)[1])) if '# EXAMPLES' in page else set()
    findings += [f'{page_path}:1: {option} is not in the help' for option in sorted(written - shown - examples - {'--help'})]
    if not shown and not commands:
        findings.append(f'{program}: its --help shows neither option nor command')
    tree.finish(findings)


main()
