#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for the secrets of an office in what its programs wrote.

    find_secrets.py [--memory] [--pin FILE] [--trace FILE] [--paper FOLDER] [--cards PATH] OFFICE PATH...

OFFICE is its folder, with keys/ and passphrase; --cards the file of a software card it issued, or a folder where such
are; --trace the trace of an issue to the first of them; --paper the pages with the shares of its keys.  Every key is
opened or derived anew here, with Python and openssl, and held against what is public, so that it is certain that the
right bytes are looked for.

PATH is a file, or a folder with all that lies in it but what is secret itself: private keys, the passphrase,
software cards.  A PDF is also looked into without its compression, as text and, for shares, by its QR codes.  Prints
where a secret is found: as bytes, alone or in a PKCS#8 key, in hex, in base64 wherever it begins in it.
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
import tempfile

FACTORY = bytes(range(0x40, 0x50))
ISD = bytes.fromhex("A000000151000000")
UID_MAX, STATE_BEFORE_KEYS, KVN = 10, 7, 2  # softcard/nvm.c: i, state, kvn, attempts, sequence
RUN = 5  # words of a share that are no chance


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
    """The uid, the version of its keys, the keys and, once it has one, the private key."""
    image = path.read_bytes()
    at = image.index(b"\n") + 1
    uid = image[at + 1:at + 1 + image[at]]
    kvn = image[at + 1 + UID_MAX + KVN]
    at += 1 + UID_MAX + STATE_BEFORE_KEYS
    keys = [image[at + 16 * i:at + 16 * (i + 1)] for i in range(3)]
    at += 3 * 16
    return uid, kvn, keys, image[at + 1:at + 33] if image[at] == 1 else None


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


def check_diversified(master, uid, card_keys):
    for number, key in enumerate(card_keys, 1):
        assert cmac(master, b"\x01" + uid + ISD + b"PB" + bytes([number])) == key, "the card's keys are the master's"


def cards_of(path, keys, passphrase, in_token):
    """Those that have keys of this office."""
    for card in [path] if path.is_file() else sorted(path.rglob("*.card")):
        uid, kvn, card_keys, scalar = card_secrets(card)
        if card_keys[0] == FACTORY:
            continue
        if not in_token:
            check_diversified(unseal(keys / f"card-master-applet-{kvn:02X}.key", passphrase), uid, card_keys)
        yield from ((f"key {number} of card {uid.hex()}", key) for number, key in enumerate(card_keys, 1))
        yield f"private key of card {uid.hex()}", scalar


def scan(pdf):
    with tempfile.TemporaryDirectory() as pages:
        subprocess.run(["pdftoppm", "-r", "150", "-gray", pdf, pages + "/page"], check=True)
        images = map(str, sorted(pathlib.Path(pages).iterdir()))
        return subprocess.run(["zbarimg", "--nodbus", "--quiet", "--raw", *images], check=False, capture_output=True).stdout


def shares_of(paper):
    """A share as its QR code, its bytes, and every run of the words that are its own (keys/shares.h)."""
    for page in sorted(paper.glob("share-*.pdf")):
        text = scan(page).strip()
        assert text.startswith(b"PBS1:"), page
        share = base64.b32decode(text[5:] + b"=" * (-len(text[5:]) % 8))
        assert hashlib.sha256(share[:-2]).digest()[:2] == share[-2:], "its checksum"
        raw = subprocess.run(["pdftotext", "-raw", page, "-"], check=True, capture_output=True).stdout
        words = [word for _, word in sorted((int(n), word) for n, word in re.findall(rb"^(\d+) (\S+)$", raw, re.M))]
        assert len(words) == len(share) == 40, "a word for each byte"
        yield f"{page.name}, QR code", text[5:]
        yield f"{page.name}, value", share[6:-2]
        own = range(6, 38)  # before them what all shares of a set have, after them the checksum
        yield from ((f"{page.name}, words from {i + 1}", b"".join(words[i:i + RUN])) for i in own[:-RUN + 1])


def secrets_of(words):
    keys, passphrase = words.office / "keys", (words.office / "passphrase").read_bytes().strip()
    yield "passphrase", passphrase
    yield "passphrase, bytes", bytes.fromhex(passphrase.decode())
    for path in sorted(keys.glob("*.key")):
        sealed = not path.read_bytes().startswith(b"-----")
        yield path.name, unseal(path, passphrase) if sealed else private_key(path, words.office / "passphrase")
    if words.pin:
        yield "PIN", words.pin.read_bytes().strip()
    cards = list(cards_of(words.cards, keys, passphrase, words.pin)) if words.cards else []
    assert cards or not words.cards, "cards with keys"
    yield from cards
    if words.trace and not words.memory:
        session = session_keys(words.trace.read_text(), [key for _, key in cards[:3]])
        yield from ((f"session key {i}", key) for i, key in enumerate(session, 1))
    if words.paper:
        yield from shares_of(words.paper)


# ---- looking


def base64_forms(secret):
    """Whatever comes before it: the letters that are its own alone."""
    for before in range(3):
        text = base64.b64encode(bytes(before) + secret)[-(-before * 8 // 6):(before + len(secret)) * 8 // 6]
        yield text
        yield text.translate(bytes.maketrans(b"+/", b"-_"))


def forms(secret, memory):
    yield secret
    if memory and len(secret) == 32:
        yield secret[::-1]
    for digits in (secret.hex(), secret.hex(":"), secret.hex(" ")):
        yield digits.encode()
        yield digits.upper().encode()
    yield from base64_forms(secret)


def views(path, words):
    content = path.read_bytes()
    yield content
    if words.memory:
        return
    yield re.sub(rb"[\s\d]+", b"", content)  # numbered words, and what is wrapped
    yield re.sub(rb"\s+", b"", content)
    if not content.startswith(b"%PDF"):
        return
    yield subprocess.run(["qpdf", "--qdf", "--object-streams=disable", path, "-"], check=True, capture_output=True).stdout
    text = subprocess.run(["pdftotext", "-raw", path, "-"], check=True, capture_output=True).stdout
    yield re.sub(rb"\s+", b"", text)
    yield re.sub(rb"[\s\d]+", b"", text)
    if words.paper:
        yield scan(path)


def files_of(path, office):
    own = office / "passphrase"
    for file in [path] if not path.is_dir() else sorted(path.rglob("*")):
        if path.is_dir() and (not file.is_file() or file == own or file.suffix == ".card" or
                              (file.suffix == ".key" and file.parent == office / "keys")):
            continue
        yield file


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory", action="store_true")
    for option in ("--pin", "--trace", "--paper", "--cards"):
        parser.add_argument(option, type=pathlib.Path)
    parser.add_argument("office", type=pathlib.Path)
    parser.add_argument("paths", type=pathlib.Path, nargs="+")
    words = parser.parse_args()
    needles = {name: set(forms(secret, words.memory)) for name, secret in secrets_of(words)}
    files, leaks = [file for path in words.paths for file in files_of(path, words.office)], 0
    for path in files:
        found = set()
        for content in views(path, words):
            found |= {name for name, secret in needles.items() if any(form in content for form in secret)}
        for name in sorted(found):
            print(f"{name} is in {path}")
            leaks += 1
    print(f"{len(needles)} secrets, {len(files)} files")
    sys.exit(1 if leaks else 0)


main()
