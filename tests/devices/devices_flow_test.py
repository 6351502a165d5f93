#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The real sspr-flow, enrolled, with a real service that answers enrolled devices only."""
import base64
import hashlib
import hmac
import os
import pathlib
import re
import shutil
import struct
import sys
import time
import unittest

from device_case import ALICE, FLOW, Device, DeviceCase

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "client"))
from flow_host import CHOOSE, NOT_CHANGED, PASSWORD_SET, Machine  # noqa: E402 pylint: disable=wrong-import-position

GOOD_PASSWORD = "plum kettle orbit lantern"


def app_code(secret):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}"


class EnrolledFlowTest(DeviceCase):
    def setUp(self):
        super().setUp()
        _, printed = self.start()
        self.secret = re.search(r"secret=([A-Z2-7]+)", printed)[1]
        self.control("policy", "set", "devices.required", "on")
        self.machine = Machine(os.path.abspath(FLOW))
        self.addCleanup(self.machine.close)
        self.device = Device(self)
        self.machine.setpw.device = bytes.fromhex(self.device.hex_id)
        self.machine.setpw.replies[self.machine.setpw.PREPARE] = (
            self.machine.setpw.READY,
            self.machine.setpw.device + self.machine.setpw.nonce + bytes(2))

    def configure(self, with_key=True):
        folder = self.machine.folder
        shutil.copy(self.folder / "ca.pem", folder / "service-ca.pem")
        os.chmod(folder / "service-ca.pem", 0o644)
        lines = ["[service]", f"url = {self.url.geturl()}", f"ca_file = {folder}/service-ca.pem",
                 "username = {user}@example.org", "[machine]", "flow_user = sspr",
                 f"setpw_socket = {folder}/setpw.sock", f"resume_secret_file = {folder}/resume.key"]
        if with_key:
            key = folder / "device.key"
            shutil.copy(self.device.key, key)
            os.chmod(key, 0o600)
            os.chown(key, 990, 990)  # of the account in the machine's own passwd file
            lines.append(f"device_key_file = {key}")
        self.machine.write_raw_config("\n".join(lines) + "\n")

    def begin(self):
        host, process = self.machine.start()
        self.addCleanup(host.close)
        host.begin("alice")
        host.say("")
        return host, process

    def assert_told(self, host, process, words):
        outcome, _, text = host.done()
        self.assertEqual(outcome, NOT_CHANGED)
        self.assertIn(words, text)
        process.wait(60)

    def test_an_enrolled_machine_resets(self):
        self.device.enrol(self.token())
        self.configure()
        host, process = self.begin()
        _, labels = host.until(CHOOSE)
        host.answer(str(1 + next(i for i, label in enumerate(labels) if "app" in label)))
        host.say(app_code(self.secret))
        host.say(GOOD_PASSWORD)
        host.say(GOOD_PASSWORD)
        self.assertEqual(host.done()[0], PASSWORD_SET, host.seen)
        self.assertEqual(process.wait(60), 0)
        self.assertEqual(self.sign_in(GOOD_PASSWORD, ALICE)[0], 200)

    def test_a_machine_that_is_not_enrolled_is_told_what_to_do(self):
        self.configure(with_key=False)
        self.assert_told(*self.begin(), "this one is not: have it enrolled")
        self.configure()
        self.assert_told(*self.begin(), "this one is not: have it enrolled")

    def test_a_revoked_machine_is_told_what_to_do(self):
        self.device.enrol(self.token())
        self.control("devices", "revoke", self.device.hex_id)
        self.configure()
        self.assert_told(*self.begin(), "have it enrolled again")

    def test_a_key_that_others_can_read_is_not_used(self):
        self.device.enrol(self.token())
        self.configure()
        os.chmod(self.machine.folder / "device.key", 0o644)
        self.assert_told(*self.begin(), "have it enrolled")

    def test_every_proof_takes_the_nonce_that_the_policy_asks_for(self):
        self.device.enrol(self.token())
        self.control("policy", "set", "devices.nonce", "on")
        self.configure()
        host, _ = self.begin()
        host.until(CHOOSE)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("SKIP: needs root, for accounts of its own in a mount namespace")
        sys.exit(77)
    unittest.main(verbosity=2)
