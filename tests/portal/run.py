#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The portal in headless Chromium against a real sspr-service with a real SMTP sink and a gateway.

run.py BUILD_FOLDER WORK_FOLDER [PICTURES]: installs the pinned packages into WORK_FOLDER by npm ci, starts
the service on a free port, and runs portal.mjs. With PICTURES, screenshots are written to that folder.
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
PASSWORD = "an old password of hers"
CHROMIUM = "/usr/bin/chromium"
HERE = pathlib.Path(__file__).resolve().parent


class Sink:
    """Hands each mail to the browser test as one line of JSON."""

    journey = None
    waiting = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        self.hand_over({"to": envelope.rcpt_tos[0], "subject": message["Subject"],
                        "text": message.get_body().get_content()})
        return "250 delivered"

    def hand_over(self, message):
        if self.journey is None:
            return
        self.journey.stdin.write(json.dumps(message) + "\n")
        self.journey.stdin.flush()


class Gateway(http.server.BaseHTTPRequestHandler):
    """Hands each text message over the same way."""

    sink = None

    def do_POST(self):  # noqa: N802
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.sink.hand_over({"to": form["To"][0], "text": form["Text"][0]})
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


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


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_service(build, folder, smtp_port, gateway_port):
    """A demo service makes the folder; the one that serves is started with its configuration, a gateway
    of text messages and a brand."""
    (folder / "initial-password").write_text(PASSWORD + "\n")
    binary = build / "service/sspr-service"
    demo = subprocess.Popen([binary, "--demo", folder, "--listen", "127.0.0.1:0",
                             "--smtp", f"smtp://127.0.0.1:{smtp_port}"],
                            stdout=subprocess.PIPE, text=True)
    url = None
    for line in demo.stdout:
        if line.startswith("SSPR Login is ready at "):
            url = line.split()[-1]
            break
    assert url, "the service ended before it was ready"
    demo.terminate()
    demo.wait(60)
    (folder / "brand.conf").write_text(
        "[brand]\nproduct_name = Contoso Account\naccent = #0b6e4f\n"
        "help_text = IT help desk: room 1.01, phone 4711\nhelp_url = https://help.example.org/\n")
    configuration = folder / "sspr-service.conf"
    configuration.write_text(configuration.read_text() +
                             f"[sms]\nurl = http://127.0.0.1:{gateway_port}/\n"
                             "body = To={to}&Text={text}\n"
                             f"[portal]\nbranding_file = {folder}/brand.conf\n")
    log = open(folder / "service.log", "wb")
    service = subprocess.Popen([binary, "--config", configuration], stderr=log)
    port = int(url.rsplit(":", 1)[1].split("/")[0])
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return service, url
        except OSError:
            assert service.poll() is None, (folder / "service.log").read_text()
            time.sleep(0.05)
    raise AssertionError("the service does not listen")


def set_the_stage(build, folder):
    def control(*arguments, stdin=""):
        subprocess.run([build / "service/ssprctl", "--config", folder / "sspr-service.conf", *arguments],
                       input=stdin, text=True, check=True, stdout=subprocess.DEVNULL)

    people = {"bob": [], "carol": ["--display-name", "Carol Jones"], "dave": ["--groups", "admins"],
              "erin": [], "frank": [],
              "mallory": ["--display-name", "<img src=x onerror=window.xss=1>"]}
    for name, more in people.items():
        control("users", "add", f"{name}@example.org", *more)
        control("users", "set-password", f"{name}@example.org", stdin=PASSWORD + "\n")
    for name in ("carol", "dave", "erin"):
        control("methods", "add-email", f"{name}@example.org", f"{name}@mail.example.net")
    control("methods", "add-phone", "dave@example.org", "+49301234567")
    for key, value in {"methods.sms": "on", "methods.questions": "on",
                       "administrators.groups": "admins",
                       "limits.emails_per_ten_minutes": "10"}.items():
        control("policy", "set", key, value)


def main():
    build, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    pictures = sys.argv[3] if len(sys.argv) > 3 else ""
    if not (shutil.which("node") and shutil.which("npm") and pathlib.Path(CHROMIUM).exists()):
        print("skipped: node, npm or chromium is not installed")
        return SKIPPED
    install(work)
    shutil.copy(HERE / "portal.mjs", work)
    shutil.copy(HERE / "stage.mjs", work)
    sink = Sink()
    Gateway.sink = sink
    gateway = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=gateway.serve_forever, daemon=True).start()
    # Port 0 leaves aiosmtpd's own self-test without a port, so the socket is bound first.
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    with tempfile.TemporaryDirectory(prefix="sspr-portal-") as name:
        folder = pathlib.Path(name)
        service, url = start_service(build, folder, controller.port, gateway.server_address[1])
        try:
            set_the_stage(build, folder)
            sink.journey = subprocess.Popen(
                ["node", "portal.mjs", url, PASSWORD, CHROMIUM, pictures], cwd=work, text=True,
                stdin=subprocess.PIPE, env={"PATH": os.environ["PATH"], "HOME": name})
            try:
                code = sink.journey.wait(480)
            finally:
                if sink.journey.poll() is None:
                    sink.journey.kill()
                    sink.journey.wait()
            if code != 0:
                print((folder / "service.log").read_text()[-4000:])
        finally:
            service.terminate()
            ended = service.wait(60)
            controller.stop()
            gateway.shutdown()
    return code or ended


if __name__ == "__main__":
    sys.exit(main())
