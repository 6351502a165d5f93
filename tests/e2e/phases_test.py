# SPDX-License-Identifier: Apache-2.0
"""Behind the authentication: demands of the service (account), passwd in step with it (password), a
reminder to register (session); what happens where the service is not there."""

import json
import os
import pathlib
import signal
import time

from e2e_case import E2eCase, journey, main, words
from stage import login_stack

DEMANDED = "a new password is needed for this account"
BLOCKED = "You cannot log in with this account at the moment"
CANNOT_ASK = "cannot be asked right now"
MANAGED = "This is also your password at the"
ONLY_HERE = "The password service cannot be reached"
REMINDER = "You could not reset a forgotten password yet"
CURRENT = "Current password: "
NEW = "New password: "
RETYPE = "Retype new password: "
UPDATED = "password updated successfully"


class PhasesCase(E2eCase):
    enrolled = False

    def setUp(self):
        super().setUp()
        self.machine.use_stack("login", login_stack.BY_PROMPT)
        if not PhasesCase.enrolled:
            self.machine.enrol_device()
            PhasesCase.enrolled = True
        self.machine.use_phases()
        self.addCleanup(login_stack.remove_phases)

    def control(self, *arguments, **keywords):
        return self.machine.service.control(*arguments, **keywords)

    def policy(self, key, value):
        self.control("policy", "set", key, value)

    def put_at_risk(self, person=None):
        self.policy("risk.reset_from", "high")
        address = f"{(person or self.person).name}@example.org"
        self.control("risk", "set", address, "high", "--detail", "password in a phish")

    def log_in(self, password=None):
        """To what comes behind the password."""
        terminal = self.login()
        journey.to_password_prompt(terminal, self.person.name)
        terminal.type(password or self.person.password, hidden=True)
        return terminal

    def choose(self, terminal):
        """From the first question of a reset to the end; gives the new password."""
        terminal.expect(words.CONFIRM)
        terminal.type("")
        terminal.type(journey.to_mailed_code(terminal, self.machine, self.person, 0))
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        return new

    def passwd(self, person=None):
        person = person or self.person
        as_person = ("setpriv", "--reuid", person.name, "--regid", person.name, "--init-groups")
        return self.terminal(*as_person, "passwd")

    def without_service(self):
        self.machine.service.stop()
        self.addCleanup(self.machine.service.start)


class Account(PhasesCase):
    def test_who_is_at_no_risk_logs_in_as_before(self):
        terminal = self.log_in()
        journey.to_shell(terminal, self.person.name)
        self.assertNotIn(DEMANDED, terminal.screen())

    def test_a_demanded_reset_is_made_before_the_shell(self):
        self.put_at_risk()
        terminal = self.log_in()
        terminal.expect(DEMANDED)
        new = self.choose(terminal)
        journey.to_shell(terminal, self.person.name)
        self.assert_password(new, refused=[self.person.password])
        again = self.log_in(new)
        journey.to_shell(again, self.person.name)
        self.assertNotIn(DEMANDED, again.screen(), "the reset ended the risk")

    def test_who_does_not_set_a_new_one_is_not_let_in(self):
        self.put_at_risk()
        terminal = self.log_in()
        terminal.expect(DEMANDED)
        terminal.expect(words.CONFIRM)
        terminal.type("n")
        terminal.expect("Authentication token manipulation error")
        self.assertNotIn(words.SHELL, terminal.before())
        self.assertNotEqual(terminal.wait_for_end(), 0)
        self.assertTrue(self.machine.local_accepts(self.person.name, self.person.password))

    def test_who_has_just_reset_is_not_asked_again(self):
        self.put_at_risk()
        terminal = self.login()
        new = self.reset(terminal)
        self.assertNotIn(DEMANDED, terminal.screen())
        self.assert_password(new)

    def test_who_is_blocked_is_told_so(self):
        self.policy("helpdesk.text", "Call the help desk.")
        self.policy("risk.block_without_methods", "on")
        self.addCleanup(self.policy, "risk.block_without_methods", "off")
        self.put_at_risk()
        address = f"{self.person.name}@example.org"
        for method in self.methods(address):
            self.control("methods", "remove", address, method)
        terminal = self.log_in()
        terminal.expect(BLOCKED)
        self.assertNotEqual(terminal.wait_for_end(), 0)

    def methods(self, address):
        return [one["id"] for one in json.loads(self.control("--json", "methods", "list", address))]

    def test_an_unreachable_service_lets_in_or_not_as_the_administrator_wrote(self):
        self.without_service()
        journey.to_shell(self.log_in(), self.person.name)
        self.machine.use_phases("unreachable=closed")
        terminal = self.log_in()
        terminal.expect(CANNOT_ASK)
        self.assertNotEqual(terminal.wait_for_end(), 0)

    def test_without_sspr_flow_a_login_is_as_before(self):
        self.machine.flow.stop()
        self.addCleanup(self.machine.start_flow)
        journey.to_shell(self.log_in(), self.person.name)

    def test_a_service_that_stops_answering_costs_no_more_than_the_limit(self):
        self.machine.use_phases("limit=300")
        os.kill(self.machine.service.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, self.machine.service.pid, signal.SIGCONT)
        journey.to_shell(self.log_in(), self.person.name)
        log = pathlib.Path("/var/log/syslog").read_text()
        self.assertIn("SSPR-P007", log)

    def test_a_front_end_that_changes_no_passwords_asks_within_the_authentication(self):
        self.machine.use_stack("xscreensaver", login_stack.BY_DEMAND, "limit=10000")
        self.put_at_risk()
        terminal = self.terminal("pamtester", "xscreensaver", self.person.name, "authenticate")
        terminal.expect(words.PLAIN_PASSWORD)
        terminal.type(self.person.password, hidden=True)
        new = self.choose(terminal)
        terminal.expect("successfully authenticated")
        self.assert_password(new, refused=[self.person.password])

    def test_there_too_nobody_gets_past_the_demand(self):
        self.machine.use_stack("xscreensaver", login_stack.BY_DEMAND, "limit=10000")
        self.put_at_risk()
        terminal = self.terminal("pamtester", "xscreensaver", self.person.name, "authenticate")
        terminal.expect(words.PLAIN_PASSWORD)
        terminal.type(self.person.password, hidden=True)
        terminal.expect(words.CONFIRM)
        terminal.type("n")
        self.assertNotEqual(terminal.wait_for_end(), 0)


