# SPDX-License-Identifier: Apache-2.0
"""What ./run bench service measures: the service with its keys and users, a slapd, and the load."""
import hashlib
import json
import os
import pathlib
import signal
import socket
import sqlite3
import ssl
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")
BASE = "ou=people,dc=bench,dc=example"
SERVICE_DN = "cn=sspr,dc=bench,dc=example"
SECRET = "bench-service-password"

# What Debian's slapd is set up with: no log of each operation, and an index of objectClass, without
# which slapd reads every entry of the base for each search (it looks for referrals among them).
SLAPD_CONF = """include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile {folder}/slapd.pid
loglevel none
TLSCertificateFile {folder}/cert.pem
TLSCertificateKeyFile {folder}/key.pem
TLSCACertificateFile {folder}/cert.pem
password-hash {{SSHA}}
database mdb
suffix dc=bench,dc=example
rootdn cn=admin,dc=bench,dc=example
rootpw {secret}
directory {folder}/slapd
maxsize 1073741824
index objectClass,uid,entryUUID eq
overlay ppolicy
access to attrs=userPassword by dn.exact="{service}" write by self =xw by anonymous auth by * none
access to * by * read
"""

SERVICE_CONF = """[service]
listen = 127.0.0.1:{port}
public_url = https://localhost:{port}/bench
certificate_file = {folder}/cert.pem
key_file = {folder}/key.pem
[data]
folder = {folder}
[mail]
url = smtp://127.0.0.1:{smtp_port}
from = sspr@bench.example
"""

LDAP_CONF = """[directory]
type = ldap
url = ldap://127.0.0.1:{ldap_port}
bind_dn = {service}
bind_password_file = {folder}/ldap-password
base = {base}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    """Of all its threads, living and dead."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident_kb(pid, name="VmRSS"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def uuid_of(number):
    digits = hashlib.sha256(f"bench {number}".encode()).hexdigest()[:32]
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


