# SPDX-License-Identifier: Apache-2.0
"""sspr-enroll and sspr-doctor on a machine where every part is real; and what the doctor says of a stack is
what /bin/login does with it."""

import json
import pathlib
import re
import subprocess

from e2e_case import E2eCase, journey, main, words
from stage import login_stack


class Doctor(E2eCase):
    def setUp(self):
        super().setUp()
        self.machine.use_stack("login", login_stack.BY_PROMPT)

    def tool(self, name, *arguments, stdin=""):
        return subprocess.run(
            [self.machine.build / "sbin" / name, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def doctor(self, *arguments):
        done = self.tool("sspr-doctor", "--json", *arguments)
        self.assertEqual(done.stderr, "")
        report = json.loads(done.stdout)
        self.assertEqual(report["code"], done.returncode)
        return report

    @staticmethod
    def of(report, number):
        """(level, text, remedy) of all findings of that identifier."""
        return [
            (finding["level"], finding["text"], finding["remedy"])
            for finding in report["findings"]
            if finding["id"] == f"SSPR-D{number:03d}"
        ]

    def levels(self, report, number):
        return {level for level, _, _ in self.of(report, number)}

    def test_a_machine_that_works_is_found_to_work(self):
        report = self.doctor("--user", self.person.name)
        self.assertLess(report["code"], 2, report)
        for number in (1, 3, 5, 9, 17, 18, 20, 21, 22, 25, 26):
            self.assertEqual(self.levels(report, number), {"ok"}, (number, report))
        self.assertEqual(self.of(report, 19), [])
        self.reset(self.login())

    def test_an_enrolled_machine_resets_and_is_told_more(self):
        token = json.loads(self.machine.service.control("--json", "devices", "token"))
        done = self.tool("sspr-enroll", "enroll", stdin=token["enrollment_token"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.machine.service.control("policy", "set", "devices.required", "on")
        self.addCleanup(
            self.machine.service.control, "policy", "set", "devices.required", "off"
        )
        report = self.doctor("--user", self.person.name)
        for number in (4, 23, 27):
            self.assertEqual(self.levels(report, number), {"ok"}, (number, report))
        new = self.reset(self.login())
        self.assert_password(new, refused=[self.person.password])

    def test_programs_that_are_not_started(self):
        self.machine.flow.stop()
        self.addCleanup(self.machine.start_flow)
        self.assertEqual(self.levels(self.doctor(), 17), {"fault"})
        self.machine.setpw.stop()
        self.addCleanup(self.machine.start_setpw)
        self.assertEqual(self.levels(self.doctor(), 18), {"fault"})

    def test_a_stack_that_it_calls_broken_refuses_and_one_mended_as_it_says_lets_in(self):
        broken = login_stack.BY_FAILURE.replace("[success=3", "[success=2")
        self.machine.use_stack("login", broken)
        # The stack of su is good.
        [remedy] = [remedy for level, _, remedy in self.of(self.doctor(), 9) if level == "fault"]
        terminal = self.login()
        journey_to_password(terminal, self.person.name)
        terminal.type(self.person.password, hidden=True)
        terminal.expect(words.INCORRECT)

        good, bad, line = re.search(r"write (\S+) instead of (\S+) at login:(\d+)", remedy).groups()
        file = pathlib.Path("/etc/pam.d/login")
        lines = file.read_text().splitlines()
        lines[int(line) - 1] = lines[int(line) - 1].replace(bad, good)
        file.write_text("\n".join(lines) + "\n")
        self.assertEqual(self.levels(self.doctor(), 9), {"ok"})
        terminal = self.login()
        journey_to_password(terminal, self.person.name)
        terminal.type(self.person.password, hidden=True)
        journey.to_shell(terminal, self.person.name)


def journey_to_password(terminal, name):
    """To the prompt of pam_unix, which is the first where trigger=failure."""
    terminal.expect(words.LOGIN)
    terminal.type(name)
    terminal.expect(words.PLAIN_PASSWORD)


if __name__ == "__main__":
    main()
