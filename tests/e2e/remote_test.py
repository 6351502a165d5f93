# SPDX-License-Identifier: Apache-2.0
"""Remote logins are never offered a reset."""

from e2e_case import E2eCase, journey, main, words
from stage import login_stack


class RemoteLogins(E2eCase):
    def test_a_login_from_another_host_gets_the_normal_prompt(self):
        terminal = self.login("-h", "192.0.2.7", self.person.name)
        terminal.expect(words.PLAIN_PASSWORD)
        self.assertNotIn("forgotten", terminal.screen())
        terminal.type("", hidden=True)
        terminal.expect(words.INCORRECT)
        self.assertEqual(self.person.mailbox.messages(), [])
        self.assert_nothing_changed()

    def test_a_login_from_another_host_still_takes_the_password(self):
        terminal = self.login("-h", "192.0.2.7", self.person.name)
        terminal.expect(words.PLAIN_PASSWORD)
        terminal.type(self.person.password, hidden=True)
        journey.to_shell(terminal, self.person.name)

    def test_services_for_remote_or_privileged_use_get_the_normal_prompt(self):
        for service in ("sshd", "sudo", "cron", "vsftpd"):
            with self.subTest(service):
                self.machine.use_stack(service, login_stack.BY_PROMPT)
                terminal = self.terminal("pamtester", service, self.person.name, "authenticate")
                terminal.expect(words.PLAIN_PASSWORD)
                self.assertNotIn("forgotten", terminal.screen())
                terminal.type(self.person.password, hidden=True)
                terminal.expect("successfully authenticated")

    def test_a_local_service_with_a_remote_host_gets_the_normal_prompt(self):
        terminal = self.terminal(
            "pamtester", "-I", "rhost=192.0.2.7", "login", self.person.name, "authenticate"
        )
        terminal.expect(words.PLAIN_PASSWORD)
        self.assertNotIn("forgotten", terminal.screen())


if __name__ == "__main__":
    main()
