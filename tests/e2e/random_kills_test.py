# SPDX-License-Identifier: Apache-2.0
"""Resets in each of which one process is killed at a random moment: the login, sspr-flow, sspr-setpw, the
child that computes its hashes, or the service. Afterwards, and recovered, machine and service take the
same password, and nothing is left: no process, socket, temporary file, open entry or secret.

SSPR_KILLS says how many (15), SSPR_SEED with which seed (a new one, printed)."""

import os
import pathlib
import random
import subprocess
import time

from e2e_case import E2eCase, main, words
from stage.observer import CANARY_HEAD, CANARY_TAIL
from stage.terminal import Unexpected

VICTIMS = ("login", "sspr-flow", "sspr-setpw", "child", "service")
# Where a person is when it happens; "waiting" is behind the last answer, where the work is done.
MOMENTS = ("code", "first", "repeat", "waiting", "waiting", "waiting")
LEFT_BY_WRITERS = ("/etc/.*.sspr-new", "/etc/security/.*.sspr-new", "/etc/nshadow", "/etc/*.lock",
                   "/var/lib/sspr/.*", "/var/lib/sspr/journal/*", "/var/lib/sspr-service/*.tmp")
# Passwords are searched for where they could have been written.
SEARCHED = ("/etc", "/var/lib", "/var/log", "/run", "/tmp", "/var/tmp")
ENDED_WITHIN = 60


def processes():
    """pid -> (name, parent's pid) of what runs and is no zombie."""
    found = {}
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            text = (path / "stat").read_text()
        except OSError:
            continue
        name, rest = text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()
        if rest[0] != "Z":
            found[int(path.name)] = (name, int(rest[1]))
    return found


def ours():
    return {pid: name for pid, (name, _) in processes().items() if name in ("sspr-flow", "sspr-setpw")}


