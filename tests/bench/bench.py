#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./run bench: what SSPR Login costs, beside the modules that a machine might have instead.

Everything is measured in one run on one machine, and compared as ratios. docs/benchmarks.md says
how each figure is taken and what was seen. Exit codes: 0 all goals reached, 1 some were missed,
2 something could not be measured.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import module_cost
import peers
from report import Goals, millions, table

SECTIONS = ("module",)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True, help="build folder (release preset)")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="leave the others out")
    parser.add_argument("--rounds", type=int, default=201, help="repetitions of what is timed")
    parser.add_argument("--out", type=Path, help="folder for results.json (default: build/bench)")
    parser.add_argument("--smoke", action="store_true",
                        help="one round of the measuring programs alone: do they run?")
    given = parser.parse_args()
    given.build = given.build.resolve()
    given.out = (given.out or given.build.parent / "bench").resolve()
    return given


def built(build, path):
    program = build / path
    if not program.exists():
        sys.exit(f"bench: {program} is missing; build the project first (./run build)")
    return program


def bench_module(given, goals):
    """What a login pays that passes through the module."""
    program = built(given.build, "tests/bench/pam_cycle")
    module = built(given.build, "pam_module/module/pam_sspr.so")
    base = peers.baseline(given.out)
    stacks, missing = peers.peer_stacks(given.out)
    for sentence in missing:
        print(f"  {sentence}")
    stacks += peers.our_stacks(given.out, module)
    rows, times = module_cost.measure(program, base, stacks, given.rounds, given.out)
    reference = next((row for row in rows if row["module"] == peers.REFERENCE), None)
    for row in rows:
        row["instruction_ratio"] = row["instructions"] / reference["instructions"] \
            if reference and row is not rows[0] else None
    print(_module_table(rows))
    print(f"  The first line is the whole cycle of pam_permit; of the others, instructions, objects\n"
          f"  and private dirty memory are above it. Times: median of {given.rounds} fresh processes"
          f" in rotation.\n")
    _module_goals(rows, reference, goals)
    return rows


def _module_table(rows):
    cells = []
    for row in rows:
        ratio = row["instruction_ratio"]
        cells.append([
            row["module"], millions(row["instructions"]), f"{ratio:.2f}" if ratio else "",
            f"{row['median_us']:.0f}", f"{row.get('time_ratio_to_permit', 1):.2f}",
            row["syscalls"], row.get("sockets", ""), row["objects"], row["left_mapped"],
            row["private_dirty_kb"], row.get("relocations", ""), row.get("stripped_bytes", "")])
    return table(["module", "instr.", "to g_a", "us", "to permit", "syscalls", "sockets", "objects",
                  "left", "dirty kB", "relocs", "bytes"], cells)


def _module_goals(rows, reference, goals):
    ours = [row for row in rows if row.get("ours")]
    if reference is None:
        goals.not_measured("instructions, pass-through", "<= 0.6 of google_authenticator",
                           "not measured: no peer")
    else:
        goals.at_most("instructions, pass-through, to google_authenticator", 0.6,
                      max(row["instruction_ratio"] for row in ours))
        goals.at_most("system calls, pass-through", reference["syscalls"],
                      max(row["syscalls"] for row in ours))
    for name, key, goal, unit in (
            ("new objects in the host", "objects", 1, ""),
            ("objects left mapped", "left_mapped", 0, ""),
            ("private dirty memory", "private_dirty_kb", 32, " kB"),
            ("relocations", "relocations", 350, ""),
            ("stripped size", "stripped_bytes", 128 * 1024, " bytes"),
            ("sockets opened, pass-through", "sockets", 0, ""),
            ("processes started, pass-through", "processes", 0, "")):
        goals.at_most(name, goal, max(row[key] for row in ours), unit)


def smoke(given):
    """The measuring programs run; nothing is judged."""
    given.out.mkdir(parents=True, exist_ok=True)
    base = peers.baseline(given.out)
    program = built(given.build, "tests/bench/pam_cycle")
    times = module_cost.cycle_times(program, [base], 1)
    seen = module_cost.footprint(program, base)
    frame = subprocess.run([built(given.build, "tests/bench/first_frame"), "spawn", "1", "nobody",
                            "/bin/true", "/bin/true"], capture_output=True, check=True, timeout=30)
    return len(times[base.name]) == 1 and seen["result"] == 0 and len(frame.stdout.split()) == 2


def main():
    given = arguments()
    if given.smoke:
        return 0 if smoke(given) else 1
    for tool in ("valgrind", "strace", "readelf", "strip"):
        if shutil.which(tool) is None:
            sys.exit(f"bench: {tool} is missing; ./run bench installs it")
    given.out.mkdir(parents=True, exist_ok=True)
    goals, results = Goals(), {}
    for section in given.only or SECTIONS:
        print(f"== {section}", flush=True)
        results[section] = globals()[f"bench_{section}"](given, goals)
    print("== goals")
    print(goals.text())
    results["goals"] = goals.rows
    results["machine"] = {"cpus": os.cpu_count(), "kernel": os.uname().release}
    (given.out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    print(f"\nAll figures: {given.out / 'results.json'}")
    return 1 if goals.missed() else 0


if __name__ == "__main__":
    sys.exit(main())
