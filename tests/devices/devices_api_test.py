#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Devices over HTTPS with a real service: enrolment, proofs, revocation, what enrolled devices may
ask, and that nobody else is told."""
import json
import unittest

from device_case import ALICE, Device, DeviceCase

HEARTBEAT = "/devices/v1.0/heartbeat"
STATE = "/register/v1.0/state"


class DevicesTest(DeviceCase):
    def setUp(self):
        super().setUp()
        self.start()

    def enrolled(self, **more):
        device = Device(self, **more)
        status, answer, _ = device.enrol(self.token())
        self.assertEqual(status, 200, answer)
        return device

    def begin(self, device=None, **form):
        path = "/resetpassword/v1.0/start"
        form = {"username": ALICE, "challenge_type": "oob totp redirect",
                "capabilities": "reset_introspect reset_mfa_required reset_final_submit"} | form
        if device:
            return device.post(path, **form)
        return self.post(path, client_id="sspr-login", **form)

    def test_a_token_enrols_devices_and_the_answer_holds_what_a_machine_needs(self):
        token = self.token("--uses", "2", "--group", "kiosks")
        first, second, third = (Device(self, f"d{i}", kind)
                                for i, kind in enumerate(("p256", "ed25519", "p256")))
        status, answer, _ = first.enrol(token)
        self.assertEqual(status, 200, answer)
        self.assertEqual(answer["device_id"], first.id)
        self.assertEqual(len(answer["permit_keys"]), 1)
        self.assertFalse(answer["config"]["devices_required"])
        self.assertEqual(first.enrol(token)[0], 200, "the answer was lost")
        self.assertEqual(second.enrol(token)[0], 200)
        self.assert_refused(third.enrol(token), 400, "invalid_grant", "invalid_enrollment_token")
        listed = json.loads(self.control("--json", "devices", "list"))
        self.assertEqual({one["id"] for one in listed}, {first.hex_id, second.hex_id})
        self.assertEqual({one["group"] for one in listed}, {"kiosks"})
        tokens = json.loads(self.control("--json", "devices", "tokens"))
        self.assertEqual([(one["uses"], one["uses_left"]) for one in tokens], [(2, 0)])
        self.assertNotIn(token, json.dumps(tokens))
        discovery = self.send("/.well-known/sspr-configuration", "", method="GET")[1]
        base = self.url.geturl()
        self.assertEqual(discovery["device_enrollment_endpoint"], base + "/devices/v1.0/enroll")
        self.assertEqual(discovery["dpop_signing_alg_values_supported"], ["ES256", "EdDSA"])

    def test_the_device_api_takes_no_request_without_its_own_proof(self):
        device = self.enrolled()
        stranger = Device(self, "stranger")
        body = "client_id=sspr-login"
        for answer in (self.send(HEARTBEAT, body), self.send(HEARTBEAT, body, {"DPoP": "x.y.z"})):
            self.assert_refused(answer, 401, "invalid_request", "invalid_dpop_proof")
            self.assertTrue(answer[2]["WWW-Authenticate"].startswith("DPoP "))
        self.assert_refused(stranger.post(HEARTBEAT), 401, "invalid_client", "device_required")
        proof = device.proof(HEARTBEAT, body)
        self.assertEqual(self.send(HEARTBEAT, body, {"DPoP": proof})[0], 200)
        self.assert_refused(self.send(HEARTBEAT, body, {"DPoP": proof}), 401, "invalid_request",
                            "invalid_dpop_proof")
        for path, sent in ((STATE, body), (HEARTBEAT, body + "&os=x")):
            proof = device.proof(HEARTBEAT, body)
            self.assert_refused(self.send(path, sent, {"DPoP": proof}), 401, "invalid_request",
                                "invalid_dpop_proof")
        two = {"DPoP": [device.proof(HEARTBEAT, body), device.proof(HEARTBEAT, body)]}
        self.assert_refused(self.send(HEARTBEAT, body, two), 401, "invalid_request",
                            "invalid_dpop_proof")
        alias = {"x-sspr-client-attestation": device.proof(HEARTBEAT, body)}
        self.assertEqual(self.send(HEARTBEAT, body, alias)[0], 200)

    def test_a_machine_with_a_wrong_clock_goes_on_with_a_nonce(self):
        device = self.enrolled()
        answer = device.post(HEARTBEAT, fast=-86400)
        self.assert_refused(answer, 401, "use_dpop_nonce")
        nonce = answer[2]["DPoP-Nonce"]
        self.assertEqual(device.post(HEARTBEAT, nonce=nonce, fast=-86400)[0], 200)

    def test_heartbeats_tell_what_is_new_and_notice_a_copied_key(self):
        device = self.enrolled()
        status, answer, _ = device.post(HEARTBEAT, sequence=1, versions="flow=2")
        self.assertEqual(status, 200, answer)
        version = answer["config_version"]
        self.assertEqual(answer["config"]["version"], version)
        self.assertNotIn("config", device.post(HEARTBEAT, sequence=2, config_version=version)[1])
        self.control("policy", "set", "devices.required", "on")
        changed = device.post(HEARTBEAT, sequence=3, config_version=version)[1]
        self.assertTrue(changed["config"]["devices_required"])
        device.post(HEARTBEAT, sequence=2)
        shown = json.loads(self.control("--json", "devices", "show", device.hex_id[:12]))
        self.assertEqual((shown["state"], shown["versions"]), ("suspected", "flow=2"))

    def test_only_enrolled_devices_may_begin_where_the_policy_says_so(self):
        device = self.enrolled()
        self.control("policy", "set", "devices.required", "on")
        self.assert_refused(self.begin(), 400, "invalid_client", "device_required")
        stranger = Device(self, "stranger")
        self.assert_refused(self.begin(stranger), 400, "invalid_client", "device_required")
        status, answer, _ = self.begin(device)
        self.assertEqual(status, 200, answer)
        token = answer["continuation_token"]
        path = "/resetpassword/v1.0/introspect"
        status, answer = self.post(path, client_id="sspr-login", continuation_token=token)
        self.assertEqual((status, answer.get("suberror")), (400, "invalid_dpop_proof"))
        self.assertEqual(device.post(path, continuation_token=token)[0], 200)
        self.control("devices", "revoke", device.hex_id, "--because", "lost")
        self.assert_refused(device.post(path, continuation_token=token), 400, "invalid_client",
                            "device_revoked")
        self.assert_refused(self.begin(device), 400, "invalid_client", "device_revoked")
        self.assert_refused(device.enrol(self.token()), 401, "invalid_client", "device_revoked")
        self.control("devices", "remove", device.hex_id)
        self.assertEqual(device.enrol(self.token())[0], 200)

    def test_who_may_be_told_of_a_registration(self):
        device = self.enrolled()
        status, state, _ = device.post(STATE, username=ALICE)
        self.assertEqual(status, 200, state)
        self.assertEqual((state["sspr_enabled"], state["sspr_registered"], state["sspr_capable"]),
                         (True, True, True))
        self.assertCountEqual(state["methods_registered"], ["email", "softwareOneTimePasscode"])
        self.assertFalse(state["nudge"]["due"])
        nobody = device.post(STATE, username="nobody@example.org")[1]
        self.assertEqual((nobody["sspr_enabled"], nobody["methods_registered"]), (False, []))
        stranger = Device(self, "stranger")
        self.assert_refused(stranger.post(STATE, username=ALICE), 401, "invalid_client",
                            "device_required")
        bare = self.send(STATE, f"client_id=sspr-login&username={ALICE}")
        self.assert_refused(bare, 401, "invalid_request", "invalid_dpop_proof")
        forged = self.send(STATE, "client_id=sspr-login", {"Authorization": "Bearer e30.e30.AA"})
        self.assert_refused(forged, 401, "invalid_token")

    def test_the_nudge_can_be_put_off_as_often_as_the_group_may(self):
        device = self.enrolled()
        self.control("policy", "set", "registration.snooze_groups", "pilot:2:1 strict:0:0")
        self.control("users", "add", "bob@example.org", "--groups", "pilot")
        self.control("users", "add", "eve@example.org", "--groups", "strict")
        self.control("users", "add", "kim@example.org")
        state = device.post(STATE, username="bob@example.org")[1]
        self.assertEqual((state["nudge"]["due"], state["nudge"]["snoozes_left"]), (True, 1))
        self.assertTrue(state["nudge"]["url"].startswith(self.url.geturl()))
        snooze = "/register/v1.0/snooze"
        status, state, _ = device.post(snooze, username="bob@example.org")
        self.assertEqual(status, 200, state)
        self.assertEqual((state["nudge"]["due"], state["nudge"]["snoozes_left"]), (False, 0))
        for name in ("bob", "eve", "nobody"):
            self.assert_refused(device.post(snooze, username=f"{name}@example.org"), 400,
                                "invalid_request", "not_snoozable")
        self.assertEqual(device.post(STATE, username="kim@example.org")[1]["nudge"]["snoozes_left"],
                         None)
        self.assertEqual(self.control("campaign", "report", "--csv").splitlines(),
                         ["group,users,registered,to_confirm,snoozed", "-,2,1,0,0", "pilot,1,0,0,1",
                          "strict,1,0,0,0", "*,4,1,0,1"])
        rows = json.loads(self.control("--json", "campaign", "report", "--by-group"))
        self.assertEqual(rows[-1]["share"], 0.25)
        self.control("policy", "set", "registration.snooze_groups", "pilot:99:1", code=1)

    def test_what_a_machine_is_told_of_a_risk(self):
        device = self.enrolled()
        path = "/risk/v1.0/signin"
        self.control("policy", "set", "risk.reset_from", "medium")
        self.control("users", "add", "bob@example.org")
        for name in (ALICE, "bob@example.org"):
            self.assertEqual(device.post(path, account=name)[1]["require"], "none")
            self.control("risk", "set", name, "high", "--detail", "test")
        self.assertEqual(device.post(path, account=ALICE)[1],
                         {"require": "reset", "reason": "user_risk"})
        self.assertEqual(device.post(path, account="bob@example.org")[1],
                         {"require": "none", "reason": "no_method"})
        self.control("policy", "set", "risk.block_without_methods", "on", code=1)
        self.control("policy", "set", "helpdesk.text", "Call 4711.")
        self.control("policy", "set", "risk.block_without_methods", "on")
        self.assertEqual(device.post(path, account="bob@example.org")[1]["require"], "block")
        self.assertEqual(device.post(path, account="nobody@example.org")[1],
                         {"require": "none", "reason": ""})
        bare = self.send(path, f"client_id=sspr-login&account={ALICE}")
        self.assert_refused(bare, 401, "invalid_request", "invalid_dpop_proof")


if __name__ == "__main__":
    unittest.main(verbosity=2)
