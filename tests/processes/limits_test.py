#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The limits under 64 requests at once, over TLS: two processes on PostgreSQL, one on SQLite. What
may be tried five times is tried no sixth time, and what works once works once.
limits_test.py SERVICE SSPRCTL"""
import pathlib
import sqlite3
import sys
import time
import unittest

SERVICE, CONTROL = sys.argv[1:3]
del sys.argv[1:3]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from fleet import OLD_PASSWORD, Cluster, Fleet, app_code  # noqa: E402 pylint: disable=C0413

AT_ONCE = 64
CONTINUE = "/resetpassword/v1.0/continue"
NEW_PASSWORD = "river stone lantern gravel"


def other(code):
    """A code of the same form that is another."""
    return ("1" if code[0] != "1" else "2") + code[1:]


class Limits:
    """For each of the databases below; `fleet` and `select` are theirs."""

    def spread(self, requests):
        """The n-th request to the n-th process, in turn."""
        count = len(self.fleet.ports)
        return [(n % count, path, form) for n, (path, form) in enumerate(requests)]

    def guess(self, token, code, grant="oob"):
        return CONTINUE, {"continuation_token": token, "grant_type": grant, "oob": code}

    def counted(self, method):
        """Failures on file for this method of the users of this test."""
        before = self.failures.get(method, 0)
        now = int(self.select(f"SELECT COUNT(*) FROM attempts WHERE bucket LIKE 'try:{method}:%'"))
        self.failures[method] = now
        return now - before

    failures = {}

    def setUp(self):
        for method in ("email", "authenticator", "recovery_code"):
            self.counted(method)

    def test_a_code_is_tried_five_times_and_no_sixth(self):
        name = self.fleet.add_user("five@example.org")
        token = self.fleet.open(name, "oob")
        code = self.fleet.mailbox.code(name)
        answers = self.fleet.volley(self.spread([self.guess(token, other(code))] * AT_ONCE))
        self.assertEqual({status for status, _ in answers}, {400})
        self.assertEqual(self.counted("email"), 5)
        for number in range(len(self.fleet.ports)):
            status, answer = self.fleet.post(number, *self.guess(token, code)[:1],
                                             **self.guess(token, code)[1])
            self.assertEqual((status, answer["error"]), (400, "access_denied"), answer)
        self.assertEqual(self.counted("email"), 0, "it was not evaluated")

    def test_the_right_code_among_the_losers_is_refused(self):
        name = self.fleet.add_user("among@example.org")
        token = self.fleet.open(name, "oob")
        code = self.fleet.mailbox.code(name)
        guesses = [self.guess(token, other(code))] * (AT_ONCE - 1) + [self.guess(token, code)]
        answers = self.fleet.volley(self.spread(guesses))
        passed = [status for status, _ in answers].count(200)
        self.assertEqual(passed, answers[-1][0] == 200, "only the right one can pass")
        failed = self.counted("email")
        self.assertLessEqual(failed + passed, 5)
        self.assertTrue(passed or failed == 5, "it was refused because five had failed")

    def test_many_flows_of_one_account_share_its_five_tries(self):
        name = self.fleet.add_user("flows@example.org")
        secret = self.fleet.add_app(name)
        tokens = [self.fleet.open(name, "totp", n % len(self.fleet.ports)) for n in range(8)]
        wrong = other(app_code(secret, time.time()))
        answers = self.fleet.volley(self.spread(
            [self.guess(tokens[n % 8], wrong, "totp") for n in range(AT_ONCE)]))
        self.assertEqual({status for status, _ in answers}, {400})
        self.assertEqual(self.counted("authenticator"), 5)
        answers = self.fleet.volley(self.spread(
            [self.guess(token, app_code(secret, time.time()), "totp") for token in tokens]))
        self.assertEqual({answer.get("suberror") for _, answer in answers}, {"too_many_attempts"})

    def test_a_code_of_an_app_passes_once_in_all_flows(self):
        name = self.fleet.add_user("app@example.org")
        secret = self.fleet.add_app(name)
        tokens = [self.fleet.open(name, "totp", n % len(self.fleet.ports)) for n in range(8)]
        code = app_code(secret, time.time())
        answers = self.fleet.volley(self.spread(
            [self.guess(tokens[n % 8], code, "totp") for n in range(AT_ONCE)]))
        self.assertEqual([status for status, _ in answers].count(200), 1)

    def test_a_recovery_code_passes_once_however_it_is_written(self):
        name = self.fleet.add_user("paper@example.org")
        code = self.fleet.control("methods", "recovery-codes", name).split("\n")
        code = next(line for line in code if line.count("-") == 3 and len(line) == 19)
        tokens = [self.fleet.open(name, "recovery_code", n % len(self.fleet.ports))
                  for n in range(8)]
        forms = [code, code.lower(), code.replace("-", " "), code.replace("-", "")]
        answers = self.fleet.volley(self.spread(
            [self.guess(tokens[n % 8], forms[n // 8 % 4], "recovery_code")
             for n in range(AT_ONCE)]))
        self.assertEqual([status for status, _ in answers].count(200), 1)

    def test_three_mails_in_ten_minutes_and_no_fourth(self):
        name = self.fleet.add_user("mails@example.org")
        flows = [self.fleet.begin(name, n % len(self.fleet.ports)) for n in range(8)]
        method = {one["challenge_type"]: one["id"] for one in flows[0]["methods"]}["oob"]
        answers = self.fleet.volley(self.spread(
            [("/resetpassword/v1.0/challenge",
              {"continuation_token": flows[n % 8]["continuation_token"], "id": method})
             for n in range(AT_ONCE)]))
        self.fleet.mailbox.code(name)
        counted = self.select("SELECT COUNT(*) FROM attempts WHERE bucket LIKE 'sent:email:%' AND "
                              "reservation IN (SELECT reservation FROM attempts GROUP BY "
                              "reservation) GROUP BY bucket ORDER BY 1 DESC LIMIT 1")
        self.assertEqual(int(counted), 3)
        # One that counted may have lost its flow to another request of it: it sends nothing.
        self.assertLessEqual([status for status, _ in answers].count(200), 3)
        self.assertLessEqual(len(self.fleet.mailbox.codes[name]), 3)

    def test_one_password_is_set_by_one_step(self):
        name = self.fleet.add_user("step@example.org")
        token = self.fleet.open(name, "oob")
        _, answer = self.fleet.post(0, CONTINUE, continuation_token=token, grant_type="oob",
                                    oob=self.fleet.mailbox.code(name))
        submit = [("/resetpassword/v1.0/submit",
                   {"continuation_token": answer["continuation_token"],
                    "new_password": f"{NEW_PASSWORD} {n}"}) for n in range(16)]
        answers = self.fleet.volley(self.spread(submit))
        winners = [n for n, (status, _) in enumerate(answers) if status == 200]
        self.assertEqual(len(winners), 1, answers)
        self.assertEqual(self.fleet.sign_in(name, f"{NEW_PASSWORD} {winners[0]}")[0], 200)
        self.assertEqual(self.select(
            f"SELECT password_generation FROM users WHERE username = '{name}'"), "2")

    def test_ten_passwords_are_tried_and_no_eleventh(self):
        name = self.fleet.add_user("ten@example.org")
        tokens = []
        for n in range(8):
            number = n % len(self.fleet.ports)
            form = {"challenge_type": "password redirect"}
            _, answer = self.fleet.post(number, "/oauth2/v2.0/initiate", username=name, **form)
            _, answer = self.fleet.post(number, "/oauth2/v2.0/challenge", **form,
                                        continuation_token=answer["continuation_token"])
            tokens.append(answer["continuation_token"])
        self.fleet.volley(self.spread(
            [("/oauth2/v2.0/token", {"grant_type": "password", "scope": "openid",
                                     "password": f"wrong {n}", "continuation_token": tokens[n % 8]})
             for n in range(AT_ONCE)]))
        self.assertEqual(self.select("SELECT MAX(failures) FROM sign_in_locks"), "10")
        self.assertEqual(self.fleet.sign_in(name, OLD_PASSWORD)[0], 400)


class SqliteTest(Limits, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fleet = Fleet(SERVICE, CONTROL, 1, workers=16)
        cls.addClassCleanup(cls.fleet.close)
        cls.failures = {}
        cls.fleet.control("policy", "set", "limits.network_failures_per_hour", "10000")

    def select(self, text):
        database = sqlite3.connect(self.fleet.folder / "data" / "sspr.db")
        try:
            row = database.execute(text).fetchone()
            return str(row[0]) if row else "0"
        finally:
            database.close()


class PostgresqlTest(Limits, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(Cluster()) if hasattr(cls, "enterClassContext") else None
        if cls.cluster is None:
            cls.cluster = Cluster().__enter__()
            cls.addClassCleanup(cls.cluster.__exit__)
        target = cls.cluster.database("sspr")
        cls.fleet = Fleet(SERVICE, CONTROL, 2, target)
        cls.addClassCleanup(cls.fleet.close)
        cls.failures = {}
        cls.fleet.control("policy", "set", "limits.network_failures_per_hour", "10000")

    def select(self, text):
        return self.cluster.sql(text, database="sspr") or "0"

    def test_a_flow_goes_on_at_either_process(self):
        name = self.fleet.add_user("either@example.org")
        token = self.fleet.challenge(self.fleet.begin(name, 0), "oob", 1)
        status, answer = self.fleet.post(0, CONTINUE, continuation_token=token, grant_type="oob",
                                         oob=self.fleet.mailbox.code(name))
        self.assertEqual(status, 200, answer)
        status, answer = self.fleet.post(1, "/resetpassword/v1.0/submit", new_password=NEW_PASSWORD,
                                         continuation_token=answer["continuation_token"])
        self.assertEqual((status, answer["status"]), (200, "succeeded"), answer)
        status, answer = self.fleet.post(0, "/resetpassword/v1.0/poll_completion",
                                         continuation_token=answer["continuation_token"])
        self.assertEqual((status, answer["status"]), (200, "succeeded"), answer)
        self.assertEqual(self.fleet.sign_in(name, NEW_PASSWORD, 1)[0], 200)
        self.fleet.control("policy", "set", "required_gates", "2")
        try:
            for number in (0, 1):
                self.assertEqual(self.fleet.begin(name, number)["required_gates"], 2,
                                 "what ssprctl changes is in force at both")
        finally:
            self.fleet.control("policy", "set", "required_gates", "1")

    def test_a_process_that_starts_leaves_alone_what_another_has_under_way(self):
        insert = ("INSERT INTO transactions (id, state, client_id, flow_id, subject, user_id, "
                  "local_account, device_id, nonce, commitment, changed_at) VALUES ('{}', 1, 'c', "
                  "'f', 's', 'u', '', '', '', '', {})")
        now = int(time.time())
        self.select(insert.format("underway", now))
        self.select(insert.format("abandoned", now - 3600))
        self.fleet.end(1)
        self.fleet.start(1)
        state = "SELECT state FROM transactions WHERE id = '{}'"
        self.assertEqual(self.select(state.format("underway")), "1")
        self.assertEqual(self.select(state.format("abandoned")), "3")

    def test_a_server_that_goes_away_is_an_error_until_it_is_back(self):
        name = self.fleet.add_user("away@example.org")
        token = self.fleet.open(name, "oob")
        code = self.fleet.mailbox.code(name)
        self.fleet.post(0, *self.guess(token, other(code))[:1], **self.guess(token, other(code))[1])
        self.counted("email")
        self.cluster.end(3)  # SIGQUIT: as a crash
        answers = self.fleet.volley(self.spread([self.guess(token, code)] * AT_ONCE))
        self.assertEqual({(status, answer["error"]) for status, answer in answers},
                         {(400, "server_error")})
        said = self.fleet.control("users", "list", code=3)
        self.assertIn("sspr at ", said)
        self.cluster.run()
        self.assertEqual(self.counted("email"), 0, "nothing that was counted is lost")
        deadline = time.monotonic() + 60
        while True:  # by itself: the next request that may try does
            status, answer = self.fleet.post(1, CONTINUE, continuation_token=token,
                                             grant_type="oob", oob=code)
            if answer.get("error") != "server_error" or time.monotonic() > deadline:
                break
        self.assertEqual(status, 200, answer)
        log = self.fleet.log(1)
        self.assertEqual((log.count("the database is away: "), log.count("the database is back")),
                         (1, 1), log)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
