#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""msi_test.py BIN: the installer under Wine: refused, installed, repaired, upgraded, not downgraded, removed; signed."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import wine_case

BIN = pathlib.Path(sys.argv[1])
MSI = wine_case.SOURCE / "packaging/msi"
CLASS = "{7B5E2C64-1F0B-4E0A-9C57-0A4D6B1E83F2}"
PROVIDERS = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Authentication\Credential Providers"
FOLDER = pathlib.Path(os.environ["WINEPREFIX"]) / "drive_c/Program Files/SSPR Login"
FILES = {"sspr_credprov.dll", "sspr-flow.exe", "sspr-setpw.exe", "sspr-doctor.exe", "sspr-enroll.exe"}


def build(out, version, *signing):
    subprocess.run([MSI / "build.sh", BIN, version, out, *signing], check=True, capture_output=True)
    return out


def msiexec(*words):
    return wine_case.run("msiexec", *words, "/qn")[0]


def query(key, *words):
    code, said = wine_case.run("reg", "query", key, *words)
    return said if code == 0 else None


def rows(msi, table):
    said = subprocess.run(["msiinfo", "export", msi, table], check=True, capture_output=True, text=True).stdout
    return [line.split("\t") for line in said.replace("\r", "").split("\n")[3:] if line]


class Msi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.scratch.name)
        cls.first = build(folder / "first.msi", "0.1.0")
        cls.second = build(folder / "second.msi", "0.2.0")
        # The registry of whatever ran before is no part of this.
        for key in [r"HKCR\CLSID" "\\" + CLASS, PROVIDERS + "\\" + CLASS, r"HKLM\SOFTWARE\SSPR Login",
                    r"HKLM\SOFTWARE\Policies\SSPR Login"]:
            wine_case.run("reg", "delete", key, "/f")

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def install(self, msi, *words):
        return msiexec("/i", wine_case.windows_path(msi), *words)

    def remove(self, msi):
        return msiexec("/x", wine_case.windows_path(msi))

    def assert_nothing_is_left(self):
        self.assertFalse(FOLDER.exists())
        self.assertIsNone(query(r"HKCR\CLSID" "\\" + CLASS))
        self.assertIsNone(query(PROVIDERS + "\\" + CLASS))

    def url(self):
        said = query(r"HKLM\SOFTWARE\SSPR Login", "/v", "ServiceUrl")
        return said.split()[-1] if said else None

    def test_runs_no_program_and_registers_nothing_by_itself(self):
        actions = rows(self.first, "CustomAction")
        self.assertEqual([(name, kind) for name, kind, *_ in actions if int(kind) & 0x3F not in {19, 51}], [])
        self.assertIn("KeepUrl", [action[0] for action in actions])
        tables = subprocess.run(["msiinfo", "tables", self.first], check=True, capture_output=True, text=True).stdout
        self.assertNotIn("SelfReg", tables)

    def test_life_of_an_installation(self):
        for msi in (self.first, self.second):  # also when something below fails
            self.addCleanup(self.remove, msi)
        another = PROVIDERS + r"\{33333333-0000-0000-0000-000000000000}"
        wine_case.run("reg", "add", another, "/ve", "/d", "Another product", "/f")
        self.addCleanup(wine_case.run, "reg", "delete", another, "/f")
        others = query(PROVIDERS)
        self.assertNotEqual(self.install(self.first, "SERVICEURL=http://sspr.example/t"), 0)
        self.assert_nothing_is_left()

        self.assertEqual(self.install(self.first, "SERVICEURL=https://sspr.example/t"), 0)
        self.assertEqual({path.name for path in FOLDER.iterdir()}, FILES)
        self.assertIn("SSPR Login", query(PROVIDERS + "\\" + CLASS))
        self.assertIn(r"C:\Program Files\SSPR Login\sspr_credprov.dll",
                      query(r"HKCR\CLSID" "\\" + CLASS + r"\InprocServer32"))
        self.assertEqual(self.url(), "https://sspr.example/t")
        code, said = wine_case.run(r"C:\Program Files\SSPR Login\sspr-doctor.exe")
        self.assertEqual(code, 0, said)
        self.assertIn("the configuration is sound: https://sspr.example/t", said)

        (FOLDER / "sspr-flow.exe").unlink()
        code, said = wine_case.run(r"C:\Program Files\SSPR Login\sspr-doctor.exe")
        self.assertEqual(code, 1, said)
        self.assertIn("PROBLEM  sspr-flow.exe is not beside the provider", said)
        # What msiexec /fa stands for; Wine's does not find the package.
        self.assertEqual(self.install(self.first, "REINSTALL=ALL", "REINSTALLMODE=amus"), 0)
        self.assertTrue((FOLDER / "sspr-flow.exe").exists())

        self.assertEqual(self.install(self.second), 0)
        self.assertEqual({path.name for path in FOLDER.iterdir()}, FILES)
        self.assertEqual(self.url(), "https://sspr.example/t")
        self.assertNotEqual(self.install(self.first), 0)
        self.assertTrue((FOLDER / "sspr_credprov.dll").exists())

        self.assertEqual(self.remove(self.second), 0)
        self.assert_nothing_is_left()
        self.assertIsNone(self.url())
        self.assertEqual(query(PROVIDERS), others)
        self.assertIn("Another product", query(another))

    def test_signature_covers_the_installer_and_each_file(self):
        folder = pathlib.Path(self.scratch.name)
        certificate, key = folder / "code.pem", folder / "code.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                        "-days", "2", "-subj", "/CN=Test code signing", "-addext", "extendedKeyUsage=codeSigning"],
                       check=True, capture_output=True)
        signed = build(folder / "signed.msi", "0.1.0", certificate, key)

        def verify(path):
            return subprocess.run(["osslsigncode", "verify", "-CAfile", certificate, "-in", path],
                                  capture_output=True, check=False).returncode

        self.assertEqual(verify(signed), 0)
        inside = folder / "inside"
        inside.mkdir()
        subprocess.run(["msiextract", "-C", inside, signed], check=True, capture_output=True)
        files = {path.name: path for path in inside.rglob("sspr*.*")}
        self.assertEqual(set(files), FILES)
        for path in files.values():
            self.assertEqual(verify(path), 0, path)
        spoilt = bytearray(files["sspr-flow.exe"].read_bytes())
        spoilt[len(spoilt) // 2] ^= 1
        (folder / "spoilt.exe").write_bytes(spoilt)
        self.assertNotEqual(verify(folder / "spoilt.exe"), 0)

    def test_bill_of_materials_names_what_is_linked_in(self):
        said = subprocess.run([sys.executable, MSI / "sbom.py", BIN, "0.1.0"], check=True, capture_output=True).stdout
        bill = json.loads(said)
        names = {part["name"] for part in bill["components"]}
        self.assertLessEqual(FILES | {"libjsoncpp", "utf8proc", "libsodium", "mingw-w64-x86-64-dev"}, names)
        self.assertTrue(all(part["version"] for part in bill["components"]))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
