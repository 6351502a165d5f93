# SPDX-License-Identifier: Apache-2.0
"""Real sspr-service processes on one database, over TLS: a fleet to aim many requests at."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import re
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

from aiosmtpd.controller import Controller

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "postgresql"))
from cluster import Cluster  # noqa: E402 pylint: disable=wrong-import-position,unused-import

TYPES = "oob totp questions recovery_code tap redirect"
CAPABILITIES = "reset_introspect reset_mfa_required reset_final_submit"
OLD_PASSWORD = "seven green bottles on a wall"


class Mailbox:
    """Keeps the codes that were mailed, by address."""

    def __init__(self):
        self.codes, self.changed = {}, threading.Condition()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=port)
        self.controller.start()
        self.url = f"smtp://127.0.0.1:{port}"

    async def handle_DATA(self, _server, _session, envelope):  # pylint: disable=invalid-name
        found = re.search(rb"^\s*(\d{4} ?\d{4}|\d{3} ?\d{3})\s*$", envelope.content, re.M)
        if found:
            with self.changed:
                for address in envelope.rcpt_tos:
                    self.codes.setdefault(address, []).append(found[1].decode().replace(" ", ""))
                self.changed.notify_all()
        return "250 kept"

    def code(self, address, number=1):
        """The number-th code to the address; waits for it."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.codes.get(address, ())) >= number, 60):
                raise AssertionError(f"{address}: no code came")
            return self.codes[address][number - 1]

    def close(self):
        self.controller.stop()


def app_code(secret, at):
    """RFC 6238, SHA-1, six digits."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7fffffff) % 10**6:06}"


class Fleet:
    """`count` processes; database None is the usual file."""

    def __init__(self, service, control, count, database=None, workers=8):
        self.service, self.control_program = service, control
        self.scratch = tempfile.TemporaryDirectory(
            prefix="sspr-fleet-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        self.folder = pathlib.Path(self.scratch.name)
        self.mailbox, self.children, self.ports = Mailbox(), [], []
        try:
            self._lay(database, workers, count)
            for number in range(count):
                self.start(number)
        except BaseException:
            self.close()
            raise

    def _lay(self, database, workers, count):
        demo = subprocess.Popen([self.service, "--demo", self.folder / "data", "--listen",
                                 "127.0.0.1:0"], stdout=subprocess.PIPE, text=True,
                                stderr=subprocess.DEVNULL)
        for line in demo.stdout:
            if line.startswith("SSPR Login is ready"):
                break
        demo.terminate()
        demo.wait(60)
        demo.stdout.close()
        self.tls = ssl.create_default_context(cafile=self.folder / "data" / "ca.pem")
        for number in range(count):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.ports.append(probe.getsockname()[1])
            data = self.folder / "data"
            self.config(number).write_text(
                f"[service]\nlisten = 127.0.0.1:{self.ports[number]}\n"
                f"public_url = https://localhost:{self.ports[number]}/demo\n"
                f"certificate_file = {data}/server.pem\nkey_file = {data}/server.key\n"
                f"workers = {workers}\n[data]\nfolder = {data}\n"
                + (f"database = {database}\n" if database else "")
                + f"[mail]\nurl = {self.mailbox.url}\nfrom = reset@example.org\n")
        self.control("clients", "add", "sspr-login")

    def config(self, number):
        return self.folder / f"{number}.conf"

    def log(self, number):
        return (self.folder / f"{number}.log").read_text()

    def start(self, number):
        """Starts one and waits until it answers."""
        with open(self.folder / f"{number}.log", "ab") as log:
            child = subprocess.Popen([self.service, "--config", self.config(number)], stderr=log)
        while len(self.children) <= number:
            self.children.append(None)
        self.children[number] = child
        deadline = time.monotonic() + 60
        while True:
            try:
                self.get(number, "/discovery/v2.0/keys")
                return
            except OSError:
                if child.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(self.log(number)) from None
                time.sleep(0.02)

    def end(self, number):
        self.children[number].kill()
        self.children[number].wait()

    def close(self):
        for child in self.children:
            if child:
                child.kill()
                child.wait()
        self.mailbox.close()
        self.scratch.cleanup()

    def control(self, *arguments, stdin="", code=0):
        done = subprocess.run([self.control_program, "--config", self.config(0), *arguments],
                              input=stdin, text=True, capture_output=True, check=False, timeout=60)
        assert done.returncode == code, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stderr if code else done.stdout

    def add_user(self, name):
        """A user with a password and an address of that name."""
        self.control("users", "add", name)
        self.control("users", "set-password", name, stdin=OLD_PASSWORD + "\n")
        self.control("methods", "add-email", name, name)
        return name

    def add_app(self, name):
        return json.loads(self.control("--json", "methods", "add-totp", name))["secret"]

    def get(self, number, path):
        client = http.client.HTTPSConnection("localhost", self.ports[number], context=self.tls,
                                             timeout=60)
        try:
            client.request("GET", "/demo" + path)
            return client.getresponse().read()
        finally:
            client.close()

    def post(self, number, path, **form):
        return self.volley([(number, path, form)])[0]

    def volley(self, requests):
        """Sends (process, path, form) each on a connection of its own, all of them open before the
        first byte is sent; (status, answer) of each."""
        lines = []
        for number, path, form in requests:
            plain = socket.create_connection(("127.0.0.1", self.ports[number]), timeout=60)
            lines.append(self.tls.wrap_socket(plain, server_hostname="localhost"))
        texts = []
        for number, path, form in requests:
            body = urllib.parse.urlencode({"client_id": "sspr-login", **form})
            texts.append((f"POST /demo{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                          "Content-Type: application/x-www-form-urlencoded\r\n"
                          f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
        for line, text in zip(lines, texts):
            line.sendall(text)
        answers = []
        for line in lines:
            with line:
                answer = http.client.HTTPResponse(line)
                answer.begin()
                answers.append((answer.status, json.loads(answer.read())))
        return answers

    def begin(self, name, number=0):
        status, answer = self.post(number, "/resetpassword/v1.0/start", username=name,
                                   challenge_type=TYPES, capabilities=CAPABILITIES)
        assert status == 200, answer
        return answer

    def challenge(self, started, kind, number=0):
        method = next(one for one in started["methods"] if one["challenge_type"] == kind)
        status, answer = self.post(number, "/resetpassword/v1.0/challenge", id=method["id"],
                                   continuation_token=started["continuation_token"])
        assert status == 200, answer
        return answer["continuation_token"]

    def open(self, name, kind, number=0):
        return self.challenge(self.begin(name, number), kind, number)

    def sign_in(self, name, password, number=0):
        _, answer = self.post(number, "/oauth2/v2.0/initiate", username=name,
                              challenge_type="password redirect")
        _, answer = self.post(number, "/oauth2/v2.0/challenge",
                              challenge_type="password redirect",
                              continuation_token=answer["continuation_token"])
        return self.post(number, "/oauth2/v2.0/token", grant_type="password",
                         scope="openid offline_access",
                         password=password, continuation_token=answer["continuation_token"])
