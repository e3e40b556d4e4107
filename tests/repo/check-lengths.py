#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No function over 80 lines, no C file over 600: what is longer has two jobs.  `--median` prints the
length of the middle function of the product, which should stay about 15."""
import subprocess
import sys

import tree

FUNCTION_MAX, FILE_MAX = 80, 600


def functions(top, paths):
    """(file, first line, last line, name) of each function, as Universal Ctags sees them."""
    run = subprocess.run(['ctags', '-x', '--kinds-C=f', '--languages=C', '--langmap=C:.c.h',
                          '--_xformat=%F\t%n\t%{end}\t%N', '-L', '-'],
                         cwd=top, input='\n'.join(paths), capture_output=True, text=True, check=True)
    for line in run.stdout.splitlines():
        path, first, last, name = line.split('\t')
        if last.isdigit():
            yield path, int(first), int(last), name


def main():
    median = '--median' in sys.argv
    if median:
        sys.argv.remove('--median')
    top, findings = tree.root(), []
    paths = tree.files(top, '*.c', '*.h')
    found = list(functions(top, paths))
    if paths and not found:
        sys.exit('ctags found no function at all')
    for path in paths:
        lines = tree.text(top, path).count('\n')
        if lines > FILE_MAX:
            findings.append(f'{path}:1: {lines} lines, more than {FILE_MAX}')
    for path, first, last, name in found:
        if last - first + 1 > FUNCTION_MAX:
            findings.append(f'{path}:{first}: {name} has {last - first + 1} lines, more than {FUNCTION_MAX}')
    if median:
        lengths = sorted(last - first + 1 for path, first, last, _ in found if not path.startswith('tests/'))
        print(f'{len(lengths)} functions, median {lengths[len(lengths) // 2]}, '
              f'90 % at most {lengths[len(lengths) * 9 // 10]}, longest {lengths[-1]} lines')
    tree.finish(findings)


main()
