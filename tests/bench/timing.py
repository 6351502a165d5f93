#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Can the times of the service's answers tell who a name is? ./run bench timing

A real service with a synced database, over TLS on loopback. Each kind of name is asked about --requests times,
in random order on one connection, step by step: start, challenge, a wrong code, sign-in. Each kind is held
against the users who may reset; the p-values are corrected for their number. The answers must have the same
status and the same members too."""
import argparse
import asyncio
import http.client
import json
import os
import pathlib
import random
import secrets
import socket
import sqlite3
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

from report import table
from two_samples import holm, kolmogorov_smirnov, mann_whitney

PASSWORD = "lantern gravel 7 rivers"
CLIENT = "sspr-login"
# Of each kind so many names; each is asked about at most ten times an hour where that is limited.
NAMES = 250
ALPHA = 0.01
# A difference this small (share of pairs, 0.5 is none) helps nobody, whatever p says of many requests.
SMALL = 0.03
REFERENCE = "registered"
KINDS = [REFERENCE, "unknown", "excluded", "unregistered", "disabled"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--requests", type=int, default=2000, help="of each kind, at each step")
    parser.add_argument("--sign-ins", type=int, default=400, help="of each kind; each costs a password hash")
    parser.add_argument("--out", type=pathlib.Path, help="file for the times as JSON")
    given = parser.parse_args()
    given.build = given.build.resolve()
    return given


class Service:
    """sspr-service with users of every kind, and a mail server that takes all and keeps nothing."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.children = []
        self.mail_port = self.start_mail_sink()
        (folder / "initial-password").write_text(PASSWORD + "\n")
        demo = self.child([build / "service/sspr-service", "--demo", folder, "--listen", "127.0.0.1:0",
                           "--smtp", f"smtp://127.0.0.1:{self.mail_port}"], stdout=subprocess.PIPE, text=True)
        for line in demo.stdout:
            if line.startswith("SSPR Login is ready at "):
                self.url = urllib.parse.urlsplit(line.split()[-1])
                break
        demo.terminate()
        demo.wait(30)
        self.fill()
        self.child([build / "service/sspr-service", "--config", folder / "sspr-service.conf"],
                   stderr=subprocess.DEVNULL)
        self.tls = ssl.create_default_context(cafile=folder / "ca.pem")
        for _ in range(400):
            try:
                self.connect().close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("bench: the service does not listen")

    def child(self, command, **options):
        self.children.append(subprocess.Popen(command, **options))
        return self.children[-1]

    def start_mail_sink(self):
        sink = self.child([sys.executable, __file__, "--mail-sink"], stdout=subprocess.PIPE, text=True)
        return int(sink.stdout.readline())

    def control(self, *words, stdin=""):
        subprocess.run([self.build / "service/ssprctl", "--config", self.folder / "sspr-service.conf", *words],
                       input=stdin, text=True, check=True, stdout=subprocess.DEVNULL)

    def fill(self):
        """One user of each kind the long way, the others as copies of that one."""
        for kind in KINDS:
            if kind == "unknown":
                continue
            name = f"{kind}0000@example.org"
            self.control("users", "add", name)
            self.control("users", "set-password", name, stdin=PASSWORD + "\n")
            if kind != "excluded":
                self.control("users", "set", name, "--groups", "staff")
            if kind != "unregistered":
                self.control("methods", "add-email", name, name)
            if kind == "disabled":
                self.control("users", "disable", name)
        for key, value in [("reset.groups", "staff"), ("reset.scope", "groups"),
                           ("limits.method_failures_per_hour", "10"), ("limits.method_failures_per_day", "20"),
                           ("limits.network_failures_per_hour", "10000"),
                           ("limits.emails_per_ten_minutes", "10"), ("limits.emails_per_day", "50"),
                           ("session.seconds", "1800"), ("session.idle_seconds", "900")]:
            self.control("policy", "set", key, value)
        with sqlite3.connect(self.folder / "sspr.db") as database:
            for kind in KINDS:
                copy_users(database, f"{kind}0000@example.org", kind)
        database.close()

    def connect(self):
        client = http.client.HTTPSConnection("localhost", self.url.port, context=self.tls, timeout=60)
        client.connect()
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client

    def close(self):
        for child in reversed(self.children):
            child.terminate()
            child.wait(30)


