# SPDX-License-Identifier: Apache-2.0
"""The base of the tests of sspr-flow as a program: FLOW_PROGRAM SANITIZED(0|1)."""

import os
import sys
import unittest

from flow_host import Host, Machine  # noqa: F401  (re-exported)

PROGRAM = os.path.abspath(sys.argv.pop(1))
SANITIZED = sys.argv.pop(1) == "1"
GOOD_PASSWORD = "plum kettle orbit"


class FlowCase(unittest.TestCase):
    def setUp(self):
        self.machine = Machine(PROGRAM)
        self.addCleanup(self.machine.close)
        self.service = self.machine.service
        self.setpw = self.machine.setpw

    def begin(self, user="alice", uid=0, **more):
        host, process = self.machine.start(uid)
        self.addCleanup(host.close)
        host.begin(user, **more)
        return host, process

    def assert_ends_unchanged(self, host, process, *words):
        outcome, answer, text = host.done()
        self.assertEqual((outcome, answer), (1, 0xFFFF), text)
        for word in words:
            self.assertIn(word, text)
        process.wait(30)
        self.assertNotIn("submit", self.service.names())
        return text


def main():
    if os.geteuid() != 0:
        print("SKIP: needs root, for accounts of its own in a mount namespace")
        sys.exit(77)
    unittest.main(verbosity=2)
