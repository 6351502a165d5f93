# SPDX-License-Identifier: Apache-2.0
"""A new password that the service demands, in front ends other than the text console: LightDM's greeter,
which changes it behind the password (PAM_NEW_AUTHTOK_REQD), and two lockers that ask for the password and
for nothing else, so that it is demanded within the authentication."""

import pathlib
import subprocess
import time

from e2e_case import E2eCase, journey, main, words
from stage import login_stack
from stage.lightdm import LightDm
from stage.xscreen import XScreen, typable

PICTURES = pathlib.Path("/var/log/screens")
DEMANDED = "a new password is needed for this account"


class Demands(E2eCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine.enrol_device()
        cls.machine.service.control("policy", "set", "risk.reset_from", "high")

    def setUp(self):
        super().setUp()
        self.person.password = typable()
        address = f"{self.person.name}@example.org"
        control = self.machine.service.control
        self.machine.run("chpasswd", stdin=f"{self.person.name}:{self.person.password}\n")
        control("users", "set-password", address, stdin=self.person.password + "\n")
        control("risk", "set", address, "high", "--detail", "password in a phish")

    def as_person(self):
        home = pathlib.Path("/home") / self.person.name
        return ["setpriv", "--reuid", self.person.name, "--regid", self.person.name, "--init-groups", "env",
                f"HOME={home}", f"USER={self.person.name}", f"LOGNAME={self.person.name}"]

    def code(self):
        return self.machine.code(self.person.mailbox.wait_for(1, "codes")[-1])

    def test_lightdm_changes_it_behind_the_password(self):
        self.machine.use_stack("lightdm", login_stack.BY_PROMPT)
        self.machine.use_phases()
        self.addCleanup(login_stack.remove_phases)
        session = pathlib.Path("/tmp/session")
        with LightDm(PICTURES) as display_manager:
            screen = display_manager.screen
            screen.wait_for("Log In")
            screen.answer(self.person.name, "empty if forgotten")
            screen.answer(self.person.password, "Press Enter to go on")
            screen.picture("lightdm-demand-1-confirm")
            self.assertIn("new password is needed", screen.text())
            self.assertFalse(session.exists(), "nobody is in yet")
            screen.answer("", "Code from the e-mail")
            screen.answer(self.code(), "Choose a new password")
            screen.picture("lightdm-demand-2-password")
            new = typable()
            screen.answer(new, "New password again")
            screen.answer(new, lambda: session.exists() and session.read_text())
        self.assertEqual(session.read_text().strip(), self.person.name)
        self.assert_password(new, refused=[self.person.password])

    def test_lightdm_lets_nobody_in_who_does_not_set_one(self):
        self.machine.use_stack("lightdm", login_stack.BY_PROMPT)
        self.machine.use_phases()
        self.addCleanup(login_stack.remove_phases)
        session = pathlib.Path("/tmp/session")
        session.unlink(missing_ok=True)
        with LightDm(PICTURES) as display_manager:
            screen = display_manager.screen
            screen.wait_for("Log In")
            screen.answer(self.person.name, "empty if forgotten")
            screen.answer(self.person.password, "Press Enter to go on")
            screen.type("n")
            self.until(lambda: f"reset for {self.person.name}: Nothing was changed" in self.log())
            screen.wait_for("Password", "password")
            screen.picture("lightdm-demand-3-refused")
            self.assertFalse(session.exists())
        self.assertTrue(self.machine.local_accepts(self.person.name, self.person.password))

    def test_vlock_demands_it_within_the_authentication(self):
        self.machine.use_stack("vlock", login_stack.BY_DEMAND, "limit=10000")
        locked = self.terminal(*self.as_person(), "vlock")
        locked.expect("Please press [ENTER] to unlock.")
        locked.type("")
        locked.expect(words.PLAIN_PASSWORD)
        locked.type(self.person.password, hidden=True)
        locked.expect(DEMANDED)
        locked.expect(words.CONFIRM)
        locked.type("")
        locked.type(journey.to_mailed_code(locked, self.machine, self.person, 0))
        new = self.machine.new_password()
        journey.choose_password(locked, new)
        self.assertEqual(locked.wait_for_end(), 0)
        self.assert_password(new, refused=[self.person.password])

    def test_xscreensaver_demands_it_within_the_authentication(self):
        self.machine.use_stack("xscreensaver", login_stack.BY_DEMAND, "limit=10000")
        (pathlib.Path("/home") / self.person.name / ".xscreensaver").write_text(
            "timeout: 0:10:00\nlock: True\nmode: blank\npasswdTimeout: 0:05:00\nsplash: False\n")
        with XScreen(PICTURES) as screen:
            with open("/var/log/xscreensaver.out", "ab") as log:
                locker = subprocess.Popen([*self.as_person(), "xscreensaver", "--no-splash"],
                                          env=screen.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            self.addCleanup(locker.wait)
            self.addCleanup(locker.kill)
            self.command(screen, "-lock")
            screen.wait_for("Password:", meanwhile=screen.wake)
            screen.type(self.person.password)
            screen.wait_for("new password is needed")
            screen.picture("xscreensaver-demand-1-message")
            screen.type("")
            screen.wait_for("Reset the")
            self.assertIn("locked", self.command(screen, "-time"), "it is still locked")
            screen.type("")
            screen.wait_for("A code was sent")
            screen.type("")
            screen.wait_for("Code from")
            screen.type(self.code())
            screen.wait_for("Choose a new password")
            screen.type("")
            screen.wait_for("New password:")
            new = typable()
            screen.type(new)
            screen.wait_for("again:")
            screen.type(new)
            screen.wait_for("Your new password is set")
            screen.type("")
            self.until(lambda: "locked" not in self.command(screen, "-time"))
        self.assert_password(new, refused=[self.person.password])

    @staticmethod
    def log():
        return pathlib.Path("/var/log/syslog").read_text(errors="replace")

    def until(self, true):
        deadline = time.monotonic() + 180
        while not true():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def command(self, screen, word):
        """Tells the locker something, as soon as it listens."""
        deadline = time.monotonic() + 90
        while True:
            done = subprocess.run([*self.as_person(), "xscreensaver-command", word], env=screen.environment,
                                  capture_output=True, text=True, timeout=30, check=False)
            if done.returncode == 0:
                return done.stdout
            self.assertLess(time.monotonic(), deadline, done.stderr)
            time.sleep(0.1)


if __name__ == "__main__":
    main()
