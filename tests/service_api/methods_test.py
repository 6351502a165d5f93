#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every method as a person and a help desk use it: ssprctl registers, a real service asks over HTTPS, a
real gateway is given the text messages. methods_test.py SERVICE SSPRCTL HTTP_SINK"""
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import time
import unittest

SERVICE, CONTROL, SINK = sys.argv[1:4]
sys.argv[1:4] = [SERVICE, CONTROL, ""]  # as programs_test reads them
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from programs_test import ALICE, Programs  # noqa: E402 pylint: disable=wrong-import-position

EVERYTHING = "oob totp questions recovery_code tap redirect"
CAPABILITIES = "reset_introspect reset_mfa_required reset_final_submit"
NUMBER = "+49301234567"


class Sink:
    """http_sink.py as a child."""

    def __init__(self):
        self.child = subprocess.Popen([sys.executable, SINK], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
        self.values = {}
        for line in self.child.stdout:
            name, _, value = line.rstrip("\n").partition(" ")
            self.values[name] = value
            if name == "ready":
                break

    def ask(self, command):
        self.child.stdin.write(command + "\n")
        self.child.stdin.flush()
        return json.loads(self.child.stdout.readline())

    def requests(self, count):
        """Waits until there are that many."""
        for _ in range(200):
            kept = self.ask("requests")
            if len(kept) >= count:
                return kept
            time.sleep(0.05)
        raise AssertionError(f"only {len(kept)} of {count} came")

    def close(self):
        self.child.stdin.close()
        self.child.stdout.close()
        self.child.wait(30)


class MethodsTest(Programs):
    def setUp(self):
        super().setUp()
        self.sink = Sink()
        self.addCleanup(self.sink.close)
        demo, _ = self.start()
        demo.terminate()
        demo.wait(60)
        self.configuration = self.folder / "sspr-service.conf"

    def serve(self, more=""):
        """The same service by its configuration, with gateways."""
        text = self.configuration.read_text()
        url = self.sink.values["plain"]
        text += f"[sms]\nurl = {url}\nbody = To={{to}}&Text={{text}}\n"
        text += f"[voice]\nurl = {url}\nformat = json\nbody = {{\"to\":\"{{to}}\",\"say\":\"{{text}}\"}}\n"
        self.configuration.write_text(text + more)
        return self.serve_configured(self.configuration)

    def begin(self, username=ALICE, **more):
        status, answer = self.post("/resetpassword/v1.0/start", client_id="sspr-login",
                                   username=username, challenge_type=EVERYTHING,
                                   capabilities=CAPABILITIES, **more)
        self.assertEqual(status, 200, answer)
        return answer

    def challenge(self, answer, **wanted):
        method = next(one for one in answer["methods"]
                      if all(one.get(name) == value for name, value in wanted.items()))
        status, opened = self.post("/resetpassword/v1.0/challenge", client_id="sspr-login",
                                   continuation_token=answer["continuation_token"], id=method["id"])
        self.assertEqual(status, 200, opened)
        return opened

    def go_on(self, opened, **form):
        return self.post("/resetpassword/v1.0/continue", client_id="sspr-login",
                         continuation_token=opened["continuation_token"], **form)

    def test_a_code_by_text_message_and_by_call(self):
        self.control("policy", "set", "methods.sms", "on")
        self.control("policy", "set", "methods.voice", "on")
        self.control("methods", "add-phone", ALICE, "+49 30 1234567")
        self.control("methods", "add-phone", "--voice", ALICE, NUMBER)
        self.serve()
        opened = self.challenge(self.begin(), challenge_channel="sms")
        self.assertEqual(opened["challenge_target_label"], "***67")
        body = self.sink.requests(1)[0]["body"]
        self.assertTrue(body.startswith("To=%2B49301234567&Text="), body)
        code = re.search(r"Text=(\d{8})%20is", body)[1]
        status, answer = self.go_on(opened, grant_type="oob", oob="00000000" if code != "00000000" else "1" * 8)
        self.assertEqual((status, answer["suberror"], answer["attempts_left"]),
                         (400, "invalid_oob_value", 4))
        status, answer = self.go_on(opened, grant_type="oob", oob=code)
        self.assertEqual(status, 200, answer)
        opened = self.challenge(self.begin(), challenge_channel="voice")
        spoken = json.loads(self.sink.requests(2)[1]["body"])["say"]
        code = re.sub(r"\D", "", re.search(r"is: ([\d, ]+)\.", spoken)[1])
        self.assertEqual(self.go_on(opened, grant_type="oob", oob=code)[0], 200)
        self.assertRegex(self.log_path.read_text(), r"sms sent reference=\w+ tries=1")
        self.assertRegex(self.log_path.read_text(), r"call sent reference=\w+ tries=1")
        self.assertNotIn(code, self.log_path.read_text())

    def test_a_recovery_code_from_paper(self):
        printed = self.control("methods", "recovery-codes", ALICE)
        codes = re.findall(r"^[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}$", printed, re.M)
        self.assertEqual(len(codes), 10, printed)
        self.serve()
        opened = self.challenge(self.begin(), challenge_type="recovery_code")
        status, answer = self.go_on(opened, grant_type="recovery_code", oob=codes[4].lower())
        self.assertEqual(status, 200, answer)
        status, answer = self.post("/resetpassword/v1.0/submit", client_id="sspr-login",
                                   continuation_token=answer["continuation_token"],
                                   new_password="river stone lantern gravel")
        self.assertEqual((status, answer["status"]), (200, "succeeded"), answer)
        self.assertEqual(self.sign_in("river stone lantern gravel")[0], 200)
        opened = self.challenge(self.begin(), challenge_type="recovery_code")
        self.assertEqual(self.go_on(opened, grant_type="recovery_code", oob=codes[4])[0], 400)

    def test_a_pass_from_the_help_desk(self):
        said = self.control("methods", "issue-pass", ALICE, "--operator", "Olga", "--proof", "badge", code=1)
        self.assertIn("methods.temporary_pass", said)
        self.control("policy", "set", "methods.temporary_pass", "on")
        issued = json.loads(self.control("--json", "methods", "issue-pass", ALICE, "--operator", "Olga",
                                         "--proof", "badge 4711"))
        self.serve()
        opened = self.challenge(self.begin(), challenge_type="tap")
        self.assertEqual(self.go_on(opened, grant_type="tap", oob=issued["pass"])[0], 200)
        self.assertEqual(self.go_on(opened, grant_type="tap", oob=issued["pass"])[0], 400)
        audit = (self.folder / "audit.jsonl").read_text()
        self.assertIn("badge 4711", audit)
        self.assertNotIn(issued["pass"], audit + self.log_path.read_text())

    def test_questions_behind_a_recovery_code(self):
        self.control("policy", "set", "methods.questions", "on")
        self.control("policy", "set", "required_gates", "2")
        lines = "".join(f"Question {i}?\tÄnswer {i}\n" for i in range(5))
        self.control("methods", "set-questions", ALICE, stdin="Only one?\tYes, one\n", code=1)
        self.control("methods", "set-questions", ALICE, stdin=lines)
        codes = json.loads(self.control("--json", "methods", "recovery-codes", ALICE))["codes"]
        self.serve()
        opened = self.challenge(self.begin(), challenge_type="recovery_code")
        status, answer = self.go_on(opened, grant_type="recovery_code", oob=codes[0])
        self.assertEqual((status, answer["suberror"]), (400, "reset_mfa_required"))
        opened = self.challenge(answer, challenge_type="questions")
        self.assertEqual(len(opened["questions"]), 3)
        answers = {f"answer_{i + 1}": "ÄNSWER " + question["text"][9]
                   for i, question in enumerate(opened["questions"])}
        wrong = answers | {"answer_2": "something else"}
        status, answer = self.go_on(opened, grant_type="questions", **wrong)
        self.assertEqual((status, answer["suberror"]), (400, "invalid_oob_value"))
        self.assertEqual(self.go_on(opened, grant_type="questions", **answers)[0], 200)

    def test_an_account_is_unlocked_without_a_new_password(self):
        password = "river stone lantern gravel"
        self.control("users", "set-password", ALICE, stdin=password + "\n")
        codes = json.loads(self.control("--json", "methods", "recovery-codes", ALICE))["codes"]
        self.serve()
        for _ in range(10):
            self.assertEqual(self.sign_in("wrong")[0], 400)
        self.assertEqual(self.sign_in(password)[1]["suberror"], "too_many_attempts")
        opened = self.challenge(self.begin(operation="unlock"), challenge_type="recovery_code")
        _, answer = self.go_on(opened, grant_type="recovery_code", oob=codes[0])
        status, answer = self.post("/resetpassword/v1.0/unlock", client_id="sspr-login",
                                   continuation_token=answer["continuation_token"])
        self.assertEqual((status, answer["status"]), (200, "succeeded"), answer)
        self.assertEqual(self.sign_in(password)[0], 200)

    def test_groups_simulation_history_and_campaign(self):
        self.control("users", "add", "bob@example.org", "--groups", "pilot staff")
        self.assertIn("pilot staff", self.control("users", "show", "bob@example.org"))
        said = self.control("policy", "set", "reset.scope", "groups", code=1)
        self.assertIn("reset.groups is empty", said)
        self.control("policy", "set", "reset.groups", "pilot")
        forecast = json.loads(self.control("--json", "policy", "simulate", "reset.scope", "groups"))
        self.assertEqual(forecast, {"users": 2, "able_now": 1, "able_then": 0, "stranded": [ALICE]})
        report = json.loads(self.control("--json", "campaign", "report"))
        self.assertEqual(report, {"users": 2, "in_scope": 2, "registered": 1, "to_confirm": 0,
                                  "missing": ["bob@example.org"]})
        self.assertIn("stranded:", self.control("policy", "simulate", "reset.scope", "groups"))
        history = json.loads(self.control("--json", "policy", "history"))
        self.assertEqual([(one["version"], one["key"], one["new_value"]) for one in history],
                         [(1, "reset.groups", "pilot")])

    def test_banned_and_leaked_passwords(self):
        words = self.folder / "words.txt"
        words.write_text("# ours\nZaphod\n\nBeeblebrox\r\n")
        self.control("banned", "import", words)
        self.assertEqual(json.loads(self.control("--json", "banned", "list")),
                         [{"word": "beeblebrox"}, {"word": "zaphod"}])
        self.control("banned", "add", "abc", code=1)
        leaked = "river stone lantern gravel"
        (self.folder / "list.txt").write_text(hashlib.sha1(leaked.encode()).hexdigest().upper() + ":3\n")
        said = self.control("breached", "build", self.folder / "list.txt", self.folder / "leaked.filter")
        self.assertRegex(said, r"entries: +1\n")
        self.control("breached", "check", self.folder / "leaked.filter", stdin=leaked + "\n", code=1)
        self.control("breached", "check", self.folder / "leaked.filter", stdin="another\n")
        codes = json.loads(self.control("--json", "methods", "recovery-codes", ALICE))["codes"]
        self.serve(f"[passwords]\nbreach_filter = {self.folder / 'leaked.filter'}\n")
        opened = self.challenge(self.begin(), challenge_type="recovery_code")
        _, answer = self.go_on(opened, grant_type="recovery_code", oob=codes[0])
        token = answer["continuation_token"]
        for password, sentence in [(leaked, "leaked elsewhere"), ("Z@phodbeeblebr0x1", "many people use")]:
            status, answer = self.post("/resetpassword/v1.0/submit", client_id="sspr-login",
                                       continuation_token=token, new_password=password)
            self.assertEqual((status, answer["suberror"]), (400, "password_banned"), password)
            self.assertIn(sentence, answer["error_description"])
        status, _ = self.post("/resetpassword/v1.0/submit", client_id="sspr-login",
                              continuation_token=token, new_password="river stone lantern sand")
        self.assertEqual(status, 200)

    def test_a_bad_gateway_is_named_before_the_start(self):
        self.configuration.write_text(self.configuration.read_text() +
                                      "[sms]\nurl = http://sms.example.org/\nbody = {to}{text}\n")
        checked = subprocess.run([SERVICE, "--config", self.configuration, "--check-config"],
                                 capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(checked.returncode, 2, checked.stderr)
        self.assertIn("https://", checked.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2, defaultTest="MethodsTest")
