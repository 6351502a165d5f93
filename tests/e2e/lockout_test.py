# SPDX-License-Identifier: Apache-2.0
"""Lockouts: an account that pam_faillock keeps out is unlocked with its password as it is, or reset;
afterwards nothing keeps it out, neither here nor at the service."""

import pathlib

from e2e_case import E2eCase, journey, main, words
from stage import login_stack


class Lockouts(E2eCase):
    def setUp(self):
        super().setUp()
        self.machine.use_stack("login", login_stack.BY_PROMPT_WITH_FAILLOCK)

    def lock_out(self):
        """Three wrong passwords at the login, and more at the service."""
        for _ in range(3):
            terminal = self.login()
            journey.to_password_prompt(terminal, self.person.name)
            terminal.type("wrong", hidden=True)
            terminal.expect(words.INCORRECT)
            terminal.hang_up()
            terminal.wait_for_end()
        client = self.machine.service.sign_in_client()
        for _ in range(10):
            self.assertFalse(client.accepts(f"{self.person.name}@example.org", "wrong"))
        with self.assertRaisesRegex(AssertionError, "too_many_attempts"):
            self.machine.service_accepts(self.person.name, self.person.password)
        self.assertTrue(self.failures())
        self.assert_kept_out(self.person.password)

    def assert_kept_out(self, password):
        terminal = self.login()
        journey.to_password_prompt(terminal, self.person.name)
        terminal.type(password, hidden=True)
        terminal.expect(words.INCORRECT)

    def failures(self):
        return pathlib.Path(f"/run/faillock/{self.person.name}").stat().st_size

    def to_unlock_or_reset(self, terminal):
        journey.to_password_prompt(terminal, self.person.name)
        journey.begin(terminal)
        terminal.expect(words.LOCKED_OUT)
        terminal.expect(words.METHOD)

    def test_a_locked_account_is_unlocked_and_the_old_password_logs_in(self):
        self.lock_out()
        terminal = self.login()
        self.to_unlock_or_reset(terminal)
        terminal.type("1")
        terminal.type(journey.to_mailed_code(terminal, self.machine, self.person, 0))
        terminal.expect(words.UNLOCKED)
        terminal.expect(words.PLAIN_PASSWORD)
        terminal.type(self.person.password, hidden=True)
        journey.to_shell(terminal, self.person.name)
        self.assertEqual(self.failures(), 0)
        self.assert_nothing_changed()
        self.assert_signs_in(self.person.password)

    def test_a_locked_account_that_is_reset_is_open_with_the_new_password(self):
        self.lock_out()
        terminal = self.login()
        self.to_unlock_or_reset(terminal)
        terminal.type("2")
        terminal.type(journey.to_mailed_code(terminal, self.machine, self.person, 0))
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        journey.to_shell(terminal, self.person.name)
        self.assertEqual(self.failures(), 0)
        self.assert_password(new, refused=[self.person.password])

    def test_who_is_not_locked_out_is_not_asked(self):
        terminal = self.login()
        journey.to_password_prompt(terminal, self.person.name)
        journey.begin(terminal)
        terminal.expect(words.CODE_PROMPT)
        self.assertNotIn(words.LOCKED_OUT, terminal.screen())

    def test_where_the_policy_has_no_unlock_the_person_is_told_what_to_do(self):
        self.machine.service.control("policy", "set", "unlock.enabled", "off")
        self.addCleanup(self.machine.service.control, "policy", "set", "unlock.enabled", "on")
        self.lock_out()
        terminal = self.login()
        self.to_unlock_or_reset(terminal)
        terminal.type("1")
        terminal.type(journey.to_mailed_code(terminal, self.machine, self.person, 0))
        terminal.expect("Start again and set one")
        self.assertTrue(self.failures(), "without a permit nothing is forgotten here")

    def test_an_aged_password_is_none_any_more_after_a_reset(self):
        self.machine.run("chage", "-d", "2020-01-01", "-M", "30", "-I", "-1", self.person.name)
        terminal = self.login()
        new = self.reset(terminal)
        self.assertNotIn("expired", terminal.screen())
        self.assert_password(new)
        self.assert_signs_in(new)


if __name__ == "__main__":
    main()
