# SPDX-License-Identifier: Apache-2.0
"""The packages on a fresh Debian 12, from installation to purge, with its own systemd, PAM stack and
/bin/login, and a real sspr-service. machine_test.py BUILD DEBS

The steps are one story: each begins where the one before it ended."""

import json
import os
import pathlib
import re
import secrets
import shutil
import subprocess
import sys
import time
import unittest

DEBS = pathlib.Path(sys.argv.pop()).resolve()
BUILD = pathlib.Path(sys.argv.pop()).resolve()
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "demo"))
sys.path.insert(0, str(HERE))

from booted_root import BootedRoot  # noqa: E402
from own_service import MACHINE_CONFIG, OwnService, address_of  # noqa: E402
from stage import journey, words  # noqa: E402
from stage.mailbox import Mailbox  # noqa: E402

MODULE = "/usr/lib/x86_64-linux-gnu/security/pam_sspr.so"
# What a machine that runs writes and an installation does not answer for.
NOT_OURS = re.compile(
    r"/(proc|sys|dev|run|tmp|root|home)(/|$)|/var/(log|cache|tmp|lib/(dpkg|apt|systemd|private))(/|$)"
    r"|/etc/(\.updated|machine-id|resolv\.conf)|/var/(\.updated|mail/alice|spool/mail)"
)


def new_password():
    """A password that no rule refuses and no list holds."""
    return "".join(secrets.choice("bcdfghjkmnpqrstvwxz") for _ in range(18)) + "&7Q"


class Alice:
    name = "alice"


