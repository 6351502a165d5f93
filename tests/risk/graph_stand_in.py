# SPDX-License-Identifier: Apache-2.0
"""The two hosts of Microsoft that risks are read from, as their documentation describes them, and
nothing beyond it: every header, query and body that is not as documented is answered with an error
and kept in .faults. On loopback, over TLS.

Documented at learn.microsoft.com: entra/identity-platform/certificate-credentials (PS256, typ JWT,
x5t#S256; aud, exp, iss, jti, nbf, sub, iat), v2-oauth2-client-creds-grant-flow (the token request),
graph/api/riskyuser-list ($filter, $select, $top to 500), graph/api/riskyuser-dismiss (userIds, at
most 60, 204), graph/subscribedsku-list ($select; needs a permission of its own), graph/paging (@odata.nextLink is followed as it is), graph/throttling (429, Retry-After).
"""

import base64
import datetime
import hashlib
import http.server
import json
import pathlib
import re
import ssl
import subprocess
import threading
import time
import urllib.parse
import uuid

TENANT = "2f1b9d36-6c3b-4f0e-9d4d-5b8f8c1c7a10"
CLIENT = "6731de76-14a6-49ae-97bc-6eba6914391e"
FIELDS = {"id", "riskDetail", "riskLastUpdatedDateTime", "riskLevel", "riskState"}
USERS = "/v1.0/identityProtection/riskyUsers"
SUBSCRIPTIONS = "/v1.0/subscribedSkus"
SUBSCRIPTION_READERS = {"LicenseAssignment.Read.All", "Organization.Read.All", "Directory.Read.All"}
COMMON = {"host", "user-agent", "accept", "client-request-id"}


def unpadded(text):
    assert "=" not in text
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Fault(Exception):
    """(status, code): the caller did what the documentation does not say."""


