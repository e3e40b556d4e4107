#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check_trust_list.py LIST ROOT.pem: a trust list as a stranger reads it, with his own few lines of CBOR and openssl
for the chain and the signature.  Says its number and its issuers, or fails."""
import hashlib
import subprocess
import sys
import tempfile


def take(data, at):
    """The item at that place, and the place after it."""
    major, small = data[at] >> 5, data[at] & 31
    at += 1
    if small < 24:
        value = small
    else:
        size = 1 << (small - 24)
        value, at = int.from_bytes(data[at:at + size], 'big'), at + size
    if major == 0:
        return value, at
    if major == 1:
        return -1 - value, at
    if major in (2, 3):
        raw = data[at:at + value]
        return (raw if major == 2 else raw.decode()), at + value
    if major == 4:
        items = []
        for _ in range(value):
            item, at = take(data, at)
            items.append(item)
        return items, at
    if major == 5:
        pairs = {}
        for _ in range(value):
            key, at = take(data, at)
            pairs[key], at = take(data, at)
        return pairs, at
    if major == 6:
        item, at = take(data, at)
        return (value, item), at
    return {20: False, 21: True, 22: None}[value], at


def head(major, n):
    return bytes([major << 5 | n]) if n < 24 else bytes([major << 5 | 24, n]) if n < 256 else \
        bytes([major << 5 | 25]) + n.to_bytes(2, 'big') if n < 65536 else bytes([major << 5 | 26]) + n.to_bytes(4, 'big')


def der(signature):
    """r || s as OpenSSL has it."""
    parts = b''
    for half in (signature[:32], signature[32:]):
        number = half.lstrip(b'\0')
        number = b'\0' + number if number[:1] >= b'\x80' else number
        parts += b'\x02' + bytes([len(number)]) + number
    return b'\x30' + bytes([len(parts)]) + parts


def main():
    with open(sys.argv[1], 'rb') as file:
        data = file.read()
    (tag, (protected, unprotected, payload, signature)), end = take(data, 0)
    assert tag == 18 and unprotected == {} and end == len(data)
    header, claims = take(protected, 0)[0], take(payload, 0)[0]
    assert header[1] == -7 and header[16] == 'application/vnd.profbilet.trustlist+cwt'
    signed = b'\x84' + head(3, 10) + b'Signature1' + head(2, len(protected)) + protected + head(2, 0) + \
        head(2, len(payload)) + payload
    with tempfile.TemporaryDirectory() as place:
        for name, content in (('cert.der', header[33]), ('sig', der(signature)), ('signed', signed)):
            with open(f'{place}/{name}', 'wb') as file:
                file.write(content)

        def openssl(*words):
            return subprocess.run(['openssl', *words], cwd=place, check=True, capture_output=True).stdout

        openssl('x509', '-inform', 'DER', '-in', 'cert.der', '-out', 'cert.pem')
        with open(sys.argv[2], 'rb') as root, open(f'{place}/root.pem', 'wb') as copy:
            copy.write(root.read())
        openssl('verify', '-x509_strict', '-attime', str(claims[6]), '-CAfile', 'root.pem', 'cert.pem')
        with open(f'{place}/key.pem', 'wb') as key:
            key.write(openssl('x509', '-in', 'cert.pem', '-noout', '-pubkey'))
        openssl('dgst', '-sha256', '-verify', 'key.pem', '-signature', 'sig', 'signed')
        spki = openssl('pkey', '-pubin', '-in', 'key.pem', '-outform', 'DER')
        usage = openssl('x509', '-in', 'cert.pem', '-noout', '-ext', 'extendedKeyUsage').decode()
    assert hashlib.sha256(spki).digest()[:8] == header[4] and '1.3.6.1.4.1.32473.75.3' in usage
    issuers = claims[-65538][2]
    print(claims[-65538][1], *(f"{i[1].hex()} {i[2]} {i[9]} {'TEST' if i.get(10) else 'real'}" for i in issuers), sep='\n')


main()
