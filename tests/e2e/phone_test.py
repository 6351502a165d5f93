# SPDX-License-Identifier: Apache-2.0
"""A second proof on a phone: the number at the login prompt is typed there, and signed."""

import re

from e2e_case import E2eCase, journey, main, words
from stage.phone import Phone

# Within one line of the screen: what is shown is wrapped at its width.
NUMBER = "Your phone now asks about this reset"
ENTER = "on your phone, press Enter here"


class OnAPhone(E2eCase):
    def setUp(self):
        super().setUp()
        service = self.machine.service
        for key, value in (("methods.approval", "on"), ("required_gates", "2"),
                           ("registration.cooling_hours", "0")):
            service.control("policy", "set", key, value)
        self.phone = Phone(service.url, service.folder / "ca.pem")
        self.addCleanup(self.phone.close)
        link = service.control("methods", "offer-phone", f"{self.person.name}@example.org")
        self.phone.enrol(re.search(r"#enrol=([A-Z2-7]+)", link).group(1))

    def _to_the_number(self):
        """At the prompt behind the number; gives the terminal and the number."""
        terminal = self.login()
        journey.to_password_prompt(terminal, self.person.name)
        journey.begin(terminal)
        terminal.type(journey.to_mailed_code(terminal, self.machine, self.person, 0))
        terminal.expect("Press Enter to ask your phone")
        self.assertEqual(self.phone.waiting(), [], "no phone rings before the person asks for it")
        terminal.type("")
        terminal.expect(NUMBER)
        terminal.expect(ENTER)
        found = re.findall(r"When ([0-9]{6}) is typed", terminal.screen())
        return terminal, found[-1]

    def test_the_number_typed_on_the_phone_opens_the_way_to_the_new_password(self):
        terminal, number = self._to_the_number()
        request = self.phone.wait_for_request()
        self.assertEqual(request["operation"], "reset")
        self.assertEqual(self.phone.answer(request, "approve", number), "taken")
        terminal.type("")
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        journey.to_shell(terminal, self.person.name)
        self.assert_password(new, refused=[self.person.password])

    def test_a_wrong_number_ends_the_request_and_changes_nothing(self):
        terminal, number = self._to_the_number()
        request = self.phone.wait_for_request()
        wrong = "000000" if number != "000000" else "111111"
        self.assertEqual(self.phone.answer(request, "approve", wrong), "wrong_number")
        self.assertEqual(self.phone.answer(request, "approve", number), "nothing_waits")
        terminal.type("")
        terminal.expect("Your phone said no")
        terminal.hang_up()
        terminal.wait_for_end()
        self.assert_nothing_changed()

    def test_a_report_ends_the_reset(self):
        terminal, _ = self._to_the_number()
        request = self.phone.wait_for_request()
        self.assertEqual(self.phone.answer(request, "report"), "taken")
        terminal.type("")
        terminal.expect("reported as not wanted")
        terminal.hang_up()
        terminal.wait_for_end()
        self.assert_nothing_changed()
        done = self.machine.service.control("users", "allow-resets", f"{self.person.name}@example.org")
        self.assertIn("may reset again", done)


if __name__ == "__main__":
    main()
