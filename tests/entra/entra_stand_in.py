#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Microsoft Graph as the place of people's passwords, as its documentation describes it and nothing
beyond: what is not as documented is answered with an error and kept in .faults (see
tests/risk/graph_stand_in.py, which has the token and the headers).

Documented at learn.microsoft.com: graph/api/user-list ($filter, $select, $top), graph/api/user-get,
graph/api/user-list-transitivememberof, graph/api/user-update (passwordProfile, 204; who may change
that of an administrator), graph/aad-advanced-queries (ConsistencyLevel), graph/permissions-reference.

As a program it takes commands on its standard input, for C++ tests (tests/levers/lever_process.h).
"""
import json
import pathlib
import re
import sys
import tempfile
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "risk"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "client"))
from flow_host import make_certificates  # noqa: E402 pylint: disable=wrong-import-position
from graph_stand_in import CLIENT, COMMON, TENANT, Fault, StandIn  # noqa: E402 pylint: disable=wrong-import-position

USERS = "/v1.0/users"
GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
FIELDS = {"id", "userPrincipalName", "displayName", "accountEnabled", "userType", "preferredLanguage",
          "onPremisesSyncEnabled", "onPremisesImmutableId", "onPremisesSamAccountName", "mailNickname",
          "lastPasswordChangeDateTime"}
GROUP_FIELDS = {"id", "displayName", "isAssignableToRole"}
READ_USERS = {"User.Read.All", "User.ReadWrite.All", "Directory.Read.All"}
READ_GROUPS = {"GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"}
SET = {"User-PasswordProfile.ReadWrite.All"}
TOO_SIMPLE = ("The specified password does not comply with password complexity requirements. Please "
              "provide a different password.")


def once(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise Fault(400, "Request_BadRequest", "a member twice")
    return dict(pairs)


class EntraStandIn(StandIn):
    def __init__(self, folder, server_pem):
        super().__init__(folder, server_pem)
        self.roles = ["User.Read.All", "GroupMember.Read.All", "User-PasswordProfile.ReadWrite.All",
                      "IdentityRiskyUser.ReadWrite.All"]
        self.people = {}  # id -> user, with "password", "groups", "weak_allowed"
        self.banned = []  # words that no password may hold
        self.lost = []    # statuses to answer with once a PATCH is done
        self.changes = 0

    def person(self, user_id, upn, **more):
        self.people[user_id] = {
            "id": user_id, "userPrincipalName": upn, "displayName": None, "accountEnabled": True,
            "userType": "Member", "preferredLanguage": None, "onPremisesSyncEnabled": None,
            "onPremisesImmutableId": None, "onPremisesSamAccountName": None, "mailNickname": None,
            "lastPasswordChangeDateTime": "2026-01-02T03:04:05Z", "password": None, "groups": [],
            "weak_allowed": False} | more

    def route(self, request, names, body, path):
        if path.startswith(USERS) and request.command == "GET":
            if not names <= COMMON | {"authorization", "consistencylevel"}:
                raise Fault(400, "Request_BadRequest", f"headers {names}")
            query = urllib.parse.urlsplit(request.path).query
            if re.search(r"[^A-Za-z0-9._~$=&%-]", query):
                raise Fault(400, "Request_BadRequest", f"not encoded: {query}")
            words = urllib.parse.parse_qs(query, strict_parsing=True)
            if any(len(value) != 1 for value in words.values()):
                raise Fault(400, "Request_BadRequest", query)
            advanced = {"$search", "$count"} & set(words) or "microsoft.graph." in path
            if advanced and request.headers.get("ConsistencyLevel") != "eventual":
                raise Fault(400, "Request_UnsupportedQuery", "no ConsistencyLevel")
            return self.read(path, {name: value[0] for name, value in words.items()})
        if request.command == "PATCH":
            if names != COMMON | {"authorization", "content-type", "content-length"}:
                raise Fault(400, "Request_BadRequest", f"headers {names}")
            if request.headers["Content-Type"] != "application/json" or "?" in request.path:
                raise Fault(415, "Request_BadRequest", "no JSON")
            return self.update(path, body)
        return super().route(request, names, body, path)

    @staticmethod
    def error(status, code, message, target=None):
        details = [{"code": "InvalidValue", "target": target, "message": message}] if target else []
        return status, {"error": {"code": code, "message": message, "details": details,
                                  "innerError": {"date": "2026-11-28T04:00:00"}}}, {}

    def forbidden(self, needed):
        if needed & set(self.roles):
            return None
        return self.error(403, "Authorization_RequestDenied",
                          "Insufficient privileges to complete the operation.")

    @staticmethod
    def chosen(words, fields, most, others=frozenset()):
        """The properties of $select; the other words of the query have to be these."""
        select = set(words.pop("$select", "").split(","))
        if not select <= fields:
            raise Fault(400, "Request_BadRequest", f"unknown property: {select - fields}")
        if not 1 <= int(words.pop("$top", "1")) <= most or set(words) != others:
            raise Fault(400, "Request_BadRequest", f"query {words}")
        return select

    def read(self, path, words):
        if path == USERS:
            refused = self.forbidden(READ_USERS)
            if refused:
                return refused
            wanted = re.fullmatch(r"userPrincipalName eq '((?:[^']|'')*)'", words.pop("$filter", ""))
            if not wanted:
                raise Fault(400, "Request_BadRequest", "Invalid filter clause")
            select = self.chosen(words, FIELDS, 999)
            name = wanted[1].replace("''", "'").lower()
            found = [user for user in self.people.values()
                     if user["userPrincipalName"].lower() == name]
            return 200, {"@odata.context": f"{self.url}/v1.0/$metadata#users",
                         "value": [{key: user[key] for key in select} for user in found]}, {}
        one = re.fullmatch(f"{USERS}/({GUID})(/transitiveMemberOf)?", path)
        if not one:
            raise Fault(404, "Request_ResourceNotFound", path)
        refused = self.forbidden(READ_GROUPS if one[2] else READ_USERS)
        if refused:
            return refused
        if one[1] not in self.people:
            return self.error(404, "Request_ResourceNotFound", "Resource does not exist.")
        if not one[2]:
            select = self.chosen(words, FIELDS, 1)
            return 200, {key: self.people[one[1]][key] for key in select}, {}
        return self.groups(path, self.people[one[1]]["groups"], words)

    def groups(self, path, groups, words):
        skip = int(words.pop("$skiptoken", "0"))
        select = self.chosen(dict(words), GROUP_FIELDS, 999)
        page = groups[skip:skip + self.page_size]
        answer = {"@odata.context": f"{self.url}/v1.0/$metadata#directoryObjects",
                  "value": [{"@odata.type": group["@odata.type"]} |
                            {key: group.get(key) for key in select} for group in page]}
        if skip + self.page_size < len(groups):
            rest = urllib.parse.urlencode(words | {"$skiptoken": skip + self.page_size})
            answer["@odata.nextLink"] = f"{self.next_host or self.url}{path}?{rest}"
        return 200, answer, {}

    def update(self, path, body):
        one = re.fullmatch(f"{USERS}/({GUID})", path)
        if not one:
            raise Fault(404, "Request_ResourceNotFound", path)
        content = json.loads(body, object_pairs_hook=once)
        profile = content.get("passwordProfile")
        if set(content) != {"passwordProfile"} or not isinstance(profile, dict):
            raise Fault(400, "Request_BadRequest", f"unknown property: {set(content)}")
        if set(profile) != {"password", "forceChangePasswordNextSignIn"} or \
                not isinstance(profile["password"], str) or \
                profile["forceChangePasswordNextSignIn"] is not False:
            raise Fault(400, "Request_BadRequest", f"unknown property: {set(profile)}")
        refused = self.forbidden(SET)
        if refused:
            return refused
        if one[1] not in self.people:
            return self.error(404, "Request_ResourceNotFound", "Resource does not exist.")
        user = self.people[one[1]]
        if any(group["@odata.type"] == "#microsoft.graph.directoryRole" for group in user["groups"]):
            raise Fault(403, "Authorization_RequestDenied", "an administrator")
        if user["onPremisesSyncEnabled"]:
            raise Fault(400, "Request_BadRequest", "on-premises mastered Directory Sync objects")
        return self.set(user, profile["password"])

    def set(self, user, password):
        kinds = sum(bool(re.search(kind, password)) for kind in
                    ("[a-z]", "[A-Z]", "[0-9]", "[^a-zA-Z0-9]"))
        if not user["weak_allowed"] and (not 8 <= len(password) <= 256 or kinds < 3):
            return self.error(400, "Request_BadRequest", TOO_SIMPLE, "password")
        if any(word in password.lower() for word in self.banned):
            return self.error(400, "Request_BadRequest",
                              "The specified password contains banned words.", "password")
        self.changes += 1
        user["password"] = password
        user["lastPasswordChangeDateTime"] = self.now()[:19] + "Z"
        if self.lost:
            return self.error(self.lost.pop(0), "ServiceUnavailable", "m")
        return 204, None, {}

    # --- commands of a C++ test: one line each, answered by one line of JSON

    def obey(self, line):
        command, _, rest = line.partition(" ")
        if command == "person":
            user = json.loads(rest)
            self.person(user.pop("id"), user.pop("upn"), **user)
        elif command == "set":  # attributes of this object, as JSON
            for name, value in json.loads(rest).items():
                setattr(self, name, value)
        elif command == "plan":  # [status, {header: value}]
            self.planned.append(json.loads(rest))
        elif command == "holds":
            user_id, _, password = rest.partition(" ")
            held = self.people.get(user_id, {}).get("password")
            return [held is not None and held.encode() == bytes.fromhex(password)]
        elif command == "revoke":
            self.revoke_tokens()
        elif command == "clear":
            self.people, self.requests, self.faults, self.planned = {}, [], [], []
            self.lost, self.banned, self.changes = [], [], 0
            self.next_host, self.shift = None, 0
        elif command == "asked":
            return [f"{method} {path}" for method, path in self.requests]
        elif command == "faults":
            return [list(map(str, fault)) for fault in self.faults]
        return []


def main():
    with tempfile.TemporaryDirectory(prefix="sspr-entra-") as name:
        folder = pathlib.Path(name)
        make_certificates(folder)
        graph = EntraStandIn(folder, folder / "server.pem")
        for key, value in (("url", graph.url), ("ca", folder / "ca.pem"), ("tenant", TENANT),
                           ("client", CLIENT), ("certificate", folder / "graph.pem"),
                           ("key", folder / "graph.key")):
            print(key, value)
        print("ready", flush=True)
        for line in sys.stdin:
            print(json.dumps(graph.obey(line.rstrip("\n"))), flush=True)
        graph.stop()


if __name__ == "__main__":
    main()
