# SPDX-License-Identifier: Apache-2.0
"""Several people, and one person twice, reset at the same time."""

from e2e_case import E2eCase, journey, main, words


class SeveralAtOnce(E2eCase):
    def test_different_people_do_not_disturb_each_other(self):
        people = [self.person] + [self.new_person() for _ in range(3)]
        terminals = [self.login() for _ in people]
        codes = [self.begin_reset(terminal, person) for terminal, person in zip(terminals, people)]
        for terminal, code in zip(terminals, codes):
            terminal.type(code)
        passwords = [self.machine.new_password() for _ in people]
        for terminal, password in zip(terminals, passwords):
            terminal.expect(words.NEW_PASSWORD)
            terminal.type(password, hidden=True)
            terminal.expect(words.REPEAT)
        for terminal, password in zip(terminals, passwords):
            terminal.type(password, hidden=True)
        for terminal, person, password in zip(terminals, people, passwords):
            journey.to_shell(terminal, person.name)
            self.assert_password(password, refused=[person.password], person=person)
        self.assertEqual(self.open_journal_entries(), [])

    def test_the_same_person_at_two_terminals_ends_with_one_password_everywhere(self):
        first = self.login()
        code = self.begin_reset(first)
        second = self.login()
        journey.to_password_prompt(second, self.person.name)
        journey.begin(second)
        second.expect(words.CODE_PROMPT, words.PLAIN_PASSWORD)
        first.type(code)
        new = self.machine.new_password()
        journey.choose_password(first, new)
        journey.to_shell(first, self.person.name)
        second.hang_up()
        second.wait_for_end()
        self.machine.recover()
        self.assert_password(new, refused=[self.person.password])


if __name__ == "__main__":
    main()
