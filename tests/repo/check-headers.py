#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every header compiles alone, and twice in one file: it includes what it uses and has its guard."""
import os
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor

import tree

PACKAGES = ['libpcsclite', 'p11-kit-1', 'libcrypto', 'sqlite3', 'jansson', 'cmocka']


def flags_of(package):
    out = subprocess.run(['pkg-config', '--cflags', package], capture_output=True, text=True, check=False)
    return out.stdout.split()


def main():
    top = tree.root()
    flags = ['-std=c17', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-I', top]
    flags += sorted({flag for package in PACKAGES for flag in flags_of(package)})

    def compile_alone(path):
        source = f'#include "{path}"\n#include "{path}"\n'
        run = subprocess.run(shlex.split(os.environ.get('CC', 'cc')) + flags + ['-fsyntax-only', '-x', 'c', '-'],
                             input=source, capture_output=True, text=True, check=False)
        return None if run.returncode == 0 else f'{path}:1: does not compile alone\n{run.stderr}'

    with ThreadPoolExecutor(2) as pool:
        tree.finish([finding for finding in pool.map(compile_alone, tree.files(top, '*.h')) if finding])


main()
