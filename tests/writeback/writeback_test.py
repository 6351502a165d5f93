#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Resets through a real agent into a real slapd, at the wire and at the command line.
writeback_test.py SERVICE SSPRCTL AGENT"""
import json
import os
import pathlib
import stat
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from world import AGENT, World, wait_for  # noqa: E402 pylint: disable=wrong-import-position

OLD = "seven green bottles"
NEW = "gravel lantern river oak"
NEXT = "copper kettle window fern"
PEOPLE = {name: OLD for name in ("anna", "bert", "cora", "dora", "emil", "finn", "gina", "hugo")}


class WritebackTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="sspr-writeback-")
        cls.addClassCleanup(scratch.cleanup)
        cls.world = World(scratch.name, PEOPLE)
        cls.addClassCleanup(cls.world.close)
        cls.world.register("site-a")
        cls.world.start_agent("site-a")

    def setUp(self):
        world = self.world
        if "site-a" not in world.agents:
            world.start_agent("site-a")

    def test_person_gets_a_new_password_and_nothing_readable_stays(self):
        world = self.world
        codes = world.codes("anna")
        token, _ = world.prove("ANNA", codes[0])
        status, answer = world.reset(token, NEW)
        self.assertEqual((status, answer["status"]), (200, "succeeded"), answer)
        self.assertTrue(world.slapd.is_right("anna", NEW))
        self.assertFalse(world.slapd.is_right("anna", OLD))
        for path, content in world.everything_written().items():
            self.assertNotIn(NEW.encode(), content, path)
        self.assertRegex(world.agent_log("site-a").read_text(), "SSPR-W005 a password was set")
        key = world.folder / "site-a/sealing.key"
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
        self.assertEqual(json.loads(world.control("--json", "writeback", "list")), [])

    def test_verdict_of_the_directory_comes_within_the_same_reset(self):
        world = self.world
        codes = world.codes("bert")
        token, _ = world.prove("bert", codes[0])
        status, answer = world.reset(token, OLD)  # in the history of the directory, not the service's
        self.assertEqual((status, answer.get("suberror")), (400, "password_recently_used"), answer)
        status, answer = world.reset(token, NEW)
        self.assertEqual((status, answer["status"]), (200, "succeeded"), answer)
        self.assertTrue(world.slapd.is_right("bert", NEW))

    def test_without_an_agent_the_person_is_told_before_a_password_is_chosen(self):
        world = self.world
        world.codes("cora")
        world.kill_agent("site-a")
        wait_for(lambda: world.start_reset("cora")[0] != 200, "the service sees that it is gone")
        status, answer = world.start_reset("cora")
        self.assertEqual((status, answer["error"]), (400, "server_error"), answer)
        self.assertIn("no writeback agent is connected", world.log_path.read_text())
        world.start_agent("site-a")
        self.assertEqual(world.start_reset("cora")[0], 200)

    def test_sign_in_and_unlock_go_through_the_agent(self):
        world = self.world
        world.codes("dora")
        common = {"client_id": "sspr-login", "challenge_type": "password redirect"}
        for password, expected in ((OLD, 200), ("wrong", 400)):
            _, answer = world.post("/oauth2/v2.0/initiate", username="dora", **common)
            _, answer = world.post("/oauth2/v2.0/challenge",
                                   continuation_token=answer["continuation_token"], **common)
            status, answer = world.post("/oauth2/v2.0/token", client_id="sspr-login",
                                        grant_type="password", scope="openid", password=password,
                                        continuation_token=answer["continuation_token"])
            self.assertEqual(status, expected, answer)
        world.slapd.lock("dora")
        self.assertFalse(world.slapd.is_right("dora", OLD))
        codes = world.new_codes("dora")
        token, _ = world.prove("dora", codes[0], operation="unlock")
        status, answer = world.post("/resetpassword/v1.0/unlock", client_id="sspr-login",
                                    continuation_token=token)
        self.assertEqual((status, answer["status"]), (200, "succeeded"), answer)
        self.assertTrue(world.slapd.is_right("dora", OLD))

    def test_both_halves_of_the_rule_are_needed_and_the_missing_one_is_named(self):
        world = self.world
        world.codes("gina")
        said = json.loads(world.control("--json", "writeback", "check", "gina"))
        self.assertEqual((said["reset"], said["unlock"]), ("yes", "yes"), said)
        # The service's half.
        world.control("policy", "set", "reset.scope", "nobody")
        self.addCleanup(world.control, "policy", "set", "reset.scope", "everybody")
        said = json.loads(world.control("--json", "writeback", "check", "gina"))
        self.assertEqual(said["reset"], "no")
        self.assertIn("reset.scope", said["service"])
        self.assertEqual(said["agent"], "allows a reset")
        world.control("policy", "set", "reset.scope", "everybody")
        # The agent's.
        world.kill_agent("site-a")
        world.agent_conf("site-a", "reset = yes\nunlock = yes\nnever_groups = guarded")
        self.addCleanup(self.restore)
        world.start_agent("site-a")
        said = json.loads(world.control("--json", "writeback", "check", "gina"))
        self.assertEqual(said["reset"], "no")
        self.assertIn("never_groups in [allow] of sspr-writeback.conf", said["agent"])
        self.assertEqual(said["service"], "allows a reset")
        # As nobody is answered, and the log says why.
        status, of_gina = world.start_reset("gina")
        _, of_nobody = world.start_reset("nobody-at-all")
        self.assertEqual((status, sorted(of_gina)), (200, sorted(of_nobody)))
        self.assertRegex(world.log_path.read_text(), "the agent's configuration allows no reset of user")
        self.assertIn("allows a reset", world.control("writeback", "check", "hugo"))

    def restore(self):
        self.world.kill_agent("site-a")
        self.world.agent_conf("site-a")

    def test_rule_that_is_taken_back_during_a_reset_stops_it_at_the_agent(self):
        world = self.world
        codes = world.codes("emil")
        token, transaction = world.prove("emil", codes[0])
        world.kill_agent("site-a")
        world.agent_conf("site-a", "unlock = yes")
        self.addCleanup(self.restore)
        world.start_agent("site-a")
        status, answer = world.reset(token, NEW)
        self.assertEqual(status, 400, answer)
        self.assertTrue(world.slapd.is_right("emil", OLD))
        dead = json.loads(world.control("--json", "writeback", "list", "--dead"))
        self.assertIn(transaction, [job["transaction"] for job in dead])
        shown = json.loads(world.control("--json", "writeback", "show", transaction))
        self.assertIn("reset = yes is missing", shown["reason"])
        self.assertIn("over", world.control("writeback", "retry", transaction, code=1))

    def test_either_of_two_agents_takes_the_job_and_a_revoked_one_none(self):
        world = self.world
        second = world.register("site-b")
        world.start_agent("site-b")
        self.addCleanup(lambda: "site-b" in world.agents and world.kill_agent("site-b"))
        world.kill_agent("site-a")
        codes = world.codes("finn")
        token, _ = world.prove("finn", codes[0])
        status, answer = world.reset(token, NEW)
        self.assertEqual((status, answer["status"]), (200, "succeeded"), answer)
        self.assertTrue(world.slapd.is_right("finn", NEW))
        world.control("writeback", "revoke", second)
        wait_for(lambda: "SSPR-W004" in world.agent_log("site-b").read_text(), "it is told")
        world.kill_agent("site-b")
        states = {agent["id"]: agent["state"] for agent in
                  json.loads(world.control("--json", "writeback", "agents"))}
        self.assertEqual(states[second], "revoked")

    def test_endpoints_refuse_who_is_no_agent(self):
        world = self.world
        for path in ("/writeback/v1.0/register", "/writeback/v1.0/exchange"):
            status, answer = world.post(path, client_id="sspr-writeback", session="0" * 32, lane="0")
            self.assertEqual((status, answer["suberror"]), (401, "invalid_dpop_proof"), answer)
            self.assertEqual(world.post(path, client_id="sspr-login")[0], 400)
        self.assertEqual(world.post("/writeback/v1.0/jobs", client_id="sspr-writeback")[0], 404)
        code = "0" * 40
        world.agent_conf("site-x")
        done = world.agent("site-x", "register", stdin=code)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("invalid_registration_code", done.stderr)

    def test_command_line_and_configuration_are_refused_in_one_sentence(self):
        world = self.world
        good = world.agent_conf("site-y").read_text()
        self.assertEqual(world.agent("site-y", "check").returncode, 0)
        for change, code, said in [(("type = ldap", "type = novell"), 2, "write ldap or ad"),
                                   (("reset = yes", "rest = yes"), 2, "rest"),
                                   (("https://", "http://"), 2, "public_url"),
                                   (("bind_dn = cn=sspr", "bind_dn = cn=nobody"), 2, "directory:"),
                                   (("group_base = ou=groups,dc=example,dc=org\n", ""), 0, ""),
                                   (("reset = yes", "groups = staff\nreset = yes"), 0, "")]:
            (world.folder / "site-y.conf").write_text(good.replace(*change))
            done = world.agent("site-y", "check")
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(said, done.stderr)
        (world.folder / "site-y.conf").write_text(good)
        done = world.agent("site-y", "run")
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("not registered", done.stderr)
        done = world.agent("site-a", "run")
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertIn("another sspr-writeback works on", done.stderr)
        os.chmod(world.folder / "site-y", 0o755)
        self.assertIn("open to others", world.agent("site-y", "run").stderr)
        self.assertIn("Exit codes:", world.agent("site-y", "--help").stdout)
        self.assertTrue(AGENT)


if __name__ == "__main__":
    unittest.main(verbosity=2)
