# SPDX-License-Identifier: Apache-2.0
"""sspr-service in demo mode and ssprctl, as an unprivileged user of the private machine."""

import pathlib
import re
import shutil
import socket
import subprocess
import time

from stage.directory_client import SignInClient

PORT = 8443
TENANT = "/demo"
START_DEADLINE = 30
READY = "SSPR Login is ready at "


class ServiceProcess:
    """The service over the data in folder, made anew where there is none."""

    def __init__(self, programs, folder, user, smtp_port, log_path):
        self.folder = pathlib.Path(folder)
        self._programs, self._user, self._smtp_port = programs, user, smtp_port
        self._log_path = log_path
        self._process = None
        self._log_start = 0
        if not self.folder.is_dir():
            self.folder.mkdir(mode=0o700)
            shutil.chown(self.folder, user, user)

    def set_initial_password(self, password):
        """Before the first start: the password of the demo user."""
        path = self.folder / "initial-password"
        path.touch(mode=0o600)
        path.write_text(password + "\n")
        shutil.chown(path, self._user, self._user)

    def authenticator_of_alice(self):
        """The secret of her authenticator app, as the first start printed it."""
        match = re.search(
            r"otpauth://\S*[?&]secret=([A-Z2-7]+)", pathlib.Path(self._log_path).read_text()
        )
        return match.group(1) if match else ""

    @property
    def url(self):
        return f"https://localhost:{PORT}{TENANT}"

    @property
    def pid(self):
        return self._process.pid

    def _as_user(self, *command):
        return [
            "setpriv",
            f"--reuid={self._user}",
            f"--regid={self._user}",
            "--clear-groups",
            "--no-new-privs",
            "--reset-env",
            *map(str, command),
        ]

    def start(self):
        """Starts it and waits until it answers."""
        self._run(
            "--demo",
            self.folder,
            "--listen",
            f"127.0.0.1:{PORT}",
            "--smtp",
            f"smtp://127.0.0.1:{self._smtp_port}",
        )
        self._wait_until(lambda: READY in self._said())
        (self.folder / "initial-password").unlink(missing_ok=True)

    def start_configured(self):
        """Starts it by the configuration that its demo mode wrote, which may have been changed, and
        waits until it answers."""
        self._run("--config", self.folder / "sspr-service.conf")
        self._wait_until(self._listens)

    def _run(self, *words):
        with open(self._log_path, "ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(
                self._as_user(self._programs / "sspr-service", *words),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
            )

    def _said(self):
        return pathlib.Path(self._log_path).read_text()[self._log_start :]

    def _listens(self):
        try:
            socket.create_connection(("127.0.0.1", PORT), timeout=1).close()
        except OSError:
            return False
        return True

    def _wait_until(self, ready):
        deadline = time.monotonic() + START_DEADLINE
        while not ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(
                    "sspr-service did not start; its log ends with\n" + self._said()[-2000:]
                )
            time.sleep(0.02)

    def stop(self):
        self._process.terminate()
        self._process.wait(20)

    def kill(self):
        self._process.kill()
        self._process.wait(20)

    def has_ended(self):
        return self._process.poll() is not None

    def control(self, *arguments, stdin="", configured=False):
        """ssprctl on the database of the service, or by its configuration; gives what it printed."""
        where = (
            ("--config", self.folder / "sspr-service.conf")
            if configured
            else ("--database", self.folder / "sspr.db")
        )
        done = subprocess.run(
            self._as_user(self._programs / "ssprctl", *where, *arguments),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            cwd="/",
            check=False,
        )
        if done.returncode != 0:
            raise AssertionError(
                f"ssprctl {' '.join(map(str, arguments))} ended with "
                f"{done.returncode}: {done.stdout}{done.stderr}"
            )
        return done.stdout

    def sign_in_client(self):
        return SignInClient("localhost", PORT, TENANT, self.folder / "ca.pem")
