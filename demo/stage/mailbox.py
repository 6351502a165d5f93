# SPDX-License-Identifier: Apache-2.0
"""The mailbox of one person as the SMTP sink delivered it."""

import email
import email.policy
import pathlib
import re
import time


class Mailbox:
    def __init__(self, folder, address):
        self._new = pathlib.Path(folder) / address / "new"

    def messages(self):
        """All messages, oldest first."""
        if not self._new.is_dir():
            return []
        return [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in sorted(self._new.iterdir())
        ]

    def codes(self):
        """The one-time passcodes of all messages, oldest first."""
        found = (
            re.search(r"(?<!\d)(\d{6}|\d{8})(?!\d)", text_of(message))
            for message in self.messages()
        )
        return [match.group(1) for match in found if match]

    def wait_for(self, count, what="messages", seconds=20):
        """Waits until there are count messages (or codes) and gives them."""
        deadline = time.monotonic() + seconds
        while len(found := getattr(self, what)()) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(found)} {what} in {self._new}, {count} expected")
            time.sleep(0.02)
        return found


def text_of(message):
    """The readable text of a message."""
    body = message.get_body(preferencelist=("plain",))
    return body.get_content() if body else ""
