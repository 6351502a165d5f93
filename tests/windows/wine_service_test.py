#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""wine_service_test.py RELEASE_BUILD TEST_PROGRAM TRUST_CA: a reset from the tile through the real sspr-service over TLS,
proved by a code of the authenticator app; then the new password signs in at the service."""
import base64
import hashlib
import hmac
import pathlib
import re
import struct
import sys
import time

import wine_case

BUILD = pathlib.Path(sys.argv[1])
PROGRAM, TRUST_CA = sys.argv[2:4]
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
    def test_a_reset_at_the_tile_is_a_reset_at_the_service(self):
        _, printed = self.start()
        secret = re.search(r"secret=([A-Z2-7]+)", printed)[1]
        old = printed.split(f"Password of {ALICE}: ")[1].split("\n")[0]
        wine_case.trust(TRUST_CA, self.folder / "ca.pem")
        code, said = wine_case.run(PROGRAM, "--gtest_filter=*RealService", SSPR_STAGE="stage_real",
                                   SSPR_SERVICE=self.url.geturl(), SSPR_CODE=app_code(secret))
        self.assertEqual(code, 0, said)
        self.assertIn("[  PASSED  ] 1 test.", said)
        self.assertEqual(self.sign_in(PASSWORD)[0], 200)
        self.assertEqual(self.sign_in(old)[0], 400)


if __name__ == "__main__":
    import unittest
    # Of this module alone: programs_test has tests of its own.
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(RealService)
    sys.exit(not unittest.TextTestRunner().run(suite).wasSuccessful())
