#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for the secrets of an office in what its programs wrote.

    find_secrets.py [--memory] [--pin FILE] OFFICE CARD TRACE FILE...

OFFICE is its folder, with keys/ and passphrase; CARD the file of a software card it issued, TRACE the trace of
that issue.  Every key is opened or derived anew here, with Python and openssl, and held against what is public, so
that it is certain that the right bytes are looked for.  Prints where one is found, as bytes, hex or base64.
With --memory the files are memory: keys are also looked for as OpenSSL's machine words have them, and session keys are
not looked for, since a station has those of the card it writes.
With --pin the office's keys are in a token, from which nobody gets them, and the PIN in FILE is looked for instead.
Ends with 1 when one was found, and with 0 and their number when none was.
"""
import argparse
import base64
import hashlib
import pathlib
import re
import subprocess
import sys

FACTORY = bytes(range(0x40, 0x50))
ISD = bytes.fromhex("A000000151000000")
UID_MAX, STATE_BEFORE_KEYS = 10, 7  # softcard/nvm.c: i, state, kvn, attempts, sequence


def openssl(*words, data=b""):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, check=True).stdout


def cmac(key, data):
    return openssl("mac", "-cipher", "AES-128-CBC", "-macopt", f"hexkey:{key.hex()}", "-binary", "-in", "-", "CMAC",
                   data=data)


def unseal(path, passphrase):
    """keys/crypto/sealed.h; GCM without its tag is CTR from 2."""
    sealed = path.read_bytes()
    assert sealed[:7] == b"PBSEAL\x01", path
    log_n, r, p = sealed[7:10]
    salt, nonce, purpose_n = sealed[10:26], sealed[26:38], sealed[38]
    secret_n = sealed[39 + purpose_n]
    secret = sealed[40 + purpose_n:40 + purpose_n + secret_n]
    key = hashlib.scrypt(passphrase, salt=salt, n=1 << log_n, r=r, p=p, dklen=32, maxmem=1 << 28)
    return openssl("enc", "-d", "-aes-256-ctr", "-K", key.hex(), "-iv", nonce.hex() + "00000002", data=secret)


def private_key(path, passphrase_file):
    text = openssl("pkey", "-in", str(path), "-passin", f"file:{passphrase_file}", "-text", "-noout").decode()
    digits = re.search(r"priv:\s*((?:[0-9a-f:]|\s)+?)\n\S", text).group(1)
    return bytes.fromhex(re.sub(r"[:\s]", "", digits))[-32:]


def card_secrets(path):
    image = path.read_bytes()
    at = image.index(b"\n") + 1
    uid = image[at + 1:at + 1 + image[at]]
    at += 1 + UID_MAX + STATE_BEFORE_KEYS
    keys = [image[at + 16 * i:at + 16 * (i + 1)] for i in range(3)]
    at += 3 * 16
    assert image[at] == 1, "the card has a key"
    return uid, keys, image[at + 1:at + 33]


def session_keys(trace, card_keys):
    """SCP03 (GPC Amendment D 4.1.5, 6.2.1) of every session in the trace."""
    found = []
    for command, answer in re.findall(r"^> 8050....08(.{16}).*\n< (\S{58,64})9000$", trace, re.M):
        host, answer = bytes.fromhex(command), bytes.fromhex(answer)
        enc, mac = (FACTORY, FACTORY) if answer[10] == 0xFF else card_keys[:2]
        context = host + answer[13:21]

        def derive(key, constant, bits):
            return cmac(key, bytes(11) + bytes([constant, 0, 0, bits, 1]) + context)[:bits // 8]

        s_mac = derive(mac, 6, 128)
        assert derive(s_mac, 0, 64) == answer[21:29], "the card's cryptogram"
        found += [derive(enc, 4, 128), s_mac, derive(mac, 7, 128)]
    assert len(found) >= 6, "two sessions in the trace"
    return found


def sealed_secrets(keys, passphrase, uid, card_keys):
    master = unseal(keys / "card-master-applet-30.key", passphrase)
    for number, key in enumerate(card_keys, 1):
        assert cmac(master, b"\x01" + uid + ISD + b"PB" + bytes([number])) == key, "the card's keys are the master's"
    yield "master key", master
    yield "pseudonym key", unseal(keys / "pseudonym.key", passphrase)


def secrets_of(office, card, trace, pin):
    keys, passphrase = office / "keys", (office / "passphrase").read_bytes().strip()
    uid, card_keys, scalar = card_secrets(card)
    yield "passphrase", passphrase
    yield "passphrase, bytes", bytes.fromhex(passphrase.decode())
    if pin:
        yield "PIN", pin.read_bytes().strip()
    else:
        yield from sealed_secrets(keys, passphrase, uid, card_keys)
    yield "card's private key", scalar
    for path in sorted(keys.glob("*.key")):
        if path.read_bytes().startswith(b"-----"):
            yield path.name, private_key(path, office / "passphrase")
    yield from ((f"card key {i}", key) for i, key in enumerate(card_keys, 1))
    yield from ((f"session key {i}", key) for i, key in enumerate(session_keys(trace.read_text(), card_keys), 1))


def forms(secret, memory):
    yield secret
    if memory and len(secret) == 32:
        yield secret[::-1]
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    yield base64.b64encode(secret).rstrip(b"=")[:-1]
    yield base64.urlsafe_b64encode(secret).rstrip(b"=")[:-1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--pin", type=pathlib.Path)
    for name, count in ("office", None), ("card", None), ("trace", None), ("files", "+"):
        parser.add_argument(name, type=pathlib.Path, nargs=count)
    words = parser.parse_args()
    secrets, leaks = dict(secrets_of(words.office, words.card, words.trace, words.pin)), 0
    if words.memory:
        secrets = {name: secret for name, secret in secrets.items() if not name.startswith("session key")}
    for path in words.files:
        content = path.read_bytes()
        for name, secret in secrets.items():
            if any(form in content for form in forms(secret, words.memory)):
                print(f"{name} is in {path}")
                leaks += 1
    print(f"{len(secrets)} secrets, {len(words.files)} files")
    sys.exit(1 if leaks else 0)


main()
