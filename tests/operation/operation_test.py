#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sspr-service and ssprctl as an administrator runs them: audit, syslog, metrics, readiness, keys and their
rotation, a graceful stop. operation_test.py SERVICE SSPRCTL SOURCE"""
import base64
import csv
import http.client
import io
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
import unittest

SERVICE, CONTROL, SOURCE = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
sys.argv[1:4] = [SERVICE, CONTROL, ""]  # as programs_test reads them
sys.path.insert(0, str(SOURCE / "tests/service_api"))
from programs_test import ALICE, Programs  # noqa: E402 pylint: disable=wrong-import-position

TOKEN = "a token of this test"


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class OperationTest(Programs):
    def setUp(self):
        super().setUp()
        demo, _ = self.start()
        self.stop(demo)
        self.config = self.folder / "sspr-service.conf"
        self.server = None

    def stop(self, service):
        service.send_signal(signal.SIGTERM)
        self.assertEqual(service.wait(60), 0)

    def serve(self, more=""):
        """By the configuration, with more behind it."""
        if more:
            self.config.write_text(self.config.read_text() + more)
        log = open(self.log_path, "ab")  # closed with the test
        self.addCleanup(log.close)
        self.server = subprocess.Popen([SERVICE, "--config", self.config], stderr=log)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.kill)
        for _ in range(400):
            try:
                self.post("/resetpassword/v1.0/policy", client_id="sspr-login")
                return
            except OSError:
                self.assertIsNone(self.server.poll(), self.log_path.read_text())
                time.sleep(0.05)
        self.fail(self.log_path.read_text())

    def get(self, path):
        tls = ssl.create_default_context(cafile=self.folder / "ca.pem")
        client = http.client.HTTPSConnection("localhost", self.url.port, context=tls, timeout=60)
        client.request("GET", path)
        answer = client.getresponse()
        body = answer.read()
        client.close()
        return answer.status, json.loads(body)

    def begin(self, username=ALICE):
        return self.post("/resetpassword/v1.0/start", client_id="sspr-login", username=username,
                         challenge_type="oob redirect")

    def test_the_audit_is_searched_exported_and_verified(self):
        self.serve()
        self.assertEqual(self.begin()[0], 200)
        self.assertEqual(self.begin("=cmd@example.org")[0], 200)
        self.control("users", "set", ALICE, "--display-name", "=HYPERLINK(1)")
        found = json.loads(self.control("--json", "audit", "search", "--user", ALICE, "--event", "reset.*"))
        self.assertEqual([one["event"] for one in found], ["reset.start"])
        self.assertEqual(found[0]["address"], "127.0.0.1")
        changed = json.loads(self.control("--json", "audit", "search", "--event", "admin.user.display_name"))
        self.assertTrue(changed[0]["actor"].startswith("ssprctl:"), changed)
        self.assertEqual(json.loads(self.control("--json", "audit", "search", "--until", "2001-01-01")), [])
        self.assertEqual(len(json.loads(self.control("--json", "audit", "search", "--limit", "2"))), 2)
        self.assertIn("write a time", self.control("audit", "search", "--since", "soon", code=1))
        rows = list(csv.DictReader(io.StringIO(self.control("audit", "export", "--csv"))))
        self.assertIn("reset.start", [row["event"] for row in rows])
        lines = self.control("audit", "export").splitlines()
        self.assertEqual(len(lines), len(rows))
        self.assertEqual(sorted(lines), sorted((self.folder / "audit.jsonl").read_text().splitlines()))
        for line in self.control("audit", "export", "--rfc5424").splitlines():
            self.assertRegex(line, r"^<10[89]>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \S+ sspr-service - \S+ \[sspr@32473 ")
        self.assertIn("yes", self.control("audit", "verify"))
        database = sqlite3.connect(self.folder / "sspr.db")
        with database:
            database.execute("UPDATE audit_events SET outcome = 'refused' WHERE event = 'reset.start'")
        database.close()
        self.assertIn("was changed", self.control("audit", "verify", code=1))

    def test_records_go_to_syslog_from_the_service_and_from_ssprctl(self):
        path = self.folder / "log"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
            server.bind(str(path))
            server.settimeout(60)
            self.serve(f"\n[audit]\nsyslog = unix:{path}\n")
            self.begin()
            self.assertIn(" reset.start [sspr@32473 event=\"reset.start\"", server.recv(65536).decode())
            self.control("users", "set", ALICE, "--language", "de")
            self.assertIn(" admin.user.language ", server.recv(65536).decode())
            # The last records go out before the end.
            self.begin()
            self.stop(self.server)
            self.assertIn(" reset.start ", server.recv(65536).decode())
        # Without the server nobody waits, and nothing is refused.
        path.unlink()
        self.serve()
        self.assertEqual(self.begin()[0], 200)

    def metrics(self, path="/metrics", token=TOKEN, port=None):
        client = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=60)
        client.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = client.getresponse()
        body = answer.read().decode()
        client.close()
        return answer.status, body

    def serve_with_metrics(self):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        token = self.folder / "metrics.token"
        token.write_text(TOKEN + "\n")
        token.chmod(0o600)
        self.serve(f"\n[operation]\nmetrics_listen = 127.0.0.1:{self.port}\nmetrics_token_file = {token}\n")

    def test_metrics_count_what_happened(self):
        self.serve_with_metrics()
        self.begin()
        self.post("/oauth2/v2.0/token", client_id="sspr-login", grant_type="nonsense")
        status, text = self.metrics()
        self.assertEqual(status, 200)
        samples = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        tenant = self.url.path
        self.assertEqual(
            samples[f'sspr_http_requests_total{{route="{tenant}/resetpassword/v1.0/start",status="200"}}'], "1")
        self.assertEqual(samples[f'sspr_http_requests_total{{route="{tenant}/oauth2/v2.0/token",status="400"}}'], "1")
        self.assertEqual(samples['sspr_resets_total{outcome="started"}'], "1")
        self.assertEqual(samples["sspr_ready"], "1")
        self.assertEqual(samples["sspr_flows_open"], "1")
        self.assertGreater(int(samples['sspr_database_seconds_count{kind="write"}']), 0)
        self.assertGreater(float(samples["process_resident_memory_bytes"]), 1e6)
        for line in text.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? [0-9.e+-]+)$')
        for name in re.findall(r"(?m)^# TYPE (\w+)", text):
            self.assertEqual(text.count(f"# TYPE {name} "), 1)
        self.assertNotIn(ALICE, text)
        for token in (None, "wrong", TOKEN[:-1]):
            self.assertEqual(self.metrics(token=token)[0], 401)
        self.assertEqual(self.metrics("/nothing")[0], 404)
        # Whoever connects and says nothing holds up nobody for long.
        with socket.create_connection(("127.0.0.1", self.port)):
            self.assertEqual(self.metrics("/health"), (200, '{"status":"alive"}'))

    def test_readiness_says_why_to_the_monitor_alone(self):
        self.serve_with_metrics()
        self.assertEqual(self.get("/ready"), (200, {"status": "ready"}))
        audit = self.folder / "audit.jsonl"
        audit.rename(self.folder / "away")
        audit.mkdir()
        deadline = time.monotonic() + 60
        while self.get("/ready")[0] != 503 and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(self.get("/ready"), (503, {"status": "not ready"}))
        self.assertEqual(self.get("/health"), (200, {"status": "alive"}))
        status, text = self.metrics("/ready")
        self.assertEqual(status, 503)
        self.assertIn("audit.jsonl", json.loads(text)["audit"])
        self.assertEqual(self.begin()[1]["error"], "server_error")
        audit.rmdir()
        (self.folder / "away").rename(audit)
        self.assertEqual(self.begin()[0], 200)
        self.assertIn("yes", self.control("audit", "verify"))

    def test_the_configuration_of_operation_is_checked(self):
        good = self.config.read_text()
        for section, where in [("[audit]\nsyslog = /dev/log\n", "unix:/dev/log"),
                               ("[audit]\nsyslog_ca_file = /etc/ca.pem\n", "tls://"),
                               ("[operation]\nmetrics_listen = localhost:9464\n", "numeric address"),
                               ("[operation]\nmetrics_listen = 0.0.0.0:9464\n", "metrics_token_file is needed"),
                               ("[operation]\nmetrics_token_file = /x\n", "metrics_listen"),
                               ("[operation]\nmetrics_listen = 127.0.0.1:9464\nmetrics_token_file = /absent\n",
                                "/absent")]:
            self.config.write_text(good + "\n" + section)
            done = subprocess.run([SERVICE, "--check-config", "--config", self.config], capture_output=True,
                                  text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 2, section)
            self.assertIn(where, done.stderr)

    def test_keys_are_rotated_while_the_service_runs_or_for_its_next_start(self):
        self.serve()
        before = self.get(f"{self.url.path}/discovery/v2.0/keys")[1]["keys"]
        self.control("keys", "rotate-secrets")
        states = {(one["key"], one["id"]): one["state"]
                  for one in json.loads(self.control("--json", "keys", "status"))}
        self.assertEqual(states, {("secrets", 1): "old", ("secrets", 2): "active", ("permit", 1): "active"})
        self.control("keys", "forget-secrets")
        self.control("keys", "rotate-permit")
        self.control("keys", "rotate-permit")
        self.control("keys", "rotate-token")
        self.assertEqual(self.begin()[0], 200)
        self.stop(self.server)
        self.serve()
        keys = self.get(f"{self.url.path}/discovery/v2.0/keys")[1]["keys"]
        self.assertEqual(len(keys), 2)
        self.assertEqual(keys[1], before[0])
        permits = self.get(f"{self.url.path}/.well-known/sspr-configuration")[1]["permit_keys"]
        self.assertEqual([one["kid"] for one in permits], [1, 2, 3])
        self.assertNotIn("succession", permits[0])
        for one, two in zip(permits, permits[1:]):
            statement = unb64(two["succession"])
            self.assertEqual((len(statement), statement[:4]), (112, b"SSPK"))
            self.assertEqual(statement[16:48], unb64(two["public_key"]))
            self.verify(unb64(one["public_key"]), b"SSPR permit key succession v1\0" + statement[:48],
                        statement[48:])
        for name in ("secrets.key", "permit.2.key", "permit.3.key", "token.key", "token.previous.key"):
            self.assertEqual(os.stat(self.folder / name).st_mode & 0o777, 0o600, name)
        events = {one["event"] for one in json.loads(self.control("--json", "audit", "search", "--event", "keys.*"))}
        self.assertEqual(events, {"keys.secrets.rotate", "keys.secrets.resealed", "keys.secrets.forget",
                                  "keys.permit.rotate", "keys.token.rotate"})
        self.assertIn("yes", self.control("audit", "verify"))

    def verify(self, public_key, message, signature):
        """Ed25519 by openssl, which knows nothing of ours."""
        files = {"key.der": bytes.fromhex("302a300506032b6570032100") + public_key, "message": message,
                 "signature": signature}
        for name, data in files.items():
            (self.folder / name).write_bytes(data)
        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", self.folder / "key.der",
             "-rawin", "-in", self.folder / "message", "-sigfile", self.folder / "signature"],
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def wait_until_read(self, port):
        """Until the server has taken everything that came from that port out of its socket."""
        line = re.compile(rf": \w+:{self.url.port:04X} \w+:{port:04X} 01 \w+:00000000 ")
        for _ in range(1000):
            if line.search(pathlib.Path("/proc/net/tcp").read_text()):
                return
            time.sleep(0.01)
        self.fail("the request is not read")

    def test_a_stop_answers_what_is_under_way(self):
        self.serve()
        tls = ssl.create_default_context(cafile=self.folder / "ca.pem")
        client = http.client.HTTPSConnection("localhost", self.url.port, context=tls, timeout=60)
        client.connect()
        body = f"client_id=sspr-login&username={ALICE}&challenge_type=oob+redirect".encode()
        client.putrequest("POST", self.url.path + "/resetpassword/v1.0/start")
        client.putheader("Content-Type", "application/x-www-form-urlencoded")
        client.putheader("Content-Length", str(len(body)))
        client.endheaders(body[:-1])
        self.wait_until_read(client.sock.getsockname()[1])
        self.server.send_signal(signal.SIGTERM)
        client.send(body[-1:])
        self.assertIn(client.getresponse().status, (200, 503))
        client.close()
        self.assertEqual(self.server.wait(60), 0)
        self.assertIn("yes", self.control("audit", "verify"))


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
