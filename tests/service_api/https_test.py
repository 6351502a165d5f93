#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The HTTPS server over real TLS on loopback: limits of size, time and number, keep-alive, stop."""
import http.client
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

SERVER = sys.argv.pop(1)


class HttpsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="sspr-https-")
        self.process = subprocess.Popen([SERVER, self.folder.name], stdout=subprocess.PIPE, text=True)
        self.port = int(self.line().split()[1])
        self.context = ssl.create_default_context(cafile=self.folder.name + "/ca.pem")

    def tearDown(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.stdout.close()
        self.process.wait(30)
        self.folder.cleanup()

    def line(self):
        return self.process.stdout.readline().strip()

    def connect(self, context=None, name="localhost"):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        return (context or self.context).wrap_socket(plain, server_hostname=name)

    def raw(self, data):
        """Sends bytes; returns all that comes until the server closes."""
        with self.connect() as stream:
            stream.sendall(data)
            return self.read_all(stream)

    @staticmethod
    def read_all(stream):
        answer = b""
        try:
            while chunk := stream.recv(65536):
                answer += chunk
        except (ConnectionResetError, ssl.SSLEOFError):
            pass
        return answer

    def status(self, data):
        return int(self.raw(data).split(b" ")[1])

    def client(self):
        return http.client.HTTPSConnection("localhost", self.port, context=self.context, timeout=30)

    def test_a_request_reaches_the_handler_and_the_answer_comes_back(self):
        client = self.client()
        client.request("POST", "/a/b?c=d", "body", {"X-Echo": "e"})
        answer = client.getresponse()
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.read(), b"POST /a/b 127.0.0.1 e\nbody")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")
        self.assertIn("frame-ancestors 'none'", answer.headers["Content-Security-Policy"])
        self.assertIn("max-age", answer.headers["Strict-Transport-Security"])

    def test_a_connection_is_kept_over_many_requests(self):
        client = self.client()
        for number in range(20):
            client.request("POST", f"/{number}", "x" * number)
            self.assertEqual(client.getresponse().read(),
                             f"POST /{number} 127.0.0.1 \n{'x' * number}".encode())
            if number == 0:
                first = client.sock
            self.assertIs(client.sock, first)

    def test_pipelined_requests_are_answered_in_order(self):
        one = b"POST /%d HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\ny"
        last = b"POST /9 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        answer = self.raw(b"".join(one % number for number in range(3)) + last)
        self.assertEqual([part.split(b" ")[1] for part in answer.split(b"POST ")[1:]],
                         [b"127.0.0.1"] * 4)
        self.assertLess(answer.index(b"POST /0"), answer.index(b"POST /2"))

    def test_many_connections_at_once(self):
        results = []

        def run():
            client = self.client()
            for _ in range(5):
                client.request("POST", "/p", "z" * 1000)
                results.append(client.getresponse().read()[-1000:])

        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, [b"z" * 1000] * 40)

    def test_an_answer_to_head_has_no_body(self):
        answer = self.raw(b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 "))
        self.assertTrue(answer.endswith(b"\r\n\r\n"))

    def test_bodies_beyond_32_kib_are_413_and_are_not_waited_for(self):
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
        self.assertEqual(self.status(head % 32769), 413)
        self.assertEqual(self.status(head % 2**30), 413)
        self.assertEqual(self.line(), "REFUSED 413")
        client = self.client()
        client.request("POST", "/", b"x" * 32768)
        self.assertEqual(client.getresponse().status, 200)

    def test_long_headers_are_431(self):
        self.assertEqual(self.status(b"GET /" + b"x" * 102400 + b" HTTP/1.1\r\nHost: x\r\n\r\n"), 431)
        many = b"".join(b"h%d: v\r\n" % number for number in range(10000))
        self.assertEqual(self.status(b"GET / HTTP/1.1\r\nHost: x\r\n" + many + b"\r\n"), 431)

    def test_who_goes_on_sending_after_a_refusal_is_cut_off(self):
        endless = b"h: v\r\n" * 1000
        with self.connect() as stream, self.assertRaises((OSError, ssl.SSLError)):
            stream.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            for _ in range(10000):
                stream.sendall(endless)
        self.assertEqual(self.line(), "REFUSED 431")

    def test_what_is_not_clean_http_is_refused(self):
        for status, request in [
            (400, b"\x00\x01\x02 nonsense\r\n\r\n"),
            (400, b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"),
            (400, b"GET / HTTP/1.1\r\n\r\n"),
            (400, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
            (400, b"GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n"),
            (400, b"GET / HTTP/1.1\r\nHost : x\r\n\r\n"),
            (400, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
            (400, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
            (411, b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"),
            (417, b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"),
        ]:
            with self.subTest(request=request):
                self.assertEqual(self.status(request), status)

    def test_both_lengths_at_once_never_reach_the_handler(self):
        answer = self.raw(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                          b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        self.assertIn(int(answer.split(b" ")[1]), (400, 411))

    def test_a_request_that_does_not_end_is_cut(self):
        for beginning in [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n",
                          b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"]:
            with self.subTest(beginning=beginning):
                self.assertEqual(self.raw(beginning), b"")

    def test_a_handshake_that_does_not_end_is_cut(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as plain:
            plain.sendall(b"\x16\x03\x01")
            self.assertEqual(plain.recv(100), b"")

    def test_a_client_that_sends_byte_by_byte_without_end_is_cut(self):
        with self.connect() as stream:
            with self.assertRaises(OSError):
                stream.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
                for number in range(10**9):
                    stream.sendall(b"a")
                    if number % 1000 == 999:  # the header limit ends it, if the time does not
                        stream.sendall(b": b\r\n")

    def test_connections_of_one_address_are_bounded(self):
        held = []
        refused = 0
        try:
            for _ in range(16):
                client = self.client()
                client.request("GET", "/")
                client.getresponse().read()
                held.append(client)
            for _ in range(3):
                try:
                    self.connect().close()
                except OSError:
                    refused += 1
            self.assertEqual(refused, 3)
            held.pop().close()
        finally:
            for client in held:
                client.close()

    def test_when_full_the_connection_that_waits_longest_makes_room(self):
        def request(source):
            client = http.client.HTTPSConnection("localhost", self.port, context=self.context,
                                                 timeout=30, source_address=(source, 0))
            client.request("GET", "/")
            self.assertEqual(client.getresponse().read(), f"GET / {source} \n".encode())
            return client

        first = [request("127.0.0.2") for _ in range(16)]
        second = [request("127.0.0.3") for _ in range(10)]
        for client in first[:6]:
            self.assertEqual(client.sock.recv(10), b"")
        for client in first[6:] + second:
            client.request("GET", "/")
            self.assertEqual(client.getresponse().status, 200)
            client.close()

    def test_requests_beyond_the_queue_are_503_with_retry_after(self):
        waiting = []
        for _ in range(8):  # four workers, four that wait for one
            client = self.client()
            client.request("POST", "/slow", "")
            waiting.append(client)
        for _ in range(4):
            self.assertEqual(self.line(), "WAITING")
        # The eight are in only when the ninth is turned away.
        while True:
            client = self.client()
            client.request("POST", "/slow", "")
            client.sock.settimeout(0.2)
            try:
                answer = client.getresponse()
            except TimeoutError:
                waiting.append(client)
                continue
            break
        self.assertEqual(answer.status, 503)
        self.assertEqual(answer.headers["Retry-After"], "5")
        self.process.kill()
        for client in waiting:
            client.close()

    def events(self):
        """An open stream of events, behind its head."""
        stream = self.connect()
        self.addCleanup(stream.close)
        stream.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        lines = stream.makefile("rb")
        self.addCleanup(lines.close)
        self.assertEqual(lines.readline().split()[1], b"200")
        head = b""
        while (line := lines.readline()) != b"\r\n":
            head += line.lower()
        self.assertNotIn(b"content-length", head)
        self.assertIn(b"connection: close", head)
        return lines

    def test_streams_of_events_hold_no_thread_and_are_bounded(self):
        streams = [self.events() for _ in range(6)]  # more than there are workers
        self.assertEqual(self.status(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"), 503)
        for number in (1, 2):
            client = self.client()
            client.request("POST", "/tell", "")
            self.assertEqual(client.getresponse().status, 200)
            client.close()
            for lines in streams:
                while (line := lines.readline()).startswith((b":", b"\n")):
                    pass
                self.assertEqual(line, b"data: %d\n" % number)

    def test_a_silent_stream_is_kept_alive_and_ends_when_the_server_stops(self):
        lines = self.events()
        self.assertEqual(lines.readline(), b":\n")
        self.process.terminate()
        while lines.readline():
            pass
        self.assertEqual(self.process.wait(30), 0)

    def test_requests_under_way_are_answered_before_it_stops(self):
        slow = self.client()
        slow.request("POST", "/slow", "")
        self.assertEqual(self.line(), "WAITING")
        other = self.client()
        other.connect()
        third = self.client()
        third.request("GET", "/")
        third.getresponse().read()
        other.request("POST", "/release", "")
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(slow.getresponse().status, 200)
        self.assertEqual(self.process.wait(30), 0)
        self.assertEqual(third.sock.recv(10), b"")

    def test_tls_1_1_is_refused_and_1_2_and_1_3_are_spoken(self):
        for version, good in [(ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True),
                              (ssl.TLSVersion.TLSv1_1, False)]:
            context = ssl.create_default_context(cafile=self.folder.name + "/ca.pem")
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
            if good:
                self.connect(context).close()
            else:
                with self.assertRaises(OSError):
                    self.connect(context)

    def test_alpn_is_http_1_1_or_nothing(self):
        self.context.set_alpn_protocols(["h2", "http/1.1"])
        with self.connect() as stream:
            self.assertEqual(stream.selected_alpn_protocol(), "http/1.1")
        self.context.set_alpn_protocols(["h2"])
        with self.assertRaises(ssl.SSLError):
            self.connect()

    def test_the_certificate_is_for_loopback_alone(self):
        self.connect(name="127.0.0.1").close()
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.connect(name="example.org")


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