class Password(PhasesCase):
    def test_passwd_of_a_managed_user_sets_both(self):
        terminal = self.passwd()
        terminal.expect(MANAGED)
        new = self.choose(terminal)
        terminal.expect(UPDATED)
        self.assertEqual(terminal.wait_for_end(), 0)
        self.assert_password(new, refused=[self.person.password])

    def test_who_leaves_has_changed_nothing_and_is_told_so(self):
        terminal = self.passwd()
        terminal.expect(words.CONFIRM)
        terminal.type("n")
        self.assertNotEqual(terminal.wait_for_end(), 0)
        self.assertNotIn(UPDATED, terminal.screen())
        self.assert_nothing_changed()

    def change_here(self, terminal, old, new):
        terminal.expect(CURRENT)
        terminal.type(old, hidden=True)
        terminal.expect(NEW)
        terminal.type(new, hidden=True)
        terminal.expect(RETYPE)
        terminal.type(new, hidden=True)
        terminal.expect(UPDATED)
        self.assertEqual(terminal.wait_for_end(), 0)
        self.assertTrue(self.machine.local_accepts(self.person.name, new))

    def test_passwd_of_somebody_the_service_does_not_know_is_as_before(self):
        self.control("users", "delete", f"{self.person.name}@example.org")
        terminal = self.passwd()
        self.change_here(terminal, self.person.password, self.machine.new_password())
        self.assertNotIn(MANAGED, terminal.screen())

    def test_root_sets_a_password_of_the_machine_as_before(self):
        new = self.machine.new_password()
        terminal = self.terminal("passwd", self.person.name)
        terminal.expect(NEW)
        terminal.type(new, hidden=True)
        terminal.expect(RETYPE)
        terminal.type(new, hidden=True)
        terminal.expect(UPDATED)
        self.assertTrue(self.machine.local_accepts(self.person.name, new))
        self.assertTrue(self.machine.service_accepts(self.person.name, self.person.password))

    def test_chpasswd_is_as_before(self):
        new = self.machine.new_password()
        self.machine.run("chpasswd", stdin=f"{self.person.name}:{new}\n")
        self.assertTrue(self.machine.local_accepts(self.person.name, new))

    def test_without_the_service_it_is_said_that_only_the_machine_changes(self):
        self.without_service()
        terminal = self.passwd()
        terminal.expect(ONLY_HERE)
        self.change_here(terminal, self.person.password, self.machine.new_password())

    def test_or_nothing_changes_where_the_administrator_wants_it_so(self):
        self.without_service()
        self.machine.use_phases("unreachable=closed")
        terminal = self.passwd()
        terminal.expect(CANNOT_ASK)
        self.assertNotEqual(terminal.wait_for_end(), 0)
        self.assertTrue(self.machine.local_accepts(self.person.name, self.person.password))

    def test_an_aged_password_is_renewed_at_both_ends(self):
        self.machine.run("chage", "-d", "0", self.person.name)
        terminal = self.log_in()
        terminal.expect(MANAGED)
        new = self.choose(terminal)
        journey.to_shell(terminal, self.person.name)
        self.assert_password(new, refused=[self.person.password])


class Session(PhasesCase):
    def setUp(self):
        super().setUp()
        self.control("methods", "remove", self.address(), self.email())

    def address(self):
        return f"{self.person.name}@example.org"

    def email(self):
        return json.loads(self.control("--json", "methods", "list", self.address()))[0]["id"]

    def test_who_has_registered_nothing_is_reminded_once_until_the_policy_says_again(self):
        terminal = self.log_in()
        terminal.expect(REMINDER)
        journey.to_shell(terminal, self.person.name)
        self.wait_until_put_off()
        again = self.log_in()
        journey.to_shell(again, self.person.name)
        self.assertNotIn(REMINDER, again.screen())

    def wait_until_put_off(self):
        """The login does not wait for it."""
        deadline = time.monotonic() + 30
        while self.address() not in self.control("audit", "search", "--event", "campaign.snooze"):
            self.assertLess(time.monotonic(), deadline, "the reminder was not put off")
            time.sleep(0.05)

    def test_who_cannot_see_it_is_not_reminded(self):
        pathlib.Path(f"/home/{self.person.name}/.hushlogin").touch()
        terminal = self.log_in()
        journey.to_shell(terminal, self.person.name)
        self.assertNotIn(REMINDER, terminal.screen())
        for service in ("cron", "gdm-password"):
            quiet = self.terminal("pamtester", service, self.person.name, "open_session")
            quiet.wait_for_end()
            self.assertNotIn(REMINDER, quiet.screen())

    def test_without_the_service_the_session_opens_as_before(self):
        self.without_service()
        journey.to_shell(self.log_in(), self.person.name)


if __name__ == "__main__":
    main()
