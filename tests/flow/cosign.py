#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""cosign.py KEY.pem NAME [CHECKPOINT]: a witness (C2SP tlog-cosignature) that is not ours, with the signatures of openssl(1):
prints the verifier key of NAME, and appends its cosignature to the checkpoint where one is named."""
import base64
import hashlib
import subprocess
import sys
import tempfile
import time


def openssl(*words):
    return subprocess.run(['openssl', *words], capture_output=True, check=True).stdout


def main():
    key, name = sys.argv[1:3]
    public = openssl('pkey', '-in', key, '-pubout', '-outform', 'DER')[-32:]
    key_id = hashlib.sha256(name.encode() + b'\n\x04' + public).digest()[:4]
    print(f'{name}+{key_id.hex()}+{base64.b64encode(bytes([4]) + public).decode()}')
    if len(sys.argv) == 3:
        return
    with open(sys.argv[3], encoding='utf-8') as file:
        note = file.read()
    now = int(time.time())
    with tempfile.NamedTemporaryFile() as message:
        message.write(f'cosignature/v1\ntime {now}\n{note[:note.index(chr(10) * 2) + 1]}'.encode())
        message.flush()
        signature = openssl('pkeyutl', '-sign', '-rawin', '-inkey', key, '-in', message.name)
    with open(sys.argv[3], 'a', encoding='utf-8') as file:
        file.write(f'\u2014 {name} {base64.b64encode(key_id + now.to_bytes(8, "big") + signature).decode()}\n')


main()
