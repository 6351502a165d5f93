#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sspr-service and ssprctl as programs: start, stop, configuration, exit codes, what they print."""
import http.client
import json
import os
import pathlib
import pty
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

SERVICE, CONTROL, COMPLETION = sys.argv[1:4]
del sys.argv[1:4]
ALICE = "alice@example.org"
PASSWORD = "canary old password"


class Programs(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="sspr-programs-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name) / "demo"
        self.log_path = pathlib.Path(scratch.name) / "log"

    def start(self, env=None, more=()):
        """The service in demo mode; gives what it printed up to its ready line."""
        with open(self.log_path, "ab") as log:
            service = subprocess.Popen(
                [SERVICE, "--demo", self.folder, "--listen", "127.0.0.1:0", *more], stdout=subprocess.PIPE,
                stderr=log, text=True, env=os.environ | (env or {}))
        self.addCleanup(service.stdout.close)
        self.addCleanup(service.wait)
        self.addCleanup(service.kill)
        printed = []
        for line in service.stdout:
            printed.append(line)
            if line.startswith("SSPR Login is ready at "):
                self.url = urllib.parse.urlsplit(line.split()[-1])
                return service, "".join(printed)
        self.fail(f"it ended: {''.join(printed)}{self.log_path.read_text()}")

    def serve_configured(self, configuration):
        """The service by that file, once it answers where the demo did."""
        checked = subprocess.run([SERVICE, "--config", configuration, "--check-config"],
                                 capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        log = open(self.log_path, "ab")  # closed with the test
        self.addCleanup(log.close)
        service = subprocess.Popen([SERVICE, "--config", configuration], stderr=log)
        self.addCleanup(service.wait)
        self.addCleanup(service.kill)
        for _ in range(200):
            try:
                self.post("/resetpassword/v1.0/policy", client_id="sspr-login")
                return service
            except OSError:
                time.sleep(0.05)
        return self.fail(self.log_path.read_text())

    def control(self, *arguments, stdin="", code=0, where=None):
        where = where or ["--config", self.folder / "sspr-service.conf"]
        done = subprocess.run([CONTROL, *where, *arguments], input=stdin, text=True, timeout=60,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
        return done.stderr if code else done.stdout

    def post(self, path, **form):
        tls = ssl.create_default_context(cafile=self.folder / "ca.pem")
        client = http.client.HTTPSConnection("localhost", self.url.port, context=tls, timeout=60)
        try:
            client.request("POST", self.url.path + path, urllib.parse.urlencode(form),
                           {"Content-Type": "application/x-www-form-urlencoded"})
            answer = client.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            client.close()

    def sign_in(self, password, username=ALICE):
        common = {"client_id": "sspr-login", "challenge_type": "password redirect"}
        status, answer = self.post("/oauth2/v2.0/initiate", username=username, **common)
        self.assertEqual(status, 200, answer)
        _, answer = self.post("/oauth2/v2.0/challenge",
                              continuation_token=answer["continuation_token"], **common)
        return self.post("/oauth2/v2.0/token", client_id="sspr-login", grant_type="password",
                         scope="openid", password=password,
                         continuation_token=answer["continuation_token"])


class ServiceTest(Programs):
    def test_a_demo_starts_from_nothing_and_again_without_telling_secrets_twice(self):
        service, printed = self.start()
        self.assertIn(f"Password of {ALICE}: ", printed)
        self.assertIn("otpauth://totp/", printed)
        password = printed.split(f"Password of {ALICE}: ")[1].split("\n")[0]
        self.assertEqual(self.sign_in(password)[0], 200)
        service.terminate()
        self.assertEqual(service.wait(60), 0)

        kept = {name: (self.folder / name).read_bytes() for name in
                ("ca.pem", "permit.key", "permit.pub", "secrets.key", "server.pem", "token.key")}
        service, printed = self.start()
        self.assertNotIn("Password of", printed)
        self.assertNotIn("otpauth", printed)
        self.assertEqual(self.sign_in(password)[0], 200)
        for name, content in kept.items():
            self.assertEqual((self.folder / name).read_bytes(), content, name)

    def test_the_demo_takes_its_password_from_a_file(self):
        self.folder.mkdir(mode=0o700)
        (self.folder / "initial-password").write_text(PASSWORD + "\n")
        _, printed = self.start()
        self.assertNotIn("Password of", printed)
        self.assertEqual(self.sign_in(PASSWORD)[0], 200)
        status, answer = self.sign_in(PASSWORD + "x")
        self.assertEqual((status, answer["error"], answer["error_codes"]),
                         (400, "invalid_grant", [50126]))

    def test_files_are_private_but_for_what_machines_need(self):
        self.start()
        for path in self.folder.iterdir():
            public = path.name in ("ca.pem", "permit.pub", "server.pem")
            self.assertEqual(path.stat().st_mode & 0o777, 0o644 if public else 0o600, path.name)
        self.assertEqual(self.folder.stat().st_mode & 0o777, 0o700)

    def test_no_secret_is_in_log_audit_or_process(self):
        self.folder.mkdir(mode=0o700)
        (self.folder / "initial-password").write_text(PASSWORD + "\n")
        service, printed = self.start()
        (self.folder / "initial-password").unlink()
        self.sign_in(PASSWORD)
        self.sign_in("canary wrong password")
        self.post("/resetpassword/v1.0/submit", client_id="sspr-login", continuation_token="t",
                  new_password="canary new password")
        self.post("/resetpassword/v1.0/start", client_id="canary", username="canary",
                  challenge_type="canary")
        texts = [printed, self.log_path.read_text(errors="replace"),
                 (self.folder / "audit.jsonl").read_text()]
        texts += [pathlib.Path(f"/proc/{service.pid}/{name}").read_text(errors="replace")
                  for name in ("cmdline", "environ") if os.geteuid() == 0]
        for text in texts:
            self.assertNotIn("canary", text)
        self.assertNotIn(b"canary", b"".join(
            path.read_bytes() for path in self.folder.iterdir()))

    def test_forms_that_try_to_be_more_are_refused(self):
        self.start()
        tls = ssl.create_default_context(cafile=self.folder / "ca.pem")
        client = http.client.HTTPSConnection("localhost", self.url.port, context=tls, timeout=60)
        self.addCleanup(client.close)
        good = "client_id=sspr-login&username=alice%40example.org&challenge_type=oob+redirect"
        for body, kind in [
                (good + "&username=mallory", None), (good + "&username[]=mallory", None),
                (good.replace("username=", "username[]="), None), (good + "&a", None),
                (json.dumps({"client_id": "sspr-login", "username": ALICE}), "application/json"),
                (good, "application/json"), (good, "text/plain"), (good + "&x=%00", None)]:
            client.request("POST", self.url.path + "/resetpassword/v1.0/start", body,
                           {"Content-Type": kind or "application/x-www-form-urlencoded"})
            answer = client.getresponse()
            self.assertEqual((answer.status, json.loads(answer.read())["error"]),
                             (400, "invalid_request"), body)
        # Extra members change nothing.
        client.request("POST", self.url.path + "/resetpassword/v1.0/start",
                       good + "&email=mallory%40example.org&gates=0&admin=true",
                       {"Content-Type": "application/x-www-form-urlencoded"})
        answer = client.getresponse()
        self.assertEqual((answer.status, list(json.loads(answer.read()))),
                         (200, ["continuation_token"]))

    def test_the_service_manager_is_told_when_it_is_ready(self):
        with tempfile.TemporaryDirectory() as place, socket.socket(
                socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(place + "/notify")
            manager.settimeout(60)
            service, _ = self.start({"NOTIFY_SOCKET": place + "/notify"})
            self.assertEqual(manager.recv(100), b"READY=1")
            service.terminate()
            self.assertEqual(manager.recv(100), b"STOPPING=1")

    def test_the_process_can_leave_no_core_and_gain_nothing(self):
        service, _ = self.start()
        status = pathlib.Path(f"/proc/{service.pid}/status").read_text()
        self.assertIn("NoNewPrivs:\t1", status)
        limits = pathlib.Path(f"/proc/{service.pid}/limits").read_text()
        self.assertRegex(limits, r"Max core file size +0 +0")

    def test_sigint_ends_it_too(self):
        service, _ = self.start()
        service.send_signal(signal.SIGINT)
        self.assertEqual(service.wait(60), 0)

    def test_a_second_service_on_the_port_says_so(self):
        self.start()
        done = subprocess.run(
            [SERVICE, "--demo", self.folder, "--listen", f"127.0.0.1:{self.url.port}"],
            capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"127.0.0.1:{self.url.port}: ", done.stderr)

    def test_its_own_configuration_is_good_and_a_bad_one_names_the_line(self):
        self.start()
        config = self.folder / "sspr-service.conf"
        done = subprocess.run([SERVICE, "--check-config", "--config", config], timeout=60,
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        text = config.read_text()
        for change, where in [(("listen =", "listne ="), ":3:"), (("/demo\n", "/demo/\n"), ":4:"),
                              (("server.key", "token.key"), "token.key"),
                              (("server.pem", "absent.pem"), "absent.pem")]:
            config.write_text(text.replace(*change))
            done = subprocess.run([SERVICE, "--check-config", "--config", config], timeout=60,
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(where, done.stderr)

    def test_usage(self):
        for arguments, code in [(["--help"], 0), (["--version"], 0), (["--nonsense"], 2),
                                (["--listen", "127.0.0.1:1"], 2), (["--demo"], 2),
                                (["--config", "/nonexistent"], 2),
                                (["--demo", self.folder, "--listen", "localhost"], 2)]:
            done = subprocess.run([SERVICE, *arguments], capture_output=True, timeout=60, check=False)
            self.assertEqual(done.returncode, code, arguments)


class ControlTest(Programs):
    def setUp(self):
        super().setUp()
        self.start()

    def test_a_user_from_birth_to_end(self):
        bob = "bob@example.org"
        self.control("users", "add", bob, "--display-name", "Bob Bauer", "--language", "de")
        shown = json.loads(self.control("--json", "users", "show", bob))
        self.assertEqual((shown["display_name"], shown["local_account"], shown["language"],
                          shown["has_password"]), ("Bob Bauer", "bob", "de", False))
        self.control("users", "set-password", bob, stdin="seven green bottles\n")
        self.assertEqual(self.sign_in("seven green bottles", bob)[0], 200)
        self.control("users", "set", bob, "--local-account", "bobb", "--display-name", "Bob B.")
        shown = json.loads(self.control("users", "show", bob, "--json"))
        self.assertEqual((shown["local_account"], shown["has_password"]), ("bobb", True))
        self.assertIn("Bob B.", self.control("users", "list"))
        self.control("users", "disable", bob)
        self.assertIn("no", self.control("users", "show", bob))
        self.assertEqual(self.sign_in("seven green bottles", bob)[0], 400)
        for command in ("enable", "unlock", "delete"):
            self.control("users", command, bob)
        self.control("users", "show", bob, code=1)

    def test_a_changed_password_is_in_force_at_once(self):
        self.control("users", "set-password", ALICE, stdin="nine wooden spoons\nsecond line\n")
        self.assertEqual(self.sign_in("nine wooden spoons")[0], 200)

    def test_a_password_is_asked_for_twice_at_a_terminal_without_echo(self):
        for second, code in [("nine wooden spoons", 0), ("nine wooden spoon", 1)]:
            child, terminal = pty.fork()
            if child == 0:
                os.execv(CONTROL, [CONTROL, "--config", str(self.folder / "sspr-service.conf"),
                                   "users", "set-password", ALICE])
            screen = b""
            for question, answer in [(b"New password: ", "nine wooden spoons"),
                                     (b"The same again: ", second)]:
                while question not in screen:
                    screen += os.read(terminal, 1000)
                os.write(terminal, answer.encode() + b"\n")
            try:
                while chunk := os.read(terminal, 1000):
                    screen += chunk
            except OSError:
                pass
            os.close(terminal)
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), code, screen)
            self.assertNotIn(b"spoon", screen)

    def test_passwords_that_break_a_rule_are_refused_with_a_sentence(self):
        for bad in ["short", "", "x" * 600]:
            said = self.control("users", "set-password", ALICE, stdin=bad + "\n", code=1)
            self.assertTrue(said.startswith("ssprctl: "), said)
        self.control("users", "set-password", ALICE, stdin="", code=1)

    def test_methods(self):
        made = json.loads(self.control("--json", "methods", "add-email", ALICE, "a2@example.org"))
        self.assertEqual(made["kind"], "email")
        self.assertNotIn("a2@", made["hint"])
        listed = json.loads(self.control("--json", "methods", "list", ALICE))
        self.assertEqual(sorted(method["kind"] for method in listed),
                         ["authenticator", "email", "email"])
        old = next(method["id"] for method in listed if method["kind"] == "authenticator")
        self.control("methods", "remove", ALICE, old)
        enrolment = json.loads(self.control("--json", "methods", "add-totp", ALICE))
        self.assertIn("secret=" + enrolment["secret"], enrolment["otpauth_uri"])
        self.control("methods", "remove", ALICE, "nothing", code=1)
        self.control("methods", "add-email", ALICE, "no address", code=1)

    def test_policy(self):
        self.control("policy", "set", "required_gates", "2")
        self.assertEqual(json.loads(self.control("--json", "policy", "get", "required_gates"))["value"],
                         "2")
        self.assertIn("required_gates", self.control("policy", "list"))
        self.control("policy", "set", "required_gates", "0", code=1)
        self.control("policy", "get", "nonsense", code=1)

    def test_clients(self):
        self.control("clients", "add", "portal", "--no-concealment")
        self.assertIn({"client_id": "portal", "concealment": False},
                      json.loads(self.control("--json", "clients", "list")))
        self.control("clients", "add", "portal")
        self.assertIn({"client_id": "portal", "concealment": True},
                      json.loads(self.control("--json", "clients", "list")))
        self.control("clients", "remove", "portal")
        self.control("clients", "remove", "portal", code=1)

    def test_a_changed_audit_file_is_found_out(self):
        self.assertIn("yes", self.control("audit", "verify"))
        audit = self.folder / "audit.jsonl"
        text = audit.read_text()
        audit.write_text(text.replace("outcome", "Outcome", 1))
        self.control("audit", "verify", code=1)

    def test_the_database_alone_names_the_files_beside_it(self):
        where = ["--database", self.folder / "sspr.db"]
        self.assertIn(ALICE, self.control("users", "list", where=where))

    def test_exit_codes(self):
        self.control(code=2)
        self.control("users", code=2)
        self.control("users", "add", code=2)
        self.control("users", "nonsense", code=2)
        self.control("users", "set", ALICE, code=2)
        self.control("users", "list", where=["--config", "/nonexistent"], code=2)
        self.control("users", "list", where=["--database", "/nonexistent/sspr.db"], code=3)
        for family in (["users"], ["users", "add"], ["methods"], ["policy", "set"], ["clients"],
                       ["audit", "verify"]):
            self.assertIn("Usage", self.control(*family, "--help"))

    def test_init_makes_the_keys_that_are_missing_and_no_others(self):
        kept = (self.folder / "permit.key").read_bytes()
        (self.folder / "permit.pub").unlink()
        (self.folder / "token.key").unlink()
        self.assertIn("permit.pub", self.control("init"))
        self.assertEqual((self.folder / "permit.key").read_bytes(), kept)
        self.assertTrue((self.folder / "permit.pub").exists())
        self.assertTrue((self.folder / "token.key").exists())

    def test_completion_offers_every_sub_command(self):
        families = {"": "init users methods policy clients audit",
                    "users": "add list set show delete set-password enable disable unlock",
                    "methods": "add-email add-totp list remove", "policy": "list get set",
                    "clients": "add list remove", "audit": "verify"}
        for family, actions in families.items():
            words = ["ssprctl", *([family] if family else []), ""]
            script = (f". {COMPLETION}; COMP_WORDS=({' '.join(word or repr(word) for word in words)});"
                      f" COMP_CWORD={len(words) - 1}; _ssprctl; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
            offered = subprocess.run(["bash", "-c", script], capture_output=True, text=True,
                                     check=True).stdout.split()
            helped = self.control(*([family] if family else []), "--help")
            for action in actions.split():
                self.assertIn(action, offered)
                self.assertIn(f"\n  {action} ", helped)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
