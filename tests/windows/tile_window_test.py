#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tile_window_test.py PROGRAM PICTURE: the tile drawn in a window under Xvfb; PICTURE is for a person to look at. What can be
said without one: the logo, the fields and their words cover a good part of it."""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import wine_case

LIMIT = 60  # seconds


def colours(picture):
    """How many pixels there are of each colour."""
    said = subprocess.run(["convert", picture, "-format", "%c", "-depth", "8", "histogram:info:-"], check=True,
                          capture_output=True, text=True).stdout
    counts = {}
    for line in said.splitlines():
        words = line.split()
        if len(words) > 2:
            counts[next(word for word in words if word.startswith("#"))[:7]] = int(words[0].rstrip(":"))
    return counts


def main():
    program, picture = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        marker = pathlib.Path(scratch) / "drawn"
        reading, writing = os.pipe()
        screen = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", "990x470x24", "-nolisten", "tcp"],
                                  pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        display = ":" + os.read(reading, 16).decode().strip()
        # A desktop of its own: Wine's usual one may still be up from the test before, and that one has no display.
        painter = subprocess.Popen([wine_case.WINE, "run", "explorer", "/desktop=sspr_tile,990x470", program,
                                    wine_case.windows_path(marker)],
                                   env={**os.environ, "WINE_DISPLAY": display}, stdout=subprocess.DEVNULL)
        try:
            end = time.monotonic() + LIMIT
            while not marker.exists():
                assert painter.poll() is None, "the program ended"
                assert time.monotonic() < end, "nothing was drawn"
                time.sleep(0.1)
            subprocess.run(["import", "-display", display, "-window", "root", picture], check=True)
        finally:
            screen.terminate()  # which ends the window, too
            screen.wait(LIMIT)
            painter.terminate()
            painter.wait(LIMIT)
    found = colours(picture)
    print(f"{picture}: {len(found)} colours")
    assert found.get("#182C42", 0) > 100_000, "the ground is not there"
    assert found.get("#1F5F8B", 0) > 3 * 8_000, "three logos are not there"
    assert found.get("#FFFFFF", 0) > 10_000, "words and fields are not there"


if __name__ == "__main__":
    main()
