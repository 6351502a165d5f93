#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every identifier of a journal message in the sources is in docs/journal-messages.md, and the other way
round; each means one thing. journal_test.py SOURCE"""
import collections
import pathlib
import re
import sys
import unittest

SOURCE = pathlib.Path(sys.argv.pop(1)).resolve()
DOCUMENT = SOURCE / "docs/journal-messages.md"
ID = re.compile(r"SSPR-[A-Z]\d{3}")
# Where identifiers are the values of an enumeration: the file, its name, the letter.
ENUMERATIONS = (
    ("common/client/machine_log.h", "LogId", "F"),
    ("pam_module/enroll/enroll_log.h", "EnrollLogId", "E"),
    ("writeback/agent_log.h", "AgentLogId", "W"),
    ("pam_module/doctor/report.h", "FindingId", "D"),
)


def code(path):
    """Without comments."""
    return re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))


def sources():
    for top in ("common", "pam_module", "writeback"):
        for path in sorted((SOURCE / top).rglob("*")):
            if path.suffix in (".h", ".cc"):
                yield path


def enumerators(name, enumeration):
    """[(name, value)] in order."""
    body = re.search(rf"enum class {enumeration} \{{(.*?)\}};", code(SOURCE / name), re.S)[1]
    return [(entry[1], int(entry[2])) for entry in re.finditer(r"(k\w+) = (\d+)", body)], body


def literals():
    """identifier -> the places where it stands in the code. 000 is what cannot be."""
    found = collections.defaultdict(list)
    for path in sources():
        for number, line in enumerate(code(path).splitlines(), 1):
            for identifier in ID.findall(line):
                if not identifier.endswith("000"):
                    found[identifier].append(f"{path.relative_to(SOURCE)}:{number}")
    return found


def documented():
    return re.findall(r"(?m)^\| `(SSPR-[A-Z]\d{3})` \|", DOCUMENT.read_text(encoding="utf-8"))


class JournalTest(unittest.TestCase):
    def in_sources(self):
        known = set(literals())
        for name, enumeration, letter in ENUMERATIONS:
            known |= {f"SSPR-{letter}{value:03d}" for _, value in enumerators(name, enumeration)[0]}
        return known

    def test_the_document_and_the_sources_know_the_same_identifiers(self):
        known = self.in_sources()
        self.assertGreater(len(known), 60)
        self.assertEqual(known - set(documented()), set(), "not in docs/journal-messages.md")
        self.assertEqual(set(documented()) - known, set(), "in docs/journal-messages.md alone")

    def test_each_identifier_means_one_thing(self):
        twice = [one for one, count in collections.Counter(documented()).items() if count > 1]
        self.assertEqual(twice, [])
        self.assertEqual({one: places for one, places in literals().items() if len(places) > 1}, {})
        for name, enumeration, _ in ENUMERATIONS:
            entries, body = enumerators(name, enumeration)
            # Each has its number written at it, so that an entry put in between moves no other.
            self.assertEqual(len(entries), len([word for word in body.split(",") if word.strip()]), name)
            self.assertEqual(len({value for _, value in entries}), len(entries), name)

    def test_no_enumerator_is_left_that_nothing_says(self):
        text = "".join(code(path) for path in sources() if path.suffix == ".cc")
        for name, enumeration, _ in ENUMERATIONS:
            for entry, _ in enumerators(name, enumeration)[0]:
                self.assertIn(f"{enumeration}::{entry}", text, name)

    def test_no_other_document_speaks_of_one_that_there_is_not(self):
        known = self.in_sources()
        for path in [*SOURCE.glob("*.md"), *(SOURCE / "docs").rglob("*.md"),
                     *(SOURCE / "docs/man").iterdir(), *(SOURCE / "packaging").rglob("*")]:
            if path.is_file():
                text = path.read_text(encoding="utf-8", errors="replace")
                self.assertEqual(set(ID.findall(text)) - known, set(), path)

    def test_levels_are_those_of_syslog(self):
        for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if line.startswith("| `SSPR-") and "`SSPR-D" not in cells[0]:
                self.assertEqual(len(cells), 4, line)
                self.assertIn(cells[1], ("error", "warning", "notice", "info", "debug"), line)


if __name__ == "__main__":
    unittest.main(verbosity=2)
