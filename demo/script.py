# SPDX-License-Identifier: Apache-2.0
"""The demo without a person: plays the whole story at a real /bin/login, prints what the screen
showed, and ends with 0 only if every check held. Runs inside enter.sh."""

import sys

from stage import journey, words
from stage.machine import Machine

NAME = "alice"


class Play:
    def __init__(self, machine):
        self._machine = machine
        self._alice = machine.alice
        self._checks = []

    def _check(self, what, holds):
        self._checks.append((what, bool(holds)))

    def _scene(self, title, play):
        """One login on a screen of its own: plays it and prints what was shown."""
        print(f"\n\033[1m=== {title}\033[0m", flush=True)
        with self._machine.login() as terminal:
            try:
                play(terminal)
            except AssertionError as error:
                self._check(f"{title}: {str(error).splitlines()[0]}", False)
            print("\n".join("  | " + line for line in terminal.screen().splitlines()), flush=True)

    def _sign_in(self, password, what):
        def play(terminal):
            journey.to_password_prompt(terminal, NAME)
            terminal.type(password, hidden=True)
            signed_in = terminal.expect(words.SHELL, words.INCORRECT) == 0
            if signed_in:
                terminal.type("id -un")
                terminal.expect(f"{NAME}\r\n")
                terminal.expect(words.SHELL)
                terminal.type("exit")
                terminal.wait_for_end()
            self._check(what, signed_in == ("reaches a shell" in what))

        return play

    def _reset(self, new_password):
        def play(terminal):
            journey.to_password_prompt(terminal, NAME)
            journey.begin(terminal)
            terminal.type(journey.to_mailed_code(terminal, self._machine, self._alice, 0))
            journey.choose_password(terminal, new_password)
            journey.to_shell(terminal, NAME)
            self._check('the reset through "forgotten" succeeds and reaches a shell', True)

        return play

    def run(self):
        machine, old = self._machine, self._alice.password
        new = machine.new_password()
        self._scene(
            "Alice signs in with her password",
            self._sign_in(old, "the old password reaches a shell"),
        )
        self._scene(
            "Somebody types a wrong password",
            self._sign_in(old + "x", "a wrong password is refused"),
        )
        self._scene("Alice has forgotten her password and presses Enter", self._reset(new))
        self._scene(
            "The old password, after the reset",
            self._sign_in(old, "the old password is refused at the login"),
        )
        self._scene(
            "The new password, at a later login",
            self._sign_in(new, "the new password reaches a shell"),
        )
        self._check(
            "the old password is refused at the service", not machine.service_accepts(NAME, old)
        )
        self._check("the new password signs in at the service", machine.service_accepts(NAME, new))
        self._check("the new password is the one on the machine", machine.local_accepts(NAME, new))
        return self._report()

    def _report(self):
        print("\n\033[1m=== Checks\033[0m")
        for what, holds in self._checks:
            print(f"  {'ok    ' if holds else 'FAILED'}  {what}")
        failed = sum(not holds for _, holds in self._checks)
        print(f"{len(self._checks) - failed} of {len(self._checks)} hold")
        return 1 if failed or len(self._checks) < 8 else 0


def main():
    with Machine() as machine:
        return Play(machine).run()


if __name__ == "__main__":
    sys.exit(main())
