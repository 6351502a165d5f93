# SPDX-License-Identifier: Apache-2.0
"""The private machine that demo/enter.sh opened, made ready: programs, users, login stacks, the
service with its mail server, and the enrolment of the machine at the service."""

import contextlib
import dataclasses
import json
import os
import pathlib
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import warnings

from stage import login_stack
from stage.mailbox import Mailbox
from stage.observer import CANARY_HEAD, CANARY_TAIL, Observer
from stage.service_process import ServiceProcess
from stage.superserver import Superserver
from stage.syslog_sink import SyslogSink
from stage.terminal import Terminal

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import crypt

INSTALLED = pathlib.Path("/opt/sspr")
MAIL = pathlib.Path("/var/mail/delivered")
SMTP_PORT = 2525
ENVIRONMENT = {"TERM": "xterm", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
CONFIG = pathlib.Path("/etc/sspr/sspr.conf")
CONFIG_TEXT = """\
[service]
url = {url}
ca_file = /etc/sspr/ca.pem
product_name = SSPR Login demo
helpdesk = Call the help desk at extension 100.
username = {{user}}@example.org

[machine]
min_uid = 1000
"""


@dataclasses.dataclass
class Person:
    name: str
    password: str
    mailbox: Mailbox
    authenticator: str = ""  # base32 secret, where there is one


class Machine:
    """Use as a context manager inside demo/enter.sh."""

    def __init__(self, alice_password=None):
        """alice is the user that the service's demo mode makes."""
        self._alice_password = alice_password
        self.alice = None
        self.scratch = pathlib.Path(os.environ["SSPR_SCRATCH"])
        self.build = pathlib.Path(os.environ["SSPR_BUILD"])
        self._cleanup = contextlib.ExitStack()

    def __enter__(self):
        os.umask(0o022)
        self.observer = Observer(self.scratch / "observed")
        self.syslog = SyslogSink("/var/log/syslog")
        self._install_programs()
        self.run("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "sspr")
        self.run(
            "useradd",
            "--system",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            "sspr-service",
        )
        self._login_defaults()
        for service in ("login", "su"):
            self.use_stack(service, login_stack.BY_PROMPT)
        self._start_mail()
        self.service = ServiceProcess(
            INSTALLED / "bin",
            "/var/lib/sspr-service",
            "sspr-service",
            SMTP_PORT,
            "/var/log/sspr-service.log",
        )
        password = self._alice_password or self.new_password()
        self.service.set_initial_password(password)
        self.service.start()
        self._cleanup.callback(self.service.kill)
        self._enrol()
        self.flow = self.setpw = None
        self.start_flow()
        self._cleanup.callback(lambda: self.flow.stop())
        self.start_setpw()
        self._cleanup.callback(lambda: self.setpw.stop())
        self._add_account("alice", password)
        self.alice = Person(
            "alice",
            password,
            Mailbox(MAIL, "alice@example.org"),
            self.service.authenticator_of_alice(),
        )
        return self

    def __exit__(self, *_):
        self._cleanup.close()

    # The machine's own parts.

    def run(self, *command, stdin=""):
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout

    def _install_programs(self):
        for folder, parts in {
            "libexec": (
                "libexec/sspr/sspr-flow",
                "libexec/sspr/sspr-online",
                "libexec/sspr/sspr-setpw",
                "libexec/sspr/libsspr_http.so",
            ),
            "bin": ("service/sspr-service", "service/ssprctl"),
            "lib": ("pam_module/module/pam_sspr.so",),
        }.items():
            target = INSTALLED / folder
            target.mkdir(parents=True, exist_ok=True)
            for part in parts:
                shutil.copy(self.build / part, target)

    def _login_defaults(self):
        """Ends sessions at once and asks for no host name service."""
        defaults = pathlib.Path("/etc/login.defs")
        text = re.sub(r"(?m)^(LOGIN_RETRIES)\s.*$", r"\1 3", defaults.read_text())
        defaults.write_text(text)
        pathlib.Path("/etc/hosts").write_text("127.0.0.1 localhost sspr-demo\n::1 localhost\n")
        pathlib.Path("/etc/motd").write_text("")

    def use_stack(self, service, stack, options=""):
        login_stack.install(service, stack, INSTALLED / "lib/pam_sspr.so", options)

    def use_phases(self, options=""):
        """Lines of ours in account, password and session, for all PAM services. A busy machine is not
        what is looked at."""
        login_stack.install_phases(INSTALLED / "lib/pam_sspr.so", f"limit=10000 {options}")

    def set_login_timeout(self, seconds):
        defaults = pathlib.Path("/etc/login.defs")
        defaults.write_text(
            re.sub(r"(?m)^(LOGIN_TIMEOUT)\s.*$", rf"\1 {seconds}", defaults.read_text())
        )

    # The service, its mail and the enrolment.

    def _start_mail(self):
        sink = subprocess.Popen(
            [sys.executable, pathlib.Path(__file__).parent / "mail_sink.py", str(SMTP_PORT), MAIL],
            stdin=subprocess.DEVNULL,
        )
        self._cleanup.callback(sink.wait)
        self._cleanup.callback(sink.kill)
        self.wait_for_port(SMTP_PORT)

    def wait_for_port(self, port, seconds=20, host="127.0.0.1"):
        """Waits until somebody listens on the port of the host."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                socket.create_connection((host, port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def _enrol(self):
        folder = CONFIG.parent
        folder.mkdir(mode=0o755)
        for name in ("ca.pem", "permit.pub"):
            shutil.copy(self.service.folder / name, folder / name)
            os.chmod(folder / name, 0o644)
        (folder / "device.id").write_text(secrets.token_hex(32) + "\n")
        resume = folder / "resume.key"
        resume.touch(mode=0o600)
        resume.write_text(secrets.token_hex(32) + "\n")
        shutil.chown(resume, "sspr", "sspr")
        CONFIG.write_text(CONFIG_TEXT.format(url=self.service.url))

    def enrol_device(self):
        """The machine becomes a device of the service: only then it is answered about people."""
        token = json.loads(self.service.control("--json", "devices", "token"))["enrollment_token"]
        self.run(str(self.build / "sbin/sspr-enroll"), "enroll", stdin=token)

    def start_flow(self, *wrapper):
        with open("/var/log/sspr-flow.out", "ab") as log:
            self.flow = Superserver(
                "/run/sspr/flow.sock",
                [*wrapper, str(INSTALLED / "libexec/sspr-flow")],
                mode=0o666,
                log=log,
            )

    def start_setpw(self, *wrapper):
        with open("/var/log/sspr-setpw.out", "ab") as log:
            self.setpw = Superserver(
                "/run/sspr/setpw.sock",
                [*wrapper, str(INSTALLED / "libexec/sspr-setpw")],
                owner=pwd.getpwnam("sspr").pw_uid,
                log=log,
            )

    def recover(self):
        """Finishes what was interrupted, as at a start of the machine; gives the exit code."""
        subprocess.run(
            [INSTALLED / "libexec/sspr-setpw", "--recover"],
            timeout=60,
            check=False,
            cwd="/",
            env={},
        )
        return subprocess.run(
            [INSTALLED / "libexec/sspr-flow", "--recover"], timeout=60, check=False, cwd="/", env={}
        ).returncode

    # People.

    def _add_account(self, name, password):
        self.run("useradd", "--create-home", "--shell", "/bin/bash", name)
        self.run("chpasswd", stdin=f"{name}:{password}\n")

    def add_person(self, name, address=None):
        """A user of the machine and the service, with one password and an e-mail address."""
        password = self.new_password()
        address = address or f"{name}@example.org"
        self._add_account(name, password)
        control = self.service.control
        control(
            "users",
            "add",
            address,
            "--display-name",
            f"{name.capitalize()} Example",
            "--local-account",
            name,
        )
        control("users", "set-password", address, stdin=password + "\n")
        control("methods", "add-email", address, address)
        return Person(name, password, Mailbox(MAIL, address))

    def add_authenticator(self, person):
        """An authenticator app for the person; gives its base32 secret."""
        printed = self.service.control("methods", "add-totp", f"{person.name}@example.org")
        person.authenticator = re.search(r"secret=([A-Z2-7]+)", printed).group(1)
        return person.authenticator

    def new_password(self):
        """A password that nobody used before, marked at both ends for the canary search. Letters
        only between: cracklib takes some rows of digits for a National Insurance number."""
        middle = "".join(secrets.choice("bcdfghjkmnpqrstvwxz") for _ in range(12))
        return f'{CANARY_HEAD}{middle}"&+%{CANARY_TAIL}'

    def code(self, value):
        """Notes a one-time passcode for the canary search and gives it back."""
        self.observer.note_code(value)
        return value

    def local_accepts(self, name, password):
        """True when the password is the one in the machine's shadow file."""
        for line in pathlib.Path("/etc/shadow").read_text().splitlines():
            fields = line.split(":")
            if fields[0] == name:
                return crypt.crypt(password, fields[1]) == fields[1]
        raise AssertionError(f"{name} is not in the shadow file")

    def service_accepts(self, name, password):
        return self.service.sign_in_client().accepts(f"{name}@example.org", password)

    # Terminals.

    def sanitizer(self):
        """The run-time library that a sanitized module needs in its host, or nothing."""
        module = (self.build / "pam_module/module/pam_sspr.so").read_bytes()
        found = re.search(rb"libasan\.so\.[0-9]+", module)
        return found.group().decode() if found else ""

    def terminal(self, *argv, seconds=60):
        environment = dict(ENVIRONMENT)
        if library := self.sanitizer():
            # What other modules of the host leak is not ours to judge.
            environment |= {"LD_PRELOAD": library, "ASAN_OPTIONS": "detect_leaks=0"}
        return Terminal(
            [str(part) for part in argv],
            environment,
            seconds=seconds,
            before_typing=self.observer.look,
        )

    def login(self, *options, **keywords):
        return self.terminal("/bin/login", *options, **keywords)
