#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The manual pages are well formed; every option, command and key of the programs is in them; and the
completions offer every command. man_test.py SOURCE BUILT SERVICE SSPRCTL ENROLL DOCTOR WRITEBACK"""
import pathlib
import re
import subprocess
import sys
import unittest

SOURCE, BUILT, SERVICE, CONTROL, ENROLL, DOCTOR, WRITEBACK = (pathlib.Path(word) for word in sys.argv[1:8])
del sys.argv[1:8]
PAGES = [SOURCE / "docs/man/sspr-service.8", BUILT / "ssprctl.8", BUILT / "sspr-service.conf.5",
         BUILT / "sspr-enroll.8", BUILT / "sspr-doctor.8", BUILT / "pam_sspr.8", BUILT / "sspr.conf.5",
         SOURCE / "docs/man/sspr-profile.8", BUILT / "sspr-writeback.8"]
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
        self.assertGreater(self.check_commands(CONTROL, PAGES[1]), 30)

    def test_the_tools_every_command_and_option(self):
        self.assertEqual(self.check_commands(ENROLL, PAGES[3]), 5)
        self.assertEqual(self.check_commands(WRITEBACK, PAGES[8]), 3)
        for program, page in [(ENROLL, PAGES[3]), (DOCTOR, PAGES[4])]:
            options = {name for term, _ in help_of(program, ())[2]["Options"]
                       for name in re.findall(r"--[\w-]+", term.split(" ")[0])}
            self.assertGreater(len(options), 4)
            for option in options:
                self.assertRegex(shown(page), rf"(?m)^ +(-h, )?{option}\b", option)

    def check_commands(self, program, page):
        page = shown(page)
        count = 0
        for words, options in commands(program):
            section = re.search(rf"(?ms)^   {re.escape(' '.join(words))}( [A-Z_ ]+)?$(.*?)(?=^ ? ? ?\S)", page)
            self.assertIsNotNone(section, words)
            for option in options:
                self.assertIn(option, section[2], words)
            count += 1
        return count

    def test_the_services_configuration_every_key_and_no_other(self):
        self.check_keys("service/config/service_config.cc", PAGES[2], 40)

    def test_the_machines_configuration_every_key_and_no_other(self):
        self.check_keys("common/config/known_keys.h", PAGES[6], 15)

    def test_the_module_every_word(self):
        page = shown(PAGES[5])
        source = re.sub(r"//[^\n]*", "", (SOURCE / "pam_module/module/options.cc").read_text())
        known = set(re.findall(r'"(\w+)="', source)) | {"debug"}
        self.assertGreater(len(known), 4)
        for word in known:
            self.assertRegex(page, rf"(?m)^     (\S+, )*{word}(=|  |$)", word)

    def check_keys(self, source, page, least):
        page = shown(page)
        source = (SOURCE / source).read_text()
        known = set(re.findall(r'\{"(\w+)", "(\w+)"\}',
                               re.search(r"kKnown\w*\[\] = \{(.*?)\n\};", source, re.S)[1]))
        self.assertGreater(len(known), least)
        documented = set()
        sections = []
        for line in page.splitlines():
            if re.match(r"   \[", line):
                sections = re.findall(r"\[(\w+)\]", line)
            elif sections and (entry := re.match(r"     ([a-z]\w*(?:(?:, | or |; )\w+)*)(?:  |$)", line)):
                documented |= {(section, key) for section in sections
                               for key in re.split(r", | or |; ", entry[1])}
        self.assertEqual(known - documented, set(), "keys that the document lacks")
        self.assertEqual(documented - known, set(), "keys that no program knows")

    def test_the_completions_offer_every_command_and_option(self):
        for program, function in [(CONTROL, "_ssprctl"), (ENROLL, "_sspr_enroll"), (DOCTOR, "_sspr_doctor")]:
            self.check_completion(program, function)

    def check_completion(self, program, function):
        families = {"": {name for term, _ in help_of(program, ())[2]["Options"]
                         for name in re.findall(r"--[\w-]+", term.split(" ")[0])}}
        for words, options in commands(program):
            if not words:
                continue
            families.setdefault(" ".join(words), set()).update(options)
            families.setdefault("", set()).add(words[0])
            if len(words) > 1:
                families.setdefault(words[0], set()).add(words[1])
        for family, actions in families.items():
            words = [program.name, *family.split(), "''"]
            script = (f". {SOURCE}/packaging/completion/{program.name}; COMP_WORDS=({' '.join(words)});"
                      f" COMP_CWORD={len(words) - 1}; {function}; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
            offered = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
            self.assertEqual(actions - set(offered.stdout.split()), set(), f"completion of '{family}'")


if __name__ == "__main__":
    unittest.main(verbosity=2)
