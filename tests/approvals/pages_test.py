#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The pages of phones in Chromium against a real service: a phone is enrolled and approves, denies and
reports; a reset is handed over and proved by passkey with a virtual authenticator.

pages_test.py SERVICE SSPRCTL PACKAGES WORK_FOLDER: installs the browser driver of PACKAGES (package.json and its
lock) by npm ci, starts the demo service, and runs pages_test.mjs. Exit code 77: there is no Node or no Chromium.
"""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

from aiosmtpd.controller import Controller

SKIPPED = 77
ALICE = "alice@example.org"
PASSWORD = "an old password of hers"
HERE = pathlib.Path(__file__).resolve().parent


class Mailbox:
    """Keeps the last mail where the script looks for it."""

    def __init__(self, path):
        self.path = path

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        fresh = self.path.with_suffix(".new")
        fresh.write_bytes(envelope.original_content)
        fresh.rename(self.path)
        return "250 delivered"


def install(packages, work):
    modules = work / "node_modules"
    lock = (packages / "package-lock.json").read_bytes()
    stamp = work / "installed-lock.json"
    if modules.is_dir() and stamp.is_file() and stamp.read_bytes() == lock:
        return
    work.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(packages / name, work)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
                   cwd=work, check=True, timeout=300)
    stamp.write_bytes(lock)


def main(service, control, packages, work):
    chromium = shutil.which("chromium")
    if not shutil.which("node") or not chromium:
        print("there is no Node or no Chromium")
        return SKIPPED
    packages, work = pathlib.Path(packages), pathlib.Path(work)
    if not (packages / "package-lock.json").is_file():
        print(f"{packages} holds no packages")
        return SKIPPED
    install(packages, work)
    with tempfile.TemporaryDirectory(prefix="sspr-approvals-") as scratch:
        folder = pathlib.Path(scratch) / "demo"
        mailbox = pathlib.Path(scratch) / "mail"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            smtp_port = free.getsockname()[1]
        sink = Controller(Mailbox(mailbox), hostname="127.0.0.1", port=smtp_port)
        sink.start()
        folder.mkdir(mode=0o700)
        (folder / "initial-password").write_text(PASSWORD + "\n")
        log = open(pathlib.Path(scratch) / "log", "wb")
        demo = subprocess.Popen([service, "--demo", folder, "--listen", "127.0.0.1:0", "--smtp",
                                 f"smtp://127.0.0.1:{smtp_port}"], stdout=subprocess.PIPE, text=True, stderr=log)
        try:
            url = next(line.split()[-1] for line in demo.stdout if line.startswith("SSPR Login is ready at "))
            demo.terminate()
            demo.wait(60)
            configuration = folder / "sspr-service.conf"
            # A push service on this machine, which the script plays.
            with open(configuration, "a", encoding="utf-8") as more:
                more.write("[push]\ncontact = mailto:admin@example.org\nhosts = localhost\n"
                           f"private_addresses = yes\nca_file = {folder / 'ca.pem'}\n")
            demo = subprocess.Popen([service, "--config", configuration], stderr=log)

            def ssprctl(*words):
                done = subprocess.run([control, "--config", configuration, *words], capture_output=True,
                                      text=True, timeout=60, check=False)
                if done.returncode != 0:
                    raise RuntimeError(f"ssprctl {' '.join(words)} gives {done.returncode}: {done.stderr}")
                return done.stdout

            for key, value in (("methods.approval", "on"), ("methods.passkey", "on"), ("required_gates", "2"),
                               ("registration.cooling_hours", "0"), ("approval.digits", "2")):
                ssprctl("policy", "set", key, value)
            link = json.loads(ssprctl("--json", "methods", "offer-phone", ALICE))["link"]
            shutil.copy(HERE / "pages_test.mjs", work)
            return subprocess.run(
                ["node", work / "pages_test.mjs"], timeout=400, check=False,
                env=os.environ | {"NODE_EXTRA_CA_CERTS": str(folder / "ca.pem"), "SSPR_URL": url, "SSPR_LINK": link,
                                  "SSPR_MAIL": str(mailbox), "SSPR_CHROMIUM": chromium,
                                  "SSPR_CONTROL": str(control), "SSPR_CONFIG": str(configuration), "SSPR_FOLDER": str(folder), "SSPR_PASSWORD": PASSWORD,
                                  "SSPR_SHOTS": os.environ.get("SSPR_SHOTS", "")}).returncode
        finally:
            demo.terminate()
            demo.wait(60)
            sink.stop()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
