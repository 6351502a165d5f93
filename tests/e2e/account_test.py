# SPDX-License-Identifier: Apache-2.0
"""trigger=account at /bin/login: the account "forgot" stands for "Forgot password?"."""

from e2e_case import E2eCase, journey, main, words
from stage import login_stack

WHOSE = "Type your user name: "
YOURSELF = "log in with your own user name"


class ByAccount(E2eCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine.run("useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent",
                        "--shell", "/usr/sbin/nologin", "--comment", "Forgot password?", "forgot")
        cls.machine.use_stack("login", login_stack.BY_ACCOUNT)

    def _as_forgot(self, name):
        terminal = self.login()
        terminal.expect(words.LOGIN)
        terminal.type("forgot")
        terminal.expect(WHOSE)
        terminal.type(name)
        return terminal

    def test_a_reset_of_the_own_account_and_then_the_own_login(self):
        terminal = self._as_forgot(self.person.name)
        terminal.expect(words.CONFIRM)
        terminal.type("")
        terminal.type(journey.to_mailed_code(terminal, self.machine, self.person, 0))
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        terminal.expect(words.SET)
        terminal.expect(YOURSELF)
        terminal.expect(words.INCORRECT)
        terminal.expect(words.LOGIN)
        terminal.type(self.person.name)
        terminal.expect(words.PLAIN_PASSWORD)
        terminal.type(new, hidden=True)
        journey.to_shell(terminal, self.person.name)
        self.assert_password(new, refused=[self.person.password])

    def test_accounts_that_are_never_reset_are_not_reset_by_it_either(self):
        for name in ("root", "forgot", "sspr"):
            terminal = self._as_forgot(name)
            terminal.expect("cannot be reset")
            terminal.expect(words.INCORRECT)
        self.assertEqual(self.person.mailbox.messages(), [])

    def test_who_has_a_password_logs_in_as_before(self):
        terminal = self.login()
        terminal.expect(words.LOGIN)
        terminal.type(self.person.name)
        terminal.expect(words.PLAIN_PASSWORD)
        self.assertNotIn("orgot", terminal.screen())
        terminal.type(self.person.password, hidden=True)
        journey.to_shell(terminal, self.person.name)


if __name__ == "__main__":
    main()
