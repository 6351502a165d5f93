#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A person of Entra ID resets the password through a real service and ssprctl, and a stand-in of
Microsoft Graph. entra_test.py SERVICE SSPRCTL"""
import json
import pathlib
import subprocess
import sys
import time
import unittest

SERVICE, CONTROL = sys.argv[1:3]
sys.argv[1:3] = [SERVICE, CONTROL, ""]  # as programs_test reads them
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service_api"))
from entra_stand_in import CLIENT, TENANT, EntraStandIn, make_certificates  # noqa: E402 pylint: disable=wrong-import-position
from programs_test import ALICE, Programs  # noqa: E402 pylint: disable=wrong-import-position

ADA = "0a1b2c3d-1111-4222-8333-444455556666"
NAME = "ada@contoso.example"
NEW = "Gravel Lantern 7 oak"


class Entra(Programs):
    def setUp(self):
        super().setUp()
        demo, _ = self.start()
        demo.terminate()
        demo.wait(60)
        scratch = self.folder.parent / "graph"
        scratch.mkdir()
        make_certificates(scratch)
        self.graph = EntraStandIn(scratch, scratch / "server.pem")
        self.addCleanup(self.graph.stop)
        self.graph.person(ADA, "Ada@contoso.example", displayName="Ada Example")
        self.configuration = self.folder / "sspr-service.conf"
        self.plain = self.configuration.read_text()
        self.write()

    def tearDown(self):
        self.assertEqual(self.graph.faults, [], "all that was asked is as Microsoft documents it")

    def write(self, directory="type = entra\n", more="", **graph):
        scratch = self.folder.parent / "graph"
        keys = {"tenant_id": TENANT, "client_id": CLIENT, "certificate_file": scratch / "graph.pem",
                "key_file": scratch / "graph.key", "base_url": self.graph.url,
                "login_url": self.graph.url, "ca_file": scratch / "ca.pem", "risks": "no"} | graph
        self.configuration.write_text(
            self.plain + "[directory]\n" + directory + more + "[graph]\n" +
            "".join(f"{key} = {value}\n" for key, value in keys.items()))

    def step(self, call, **form):
        return self.post("/resetpassword/v1.0/" + call, client_id="sspr-login", **form)


class EntraReset(Entra):
    def prove(self):
        self.control("users", "adopt", NAME)
        code = json.loads(self.control("--json", "methods", "recovery-codes", NAME))["codes"][0]
        self.serve_configured(self.configuration)
        _, begun = self.step("start", username=NAME, challenge_type="recovery_code redirect",
                             capabilities="reset_introspect reset_mfa_required reset_final_submit")
        method = next(one for one in begun["methods"] if one["challenge_type"] == "recovery_code")
        _, opened = self.step("challenge", continuation_token=begun["continuation_token"],
                              id=method["id"])
        status, proved = self.step("continue", continuation_token=opened["continuation_token"],
                                   grant_type="recovery_code", oob=code)
        self.assertEqual(status, 200, proved)
        return proved["continuation_token"]

    def test_what_graph_refuses_is_said_and_another_password_follows_in_the_same_reset(self):
        self.graph.banned = ["contoso"]
        token = self.prove()
        for password, why in [("gravel lantern river", "password_too_weak"),
                              ("Contoso Lantern 7", "password_banned")]:
            status, answer = self.step("submit", continuation_token=token, new_password=password)
            self.assertEqual((status, answer["error"], answer["suberror"]),
                             (400, "invalid_grant", why), answer)
            token = answer["continuation_token"]
        status, answer = self.step("submit", continuation_token=token, new_password=NEW)
        self.assertEqual((status, answer["status"]), (200, "succeeded"), answer)
        self.assertEqual(self.graph.people[ADA]["password"], NEW)
        self.assertEqual(self.graph.changes, 1)
        # The sign-in that follows needs no comparison; one by a password is not offered.
        status, answer = self.step("poll_completion", continuation_token=answer["continuation_token"])
        self.assertEqual((status, answer["status"]), (200, "succeeded"), answer)
        status, answer = self.post("/oauth2/v2.0/token", client_id="sspr-login", scope="openid",
                                   grant_type="continuation_token", username=NAME,
                                   continuation_token=answer["continuation_token"])
        self.assertEqual(status, 200, answer)
        status, answer = self.post("/oauth2/v2.0/initiate", client_id="sspr-login", username=NAME,
                                   challenge_type="password redirect")
        self.assertEqual((status, answer["challenge_type"]), (200, "redirect"), answer)
        written = self.log_path.read_text() + (self.folder / "audit.jsonl").read_text()
        for secret in (NEW, "gravel lantern river"):
            self.assertNotIn(secret, written)

    def test_the_doctor_says_what_the_app_lacks_and_who_a_person_is(self):
        def doctor(*words):
            done = subprocess.run([CONTROL, "--config", self.configuration, "--json", "doctor", *words],
                                  capture_output=True, text=True, check=False, timeout=60)
            return done.returncode, {(one["id"], one["level"], one["subject"])
                                     for one in json.loads(done.stdout)}

        _, found = doctor("--person", NAME)
        self.assertLessEqual({("directory.reach", "ok", self.graph.url), ("directory.person", "ok", NAME),
                              ("graph.permissions", "ok", "User-PasswordProfile.ReadWrite.All")}, found)
        self.assertNotIn("IdentityRiskyUser.ReadWrite.All", str(found), "risks = no")
        self.graph.roles = ["User.Read.All", "GroupMember.Read.All"]
        self.graph.people[ADA]["onPremisesSyncEnabled"] = True
        code, found = doctor("--person", NAME)
        self.assertEqual(code, 1)
        self.assertLessEqual({("graph.permissions", "fault", "User-PasswordProfile.ReadWrite.All"),
                              ("directory.person", "fault", NAME)}, found)
        self.graph.roles = []
        self.assertIn(("directory.reach", "fault", self.graph.url), doctor()[1])
        self.assertEqual(self.graph.changes, 0)

    def test_a_configuration_that_cannot_work_is_refused_with_the_reason(self):
        for written, said in [
                ({"tenant_id": ""}, "tenant"),
                ({"directory": "type = entra\nurl = ldaps://dc\n"}, "[on_premises]"),
                ({"directory": "type = entra\naccount_attribute = uid\n"}, "mailNickname"),
                ({"more": "[on_premises]\ntype = ldap\n"}, "write ad or agent"),
                ({"directory": "type = builtin\n", "more": "[on_premises]\ntype = agent\n"},
                 "goes with type = entra"),
                ({"login_url": "https://localhost:1"}, "directory: Entra ID: ")]:
            self.write(**written)
            checked = subprocess.run([SERVICE, "--config", self.configuration, "--check-config"],
                                     capture_output=True, text=True, check=False, timeout=60)
            self.assertNotEqual(checked.returncode, 0, written)
            self.assertIn(said, checked.stderr, written)


class Following(Entra):
    """The passwords are in the service's own database, and Entra ID follows."""

    def setUp(self):
        super().setUp()
        self.graph.person(ADA, ALICE)
        self.write(directory="type = builtin\n", more="[follower]\ntype = entra\n")
        self.codes = json.loads(self.control("--json", "methods", "recovery-codes", ALICE))["codes"]

    def reset(self, password):
        _, begun = self.step("start", username=ALICE, challenge_type="recovery_code redirect",
                             capabilities="reset_introspect reset_mfa_required reset_final_submit")
        method = next(one for one in begun["methods"] if one["challenge_type"] == "recovery_code")
        _, opened = self.step("challenge", continuation_token=begun["continuation_token"],
                              id=method["id"])
        _, proved = self.step("continue", continuation_token=opened["continuation_token"],
                              grant_type="recovery_code", oob=self.codes.pop())
        status, answer = self.step("submit", continuation_token=proved["continuation_token"],
                                   new_password=password)
        self.assertEqual((status, answer.get("status")), (200, "succeeded"), answer)
        self.assertEqual(self.sign_in(password)[0], 200)

    def listed(self, *words):
        return [(one["follower"], one["user"], one["state"]) for one in
                json.loads(self.control("--json", "followers", "list", *words))]

    def test_a_new_password_follows_and_one_that_cannot_is_listed_also_after_a_kill(self):
        service = self.serve_configured(self.configuration)
        self.reset(NEW)
        self.assertEqual(self.graph.people[ADA]["password"], NEW)
        self.assertEqual(self.listed(), [])
        # Refused by the follower's own rules: the reset has succeeded, and an entry stays.
        self.reset("gravel lantern river")
        self.assertEqual(self.graph.people[ADA]["password"], NEW)
        self.assertEqual(self.listed("--dead"), [("follower", ALICE, "dead")])
        # Out of reach, and then the process is gone with what it had in its memory.
        self.graph.roles = []
        self.reset("Gravel Lantern 8 elm")
        self.assertEqual(self.listed(), [("follower", ALICE, "waiting")])
        service.kill()
        service.wait(60)
        self.serve_configured_at_once()
        self.assertEqual(self.listed(), [])
        dead = json.loads(self.control("--json", "followers", "list", "--dead"))
        self.assertEqual(len(dead), 2)
        # Both may be of one second: their order says nothing.
        self.assertEqual(sum("the service ended" in one["reason"] for one in dead), 1, dead)
        for one in dead:
            self.control("followers", "forget", one["id"])
        self.assertEqual(self.listed("--dead"), [])
        audit = (self.folder / "audit.jsonl").read_text()
        self.assertEqual(audit.count('"directory.follow"'), 3)
        for path in self.folder.iterdir():
            self.assertNotIn(b"Gravel Lantern", path.read_bytes(), path.name)

    def serve_configured_at_once(self):
        """Without --check-config, which Graph would not pass."""
        with open(self.log_path, "ab") as log:
            service = subprocess.Popen([SERVICE, "--config", self.configuration], stderr=log)
        self.addCleanup(service.wait)
        self.addCleanup(service.kill)
        for _ in range(600):
            try:
                return self.step("policy")
            except OSError:
                time.sleep(0.1)
        return self.fail(self.log_path.read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
