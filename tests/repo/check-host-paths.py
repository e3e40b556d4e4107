#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tree builds anywhere: no file names a folder of one developer's machine or a package mirror."""
import os
import re

import tree

# Written so that this file does not find itself.
WORDS = [r'/wor[k]/', r'/tm[p]/wt', r'/hom[e]/[a-z]', r'/roo[t]/', r'de[b]\.debian\.org', r'registr[y]\.npmjs', r'pyp[i]\.org',
         r'proxy\.golan[g]\.org', r'crate[s]\.io', r'artifactor[y]', r'nexu[s]\.']
PATTERN = re.compile('|'.join(WORDS))


def main():
    top, findings = tree.root(), []
    paths = [path for path in tree.files(top, '*') if path != '.git'] + [os.path.join('.ci', path) for path in tree.files(os.path.join(top, '.ci'), '*')]
    for path in paths:
        with open(os.path.join(top, path), 'rb') as file:
            content = file.read()
        if '/corpus/' in path or b'\0' in content[:4096]:
            continue
        for number, line in enumerate(content.decode('utf-8', 'replace').splitlines(), 1):
            match = PATTERN.search(line)
            if match:
                findings.append(f'{path}:{number}: names {match.group(0)}')
    tree.finish(findings)


main()
