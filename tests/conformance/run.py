#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""MSAL for JavaScript against a real sspr-service with a real SMTP sink.

run.py BUILD_FOLDER WORK_FOLDER: installs the pinned packages into WORK_FOLDER by npm ci, starts the
service in demo mode on a free port, and runs journey.mjs in plain Node.
"""
import email
import email.policy
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from aiosmtpd.controller import Controller

SKIPPED = 77
PASSWORD = "an old password of hers"
HERE = pathlib.Path(__file__).resolve().parent


class Sink:
    """Hands each message to the journey as one line of JSON."""

    journey = None

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        line = json.dumps({"to": envelope.rcpt_tos, "subject": message["Subject"],
                           "text": message.get_body().get_content()})
        self.journey.stdin.write(line + "\n")
        self.journey.stdin.flush()
        return "250 delivered"


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


def start_service(build, folder, smtp_port):
    (folder / "initial-password").write_text(PASSWORD + "\n")
    service = subprocess.Popen(
        [build / "service/sspr-service", "--demo", folder, "--listen", "127.0.0.1:0",
         "--smtp", f"smtp://127.0.0.1:{smtp_port}"], stdout=subprocess.PIPE, text=True)
    for line in service.stdout:
        if line.startswith("SSPR Login is ready at "):
            return service, line.split()[-1]
    raise AssertionError(f"the service ended with {service.wait()} before it was ready")


def main():
    build, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    if not shutil.which("node") or not shutil.which("npm"):
        print("skipped: node and npm are not installed")
        return SKIPPED
    install(work)
    shutil.copy(HERE / "journey.mjs", work)
    sink = Sink()
    # Port 0 leaves aiosmtpd's own self-test without a port, so the socket is bound first.
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    with tempfile.TemporaryDirectory(prefix="sspr-conformance-") as name:
        folder = pathlib.Path(name)
        service, url = start_service(build, folder, controller.port)
        try:
            subprocess.run([build / "service/ssprctl", "--config", folder / "sspr-service.conf",
                            "clients", "add", "msal-conformance", "--no-concealment"], check=True)
            sink.journey = subprocess.Popen(
                ["node", "journey.mjs", url, "alice@example.org", PASSWORD], cwd=work, text=True,
                stdin=subprocess.PIPE,
                env={"PATH": os.environ["PATH"], "NODE_EXTRA_CA_CERTS": str(folder / "ca.pem")})
            code = sink.journey.wait(120)
        finally:
            if sink.journey is not None and sink.journey.poll() is None:
                sink.journey.kill()
            service.terminate()
            ended = service.wait(30)
            controller.stop()
    return code or ended


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
