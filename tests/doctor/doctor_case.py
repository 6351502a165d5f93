# SPDX-License-Identifier: Apache-2.0
"""A made-up machine on which nothing is wrong, a real service, and stand-ins for what answers wrongly.
SERVICE SSPRCTL DOCTOR ENROLL"""
import http.client
import http.server
import json
import os
import pathlib
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

DOCTOR, ENROLL = sys.argv[3:5]
del sys.argv[4]
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "enrolment"), str(HERE.parent / "levers")]
from enroll_case import EnrollCase, FLOW_UID, MachineFolder, Programs  # noqa: E402,F401 pylint: disable=wrong-import-position
from certificates import Certificates  # noqa: E402,F401 pylint: disable=wrong-import-position

DONE, PENDING = 22, 48
STACK = """\
-auth [success=ignore ignore=ignore default=ignore] pam_sspr.so
auth [success=1 default=ignore] pam_unix.so try_first_pass
auth requisite pam_deny.so
auth required pam_permit.so
"""
HASH = "$y$j9T$abcdefghijklmnopqrstu.$abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


class Answering:
    """A unix socket whose every caller gets this frame; silent: the connection is closed at once."""

    def __init__(self, case, path, kind, payload, silent=False):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        self.socket.listen()
        self.frame = b"" if silent else struct.pack(">BH", kind, len(payload)) + payload
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        case.addCleanup(self.stop)

    def serve(self):
        while True:
            try:
                caller, _ = self.socket.accept()
            except OSError:
                return
            with caller:
                caller.recv(4096)
                caller.sendall(self.frame)

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()


class StandIn:
    """In front of the real service: with another certificate, or another time of day."""

    def __init__(self, case, chain, seconds_fast=0):
        upstream, folder = case.url, case.folder

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def date_time_string(self, timestamp=None):
                import time
                return super().date_time_string(time.time() + seconds_fast)

            def do_GET(self):
                tls = ssl.create_default_context(cafile=folder / "ca.pem")
                client = http.client.HTTPSConnection("localhost", upstream.port, context=tls, timeout=60)
                client.request("GET", self.path)
                answer = client.getresponse()
                body = answer.read()
                client.close()
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.getheader("Content-Type"))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                body = b'{"error":"invalid_request"}'
                self.send_response(400)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                pass  # a client that does not like the certificate

        self.server = Quiet(("127.0.0.1", 0), Handler)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(chain)
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True,
                                             do_handshake_on_connect=False)
        self.url = f"https://localhost:{self.server.server_address[1]}{upstream.path}"
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        case.addCleanup(self.server.server_close)
        case.addCleanup(thread.join)
        case.addCleanup(self.server.shutdown)


class DoctorCase(EnrollCase):
    def setUp(self):
        super().setUp()
        etc = self.machine.root / "etc"
        for folder in ("pam.d", "../usr/lib/x86_64-linux-gnu/security", "../run/sspr"):
            (etc / folder).mkdir(parents=True)
        (self.machine.root / "usr/lib/x86_64-linux-gnu/security/pam_sspr.so").touch()
        self.stack("login", STACK)
        (etc / "login.defs").write_text("# LOGIN_TIMEOUT 1\nLOGIN_TIMEOUT 60\n")
        with open(etc / "passwd", "a", encoding="utf-8") as passwd:
            passwd.write("admin:x:1001:1001::/home/admin:/bin/bash\nold:x:1002:1002::/home/old:/bin/bash\n")
        (etc / "group").write_text("root:x:0:\nsudo:x:27:admin\nalice:x:1000:\n")
        (etc / "shadow").write_text(
            "".join(f"{name}:{secret}:19000:0:99999:7:::\n" for name, secret in
                    [("root", "*"), ("sspr", "!"), ("alice", HASH), ("admin", HASH), ("old", "!" + HASH)]))

    def stack(self, service, text):
        (self.machine.root / "etc/pam.d" / service).write_text(text)

    def enrolled(self):
        subprocess.run([ENROLL, "--root", self.machine.root, "enroll"], input=self.token(), text=True,
                       check=True, capture_output=True)

    def programs(self):
        """sspr-flow and sspr-setpw, as far as the doctor hears of them."""
        run = self.machine.root / "run/sspr"
        flow = Answering(self, run / "flow.sock", DONE, struct.pack(">BHH", 1, 0xFFFF, 2) + b"No")
        return flow, Answering(self, run / "setpw.sock", PENDING, b"\0")

    def whole(self):
        self.enrolled()
        return self.programs()

    def doctor(self, *arguments, code=None):
        before = self.machine.files()
        done = subprocess.run([DOCTOR, "--json", "--root", self.machine.root, *arguments], text=True,
                              capture_output=True, timeout=120, check=False)
        self.assertEqual(done.stderr, "")
        report = json.loads(done.stdout)
        self.assertEqual(report["code"], done.returncode)
        if code is not None:
            self.assertEqual(done.returncode, code, self.shown(report))
        self.assertEqual(self.machine.files(), before, "the doctor changed something")
        return report

    @staticmethod
    def shown(report):
        return "\n".join(f"{f['level']} {f['id']} {f['subjects']}: {f['text']} -> {f['remedy']}"
                         for f in report["findings"])

    def assert_found(self, report, number, level, words, subject=None):
        """A finding of that id and level whose text or remedy has these words."""
        for finding in report["findings"]:
            if (finding["id"] == f"SSPR-D{number:03d}" and finding["level"] == level
                    and words in finding["text"] + " " + finding["remedy"]
                    and (subject is None or subject in finding["subjects"])):
                return finding
        self.fail(f"no {level} {number} with '{words}' in:\n{self.shown(report)}")


class OfflineCase(DoctorCase):
    """For what files alone tell: the service is asked once, to enrol a machine that all tests copy."""
    scratch = None

    def setUp(self):
        if OfflineCase.scratch:
            Programs.setUp(self)
            self.machine = MachineFolder(self, copy_of=OfflineCase.scratch.name)
            return
        super().setUp()
        self.enrolled()
        OfflineCase.scratch = tempfile.TemporaryDirectory(prefix="sspr-enrolled-")
        subprocess.run(["cp", "-a", f"{self.machine.root}/.", OfflineCase.scratch.name], check=True)
