#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""hold_ceremony.py [--interrupt-at TEXT] OUT PAPER COMMAND...: the people of a key ceremony, at a terminal of its own.

Runs the command on a pseudo-terminal; when it waits for shares, copies OUT/share-N.pdf to PAPER, as a printer
would, and types each from its paper by scanning; answers yes; with --interrupt-at presses Ctrl-C when that text is
seen.  With OUT "-" the papers are there already: PAPER/share-N.pdf.  The screen goes to stdout; the exit code is
the command's."""
import glob
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import time


def scan(pdf):
    with tempfile.TemporaryDirectory() as pages:
        subprocess.run(['pdftoppm', '-r', '150', '-gray', pdf, pages + '/page'], check=True)
        return subprocess.run(['zbarimg', '--nodbus', '--quiet', '--raw'] + glob.glob(pages + '/*.pgm'), check=True,
                              capture_output=True, text=True).stdout.strip()


class Screen:
    def __init__(self, fd):
        self.fd, self.text, self.told = fd, '', 0

    def wait_for(self, words, seconds=60):
        """Until one of the words is on the screen, after what was seen before; None at the end."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = [(self.text.find(word, self.told), word) for word in words if word in self.text[self.told:]]
            if found:
                at, word = min(found)
                self.told = at + len(word)
                return word
            try:
                data = os.read(self.fd, 4096)
            except OSError:
                data = b''
            if not data:
                return None
            self.text += data.decode(errors='replace')
        return None

    def type(self, line):
        os.write(self.fd, line.encode() + b'\n')




def hold(screen, out, paper, interrupt):
    number = 0
    while True:
        wanted = ['the QR code: ', '(yes/no) '] + ([interrupt] if interrupt else [])
        seen = screen.wait_for(wanted)
        if seen is None:
            return
        if seen == interrupt:
            os.write(screen.fd, b'\x03')
            interrupt = None
            continue
        if seen == '(yes/no) ':
            screen.type('yes')
            continue
        if number == 0 and out != '-':
            os.makedirs(paper, exist_ok=True)
            for page in glob.glob(out + '/share-*.pdf'):
                shutil.copy(page, paper)
        number += 1
        screen.type(scan(f'{paper}/share-{number}.pdf'))


def main():
    words, interrupt = sys.argv[1:], None
    if words[0] == '--interrupt-at':
        interrupt, words = words[1], words[2:]
    out, paper, command = words[0], words[1], words[2:]
    child, fd = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    screen = Screen(fd)
    hold(screen, out, paper, interrupt)
    print(screen.text.replace('\r', ''))
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)


main()
