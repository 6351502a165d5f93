# SPDX-License-Identifier: Apache-2.0
"""A real SMTP server that stores each message as a file of a maildir: mail_sink.py PORT FOLDER.

Listens on loopback only. FOLDER gets tmp and new as in a maildir, one subfolder per recipient. Ends
with its parent's namespace or on SIGTERM.
"""

import itertools
import os
import pathlib
import signal
import sys
import time

from aiosmtpd.controller import Controller


class Sink:
    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self._serial = itertools.count(1)

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if "/" in address or address.startswith("."):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        for recipient in envelope.rcpt_tos:
            box = self._folder / recipient
            for part in ("tmp", "new"):
                (box / part).mkdir(parents=True, exist_ok=True)
            name = f"{time.time_ns()}.{next(self._serial)}.eml"
            (box / "tmp" / name).write_bytes(envelope.original_content)
            os.rename(box / "tmp" / name, box / "new" / name)
        return "250 delivered"


def main():
    port, folder = int(sys.argv[1]), sys.argv[2]
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    controller = Controller(Sink(folder), hostname="127.0.0.1", port=port)
    controller.start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    controller.stop()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
