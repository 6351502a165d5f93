# SPDX-License-Identifier: Apache-2.0
"""What the built programs import, export and need, and how they are hardened, read with readelf and
nm. binaries_test.py BUILD_FOLDER"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
MODULE = BUILD / "pam_module/module/pam_sspr.so"
FLOW = BUILD / "libexec/sspr/sspr-flow"
SETPW = BUILD / "libexec/sspr/sspr-setpw"
PLUGIN = BUILD / "libexec/sspr/libsspr_http.so"
ONLINE = BUILD / "libexec/sspr/sspr-online"
CANARY = BUILD / "libexec/sspr/sspr-canary"
SERVICE = BUILD / "service/sspr-service"
CONTROL = BUILD / "service/ssprctl"
ENROLL = BUILD / "sbin/sspr-enroll"
DOCTOR = BUILD / "sbin/sspr-doctor"
WRITEBACK = BUILD / "sbin/sspr-writeback"
PROGRAMS = (FLOW, SETPW, ONLINE, CANARY, SERVICE, CONTROL, ENROLL, DOCTOR, WRITEBACK)
ALL = PROGRAMS + (MODULE, PLUGIN)

MODULE_RELOCATIONS = 350
MODULE_STRIPPED_BYTES = 128 * 1024


def run(*command):
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    ).stdout


def needed(path):
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", run("readelf", "-d", path)))


def symbols(path, *options):
    """Names of dynamic symbols without their versions."""
    return {
        line.split()[-1].split("@")[0]
        for line in run("nm", "-D", *options, path).splitlines()
        if line.split()
    }


def libraries(names):
    """libcurl.so.4 -> libcurl"""
    return {name.split(".so")[0] for name in names}


class Module(unittest.TestCase):
    def test_brings_nothing_but_libc_and_libpam_into_the_login(self):
        self.assertEqual(libraries(needed(MODULE)), {"libpam", "libc"})

    def test_exports_the_entry_points_of_a_module_alone(self):
        self.assertEqual(
            symbols(MODULE, "--defined-only"),
            {
                "pam_sm_acct_mgmt",
                "pam_sm_authenticate",
                "pam_sm_chauthtok",
                "pam_sm_close_session",
                "pam_sm_open_session",
                "pam_sm_setcred",
            },
        )

    def test_imports_nothing_of_the_cpp_runtime(self):
        imported = symbols(MODULE, "--undefined-only")
        self.assertEqual(
            {name for name in imported if name.startswith(("_Z", "__cxa_throw", "__gxx"))}, set()
        )

    def test_imports_nothing_that_starts_processes_threads_or_reaches_the_network(self):
        imported = symbols(MODULE, "--undefined-only")
        forbidden = {
            "fork",
            "vfork",
            "execve",
            "execv",
            "execvp",
            "execl",
            "posix_spawn",
            "popen",
            "system",
            "pthread_create",
            "signal",
            "sigaction",
            "exit",
            "_exit",
            "abort",
            "dlopen",
            "getaddrinfo",
            "gethostbyname",
            "setlocale",
            "setenv",
            "putenv",
            "unsetenv",
            "clearenv",
            "setuid",
            "seteuid",
            "chdir",
            "umask",
            "atexit",
            "getpwnam",
            "getpwnam_r",
            "getgrnam",
            "initgroups",
        }
        self.assertEqual(imported & forbidden, set())

    def test_stays_within_its_relocations_and_size(self):
        relocations = [
            line
            for line in run("readelf", "-r", "-W", MODULE).splitlines()
            if re.match(r"^[0-9a-f]{16} ", line)
        ]
        self.assertLessEqual(len(relocations), MODULE_RELOCATIONS)
        with tempfile.TemporaryDirectory() as folder:
            stripped = pathlib.Path(folder) / "stripped.so"
            run("strip", "-o", stripped, MODULE)
            self.assertLessEqual(stripped.stat().st_size, MODULE_STRIPPED_BYTES)


class LinkLines(unittest.TestCase):
    def test_the_setter_is_linked_with_neither_network_nor_json(self):
        self.assertEqual(
            libraries(needed(SETPW)) & {"libcurl", "libjsoncpp", "libssl", "libpam"}, set()
        )

    def test_the_flow_starts_without_libcurl_and_knows_no_pam(self):
        self.assertEqual(
            libraries(needed(FLOW)) & {"libcurl", "libpam", "libpwquality", "libcrypt"}, set()
        )

    def test_the_tools_know_no_pam(self):
        for program in (ENROLL, DOCTOR):
            self.assertEqual(libraries(needed(program)) & {"libpam", "libpwquality", "libcrypt"}, set())

    def test_the_plugin_exports_its_one_symbol(self):
        exported = {name for name in symbols(PLUGIN, "--defined-only") if not name.startswith("_")}
        self.assertEqual(exported, {"sspr_http_open"})

    def test_the_service_knows_no_pam(self):
        for program in (SERVICE, CONTROL):
            self.assertEqual(libraries(needed(program)) & {"libpam", "libpwquality"}, set())


class Hardening(unittest.TestCase):
    def test_programs_are_position_independent(self):
        for program in PROGRAMS:
            with self.subTest(program.name):
                self.assertIn("PIE", run("readelf", "-d", "-W", program))

    def test_relocations_are_read_only_and_bound_at_start(self):
        for path in ALL:
            with self.subTest(path.name):
                self.assertIn("GNU_RELRO", run("readelf", "-l", "-W", path))
                self.assertRegex(run("readelf", "-d", "-W", path), r"BIND_NOW|FLAGS_1.*\bNOW\b")

    def test_no_memory_is_writable_and_executable(self):
        for path in ALL:
            with self.subTest(path.name):
                segments = run("readelf", "-l", "-W", path)
                stack = re.search(r"GNU_STACK.*", segments).group()
                self.assertNotIn("RWE", stack)
                self.assertNotRegex(segments, r"LOAD.*RWE")

    def test_no_text_relocations_and_no_search_path(self):
        for path in ALL:
            with self.subTest(path.name):
                self.assertNotRegex(run("readelf", "-d", "-W", path), r"TEXTREL|RPATH|RUNPATH")

    def test_stacks_are_protected(self):
        for path in ALL:
            with self.subTest(path.name):
                self.assertIn("__stack_chk_fail", symbols(path, "--undefined-only"))

    def test_what_is_loaded_into_other_programs_is_marked_for_control_flow_enforcement(self):
        # Programs are compiled for it too, but Debian 12's crt1.o is not marked, which unmarks them.
        for path in (MODULE, PLUGIN):
            with self.subTest(path.name):
                notes = run("readelf", "-n", "-W", path)
                if "x86" in notes:
                    self.assertRegex(notes, r"x86 feature:.*IBT.*SHSTK")


if __name__ == "__main__":
    unittest.main(verbosity=2)
