#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""wine_reset_test.py TEST_PROGRAM TRUST_CA: a reset from the link of the tile to the serialised logon, with the
sspr-flow.exe that ships, and a service outside of Wine."""
import pathlib
import sys
import tempfile

import wine_case

sys.path.insert(0, str(wine_case.SOURCE / "tests/client"))
from flow_host import Service, make_certificates  # pylint: disable=wrong-import-position

PASSWORD = "Correct-Horse-ä€7"


def service_in(folder):
    folder.mkdir()
    make_certificates(folder)
    return Service(folder)


def main():
    program, trust_ca = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        service = service_in(folder / "service")
        stranger = service_in(folder / "stranger")
        wine_case.trust(trust_ca, folder / "service/ca.pem")
        code, said = wine_case.run(program, *sys.argv[3:], SSPR_STAGE="stage_real",
                                   SSPR_SERVICE=f"https://localhost:{service.port}/tenant",
                                   SSPR_STRANGER=f"https://localhost:{stranger.port}/tenant")
    print(said)
    assert code == 0, f"the test program ended with {code}"
    assert service.names() == ["sspr-configuration", "start", "challenge", "continue", "continue", "submit"], \
        service.names()
    assert service.form("start")["username"] == "alice@corp.example", service.form("start")
    assert service.form("submit")["new_password"] == PASSWORD, service.form("submit")
    assert "password_commitment" not in service.form("submit"), service.form("submit")
    assert not stranger.requests, stranger.requests
    assert PASSWORD not in said
    print("the service was asked for one reset, in order, for alice@corp.example")


if __name__ == "__main__":
    main()
