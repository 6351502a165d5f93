#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command beside a real domain controller (Samba AD): samba_dc.py COMMAND [ARGUMENT...]

The domain is provisioned in a scratch folder and served on the loopback of a network namespace of
its own, so that its fixed ports are nobody else's. The command finds in its environment:
SSPR_DC_URL, SSPR_DC_CA, SSPR_DC_PASSWORD_FILE (of the service's account), SSPR_DC_CONFIG (for
samba-tool) and SSPR_DC_ADMIN_PASSWORD. The service's account holds delegated rights on OU=Staff and
no others.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

DOMAIN = "DC=ad,DC=example,DC=test"
STAFF = f"OU=Staff,{DOMAIN}"
SERVICE_PASSWORD = "Service-Pw-99x"
ADMIN_PASSWORD = "Adm1n-Pw-77x"
USER_CLASS = "bf967aba-0de6-11d0-a285-00aa003049e2"
RESET_PASSWORD = "00299570-246d-11d0-a768-00aa006e0529"
LOCKOUT_TIME = "28630ebf-41d5-11d1-a9c1-0000f80367c1"
PWD_LAST_SET = "bf967a0a-0de6-11d0-a285-00aa003049e2"
START_SECONDS = 120


def run(*words, log):
    with log.open("ab") as out:
        ended = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False)
    if ended.returncode != 0:
        sys.exit(f"{' '.join(map(str, words[:4]))}: failed\n{log.read_text()[-4000:]}")


class DomainController:
    """Serves on that address of that interface; what needs the network is run by the words of within."""

    def __init__(self, folder, address="127.0.0.1", interface="lo", within=()):
        self.folder = folder
        self.address, self.interface, self.within = address, interface, within
        self.log = folder / "log"
        self.config = folder / "dc/etc/smb.conf"
        self.process = None

    def provision(self):
        # An empty configuration: what the machine has in /etc/samba is none of our business.
        empty = self.folder / "empty.conf"
        empty.write_text("")
        # Nor the pid of another controller of this machine.
        (self.folder / "run").mkdir()
        run(*self.within, "samba-tool", "domain", "provision", f"--configfile={empty}", "--realm=AD.EXAMPLE.TEST",
            "--domain=ADEX", "--server-role=dc", "--dns-backend=SAMBA_INTERNAL",
            f"--adminpass={ADMIN_PASSWORD}", "--host-name=dc1", f"--host-ip={self.address}",
            f"--targetdir={self.folder / 'dc'}", f"--option=interfaces={self.interface}",
            "--option=bind interfaces only=yes",
            f"--option=pid directory={self.folder / 'run'}",
            "--option=vfs objects=dfs_samba4 acl_xattr xattr_tdb", log=self.log)

    def start(self):
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [*self.within, "samba", "--foreground", "--no-process-group", "--debug-stdout", "-s",
                 self.config],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        give_up = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection((self.address, 636), 1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > give_up:
                    sys.exit(f"samba does not serve\n{self.log.read_text()[-4000:]}")
                time.sleep(0.1)

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def tool(self, *words):
        run("samba-tool", *words, "-s", self.config, log=self.log)

    def sid_of(self, name):
        shown = subprocess.run(
            ["samba-tool", "user", "show", name, "--attributes=objectSid", "-s", self.config],
            capture_output=True, text=True, check=True)
        return shown.stdout.split("objectSid: ")[1].split()[0]

    def delegate(self):
        """The rights that docs/service-configuration.md names, for users below OU=Staff."""
        sid = self.sid_of("sspr")
        rights = [f"(OA;CIIO;CR;{RESET_PASSWORD};{USER_CLASS};{sid})"]
        rights += [f"(OA;CIIO;RPWP;{attribute};{USER_CLASS};{sid})"
                   for attribute in (LOCKOUT_TIME, PWD_LAST_SET)]
        self.tool("dsacl", "set", f"--objectdn={STAFF}", f"--sddl={''.join(rights)}")

    def people(self):
        self.tool("user", "create", "sspr", SERVICE_PASSWORD)
        self.tool("ou", "create", STAFF)
        self.tool("domain", "passwordsettings", "set", "--history-length=5", "--min-pwd-length=8",
                  "--complexity=on", "--min-pwd-age=0", "--account-lockout-threshold=3",
                  "--account-lockout-duration=30")
        self.delegate()

    def environment(self):
        password = self.folder / "password"
        password.write_text(SERVICE_PASSWORD + "\n")
        return {
            # Samba's certificate is for this name; nobody has to resolve it but us.
            "SSPR_DC_URL": "ldaps://dc1.ad.example.test",
            "SSPR_DC_CA": str(self.folder / "dc/private/tls/ca.pem"),
            "SSPR_DC_PASSWORD_FILE": str(password),
            "SSPR_DC_CONFIG": str(self.config),
            "SSPR_DC_ADMIN_PASSWORD": ADMIN_PASSWORD,
        }


def remove(folder):
    """Samba's children end a moment after it, and write until then."""
    for _ in range(100):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


def in_own_network():
    """Begins this program again in namespaces of its own, where dc1 is this machine."""
    if os.environ.get("SSPR_DC_NETWORK") == "own":
        return
    os.environ["SSPR_DC_NETWORK"] = "own"
    os.execvp("unshare", ["unshare", "--net", "--mount", "--", sys.executable, *sys.argv])


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    in_own_network()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sspr-dc-"))
    hosts = folder / "hosts"
    hosts.write_text("127.0.0.1 localhost dc1.ad.example.test dc1\n")
    subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
    # The controller's own server of names.
    names = folder / "resolv.conf"
    names.write_text("nameserver 127.0.0.1\n")
    resolver = os.path.realpath("/etc/resolv.conf")
    has_resolver = os.path.exists(resolver)
    if has_resolver:
        subprocess.run(["mount", "--bind", names, resolver], check=True)
    controller = DomainController(folder)
    try:
        controller.provision()
        controller.start()
        controller.people()
        code = subprocess.run(sys.argv[1:], env=os.environ | controller.environment(),
                              check=False).returncode
    finally:
        controller.stop()
        subprocess.run(["umount", "/etc/hosts"], check=False)
        if has_resolver:
            subprocess.run(["umount", resolver], check=False)
        remove(folder)
    return code


if __name__ == "__main__":
    sys.exit(main())
