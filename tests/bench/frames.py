# SPDX-License-Identifier: Apache-2.0
"""The host's end of docs/frames.md: what a login does when it is asked and shown things."""

import socket
import struct
from dataclasses import dataclass

BEGIN, ANSWER, CANCEL = 1, 2, 3
INFO, ERROR, ASK_VISIBLE, ASK_HIDDEN, CHOOSE, WAIT, DONE = range(16, 23)
QUESTIONS = (ASK_VISIBLE, ASK_HIDDEN, CHOOSE)
PASSWORD_SET = 0


@dataclass
class Frame:
    kind: int
    payload: bytes

    def text(self):
        """What the person reads; labels of a choice on lines of their own."""
        if self.kind == CHOOSE:
            texts, rest = _string(self.payload)
            lines = [texts]
            count, rest = rest[0], rest[1:]
            for number in range(count):
                label, rest = _string(rest)
                lines.append(f"{number + 1} {label}")
            return "\n".join(lines)
        if self.kind == DONE:
            return _string(self.payload[3:])[0]
        return self.payload.decode()

    def outcome(self):
        return self.payload[0]


def _string(payload):
    size = struct.unpack(">H", payload[:2])[0]
    return payload[2:2 + size].decode(), payload[2 + size:]


class Host:
    """One connection to sspr-flow."""

    def __init__(self, path, user, service="login", language="en", terminal="tty1"):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(30)
        self._socket.connect(str(path))
        self._answers = 0
        strings = b"".join(struct.pack(">H", len(text.encode())) + text.encode()
                           for text in (service, user, language, terminal))
        self._send(BEGIN, bytes([1, 2]) + strings)

    def _send(self, kind, payload):
        self._socket.sendall(struct.pack(">BH", kind, len(payload)) + payload)

    def answer(self, text):
        self._send(ANSWER, struct.pack(">H", self._answers) + text.encode())
        self._answers += 1

    def next_frame(self):
        """The next frame, or None at the end of the connection."""
        header = self._exactly(3)
        if header is None:
            return None
        kind, size = struct.unpack(">BH", header)
        payload = self._exactly(size) if size else b""
        return None if payload is None else Frame(kind, payload)

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            piece = self._socket.recv(size - len(data))
            if not piece:
                return None
            data += piece
        return data

    def close(self):
        self._socket.close()
