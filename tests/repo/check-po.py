#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""po/ru.po is whole: every sentence of every file is there, translated, not fuzzy, and nothing is left over."""
import os
import re
import subprocess
import tempfile

import tree

MARKED = re.compile(r'(?<![A-Za-z0-9_])(?:_|N_|ngettext)\s*\("')
EXTRACT = ['xgettext', '--from-code=UTF-8', '--language=C', '--keyword', '--keyword=_', '--keyword=N_',
           '--keyword=ngettext:1,2']


def run(words, top):
    result = subprocess.run(words, cwd=top, capture_output=True, text=True, check=False,
                            env=dict(os.environ, LC_ALL='C.UTF-8', LANGUAGE='en'))
    return result.returncode, result.stderr


def main():
    top, findings = tree.root(), []
    listed = [line for line in tree.text(top, 'po/POTFILES').splitlines() if line and not line.startswith('#')]
    for path in tree.files(top, '*.c', '*.h', '*.def'):
        marked = MARKED.search(tree.without_comments(tree.text(top, path), keep_strings=True))
        if marked and not path.startswith('tests/') and path not in listed:
            findings.append(f'{path}:1: has sentences, but is not in po/POTFILES')
    for language in tree.text(top, 'po/LINGUAS').split():
        po = f'po/{language}.po'
        with tempfile.TemporaryDirectory() as folder:
            pot = os.path.join(folder, 'new.pot')
            for words in (['msgfmt', '--check', '-o', os.devnull, po], EXTRACT + ['-o', pot] + listed, ['msgcmp', po, pot]):
                code, said = run(words, top)
                if code != 0 or (words[0] == 'msgcmp' and 'warning' in said):
                    findings.append(f'{po}:1: {words[0]} says:\n{said}')
                    break
        if re.search(r'^#~', tree.text(top, po), re.M):
            findings.append(f'{po}:1: holds sentences that nothing says any more (#~)')
    tree.finish(findings)


main()
