#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A person of a real Active Directory resets the password through a real service.
Run by samba_dc.py. ad_reset_test.py SERVICE SSPRCTL"""
import json
import os
import pathlib
import subprocess
import sys
import unittest

SERVICE, CONTROL = sys.argv[1:3]
sys.argv[1:3] = [SERVICE, CONTROL, ""]  # as programs_test reads them
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service_api"))
from programs_test import Programs  # noqa: E402 pylint: disable=wrong-import-position

OLD = "Begin River Stone 1"
NEW = "Gravel Lantern 7 oak"
DIRECTORY = """
[directory]
type = ad
url = {url}
ca_file = {ca}
bind_dn = sspr@ad.example.test
bind_password_file = {password}
base = DC=ad,DC=example,DC=test
group_base = DC=ad,DC=example,DC=test
"""


class AdReset(Programs):
    def setUp(self):
        super().setUp()
        demo, _ = self.start()
        demo.terminate()
        demo.wait(60)
        self.configuration = self.folder / "sspr-service.conf"
        with open(self.configuration, "a", encoding="utf-8") as file:
            file.write(DIRECTORY.format(url=os.environ["SSPR_DC_URL"], ca=os.environ["SSPR_DC_CA"],
                                        password=os.environ["SSPR_DC_PASSWORD_FILE"]))

    def tool(self, *words):
        subprocess.run(["samba-tool", *words, "-s", os.environ["SSPR_DC_CONFIG"]], check=True,
                       stdout=subprocess.DEVNULL, timeout=60)

    def person(self, name):
        """A new one with recovery codes; gives these."""
        self.tool("user", "create", name, OLD, "--userou=OU=Staff", "--use-username-as-cn")
        self.control("users", "adopt", name)
        return json.loads(self.control("--json", "methods", "recovery-codes", name))["codes"]

    def serve(self):
        return self.serve_configured(self.configuration)

    def start_reset(self, name):
        return self.post("/resetpassword/v1.0/start", client_id="sspr-login", username=name,
                         challenge_type="recovery_code redirect",
                         capabilities="reset_introspect reset_mfa_required reset_final_submit")

    def prove(self, name, code):
        """Up to where a password is asked; gives the token for it."""
        status, begun = self.start_reset(name)
        self.assertEqual(status, 200, begun)
        method = next(one for one in begun["methods"] if one["challenge_type"] == "recovery_code")
        status, opened = self.post("/resetpassword/v1.0/challenge", client_id="sspr-login",
                                   continuation_token=begun["continuation_token"], id=method["id"])
        self.assertEqual(status, 200, opened)
        status, proved = self.post("/resetpassword/v1.0/continue", client_id="sspr-login",
                                   continuation_token=opened["continuation_token"],
                                   grant_type="recovery_code", oob=code)
        self.assertEqual(status, 200, proved)
        return proved["continuation_token"]

    def submit(self, token, password):
        return self.post("/resetpassword/v1.0/submit", client_id="sspr-login",
                         continuation_token=token, new_password=password)

    def test_rules_of_the_domain_are_said_and_another_password_follows_in_the_same_reset(self):
        codes = self.person("lena")
        self.serve()
        token = self.prove("LENA", codes[0])
        for password, why in [("gravel lantern river oak", "password_too_weak"),
                              (OLD, "password_recently_used")]:
            status, answer = self.submit(token, password)
            self.assertEqual((status, answer["error"], answer["suberror"]),
                             (400, "invalid_grant", why), answer)
            token = answer["continuation_token"]
        status, answer = self.submit(token, NEW)
        self.assertEqual((status, answer["status"]), (200, "succeeded"), answer)
        self.assertEqual(self.sign_in(NEW, "lena")[0], 200)
        self.assertEqual(self.sign_in(OLD, "lena")[0], 400)
        self.assertRegex(self.log_path.read_text(), "the directory refused a password: .*history")
        self.assertNotIn(NEW, self.log_path.read_text())

    def test_disabled_account_is_answered_like_nobody(self):
        self.person("mona")
        self.serve()
        self.tool("user", "disable", "mona")
        status, of_disabled = self.start_reset("mona")
        _, of_nobody = self.start_reset("nobody-at-all")
        self.assertEqual(status, 200)
        self.assertEqual(sorted(of_disabled), sorted(of_nobody))
        # The methods of each are made up anew, for this name.
        self.assertTrue(of_disabled["methods"])

    def doctor(self, *words):
        """The exit code and {(level, id)} of all that is not good."""
        done = subprocess.run([CONTROL, "--config", self.configuration, "--json", "doctor", *words],
                              capture_output=True, text=True, check=False, timeout=120)
        found = json.loads(done.stdout)
        self.assertTrue(all(one["remedy"] for one in found if one["level"] != "ok"), found)
        return done.returncode, {(one["level"], one["id"]) for one in found if one["level"] != "ok"}

    def test_doctor_says_what_is_in_the_way_and_its_exit_code_how_bad_it_is(self):
        self.person("nina")
        database = self.folder / "sspr.db"
        before = subprocess.run(["samba-tool", "user", "show", "nina", "-s",
                                 os.environ["SSPR_DC_CONFIG"]], capture_output=True, check=True).stdout
        self.assertEqual(self.doctor("--person", "nina"), (4, {("warning", "policy.min_classes")}))
        self.control("policy", "set", "password.min_classes", "3")
        self.assertEqual(self.doctor("--person", "nina"), (0, set()))
        self.assertEqual(self.doctor("--person", "nobody")[0], 1)
        after = subprocess.run(["samba-tool", "user", "show", "nina", "-s",
                                os.environ["SSPR_DC_CONFIG"]], capture_output=True, check=True).stdout
        self.assertEqual(before, after, "it changes nothing")
        database.rename(database.with_suffix(".away"))
        self.assertEqual(self.doctor("--person", "nina"), (4, {("warning", "service.database")}))
        self.assertFalse(database.exists())
        plain = subprocess.run([CONTROL, "--config", self.configuration, "doctor"],
                               capture_output=True, text=True, check=False, timeout=120)
        self.assertRegex(plain.stdout, r"(?m)^ok +directory.sign_in +ldaps://")
        self.assertIn("-> start sspr-service once", plain.stdout)

    def test_wrong_settings_are_said_before_the_service_starts(self):
        text = self.configuration.read_text()
        for change, said in [(("ldaps://", "ldap://"), "over TLS only"),
                             (("bind_dn = sspr@", "bind_dn = nobody@"), "nvalid credentials"),
                             (("type = ad", "type = active"), "write builtin, ldap, ad, agent or entra")]:
            self.configuration.write_text(text.replace(*change))
            checked = subprocess.run([SERVICE, "--config", self.configuration, "--check-config"],
                                     capture_output=True, text=True, check=False, timeout=60)
            self.assertNotEqual(checked.returncode, 0, change)
            self.assertIn(said, checked.stderr)


if __name__ == "__main__":
    unittest.main()
