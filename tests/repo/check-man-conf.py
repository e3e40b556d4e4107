#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check-man-conf.py PAGE.scd PROGRAM: the page has each key of `PROGRAM config list`, in its section and with
its default, and no other."""
import os
import re
import subprocess
import sys

import tree


def main():
    page_path, program = sys.argv[1:3]
    listed = subprocess.run([program, 'config', 'list'], capture_output=True, text=True, check=True,
                            env=dict(os.environ, PROFBILET_LANGUAGE='en', LC_ALL='C.UTF-8')).stdout
    keys, written, section = set(), set(), ''
    for line in listed.splitlines():
        if line.startswith('['):
            section = line
        elif ' =' in line and not line.startswith('#'):
            name, value = line.split('=', 1)
            keys.add((section, name.strip(), value.strip()))
    with open(page_path, encoding='utf-8') as file:
        for line in file:
            if line.startswith('# '):
                section = line[2:].strip()
            match = re.match(r'\*([a-z0-9_]+)\* =(.*)', line)
            if match:
                written.add((section, match.group(1), match.group(2).strip()))
    show = '{0[0]} {0[1]} = {0[2]}'.format
    tree.finish([f'{page_path}:1: says nothing of {show(key)}' for key in sorted(keys - written)]
                + [f'{page_path}:1: there is no {show(key)}' for key in sorted(written - keys)])


main()
