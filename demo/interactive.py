# SPDX-License-Identifier: Apache-2.0
"""The demo for a person: a login prompt and the mailbox side by side. Runs inside enter.sh."""

import os
import pathlib
import shlex
import subprocess
import sys

from stage.machine import Machine

PASSWORD = "Old-harbour-stone-7"
WIDE = 130  # columns from which on both sides fit beside each other
INTRODUCTION = """\
This is a private machine: nothing here touches your own
accounts.

The other side is a real /bin/login. Sign in as

    alice     with the password     {password}

or forget it: type alice, then press Enter at the
password. The code comes by e-mail, which arrives here.
{authenticator}
Ctrl-B, then an arrow key: the other side.
F10: end the demo.
"""
AUTHENTICATOR = """\
She also has an authenticator app: press Enter on this
side to see what it shows.
"""


def show(folder, address):
    """Runs both sides until the person ends them."""
    sides = "-h -l 60" if os.get_terminal_size().columns >= WIDE else "-v -l 45%"
    here = pathlib.Path(__file__).parent
    quoted = [shlex.quote(str(here / name)) for name in ("tmux.conf", "login_again.sh")]
    watch = shlex.join([sys.executable, str(here / "mail_watch.py"), str(folder), address])
    tmux = "tmux -f {} new-session {} ';' split-window {} {} ';' select-pane -t 0".format(
        *quoted, sides, shlex.quote(watch)
    )
    # tmux needs a terminal of this machine; script(1) makes one and passes everything on.
    subprocess.run(["script", "--quiet", "--return", "--command", tmux, "/dev/null"], check=False)


def main():
    print("Starting the service and its mail server...", flush=True)
    with Machine(PASSWORD) as machine:
        has_app = bool(machine.alice.authenticator)
        folder = pathlib.Path("/run/sspr-demo")
        folder.mkdir(mode=0o700)
        (folder / "introduction").write_text(
            INTRODUCTION.format(password=PASSWORD, authenticator=AUTHENTICATOR if has_app else "")
        )
        (folder / "authenticator").write_text(machine.alice.authenticator)
        show(folder, "alice@example.org")
    print("The demo has ended; nothing of it is left running.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
