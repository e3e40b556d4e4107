#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check-man.py PAGE.scd PROGRAM [STATUS.def [LANGUAGE.po]]: every command and every --option that `PROGRAM --help`, and the
--help of each command, shows stands in the page, and every --option of the page in a help.  With a status table,
every exit code stands in the page with its sentence, in the language of the .po where one is named.

A command is a line of the help that begins, indented or not, with the program's name and then words in small
letters, one space between: `profbilet ledger audit [FILE]` is the command "ledger audit"."""
import os
import re
import subprocess
import sys

import tree

OPTION = re.compile(r'(?<![\w-])--[a-z][a-z0-9-]*')
PAIR = re.compile(r'^msgid "(.+)"\nmsgstr "(.+)"$', re.M)
ROW = re.compile(r'^PB_STATUS\(\w+, (\d+), .*?N_\("(.*?)"\)', re.M)


def help_of(program, command=()):
    """What it says, or nothing when it has no help of its own for that command."""
    run = subprocess.run([program, *command, '--help'], capture_output=True, text=True, check=False,
                         env=dict(os.environ, PROFBILET_LANGUAGE='en', LANGUAGE='en', LC_ALL='C.UTF-8'))
    return run.stdout if run.returncode == 0 else ''


def sentences(arguments):
    """The exit codes, each with its sentence."""
    with open(arguments[0], encoding='utf-8') as file:
        rows = ROW.findall(file.read())
    if len(arguments) == 1:
        return rows
    with open(arguments[1], encoding='utf-8') as file:
        translated = dict(PAIR.findall(file.read()))
    return [(code, translated.get(sentence, sentence)) for code, sentence in rows]


def main():
    page_path, program = sys.argv[1:3]
    name = os.path.basename(program)
    said = help_of(program)
    with open(page_path, encoding='utf-8') as file:
        # Only the marks of scdoc are taken away: *bold*, _italic_, \escape.
        page = re.sub(r'[*_\\]', '', file.read())
    findings = []
    commands = sorted(set(re.findall(rf'^ *{re.escape(name)}((?: [a-z][a-z-]*)+)(?=  | [^a-z ]|$)', said, re.M)))
    shown = set(OPTION.findall(said))
    for command in commands:
        shown |= set(OPTION.findall(help_of(program, command.split())))
        if not re.search(rf'(?<![\w-]){re.escape(command.strip())}(?!\w)', page):
            findings.append(f'{page_path}:1: says nothing of "{name}{command}"')
    written = set(OPTION.findall(page))
    findings += [f'{page_path}:1: says nothing of {option}' for option in sorted(shown - written)]
    # A page may name an option of another program in an example; the help of ours must know the rest.
    examples = set(OPTION.findall(re.split('# EXAMPLES|# ПРИМЕРЫ', page + '# EXAMPLES', maxsplit=1)[1]))
    findings += [f'{page_path}:1: {option} is not in the help' for option in sorted(written - shown - examples - {'--help'})]
    if not shown and not commands:
        findings.append(f'{program}: its --help shows neither option nor command')
    if len(sys.argv) > 3:
        for code, sentence in sentences(sys.argv[3:]):
            if f'\n{code}\n\t{sentence.replace("_", "")}\n' not in page:
                findings.append(f'{page_path}:1: exit code {code} is not there as "{sentence}"')
    tree.finish(findings)


main()
