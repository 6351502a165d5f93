# SPDX-License-Identifier: Apache-2.0
"""trigger=prompt at a real /bin/login."""

import pathlib

from e2e_case import E2eCase, journey, main, words


class PromptTrigger(E2eCase):
    def test_the_password_reaches_a_shell_as_before(self):
        self.assert_signs_in(self.person.password)

    def test_a_wrong_password_is_refused(self):
        terminal = self.login()
        journey.to_password_prompt(terminal, self.person.name)
        terminal.type("wrong", hidden=True)
        terminal.expect(words.INCORRECT)

    def test_a_reset_reaches_a_shell_and_is_set_on_machine_and_service(self):
        new = self.reset(self.login())
        self.assert_password(new, refused=[self.person.password])
        self.assertEqual(self.open_journal_entries(), [])
        self.assert_signs_in(new)

    def test_no_secret_is_shown_on_the_screen(self):
        terminal = self.login()
        new = self.reset(terminal)
        self.assertNotIn(new, terminal.screen())

    def test_the_person_may_go_back_at_the_first_question(self):
        terminal = self.login()
        journey.to_password_prompt(terminal, self.person.name)
        terminal.type("", hidden=True)
        terminal.expect(words.CONFIRM)
        terminal.type("n")
        terminal.expect(words.PLAIN_PASSWORD)
        terminal.type(self.person.password, hidden=True)
        journey.to_shell(terminal, self.person.name)
        self.assertEqual(self.person.mailbox.messages(), [])
        self.assert_nothing_changed()

    def test_a_weak_password_is_refused_with_a_sentence_and_a_good_one_is_taken(self):
        terminal = self.login()
        terminal.type(self.begin_reset(terminal))
        terminal.expect(words.NEW_PASSWORD)
        terminal.type("short", hidden=True)
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        journey.to_shell(terminal, self.person.name)
        self.assert_password(new, refused=[self.person.password, "short"])

    def test_two_different_new_passwords_are_asked_for_again(self):
        terminal = self.login()
        terminal.type(self.begin_reset(terminal))
        terminal.expect(words.NEW_PASSWORD)
        terminal.type(self.machine.new_password(), hidden=True)
        terminal.expect(words.REPEAT)
        terminal.type(self.machine.new_password(), hidden=True)
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        journey.to_shell(terminal, self.person.name)
        self.assert_password(new)

    def test_five_wrong_codes_end_with_a_sentence_and_the_normal_prompt(self):
        terminal = self.login()
        code = self.begin_reset(terminal)
        wrong = "1" * len(code) if code[0] != "1" else "2" * len(code)
        for _ in range(4):
            terminal.type(wrong)
            terminal.expect(words.WRONG_CODE)
            terminal.expect(words.CODE_PROMPT)
        terminal.type(wrong)
        terminal.expect("can no longer be used")
        terminal.expect(words.CODE_PROMPT)
        terminal.type("")
        terminal.expect(words.TOO_MANY)
        terminal.expect(words.PLAIN_PASSWORD)
        terminal.type(self.person.password, hidden=True)
        journey.to_shell(terminal, self.person.name)
        self.assert_nothing_changed()

    def test_a_person_who_leaves_at_the_new_password_has_changed_nothing(self):
        terminal = self.login()
        terminal.type(self.begin_reset(terminal))
        terminal.expect(words.NEW_PASSWORD)
        terminal.hang_up()
        terminal.wait_for_end()
        self.assert_nothing_changed()
        self.assert_signs_in(self.person.password)


class AccountsOfTheSystem(E2eCase):
    def _is_not_offered_a_reset(self, name):
        terminal = self.login()
        terminal.expect(words.LOGIN)
        terminal.type(name)
        if terminal.expect(words.PASSWORD, words.PLAIN_PASSWORD) == 0:
            terminal.type("", hidden=True)
            if terminal.expect(words.CONFIRM, words.PLAIN_PASSWORD, words.INCORRECT) == 0:
                terminal.type("")
                terminal.expect(words.PLAIN_PASSWORD, words.INCORRECT)
                self.assertNotIn(words.CODE_PROMPT, terminal.screen())

    def test_root_is_never_offered_a_reset(self):
        before = pathlib.Path("/etc/shadow").read_text()
        self._is_not_offered_a_reset("root")
        self.assertEqual(pathlib.Path("/etc/shadow").read_text(), before)

    def test_system_accounts_are_never_offered_a_reset(self):
        before = pathlib.Path("/etc/shadow").read_text()
        for name in ("daemon", "sspr", "nobody"):
            with self.subTest(name):
                self._is_not_offered_a_reset(name)
        self.assertEqual(pathlib.Path("/etc/shadow").read_text(), before)

    def test_members_of_the_group_sudo_are_not_reset(self):
        self.machine.run("usermod", "--append", "--groups", "sudo", self.person.name)
        self._is_not_offered_a_reset(self.person.name)
        self.assert_nothing_changed()


if __name__ == "__main__":
    main()