class Load:
    """The program that plays the clients, and the mail server that their codes come to."""

    def __init__(self, program, port, ca_file):
        self.process = subprocess.Popen([program, str(port), ca_file, "bench"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.smtp_port = json.loads(self.process.stdout.readline())["smtp_port"]

    def ask(self, *words):
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"bench: the load ended at {words[0]}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class World:
    """A folder with everything in it; `users` people, user0 and on."""

    def __init__(self, build, folder, users, ldap):
        self.build, self.folder, self.users, self.ldap = build, folder, users, ldap
        self.service = self.slapd_pid = None
        folder.mkdir(parents=True)
        self.port = free_port()
        self.tenant = "bench"
        self._certificate()
        self.load = Load(build / "tests/bench/reset_load", self.port, folder / "cert.pem")
        text = SERVICE_CONF.format(port=self.port, folder=folder, smtp_port=self.load.smtp_port)
        if ldap:
            self.ldap_port = free_port()
            (folder / "ldap-password").write_text(SECRET)
            text += LDAP_CONF.format(ldap_port=self.ldap_port, folder=folder, service=SERVICE_DN,
                                     base=BASE)
            self._start_slapd()
        self.config = folder / "service.conf"
        self.config.write_text(text)
        self._fill()

    def control(self, *arguments, stdin=""):
        subprocess.run([self.build / "service/ssprctl", "--config", self.config, *arguments],
                       input=stdin, text=True, check=True, stdout=subprocess.DEVNULL)

    def _certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
                        self.folder / "key.pem", "-out", self.folder / "cert.pem"],
                       check=True, capture_output=True)

    def _start_slapd(self):
        (self.folder / "slapd").mkdir()
        conf = self.folder / "slapd.conf"
        conf.write_text(SLAPD_CONF.format(folder=self.folder, secret=SECRET, service=SERVICE_DN))
        entries = ["dn: dc=bench,dc=example\nobjectClass: dcObject\nobjectClass: organization\n"
                   "o: bench\ndc: bench\n",
                   f"dn: {BASE}\nobjectClass: organizationalUnit\nou: people\n",
                   f"dn: {SERVICE_DN}\nobjectClass: device\nobjectClass: simpleSecurityObject\n"
                   f"cn: sspr\nuserPassword: {SECRET}\n"]
        entries += [f"dn: uid=user{number},{BASE}\nobjectClass: inetOrgPerson\nuid: user{number}\n"
                    f"cn: Somebody {number}\nsn: Somebody\nuserPassword: before\n"
                    f"entryUUID: {uuid_of(number)}\n" for number in range(self.users)]
        (self.folder / "entries.ldif").write_text("\n".join(entries))
        subprocess.run(["/usr/sbin/slapadd", "-q", "-f", conf, "-l", self.folder / "entries.ldif"],
                       check=True, capture_output=True)
        subprocess.run(["/usr/sbin/slapd", "-f", conf, "-h", f"ldap://127.0.0.1:{self.ldap_port}"],
                       check=True)
        self.slapd_pid = int((self.folder / "slapd.pid").read_text())

    def _fill(self):
        """One user by ssprctl; the others are that one's rows again."""
        self.control("init")
        self.control("clients", "add", "bench")
        if self.ldap:
            self.control("users", "adopt", "user0")
        else:
            self.control("users", "add", "user0", "--display-name", "Somebody 0")
            self.control("users", "set-password", "user0", stdin="the password before it\n")
        self.control("methods", "add-email", "user0", "user0@bench.example")
        database = sqlite3.connect(self.folder / "sspr.db")
        for table in ("users", "methods"):
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            row = dict(zip(columns, database.execute(f"SELECT * FROM {table}").fetchone()))
            rows = [self._row(table, row, number) for number in range(1, self.users)]
            marks = ", ".join("?" * len(columns))
            database.executemany(f"INSERT INTO {table} VALUES ({marks})",
                                 [[made[column] for column in columns] for made in rows])
        database.commit()
        database.close()

    @staticmethod
    def _row(table, template, number):
        made = dict(template)
        identity = uuid_of(number).replace("-", "")
        if table == "users":
            made |= {"id": identity, "username": f"user{number}",
                     "display_name": f"Somebody {number}"}
        else:
            made |= {"id": hashlib.sha256(identity.encode()).hexdigest()[:32], "user_id": identity,
                     "address": f"user{number}@bench.example"}
        return made

    def start_service(self):
        """Starts it; seconds until its first answer."""
        tls = ssl.create_default_context(cafile=self.folder / "cert.pem")
        with open(self.folder / "log", "ab") as log:
            begun = time.monotonic()
            self.service = subprocess.Popen(
                [self.build / "service/sspr-service", "--config", self.config], stderr=log)
        path = "/bench/.well-known/sspr-configuration"
        while time.monotonic() - begun < 10:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as plain, \
                        tls.wrap_socket(plain, server_hostname="localhost") as stream:
                    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                    if b"200 OK" in stream.recv(4096):
                        return time.monotonic() - begun
            except ConnectionRefusedError:
                time.sleep(0.001)
        raise SystemExit(f"bench: the service does not start; see {self.folder / 'log'}")

    def stop_service(self):
        self.service.send_signal(signal.SIGTERM)
        self.service.wait()

    def measured(self, *words):
        """What the load saw, with the CPU seconds that the servers took meanwhile."""
        pids = [pid for pid in (self.service.pid, self.slapd_pid) if pid]
        before = [cpu_seconds(pid) for pid in pids]
        seen = self.load.ask(*words)
        # The last mails are on their way: they belong to it.
        time.sleep(0.3)
        taken = [cpu_seconds(pid) - start for pid, start in zip(pids, before)]
        return seen | {"service_cpu": taken[0], "slapd_cpu": taken[1] if len(taken) > 1 else 0.0}

    def synced_writes(self, *words):
        """How often the service asked for a sync while the load ran: by the file's ending."""
        trace = self.folder / "trace"
        tracer = subprocess.Popen(["strace", "-f", "-qq", "-y", "-e", "trace=fsync,fdatasync", "-o",
                                   trace, "-p", str(self.service.pid)])
        status = pathlib.Path(f"/proc/{self.service.pid}/status")
        while "TracerPid:\t0\n" in status.read_text():
            time.sleep(0.01)
        seen = self.load.ask(*words)
        tracer.send_signal(signal.SIGINT)
        tracer.wait()
        counts = {}
        for line in trace.read_text().splitlines():
            if "<" not in line or "resumed" in line.split("<")[1]:
                continue
            name = line.split("<")[1].split(">")[0].rsplit("/", 1)[-1]
            counts[name] = counts.get(name, 0) + 1
        return seen, counts

    def close(self):
        if self.service and self.service.poll() is None:
            self.stop_service()
        self.load.close()
        if self.slapd_pid:
            os.kill(self.slapd_pid, signal.SIGTERM)


