# SPDX-License-Identifier: Apache-2.0
"""Makes tables and goals of what room.py measured."""

from statistics import median

from report import percentile, table

FIRST_FRAME_MS = 12
FLOW_KB = 16 * 1024
SETPW_KB = 6 * 1024
# One round trip, and a tenth of one for the scheduling of two cores.
ROUND_TRIPS = 1.1
WAYS = {"spawn": "started directly (fork, exec)", "connect": "through systemd-socket-activate"}


def first_frames(figures, goals):
    rows = []
    for way, pairs in figures.items():
        flow = [one / 1e6 for one, _ in pairs]
        other = [two / 1e6 for _, two in pairs]
        rows.append([WAYS[way], f"{min(flow):.2f}", f"{median(flow):.2f}",
                     f"{percentile(flow, 0.95):.2f}", f"{median(other):.2f}",
                     f"{median(a / b for a, b in zip(flow, other)):.2f}"])
        goals.at_most(f"first frame, {WAYS[way]}", FIRST_FRAME_MS, median(flow), " ms")
    print(table(["sspr-flow to its first frame, ms", "least", "median", "p95", "/bin/true",
                 "ratio"], rows))
    print("  /bin/true is started the same way and timed to its end.\n")


def helpers(figures, goals):
    missing = [value / 1e6 for value in figures["missing"]]
    silent = figures["silent"][0] / 1e9
    print(table(["from Enter to the normal prompt", "median", "p95"], [
        ["no flow program, ms", f"{median(missing):.3f}", f"{percentile(missing, 0.95):.3f}"],
        ["flow program silent, s", f"{silent:.3f}", ""]]))
    print()
    goals.at_most("helper missing: to the normal prompt", 1, median(missing), " ms")
    goals.about("helper silent: to the normal prompt", 3, 0.1, silent, " s")


def memory(figures, goals):
    print(table(["resident memory over a whole reset", "kB"],
                [[name, value] for name, value in sorted(figures.items())]))
    print()
    goals.at_most("resident memory, sspr-flow", FLOW_KB, figures["sspr-flow peak"], " kB")
    goals.at_most("resident memory, sspr-setpw", SETPW_KB, figures["sspr-setpw peak"], " kB")


def _median_steps(runs, length):
    """One list of steps with the medians of all runs; every run takes the same steps."""
    steps = []
    for group in zip(*(run["steps"] for run in runs), strict=True):
        own = [step["waited_ms"] - step["network_ms"] - step["service_ms"] for step in group]
        step = {"answered": group[0]["answered"], "own_ms": median(own),
                "waited_ms": median(step["waited_ms"] for step in group),
                "service_ms": median(step["service_ms"] for step in group),
                "exchanges": max(step["exchanges"] for step in group)}
        if length > 0:
            step["round_trips"] = median(step["network_ms"] for step in group) / length
        steps.append(step)
    return steps


def waits(name, figures, goals):
    """The table of one journey's steps; returns its values."""
    by_length = {int(length): _median_steps(runs, int(length)) for length, runs in figures.items()}
    headings = [f"{name}: Enter at"]
    for length in by_length:
        headings += [f"{length} ms: waited"] + (["trips"] if length else []) + ["service", "own"]
    rows = []
    for steps in zip(*by_length.values(), strict=True):
        row = [steps[0]["answered"].strip()[:40]]
        for step in steps:
            row.append(f"{step['waited_ms']:.0f}")
            if "round_trips" in step:
                trips = step["round_trips"]
                row.append(f"{'>> ' if trips > ROUND_TRIPS else ''}{trips:.2f}")
            row += [f"{step['service_ms']:.0f}", f"{step['own_ms']:.0f}"]
        rows.append(row)
    print(table(headings, rows))
    _explain(figures)
    far = by_length[max(by_length)]
    goals.at_most(f"{name}: round trips waited after an Enter, {max(by_length)} ms", ROUND_TRIPS,
                  max(step["round_trips"] for step in far))
    goals.at_most(f"{name}: exchanges on the wire after an Enter", 1,
                  max(step["exchanges"] for steps in by_length.values() for step in steps))
    goals.at_most(f"{name}: connections", 1,
                  max(run["connections"] for runs in figures.values() for run in runs))
    return by_length


def _explain(figures):
    print("  Medians in ms. waited = trips (network time / round trip) + service (at work)\n"
          "  + own (what this machine does, the hash of the new password above all); >> marks a\n"
          "  step of more than one round trip. Behind the first question (connection, TLS, start):")
    for length, runs in figures.items():
        ready = median(run["ready_behind_first_question_ms"] for run in runs)
        number = median(run["exchanges_behind_first_question"] for run in runs)
        print(f"    {length} ms: {number:.0f} exchanges, ready after {ready:.0f} ms")
    print()
