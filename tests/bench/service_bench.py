#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How many resets the service does with a second of a processor, beside what is the limit of that:
the password hash alone, and slapd's own RFC 3062. Everything is real: TLS, synced commits, mail,
slapd. See docs/benchmarks.md.

CPU seconds of the servers are counted, not time: other programs on the machine disturb them least,
and every ratio is of two figures of one run.
"""
import argparse
import json
import pathlib
import shutil
import sys
import tempfile

import report
from service_world import BASE, SECRET, SERVICE_DN, World, cpu_seconds, resident_kb

HASH_SHARE = 0.70


def hash_limit(world, count):
    """Resets per core-second if nothing but Argon2id were done, as libargon2 does it here and now."""
    return 1000 / world.load.ask("hash", count)["p50_ms"]


def built_in(given, folder, goals):
    count = given.resets // 10
    world = World(given.build, folder, 3 * count, ldap=False)
    try:
        started = world.start_service()
        first = min([started] + [restart(world) for _ in range(4)])
        idle = resident_kb(world.service.pid)
        rows = []
        for number, clients in enumerate((1, 4)):
            rows.append(beside_the_hash(world, clients, count, number * count))
        after = resident_kb(world.service.pid)
    finally:
        world.close()
    print(report.table(
        ["built-in directory (Argon2id)", "resets/core-s", "the hash alone", "share", "p50 ms",
         "p99 ms", "others p99 ms"],
        [[row["name"], f"{row['per_core']:.1f}", f"{row['limit']:.1f}",
          f"{row['per_core'] / row['limit']:.2f}", f"{row['p50_ms']:.0f}", f"{row['p99_ms']:.0f}",
          f"{row['other_p99_ms']:.1f}"] for row in rows]))
    print(f"start to first answer {first * 1000:.0f} ms, idle {idle / 1024:.1f} MiB, "
          f"after the resets {after / 1024:.1f} MiB\n")
    busy = rows[-1]
    goals.at_least("built-in: share of what the hash alone allows", HASH_SHARE,
                   busy["per_core"] / busy["limit"])
    goals.at_most("start to first answer", 150, first * 1000, " ms")
    goals.at_most("resident when idle", 40, idle / 1024, " MiB")
    goals.at_most("others while passwords are hashed, p99", 20, busy["other_p99_ms"], " ms")
    return {"rows": rows, "first_answer_s": first, "idle_kb": idle, "after_kb": after}


PARTS = 4


def beside_the_hash(world, clients, count, first):
    """Resets in parts, the hash alone before, between and behind them: the machine's speed drifts."""
    limits = [hash_limit(world, 12)]
    parts = []
    for part in range(PARTS):
        parts.append(world.measured("resets", clients, count // PARTS, first + part * count // PARTS))
        limits.append(hash_limit(world, 12))
    seen = {key: sum(part[key] for part in parts)
            for key in ("resets", "failures", "final_polls", "seconds", "service_cpu", "slapd_cpu")}
    for key in ("p50_ms", "p99_ms", "other_p99_ms"):
        seen[key] = max(part[key] for part in parts)
    return (row_of(f"built-in, {clients} client(s)", seen) |
            {"limit": sorted(limits)[len(limits) // 2]})


def restart(world):
    world.stop_service()
    return world.start_service()


def row_of(name, seen):
    if seen["failures"]:
        sys.exit(f"bench: {seen['failures']} resets failed: {seen['failure']}")
    both = seen["service_cpu"] + seen["slapd_cpu"]
    return seen | {"name": name, "per_core": seen["resets"] / both,
                   "service_per_core": seen["resets"] / seen["service_cpu"],
                   "final_share": seen["final_polls"] / seen["resets"]}


def exop_limit(world, count):
    """RFC 3062 per core-second of slapd, without anything else."""
    before = cpu_seconds(world.slapd_pid)
    world.load.ask("exops", f"ldap://127.0.0.1:{world.ldap_port}", world.folder / "cert.pem",
                   SERVICE_DN, SECRET, BASE, count, 0)
    return count / max(cpu_seconds(world.slapd_pid) - before, 0.01)


def ldap(given, folder, goals):
    count = given.resets
    world = World(given.build, folder, 3 * count + 200, ldap=True)
    try:
        world.start_service()
        limit = exop_limit(world, count)
        starts = world.measured("starts", 300, 0)
        rows = [row_of(f"LDAP, {clients} client(s)",
                       world.measured("resets", clients, count, number * count))
                for number, clients in enumerate((1, 8))]
        synced = {}
        for clients, first in ((1, 2 * count), (8, 2 * count + 100)):
            seen, counts = world.synced_writes("resets", clients, 100, first)
            commits = sum(number for name, number in counts.items() if name.endswith("-wal"))
            # Of them one for each start of somebody else, which the load does beside the resets, and
            # two for each checkpoint: before the database itself is synced, and for the log's new head.
            checkpoints = counts.get("sspr.db", 0)
            of_resets = commits - seen["other_requests"] - 2 * checkpoints
            synced[clients] = {"commits": of_resets / max(seen["resets"], 1), "files": counts}
        outstanding = many_flows(world, given.flows, starts)
    finally:
        world.close()
    print(report.table(
        ["slapd, RFC 3062, {SSHA}", "resets/core-s", "service alone", "slapd alone", "p50 ms",
         "p99 ms", "others p99 ms", "resets/s"],
        [[row["name"], f"{row['per_core']:.0f}", f"{row['service_per_core']:.0f}",
          f"{row['resets'] / max(row['slapd_cpu'], 0.01):.0f}", f"{row['p50_ms']:.1f}",
          f"{row['p99_ms']:.1f}", f"{row['other_p99_ms']:.1f}",
          f"{row['resets'] / row['seconds']:.0f}"] for row in rows]))
    print(f"slapd does {limit:.0f} RFC 3062 per core-second by itself; synced commits per reset: "
          + ", ".join(f"{seen['commits']:.2f} with {clients} client(s)"
                      for clients, seen in synced.items())
          + f"; first poll final {min(row['final_share'] for row in rows):.1%}")
    print(f"start with {given.flows} flows outstanding: {outstanding['ratio']:.2f} of its CPU with "
          f"none ({outstanding['before_ms']:.2f} -> {outstanding['after_ms']:.2f} ms)\n")
    busy = rows[-1]
    goals.at_least("LDAP: resets per core-second, slapd included", 200, busy["per_core"])
    goals.at_least("LDAP: resets per core-second of the service", 400, busy["service_per_core"])
    goals.at_most("LDAP: synced commits per reset", 4,
                  max(seen["commits"] for seen in synced.values()))
    goals.at_least("first poll is final", 0.99, min(row["final_share"] for row in rows))
    goals.at_most("others meanwhile, p99", 20, busy["other_p99_ms"], " ms")
    goals.at_most(f"start with {given.flows} flows outstanding, to none", 1.1,
                  outstanding["ratio"])
    return {"rows": rows, "slapd_exops_per_core": limit, "synced": synced,
            "outstanding": outstanding}


def many_flows(world, flows, before):
    """CPU of a start with few flows there, and with many."""
    world.load.ask("starts", flows, 0)
    after = world.measured("starts", 300, 0)
    first = before["service_cpu"] / before["starts"]
    then = after["service_cpu"] / after["starts"]
    return {"before_ms": first * 1000, "after_ms": then * 1000, "ratio": then / first}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--resets", type=int, default=2000,
                        help="with LDAP; a tenth of them with the built-in directory")
    parser.add_argument("--flows", type=int, default=10000, help="outstanding ones")
    parser.add_argument("--only", choices=["built_in", "ldap"], action="append")
    parser.add_argument("--out", type=pathlib.Path, help="folder for service.json")
    given = parser.parse_args()
    for tool in ("strace", "openssl"):
        if shutil.which(tool) is None:
            sys.exit(f"bench: {tool} is missing; ./run bench installs it")
    goals, results = report.Goals(), {}
    with tempfile.TemporaryDirectory(prefix="sspr-bench-") as scratch:
        for section in given.only or ["built_in", "ldap"]:
            results[section] = globals()[section](given, pathlib.Path(scratch) / section, goals)
    print(goals.text())
    results["goals"] = goals.rows
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "service.json").write_text(json.dumps(results, indent=1) + "\n")
    return 1 if goals.missed() else 0


if __name__ == "__main__":
    sys.exit(main())
