# SPDX-License-Identifier: Apache-2.0
"""A real service with a real ssprctl, and a device whose key is in a file.
SERVICE SSPRCTL DEVICE_TOOL FLOW"""

import http.client
import json
import pathlib
import ssl
import subprocess
import sys
import urllib.parse

SERVICE, CONTROL, TOOL, FLOW = sys.argv[1:5]
sys.argv[1:5] = [SERVICE, CONTROL, ""]  # as programs_test reads them
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "service_api"))
from programs_test import ALICE, Programs  # noqa: E402,F401 pylint: disable=wrong-import-position


class Device:
    """A key, and requests that are proved by it."""

    def __init__(self, case, name="device", kind="p256"):
        self.case = case
        self.key = case.folder.parent / f"{name}.pem"
        subprocess.run([TOOL, "make", self.key, kind], check=True)
        self.jwk, self.id = subprocess.run([TOOL, "jwk", self.key], check=True, text=True,
                                           capture_output=True).stdout.split("\n")[:2]

    @property
    def hex_id(self):
        import base64
        return base64.urlsafe_b64decode(self.id + "=").hex()

    def proof(self, path, body, nonce="", fast=0, method="POST"):
        return subprocess.run(
            [TOOL, "prove", self.key, self.case.url.geturl(), method, path, nonce, str(fast)],
            input=body, check=True, text=True, capture_output=True).stdout.strip()

    def post(self, path, nonce="", fast=0, **form):
        body = urllib.parse.urlencode({"client_id": "sspr-login"} | form)
        return self.case.send(path, body, {"DPoP": self.proof(path, body, nonce, fast)})

    def enrol(self, token, **more):
        return self.post("/devices/v1.0/enroll", enrollment_token=token, public_key=self.jwk,
                         **{"name": "desk 7", "os": "debian 12", "versions": "flow=1"} | more)


class DeviceCase(Programs):
    def send(self, path, body, headers=None, method="POST"):
        """(status, object, headers)"""
        tls = ssl.create_default_context(cafile=self.folder / "ca.pem")
        client = http.client.HTTPSConnection("localhost", self.url.port, context=tls, timeout=60)
        try:
            client.putrequest(method, self.url.path + path)
            client.putheader("Content-Type", "application/x-www-form-urlencoded")
            client.putheader("Content-Length", str(len(body)))
            for name, value in (headers or {}).items():
                for one in value if isinstance(value, list) else [value]:
                    client.putheader(name, one)
            client.endheaders(body.encode())
            answer = client.getresponse()
            return answer.status, json.loads(answer.read()), answer.headers
        finally:
            client.close()

    def token(self, *more):
        printed = json.loads(self.control("--json", "devices", "token", *more))
        return printed["enrollment_token"]

    def assert_refused(self, answer, status, error, suberror=None):
        self.assertEqual((answer[0], answer[1]["error"], answer[1].get("suberror")),
                         (status, error, suberror), answer[1])
