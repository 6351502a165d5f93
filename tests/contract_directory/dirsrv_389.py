#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command beside a real 389 Directory Server: dirsrv_389.py COMMAND [ARGUMENT...]

A process of this program's own, without systemd and dscreate: a folder of its own, loopback, ports
that nobody else has, a certificate of an authority made for it. The command finds in its
environment: SSPR_389_URL, SSPR_389_CA, SSPR_389_PASSWORD_FILE (of the service's account) and
SSPR_389_ADMIN_PASSWORD (of cn=Directory Manager). The service's account holds the rights that
docs/service-configuration.md names, on ou=people, and no others. Without the package 389-ds-base
it says so, and ends with 77.
"""
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time

BASE = "dc=example,dc=org"
PEOPLE = f"ou=people,{BASE}"
SERVICE = f"cn=sspr,ou=services,{BASE}"
SERVICE_PASSWORD = "service-password"
ADMIN_PASSWORD = "admin-password"
SERVER = "/usr/sbin/ns-slapd"
TEMPLATE = pathlib.Path("/usr/share/dirsrv/data/template-dse.ldif")
START_SECONDS = 120
NOT_HERE = 77

# dscreate has the server begin twice, and it adds these the first time.
ENTRY_UUID = """dn: cn=entryuuid_syntax,cn=plugins,cn=config
objectClass: top
objectClass: nsSlapdPlugin
cn: entryuuid_syntax
nsslapd-pluginPath: libentryuuid-syntax-plugin
nsslapd-pluginInitfunc: entryuuid_syntax_plugin_init
nsslapd-pluginType: syntax
nsslapd-pluginEnabled: on
nsslapd-pluginId: entryuuid_syntax
nsslapd-pluginVersion: none
nsslapd-pluginVendor: 389 Project
nsslapd-pluginDescription: entryuuid_syntax

dn: cn=entryuuid,cn=plugins,cn=config
objectClass: top
objectClass: nsSlapdPlugin
cn: entryuuid
nsslapd-pluginPath: libentryuuid-plugin
nsslapd-pluginInitfunc: entryuuid_plugin_init
nsslapd-pluginType: betxnpreoperation
nsslapd-pluginEnabled: on
nsslapd-pluginId: entryuuid
nsslapd-pluginVersion: none
nsslapd-pluginVendor: 389 Project
nsslapd-pluginDescription: entryuuid
"""

BDB = """dn: cn=bdb,cn=config,cn=ldbm database,cn=plugins,cn=config
objectClass: top
objectClass: extensibleObject
cn: bdb
nsslapd-db-durable-transaction: off"""

# The rights that docs/service-configuration.md names.
RIGHTS = f"""dn: {PEOPLE}
changetype: modify
add: aci
aci: (targetattr = "userPassword")(version 3.0; acl "sspr sets passwords"; allow (write) userdn = "ldap:///{SERVICE}";)
aci: (targetattr = "accountUnlockTime || passwordRetryCount || retryCountResetTime")(version 3.0; acl "sspr unlocks";
  allow (read, search, write) userdn = "ldap:///{SERVICE}";)
"""

ENTRIES = f"""dn: {BASE}
objectClass: domain
dc: example
aci: (targetattr != "userPassword || aci")(version 3.0; acl "reading"; allow (read, search, compare) userdn = "ldap:///anyone";)
aci: (targetattr = "userPassword")(version 3.0; acl "own password"; allow (write) userdn = "ldap:///self";)

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: ou=groups,{BASE}
objectClass: organizationalUnit
ou: groups

dn: ou=services,{BASE}
objectClass: organizationalUnit
ou: services

dn: {SERVICE}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: sspr
userPassword: {SERVICE_PASSWORD}

dn: uid=alice,{PEOPLE}
objectClass: inetOrgPerson
uid: alice
cn: Alice
sn: Alice
"""


def run(*words, log, text=None):
    with log.open("ab") as out:
        ended = subprocess.run(words, input=text, stdout=out, stderr=out, check=False)
    if ended.returncode != 0:
        sys.exit(f"{' '.join(map(str, words[:4]))}: failed\n{log.read_text()[-4000:]}")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class DirectoryServer:
    def __init__(self, folder):
        self.folder = folder
        self.log = folder / "log"
        self.config = folder / "config"
        self.process = None
        self.plain_port, self.tls_port = free_port(), free_port()

    def configure(self):
        """dse.ldif of the template that dscreate uses, and what dscreate would add by LDAP."""
        for name in ("config/schema", "db/userRoot", "logs", "run", "bak", "ldif", "tmp", "lock", "inst"):
            (self.folder / name).mkdir(parents=True)
        # The package's own may be read by root alone.
        (self.config / "certmap.conf").write_text("certmap default default\n")
        (self.config / "slapd-collations.conf").write_text("")
        (self.config / "schema/99user.ldif").write_text("dn: cn=schema\nobjectClass: top\n")
        # FreeIPA's attributes.
        shutil.copy(TEMPLATE.parent / "60kerberos.ldif", self.config / "schema")
        hashed = subprocess.run(["pwdhash", "-s", "SSHA512", ADMIN_PASSWORD], capture_output=True,
                                text=True, check=True).stdout.strip()
        at = self.folder
        values = {
            "bak_dir": at / "bak", "cert_dir": self.config, "config_dir": self.config,
            "db_dir": at / "db", "db_home_dir": at / "db", "db_lib": "bdb", "ds_passwd": hashed,
            "ds_port": self.plain_port, "ds_suffix": BASE, "ds_user": pwd.getpwuid(os.getuid()).pw_name, "fqdn": "localhost",
            "inst_dir": at / "inst", "ldapi": at / "run/ldapi", "ldapi_autobind": "off",
            "ldapi_enabled": "off", "ldif_dir": at / "ldif", "lock_dir": at / "lock",
            "log_dir": at / "logs", "rootdn": "cn=Directory Manager", "run_dir": at / "run",
            "schema_dir": self.config / "schema", "tmp_dir": at / "tmp",
        }
        # What this server holds need not outlive a loss of power: no test waits for a disk.
        text = TEMPLATE.read_text().replace("nsslapd-backend-implement: %db_lib%",
                                            "nsslapd-backend-implement: %db_lib%\n\n" + BDB)
        for name, value in values.items():
            text = text.replace(f"%{name}%", str(value))
        main, rest = text.split("\n\n", 1)
        main += f"""
nsslapd-listenhost: 127.0.0.1
nsslapd-securelistenhost: 127.0.0.1
nsslapd-security: on
nsslapd-secureport: {self.tls_port}
nsslapd-accesslog-logging-enabled: off
nsslapd-pwpolicy-local: on
passwordStorageScheme: SSHA512"""
        backend = (TEMPLATE.parent / "template-suffix-db.ldif").read_text()
        for name, value in {"ds_suffix": BASE, "ds_bename": "userRoot", "db_dir": at / "db"}.items():
            backend = backend.replace(f"%{name}%", str(value))
        lines = [line for line in backend.splitlines() if not line.startswith("#")]
        (self.config / "dse.ldif").write_text(main + "\n\n" + rest.rstrip() + "\n\n" + ENTRY_UUID + "\n" + "\n".join(lines) + "\n")

    def certify(self):
        """An authority, a certificate of the server's by it, both where NSS wants them."""
        at = self.folder
        (at / "extensions").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        run("openssl", "req", "-x509", *key, "-days", "2", "-subj", "/CN=Test authority", "-keyout",
            at / "ca.key", "-out", at / "ca.pem", log=self.log)
        run("openssl", "req", *key, "-subj", "/CN=localhost", "-keyout", at / "server.key", "-out",
            at / "server.csr", log=self.log)
        run("openssl", "x509", "-req", "-in", at / "server.csr", "-CA", at / "ca.pem", "-CAkey", at / "ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", at / "extensions", "-out", at / "server.pem", log=self.log)
        run("openssl", "pkcs12", "-export", "-inkey", at / "server.key", "-in", at / "server.pem", "-name",
            "Server-Cert", "-passout", "pass:", "-out", at / "server.p12", log=self.log)
        run("certutil", "-N", "-d", self.config, "--empty-password", log=self.log)
        run("certutil", "-A", "-d", self.config, "-n", "CA", "-t", "CT,,", "-i", at / "ca.pem", log=self.log)
        run("pk12util", "-d", self.config, "-i", at / "server.p12", "-W", "", log=self.log)

    def start(self):
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [SERVER, "-D", self.config, "-i", self.folder / "run/pid", "-d", "0"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        give_up = time.monotonic() + START_SECONDS
        for port in (self.plain_port, self.tls_port):
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    if self.process.poll() is not None or time.monotonic() > give_up:
                        errors = self.folder / "logs/errors"
                        said = errors.read_text()[-4000:] if errors.exists() else ""
                        sys.exit(f"ns-slapd does not serve\n{self.log.read_text()[-4000:]}\n{said}")
                    time.sleep(0.05)

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def modify(self, ldif, *options):
        run("ldapmodify", "-x", "-H", f"ldap://127.0.0.1:{self.plain_port}", "-D", "cn=Directory Manager", "-w",
            ADMIN_PASSWORD, *options, log=self.log, text=ldif.encode())

    def environment(self):
        password = self.folder / "password"
        password.write_text(SERVICE_PASSWORD + "\n")
        return {
            "SSPR_389_URL": f"ldaps://127.0.0.1:{self.tls_port}",
            "SSPR_389_CA": str(self.folder / "ca.pem"),
            "SSPR_389_PASSWORD_FILE": str(password),
            "SSPR_389_ADMIN_PASSWORD": ADMIN_PASSWORD,
        }


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if not os.access(SERVER, os.X_OK) or not TEMPLATE.exists():
        print("skipped: the package 389-ds-base is not installed")
        return NOT_HERE
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sspr-389-"))
    server = DirectoryServer(folder)
    try:
        server.configure()
        server.certify()
        server.start()
        server.modify(ENTRIES, "-a")
        server.modify(RIGHTS)
        return subprocess.run(sys.argv[1:], env=os.environ | server.environment(), check=False).returncode
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
