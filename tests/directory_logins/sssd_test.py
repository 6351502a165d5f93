#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""People of a directory at /bin/login on a machine with SSSD: after a reset the new password signs in
and works offline at once, and the old one does not, even if SSSD had given the directory up. The
stack is the one that pam-auth-update makes. Run by enter.sh."""

import pathlib
import secrets

import directory_login_case
from directory_login_case import journey, words
from ldap_server import BASE, SERVICE_DN, LdapServer

LDAP_PORT = 3636
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
DIRECTORY = f"""
[directory]
type = ldap
url = ldaps://localhost:{LDAP_PORT}
ca_file = {{ca}}
bind_dn = {SERVICE_DN}
bind_password_file = {{password}}
base = {BASE}
"""


class SssdTest(directory_login_case.DirectoryLoginCase):
    names = ("dana", "emil", "fred", "gina")
    profile = "sss"
    module = r"^sss\.so .*use_first_pass"
    told = "SSPR-O001"
    pid_file = pathlib.Path("/run/sssd.pid")

    @classmethod
    def begin(cls):
        secret = secrets.token_urlsafe(24)  # stands in a file of the service, as it may: no canary
        cls.ldap = LdapServer("/opt/slapd", LDAP_PORT, secret, cls.passwords.items())
        cls.ca = cls.ldap.folder / "cert.pem"
        cls.addClassCleanup(cls.ldap.stop)
        cls.ldap.start()
        cls.machine.wait_for_port(LDAP_PORT)
        cls.serve(DIRECTORY, secret, cls.ca.read_text())
        for part in ("db", "mc", "pipes/private", "pubconf/krb5.include.d", "gpo_cache", "secrets",
                     "keytabs", "deskprofile"):
            pathlib.Path("/var/lib/sss", part).mkdir(parents=True)
        pathlib.Path("/var/lib/sss/pipes").chmod(0o755)
        pathlib.Path("/var/lib/sss/pipes/private").chmod(0o700)
        pathlib.Path("/var/log/sssd").mkdir()
        configuration = pathlib.Path("/etc/sssd/sssd.conf")
        configuration.parent.mkdir(exist_ok=True)
        configuration.touch(mode=0o600)
        configuration.write_text(SSSD.format(url=cls.ldap.url, ca=cls.ca, base=BASE))
        cls.start_daemon(["/usr/sbin/sssd", "-i", "--logger=files", "-d", "0x0070"],
                         "/var/log/sssd.out")

    def leave(self):
        self.ldap.stop()

    def come_back(self):
        self.ldap.stop()
        self.ldap.start()
        self.machine.wait_for_port(LDAP_PORT)

    def accepts(self, person, password):
        return self.binds(self.ldap.url, self.ca, f"uid={person.name},ou=people,{BASE}", password)

    # pam_faillock counts the failed logins of these people too, on the machine where they fail.

    def count_failures(self):
        """What an administrator makes of the stack with pam_faillock."""
        text = self.common_auth
        for jump in ("success=2", "success=1"):
            self.assertEqual(text.count(jump), 1)
        ours, others = text.split("pam_sspr.so", 1)
        options, others = others.split("\n", 1)
        others = others.replace("success=2", "success=3").replace("success=1", "success=2").replace(
            "auth\trequisite\t\t\tpam_deny.so",
            "auth [default=die] pam_faillock.so authfail\nauth requisite pam_deny.so")
        stack = pathlib.Path("/etc/pam.d/common-auth")
        stack.write_text(f"{ours}pam_sspr.so{options}\nauth requisite pam_faillock.so preauth\n{others}")
        self.assertEqual(stack.read_text().count("pam_faillock"), 2)
        self.addCleanup(stack.write_text, text)

    def lock_out(self, person):
        for _ in range(3):
            self.assertFalse(self.log_in(person, "wrong"))
        self.assertTrue(self.tally(person).stat().st_size)
        self.assertEqual(self.tally(person).owner(), person.name)
        self.assertFalse(self.log_in(person, person.password), "it is locked")

    @staticmethod
    def tally(person):
        return pathlib.Path("/run/faillock", person.name)

    def to_unlock_or_reset(self, person):
        terminal = self.login()
        journey.to_password_prompt(terminal, person.name)
        journey.begin(terminal)
        terminal.expect(words.LOCKED_OUT)
        terminal.expect(words.METHOD)
        return terminal

    def test_who_was_locked_out_on_the_machine_signs_in_after_a_reset(self):
        person, other = self.people["fred"], self.people["emil"]
        self.count_failures()
        self.assertFalse(self.log_in(other, "wrong"))
        others = self.tally(other).read_bytes()
        self.assertTrue(others)
        self.lock_out(person)
        terminal = self.to_unlock_or_reset(person)
        terminal.type("2")
        terminal.type(journey.to_mailed_code(terminal, self.machine, person, 0))
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        journey.to_shell(terminal, person.name)
        self.assertEqual(self.tally(person).stat().st_size, 0)
        self.assertEqual(self.tally(other).read_bytes(), others, "another's failures are not forgotten")
        self.assertTrue(self.accepts(person, new))
        self.assertTrue(self.log_in(person, new))

    def test_who_was_locked_out_on_the_machine_is_unlocked_with_the_password_as_it_is(self):
        person = self.people["gina"]
        self.count_failures()
        self.lock_out(person)
        terminal = self.to_unlock_or_reset(person)
        terminal.type("1")
        terminal.type(journey.to_mailed_code(terminal, self.machine, person, 0))
        terminal.expect(words.UNLOCKED)
        terminal.expect(words.PLAIN_PASSWORD)
        terminal.type(person.password, hidden=True)
        journey.to_shell(terminal, person.name)
        self.assertEqual(self.tally(person).stat().st_size, 0)
        self.assertTrue(self.accepts(person, person.password))


if __name__ == "__main__":
    directory_login_case.main()
