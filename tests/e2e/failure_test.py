# SPDX-License-Identifier: Apache-2.0
"""trigger=failure: nothing of ours is seen until the stack has refused a password."""

from e2e_case import E2eCase, journey, main, words
from stage import login_stack


class FailureTrigger(E2eCase):
    def setUp(self):
        super().setUp()
        self.machine.use_stack("login", login_stack.BY_FAILURE)

    def _refused_password(self, terminal):
        terminal.expect(words.LOGIN)
        terminal.type(self.person.name)
        terminal.expect(words.PLAIN_PASSWORD)
        terminal.type("wrong", hidden=True)
        terminal.expect(words.FORGOT)

    def test_a_normal_login_looks_as_before(self):
        terminal = self.login()
        terminal.expect(words.LOGIN)
        terminal.type(self.person.name)
        terminal.expect(words.PLAIN_PASSWORD)
        terminal.type(self.person.password, hidden=True)
        journey.to_shell(terminal, self.person.name)
        self.assertNotIn(words.FORGOT, terminal.screen())

    def test_a_reset_after_a_refused_password_reaches_a_shell(self):
        terminal = self.login()
        self._refused_password(terminal)
        terminal.type("y")
        terminal.expect(words.CONFIRM)
        terminal.type("")
        terminal.type(journey.to_mailed_code(terminal, self.machine, self.person, 0))
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        journey.to_shell(terminal, self.person.name)
        self.assert_password(new, refused=[self.person.password])

    def test_who_does_not_want_one_is_refused_as_before(self):
        terminal = self.login()
        self._refused_password(terminal)
        terminal.type("")
        terminal.expect(words.INCORRECT)
        self.assert_nothing_changed()


if __name__ == "__main__":
    main()
