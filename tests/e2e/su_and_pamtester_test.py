# SPDX-License-Identifier: Apache-2.0
"""Other programs with a login stack: su, where the administrator allowed it, and pamtester."""

from e2e_case import E2eCase, journey, main, words
from stage import login_stack


class OtherPrograms(E2eCase):
    def _as_other(self, *argv):
        """Runs a setuid program as an unprivileged person, on a terminal."""
        if self.machine.sanitizer():
            self.skipTest("a setuid program does not load the sanitizer that the module needs")
        other = self.new_person()
        return self.terminal(
            "setpriv", "--reuid", other.name, "--regid", other.name, "--init-groups", *argv
        )

    def _reset_at_the_prompt(self, terminal):
        journey.begin(terminal)
        terminal.type(journey.to_mailed_code(terminal, self.machine, self.person, 0))
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        return new

    def test_su_asks_as_before_where_nobody_allowed_it(self):
        self.machine.use_stack("su", login_stack.BY_PROMPT)
        terminal = self._as_other("su", "-", self.person.name)
        terminal.expect(words.PLAIN_PASSWORD)
        self.assertNotIn("forgotten", terminal.screen())
        terminal.type(self.person.password, hidden=True)
        journey.to_shell(terminal, self.person.name)

    def test_su_resets_where_the_administrator_allowed_it(self):
        # A login shell (su -) is the PAM service su-l.
        self.machine.use_stack("su", login_stack.BY_PROMPT, "services=+su,su-l")
        terminal = self._as_other("su", "-", self.person.name)
        terminal.expect(words.PASSWORD)
        new = self._reset_at_the_prompt(terminal)
        journey.to_shell(terminal, self.person.name)
        self.assert_password(new, refused=[self.person.password])

    def test_pamtester_resets_for_a_service_of_the_default_list(self):
        self.machine.use_stack("gdm-password", login_stack.BY_PROMPT)
        terminal = self.terminal(
            "pamtester", "gdm-password", self.person.name, "authenticate", "acct_mgmt"
        )
        terminal.expect(words.PASSWORD)
        new = self._reset_at_the_prompt(terminal)
        terminal.expect("successfully authenticated")
        self.assertEqual(terminal.wait_for_end(), 0)
        self.assert_password(new, refused=[self.person.password])

    def test_a_screen_locker_resets_the_account_that_runs_it_and_no_other(self):
        """A locker runs as the person: the peer of sspr-flow is her uid, not root."""
        self.machine.use_stack("xscreensaver", login_stack.BY_PROMPT)
        other = self.new_person()
        as_person = (
            "setpriv",
            "--reuid",
            self.person.name,
            "--regid",
            self.person.name,
            "--init-groups",
        )
        foreign = self.terminal(*as_person, "pamtester", "xscreensaver", other.name, "authenticate")
        foreign.expect(words.PASSWORD)
        foreign.type("", hidden=True)
        foreign.expect(words.PLAIN_PASSWORD)
        self.assertEqual(other.mailbox.messages(), [])
        own = self.terminal(
            *as_person, "pamtester", "xscreensaver", self.person.name, "authenticate"
        )
        own.expect(words.PASSWORD)
        new = self._reset_at_the_prompt(own)
        own.expect("successfully authenticated")
        self.assert_password(new, refused=[self.person.password])
        self.assert_password(other.password, person=other)


if __name__ == "__main__":
    main()
