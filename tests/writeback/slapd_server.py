# SPDX-License-Identifier: Apache-2.0
"""A real slapd with a strict password policy, in the foreground, so that a test may kill it; people with
passwords of their own."""
import pathlib
import socket
import subprocess
import time

BASE = "dc=example,dc=org"
PEOPLE = f"ou=people,{BASE}"
SERVICE_DN = f"cn=sspr,ou=services,{BASE}"
SERVICE_PASSWORD = "service-password"

CONF = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile {folder}/pid
TLSCertificateFile {folder}/cert.pem
TLSCertificateKeyFile {folder}/key.pem
password-hash {{SSHA}}
database mdb
suffix dc=example,dc=org
rootdn cn=admin,dc=example,dc=org
rootpw admin-password
directory {folder}/db
maxsize 67108864
index uid,entryUUID eq
overlay ppolicy
ppolicy_default cn=default,ou=policies,dc=example,dc=org
ppolicy_hash_cleartext
access to attrs=userPassword by dn.exact="{service}" write by self =xw by anonymous auth by * none
access to attrs=pwdAccountLockedTime by dn.exact="{service}" write by * read
access to * by * read
"""

ENTRIES = """dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
o: x
dc: example

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example,dc=org
objectClass: organizationalUnit
ou: groups

dn: ou=services,dc=example,dc=org
objectClass: organizationalUnit
ou: services

dn: ou=policies,dc=example,dc=org
objectClass: organizationalUnit
ou: policies

dn: cn=default,ou=policies,dc=example,dc=org
objectClass: pwdPolicy
objectClass: device
cn: default
pwdAttribute: userPassword
pwdMinLength: 8
pwdCheckQuality: 2
pwdInHistory: 3
pwdLockout: TRUE
pwdMaxFailure: 3

dn: {service}
objectClass: device
objectClass: simpleSecurityObject
cn: sspr
userPassword: {secret}

dn: cn=guarded,ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: guarded
member: uid=gina,ou=people,dc=example,dc=org
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Slapd:
    def __init__(self, folder, people):
        """people: {name: password}"""
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(mode=0o700)
        (self.folder / "db").mkdir()
        self.port = free_port()
        self.url = f"ldaps://127.0.0.1:{self.port}"
        self.password_file = self.folder / "password"
        self.password_file.write_text(SERVICE_PASSWORD)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.folder / "key.pem",
                        "-out", self.folder / "cert.pem"], check=True, capture_output=True)
        (self.folder / "slapd.conf").write_text(CONF.format(folder=self.folder, service=SERVICE_DN))
        text = ENTRIES.format(service=SERVICE_DN, secret=SERVICE_PASSWORD)
        for name, password in people.items():
            text += (f"\ndn: uid={name},{PEOPLE}\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\n"
                     f"sn: {name}\nuserPassword: {password}\n")
        (self.folder / "entries.ldif").write_text(text)
        subprocess.run(["/usr/sbin/slapadd", "-q", "-f", self.folder / "slapd.conf", "-l",
                        self.folder / "entries.ldif"], check=True, capture_output=True)
        self.process = None
        self.start()

    def start(self):
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(["/usr/sbin/slapd", "-d", "0", "-f", self.folder / "slapd.conf",
                                         "-h", self.url], stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.01)
        raise AssertionError((self.folder / "log").read_text(errors="replace"))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def is_right(self, name, password):
        done = subprocess.run(["ldapwhoami", "-x", "-H", self.url, "-D", f"uid={name},{PEOPLE}", "-w",
                               password], capture_output=True, check=False, timeout=300,
                              env={"LDAPTLS_CACERT": str(self.folder / "cert.pem"), "PATH": "/usr/bin:/bin"})
        if done.returncode not in (0, 49):
            raise AssertionError(done.stderr)
        return done.returncode == 0

    def lock(self, name):
        """By failures, as an attacker does it."""
        for _ in range(3):
            self.is_right(name, "not the password")
