# SPDX-License-Identifier: Apache-2.0
"""What one module costs one login that passes through it: counted, not timed, wherever possible.

Instructions by callgrind and system calls by strace do not drift with the machine; times do, so
they are taken in rotation (every round runs every stack once) and reported as ratios of pairs.
"""

import os
import re
import statistics
import subprocess
import tempfile
from pathlib import Path

PROCESS_CALLS = {"fork", "vfork", "clone", "clone3"}


def _run(command, stack, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          env={**os.environ, **stack.environment}, check=True, timeout=120,
                          **options)


def instructions(program, stack, profile=None):
    """Instructions of the first cycle in a fresh process, libpam's own work included."""
    with tempfile.TemporaryDirectory() as folder:
        output = profile or Path(folder) / "callgrind.out"
        done = _run(["valgrind", "--tool=callgrind", "--toggle-collect=PamCycle",
                     f"--callgrind-out-file={output}", program, "once", stack.folder], stack)
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def system_calls(program, stack):
    """Counts by name of the calls inside the cycle, those of child processes included."""
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace"
        _run(["strace", "-f", "-o", trace, program, "once", stack.folder], stack)
        lines = trace.read_text(errors="replace").splitlines()
    counts, inside = {}, False
    for line in lines:
        if '"cycle begins"' in line:
            inside = True
        elif '"cycle ends"' in line:
            break
        elif inside:
            name = re.match(r"\d+\s+(\w+)\(", line)
            if name:
                counts[name.group(1)] = counts.get(name.group(1), 0) + 1
    return counts


def footprint(program, stack):
    """New objects during the cycle, objects left after it, private dirty kB during it."""
    done = _run([program, "memory", stack.folder], stack)
    return {name: int(value) for name, value in re.findall(r"(\w+)=(-?\d+)", done.stdout)}


def cycle_times(program, stacks, rounds):
    """Wall nanoseconds per stack: one fresh process per cycle, the stacks in rotation."""
    times = {stack.name: [] for stack in stacks}
    # One environment for all of them: whoever needs a search path makes the others look there too.
    environment = {**os.environ}
    for stack in stacks:
        environment.update(stack.environment)
    done = subprocess.run([program, "time", str(rounds), *[s.folder for s in stacks]],
                          capture_output=True, text=True, env=environment, check=True,
                          timeout=60 + rounds)
    for line in done.stdout.splitlines():
        _, stack, wall, _, _ = line.split()
        times[stacks[int(stack)].name].append(int(wall))
    return times


def relocations(module):
    done = subprocess.run(["readelf", "-r", "-W", module], capture_output=True, text=True,
                          check=True)
    return len(re.findall(r"^[0-9a-f]{12,16}\s", done.stdout, re.MULTILINE))


def stripped_kb(module):
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "stripped.so"
        subprocess.run(["strip", "-o", copy, module], check=True)
        return copy.stat().st_size / 1024


def measure(program, base, stacks, rounds, profiles):
    """Everything above, per stack, as differences from `base` where libpam has a share in it."""
    os.sync()  # pages of a file that was just unpacked or linked would count as dirty ones
    floor = {
        "instructions": instructions(program, base),
        "calls": system_calls(program, base),
        "footprint": footprint(program, base),
    }
    times = cycle_times(program, [base, *stacks], rounds)
    base_calls = floor["calls"]
    rows = [{
        "module": base.name,
        "instructions": floor["instructions"],
        "median_us": statistics.median(times[base.name]) / 1000,
        "syscalls": sum(base_calls.values()),
        "objects": floor["footprint"]["objects"],
        "left_mapped": floor["footprint"]["left"],
        "private_dirty_kb": floor["footprint"]["private_dirty_kb"],
    }]
    for stack in stacks:
        calls = system_calls(program, stack)
        seen = footprint(program, stack)
        profile = profiles / f"callgrind.{stack.folder.name}" if stack.ours else None
        rows.append({
            "module": stack.name,
            "ours": stack.ours,
            "result": seen["result"],
            "instructions": instructions(program, stack, profile) - floor["instructions"],
            "median_us": statistics.median(times[stack.name]) / 1000,
            "time_ratio_to_permit": statistics.median(
                one / two for one, two in zip(times[stack.name], times[base.name])),
            "syscalls": sum(calls.values()),
            "sockets": calls.get("socket", 0) - base_calls.get("socket", 0),
            "processes": sum(calls.get(name, 0) for name in PROCESS_CALLS),
            "objects": seen["objects"] - floor["footprint"]["objects"],
            "left_mapped": seen["left"],
            "private_dirty_kb": seen["private_dirty_kb"] - floor["footprint"]["private_dirty_kb"],
            "relocations": relocations(stack.module),
            "stripped_kb": stripped_kb(stack.module),
        })
    return rows, times
