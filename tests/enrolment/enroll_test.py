#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The real sspr-enroll with a real service: a machine becomes a device, again and again, and stops being
one."""
import json
import os
import pathlib
import socket
import subprocess
import unittest

from enroll_case import FLOW_UID, PROGRAM, EnrollCase


def changed(before, after):
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


class EnrollTest(EnrollCase):
    def test_a_machine_is_enrolled_and_holds_what_the_client_reads(self):
        done = self.enroll(stdin=self.token() + "\n")
        self.assertIn("This machine is enrolled now.", done.stdout)
        device = (self.machine.folder / "device.id").read_text().strip()
        self.assertRegex(device, "^[0-9a-f]{64}$")
        self.assertIn(device, done.stdout)
        [known] = self.devices()
        self.assertEqual((known["id"], known["name"], known["os"]),
                         (device, "desk-7", "Debian of the test"))
        self.assertEqual((self.machine.folder / "permit.pub").read_bytes(),
                         (self.folder / "permit.pub").read_bytes())
        for name, mode, owner in [("device.key", 0o600, FLOW_UID), ("resume.key", 0o400, FLOW_UID),
                                  ("device.id", 0o644, os.geteuid()), ("permit.pub", 0o644, os.geteuid())]:
            self.assertEqual((self.machine.mode(name), self.machine.owner(name)), (mode, owner), name)
        self.assertEqual(len((self.machine.folder / "resume.key").read_bytes()), 32)
        self.assertEqual(self.machine.run("status", code=0, case=self).stderr, "")

    def test_a_second_time_changes_nothing_and_needs_no_token(self):
        self.enroll(stdin=self.token("--uses", "2"))
        before = self.machine.files()
        done = self.enroll(stdin="")
        self.assertIn("enrolled already", done.stdout)
        self.assertEqual(self.machine.files(), before)
        self.assertEqual(len(self.devices()), 1)

    def test_what_was_lost_of_the_files_is_put_back(self):
        self.enroll(stdin=self.token())
        before = self.machine.files()
        for name in ("device.id", "permit.pub"):
            (self.machine.folder / name).unlink()
            self.machine.run("status", code=1, case=self)
            self.enroll()
            self.assertEqual(self.machine.files(), before, name)

    def test_an_enrolment_whose_answer_was_lost_spends_no_second_use(self):
        token = self.token()
        self.enroll(stdin=token)
        # As if it had been cut off before the key was put in its place.
        (self.machine.folder / "device.key").rename(self.machine.folder / "device.key.new")
        done = self.machine.run("status", code=1, case=self)
        self.assertIn("did not end", done.stdout)
        self.enroll(stdin=token)
        self.machine.run("status", code=0, case=self)
        self.assertEqual(len(self.devices()), 1)

    def test_the_token_comes_from_a_file_that_is_its_owners_alone(self):
        file = self.machine.root / "token"
        file.write_text(self.token() + "\n")
        os.chmod(file, 0o644)
        self.assertIn("can be read by others", self.enroll("--token-file", file, code=2).stderr)
        os.chmod(file, 0o600)
        self.enroll("--token-file", file, "--name", "till 4", "--key-type", "ed25519")
        self.assertEqual(self.devices()[0]["name"], "till 4")

    def test_a_token_is_never_an_argument(self):
        token = self.token()
        self.assertNotEqual(self.machine.run("enroll", token).returncode, 0)
        self.assertNotIn("--token ", self.machine.run("enroll", "--help").stdout)
        self.assertEqual(self.devices(), [])

    def test_no_token_or_a_bad_one_says_what_to_do_and_leaves_nothing_that_is_used(self):
        for stdin, code, words in [("", 2, "ssprctl devices token"), ("0" * 40, 4, "used up or expired")]:
            self.assertIn(words, self.enroll(stdin=stdin, code=code).stderr)
            self.assertFalse((self.machine.folder / "device.key").exists())
            self.assertFalse((self.machine.folder / "permit.pub").exists())
        token = self.token()
        self.enroll(stdin=token)
        (self.machine.folder / "device.key").unlink()
        self.enroll(stdin=token, code=4)

    def test_a_service_that_does_not_answer_is_to_be_tried_again(self):
        token = self.token()
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            port = nobody.getsockname()[1]
        self.machine.configure(f"https://localhost:{port}/demo", self.folder / "ca.pem")
        self.assertIn("try again", self.enroll(stdin=token, code=3).stderr)
        self.machine.configure(self.url.geturl(), self.folder / "ca.pem")
        self.enroll(stdin=token)
        self.machine.configure(f"https://localhost:{port}/demo", self.folder / "ca.pem")
        self.machine.run("status", code=3, case=self)
        self.machine.run("status", "--offline", code=0, case=self)
        self.machine.run("renew", code=3, case=self)

    def test_a_certificate_of_somebody_else_is_not_talked_to(self):
        token = self.token()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-subj", "/CN=other", "-keyout", "/dev/null", "-out",
                        self.machine.folder / "ca.pem"], check=True, capture_output=True)
        self.assertIn("ca_file", self.enroll(stdin=token, code=3).stderr)
        self.assertEqual(self.devices(), [])

    def test_another_address_than_the_services_says_so(self):
        self.machine.configure(self.url.geturl() + "x", self.folder / "ca.pem")
        self.assertIn("Is 'url' in sspr.conf that of the service?",
                      self.enroll(stdin="0" * 40, code=4).stderr)

    def test_revoked_says_so_and_another_key_enrols_anew(self):
        self.enroll(stdin=self.token())
        first = (self.machine.folder / "device.id").read_text().strip()
        self.control("devices", "revoke", first)
        for verb in ("status", "renew", "enroll"):
            self.assertIn("--new-key", self.machine.run(verb, code=4, case=self).stderr)
        self.enroll("--new-key", stdin=self.token())
        self.assertNotEqual((self.machine.folder / "device.id").read_text().strip(), first)
        self.machine.run("status", code=0, case=self)

    def test_a_device_that_the_service_forgot_is_enrolled_with_its_old_key(self):
        self.enroll(stdin=self.token())
        device = (self.machine.folder / "device.id").read_text().strip()
        self.control("devices", "remove", device)
        self.assertIn("does not know", self.machine.run("status", code=4, case=self).stderr)
        self.enroll(stdin=self.token())
        self.assertEqual((self.machine.folder / "device.id").read_text().strip(), device)

    def test_the_service_may_ask_for_a_nonce(self):
        self.control("policy", "set", "devices.nonce", "on")
        self.enroll(stdin=self.token())
        self.machine.run("renew", code=0, case=self)

    def test_renew_takes_the_successor_of_a_permit_key(self):
        self.enroll(stdin=self.token())
        self.assertIn("nothing is new", self.machine.run("renew", code=0, case=self).stdout)
        self.rotate()
        self.assertIn("New keys", self.machine.run("renew", code=0, case=self).stdout)
        self.assertEqual((self.machine.folder / "permit.pub.succession").stat().st_size, 112)
        self.assertIn("nothing is new", self.machine.run("renew", code=0, case=self).stdout)

    def rotate(self):
        self.control("keys", "rotate-permit")
        self.service.terminate()
        self.service.wait(60)
        self.service, _ = self.start()
        self.machine.configure(self.url.geturl(), self.folder / "ca.pem")

    def test_who_is_not_root_renews_and_root_takes_the_keys_without_a_network(self):
        self.enroll(stdin=self.token())
        self.rotate()
        keys = self.machine.root / "keys"
        keys.write_text("left from yesterday")
        before = self.machine.files()
        self.assertIn("trust --keys-from", self.renew_to(keys).stdout)
        self.assertEqual(changed(before, self.machine.files()), {"keys", "var/lib/sspr-heartbeat/count"})
        self.service.terminate()
        self.service.wait(60)
        self.assertIn("New keys", self.trust(keys, 0).stdout)
        self.assertEqual((self.machine.folder / "permit.pub.succession").read_bytes(), keys.read_bytes())
        self.assertEqual(self.machine.mode("permit.pub.succession"), 0o644)
        self.assertIn("already", self.trust(keys, 0).stdout)
        self.service, _ = self.start()
        self.machine.configure(self.url.geturl(), self.folder / "ca.pem")
        self.assertIn("nothing is new", self.renew_to(keys).stdout)
        self.assertFalse(keys.exists())
        self.machine.run("renew", code=0, case=self)

    def test_keys_that_anybody_wrote_are_taken_by_signatures_alone(self):
        self.enroll(stdin=self.token())
        for _ in range(2):
            self.rotate()
            self.machine.run("renew", code=0, case=self)
        trusted = (self.machine.folder / "permit.pub.succession").read_bytes()
        self.assertEqual(len(trusted), 224)
        keys = self.machine.root / "keys"
        flipped = bytearray(trusted + trusted[:112])
        flipped[300] ^= 1
        for forged in (b"", trusted[:112], trusted + trusted[:112], bytes(flipped), trusted + b"x", b"\0" * 336):
            keys.write_bytes(forged)
            self.trust(keys, 4)
        keys.write_bytes(b"x" * 100_000)
        self.assertIn("too large", self.trust(keys, 5).stderr)
        keys.unlink()
        self.trust(keys, 5)
        self.assertEqual((self.machine.folder / "permit.pub.succession").read_bytes(), trusted)
        # A machine that trusts nobody yet is not made to.
        keys.write_bytes(trusted)
        (self.machine.folder / "permit.pub").unlink()
        self.assertIn("sspr-enroll enroll", self.trust(keys, 5).stderr)
        self.assertIn("sspr-enroll enroll", self.renew_to(self.machine.root / "other", 5).stderr)
        self.assertFalse((self.machine.folder / "permit.pub").exists())

    def renew_to(self, keys, code=0):
        return self.machine.run("renew", "--keys-to", keys, code=code, case=self)

    def trust(self, keys, code):
        return self.machine.run("trust", "--keys-from", keys, code=code, case=self)

    def test_a_permit_key_that_is_not_trusted_is_never_taken_unasked(self):
        key = self.machine.folder / "other.key"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
        subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", self.machine.folder / "permit.pub"],
                       check=True)
        other = (self.machine.folder / "permit.pub").read_bytes()
        token = self.token()
        self.assertIn("--replace-permit-key", self.enroll(stdin=token, code=4).stderr)
        self.assertEqual((self.machine.folder / "permit.pub").read_bytes(), other)
        self.assertFalse((self.machine.folder / "device.key").exists())
        self.enroll("--replace-permit-key", stdin=token)
        self.assertNotEqual((self.machine.folder / "permit.pub").read_bytes(), other)

    def test_open_resets_keep_the_device_id_that_they_were_begun_with(self):
        journal = self.machine.root / "var/lib/sspr/journal"
        journal.mkdir(parents=True)
        (journal / "entry").write_text("x")
        (self.machine.folder / "device.id").write_text("ab" * 32 + "\n")
        token = self.token()
        self.assertIn("sspr-flow --recover", self.enroll(stdin=token, code=5).stderr)
        (journal / "entry").unlink()
        self.enroll(stdin=token)
        (journal / "entry").write_text("x")
        self.assertIn("sspr-flow --recover", self.machine.run("unenroll", code=5, case=self).stderr)

    def test_unenroll_forgets_and_says_what_the_service_must_be_told(self):
        self.enroll(stdin=self.token())
        self.machine.run("renew", code=0, case=self)
        done = self.machine.run("unenroll", code=0, case=self)
        self.assertIn(f"ssprctl devices revoke {self.devices()[0]['id']}", done.stdout)
        left = {name for name in self.machine.files() if "sspr" in name}
        self.assertEqual(left, {"etc/sspr/sspr.conf", "etc/sspr/ca.pem", "etc/sspr/resume.key"})
        self.machine.run("status", code=1, case=self)
        self.machine.run("unenroll", code=0, case=self)

    def test_heartbeats_count_so_that_a_copy_is_noticed(self):
        self.enroll(stdin=self.token())
        for _ in range(3):
            self.machine.run("renew", code=0, case=self)
        self.assertEqual((self.machine.root / "var/lib/sspr-heartbeat/count").read_text(), "3\n")
        (self.machine.root / "var/lib/sspr-heartbeat/count").write_text("1\n")
        self.machine.run("renew", code=0, case=self)
        self.assertEqual(self.devices()[0]["state"], "suspected")

    def test_json_is_one_object(self):
        token = self.token()
        for arguments, stdin, code in [(["status"], "", 1), (["enroll"], "0" * 40, 4), (["enroll"], token, 0),
                                       (["renew"], "", 0), (["status"], "", 0), (["unenroll"], "", 0)]:
            done = self.machine.run("--json", *arguments, stdin=stdin, code=code, case=self)
            answer = json.loads(done.stdout)
            self.assertEqual(answer["code"], code)
            self.assertEqual(answer["enrolled"], code == 0 and arguments != ["unenroll"])
            self.assertNotIn(token, done.stdout + done.stderr)
            if code > 1:
                self.assertEqual(answer["id"], "SSPR-E004")

    def test_a_fault_of_the_machine_is_told_from_one_of_the_service(self):
        (self.machine.root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
        self.assertIn("useradd", self.enroll(stdin="0" * 40, code=2).stderr)
        (self.machine.folder / "sspr.conf").write_text("[service]\nulr = x\n")
        self.assertIn("sspr.conf:2", self.enroll(stdin="0" * 40, code=2).stderr)
        done = subprocess.run([PROGRAM, "--root", "/nonexistent", "status"], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 2)

    def test_no_file_is_left_half_written(self):
        self.enroll(stdin=self.token())
        self.assertEqual([path for path in pathlib.Path(self.machine.root).rglob("*.draft")], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
