#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real SMTP servers (aiosmtpd) on loopback that keep what they are given, for tests.

Prints `NAME URL` for each, `ca_file PATH` and `ready`; then answers, one line each, the commands
`mails` (JSON), `clear`, and `reply STAGE CODE` (STAGE rcpt or data; the next such command gets the
code) on standard input, and ends when that closes.
"""
import base64
import email
import email.policy
import json
import logging
import os
import socket
import ssl
import sys
import tempfile
import warnings

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../levers"))
from certificates import Certificates  # pylint: disable=wrong-import-position

USER, PASSWORD = b"sspr", b"canary-smtp-0815"


class Sink:
    """Handler of all servers."""

    def __init__(self):
        self.mails, self.replies = [], {}

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if "rcpt" in self.replies:
            return self.replies.pop("rcpt")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if "data" in self.replies:
            return self.replies.pop("data")
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "host": session.host_name,
            "subject": mail["subject"], "text": mail.get_content().replace("\r\n", "\n"), "size": len(envelope.content),
            "encrypted": server.transport.get_extra_info("sslcontext") is not None,
            "authenticated": bool(session.authenticated),
            "headers": [[name, str(value)] for name, value in mail.items()],
            "defects": [str(one) for one in mail.defects],
            "longest_line": max(len(line) for line in envelope.content.split(b"\r\n")),
            "raw": base64.b64encode(envelope.content).decode()})
        return "250 kept"

    def command(self, line):
        word, *rest = line.split()
        if word == "mails":
            return self.mails
        if word == "clear":
            self.mails.clear()
            self.replies.clear()
        elif word == "reply":
            self.replies[rest[0]] = f"{rest[1]} as you wish"
        return True


def authenticate(_server, _session, _envelope, _mechanism, data):
    good = data.login == USER and data.password == PASSWORD
    return AuthResult(success=good, handled=False)


def context(certificates, name):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificates.chain(name))
    return made


def main():
    # Refused handshakes and AUTH on loopback are what the tests are about.
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sink = Sink()
    with tempfile.TemporaryDirectory() as folder:
        certificates = Certificates(folder, only=("good", "wrong-host", "foreign-ca"))
        good = context(certificates, "good")
        kinds = {
            "plain": ("smtp", {}),
            "starttls": ("smtp", {"tls_context": good, "require_starttls": True}),
            "smtps": ("smtps", {"ssl_context": good}),
            "smtps-wrong-host": ("smtps", {"ssl_context": context(certificates, "wrong-host")}),
            "starttls-foreign-ca": ("smtp", {"tls_context": context(certificates, "foreign-ca"),
                                             "require_starttls": True}),
            "auth": ("smtps", {"ssl_context": good, "authenticator": authenticate,
                               "auth_required": True, "auth_require_tls": False}),
        }
        controllers = []
        for name, (scheme, options) in kinds.items():
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            controllers.append(Controller(sink, hostname="localhost", port=port, **options))
            controllers[-1].start()
            print(name, f"{scheme}://localhost:{port}")
        silent = socket.create_server(("127.0.0.1", 0))
        print("silent", f"smtp://localhost:{silent.getsockname()[1]}")
        print("ca_file", certificates.ca_file)
        print("ready", flush=True)
        for line in sys.stdin:
            print(json.dumps(sink.command(line)), flush=True)
        for controller in controllers:
            controller.stop()


if __name__ == "__main__":
    main()
