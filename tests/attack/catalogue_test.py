#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""docs/attack-catalogue.md names only tests that exist: files below tests/, and in them the test of that name (with
"…" its beginning). catalogue_test.py SOURCE"""
import pathlib
import re
import sys
import unittest

SOURCE = pathlib.Path(sys.argv.pop(1))


def missing(catalogue):
    """What is named and is not there. `::name` is in the file that was named before it."""
    faults, count, current = [], 0, None
    for named in re.finditer(r"`([\w/.]*)::([\w…]+)`|`([\w/]+\.(?:cc|py|mjs))`", catalogue):
        current = named[1] or named[3] or current
        if (named[1], named[2]) == ("file", "test"):
            continue  # the legend
        path = SOURCE / "tests" / current
        count += 1
        if not path.exists():
            faults.append(f"{current}: no such file")
        elif named[2]:
            name = re.escape(named[2].rstrip("…")) + ("" if named[2].endswith("…") else r"\b")
            test = rf"(?:def|function) {name}|TEST(?:_[FP])?\(\w+,\s*{name}|TEST(?:_[FP])?\({name}"
            if not re.search(test, path.read_text()):
                faults.append(f"{current}::{named[2]}")
    return faults, count


class CatalogueTest(unittest.TestCase):
    def test_every_test_that_is_named_exists(self):
        faults, count = missing((SOURCE / "docs/attack-catalogue.md").read_text())
        self.assertEqual(faults, [])
        self.assertGreater(count, 80)

    def test_a_name_that_is_none_is_found(self):
        self.assertEqual(missing("`attack/requests_test.py::test_of_nothing`, `attack/nothing_test.py`")[0],
                         ["attack/requests_test.py::test_of_nothing", "attack/nothing_test.py: no such file"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
