# SPDX-License-Identifier: GPL-3.0-or-later
"""What every check of the tree needs: its files, its tables, and one way to say what was found.

A check is a program check-NAME.py [ROOT]; it prints one line `file:line: words` for each finding and
exits 1 when there is any.  ROOT is a parameter so that selftest.py can show each check a broken tree.
"""
import fnmatch
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def root():
    """The tree to check: the first argument, else the one this file stands in."""
    return os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, '..', '..'))


def files(top, *patterns):
    """Paths below `top`, sorted, whose name matches a pattern; build and hidden folders are left out."""
    found = []
    for folder, subfolders, names in os.walk(top):
        subfolders[:] = [s for s in subfolders if not s.startswith('.') and s not in ('node_modules', 'demo-office')
                         and not os.path.exists(os.path.join(folder, s, 'meson-private'))]
        found += [os.path.relpath(os.path.join(folder, name), top) for name in names
                  if any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]
    return sorted(found)


def text(top, path):
    with open(os.path.join(top, path), encoding='utf-8') as file:
        return file.read()


def table(name, columns, top=None):
    """Rows of a table file: words up to the last column, which takes the rest of the line; # comments."""
    rows = []
    path = os.path.join(top, 'tests', 'repo', name) if top else os.path.join(HERE, name)
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.startswith('#'):
                continue
            words = line.split(None, columns - 1)
            if len(words) < columns:
                sys.exit(f'{name}:{number}: {columns} columns are needed')
            rows.append([word.strip() for word in words])
    return rows


def without_comments(source, keep_strings=False):
    """C source with comments (and string contents) blanked out; lines stay where they are."""
    def blank(match):
        piece = match.group(0)
        if piece[0] in '"\'':
            return piece if keep_strings else piece[0] + piece[0]
        return re.sub(r'[^\n]', ' ', piece)

    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, source, flags=re.S)


def product_folders(top):
    """Folder -> floor, from layers.txt of the tree itself."""
    return {folder: int(floor) for floor, folder in table('layers.txt', 2, top)}


def home(path, folders):
    """The longest folder of the table that holds `path`, or None."""
    while path:
        path = os.path.dirname(path)
        if path in folders:
            return path
    return None


def finish(findings):
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)
