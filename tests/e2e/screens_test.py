# SPDX-License-Identifier: Apache-2.0
"""Graphical front ends, each for real on a display without a monitor: what a person reads there is
read by optical character recognition, and each picture is kept beside the logs of the test."""

import contextlib
import pathlib
import re
import subprocess
import time

from e2e_case import E2eCase, main
from stage import login_stack
from stage.lightdm import LightDm
from stage.xscreen import XScreen, typable

PICTURES = pathlib.Path("/var/log/screens")


class Screens(E2eCase):
    def test_lightdm_with_its_gtk_greeter(self):
        self.machine.use_stack("lightdm", login_stack.BY_PROMPT)
        with LightDm(PICTURES) as display_manager:
            screen = display_manager.screen
            screen.wait_for("Log In")
            screen.answer(self.person.name, "empty if forgotten")
            screen.picture("lightdm-1-prompt")
            screen.answer("", "Press Enter to go on")
            screen.picture("lightdm-2-confirm")
            screen.answer("", "Code from the e-mail")
            screen.picture("lightdm-3-code")
            screen.answer(self._mailed_code(), "Choose a new password")
            screen.picture("lightdm-4-password")
            new = typable()
            screen.answer(new, "New password again")
            session = pathlib.Path("/tmp/session")
            screen.answer(new, lambda: session.exists() and session.read_text())
            screen.picture("lightdm-5-session")
        self.assertEqual(session.read_text().strip(), self.person.name)
        self.assert_password(new, refused=[self.person.password])

    def test_xscreensaver_resets_its_own_person_through_the_socket(self):
        self.machine.use_stack("xscreensaver", login_stack.BY_PROMPT)
        home = pathlib.Path("/home") / self.person.name
        (home / ".xscreensaver").write_text(
            "timeout: 0:10:00\nlock: True\nmode: blank\npasswdTimeout: 0:05:00\nsplash: False\n"
        )
        as_person = ["setpriv", "--reuid", self.person.name, "--regid", self.person.name, "--init-groups", "env",
                     f"HOME={home}", f"USER={self.person.name}", f"LOGNAME={self.person.name}"]
        with XScreen(PICTURES) as screen:
            self._start_xscreensaver(as_person, screen)
            self._command(as_person, screen, "-lock")
            screen.wait_for("empty if", meanwhile=screen.wake)
            screen.picture("xscreensaver-1-prompt")
            screen.type("")
            self._confirm(screen, "You can set a new password", "xscreensaver-2-message")
            screen.wait_for("Reset the")
            screen.picture("xscreensaver-3-confirm")
            screen.type("")
            self._confirm(screen, "A code was sent")
            screen.wait_for("Code from")
            screen.picture("xscreensaver-4-code")
            screen.type(self._mailed_code())
            self._confirm(screen, "Choose a new password")
            screen.wait_for("New password:")
            new = typable()
            screen.type(new)
            screen.wait_for("again:")
            screen.type(new)
            self._confirm(screen, "Your new password is set", "xscreensaver-5-set")
            self._wait_until_open(as_person, screen)
        self.assert_password(new, refused=[self.person.password])

    def test_i3lock_answers_everything_alike_and_stays_as_it_was(self):
        """Its file in Debian includes that of login, so our line is met there without being written."""
        password = typable()
        self.machine.run("chpasswd", stdin=f"{self.person.name}:{password}\n")
        with XScreen(PICTURES) as screen:
            locker = subprocess.Popen(
                ["setpriv", "--reuid", self.person.name, "--regid", self.person.name, "--init-groups",
                 "i3lock", "--nofork", "--color=303030"], env=screen.environment, stdin=subprocess.DEVNULL)
            self.addCleanup(locker.wait)
            self.addCleanup(locker.kill)
            for number, answer in enumerate(("?", "")):
                self._until(lambda: screen.has_colour("#303030"))
                screen.type(answer)
                if answer:
                    self._until(lambda: self._refusals() > number)
            self.assertIsNone(locker.poll(), "it is still locked")
            self.assertNotIn(f"reset for {self.person.name}", self._logged(), "no flow was begun")
            # It forgets what is typed while it says that the last answer was wrong.
            for _ in range(10):
                screen.type(password)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    locker.wait(timeout=6)
                    break
            self.assertEqual(locker.poll(), 0)

    @staticmethod
    def _logged():
        return pathlib.Path("/var/log/syslog").read_text(errors="replace")

    def _refusals(self):
        return len(re.findall(rf"pam_unix\(i3lock:auth\): authentication failure;.*user={self.person.name}",
                              self._logged()))

    def _until(self, true):
        deadline = time.monotonic() + 180
        while not true():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def _hand_off_on_a_console(self, name, *options):
        """Begins a reset in a terminal on the screen, chooses the phone, and gives what a phone reads."""
        self.machine.add_authenticator(self.person)
        self.machine.set_login_timeout(600)  # a machine that reads is slower than a person
        with XScreen(PICTURES) as screen:
            said = pathlib.Path(f"/tmp/{name}")  # what the terminal was told to show
            with open("/var/log/xterm.out", "ab") as log:
                terminal = subprocess.Popen(
                    ["xterm", "-fa", "DejaVu Sans Mono", "-bg", "black", "-fg", "white", "+sb", *options,
                     "-e", "script", "--quiet", "--flush", "--command", "/bin/login", str(said)],
                    env=screen.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            self.addCleanup(terminal.wait)
            self.addCleanup(terminal.kill)
            for expected, answer in (("login:", self.person.name), ("empty if forgotten", ""),
                                     ("Press Enter to go on", ""), ("Type the number", "3"),
                                     ("phone, press Enter", None)):
                self._until(lambda: said.exists() and expected in said.read_text(errors="replace"))
                if answer is not None:
                    screen.type(answer)
            # Told to show it, it has it on the screen soon.
            self._until(screen.codes)
            screen.picture(name)
            self.assertIn("Open https", screen.text(), "the address is still to be read")
            return screen.codes()

    def test_a_phone_reads_the_hand_off_from_a_console_of_80_by_24(self):
        codes = self._hand_off_on_a_console("hand-off-utf8", "-u8", "-fs", "14", "-geometry", "80x24+0+0")
        self.assertEqual(len(codes), 1)
        self.assertRegex(codes[0], re.escape(self.machine.service.url) + r"/portal/go#[A-Z]{4}-?[A-Z]{4}$")

    def test_a_phone_reads_it_from_a_console_without_utf8(self):
        codes = self._hand_off_on_a_console("hand-off-ascii", "+u8", "-fs", "12", "-geometry", "88x42+0+0")
        self.assertEqual(len(codes), 1)
        self.assertIn("/portal/go#", codes[0])

    def _mailed_code(self):
        return self.machine.code(self.person.mailbox.wait_for(1, "codes")[-1])

    def _confirm(self, screen, message, picture=None):
        """A message of this locker stays until it is confirmed."""
        screen.wait_for(message)
        if picture:
            screen.picture(picture)
        screen.type("")

    def _start_xscreensaver(self, as_person, screen):
        """One that gives up while the screen is young is started again."""
        for _ in range(3):
            with open("/var/log/xscreensaver.out", "ab") as log:
                locker = subprocess.Popen(
                    [*as_person, "xscreensaver", "--no-splash"], env=screen.environment,
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            self.addCleanup(locker.wait)
            self.addCleanup(locker.kill)
            deadline = time.monotonic() + 60
            while locker.poll() is None and time.monotonic() < deadline:
                if self._told(as_person, screen, "-time").returncode == 0:
                    return
                time.sleep(0.1)
            locker.kill()
            locker.wait()
        self.fail(pathlib.Path("/var/log/xscreensaver.out").read_text())

    @staticmethod
    def _told(as_person, screen, word):
        return subprocess.run([*as_person, "xscreensaver-command", word], env=screen.environment,
                              capture_output=True, text=True, timeout=30, check=False)

    def _command(self, as_person, screen, word):
        """Tells the locker something, as soon as it listens."""
        deadline = time.monotonic() + 90
        while True:
            done = self._told(as_person, screen, word)
            if done.returncode == 0:
                return done.stdout
            self.assertLess(time.monotonic(), deadline, done.stderr)
            time.sleep(0.1)

    def _wait_until_open(self, as_person, screen):
        deadline = time.monotonic() + 180
        while "locked" in self._command(as_person, screen, "-time"):
            self.assertLess(time.monotonic(), deadline, screen.text())
            time.sleep(0.2)


if __name__ == "__main__":
    main()
