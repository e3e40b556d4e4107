#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""shellcheck has nothing to say about any script: quoting, lost exit codes, words that split."""
import os
import shutil
import subprocess
import sys

import tree


def is_shell(top, path):
    with open(os.path.join(top, path), 'rb') as file:
        first = file.readline(64)
    return first.startswith(b'#!') and first.rstrip().endswith((b'/bash', b'/sh', b' bash', b' sh'))


def main():
    if not shutil.which('shellcheck'):
        sys.exit(77)
    top = tree.root()
    paths = tree.files(top, '*') + [os.path.join('.ci', path) for path in tree.files(os.path.join(top, '.ci'), '*')]
    scripts = [path for path in paths if path.endswith('.sh') or is_shell(top, path)]
    if not scripts:
        tree.finish([])
    run = subprocess.run(['shellcheck', '--format=gcc', '--external-sources', '--source-path=SCRIPTDIR', *scripts],
                         cwd=top, capture_output=True, text=True, check=False)
    tree.finish(run.stdout.splitlines() + run.stderr.splitlines())


main()
