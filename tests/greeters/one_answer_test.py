# SPDX-License-Identifier: Apache-2.0
"""Front ends that answer every question with one text, or show too little: no reset can be led there. It ends
at once and without harm, the password logs in as ever, and the doctor says so."""

import json
import pathlib
import re
import shlex

from greeter_case import GreeterCase, main
from stage.lightdm import CONFIG as LIGHTDM_CONFIG
from stage.lightdm import SERVER
from stage.xscreen import SIZE, XScreen

XSERVER = "/usr/local/bin/test-xserver"
# One person in its list, so that it is known where the field is.
SDDM_CONFIG = f"""\
[General]
DisplayServer=x11
[X11]
ServerPath={XSERVER}
DisplayCommand=/bin/true
[Users]
MinimumUid={{uid}}
MaximumUid={{uid}}
"""
SDDM_FIELD = (703, 539)


class OneAnswer(GreeterCase):
    @classmethod
    def before_boot(cls, path):
        super().before_boot(path)
        server = path / XSERVER.lstrip("/")
        # Whoever looks at it is on another host by its name, and has no key that fits.
        server.write_text(SERVER.format(size=f"{SIZE} -ac"))
        server.chmod(0o755)
        (path / "etc/lightdm").mkdir(exist_ok=True)
        (path / "etc/lightdm/lightdm.conf").write_text(
            LIGHTDM_CONFIG.format(server=XSERVER).replace("lightdm-gtk-greeter", "slick-greeter")
            .replace("/etc/lightdm/sessions", "/usr/share/xsessions")
            # LightDM crashes where a container lets it lock no memory.
            .replace("[LightDM]\n", "[LightDM]\nlock-memory=false\n") + "user-session=test\n")

    def setUp(self):
        self.offer()
        self.person = self.new_person()

    def assert_no_flow_began(self):
        self.assertNotIn("sspr-flow@", self.journal())

    def assert_doctor_warns(self, service):
        report = json.loads(self.root.run("sspr-doctor", "--json", "--offline", check=False).stdout)
        said = [found for found in report["findings"]
                if found["level"] == "warning" and service in found.get("subjects", [])]
        self.assertTrue(any("no reset can be led here" in json.dumps(found) for found in said), report)

    def refusals(self, service):
        return len(re.findall(rf"pam_unix\({service}:auth\): authentication failure;.*user={self.person.name}",
                              self.journal()))

    def display(self, greeter, **how):
        """The screen of a display manager that starts its own X server in the root, once its greeter runs."""
        self.until(lambda: greeter[:15] in self.running())  # as the kernel shortens names
        return XScreen(self.pictures, 0, **how)

    def test_sddm(self):
        self.assert_doctor_warns("sddm")
        # It would wait for logind to offer a seat with a graphics card: it gets a bus without logind.
        bus = "unix:path=/run/test-bus"
        self.start("dbus-daemon", "--config-file=/usr/share/dbus-1/system.conf", f"--address={bus}", "--nofork",
                   "--nopidfile")
        self.until(lambda: pathlib.Path(f"/proc/{self.root.leader}/root/run/test-bus").exists())
        uid = self.root.run("id", "-u", self.person.name).stdout.strip()
        (self.root.path / "etc/sddm.conf").write_text(SDDM_CONFIG.format(uid=uid))
        # As a unit, so that its X server and all else end with it.
        self.root.run("systemd-run", "--unit=test-sddm", "-E", f"DBUS_SYSTEM_BUS_ADDRESS={bus}", "-E",
                      "QT_QUICK_BACKEND=software", "sddm")
        self.addCleanup(self.root.run, "systemctl", "stop", "test-sddm")
        screen = self.display("sddm-greeter")
        screen.wait_for("Select your user")
        screen.picture("sddm-1")
        screen.click_at(*SDDM_FIELD)
        screen.answer("?", lambda: self.refusals("sddm") > 0)
        screen.wait_for("Login failed")
        screen.picture("sddm-2-refused")
        self.assert_no_flow_began()
        screen.answer(self.person.password, self.session_of(self.person))

    def test_slick_greeter_whose_line_says_one_answer(self):
        stack = self.root.path / "etc/pam.d/common-auth"
        pristine = stack.read_text()
        self.addCleanup(stack.write_text, pristine)
        stack.write_text(pristine.replace("pam_sspr.so", "pam_sspr.so profile=one-answer"))
        self.assert_doctor_warns("lightdm")
        self.root.run("systemctl", "start", "lightdm")
        self.addCleanup(self.root.run, "systemctl", "stop", "lightdm")
        screen = self.display("slick-greeter", mixed=True)
        screen.wait_for("Username")
        screen.answer(self.person.name, "if forgotten")
        screen.picture("slick-1-prompt")
        screen.answer("?", lambda: self.refusals("lightdm") > 0)
        screen.picture("slick-2-refused")
        self.assert_no_flow_began()
        screen.wait_for("Username")
        screen.answer(self.person.name, "if forgotten")
        screen.answer(self.person.password, self.session_of(self.person))

    def test_swaylock(self):
        self.assert_doctor_warns("swaylock")
        uid = self.root.run("id", "-u", self.person.name).stdout.strip()
        runtime = f"/run/user/{uid}"
        self.root.run("install", "-d", "-m", "0700", "-o", self.person.name, runtime)
        (self.root.path / "etc/sway-test").write_text("exec swaylock -c 303030\n")
        as_person = ["setpriv", "--reuid", self.person.name, "--regid", self.person.name, "--init-groups", "env",
                     f"HOME=/home/{self.person.name}", f"USER={self.person.name}", f"XDG_RUNTIME_DIR={runtime}"]
        self.start(*as_person, "WLR_BACKENDS=headless", "WLR_RENDERER=pixman", "WLR_LIBINPUT_NO_DEVICES=1",
                   "sway", "-c", "/etc/sway-test")
        leader = pathlib.Path(f"/proc/{self.root.leader}/root")
        socket = self.until(lambda: next((path for path in leader.glob(f"{runtime[1:]}/wayland-?")), None))
        self.until(lambda: "swaylock" in self.running())

        def type_text(text):
            # Each wtype is a keyboard of its own, whose first keys are lost while it is made known.
            self.root.run(*as_person, f"WAYLAND_DISPLAY={socket.name}", "sh", "-c",
                          f"wtype -s 800 -d 100 {shlex.quote(text)} -k Return")

        self.until(lambda: (type_text("?"), self.refusals("swaylock") > 0)[1])
        self.assertIn("swaylock", self.running(), "it is still locked")
        self.assert_no_flow_began()
        self.until(lambda: (type_text(self.person.password), "swaylock" not in self.running())[1])


if __name__ == "__main__":
    main()
