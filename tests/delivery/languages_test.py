#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The code's mail in the language of its reader, from a real service to a real mail server: what is on the wire is
ASCII in the header (RFC 2047) and UTF-8 in the body. languages_test.py SERVICE SSPRCTL"""
import email
import email.header
import email.policy
import pathlib
import queue
import sys
import unittest

from aiosmtpd.controller import Controller

SERVICE, CONTROL = sys.argv[1:3]
sys.argv[1:3] = [SERVICE, CONTROL, ""]  # as programs_test reads them
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "service_api"))
from programs_test import ALICE, Programs  # noqa: E402 pylint: disable=wrong-import-position

SUBJECTS = {"fr": "Votre code pour un nouveau mot de passe", "es": "Su código para una contraseña nueva",
            "ar": "رمزك لكلمة مرور جديدة"}


class Mails:
    def __init__(self):
        self.came = queue.Queue()

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.came.put(envelope.original_content)
        return "250 delivered"


class MailServer(Controller):
    """On a port that the kernel chooses."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class LanguagesTest(Programs):
    def test_a_code_is_sent_in_the_language_of_its_reader(self):
        mails = Mails()
        controller = MailServer(mails, hostname="127.0.0.1", port=0)
        controller.start()
        self.addCleanup(controller.stop)
        self.start(more=["--smtp", f"smtp://127.0.0.1:{controller.port}"])
        for language, subject in SUBJECTS.items():
            self.control("users", "set", ALICE, "--language", language)
            form = {"client_id": "sspr-login", "challenge_type": "oob redirect"}
            _, begun = self.post("/resetpassword/v1.0/start", username=ALICE, **form)
            status, opened = self.post("/resetpassword/v1.0/challenge",
                                       continuation_token=begun["continuation_token"], **form)
            self.assertEqual(status, 200, opened)
            raw = mails.came.get(timeout=60)
            head, _, body = raw.partition(b"\r\n\r\n")
            self.assertTrue(head.isascii())
            read = email.message_from_bytes(raw, policy=email.policy.default)
            self.assertEqual((read["subject"], list(read.defects)), (subject, []))
            self.assertEqual(read.get_content_charset(), "utf-8")
            self.assertRegex(read.get_content(), r"(?m)^ +[\d ]{6,12}\r?$")
            if language == "ar":
                self.assertIn(b"=?utf-8?", head.lower())
                self.assertIn("اكتبه", read.get_content())


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore", defaultTest="LanguagesTest")
