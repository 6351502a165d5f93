#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A gateway of text messages on loopback that keeps what it is given, for tests.

Prints `NAME URL` for each of its servers, `ca_file PATH` and `ready`; then answers, one line each, the
commands `requests` (JSON), `clear` and `reply STATUS [BODY]` (the next request gets it) on standard
input, and ends when that closes.
"""
import http.server
import json
import os
import socket
import ssl
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../levers"))
from certificates import Certificates  # pylint: disable=wrong-import-position


class Kept:
    def __init__(self):
        self.requests, self.replies = [], []

    def command(self, line):
        word, *rest = line.split(" ", 2)
        if word == "requests":
            return self.requests
        if word == "clear":
            self.requests.clear()
            self.replies.clear()
        elif word == "reply":
            self.replies.append((int(rest[0]), rest[1] if len(rest) > 1 else "{}"))
        return True


def handler_for(kept):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, reply = kept.replies.pop(0) if kept.replies else (201, '{"status":"queued"}')
            if 200 <= status <= 299:
                kept.requests.append({"path": self.path, "body": body.decode(),
                                      "headers": {k.lower(): v for k, v in self.headers.items()}})
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply.encode())

        def log_message(self, *_):
            pass

    return Handler


def main():
    kept = Kept()
    with tempfile.TemporaryDirectory() as folder:
        certificates = Certificates(folder, only=("good", "wrong-host"))
        for name in ("plain", "good", "wrong-host"):
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_for(kept))
            server.daemon_threads = True
            if name != "plain":
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(certificates.chain(name))
                server.socket = context.wrap_socket(server.socket, server_side=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            scheme = "http" if name == "plain" else "https"
            print(name, f"{scheme}://localhost:{server.server_address[1]}/send")
        silent = socket.create_server(("127.0.0.1", 0))
        print("silent", f"http://localhost:{silent.getsockname()[1]}/")
        print("ca_file", certificates.ca_file)
        print("ready", flush=True)
        for line in sys.stdin:
            print(json.dumps(kept.command(line.rstrip("\n"))), flush=True)


if __name__ == "__main__":
    main()
