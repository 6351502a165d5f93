# SPDX-License-Identifier: Apache-2.0
"""A fresh Debian, booted: its own systemd in a container, whose network is the loopback of the test.
What happens in it is gone with its folder."""

import os
import pathlib
import subprocess
import time
import unittest

from stage.terminal import Terminal

BOOT_DEADLINE = 60
ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "TERM": "xterm",
    "HOME": "/root",
    "DEBIAN_FRONTEND": "noninteractive",
}


class BootedRoot:
    """Use as a context manager. folder is made anew from the archive, or lies over it where it is a folder
    (in a mount namespace of the caller's own); prepare(path) is called before the boot."""

    def __init__(self, archive, folder, prepare=None):
        self._archive = archive
        self._prepare = prepare
        self.path = pathlib.Path(folder)
        self._changes = self.path.with_name(f"{self.path.name}.changes")
        self._process = None
        self._leader = None
        self.journal = ""  # once it has ended

    def __enter__(self):
        subprocess.run(["rm", "-rf", "--one-file-system", self.path, self._changes], check=False)
        self.path.mkdir(parents=True)
        if os.path.isdir(self._archive):
            self._lay_over()
        else:
            subprocess.run(["tar", "-xf", self._archive, "-C", self.path], check=True)
        # Names of this machine only; and the terminal of a test is not one that login knows.
        (self.path / "etc/hosts").write_text("127.0.0.1 localhost fresh\n::1 localhost\n")
        (self.path / "etc/hostname").write_text("fresh\n")
        if self._prepare:
            self._prepare(self.path)
        self._boot()
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self.journal = self.run("journalctl", "--no-pager", "-o", "short-monotonic").stdout
            self.run("systemctl", "--force", "--force", "poweroff", check=False)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(30)
        if os.path.ismount(self.path):
            subprocess.run(["umount", self.path], check=True)
        subprocess.run(["rm", "-rf", "--one-file-system", self.path, self._changes], check=False)

    def _lay_over(self):
        for part in ("upper", "work"):
            (self._changes / part).mkdir(parents=True)
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                        f"lowerdir={self._archive},upperdir={self._changes}/upper,workdir={self._changes}/work",
                        self.path], check=True)

    def _boot(self):
        self._console = open(self.path.parent / "console.log", "wb")
        self._process = subprocess.Popen(
            ["systemd-nspawn", "--register=no", "--keep-unit", "--quiet", "-D", self.path, "--boot",
             "--console=read-only",
             # Its own list knows no Landlock, which a machine has.
             "--system-call-filter=landlock_create_ruleset landlock_add_rule landlock_restrict_self"],
            stdin=subprocess.DEVNULL, stdout=self._console, stderr=self._console,
        )
        deadline = time.monotonic() + BOOT_DEADLINE
        while self._state() not in ("running", "degraded"):
            if self._process.poll() is not None:  # itself, before anything of the root could matter
                raise unittest.SkipTest("systemd-nspawn cannot boot anything here: " +
                                        (self.path.parent / "console.log").read_text(errors="replace"))
            if time.monotonic() > deadline:
                raise AssertionError("the root did not boot:\n" +
                                     (self.path.parent / "console.log").read_text(errors="replace"))
            time.sleep(0.05)

    def _state(self):
        """What systemd says in there. Until it says anything, its process is looked for anew: the first
        children of systemd-nspawn are there for a moment only."""
        children = pathlib.Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        found = children.read_text().split()
        if not found:
            return ""
        self._leader = found[0]
        return subprocess.run([*self.inside(), "systemctl", "is-system-running"], env=ENVIRONMENT,
                              capture_output=True, text=True, check=False).stdout.strip()

    @property
    def leader(self):
        """The number of its process 1, as it is seen outside."""
        return self._leader

    def inside(self):
        """The beginning of a command that runs in the container."""
        return ["nsenter", "-t", self._leader, "-a"]

    def run(self, *command, stdin="", check=True, seconds=120):
        """Runs a command in it; gives the finished process, whose output and errors are in stdout."""
        done = subprocess.run([*self.inside(), *map(str, command)], env=ENVIRONMENT, input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=seconds, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n"
                                 + done.stdout)
        return done

    def start(self, *command, **keywords):
        """Starts a command in it that runs on; gives the process, which the caller ends."""
        return subprocess.Popen([*self.inside(), *map(str, command)], env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                                **keywords)

    def login(self, seconds=60):
        """A /bin/login on a terminal of its own in there."""
        return Terminal([*self.inside(), "script", "-qc", "/bin/login", "/dev/null"], ENVIRONMENT,
                        seconds=seconds)

    def text(self, path):
        return (self.path / path.lstrip("/")).read_text()

    def exists(self, path):
        return os.path.lexists(self.path / path.lstrip("/"))
