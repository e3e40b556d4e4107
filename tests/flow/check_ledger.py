#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check_ledger.py VKEY FOLDER|PROOF...: an exported ledger, or the proof of one entry, as a stranger verifies it: written
from docs/ledger.md alone, with hashlib, and openssl for Ed25519.  Says what it saw, or fails."""
import base64
import hashlib
import pathlib
import subprocess
import sys
import tempfile

HAS = {1: {4, 20, 21}, 2: {13, 19}, 3: {5, 6, 7, 9, 10, 14, 16, 17}, 4: {5, 11}, 5: {5, 11}, 6: {5, 11, 12}, 7: {5, 11, 12},
       8: {5, 11, 12}, 9: {5, 11, 18}, 10: {19}, 11: {23}, 12: {5, 11}, 13: {5, 11}, 14: {23, 24}, 15: {7, 19}, 16: {19, 25},
       17: {5, 11, 26}, 18: {12, 25}, 19: {19, 20, 21, 25, 29}}
MAY = {2: {8}, 3: {8, 18}, 4: {22, 26}, 6: {8}, 7: {8}, 8: {8}, 12: {8}, 13: {8}, 14: {25, 26, 27, 28}, 15: {8}, 16: {8}, 18: {5, 8, 11},
       19: {8}}


def sha(*parts):
    return hashlib.sha256(b''.join(parts)).digest()


def mth(hashes):
    """RFC 9162 2.1.1, of leaf hashes."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha()
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return sha(b'\x01', mth(hashes[:k]), mth(hashes[k:]))


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    size = next(s for s in (1, 2, 4, 8) if n < 1 << 8 * s)
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[size]]) + n.to_bytes(size, 'big')


def cbor(value):
    """Deterministic: the shortest heads, keys in order."""
    if value is True:
        return b'\xf5'
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b''.join(map(cbor, value))
    return head(5, len(value)) + b''.join(cbor(k) + cbor(value[k]) for k in sorted(value))


def take(data, at):
    major, n, at = data[at] >> 5, data[at] & 31, at + 1
    if major == 7 and n == 21:
        return True, at
    if n >= 24:
        size = {24: 1, 25: 2, 26: 4, 27: 8}[n]
        n, at = int.from_bytes(data[at:at + size], 'big'), at + size
    if major == 0:
        return n, at
    if major in (2, 3):
        raw = data[at:at + n]
        return (raw if major == 2 else raw.decode()), at + n
    items = []
    for _ in range({4: n, 5: 2 * n}[major]):
        item, at = take(data, at)
        items.append(item)
    return (items if major == 4 else dict(zip(items[::2], items[1::2]))), at


def decode(raw):
    entry, at = take(raw, 0)
    keys = set(entry) - {1, 2, 3, 15}
    assert at == len(raw) <= 1024 and cbor(entry) == raw and entry[1] == 1
    assert HAS[entry[2]] <= keys <= HAS[entry[2]] | MAY.get(entry[2], set()), entry
    return entry


def signed(note, vkey):
    """The origin, size and root of a checkpoint that this key has signed."""
    name, key_id, key = vkey.split('+', 2)
    key = base64.b64decode(key)
    assert key[0] == 1 and sha(name.encode(), b'\n', key)[:4].hex() == key_id
    text, lines = note.decode().rsplit('\n\n', 1)
    text += '\n'
    line = next(line for line in lines.split('\n') if line.startswith(f'\u2014 {name} '))
    signature = base64.b64decode(line.split(' ')[2])
    assert signature[:4].hex() == key_id
    with tempfile.TemporaryDirectory() as folder:
        files = {'key': bytes.fromhex('302a300506032b6570032100') + key[1:], 'text': text.encode(), 'sig': signature[4:]}
        for file, content in files.items():
            pathlib.Path(folder, file).write_bytes(content)
        subprocess.run(['openssl', 'pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-inkey', 'key', '-rawin', '-in', 'text',
                        '-sigfile', 'sig'], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    origin, size, root = text.splitlines()
    assert origin == name
    return int(size), base64.b64decode(root)


def tile(folder, kind, index, width):
    digits = f'{index:03}'.zfill(-(-len(f'{index:03}') // 3) * 3)
    groups = [digits[i:i + 3] for i in range(0, len(digits), 3)]
    path = folder / 'tile' / str(kind) / '/'.join(['x' + g for g in groups[:-1]] + groups[-1:])
    partial = path.with_name(f'{path.name}.p') / str(width)
    return (partial if width < 256 and partial.exists() else path).read_bytes()


def check_folder(folder, vkey):
    size, root = signed((folder / 'checkpoint').read_bytes(), vkey)
    leaves, kinds, received, last, own = [], {}, 0, 0, None
    for first in range(0, size, 256):
        width = min(256, size - first)
        data, at = tile(folder, 'entries', first // 256, width), 0
        for _ in range(width):
            n = int.from_bytes(data[at:at + 2], 'big')
            raw, at = data[at + 2:at + 2 + n], at + 2 + n
            entry = decode(raw)
            assert entry[3] >= last and (entry[2] == 1) == (not leaves)
            own = entry.get(21, own)
            last = entry[3]
            received += entry[19] if entry[2] == 2 else 0
            leaves.append(sha(b'\x00', raw))
            kinds[entry[2]] = kinds.get(entry[2], 0) + 1
            assert entry[15][0] == received
    assert mth(leaves) == root and own == vkey, 'the root or the key is another'
    level, hashes = 0, leaves
    while hashes:
        for first in range(0, len(hashes), 256):
            part = hashes[first:first + 256]
            assert tile(folder, level, first // 256, len(part))[:32 * len(part)] == b''.join(part)
        hashes = [mth(hashes[i:i + 256]) for i in range(0, len(hashes) - 255, 256)]
        level += 1
    print(f'{size} entries, {kinds.get(3, 0)} begun, {kinds.get(4, 0)} issued, {level} levels')


def check_proof(file, vkey):
    lines, note = file.read_bytes().split(b'\n\n', 1)
    first, extra, index, *path = lines.decode().split('\n')
    assert first == 'c2sp.org/tlog-proof@v1'
    raw, index = base64.b64decode(extra.removeprefix('extra ')), int(index.removeprefix('index '))
    size, root = signed(note, vkey)
    r, fn, sn = sha(b'\x00', raw), index, size - 1
    for p in map(base64.b64decode, path):
        assert sn > 0
        if fn & 1 or fn == sn:
            r = sha(b'\x01', p, r)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha(b'\x01', r, p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0 and r == root, 'not in the tree'
    print(f'entry {index} of {size}: type {decode(raw)[2]}, card {decode(raw).get(5)}')


for name in map(pathlib.Path, sys.argv[2:]):
    (check_folder if name.is_dir() else check_proof)(name, sys.argv[1])
