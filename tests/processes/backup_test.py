#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""ssprctl backup and restore: a copy of one moment while the service writes, and an older state that
brings back nothing that was spent. backup_test.py SERVICE SSPRCTL"""
import json
import pathlib
import sqlite3
import subprocess
import sys
import threading
import time
import unittest

SERVICE, CONTROL = sys.argv[1:3]
del sys.argv[1:3]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from fleet import OLD_PASSWORD, Cluster, Fleet, app_code  # noqa: E402 pylint: disable=C0413

NAME = "alice@example.com"
NEW_PASSWORD = "river stone lantern gravel"
CONTINUE = "/resetpassword/v1.0/continue"


class Backup(unittest.TestCase):
    def lay(self, database=None):
        self.fleet = Fleet(SERVICE, CONTROL, 1, database)
        self.addCleanup(self.fleet.close)
        self.data = self.fleet.folder / "data"
        self.copy = self.fleet.folder / "copy.db"

    def codes(self):
        printed = self.fleet.control("methods", "recovery-codes", NAME).split("\n")
        return [line for line in printed if line.count("-") == 3 and len(line) == 19]

    def pass_with(self, kind, code):
        return self.fleet.post(0, CONTINUE, continuation_token=self.fleet.open(NAME, kind),
                               grant_type=kind, oob=code)

    def spend(self):
        """One recovery code, one step of the app, a flow under way, and a sign-in; all are good."""
        self.fleet.add_user(NAME)
        codes, secret = self.codes(), self.fleet.add_app(NAME)
        status, signed_in = self.fleet.sign_in(NAME, OLD_PASSWORD)
        self.assertEqual(status, 200, signed_in)
        self.before()
        code = app_code(secret, time.time())
        for kind, typed in (("recovery_code", codes[3]), ("totp", code)):
            status, answer = self.pass_with(kind, typed)
            self.assertEqual(status, 200, answer)
        return {"recovery_code": codes[3], "totp": code, "token": answer["continuation_token"],
                "unspent": codes[4], "refresh": signed_in["refresh_token"]}

    def before(self):
        raise NotImplementedError

    def check_nothing_comes_back(self, spent):
        for kind in ("totp", "recovery_code"):
            started = self.fleet.begin(NAME)
            offered = [one["challenge_type"] for one in started["methods"]]
            if kind == "recovery_code":
                self.assertNotIn(kind, offered, "all of them are void")
                continue
            status, answer = self.pass_with(kind, spent[kind])
            self.assertEqual((status, answer["error"]), (400, "invalid_grant"), answer)
        status, answer = self.fleet.post(0, "/resetpassword/v1.0/submit",
                                         continuation_token=spent["token"],
                                         new_password=NEW_PASSWORD)
        self.assertEqual((status, answer["error"]), (400, "invalid_request"), answer)
        status, answer = self.fleet.post(0, "/oauth2/v2.0/token", grant_type="refresh_token",
                                         refresh_token=spent["refresh"], scope="openid")
        self.assertEqual(status, 400, answer)
        self.assertEqual(self.fleet.sign_in(NAME, OLD_PASSWORD)[0], 200, "the rest is there")


class SqliteTest(Backup):
    def setUp(self):
        self.lay()

    def content(self):
        database = sqlite3.connect(self.data / "sspr.db")
        try:
            return list(database.iterdump())
        finally:
            database.close()

    def before(self):
        said = self.fleet.control("backup", self.copy)
        self.assertIn("secrets.key", said)

    def test_an_older_state_brings_back_nothing_that_was_spent(self):
        spent = self.spend()
        self.assertEqual(self.copy.stat().st_mode & 0o777, 0o600)
        refused = self.fleet.control("restore", self.copy, code=1)
        self.assertIn("stop it first", refused)
        self.assertEqual(self.fleet.sign_in(NAME, OLD_PASSWORD)[0], 200, "it runs on")
        self.fleet.end(0)
        restored = json.loads(self.fleet.control("--json", "restore", self.copy))
        self.assertEqual(restored["lost_codes"], [NAME])
        aside = pathlib.Path(restored["replaced_database"])
        for path in (aside, self.data / "sspr.db"):
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        with sqlite3.connect(aside) as replaced:
            self.assertEqual(replaced.execute("SELECT COUNT(*) FROM users").fetchone()[0], 2)
        self.fleet.start(0)
        self.check_nothing_comes_back(spent)
        self.assertEqual(sorted(path.name for path in self.data.glob("sspr.db*")
                                if not path.name.endswith(("-wal", "-shm"))),
                         sorted({"sspr.db", aside.name}))

    def test_a_copy_of_one_moment_while_others_write(self):
        done = threading.Event()

        def write():
            number = 0
            while not done.is_set():
                number += 1
                self.fleet.begin(f"nobody{number}@example.com")

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(3):
                self.fleet.control("backup", self.fleet.folder / f"{number}.db")
        finally:
            done.set()
            writer.join()
        for number in range(3):
            copy = sqlite3.connect(self.fleet.folder / f"{number}.db")
            self.assertEqual(copy.execute("PRAGMA integrity_check").fetchone()[0], "ok")
            self.assertEqual(copy.execute("SELECT COUNT(*) FROM flows").fetchone(),
                             copy.execute("SELECT COUNT(*) FROM tokens").fetchone(),
                             "a flow and its first token are one write")
            copy.close()
        self.assertEqual([path.name for path in self.fleet.folder.glob("*.partial")], [])

    def test_what_is_no_good_copy_is_refused_and_nothing_changed(self):
        self.fleet.control("backup", self.copy)
        self.fleet.control("backup", self.copy, code=1)
        good = self.copy.read_bytes()
        self.fleet.end(0)
        self.fleet.control("users", "list")
        before = self.content()
        newer = self.fleet.folder / "newer.db"
        newer.write_bytes(good)
        with sqlite3.connect(newer) as database:
            database.execute("INSERT INTO schema_version VALUES (999)")
        database.close()
        foreign = self.fleet.folder / "foreign.db"
        with sqlite3.connect(foreign) as database:
            database.execute("CREATE TABLE users (id TEXT)")
        database.close()
        torn = self.fleet.folder / "torn.db"
        torn.write_bytes(good[:len(good) // 2 // 4096 * 4096])
        for path, why in ((newer, "newer program"), (foreign, "no database of this service"),
                          (torn, "torn.db"), (self.fleet.folder / "absent", "no such file")):
            said = self.fleet.control("restore", path, code=3)
            self.assertIn(why, said.replace("sspr.db.restoring", path.name))
        self.assertEqual(self.content(), before)
        self.assertEqual([path.name for path in self.data.glob("sspr.db?*")
                          if path.name not in ("sspr.db-wal", "sspr.db-shm")], [])

    def test_a_damaged_or_missing_database_is_replaced(self):
        self.fleet.add_user(NAME)
        self.fleet.control("backup", self.copy)
        self.fleet.end(0)
        for name in ("sspr.db-wal", "sspr.db-shm"):
            (self.data / name).unlink(missing_ok=True)
        (self.data / "sspr.db").write_bytes(b"not a database" * 1000)
        self.fleet.control("restore", self.copy)
        self.assertIn(NAME, self.fleet.control("users", "list"))
        for path in self.data.glob("sspr.db*"):
            path.unlink()
        self.fleet.control("restore", self.copy)
        self.assertIn(NAME, self.fleet.control("users", "list"))


class PostgresqlTest(Backup):
    def setUp(self):
        self.cluster = Cluster().__enter__()
        self.addCleanup(self.cluster.__exit__)
        self.target = self.cluster.database("sspr")
        self.lay(self.target)

    def before(self):
        self.assertIn("pg_dump", self.fleet.control("backup", self.copy, code=1))
        subprocess.run(["pg_dump", "--format=custom", f"--file={self.copy}",
                        f"--dbname={self.target}"], check=True)

    def test_an_older_state_brings_back_nothing_that_was_spent(self):
        spent = self.spend()
        self.fleet.end(0)
        self.assertIn("pg_restore", self.fleet.control("restore", self.copy, code=1))
        subprocess.run(["pg_restore", "--clean", f"--dbname={self.target}", self.copy], check=True)
        self.assertIn(NAME, self.fleet.control("restore", "--after-pg-restore"))
        self.fleet.start(0)
        self.check_nothing_comes_back(spent)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
