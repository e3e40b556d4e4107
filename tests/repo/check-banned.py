#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions that C offers and this project does not use (banned.txt), but for named exceptions
(banned-allowed.txt).  An exception that nothing needs any more is a finding too."""
import re

import tree


def applies(path, where):
    if where in ('*', 'product'):
        return where == '*' or not path.startswith('tests/')
    return any(path == folder or path.startswith(folder + '/') for folder in where.split(','))


def main():
    top, findings, used = tree.root(), [], set()
    banned = tree.table('banned.txt', 3)
    allowed = {(path, name) for path, name, _ in tree.table('banned-allowed.txt', 3, top)}
    for path in tree.files(top, '*.c', '*.h', '*.def'):
        source = tree.without_comments(tree.text(top, path))
        for name, where, why in banned:
            if not applies(path, where):
                continue
            for match in re.finditer(rf'\b{name}\s*\(', source):
                if (path, name) in allowed:
                    used.add((path, name))
                    continue
                findings.append(f'{path}:{source.count(chr(10), 0, match.start()) + 1}: {name} is banned: {why}')
    findings += [f'tests/repo/banned-allowed.txt:1: {path} does not use {name}' for path, name in sorted(allowed - used)]
    tree.finish(findings)


main()
