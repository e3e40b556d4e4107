#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check-threats.py TREE: each `FILE#WORDS` of docs/threat-model.md is a file of the tree in which these words stand, and each
row of its tables about attacks names one: a threat that no test shows is a wish."""
import os
import re
import sys

import tree

PAGE = 'docs/threat-model.md'
NAMED = re.compile(r'`(tests/[^`#]+)#([^`]+)`')


def main():
    top = sys.argv[1]
    if not os.path.exists(os.path.join(top, PAGE)):
        return tree.finish([])
    findings, in_table = [], False
    for number, line in enumerate(tree.text(top, PAGE).splitlines(), 1):
        in_table = line.startswith('|') and (in_table or 'shown by' in line)
        named = NAMED.findall(line)
        if in_table and not named and 'shown by' not in line and not set(line) <= set('|- '):
            findings.append(f'{PAGE}:{number}: no test shows this')
        for path, words in named:
            if not os.path.exists(os.path.join(top, path)):
                findings.append(f'{PAGE}:{number}: there is no {path}')
            elif words not in tree.text(top, path):
                findings.append(f'{PAGE}:{number}: {path} has nothing of "{words}"')
    return tree.finish(findings)


main()
