#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file of the verify page is kept for use without a network (v-offline.js), built (meson.build), and, if it is a
module, fetched beside the others and not after them (index.html); and nothing is kept that is not there."""
import os
import re

import tree

FOLDER = 'web/verify'
LATER = {'/v/page.js', '/v/scanner/worker.js'}  # the script itself; what starts when a camera does
FETCHED = re.compile(r'/v/scanner/(?!worker)')  # brought in by the build


def named_but_not_there(top, files):
    kept = set(re.findall(r"'(/v/[^']+)'", tree.text(top, f'{FOLDER}/v-offline.js')))
    kept = {name for name in kept if not FETCHED.match(name)}
    return [f'{FOLDER}/v-offline.js:1: keeps {name}, which is not there' for name in sorted(kept - files)]


def main():
    top, findings = tree.root(), []
    if os.path.isdir(os.path.join(top, FOLDER)):
        files = {f'/v/{path}' for path in tree.files(os.path.join(top, FOLDER, 'v'), '*')}
        offline, build, index = (tree.text(top, f'{FOLDER}/{name}') for name in ('v-offline.js', 'meson.build', 'v/index.html'))
        for name in sorted(files):
            path = FOLDER + name
            if f"'{name}'" not in offline and name != '/v/index.html':
                findings.append(f'{path}:1: is not in v-offline.js')
            if f"'{name[1:]}'" not in build:
                findings.append(f'{path}:1: is not in meson.build')
            if name.endswith('.js') and name not in LATER and f'<link rel="modulepreload" href="{name}">' not in index:
                findings.append(f'{path}:1: has no modulepreload in index.html')
        findings += named_but_not_there(top, files)
    tree.finish(findings)


main()
