# SPDX-License-Identifier: Apache-2.0
"""Searches everything that the end-to-end tests left behind for the secrets that they used.

canary_test.py FOLDER...    FOLDER holds the scratch folders of private machines (demo/enter.sh):
                            their /etc, /var, /home and /tmp with every log, database, journal, key
                            and core, what ps could show, and the screens
canary_test.py --self-test  the search finds a secret in every form in which it could be written

Every password of the tests is marked at both ends; one-time passcodes are listed beside the scratch
folder. The delivered mail holds codes by purpose and is left out; screens show them as typed.
"""

import base64
import json
import pathlib
import re
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))

from stage.observer import CANARY_HEAD, CANARY_TAIL  # noqa: E402

SEARCHED = ("etc", "var", "home", "tmp", "observed")
MAIL = "var/mail/delivered"


def forms(secret):
    """The ways in which a secret could be written, as {name: bytes}."""
    raw = secret.encode()
    found = {
        "as it is": raw,
        "reversed": raw[::-1],
        "upper case": raw.upper(),
        "lower case": raw.lower(),
        "hex": raw.hex().encode(),
        "upper hex": raw.hex().upper().encode(),
        "spaced hex": raw.hex(" ").encode(),
        "UTF-16LE": secret.encode("utf-16-le"),
        "UTF-16BE": secret.encode("utf-16-be"),
        "URL-escaped": urllib.parse.quote(secret, safe="").encode(),
        "all URL-escaped": "".join(f"%{byte:02X}" for byte in raw).encode(),
        "JSON-escaped": json.dumps(secret)[1:-1].encode(),
        "all JSON-escaped": "".join(f"\\u{byte:04x}" for byte in raw).encode(),
        "octal-escaped": "".join(f"\\{byte:03o}" for byte in raw).encode(),
    }
    for shift in range(3):  # the characters at both ends depend on the neighbours
        text = base64.b64encode(b"\0" * shift + raw)
        first, last = (0, 2, 3)[shift], -4 if (shift + len(raw)) % 3 else len(text)
        found[f"base64 at {shift}"] = text[first:last]
        found[f"base64url at {shift}"] = text[first:last].translate(bytes.maketrans(b"+/", b"-_"))
    return found


def password_pattern():
    needles = {form for marker in (CANARY_HEAD, CANARY_TAIL) for form in forms(marker).values()}
    return re.compile(b"|".join(re.escape(needle) for needle in sorted(needles)))


def code_pattern(codes):
    """Digits that stand alone; a code inside a longer number or a hash is chance."""
    if not codes:
        return None
    needles = {form for code in codes for form in (code.encode(), code[::-1].encode())}
    return re.compile(rb"(?<![0-9A-Za-z])(?:" + b"|".join(sorted(needles)) + rb")(?![0-9A-Za-z])")


def search(scratch):
    """Yields a sentence for each file of the scratch folder that holds a secret."""
    codes_file = scratch / "observed/codes.json"
    codes = code_pattern(json.loads(codes_file.read_text()) if codes_file.exists() else [])
    passwords = password_pattern()
    for part in SEARCHED:
        for path in sorted((scratch / part).rglob("*")):
            name = path.relative_to(scratch).as_posix()
            if (
                path.is_symlink()
                or not path.is_file()
                or path == codes_file
                or name.startswith(MAIL)
            ):
                continue
            content = path.read_bytes()
            if match := passwords.search(content):
                yield f"{path}: a password, at byte {match.start()}: {match.group()!r}"
            if codes and name != "observed/screens.txt" and (match := codes.search(content)):
                yield f"{path}: a code, at byte {match.start()}: {match.group()!r}"


def self_test():
    pattern = password_pattern()
    password = f'{CANARY_HEAD}0a1b2c"&+%{CANARY_TAIL}'
    for name, form in forms(password).items():
        for before in (b"", b"x", b"xy"):
            for cut in (form, form[:-6], form[6:]):
                assert pattern.search(before + cut + b"z"), f"{name}, {cut!r}: not found"
    assert not pattern.search(b"an ordinary line of a log with canaries, Jay and cAnAry")
    codes = code_pattern(["12345678"])
    assert codes.search(b"code=12345678;") and codes.search(b'"87654321"')
    assert not codes.search(b"912345678") and not codes.search(b"a12345678f")
    print("the search finds every form")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    scratches = [
        path
        for folder in sys.argv[1:]
        for path in sorted(pathlib.Path(folder).glob("*"))
        if (path / "observed/processes.txt").exists()
    ]
    if not scratches:
        print("skipped: no end-to-end test has run (they need root)")
        return 77
    leaks = [leak for scratch in scratches for leak in search(scratch)]
    print("\n".join(leaks))
    print(f"{len(scratches)} machines searched, {len(leaks)} files hold a secret")
    return 1 if leaks else 0


if __name__ == "__main__":
    sys.exit(main())
