# SPDX-License-Identifier: Apache-2.0
"""LightDM with its GTK greeter on a display without a monitor, inside demo/enter.sh."""

import os
import pathlib
import shutil
import subprocess
import time

from stage.xscreen import SIZE, XScreen

BUS = pathlib.Path("/run/dbus/system_bus_socket")
AUTHORITY = pathlib.Path("/run/lightdm/root/:0")
DISPLAY = pathlib.Path("/tmp/.X11-unix/X0")
AWAITED = [BUS, AUTHORITY, DISPLAY]
CONFIG = """\
[LightDM]
logind-check-graphical=false
run-directory=/run/lightdm
log-directory=/var/log/lightdm
sessions-directory=/etc/lightdm/sessions
[Seat:*]
type=local
xserver-command={server}
greeter-session=lightdm-gtk-greeter
greeter-show-manual-login=true
greeter-hide-users=true
allow-guest=false
"""
# Large and dark on light, as it can be read by machine too.
GREETER = """\
[greeter]
font-name=DejaVu Sans 15
background=#ffffff
indicators=
"""
# Options that a real X server knows and Xvfb does not.
SERVER = """\
#!/bin/bash
kept=()
while [ $# -gt 0 ]; do
  case $1 in
    -seat|-layout|-config|-background) shift ;;
    vt[0-9]*|-novtswitch|-keeptty) ;;
    *) kept+=("$1") ;;
  esac
  shift
done
exec /usr/bin/Xvfb "${{kept[@]}}" -screen 0 {size}
"""
# The desktop of a person who came in: says who it is, in a window that fills the screen.
SESSION = """\
#!/bin/sh
exec xterm -geometry 100x40+0+0 -fa 'DejaVu Sans Mono' -fs 16 \\
  -e sh -c 'echo; echo "  The session of $(id -un)"; id -un > /tmp/session; sleep 600'
"""


class LightDm:
    """Use as a context manager; screen is the display that the greeter is on."""

    def __init__(self, pictures):
        self._pictures = pictures
        self._processes = []
        self.screen = None

    def __enter__(self):
        for folder in ("/var/lib/lightdm/data", "/var/cache/lightdm", "/var/log/lightdm", "/var/lib/lightdm-data"):
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        for folder in ("/var/lib/lightdm", "/var/lib/lightdm/data"):
            shutil.chown(folder, "lightdm", "lightdm")
        for folder in ("/run/dbus", "/run/user", "/tmp/.X11-unix"):
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        os.chmod("/tmp/.X11-unix", 0o1777)
        self._write("/etc/lightdm/xserver", SERVER.format(size=SIZE), 0o755)
        self._write("/etc/lightdm/session", SESSION, 0o755)
        # Debian's own configuration names the session that greeters begin with.
        self._write("/etc/lightdm/sessions/lightdm-xsession.desktop",
                    "[Desktop Entry]\nName=Test\nExec=/etc/lightdm/session\nType=Application\n")
        self._write("/etc/lightdm/test.conf", CONFIG.format(server="/etc/lightdm/xserver"))
        self._write("/etc/lightdm/lightdm-gtk-greeter.conf", GREETER)
        # What one before it left says nothing of this one.
        for left in AWAITED:
            left.unlink(missing_ok=True)
        self._start("dbus-daemon", "--system", "--nofork", "--nopidfile")
        self._wait(BUS)
        self._start("lightdm", "--debug", "-c", "/etc/lightdm/test.conf")
        self._wait(AUTHORITY)
        self._wait(DISPLAY)
        self.screen = XScreen(self._pictures, 0, AUTHORITY)
        return self

    def __exit__(self, *_):
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @staticmethod
    def _write(path, text, mode=0o644):
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def _start(self, *command):
        with open(f"/var/log/{command[0]}.out", "ab") as log:
            self._processes.append(
                subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            )

    def _wait(self, path, seconds=30):
        deadline = time.monotonic() + seconds
        while not path.exists():
            if time.monotonic() > deadline or self._processes[-1].poll() is not None:
                raise AssertionError(f"{self._processes[-1].args[0]} did not make {path}")
            time.sleep(0.05)
