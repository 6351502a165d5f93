# SPDX-License-Identifier: Apache-2.0
"""What the old password protects, at a real /bin/login: a keyring made and opened by the real
gnome-keyring-daemon, a mount passphrase wrapped and unwrapped by eCryptfs' own programs, and files
as KWallet, fscrypt and systemd-homed keep them."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

from e2e_case import E2eCase, journey, main, words

KEYRINGS = ".local/share/keyrings"
WALLETS = ".local/share/kwalletd"
SECRET = "Passphrase of the Wi-Fi"
OLD = "Old password, if you remember it"
CONSENT = "although your home stays closed"


class OldSecretsCase(E2eCase):
    def setUp(self):
        super().setUp()
        self.home = pathlib.Path("/home") / self.person.name

    def as_person(self, *command, stdin=""):
        """Runs a command as the person in the person's home; gives what it printed."""
        user = self.person.name
        runtime = pathlib.Path("/run") / f"runtime-{user}"
        runtime.mkdir(mode=0o700, exist_ok=True)
        shutil.chown(runtime, user, user)
        done = subprocess.run(
            ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", *map(str, command)],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=self.home,
            env={
                "HOME": str(self.home),
                "USER": user,
                "PATH": "/usr/bin:/bin",
                "LANG": "C.UTF-8",
                "XDG_RUNTIME_DIR": str(runtime),
            },
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def keyring(self, verb, *passwords):
        script = pathlib.Path(__file__).parent / "keyring_session.py"
        printed = self.as_person(
            "dbus-run-session", "--", sys.executable, script, verb, stdin="\n".join(passwords)
        )
        return json.loads(printed.strip().splitlines()[-1])

    def put(self, path, content, mode=0o600):
        """A file of the person, with its folders."""
        file = self.home / path
        self.as_person("mkdir", "-p", file.parent)
        file.write_bytes(content)
        file.chmod(mode)
        shutil.chown(file, self.person.name, self.person.name)
        return file

    def to_old_password(self):
        terminal = self.login()
        terminal.type(self.begin_reset(terminal))
        return terminal

    def finish(self, terminal):
        new = self.machine.new_password()
        journey.choose_password(terminal, new)
        return new

    def keyrings_in(self, folder):
        """Without gnome-keyring's store of private keys, which no reset touches."""
        return sorted(name for name in os.listdir(folder) if name != "user.keystore")

    def aside(self, folder, pattern):
        found = list((self.home / folder).glob(pattern))
        self.assertEqual(len(found), 1, os.listdir(self.home / folder))
        return found[0]


class GnomeKeyring(OldSecretsCase):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.keyring("store", self.person.password), {"login": [SECRET]})
        self.file = self.home / KEYRINGS / "login.keyring"
        self.before = self.file.read_bytes()

    def test_a_keyring_whose_password_is_forgotten_is_put_aside_and_opens_with_the_old_one(self):
        self.file.chmod(0o640)
        terminal = self.to_old_password()
        terminal.expect("is put aside, not deleted")
        terminal.expect(OLD)
        terminal.type("", hidden=True)
        new = self.finish(terminal)
        terminal.expect("open Passwords and Keys")
        journey.to_shell(terminal, self.person.name)
        self.assert_password(new)
        self.assertFalse(self.file.exists())
        aside = self.aside(KEYRINGS, "login-before-reset-*.keyring")
        self.assertEqual(aside.read_bytes(), self.before)
        self.assertEqual(aside.owner(), self.person.name)
        self.assertEqual(aside.stat().st_mode & 0o7777, 0o640)
        # The next session: a login keyring of its own, and the other one beside it.
        held = self.keyring("look", new, self.person.password)
        self.assertEqual(held.pop("login"), [])
        self.assertEqual(list(held.values()), [[SECRET]])

    def test_who_remembers_the_old_password_keeps_the_keyring_open(self):
        terminal = self.to_old_password()
        terminal.expect(OLD)
        terminal.type("not this one", hidden=True)
        terminal.expect("does not open everything")
        terminal.expect(OLD)
        terminal.type(self.person.password, hidden=True)
        terminal.expect("That is right")
        new = self.finish(terminal)
        terminal.expect(words.SET)
        journey.to_shell(terminal, self.person.name)
        self.assert_password(new, refused=[self.person.password])
        self.assertEqual(self.keyring("look", new), {"login": [SECRET]})
        kept = self.aside(KEYRINGS, ".login.keyring-before-reset-*")
        self.assertEqual(kept.read_bytes(), self.before)

    def test_who_leaves_at_the_old_password_finds_everything_as_it_was(self):
        terminal = self.to_old_password()
        terminal.expect(OLD)
        terminal.type(self.person.password, hidden=True)
        terminal.expect(words.NEW_PASSWORD)
        terminal.hang_up()
        terminal.wait_for_end()
        self.assert_nothing_changed()
        self.assertEqual(self.keyrings_in(self.home / KEYRINGS), ["login.keyring"])
        self.assertEqual(self.file.read_bytes(), self.before)

    def test_a_keyring_behind_a_symbolic_link_is_left_alone(self):
        elsewhere = self.home / "elsewhere"
        (self.home / KEYRINGS).rename(elsewhere)
        (self.home / KEYRINGS).symlink_to(elsewhere)
        new = self.reset(self.login())
        self.assert_password(new)
        self.assertEqual(self.keyrings_in(elsewhere), ["login.keyring"])

    def test_a_keyring_without_a_password_stays_in_its_place(self):
        self.file.write_text("[keyring]\ndisplay-name=Login\n")
        new = self.reset(self.login())
        self.assert_password(new)
        self.assertEqual(self.keyrings_in(self.home / KEYRINGS), ["login.keyring"])