class PackagesOnAFreshMachine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = BUILD / "package-test"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        archive = subprocess.run([HERE / "make_root.sh", DEBS / "now"], stdout=subprocess.PIPE,
                                 text=True, check=True).stdout.strip()
        cls.scratch = scratch
        cls.root = cls.enterClassContext(BootedRoot(archive, scratch / "root"))
        cls.service = OwnService(cls.root, scratch)
        sink = cls.service.start_mail()
        cls.addClassCleanup(sink.wait)
        cls.addClassCleanup(sink.kill)
        Alice.password = new_password()
        Alice.mailbox = Mailbox(cls.service.mail, address_of(Alice.name))
        cls.root.run("useradd", "--create-home", "--shell", "/bin/bash", Alice.name)
        cls.root.run("chpasswd", stdin=f"{Alice.name}:{Alice.password}\n")
        shutil.copytree(DEBS, cls.root.path / "root/debs",
                        ignore=lambda _, names: [n for n in names if n == "tree"])
        cls.pristine = {name: cls.root.text(f"/etc/pam.d/{name}") for name in
                        ("common-auth", "common-account", "common-password", "common-session")}
        cls.accounts = {name: cls.root.text(f"/etc/{name}") for name in ("passwd", "group")}
        cls.files = cls._files()
        cls.times = {}

    @classmethod
    def _files(cls):
        """Every path but those of what runs."""
        found = cls.root.run("find", "/", "-xdev", "-print").stdout.splitlines()
        return {path for path in found if not NOT_OURS.match(path)}

    # Steps.

    def apt(self, *words_, check=True):
        started = time.monotonic()
        done = self.root.run("apt-get", "-qq", "--allow-downgrades",
                             "-o", "Dpkg::Use-Pty=0", "-o", "Dir::Etc::sourceparts=/dev/null", "-o", "Dir::Etc::sourcelist=/dev/null",
                             *words_, check=check)
        self.took = time.monotonic() - started
        return done.stdout

    def install(self, *packages, version="now"):
        found = [next((DEBS / version).glob(f"{name}*.deb")) for name in packages]
        return self.apt("install", "--no-install-recommends",
                        *(f"/root/debs/{version}/{deb.name}" for deb in found))

    def login(self):
        terminal = self.enterContext(self.root.login())
        terminal.expect(words.LOGIN)
        terminal.type(Alice.name)
        return terminal

    def assert_signs_in(self, prompt, password=None):
        terminal = self.login()
        terminal.expect(prompt)
        terminal.type(password or Alice.password)
        journey.to_shell(terminal, Alice.name)

    def assert_refused(self, prompt, answer_after=None):
        terminal = self.login()
        terminal.expect(prompt)
        terminal.type("not the password")
        if answer_after is not None:
            terminal.expect(words.FORGOT)
            terminal.type(answer_after)
        terminal.expect(words.INCORRECT)

    def code(self, value):
        return value

    def reset(self, terminal):
        """From the question whether to reset to the shell; the person has a new password then."""
        sent = len(Alice.mailbox.codes())
        terminal.expect(words.CONFIRM)
        terminal.type("")
        terminal.type(journey.to_mailed_code(terminal, self, Alice, sent))
        new = new_password()
        terminal.expect(words.NEW_PASSWORD)
        terminal.type(new)
        terminal.expect(words.REPEAT)
        terminal.type(new)
        journey.to_shell(terminal, Alice.name)
        Alice.password = new

    def profile(self):
        return self.root.run("sspr-profile", "status", check=False).stdout.strip()

    def serves(self, password):
        return self.service.accepts(Alice.name, password)

    def shown(self, unit, property_):
        return self.root.run("systemctl", "show", "-P", property_, unit).stdout.strip()

    def renew(self):
        """As the timer does it; gives the exit code of sspr-enroll."""
        self.root.run("systemctl", "start", "sspr-renew")
        self.assertEqual(self.shown("sspr-renew", "ConditionResult"), "yes")
        return self.shown("sspr-renew", "ExecMainStatus")

    def until(self, true, seconds=60):
        deadline = time.monotonic() + seconds
        while not true():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    # The story.

    def test_01_unconfigured_it_changes_no_login(self):
        said = self.install("libpam-sspr")
        self.times["apt install libpam-sspr"] = self.took
        self.assertIn("name your service in /etc/sspr/sspr.conf", said)
        self.assertEqual(self.profile(), "none")
        self.assertEqual(self.root.text("/etc/pam.d/common-auth"), self.pristine["common-auth"])
        self.assert_signs_in(words.PLAIN_PASSWORD)
        self.assert_refused(words.PLAIN_PASSWORD)

    def test_02_the_service_is_set_up_by_its_package(self):
        said = self.install("sspr-service", "sspr-tools")
        self.assertNotIn("rror", said)
        self.assertEqual(self.root.run("systemctl", "is-active", "sspr-service", check=False).stdout.strip(),
                         "inactive")
        self.service.set_up()
        self.service.add_person(Alice.name, Alice.password)
        self.service.start()
        self.assertTrue(self.serves(Alice.password))
        # Nobody has said yet which service this machine is to ask.
        self.assertEqual(self.root.run("sspr-doctor", "--offline", check=False).returncode, 2)

    def test_02_timer_leaves_machines_alone_that_are_not_enrolled(self):
        for state in ("is-active", "is-enabled"):
            self.root.run("systemctl", state, "sspr-renew.timer")
        self.root.run("systemctl", "start", "sspr-renew")
        self.assertEqual(self.shown("sspr-renew", "ConditionResult"), "no")
        self.assertFalse(self.root.exists("/var/lib/sspr-heartbeat"))

    def test_03_one_file_edited_and_the_first_reset(self):
        started = time.monotonic()
        self.service.enrol_machine()
        self.assertIn("a normal login answers", self.root.run("sspr-profile", "enable").stdout)
        self.times["configured, enrolled and enabled"] = time.monotonic() - started
        old, started = Alice.password, time.monotonic()
        terminal = self.login()
        terminal.expect(words.PASSWORD)
        terminal.type("")
        self.reset(terminal)
        self.times["the first reset, mail and typing of a machine"] = time.monotonic() - started
        self.assertTrue(self.serves(Alice.password))
        self.assertFalse(self.serves(old))
        self.assert_signs_in(words.PASSWORD)
        self.assert_refused(words.PASSWORD)
        print("\nfrom apt install to the first reset: "
              f"{sum(self.times.values()):.1f} s ("
              + ", ".join(f"{what} {took:.1f} s" for what, took in self.times.items()) + ")")

    def test_03_the_doctor_finds_nothing_and_then_that_the_service_is_away(self):
        found = self.root.run("sspr-doctor", check=False)
        self.assertEqual(found.returncode, 0, found.stdout)
        self.root.run("systemctl", "stop", "sspr-service")
        found = self.root.run("sspr-doctor", check=False)
        self.assertEqual(found.returncode, 2, found.stdout)
        self.root.run("systemctl", "start", "sspr-service")

    def test_03_the_timers_service_takes_the_next_permit_key(self):
        self.assertEqual(self.renew(), "0")
        self.assertFalse(self.root.exists("/etc/sspr/permit.pub.succession"), "nothing is new")
        self.service.control("keys", "rotate-permit")
        self.root.run("systemctl", "restart", "sspr-service")
        self.assertEqual(self.renew(), "0")
        self.until(lambda: self.root.exists("/etc/sspr/permit.pub.succession"))
        self.assertEqual(self.root.run("stat", "-c", "%U %a", "/etc/sspr/permit.pub.succession").stdout.strip(),
                         "root 644")
        self.root.run("sspr-enroll", "status")
        # A service that is away is no failure of this machine.
        self.root.run("systemctl", "stop", "sspr-service")
        self.assertEqual(self.renew(), "3")
        self.assertEqual(self.shown("sspr-renew", "Result"), "success")
        self.root.run("systemctl", "start", "sspr-service")
        self.assertGreaterEqual(int(self.root.text("/var/lib/sspr-heartbeat/count")), 3)
        [device] = json.loads(self.service.control("devices", "list"))
        self.assertEqual(device["state"], "enrolled")
        terminal = self.login()
        terminal.expect(words.PASSWORD)
        terminal.type("")
        self.reset(terminal)

    def test_04_the_offer_after_a_wrong_password(self):
        self.root.run("sspr-profile", "enable", "failure")
        self.assertEqual(self.profile(), "failure")
        self.assert_signs_in(words.PLAIN_PASSWORD)
        self.assert_refused(words.PLAIN_PASSWORD, answer_after="n")
        terminal = self.login()
        terminal.expect(words.PLAIN_PASSWORD)
        terminal.type("not the password")
        terminal.expect(words.FORGOT)
        terminal.type("y")
        self.reset(terminal)
        self.assert_signs_in(words.PLAIN_PASSWORD)

    def test_05_beside_other_ways_to_log_in_the_jumps_fit(self):
        other = self.root.path / "usr/share/pam-configs/other"
        for priority in (1000, 300, 128, 10):
            other.write_text(f"Name: Another\nDefault: yes\nPriority: {priority}\nAuth-Type: Primary\n"
                             "Auth:\n\t[success=end default=ignore]\tpam_debug.so auth=auth_err\n")
            self.root.run("pam-auth-update", "--package")
            for trigger in ("prompt", "failure"):
                with self.subTest(priority=priority, trigger=trigger):
                    self.assertIn("a normal login answers",
                                  self.root.run("sspr-profile", "enable", trigger).stdout)
                    self.assertIn("pam_debug.so", self.root.text("/etc/pam.d/common-auth"))
            self.root.run("pam-auth-update", "--remove", "other")
            other.unlink()
        self.root.run("sspr-profile", "enable")

    def test_05_the_canary_tells_broken_stacks_from_sound_ones(self):
        account = "account required pam_permit.so\n"
        for auth, said in (
            ("auth required pam_unix.so\n", "a normal login answers"),
            ("auth optional pam_unix.so\nauth required pam_permit.so\n", "a wrong password logs in"),
            ("auth required pam_permit.so\n", "no password was asked for"),
            ("auth required pam_unix.so\nauth required pam_deny.so\n", "right password does not log in"),
            ("auth required no_such_module.so\n", "right password does not log in"),
        ):
            with self.subTest(auth):
                (self.root.path / "etc/pam.d/tried").write_text(auth + account)
                done = self.root.run("/usr/libexec/sspr/sspr-canary", "--service", "tried", check=False)
                self.assertIn(said, done.stdout)
                self.assertEqual(done.returncode, 0 if "answers" in said else 1)
        self._try_a_stack_that_hangs()
        (self.root.path / "etc/pam.d/tried").unlink()
        self.assertNotIn("sspr-canary", self.root.text("/etc/passwd") + self.root.text("/etc/shadow"))
        self.assertNotIn("sspr-canary", self.root.run("ls", "/run").stdout)

    def _try_a_stack_that_hangs(self):
        shutil.copy(BUILD / "tests/packages/pam_hang.so", self.root.path / "root")
        (self.root.path / "etc/pam.d/tried").write_text(
            "auth optional /root/pam_hang.so\nauth required pam_unix.so\naccount required pam_permit.so\n")
        canary = ["/usr/libexec/sspr/sspr-canary", "--service", "tried"]
        done = self.root.run(*canary, "--timeout", "2", check=False)
        self.assertIn("the right password does not log in: no answer within 2 s", done.stdout)
        self.assertEqual(done.returncode, 1)
        running = self.root.run("sh", "-c", "cat /proc/[0-9]*/comm", check=False).stdout
        self.assertNotIn("sspr-canary", running)
        for wrong in ("0", "301", "2s", ""):
            self.assertEqual(self.root.run(*canary, "--timeout", wrong, check=False).returncode, 2)

    def test_06_an_upgrade_keeps_the_edited_file_and_the_profile(self):
        identity = self.root.text("/etc/sspr/device.id")
        self.install("libpam-sspr", version="later")
        self.assertIn("+1", self.root.run("dpkg-query", "-W", "libpam-sspr").stdout)
        self.assertEqual(self.root.text("/etc/sspr/sspr.conf"), MACHINE_CONFIG)
        self.assertEqual(self.root.text("/etc/sspr/device.id"), identity)
        self.assertEqual(self.profile(), "prompt")
        terminal = self.login()
        terminal.expect(words.PASSWORD)
        terminal.type("")
        self.reset(terminal)
        self.assert_signs_in(words.PASSWORD)

    def test_07_a_broken_stack_is_taken_out_again(self):
        said = self.install("libpam-sspr", version="broken")
        lines = [line for line in said.splitlines() if line.startswith("sspr-profile: ")]
        self.assertEqual(len(lines), 1, said)
        self.assertRegex(lines[0], "sspr was taken out, because a normal login did not answer with it.*crashed")
        self.assertEqual(self.profile(), "none")
        self.assertEqual(self.root.text("/etc/pam.d/common-auth"), self.pristine["common-auth"])
        self.assert_signs_in(words.PLAIN_PASSWORD)
        # It does not get in by being asked for, either.
        done = self.root.run("sspr-profile", "enable", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("taken out again", done.stdout)
        self.assert_signs_in(words.PLAIN_PASSWORD)
        # The version before brings no profile back on its own, and works when it is asked for.
        self.install("libpam-sspr", version="later")
        self.assertEqual(self.profile(), "none")
        self.root.run("sspr-profile", "enable")
        self.assert_signs_in(words.PASSWORD)

    def test_08_removal_takes_the_profile_out_before_the_module(self):
        tool = self.root.path / "usr/sbin/pam-auth-update"
        real = tool.rename(tool.with_name("pam-auth-update.real"))
        tool.write_text(f'#!/bin/sh\n[ -e {MODULE} ] && echo "$@" >> /root/module-was-there\n'
                        'exec pam-auth-update.real "$@"\n')
        tool.chmod(0o755)
        try:
            self.apt("remove", "libpam-sspr")
        finally:
            real.rename(tool)
        self.assertIn("--remove sspr sspr-failure", self.root.text("/root/module-was-there"))
        self.assertFalse(self.root.exists(MODULE))
        for name, text in self.pristine.items():
            self.assertEqual(self.root.text(f"/etc/pam.d/{name}"), text, name)
        self.assert_signs_in(words.PLAIN_PASSWORD)
        self.assert_refused(words.PLAIN_PASSWORD)
        self.assertEqual(self.root.text("/etc/sspr/sspr.conf"), MACHINE_CONFIG)

    def test_09_installed_again_it_goes_on(self):
        self.install("libpam-sspr")
        self.assertEqual(self.profile(), "prompt")
        self.assert_signs_in(words.PASSWORD)

    def test_10_without_its_service_and_its_permit_key_it_harms_no_login(self):
        self.root.run("systemctl", "stop", "sspr-service")
        (self.root.path / "etc/sspr/permit.pub").unlink()
        self.assert_signs_in(words.PASSWORD)
        terminal = self.login()
        terminal.expect(words.PASSWORD)
        terminal.type("")
        while terminal.expect(words.CONFIRM, words.PLAIN_PASSWORD) == 0:
            terminal.type("")
        terminal.type(Alice.password)
        journey.to_shell(terminal, Alice.name)

    def test_11_purge_leaves_nothing(self):
        self.apt("purge", "libpam-sspr", "sspr-service", "sspr-tools")
        left = self._files() - self.files
        # What no package made and no package knows: the administrator's own certificate.
        own = ["/etc/sspr-service", "/etc/sspr-service/tls.crt", "/etc/sspr-service/tls.key"]
        self.assertEqual(sorted(left), own)
        self.assertEqual(sorted(self.files - self._files()), [])
        for path in ("/var/lib/systemd/timers/stamp-sspr-renew.timer", "/run/sspr-renew"):
            self.assertFalse(self.root.exists(path), path)
        for name, text in self.accounts.items():
            self.assertEqual(self.root.text(f"/etc/{name}"), text, name)
        units = self.root.run("systemctl", "list-units", "--all", "--no-legend", "--plain", "sspr*").stdout
        self.assertEqual(units.strip(), "")
        self.assertEqual(self.root.run("systemctl", "--failed", "--no-legend", "--plain").stdout.strip(), "")
        self.assert_signs_in(words.PLAIN_PASSWORD)


if __name__ == "__main__":
    os.umask(0o022)
    ended = unittest.main(verbosity=2, failfast=True, exit=False)
    if not ended.result.wasSuccessful():
        root = getattr(PackagesOnAFreshMachine, "root", None)
        print("\n".join(root.journal.splitlines()[-80:]) if root else "")
        sys.exit(1)
