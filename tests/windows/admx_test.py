#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""admx_test.py SOURCE: the policy files are whole: each value that the programs read has a policy, each policy a value that
they read, each word both languages, each field its place on the page."""
import pathlib
import re
import sys
import unittest
import xml.etree.ElementTree

SOURCE = pathlib.Path(sys.argv[1])
ADMX = SOURCE / "packaging/admx"
SPACE = "{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}"
KEY = r"SOFTWARE\Policies\SSPR Login"


def parse(path):
    return xml.etree.ElementTree.parse(path).getroot()


class Admx(unittest.TestCase):
    def setUp(self):
        self.admx = parse(ADMX / "sspr-login.admx")
        self.policies = list(self.admx.iter(SPACE + "policy"))

    def values(self):
        named = {policy.get("valueName") for policy in self.policies}
        named |= {element.get("valueName") for policy in self.policies for element in policy.findall(SPACE + "elements/*")}
        return named - {None}

    def test_policies_are_what_the_programs_read(self):
        flow = (SOURCE / "credprov_win/flow/registry_config.cc").read_text(encoding="utf-8")
        read = set(re.findall(r'\{L"(\w+)",\s+"\w+"\}', flow))
        self.assertIn("ServiceUrl", read)
        for source in (SOURCE / "credprov_win/dll").glob("*.cc"):
            read |= set(re.findall(r'PolicyNumber\(L"(\w+)"', source.read_text(encoding="utf-8")))
        accounts = (SOURCE / "credprov_win/setpw/local_accounts.cc").read_text(encoding="utf-8")
        read |= set(re.findall(r'kPolicies, L"(\w+)"', accounts))
        self.assertIn("AllowLocalAdministrators", read)
        self.assertEqual(self.values(), read)
        self.assertTrue(all(policy.get("key") == KEY and policy.get("class") == "Machine" for policy in self.policies))

    def test_documentation_names_each(self):
        text = (SOURCE / "docs/windows.md").read_text(encoding="utf-8")
        for value in self.values():
            self.assertIn(f"`{value}`", text)

    def test_words_and_pages_are_there_in_each_language(self):
        whole = (ADMX / "sspr-login.admx").read_text(encoding="utf-8")
        strings = set(re.findall(r"\$\(string\.(\w+)\)", whole))
        presentations = set(re.findall(r"\$\(presentation\.(\w+)\)", whole))
        texts = []
        for language in ("en-US", "de-DE"):
            adml = parse(ADMX / language / "sspr-login.adml")
            words = {one.get("id"): one.text for one in adml.iter(SPACE + "string")}
            self.assertEqual(set(words), strings, language)
            self.assertTrue(all(words.values()), language)
            pages = {page.get("id"): page for page in adml.iter(SPACE + "presentation")}
            self.assertEqual(set(pages), presentations, language)
            for policy in self.policies:
                fields = [element.get("id") for element in policy.findall(SPACE + "elements/*")]
                shown = [field.get("refId") for field in pages.get(policy.get("name"), [])]
                self.assertEqual(shown, fields, (language, policy.get("name")))
            texts.append(words)
        same = {name for name, text in texts[0].items() if texts[1][name] == text}
        self.assertEqual(same, {"SsprLogin"})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
