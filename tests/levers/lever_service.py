#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An HTTPS service that misbehaves on demand, for tests of whatever talks to the real one.

A lever is a way to misbehave. The base URL picks it: url("slow") + any path is answered slowly.
Levers of the TLS layer (CERTIFICATE_LEVERS, TLS_LEVERS) have a listener of their own each. A lever
can be limited to one call: url("slow", at="/submit") answers every other path by `reply`.

As a module: LeverService(folder). As a program: prints `NAME URL` for each lever, `ca_file PATH`
and `ready`, then answers the commands `requests` (JSON, one line) and `clear` on standard input,
and ends when that closes.
"""
import argparse
import json
import os
import socket
import ssl
import struct
import sys
import tempfile
import threading
import urllib.parse
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from certificates import SERVERS, Certificates  # pylint: disable=wrong-import-position

CERTIFICATE_LEVERS = [name for name in SERVERS if name != "good"] + ["self-signed"]
TLS_LEVERS = ["tls1.0", "tls1.1", "anonymous-cipher", "tls-silent", "tls-garbage"]
GREETING = b'{"greeting":"hello"}'
PORTAL_PAGE = b"<!DOCTYPE html><title>Sign in to this network</title>"


class Request:
    """What the service read of one request. method is empty when it was not a whole one."""

    def __init__(self, listener, connection, method, path, headers, body):
        self.listener, self.connection = listener, connection
        self.method, self.path, self.headers, self.body = method, path, headers, body

    def as_dict(self):
        return {"listener": self.listener, "connection": self.connection, "method": self.method,
                "path": self.path, "headers": self.headers,
                "body": self.body.decode("latin-1")}


class Gone(Exception):
    """The client left, or the lever ended the connection."""


def head(status="200 OK", kind="application/json", length=None, more=()):
    lines = ["HTTP/1.1 " + status]
    if kind:
        lines.append("Content-Type: " + kind)
    if length is not None:
        lines.append(f"Content-Length: {length}")
    lines.extend(more)
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def whole(status="200 OK", body=GREETING, kind="application/json", more=()):
    return head(status, kind, len(body), more) + body


# --- levers: each gets the connection and the request, and returns whether to keep the connection

def lever_good(wire, request):
    wire.send(whole(more=("client-request-id: " + request.headers.get("client-request-id", ""),
                          "x-ms-request-id: x")))
    return True


def fixed(reply, keep=True):
    def lever(wire, _request):
        wire.send(reply)
        return keep
    return lever


def lever_slow(wire, _request):
    wire.wait(20)
    wire.send(whole())
    return False


def lever_silent(wire, _request):
    wire.wait_for_end()
    return False


def cut_after(count):
    def lever(wire, _request):
        wire.send(whole(body=b"x" * 400)[:count])
        return False
    return lever


def lever_reset(wire, _request):
    wire.reset()
    return False


def forever(first, piece, pause=0.0):
    def lever(wire, _request):
        wire.send(first)
        while True:
            wire.send(piece)
            if pause:
                wire.wait(pause)
    return lever


def lever_drip_header(wire, _request):
    for byte in whole(body=b"x" * 4000):
        wire.send(bytes([byte]))
        wire.wait(0.2)
    return False


def lever_idle_close(wire, _request):
    wire.send(whole())
    return False  # without having said "Connection: close"


def lever_die_when_reused(wire, request):
    if wire.count == 1:
        return lever_good(wire, request)
    return False  # the request was read; the client cannot know what became of it


def lever_early_reply(wire, request):
    """Answers, and adds a reply to a request that was never sent."""
    lever_good(wire, request)
    wire.send(whole(body=b'{"greeting":"poison"}'))
    return True


def lever_cookies(wire, _request):
    wire.send(whole(more=("Set-Cookie: a=b; Path=/", 'Alt-Svc: h2="127.0.0.1:1"; ma=9999',
                          "Strict-Transport-Security: max-age=99999",
                          'Link: </next>; rel="preload"')))
    return True


def lever_interim(wire, request):
    wire.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
    return lever_good(wire, request)


def chunks(body, trailer=b""):
    coded = b"".join(b"%x\r\n%s\r\n" % (1, body[i:i + 1]) for i in range(len(body)))
    return head(more=("Transfer-Encoding: chunked",)) + coded + b"0\r\n" + trailer + b"\r\n"


LEVERS = {
    "good": lever_good,
    "slow": lever_slow,
    "silent": lever_silent,
    "cut-0": cut_after(0),
    "cut-10": cut_after(10),
    "cut-300": cut_after(300),
    "reset": lever_reset,
    "malformed-json": fixed(whole(body=b'{"continuation_token": "x", ')),
    "not-json": fixed(whole(body=b"\x00\xff\xfe garbage")),
    "empty-200": fixed(whole(body=b"")),
    "json-array": fixed(whole(body=b"[]")),
    "deep-json": fixed(whole(body=b"[" * 30000 + b"]" * 30000)),
    "error-500": fixed(whole("500 Internal Server Error", b"oops", "text/plain")),
    "error-503-json": fixed(whole("503 Service Unavailable", b'{"error":"server_error"}')),
    "error-429": fixed(whole("429 Too Many Requests", b"{}", more=("Retry-After: 999999999",))),
    "huge-length": fixed(head(length=1 << 40) + b"x" * 100000, keep=False),
    "huge-body": fixed(whole(body=b"x" * 300000)),
    "huge-header": fixed(head(length=2, more=("X-Fill: " + "y" * 60000,)) + b"{}"),
    "many-headers": fixed(head(length=2, more=["X-Fill: y"] * 200) + b"{}"),
    "endless-header": forever(b"HTTP/1.1 200 OK\r\n", b"X-Fill: yyyyyyyyyyyyyyyyyyyyyyyy\r\n"),
    "endless-interim": forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "endless-chunked": forever(head(more=("Transfer-Encoding: chunked",)),
                               b"400\r\n" + b"x" * 1024 + b"\r\n"),
    "drip-header": lever_drip_header,
    "drip-body": forever(head(length=100000), b"x", 0.2),
    "drip-chunked": forever(head(more=("Transfer-Encoding: chunked",)), b"1\r\nx\r\n", 0.2),
    "html-200": fixed(whole(body=PORTAL_PAGE, kind="text/html; charset=utf-8")),
    "portal-302": fixed(whole("302 Found", PORTAL_PAGE, "text/html",
                              ("Location: http://127.0.0.1:1/portal",))),
    "redirect-307": fixed(whole("307 Temporary Redirect", b"",
                                more=("Location: https://127.0.0.1:1/other",))),
    "status-511": fixed(whole("511 Network Authentication Required", PORTAL_PAGE, "text/html")),
    "status-204": fixed(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "status-206": fixed(whole("206 Partial Content")),
    "wrong-type": fixed(whole(kind="text/plain")),
    "no-type": fixed(whole(kind="")),
    "gzip-header": fixed(whole(body=b"\x1f\x8b\x08" + b"\x00" * 64,
                               more=("Content-Encoding: gzip",))),
    "gzip-transfer": fixed(head(more=("Transfer-Encoding: gzip, chunked",)) + b"0\r\n\r\n"),
    "http-0.9": fixed(GREETING, keep=False),
    "not-http": fixed(b"SSH-2.0-OpenSSH_9.2\r\n", keep=False),
    "http-2-line": fixed(b"HTTP/2 200\r\ncontent-length: 2\r\n\r\n{}", keep=False),
    "upgrade": fixed(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    "two-lengths": fixed(head(length=2, more=("Content-Length: 3",)) + b"{}x"),
    "length-and-chunked": fixed(head(length=2, more=("Transfer-Encoding: chunked",))
                                + b"2\r\n{}\r\n0\r\n\r\n"),
    "bad-chunk": fixed(head(more=("Transfer-Encoding: chunked",)) + b"zz\r\n{}\r\n0\r\n\r\n",
                       keep=False),
    "folded-header": fixed(head(length=2, more=("X-One: a", " b")) + b"{}"),
    "bare-lf": fixed(b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}"),
    "nul-in-header": fixed(head(length=2, more=("X-One: a\x00b",)) + b"{}"),
    "no-length": fixed(head() + GREETING, keep=False),
    "wrong-id": fixed(whole(more=("client-request-id: 00000000-0000-4000-8000-000000000000",))),
    "chunked": fixed(chunks(GREETING)),
    "trailer": fixed(chunks(GREETING, b"X-After: 1\r\n")),
    "interim": lever_interim,
    "idle-close": lever_idle_close,
    "die-when-reused": lever_die_when_reused,
    "early-reply": lever_early_reply,
    "cookies": lever_cookies,
}


class Wire:
    """One TLS connection, as the levers see it."""

    def __init__(self, stream, stop):
        self.stream, self.stop, self.count = stream, stop, 0

    def send(self, data):
        try:
            self.stream.sendall(data)
        except OSError as error:
            raise Gone from error

    def wait(self, seconds):
        """Until the client leaves, the service ends or the time is over; only the last goes on."""
        self.stream.settimeout(seconds)
        try:
            gone = self.stream.recv(1) == b"" or self.stop.is_set()
        except TimeoutError:
            gone = self.stop.is_set()
        except OSError:
            gone = True
        if gone:
            raise Gone
        self.stream.settimeout(30)

    def wait_for_end(self):
        self.wait(60)

    def reset(self):
        self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.stream.close()

    def read_request(self):
        """Nothing at the end of the stream."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self._receive()
            if piece == b"":
                return ("", "", {}, data) if data else None
            data += piece
        top, body = data.split(b"\r\n\r\n", 1)
        first, *lines = top.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, value = line.split(":", 1)
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        while len(body) < length:
            piece = self._receive()
            if piece == b"":
                return ("", "", headers, data)
            body += piece
        method, path, _version = first.split(" ")
        return method, path, headers, body

    def _receive(self):
        try:
            return self.stream.recv(65536)
        except OSError:
            return b""


