#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every header and every .c file of the product opens by saying what it is for: two lines in a header
(what the module is for, and what it is not), one in a .c file."""
import re

import tree

OPENING = re.compile(r'/\* SPDX-License-Identifier: [^\n]*(.*?)\*/', re.S)


def main():
    top, findings = tree.root(), []
    folders = tree.product_folders(top)
    for path in tree.files(top, '*.c', '*.h', '*.def'):
        if tree.home(path, folders) is None and not path.endswith('.h'):
            continue
        match = OPENING.match(tree.text(top, path))
        lines = [line for line in match.group(1).splitlines() if line.strip(' *\t')] if match else []
        least = 2 if path.endswith('.h') and tree.home(path, folders) else 1
        if len(lines) < least:
            findings.append(f'{path}:1: opens with {len(lines)} lines on what it is for, not {least}')
    tree.finish(findings)


main()
