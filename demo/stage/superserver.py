# SPDX-License-Identifier: Apache-2.0
"""Starts one process per connection on a unix socket: by systemd's tool, or else by socat."""

import os
import shutil
import stat
import subprocess
import time

DEADLINE = 10


def _command(path, program):
    if tool := shutil.which("systemd-socket-activate"):
        return [tool, "--accept", "--inetd", "-l", path, *program]
    if tool := shutil.which("socat"):
        return [
            tool,
            f"UNIX-LISTEN:{path},fork,backlog=64",
            "EXEC:" + " ".join(program) + ",nofork",
        ]
    raise SystemExit(
        "neither systemd-socket-activate nor socat is here; install the package systemd"
    )


class Superserver:
    """Listens on path; each connection becomes standard input and output of a new process."""

    def __init__(self, path, program, owner=0, mode=0o600, log=None):
        self._path = path
        self._process = subprocess.Popen(
            _command(path, program),
            stdin=subprocess.DEVNULL,
            stdout=log or subprocess.DEVNULL,
            stderr=log or subprocess.DEVNULL,
            cwd="/",
            env={},
        )
        deadline = time.monotonic() + DEADLINE
        while not (os.path.exists(path) and stat.S_ISSOCK(os.stat(path).st_mode)):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the superserver for {path} did not start")
            time.sleep(0.01)
        os.chown(path, owner, 0)
        os.chmod(path, mode)

    def stop(self):
        """Stops to listen and removes the socket; connections that are open live on."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(DEADLINE)
        if os.path.exists(self._path):
            os.unlink(self._path)
