# SPDX-License-Identifier: Apache-2.0
"""Which folder may include which, and which libraries it may see: the architecture, read from the
include lines. include_rules_test.py SOURCE_FOLDER"""

import pathlib
import re
import sys
import unittest

SOURCE = pathlib.Path(sys.argv.pop(1)).resolve()

# Folder -> the project's folders that its files may include. The longest matching folder rules.
ALLOWED = {
    "common/base": ["common/base"],
    "common/system": ["common/base", "common/system"],
    "common/keys": ["common/base", "common/keys"],
    "common/permit": ["common/base", "common/keys", "common/permit"],
    "common/setpw": ["common/base", "common/permit", "common/setpw"],
    "common/flow": ["common/base", "common/flow"],
    "common/protocol": ["common/base", "common/flow", "common/keys", "common/protocol"],
    "common/http": ["common/base", "common/http"],
    "common/config": ["common/base", "common/config"],
    "common/client": [
        "common/base",
        "common/flow",
        "common/protocol",
        "common/http",
        "common/config",
        "common/client",
    ],
    "common/machine": ["common/base", "common/permit", "common/protocol", "common/machine"],
    "pam_module/module": ["common/base", "pam_module/module"],
    "pam_module/canary": ["common/base", "pam_module/canary"],
    "pam_module/confine": ["common/base", "pam_module/confine"],
    "pam_module/online": ["pam_module/online"],
    "pam_module/flow": [
        "common/base",
        "common/flow",
        "common/protocol",
        "common/http",
        "common/config",
        "common/client",
        "common/system",
        "pam_module/confine",
        "pam_module/flow",
    ],
    "pam_module/setpw": [
        "common/base",
        "common/permit",
        "common/setpw",
        "common/config",
        "common/system",
        "pam_module/confine",
        "pam_module/setpw",
    ],
    "pam_module/machine": [
        "common/base",
        "common/permit",
        "common/protocol",
        "common/http",
        "common/config",
        "common/client",
        "common/machine",
        "pam_module/machine",
    ],
    "pam_module/enroll": [
        "common/base",
        "common/http",
        "common/permit",
        "common/protocol",
        "common/config",
        "common/machine",
        "pam_module/machine",
        "pam_module/enroll",
    ],
    "pam_module/doctor": [
        "common/base",
        "common/http",
        "common/permit",
        "common/protocol",
        "common/config",
        "common/machine",
        "pam_module/machine",
        "pam_module/doctor",
        # What would happen is asked of those who would do it.
        "pam_module/flow",
        "pam_module/module",
        "pam_module/setpw",
    ],
    "common/writeback": ["common/base", "common/keys", "common/protocol", "common/writeback"],
    "service": [
        "common/base",
        "common/permit",
        "common/protocol",
        "common/config",
        "common/system",
        "common/writeback",
        "service",
    ],
    "service/approvals": ["common/base", "common/http", "common/permit", "common/protocol", "service"],
    "service/breach": ["common/base", "common/http", "service/breach", "service/crypto"],
    "service/risk": [
        "common/base",
        "common/http",
        "common/permit",
        "common/protocol",
        "service",
    ],
    "service/delivery": ["common/base", "common/http", "service/delivery"],
    "service/directory": ["common/base", "common/config", "common/http", "common/permit", "service"],
    "service/doctor": ["common/base", "common/http", "common/permit", "service"],
    "service/graph": [
        "common/base",
        "common/http",
        "common/permit",
        "common/protocol",
        "service/graph",
    ],
    "service/entra": ["common/base", "common/http", "common/protocol", "service"],
    # The agent on the premises has the service's directories, its ledger and its messages.
    "writeback": [
        "common/base",
        "common/client",
        "common/config",
        "common/http",
        "common/protocol",
        "common/system",
        "common/writeback",
        "service/crypto",
        "service/daemon",
        "service/devices",
        "service/directory",
        "service/policy",
        "service/store",
        "service/writeback",
        "writeback",
    ],
}

# Library header (a regular expression) -> the only folders whose files may include it.
LIBRARIES = {
    r"boost/beast": ["service/http"],
    r"curl/": ["common/http", "service/approvals", "service/delivery"],
    r"fido": ["service/webauthn"],
    r"json/": [
        "common/protocol",
        "common/client",
        "pam_module/doctor",
        "pam_module/enroll",
        "service",
        "writeback",
    ],
    r"security/": ["pam_module/module", "pam_module/canary"],
    r"soci": ["service/store", "service/directory", "service/writeback"],
    r"libpq-fe|sqlite3\.h": ["service/store"],
    r"argon2": ["service"],
    r"seccomp": ["pam_module/flow", "pam_module/setpw"],
    r"pwquality": ["pam_module/setpw"],
    r"crypt\.h": ["pam_module/canary", "pam_module/setpw"],
    r"openssl/": [
        "common/keys",
        "common/protocol",
        "common/permit",
        "common/client",
        "common/http",
        "pam_module/flow",
        "pam_module/machine",
        "pam_module/setpw",
        "common/writeback",
        "service",
    ],
}


def sources():
    for top in ("common", "pam_module", "service", "writeback"):
        for path in sorted((SOURCE / top).rglob("*")):
            if path.suffix in (".h", ".cc", ".c") and path.is_file():
                yield path


def includes(path):
    """(line number, quote, name) of each include line."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if match := re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line):
            yield number, match.group(1), match.group(2)


def below(name, folder):
    return name == folder or name.startswith(folder + "/")


class IncludeRules(unittest.TestCase):
    def test_every_folder_includes_only_what_the_architecture_allows(self):
        breaches, seen = [], 0
        for path in sources():
            name = path.relative_to(SOURCE).as_posix()
            rules = [folder for folder in ALLOWED if below(name, folder)]
            if not rules:
                breaches.append(f"{name}: its folder has no rule in this test")
                continue
            allowed = ALLOWED[max(rules, key=len)]
            for number, quote, included in includes(path):
                seen += 1
                if quote == '"' and not any(below(included, folder) for folder in allowed):
                    breaches.append(f"{name}:{number} includes {included}")
        self.assertEqual(breaches, [])
        self.assertGreater(seen, 50, "the sources were not found")

    def test_libraries_are_seen_only_where_they_belong(self):
        breaches = []
        for path in sources():
            name = path.relative_to(SOURCE).as_posix()
            for number, quote, included in includes(path):
                for pattern, folders in LIBRARIES.items():
                    if quote == "<" and re.match(pattern, included):
                        if not any(below(name, folder) for folder in folders):
                            breaches.append(f"{name}:{number} includes <{included}>")
        self.assertEqual(breaches, [])

    def test_code_for_a_login_process_uses_no_library_beyond_libc_and_libpam(self):
        breaches = []
        known = re.compile(r"security/|sys/|[a-z_]+\.h$|[a-z_]+$")
        for path in sources():
            name = path.relative_to(SOURCE).as_posix()
            if below(name, "common/base") or below(name, "pam_module/module"):
                for number, quote, included in includes(path):
                    if quote == "<" and not known.match(included):
                        breaches.append(f"{name}:{number} includes <{included}>")
        self.assertEqual(breaches, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
