#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Resets in a row, with a kill of one party each at a random moment: the service, the agent or the
directory. Once all are up again, service and directory agree about every one of them.
kills.py SERVICE SSPRCTL AGENT --resets N --seed S"""
import argparse
import collections
import pathlib
import random
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from world import World, wait_for  # noqa: E402 pylint: disable=wrong-import-position

FIRST = "seven green bottles"
WORDS = "amber basil cedar delta ember fjord grove heron inlet jolly karma lemon maple north".split()


class Reset(threading.Thread):
    """What a client does: it submits once, and asks until it knows."""

    def __init__(self, world, token, transaction, password):
        super().__init__()
        self.world, self.token, self.transaction, self.password = world, token, transaction, password
        self.said = None

    def run(self):
        try:
            status, answer = self.world.submit(self.token, self.password)
            self.said = answer.get("status") if status == 200 else answer.get("suberror") or answer.get("error")
        except OSError as error:
            self.said = f"lost: {error}"


class Kills:
    def __init__(self, folder, resets, seed):
        self.random = random.Random(seed)
        self.people = {f"person{number}": FIRST for number in range(max(4, resets // 4))}
        self.codes = {}
        self.counts = collections.Counter()
        self.resets = resets
        self.world = World(folder, self.people)
        self.world.register("site-a")
        self.world.start_agent("site-a")

    def victim(self):
        return self.random.choice([("service", self.kill_service), ("agent", self.kill_agent),
                                   ("directory", self.kill_directory)])

    def kill_service(self):
        self.world.kill_service()
        self.world.start_service()

    def kill_agent(self):
        self.world.kill_agent("site-a")
        self.world.start_agent("site-a", wait=False)

    def kill_directory(self):
        self.world.slapd.kill()
        self.world.slapd.start()

    def code_of(self, name):
        if not self.codes.get(name):
            self.codes[name] = self.again(lambda: self.world.codes(name))
        return self.codes[name].pop()

    def again(self, step, seconds=300):
        """The parties may still be finding each other."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return step()
            except (OSError, AssertionError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def outcome(self, transaction):
        status, answer = self.world.post("/resetpassword/v1.0/transaction", client_id="sspr-login",
                                         transaction_id=transaction)
        if status != 200:
            raise OSError(str(answer))
        return answer["status"]

    def one(self, number):
        name = list(self.people)[number % len(self.people)]
        before = self.people[name]
        password = " ".join(self.random.sample(WORDS, 4)) + f" {number}"
        token, transaction = self.again(lambda: self.world.prove(name, self.code_of(name)))
        reset = Reset(self.world, token, transaction, password)
        party, kill = self.victim()
        delay = self.random.choice([0.0, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08])
        reset.start()
        time.sleep(delay)
        kill()
        reset.join()
        final = []

        def is_over():
            try:
                final[:] = [self.outcome(transaction)]
            except OSError:
                return False
            return final[0] in ("succeeded", "failed", "none")

        wait_for(is_over, f"reset {number} ends ({party} killed after {delay}s; {reset.said})", 600)
        is_new = self.again(lambda: self.world.slapd.is_right(name, password))
        is_old = self.again(lambda: self.world.slapd.is_right(name, before))
        line = f"reset {number}: {party} killed after {delay * 1000:.0f} ms, client saw {reset.said}, " \
               f"service says {final[0]}, directory has the {'new' if is_new else 'old'} password"
        print(line, flush=True)
        self.counts[(party, final[0])] += 1
        expected = (True, False) if final[0] == "succeeded" else (False, True)
        if (is_new, is_old) != expected:
            raise AssertionError("they disagree: " + line)
        if reset.said == "succeeded" and final[0] != "succeeded":
            raise AssertionError("the person was told otherwise: " + line)
        if is_new:
            self.people[name] = password

    def run(self):
        for number in range(self.resets):
            self.one(number)
        for (party, final), count in sorted(self.counts.items()):
            print(f"{party} killed: {count} {final}")
        print(f"{self.resets} resets, 0 disagreements")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--resets", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sspr-kills-") as folder:
        kills = Kills(folder, options.resets, options.seed)
        try:
            kills.run()
        except BaseException:
            print(kills.world.log_path.read_text()[-6000:])
            print(kills.world.agent_log("site-a").read_text()[-3000:])
            raise
        finally:
            kills.world.close()


if __name__ == "__main__":
    main()
