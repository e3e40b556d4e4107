#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps what is in the memory of an office's processes while they work.

    dump_memory.py PID FOLDER

Of the process PID and of all it starts, but not of profbilet-keyd, every page that can be read and is not a file's is written to
FOLDER/NAME-PID.N, again and again until PID ends; of profbilet-keyd the newest alone, to FOLDER/keyd, to show that
what is looked for would be found.  Only root may look into processes that have made themselves untraceable.
Prints the names of the processes that were seen.
"""
import os
import pathlib
import signal
import sys
import time

DUMPS_MAX, PAUSE, LEAST = 40, 0.05, 20_000  # of each process; seconds between two; bytes of one


def read(path):
    try:
        return pathlib.Path(path).read_text()
    except OSError:
        return ""


def children(pid):
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, read(task).split()):
            yield child
            yield from children(child)


def dump(pid, path):
    maps = read(f"/proc/{pid}/maps")
    try:
        with open(f"/proc/{pid}/mem", "rb", 0) as memory, open(path, "wb") as out:
            for line in maps.splitlines():
                span, mode, *rest = line.split()
                start, end = (int(x, 16) for x in span.split("-"))
                if mode[0] != "r" or rest[-1] in ("[vvar]", "[vsyscall]") or (mode[1] != "w" and rest[-1][0] == "/"):
                    continue  # or the program itself, as its file has it
                try:
                    memory.seek(start)
                    out.write(memory.read(end - start))
                except OSError:
                    pass
            return out.tell()
    except OSError:
        return 0  # it has ended


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def look(pid, name, n, folder):
    path = folder / ("keyd" if name == "profbilet-keyd" else f"{name}-{pid}.{n}")
    fresh = folder / "fresh"
    send(pid, signal.SIGSTOP)  # one moment of it; and the others do not run ahead of us
    whole = dump(pid, fresh) > LEAST
    send(pid, signal.SIGCONT)
    if whole:
        fresh.rename(path)
    return whole


def main():
    root, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    dumps, last, names = {}, {}, set()
    while read(f"/proc/{root}/maps"):
        # Those that were seen least come first: some live for a moment only.
        for pid in sorted([root, *children(root)], key=lambda pid: dumps.get(pid, 0)):
            name = read(f"/proc/{pid}/cmdline").split("\0")[0].rsplit("/", 1)[-1]
            if not name.startswith("profbilet"):
                continue  # forked, and not yet the program it will be
            if time.monotonic() - last.get(pid, 0) > PAUSE and dumps.get(pid, 0) < DUMPS_MAX:
                last[pid] = time.monotonic()
                if look(pid, name, dumps.get(pid, 0), folder):
                    dumps[pid] = dumps.get(pid, 0) + 1
                    names.add(name)
                break
        time.sleep(0.002)
    (folder / "fresh").unlink(missing_ok=True)
    print(*sorted(names))


main()
