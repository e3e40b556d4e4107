#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The card of bench_faces.c, drawn with reportlab: same fonts, texts, photo, shapes and QR code.

    bench_faces.py single|batch SECONDS LAYOUT FONTS PHOTOS URL      -> faces per second of processor time
    bench_faces.py draw 0 LAYOUT FONTS PHOTOS URL                    -> the document of one card

What reportlab need not do for each document, it does not: the layout is read, its numbers are computed and the
fonts are loaded once.  Its font object keeps what a document has used under that document and drops it when the
document is saved, so each still embeds a subset of its own.  Photos are handed over by path, which is
reportlab's quickest way: it passes the file through.  Of its settings the quickest are taken: no ASCII letters in
every subset, used or not, and no base 85 around streams.  Every text stands at its first size: measuring is left
out.  The QR code is made by reportlab's encoder from the same two segments as ours and drawn as runs, as ours is.

With "" for URL no code is made or drawn.
"""
import functools
import io
import pathlib
import sys
import time

from reportlab import rl_config
from reportlab.graphics.barcode import qrencoder
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

MM = 72 / 25.4
WIDTH, HEIGHT = 85.60, 53.98
BATCH = 50
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
    for name, path in layout.fonts.items():
        pdfmetrics.registerFont(TTFont(name, path))


def number(element, key):
    return float(element.get(key, ["0"])[0])


# Each element becomes a function of (page, photo, modules) with all numbers at hand.


def trace_path(layout, element):
    """The steps of a path: the name of reportlab's method, and points of the page."""
    path = layout.named("path." + element["path"][0])
    scale = float(element.get("scale", ["1"])[0])
    steps = []
    for mirror in [None] + [float(value) for value in path.get("mirror", [])]:
        words = " ".join(path["d"]).split()
        while words:
            op = words.pop(0)
            p = [float(words.pop(0)) for _ in range({"M": 2, "L": 2, "C": 6, "Z": 0}[op])]
            if mirror is not None:
                p[::2] = [mirror - x for x in p[::2]]
            p = [number(element, "xy"[i % 2]) + scale * value for i, value in enumerate(p)]
            p = [(value if i % 2 == 0 else HEIGHT - value) * MM for i, value in enumerate(p)]
            steps.append(({"M": "moveTo", "L": "lineTo", "C": "curveTo", "Z": "close"}[op], p))
    return steps


def draw_path(steps, stroke, fill, page, _photo, _modules):
    shape = page.beginPath()
    for method, points in steps:
        getattr(shape, method)(*points)
    page.drawPath(shape, stroke=stroke, fill=fill)


def draw_box(x, y, w, h, stroke, fill, page, _photo, _modules):
    page.rect(x, y, w, h, stroke=stroke, fill=fill)


def draw_photo(x, y, w, h, page, photo, _modules):
    page.drawImage(photo, x, y, w, h)


def draw_text(right, font, size, x, y, text, page, _photo, _modules):
    page.setFont(font, size)
    (page.drawRightString if right else page.drawString)(x, y, text)


def draw_qr(left, top, dot, page, _photo, modules):
    for row, line in enumerate(modules):
        y = top - (row + 1) * dot
        start = 0
        while start < len(line):
            end = start
            while end < len(line) and line[end]:
                end += 1
            if end > start:
                page.rect(left + start * dot, y, (end - start) * dot, dot, stroke=0, fill=1)
            start = end + 1


def plan_text(element):
    text = element["text"][0]
    for word in sorted(WORDS, key=len, reverse=True):
        text = text.replace("$" + word, WORDS[word])
    font, size = element["try"][0].split()[:2]
    return functools.partial(draw_text, element.get("align") == ["right"], font, float(size), number(element, "x") * MM,
                             (HEIGHT - number(element, "y")) * MM, text)


def plan_shape(layout, element):
    kind, stroke, fill = element["draw"][0], "stroke" in element, "fill" in element
    x, y, w, h = (number(element, key) for key in "xywh")
    if kind == "box":
        return functools.partial(draw_box, x * MM, (HEIGHT - y - h) * MM, w * MM, h * MM, stroke, fill)
    if kind == "photo":
        return functools.partial(draw_photo, x * MM, (HEIGHT - y - h) * MM, w * MM, h * MM)
    if kind == "path":
        return functools.partial(draw_path, trace_path(layout, element), stroke, fill)
    if kind == "qr":
        return functools.partial(draw_qr, x * MM, (HEIGHT - y) * MM, 4 * 25.4 / 300 * MM)
    return plan_text(element)


def plan_side(layout, side):
    """Colours and line of each element, and what draws it."""
    plans = []
    for element in layout.side(side):
        if element.get("when", ["photo"])[0] not in ("photo", "return"):
            continue
        fill, stroke = (layout.palette[element[key][0]] if key in element else None for key in ("fill", "stroke"))
        plans.append((fill, stroke, number(element, "line") * MM, plan_shape(layout, element)))
    return plans


def draw_side(page, plans, photo, modules):
    for fill, stroke, line, draw in plans:
        if fill:
            page.setFillColorCMYK(*fill)
        if stroke:
            page.setStrokeColorCMYK(*stroke)
            page.setLineWidth(line)
        draw(page, photo, modules)
    page.showPage()


def draw_document(sides, photos, url, cards):
    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=(WIDTH * MM, HEIGHT * MM), pageCompression=1)
    for photo in photos[:cards]:
        modules = qr_modules(url)
        for plans in sides:
            draw_side(page, plans, photo, modules)
    page.save()
    return out.getvalue()


def qr_modules(url):
    if not url:
        return []
    prefix = url.index("#") + 1
    code = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
    code.addData(url[:prefix])
    code.addData(url[prefix:])
    code.make()
    return code.modules


def main():
    mode, seconds, layout_path, fonts, folder, url = sys.argv[1:]
    layout = Layout(layout_path, fonts)
    rl_config.useA85 = rl_config.ttfAsciiReadable = 0
    register_fonts(layout)
    sides = [plan_side(layout, side) for side in ("front", "back")]
    photos = sorted(str(path) for path in pathlib.Path(folder).iterdir())
    cards = BATCH if mode == "batch" else 1
    first = draw_document(sides, photos, url, 1)  # before the clock starts: modules of Python are loaded
    if mode == "draw":
        sys.stdout.buffer.write(first)
        return
    drawn, start = 0, time.process_time()
    while time.process_time() - start < float(seconds):
        draw_document(sides, photos, url, cards)
        drawn += 2 * cards
    print(f"{drawn / (time.process_time() - start):.1f}")


main()
