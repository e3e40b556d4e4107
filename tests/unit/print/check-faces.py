#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the cards of 60 sample members and looks at the PDF with tools that are not ours: qpdf, poppler, zbar.

    check-faces.py FACES PROGRAM LAYOUT FONTS SAMPLES

FACES is the program of faces.c.  Exit code 77 (skipped) when a tool is not installed.
"""
import base64
import csv
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PAGE = (85.60 / 25.4 * 72, 53.98 / 25.4 * 72)
TOOLS = ("qpdf", "pdffonts", "pdfinfo", "pdftotext", "pdftoppm", "zbarimg")
HARDEST = ("Константинопольская-Преображенская", "Александра", "Вячеславовна")
FINDINGS = []


def expect(held, what):
    if not held:
        FINDINGS.append(what)


def run(*command, **options):
    return subprocess.run(command, capture_output=True, check=False, **options)


def token(seed, size):
    """Bytes as random as a signature, in base32 as the QR code carries them."""
    data = b"".join(hashlib.sha256(f"{seed}/{i}".encode()).digest() for i in range(size // 32 + 1))[:size]
    return base64.b32encode(data).decode().rstrip("=")


def members(samples):
    with open(samples / "members-utf8.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    cards = []
    for index, row in enumerate(rows):
        photo = str(samples / "photos" / row["Фото"]) if row["Фото"] else ""
        name = HARDEST if index == 1 else (row["Фамилия"], row["Имя"], row["Отчество"])
        url = "https://pb.example/v#" + token(index, 215 + index)
        cards.append((*name, row["Первичная организация"], f"643750010000{index:04}", f"{104217 + index:010}",
                      row["Дата вступления"], "31.12.2031", url, "test" if index % 5 == 3 else "", photo))
    return cards


def draw(command, product, cards):
    text = "".join("\t".join(card) + "\n" for card in cards)
    done = run(*command, product, input=text.encode())
    if done.returncode != 0:
        sys.exit(f"faces failed: {done.stderr.decode()}")
    return done.stdout


def check_structure(pdf, pages):
    qpdf = run("qpdf", "--check", pdf)
    expect(qpdf.returncode == 0, f"qpdf --check: {qpdf.stdout.decode()}{qpdf.stderr.decode()}")
    info = run("pdfinfo", "-f", "1", "-l", str(pages), pdf)
    expect(not info.stderr, f"pdfinfo warns: {info.stderr.decode()}")
    expect(re.search(rf"Pages:\s+{pages}\n", info.stdout.decode()), "number of pages")
    return [tuple(map(float, found)) for found in re.findall(r"size:\s+([\d.]+) x ([\d.]+)", info.stdout.decode())]


def check_fonts(pdf):
    fonts = run("pdffonts", pdf)
    expect(not fonts.stderr, f"pdffonts warns: {fonts.stderr.decode()}")
    rows = fonts.stdout.decode().splitlines()[2:]
    expect(len(rows) >= 3, "at least three fonts")
    for row in rows:
        expect(re.search(r"Identity-H\s+yes yes yes", row), f"embedded, subset, with Unicode: {row}")


def plain(text):
    return re.sub("[- ]", "", text)


def check_text(pdf, cards):
    for index, card in enumerate(cards):
        page = str(2 * index + 1)
        done = run("pdftotext", "-f", page, "-l", page, pdf, "-")
        text = re.sub(r"\s+", " ", done.stdout.decode())
        expect(not done.stderr, f"pdftotext warns: {done.stderr.decode()}")
        number = " ".join(card[4][i:i + 4] for i in range(0, len(card[4]), 4))
        for wanted in (card[1], number, card[5], "31.12.2031"):
            expect(wanted in text, f"page {page}: {wanted!r} is not found")
        # a surname may be broken after its hyphen, which pdftotext takes for a syllable's
        expect(plain(card[0].upper()) in plain(text), f"page {page}: the surname is not found")


def check_codes(pdf, cards, folder):
    run("pdftoppm", "-e", "-r", "300", "-gray", pdf, str(folder / "page"))
    pictures = sorted(folder.glob("page-*.pgm"))
    expect(len(pictures) == len(cards), "a picture per back")
    for picture, card in zip(pictures, cards):
        read = run("zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", str(picture)).stdout.decode().strip()
        expect(read == card[8], f"{picture.name}: the QR code reads {read[:40]!r}")


def check_all(command, cards, folder):
    pdf, sheets = str(folder / "cards.pdf"), str(folder / "sheets.pdf")
    drawn = draw(command, "cards", cards)
    pathlib.Path(pdf).write_bytes(drawn)
    expect(drawn == draw(command, "cards", cards), "two runs give the same bytes")
    pathlib.Path(sheets).write_bytes(draw(command, "sheets", cards))
    for size in check_structure(pdf, 2 * len(cards)):
        expect(all(abs(a - b) < 0.01 for a, b in zip(size, PAGE)), f"the page is {size}")
    check_structure(sheets, 2 * -(-len(cards) // 10))
    check_fonts(pdf)
    check_fonts(sheets)
    check_text(pdf, cards)
    check_codes(pdf, cards, folder)
    print(f"{len(cards)} cards, {len(drawn)} bytes, {len(drawn) // len(cards)} a card")


def main():
    *command, samples = sys.argv[1:]
    if not all(shutil.which(tool) for tool in TOOLS):
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        check_all(command, members(pathlib.Path(samples)), pathlib.Path(folder))
    for finding in FINDINGS:
        print(finding)
    sys.exit(bool(FINDINGS))


main()
