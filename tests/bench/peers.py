# SPDX-License-Identifier: Apache-2.0
"""The PAM stacks that are measured beside each other.

Debian's own modules are downloaded and unpacked into the bench folder. They are never installed:
some of them would edit /etc/pam.d of the machine that runs the bench.
"""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

# Module, the Debian packages that carry it, the arguments with which it lets everybody pass. duo is
# told to look after a group that nobody is in; sss finds no daemon; google_authenticator finds no
# secret of the user. None of them asks the network.
PEERS = (
    ("pam_google_authenticator", ("libpam-google-authenticator",),
     "nullok secret=/nonexistent/.google_authenticator"),
    ("pam_sss", ("libpam-sss",), ""),
    ("pam_duo", ("libpam-duo", "libduo3"), "conf={folder}/duo.conf"),
)
DUO_CONFIGURATION = """[duo]
ikey=DIXXXXXXXXXXXXXXXXXX
skey=0123456789012345678901234567890123456789
host=127.0.0.1
failmode=safe
groups=sspr-bench-nobody
"""
REFERENCE = "pam_google_authenticator"
BASELINE = "pam_permit"


@dataclass
class Stack:
    """One PAM configuration folder and the module in it that is looked at."""
    name: str
    folder: Path
    module: Path | None = None
    environment: dict = field(default_factory=dict)
    ours: bool = False


def _unpack(packages, folder):
    """Downloads and unpacks Debian packages; returns a reason when that fails, else None."""
    for package in packages:
        if not list(folder.glob(f"{package}_*.deb")):
            command = ["apt-get", "-q", "download", package]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                subprocess.run(["apt-get", "-q", "update"], capture_output=True, check=False)
                done = subprocess.run(command, cwd=folder, capture_output=True, text=True,
                                      check=False)
            if done.returncode != 0:
                return f"{package} could not be downloaded: {done.stderr.strip().splitlines()[-1:]}"
        archive = sorted(folder.glob(f"{package}_*.deb"))[-1]
        subprocess.run(["dpkg", "-x", archive, folder / "root"], check=True)
    return None


def _write_stack(folder, line):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "login").write_text(f"{line}\nauth required pam_permit.so\n" if line
                                  else "auth required pam_permit.so\n")
    return folder


def baseline(folder):
    """pam_permit alone: what every login pays for libpam itself."""
    return Stack(BASELINE, _write_stack(folder / "stacks" / BASELINE, ""))


def peer_stacks(folder):
    """Returns the peers that could be had, and a sentence for each that could not."""
    stacks, missing = [], []
    packages = folder / "peers"
    packages.mkdir(parents=True, exist_ok=True)
    duo_configuration = packages / "duo.conf"
    duo_configuration.touch(mode=0o600)
    duo_configuration.write_text(DUO_CONFIGURATION)
    libraries = packages / "root/usr/lib" / _architecture()
    for name, needed, arguments in PEERS:
        reason = _unpack(needed, packages)
        module = next((packages / "root").rglob(f"{name}.so"), None)
        if reason is None and module is None:
            reason = f"{needed[0]} holds no {name}.so"
        # Only duo brings a library of its own; a search path would cost the others instructions.
        environment = {"LD_LIBRARY_PATH": str(libraries)} if len(needed) > 1 else {}
        if reason is None:
            reason = _missing_library(module, environment)
        if reason is not None:
            missing.append(f"{name} is left out: {reason}")
            continue
        line = f"auth optional {module} {arguments.format(folder=packages)}"
        stacks.append(Stack(name, _write_stack(folder / "stacks" / name, line), module,
                            environment))
    return stacks, missing


def _architecture():
    return os.uname().machine + "-linux-gnu"


def _missing_library(module, environment):
    done = subprocess.run(["ldd", module], env={**os.environ, **environment}, capture_output=True,
                          text=True, check=False)
    lost = [line.split()[0] for line in done.stdout.splitlines() if "not found" in line]
    return f"this machine lacks {', '.join(lost)}" if lost else None


def our_stacks(folder, module):
    """The ways in which a login passes through pam_sspr without a reset."""
    ways = (
        ("pam_sspr, password typed", "trigger=prompt"),
        ("pam_sspr, service not listed", "trigger=prompt services=gdm-password"),
        ("pam_sspr, trigger=failure", "trigger=failure"),
    )
    stacks = []
    for number, (name, options) in enumerate(ways):
        line = f"auth optional {module} {options} socket=/nonexistent/flow.sock"
        stacks.append(Stack(name, _write_stack(folder / "stacks" / f"sspr{number}", line), module,
                            ours=True))
    return stacks


def helper_stack(folder, module, name, socket):
    """A stack whose flow program is reached at `socket`."""
    line = f"auth optional {module} trigger=prompt socket={socket}"
    return Stack(name, _write_stack(folder / "stacks" / name, line), module, ours=True)
