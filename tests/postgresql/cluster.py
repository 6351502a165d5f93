#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A real PostgreSQL of the tests' own, in a folder of its own, on a unix socket alone.

cluster.py start FILE   makes and starts one, and writes into FILE how to reach it
cluster.py stop FILE    ends it and takes all of it away
Python tests take Cluster as a context manager."""
import glob
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

OWNER = "postgres"  # PostgreSQL refuses to run as root


def programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"),
                   key=lambda path: int(path.split("/")[4]))
    if not found:
        sys.exit("cluster.py: there is no PostgreSQL; ./run test installs it")
    return pathlib.Path(found[-1]).parent


class Cluster:
    """Durable in name only: nothing is synced, as nothing outlives the test."""

    def __init__(self, settings=()):
        self.bin = programs()
        self.as_owner = os.geteuid() == 0
        self.user = OWNER if self.as_owner else pwd.getpwuid(os.geteuid()).pw_name
        self.settings = ["fsync=off", "full_page_writes=off", "listen_addresses=", "port=5432",
                         "max_connections=200", "shared_buffers=16MB", "max_wal_size=256MB",
                         "log_min_messages=warning", *settings]
        # The folder of a socket has a short name.
        place = "/dev/shm" if os.path.isdir("/dev/shm") else "/tmp"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sspr-pg-", dir=place))
        os.chmod(self.folder, 0o711)
        if self.as_owner:
            shutil.chown(self.folder, OWNER)
        self.target = f"host={self.folder} port=5432 user={self.user} dbname=postgres"
        self.server = None

    def _command(self, *words):
        start = ["runuser", "-u", OWNER, "--"] if self.as_owner else []
        return [*start, *map(str, words)]

    def make(self):
        subprocess.run(self._command(self.bin / "initdb", "--auth=trust", "--no-sync",
                                     "--encoding=UTF8", "--locale=C.UTF-8", "-D",
                                     self.folder / "data"),
                       check=True, stdout=subprocess.DEVNULL, cwd="/")

    def run(self):
        """Starts the server and waits until it answers."""
        options = [word for setting in self.settings for word in ("-c", setting)]
        with open(self.folder / "log", "ab") as log:
            self.server = subprocess.Popen(
                self._command(self.bin / "postgres", "-D", self.folder / "data", "-k", self.folder,
                              *options),
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, cwd="/")
        deadline = time.monotonic() + 60
        while self.sql("SELECT 1", check=False) is None:
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.02)

    def postmaster(self):
        return int((self.folder / "data" / "postmaster.pid").read_text().split("\n")[0])

    def end(self, how=signal.SIGINT):
        """Ends the server: at once but in order, or SIGQUIT as a crash."""
        try:
            pid = self.postmaster()
            os.kill(pid, how)
        except (OSError, ValueError):
            return
        while os.path.exists(f"/proc/{pid}"):
            if self.server:
                self.server.poll()
            time.sleep(0.01)
        if self.server:
            self.server.wait()

    def sql(self, text, check=True, database="postgres"):
        """What psql prints, or None when it fails and need not succeed."""
        done = subprocess.run(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d",
             f"host={self.folder} port=5432 user={self.user} dbname={database}", "-c", text],
            capture_output=True, text=True, check=False)
        if done.returncode != 0 and check:
            raise RuntimeError(done.stderr)
        return done.stdout.strip() if done.returncode == 0 else None

    def database(self, name):
        """A new database; its target."""
        self.sql(f"CREATE DATABASE {name}")
        return f"host={self.folder} port=5432 user={self.user} dbname={name}"

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            self.make()
            self.run()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.end()
        self.remove()


def start(file):
    stop(file)  # what an interrupted run left
    cluster = Cluster()
    try:
        cluster.make()
        cluster.run()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(cluster.target + "\n" + json.dumps({"folder": str(cluster.folder)}) + "\n")
    except BaseException:
        cluster.end()
        cluster.remove()
        raise


def stop(file):
    if not file.exists():
        return
    left = Cluster.__new__(Cluster)
    left.folder = pathlib.Path(json.loads(file.read_text().split("\n")[1])["folder"])
    left.server = None
    left.end()
    left.remove()
    file.unlink()


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("start", "stop"):
        sys.exit(__doc__)
    {"start": start, "stop": stop}[sys.argv[1]](pathlib.Path(sys.argv[2]))
