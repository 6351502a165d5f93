# SPDX-License-Identifier: Apache-2.0
"""An X display without a monitor: reads what a person would see on it, types, keeps pictures."""

import os
import pathlib
import re
import subprocess
import time

SIZE = "1152x900x24"


class Unseen(AssertionError):
    """The text did not come to the screen."""


class XScreen:
    """An X server that somebody else started (number, authority), or one of our own."""

    def __init__(self, pictures, number=None, authority=None):
        self._pictures = pathlib.Path(pictures)
        self._pictures.mkdir(parents=True, exist_ok=True)
        self._number = number
        self._authority = authority
        self._server = None

    def __enter__(self):
        if self._number is None:
            self._start()
        return self

    def __exit__(self, *_):
        if self._server:
            self._server.kill()
            self._server.wait()

    def _start(self):
        reading, writing = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", SIZE, "-ac", "-nolisten", "tcp"],
            pass_fds=[writing],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as said:
            self._number = int(said.readline())

    @property
    def environment(self):
        """What a program needs to show itself here."""
        found = {"DISPLAY": f":{self._number}", "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
        if self._authority:
            found["XAUTHORITY"] = str(self._authority)
        return found

    def _run(self, *command, stdin=b""):
        return subprocess.run(
            command, input=stdin, capture_output=True, env=self.environment, timeout=60, check=False
        )

    def picture(self, name):
        """Keeps the screen as NAME.png and gives its path."""
        path = self._pictures / f"{name}.png"
        done = self._run("import", "-window", "root", "+dither", "-colors", "128", str(path))
        if done.returncode != 0:
            raise AssertionError(done.stderr.decode())
        return path

    def text(self):
        """What is written on the screen, its white space as single spaces."""
        # Two colours: shades and rounded frames are taken for letters.
        plain = ("-trim", "+repage", "-bordercolor", "white", "-border", "20",
                 "-colorspace", "Gray", "-filter", "Triangle", "-resize", "300%", "-threshold", "70%")
        shot = self._run("import", "-window", "root", "pnm:-")
        if shot.returncode != 0:
            raise AssertionError(shot.stderr.decode())
        plainly = self._run("convert", "pnm:-", *plain, "pnm:-", stdin=shot.stdout)
        read = self._run("tesseract", "-", "-", "--psm", "11", "--dpi", "150", stdin=plainly.stdout)
        return re.sub(r"\s+", " ", read.stdout.decode(errors="replace"))

    def has_colour(self, colour):
        """Whether the corner of the screen has this colour, as #RRGGBB."""
        shot = self._run("import", "-window", "root", "-crop", "1x1+2+2", "-depth", "8", "txt:-")
        return colour.upper() in shot.stdout.decode().upper()

    def codes(self):
        """The contents of the QR codes on the screen, as a phone would read them."""
        near = self._run("import", "-window", "root", "png:-").stdout
        # From where single characters are no longer told apart.
        blurred = ("-colorspace", "Gray", "-blur", "0x3", "-resize", "50%")
        far = self._run("convert", "png:-", *blurred, "png:-", stdin=near)
        found = []
        for shot in (near, far.stdout):
            read = self._run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", "-", stdin=shot)
            found += [code for code in read.stdout.decode().splitlines() if code not in found]
        return found

    def wait_for(self, *texts, seconds=90, meanwhile=None):
        """Waits until one of the texts can be read on the screen; gives its number. meanwhile is done
        before each look."""
        deadline = time.monotonic() + seconds
        while True:
            if meanwhile:
                meanwhile()
            seen = self.text()
            for number, text in enumerate(texts):
                if text in seen:
                    return number
            if time.monotonic() > deadline:
                self.picture("unseen")
                raise Unseen(f"{' or '.join(map(repr, texts))} did not come; the screen: {seen}")
            time.sleep(0.2)

    def type(self, text, enter=True):
        """Types text and Enter; the text is in no argument list."""
        self._run("xdotool", "type", "--delay", "25", "--file", "-", stdin=text.encode())
        if enter:
            self._run("xdotool", "key", "Return")

    def wake(self):
        """Moves the mouse."""
        self._run("xdotool", "mousemove_relative", "30", "30")
