# SPDX-License-Identifier: Apache-2.0
"""What the process has given up while it talks to a person, read from the kernel; and that nothing
of the environment has an effect."""

import os
import pathlib
import re
import subprocess
import unittest  # noqa: F401

from flow_case import GOOD_PASSWORD, SANITIZED, FlowCase, main
from flow_host import PASSWORD_SET


def status(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {key: value.split() for key, _, value in (line.partition(":") for line in lines)}


class Confinement(FlowCase):
    def asked(self):
        """A flow that waits for a code: libcurl is loaded, TLS is open."""
        host, process = self.begin()
        host.say("")
        host.question()
        return host, process.pid

    def test_user_groups_and_capabilities_are_gone(self):
        _, pid = self.asked()
        now = status(pid)
        self.assertEqual(now["Uid"], ["990"] * 4)
        self.assertEqual(now["Gid"], ["990"] * 4)
        self.assertEqual(now["Groups"], [])
        for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            self.assertEqual(int(now[kind][0], 16), 0, kind)
        self.assertEqual(now["NoNewPrivs"], ["1"])
        self.assertEqual(now["Umask"], ["0077"])

    @unittest.skipIf(SANITIZED, "the sanitizers need system calls of their own")
    def test_system_calls_are_filtered(self):
        _, pid = self.asked()
        self.assertEqual(status(pid)["Seccomp"], ["2"])

    def test_process_is_not_dumpable(self):
        _, pid = self.asked()
        # The kernel gives the folder of a process that is not dumpable to root.
        self.assertEqual(os.stat(f"/proc/{pid}/mem").st_uid, 0)
        limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
        self.assertRegex(limits, r"Max core file size\s+0\s+0")

    def test_environment_descriptors_and_folder_are_its_own(self):
        canary = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": "/nonexistent",
                  "https_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1",
                  "SSL_CERT_FILE": "/nonexistent", "CURL_CA_BUNDLE": "/nonexistent",
                  "SSLKEYLOGFILE": str(self.machine.folder / "keys"), "OPENSSL_CONF": "/nonexistent",
                  "HOME": str(self.machine.folder), "RES_OPTIONS": "timeout:30", "CANARY": "1"}
        host, process = self.machine.start(environment=canary)
        host.begin()
        host.say("")
        host.question()
        self.addCleanup(host.close)
        folder = pathlib.Path(f"/proc/{process.pid}")
        self.assertEqual(os.readlink(folder / "cwd"), "/")
        targets = [os.readlink(entry) for entry in (folder / "fd").iterdir()]
        # The host (and what watches it), the log, setpw, TLS, and what libcurl waits with.
        others = [name for name in targets
                  if not re.match(r"socket:|anon_inode:|pipe:|/dev/null$", name)]
        self.assertEqual(others, [])
        host.answer("12345678")
        host.say(GOOD_PASSWORD)
        host.say(GOOD_PASSWORD)
        self.assertEqual(host.done()[0], PASSWORD_SET)
        self.assertFalse((self.machine.folder / "keys").exists())

    def test_password_is_in_no_argument_and_no_environment(self):
        host, pid = self.asked()
        host.answer("12345678")
        host.say(GOOD_PASSWORD)
        host.question()
        for name in ("cmdline", "environ"):
            self.assertNotIn(GOOD_PASSWORD.encode(),
                             pathlib.Path(f"/proc/{pid}/{name}").read_bytes())

    @unittest.skipIf(SANITIZED, "the sanitizers keep shadow memory")
    def test_memory_stays_below_sixteen_mebibytes(self):
        host, pid = self.asked()
        host.answer("12345678")
        host.say(GOOD_PASSWORD)
        host.question()
        peak = int(status(pid)["VmHWM"][0])
        print(f"peak resident memory: {peak} kB")
        self.assertLess(peak, 16 * 1024)

    def test_libcurl_is_not_there_before_the_first_question(self):
        host, process = self.machine.start()
        self.addCleanup(host.close)
        # Begin was not sent: the process waits for it, confined.
        maps = pathlib.Path(f"/proc/{process.pid}/maps")
        host.begin()
        host.question()
        program = os.path.realpath(self.machine.program)
        needed = [line for line in subprocess.run(["readelf", "-d", program], check=True, text=True,
                                                  capture_output=True).stdout.splitlines()
                  if "NEEDED" in line]
        self.assertTrue(needed)
        self.assertFalse([line for line in needed if re.search(r"libcurl|libssl|libpam", line)])
        host.answer("")
        host.question()
        self.assertIn("libcurl", maps.read_text())


if __name__ == "__main__":
    main()
