# SPDX-License-Identifier: Apache-2.0
"""The right side of the demo: prints each e-mail as it was delivered, and on Enter what the
authenticator app shows. mail_watch.py FOLDER ADDRESS"""

import os
import pathlib
import select
import sys
import textwrap
import time

from stage.journey import totp
from stage.machine import MAIL
from stage.mailbox import Mailbox, text_of


def show(message):
    width = os.get_terminal_size().columns - 1
    print("-" * width)
    for header in ("From", "To", "Subject"):
        print(f"{header}: {message[header]}")
    print()
    text = "\n".join(text_of(message).splitlines()).strip("\n")
    print(
        "\n\n".join(textwrap.fill(paragraph, width) for paragraph in text.split("\n\n")), flush=True
    )


def main():
    folder, address = pathlib.Path(sys.argv[1]), sys.argv[2]
    secret = (folder / "authenticator").read_text()
    print((folder / "introduction").read_text(), flush=True)
    mailbox, shown = Mailbox(MAIL, address), 0
    while True:
        for message in mailbox.messages()[shown:]:
            show(message)
            shown += 1
        if select.select([sys.stdin], [], [], 0.3)[0]:
            if not sys.stdin.readline():
                return
            if secret:
                left = 30 - int(time.time()) % 30
                print(f"The authenticator app shows {totp(secret)} (for {left} s more)", flush=True)


if __name__ == "__main__":
    main()
