#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Risks from Microsoft Graph: a real service and ssprctl, and a stand-in that takes nothing but what
Microsoft documents. graph_test.py SERVICE SSPRCTL"""
import base64
import hashlib
import hmac
import json
import pathlib
import re
import struct
import subprocess
import sys
import time
import unittest
import uuid

SERVICE, CONTROL = sys.argv[1:3]
sys.argv[1:3] = [SERVICE, CONTROL, ""]  # as programs_test reads them
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "service_api"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "client"))
from flow_host import make_certificates  # noqa: E402 pylint: disable=wrong-import-position
from graph_stand_in import CLIENT, TENANT, StandIn  # noqa: E402 pylint: disable=wrong-import-position
from programs_test import ALICE, Programs  # noqa: E402 pylint: disable=wrong-import-position

ALICE_ID = "04487ee0-f4f6-4e7f-8999-facc5a30e232"
NEW_PASSWORD = "plum kettle orbit lantern"


def app_code(secret, step):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}"


class GraphTest(Programs):
    def setUp(self):
        super().setUp()
        demo, printed = self.start()
        self.secret = re.search(r"secret=([A-Z2-7]+)", printed)[1]
        self.password = printed.split(f"Password of {ALICE}: ")[1].split("\n")[0]
        scratch = self.folder.parent / "graph"
        scratch.mkdir()
        make_certificates(scratch)
        self.graph = StandIn(scratch, scratch / "server.pem")
        self.addCleanup(self.graph.stop)
        self.config = self.folder / "sspr-service.conf"
        self.plain = self.config.read_text()
        self.write()
        self.control("policy", "set", "risk.reset_from", "medium")
        self.control("users", "set", ALICE, "--external-id", ALICE_ID)
        demo.terminate()
        self.assertEqual(demo.wait(60), 0)
        # It looks once, and not again while a test lasts: the tests have ssprctl ask.
        self.service = self.run_service()
        self.until(lambda: any("/riskyUsers" in path for _, path in self.graph.requests))
        self.graph.requests.clear()
        self.graph.assertions.clear()

    def run_service(self):
        with open(self.log_path, "ab") as log:
            service = subprocess.Popen([SERVICE, "--config", self.config], stderr=log)
        self.addCleanup(service.wait)
        self.addCleanup(service.kill)
        return service

    def until(self, condition):
        for _ in range(600):
            if condition():
                return
            time.sleep(0.1)
        self.fail(self.log_path.read_text())

    def write(self, **more):
        scratch = self.folder.parent / "graph"
        keys = {"poll_seconds": 86400, "tenant_id": TENANT, "client_id": CLIENT, "certificate_file": scratch / "graph.pem",
                "key_file": scratch / "graph.key", "base_url": self.graph.url,
                "login_url": self.graph.url, "ca_file": scratch / "ca.pem"} | more
        self.config.write_text(self.plain + "[graph]\n" +
                               "".join(f"{key} = {value}\n" for key, value in keys.items()))

    def poll(self, code=0):
        said = self.control("--json", "risk", "poll", code=code)
        return said if code else json.loads(said)

    def level(self):
        risks = {one["username"]: one["level"] for one in
                 json.loads(self.control("--json", "risk", "list"))}
        return risks.get(ALICE, "none")

    def must_reset(self):
        status, answer = self.sign_in(self.password)
        return status == 400 and answer["error_codes"] == [50142]

    def reset(self, password=NEW_PASSWORD):
        common = {"client_id": "sspr-login"}
        _, answer = self.post("/resetpassword/v1.0/start", username=ALICE,
                              challenge_type="oob totp redirect", **common,
                              capabilities="reset_introspect reset_mfa_required reset_final_submit")
        method = next(one for one in answer["methods"] if one["challenge_type"] == "totp")
        _, answer = self.post("/resetpassword/v1.0/challenge", id=method["id"],
                              continuation_token=answer["continuation_token"], **common)
        self.step = getattr(self, "step", -1) + 1  # a code is good once, and the next one too
        status, answer = self.post("/resetpassword/v1.0/continue", grant_type="totp",
                                   oob=app_code(self.secret, self.step),
                                   continuation_token=answer["continuation_token"], **common)
        self.assertEqual(status, 200, answer)
        status, answer = self.post("/resetpassword/v1.0/submit", new_password=password,
                                   continuation_token=answer["continuation_token"], **common)
        self.assertEqual((status, answer.get("status")), (200, "succeeded"), answer)
        self.password = password

    def tearDown(self):
        self.assertEqual(self.graph.faults, [], "all that was asked is as Microsoft documents it")

    def test_a_risk_is_read_and_its_end_is_told(self):
        self.assertFalse(self.must_reset())
        self.graph.put(ALICE_ID, seconds=-30)
        self.assertEqual(self.poll(), {"read": 1, "taken": 1, "unknown": 0, "dismissed": 0,
                                       "deferred": 0})
        self.assertEqual(self.level(), "high")
        self.assertTrue(self.must_reset())
        self.assertEqual(self.poll()["taken"], 0, "it is the same risk")
        self.reset()
        self.assertEqual(self.level(), "none")
        self.assertFalse(self.must_reset())
        self.assertEqual(self.poll()["dismissed"], 1)
        self.assertEqual(self.graph.dismissed, [[ALICE_ID]])
        self.assertEqual(self.graph.users[ALICE_ID]["riskState"], "dismissed")
        self.assertEqual(self.poll()["dismissed"], 0, "told once")
        self.assertEqual(self.level(), "none")
        audit = (self.folder / "audit.jsonl").read_text()
        for event in ("risk.report", "risk.remediated", "risk.dismiss"):
            self.assertIn(f'"{event}"', audit)

    def test_what_graph_said_before_the_reset_does_not_ask_for_another(self):
        self.graph.put(ALICE_ID, seconds=-30)
        self.poll()
        self.reset()
        # Graph was not told yet, and says again what it said.
        self.graph.planned = [(503, {"Retry-After": "1"})]
        self.assertIn("503", self.poll(code=1))
        self.graph.users[ALICE_ID]["riskLevel"] = "medium"
        self.assertEqual(self.level(), "none")
        self.assertFalse(self.must_reset())

    def test_all_pages_are_read_and_users_that_nobody_knows_are_left_alone(self):
        for number in range(4):
            self.graph.put(str(uuid.UUID(int=number)), seconds=-60)
        self.graph.put(ALICE_ID, level="medium", seconds=-30)
        self.assertEqual(self.poll(), {"read": 5, "taken": 1, "unknown": 4, "dismissed": 0,
                                       "deferred": 0})
        pages = [path for method, path in self.graph.requests if method == "GET"]
        self.assertEqual(len(pages), 3)
        self.assertEqual(self.level(), "medium")

    def test_only_what_changed_is_asked_for(self):
        self.graph.put(ALICE_ID, seconds=-3600)
        self.poll()
        first = self.graph.since
        self.poll()
        self.assertGreater(self.graph.since, first)
        self.graph.put(ALICE_ID, level="none", state="dismissed", seconds=-10)
        self.assertEqual(self.poll()["taken"], 1)
        self.assertEqual(self.level(), "none")

    def test_states_that_are_no_risk(self):
        for state in ("none", "confirmedSafe", "remediated", "dismissed"):
            self.graph.put(ALICE_ID, level="high", state=state)
            self.poll()
            self.assertEqual(self.level(), "none", state)
        self.graph.put(ALICE_ID, level="low", state="confirmedCompromised", seconds=1)
        self.poll()
        self.assertEqual(self.level(), "high")

    def test_a_next_link_to_another_host_is_not_followed(self):
        for number in range(4):
            self.graph.put(str(uuid.UUID(int=number)), seconds=-60)
        self.graph.next_host = "https://graph.example.net"
        self.assertIn("another host", self.poll(code=1))
        self.graph.next_host = self.graph.url + ".example.net"
        self.assertIn("another host", self.poll(code=1))

    def test_throttling_is_obeyed_and_the_end_of_a_risk_told_later(self):
        self.graph.put(ALICE_ID, seconds=-30)
        self.poll()
        self.reset()
        self.graph.planned = [(429, {"Retry-After": "120"})]
        self.assertIn("429", self.poll(code=1))
        waiting = json.loads(self.control("--json", "risk", "outbox"))
        self.assertEqual([(one["username"], one["tries"]) for one in waiting], [(ALICE, 1)])
        self.assertGreater(waiting[0]["not_before"], waiting[0]["queued_at"])
        asked = len(self.graph.requests)
        self.assertEqual(self.poll()["dismissed"], 0, "not before Graph said")
        self.assertNotIn("POST", {method for method, path in self.graph.requests[asked:]
                                  if path.endswith("dismiss")})

    def test_a_token_that_is_taken_no_more_is_replaced(self):
        self.graph.put(ALICE_ID, seconds=-30)
        self.graph.put(str(uuid.UUID(int=1)), seconds=-30)
        self.graph.put(str(uuid.UUID(int=2)), seconds=-30)
        original = self.graph.list

        def revoking(query):
            answer = original(query)
            if "skiptoken" not in query:
                self.graph.revoke_tokens()
            return answer

        self.graph.list = revoking
        self.assertEqual(self.poll()["read"], 3)
        self.assertEqual(len(self.graph.assertions), 2)

    def test_a_user_that_graph_does_not_know_is_given_up(self):
        self.control("risk", "set", ALICE, "high", "--detail", "by the help desk")
        self.reset()
        self.assertEqual(self.poll()["dismissed"], 0)
        self.assertEqual(json.loads(self.control("--json", "risk", "outbox")), [])
        self.assertIn('"refused"', (self.folder / "audit.jsonl").read_text())

    def test_the_running_service_polls_on_its_own(self):
        self.graph.put(ALICE_ID, seconds=-30)
        self.service.terminate()
        self.assertEqual(self.service.wait(60), 0)
        service = self.run_service()
        self.until(lambda: self.level() == "high")
        service.terminate()
        self.assertEqual(service.wait(60), 0, "the thread that polls ends with the service")

    def test_the_doctor_says_which_permission_the_app_lacks(self):
        def doctor():
            done = subprocess.run([CONTROL, "--config", self.config, "--json", "doctor"],
                                  capture_output=True, text=True, check=False, timeout=60)
            return done.returncode, {one["id"]: one["level"] for one in json.loads(done.stdout)
                                     if one["id"].startswith("graph.")}

        asked = len(self.graph.requests)
        self.assertEqual(doctor()[1], {"graph.certificate": "warning", "graph.reach": "ok",
                                       "graph.permissions": "ok", "graph.licence": "note"})
        self.graph.roles = ["User.Read.All"]
        code, found = doctor()
        self.assertEqual((code, found["graph.permissions"]), (1, "fault"))
        self.assertEqual({path for _, path in self.graph.requests[asked:]},
                         {f"/{TENANT}/oauth2/v2.0/token"}, "it reads nothing but a token")
        self.write(base_url=self.graph.url, login_url="https://localhost:1")
        self.assertEqual(doctor()[1]["graph.reach"], "fault")

    def test_the_doctor_says_which_licence_the_tenant_lacks(self):
        def licence():
            done = subprocess.run([CONTROL, "--config", self.config, "--json", "doctor"],
                                  capture_output=True, text=True, check=False, timeout=60)
            return next(one["level"] for one in json.loads(done.stdout) if one["id"] == "graph.licence")

        self.graph.roles.append("LicenseAssignment.Read.All")
        p1, p2 = "AAD_PREMIUM", "AAD_PREMIUM_P2"
        for subscriptions, level in [({}, "fault"), ({"EMS": ("Enabled", [p1])}, "fault"),
                                     ({"EMSPREMIUM": ("Suspended", [p1, p2])}, "fault"),
                                     ({"EMS": ("Enabled", [p1]), p2: ("Enabled", [p2])}, "ok"),
                                     ({"EMSPREMIUM": ("Warning", [p1, p2])}, "ok")]:
            self.graph.subscriptions = subscriptions
            self.assertEqual(licence(), level, subscriptions)

    def test_a_configuration_that_cannot_work_is_refused_with_the_reason(self):
        def check():
            return subprocess.run([SERVICE, "--config", self.config, "--check-config"],
                                  capture_output=True, text=True, check=False, timeout=60)

        self.write(key_file=self.folder / "token.key")
        refused = check()
        self.assertEqual(refused.returncode, 2)
        self.assertIn("is not an RSA key", refused.stderr)
        self.write(base_url="http://localhost:1")
        self.assertIn("write https://HOST", check().stderr)
        self.write(tenant_id="")
        self.assertIn("tenant", check().stderr)
        self.write(poll_seconds=5)
        self.assertNotEqual(check().returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
