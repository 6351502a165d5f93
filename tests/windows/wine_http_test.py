#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""wine_http_test.py TEST_PROGRAM TRUST_CA: the contract of transports on WinHTTP, against the levers."""
import json
import pathlib
import socket
import sys
import tempfile
import threading

import wine_case

sys.path.insert(0, str(wine_case.SOURCE / "tests/levers"))
from lever_service import CERTIFICATE_LEVERS, TLS_LEVERS, LeverService  # pylint: disable=wrong-import-position

LEVERS = ["good", "error-500", "error-429", "status-204", "html-200", "portal-302", "redirect-307", "huge-body", "silent",
          "cut-0", *CERTIFICATE_LEVERS, *TLS_LEVERS]


def serve(listener, service):
    while True:
        connection, _ = listener.accept()
        lines = connection.makefile("rw", encoding="utf-8", newline="\n")
        for lever in LEVERS:
            print(lever, service.url(lever), file=lines)
        print("ready", file=lines, flush=True)
        for line in lines:
            if line.strip() == "clear":
                service.forget()
                print("true", file=lines, flush=True)
            else:
                print(json.dumps([one.as_dict() for one in service.requests()]), file=lines, flush=True)


def main():
    program, trust_ca = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        service = LeverService(pathlib.Path(folder))
        wine_case.trust(trust_ca, service.ca_file)
        listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=serve, args=(listener, service), daemon=True).start()
        code, said = wine_case.run(program, *sys.argv[3:], SSPR_LEVERS=str(listener.getsockname()[1]))
        service.close()
    print(said)
    sys.exit(code)


if __name__ == "__main__":
    main()
