# SPDX-License-Identifier: Apache-2.0
"""GDM's own greeter (GNOME Shell): resets by its choice list and by prompts alone. GDM serves a display
without a monitor over XDMCP; a module of the test makes that a display of the machine."""

import json
import shutil

from greeter_case import BUILD, GreeterCase, address_of, main, typable
from stage import journey
from stage.xscreen import XScreen

# A display on a busy machine asks again before it is answered, and then counts twice for a while: GDM, which
# allows one to a host, would send it away, and Xvfb ends when it is.
CONFIG = """\
[daemon]
WaylandEnable=false
[xdmcp]
Enable=true
DisplaysPerHost=16
MaxPending=16
MaxSessions=64
"""
GREETER = """\
[org/gnome/login-screen]
disable-user-list=true
"""
STACK = "etc/pam.d/gdm-password"


class Gdm(GreeterCase):
    @classmethod
    def before_boot(cls, path):
        super().before_boot(path)
        (path / "etc/gdm3/daemon.conf").write_text(CONFIG)
        (path / "etc/gdm3/greeter.dconf-defaults").write_text(GREETER)
        shutil.copy(BUILD / "tests/greeters/pam_local_display.so", path / "usr/lib/x86_64-linux-gnu/security")

    def setUp(self):
        self.offer()
        self.person = self.new_person()

    def as_local_display(self):
        """XDMCP is a way to log in from elsewhere; where there is no graphics card it is the only one."""
        stack = self.root.path / STACK
        pristine = stack.read_text()
        self.addCleanup(stack.write_text, pristine)
        stack.write_text("auth optional pam_local_display.so\n" + pristine)

    def greeter(self, then="if forgot"):
        """The screen with GDM's question for a password, as it begins."""
        self.root.run("systemctl", "start", "gdm")
        self.addCleanup(self.root.run, "systemctl", "stop", "gdm")
        screen = self.enterContext(XScreen(self.pictures, options=("-query", "127.0.0.1", "-noreset"), dark=True))
        # For Xvfb who first connects is the session, and all of it ends with that one: nobody looks before GDM.
        self.until(lambda: "gnome-shell" in self.running())
        screen.wait_for("Username")
        screen.answer(self.person.name, then)
        return screen

    def choose_password(self, screen):
        new = typable()
        screen.answer(new, "New password again")
        screen.answer(new, self.session_of(self.person))
        self.assert_password(self.person, new, refused=[self.person.password])
        self.assertIn("sspr-flow@", self.journal())

    def add_authenticator(self):
        """A second way to prove who one is, so that there is something to choose; gives its secret."""
        added = self.service.control("methods", "add-totp", address_of(self.person.name))
        return json.loads(added)["secret"]

    def test_a_display_elsewhere_gets_no_offer_and_logs_in_as_ever(self):
        screen = self.greeter("Password")
        self.assertNotIn("if forgot", screen.text())
        screen.answer(self.person.password, self.session_of(self.person))

    def test_a_password_that_is_known_logs_in(self):
        self.as_local_display()
        screen = self.greeter()
        screen.picture("gdm-1-prompt")
        screen.answer(self.person.password, self.session_of(self.person))

    def test_by_its_choice_list(self):
        self.add_authenticator()
        self.as_local_display()
        screen = self.greeter()
        screen.answer("", "Press Enter to go on")
        screen.picture("gdm-2-confirm")
        screen.answer("", "How do you want")
        screen.picture("gdm-3-choices")
        # A field that is not to be seen takes what is typed; that is no choice.
        screen.answer("123456", "none of the numbers")
        screen.wait_for("How do you want")
        screen.click("code")
        screen.wait_for("Code from the e-mail")
        screen.picture("gdm-4-code")
        screen.answer(self.person.next_code(0), "Choose a new password")
        screen.picture("gdm-5-password")
        self.choose_password(screen)

    def test_by_a_number_that_is_typed_behind_the_list(self):
        secret = self.add_authenticator()
        self.as_local_display()
        screen = self.greeter()
        screen.answer("?", "Press Enter to go on")
        screen.answer("", "How do you want")
        screen.answer("2", "Code from your authenticator")
        screen.answer(journey.totp(secret), "Choose a new password")
        self.choose_password(screen)

    def test_by_prompts_alone(self):
        self.as_local_display()
        screen = self.greeter()
        screen.answer("", "Press Enter to go on")
        screen.answer("", "Code from the e-mail")
        screen.answer("00000000", "That code is not right")
        screen.picture("gdm-6-wrong-code")
        screen.answer(self.person.next_code(0), "Choose a new password")
        self.choose_password(screen)


if __name__ == "__main__":
    main()
