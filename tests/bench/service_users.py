#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What many users cost: the median of a reset with 1,000,000 users on file beside that with 1,000.
Both services run at once and are asked in turn, so that both meet the same machine.

service_users.py --build DIR [--postgresql] [--small N] [--large N] [--resets N]
Prints the medians and their ratio; measure() gives them to other programs."""
import argparse
import pathlib
import random
import sqlite3
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "processes"))
from fleet import Cluster, Fleet  # noqa: E402 pylint: disable=wrong-import-position

MODEL = "model@example.org"
NUMBERS = {"sqlite": "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
                     "SELECT i, printf('%032x', i) AS id, printf('user%07d', i) AS name FROM n)",
           "postgresql": "(SELECT i, lpad(to_hex(i), 32, '0') AS id, 'user' || lpad(i::text, 7, '0') "
                         "AS name FROM generate_series(1, {}) AS i)"}


def statements(dialect, count):
    """Users with an address and a group each; the password of the model."""
    numbers = NUMBERS[dialect].format(count)
    return [
        "INSERT INTO users (id, username, display_name, local_account, language, enabled, "
        "password_hash, password_generation, password_changed_at, created_at, member_of) "
        "SELECT n.id, n.name || '@example.org', 'Person ' || n.name, n.name, 'en', 1, "
        "m.password_hash, 1, m.created_at, m.created_at, 'staff' "
        f"FROM {numbers} AS n, "
        f"users m WHERE m.username = '{MODEL}'",
        "INSERT INTO methods (id, user_id, kind, address, sealed_secret, last_step, added_at) "
        "SELECT 'e' || substr(u.id, 2), u.id, 0, u.username, '', 0, u.created_at FROM users u "
        f"WHERE u.username <> '{MODEL}'",
        "INSERT INTO memberships (group_name, user_id) SELECT 'staff', id FROM users "
        f"WHERE username <> '{MODEL}'"]


def load(fleet, cluster, name, count):
    """Fills the database of a service that runs."""
    if cluster:
        for statement in statements("postgresql", count):
            cluster.sql(statement, database=name)
        cluster.sql("ANALYZE", database=name)
        return
    database = sqlite3.connect(fleet.folder / "data" / "sspr.db", timeout=60)
    for statement in statements("sqlite", count):
        database.execute(statement)
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def reset(fleet, number, password):
    """One whole reset; the seconds that the service took for it, without the mail's way."""
    name = f"user{number:07}@example.org"
    begin = time.perf_counter()
    token = fleet.open(name, "oob")
    spent = time.perf_counter() - begin
    code = fleet.mailbox.code(name)
    begin = time.perf_counter()
    status, answer = fleet.post(0, "/resetpassword/v1.0/continue", continuation_token=token,
                                grant_type="oob", oob=code)
    assert status == 200, answer
    status, answer = fleet.post(0, "/resetpassword/v1.0/submit", new_password=password,
                                continuation_token=answer["continuation_token"])
    assert status == 200, answer
    status, answer = fleet.post(0, "/resetpassword/v1.0/poll_completion",
                                continuation_token=answer["continuation_token"])
    assert (status, answer["status"]) == (200, "succeeded"), answer
    return spent + time.perf_counter() - begin


def measure(service, control, small=1000, large=1_000_000, resets=40, postgresql=False):
    """{"small_ms", "large_ms", "ratio", "load_seconds"}"""
    cluster = Cluster().__enter__() if postgresql else None
    fleets, loaded = [], 0.0
    try:
        for count in (small, large):
            name = f"with_{count}"
            fleets.append(Fleet(service, control, 1, cluster.database(name) if cluster else None))
            fleets[-1].add_user(MODEL)
            began = time.perf_counter()
            load(fleets[-1], cluster, name, count)
            loaded = time.perf_counter() - began
        chosen = random.Random(1).sample(range(1, small + 1), resets)
        spread = large // small
        times = ([], [])
        for round_number, number in enumerate(chosen):
            for fleet, taken, user in zip(fleets, times, (number, number * spread)):
                taken.append(reset(fleet, user, f"river stone lantern {round_number}"))
        medians = [1000 * statistics.median(taken) for taken in times]
        return {"small_ms": medians[0], "large_ms": medians[1], "ratio": medians[1] / medians[0],
                "load_seconds": loaded}
    finally:
        for fleet in fleets:
            fleet.close()
        if cluster:
            cluster.__exit__()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    parser.add_argument("--small", type=int, default=1000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--resets", type=int, default=40)
    options = parser.parse_args()
    seen = measure(options.build / "service" / "sspr-service", options.build / "service" / "ssprctl",
                   options.small, options.large, options.resets, options.postgresql)
    print(f"a reset with {options.small} users: median {seen['small_ms']:.1f} ms")
    print(f"a reset with {options.large} users: median {seen['large_ms']:.1f} ms")
    print(f"ratio: {seen['ratio']:.2f} (at most 1.3)")


if __name__ == "__main__":
    main()
