# SPDX-License-Identifier: Apache-2.0
"""xsecurelock, which asks PAM as the person whose screen it locks: their password is reset through the socket,
without root anywhere on their side. It shows one message at a time, for a few seconds."""

from greeter_case import GreeterCase, main, typable
from stage.xscreen import XScreen

# Debian's asks by "common-auth", which is no service to offer anything in, and as a login from elsewhere.
SERVICE = "xsecurelock"
STACK = "@include common-auth\n@include common-account\n"
# Dark on light, as it can be read by machine too.
LOOKS = ("XSECURELOCK_FONT=DejaVu Sans:pixelsize=16", "XSECURELOCK_AUTH_BACKGROUND_COLOR=white",
         "XSECURELOCK_AUTH_FOREGROUND_COLOR=black", "XSECURELOCK_AUTH_TIMEOUT=600", "XSECURELOCK_BLANK_TIMEOUT=-1",
         "XSECURELOCK_PASSWORD_PROMPT=asterisks")


class XSecureLock(GreeterCase):
    @classmethod
    def before_boot(cls, path):
        super().before_boot(path)
        (path / "etc/pam.d" / SERVICE).write_text(STACK)

    def setUp(self):
        self.offer()
        self.person = self.new_person()

    def locked(self):
        """The person's screen, locked, and the locker, which ends when it is unlocked."""
        screen = self.enterContext(XScreen(self.pictures))
        user = self.person.name
        locker = self.start(
            "setpriv", "--reuid", user, "--regid", user, "--init-groups", "env", f"HOME=/home/{user}", f"USER={user}",
            f"DISPLAY={screen.environment['DISPLAY']}", f"XSECURELOCK_PAM_SERVICE={SERVICE}",
            "XSECURELOCK_NO_PAM_RHOST=1", *LOOKS, "xsecurelock")
        self.until(lambda: "saver_multiplex" in self.running())
        # The first key shows the question and is no answer.
        screen.wait_for("if forgotten", meanwhile=lambda: "auth_x11" in self.running() or screen.key("Shift_L"))
        return screen, locker

    def test_a_password_that_is_known_unlocks(self):
        screen, locker = self.locked()
        screen.picture("xsecurelock-1-prompt")
        screen.answer(self.person.password, lambda: locker.poll() is not None)
        self.assertEqual(locker.returncode, 0)

    def test_a_forgotten_password_is_reset_through_the_socket(self):
        screen, locker = self.locked()
        screen.answer("", "Press Enter to go on")
        screen.picture("xsecurelock-2-confirm")
        screen.answer("", "Code from")
        screen.picture("xsecurelock-3-code")
        screen.answer("00000000", "not right")
        screen.answer(self.person.next_code(0), "New password")
        screen.picture("xsecurelock-4-password")
        self.assertIsNone(locker.poll(), "it is still locked")
        new = typable()
        screen.answer(new, "again")
        screen.answer(new, lambda: locker.poll() is not None)
        self.assertEqual(locker.returncode, 0)
        self.assert_password(self.person, new, refused=[self.person.password])


if __name__ == "__main__":
    main()