class RandomKills(E2eCase):
    def setUp(self):
        self.seed = int(os.environ.get("SSPR_SEED") or random.SystemRandom().randrange(1 << 32))
        self.count = int(os.environ.get("SSPR_KILLS") or 15)
        self.random = random.Random(self.seed)
        self.seconds_of_work = 1.0  # from the last answer to the shell, as seen last

    def _victim(self, kind, terminal):
        """Its pid, or nothing when it does not run now."""
        if kind == "service":
            return self.machine.service.pid
        if kind == "login":
            return terminal.pid
        setters = [pid for pid, (name, _) in processes().items() if name == "sspr-setpw"]
        parents = {pid: parent for pid, (_, parent) in processes().items()}
        children = [pid for pid in setters if parents.get(pid) in setters]
        if kind == "child":
            return children[0] if children else None
        if kind == "sspr-setpw":
            return next((pid for pid in setters if pid not in children), None)
        return next((pid for pid, name in ours().items() if name == kind), None)

    def _kill(self, kind, terminal):
        pid = self._victim(kind, terminal)
        if pid is None:
            return False
        try:
            os.kill(pid, 9)
        except ProcessLookupError:
            return False
        if kind == "service":
            self.machine.service.kill()  # waits for its end
            self.machine.service.start()  # as systemd does
        return True

    def _wait_and_kill(self, kind, terminal):
        """At a random moment of the work that follows the last answer. A child lives for a moment only:
        it is waited for, as long as there could be one."""
        moment = time.monotonic() + self.random.uniform(0, self.seconds_of_work)
        until = time.monotonic() + 2 * self.seconds_of_work
        while time.monotonic() < moment:
            time.sleep(0.001)
        killed = self._kill(kind, terminal)
        while kind == "child" and not killed and time.monotonic() < until and ours():
            killed = self._kill(kind, terminal)
        return killed

    def _goes_on(self, terminal, text):
        """Waits for the text; the reset may as well have ended, or asks for the same again."""
        if terminal.expect(text, words.PLAIN_PASSWORD, words.CODE_PROMPT) != 0:
            raise Unexpected("the reset does not go on")

    def _reset(self, kind, moment, new):
        """A whole reset with one kill; gives whether something was killed, and whether the person was let
        in."""
        terminal = self.login()
        killed = False
        try:
            code = self.begin_reset(terminal)
            if moment == "code":
                killed = self._kill(kind, terminal)
            terminal.type(code)
            self._goes_on(terminal, words.NEW_PASSWORD)
            if moment == "first":
                killed = self._kill(kind, terminal)
            terminal.type(new, hidden=True)
            self._goes_on(terminal, words.REPEAT)
            if moment == "repeat":
                killed = self._kill(kind, terminal)
            terminal.type(new, hidden=True)
            started = time.monotonic()
            if moment == "waiting":
                killed = self._wait_and_kill(kind, terminal)
            signed_in = terminal.expect(words.SHELL, words.PLAIN_PASSWORD, seconds=120) == 0
            if signed_in and not killed:
                self.seconds_of_work = 0.5 * self.seconds_of_work + 0.5 * (time.monotonic() - started)
        except (Unexpected, OSError):
            # The end of the login, or another sentence than of a reset that goes well.
            signed_in = False
        terminal.hang_up()
        if not (kind == "login" and killed):
            terminal.wait_for_end()
        return killed, signed_in

    def _assert_no_process_is_left(self, where):
        deadline = time.monotonic() + ENDED_WITHIN
        while ours():
            self.assertLess(time.monotonic(), deadline, f"{where}: left running: {ours()}")
            time.sleep(0.02)

    def _assert_nothing_is_left(self, where):
        found = [str(path) for pattern in LEFT_BY_WRITERS for path in pathlib.Path("/").glob(pattern[1:])
                 if path.name != ".pwd.lock"]
        self.assertEqual(found, [], f"{where}: left over")
        sockets = {str(path) for path in pathlib.Path("/run").rglob("*") if path.is_socket()}
        self.assertEqual(sockets - self.sockets, set(), f"{where}: sockets left over")
        for folder in ("/tmp", "/var/tmp"):
            self.assertEqual(set(os.listdir(folder)) - self.temporary, set(), f"{where}: {folder}")

    def _assert_no_secret_is_on_disk(self):
        done = subprocess.run(["grep", "-rlaF", "-e", CANARY_HEAD, "-e", CANARY_TAIL, *SEARCHED],
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.stdout, "", "a password is on disk")
        self.assertEqual(done.returncode, 1, done.stderr)

    def _one(self, number, tally):
        self.person = self.new_person()
        kind, moment = self.random.choice(VICTIMS), self.random.choice(MOMENTS)
        if kind == "child":
            moment = "waiting"
        where = f"seed {self.seed}, reset {number}: {kind} killed at {moment}"
        new = self.machine.new_password()
        killed, signed_in = self._reset(kind, moment, new)
        self._assert_no_process_is_left(where)
        self.assertEqual(self.machine.recover(), 0, where)
        try:
            kept = self.assert_both_or_neither(self.person.password, new)
        except AssertionError as fault:
            raise AssertionError(f"{where}: {fault}") from fault
        if signed_in:
            self.assertEqual(kept, new, f"{where}: signed in with a password that is not set")
        self._assert_nothing_is_left(where)
        key = kind if killed else "nothing"
        tally[key][kept == new] += 1

    def test_no_account_is_half_set_and_nothing_is_left(self):
        print(f"SSPR_SEED={self.seed} SSPR_KILLS={self.count}", flush=True)
        self.sockets = {str(path) for path in pathlib.Path("/run").rglob("*") if path.is_socket()}
        self.temporary = {*os.listdir("/tmp"), *os.listdir("/var/tmp")}
        tally = {kind: [0, 0] for kind in (*VICTIMS, "nothing")}
        try:
            for number in range(1, self.count + 1):
                self._one(number, tally)
            self._assert_no_secret_is_on_disk()
        finally:
            print("killed: resets with the old password kept, with the new one")
            for kind, (old, new) in tally.items():
                print(f"  {kind:12} {old:5} {new:5}", flush=True)
        self.assertGreater(sum(sum(tally[kind]) for kind in VICTIMS), self.count // 3)
        # Still of use.
        self.person = self.new_person()
        terminal = self.login()
        self.assert_password(self.reset(terminal), refused=[self.person.password])


if __name__ == "__main__":
    main()
