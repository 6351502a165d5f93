# SPDX-License-Identifier: Apache-2.0
"""What the tests of sspr-flow play around it: the host of a login on a socket, a service over HTTPS
that answers from a table, and a sspr-setpw that answers from a table. All on loopback and in a
scratch folder; everything ends with the test."""

import base64
import http.server
import json
import os
import pathlib
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import urllib.parse

INFO, ERROR, ASK_VISIBLE, ASK_HIDDEN, CHOOSE, WAIT, DONE = 16, 17, 18, 19, 20, 21, 22
BEGIN, ANSWER, CANCEL = 1, 2, 3
PASSWORD_SET, NOT_CHANGED = 0, 1
LIMIT = 60  # seconds for anything that must come


def frame(kind, payload=b""):
    return struct.pack(">BH", kind, len(payload)) + payload


def string(text):
    raw = text.encode() if isinstance(text, str) else text
    return struct.pack(">H", len(raw)) + raw


def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise EOFError(f"end after {len(data)} of {count} bytes")
        data += piece
    return data


def read_frame(sock):
    kind, length = struct.unpack(">BH", read_exactly(sock, 3))
    return kind, read_exactly(sock, length)


class Host:
    """The host's side of a flow."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(LIMIT)
        self.asked = 0
        self.seen = []  # (kind, text) of everything that came

    def begin(self, user="alice", language="en_US.UTF-8", terminal="tty1", version=1, caps=3):
        self.sock.sendall(frame(BEGIN, bytes([version, caps]) + string("login") + string(user) +
                                string(language) + string(terminal)))

    def next(self):
        """The next frame that is no wait: (kind, text or tuple)."""
        while True:
            kind, payload = read_frame(self.sock)
            if kind == CHOOSE:
                text, rest = self._string(payload)
                count, rest, labels = rest[0], rest[1:], []
                for _ in range(count):
                    label, rest = self._string(rest)
                    labels.append(label)
                assert not rest
                value = (text, labels)
            elif kind == DONE:
                outcome, answer = struct.unpack(">BH", payload[:3])
                text, rest = self._string(payload[3:])
                assert not rest
                value = (outcome, answer, text)
            else:
                value = payload.decode()
            self.seen.append((kind, value))
            if kind != WAIT:
                return kind, value

    @staticmethod
    def _string(data):
        length = struct.unpack(">H", data[:2])[0]
        return data[2:2 + length].decode(), data[2 + length:]

    def until(self, *kinds):
        """Skips messages up to a frame of one of these kinds."""
        while True:
            kind, value = self.next()
            if kind in kinds:
                return value
            assert kind in (INFO, ERROR), f"frame {kind} {value!r} instead of {kinds}"

    def question(self):
        return self.until(ASK_VISIBLE, ASK_HIDDEN, CHOOSE)

    def done(self):
        return self.until(DONE)

    def answer(self, text=b""):
        raw = text.encode() if isinstance(text, str) else text
        self.sock.sendall(frame(ANSWER, struct.pack(">H", self.asked) + raw))
        self.asked += 1

    def say(self, text):
        """Waits for a question, then answers it; returns the question."""
        asked = self.question()
        self.answer(text)
        return asked

    def errors(self):
        return [text for kind, text in self.seen if kind == ERROR]

    def close(self):
        self.sock.close()


def make_certificates(folder):
    """A CA, and a server certificate for localhost by it: ca.pem, server.pem."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA",
            "-days", "2", "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign")
    openssl("req", *curve, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=server")
    (folder / "ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n"
                                "extendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-out", "server.crt", "-days", "2", "-extfile", "ext")
    (folder / "server.pem").write_text((folder / "server.crt").read_text() +
                                       (folder / "server.key").read_text())


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


EMAIL = {"id": "e1", "challenge_type": "oob", "challenge_channel": "email",
         "login_hint": "a***@example.org", "is_default": True}
APP = {"id": "t1", "challenge_type": "totp", "challenge_channel": "authenticator",
       "login_hint": "", "is_default": False}
CHALLENGE = {"continuation_token": "challenged", "challenge_type": "oob",
             "binding_method": "prompt", "challenge_channel": "email",
             "challenge_target_label": "a***@example.org", "code_length": 8, "interval": 0}
APP_CHALLENGE = {"continuation_token": "challenged", "challenge_type": "totp",
                 "challenge_channel": "authenticator", "challenge_target_label": "",
                 "code_length": 6}
POLICY = {"min_length": 12, "max_length": 256, "max_bytes": 511, "min_classes": 0,
          "forbid_contains": ["alice"]}
FEATURES = {"issuer": "https://localhost", "api_versions": ["v1.0"],
            "capabilities_supported": ["reset_introspect", "reset_mfa_required",
                                       "reset_final_submit"],
            "challenge_types_supported": ["oob", "totp", "redirect"],
            "permit_keys": [{"kid": 1, "public_key": b64url(bytes(32))}]}
PERMIT = bytes(range(256))
TRANSACTION = bytes(range(16))


def error(word, suberror="", **more):
    return 400, dict({"error": word, "suberror": suberror, "error_codes": []}, **more)


class Service:
    """Answers POSTs and the configuration from .replies: path -> (status, object) or a function of
    the form that returns one, or None to cut the connection."""

    def __init__(self, folder):
        self.requests = []  # (path, form)
        self.connections = 0
        self.replies = {
            "/.well-known/sspr-configuration": (200, FEATURES),
            "start": (200, {"continuation_token": "started", "methods": [EMAIL],
                            "required_gates": 1, "completed_gates": 0,
                            "transaction_id": TRANSACTION.hex(), "resumed": False}),
            "challenge": (200, CHALLENGE),
            "continue": lambda form: (200, {"continuation_token": "proven", "expires_in": 600,
                                            "policy": POLICY})
                        if form["oob"] in ("12345678", "123456")
                        else error("invalid_grant", "invalid_oob_value", attempts_left=4),
            "submit": (200, {"continuation_token": "submitted", "poll_interval": 1,
                             "status": "succeeded", "permit": b64url(PERMIT)}),
            "transaction": (200, {"status": "none"}),
            "policy": (200, POLICY),
        }
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = LIMIT

            def setup(self):
                outer.connections += 1
                super().setup()

            def log_message(self, *_):
                pass

            def do_GET(self):
                self.handle_one(b"")

            def do_OPTIONS(self):
                self.send(204, "text/plain", b"")

            def do_POST(self):
                self.handle_one(self.rfile.read(int(self.headers["Content-Length"])))

            def handle_one(self, body):
                form = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True,
                                                   strict_parsing=bool(body)))
                path = self.path.removeprefix("/tenant")
                name = path.rsplit("/", 1)[-1]
                outer.requests.append((name, form))
                reply = outer.replies.get(path, outer.replies.get(name, (404, {})))
                if callable(reply):
                    reply = reply(form)
                if reply is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                status, content = reply[0], reply[1]
                kind = reply[2] if len(reply) > 2 else "application/json"
                raw = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send(status, kind, raw)

            def send(self, status, kind, raw):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(raw)))
                guid = self.headers.get("client-request-id")
                if guid:
                    self.send_header("client-request-id", guid)
                self.end_headers()
                self.wfile.write(raw)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True,
                         kwargs={"poll_interval": 0.05}).start()

    def names(self):
        return [name for name, _ in self.requests]

    def form(self, name):
        return [form for asked, form in self.requests if asked == name][-1]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Setpw:
    """A sspr-setpw from a table: frame type -> answer (type, payload) or a function of the payload."""
    LIST, RESOLVE, PREPARE, PROPOSE, COMMIT, ABORT, UNLOCK = range(32, 39)
    PENDING, RESOLVED, READY, REFUSED, PROPOSED, REJECTED, COMMITTED, FAILED, ABORTED = range(48, 57)

    def __init__(self, path):
        self.device, self.nonce, self.commitment = bytes([1] * 32), bytes([2] * 32), bytes([3] * 32)
        self.calls = []  # (type, payload)
        self.replies = {
            self.LIST: (self.PENDING, b"\0"),
            self.RESOLVE: lambda payload: (self.RESOLVED, payload[:16] + b"\1"),
            self.PREPARE: (self.READY, self.device + self.nonce + bytes(2)),
            self.PROPOSE: (self.PROPOSED, self.commitment),
            self.COMMIT: (self.COMMITTED, bytes(3)),
            self.ABORT: (self.ABORTED, b""),
            self.UNLOCK: (self.COMMITTED, bytes(3)),
        }
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        os.chmod(path, 0o666)
        self.listener.listen(8)
        self.accepting = threading.Thread(target=self._accept, daemon=True)
        self.accepting.start()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        with peer:
            try:
                while True:
                    kind, payload = read_frame(peer)
                    self.calls.append((kind, payload))
                    reply = self.replies[kind]
                    if callable(reply):
                        reply = reply(payload)
                    if reply is None:
                        return
                    peer.sendall(frame(*reply))
            except (EOFError, OSError):
                return

    def kinds(self):
        return [kind for kind, _ in self.calls]

    def stop(self):
        # Closing alone leaves the thread in accept(), on a descriptor that the next test reuses.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.accepting.join()
        self.listener.close()


