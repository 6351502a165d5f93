#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sbom.py BIN VERSION: what is inside the Windows programs of BIN, as CycloneDX 1.5 on standard output. The libraries are
those of credprov_win/third_party/CMakeLists.txt and of the tool chain that is installed here."""
import hashlib
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parents[2]
TOOL_CHAIN = {"g++-mingw-w64-x86-64-posix": "libstdc++, libgcc", "mingw-w64-x86-64-dev": "mingw-w64 runtime, winpthreads"}


def library(name, version, what):
    return {"type": "library", "name": name, "version": version, "description": what,
            "purl": f"pkg:deb/debian/{name}@{version}"}


def main():
    folder, version = pathlib.Path(sys.argv[1]), sys.argv[2]
    sources = (HERE / "credprov_win/third_party/CMakeLists.txt").read_text(encoding="utf-8")
    wanted = re.search(r"foreach\(wanted (.*)\)", sources).group(1).split()
    parts = [library(*one.split("="), "Debian source package, linked in") for one in wanted]
    for package, what in TOOL_CHAIN.items():
        found = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], check=True, capture_output=True, text=True)
        parts.append(library(package, found.stdout, what + ", linked in"))
    for path in sorted([*folder.glob("*.dll"), *folder.glob("*.exe")]):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        parts.append({"type": "file", "name": path.name, "version": version,
                      "hashes": [{"alg": "SHA-256", "content": digest}]})
    json.dump({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
               "metadata": {"component": {"type": "application", "name": "SSPR Login for Windows", "version": version,
                                          "licenses": [{"license": {"id": "Apache-2.0"}}]}},
               "components": parts}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
