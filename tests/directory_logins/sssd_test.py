#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""People of a directory at /bin/login on a machine with SSSD: after a reset the new password signs in
and works offline at once, and the old one does not, even if SSSD had given the directory up. The
stack is the one that pam-auth-update makes. Run by enter.sh."""

import pathlib
import secrets

import directory_login_case
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


if __name__ == "__main__":
    directory_login_case.main()