class OtherSecrets(OldSecretsCase):
    def wrapped(self):
        (self.home / ".ecryptfs").mkdir(mode=0o700)
        shutil.chown(self.home / ".ecryptfs", self.person.name, self.person.name)
        file = self.home / ".ecryptfs/wrapped-passphrase"
        self.as_person(
            "ecryptfs-wrap-passphrase", file, "-", stdin=f"mount passphrase\n{self.person.password}"
        )
        return file

    def unwrap(self, file, password):
        return self.as_person("ecryptfs-unwrap-passphrase", file, "-", stdin=password).strip()

    def test_an_encrypted_home_stops_the_reset_unless_the_person_says_yes(self):
        file = self.wrapped()
        before = file.read_bytes()
        terminal = self.to_old_password()
        terminal.expect("encrypted with your old password")
        terminal.expect(OLD)
        terminal.type("", hidden=True)
        terminal.expect(CONSENT)
        terminal.type("")
        terminal.expect("Nothing was changed: your home needs the old password")
        terminal.expect(words.PLAIN_PASSWORD)
        terminal.hang_up()
        self.assert_nothing_changed()
        self.assertEqual(file.read_bytes(), before)

        terminal = self.to_old_password()
        terminal.expect(OLD)
        terminal.type("", hidden=True)
        terminal.expect(CONSENT)
        terminal.type("yes")
        new = self.finish(terminal)
        terminal.expect("still wants the old one")
        journey.to_shell(terminal, self.person.name)
        self.assert_password(new)
        self.assertEqual(file.read_bytes(), before)

    def test_ecryptfs_is_wrapped_anew_with_the_old_password(self):
        file = self.wrapped()
        terminal = self.to_old_password()
        terminal.expect(OLD)
        terminal.type(self.person.password, hidden=True)
        terminal.expect("That is right")
        new = self.finish(terminal)
        terminal.expect(words.SET)
        journey.to_shell(terminal, self.person.name)
        self.assertEqual(self.unwrap(file, new), "mount passphrase")
        backup = self.aside(".ecryptfs", ".wrapped-passphrase-before-reset-*")
        self.assertEqual(self.unwrap(backup, self.person.password), "mount passphrase")

    def test_a_wallet_is_put_aside_with_its_salt(self):
        wallet = b"KWALLET\n\r\0\r\n\0\1\2\0 sealed"
        self.put(f"{WALLETS}/kdewallet.kwl", wallet)
        self.put(f"{WALLETS}/kdewallet.salt", b"s" * 56)
        terminal = self.to_old_password()
        terminal.expect("is put aside, not deleted")
        new = self.finish(terminal)
        terminal.expect("KWalletManager")
        journey.to_shell(terminal, self.person.name)
        self.assert_password(new)
        aside = self.aside(WALLETS, "kdewallet-before-reset-*.kwl")
        self.assertEqual(aside.read_bytes(), wallet)
        self.assertEqual(aside.with_suffix(".salt").read_bytes(), b"s" * 56)
        self.assertEqual(len(os.listdir(self.home / WALLETS)), 2)

    def test_a_login_protector_of_fscrypt_needs_a_yes(self):
        uid = self.home.stat().st_uid
        number = bytes([0x30, uid & 0x7F | 0x80, uid >> 7])
        protectors = pathlib.Path("/home/.fscrypt/protectors")
        protectors.mkdir(parents=True)
        self.addCleanup(shutil.rmtree, protectors.parent)
        file = protectors / "0123456789abcdef"
        file.write_bytes(b"\x0a\x100123456789abcdef\x10\x01\x1a\x05login" + number)
        terminal = self.to_old_password()
        terminal.expect("encrypted with your old password")
        terminal.expect(CONSENT)
        terminal.type("n")
        terminal.expect("Nothing was changed: your home needs the old password")
        terminal.expect(words.PLAIN_PASSWORD)
        self.assert_nothing_changed()

    def test_a_home_of_systemd_homed_is_refused_before_anything_is_asked(self):
        records = pathlib.Path("/var/lib/systemd/home")
        records.mkdir(parents=True, exist_ok=True)
        record = records / "homed.identity"
        record.write_text('{"userName": "homed"}')
        self.addCleanup(record.unlink)
        terminal = self.login()
        journey.to_password_prompt(terminal, "homed")
        terminal.type("", hidden=True)
        terminal.expect("locked with its own password")
        self.assertNotIn(words.CONFIRM, terminal.screen())


if __name__ == "__main__":
    main()
