#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The manual pages are well formed; every option, command and key of the programs is in them; and the
completion of ssprctl offers every command. man_test.py SOURCE BUILT SERVICE SSPRCTL"""
import pathlib
import re
import subprocess
import sys
import unittest

SOURCE, BUILT, SERVICE, CONTROL = (pathlib.Path(word) for word in sys.argv[1:5])
del sys.argv[1:5]
PAGES = [SOURCE / "docs/man/sspr-service.8", BUILT / "ssprctl.8", BUILT / "sspr-service.conf.5",
         SOURCE / "docs/man/sspr-profile.8"]
sys.path.insert(0, str(SOURCE / "docs/man"))
from make_man import help_of  # noqa: E402 pylint: disable=wrong-import-position


def shown(page):
    done = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=200", page], capture_output=True, text=True,
                          check=True)
    return re.sub(r".\x08", "", done.stdout)


def commands(program, command=()):
    """Every command that does something: its words and its own options."""
    _, _, sections = help_of(program, command)
    below = sections.get("Subcommands", [])
    if not below:
        options = {name for heading, rows in sections.items() if heading not in ("Positionals", "Subcommands")
                   for term, _ in rows for name in re.findall(r"--[\w-]+", term.split(" ")[0])}
        yield command, options - {"--help"}
    for name, _ in below:
        yield from commands(program, (*command, name))


class ManTest(unittest.TestCase):
    def test_the_pages_are_well_formed(self):
        for page in PAGES:
            lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True,
                                  check=False)
            self.assertEqual((lint.returncode, lint.stdout), (0, ""), page)
            roff = subprocess.run(["man", "--warnings", "-l", page], capture_output=True, text=True, check=False)
            self.assertEqual((roff.returncode, roff.stderr), (0, ""), page)

    def test_the_service_every_option(self):
        page = shown(PAGES[0])
        options = {name for rows in help_of(SERVICE, ())[2].values() for term, _ in rows
                   for name in re.findall(r"--[\w-]+", term)}
        self.assertIn("--check-config", options)
        for option in options:
            self.assertRegex(page, rf"(?m)^ +(-h, )?{option}\b", option)

    def test_the_control_every_command_and_option(self):
        page = shown(PAGES[1])
        count = 0
        for words, options in commands(CONTROL):
            section = re.search(rf"(?ms)^   {re.escape(' '.join(words))}( [A-Z_ ]+)?$(.*?)(?=^ ? ? ?\S)", page)
            self.assertIsNotNone(section, words)
            for option in options:
                self.assertIn(option, section[2], words)
            count += 1
        self.assertGreater(count, 30)

    def test_the_configuration_every_key_and_no_other(self):
        page = shown(PAGES[2])
        source = (SOURCE / "service/config/service_config.cc").read_text()
        known = set(re.findall(r'\{"(\w+)", "(\w+)"\}', re.search(r"kKnown\[\] = \{(.*?)\n\};", source, re.S)[1]))
        self.assertGreater(len(known), 40)
        documented = set()
        sections = []
        for line in page.splitlines():
            if re.match(r"   \[", line):
                sections = re.findall(r"\[(\w+)\]", line)
            elif sections and (entry := re.match(r"     ([a-z]\w*(?:(?:, | or |; )\w+)*)(?:  |$)", line)):
                documented |= {(section, key) for section in sections
                               for key in re.split(r", | or |; ", entry[1])}
        self.assertEqual(known - documented, set(), "keys that docs/service-configuration.md lacks")
        self.assertEqual(documented - known, set(), "keys that no program knows")

    def test_the_completion_offers_every_command_and_option(self):
        families = {}
        for words, options in commands(CONTROL):
            families.setdefault(" ".join(words), set()).update(options)
            families.setdefault("", set()).add(words[0])
            if len(words) > 1:
                families.setdefault(words[0], set()).add(words[1])
        for family, actions in families.items():
            words = ["ssprctl", *family.split(), "''"]
            script = (f". {SOURCE}/packaging/completion/ssprctl; COMP_WORDS=({' '.join(words)});"
                      f" COMP_CWORD={len(words) - 1}; _ssprctl; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
            offered = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
            self.assertEqual(actions - set(offered.stdout.split()), set(), f"completion of '{family}'")


if __name__ == "__main__":
    unittest.main(verbosity=2)
