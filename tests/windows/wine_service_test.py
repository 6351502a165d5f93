#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""wine_service_test.py RELEASE_BUILD TEST_PROGRAM TRUST_CA ENROLL: a reset from the tile through the real sspr-service over
TLS, proved by a code of the authenticator app; then the new password signs in at the service. And the same at a service
that serves enrolled devices only: the computer is enrolled, revoked, enrolled again, forgotten."""
import base64
import hashlib
import hmac
import json
import pathlib
import re
import struct
import sys
import time

import wine_case

BUILD = pathlib.Path(sys.argv[1])
PROGRAM, TRUST_CA, ENROLL = sys.argv[2:5]
OURS = r"HKLM\SOFTWARE\SSPR Login"
RECORD = OURS + r"\Device"
SERVICE, CONTROL = BUILD / "service/sspr-service", BUILD / "service/ssprctl"
PASSWORD = "Correct-Horse-ä€7"


def app_code(secret):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}"


if not SERVICE.exists() or not CONTROL.exists():
    print(f"{SERVICE} is not there: build the preset release first")
    sys.exit(77)

sys.argv[1:] = [str(SERVICE), str(CONTROL), ""]  # as programs_test reads them
sys.path.insert(0, str(wine_case.SOURCE / "tests/service_api"))
from programs_test import ALICE, Programs  # noqa: E402 pylint: disable=wrong-import-position


class RealService(Programs):
    def configure(self):
        """Starts the service, trusted and configured; gives the secret of the app and the old password."""
        _, printed = self.start()
        wine_case.trust(TRUST_CA, self.folder / "ca.pem")
        self.addCleanup(wine_case.run, "reg", "delete", OURS, "/v", "ServiceUrl", "/f")
        wine_case.run("reg", "add", OURS, "/v", "ServiceUrl", "/d", self.url.geturl(), "/f")
        secret = re.search(r"secret=([A-Z2-7]+)", printed)[1]
        return secret, printed.split(f"Password of {ALICE}: ")[1].split("\n")[0]

    def tile(self, test, suite="Reset", **environment):
        code, said = wine_case.run(PROGRAM, f"--gtest_filter={suite}.{test}", SSPR_STAGE="stage_real",
                                   SSPR_SERVICE=self.url.geturl(), **environment)
        self.assertEqual(code, 0, said)
        self.assertIn("[  PASSED  ] 1 test.", said)

    def enroll(self, *words, code=0):
        for _ in range(5):  # 3 is "try again": a busy machine may have passed the client's deadline
            ended, said = wine_case.run(ENROLL, *words)
            if ended != 3:
                break
        self.assertEqual(ended, code, said)
        return said

    def enroll_with(self, token, *words, code=0):
        file = self.folder / "token"
        file.write_text(token + "\r\n", encoding="ascii")
        self.addCleanup(file.unlink, missing_ok=True)
        said = self.enroll("enroll", "--token-file", wine_case.windows_path(file), *words, code=code)
        self.assertNotIn(token, said)
        return said

    def token(self, *more):
        return json.loads(self.control("--json", "devices", "token", *more))["enrollment_token"]

    def devices(self):
        return json.loads(self.control("--json", "devices", "list"))

    def test_an_enrolled_computer_is_served_and_a_revoked_one_is_told(self):
        secret, _ = self.configure()
        self.enroll("unenroll")  # of whatever ran before
        self.addCleanup(self.enroll, "unenroll")
        self.control("policy", "set", "devices.required", "on")
        self.assertIn("not enrolled", self.enroll("status", code=1))
        self.tile("SaysWhatTheServiceRefuses", SSPR_SENTENCE="enrolled computers only")
        self.assertIn("used up or expired", self.enroll_with("0" * 40, code=4))
        self.assertEqual(self.devices(), [])

        token = self.token("--uses", "1")
        self.assertIn("is enrolled now", self.enroll_with(token, "--name", "desk-7"))
        [device] = self.devices()
        self.assertEqual(device["name"], "desk-7")
        self.assertIn(device["id"], self.enroll("status"))
        self.assertIn(device["id"], self.enroll("status", "--offline"))
        self.assertIn("enrolled already", self.enroll("enroll", "--token-file", r"C:\no such file"))
        self.enroll("renew")
        self.tile("GoesOnWhereItWasCutOff", SSPR_CODE=app_code(secret))

        # As if the answer had been lost: the token has one use, and none more is spent.
        name = wine_case.run("reg", "query", RECORD, "/v", "KeyName")[1].split("REG_SZ")[1].strip()
        wine_case.run("reg", "add", RECORD, "/v", "ProposedKeyName", "/d", name, "/f")
        wine_case.run("reg", "delete", RECORD, "/v", "KeyName", "/f")
        self.assertIn("did not end", self.enroll("status", code=1))
        self.assertIn(device["id"], self.enroll_with(token))

        self.control("devices", "revoke", device["id"], "--because", "stolen")
        self.assertIn("revoked", self.enroll("status", code=4))
        self.assertIn("revoked", self.enroll("renew", code=4))
        self.tile("SaysWhatTheServiceRefuses", SSPR_SENTENCE="no longer allowed")
        self.assertIn("revoked", self.enroll_with(token, code=4))
        self.assertNotIn(device["id"], self.enroll_with(self.token(), "--new-key"))
        self.assertIn("is enrolled", self.enroll("status"))
        self.assertIn("devices revoke", self.enroll("unenroll"))
        self.assertEqual(wine_case.run("reg", "query", RECORD)[0], 1)
        self.enroll("renew", code=4)

    def test_an_account_of_the_computer_itself_is_set_by_permit(self):
        secret, old = self.configure()
        self.enroll("unenroll")
        self.addCleanup(self.enroll, "unenroll")
        self.enroll_with(self.token())
        self.tile("GoesThroughTheRealService", suite="OwnReset", SSPR_CODE=app_code(secret))
        self.assertEqual(self.sign_in(PASSWORD)[0], 200)
        self.assertEqual(self.sign_in(old)[0], 400)

    def test_setpw_killed_at_the_worst_moment_is_told(self):
        secret, _ = self.configure()
        self.enroll("unenroll")
        self.addCleanup(self.enroll, "unenroll")
        self.enroll_with(self.token())
        # A key that is not the one of the enrolment is not believed, and says so.
        key = wine_case.run("reg", "query", RECORD, "/v", "PermitKey")[1].split("REG_BINARY")[1].strip()
        wine_case.run("reg", "add", RECORD, "/v", "PermitKey", "/t", "REG_BINARY", "/d", "00" * 32, "/f")
        self.assertIn("--replace-permit-key", self.enroll("enroll", code=4))
        self.enroll("enroll", "--replace-permit-key")
        self.assertIn(key, wine_case.run("reg", "query", RECORD, "/v", "PermitKey")[1])
        self.tile("SaysSoWhenSetpwIsKilled", suite="OwnReset", SSPR_CODE=app_code(secret))
        self.assertEqual(self.sign_in(PASSWORD)[0], 200)  # the service has it; the person was told

    def test_a_reset_at_the_tile_is_a_reset_at_the_service(self):
        secret, old = self.configure()
        self.tile("GoesThroughTheRealService", SSPR_CODE=app_code(secret))
        self.assertEqual(self.sign_in(PASSWORD)[0], 200)
        self.assertEqual(self.sign_in(old)[0], 400)


if __name__ == "__main__":
    import unittest
    # Of this module alone: programs_test has tests of its own.
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(RealService)
    sys.exit(not unittest.TextTestRunner().run(suite).wasSuccessful())
