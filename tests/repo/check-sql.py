#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL stands whole in string literals, and only where the office's file is kept (issuer/store, ledger,
register): no statement is put together at run time, so nothing outside can become part of one."""
import re

import tree

HOMES = ('issuer/store/', 'issuer/ledger/', 'issuer/register/')
ONE = r'"(?:\\.|[^"\\\n])*"'
LITERAL = re.compile(rf'{ONE}(?:\s*{ONE})*')
STATEMENT = re.compile(r'\s*(SELECT [^:]*(FROM|[0-9(*])|INSERT INTO|INSERT OR|UPDATE \w+ SET|DELETE FROM|REPLACE INTO|CREATE (TABLE|INDEX|TRIGGER|VIEW|UNIQUE)|'
                       r'DROP (TABLE|INDEX|TRIGGER|VIEW)|ALTER TABLE|PRAGMA|WITH RECURSIVE|BEGIN IMMEDIATE|VACUUM)\b')
CONVERSION = re.compile(r'%[-+0-9.*lhzj]*[sdiuxXcp]')
BUFFER = re.compile(r'(?<!const )\bchar\s+sql\w*\s*\[(?!\s*\]\s*=)')


def main():
    top, findings = tree.root(), []
    folders = tree.product_folders(top)
    for path in tree.files(top, '*.c', '*.h', '*.def'):
        if tree.home(path, folders) is None:
            continue
        source = tree.without_comments(tree.text(top, path), keep_strings=True)
        for match in LITERAL.finditer(source):
            line = source.count('\n', 0, match.start()) + 1
            words = re.sub(r'"\s*"', '', match.group(0))[1:-1]
            if not STATEMENT.match(words):
                continue
            if not path.startswith(HOMES):
                findings.append(f'{path}:{line}: SQL outside of {", ".join(HOMES)}')
            if CONVERSION.search(words):
                findings.append(f'{path}:{line}: SQL with a printf conversion: bind the value')
        for match in BUFFER.finditer(source):
            findings.append(f'{path}:{source.count(chr(10), 0, match.start()) + 1}: SQL in a buffer: use a literal')
    tree.finish(findings)


main()
