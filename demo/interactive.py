# SPDX-License-Identifier: Apache-2.0
"""The demo for a person: a login prompt and the mailbox side by side. Runs inside enter.sh."""

import pathlib
import shlex
import subprocess
import sys

from stage.machine import Machine

HERE = pathlib.Path(__file__).parent
PASSWORD = "Old-harbour-stone-7"
INTRODUCTION = """\
This is a private machine: nothing here touches your own accounts.

Left is a real /bin/login. Sign in as

    alice        with the password    {password}

or forget it: type alice, then press Enter at the
password. The code comes by e-mail, which arrives below.
{authenticator}
Ctrl-B, then an arrow key: the other side.   F10: end the demo.
"""
AUTHENTICATOR = """\
She also has an authenticator app: press Enter on this side
to see what it shows.
"""


def main():
    print("Starting the service and its mail server...", flush=True)
    with Machine(PASSWORD) as machine:
        alice = machine.alice
        folder = pathlib.Path("/run/sspr-demo")
        folder.mkdir(mode=0o700)
        (folder / "introduction").write_text(
            INTRODUCTION.format(
                password=PASSWORD, authenticator=AUTHENTICATOR if alice.authenticator else ""
            )
        )
        (folder / "authenticator").write_text(alice.authenticator)
        watch = shlex.join(
            [sys.executable, str(HERE / "mail_watch.py"), str(folder), "alice@example.org"]
        )
        # tmux needs a terminal of this machine; script(1) makes one and passes everything on.
        tmux = shlex.join(
            [
                "tmux",
                "-f",
                str(HERE / "tmux.conf"),
                "new-session",
                str(HERE / "login_again.sh"),
                ";",
                "split-window",
                "-h",
                "-l",
                "62",
                watch,
                ";",
                "select-pane",
                "-L",
            ]
        )
        subprocess.run(
            ["script", "--quiet", "--return", "--command", tmux, "/dev/null"], check=False
        )
    print("The demo has ended; nothing of it is left running.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