def copy_users(database, name, kind):
    columns = [row[1] for row in database.execute("PRAGMA table_info(users)")]
    model = database.execute("SELECT * FROM users WHERE username = ?", (name,)).fetchone()
    if model is None:
        return
    user = dict(zip(columns, model))
    methods = [row[1] for row in database.execute("PRAGMA table_info(methods)")]
    own = [dict(zip(methods, row)) for row in
           database.execute("SELECT * FROM methods WHERE user_id = ?", (user["id"],))]
    for number in range(1, NAMES):
        fresh = user | {"id": secrets.token_hex(16), "username": f"{kind}{number:04}@example.org"}
        insert(database, "users", fresh)
        for method in own:
            insert(database, "methods", method | {"id": secrets.token_hex(16), "user_id": fresh["id"],
                                                  "address": fresh["username"]})


def insert(database, name, row):
    marks = ", ".join("?" * len(row))
    database.execute(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


class Asker:
    def __init__(self, service):
        self.service, self.client = service, service.connect()

    def post(self, path, **form):
        """(seconds, status, answer)"""
        body = urllib.parse.urlencode(form | {"client_id": CLIENT})
        begun = time.perf_counter()
        self.client.request("POST", self.service.url.path + path, body,
                            {"Content-Type": "application/x-www-form-urlencoded"})
        answer = self.client.getresponse()
        text = answer.read()
        taken = time.perf_counter() - begun
        return taken, answer.status, json.loads(text)


class Step:
    """One request and its times by kind of name; what was answered must look the same."""

    def __init__(self, title):
        self.title, self.times, self.shapes = title, {}, {}

    def note(self, kind, taken, status, answer):
        self.times.setdefault(kind, []).append(taken)
        shape = {name: value if name in ("error", "suberror", "error_codes", "error_description", "challenge_type",
                                         "challenge_channel", "code_length", "interval", "binding_method",
                                         "challenge_target_label", "attempts_left", "required_gates")
                 else type(value).__name__ for name, value in answer.items()}
        if "continuation_token" in answer:
            shape["continuation_token"] = len(answer["continuation_token"])
        self.shapes.setdefault(kind, set()).add(f"{status} {json.dumps(shape, sort_keys=True)}")

    def same_answers(self):
        return len({frozenset(shapes) for shapes in self.shapes.values()}) == 1


def names_of(kind, requests):
    return [f"{kind}{number % NAMES:04}@example.org" for number in range(requests)]


def shuffled(kinds, requests):
    order = [(kind, name) for kind in kinds for name in names_of(kind, requests)]
    random.shuffle(order)
    return order


def ask_resets(service, kinds, requests, title=""):
    """start, challenge and a wrong code for each name, each step by itself in random order."""
    asker = Asker(service)
    steps = [Step(title + name) for name in ("start", "challenge", "wrong code")]
    opened = []
    for kind, name in shuffled(kinds, requests):
        taken, status, answer = asker.post("/resetpassword/v1.0/start", username=name,
                                           challenge_type="oob redirect")
        steps[0].note(kind, taken, status, answer)
        opened.append((kind, answer["continuation_token"]))
    for step, path, more in [(steps[1], "challenge", {}), (steps[2], "continue",
                                                           {"grant_type": "oob", "oob": "00000000"})]:
        random.shuffle(opened)
        fresh = []
        for kind, token in opened:
            taken, status, answer = asker.post(f"/resetpassword/v1.0/{path}", continuation_token=token, **more)
            step.note(kind, taken, status, answer)
            if "continuation_token" in answer and status == 200:
                fresh.append((kind, answer["continuation_token"]))
        opened = fresh
    return steps


def ask_sign_ins(service, kinds, requests):
    asker = Asker(service)
    steps = [Step("sign-in: initiate"), Step("sign-in: wrong password")]
    for kind, name in shuffled(kinds, requests):
        taken, status, answer = asker.post("/oauth2/v2.0/initiate", username=name, challenge_type="password redirect")
        steps[0].note(kind, taken, status, answer)
        _, _, answer = asker.post("/oauth2/v2.0/challenge", continuation_token=answer["continuation_token"],
                                  challenge_type="password redirect")
        taken, status, answer = asker.post("/oauth2/v2.0/token", grant_type="password", scope="openid",
                                           continuation_token=answer["continuation_token"], password="not this one")
        steps[1].note(kind, taken, status, answer)
    return steps


def judge(steps):
    """Rows of (step, kind, medians, p, effect); whether nobody can tell."""
    rows = []
    for step in steps:
        reference = step.times[REFERENCE]
        for kind, times in step.times.items():
            if kind == REFERENCE:
                continue
            p, share = mann_whitney(reference, times)
            p_shape, distance = kolmogorov_smirnov(reference, times)
            rows.append([step.title, kind, len(times), statistics.median(reference) * 1e6,
                         statistics.median(times) * 1e6, p, share, p_shape, distance])
    corrected = holm([row[5] for row in rows])
    corrected_shape = holm([row[7] for row in rows])
    good = all(step.same_answers() for step in steps)
    cells = []
    for row, p, p_shape in zip(rows, corrected, corrected_shape):
        told = min(p, p_shape) < ALPHA and abs(row[6] - 0.5) > SMALL
        good = good and not told
        cells.append([f"{row[0]}: {row[1]}", row[2], f"{row[3]:.0f}", f"{row[4]:.0f}", f"{row[5]:.3f}", f"{p:.3f}",
                      f"{row[6]:.3f}", f"{row[7]:.3f}", f"{row[8]:.3f}", "CAN TELL" if told else "same"])
    print(table(["step: kind of name", "requests", f"{REFERENCE}, us", "this, us", "p (MW)", "p (Holm)",
                 "P(this slower)", "p (KS)", "D", ""], cells))
    for step in steps:
        if not step.same_answers():
            print(f"  {step.title}: THE ANSWERS DIFFER")
            for kind, shapes in step.shapes.items():
                print(f"    {kind}: {sorted(shapes)}")
    return good


def main():
    if sys.argv[1:] == ["--mail-sink"]:
        return mail_sink()
    given = arguments()
    if os.getloadavg()[0] > 0.5 * os.cpu_count():
        print(f"  This machine is busy (load {os.getloadavg()[0]:.1f}): differences drown in it.")
    with tempfile.TemporaryDirectory(prefix="sspr-timing-") as scratch:
        folder = pathlib.Path(scratch) / "service"
        folder.mkdir(mode=0o700)
        service = Service(given.build, folder)
        try:
            steps = ask_resets(service, KINDS, given.requests)
            # By now each name has failed more often than that: the locked.
            service.control("policy", "set", "limits.method_failures_per_hour", "1")
            steps += [step for step in ask_resets(service, KINDS, given.requests, "locked, ")[:2]]
            steps += ask_sign_ins(service, KINDS, given.sign_ins)
        finally:
            service.close()
    good = judge(steps)
    if given.out:
        given.out.write_text(json.dumps({step.title: step.times for step in steps}))
    print("Nobody can tell the kinds of names apart." if good else
          "The kinds of names CAN BE TOLD APART.")
    return 0 if good else 1


def mail_sink():
    """Takes every mail. A process of its own, so that it is in nobody's way here."""
    async def serve(reader, writer):
        async def say(text):
            writer.write(text + b"\r\n")
            await writer.drain()
        await say(b"220 sink")
        try:
            while line := await reader.readline():
                word = line[:4].upper()
                if word == b"DATA":
                    await say(b"354 go on")
                    while (await reader.readline()) not in (b".\r\n", b""):
                        pass
                elif word == b"QUIT":
                    await say(b"221 bye")
                    break
                await say(b"250 ok")
        except (ConnectionError, ValueError):
            pass
        writer.close()

    async def run():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
