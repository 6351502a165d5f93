#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The real sspr-doctor over made-up machines, with a real service: each fault alone is found, by its own
id, and what the doctor says would happen to somebody."""
import os
import socket
import subprocess
import unittest

from doctor_case import (DOCTOR, DONE, HASH, PENDING, STACK, Answering, Certificates, DoctorCase, FLOW_UID,
                         OfflineCase, StandIn)

FOREIGN_UID = 65533


class WholeMachineTest(DoctorCase):
    def test_nothing_is_in_the_way_of_a_machine_that_is_whole(self):
        self.whole()
        report = self.doctor(code=0)
        self.assertEqual({f["level"] for f in report["findings"]}, {"ok"}, self.shown(report))
        text = subprocess.run([DOCTOR, "--root", self.machine.root], text=True, capture_output=True, check=False)
        self.assertEqual(text.returncode, 0)
        self.assertTrue(text.stdout.endswith("Nothing stands in the way of a reset.\n"), text.stdout)

    def test_nobody_is_asked_offline(self):
        self.enrolled()
        self.machine.configure("https://localhost:1/demo", self.folder / "ca.pem")
        self.doctor("--offline", code=0)

    def test_wrong_usage_has_a_code_of_its_own(self):
        for arguments in (["--root", "/nonexistent"], ["--service", "login"], ["--nonsense"], ["alice"]):
            done = subprocess.run([DOCTOR, *arguments], capture_output=True, check=False)
            self.assertEqual(done.returncode, 3, arguments)


class FilesTest(OfflineCase):
    def test_a_bad_configuration_is_named_with_its_line(self):
        config = self.machine.folder / "sspr.conf"
        config.write_text(config.read_text() + "max_uids = 7\n")
        self.assert_found(self.doctor("--offline", code=2), 1, "fault", "sspr.conf:6: unknown key")
        config.unlink()
        self.assert_found(self.doctor("--offline", code=2), 1, "fault", "No such file")

    def test_files_that_others_can_write_or_read(self):
        for name, mode, level in [("permit.pub", 0o666, "fault"), ("device.id", 0o664, "fault"),
                                  ("sspr.conf", 0o646, "fault"), ("device.key", 0o640, "fault"),
                                  ("resume.key", 0o444, "warning")]:
            path = self.machine.folder / name
            before = path.stat().st_mode & 0o777
            os.chmod(path, mode)
            report = self.doctor("--offline", code=2 if level == "fault" else 1)
            self.assert_found(report, 3, level, f"has mode {mode:04o}", f"/etc/sspr/{name}")
            os.chmod(path, before)
        os.chmod(self.machine.folder / "sspr.conf", 0o600)
        if FLOW_UID != os.geteuid():
            self.assert_found(self.doctor("--offline", code=1), 3, "warning", "may not be able to read it")

    @unittest.skipUnless(os.geteuid() == 0, "needs root to give files away")
    def test_files_of_somebody_else(self):
        os.chown(self.machine.folder / "permit.pub", FOREIGN_UID, 0)
        self.assert_found(self.doctor("--offline", code=2), 3, "fault", f"belongs to uid {FOREIGN_UID}",
                          "/etc/sspr/permit.pub")

    def test_the_account_of_the_flow(self):
        passwd = self.machine.root / "etc/passwd"
        passwd.write_text(passwd.read_text().replace("sspr:", "other:"))
        self.assert_found(self.doctor("--offline", code=2), 2, "fault", "useradd --system sspr")

    def test_what_is_missing_of_an_enrolment(self):
        (self.machine.folder / "device.id").write_text("ab" * 32 + "\n")
        self.assert_found(self.doctor("--offline", code=2), 4, "fault", "not the id of the device's key")
        (self.machine.folder / "device.key").unlink()
        self.assert_found(self.doctor("--offline", code=0), 4, "note", "sspr-enroll enroll")
        (self.machine.folder / "permit.pub").write_text("nonsense")
        self.assert_found(self.doctor("--offline", code=2), 5, "fault", "--replace-permit-key")
        (self.machine.folder / "permit.pub").unlink()
        self.assert_found(self.doctor("--offline", code=1), 5, "warning", "accounts of this machine cannot")


class LoginsTest(OfflineCase):
    def test_a_stack_with_a_wrong_jump_count(self):
        self.stack("login", STACK.replace("success=1", "success=2"))
        report = self.doctor("--offline", code=2)
        self.assert_found(report, 9, "fault", "write success=1 instead of success=2 at login:2", "login")

    def test_an_included_stack_is_named_where_it_stands_for_all_that_include_it(self):
        self.stack("common-auth", STACK.replace("success=1", "success=3"))
        for service in ("login", "sudo"):
            self.stack(service, "auth optional pam_faildelay.so\n@include common-auth\n")
        found = self.assert_found(self.doctor("--offline", code=2), 9, "fault",
                                  "the jump at common-auth:2 leads past the end")
        self.assertEqual(found["subjects"], ["login", "sudo"])
        self.assert_found(self.doctor("--offline"), 24, "note", "not among the services", "sudo")

    def test_a_line_that_libpam_cannot_use(self):
        self.stack("login", STACK + "auth requird pam_env.so\n@include absent\n")
        report = self.doctor("--offline", code=2)
        self.assert_found(report, 8, "fault", "login:5: 'requird' is no control")
        self.assert_found(report, 8, "fault", "login:6: 'absent' is not there")

    def test_a_machine_without_our_line_or_file(self):
        (self.machine.root / "usr/lib/x86_64-linux-gnu/security/pam_sspr.so").unlink()
        self.assert_found(self.doctor("--offline", code=2), 6, "fault", "libpam finds no such file")
        self.stack("login", STACK[STACK.index("\n") + 1:])
        self.assert_found(self.doctor("--offline", code=2), 7, "fault", "no PAM service has a line")

    def test_a_word_on_the_line_that_the_module_refuses(self):
        self.stack("login", STACK.replace("pam_sspr.so", "pam_sspr.so trigger=never"))
        self.assert_found(self.doctor("--offline", code=2), 13, "fault", "'trigger=never' at login:1")

    def test_lines_behind_the_authentication_need_an_enrolled_machine(self):
        self.stack("login", STACK + "-account [default=ignore] pam_sspr.so\n")
        self.doctor("--offline", code=0)
        (self.machine.folder / "device.key").unlink()
        self.assert_found(self.doctor("--offline", code=1), 30, "warning", "enrolled machines only", "login")
        self.stack("login", STACK + "-account [default=ignore] pam_sspr.so unreachable=closed\n")
        self.assert_found(self.doctor("--offline", code=2), 30, "fault", "nobody gets past it")
        self.stack("login", STACK + "-session [default=ignore] pam_sspr.so limit=99\n")
        self.assert_found(self.doctor("--offline", code=2), 13, "fault", "'limit=99' at login:5")

    def test_a_demand_stands_behind_the_password(self):
        demand = "-auth [perm_denied=die default=ignore] pam_sspr.so trigger=demand\n"
        self.stack("xscreensaver", demand + STACK)
        self.assert_found(self.doctor("--offline", code=2), 30, "fault", "in front of the password modules")
        self.stack("xscreensaver", STACK + demand)
        self.doctor("--offline", code=0)

    def test_a_locked_account_is_not_refused_before_a_reset_is_offered(self):
        preauth = "auth requisite pam_faillock.so preauth\n"
        self.stack("login", preauth + STACK)
        self.assert_found(self.doctor("--offline", code=1), 31, "warning", "no way back in", "login")
        first, rest = STACK.split("\n", 1)
        self.stack("login", first + "\n" + preauth + rest)
        self.doctor("--offline", code=0)

    def test_front_ends_in_which_no_reset_can_be_led_are_named(self):
        for service in ("sddm", "i3lock", "swaylock"):
            self.stack(service, STACK)
        found = self.assert_found(self.doctor("--offline", code=1), 14, "warning", "one text that was typed")
        self.assertEqual(found["subjects"], ["i3lock", "sddm", "swaylock"])

    def test_a_profile_on_the_line_is_believed(self):
        self.stack("lightdm", STACK)
        self.assert_found(self.doctor("--offline", code=0), 14, "note", "only the last message", "lightdm")
        self.stack("lightdm", STACK.replace("pam_sspr.so", "pam_sspr.so profile=one-answer"))
        self.assert_found(self.doctor("--offline", code=1), 14, "warning", "one text that was typed", "lightdm")

    def test_front_ends_that_were_not_tried_or_are_remote(self):
        self.stack("lxdm", STACK.replace("pam_sspr.so", "pam_sspr.so services=+lxdm"))
        self.stack("sshd", STACK.replace("pam_sspr.so", "pam_sspr.so services=+sshd"))
        report = self.doctor("--offline", code=1)
        self.assert_found(report, 14, "note", "was not tried", "lxdm")
        self.assert_found(report, 14, "warning", "no reset is ever offered here", "sshd")

    def test_nullok_matters_where_somebody_has_no_password(self):
        self.stack("login", STACK.replace("try_first_pass", "nullok try_first_pass"))
        self.assert_found(self.doctor("--offline", code=0), 15, "ok", "no account has an empty password")
        shadow = self.machine.root / "etc/shadow"
        shadow.write_text(shadow.read_text() + "guest::19000:0:99999:7:::\n")
        self.assert_found(self.doctor("--offline", code=1), 15, "warning", "(guest)")
        self.stack("login", STACK.replace("try_first_pass", "nullok try_first_pass").replace(
            "pam_sspr.so", "pam_sspr.so empty=no"))
        self.doctor("--offline", code=0)

    def test_login_timeout(self):
        defaults = self.machine.root / "etc/login.defs"
        for value, code in [("60", 0), ("0", 0), ("10", 1), ("soon", 1)]:
            defaults.write_text(f"LOGIN_TIMEOUT\t{value}\n")
            self.assert_found(self.doctor("--offline", code=code), 16, "warning" if code else "ok",
                              f"LOGIN_TIMEOUT is {value}")


class AnsweringTest(DoctorCase):
    def setUp(self):
        super().setUp()
        self.enrolled()
        self.run_folder = self.machine.root / "run/sspr"

    def test_sockets_that_are_missing(self):
        report = self.doctor(code=2)
        self.assert_found(report, 17, "fault", "systemctl enable --now sspr-flow.socket", "/run/sspr/flow.sock")
        self.assert_found(report, 18, "fault", "systemctl enable --now sspr-setpw.socket")

    def test_a_socket_of_the_administrators_choice(self):
        self.programs()
        self.stack("login", STACK.replace("pam_sspr.so", "pam_sspr.so socket=/run/other.sock"))
        self.assert_found(self.doctor(code=2), 17, "fault", "not there", "/run/other.sock")

    def test_programs_that_end_at_once(self):
        Answering(self, self.run_folder / "flow.sock", DONE, b"", silent=True)
        Answering(self, self.run_folder / "setpw.sock", PENDING, b"", silent=True)
        report = self.doctor(code=2)
        self.assert_found(report, 17, "fault", "does not answer")
        self.assert_found(report, 18, "fault", "does not answer")

    def test_a_socket_that_nobody_listens_at(self):
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(self.run_folder / "flow.sock"))
        self.assert_found(self.doctor(code=2), 17, "fault", "nobody listens")

    def test_resets_that_are_open(self):
        flow, setpw = self.programs()
        setpw.frame = bytes([PENDING, 0, 33, 2]) + bytes(32)
        self.assertTrue(flow)
        self.assert_found(self.doctor(code=1), 19, "warning", "sspr-flow --recover")


class ServiceTest(DoctorCase):
    def setUp(self):
        super().setUp()
        self.whole()

    def through(self, name, seconds_fast=0):
        """Reached by a stand-in with this certificate."""
        place = self.machine.root / "certificates"
        place.mkdir()
        certificates = Certificates(str(place), only=[name])
        stand_in = StandIn(self, certificates.chain(name), seconds_fast)
        self.machine.configure(stand_in.url, certificates.ca_file)

    def test_a_service_that_cannot_be_reached(self):
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            port = nobody.getsockname()[1]
        self.machine.configure(f"https://localhost:{port}/demo", self.folder / "ca.pem")
        self.assert_found(self.doctor(code=2), 20, "fault", "cannot be reached")

    def test_an_address_that_is_not_the_services(self):
        self.machine.configure(self.url.geturl() + "x", self.folder / "ca.pem")
        self.assert_found(self.doctor(code=2), 20, "fault", "correct 'url'")

    def test_an_expired_certificate(self):
        self.through("expired")
        report = self.doctor(code=2)
        self.assert_found(report, 21, "fault", "the certificate has expired")
        self.assert_found(report, 21, "fault", "until 2020-01-01 00:00 UTC")

    def test_a_clock_that_is_before_the_certificate(self):
        self.through("not-yet-valid")
        self.assert_found(self.doctor(code=2), 21, "fault", "set the clock right")

    def test_a_certificate_of_an_authority_that_is_not_trusted(self):
        self.through("foreign-ca")
        report = self.doctor(code=2)
        self.assert_found(report, 21, "fault", "'ca_file'")
        self.assert_found(report, 21, "note", "DNS:localhost")

    def test_a_certificate_of_another_name(self):
        self.through("wrong-host")
        self.assert_found(self.doctor(code=2), 21, "note", "DNS:elsewhere.example")

    def test_a_wrong_clock(self):
        self.through("good", seconds_fast=-600)
        found = self.assert_found(self.doctor(code=2), 22, "fault", " s fast by the service's")
        self.assertIn("timedatectl", found["remedy"])

    def test_a_clock_that_is_a_little_off(self):
        self.through("good", seconds_fast=75)
        self.assert_found(self.doctor(code=1), 22, "warning", " s slow by the service's")

    def test_a_certificate_that_ends_soon(self):
        place = self.machine.root / "soon"
        place.mkdir()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", "3", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost", "-keyout", place / "key", "-out", place / "ca.pem"],
                       check=True, capture_output=True)
        chain = place / "chain"
        chain.write_bytes((place / "key").read_bytes() + (place / "ca.pem").read_bytes())
        self.machine.configure(StandIn(self, chain).url, place / "ca.pem")
        self.assert_found(self.doctor(code=1), 21, "warning", "only")

    def test_a_device_that_was_revoked_or_forgotten(self):
        device = (self.machine.folder / "device.id").read_text().strip()
        self.control("devices", "remove", device)
        self.assert_found(self.doctor(code=1), 23, "warning", "does not know this device's key")
        self.enrolled()
        self.assert_found(self.doctor(code=0), 23, "ok", "knows this device")
        self.control("devices", "revoke", device)
        self.assert_found(self.doctor(code=2), 23, "fault", "--new-key")

    def test_a_permit_key_that_has_a_successor_or_is_another(self):
        self.control("keys", "rotate-permit")
        self.service.terminate()
        self.service.wait(60)
        self.start()
        self.machine.configure(self.url.geturl(), self.folder / "ca.pem")
        self.assert_found(self.doctor(code=2), 5, "fault", "sspr-enroll renew")
        key = self.machine.root / "key"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
        subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", self.machine.folder / "permit.pub"],
                       check=True)
        self.assert_found(self.doctor(code=2), 5, "fault", "does not trust")


class PersonAtServiceTest(DoctorCase):
    def test_who_would_be_reset_here_and_at_the_service(self):
        self.whole()
        report = self.doctor("--user", "alice", code=0)
        self.assert_found(report, 25, "ok", "may be reset: here and at the service, as 'alice@example.org'")
        self.assert_found(report, 26, "ok", "by an empty answer or '?' (trigger=prompt)", "alice at login")
        self.assert_found(report, 27, "ok", "would reset 'alice@example.org'")
        report = self.doctor("--user", "nobodyhere", code=2)
        self.assert_found(report, 25, "ok", "no account of this machine's own")
        self.assert_found(report, 27, "fault", "ssprctl users show")

    def test_without_enrolment_the_service_tells_nothing_about_people(self):
        self.programs()
        self.assert_found(self.doctor("--user", "alice"), 27, "note", "enrolled machines only")


class PersonTest(OfflineCase):
    def ask(self, user, service="login", code=None):
        return self.doctor("--user", user, "--service", service, "--offline", code=code)

    def test_who_would_not_and_why(self):
        for user, words in [("root", "root is never reset"), ("admin", "a member of a denied group"),
                            ("old", "locked, or without a password"), ("sspr", "uid out of range"),
                            ("../x", "such characters")]:
            self.assert_found(self.ask(user, code=2), 25, "fault", words, user)

    def test_where_it_would_be_offered(self):
        failure = STACK.replace("-auth [success=ignore ignore=ignore default=ignore] pam_sspr.so\n", "").replace(
            "success=1 default=ignore] pam_unix.so try_first_pass",
            "success=3 default=ignore] pam_unix.so\n-auth [default=ignore] pam_sspr.so trigger=failure\n"
            "auth [success=1 default=ignore] pam_unix.so use_first_pass")
        self.stack("gdm-password", failure)
        self.stack("i3lock", STACK)
        self.stack("sudo", STACK)
        self.stack("cron", "auth required pam_unix.so\n")
        self.assert_found(self.ask("alice", "gdm-password"), 26, "ok", "after a wrong password")
        for service, words in [("i3lock", "no reset can be led"), ("sudo", "services=+sudo"),
                               ("cron", "no line of pam_sspr.so"), ("absent", "no such PAM service")]:
            self.assert_found(self.ask("alice", service, code=2), 26, "fault", words)

    def test_the_word_and_the_empty_answer_are_those_of_the_line(self):
        self.stack("login", STACK.replace("pam_sspr.so", "pam_sspr.so empty=no word=forgot"))
        self.assert_found(self.ask("alice"), 26, "ok", "by '?' or 'forgot'")

    def test_it_says_when_it_may_not_see(self):
        (self.machine.root / "etc/shadow").unlink()
        self.assert_found(self.ask("alice"), 25, "note", "as root")
        self.assertNotIn(HASH, str(self.ask("alice")))


if __name__ == "__main__":
    unittest.main(verbosity=2)
