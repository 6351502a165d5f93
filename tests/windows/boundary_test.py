#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the login screen of Windows loads, from the outside: size, imports, exports, hardening, and what its
sources may include. `boundary_test.py SOURCE_FOLDER DLL PROGRAM...`"""
import pathlib
import re
import subprocess
import sys
import unittest

SOURCE = pathlib.Path(sys.argv[1])
DLL = pathlib.Path(sys.argv[2])
PROGRAMS = [pathlib.Path(name) for name in sys.argv[3:]]
# Nothing that draws, browses, prints or runs anything (docs/attack-catalogue.md, P01), nothing of ours beside it.
DLL_IMPORTS = {"advapi32.dll", "gdi32.dll", "kernel32.dll", "msvcrt.dll", "ole32.dll", "secur32.dll", "user32.dll"}
PROGRAM_IMPORTS = {"advapi32.dll", "bcrypt.dll", "kernel32.dll", "msvcrt.dll", "ncrypt.dll", "winhttp.dll"}
# The one with the login screen's rights has no network, no keys, and SAM.
SETPW_IMPORTS = {"advapi32.dll", "bcrypt.dll", "kernel32.dll", "msvcrt.dll", "netapi32.dll"}
# Hands anything to the shell, or shows a window or a box of its own.
NEVER = re.compile(r"ShellExecute|WinExec|MessageBox|CreateWindow|DialogBox|system$|_popen|LoadLibraryA|LoadLibraryExA")
MOST_BYTES = {"sspr_credprov.dll": 1 << 20, "sspr-flow.exe": 6 << 20, "sspr-doctor.exe": 2 << 20,
              "sspr-enroll.exe": 2 << 20, "sspr-setpw.exe": 1 << 20}


def dump(path):
    return subprocess.run(["x86_64-w64-mingw32-objdump", "-p", str(path)], check=True, capture_output=True,
                          text=True).stdout


def imports(text):
    return {name.lower() for name in re.findall(r"DLL Name: (\S+)", text)}


def imported_functions(text):
    table = text[text.index("The Import Tables"):]
    end = table.find("The Export Tables")
    return set(re.findall(r"^\t[0-9a-f]+\t\s*\d+\s+(\S+)", table[:end if end > 0 else len(table)], re.M))


class Boundary(unittest.TestCase):
    def test_dll_imports_windows_alone(self):
        text = dump(DLL)
        self.assertEqual(imports(text), DLL_IMPORTS)
        functions = imported_functions(text)
        self.assertIn("CreateProcessAsUserW", functions)
        self.assertFalse([name for name in functions if NEVER.search(name)])

    def test_dll_exports_two_doors(self):
        names = re.findall(r"^\s+\[\s*\d+\] (?:\+base\[\s*\d+\]\s+[0-9a-f]+ )?(\w+)$", dump(DLL), re.M)
        self.assertEqual(sorted(set(names)), ["DllCanUnloadNow", "DllGetClassObject"])

    def test_programs_import_windows_alone(self):
        for program in PROGRAMS:
            with self.subTest(program.name):
                allowed = SETPW_IMPORTS if program.name == "sspr-setpw.exe" else PROGRAM_IMPORTS
                self.assertLessEqual(imports(dump(program)), allowed)
                self.assertFalse([name for name in imported_functions(dump(program)) if NEVER.search(name)])

    def test_memory_protections_are_on(self):
        for path in [DLL, *PROGRAMS]:
            with self.subTest(path.name):
                text = dump(path)
                for flag in ["HIGH_ENTROPY_VA", "DYNAMIC_BASE", "NX_COMPAT"]:
                    self.assertIn(flag, text)
                self.assertIn(".reloc", text)

    def test_size(self):
        for path in [DLL, *PROGRAMS]:
            with self.subTest(path.name):
                size = path.stat().st_size
                print(f"{path.name}: {size} bytes")
                self.assertLess(size, MOST_BYTES.get(path.name, 1 << 20))

    def test_sources_of_the_dll_include_base_and_windows_alone(self):
        ours = re.compile(r'#include "(.*)"')
        sources = sorted([*SOURCE.glob("credprov_win/dll/*"), *SOURCE.glob("credprov_win/core/*")])
        self.assertGreater(len(sources), 20)
        for source in sources:
            if source.suffix not in {".cc", ".h"}:
                continue
            for name in ours.findall(source.read_text(encoding="utf-8")):
                self.assertRegex(name, r"^(common/base|credprov_win/dll|credprov_win/core)/", source)

    def test_no_source_looks_for_a_library(self):
        for source in SOURCE.glob("credprov_win/*/*.cc"):
            self.assertNotIn("LoadLibrary", source.read_text(encoding="utf-8"), source)

    def test_sources_of_setpw_know_no_protocol_and_no_network(self):
        sources = [*SOURCE.glob("credprov_win/setpw/*"), *SOURCE.glob("common/setpw/*")]
        self.assertGreater(len(sources), 8)
        allowed = r"^(common/base|common/permit|common/setpw|common/system|credprov_win/(core|machine|setpw))/"
        for source in sources:
            if source.suffix in {".cc", ".h"}:
                for name in re.findall(r'#include "(.*)"', source.read_text(encoding="utf-8")):
                    self.assertRegex(name, allowed, source)

    def test_there_is_no_filter(self):
        for source in SOURCE.glob("credprov_win/dll/*.cc"):
            self.assertNotIn("ICredentialProviderFilter", source.read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
