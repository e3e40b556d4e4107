#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The card of bench_faces.c, drawn with reportlab: same fonts, texts, photo, shapes and QR code.

    bench_faces.py single|batch SECONDS LAYOUT FONTS PHOTO URL      -> faces per second

The drawing reads card.layout, but every text stands at its first size: measuring is a favour to reportlab
left out.  The QR code is made by reportlab's encoder and drawn as runs, as ours is; SECONDS 0 draws one document.

With `noqr` for URL no code is made or drawn.
"""
import io
import sys
import time

from reportlab.graphics.barcode import qrencoder
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

MM = 72 / 25.4
WIDTH, HEIGHT = 85.60, 53.98
BATCH = 100
WORDS = {
    "surname": "ЖАМСАРАНОВА", "given": "Вера Баировна", "organisation": "МБОУ «СОШ № 30 имени С.А. Коровина» г. Чита",
    "number": "6437 5001 0000 1234", "serial": "0000104217", "since": "09.2014", "until": "31.12.2031",
    "title_line": "Профсоюз образования", "organisation_line": "Забайкальская краевая организация",
    "return_line": "672000, г. Чита, ул. Примерная, д. 1", "contact_line": "тел. 8 (3022) 00-00-00 · pb.example",
    "issuer": "Профсоюз образования — Забайкальская краевая организация",
}


class Layout:
    """card.layout, believed as it stands."""

    def __init__(self, path, fonts):
        self.sections = []
        with open(path, encoding="utf-8") as file:
            for line in map(str.strip, file):
                if line.startswith("["):
                    self.sections.append((line[1:-1], {}))
                elif line and not line.startswith("#"):
                    key, value = (part.strip() for part in line.split("=", 1))
                    self.sections[-1][1].setdefault(key, []).append(value)
        self.palette = {key: [float(n) / 100 for n in value[0].split()] for key, value in self.named("palette").items()}
        self.fonts = {key: f"{fonts}/{value[0]}" for key, value in self.named("fonts").items()}

    def named(self, name):
        return next(keys for section, keys in self.sections if section == name)

    def side(self, side):
        return [keys for section, keys in self.sections if section.startswith(side + ".")]


def register_fonts(layout):
    """A document of its own embeds its own subset: reportlab keeps that state in the font object."""
    for name, path in layout.fonts.items():
        pdfmetrics.registerFont(TTFont(name, path))


def number(element, key):
    return float(element.get(key, ["0"])[0])


def draw_path(page, layout, element):
    path = layout.named("path." + element["path"][0])
    mirrors = [None] + [float(value) for value in path.get("mirror", [])]
    scale = float(element.get("scale", ["1"])[0])
    shape = page.beginPath()
    for mirror in mirrors:
        words = " ".join(path["d"]).split()
        while words:
            op = words.pop(0)
            count = {"M": 2, "L": 2, "C": 6, "Z": 0}[op]
            p = [float(words.pop(0)) for _ in range(count)]
            if mirror is not None:
                p[::2] = [mirror - x for x in p[::2]]
            p = [number(element, "xy"[i % 2]) + scale * value for i, value in enumerate(p)]
            p = [(value if i % 2 == 0 else HEIGHT - value) * MM for i, value in enumerate(p)]
            {"M": shape.moveTo, "L": shape.lineTo, "C": shape.curveTo, "Z": shape.close}[op](*p)
    page.drawPath(shape, stroke="stroke" in element, fill="fill" in element)


def draw_text(page, element):
    text = element["text"][0]
    for word in sorted(WORDS, key=len, reverse=True):
        text = text.replace("$" + word, WORDS[word])
    font, size = element["try"][0].split()[:2]
    draw = page.drawRightString if element.get("align") == ["right"] else page.drawString
    page.setFont(font, float(size))
    draw(number(element, "x") * MM, (HEIGHT - number(element, "y")) * MM, text)


def draw_qr(page, element, modules):
    dot = 4 * 25.4 / 300
    for row, line in enumerate(modules):
        start = 0
        while start < len(line):
            end = start
            while end < len(line) and line[end]:
                end += 1
            if end > start:
                page.rect((number(element, "x") + start * dot) * MM, (HEIGHT - number(element, "y") - (row + 1) * dot) * MM,
                          (end - start) * dot * MM, dot * MM, stroke=0, fill=1)
            start = end + 1


def draw_element(page, layout, element, photo, modules):
    kind = element["draw"][0]
    if "fill" in element:
        page.setFillColorCMYK(*layout.palette[element["fill"][0]])
    if "stroke" in element:
        page.setStrokeColorCMYK(*layout.palette[element["stroke"][0]])
        page.setLineWidth(number(element, "line") * MM)
    x, y, w, h = (number(element, key) for key in "xywh")
    if kind == "box":
        page.rect(x * MM, (HEIGHT - y - h) * MM, w * MM, h * MM, stroke="stroke" in element, fill="fill" in element)
    elif kind == "photo":
        page.drawImage(photo, x * MM, (HEIGHT - y - h) * MM, w * MM, h * MM)
    elif kind == "path":
        draw_path(page, layout, element)
    elif kind == "qr":
        draw_qr(page, element, modules)
    else:
        draw_text(page, element)


def draw_document(layout, sides, photo_path, code, cards):
    register_fonts(layout)
    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=(WIDTH * MM, HEIGHT * MM), pageCompression=1)
    for _ in range(cards):
        modules = code()
        for side in sides:
            photo = ImageReader(photo_path)
            for element in side:
                draw_element(page, layout, element, photo, modules)
            page.showPage()
    page.save()
    return out.getvalue()


def qr_modules(url):
    if url == "noqr":
        return []
    code = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
    code.addData(url)
    code.make()
    return [[bool(module) for module in row] for row in code.modules]


def main():
    mode, seconds, layout_path, fonts, photo, url = sys.argv[1:]
    layout = Layout(layout_path, fonts)
    sides = [[e for e in layout.side(side) if e.get("when", ["photo"])[0] in ("photo", "return")] for side in ("front", "back")]
    cards = BATCH if mode == "batch" else 1
    drawn, start = 0, time.monotonic()
    while time.monotonic() - start < float(seconds):
        draw_document(layout, sides, photo, lambda: qr_modules(url), cards)
        drawn += 2 * cards
    print(f"{drawn / (time.monotonic() - start):.1f}")


main()
