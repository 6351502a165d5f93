# SPDX-License-Identifier: Apache-2.0
"""Whole resets through the real sspr-flow: what the person is asked, what the service and
sspr-setpw are told, over TLS and real sockets."""

import unittest  # noqa: F401

from flow_case import GOOD_PASSWORD, FlowCase, main
from flow_host import (APP, APP_CHALLENGE, CHOOSE, EMAIL, NOT_CHANGED, PASSWORD_SET, PERMIT,
                       TRANSACTION, Setpw, b64url, error)


class Journeys(FlowCase):
    def test_one_gate_sets_the_password_at_the_service_and_on_the_machine(self):
        host, process = self.begin()
        self.assertIn("alice", host.say(""))
        self.assertIn("e-mail", host.say("1234 5678"))
        self.assertIn("New password", host.say(GOOD_PASSWORD))
        self.assertIn("again", host.say(GOOD_PASSWORD))
        self.assertEqual(host.done()[:2], (PASSWORD_SET, 3))
        self.assertEqual(process.wait(30), 0)
        self.assertEqual(self.service.names(),
                         ["sspr-configuration", "start", "challenge", "continue", "submit"])
        self.assertEqual(self.service.connections, 1, "one connection for the whole reset")
        self.assertEqual(self.service.form("submit")["new_password"], GOOD_PASSWORD)
        self.assertEqual(self.service.form("submit")["password_commitment"],
                         b64url(self.setpw.commitment))
        self.assertEqual(self.setpw.calls,
                         [(Setpw.LIST, b""), (Setpw.PREPARE, b"\0\5alice"),
                          (Setpw.PROPOSE, TRANSACTION + GOOD_PASSWORD.encode()),
                          (Setpw.COMMIT, PERMIT)])

    def test_first_question_comes_though_the_service_is_not_there(self):
        self.machine.write_config(url="https://localhost:1/tenant")
        host, process = self.begin()
        self.assertIn("alice", host.question())
        host.answer("")
        self.assert_ends_unchanged(host, process, "cannot be reached")

    def test_two_gates_with_the_second_by_the_app(self):
        self.service.replies["start"][1]["required_gates"] = 2

        def proven(form):
            if form["grant_type"] == "totp":
                return 200, {"continuation_token": "proven", "expires_in": 600}
            return error("invalid_grant", "reset_mfa_required", continuation_token="half",
                         methods=[APP], required_gates=2, completed_gates=1)

        self.service.replies["continue"] = proven
        self.service.replies["challenge"] = (
            lambda form: (200, APP_CHALLENGE) if form["id"] == "t1"
            else (200, dict(APP_CHALLENGE, challenge_type="oob", challenge_channel="email")))
        host, _ = self.begin()
        host.say("")
        host.say("123456")
        self.assertIn("authenticator", host.say("654321"))
        host.say(GOOD_PASSWORD)
        host.say(GOOD_PASSWORD)
        self.assertEqual(host.done()[0], PASSWORD_SET)
        self.assertEqual(self.service.form("continue")["grant_type"], "totp")

    def test_methods_are_offered_as_a_choice_and_a_wrong_code_can_be_corrected(self):
        self.service.replies["start"][1]["methods"] = [APP, EMAIL]
        host, _ = self.begin()
        host.say("")
        text, labels = host.until(CHOOSE)
        self.assertEqual(labels, ["The code of your authenticator app",
                                  "A code by e-mail to a***@example.org"])
        host.answer("2")
        host.say("00000000")
        host.say("12345678")
        self.assertTrue(any("4 tries" in text for text in host.errors()))
        host.say(GOOD_PASSWORD)
        host.say(GOOD_PASSWORD)
        self.assertEqual(host.done()[0], PASSWORD_SET)

    def test_password_refused_by_machine_then_by_service_then_accepted(self):
        replies = iter([(Setpw.REJECTED, b"\2\0\4weak"), (Setpw.PROPOSED, bytes(32)),
                        (Setpw.PROPOSED, bytes(32))])
        self.setpw.replies[Setpw.PROPOSE] = lambda _: next(replies)
        submit = self.service.replies["submit"]
        answers = iter([error("invalid_grant", "password_banned"), submit])
        self.service.replies["submit"] = lambda _: next(answers)
        host, _ = self.begin()
        host.say("")
        host.say("12345678")
        for _ in range(6):
            host.say(GOOD_PASSWORD)
        outcome, answer, _ = host.done()
        self.assertEqual((outcome, answer), (PASSWORD_SET, 7))
        self.assertTrue(any("(weak)" in text for text in host.errors()))
        self.assertTrue(any("many people" in text for text in host.errors()))

    def test_plain_server_serves_an_account_of_the_directory(self):
        self.service.replies = {
            "start": (200, {"continuation_token": "s"}),
            "challenge": (200, {"continuation_token": "c", "challenge_type": "oob",
                                "binding_method": "prompt", "challenge_channel": "email",
                                "challenge_target_label": "c***@example.org", "code_length": 8}),
            "continue": (200, {"continuation_token": "p", "expires_in": 600}),
            "submit": (200, {"continuation_token": "q", "poll_interval": 1}),
            "poll_completion": (200, {"status": "succeeded", "continuation_token": "r"}),
        }
        self.setpw.replies[Setpw.PREPARE] = (Setpw.REFUSED, b"\0")
        host, _ = self.begin("carol")
        host.say("")
        host.say("12345678")
        host.say(GOOD_PASSWORD)
        host.say(GOOD_PASSWORD)
        self.assertEqual(host.done()[0], PASSWORD_SET)
        self.assertEqual(set(self.service.form("start")),
                         {"client_id", "username", "challenge_type"})

    def test_resumed_flow_sends_no_second_code(self):
        self.service.replies["start"][1].update(
            resumed=True, challenge={"id": "e1", "challenge_type": "oob", "code_length": 8,
                                     "challenge_target_label": "a***@example.org"})
        host, _ = self.begin()
        host.say("")
        host.say("12345678")
        host.say(GOOD_PASSWORD)
        self.assertNotIn("challenge", self.service.names())

    def test_resume_key_names_user_and_terminal(self):
        keys = []
        for user, terminal in (("alice", "tty1"), ("alice", "tty1"), ("alice", "tty2"),
                               ("bob", "tty1"), ("alice", "")):
            host, process = self.begin(user, terminal=terminal)
            host.say("n")
            host.done()
            process.wait(30)
            host, process = self.begin(user, terminal=terminal)
            host.say("")
            host.question()
            keys.append(self.service.form("start").get("resume_key"))
            host.close()
            process.wait(30)
        self.assertEqual(keys[0], keys[1])
        self.assertEqual(len(set(keys)), 4)
        self.assertIsNone(keys[4])

    def test_lost_answer_to_submit_is_asked_for_and_committed(self):
        self.service.replies["submit"] = lambda _: None
        self.service.replies["transaction"] = (200, {"status": "succeeded",
                                                     "permit": b64url(PERMIT)})
        host, _ = self.begin()
        host.say("")
        host.say("12345678")
        host.say(GOOD_PASSWORD)
        host.say(GOOD_PASSWORD)
        self.assertEqual(host.done()[0], PASSWORD_SET)
        self.assertEqual(self.service.names().count("submit"), 1)
        self.assertEqual(self.service.form("transaction")["transaction_id"], TRANSACTION.hex())

    def test_commit_that_is_put_off_is_told(self):
        self.setpw.replies[Setpw.COMMIT] = (Setpw.FAILED, b"\2")
        host, _ = self.begin()
        host.say("")
        host.say("12345678")
        host.say(GOOD_PASSWORD)
        host.say(GOOD_PASSWORD)
        outcome, _, text = host.done()
        self.assertEqual(outcome, NOT_CHANGED)
        self.assertIn("by itself", text)

    def test_german_is_spoken_to_a_german_login(self):
        host, process = self.begin(language="de_DE.UTF-8")
        self.assertIn("zurücksetzen", host.question())
        host.answer("n")
        self.assert_ends_unchanged(host, process, "nichts geändert")

    def test_recovery_settles_what_was_left_open(self):
        first, second = bytes([7] * 16), bytes([8] * 16)
        self.setpw.replies[Setpw.LIST] = (Setpw.PENDING, b"\2" + first + second)
        self.setpw.replies[Setpw.RESOLVE] = lambda payload: (
            Setpw.RESOLVED, payload[:16] + (b"\1" if payload[:16] == first else b"\2"))
        self.service.replies["transaction"] = lambda form: (
            (200, {"status": "succeeded", "permit": b64url(PERMIT)})
            if form["transaction_id"] == first.hex() else (200, {"status": "none"}))
        process = self.machine.spawn(["--recover"], stdin=-3, stdout=-1, text=True)
        output, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, "one is still open")
        self.assertIn(f"transaction {first.hex()}: the local password was set, closed", output)
        self.assertIn(f"transaction {second.hex()}: still open", output)
        self.assertEqual(self.setpw.calls[1:], [(Setpw.RESOLVE, first + b"\2" + PERMIT),
                                                (Setpw.RESOLVE, second + b"\1")])


if __name__ == "__main__":
    main()
