# SPDX-License-Identifier: Apache-2.0
"""What the tests of SSSD and of winbind share: people of a directory at /bin/login, the service before
the same directory, and the stack that pam-auth-update makes of the daemon's profile and ours."""

import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from e2e_case import E2eCase, journey, main, words  # noqa: E402
from stage.machine import INSTALLED, MAIL, Person  # noqa: E402
from stage.mailbox import Mailbox  # noqa: E402
from stage.superserver import Superserver  # noqa: E402

__all__ = ["DirectoryLoginCase", "journey", "main", "words"]


class DirectoryLoginCase(E2eCase):
    """Who wants it imports this module, not the class: what is imported by name is run as a test."""

    names = ("dana", "emil")
    profile = ""  # of pam-auth-update, and the source of names in nsswitch.conf
    module = ""  # the line of the daemon's module behind pam_, a pattern
    told = ""  # the journal message that the daemon was told
    pid_file = None  # by which sspr-online finds the daemon

    # What a subclass says.

    @classmethod
    def begin(cls):
        """Starts the directory with the people of cls.passwords, the daemon and the service."""
        raise NotImplementedError

    def leave(self):
        """Takes the directory away from the machine."""
        raise NotImplementedError

    def come_back(self):
        raise NotImplementedError

    def accepts(self, person, password):
        """True when the directory itself takes the password."""
        raise NotImplementedError

    def signed_in(self, person):
        """Checks more, while the shell that followed the reset is open."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.passwords = {name: cls.machine.new_password() for name in cls.names}
        cls.begin()
        cls.people = {name: cls._person(name, password) for name, password in cls.passwords.items()}
        cls._stack()
        with open("/var/log/sspr-online.out", "ab") as log:
            online = Superserver("/run/sspr/online.sock", [str(INSTALLED / "libexec/sspr-online")],
                                 owner=pwd.getpwnam("sspr").pw_uid, log=log)
        cls.addClassCleanup(online.stop)

    @classmethod
    def serve(cls, configuration, password, ca):
        """The service goes on where the demo was, with the directory's passwords. The text has places for
        the paths of the account's {password} and of {ca}."""
        service = cls.machine.service
        service.stop()
        paths = {}
        for name, text in (("password", password + "\n"), ("ca", ca)):
            path = paths[name] = service.folder / f"directory-{name}"
            path.touch(mode=0o600)
            path.write_text(text)
            shutil.chown(path, "sspr-service", "sspr-service")
        file = service.folder / "sspr-service.conf"
        file.write_text(file.read_text() + configuration.format(**paths))
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
    def start_daemon(cls, command, log):
        """In the foreground, until the tests end; then the machine knows the people by it."""
        with open(log, "ab") as out:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        cls.addClassCleanup(process.wait)
        cls.addClassCleanup(process.terminate)
        pathlib.Path("/etc/nsswitch.conf").write_text(
            f"passwd: files {cls.profile}\ngroup: files {cls.profile}\nshadow: files\nhosts: files\n")
        for name in cls.names:
            cls.until(lambda name=name: cls._known(name), f"{command[0]} does not know {name}")

    @staticmethod
    def until(true, otherwise, seconds=60):
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
        """What pam-auth-update makes of Debian's profile of the daemon and of ours."""
        login = pathlib.Path("/etc/pam.d/login")
        login.write_text("".join(
            line for line in pathlib.Path("/etc/pam.d/login.pristine").read_text().splitlines(True)
            if "pam_loginuid" not in line and "pam_faildelay" not in line))
        pathlib.Path("/var/lib/pam").mkdir(exist_ok=True)
        shutil.copytree("/usr/share/debconf-of-machine", "/var/cache/debconf")
        subprocess.run(["pam-auth-update", "--force", "--enable", "unix", cls.profile, "sspr"],
                       check=True, capture_output=True, timeout=60,
                       env={"DEBIAN_FRONTEND": "noninteractive", "PATH": os.environ["PATH"]})
        cls.common_auth = pathlib.Path("/etc/pam.d/common-auth").read_text()

    def setUp(self):
        """A directory that is there, and a daemon that knows it: the test before may have left neither."""
        self.come_back()
        self.tell()

    # Steps.

    def tell(self):
        """As an administrator may by hand."""
        subprocess.run([INSTALLED / "libexec/sspr-online"], stdin=subprocess.DEVNULL, check=True,
                       timeout=60)

    def log_in(self, person, password):
        """Whether the password leads to a shell at /bin/login."""
        terminal = self.login()
        journey.to_password_prompt(terminal, person.name)
        terminal.type(password, hidden=True)
        if terminal.expect(words.SHELL, words.INCORRECT) == 1:
            return False
        terminal.type("exit")
        terminal.wait_for_end()
        return True

    def let_daemon_give_up(self, person):
        """One login that fills the cache, one by the cache; then the directory is there again."""
        self.assertTrue(self.log_in(person, person.password), "online, before all")
        self.leave()
        self.assertTrue(self.log_in(person, person.password), "by the cache: it is offline now")
        self.come_back()

    def log(self):
        return pathlib.Path("/var/log/syslog").read_text(errors="replace")

    @staticmethod
    def binds(url, ca, name, password):
        """Whether the LDAP server takes this name and password."""
        secret = pathlib.Path("/opt/typed")
        secret.touch(mode=0o600)
        secret.write_text(password)
        done = subprocess.run(
            ["ldapsearch", "-x", "-LLL", "-H", url, "-D", name, "-y", secret, "-b", "", "-s", "base",
             "1.1"],
            env={"LDAPTLS_CACERT": str(ca), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True,
            timeout=60, check=False)
        secret.unlink()
        if done.returncode not in (0, 49):
            raise AssertionError(f"ldapsearch: {done.stderr}")
        return done.returncode == 0

    # The tests of every daemon.

    def test_the_stack_asks_us_first_and_the_daemon_takes_what_we_hand_on(self):
        modules = [line.split("pam_", 1)[1] for line in self.common_auth.splitlines()
                   if "pam_" in line and not line.startswith("#")]
        self.assertRegex(modules[0], r"^sspr\.so")
        self.assertRegex(modules[1], r"^unix\.so .*try_first_pass")
        self.assertRegex(modules[2], self.module)

    def test_new_password_works_offline_at_once_and_the_old_one_does_not(self):
        person = self.people["dana"]
        self.let_daemon_give_up(person)
        told = self.log().count(self.told)
        new = self.reset(self.login(), person)
        self.assertEqual(self.log().count(self.told), told + 1)
        self.signed_in(person)
        self.assertTrue(self.accepts(person, new))
        self.assertFalse(self.accepts(person, person.password))
        self.leave()
        self.assertTrue(self.log_in(person, new), "the new password, offline")
        self.assertFalse(self.log_in(person, person.password), "the old password, offline")

    def test_a_daemon_that_is_not_told_refuses_the_new_password_and_the_person_read_what_to_do(self):
        person = self.people["emil"]
        self.let_daemon_give_up(person)
        own = self.pid_file.read_text()
        self.addCleanup(self.pid_file.write_text, own)
        # The number belongs to another program now: that one is left alone.
        other = subprocess.Popen(["sleep", "600"])
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        self.pid_file.write_text(f"{other.pid}\n")
        told = self.log().count("SSPR-O0")
        terminal = self.login()
        terminal.type(self.begin_reset(terminal, person))
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        terminal.expect(words.SET)
        terminal.expect("if it is refused, wait a minute")
        terminal.expect(words.INCORRECT)
        self.assertTrue(self.accepts(person, new))
        self.assertEqual(self.log().count("SSPR-O0"), told)
        self.assertIsNone(other.poll())
        self.pid_file.write_text(own)
        self.tell()
        self.assertTrue(self.log_in(person, new), "once it was told")
