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
import room_figures
from report import Goals, millions, table

SECTIONS = ("module", "reset")
HERE = Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True, help="build folder (release preset)")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="leave the others out")
    parser.add_argument("--rounds", type=int, default=201, help="repetitions of what is timed")
    parser.add_argument("--resets", type=int, default=3, help="resets at each network length")
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


def say_load():
    """Other work on the machine makes every time too long; counts are not touched by it."""
    load = os.getloadavg()[0]
    if load > 0.5 * os.cpu_count():
        print(f"  This machine is busy (load {load:.1f}, {os.cpu_count()} processors): the times\n"
              "  below are too long. Take them again on an idle machine before judging them.",
              flush=True)
    return load


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
    print("  First line: the whole cycle of pam_permit; of the others, instructions, objects\n"
          "  and private dirty memory are above it. g_a is pam_google_authenticator.\n"
          f"  Times: medians of {given.rounds} fresh processes in rotation.\n")
    _module_goals(rows, reference, goals)
    return {"stacks": rows, "cycle_ns": times}


def _module_table(rows):
    cells = []
    for row in rows:
        ratio = row["instruction_ratio"]
        cells.append([
            row["module"], millions(row["instructions"]), f"{ratio:.2f}" if ratio else "",
            f"{row['median_us']:.0f}", f"{row.get('time_ratio_to_permit', 1):.2f}",
            row["syscalls"], row.get("sockets", ""), row["objects"], row["left_mapped"],
            row["private_dirty_kb"], row.get("relocations", ""),
            f"{row['stripped_kb']:.0f}" if "stripped_kb" in row else ""])
    return table(["module", "instr.", "to g_a", "us", "to permit", "syscalls", "sockets", "objects",
                  "left", "dirty kB", "relocs", "kB"], cells)


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
            ("stripped size", "stripped_kb", 128, " kB"),
            ("sockets opened, pass-through", "sockets", 0, ""),
            ("processes started, pass-through", "processes", 0, "")):
        goals.at_most(name, goal, max(row[key] for row in ours), unit)


def bench_reset(given, goals):
    """What a person waits for, with every part real, on a private machine."""
    for part in ("libexec/sspr/sspr-flow", "libexec/sspr/sspr-setpw", "service/sspr-service",
                 "tests/bench/first_frame"):
        built(given.build, part)
    scratch = given.out / "room"
    done = subprocess.run([HERE.parent.parent / "demo/enter.sh", scratch, "python3",
                           HERE / "room.py", "--rounds", str(given.rounds), "--resets",
                           str(given.resets)],
                          env={**os.environ, "SSPR_BUILD": str(given.build)}, check=False)
    if done.returncode != 0:
        sys.exit("bench: the resets could not be measured; the reason is above")
    figures = json.loads((scratch / "room.json").read_text())
    print()
    room_figures.first_frames(figures["first_frame"], goals)
    room_figures.helpers(figures["helper"], goals)
    room_figures.memory(figures["memory_kb"], goals)
    figures["steps"] = {name: room_figures.waits(name, waits, goals)
                        for name, waits in figures["waits"].items()}
    return figures


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
        load = say_load()
        results[section] = globals()[f"bench_{section}"](given, goals)
        results[section]["load"] = load
    print("== goals")
    print(goals.text())
    results["goals"] = goals.rows
    results["machine"] = {"cpus": os.cpu_count(), "kernel": os.uname().release}
    (given.out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    print(f"\nAll figures: {given.out / 'results.json'}")
    return 1 if goals.missed() else 0


if __name__ == "__main__":
    sys.exit(main())
