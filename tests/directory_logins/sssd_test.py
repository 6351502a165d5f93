#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""People of a directory at /bin/login on a machine with SSSD: after a reset the new password signs in
and works offline at once, and the old one does not, even if SSSD had given the directory up. The
stack is the one that pam-auth-update makes. Run by enter.sh."""

import os
import pathlib
import pwd
import secrets
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from e2e_case import E2eCase, journey, main, words  # noqa: E402
from ldap_server import BASE, SERVICE_DN, LdapServer  # noqa: E402
from stage.machine import INSTALLED, MAIL, Person  # noqa: E402
from stage.mailbox import Mailbox  # noqa: E402
from stage.superserver import Superserver  # noqa: E402

LDAP_PORT = 3636
SSSD_PID = pathlib.Path("/run/sssd.pid")
# So long that SSSD never looks for the directory by itself within a test.
SSSD = """\
[sssd]
services = nss, pam
domains = directory

[pam]
offline_failed_login_attempts = 0

[domain/directory]
id_provider = ldap
auth_provider = ldap
access_provider = permit
ldap_uri = {url}
ldap_tls_cacert = {ca}
ldap_search_base = {base}
ldap_opt_timeout = 5
ldap_network_timeout = 5
cache_credentials = true
offline_timeout = 3600
offline_timeout_max = 3600
offline_timeout_random_offset = 0
"""
DIRECTORY = """
[directory]
type = ldap
url = {url}
ca_file = {ca}
bind_dn = {dn}
bind_password_file = {password}
base = {base}
"""


class SssdTest(E2eCase):
    names = ("dana", "emil")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        machine = cls.machine
        secret = secrets.token_urlsafe(24)  # stands in a file of the service, as it may: no canary
        passwords = {name: machine.new_password() for name in cls.names}
        folder = pathlib.Path("/opt/slapd")
        cls.ldap = LdapServer(folder, LDAP_PORT, secret, passwords.items())
        cls.addClassCleanup(cls.ldap.stop)
        cls.ldap.start()
        machine.wait_for_port(LDAP_PORT)
        cls._serve_the_directory(secret)
        cls.people = {name: cls._person(name, password) for name, password in passwords.items()}
        cls._start_sssd()
        cls._stack()
        cls.online = None

    @classmethod
    def _serve_the_directory(cls, secret):
        """The service goes on where the demo was, with the directory's passwords."""
        service = cls.machine.service
        service.stop()
        for name, text in (("directory-password", secret + "\n"),
                           ("directory-ca.pem", (cls.ldap.folder / "cert.pem").read_text())):
            path = service.folder / name
            path.touch(mode=0o600)
            path.write_text(text)
            shutil.chown(path, "sspr-service", "sspr-service")
        configuration = service.folder / "sspr-service.conf"
        configuration.write_text(configuration.read_text() + DIRECTORY.format(
            url=cls.ldap.url, ca=service.folder / "directory-ca.pem", dn=SERVICE_DN, base=BASE,
            password=service.folder / "directory-password"))
        service.start_configured()
        own = pathlib.Path("/etc/sspr/sspr.conf")
        own.write_text(own.read_text().replace("username = {user}@example.org", "username = {user}"))

    @classmethod
    def _person(cls, name, password):
        address = f"{name}@example.org"
        cls.machine.service.control("users", "adopt", name, configured=True)
        cls.machine.service.control("methods", "add-email", name, address, configured=True)
        return Person(name, password, Mailbox(MAIL, address))

    @classmethod
    def _start_sssd(cls):
        for part in ("db", "mc", "pipes/private", "pubconf/krb5.include.d", "gpo_cache", "secrets",
                     "keytabs", "deskprofile"):
            pathlib.Path("/var/lib/sss", part).mkdir(parents=True)
        pathlib.Path("/var/lib/sss/pipes").chmod(0o755)
        pathlib.Path("/var/lib/sss/pipes/private").chmod(0o700)
        pathlib.Path("/var/log/sssd").mkdir()
        configuration = pathlib.Path("/etc/sssd/sssd.conf")
        configuration.parent.mkdir(exist_ok=True)
        configuration.touch(mode=0o600)
        configuration.write_text(SSSD.format(url=cls.ldap.url, ca=cls.ldap.folder / "cert.pem",
                                             base=BASE))
        with open("/var/log/sssd.out", "ab") as log:
            process = subprocess.Popen(["/usr/sbin/sssd", "-i", "--logger=files", "-d", "0x0070"],
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        cls.addClassCleanup(process.wait)
        cls.addClassCleanup(process.terminate)
        names = pathlib.Path("/etc/nsswitch.conf")
        names.write_text("passwd: files sss\ngroup: files sss\nshadow: files\nhosts: files\n")
        cls._until(lambda: cls._known("dana"), "SSSD does not know dana")

    @staticmethod
    def _until(true, otherwise, seconds=30):
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                raise AssertionError(otherwise)
            time.sleep(0.05)

    @staticmethod
    def _known(name):
        return subprocess.run(["getent", "passwd", name], capture_output=True, timeout=60,
                              check=False).returncode == 0

    @classmethod
    def _stack(cls):
        """What pam-auth-update makes of Debian's profile of SSSD and of ours."""
        login = pathlib.Path("/etc/pam.d/login")
        login.write_text("".join(
            line for line in pathlib.Path("/etc/pam.d/login.pristine").read_text().splitlines(True)
            if "pam_loginuid" not in line and "pam_faildelay" not in line))
        pathlib.Path("/var/lib/pam").mkdir(exist_ok=True)
        shutil.copytree("/usr/share/debconf-of-machine", "/var/cache/debconf")
        subprocess.run(["pam-auth-update", "--force", "--enable", "unix", "sss", "sspr"], check=True,
                       capture_output=True, timeout=60,
                       env={"DEBIAN_FRONTEND": "noninteractive", "PATH": os.environ["PATH"]})
        cls.common_auth = pathlib.Path("/etc/pam.d/common-auth").read_text()

    def setUp(self):
        if type(self).online is None:
            with open("/var/log/sspr-online.out", "ab") as log:
                type(self).online = Superserver(
                    "/run/sspr/online.sock", [str(INSTALLED / "libexec/sspr-online")],
                    owner=pwd.getpwnam("sspr").pw_uid, log=log)
            self.addClassCleanup(type(self).online.stop)
        self.ldap.stop()
        self.ldap.start()
        self.machine.wait_for_port(LDAP_PORT)
        # As the test before may have left it.
        subprocess.run([INSTALLED / "libexec/sspr-online"], stdin=subprocess.DEVNULL, check=True,
                       timeout=60)

    # What a person does.

    def _log_in(self, person, password):
        """Whether the password leads to a shell at /bin/login."""
        terminal = self.login()
        journey.to_password_prompt(terminal, person.name)
        terminal.type(password, hidden=True)
        if terminal.expect(words.SHELL, words.INCORRECT) == 1:
            return False
        terminal.type("exit")
        terminal.wait_for_end()
        return True

    def _let_sssd_give_up(self, person):
        """One login that fills the cache, one by the cache; then the directory is there again."""
        self.assertTrue(self._log_in(person, person.password), "online, before all")
        self.ldap.stop()
        self.assertTrue(self._log_in(person, person.password), "by the cache: SSSD is offline now")
        self.ldap.start()
        self.machine.wait_for_port(LDAP_PORT)

    def _log(self):
        return pathlib.Path("/var/log/syslog").read_text(errors="replace")

    # The tests.

    def test_the_stack_asks_us_first_and_sssd_takes_what_we_hand_on(self):
        modules = [line.split("pam_", 1)[1] for line in self.common_auth.splitlines()
                   if "pam_" in line and not line.startswith("#")]
        self.assertRegex(modules[0], r"^sspr\.so")
        self.assertRegex(modules[1], r"^unix\.so .*try_first_pass")
        self.assertRegex(modules[2], r"^sss\.so .*use_first_pass")

    def test_new_password_works_offline_at_once_and_the_old_one_does_not(self):
        person = self.people["dana"]
        self._let_sssd_give_up(person)
        told = self._log().count("SSPR-O001")
        new = self.reset(self.login(), person)
        self.assertEqual(self._log().count("SSPR-O001"), told + 1)
        self.assertTrue(self.ldap.accepts(person.name, new))
        self.assertFalse(self.ldap.accepts(person.name, person.password))
        self.ldap.stop()
        self.assertTrue(self._log_in(person, new), "the new password, offline")
        self.assertFalse(self._log_in(person, person.password), "the old password, offline")

    def test_sssd_that_is_not_told_refuses_the_new_password_and_the_person_read_what_to_do(self):
        person = self.people["emil"]
        self._let_sssd_give_up(person)
        own = SSSD_PID.read_text()
        self.addCleanup(SSSD_PID.write_text, own)
        # The number belongs to another program now: that one is left alone.
        other = subprocess.Popen(["sleep", "600"])
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        SSSD_PID.write_text(f"{other.pid}\n")
        told = self._log().count("SSPR-O0")
        terminal = self.login()
        terminal.type(self.begin_reset(terminal, person))
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        terminal.expect(words.SET)
        terminal.expect("if it is refused, wait a minute")
        terminal.expect(words.INCORRECT)
        self.assertTrue(self.ldap.accepts(person.name, new))
        self.assertEqual(self._log().count("SSPR-O0"), told)
        self.assertIsNone(other.poll())
        SSSD_PID.write_text(own)
        subprocess.run([INSTALLED / "libexec/sspr-online"], stdin=subprocess.DEVNULL, check=True,
                       timeout=60)
        self.assertTrue(self._log_in(person, new), "once SSSD was told")


if __name__ == "__main__":
    main()