class LeverService:
    """Listens on loopback until close(). `reply(request) -> (status, dict)` answers the calls that
    no lever spoils; without it they get a greeting."""

    def __init__(self, folder, reply=None, certificates=None):
        self.reply = reply
        self.certificates = Certificates(folder) if certificates is None else certificates
        self.ca_file = self.certificates.ca_file
        self.ports = {}
        self._requests, self._lock = [], threading.Condition()
        self._stop, self._listeners, self._streams = threading.Event(), [], set()
        self._connections = self._closed = 0
        self._accepted = self._ended = 0
        self._listen("good", self._context("good"))
        for name in CERTIFICATE_LEVERS:
            self._listen(name, self._context(name))
        for name in TLS_LEVERS:
            self._listen(name, self._odd_context(name))

    def url(self, lever, at=None):
        """The base URL whose calls are spoilt by this lever; `at` is the end of the spoilt path."""
        if lever in self.ports and lever != "good":
            return f"https://localhost:{self.ports[lever]}/good"
        if lever not in LEVERS:
            raise KeyError(lever)
        where = "" if at is None else "~" + at.strip("/").replace("/", "+")
        return f"https://localhost:{self.ports['good']}/{lever}{where}"

    def requests(self):
        with self._lock:
            return list(self._requests)

    def wait_for(self, condition, seconds=30):
        """Until condition(requests) holds; false when it does not within the time."""
        with self._lock:
            return self._lock.wait_for(lambda: condition(list(self._requests)), seconds)

    def wait_until_closed(self, count, seconds=30):
        """Until so many TLS connections were closed from this side since the start."""
        with self._lock:
            return self._lock.wait_for(lambda: self._closed >= count, seconds)

    def closed(self):
        with self._lock:
            return self._closed

    def clear(self, seconds=30):
        """Forgets the requests, once every connection of clients that are gone was read to its end."""
        with self._lock:
            accepted = self._accepted
        socket.create_connection(("127.0.0.1", self.ports["good"])).close()  # comes behind the others
        with self._lock:
            if not self._lock.wait_for(
                    lambda: self._accepted > accepted and self._ended == self._accepted, seconds):
                raise TimeoutError("a connection is still open")
            self._requests.clear()

    def forget(self):
        """Forgets the requests at once: for clients that keep connections beyond an object's life."""
        with self._lock:
            self._requests.clear()

    def close(self):
        self._stop.set()
        for listener in self._listeners:
            listener.close()
        with self._lock:
            streams = list(self._streams)
        for stream in streams:
            try:
                stream.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _context(self, name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(self.certificates.chain(name))
        return context

    def _odd_context(self, name):
        if name in ("tls-silent", "tls-garbage"):
            return None
        context = self._context("good")
        if name == "anonymous-cipher":
            context.set_ciphers("aNULL:@SECLEVEL=0")
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            return context
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that they are old is the point
            version = ssl.TLSVersion.TLSv1 if name == "tls1.0" else ssl.TLSVersion.TLSv1_1
            context.minimum_version = version
            context.maximum_version = version
        return context

    def _listen(self, name, context):
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.ports[name] = listener.getsockname()[1]
        self._listeners.append(listener)
        threading.Thread(target=self._accept, args=(name, context, listener), daemon=True).start()

    def _accept(self, name, context, listener):
        while not self._stop.is_set():
            try:
                stream, _address = listener.accept()
            except OSError:
                return
            with self._lock:
                self._accepted += 1
            threading.Thread(target=self._connected, args=(name, context, stream), daemon=True).start()

    def _connected(self, name, context, stream):
        try:
            self._serve(name, context, stream)
        finally:
            with self._lock:
                self._ended += 1
                self._lock.notify_all()

    def _serve(self, name, context, stream):
        stream.settimeout(30)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if context is not None:
                stream = context.wrap_socket(stream, server_side=True)
        except (OSError, ssl.SSLError):
            stream.close()
            return
        with self._lock:
            self._streams.add(stream)
            self._connections += 1
            number = self._connections
        wire = Wire(stream, self._stop)
        try:
            if name == "tls-silent":
                wire.stream.recv(65536)  # the ClientHello, so that waiting means waiting
                wire.wait_for_end()
            elif name == "tls-garbage":
                wire.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            else:
                self._converse(name, number, wire)
        except Gone:
            pass
        finally:
            with self._lock:
                self._streams.discard(stream)
            stream.close()
            with self._lock:
                self._closed += 1
                self._lock.notify_all()

    def _converse(self, name, number, wire):
        keep = True
        while keep and not self._stop.is_set():
            read = wire.read_request()
            if read is None:
                return
            request = Request(name, number, *read)
            with self._lock:
                self._requests.append(request)
                self._lock.notify_all()
            if not request.method:
                return
            wire.count += 1
            keep = self._answer(wire, request)

    def _answer(self, wire, request):
        path = urllib.parse.urlsplit(request.path).path
        first, _slash, rest = path.lstrip("/").partition("/")
        lever, _at, where = first.partition("~")
        spoilt = request.method != "OPTIONS" and ("/" + rest).endswith(where.replace("+", "/"))
        if spoilt and lever != "good" and lever in LEVERS:
            return LEVERS[lever](wire, request)
        if self.reply is None or request.method == "OPTIONS":
            return lever_good(wire, request)
        status, answer = self.reply(request)
        reason = {200: "OK", 400: "Bad Request", 404: "Not Found"}.get(status, "Other")
        wire.send(whole(f"{status} {reason}", json.dumps(answer).encode()))
        return True


def main():
    parser = argparse.ArgumentParser(description="HTTPS service with levers, on loopback")
    parser.add_argument("--folder", help="for the certificates; a scratch folder by default")
    parser.add_argument("--seconds", type=float, default=600, help="ends after so long")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        service = LeverService(options.folder or scratch)
        for name in list(LEVERS) + CERTIFICATE_LEVERS + TLS_LEVERS:
            print(name, service.url(name))
        print("ca_file", service.ca_file)
        print("ready", flush=True)
        limit = threading.Timer(options.seconds, lambda: os._exit(3))
        limit.daemon = True
        limit.start()
        for line in sys.stdin:
            if line.strip() == "requests":
                print(json.dumps([one.as_dict() for one in service.requests()]), flush=True)
            elif line.strip() == "clear":
                service.clear()
                print("true", flush=True)
        service.close()


if __name__ == "__main__":
    main()
