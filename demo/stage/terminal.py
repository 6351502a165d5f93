# SPDX-License-Identifier: Apache-2.0
"""A program on a terminal without a person: types like one, and shows what the screen showed."""

import os
import signal

import pexpect
import pyte

COLUMNS = 80
ROWS = 24
SCROLLBACK = 1000


class Unexpected(AssertionError):
    """The program showed something else, or nothing, or ended."""


class _Screen:
    """Takes what the program writes and keeps the screen with its scrollback."""

    def __init__(self):
        self._screen = pyte.Screen(COLUMNS, SCROLLBACK)
        self._stream = pyte.Stream(self._screen)

    def write(self, text):
        self._stream.feed(text)

    def flush(self):
        pass

    def lines(self):
        lines = [line.rstrip() for line in self._screen.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines


class Terminal:
    """Runs argv on a new pty; use as a context manager, so that it always ends."""

    def __init__(self, argv, environment, seconds=60, before_typing=None):
        self._screen = _Screen()
        self._before_typing = before_typing
        self._child = pexpect.spawn(
            argv[0],
            list(argv[1:]),
            timeout=seconds,
            encoding="utf-8",
            codec_errors="replace",
            dimensions=(ROWS, COLUMNS),
            env=environment,
        )
        self._child.logfile_read = self._screen
        self._child.delaybeforesend = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._child.close(force=True)

    @property
    def pid(self):
        return self._child.pid

    def expect(self, *texts, seconds=-1):
        """Waits until one of the texts is shown and gives its number."""
        try:
            return self._child.expect_exact(list(texts), timeout=seconds)
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            what = "ended" if isinstance(error, pexpect.EOF) else "went quiet"
            raise Unexpected(
                f"the program {what} before it showed {' or '.join(map(repr, texts))}; "
                f"the screen:\n{self.screen()}"
            ) from None

    def before(self):
        """What was shown between the answer and the text that was waited for last."""
        return self._child.before

    def type(self, line, hidden=False):
        """Types a line and Enter; hidden waits until the terminal has stopped to echo."""
        if hidden and not self._child.waitnoecho(timeout=10):
            raise Unexpected(f"the terminal still echoes at a secret; the screen:\n{self.screen()}")
        if self._before_typing:
            self._before_typing()
        self._child.sendline(line)
        if self._before_typing:
            self._before_typing()

    def tty(self):
        """The name of its terminal."""
        return os.readlink(f"/proc/{self.pid}/fd/0")

    def let_wait(self, seconds):
        """Lets the program wait for an answer; fails when it ends before the time has passed."""
        if self._child.expect([pexpect.TIMEOUT, pexpect.EOF], timeout=seconds) != 0:
            raise Unexpected(f"the program did not wait; the screen:\n{self.screen()}")

    def hang_up(self):
        """The line is cut: the program loses its terminal."""
        self._child.kill(signal.SIGHUP)

    def wait_for_end(self, seconds=30):
        """Waits until the program has ended; gives its exit code, or minus the signal."""
        try:
            self._child.expect(pexpect.EOF, timeout=seconds)
        except pexpect.TIMEOUT:
            raise Unexpected(f"the program did not end; the screen:\n{self.screen()}") from None
        self._child.wait()
        if self._child.signalstatus is not None:
            return -self._child.signalstatus
        return self._child.exitstatus

    def screen(self):
        return "\n".join(self._screen.lines())
