# SPDX-License-Identifier: Apache-2.0
"""Writes down what other users of the machine could have seen of its processes, and which secrets were
in use, so that tests/canary can look for the ones in the other."""

import json
import pathlib


class Observer:
    """Keeps processes.txt and secrets.json in folder; secrets.json is what is searched for, never in."""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._processes = set()
        self._secrets = {"passwords": [], "codes": []}

    def secret(self, kind, value):
        """Notes a secret that is about to be used; gives it back."""
        if value not in self._secrets[kind]:
            self._secrets[kind].append(value)
            (self._folder / "secrets.json").write_text(json.dumps(self._secrets))
        return value

    def look(self):
        """Notes argument list and environment of all processes that were not seen like this before."""
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
