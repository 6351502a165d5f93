#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The systemd units: none is more exposed than 1.5 as systemd-analyze counts it, and each thing that it
still counts has its reason in a comment of the unit. units_test.py SOURCE"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

UNITS = pathlib.Path(sys.argv.pop(1)).resolve() / "packaging/systemd"
MOST = 15  # tenths
EXPECTED = {"sspr-flow@", "sspr-online@", "sspr-recover", "sspr-renew", "sspr-service", "sspr-settle",
            "sspr-setpw@", "sspr-trust", "sspr-writeback"}


def exposure(path):
    """Whether it is within the limit, and the settings that cost something."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST}", "--json=short", path],
        capture_output=True, text=True, timeout=60, check=False)
    rows = json.loads(done.stdout)
    costly = {re.split(r"[=/]", row["name"])[0] for row in rows
              if row["exposure"] and float(row["exposure"]) > 0}
    return done.returncode == 0, costly


def reasoned(text):
    """The settings that a comment names before a colon."""
    found = set()
    for line in re.findall(r"(?m)^# ([A-Za-z, ]+): ", text):
        found.update(part.strip() for part in line.split(","))
    return found


class Units(unittest.TestCase):
    def test_these_are_all_units_that_run_something(self):
        self.assertEqual({path.stem for path in UNITS.glob("*.service")}, EXPECTED)

    def test_none_is_more_exposed_than_it_may_be(self):
        for path in sorted(UNITS.glob("*.service")):
            with self.subTest(unit=path.name):
                within, costly = exposure(path)
                self.assertTrue(within, f"{path.name}: above {MOST / 10}; it still counts {sorted(costly)}")

    def test_every_exception_has_its_reason(self):
        for path in sorted(UNITS.glob("*.service")):
            with self.subTest(unit=path.name):
                _, costly = exposure(path)
                self.assertNotEqual(costly, set())
                self.assertEqual(costly - reasoned(path.read_text(encoding="utf-8")), set())

    def test_a_unit_without_confinement_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            bare = pathlib.Path(folder) / "bare.service"
            bare.write_text("[Service]\nExecStart=/bin/true\n")
            within, costly = exposure(bare)
        self.assertFalse(within)
        self.assertIn("NoNewPrivileges", costly)
        self.assertEqual(reasoned("# PrivateUsers, User: why\n# none\n"), {"PrivateUsers", "User"})

    def test_root_and_network_are_never_together(self):
        for path in UNITS.glob("*.service"):
            text = path.read_text(encoding="utf-8")
            self.assertTrue(re.search(r"(?m)^User=sspr", text) or
                            re.search(r"(?m)^PrivateNetwork=yes$", text), path.name)

    def test_what_holds_passwords_is_kept_out_of_swap_and_cores(self):
        for path in UNITS.glob("*.service"):
            text = path.read_text(encoding="utf-8")
            for line in ("MemorySwapMax=0", "LimitCORE=0", "NoNewPrivileges=yes"):
                self.assertRegex(text, rf"(?m)^{line}$", path.name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