class StandIn:
    def __init__(self, folder, server_pem):
        self.folder = pathlib.Path(folder)
        self.users = {}      # id -> riskyUser
        self.faults = []     # of the caller
        self.requests = []   # (method, path)
        self.dismissed = []  # of one call each
        self.planned = []    # (status, headers) instead of the next answers of Graph
        self.tokens = set()
        self.roles = ["IdentityRiskyUser.ReadWrite.All"]
        self.subscriptions = {}  # skuPartNumber -> (capabilityStatus, service plans)
        self.page_size = 2
        self.assertions = set()
        self.next_host = None
        self.shift = 0       # of the caller's clock, in seconds
        self._make_credential()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def log_message(self, *_):
                pass

            def do_GET(self):
                self.answer(b"")

            def do_POST(self):
                self.answer(self.rfile.read(int(self.headers["Content-Length"])))

            do_PATCH = do_POST

            def answer(self, body):
                outer.requests.append((self.command, self.path))
                headers = {}
                try:
                    status, content, headers = outer.judge(self, body)
                except Fault as fault:
                    status, code = fault.args[:2]
                    outer.faults.append(fault.args)
                    content = {"error": {"code": code, "message": "m", "innerError": {}}}
                raw = b"" if content is None else json.dumps(content).encode()
                self.send_response(status)
                if status != 204:
                    self.send_header("Content-Type", "application/json; odata.metadata=minimal")
                    self.send_header("Content-Length", str(len(raw)))
                self.send_header("client-request-id", self.headers["client-request-id"])
                self.send_header("request-id", str(uuid.uuid4()))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(server_pem)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        self.url = f"https://localhost:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True,
                         kwargs={"poll_interval": 0.05}).start()

    def _make_credential(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
                        "graph.key", "-out", "graph.pem", "-subj", "/CN=sspr", "-days", "2"],
                       cwd=self.folder, check=True, capture_output=True)
        (self.folder / "graph.key").chmod(0o600)
        der = subprocess.run(["openssl", "x509", "-in", "graph.pem", "-outform", "DER"],
                             cwd=self.folder, check=True, capture_output=True).stdout
        self.thumbprint = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
        public = subprocess.run(["openssl", "x509", "-in", "graph.pem", "-noout", "-pubkey"],
                                cwd=self.folder, check=True, capture_output=True).stdout
        (self.folder / "graph.pub").write_bytes(public)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    # --- judging

    def judge(self, request, body):
        names = [name.lower() for name in request.headers.keys()]
        if len(set(names)) != len(names):
            raise Fault(400, "BadRequest", "a header twice")
        try:
            uuid.UUID(request.headers["client-request-id"])
        except (TypeError, ValueError):
            raise Fault(400, "BadRequest", "client-request-id is no GUID") from None
        path = urllib.parse.urlsplit(request.path).path
        if path == f"/{TENANT}/oauth2/v2.0/token":
            return self.token(request, set(names), body)
        return self.graph(request, set(names), body, path)

    def token(self, request, names, body):
        if request.command != "POST" or "?" in request.path:
            raise Fault(405, "invalid_request", "not a POST")
        if names != COMMON | {"content-type", "content-length"}:
            raise Fault(400, "invalid_request", f"headers {names}")
        if request.headers["Content-Type"] != "application/x-www-form-urlencoded":
            raise Fault(400, "invalid_request", "no form")
        form = urllib.parse.parse_qs(body.decode(), strict_parsing=True)
        wanted = {"client_id": [CLIENT], "scope": [self.url + "/.default"],
                  "client_assertion_type":
                      ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"],
                  "grant_type": ["client_credentials"]}
        assertion = form.pop("client_assertion", [""])
        if form != wanted or len(assertion) != 1:
            raise Fault(400, "invalid_request", f"form {form}")
        self.check_assertion(assertion[0])
        token = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (
            b'{"typ":"JWT","alg":"RS256"}', json.dumps({"roles": self.roles}).encode(),
            uuid.uuid4().bytes * 40))
        self.tokens.add(token)
        return 200, {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599,
                     "access_token": token}, {}

    def check_assertion(self, text):
        parts = text.split(".")
        if len(parts) != 3:
            raise Fault(401, "invalid_client", "no JWT")
        header, claims = (json.loads(unpadded(part)) for part in parts[:2])
        if header != {"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint}:
            raise Fault(401, "invalid_client", f"header {header}")
        if set(claims) != {"aud", "exp", "iss", "jti", "nbf", "sub", "iat"}:
            raise Fault(401, "invalid_client", f"claims {claims}")
        now = time.time() + self.shift
        right = (claims["aud"] == f"{self.url}/{TENANT}/oauth2/v2.0/token" and
                 claims["iss"] == claims["sub"] == CLIENT and
                 str(uuid.UUID(claims["jti"])) == claims["jti"] and
                 claims["nbf"] <= now < claims["exp"] and claims["exp"] - claims["nbf"] <= 600 and
                 abs(claims["iat"] - now) < 60)
        if not right or claims["jti"] in self.assertions:
            raise Fault(401, "invalid_client", f"claims {claims}")
        self.assertions.add(claims["jti"])
        signed, signature = self.folder / "signed", self.folder / "signature"
        signed.write_text(".".join(parts[:2]))
        signature.write_bytes(unpadded(parts[2]))
        checked = subprocess.run(
            ["openssl", "dgst", "-sha256", "-verify", self.folder / "graph.pub", "-signature",
             signature, "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", signed],
            capture_output=True, check=False)
        if checked.returncode != 0:
            raise Fault(401, "invalid_client", "signature")

    def graph(self, request, names, body, path):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.tokens:
            if token in getattr(self, "revoked", ()):
                return 401, {"error": {"code": "InvalidAuthenticationToken", "message": "m"}}, {}
            raise Fault(401, "InvalidAuthenticationToken", scheme)
        if self.planned:
            status, headers = self.planned.pop(0)
            return status, {"error": {"code": "TooManyRequests", "message": "m"}}, headers
        return self.route(request, names, body, path)

    def route(self, request, names, body, path):
        if path == USERS and request.command == "GET":
            if names != COMMON | {"authorization"}:
                raise Fault(400, "BadRequest", f"headers {names}")
            return self.list(urllib.parse.urlsplit(request.path).query)
        if path == USERS + "/dismiss" and request.command == "POST":
            if names != COMMON | {"authorization", "content-type", "content-length"}:
                raise Fault(400, "BadRequest", f"headers {names}")
            if request.headers["Content-Type"] != "application/json" or "?" in request.path:
                raise Fault(415, "BadRequest", "no JSON")
            return self.dismiss(body)
        if path == SUBSCRIPTIONS and request.command == "GET":
            if names != COMMON | {"authorization"}:
                raise Fault(400, "BadRequest", f"headers {names}")
            if not SUBSCRIPTION_READERS & set(self.roles):
                raise Fault(403, "Authorization_RequestDenied", path)
            return self.list_subscriptions(urllib.parse.urlsplit(request.path).query)
        raise Fault(404, "ResourceNotFound", path)

    def list_subscriptions(self, query):
        known = {"accountId", "accountName", "appliesTo", "capabilityStatus", "consumedUnits", "id", "prepaidUnits",
                 "servicePlans", "skuId", "skuPartNumber", "subscriptionIds"}
        words = urllib.parse.parse_qs(query, strict_parsing=True)
        if set(words) != {"$select"} or not set(words["$select"][0].split(",")) <= known:
            raise Fault(400, "BadRequest", query)
        return 200, {"@odata.context": f"{self.url}/v1.0/$metadata#subscribedSkus",
                     "value": [{"skuPartNumber": name, "capabilityStatus": status, "servicePlans": [
                         {"servicePlanId": str(uuid.uuid4()), "servicePlanName": plan, "appliesTo": "User",
                          "provisioningStatus": "Success"} for plan in plans]}
                         for name, (status, plans) in self.subscriptions.items()]}, {}

    def list(self, query):
        words = urllib.parse.parse_qs(query, strict_parsing=True)
        if any(len(value) != 1 for value in words.values()):
            raise Fault(400, "BadRequest", query)
        skip = 0
        if "$skiptoken" in words:
            skip = int(words.pop("$skiptoken")[0])
        if set(words) != {"$filter", "$select", "$top"}:
            raise Fault(400, "BadRequest", query)
        if set(words["$select"][0].split(",")) != FIELDS or not 1 <= int(words["$top"][0]) <= 500:
            raise Fault(400, "BadRequest", query)
        wanted = re.fullmatch(r"riskLastUpdatedDateTime ge (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)",
                              words["$filter"][0])
        if not wanted:
            raise Fault(400, "BadRequest", query)
        self.since = wanted[1]
        found = [user for user in self.users.values()
                 if moment(user["riskLastUpdatedDateTime"]) >= moment(wanted[1])]
        page = found[skip:skip + self.page_size]
        answer = {"@odata.context": f"{self.url}/v1.0/$metadata#identityProtection/riskyUsers",
                  "value": [{name: user[name] for name in FIELDS} for user in page]}
        if skip + self.page_size < len(found):
            rest = urllib.parse.urlencode({name: value[0] for name, value in words.items()} |
                                          {"$skiptoken": skip + self.page_size})
            answer["@odata.nextLink"] = f"{self.next_host or self.url}{USERS}?{rest}"
        return 200, answer, {}

    def dismiss(self, body):
        content = json.loads(body)
        if set(content) != {"userIds"} or not isinstance(content["userIds"], list):
            raise Fault(400, "BadRequest", content)
        ids = content["userIds"]
        if not 1 <= len(ids) <= 60 or len(set(ids)) != len(ids):
            raise Fault(400, "BadRequest", content)
        if any(one not in self.users for one in ids):
            return 404, {"error": {"code": "ResourceNotFound", "message": "m"}}, {}
        for one in ids:
            self.users[one] |= {"riskState": "dismissed", "riskLevel": "none",
                                "riskDetail": "adminDismissedAllRiskForUser",
                                "riskLastUpdatedDateTime": self.now()}
        self.dismissed.append(ids)
        return 204, None, {}

    # --- what Graph knows

    @staticmethod
    def now(seconds=0):
        at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
        return at.strftime("%Y-%m-%dT%H:%M:%S.") + "1234567Z"

    def put(self, user_id, level="high", state="atRisk", seconds=0):
        self.users[user_id] = {"id": user_id, "riskLevel": level, "riskState": state,
                               "riskDetail": "none", "riskLastUpdatedDateTime": self.now(seconds)}

    def revoke_tokens(self):
        self.revoked = set(self.tokens)
        self.tokens.clear()
