# SPDX-License-Identifier: Apache-2.0
"""With a part of ours missing, silent, dead, lying or badly configured, the person gets one
sentence and then the normal prompt, which works; nothing is changed anywhere."""

import contextlib
import os
import pathlib
import socket
import subprocess
import threading

from e2e_case import E2eCase, journey, main, words
from stage import login_stack
from stage.machine import CONFIG, INSTALLED
from stage.service_process import PORT
from stage.superserver import Superserver


@contextlib.contextmanager
def silent_listener(path):
    """Accepts and says nothing."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    os.chmod(path, 0o666)
    listener.listen()
    held = []

    def accept():
        with contextlib.suppress(OSError):
            while True:
                held.append(listener.accept()[0])

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in held:
            connection.close()
        os.unlink(path)


class BrokenParts(E2eCase):
    def _ends_at_the_normal_prompt(self, confirm=True, sentence=None):
        """Asks for a reset, gets to the normal prompt and signs in there."""
        terminal = self.login()
        journey.to_password_prompt(terminal, self.person.name)
        terminal.type("", hidden=True)
        if confirm:
            terminal.expect(words.CONFIRM)
            terminal.type("")
        terminal.expect(words.PLAIN_PASSWORD, seconds=60)
        if sentence:
            self.assertIn(sentence, " ".join(terminal.screen().split()))
        terminal.type(self.person.password, hidden=True)
        journey.to_shell(terminal, self.person.name)
        self.assert_nothing_changed()
        return terminal

    def test_helper_missing(self):
        self.machine.flow.stop()
        self.addCleanup(self.machine.start_flow)
        self._ends_at_the_normal_prompt(confirm=False, sentence=words.UNAVAILABLE)

    def test_helper_missing_does_not_touch_a_login_with_the_password(self):
        self.machine.flow.stop()
        self.addCleanup(self.machine.start_flow)
        self.assert_signs_in(self.person.password)

    def test_helper_silent(self):
        self.machine.flow.stop()
        self.addCleanup(self.machine.start_flow)
        with silent_listener("/run/sspr/flow.sock"):
            self._ends_at_the_normal_prompt(confirm=False)

    def test_helper_is_another_program(self):
        self.machine.flow.stop()
        self.addCleanup(self.machine.start_flow)
        other = Superserver("/run/sspr/flow.sock", ["/bin/echo", "Password: "], mode=0o666)
        self.addCleanup(other.stop)
        self._ends_at_the_normal_prompt(confirm=False)

    def test_setter_missing(self):
        self.machine.setpw.stop()
        self.addCleanup(self.machine.start_setpw)
        self._ends_at_the_normal_prompt()

    def test_setter_silent(self):
        self.machine.setpw.stop()
        self.addCleanup(self.machine.start_setpw)
        with silent_listener("/run/sspr/setpw.sock"):
            self._ends_at_the_normal_prompt()

    def test_service_dead(self):
        self.machine.service.kill()
        try:
            terminal = self.login()
            journey.to_password_prompt(terminal, self.person.name)
            journey.begin(terminal)
            terminal.expect(words.PLAIN_PASSWORD)
            terminal.type(self.person.password, hidden=True)
            journey.to_shell(terminal, self.person.name)
        finally:
            self.machine.service.start()
        self.assert_nothing_changed()

    def test_service_with_a_certificate_of_somebody_else(self):
        folder = pathlib.Path("/tmp/impostor")
        folder.mkdir(exist_ok=True)
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost",
                "-days",
                "2",
                "-keyout",
                folder / "key.pem",
                "-out",
                folder / "cert.pem",
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )
        self.machine.service.kill()
        impostor = subprocess.Popen(
            [
                "openssl",
                "s_server",
                "-accept",
                f"127.0.0.1:{PORT}",
                "-www",
                "-quiet",
                "-cert",
                folder / "cert.pem",
                "-key",
                folder / "key.pem",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self.machine.wait_for_port(PORT)
            terminal = self.login()
            journey.to_password_prompt(terminal, self.person.name)
            journey.begin(terminal)
            terminal.expect(words.PLAIN_PASSWORD)
            self.assertIn("could not prove", terminal.screen())
            terminal.type(self.person.password, hidden=True)
            journey.to_shell(terminal, self.person.name)
        finally:
            impostor.kill()
            impostor.wait()
            self.machine.service.start()
        self.assert_nothing_changed()

    def test_bad_configuration_is_named_by_its_line_and_stays_out_of_the_way(self):
        good = CONFIG.read_text()
        self.addCleanup(CONFIG.write_text, good)
        CONFIG.write_text(good.replace("ca_file =", "ca_fil ="))
        line = CONFIG.read_text().splitlines().index("ca_fil = /etc/sspr/ca.pem") + 1
        since = self.machine.syslog.mark()
        self._ends_at_the_normal_prompt(confirm=False)
        self.machine.syslog.wait_for(rf"sspr-flow.*{CONFIG}:{line}\b", since)

    def test_bad_option_of_the_module_is_named_and_the_module_stays_out_of_the_way(self):
        self.machine.use_stack("login", login_stack.BY_PROMPT, "triger=prompt")
        self.addCleanup(self.machine.use_stack, "login", login_stack.BY_PROMPT)
        since = self.machine.syslog.mark()
        terminal = self.login()
        terminal.expect(words.LOGIN)
        terminal.type(self.person.name)
        terminal.expect(words.PLAIN_PASSWORD)
        self.assertNotIn("forgotten", terminal.screen())
        terminal.type(self.person.password, hidden=True)
        journey.to_shell(terminal, self.person.name)
        self.machine.syslog.wait_for(r"login.*triger=prompt", since)

    def test_permit_of_another_service_changes_nothing_on_the_machine(self):
        """The service is not the enrolled one: its permits are worth nothing here."""
        key = pathlib.Path("/etc/sspr/permit.pub")
        good = key.read_bytes()
        other = subprocess.run(
            "openssl genpkey -algorithm ed25519 | openssl pkey -pubout",
            shell=True,
            check=True,
            capture_output=True,
            timeout=30,
        ).stdout
        key.write_bytes(other)
        self.addCleanup(key.write_bytes, good)
        terminal = self.login()
        terminal.type(self.begin_reset(terminal))
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        terminal.expect(words.PLAIN_PASSWORD)
        self.assertTrue(self.machine.local_accepts(self.person.name, self.person.password))
        self.assertFalse(self.machine.local_accepts(self.person.name, new))
        # With the right key back, the machine takes over what the service has set.
        key.write_bytes(good)
        self.assertEqual(self.machine.recover(), 0)
        self.assert_password(new, refused=[self.person.password])
        self.assertEqual(self.open_journal_entries(), [])

    def test_module_missing_from_the_disk(self):
        module = INSTALLED / "lib/pam_sspr.so"
        aside = module.with_suffix(".aside")
        module.rename(aside)
        self.addCleanup(aside.rename, module)
        terminal = self.login()
        terminal.expect(words.LOGIN)
        terminal.type(self.person.name)
        terminal.expect(words.PLAIN_PASSWORD)
        terminal.type(self.person.password, hidden=True)
        journey.to_shell(terminal, self.person.name)


if __name__ == "__main__":
    main()
