# SPDX-License-Identifier: Apache-2.0
"""Writes down what other users of the machine could have seen of its processes and screens, and
which one-time passcodes were in use, so that tests/canary can look for secrets where none may be.
"""

import json
import pathlib

# Every password of a test begins and ends with these; whoever cuts one leaves one of them.
CANARY_HEAD = "cAnAry7"
CANARY_TAIL = "yAj9bIrd"


class Observer:
    """Keeps processes.txt, screens.txt and codes.json (searched for, never in) in folder."""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._processes = set()
        self._codes = []

    def note_code(self, code):
        """Notes a one-time passcode that is about to be used."""
        if code not in self._codes:
            self._codes.append(code)
            (self._folder / "codes.json").write_text(json.dumps(self._codes))

    def look(self):
        """Notes argument list and environment of the processes that were not seen before."""
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            for part in ("cmdline", "environ"):
                try:
                    content = (process / part).read_bytes()
                except OSError:
                    continue
                if content and content not in self._processes:
                    self._processes.add(content)
                    with open(self._folder / "processes.txt", "ab") as file:
                        file.write(content.replace(b"\0", b"\n") + b"\n")

    def screen(self, name, text):
        """Keeps what a screen showed."""
        with open(self._folder / "screens.txt", "a", encoding="utf-8") as file:
            file.write(f"=== {name}\n{text}\n")
