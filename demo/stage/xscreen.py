# SPDX-License-Identifier: Apache-2.0
"""An X display without a monitor: reads what a person would see on it, types, keeps pictures."""

import os
import pathlib
import re
import secrets
import subprocess
import time

SIZE = "1152x900x24"
# For one command: reading a screen takes a second or two, and a hundred times that where all cores are busy.
COMMAND_SECONDS = 400
# However slowly it reads, nobody gives up before so many looks.
FEWEST_LOOKS = 5
# Pictures whose text is remembered: a cursor that blinks is two of them.
REMEMBERED = 4


def typable():
    """A password without Shift, which synthetic keys lose in some programs. No letter is followed by itself
    or by a neighbour in the alphabet: cracklib refuses what has a few such pairs."""
    letters = [secrets.choice("bdfhkmqtwz")]
    while len(letters) < 18:
        letters.append(secrets.choice("bdfhkmqtwz".replace(letters[-1], "")))
    return "".join(letters)


class Unseen(AssertionError):
    """The text did not come to the screen."""


class XScreen:
    """An X server that somebody else started (number, authority), or one of our own, with more options
    (of which -query lets a display manager serve it). dark: what is to be read is light on dark; mixed: some of
    it is, or it is grey."""

    def __init__(self, pictures, number=None, authority=None, options=(), dark=False, mixed=False):
        self._pictures = pathlib.Path(pictures)
        self._pictures.mkdir(parents=True, exist_ok=True)
        self._number = number
        self._authority = authority
        self._options = options
        self._two_colours = ("-negate", "-normalize", "-threshold", "75%") if dark else ("-threshold", "70%")
        if mixed:  # by what is around each point
            self._two_colours = ("-lat", "40x40-5%")
        self._seen = {}
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
        log = open(self._pictures / "Xvfb.log", "ab")
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", SIZE, "-ac", "-nolisten", "tcp",
             *self._options],
            pass_fds=[writing],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        log.close()
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
            command, input=stdin, capture_output=True, env=self.environment, timeout=COMMAND_SECONDS,
            check=False
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
        shot = self._shot()
        if shot not in self._seen:
            read = self._read(shot, "-trim", "+repage", "-bordercolor", "white", "-border", "20")
            while len(self._seen) >= REMEMBERED:
                del self._seen[next(iter(self._seen))]
            self._seen[shot] = re.sub(r"\s+", " ", read)
        return self._seen[shot]

    def _shot(self):
        done = self._run("import", "-window", "root", "pnm:-")
        if done.returncode != 0:
            raise AssertionError(done.stderr.decode())
        return done.stdout

    def _read(self, shot, *first, form=()):
        """What this picture says after some changes of it, as tesseract writes it."""
        # Two colours: shades and rounded frames are taken for letters.
        plain = (*first, "-colorspace", "Gray", "-filter", "Triangle", "-resize", "300%", *self._two_colours)
        plainly = self._run("convert", "pnm:-", *plain, "pnm:-", stdin=shot)
        read = self._run("tesseract", "-", "-", "--psm", "11", "--dpi", "150", *form, stdin=plainly.stdout)
        return read.stdout.decode(errors="replace")

    def click(self, word):
        """Clicks on the uppermost place where this word is written."""
        rows = [row.split("\t") for row in self._read(self._shot(), form=("tsv",)).splitlines()[1:]]
        places = [(int(top) + int(height) // 2, int(left) + int(width) // 2)
                  for *_, left, top, width, height, _, text in rows if text.strip() == word]
        if not places:
            raise Unseen(f"{word!r} is not written on the screen: {self.text()}")
        down, across = min(places)
        self.click_at(across // 3, down // 3)

    def click_at(self, across, down):
        """Clicks so many pixels from the left and from the top."""
        self._run("xdotool", "mousemove", str(across), str(down), "click", "1")

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
        looks = 0
        while True:
            if meanwhile:
                meanwhile()
            seen = self.text()
            looks += 1
            for number, text in enumerate(texts):
                if text in seen:
                    return number
            if looks >= FEWEST_LOOKS and time.monotonic() > deadline:
                self.picture("unseen")
                raise Unseen(f"{' or '.join(map(repr, texts))} did not come; the screen: {seen}")
            time.sleep(0.2)

    def type(self, text, enter=True):
        """Types text and Enter; the text is in no argument list."""
        self._run("xdotool", "type", "--delay", "25", "--file", "-", stdin=text.encode())
        if enter:
            self._run("xdotool", "key", "Return")

    def answer(self, text, then, clear="ctrl+a"):
        """Types text and Enter, and waits for what comes then: a text on the screen, or a function to say
        yes. A field that can be seen does not always take keys yet: what had no effect is typed again. clear:
        the key after which that takes the place of what may be in the field; none where nothing may be in it."""
        comes = then if callable(then) else lambda: then in self.text()
        for _ in range(4):
            if clear:
                self.key(clear)
            self.type(text)
            deadline = time.monotonic() + 30
            looks = 0
            while looks < FEWEST_LOOKS or time.monotonic() < deadline:
                if comes():
                    return
                looks += 1
                time.sleep(0.2)
        self.picture("unseen")
        raise Unseen(f"{then!r} did not come after an answer; the screen: {self.text()}")

    def key(self, *names):
        """Presses keys, by xdotool's names."""
        self._run("xdotool", "key", *names)

    def wake(self):
        """Moves the mouse."""
        self._run("xdotool", "mousemove_relative", "30", "30")
