#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""find_person.py learn OFFICE.DB NUMBER PHOTO NEEDLES: writes down every byte string by which a person of the office
could be known: names in the encodings of lists, number, telephone, address, salts and signed records as they are, in hex
and in base64, and every piece of the photo.
find_person.py search NEEDLES FOLDER...: says which of them lie in which file; exit code 1 when any does."""
import base64
import json
import os
import sqlite3
import sys

ENCODINGS = ('utf-8', 'cp1251', 'cp866', 'koi8-r', 'utf-16-le', 'utf-16-be')
PIECE = 32  # bytes of the photo; a byte less than a line of it is never met by chance


def of_text(name, text):
    for encoding in ENCODINGS:
        try:
            yield f'{name} in {encoding}', text.encode(encoding)
        except UnicodeEncodeError:
            pass


def of_bytes(name, data):
    yield name, data
    yield f'{name} in hex', data.hex().encode()
    yield f'{name} in HEX', data.hex().upper().encode()
    yield f'{name} in base64', base64.b64encode(data)


def pieces_of(photo):
    """But for those that another photo of the folder has: tables of the format, and no part of anybody."""
    folder = os.path.dirname(photo)
    others = []
    for name in os.listdir(folder):
        if name != os.path.basename(photo):
            with open(os.path.join(folder, name), 'rb') as file:
                others.append(file.read())
    with open(photo, 'rb') as file:
        data = file.read()
    for at in range(0, len(data) - PIECE, PIECE):
        piece = data[at:at + PIECE]
        if len(set(piece)) > PIECE // 2 and not any(piece in other for other in others):
            yield f'photo at {at}', piece


def learn(path, number, photo, needles_path):
    db = sqlite3.connect(f'file:{path}?mode=ro', uri=True)
    row = db.execute('SELECT surname, name, patronymic, search, phone, email, position FROM member WHERE number = ?',
                     (number,)).fetchone()
    needles = []
    for name, text in zip(('surname', 'name', 'patronymic', 'folded name', 'telephone', 'address', 'position'), row):
        needles += of_text(name, text)
        needles += of_text(f'{name} in capitals', text.upper())
    needles += of_text('number', number)
    needles += of_text('number in groups', ' '.join(number[i:i + 4] for i in range(0, 16, 4)))
    for i, (salt, chip, face, point) in enumerate(db.execute(
            'SELECT salt, chip_token, face_token, point FROM card WHERE member_number = ?', (number,))):
        for name, data in (('salt', salt), ('credential of the chip', chip), ('credential of the face', face), ('chip key', point)):
            needles += of_bytes(f'{name} of card {i + 1}', data)
    needles += pieces_of(photo)
    with open(needles_path, 'w', encoding='utf-8') as file:
        json.dump([(name, data.hex()) for name, data in needles], file)
    print(len(needles))


def files_of(folders):
    for folder in folders:
        for place, _, names in os.walk(folder):
            for name in names:
                yield os.path.join(place, name)


def search(needles_path, folders):
    with open(needles_path, encoding='utf-8') as file:
        needles = [(name, bytes.fromhex(data)) for name, data in json.load(file)]
    kinds, files = set(), 0
    for path in files_of(folders):
        with open(path, 'rb') as file:
            content = file.read()
        files += 1
        for name, data in needles:
            if data in content:
                kind = name.split(' at ')[0]
                if (path, kind) not in kinds:
                    print(f'{path}: {name}')
                kinds.add((path, kind))
    print(f'{files} files, {len(needles)} byte strings, {len(kinds)} found')
    return 1 if kinds else 0


if sys.argv[1] == 'learn':
    learn(*sys.argv[2:6])
else:
    sys.exit(search(sys.argv[2], sys.argv[3:]))
