# SPDX-License-Identifier: Apache-2.0
"""Everything around the real sspr-flow misbehaves, one thing at a time: one clear sentence, nothing
changed, and the process gone."""

import os
import re
import socket
import time
import unittest  # noqa: F401

from flow_case import GOOD_PASSWORD, FlowCase, main
from flow_host import ANSWER, CANCEL, Host, Setpw, error, frame, string


class Service(FlowCase):
    def end_of(self, **replies):
        self.service.replies.update(replies)
        host, process = self.begin()
        host.say("")
        return self.assert_ends_unchanged(host, process)

    def test_answers_that_are_none_end_with_a_sentence(self):
        page = (200, b"<html>sign in</html>", "text/html")
        for reply, words in ((page, "sign-in first"), ((302, b"", "text/html"), "sign-in first"),
                             ((511, b"", "text/html"), "sign-in first"),
                             ((500, {"error": "x"}), "out of order"),
                             ((200, b"{", "application/json"), "no sense"),
                             ((200, {"continuation_token": 7}), "no sense"),
                             ((200, b"x" * 70000, "application/json"), "no sense"),
                             (error("access_denied", "too_many_attempts", retry_after=90),
                              "in 2 minutes"),
                             (error("user_not_found"), "Check the user name"),
                             ((200, {"challenge_type": "redirect"}), "web page"),
                             (error("unauthorized_client"), "does not accept")):
            with self.subTest(reply=str(reply)[:60]):
                self.assertIn(words, self.end_of(start=reply))

    def test_hostile_words_of_the_server_reach_no_terminal(self):
        evil = "\x1b]52;c;AAAA\x07\x9b31m\r\n\u202e\u200f" + "W" * 400
        self.service.replies["challenge"][1]["challenge_target_label"] = evil
        self.addCleanup(self.service.replies["challenge"][1].update,
                        challenge_target_label="a***@example.org")
        host, _ = self.begin()
        host.say("")
        host.question()
        for _, text in host.seen:
            self.assertRegex(text, re.compile(r"\A[ -~]*\Z"))
            self.assertLessEqual(len(text), 511)

    def test_wrong_certificate_ends_before_a_request_is_sent(self):
        self.machine.write_config(ca_file="/etc/ssl/certs/ca-certificates.crt"
                                  if os.path.exists("/etc/ssl/certs/ca-certificates.crt")
                                  else str(self.machine.folder / "server.key"))
        host, process = self.begin()
        host.say("")
        self.assert_ends_unchanged(host, process)
        self.assertEqual(self.service.requests, [])

    def test_wrong_code_five_times_is_never_more_than_five_requests(self):
        left = iter((4, 3, 2, 1))
        self.service.replies["continue"] = lambda _: (
            error("invalid_grant", "invalid_oob_value", attempts_left=next(left))
            if self.service.names().count("continue") < 5
            else error("access_denied", "too_many_attempts"))
        host, process = self.begin()
        host.say("")
        for _ in range(5):
            host.say("00000000")
        self.assert_ends_unchanged(host, process, "too many attempts")
        self.assertEqual(self.service.names().count("continue"), 5)

    def test_submit_that_stays_unknown_is_not_claimed_to_be_anything(self):
        self.service.replies["submit"] = lambda _: None
        self.service.replies["transaction"] = (200, {"status": "none"})
        host, process = self.begin()
        for text in ("", "12345678", GOOD_PASSWORD, GOOD_PASSWORD):
            host.say(text)
        outcome, _, text = host.done()
        self.assertEqual(outcome, 1)
        self.assertIn("may already be set", text)
        self.assertEqual(self.service.names().count("submit"), 1)
        self.assertNotIn(Setpw.ABORT, self.setpw.kinds())


class Machine(FlowCase):
    def test_setpw_that_is_missing_silent_or_lying_stops_a_local_account(self):
        lies = {"hangs up": None, "wrong frame": (Setpw.COMMITTED, bytes(3)),
                "torn": (Setpw.READY, b"\1"), "not enrolled": (Setpw.REFUSED, b"\3"),
                "unknown reason": (Setpw.REFUSED, b"\x63")}
        for name, reply in lies.items():
            with self.subTest(name):
                self.setpw.replies[Setpw.PREPARE] = (
                    (lambda _: None) if reply is None else reply)
                host, process = self.begin()
                host.say("")
                self.assert_ends_unchanged(host, process, "cannot set passwords right now")
                self.assertNotIn("start", self.service.names())

    def test_bad_configuration_gives_one_sentence(self):
        for text in ("[service]\nurl = http://x/y\n", "[service\n", "", "[service]\nx = 1\n"):
            with self.subTest(text):
                self.machine.write_raw_config(text)
                host, process = self.begin()
                self.assert_ends_unchanged(host, process, "not set up correctly")
                self.assertEqual([kind for kind, _ in host.seen], [22])

    def test_check_config_names_the_line(self):
        self.machine.write_raw_config("[service]\nurl = https://h/t\nlanguage = pl\n")
        process = self.machine.spawn(["--check-config"], stdin=-3, stderr=-1, text=True)
        _, complaint = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 2)
        self.assertIn("sspr.conf:3: 'language' must be en, de, fr, es or ar", complaint)


