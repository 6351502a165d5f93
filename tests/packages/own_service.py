# SPDX-License-Identifier: Apache-2.0
"""The sspr-service of a booted root, set up and handed out as its administrator would."""

import json
import pathlib
import shutil
import subprocess
import sys

from stage.directory_client import SignInClient

SMTP_PORT = 2525
SERVICE_PORT = 8443
SERVICE_CONFIG = f"""\
[service]
listen = 127.0.0.1:{SERVICE_PORT}
public_url = https://localhost:{SERVICE_PORT}/corp
certificate_file = /etc/sspr-service/tls.crt
key_file = /etc/sspr-service/tls.key

[mail]
url = smtp://127.0.0.1:{SMTP_PORT}
from = password-reset@example.org
"""
MACHINE_CONFIG = f"""\
[service]
url = https://localhost:{SERVICE_PORT}/corp
ca_file = /etc/sspr/ca.pem
username = {{user}}@example.org
"""
AS_SERVICE = ("runuser", "-u", "sspr-service", "--")


def address_of(name):
    """The user name at the service, and the mailbox."""
    return f"{name}@example.org"


class OwnService:
    """root: a BootedRoot in which sspr-service and sspr-tools are installed once one of the methods below
    start_mail is called. scratch: a folder of the test."""

    def __init__(self, root, scratch):
        self._root = root
        self._scratch = scratch
        self.mail = scratch / "mail"

    def start_mail(self):
        """Gives the process that takes the mail, which the caller ends."""
        sink = pathlib.Path(__file__).resolve().parents[2] / "demo/stage/mail_sink.py"
        return subprocess.Popen([sys.executable, sink, str(SMTP_PORT), self.mail])

    def set_up(self):
        self._make_certificate()
        (self._root.path / "etc/sspr-service/sspr-service.conf").write_text(SERVICE_CONFIG)
        self.control("init")
        self.control("clients", "add", "sspr-login")

    def add_person(self, name, password):
        address = address_of(name)
        self.control("users", "add", address, "--display-name", name.title(), "--local-account", name)
        self.control("users", "set-password", address, stdin=password + "\n")
        self.control("methods", "add-email", address, address)

    def start(self):
        self._root.run("systemctl", "enable", "--now", "sspr-service")

    def enrol_machine(self):
        """What the administrator hands out, the one file to edit, and the enrolment."""
        token = json.loads(self.control("devices", "token"))["enrollment_token"]
        shutil.copy(self._scratch / "ca.pem", self._root.path / "etc/sspr/ca.pem")
        (self._root.path / "etc/sspr/sspr.conf").write_text(MACHINE_CONFIG)
        self._root.run("sspr-enroll", "enroll", stdin=token + "\n")

    def accepts(self, name, password):
        client = SignInClient("localhost", SERVICE_PORT, "/corp", self._scratch / "ca.pem")
        return client.accepts(address_of(name), password)

    def control(self, *words, stdin=""):
        return self._root.run(*AS_SERVICE, "ssprctl", "--json", *words, stdin=stdin).stdout

    def _make_certificate(self):
        def openssl(*arguments):
            subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

        key, target = self._scratch / "ca.key", self._root.path / "etc/sspr-service"
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        openssl("req", "-x509", *curve, "-keyout", key, "-out", self._scratch / "ca.pem", "-days", "90",
                "-subj", "/CN=Test authority")
        openssl("req", *curve, "-keyout", target / "tls.key", "-out", self._scratch / "tls.csr", "-subj",
                "/CN=localhost")
        (self._scratch / "san").write_text("subjectAltName=DNS:localhost\n")
        openssl("x509", "-req", "-in", self._scratch / "tls.csr", "-CA", self._scratch / "ca.pem", "-CAkey",
                key, "-CAcreateserial", "-days", "90", "-out", target / "tls.crt", "-extfile",
                self._scratch / "san")
        self._root.run("chown", "sspr-service:", "/etc/sspr-service/tls.key")
