#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The stand-in of Microsoft Graph is as strict as the tests that lean on it believe: each wrong
request is refused, and noticed."""
import base64
import http.client
import json
import pathlib
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from entra_stand_in import CLIENT, FIELDS, TENANT, EntraStandIn, make_certificates  # noqa: E402 pylint: disable=wrong-import-position

ADA = "0a1b2c3d-1111-4222-8333-444455556666"
SELECT = "$select=" + urllib.parse.quote(",".join(sorted(FIELDS)), safe="")
BY_NAME = "/v1.0/users?$filter=" + urllib.parse.quote("userPrincipalName eq 'ada@contoso.example'", safe="")
PROFILE = {"passwordProfile": {"password": "Gravel Lantern 7 oak", "forceChangePasswordNextSignIn": False}}


def unpadded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class StandInTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="sspr-entra-")
        cls.folder = pathlib.Path(cls.scratch.name)
        make_certificates(cls.folder)
        cls.graph = EntraStandIn(cls.folder, cls.folder / "server.pem")
        cls.graph.person(ADA, "ada@contoso.example")

    @classmethod
    def tearDownClass(cls):
        cls.graph.stop()
        cls.scratch.cleanup()

    def setUp(self):
        self.graph.faults.clear()

    def ask(self, method, path, body=None, **headers):
        tls = ssl.create_default_context(cafile=self.folder / "ca.pem")
        client = http.client.HTTPSConnection("localhost", urllib.parse.urlsplit(self.graph.url).port,
                                             context=tls, timeout=60)
        self.addCleanup(client.close)
        client.putrequest(method, path, skip_accept_encoding=True)
        sent = {"User-Agent": "test", "Accept": "application/json",
                "client-request-id": str(uuid.uuid4())} | headers
        if body is not None:
            sent["Content-Length"] = str(len(body))
        for name, value in sent.items():
            client.putheader(name.replace("_", "-"), value)
        client.endheaders(body.encode() if body is not None else None)
        answer = client.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None

    def assertion(self, header=None, **claims):
        now = int(time.time())
        header = header or {"alg": "PS256", "typ": "JWT", "x5t#S256": self.graph.thumbprint}
        claims = {"aud": f"{self.graph.url}/{TENANT}/oauth2/v2.0/token", "iss": CLIENT, "sub": CLIENT,
                  "jti": str(uuid.uuid4()), "iat": now, "nbf": now, "exp": now + 300} | claims
        text = ".".join(unpadded(json.dumps(part).encode()) for part in (header, claims))
        signed = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", self.folder / "graph.key", "-sigopt",
             "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"],
            input=text.encode(), capture_output=True, check=True).stdout
        return text + "." + unpadded(signed)

    def token(self, assertion, **more):
        form = {"client_id": CLIENT, "scope": self.graph.url + "/.default", "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": assertion} | more
        return self.ask("POST", f"/{TENANT}/oauth2/v2.0/token", urllib.parse.urlencode(form),
                        Content_Type="application/x-www-form-urlencoded")

    def signed_in(self):
        status, answer = self.token(self.assertion())
        self.assertEqual(status, 200, answer)
        return {"Authorization": "Bearer " + answer["access_token"]}

    def test_only_a_right_assertion_gets_a_token_and_only_once(self):
        now = int(time.time())
        right = self.assertion()
        self.assertEqual(self.token(right)[0], 200)
        wrong = [right, right[:-8] + "AAAAAAAA", self.assertion(aud="https://graph.microsoft.com"),
                 self.assertion(iat=now - 900, nbf=now - 900, exp=now - 600), self.assertion(exp=now + 3600),
                 self.assertion(sub="somebody"), self.assertion(tenant="x"),
                 self.assertion({"alg": "PS256", "typ": "JWT", "x5t#S256": "AAAA"}),
                 self.assertion({"alg": "none", "typ": "JWT", "x5t#S256": self.graph.thumbprint})]
        for assertion in wrong:
            self.assertEqual(self.token(assertion)[0], 401)
        self.assertEqual(len(self.graph.faults), len(wrong))
        self.assertEqual(self.token(self.assertion(), scope="https://graph.microsoft.com/.default")[0], 400)

    def test_only_documented_questions_are_answered(self):
        who = self.signed_in()
        good = BY_NAME + "&" + SELECT + "&$top=2"
        status, answer = self.ask("GET", good, **who)
        self.assertEqual((status, [one["id"] for one in answer["value"]]), (200, [ADA]))
        self.assertEqual(self.graph.faults, [])
        wrong = [(400, good + "&$count=true", {}), (400, good + "&$search=x", {}),
                 (400, f"/v1.0/users/{ADA}/transitiveMemberOf/microsoft.graph.group?$select=id", {}),
                 (400, BY_NAME + "&$select=id,shoeSize", {}), (400, BY_NAME.replace("%27", "'") + "&$select=id", {}),
                 (400, BY_NAME.replace("%27", "") + "&$select=id", {}), (400, good + "&$expand=manager", {}),
                 (400, good.replace("$top=2", "$top=1000"), {}), (400, good, {"X_Other": "1"}),
                 (404, f"/v1.0/users/{ADA}/manager", {}), (401, good, {"Authorization": "Bearer x"})]
        for status, path, headers in wrong:
            self.assertEqual(self.ask("GET", path, **who | headers)[0], status, path)
        self.assertEqual(len(self.graph.faults), len(wrong))

    def test_only_a_password_profile_is_changed_and_only_as_json(self):
        who = self.signed_in()
        path = f"/v1.0/users/{ADA}"
        as_json = {"Content_Type": "application/json"}
        wrong = [(400, {"accountEnabled": True}), (400, PROFILE | {"accountEnabled": True}),
                 (400, {"passwordProfile": {"password": "Gravel Lantern 7 oak"}}),
                 (400, {"passwordProfile": PROFILE["passwordProfile"] | {"forceChangePasswordNextSignIn": True}}),
                 (400, {"passwordProfile": PROFILE["passwordProfile"] | {"hint": "x"}})]
        for status, body in wrong:
            self.assertEqual(self.ask("PATCH", path, json.dumps(body), **who | as_json)[0], status, body)
        text = json.dumps(PROFILE)
        for content_type in ("text/plain", "application/x-www-form-urlencoded"):
            self.assertEqual(self.ask("PATCH", path, text, **who, Content_Type=content_type)[0], 415)
        twice = text[:-1] + ', "passwordProfile": {}}'
        self.assertEqual(self.ask("PATCH", path, twice, **who | as_json)[0], 400)
        self.assertEqual(len(self.graph.faults), len(wrong) + 3)
        self.assertEqual(self.graph.changes, 0)
        self.assertEqual(self.ask("PATCH", path, text, **who | as_json)[0], 204)
        self.assertEqual(self.graph.people[ADA]["password"], "Gravel Lantern 7 oak")


if __name__ == "__main__":
    unittest.main(verbosity=2)
