#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real sspr-flow, led by a host on a socket, against a service that misbehaves at one call.

Whatever the lever: the host is told in a clear sentence, the reset ends as "not changed", nothing
was committed on the machine, and the process is gone, all within the limits of docs/frames.md.
Usage: test_flow_levers.py SSPR_FLOW [unittest arguments]. Needs root.
"""
import concurrent.futures
import os
import socket
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../client")]
import flow_host  # pylint: disable=wrong-import-position
import lever_service  # pylint: disable=wrong-import-position

PROGRAM = os.path.abspath(sys.argv[1])
CODE, PASSWORD = "12345678", "canary horse battery"

# The calls of a reset with one gate, and what they answer where no lever spoils them.
CALLS = ["start", "challenge", "continue", "submit"]
CONFIGURATION = "sspr-configuration"
ANSWERS = {
    CONFIGURATION: flow_host.FEATURES,
    "start": {"continuation_token": "started", "methods": [flow_host.EMAIL], "required_gates": 1,
              "completed_gates": 0, "transaction_id": flow_host.TRANSACTION.hex(),
              "resumed": False},
    "challenge": flow_host.CHALLENGE,
    "continue": {"continuation_token": "proven", "expires_in": 600, "policy": flow_host.POLICY},
    "submit": {"continuation_token": "submitted", "poll_interval": 1, "status": "succeeded",
               "permit": flow_host.b64url(flow_host.PERMIT)},
    "transaction": {"status": "none"},
}

# These spoil nothing that a reply of ours could not have.
HARMLESS = {"good", "chunked", "trailer", "interim", "cookies", "idle-close", "die-when-reused",
            "early-reply"}
# One of each kind of fault, for the later calls; the first contact meets all of them.
LATER = ["silent", "cut-0", "cut-300", "reset", "malformed-json", "huge-body", "endless-chunked",
         "drip-body", "html-200", "portal-302", "status-511", "status-204", "status-206",
         "error-500", "wrong-type", "wrong-id", "json-array", "deep-json", "two-lengths"]
# What a captive portal or an intercepting network is called, so that the person can do something.
NAMED = {"html-200": "sign-in", "portal-302": "sign-in", "status-511": "sign-in",
         "expired": "date or time", "not-yet-valid": "date or time",
         "self-signed": "prove that it is the right one",
         "wrong-host": "prove that it is the right one",
         "foreign-ca": "prove that it is the right one",
         "silent": "does not answer", "slow": "does not answer",
         "drip-header": "does not answer", "drip-body": "does not answer"}


def reply(request):
    name = request.path.rsplit("/", 1)[-1]
    return (200, ANSWERS[name]) if name in ANSWERS else (404, {})


def answer_to(kind, question):
    if kind == flow_host.ASK_HIDDEN:
        return PASSWORD
    return CODE if kind == flow_host.ASK_VISIBLE and "code" in question.lower() else ""


CONFIG = """[service]
url = {url}
ca_file = {ca_file}
[machine]
flow_user = nobody
setpw_socket = {folder}/setpw.sock
resume_secret_file = {folder}/none
"""
IN_NAMESPACE = 'mount --bind "$1" /etc/passwd && shift && exec "$@"'


class Outcome:
    """One reset, played to its end by a patient host over a scratch account file."""

    def __init__(self, url, ca_file):
        with tempfile.TemporaryDirectory(prefix="sspr-levers-") as folder:
            os.chmod(folder, 0o755)
            setpw = flow_host.Setpw(os.path.join(folder, "setpw.sock"))
            self.write(folder, "sspr.conf", CONFIG.format(url=url, ca_file=ca_file, folder=folder))
            self.write(folder, "passwd", "root:x:0:0::/root:/bin/sh\n"
                       "nobody:x:65534:65534::/:/bin/false\n"
                       "alice:x:4711:4711::/home/alice:/bin/sh\n")
            ours, theirs = socket.socketpair()
            with ours, subprocess.Popen(
                    ["unshare", "-m", "sh", "-c", IN_NAMESPACE, "sh", folder + "/passwd", PROGRAM,
                     "--config", folder + "/sspr.conf"], stdin=theirs) as process:
                theirs.close()
                try:
                    self.play(flow_host.Host(ours))
                    self.exit_code = process.wait(timeout=30)
                finally:
                    process.kill()
            self.setpw_calls = setpw.kinds()
            setpw.stop()

    @staticmethod
    def write(folder, name, text):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(os.path.join(folder, name), 0o644)

    def play(self, host):
        self.host, self.questions = host, 0
        host.begin()
        kind, value = host.next()
        while kind != flow_host.DONE:
            if kind in (flow_host.ASK_VISIBLE, flow_host.ASK_HIDDEN):
                self.questions += 1
                if self.questions > 12:
                    raise AssertionError(f"no end of questions: {host.seen}")
                host.answer(answer_to(kind, value))
            kind, value = host.next()
        self.outcome, self.answer, self.text = value

    def told(self):
        """Everything that was said about the failure."""
        return " ".join(self.host.errors() + [self.text])


class FlowLevers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        os.chmod(cls.folder.name, 0o755)
        cls.service = lever_service.LeverService(cls.folder.name, reply)
        os.chmod(cls.service.ca_file, 0o644)

    @classmethod
    def tearDownClass(cls):
        cls.service.close()
        cls.folder.cleanup()

    def play(self, lever, at=None):
        return Outcome(self.service.url(lever, at), self.service.ca_file)

    def play_all(self, plays):
        """(lever, at) -> Outcome; most of the time is waiting, so many at once."""
        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            running = {play: pool.submit(self.play, *play) for play in plays}
            return {play: future.result() for play, future in running.items()}

    def check_refused(self, play, outcome):
        with self.subTest(play=play, seen=outcome.host.seen):
            self.assertEqual((outcome.outcome, outcome.answer), (flow_host.NOT_CHANGED, 0xFFFF))
            self.assertEqual(outcome.exit_code, 0)
            self.assertNotIn(flow_host.Setpw.COMMIT, outcome.setpw_calls)
            told = outcome.told()
            self.assertTrue(told.strip().endswith("."), "a sentence was said")
            self.assertNotIn("DOCTYPE", told)
            self.assertNotIn(PASSWORD, told)
            lever, at = play
            if lever in NAMED and at != "submit":
                self.assertIn(NAMED[lever], told)

    def test_unspoilt_service_sets_the_password(self):
        outcome = self.play("good")
        self.assertEqual(outcome.outcome, flow_host.PASSWORD_SET, outcome.host.seen)
        self.assertIn(flow_host.Setpw.COMMIT, outcome.setpw_calls)

    def test_first_contact_spoilt(self):
        levers = [name for name in lever_service.LEVERS if name not in HARMLESS]
        levers += lever_service.CERTIFICATE_LEVERS + lever_service.TLS_LEVERS
        for play, outcome in self.play_all([(name, None) for name in levers]).items():
            self.check_refused(play, outcome)
            self.assertEqual(outcome.questions, 1, "nothing is asked that would be in vain")

    def test_later_call_spoilt(self):
        plays = [(lever, call) for call in CALLS[1:] for lever in LATER]
        for play, outcome in self.play_all(plays).items():
            self.check_refused(play, outcome)
            if play[1] == "submit":
                self.check_asked_what_became_of_it(play)

    def check_asked_what_became_of_it(self, play):
        """A submit whose answer was lost may have been processed: asked about, never repeated."""
        base = "/{}~{}/".format(*play)
        asked = [one.path.rsplit("/", 1)[-1] for one in self.service.requests()
                 if one.path.startswith(base)]
        with self.subTest(play=play, asked=asked):
            self.assertEqual(asked.count("submit"), 1)
            self.assertGreaterEqual(asked.count("transaction"), 1)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("needs root: the account file is mounted in a namespace")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0]] + sys.argv[2:])
