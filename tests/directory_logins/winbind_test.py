#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""People of a domain at /bin/login on a machine that is joined to it by winbind: after a reset the new
password signs in, with a Kerberos ticket, and works offline at once, and the old one does not, even if
winbind had given the domain up. The domain controller is Samba's, at the other end of a wire that can be
cut. Run by enter.sh."""

import pathlib
import pwd
import shutil
import subprocess
import sys

import directory_login_case

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "contract_directory"))
from samba_dc import ADMIN_PASSWORD, DOMAIN, SERVICE_PASSWORD, DomainController  # noqa: E402

NETWORK = "dc"  # the controller's own
CONTROLLER, MEMBER = "10.77.0.1", "10.77.0.2"
WIRE = "wire"
URL = "ldaps://dc1.ad.example.test"
HOSTS = f"127.0.0.1 localhost\n{CONTROLLER} dc1.ad.example.test dc1\n"
# The controller's processes have a /run/samba of their own, beside that of the member.
WITHIN = ("ip", "netns", "exec", NETWORK, "sh", "-ec",
          'mount -t tmpfs -o mode=755 tmpfs /run/samba; exec "$@"', NETWORK)
# It never looks for the domain by itself within a test.
SAMBA = """\
[global]
security = ads
realm = AD.EXAMPLE.TEST
workgroup = ADEX
netbios name = MEMBER
idmap config * : backend = tdb
idmap config * : range = 10000-19999
idmap config ADEX : backend = rid
idmap config ADEX : range = 20000-99999
winbind offline logon = yes
winbind reconnect delay = 3600
winbind use default domain = yes
template shell = /bin/bash
template homedir = /tmp/%U
"""
DIRECTORY = f"""
[directory]
type = ad
url = {URL}
ca_file = {{ca}}
bind_dn = sspr@ad.example.test
bind_password_file = {{password}}
base = {DOMAIN}
group_base = {DOMAIN}
"""


class WinbindTest(directory_login_case.DirectoryLoginCase):
    profile = "winbind"
    module = r"^winbind\.so .*krb5_auth .*cached_login .*try_first_pass"
    told = "SSPR-O002"
    pid_file = pathlib.Path("/run/samba/winbindd.pid")

    @classmethod
    def begin(cls):
        for folder in ("/run/samba", "/var/lib/samba/private", "/var/cache/samba", "/var/log/samba",
                       f"/etc/netns/{NETWORK}", "/opt/dc"):
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        cls._lay_the_wire()
        cls.controller = DomainController(pathlib.Path("/opt/dc"), CONTROLLER, WIRE, WITHIN)
        cls.ca = cls.controller.folder / "dc/private/tls/ca.pem"
        cls.addClassCleanup(cls.controller.stop)
        cls.controller.provision()
        cls.controller.start()
        cls.controller.people()
        for name, password in cls.passwords.items():
            cls.controller.tool("user", "create", name, password, "--userou=OU=Staff",
                                "--use-username-as-cn")
        cls.serve(DIRECTORY, SERVICE_PASSWORD, cls.ca.read_text())
        pathlib.Path("/etc/samba/smb.conf").write_text(SAMBA)
        cls.machine.run("net", "ads", "join", "--no-dns-updates", "-U",
                        f"Administrator%{ADMIN_PASSWORD}")
        cls.start_daemon(["/usr/sbin/winbindd", "--foreground", "--no-process-group",
                          "--debug-stdout", "--debuglevel=3"], "/var/log/winbindd.out")
        for name in cls.names:
            home = pathlib.Path("/tmp", name)
            home.mkdir(mode=0o700)
            shutil.chown(home, pwd.getpwnam(name).pw_uid, pwd.getpwnam(name).pw_gid)

    @classmethod
    def _lay_the_wire(cls):
        """The member's end and the controller's, whose names are those that the controller serves."""
        run = cls.machine.run
        run("ip", "netns", "add", NETWORK)
        laid = subprocess.run(
            ["ip", "link", "add", WIRE, "type", "veth", "peer", "name", WIRE, "netns", NETWORK],
            capture_output=True, text=True, timeout=60, check=False)
        if "Unknown device type" in laid.stderr or "not supported" in laid.stderr:
            print("this kernel has no veth: no network for a domain controller can be made")
            sys.exit(77)
        if laid.returncode != 0:
            raise AssertionError(laid.stderr)
        for network, address in (((), MEMBER), (("-n", NETWORK), CONTROLLER)):
            run("ip", *network, "address", "add", f"{address}/24", "dev", WIRE)
            run("ip", *network, "link", "set", WIRE, "up")
        run("ip", "-n", NETWORK, "link", "set", "lo", "up")
        names = f"search ad.example.test\nnameserver {CONTROLLER}\n"
        for folder in (pathlib.Path("/etc"), pathlib.Path("/etc/netns", NETWORK)):
            (folder / "resolv.conf").unlink(missing_ok=True)
            (folder / "resolv.conf").write_text(names)
            (folder / "hosts").write_text(HOSTS)

    def leave(self):
        self.machine.run("ip", "link", "set", WIRE, "down")
        # winbind would wait half a minute for each answer on what is open; not every kernel can close it.
        subprocess.run(["ss", "--kill", "--tcp", "dst", CONTROLLER], capture_output=True, timeout=60,
                       check=False)

    def come_back(self):
        self.machine.run("ip", "link", "set", WIRE, "up")
        self.machine.wait_for_port(636, host=CONTROLLER)

    def let_daemon_give_up(self, person):
        super().let_daemon_give_up(person)
        # Though the domain is there.
        self.assertIn("ADEX:Offline", self._state())

    def _state(self):
        return self.machine.run("smbcontrol", "winbindd", "onlinestatus").replace(" ", "")

    def accepts(self, person, password):
        return self.binds(URL, self.ca, f"{person.name}@ad.example.test", password)

    def signed_in(self, person):
        self.assertIn("ADEX:Online", self._state())
        uid = pwd.getpwnam(person.name).pw_uid
        tickets = pathlib.Path(f"/tmp/krb5cc_{uid}")
        self.assertEqual(tickets.stat().st_uid, uid)
        self.assertIn(b"krbtgt", tickets.read_bytes())


if __name__ == "__main__":
    directory_login_case.main()
