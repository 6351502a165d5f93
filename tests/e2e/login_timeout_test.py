# SPDX-License-Identifier: Apache-2.0
"""/bin/login ends its conversation by an alarm (LOGIN_TIMEOUT). The person at a reset is not cut
off, and one who is cut off all the same goes on where she was."""

import os
import signal
import time

from e2e_case import E2eCase, journey, main, words

TIMEOUT_SECONDS = 2


class LoginTimeout(E2eCase):
    def setUp(self):
        super().setUp()
        self.machine.set_login_timeout(TIMEOUT_SECONDS)
        self.addCleanup(self.machine.set_login_timeout, 60)

    def test_without_a_reset_the_login_is_ended_as_before(self):
        terminal = self.login()
        journey.to_password_prompt(terminal, self.person.name)
        terminal.expect("timed out")

    def test_the_person_at_a_reset_is_not_cut_off(self):
        started = time.monotonic()
        terminal = self.login()
        code = self.begin_reset(terminal)
        # The person takes longer than the login allows: this is the subject, not synchronisation.
        terminal.let_wait(2 * TIMEOUT_SECONDS)
        self.assertGreater(time.monotonic() - started, TIMEOUT_SECONDS)
        terminal.type(code)
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        journey.to_shell(terminal, self.person.name)
        self.assert_password(new, refused=[self.person.password])

    def test_after_a_reset_that_was_given_up_the_login_is_ended_again(self):
        terminal = self.login()
        journey.to_password_prompt(terminal, self.person.name)
        terminal.type("", hidden=True)
        terminal.expect(words.CONFIRM)
        terminal.type("n")
        terminal.expect(words.PLAIN_PASSWORD)
        terminal.expect("timed out", seconds=60)


class CutOff(E2eCase):
    def test_who_was_cut_off_at_the_code_goes_on_with_the_same_code(self):
        with self.machine.login() as cut:
            code = self.begin_reset(cut)
            tty = cut.tty()
            os.kill(cut.pid, signal.SIGKILL)
            cut.wait_for_end()
        terminal = self.login()
        self.assertEqual(terminal.tty(), tty, "the terminal is another one")
        journey.to_password_prompt(terminal, self.person.name)
        journey.begin(terminal)
        terminal.expect(words.CODE_PROMPT)
        terminal.type(code)
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        journey.to_shell(terminal, self.person.name)
        self.assert_password(new, refused=[self.person.password])
        self.assertEqual(len(self.person.mailbox.codes()), 1, "a second code was sent")


if __name__ == "__main__":
    main()
