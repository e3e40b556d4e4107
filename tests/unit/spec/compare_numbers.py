#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares each number of card-applet-spec/README.md with applet.h, both ways."""
import pathlib
import re
import sys


def numbers_of_header(text):
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    found = {}
    for name, literal in re.findall(r'#define\s+(\w+)\s+"([^"]*)"', text):
        found[name] = bytes(literal, "ascii").decode("unicode_escape").encode("latin-1").hex().upper()
    for name, value in re.findall(r"^\s*(?:#define\s+)?([A-Z][A-Z0-9_]+)\s*(?:=\s*|\s+)(0x[0-9A-Fa-f]+|\d+)\s*,?\s*$", text, re.M):
        found[name] = int(value, 0)
    return found


def numbers_of_prose(text):
    found = {}
    for name, value in re.findall(r"^\| `([A-Z0-9_]+)` \| ([0-9A-Fa-fx]+) \|", text, re.M):
        found[name] = value
    for name, value in re.findall(r"`([A-Z0-9_]+_LEN)` (\d+)", text):
        found[name] = value
    return found


def same(ours, theirs):
    return ours == theirs if isinstance(ours, str) else re.fullmatch(r"0x[0-9A-F]+|\d+", theirs) and ours == int(theirs, 0)


def main():
    folder = pathlib.Path(sys.argv[1])
    header = numbers_of_header((folder / "applet.h").read_text())
    prose = numbers_of_prose((folder / "README.md").read_text())
    faults = [f"{name} is only in {where}" for where, a, b in (("applet.h", header, prose), ("README.md", prose, header))
              for name in sorted(a.keys() - b.keys())]
    faults += [f"{name}: applet.h has {header[name]}, README.md has {prose[name]}"
               for name in sorted(header.keys() & prose.keys()) if not same(header[name], prose[name])]
    print("\n".join(faults) or f"{len(header)} numbers agree")
    return bool(faults) or len(header) < 90


sys.exit(main())
