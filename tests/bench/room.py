# SPDX-License-Identifier: Apache-2.0
"""The part of the bench that needs a whole machine: started by bench.py through demo/enter.sh.

Here the service, its mail server, sspr-flow and sspr-setpw are the real ones, on scratch copies of
the account files. Writes $SSPR_SCRATCH/room.json and nothing else.
"""

import argparse
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "demo"))

# pylint: disable=wrong-import-position
import peers  # noqa: E402
import reset_wait  # noqa: E402
from delay_proxy import DelayProxy  # noqa: E402
from stage.journey import totp  # noqa: E402
from stage.machine import CONFIG, INSTALLED, Machine  # noqa: E402
from stage.service_process import PORT  # noqa: E402
from stage.superserver import Superserver  # noqa: E402

ROUND_TRIPS_MS = (0, 50, 150)
# Random letters would be refused by the machine's own rules now and then.
NEW_PASSWORD = "violet Kettle7 harbour moon"
JOURNEYS = {"one proof": 1, "two proofs": 2}


def first_frames(machine, rounds):
    """Nanoseconds to the first frame and, beside each, of /bin/true started the same way."""
    program = machine.build / "tests/bench/first_frame"
    other = Superserver("/run/sspr/true.sock", ["/bin/true"], mode=0o666)
    figures = {}
    for way, flow, beside in (
            ("spawn", INSTALLED / "libexec/sspr-flow", "/bin/true"),
            ("connect", "/run/sspr/flow.sock", "/run/sspr/true.sock")):
        done = subprocess.run([program, way, str(rounds), "quick", str(flow), beside],
                              capture_output=True, text=True, check=False, timeout=300)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        figures[way] = [[int(value) for value in line.split()]
                        for line in done.stdout.splitlines()]
    other.stop()
    return figures


def helper_faults(machine, rounds):
    """Nanoseconds from an empty answer to the normal prompt: no helper, and one that is silent."""
    program = machine.build / "tests/bench/pam_cycle"
    module = INSTALLED / "lib/pam_sspr.so"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("/run/sspr/silent.sock")
    listener.listen(8)
    held = []
    threading.Thread(target=lambda: [held.append(listener.accept()) for _ in range(8)],
                     daemon=True).start()
    figures = {}
    for name, path, count in (("missing", "/run/sspr/nobody.sock", rounds),
                              ("silent", "/run/sspr/silent.sock", 1)):
        stack = peers.helper_stack(machine.scratch, module, f"helper-{name}", path)
        done = subprocess.run([program, "forgotten", str(count), stack.folder],
                              capture_output=True, text=True, check=False, timeout=60)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        figures[name] = [int(line) for line in done.stdout.split()]
    return figures


class Runner:
    """Resets one person after the other over networks of different length."""

    def __init__(self, machine):
        self._machine = machine
        self._proxy = DelayProxy(PORT)
        self._serial = 0
        CONFIG.write_text(CONFIG.read_text().replace(f":{PORT}/", f":{self._proxy.port}/"))

    def ask_for_gates(self, gates):
        self._machine.service.control("policy", "set", "required_gates", str(gates))

    def reset(self, round_trip_ms, gates=1):
        self._serial += 1
        person = self._machine.add_person(f"person{self._serial}")
        if gates > 1:
            self._machine.add_authenticator(person)
        person.new_password = NEW_PASSWORD
        self._proxy.set_round_trip(round_trip_ms / 1000)
        seen = reset_wait.reset("/run/sspr/flow.sock", person, self._proxy, {
            "e-mail": lambda: person.mailbox.wait_for(1, "codes", reset_wait.MAIL_SECONDS)[-1],
            "authenticator": lambda: totp(person.authenticator)})
        if not self._machine.local_accepts(person.name, person.new_password):
            raise AssertionError("the reset ended well, but the machine has the old password")
        return seen


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--resets", type=int, required=True)
    given = parser.parse_args()
    results = {}
    with Machine() as machine:
        machine.add_person("quick")
        print("  start of sspr-flow", flush=True)
        results["first_frame"] = first_frames(machine, given.rounds)
        print("  helper missing, helper silent", flush=True)
        results["helper"] = helper_faults(machine, given.rounds)
        runner = Runner(machine)
        print("  memory over a whole reset", flush=True)
        with reset_wait.MemoryWatch() as memory:
            runner.reset(0)
        results["memory_kb"] = memory.results()
        results["waits"] = {}
        for name, gates in JOURNEYS.items():
            runner.ask_for_gates(gates)
            results["waits"][name] = {}
            for round_trip in ROUND_TRIPS_MS:
                print(f"  {name}: {given.resets} resets at {round_trip} ms", flush=True)
                results["waits"][name][str(round_trip)] = [runner.reset(round_trip, gates)
                                                           for _ in range(given.resets)]
    path = pathlib.Path(os.environ["SSPR_SCRATCH"]) / "room.json"
    path.write_text(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
