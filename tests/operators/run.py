#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The admin pages in headless Chromium against a real sspr-service, on the stage of tests/portal.

run.py BUILD_FOLDER WORK_FOLDER [PICTURES]: as tests/portal/run.py; runs admin.mjs.
"""
import http.server
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

from aiosmtpd.controller import Controller

HERE = pathlib.Path(__file__).resolve().parent
PORTAL = HERE.parent / "portal"


def load_stage():
    spec = importlib.util.spec_from_file_location("portal_run", PORTAL / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def invite(build, folder):
    """The first administrator by the console's secret, a second one by ssprctl, and what they look at."""
    def control(*arguments):
        done = subprocess.run([build / "service/ssprctl", "--config", folder / "sspr-service.conf",
                               "--json", *arguments], text=True, check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    control("policy", "set", "methods.temporary_pass", "on")
    control("users", "add", "zed@example.org", "--display-name", "=HYPERLINK(0)", "--groups", "sales")
    for number in range(45):
        control("users", "add", f"person{number:02}@example.org")
    invitations = {"olga": control("operators", "bootstrap", "olga")["invitation"]}
    invitations["otto"] = control("operators", "add", "otto", "--role", "admin")["invitation"]
    return invitations


def main():
    build, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    pictures = sys.argv[3] if len(sys.argv) > 3 else ""
    stage = load_stage()
    if not (shutil.which("node") and shutil.which("npm") and pathlib.Path(stage.CHROMIUM).exists()):
        print("skipped: node, npm or chromium is not installed")
        return stage.SKIPPED
    stage.install(work)
    shutil.copy(HERE / "admin.mjs", work)
    shutil.copy(PORTAL / "stage.mjs", work)
    sink = stage.Sink()
    stage.Gateway.sink = sink
    gateway = http.server.ThreadingHTTPServer(("127.0.0.1", 0), stage.Gateway)
    threading.Thread(target=gateway.serve_forever, daemon=True).start()
    controller = Controller(sink, hostname="127.0.0.1", port=stage.free_port())
    controller.start()
    code = 1
    with tempfile.TemporaryDirectory(prefix="sspr-admin-") as name:
        folder = pathlib.Path(name)
        service, url = stage.start_service(build, folder, controller.port, gateway.server_address[1])
        try:
            stage.set_the_stage(build, folder)
            environment = {"PATH": os.environ["PATH"], "HOME": name,
                           "INVITATIONS": json.dumps(invite(build, folder))}
            sink.journey = subprocess.Popen(
                ["node", "admin.mjs", url, stage.PASSWORD, stage.CHROMIUM, pictures], cwd=work,
                text=True, stdin=subprocess.PIPE, env=environment)
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
