# SPDX-License-Identifier: Apache-2.0
"""A real service, and a made-up machine: a folder with the files that sspr-enroll and sspr-doctor look
at. SERVICE SSPRCTL PROGRAM"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SERVICE, CONTROL, PROGRAM = sys.argv[1:4]
sys.argv[1:4] = [SERVICE, CONTROL, ""]  # as programs_test reads them
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "service_api"))
from programs_test import ALICE, Programs  # noqa: E402,F401 pylint: disable=wrong-import-position

FLOW_UID = 990 if os.geteuid() == 0 else os.geteuid()


class MachineFolder:
    """What is below / on a machine, as far as the tools want to know it."""

    def __init__(self, case, copy_of=None):
        scratch = tempfile.TemporaryDirectory(prefix="sspr-machine-")
        case.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name).resolve()
        os.chmod(self.root, 0o755)
        self.folder = self.root / "etc/sspr"
        if copy_of:
            subprocess.run(["cp", "-a", f"{copy_of}/.", self.root], check=True)
        else:
            self.make()

    def make(self):
        self.folder.mkdir(parents=True)
        (self.root / "var/lib").mkdir(parents=True)
        (self.root / "etc/passwd").write_text(
            f"root:x:0:0::/root:/bin/sh\nsspr:x:{FLOW_UID}:{FLOW_UID}::/:/usr/sbin/nologin\n"
            "alice:x:1000:1000::/home/alice:/bin/bash\n")
        (self.root / "etc/hostname").write_text("desk-7\n")
        (self.root / "etc/os-release").write_text('NAME=x\nPRETTY_NAME="Debian of the test"\n')

    def configure(self, url, ca_file, more=""):
        """Names of files are those that the machine itself would use."""
        shutil.copy(ca_file, self.folder / "ca.pem")
        os.chmod(self.folder / "ca.pem", 0o644)
        config = self.folder / "sspr.conf"
        config.write_text(f"[service]\nurl = {url}\nca_file = /etc/sspr/ca.pem\n"
                          "username = {user}@example.org\n[machine]\n" + more)
        os.chmod(config, 0o644)

    def run(self, *arguments, stdin="", code=None, case=None):
        done = subprocess.run([PROGRAM, "--root", self.root, *arguments], input=stdin, text=True,
                              capture_output=True, timeout=120, check=False)
        if code is not None:
            case.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def mode(self, name):
        return (self.folder / name).stat().st_mode & 0o777

    def owner(self, name):
        return (self.folder / name).stat().st_uid

    def files(self):
        """Every file and its content."""
        return {path.relative_to(self.root).as_posix(): path.read_bytes()
                for path in self.root.rglob("*") if path.is_file()}


class EnrollCase(Programs):
    def setUp(self):
        super().setUp()
        self.service, _ = self.start()
        self.machine = MachineFolder(self)
        self.machine.configure(self.url.geturl(), self.folder / "ca.pem")

    def token(self, *more):
        return json.loads(self.control("--json", "devices", "token", *more))["enrollment_token"]

    def devices(self):
        return json.loads(self.control("--json", "devices", "list"))

    def enroll(self, *arguments, stdin="", code=0):
        return self.machine.run("enroll", *arguments, stdin=stdin, code=code, case=self)
