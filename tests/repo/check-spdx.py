#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file that people write and that can hold a comment says its licence in the first three lines."""
import os

import tree

PATTERNS = ('*.c', '*.h', '*.def', '*.sh', '*.py', '*.scd', '*.css', '*.js', '*.html', '*.po', '*.awk', '*.sql', '*.java',
            'meson.build', 'check', 'demo', 'run')
LINE = 'SPDX-License-Identifier: GPL-3.0-or-later'


def is_script(top, path):
    with open(os.path.join(top, path), 'rb') as file:
        return file.read(3) == b'#!/'


def main():
    top = tree.root()
    paths = set(tree.files(top, *PATTERNS))
    paths |= {path for path in tree.files(top, '*') if '/corpus/' not in path and is_script(top, path)}
    # The folder of the build service begins with a dot, which the walk leaves out.
    paths |= {os.path.join('.ci', path) for path in tree.files(os.path.join(top, '.ci'), '*')}
    tree.finish([f'{path}:1: no line "{LINE}"' for path in sorted(paths)
                 if LINE not in '\n'.join(tree.text(top, path).splitlines()[:3])])


main()
