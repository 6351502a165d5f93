#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The texts of the pages: complete in each language, none missing, none left over, and the values in
them the same. texts_test.py SOURCE_FOLDER"""
import pathlib
import re
import sys
import unittest

SOURCE = pathlib.Path(sys.argv.pop(1))
# Keys that the program puts together: a method's word, a question's number, a page's name.
MADE = re.compile(r"^(title|choose|enter|add|add_hint|add_explain|method|question|done)\.")


def texts_of(path):
    texts = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            key, _, text = line.partition("=")
            assert key.strip() not in texts, f"{path}: {key.strip()} is there twice"
            texts[key.strip()] = text.strip()
    return texts


def languages():
    header = (SOURCE / "service/pages/language.h").read_text(encoding="utf-8")
    return re.findall(r'^    \{"(\w+)", ', header, re.M)


class Texts(unittest.TestCase):
    def setUp(self):
        # Each part of the pages: a folder with texts beside templates.
        self.parts = sorted(path.parent.parent for path in SOURCE.glob("service/*/texts/en.txt"))
        self.assertGreaterEqual(len(self.parts), 2)
        self.shared = texts_of(SOURCE / "service/pages/texts/en.txt")

    def test_each_language_has_each_text_with_the_same_values(self):
        self.assertEqual(languages(), ["en", "de", "fr", "es", "ar"])
        for part in self.parts:
            english = texts_of(part / "texts/en.txt")
            for code in languages():
                texts = texts_of(part / f"texts/{code}.txt")
                self.assertEqual(set(texts), set(english), f"{part.name} {code}")
                for key, text in english.items():
                    values = sorted(re.findall(r"{{\w+}}", text))
                    self.assertEqual(sorted(re.findall(r"{{\w+}}", texts[key])), values,
                                     f"{part.name} {code} {key}")

    def test_no_text_is_missing_or_left_over(self):
        for part in self.parts:
            english = texts_of(part / "texts/en.txt")
            sources = "".join(path.read_text(encoding="utf-8") for path in
                              [*part.glob("templates/*"), *part.glob("*.cc"), *part.glob("*.h")])
            templates = "".join(path.read_text(encoding="utf-8") for path in part.glob("templates/*"))
            in_templates = set(re.findall(r"\[\[([\w.]+)\]\]", templates))
            known = set(english) | set(self.shared)
            self.assertLessEqual(in_templates, known, part.name)
            quoted = set(re.findall(r'"([a-z_]+\.[a-z_0-9]+)"', sources))
            left = {key for key in english if not MADE.match(key)} - in_templates - quoted
            self.assertEqual(left, set(), part.name)

    def test_each_page_has_a_title(self):
        parts_of_pages = {"layout", "menu"}
        for part in self.parts:
            english = texts_of(part / "texts/en.txt")
            for template in part.glob("templates/*.mustache"):
                if template.stem in parts_of_pages or template.stem.endswith("_menu"):
                    continue
                self.assertIn(f"title.{template.stem}", english, part.name)


if __name__ == "__main__":
    unittest.main()
