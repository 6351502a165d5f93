# SPDX-License-Identifier: Apache-2.0
"""What all end-to-end tests share: one private machine per test program, a new person per test, and
the check that holds after every test."""

import itertools
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))

from stage import journey, words  # noqa: E402
from stage.machine import Machine  # noqa: E402

__all__ = ["E2eCase", "journey", "main", "words"]


class E2eCase(unittest.TestCase):
    machine = None
    _numbers = itertools.count(1)

    @classmethod
    def setUpClass(cls):
        if E2eCase.machine is None:
            E2eCase.machine = Machine()
            unittest.enterModuleContext(E2eCase.machine)

    def setUp(self):
        self.person = self.new_person()

    def new_person(self):
        return self.machine.add_person(f"person{next(E2eCase._numbers)}")

    # Steps.

    def login(self, *options, **keywords):
        """A /bin/login that ends with the test and leaves its screen to the canary search."""
        terminal = self.enterContext(self.machine.login(*options, **keywords))
        self.addCleanup(lambda: self.machine.observer.screen(self.id(), terminal.screen()))
        return terminal

    def terminal(self, *argv, **keywords):
        terminal = self.enterContext(self.machine.terminal(*argv, **keywords))
        self.addCleanup(lambda: self.machine.observer.screen(self.id(), terminal.screen()))
        return terminal

    def begin_reset(self, terminal, person=None):
        """From the login prompt to the code prompt; gives the mailed code."""
        person = person or self.person
        sent = len(person.mailbox.codes())
        journey.to_password_prompt(terminal, person.name)
        journey.begin(terminal)
        return journey.to_mailed_code(terminal, self.machine, person, sent)

    def reset(self, terminal, person=None):
        """A whole reset at /bin/login, to the shell; gives the new password."""
        person = person or self.person
        terminal.type(self.begin_reset(terminal, person))
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        journey.to_shell(terminal, person.name)
        return new

    # Checks.

    def assert_password(self, password, refused=(), person=None):
        """Both the machine and the service take this password, and none of the refused ones."""
        person = person or self.person
        self.assertTrue(self.machine.local_accepts(person.name, password), "not set on the machine")
        self.assertTrue(
            self.machine.service_accepts(person.name, password), "not set at the service"
        )
        for other in refused:
            self.assertFalse(self.machine.local_accepts(person.name, other))
            self.assertFalse(self.machine.service_accepts(person.name, other))

    def assert_both_or_neither(self, old, new, person=None):
        """Machine and service agree on one of the two; gives which."""
        person = person or self.person
        here = {word for word in (old, new) if self.machine.local_accepts(person.name, word)}
        there = {word for word in (old, new) if self.machine.service_accepts(person.name, word)}
        self.assertEqual(len(here), 1, "the machine takes none or both of the passwords")
        self.assertEqual(here, there, "the machine and the service disagree")
        return here.pop()

    def assert_signs_in(self, password, person=None):
        """A login without a reset reaches the shell."""
        person = person or self.person
        terminal = self.login()
        journey.to_password_prompt(terminal, person.name)
        terminal.type(password, hidden=True)
        journey.to_shell(terminal, person.name)

    def assert_nothing_changed(self, person=None):
        person = person or self.person
        self.assert_password(person.password, person=person)
        self.assertEqual(self.open_journal_entries(), [])

    def open_journal_entries(self):
        """Names of what the journal still holds."""
        return sorted(path.name for path in pathlib.Path("/var/lib/sspr/journal").glob("*"))


def main():
    unittest.main(verbosity=2)
