# SPDX-License-Identifier: Apache-2.0
"""What a person does at a login prompt, step by step."""

import base64
import hashlib
import hmac
import struct
import time

from stage import words


def totp(base32_secret, at=None):
    """The code that an authenticator app shows (RFC 6238, SHA-1, 30 seconds, six digits)."""
    step = int((time.time() if at is None else at) // 30)
    padded = base32_secret + "=" * (-len(base32_secret) % 8)
    digest = hmac.new(base64.b32decode(padded), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1000000:06d}"


def to_password_prompt(terminal, name):
    """At /bin/login: types the name and waits for the prompt of the module."""
    terminal.expect(words.LOGIN)
    terminal.type(name)
    terminal.expect(words.PASSWORD)


def begin(terminal):
    """At the module's prompt: says "forgotten" and "go on"."""
    terminal.type("", hidden=True)
    terminal.expect(words.CONFIRM)
    terminal.type("")


def to_mailed_code(terminal, machine, person, sent_before):
    """Takes the e-mail where there is a choice, waits for the code prompt and for the mail; gives the
    code."""
    if terminal.expect(words.METHOD, words.CODE_PROMPT) == 0:
        terminal.type("1")
        terminal.expect(words.CODE_PROMPT)
    return machine.code(person.mailbox.wait_for(sent_before + 1, "codes")[-1])


def choose_password(terminal, password):
    """Types the new password twice."""
    terminal.expect(words.NEW_PASSWORD)
    terminal.type(password, hidden=True)
    terminal.expect(words.REPEAT)
    terminal.type(password, hidden=True)


def to_shell(terminal, name):
    """Waits for the shell, asks it who it is, and leaves."""
    terminal.expect(words.SHELL)
    terminal.type("echo I am $(id -un)")
    terminal.expect(f"I am {name}")
    terminal.expect(words.SHELL)
    terminal.type("exit")
    terminal.wait_for_end()
