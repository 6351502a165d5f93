#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Plays resets, sign-ins and registrations against a real service and searches all that it wrote and says of itself
for the secrets that were used, in every form: files of the data folder, database with its log, audit, standard error,
lists and exports of ssprctl, arguments and environment. service_canary_test.py SERVICE SSPRCTL

Secrets are passwords (set, wrong and typed into the wrong field), codes, recovery codes, answers, passes, seeds of
apps, continuation, access and refresh tokens, and secrets of clients.
"""
import email
import email.policy
import http.cookiejar
import json
import pathlib
import re
import ssl
import sys
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from aiosmtpd.controller import Controller

SERVICE, CONTROL = sys.argv[1:3]
sys.argv[1:3] = [SERVICE, CONTROL, ""]  # as programs_test reads them
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "service_api"))
sys.path.insert(0, str(HERE))
from programs_test import ALICE, Programs  # noqa: E402 pylint: disable=wrong-import-position
from canary_test import CANARY_HEAD, CANARY_TAIL, forms  # noqa: E402 pylint: disable=wrong-import-position

EVERYTHING = "oob totp questions recovery_code tap redirect"
CAPABILITIES = "reset_introspect reset_mfa_required reset_final_submit"


def canary(what):
    return f"{CANARY_HEAD}-{what}-gravel-{CANARY_TAIL}"


class Mailbox:
    def __init__(self):
        self.texts = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        self.texts.append(message.get_body().get_content())
        return "250 delivered"


class Visitor:
    """A browser without script on the pages for people."""

    def __init__(self, url, ca_file):
        self.base, self.origin = url.geturl() + "/portal", f"https://localhost:{url.port}"
        self.cookies = http.cookiejar.CookieJar()
        context = ssl.create_default_context(cafile=ca_file)
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies),
                                                  urllib.request.HTTPSHandler(context=context))
        self.page = ""

    def get(self, path):
        return self.read(urllib.request.Request(self.base + path))

    def post(self, path, **form):
        """With the token of the page that was read last."""
        token = re.search(r'name="form_token" value="([^"]+)"', self.page)[1]
        body = urllib.parse.urlencode({"form_token": token} | form).encode()
        return self.read(urllib.request.Request(self.base + path, body, {"Origin": self.origin}))

    def read(self, request):
        try:
            with self.opener.open(request, timeout=60) as answer:
                self.page = answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                self.page = refused.read().decode()
        return self.page


class ServiceCanary(Programs):
    def setUp(self):
        super().setUp()
        self.mailbox = Mailbox()
        self.controller = Controller(self.mailbox, hostname="127.0.0.1", port=self.free_port())
        self.controller.start()
        self.addCleanup(self.controller.stop)
        self.secrets = {}
        self.folder.mkdir(mode=0o700)
        self.password = self.keep("first password", canary("old"))
        (self.folder / "initial-password").write_text(self.password + "\n")

    @staticmethod
    def free_port():
        import socket  # pylint: disable=import-outside-toplevel
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    def start(self, env=None):
        import unittest.mock  # pylint: disable=import-outside-toplevel
        import subprocess  # pylint: disable=import-outside-toplevel
        real = subprocess.Popen
        smtp = ["--smtp", f"smtp://127.0.0.1:{self.controller.port}"]
        with unittest.mock.patch("subprocess.Popen", lambda command, **rest: real([*command, *smtp], **rest)):
            return super().start(env)

    def keep(self, name, secret):
        self.secrets[name] = secret
        return secret

    def call(self, path, **form):
        """Every token in an answer is a secret too."""
        status, answer = self.post(path, client_id="sspr-login", **form)
        for name in ("continuation_token", "access_token", "refresh_token", "id_token", "client_info"):
            if len(answer.get(name, "")) > 20 and name != "client_info":
                self.keep(f"{name} {len(self.secrets)}", answer[name])
        return status, answer

    def begin(self, kind):
        _, answer = self.call("/resetpassword/v1.0/start", username=ALICE, challenge_type=EVERYTHING,
                              capabilities=CAPABILITIES)
        return self.challenge(answer, kind)

    def challenge(self, answer, kind):
        method = next(one for one in answer["methods"] if one["challenge_type"] == kind)
        status, opened = self.call("/resetpassword/v1.0/challenge", continuation_token=answer["continuation_token"],
                                   id=method["id"])
        self.assertEqual(status, 200, opened)
        return opened

    def go_on(self, opened, **form):
        return self.call("/resetpassword/v1.0/continue", continuation_token=opened["continuation_token"], **form)

    def submit(self, answer, password):
        return self.call("/resetpassword/v1.0/submit", continuation_token=answer["continuation_token"],
                         new_password=password)

    def mailed_code(self, count):
        for _ in range(400):
            codes = [found[0] for text in self.mailbox.texts if (found := re.search(r"\b\d{6,8}\b", text))]
            if len(codes) >= count:
                return self.keep(f"code {count}", codes[count - 1])
            time.sleep(0.025)
        self.fail(f"no code came: {self.mailbox.texts}")

    def use_everything(self):
        passes = json.loads(self.control("--json", "methods", "issue-pass", ALICE, "--operator", "Olga", "--proof",
                                         "badge"))
        self.keep("pass", passes["pass"])
        codes = json.loads(self.control("--json", "methods", "recovery-codes", ALICE))["codes"]
        for number, code in enumerate(codes):
            self.keep(f"recovery code {number}", code)
            self.keep(f"recovery code {number} without hyphens", code.replace("-", ""))
        answers = [self.keep(f"answer {i}", canary(f"answer{i}")[:40]) for i in range(5)]
        self.control("methods", "set-questions", ALICE,
                     stdin="".join(f"Question {i}?\t{answer}\n" for i, answer in enumerate(answers)))
        self.control("users", "add", "bob@example.org")
        seed = self.control("methods", "add-totp", "bob@example.org")
        self.keep("seed of an app", re.search(r"secret=([A-Z2-7]+)", seed)[1])

        opened = self.begin("oob")
        code = self.mailed_code(1)
        self.go_on(opened, grant_type="oob", oob=self.keep("wrong code", "90817263" if code != "90817263" else "18273645"))
        _, proved = self.go_on(opened, grant_type="oob", oob=code)
        _, answer = self.submit(proved, self.keep("refused password", canary("x")[:14]))
        status, answer = self.submit(proved, self.keep("new password", canary("new")))
        self.assertEqual((status, answer.get("status")), (200, "succeeded"), answer)
        self.call("/oauth2/v2.0/token", grant_type="continuation_token", scope="openid offline_access",
                  continuation_token=answer["continuation_token"], username=ALICE)

        self.control("policy", "set", "required_gates", "2")
        _, answer = self.go_on(self.begin("recovery_code"), grant_type="recovery_code", oob=codes[0])
        opened = self.challenge(answer, "questions")
        typed = {f"answer_{i + 1}": answers[int(question["text"][9])] for i, question in enumerate(opened["questions"])}
        self.go_on(opened, grant_type="questions", **(typed | {"answer_2": self.keep("wrong answer", canary("wrong")[:40])}))
        status, _ = self.go_on(opened, grant_type="questions", **typed)
        self.assertEqual(status, 200)
        self.go_on(self.begin("tap"), grant_type="tap", oob=passes["pass"])

        for password in ("new password", "first password"):
            self.sign_in(self.secrets[password])
        self.sign_in(self.keep("wrong password", canary("not")))
        # Into the wrong field, of every endpoint that has one for a name or a text.
        typed = self.keep("password as a name", canary("field"))
        for path, name in [("/resetpassword/v1.0/start", "username"), ("/oauth2/v2.0/initiate", "username"),
                           ("/resetpassword/v1.0/challenge", "id"), ("/risk/v1.0/users", "username"),
                           ("/register/v1.0/challenge", "challenge_target"), ("/oauth2/v2.0/token", "scope")]:
            self.call(path, **{name: typed, "challenge_type": "oob password redirect"})
        self.call("/risk/v1.0/users", client_secret=self.keep("secret of a client", canary("client")), username=ALICE,
                  risk_level="high")
        self.sign_in(self.password, username=typed)

    def use_the_pages(self):
        """Sign-in with the right, a wrong and a misplaced password; a new app, new codes; a reset that is begun."""
        visitor = Visitor(self.url, self.folder / "ca.pem")
        visitor.get("/")
        visitor.post("/sign-in", username=ALICE, password=self.keep("wrong password of a page", canary("page")))
        visitor.get("/")
        visitor.post("/sign-in", username=self.keep("password as a name on a page", canary("pagename")), password="x")
        visitor.get("/")
        visitor.post("/sign-in", username=ALICE, password=self.secrets["new password"])
        for cookie in visitor.cookies:
            self.keep(f"cookie {cookie.name}", cookie.value)
        visitor.get("/reset")
        visitor.post("/reset", username=self.keep("password as a name of a reset", canary("resetname")))
        return visitor.page

    def traces(self, service):
        """All that is to be searched, as {name: bytes}."""
        found = {f"file {path.name}": path.read_bytes() for path in self.folder.iterdir()
                 if path.is_file() and path.name != "initial-password" and not path.name.endswith(".key")}
        found["standard error"] = self.log_path.read_bytes()
        found["arguments"] = pathlib.Path(f"/proc/{service.pid}/cmdline").read_bytes()
        found["environment"] = pathlib.Path(f"/proc/{service.pid}/environ").read_bytes()
        for words in (["users", "list"], ["users", "show", ALICE], ["methods", "list", ALICE], ["policy", "history"],
                      ["clients", "list"], ["campaign", "report"]):
            found[f"ssprctl {' '.join(words)}"] = self.control("--json", *words).encode()
        for form in ([], ["--csv"], ["--rfc5424"]):
            found[f"audit export {form}"] = self.control("audit", "export", *form).encode()
            self.assertIn(b"reset.finish", found[f"audit export {form}"])
        return found

    def test_no_secret_is_in_anything_that_the_service_leaves_behind(self):
        service, _ = self.start()
        self.control("policy", "set", "methods.questions", "on")
        self.control("policy", "set", "methods.temporary_pass", "on")
        self.use_everything()
        self.assertIn("<form", self.use_the_pages())
        self.assertTrue(any(name.startswith("cookie") for name in self.secrets))
        leaks = []
        for place, content in self.traces(service).items():
            for name, secret in self.secrets.items():
                searched = content
                for form, needle in forms(secret).items():
                    if len(secret) <= 8 and form not in ("as it is", "UTF-16LE", "UTF-16BE"):
                        continue  # short digits are in any hash by chance
                    at = searched.find(needle)
                    if at >= 0 and not (len(secret) <= 8 and self.is_chance(searched, at, len(needle))):
                        leaks.append(f"{place}: {name}, {form}, at byte {at}")
        self.assertEqual(leaks, [])
        self.assertGreater(len(self.secrets), 40)
        service.terminate()
        self.assertEqual(service.wait(60), 0)

    @staticmethod
    def is_chance(content, at, length):
        """Digits inside of a longer number or a hash."""
        around = content[max(0, at - 1):at] + content[at + length:at + length + 1]
        return any(chr(byte).isalnum() for byte in around)

    def test_the_search_would_find_them(self):
        text = json.dumps({"user": canary("old")}).encode()
        self.assertTrue(any(needle in text for needle in forms(canary("old")).values()))
        self.assertTrue(any(needle in canary("old").encode("utf-16-le") for needle in forms(canary("old")).values()))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2, defaultTest="ServiceCanary")
