#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The curl transport, as the plugin that sspr-flow loads, against each lever.

Usage: test_transport_levers.py LEVER_PROBE LIBSSPR_HTTP_SO [unittest arguments]
"""
import concurrent.futures
import os
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lever_service  # pylint: disable=wrong-import-position

PROBE, PLUGIN = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
CONNECT_MS, REQUEST_MS, SHORT_MS = 8000, 10000, 1500
FORM = "grant_type=oob&oob=canary-4711"

# lever -> what a POST ends with: a status, or an error code.
OUTCOMES = {
    "good": 200, "malformed-json": 200, "not-json": 200, "empty-200": 200, "json-array": 200,
    "deep-json": 200, "html-200": 200, "wrong-type": 200, "no-type": 200, "chunked": 200,
    "trailer": 200, "interim": 200, "cookies": 200, "idle-close": 200, "die-when-reused": 200,
    "early-reply": 200,
    "status-204": 204, "status-206": 206, "error-429": 429, "error-500": 500,
    "error-503-json": 503, "status-511": 511,
    "slow": "timed_out", "silent": "timed_out", "drip-header": "timed_out",
    "drip-body": "timed_out", "drip-chunked": "timed_out",
    "cut-0": "unreachable", "cut-10": "unreachable|protocol", "cut-300": "unreachable",
    "reset": "unreachable",
    "huge-length": "protocol", "huge-body": "protocol", "huge-header": "protocol",
    "many-headers": "protocol", "endless-header": "protocol", "endless-interim": "protocol",
    "endless-chunked": "protocol", "portal-302": "protocol", "redirect-307": "protocol",
    "gzip-header": "protocol", "gzip-transfer": "protocol", "http-0.9": "protocol",
    "not-http": "protocol", "http-2-line": "protocol", "upgrade": "protocol",
    "two-lengths": "protocol", "length-and-chunked": "protocol",
    "bad-chunk": "protocol|unreachable", "folded-header": "protocol", "bare-lf": "protocol",
    "nul-in-header": "protocol", "no-length": "protocol", "wrong-id": "protocol",
}


class Probe:
    """Results of one run of the probe: lists of fields, one per step."""

    def __init__(self, url, *steps, ca_file, limits=(CONNECT_MS, REQUEST_MS), environment=None,
                 watched=None):
        arguments = [PROBE, PLUGIN, url, ca_file, str(limits[0]), str(limits[1]),
                     str(-1 if watched is None else watched), *steps]
        done = subprocess.run(arguments, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, errors="replace", timeout=60, check=False,
                              pass_fds=() if watched is None else (watched,))
        if done.returncode != 0:
            raise AssertionError(f"probe: {done.returncode} {done.stderr}")
        self.lines = [line.split("\t") for line in done.stdout.splitlines() if line]

    def outcome(self, step=-1):
        """A status as a number, an error as its name."""
        fields = self.lines[step]
        return int(fields[2]) if fields[1] == "ok" else fields[2]

    def detail(self, step=-1):
        return self.lines[step][3]


class TransportLevers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.service = lever_service.LeverService(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.service.close()
        cls.folder.cleanup()

    def setUp(self):
        self.service.clear()

    def probe(self, lever, *steps, **options):
        options.setdefault("ca_file", self.service.ca_file)
        return Probe(self.service.url(lever), *steps, **options)

    def seen(self, method=None):
        return [one for one in self.service.requests() if method in (None, one.method)]

    def test_every_lever_has_an_expected_outcome(self):
        self.assertEqual(set(OUTCOMES), set(lever_service.LEVERS))

    def test_each_lever_ends_within_the_limit_with_its_outcome(self):
        def run(lever):
            limit = SHORT_MS if OUTCOMES[lever] == "timed_out" else REQUEST_MS
            return lever, self.probe(lever, "post=" + FORM, limits=(CONNECT_MS, limit))

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for lever, probe in pool.map(run, OUTCOMES):
                with self.subTest(lever=lever, output=probe.lines):
                    self.assertIn(str(probe.outcome()), str(OUTCOMES[lever]).split("|"))
        posts = self.seen("POST")
        self.assertEqual(len(posts), len(OUTCOMES), "each POST was sent exactly once")
        for post in posts:
            self.assertEqual(post.body.decode(), FORM)

    def test_bad_certificate_sees_no_byte_of_a_request(self):
        for lever in lever_service.CERTIFICATE_LEVERS:
            with self.subTest(lever=lever):
                probe = self.probe(lever, "open", "post=" + FORM)
                self.assertEqual(probe.lines[0][1:3], ["error", "unreachable"])
                self.assertEqual(probe.outcome(), "unreachable")
                if lever in ("expired", "not-yet-valid"):
                    self.assertTrue(probe.detail().startswith("certificate: time: "))
                elif lever not in ("rsa1024", "sha1"):
                    self.assertTrue(probe.detail().startswith("certificate: "), probe.detail())
        self.assertEqual(self.seen(), [])

    def test_old_or_broken_tls_is_refused(self):
        for lever in lever_service.TLS_LEVERS:
            with self.subTest(lever=lever):
                silent = lever == "tls-silent"
                limits = (SHORT_MS, REQUEST_MS) if silent else (CONNECT_MS, REQUEST_MS)
                probe = self.probe(lever, "post=" + FORM, limits=limits)
                self.assertEqual(probe.outcome(), "timed_out" if silent else "unreachable")
        self.assertEqual(self.seen(), [])

    def test_no_listener_and_no_such_name_are_unreachable(self):
        with socket.socket() as taken:  # bound, not listening
            taken.bind(("127.0.0.1", 0))
            for host in (f"localhost:{taken.getsockname()[1]}", "no-such-host.invalid"):
                probe = Probe(f"https://{host}/t", "post=x", ca_file=self.service.ca_file)
                self.assertEqual(probe.outcome(), "unreachable", probe.lines)

    def test_address_in_the_url_must_be_in_the_certificate(self):
        port = self.service.ports["good"]
        ok = Probe(f"https://127.0.0.1:{port}/good", "get", ca_file=self.service.ca_file)
        self.assertEqual(ok.outcome(), 200)
        bad = Probe(f"https://127.0.0.2:{port}/good", "get", ca_file=self.service.ca_file)
        self.assertEqual(bad.outcome(), "unreachable")

    def test_unfit_base_url_makes_no_transport(self):
        for url in ("http://localhost/t", "https://localhost/t/", "https://user@localhost/t",
                    "https://localhost/t?x=1", "https://localhost/t#x", "https://", "ftp://x",
                    "https://l\u00f6calhost/t", "https://localhost/a b", "https://localhost/\r\nx",
                    "file:///etc/passwd", "localhost", ""):
            with self.subTest(url=url):
                probe = Probe(url, "get", ca_file=self.service.ca_file)
                self.assertEqual(probe.lines, [["make", "error"]])

    def test_unreadable_ca_file_sends_nothing(self):
        probe = self.probe("good", "post=" + FORM, ca_file="/nonexistent/ca.pem")
        self.assertEqual(probe.outcome(), "internal")
        self.assertEqual(self.seen(), [])

    def test_system_trust_store_does_not_trust_the_test_authority(self):
        probe = self.probe("good", "post=" + FORM, ca_file="")
        self.assertEqual(probe.outcome(), "unreachable")
        self.assertEqual(self.seen(), [])

    def test_unfit_path_is_never_sent(self):
        for path in ("", "x", "//x y", "/a\r\nHost: b", "/\u00e4", "/a#b"):
            with self.subTest(path=path):
                self.assertEqual(self.probe("good", "path=" + path).outcome(), "internal")
        self.assertEqual(self.seen(), [])

    def test_open_leaves_one_connection_for_all_requests(self):
        probe = self.probe("good", "open", "get", "post=a=b", "get", "post=" + FORM)
        self.assertEqual([fields[1] for fields in probe.lines], ["ok"] * 5)
        self.assertEqual([one.method for one in self.seen()],
                         ["OPTIONS", "GET", "POST", "GET", "POST"])
        self.assertEqual(len({one.connection for one in self.seen()}), 1)

    def test_request_is_as_plain_as_it_can_be(self):
        self.probe("good", "get", "post=" + FORM)
        get, post = self.seen()
        self.assertEqual(set(get.headers), {"host", "user-agent", "accept", "client-request-id"})
        self.assertEqual(set(post.headers) - set(get.headers), {"content-length", "content-type"})
        self.assertEqual(post.headers["content-type"], "application/x-www-form-urlencoded")
        self.assertNotEqual(post.headers["client-request-id"], get.headers["client-request-id"])

    def test_connection_closed_while_idle_is_replaced(self):
        closed = self.service.closed()
        arguments = [PROBE, PLUGIN, self.service.url("idle-close"), self.service.ca_file,
                     str(CONNECT_MS), str(REQUEST_MS), "-1", "post=a=1", "line", "post=a=2"]
        with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as process:
            self.assertIn("\t200\t", process.stdout.readline())
            self.assertTrue(self.service.wait_until_closed(closed + 1))
            self.assertIn("\t200\t", process.communicate("\n", timeout=30)[0])
        self.assertEqual([one.body for one in self.seen()], [b"a=1", b"a=2"])

    def test_post_that_may_have_been_processed_is_not_repeated(self):
        probe = self.probe("die-when-reused", "post=a=1", "post=a=2", "post=a=3")
        self.assertEqual([probe.outcome(step) for step in range(3)], [200, "unreachable", 200])
        self.assertEqual([one.body for one in self.seen("POST")], [b"a=1", b"a=2", b"a=3"])

    def test_reply_to_no_request_is_not_taken_for_the_next(self):
        probe = self.probe("early-reply", "post=a=1", "post=a=2")
        self.assertEqual(probe.outcome(0), 200)
        # It is seen and the connection dropped, or it came too late for that and is refused.
        self.assertIn(probe.outcome(1), (200, "protocol"))
        self.assertNotIn("poison", str(probe.lines))

    def test_cookies_and_alternative_services_are_forgotten(self):
        self.probe("cookies", "get", "get")
        self.assertTrue(all("cookie" not in one.headers for one in self.seen()))
        self.assertEqual(len(self.seen()), 2)

    def test_hang_up_of_the_host_cancels_at_once(self):
        for end in (lambda host: host.close(), lambda host: host.shutdown(socket.SHUT_WR)):
            host, flow = socket.socketpair()
            flow.set_inheritable(True)
            arguments = [PROBE, PLUGIN, self.service.url("silent"), self.service.ca_file, "60000",
                         "60000", str(flow.fileno()), "post=" + FORM]
            self.service.clear()
            with subprocess.Popen(arguments, pass_fds=(flow.fileno(),), stdout=subprocess.PIPE,
                                  text=True) as process:
                flow.close()
                host.sendall(b"bytes on the watched descriptor are no hang-up")
                self.assertTrue(self.service.wait_for(len))
                self.assertIsNone(process.poll())
                end(host)
                output = process.communicate(timeout=30)[0]
            host.close()
            self.assertEqual(output.split("\t")[:3], ["post", "error", "cancelled"])

    def test_environment_has_no_effect(self):
        with tempfile.TemporaryDirectory() as home:
            log = os.path.join(home, "keys.log")
            trap = socket.create_server(("127.0.0.1", 0))
            proxy = f"http://127.0.0.1:{trap.getsockname()[1]}"
            configuration = os.path.join(home, "openssl.cnf")
            with open(configuration, "w", encoding="ascii") as file:
                file.write("openssl_conf = broken\n[broken]\nssl_conf = ssl\n[ssl]\n"
                           "system_default = all\n[all]\nMaxProtocol = TLSv1\n")
            for name, text in ((".netrc", "machine localhost login mallory password x\n"),
                               (".curlrc", f"proxy = {proxy}\ninsecure\n")):
                with open(os.path.join(home, name), "w", encoding="ascii") as file:
                    file.write(text)
                os.chmod(os.path.join(home, name), 0o600)
            variables = {"SSL_CERT_FILE": self.service.certificates.folder + "/foreign.pem",
                         "SSL_CERT_DIR": home, "CURL_CA_BUNDLE": "/nonexistent",
                         "SSLKEYLOGFILE": log, "OPENSSL_CONF": configuration, "HOME": home,
                         "CURL_HOME": home, "NETRC": os.path.join(home, ".netrc"),
                         "RES_OPTIONS": "attempts:0", "HOSTALIASES": "/nonexistent"}
            for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
                variables[name] = proxy
            for name in variables:
                with self.subTest(variable=name):
                    self.check_environment({name: variables[name]}, log)
            self.check_environment(variables, log)
            trap.setblocking(False)
            self.assertRaises(BlockingIOError, trap.accept)  # nobody came to the proxy
            trap.close()

    def check_environment(self, variables, log):
        base = {"PATH": os.environ["PATH"], **variables}
        self.service.clear()
        self.assertEqual(self.probe("good", "get", environment=base).outcome(), 200)
        self.assertNotIn("authorization", self.seen()[0].headers)
        self.service.clear()
        # Trust is not widened either, neither with a pinned authority nor with the system's.
        for ca_file in (self.service.ca_file, ""):
            probe = self.probe("foreign-ca", "get", environment=base, ca_file=ca_file)
            self.assertEqual(probe.outcome(), "unreachable")
        self.assertEqual(self.seen(), [])
        self.assertFalse(os.path.exists(log))


# Loopback alone, and a name server on it that never answers.
SILENT_NAME_SERVER = """
import os, socket, subprocess, sys
resolv, *probe = sys.argv[1:]
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["mount", "--bind", resolv, "/etc/resolv.conf"], check=True)
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
done = subprocess.run(probe, stdin=subprocess.DEVNULL, timeout=60)
server.setblocking(False)
assert server.recv(2000), "nobody asked for the name"
sys.exit(done.returncode)
"""


@unittest.skipIf(os.geteuid() != 0, "needs root: a network namespace of its own")
class SilentNameServer(unittest.TestCase):
    def test_look_up_that_hangs_ends_within_the_limit_and_does_not_hold_up_the_end(self):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as resolv:
            # Longer than this test may take: only a limit of ours can end it.
            resolv.write("nameserver 127.0.0.1\noptions timeout:30 attempts:5\n")
            resolv.flush()
            done = subprocess.run(
                ["unshare", "-mn", sys.executable, "-c", SILENT_NAME_SERVER, resolv.name, PROBE,
                 PLUGIN, "https://silent.example/t", "/etc/ssl/certs/ca-certificates.crt",
                 str(SHORT_MS), str(SHORT_MS), "-1", "open", "post=" + FORM],
                capture_output=True, text=True, timeout=60, check=True)
        for line in done.stdout.splitlines():
            self.assertEqual(line.split("\t")[1:3], ["error", "timed_out"], done.stdout)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]] + sys.argv[3:])
