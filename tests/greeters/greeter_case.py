# SPDX-License-Identifier: Apache-2.0
"""What the tests of greeters share: a booted Debian with our packages and the greeters of other people
on it, a person, and a real service. Each test program: NAME_test.py BUILD DEBS ROOT (run_all.sh)."""

import os
import pathlib
import shutil
import subprocess
import sys
import time
import unittest

ROOT = sys.argv.pop()
DEBS = pathlib.Path(sys.argv.pop()).resolve()
BUILD = pathlib.Path(sys.argv.pop()).resolve()
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "demo"))
sys.path.insert(0, str(HERE.parent / "packages"))

from booted_root import BootedRoot  # noqa: E402
from own_service import OwnService, address_of  # noqa: E402
from stage.mailbox import Mailbox  # noqa: E402
from stage.xscreen import typable  # noqa: E402

MODULE = "/usr/lib/x86_64-linux-gnu/security/pam_sspr.so"
# The desktop of a person who came in: says who it is, in a window that fills the screen.
SESSION = """\
#!/bin/sh
id -un > "$HOME/session"
exec xterm -geometry 90x40+0+0 -fa 'DejaVu Sans Mono' -fs 16 \\
  -e sh -c 'echo "The session of $(id -un)"; sleep 600'
"""


class Person:
    def __init__(self, name, mail):
        self.name = name
        self.password = typable()
        self.mailbox = Mailbox(mail, address_of(name))

    def next_code(self, sent):
        """The code of the mail behind so many others."""
        return self.mailbox.wait_for(sent + 1, "codes")[-1]


class GreeterCase(unittest.TestCase):
    """One root for all tests of a program."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = BUILD / "greeters" / pathlib.Path(sys.argv[0]).stem
        shutil.rmtree(cls.scratch, ignore_errors=True)
        cls.scratch.mkdir(parents=True)
        cls.pictures = cls.scratch / "screens"
        cls.root = cls.enterClassContext(BootedRoot(ROOT, cls.scratch / "root", cls.before_boot))
        cls.service = OwnService(cls.root, cls.scratch)
        sink = cls.service.start_mail()
        cls.addClassCleanup(sink.wait)
        cls.addClassCleanup(sink.kill)
        cls._install()
        cls.service.set_up()
        cls.service.start()
        cls.service.enrol_machine()
        cls._people = 0

    @classmethod
    def before_boot(cls, path):
        """No greeter starts by itself, and there is one session to be started in."""
        (path / "etc/systemd/system/display-manager.service").unlink(missing_ok=True)
        (path / "etc/systemd/system/default.target").symlink_to("/lib/systemd/system/multi-user.target")
        session = path / "usr/local/bin/test-session"
        session.write_text(SESSION)
        session.chmod(0o755)
        for kind in ("xsessions", "wayland-sessions"):
            for file in (path / "usr/share" / kind).glob("*"):
                file.unlink()
        (path / "usr/share/xsessions").mkdir(exist_ok=True)
        (path / "usr/share/xsessions/test.desktop").write_text(
            "[Desktop Entry]\nName=Test\nExec=/usr/local/bin/test-session\nType=Application\n")

    @classmethod
    def _install(cls):
        names = []
        for package in ("libpam-sspr", "sspr-service", "sspr-tools"):
            deb = next(DEBS.glob(f"{package}_*.deb"))
            shutil.copy(deb, cls.root.path / "root")
            names.append(f"/root/{deb.name}")
        cls.root.run("dpkg", "--install", *names)

    def new_person(self):
        type(self)._people += 1
        person = Person(f"person{self._people}", self.service.mail)
        self.root.run("useradd", "--create-home", "--shell", "/bin/bash", person.name)
        self.root.run("chpasswd", stdin=f"{person.name}:{person.password}\n")
        self.service.add_person(person.name, person.password)
        return person

    def offer(self, trigger="prompt"):
        """Has the package put its profile into common-auth."""
        self.assertIn("a normal login answers", self.root.run("sspr-profile", "enable", trigger).stdout)

    def start(self, *command, **keywords):
        """Starts a program in the root; it ends with the test."""
        log = self.enterContext(open(self.scratch / f"{pathlib.Path(command[0]).name}.log", "ab"))
        process = self.root.start(*command, stdout=log, stderr=log, **keywords)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def session_of(self, person):
        """Whether the person's session has begun, as a function."""
        return lambda: self.root.exists(f"/home/{person.name}/session")

    def until(self, true, seconds=90):
        deadline = time.monotonic() + seconds
        while not (found := true()):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        return found

    def assert_password(self, person, password, refused=()):
        """Both the machine and the service take this password, and none of the refused ones."""
        self.assertTrue(self.local_accepts(person.name, password), "not set on the machine")
        self.assertTrue(self.service.accepts(person.name, password), "not set at the service")
        for other in refused:
            self.assertFalse(self.local_accepts(person.name, other))
            self.assertFalse(self.service.accepts(person.name, other))

    def local_accepts(self, name, password):
        """Whether the machine's own file has this password."""
        field = self.root.run("getent", "shadow", name).stdout.split(":")[1]
        asks = "import crypt, sys; stored = sys.stdin.readline().strip(); typed = sys.stdin.readline().strip(); " \
               "sys.exit(crypt.crypt(typed, stored) != stored)"
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", asks], input=f"{field}\n{password}\n",
                              text=True, check=False)
        return done.returncode == 0

    def running(self):
        """The names of all that runs in the root."""
        return self.root.run("sh", "-c", "cat /proc/[0-9]*/comm 2>/dev/null", check=False).stdout.split()

    def journal(self):
        return self.root.run("journalctl", "--no-pager", "-b", "-o", "cat").stdout


def main():
    os.umask(0o022)
    ended = unittest.main(verbosity=2, exit=False)
    if not ended.result.wasSuccessful():
        for case in GreeterCase.__subclasses__():
            root = getattr(case, "root", None)
            print("\n".join(root.journal.splitlines()[-120:]) if root else "")
        sys.exit(1)
    if ended.result.skipped:
        sys.exit(77)
