# SPDX-License-Identifier: Apache-2.0
"""A real slapd with its password policy, people in it and an account for the service with the rights
that docs/service-configuration.md names. It can be away and come back."""

import pathlib
import shutil
import subprocess

BASE = "dc=example,dc=org"
SERVICE_DN = f"cn=sspr,ou=services,{BASE}"
ADMIN_DN = f"cn=admin,{BASE}"
CONFIGURATION = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
TLSCertificateFile {folder}/cert.pem
TLSCertificateKeyFile {folder}/key.pem
TLSCACertificateFile {folder}/cert.pem
password-hash {{SSHA}}
database mdb
suffix {base}
rootdn {admin}
directory {folder}/db
maxsize 67108864
index uid,entryUUID eq
overlay ppolicy
ppolicy_default cn=default,ou=policies,{base}
ppolicy_hash_cleartext
access to attrs=userPassword,pwdAccountLockedTime by dn.exact="{service}" write by self =xw by anonymous auth by * none
access to * by * read
"""
ENTRIES = """\
dn: {base}
objectClass: dcObject
objectClass: organization
o: x
dc: example

dn: ou=people,{base}
objectClass: organizationalUnit
ou: people

dn: ou=services,{base}
objectClass: organizationalUnit
ou: services

dn: ou=policies,{base}
objectClass: organizationalUnit
ou: policies

dn: cn=default,ou=policies,{base}
objectClass: pwdPolicy
objectClass: device
cn: default
pwdAttribute: userPassword
pwdMinLength: 8
pwdCheckQuality: 2
pwdInHistory: 2

dn: {service}
objectClass: device
objectClass: simpleSecurityObject
cn: sspr
userPassword: {secret}

"""
PERSON = """\
dn: uid={name},ou=people,{base}
objectClass: inetOrgPerson
objectClass: posixAccount
uid: {name}
cn: {name}
sn: Example
uidNumber: {number}
gidNumber: {number}
homeDirectory: {home}
loginShell: /bin/bash
userPassword: {password}

"""


class LdapServer:
    """people: (name, password) each; they get numbers from 20001 on and homes in /tmp."""

    def __init__(self, folder, port, secret, people):
        self.folder = pathlib.Path(folder)
        self.port = port
        self._process = None
        (self.folder / "db").mkdir(parents=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.folder / "key.pem", "-out",
             self.folder / "cert.pem"],
            check=True, capture_output=True, timeout=60)
        text = ENTRIES.format(base=BASE, service=SERVICE_DN, secret=secret)
        for number, (name, password) in enumerate(people, 20001):
            home = pathlib.Path("/tmp") / name
            home.mkdir(mode=0o700)
            shutil.chown(home, number, number)
            text += PERSON.format(base=BASE, name=name, number=number, home=home, password=password)
        (self.folder / "slapd.conf").write_text(CONFIGURATION.format(
            folder=self.folder, base=BASE, admin=ADMIN_DN, service=SERVICE_DN))
        subprocess.run(["/usr/sbin/slapadd", "-q", "-f", self.folder / "slapd.conf"], input=text,
                       text=True, check=True, capture_output=True, timeout=60)

    @property
    def url(self):
        return f"ldaps://localhost:{self.port}"

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                ["/usr/sbin/slapd", "-d", "0", "-f", self.folder / "slapd.conf", "-h", self.url],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stop(self):
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)
