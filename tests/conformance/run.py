#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""MSAL for JavaScript against a real sspr-service with a real SMTP sink.

run.py BUILD_FOLDER WORK_FOLDER: installs the pinned packages into WORK_FOLDER by npm ci, starts the
service on a free port, and runs journey.mjs and factors.mjs in plain Node.
"""
import email
import email.policy
import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

from aiosmtpd.controller import Controller

SKIPPED = 77
ALICE = "alice@example.org"
PASSWORD = "an old password of hers"
HERE = pathlib.Path(__file__).resolve().parent


class Sink:
    """Hands each mail to the journey as one line of JSON."""

    journey = None

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        self.hand_over({"to": envelope.rcpt_tos, "subject": message["Subject"],
                        "text": message.get_body().get_content()})
        return "250 delivered"

    def hand_over(self, message):
        self.journey.stdin.write(json.dumps(message) + "\n")
        self.journey.stdin.flush()


def install(work):
    modules = work / "node_modules"
    lock = (HERE / "package-lock.json").read_bytes()
    stamp = work / "installed-lock.json"
    if modules.is_dir() and stamp.is_file() and stamp.read_bytes() == lock:
        return
    work.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, work)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
                   cwd=work, check=True, timeout=300)
    stamp.write_bytes(lock)


class Gateway(http.server.BaseHTTPRequestHandler):
    """Hands each text message to the journey the same way."""

    sink = None

    def do_POST(self):  # noqa: N802
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.sink.hand_over({"to": form["To"], "text": form["Text"][0]})
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def start(command):
    service = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in service.stdout:
        if line.startswith("SSPR Login is ready at "):
            return service, line.split()[-1]
    raise AssertionError(f"the service ended with {service.wait()} before it was ready")


def start_service(build, folder, smtp_port, gateway_port):
    """A demo service makes the folder; the service that serves is started with its configuration and a
    gateway of text messages."""
    (folder / "initial-password").write_text(PASSWORD + "\n")
    binary = build / "service/sspr-service"
    demo, url = start([binary, "--demo", folder, "--listen", "127.0.0.1:0",
                       "--smtp", f"smtp://127.0.0.1:{smtp_port}"])
    demo.terminate()
    demo.wait(30)
    configuration = folder / "sspr-service.conf"
    configuration.write_text(configuration.read_text() + f"[sms]\nurl = http://127.0.0.1:{gateway_port}/\n"
                             "body = To={to}&Text={text}\n")
    service = subprocess.Popen([binary, "--config", configuration])
    port = int(url.rsplit(":", 1)[1].split("/")[0])
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return service, url
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the service does not listen")


def set_the_stage(build, folder):
    """Users and policy of factors.mjs."""
    def control(*arguments, stdin=""):
        subprocess.run([build / "service/ssprctl", "--config", folder / "sspr-service.conf", *arguments],
                       input=stdin, text=True, check=True, stdout=subprocess.DEVNULL)

    control("users", "set-password", ALICE, stdin=PASSWORD + "\n")
    for name in ("bob", "carol", "dave"):
        control("users", "add", f"{name}@example.org")
        control("users", "set-password", f"{name}@example.org", stdin=PASSWORD + "\n")
    for name in ("bob", "dave"):
        control("methods", "add-email", f"{name}@example.org", f"{name}@example.org")
    control("methods", "add-phone", "bob@example.org", "+49301234567")
    control("policy", "set", "methods.sms", "on")
    control("policy", "set", "sign_in.gates", "2")
    control("policy", "set", "risk.reset_from", "high")
    control("risk", "set", "dave@example.org", "high", "--detail", "leaked credentials")


def play(journey, work, folder, sink, *arguments):
    """Runs a journey in Node; its exit code."""
    shutil.copy(HERE / journey, work)
    sink.journey = subprocess.Popen(
        ["node", journey, *arguments], cwd=work, text=True, stdin=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "NODE_EXTRA_CA_CERTS": str(folder / "ca.pem")})
    try:
        return sink.journey.wait(120)
    finally:
        if sink.journey.poll() is None:
            sink.journey.kill()


def main():
    build, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    if not shutil.which("node") or not shutil.which("npm"):
        print("skipped: node and npm are not installed")
        return SKIPPED
    install(work)
    sink = Sink()
    Gateway.sink = sink
    gateway = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=gateway.serve_forever, daemon=True).start()
    # Port 0 leaves aiosmtpd's own self-test without a port, so the socket is bound first.
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    with tempfile.TemporaryDirectory(prefix="sspr-conformance-") as name:
        folder = pathlib.Path(name)
        service, url = start_service(build, folder, controller.port, gateway.server_address[1])
        try:
            subprocess.run([build / "service/ssprctl", "--config", folder / "sspr-service.conf",
                            "clients", "add", "msal-conformance", "--no-concealment"], check=True)
            code = play("journey.mjs", work, folder, sink, url, ALICE, PASSWORD)
            if code == 0:
                set_the_stage(build, folder)
                code = play("factors.mjs", work, folder, sink, url, PASSWORD)
        finally:
            service.terminate()
            ended = service.wait(30)
            controller.stop()
            gateway.shutdown()
    return code or ended


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
