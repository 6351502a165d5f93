# SPDX-License-Identifier: Apache-2.0
"""Programs under Wine beside servers outside of it."""

import os
import pathlib
import ssl
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
WINE = SOURCE / "tests/windows/wine.sh"
LIMIT = 240  # seconds for one program


def windows_path(path):
    return "Z:" + str(path).replace("/", "\\")


def run(program, *arguments, **environment):
    """Runs it to its end; returns its code and what it said."""
    done = subprocess.run([WINE, "run", program, *map(str, arguments)], capture_output=True, timeout=LIMIT,
                          env={**os.environ, **environment}, check=False)
    return done.returncode, done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")


def trust(trust_ca, ca_file):
    """Makes the authority of this PEM file one that the machine trusts."""
    der = pathlib.Path(str(ca_file) + ".der")
    der.write_bytes(ssl.PEM_cert_to_DER_cert(pathlib.Path(ca_file).read_text(encoding="ascii")))
    code, said = run(trust_ca, windows_path(der))
    if code != 0:
        sys.exit(f"trust_ca: {said}")