class Hosts(FlowCase):
    def test_host_that_leaves_at_any_point_leaves_nothing_running(self):
        answers = ("", "12345678", GOOD_PASSWORD, GOOD_PASSWORD)
        for leave_at in range(5):
            for say_cancel in (False, True):
                with self.subTest(leave_at=leave_at, say_cancel=say_cancel):
                    self.service.requests.clear()
                    host, process = self.machine.start()
                    if leave_at > 0:
                        host.begin()
                        for text in answers[:leave_at - 1]:
                            host.say(text)
                        host.question()
                    if say_cancel:
                        host.sock.sendall(frame(CANCEL))
                    host.close()
                    process.wait(30)
                    self.assertNotIn("submit", self.service.names())

    def test_host_that_leaves_while_the_service_is_slow_ends_the_request(self):
        self.service.replies["challenge"] = lambda _: time.sleep(20)
        host, process = self.begin()
        host.say("")
        while "challenge" not in self.service.names():
            time.sleep(0.01)
        before = time.monotonic()
        host.close()
        process.wait(30)
        self.assertLess(time.monotonic() - before, 15, "it waited for the service all the same")

    def test_host_that_leaves_after_the_submit_does_not_stop_it(self):
        submit = self.service.replies["submit"]
        host, process = self.begin()

        def leave(_):
            host.close()
            return submit

        self.service.replies["submit"] = leave
        for text in ("", "12345678", GOOD_PASSWORD, GOOD_PASSWORD):
            host.say(text)
        process.wait(30)
        self.assertEqual(self.setpw.kinds()[-1], Setpw.COMMIT)

    def test_frames_out_of_turn_end_the_flow(self):
        begin = bytes([1, 3]) + string("login") + string("alice") + string("en") + string("tty1")
        for name, first in {
                "answer first": frame(ANSWER, b"\0\0"), "unknown type": frame(99),
                "a frame of the other side": frame(16, b"x"), "too long": b"\1\xff\xff",
                "two begins": frame(1, begin) * 2, "future version": frame(1, b"\2" + begin[1:]),
                "trailing bytes": frame(1, begin + b"x"), "escape": frame(1, begin[:-4] + b"tt\x1b1"),
        }.items():
            with self.subTest(name):
                host, process = self.machine.start()
                host.sock.sendall(first)
                process.wait(30)
                host.close()
                self.assertNotIn("start", self.service.names())

    def test_answers_that_cannot_be_ends_the_flow(self):
        for name, payload in {"foreign index": b"\0\7", "too long": b"\0\0" + b"x" * 512,
                              "NUL": b"\0\0a\0b", "no index": b"\0"}.items():
            with self.subTest(name):
                host, process = self.begin()
                host.question()
                host.sock.sendall(frame(ANSWER, payload))
                process.wait(30)
                self.assertNotIn("challenge", self.service.names())

    def test_names_that_are_not_carried_are_refused(self):
        for name in ("-rf", "a b", "../x", "alice\n", "ali\u0441e", "", "x" * 256):
            with self.subTest(name):
                host, process = self.machine.start()
                host.begin(user=name)
                self.assert_ends_unchanged(host, process, "user name")
                self.assertEqual(self.service.requests, [])


class Peers(FlowCase):
    def test_root_may_ask_for_any_permitted_account(self):
        for user in ("alice", "bob"):
            host, process = self.begin(user)
            self.assertIn(user, host.question())
            host.answer("n")
            self.assert_ends_unchanged(host, process)

    def test_user_may_ask_for_the_own_account_only(self):
        host, process = self.begin("alice", uid=4711)
        self.assertIn("alice", host.question())
        host.answer("n")
        self.assert_ends_unchanged(host, process)
        for user, uid in (("bob", 4711), ("alice", 4712), ("root", 4711), ("nosuchuser", 4711)):
            with self.subTest(user=user, uid=uid):
                host, process = self.begin(user, uid=uid)
                self.assert_ends_unchanged(host, process, "your own password only")
                self.assertEqual(self.setpw.calls[2:], [])

    def test_root_and_system_accounts_are_refused_before_anything_is_asked_of_anybody(self):
        for user in ("root", "daemon", "nobody"):
            with self.subTest(user):
                host, process = self.begin(user)
                self.assert_ends_unchanged(host, process, "administrator")
        self.assertEqual((self.service.requests, self.setpw.calls), ([], []))

    def test_what_is_no_unix_connection_is_refused(self):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(1)
            with socket.create_connection(listener.getsockname()) as client:
                accepted, _ = listener.accept()
                with accepted:
                    self.assertEqual(self.machine.spawn([], accepted).wait(30), 2)
                Host(client)
        self.assertEqual(self.machine.spawn([], stdin=-3).wait(30), 2)


if __name__ == "__main__":
    main()
