# SPDX-License-Identifier: Apache-2.0
"""Two proofs: a mailed code and an authenticator app, where the policy asks for both."""

from e2e_case import E2eCase, journey, main, words


class TwoGates(E2eCase):
    def setUp(self):
        super().setUp()
        self.machine.service.control("policy", "set", "required_gates", "2")
        self.secret = self.machine.add_authenticator(self.person)

    def _to_the_second_gate(self, terminal):
        journey.to_password_prompt(terminal, self.person.name)
        journey.begin(terminal)
        terminal.type(journey.to_mailed_code(terminal, self.machine, self.person, 0))
        terminal.expect(words.APP_CODE)

    def test_both_proofs_reach_the_new_password(self):
        terminal = self.login()
        self._to_the_second_gate(terminal)
        terminal.type(self.machine.code(journey.totp(self.secret)))
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        journey.to_shell(terminal, self.person.name)
        self.assert_password(new, refused=[self.person.password])

    def test_one_proof_alone_changes_nothing(self):
        terminal = self.login()
        self._to_the_second_gate(terminal)
        terminal.hang_up()
        terminal.wait_for_end()
        self.assert_nothing_changed()

    def test_a_wrong_app_code_is_refused_and_the_right_one_is_taken(self):
        terminal = self.login()
        self._to_the_second_gate(terminal)
        right = self.machine.code(journey.totp(self.secret))
        terminal.type("000000" if right != "000000" else "111111")
        terminal.expect(words.WRONG_CODE)
        terminal.expect(words.APP_CODE)
        terminal.type(self.machine.code(journey.totp(self.secret)))
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        journey.to_shell(terminal, self.person.name)
        self.assert_password(new)


if __name__ == "__main__":
    main()
