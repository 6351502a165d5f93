# SPDX-License-Identifier: Apache-2.0
"""Killed around the moment where the password is set: whatever dies, and whenever, recovery leaves
the new password on machine and service, or the old one on both."""

import pathlib
import subprocess

from e2e_case import E2eCase, main, words


CALLS_THAT_REACH_THE_DISK = "fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat"
CALLS_THAT_SEND = "write,sendto,sendmsg"
MOST_STEPS = 25


class KilledAt:
    """Kills a running process at its n-th system call of the named ones (a,b,c)."""

    def __init__(self, pid, calls, number):
        self._log = pathlib.Path("/run/killed-at.log")
        self._strace = subprocess.Popen(
            ["strace", "-f", "-s0", "-o", str(self._log), "-p", str(pid), "-e", f"trace={calls}"]
            + ["-e", f"inject={calls}:signal=KILL:when={number}"],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        said = ""
        while "attached" not in said:
            if not (line := self._strace.stderr.readline()):
                raise AssertionError(f"strace did not attach: {said}")
            said += line

    def stop(self):
        """Lets go of the process; True when it was killed."""
        # The terminal may know of the death before strace has noted it.
        try:
            self._strace.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._strace.terminate()
            self._strace.communicate(timeout=20)
        return "killed by SIGKILL" in self._log.read_text()


class Interrupted(E2eCase):
    def _reset_with_a_kill(self, pid_of, calls, number):
        """Gives whether the process was killed, whether the login let the person in, and the new
        password."""
        terminal = self.login()
        terminal.type(self.begin_reset(terminal))
        new = self.machine.new_password()
        terminal.expect(words.NEW_PASSWORD)
        terminal.type(new, hidden=True)
        terminal.expect(words.REPEAT)
        killer = KilledAt(pid_of(), calls, number)
        terminal.type(new, hidden=True)
        signed_in = terminal.expect(words.SHELL, words.PLAIN_PASSWORD, seconds=120) == 0
        killed = killer.stop()
        terminal.hang_up()
        terminal.wait_for_end()
        return killed, signed_in, new

    def _kept_after_a_kill(self, pid_of, calls, number, after=lambda: None):
        """Gives whether there was a kill, and which password is in force: "old" or "new"."""
        self.person = self.new_person()
        with self.subTest(calls=calls, number=number):
            killed, signed_in, new = self._reset_with_a_kill(pid_of, calls, number)
            after()
            self.assertEqual(self.machine.recover(), 0)
            kept = self.assert_both_or_neither(self.person.password, new)
            if signed_in:
                self.assertEqual(kept, new, "signed in with a password that is not set")
            self.assertEqual(self.open_journal_entries(), [])
        return killed, "new" if kept == new else "old"

    def _sweep(self, pid_of, calls, after=lambda: None):
        """Kills at each step in turn, until the work is done before the kill; gives what was kept."""
        outcomes = []
        for number in range(1, MOST_STEPS):
            killed, kept = self._kept_after_a_kill(pid_of, calls, number, after)
            outcomes.append(kept)
            if not killed:
                return outcomes
        self.fail(f"after {MOST_STEPS} steps the work was still not done")

    def _newest(self, name):
        pids = subprocess.run(
            ["pgrep", "--newest", "--exact", name],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        ).stdout
        return int(pids)

    def test_the_setter_is_killed_at_each_step_that_reaches_the_disk(self):
        outcomes = self._sweep(lambda: self._newest("sspr-setpw"), CALLS_THAT_REACH_THE_DISK)
        self.assertIn("old", outcomes)
        self.assertIn("new", outcomes[:-1])

    def test_the_flow_is_killed_at_each_message_that_it_sends(self):
        outcomes = self._sweep(lambda: self._newest("sspr-flow"), CALLS_THAT_SEND)
        self.assertIn("old", outcomes)
        self.assertIn("new", outcomes[:-1])

    def test_the_service_is_killed_at_each_step_that_reaches_the_disk(self):
        def start_again():
            if self.machine.service.has_ended():
                self.machine.service.start()

        def pid():
            return self.machine.service.pid

        # What is set is written and synced in one step: behind its first write nothing is lost.
        self.assertEqual(self._kept_after_a_kill(pid, "pwrite64", 1, start_again), (True, "old"))
        self.assertIn("new", self._sweep(pid, CALLS_THAT_REACH_THE_DISK, start_again)[:-1])


if __name__ == "__main__":
    main()