class Machine:
    """A scratch folder with certificates, configuration, account file, service and setpw, in which
    the real sspr-flow is started. Needs root: the account file is mounted in a namespace."""

    def __init__(self, program):
        self.program = program
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sspr-flow-"))
        self.folder.chmod(0o755)
        make_certificates(self.folder)
        self.service = Service(self.folder)
        self.setpw = Setpw(self.folder / "setpw.sock")
        (self.folder / "resume.key").write_bytes(b"r" * 32)
        (self.folder / "passwd").write_text(
            "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"
            "daemon:x:1:1::/:/bin/false\nsspr:x:990:990::/:/bin/false\nalice:x:4711:4711::/home/alice:/bin/sh\n"
            "bob:x:4712:4712::/home/bob:/bin/sh\n")
        self.write_config()
        self.running = []

    def write_config(self, **service):
        keys = {"url": f"https://localhost:{self.service.port}/tenant",
                "ca_file": str(self.folder / "ca.pem")} | service
        lines = ["[service]"] + [f"{key} = {value}" for key, value in keys.items()]
        lines += ["[machine]", "flow_user = sspr", f"setpw_socket = {self.folder}/setpw.sock",
                  f"resume_secret_file = {self.folder}/resume.key"]
        self.write_raw_config("\n".join(lines) + "\n")

    def write_raw_config(self, text):
        (self.folder / "sspr.conf").write_text(text)

    def connection(self, uid=0):
        """Both ends of a unix connection that was made by that user."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path = self.folder / "flow.sock"
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        path.chmod(0o666)
        listener.listen(1)
        host = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        os.seteuid(uid)
        try:
            host.connect(str(path))
        finally:
            os.seteuid(0)
        accepted, _ = listener.accept()
        listener.close()
        return host, accepted

    def start(self, uid=0, arguments=(), environment=None):
        """A flow for a connection: (Host, process)."""
        host, accepted = self.connection(uid)
        process = self.spawn(arguments, accepted, environment)
        accepted.close()
        return Host(host), process

    def spawn(self, arguments, stdin, environment=None, **more):
        script = 'mount --bind "$1" /etc/passwd && shift && exec "$@"'
        process = subprocess.Popen(
            ["unshare", "-m", "sh", "-c", script, "sh", str(self.folder / "passwd"), self.program,
             "--config", str(self.folder / "sspr.conf"), *arguments],
            stdin=stdin, env=environment or {"PATH": os.environ["PATH"]}, **more)
        self.running.append(process)
        return process

    def close(self):
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.wait()
        self.service.stop()
        self.setpw.stop()
        shutil.rmtree(self.folder)
