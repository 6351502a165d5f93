#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile requests to a real sspr-service over TLS (docs/attack-catalogue.md, G to N): every parameter in every
wrong shape, paths, headers, sizes, names, codes. requests_test.py SERVICE SSPRCTL"""
import email
import email.policy
import http.client
import itertools
import json
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

from aiosmtpd.controller import Controller

SERVICE, CONTROL = sys.argv[1:3]
del sys.argv[1:3]
ALICE = "alice@example.org"
PASSWORD = "lantern gravel 7 rivers"
PLAIN, OPEN = "sspr-login", "open"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TOKEN = "0" * 64

# Every endpoint with good parameters; what is generated below spoils one at a time.
ENDPOINTS = {
    "/resetpassword/v1.0/start": {"username": ALICE, "challenge_type": "oob redirect",
                                  "capabilities": "mfa_required registration_required"},
    "/resetpassword/v1.0/introspect": {"continuation_token": TOKEN},
    "/resetpassword/v1.0/challenge": {"continuation_token": TOKEN, "challenge_type": "oob redirect", "id": "m"},
    "/resetpassword/v1.0/continue": {"continuation_token": TOKEN, "grant_type": "oob", "oob": "12345678"},
    "/resetpassword/v1.0/policy": {"continuation_token": TOKEN},
    "/resetpassword/v1.0/submit": {"continuation_token": TOKEN, "new_password": "river stone lantern"},
    "/resetpassword/v1.0/unlock": {"continuation_token": TOKEN},
    "/resetpassword/v1.0/poll_completion": {"continuation_token": TOKEN},
    "/resetpassword/v1.0/transaction": {"transaction_id": "0" * 32},
    "/oauth2/v2.0/initiate": {"username": ALICE, "challenge_type": "password redirect"},
    "/oauth2/v2.0/challenge": {"continuation_token": TOKEN, "challenge_type": "password redirect"},
    "/oauth2/v2.0/introspect": {"continuation_token": TOKEN},
    "/oauth2/v2.0/token": {"continuation_token": TOKEN, "grant_type": "password", "password": PASSWORD,
                           "scope": "openid"},
    "/register/v1.0/introspect": {"continuation_token": TOKEN},
    "/register/v1.0/challenge": {"continuation_token": TOKEN, "challenge_type": "oob", "challenge_channel": "email",
                                 "challenge_target": "eve@evil.example"},
    "/register/v1.0/continue": {"continuation_token": TOKEN, "grant_type": "oob", "oob": "12345678"},
    "/risk/v1.0/users": {"client_secret": "s", "username": ALICE, "risk_level": "high"},
}
# What no request has a say in: whatever it says of these, nothing changes (G03, H09).
FOREIGN = {"email": "eve@evil.example", "phone": "+15550100", "to": "eve@evil.example", "user_id": "1",
           "subject": "bob", "gates": "2", "gate": "2", "completed_gates": "2", "required_gates": "0",
           "admin": "true", "captcha": "done", "questions": "[]", "method": "none", "state": "proved",
           "role": "admin", "client_ip": "127.0.0.1", "__proto__": "x", "constructor.prototype": "x"}


class Mailbox:
    """Every mail that was sent."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        self.mails.append((envelope.rcpt_tos, message))
        return "250 delivered"

    def wait(self, count):
        for _ in range(400):
            if len(self.mails) >= count:
                return self.mails
            time.sleep(0.025)
        raise AssertionError(f"{len(self.mails)} of {count} mails came")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RequestsTest(unittest.TestCase):
    """One service for all tests; each has a user of its own, as limits are per user."""

    client = None

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="sspr-attack-")
        cls.folder = pathlib.Path(cls.scratch.name) / "demo"
        cls.folder.mkdir(mode=0o700)
        (cls.folder / "initial-password").write_text(PASSWORD + "\n")
        cls.mailbox = Mailbox()
        cls.controller = Controller(cls.mailbox, hostname="127.0.0.1", port=free_port())
        cls.controller.start()
        cls.log = open(pathlib.Path(cls.scratch.name) / "log", "wb")
        cls.service = subprocess.Popen(
            [SERVICE, "--demo", cls.folder, "--listen", "127.0.0.1:0", "--smtp",
             f"smtp://127.0.0.1:{cls.controller.port}"], stdout=subprocess.PIPE, stderr=cls.log, text=True)
        for line in cls.service.stdout:
            if line.startswith("SSPR Login is ready at "):
                cls.url = urllib.parse.urlsplit(line.split()[-1])
                break
        cls.tls = ssl.create_default_context(cafile=cls.folder / "ca.pem")
        cls.control("clients", "add", OPEN, "--no-concealment")
        # All requests come from one network.
        cls.control("policy", "set", "limits.network_failures_per_hour", "10000")

    @classmethod
    def tearDownClass(cls):
        if cls.client is not None:
            cls.client.close()
        cls.service.terminate()
        ended = cls.service.wait(60)
        cls.service.stdout.close()
        cls.controller.stop()
        cls.log.close()
        cls.scratch.cleanup()
        assert ended == 0, f"the service ended with {ended}"

    @classmethod
    def control(cls, *words, stdin=""):
        return subprocess.run([CONTROL, "--config", cls.folder / "sspr-service.conf", *words], input=stdin,
                              text=True, check=True, timeout=60, capture_output=True).stdout

    def add_user(self, name):
        self.control("users", "add", name)
        self.control("users", "set-password", name, stdin=PASSWORD + "\n")
        self.control("methods", "add-email", name, name)
        return name

    def request(self, method, path, body="", headers=None):
        """On one connection as long as the server keeps it."""
        cls = type(self)
        for kept in (cls.client is not None, False):
            if not kept:
                cls.client = http.client.HTTPSConnection("localhost", self.url.port, context=self.tls, timeout=60)
            try:
                cls.client.request(method, path, body, FORM | (headers or {}))
                answer = cls.client.getresponse()
                text = answer.read()
            except (OSError, http.client.HTTPException):
                cls.client.close()
                if not kept:
                    raise
                continue
            if answer.will_close:
                cls.client.close()
                cls.client = None
            return answer.status, answer.headers, text

    def post(self, path, client_id=PLAIN, headers=None, **form):
        body = urllib.parse.urlencode({"client_id": client_id} | form)
        status, _, text = self.request("POST", self.url.path + path, body, headers)
        return status, json.loads(text)

    def raw(self, data):
        """All that comes back to these bytes."""
        plain = socket.create_connection(("127.0.0.1", self.url.port), timeout=60)
        with self.tls.wrap_socket(plain, server_hostname="localhost") as stream:
            stream.sendall(data)
            answer = b""
            try:
                while chunk := stream.recv(65536):
                    answer += chunk
            except (ConnectionResetError, ssl.SSLEOFError):
                pass
            return answer

    def start(self, username, **more):
        return self.post("/resetpassword/v1.0/start", username=username, challenge_type="oob redirect", **more)

    def open_code(self, username, **more):
        """The token of a challenge and the code that was sent for it."""
        before = len(self.mailbox.mails)
        status, answer = self.start(username, **more)
        self.assertEqual(status, 200, answer)
        status, answer = self.post("/resetpassword/v1.0/challenge", continuation_token=answer["continuation_token"])
        self.assertEqual(status, 200, answer)
        to, message = self.mailbox.wait(before + 1)[-1]
        self.assertEqual(to, [username])
        return answer["continuation_token"], re.search(r"\b\d{8}\b", message.get_body().get_content())[0]

    def prove(self, username, token, code):
        return self.post("/resetpassword/v1.0/continue", continuation_token=token, grant_type="oob", oob=code)

    # --- G02, G03: shapes of parameters

    def test_every_parameter_in_every_wrong_shape(self):
        before = len(self.mailbox.mails)
        tried = 0
        for path, good in ENDPOINTS.items():
            base = {"client_id": OPEN} | good
            encoded = urllib.parse.urlencode(base)
            for name, value in base.items():
                rest = urllib.parse.urlencode({other: base[other] for other in base if other != name})
                quoted = urllib.parse.quote(value)
                for spoilt in (f"{name}={quoted}&{name}={quoted}", f"{name}={quoted}&{name}=eve%40evil.example",
                               f"{name}[]={quoted}", f"{name}[]={quoted}&{name}[]=x", f"{name}[0]={quoted}",
                               f"{name}[a]={quoted}", f"{name}%5B%5D={quoted}", f"{name}=%00{quoted}",
                               f"{name}={quoted}%00", f"{name}=%FF", f"{name}=%zz", f"{name}=%"):
                    status, _, text = self.request("POST", self.url.path + path, rest + "&" + spoilt)
                    self.assertEqual(status, 400, f"{path} {spoilt}: {text}")
                    refused = json.loads(text)["error"]
                    self.assertIn(refused, ("invalid_request", "invalid_grant", "invalid_client")
                                  if name == "client_secret" else ("invalid_request", "invalid_grant"),
                                  f"{path} {spoilt}")
                    tried += 1
                for value in ('["a","b"]', '{"a":1}', "null", "true", "0", "1e5", "undefined", "x" * 9000):
                    spoilt = f"{name}=" + urllib.parse.quote(value)
                    status, _, text = self.request("POST", self.url.path + path, rest + "&" + spoilt)
                    if name not in ("capabilities", "scope", "id", "username", "risk_level") and (path, name) != (
                            "/resetpassword/v1.0/policy", "continuation_token"):
                        self.assertEqual(status, 400, f"{path} {spoilt[:60]}: {text}")
                    self.assertIn(status, (200, 400), f"{path} {spoilt[:60]}")
                    tried += 1
            status, _, text = self.request("POST", self.url.path + path, json.dumps(base),
                                           {"Content-Type": "application/json"})
            self.assertEqual(status, 400, path)
            status, _, text = self.request("POST", self.url.path + path, json.dumps(base))
            self.assertEqual(status, 400, path)
            status, _, text = self.request("GET", self.url.path + path + "?" + encoded)
            self.assertEqual(status, 405, path)
            status, _, text = self.request("POST", self.url.path + path + "?" + encoded, "")
            self.assertEqual(status, 400, path)
        self.assertGreater(tried, 1000)
        self.assertEqual(len(self.mailbox.mails), before, "nobody was sent anything")

    def test_what_a_request_says_of_state_destination_or_rights_changes_nothing(self):
        user = self.add_user("g03@example.org")
        token, code = self.open_code(user, **FOREIGN)
        status, answer = self.post("/resetpassword/v1.0/submit", continuation_token=token,
                                   new_password="river stone lantern 9", **FOREIGN)
        self.assertEqual((status, answer["error"]), (400, "invalid_request"))
        status, answer = self.prove(user, token, "1" * 8 if code != "1" * 8 else "2" * 8)
        self.assertEqual((status, answer["suberror"]), (400, "invalid_oob_value"))
        status, answer = self.post("/resetpassword/v1.0/continue", continuation_token=token, grant_type="oob",
                                   oob=code, **FOREIGN)
        self.assertEqual(status, 200, answer)
        self.assertEqual(set(answer), {"continuation_token", "expires_in"})
        self.assertEqual({address for to, _ in self.mailbox.mails for address in to if "evil" in address}, set())

    # --- G05, G06, G11, G17: paths and headers

    def test_no_path_but_the_routes_themselves_is_answered(self):
        base = self.url.path
        tricks = []
        for path in ENDPOINTS:
            full = base + path
            head, _, last = full.rpartition("/")
            tricks += ["/" + full, full + "/", full + "/.", full + "/..", full + ".", full + "%20", full + ";x=y",
                       full + "%00", full + "/..;/start", head + "//" + last, head + "/./" + last,
                       head + "/%2e/" + last, head + "%2f" + last, head + "/;/" + last, head + "/x/../" + last,
                       head + "/" + last.upper(), full.upper(), re.sub(r"v(\d)\.0", r"v\1%2e0", full), "/x/.." + full,
                       "\\" + full[1:], "https://localhost" + full, "http://evil.example" + full, full + "#x"]
        tricks += ["/", base, base + "/", base + "/.git/config", base + "/admin/..;/", base + "/api",
                   base + "/debug", base + "/actuator", base + "/server-status", base + "/openapi",
                   base + "/.well-known/../discovery/v2.0/keys", base + "-other/resetpassword/v1.0/start", "*",
                   base + "/etc/passwd", base + "/%2e%2e/%2e%2e/etc/passwd"]
        form = urllib.parse.urlencode({"client_id": OPEN, "username": ALICE, "challenge_type": "oob redirect"})
        for path in tricks:
            text = (f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    "Content-Type: application/x-www-form-urlencoded\r\n"
                    f"Content-Length: {len(form)}\r\n\r\n{form}").encode()
            status = int(self.raw(text).split(b" ")[1])
            self.assertIn(status, (400, 403, 404, 405), path)

    def test_other_methods_and_what_pretends_to_be_another_are_refused(self):
        form = urllib.parse.urlencode({"client_id": OPEN, "username": ALICE, "challenge_type": "oob redirect"})
        path = self.url.path + "/resetpassword/v1.0/start"
        for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "CONNECT", "PROPFIND", "post"):
            answer = self.raw((f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                               f"X-HTTP-Method-Override: POST\r\nContent-Length: {len(form)}\r\n"
                               f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}").encode())
            self.assertIn(int(answer.split(b" ")[1]), (204, 400, 404, 405, 501), method)
            self.assertNotIn(b"continuation_token", answer, method)
            self.assertNotIn(b"X-HTTP-Method-Override", answer, "nothing is echoed")

    def test_forwarding_headers_change_neither_links_nor_the_address(self):
        user = self.add_user("g11@example.org")
        poison = ["a", "", "evil.example", "127.0.0.1, 10.0.0.1", "::1", "1.2.3.4" + ", 5.6.7.8" * 100, "unknown",
                  "\"><script>", "203.0.113.9"]
        names = ["X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL", "X-Real-IP",
                 "X-Forwarded-Proto", "X-Host", "True-Client-IP"]
        for value in poison:
            status, answer = self.start(user, headers={name: value for name in names} | {"Host": "evil.example"})
            self.assertEqual(status, 200, answer)
        status, _, text = self.request("GET", self.url.path + "/.well-known/sspr-configuration",
                                       headers={name: "evil.example" for name in names} | {"Host": "evil.example"})
        self.assertEqual(status, 200)
        self.assertNotIn(b"evil.example", text)
        audit = (self.folder / "audit.jsonl").read_text()
        self.assertEqual({json.loads(line).get("address", "127.0.0.1") for line in audit.splitlines()}, {"127.0.0.1"})

    def test_a_poisoned_host_is_in_no_mail(self):
        user = self.add_user("g06@example.org")
        before = len(self.mailbox.mails)
        _, answer = self.start(user, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        self.post("/resetpassword/v1.0/challenge", continuation_token=answer["continuation_token"],
                  headers={"Host": "evil.example", "Referer": "https://evil.example/"})
        to, message = self.mailbox.wait(before + 1)[-1]
        self.assertEqual(to, [user])
        self.assertNotIn("evil", message.as_string())

    # --- G07, G08, G10: names

    def test_a_name_with_line_ends_or_code_in_it_is_nobodys(self):
        before = len(self.mailbox.mails)
        hostile = [f"{ALICE}\r\nBcc: eve@evil.example", f"{ALICE}%0d%0aBcc: eve@evil.example", f"{ALICE},eve@evil.example",
                   f"{ALICE};eve@evil.example", f"{ALICE} ", f" {ALICE}", f"{ALICE}.", f"{ALICE}\x00", "' OR '1'='1",
                   "alice@example.org' --", "*)(uid=*", "*", "%", "_lice@example.org", "${7*7}", "{{7*7}}",
                   "<script>alert(1)</script>", "../../etc/passwd", "alice@example.org/../bob", "\u202ealice",
                   "al\u0131ce@example.org", "alice@example.org\u200b", "\uff41lice@example.org", "ALICE@EXAMPLE.ORG\n",
                   "__proto__", "constructor", "a" * 300, "=cmd|' /C calc'!A0", "\x1b[2Jalice", "alice@example.org\u0301"]
        for name in hostile:
            status, answer = self.start(name, client_id=OPEN)
            self.assertEqual(status, 400, name)
            self.assertIn(answer["error"], ("user_not_found", "invalid_request"), name)
            self.assertNotIn(name, json.dumps(answer), "what was typed is not said back")
            status, answer = self.start(name)
            self.assertIn(status, (200, 400), name)
        self.assertEqual(len(self.mailbox.mails), before)
        for name in ("ALICE@EXAMPLE.ORG", "Alice@Example.Org"):
            self.assertEqual(self.start(name, client_id=OPEN)[0], 200, "ASCII capitals are the same name")
        for file in ("audit.jsonl", "sspr.db", "sspr.db-wal"):
            text = (self.folder / file).read_bytes()
            for name in ("evil.example", "calc", "script"):
                self.assertNotIn(name.encode(), text, file)

    # --- H06, H10: codes

    def test_only_ascii_digits_of_the_right_number_can_be_a_code(self):
        user = self.add_user("h06@example.org")
        token, code = self.open_code(user)
        wide = "".join(chr(0xFF10 + int(digit)) for digit in code)
        arabic = "".join(chr(0x0660 + int(digit)) for digit in code)
        for typed in (wide, arabic, code[1:], code + "0", "0" + code, code[:-1] + "x", "1e5", "0x" + code, code + "\n",
                      "+" + code, "-" + code[1:] + "x", code + "\t", "9" * 500, code.replace(code[0], "O", 1)):
            status, answer = self.prove(user, token, typed)
            self.assertEqual((status, answer["error"], answer.get("suberror")),
                             (400, "invalid_grant", "invalid_oob_value"), typed)
        status, answer = self.prove(user, token, "9" * 10240)
        self.assertEqual(status, 400)
        status, answer = self.prove(user, token, f" {code[:4]} {code[4:]}-")
        self.assertEqual(status, 200, "what could not be a code used up no try")

    def test_one_code_is_live(self):
        user = self.add_user("h10@example.org")
        token, first = self.open_code(user)
        before = len(self.mailbox.mails)
        status, answer = self.post("/resetpassword/v1.0/challenge", continuation_token=token)
        self.assertEqual(status, 200)
        second = re.search(r"\b\d{8}\b", self.mailbox.wait(before + 1)[-1][1].get_body().get_content())[0]
        for stale in (token, answer["continuation_token"]):
            self.assertEqual(self.prove(user, stale, first)[0], 400)
        status, proved = self.prove(user, answer["continuation_token"], second)
        self.assertEqual(status, 200)
        for used in (token, answer["continuation_token"]):
            self.assertEqual(self.prove(user, used, second)[0], 400, "a code works once")
        status, _ = self.post("/resetpassword/v1.0/submit", continuation_token=proved["continuation_token"],
                              new_password="river stone lantern 10")
        self.assertEqual(status, 200)
        self.assertEqual(self.prove(user, answer["continuation_token"], second)[0], 400)

    # --- I01, I05: what an answer says of a name

    def test_known_unknown_excluded_unregistered_and_locked_look_the_same(self):
        kinds = {"known": self.add_user("i01@example.org"), "unknown": "i01-nobody@example.org",
                 "disabled": self.add_user("i01-off@example.org"), "unregistered": "i01-bare@example.org",
                 "locked": self.add_user("i01-locked@example.org"), "locked unknown": "i01-locked-nobody@example.org"}
        self.control("users", "disable", kinds["disabled"])
        self.control("users", "add", kinds["unregistered"])
        for name in (kinds["locked"], kinds["locked unknown"]):
            _, answer = self.start(name)
            _, answer = self.post("/resetpassword/v1.0/challenge", continuation_token=answer["continuation_token"])
            for _ in range(6):
                _, last = self.prove(name, answer["continuation_token"], "00000000")
            self.assertEqual(last["error"], "access_denied", last)

        def shape(status, headers, text, depth):
            answer = json.loads(text)
            for name in ("continuation_token", "timestamp", "trace_id", "correlation_id"):
                answer[name] = len(answer.get(name, ""))
            return status, depth, sorted(name for name in headers if name != "Date"), answer

        seen = {}
        for kind, name in kinds.items():
            steps = []
            body = urllib.parse.urlencode({"client_id": PLAIN, "username": name, "challenge_type": "oob redirect"})
            steps.append(self.request("POST", self.url.path + "/resetpassword/v1.0/start", body))
            token = json.loads(steps[0][2])["continuation_token"]
            if not kind.startswith("locked"):
                for path, more in (("challenge", {}), ("continue", {"grant_type": "oob", "oob": "00000000"})):
                    body = urllib.parse.urlencode({"client_id": PLAIN, "continuation_token": token} | more)
                    steps.append(self.request("POST", self.url.path + f"/resetpassword/v1.0/{path}", body))
                    token = json.loads(steps[-1][2]).get("continuation_token", token)
            seen[kind] = [shape(*step, depth) for depth, step in enumerate(steps)]
        for kind, steps in seen.items():
            self.assertEqual(steps, seen["known"][:len(steps)], kind)
        label = seen["known"][1][3]["challenge_target_label"]
        self.assertRegex(label, r"^\*\*\*@.\*\*\*\.\w+$", "nothing is shown of the part before the @")

    def test_an_answer_holds_no_code_and_no_address(self):
        user = self.add_user("g09@example.org")
        before = len(self.mailbox.mails)
        _, started = self.start(user)
        _, opened = self.post("/resetpassword/v1.0/challenge", continuation_token=started["continuation_token"])
        code = re.search(r"\b\d{8}\b", self.mailbox.wait(before + 1)[-1][1].get_body().get_content())[0]
        self.assertNotIn(code, json.dumps([started, opened]))
        self.assertNotIn(user, json.dumps([started, opened]))

    # --- J03: tokens

    def test_a_token_is_exactly_its_bytes(self):
        user = self.add_user("j03@example.org")
        token, code = self.open_code(user)
        swapped = token.swapcase() if token.swapcase() != token else token[::-1]
        for wrong in (token[:-1], token + "0", token + "=", swapped, token + " ", " " + token, token + "\t", token[::-1],
                      token[:32], urllib.parse.quote(token + "\n"), token + token):
            status, answer = self.prove(user, wrong, code)
            self.assertEqual((status, answer["error"]), (400, "invalid_request"), wrong)
        self.assertEqual(self.post("/resetpassword/v1.0/continue", client_id=OPEN, continuation_token=token,
                                   grant_type="oob", oob=code)[0], 400, "of another client")
        self.assertEqual(self.prove(user, token, code)[0], 200)

    # --- G13, G14: sizes and headers of answers

    def test_what_is_too_large_is_refused_and_memory_stays(self):
        def memory():
            status = pathlib.Path(f"/proc/{self.service.pid}/status").read_text()
            return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

        path = self.url.path + "/resetpassword/v1.0/start"
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        self.start(ALICE)
        before = memory()
        for _ in range(6):
            self.assertIn(b" 413 ", self.raw((head + f"Content-Length: {2**30}\r\n\r\n").encode())[:20])
            self.assertIn(b" 431 ", self.raw((head + "h: v\r\n" * 20000 + "\r\n").encode())[:20])
            self.assertIn(b" 431 ", self.raw(f"GET /{'x' * 102400} HTTP/1.1\r\nHost: x\r\n\r\n".encode())[:20])
            self.assertIn(b" 411 ", self.raw((head + "Transfer-Encoding: chunked\r\n\r\n"
                                              + "1\r\na\r\n" * 1000).encode())[:20])
            form = "client_id=" + PLAIN + "".join(f"&p{number}=v" for number in range(3000))
            self.assertIn(self.request("POST", path, form)[0], (400, 413))
        # Sanitizers keep what was freed for a while.
        allowed = 8 * 1024 if before < 100 * 1024 else 128 * 1024
        self.assertLess(memory() - before, allowed)

    def test_every_answer_forbids_caching_framing_and_guessing_of_types(self):
        for method, path in itertools.product(("GET", "POST"), ("/resetpassword/v1.0/start", "/nothing",
                                                                "/.well-known/sspr-configuration")):
            _, headers, _ = self.request(method, self.url.path + path, headers={"Origin": "https://evil.example"})
            self.assertEqual(headers["Cache-Control"], "no-store")
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(headers["Referrer-Policy"], "no-referrer")
            self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])
            self.assertIsNone(headers["Access-Control-Allow-Origin"])
            self.assertIsNone(headers["Set-Cookie"])
            self.assertNotRegex(str(headers.get("Server", "")), r"\d", "no version is told")

    # --- G01: before a proof

    def test_starts_change_nothing_for_the_user(self):
        user = self.add_user("g01@example.org")
        before = len(self.mailbox.mails)
        for _ in range(30):
            self.start(user)
        self.assertEqual(len(self.mailbox.mails), before, "a start alone sends nothing")
        _, answer = self.post("/oauth2/v2.0/initiate", username=user, challenge_type="password redirect")
        _, answer = self.post("/oauth2/v2.0/challenge", continuation_token=answer["continuation_token"],
                              challenge_type="password redirect")
        status, answer = self.post("/oauth2/v2.0/token", grant_type="password", scope="openid", password=PASSWORD,
                                   continuation_token=answer["continuation_token"])
        self.assertEqual(status, 200, answer)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
