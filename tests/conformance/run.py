#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""MSAL for JavaScript against a real sspr-service with a real SMTP sink and a gateway of text messages.

run.py BUILD_FOLDER WORK_FOLDER node|chromium: installs the pinned packages into WORK_FOLDER by npm ci, starts
the service on a free port, and plays journeys.mjs there. In Node, what needs a directory and a clock that do
as they are told is played against late_service as well.
"""
import email
import email.policy
import fcntl
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
SOURCES = ("host.mjs", "in_node.mjs", "in_chromium.mjs", "journeys.mjs")


class Journey:
    """The process that plays: gets each message as a line of JSON, and asks for what is outside of a page."""

    def __init__(self, work, folder, control, *command):
        self.control = control
        self.process = subprocess.Popen(
            ["node", *command], cwd=work, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "NODE_EXTRA_CA_CERTS": str(folder / "ca.pem")})
        self.lock = threading.Lock()

    def hand_over(self, line):
        with self.lock:
            self.process.stdin.write(json.dumps(line) + "\n")
            self.process.stdin.flush()

    def play(self):
        """Its exit code."""
        watch = threading.Timer(240, self.process.kill)
        watch.start()
        try:
            for line in self.process.stdout:
                print(line, end="", flush=True)
                if line.startswith("do: "):
                    answer = self.control(*json.loads(line[4:]))
                    if answer is not None:
                        self.hand_over(answer)
            return self.process.wait()
        finally:
            watch.cancel()


class Sink:
    """Takes mails, and text messages of the gateway, for the journey."""

    journey = None

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        self.journey.hand_over({"to": envelope.rcpt_tos, "text": message.get_body().get_content()})
        return "250 delivered"


class Gateway(http.server.BaseHTTPRequestHandler):
    sink = None

    def do_POST(self):  # noqa: N802
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.sink.journey.hand_over({"to": form["To"], "text": form["Text"][0]})
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def install(work):
    """Once for both tests, which may run at once."""
    work.mkdir(parents=True, exist_ok=True)
    with open(work / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in SOURCES:
            shutil.copy(HERE / name, work)
        wanted = (HERE / "package-lock.json").read_bytes()
        stamp = work / "installed-lock.json"
        if (work / "node_modules").is_dir() and stamp.is_file() and stamp.read_bytes() == wanted:
            return
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, work)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
                       cwd=work, check=True, timeout=300)
        stamp.write_bytes(wanted)


def start(command, ready):
    service = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in service.stdout:
        if line.startswith(ready):
            return service, line.split()[-1]
    raise AssertionError(f"the service ended with {service.wait()} before it was ready")


def start_service(build, folder, smtp_port, gateway_port, origin):
    """A demo service makes the folder; the service that serves is started with its configuration, a gateway of
    text messages and the origin of the page."""
    (folder / "initial-password").write_text(PASSWORD + "\n")
    binary = build / "service/sspr-service"
    demo, url = start([binary, "--demo", folder, "--listen", "127.0.0.1:0",
                       "--smtp", f"smtp://127.0.0.1:{smtp_port}"], "SSPR Login is ready at ")
    demo.terminate()
    demo.wait(30)
    configuration = folder / "sspr-service.conf"
    text = configuration.read_text().replace("[service]\n", f"[service]\ncors_origins = {origin}\n", 1)
    configuration.write_text(text + f"[sms]\nurl = http://127.0.0.1:{gateway_port}/\nbody = To={{to}}&Text={{text}}\n")
    with open(folder / "log", "wb") as log:
        service = subprocess.Popen([binary, "--config", configuration], stderr=log)
    port = int(url.rsplit(":", 1)[1].split("/")[0])
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return service, url
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the service does not listen")


def set_the_stage(control):
    """Who journeys.mjs meets."""
    control("clients", "add", "msal-conformance", "--no-concealment")
    control("users", "set-password", ALICE, stdin=PASSWORD + "\n")
    for name in ("bob", "carol", "dave", "erin", "frank", "grace", "henry"):
        control("users", "add", f"{name}@example.org")
        control("users", "set-password", f"{name}@example.org", stdin=PASSWORD + "\n")
        if name not in ("carol", "grace", "henry"):
            control("methods", "add-email", f"{name}@example.org", f"{name}@example.org")
    control("methods", "add-phone", "bob@example.org", "+49301234567")
    control("methods", "add-totp", "henry@example.org")
    control("policy", "set", "methods.sms", "on")
    control("policy", "set", "risk.reset_from", "high")
    control("risk", "set", "dave@example.org", "high", "--detail", "leaked credentials")


def play_against_the_service(build, work, where):
    sink = Sink()
    Gateway.sink = sink
    gateway = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=gateway.serve_forever, daemon=True).start()
    # Port 0 leaves aiosmtpd's own self-test without a port, so the socket is bound first.
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    page_port = free_port()
    with tempfile.TemporaryDirectory(prefix="sspr-conformance-") as name:
        folder = pathlib.Path(name)
        service, url = start_service(build, folder, controller.port, gateway.server_address[1],
                                     f"https://localhost:{page_port}")

        def control(*words, stdin=""):
            subprocess.run([build / "service/ssprctl", "--config", folder / "sspr-service.conf", *words],
                           input=stdin, text=True, check=True, stdout=subprocess.DEVNULL)

        def obey(what, *words):
            control(what, "set", *words)
            return {"done": True}

        try:
            set_the_stage(control)
            command = ["in_node.mjs", url, "all"]
            if where == "chromium":
                command = ["in_chromium.mjs", url, "all", str(page_port), str(folder)]
            sink.journey = Journey(work, folder, obey, *command)
            code = sink.journey.play()
            if where == "chromium" and code == 0:
                code = check_preflights((folder / "log").read_text())
        finally:
            service.terminate()
            ended = service.wait(30)
            controller.stop()
            gateway.shutdown()
            if "code" not in locals() or code:
                print("\n".join((folder / "log").read_text().splitlines()[-30:]))
    return code or ended


def check_preflights(log):
    """Cross-origin calls that are not preflighted would prove nothing."""
    routes = {line.split("path=")[1].split()[0] for line in log.splitlines() if "method=OPTIONS" in line}
    missing = [route for route in ("start", "challenge", "continue", "submit", "poll_completion", "initiate", "token",
                                   "introspect") if not any(path.endswith(route) for path in routes)]
    print(f"ok: preflights of {len(routes)} routes" if not missing else f"no preflight of {missing}: {routes}")
    return 1 if missing else 0


def play_late(build, work):
    with tempfile.TemporaryDirectory(prefix="sspr-conformance-") as name:
        folder = pathlib.Path(name)
        service, url = start([build / "tests/conformance/late_service", folder], "ready ")

        def obey(*words):
            service.stdin.write(" ".join(words) + "\n")
            service.stdin.flush()  # it says itself when it is done

        journey = Journey(work, folder, obey, "in_node.mjs", url, "late")
        threading.Thread(target=lambda: [journey.hand_over(json.loads(line)) for line in service.stdout],
                         daemon=True).start()
        try:
            code = journey.play()
        finally:
            service.terminate()
            ended = service.wait(30)
    return code or ended


def main():
    build, work, where = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    needed = ["node", "npm"] + (["chromium"] if where == "chromium" else [])
    missing = [program for program in needed if not shutil.which(program)]
    if missing:
        print(f"skipped: not installed: {' '.join(missing)}")
        return SKIPPED
    install(work)
    code = play_against_the_service(build, work, where)
    if code == 0 and where == "node":
        code = play_late(build, work)
    return code


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
