#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts profbilet-keyd as its owner does, and tries as the same user to get at what it has.

    attach_keyd.py KEYD KEYS PASSPHRASE-FILE HELLO

HELLO is a file with the first request.  Prints a word for each attempt: "refused", or what could be had; first for
keyd, then for a process that hides nothing, to show that the attempts are meant seriously.
"""
import ctypes
import os
import resource
import signal
import socket
import sys

PTRACE_ATTACH = 16


def start(words, end=None):
    pid = os.fork()
    if pid == 0:
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        if end is not None:
            os.dup2(end, 3)
        os.execv(words[0], words)
    return pid


def attempts(pid):
    libc = ctypes.CDLL(None, use_errno=True)
    for name in ("mem", "environ", "maps", "fd"):
        try:
            path = f"/proc/{pid}/{name}"
            os.listdir(path) if name == "fd" else os.close(os.open(path, os.O_RDONLY))
            if name == "environ":
                open(path, "rb").read()
            yield name
        except OSError:
            yield "refused"
    yield "traced" if libc.ptrace(PTRACE_ATTACH, pid, None, None) == 0 else "refused"


def main():
    keyd, keys, passphrase, hello = sys.argv[1:]
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = start([keyd, "--keys", keys, "--passphrase-file", passphrase], theirs.fileno())
    theirs.close()
    ours.send(open(hello, "rb").read())
    answer = ours.recv(4096)
    print("keyd", "serves" if len(answer) > 60 else answer, *attempts(pid))
    os.kill(pid, signal.SIGABRT)
    status = os.waitpid(pid, 0)[1]
    print("aborted", os.WIFSIGNALED(status), "core", os.WCOREDUMP(status))
    other = start(["/bin/sleep", "100"])
    print("other", *attempts(other))
    os.kill(other, signal.SIGKILL)


main()
