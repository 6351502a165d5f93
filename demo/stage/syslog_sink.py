# SPDX-License-Identifier: Apache-2.0
"""What the programs of the private machine write to syslog, in a file: listens on /dev/log."""

import os
import pathlib
import re
import socket
import threading
import time


class SyslogSink:
    def __init__(self, path):
        self._path = pathlib.Path(path)
        self._file = open(path, "ab", buffering=0)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.bind("/dev/log")
        os.chmod("/dev/log", 0o666)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            self._file.write(self._socket.recv(65536).rstrip(b"\0\n") + b"\n")

    def text(self):
        return self._path.read_text(encoding="utf-8", errors="replace")

    def mark(self):
        """A place in the log; give it to wait_for to look at later lines only."""
        return len(self.text())

    def wait_for(self, pattern, since=0, seconds=10):
        """Waits until a line matches the regular expression and gives the match."""
        deadline = time.monotonic() + seconds
        while not (match := re.search(pattern, self.text()[since:])):
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"no line of the log matches {pattern!r}:\n{self.text()[since:]}"
                )
            time.sleep(0.02)
        return match
