# SPDX-License-Identifier: Apache-2.0
"""A phone that approves, as its browser is: a P-256 key, and requests that it signs (docs/approvals.md)."""

import base64
import http.client
import json
import pathlib
import ssl
import subprocess
import tempfile
import time
import urllib.parse


def _b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _raw_signature(der):
    """r and s side by side, as WebCrypto has them."""
    numbers, rest = [], der[2:]
    for _ in range(2):
        length = rest[1]
        numbers.append(int.from_bytes(rest[2 : 2 + length], "big").to_bytes(32, "big"))
        rest = rest[2 + length :]
    return b"".join(numbers)


class Phone:
    def __init__(self, url, ca_file):
        self._url = url
        self._parts = urllib.parse.urlsplit(url)
        self._tls = ssl.create_default_context(cafile=ca_file)
        self._scratch = tempfile.TemporaryDirectory(prefix="sspr-phone-")
        self._key = pathlib.Path(self._scratch.name) / "key.pem"
        self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self._key)
        der = self._openssl("ec", "-in", self._key, "-pubout", "-outform", "DER")
        self._point = _b64url(der[-65:])
        self._device = ""

    def close(self):
        """Its key is gone with it."""
        self._scratch.cleanup()

    @staticmethod
    def _openssl(*words, stdin=b""):
        return subprocess.run(["openssl", *map(str, words)], input=stdin, check=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

    def _sign(self, *lines):
        text = "\n".join([lines[0], self._url, *map(str, lines[1:])]).encode()
        return _b64url(_raw_signature(self._openssl("dgst", "-sha256", "-sign", self._key,
                                                    stdin=text)))

    def _post(self, path, **members):
        connection = http.client.HTTPSConnection(self._parts.hostname, self._parts.port,
                                                 context=self._tls, timeout=20)
        try:
            connection.request("POST", f"{self._parts.path}/portal/approve/{path}",
                               json.dumps(members), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def enrol(self, code, name="Phone of the test"):
        status, answer = self._post(
            "enrol", code=code, name=name, public_key=self._point,
            signature=self._sign("sspr-approval-enrol v1", code, self._point))
        if status != 200:
            raise AssertionError(f"the phone was not enrolled: {answer}")
        self._device = answer["device"]

    def waiting(self):
        """What the phone is asked now."""
        at = int(time.time())
        status, answer = self._post(
            "list", device=self._device, at=at,
            signature=self._sign("sspr-approval-list v1", self._device, at))
        if status != 200:
            raise AssertionError(f"the phone is not answered: {answer}")
        return answer["requests"]

    def wait_for_request(self, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if requests := self.waiting():
                return requests[0]
            time.sleep(0.05)
        raise AssertionError("nothing waits for the phone")

    def answer(self, request, word, number=""):
        """"approve" with the number, "deny" or "report"; gives the outcome."""
        _, answer = self._post(
            "answer", device=self._device, request=request["id"], answer=word, number=number,
            signature=self._sign("sspr-approval-answer v1", self._device, request["id"], word, number))
        return answer.get("outcome", answer.get("error"))
