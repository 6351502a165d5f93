#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The service is what docs/openapi.json says: every operation of the document is called on a real service,
with success and with each documented refusal, and every request and answer is held to its schema; every
route of the service is in the document. openapi_test.py SERVICE SSPRCTL DEVICE_TOOL SOURCE

To add an endpoint: its path in docs/openapi.json, and a call of it in a test below (or, where it needs a
world of its own, an entry in ELSEWHERE with the test that holds it to the document by Contract.check)."""
import base64
import hashlib
import hmac
import http.client
import json
import pathlib
import re
import ssl
import struct
import subprocess
import sys
import time
import unittest
import urllib.parse

from jsonschema import Draft202012Validator

SERVICE, CONTROL, TOOL, SOURCE = *sys.argv[1:4], pathlib.Path(sys.argv[4])
sys.argv[1:5] = [SERVICE, CONTROL, TOOL, ""]  # as device_case reads them
sys.path[:0] = [str(SOURCE / "tests/devices"), str(SOURCE / "tests/service_api")]
from device_case import Device  # noqa: E402 pylint: disable=wrong-import-position
from programs_test import ALICE, PASSWORD, Programs  # noqa: E402 pylint: disable=wrong-import-position

DOCUMENT = json.loads((SOURCE / "docs/openapi.json").read_text())
FORM = "application/x-www-form-urlencoded"
EVERYTHING = "oob totp questions recovery_code tap password redirect"
CAPABILITIES = "reset_introspect reset_mfa_required reset_final_submit mfa_required registration_required"
NEW_PASSWORD = "seven green bottles of rain"
# (path, method): the test that calls it.
ELSEWHERE = {("/writeback/v1.0/register", "post"): "writeback/writeback_test.py",
             ("/writeback/v1.0/exchange", "post"): "writeback/writeback_test.py"}


class Contract:
    """The document, and which of its answers were seen."""

    def __init__(self, document):
        self.document = document
        self.seen = set()
        self.promised = {(path, method, status)
                         for path, item in document["paths"].items()
                         for method, operation in item.items() if method in ("get", "post", "put", "delete")
                         for status in operation["responses"]}

    def resolve(self, node):
        while "$ref" in node:
            found = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    def faults(self, schema, value):
        whole = dict(schema, components=self.document["components"])
        return [f"{error.json_path}: {error.message}"
                for error in Draft202012Validator(whole).iter_errors(value)]

    def check(self, path, method, form, status, headers, body):
        """What is wrong with a request that was answered well, or with an answer; nothing when all is right."""
        operation = self.document["paths"][path][method]
        if str(status) not in operation["responses"]:
            return [f"{method} {path} answered {status}, which is not documented: {body}"]
        self.seen.add((path, method, str(status)))
        answer = self.resolve(operation["responses"][str(status)])
        faults = []
        content = answer.get("content", {})
        if content:
            kind = headers.get("Content-Type", "").partition(";")[0]
            if kind not in content:
                return [f"{method} {path} {status} is {kind}"]
            if kind == "application/json":
                faults += self.faults(content[kind]["schema"], json.loads(body))
        for name, header in answer.get("headers", {}).items():
            optional = self.resolve(header).get("required", True) is False
            if name not in headers and optional:
                continue
            if name not in headers:
                faults.append(f"{method} {path} {status} lacks the header {name}")
            else:
                faults += self.faults(self.resolve(header)["schema"], headers[name])
        if form is not None and status == 200:
            faults += self.faults(operation["requestBody"]["content"][FORM]["schema"], form)
        return [f"{method} {path} {status}: {fault}" for fault in faults]


CONTRACT = Contract(DOCUMENT)


def app_code(secret, at):
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 1000000:06d}"


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class DocumentTest(unittest.TestCase):
    def test_its_schemas_and_references_are_good(self):
        self.assertEqual(DOCUMENT["openapi"], "3.1.0")
        for schema in DOCUMENT["components"]["schemas"].values():
            Draft202012Validator.check_schema(schema)
        for reference in re.findall(r'"\$ref": "([^"]+)"', json.dumps(DOCUMENT)):
            CONTRACT.resolve({"$ref": reference})
        used = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(DOCUMENT)))
        self.assertEqual(used, set(DOCUMENT["components"]["schemas"]), "a schema is used by nobody, or missing")
        ids = [operation["operationId"] for item in DOCUMENT["paths"].values()
               for method, operation in item.items() if method in ("get", "post")]
        self.assertEqual(len(ids), len(set(ids)))

    def test_every_route_of_the_service_is_in_it(self):
        """The router denies what is not in its table: the table is all there is."""
        names = {}
        for header in [SOURCE / "common/protocol/wire.h", SOURCE / "common/writeback/wire_paths.h", *sorted((SOURCE / "service").rglob("*.cc")),
                       *sorted((SOURCE / "service").rglob("*.h"))]:
            names |= dict(re.findall(r'constexpr char (k\w*Path)\[\] =\s*"(/[^"]+)"', header.read_text()))
        source = (SOURCE / "service/api/api.cc").read_text()
        table = re.search(r"kRoutes\[\] = \{(.*?)\n  \};", source, re.S)[1]
        routes = {names[name.removeprefix("wire::")] for name in re.findall(r"\{\s*((?:wire::)?k\w+Path)", table)}
        routes |= set(re.findall(r'\{\s*"(/[^"]+)"', table))
        agents = (SOURCE / "service/api/agent_api.cc").read_text()
        routes |= {names[name] for name in re.findall(r"wire::(k\w+Path)", agents)}
        self.assertGreater(len(routes), 15)
        documented = {path for path, item in DOCUMENT["paths"].items() if "servers" not in item}
        self.assertEqual(routes - documented, set(), "routes that the document lacks")
        self.assertEqual(documented - routes, set(), "paths that the service lacks")


class OperationsTest(Programs):
    """One service for each test; what they saw together is judged at the end."""

    @classmethod
    def setUpClass(cls):
        """A mail server: smtp_sink.py as a child."""
        cls.sink = subprocess.Popen([sys.executable, SOURCE / "tests/contract/notifier/smtp_sink.py"],
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for line in cls.sink.stdout:
            name, _, value = line.rstrip("\n").partition(" ")
            if name == "plain":
                cls.smtp = value
            if name == "ready":
                return
        raise AssertionError("the mail server did not start")

    @classmethod
    def tearDownClass(cls):
        cls.sink.stdin.close()
        cls.sink.wait(30)
        cls.sink.stdout.close()

    def setUp(self):
        super().setUp()
        self.service, printed = self.start(more=["--smtp", self.smtp])
        self.secret = re.search(r"(?im)secret.*?([A-Z2-7]{16,})", printed)[1]
        self.code_at = 0

    def call(self, path, *, method="POST", headers=None, **form):
        at_root = "servers" in DOCUMENT["paths"][path]
        tls = ssl.create_default_context(cafile=self.folder / "ca.pem")
        client = http.client.HTTPSConnection("localhost", self.url.port, context=tls, timeout=60)
        try:
            client.request(method, ("" if at_root else self.url.path) + path,
                           urllib.parse.urlencode(form) if method == "POST" else None,
                           {"Content-Type": FORM, **(headers or {})} if method == "POST" else {})
            answer = client.getresponse()
            body = answer.read()
        finally:
            client.close()
        documented = method.lower()
        if answer.status == 405:
            documented = next(iter(set(DOCUMENT["paths"][path]) & {"get", "post"}))
        self.headers = answer.headers
        faults = CONTRACT.check(path, documented, form if method == "POST" else None, answer.status,
                                answer.headers, body)
        self.assertEqual(faults, [])
        return answer.status, json.loads(body) if body else None

    def post(self, path, **form):
        return self.call(path, client_id="sspr-login", **form)

    def done(self, path, **form):
        status, answer = self.post(path, **form)
        self.assertEqual(status, 200, answer)
        return answer

    def refused(self, path, **form):
        status, answer = self.post(path, **form)
        self.assertEqual(status, 400, answer)
        return answer

    def proved(self, device, path, *, nonce="", fast=0, **form):
        """By a device's key: (status, object)."""
        form = {"client_id": "sspr-login"} | form
        proof = device.proof(path, urllib.parse.urlencode(form), nonce, fast)
        return self.call(path, headers={"DPoP": proof}, **form)

    def enrolled(self):
        device = Device(self)
        token = json.loads(self.control("--json", "devices", "token"))["enrollment_token"]
        status, answer = self.enrol(device, token)
        self.assertEqual(status, 200, answer)
        self.assertEqual(answer["device_id"], device.id)
        return device

    def enrol(self, device, token):
        return self.proved(device, "/devices/v1.0/enroll", enrollment_token=token, public_key=device.jwk,
                           name="desk 7", os="debian 12", versions="flow=1")

    def assert_unproved(self, answered, error, suberror=None):
        """A 401, whose header is in the document."""
        status, answer = answered
        self.assertEqual((status, answer["error"], answer.get("suberror")), (401, error, suberror), answer)
        self.assertEqual("DPoP-Nonce" in self.headers, error == "use_dpop_nonce")

    def mailed_code(self, address):
        for _ in range(200):
            self.sink.stdin.write("mails\n")
            self.sink.stdin.flush()
            for mail in json.loads(self.sink.stdout.readline()):
                code = re.search(r"(?m)^\s*([\d ]{6,12})\s*$", mail["text"])
                if address in mail["to"] and code:
                    return code[1].replace(" ", "")
            time.sleep(0.05)
        raise AssertionError("no mail came")

    def app_code(self):
        """Each step of the clock opens once: the next one where this one was used."""
        step = max(int(time.time()) // 30 - 1, self.code_at + 1)
        self.code_at = step
        return app_code(self.secret, step * 30)

    def prove(self, reset="/resetpassword/v1.0", **start):
        begun = self.done(f"{reset}/start", username=ALICE, challenge_type=EVERYTHING, capabilities=CAPABILITIES,
                          **start)
        listed = self.done(f"{reset}/introspect", continuation_token=begun["continuation_token"])
        app = next(one for one in listed["methods"] if one["challenge_type"] == "totp")
        opened = self.done(f"{reset}/challenge", continuation_token=begun["continuation_token"], id=app["id"],
                           challenge_type=EVERYTHING)
        self.refused(f"{reset}/continue", continuation_token=opened["continuation_token"], grant_type="totp",
                     oob="000000")
        return begun, self.done(f"{reset}/continue", continuation_token=opened["continuation_token"],
                                grant_type="totp", oob=self.app_code())

    def test_a_reset_and_the_sign_in_behind_it(self):
        begun, proved = self.prove(resume_key=b64url(b"r" * 32), local_set=json.dumps(
            {"account": "alice", "device_id": b64url(b"d" * 32), "nonce": b64url(b"n" * 32)}))
        self.done("/resetpassword/v1.0/policy", continuation_token=proved["continuation_token"])
        token = {"continuation_token": proved["continuation_token"]}
        commitment = b64url(b"c" * 32)
        self.refused("/resetpassword/v1.0/submit", new_password="short", password_commitment=commitment, **token)
        set_now = self.done("/resetpassword/v1.0/submit", new_password=NEW_PASSWORD,
                            password_commitment=commitment, **token)
        self.assertEqual(len(set_now["permit"]), 342)
        polled = self.done("/resetpassword/v1.0/poll_completion",
                           continuation_token=set_now["continuation_token"])
        self.assertEqual(polled["status"], "succeeded")
        self.done("/resetpassword/v1.0/transaction", transaction_id=begun["transaction_id"])
        self.done("/oauth2/v2.0/token", continuation_token=polled["continuation_token"], username=ALICE,
                  grant_type="continuation_token", scope="openid offline_access", client_info="true")

    def test_a_reset_as_a_plain_client_does_it(self):
        begun = self.done("/resetpassword/v1.0/start", username=ALICE, challenge_type="oob redirect")
        self.assertEqual(set(begun), {"continuation_token"})
        opened = self.done("/resetpassword/v1.0/challenge", continuation_token=begun["continuation_token"],
                           challenge_type="oob redirect")
        self.assertEqual(opened["challenge_channel"], "email")
        self.assertEqual(self.done("/resetpassword/v1.0/start", username=ALICE,
                                   challenge_type="redirect")["challenge_type"], "redirect")

    def test_an_unlock(self):
        self.control("policy", "set", "unlock.enabled", "on")
        _, proved = self.prove(operation="unlock")
        self.refused("/resetpassword/v1.0/unlock", continuation_token=proved["continuation_token"])
        for _ in range(11):
            begun = self.done("/oauth2/v2.0/initiate", username=ALICE, challenge_type="password redirect")
            asked = self.done("/oauth2/v2.0/challenge", continuation_token=begun["continuation_token"],
                              challenge_type="password redirect")
            self.refused("/oauth2/v2.0/token", continuation_token=asked["continuation_token"], scope="openid",
                         grant_type="password", password="wrong")
        self.done("/resetpassword/v1.0/unlock", continuation_token=proved["continuation_token"])

    def sign_in(self):
        begun = self.done("/oauth2/v2.0/initiate", username=ALICE, challenge_type=EVERYTHING,
                          capabilities=CAPABILITIES)
        return self.done("/oauth2/v2.0/challenge", continuation_token=begun["continuation_token"],
                         challenge_type=EVERYTHING)

    def test_sign_in_with_a_second_factor_and_refresh(self):
        password = (self.folder / "initial-password").read_text().strip() \
            if (self.folder / "initial-password").exists() else PASSWORD
        self.control("users", "set-password", ALICE, stdin=password + "\n")
        self.control("policy", "set", "sign_in.gates", "2")
        asked = self.sign_in()
        wanted = self.refused("/oauth2/v2.0/token", continuation_token=asked["continuation_token"],
                              grant_type="password", password=password, scope="openid offline_access")
        self.assertEqual(wanted["suberror"], "mfa_required")
        token = {"continuation_token": wanted["continuation_token"]}
        listed = self.done("/oauth2/v2.0/introspect", **token)
        app = next(one for one in listed["methods"] if one["challenge_type"] == "totp")
        opened = self.done("/oauth2/v2.0/challenge", continuation_token=listed["continuation_token"], id=app["id"])
        tokens = self.done("/oauth2/v2.0/token", continuation_token=opened["continuation_token"],
                           grant_type="mfa_totp", oob=self.app_code(), scope="openid offline_access")
        self.done("/oauth2/v2.0/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        bearer = {"Authorization": "Bearer " + tokens["access_token"]}
        self.done("/register/v1.0/state", headers=bearer)
        self.assertEqual(self.refused("/register/v1.0/snooze", headers=bearer)["suberror"], "not_snoozable")
        self.assert_unproved(self.post("/register/v1.0/state", headers={"Authorization": "Bearer e30.e30.AA"}),
                             "invalid_token")

    def test_registration_of_a_method_at_sign_in(self):
        self.control("policy", "set", "sign_in.gates", "2")
        self.control("policy", "set", "sign_in.registration", "on")
        self.control("users", "set-password", ALICE, stdin=PASSWORD + "\n")
        for method in json.loads(self.control("--json", "methods", "list", ALICE)):
            self.control("methods", "remove", ALICE, method["id"])
        asked = self.sign_in()
        wanted = self.refused("/oauth2/v2.0/token", continuation_token=asked["continuation_token"],
                              grant_type="password", password=PASSWORD, scope="openid")
        self.assertEqual(wanted["suberror"], "registration_required")
        token = {"continuation_token": wanted["continuation_token"]}
        self.done("/register/v1.0/introspect", **token)
        opened = self.done("/register/v1.0/challenge", challenge_type="oob", challenge_channel="email",
                           challenge_target="alice2@example.org", **token)
        self.refused("/register/v1.0/continue", continuation_token=opened["continuation_token"], grant_type="oob",
                     oob="00000000")
        self.done("/register/v1.0/continue", continuation_token=opened["continuation_token"], grant_type="oob",
                  oob=self.mailed_code("alice2@example.org"))

    def test_risk(self):
        secret = self.control("clients", "add", "siem") and self.control("clients", "secret", "siem").strip()
        status, _ = self.call("/risk/v1.0/users", client_id="siem", client_secret=secret, username=ALICE,
                              risk_level="high", risk_detail="leaked credentials", report_id="siem-1",
                              occurred_at=str(int(time.time())))
        self.assertEqual(status, 200)

    def test_a_device_is_enrolled_and_sends_heartbeats(self):
        """A permit key that was rotated is listed with its succession, to machines as in discovery."""
        device = self.enrolled()
        path = "/devices/v1.0/heartbeat"
        status, answer = self.proved(device, path, os="debian 12", versions="flow=1", sequence="1")
        self.assertEqual((status, answer["config"]["version"]), (200, answer["config_version"]), answer)
        answer = self.proved(device, path, sequence="2", config_version=answer["config_version"])[1]
        self.assertNotIn("config", answer)
        status, answer = self.proved(device, path, sequence="0")
        self.assertEqual((status, answer["error"]), (400, "invalid_request"))
        self.control("keys", "rotate-permit")
        self.service.terminate()
        self.assertEqual(self.service.wait(60), 0)
        self.start(more=["--smtp", self.smtp])
        keys = self.proved(device, path, sequence="3")[1]["permit_keys"]
        self.assertEqual([("succession" in key) for key in keys], [False, True], keys)
        self.assertEqual(keys, self.call("/.well-known/sspr-configuration", method="GET")[1]["permit_keys"])
        self.assertEqual(self.enrol(Device(self, "other"), "nonsense")[1]["suberror"], "invalid_enrollment_token")

    def test_a_device_asks_about_a_registration_and_a_risk(self):
        device = self.enrolled()
        self.control("users", "add", "bob@example.org", "--groups", "pilot")
        self.control("policy", "set", "registration.snooze_groups", "pilot:2:1")
        state, snooze = "/register/v1.0/state", "/register/v1.0/snooze"
        for name in (ALICE, "bob@example.org", "nobody@example.org"):
            self.assertEqual(self.proved(device, state, username=name)[0], 200)
        self.assertEqual(self.proved(device, snooze, username="bob@example.org")[0], 200)
        self.assertEqual(self.proved(device, snooze, username="bob@example.org")[1]["suberror"], "not_snoozable")
        self.assertEqual(self.proved(device, state)[0], 400)
        verdict = "/risk/v1.0/signin"
        self.assertEqual(self.proved(device, verdict, account=ALICE)[1]["require"], "none")
        self.control("policy", "set", "risk.reset_from", "medium")
        self.control("risk", "set", ALICE, "high", "--detail", "test")
        self.assertEqual(self.proved(device, verdict, account=ALICE)[1]["require"], "reset")
        self.assertEqual(self.proved(device, verdict)[0], 400)

    def test_every_request_of_a_machine_needs_its_proof(self):
        device, stranger = self.enrolled(), Device(self, "stranger")
        forms = {"/devices/v1.0/heartbeat": {}, "/register/v1.0/state": {"username": ALICE},
                 "/register/v1.0/snooze": {"username": ALICE}, "/risk/v1.0/signin": {"account": ALICE}}
        for path, form in forms.items():
            self.assert_unproved(self.post(path, **form), "invalid_request", "invalid_dpop_proof")
            self.assert_unproved(self.proved(stranger, path, **form), "invalid_client", "device_required")
            self.assert_unproved(self.proved(device, path, fast=-86400, **form), "use_dpop_nonce")
            nonce = self.headers["DPoP-Nonce"]
            self.assertNotEqual(self.proved(device, path, fast=-86400, nonce=nonce, **form)[0], 401)
        self.assert_unproved(self.post("/devices/v1.0/enroll"), "invalid_request", "invalid_dpop_proof")
        self.control("devices", "revoke", device.hex_id, "--because", "lost")
        for path, form in forms.items():
            self.assert_unproved(self.proved(device, path, **form), "invalid_client", "device_revoked")

    def test_any_request_may_have_a_proof_and_is_refused_for_a_bad_one(self):
        """As 400, since Microsoft's clients know no other."""
        device = Device(self)
        bad = {"DPoP": "x.y.z"}
        for path, item in DOCUMENT["paths"].items():
            if "post" in item and "401" not in item["post"]["responses"] and (path, "post") not in ELSEWHERE:
                self.assertEqual(self.refused(path, headers=bad)["suberror"], "invalid_dpop_proof", path)
        start = "/resetpassword/v1.0/start"
        form = {"username": ALICE, "challenge_type": EVERYTHING, "capabilities": CAPABILITIES}
        status, answer = self.proved(device, start, fast=-86400, **form)
        self.assertEqual((status, answer["error"]), (400, "use_dpop_nonce"))
        nonce = self.headers["DPoP-Nonce"]
        begun = self.proved(device, start, fast=-86400, nonce=nonce, **form)[1]
        token = {"continuation_token": begun["continuation_token"]}
        self.assertEqual(self.refused("/resetpassword/v1.0/introspect", **token)["suberror"], "invalid_dpop_proof")
        self.assertEqual(self.proved(device, "/resetpassword/v1.0/introspect", **token)[0], 200)

    def test_a_reset_is_handed_off_to_a_phone(self):
        begun = self.done("/resetpassword/v1.0/start", username=ALICE, challenge_type=EVERYTHING,
                          capabilities=CAPABILITIES + " handoff")
        listed = self.done("/resetpassword/v1.0/introspect", continuation_token=begun["continuation_token"])
        handed = self.done("/resetpassword/v1.0/handoff", continuation_token=listed.get(
            "continuation_token", begun["continuation_token"]))
        waiting = self.refused("/resetpassword/v1.0/continue", continuation_token=handed["continuation_token"],
                               grant_type="urn:ietf:params:oauth:grant-type:device_code")
        self.assertIn(waiting["error"], ("authorization_pending", "slow_down"))

    def test_discovery_health_and_readiness(self):
        for path in ("/.well-known/sspr-configuration", "/discovery/v2.0/keys", "/health", "/ready"):
            self.assertEqual(self.call(path, method="GET")[0], 200)
        audit = self.folder / "audit.jsonl"
        audit.rename(self.folder / "away")
        audit.mkdir()
        for _ in range(200):
            if self.call("/ready", method="GET")[0] == 503:
                break
            time.sleep(0.1)
        status, answer = self.call("/ready", method="GET")
        self.assertEqual((status, answer), (503, {"status": "not ready"}))

    def test_every_operation_refuses_as_documented(self):
        for path, item in DOCUMENT["paths"].items():
            if "servers" in item or (path, "post") in ELSEWHERE:
                continue
            if "post" in item:
                status, answer = self.post(path, continuation_token="nonsense", grant_type="nonsense", username="",
                                           challenge_type="nonsense", transaction_id="x")
                self.assertEqual(status, 401 if "401" in item["post"]["responses"] else 400, answer)
                status, _ = self.call(path)  # without a client
                self.assertEqual(status, 400)
            wrong = "GET" if "post" in item else "POST"
            self.assertEqual(self.call(path, method=wrong)[0], 405)

    def test_nothing_else_answers(self):
        for path in ("/health/x", "/ready/", "/metrics", "/openapi.json", "/debug", "/resetpassword/v1.0/"):
            tls = ssl.create_default_context(cafile=self.folder / "ca.pem")
            client = http.client.HTTPSConnection("localhost", self.url.port, context=tls, timeout=60)
            client.request("GET", path)
            self.assertEqual(client.getresponse().status, 404, path)
            client.close()


class ZCompleteTest(unittest.TestCase):
    """Last, by its name."""

    def test_every_documented_answer_was_seen(self):
        elsewhere = {(path, method, status) for path, method, status in CONTRACT.promised
                     if (path, method) in ELSEWHERE}
        self.assertEqual(CONTRACT.promised - CONTRACT.seen - elsewhere, set())


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
