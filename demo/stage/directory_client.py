# SPDX-License-Identifier: Apache-2.0
"""Signs in at the service over HTTPS as an unmodified client does: initiate, challenge, token."""

import http.client
import json
import ssl
import urllib.parse

CLIENT_ID = "sspr-login"


class SignInClient:
    def __init__(self, host, port, base, ca_file):
        self._host, self._port, self._base = host, port, base
        self._tls = ssl.create_default_context(cafile=ca_file)

    def post(self, path, **fields):
        """One request; gives the HTTP status and the JSON answer."""
        connection = http.client.HTTPSConnection(
            self._host, self._port, context=self._tls, timeout=60
        )
        try:
            connection.request(
                "POST",
                self._base + path,
                urllib.parse.urlencode({"client_id": CLIENT_ID} | fields),
                {"Content-Type": "application/x-www-form-urlencoded"},
            )
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def accepts(self, username, password):
        """True when the directory signs the user in with this password, False when it says no."""
        status, answer = self.post(
            "/oauth2/v2.0/initiate", username=username, challenge_type="password redirect"
        )
        if status == 200:
            status, answer = self.post(
                "/oauth2/v2.0/challenge",
                challenge_type="password redirect",
                continuation_token=answer["continuation_token"],
            )
        if status == 200:
            status, answer = self.post(
                "/oauth2/v2.0/token",
                grant_type="password",
                password=password,
                scope="openid profile",
                continuation_token=answer["continuation_token"],
            )
        if status == 200:
            return "access_token" in answer
        if answer.get("error") in ("invalid_grant", "user_not_found"):
            return False
        raise AssertionError(f"the sign-in ended with {status} {answer}")
