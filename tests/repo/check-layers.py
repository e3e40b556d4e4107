#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder includes only its own floor's neighbours below it (layers.txt), and each library has one home
(libraries.txt).  The product's folders are those of layers.txt; tests may include what they like."""
import fnmatch
import os
import re

import tree

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.M)

# softcard/ is written from card-applet-spec/ alone, so that neither side hides the other's mistakes:
# of the parts it could share with the issuer it takes only the ciphers.
FORBIDDEN = {'softcard': lambda header: header.startswith('issuer/')
             or (header.startswith('keys/') and not header.startswith('keys/crypto/'))}


def check_own(top, path, header, folders):
    here, there = tree.home(path, folders), tree.home(header, folders)
    if not os.path.exists(os.path.join(top, header)):
        return f'"{header}" is not a path from the top of the tree'
    if there is None:
        return f'"{header}" is in no folder of layers.txt'
    if FORBIDDEN.get(here, lambda _: False)(header):
        return f'{here}/ must not include "{header}"'
    if there != here and folders[there] >= folders[here]:
        return f'"{header}" is on floor {folders[there]}, not below floor {folders[here]} of {here}/'
    return None


def check_library(path, header, libraries):
    for pattern, homes in libraries:
        if fnmatch.fnmatch(header, pattern):
            if homes == '*' or any(path == h or path.startswith(h + '/') for h in homes.split(',')):
                return None
            return f'<{header}> has its home in {homes}'
    return f'<{header}> has no home in tests/repo/libraries.txt'


def main():
    top, findings = tree.root(), []
    folders, libraries = tree.product_folders(top), tree.table('libraries.txt', 2)
    tops = {folder.split('/')[0] for folder in folders}
    for path in tree.files(top, '*.c', '*.h', '*.def'):
        if path.split('/')[0] not in tops:
            continue
        if tree.home(path, folders) is None:
            findings.append(f'{path}:1: its folder is not in layers.txt')
            continue
        source = tree.without_comments(tree.text(top, path), keep_strings=True)
        for match in INCLUDE.finditer(source):
            kind, header = match.groups()
            words = check_own(top, path, header, folders) if kind == '"' else check_library(path, header, libraries)
            if words:
                findings.append(f'{path}:{source.count(chr(10), 0, match.start(2)) + 1}: {words}')
    tree.finish(findings)


main()
