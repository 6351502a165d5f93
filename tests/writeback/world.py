# SPDX-License-Identifier: Apache-2.0
"""A real sspr-service whose passwords are where a real sspr-writeback reaches a real slapd; each may be
killed and started again. SERVICE SSPRCTL AGENT are the first words of the command line."""
import json
import os
import pathlib
import subprocess
import sys
import time

from slapd_server import PEOPLE, SERVICE_DN, Slapd

SERVICE, CONTROL, AGENT = sys.argv[1:4]
del sys.argv[1:4]

AGENT_CONF = """
[service]
base_url = {base_url}
ca_file = {ca}

[agent]
folder = {folder}
name = test agent

[allow]
{allow}

[directory]
type = ldap
url = {url}
ca_file = {ldap_ca}
bind_dn = {bind_dn}
bind_password_file = {password}
base = {base}
group_base = ou=groups,dc=example,dc=org
timeout = 2
"""
TYPES = "recovery_code redirect"
CAPABILITIES = "reset_introspect reset_mfa_required reset_final_submit"


def wait_for(condition, what, seconds=300):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("it did not come to this: " + what)
        time.sleep(0.02)


class World:
    """Around a service that a Programs test has started once, so that its folder is filled."""

    def __init__(self, folder, people):
        self.folder = pathlib.Path(folder)
        self.service = None
        self.agents = {}
        self.log_path = self.folder / "service.log"
        self.demo = self.folder / "demo"
        self._prepare_service()
        self.slapd = Slapd(self.folder / "ldap", people)
        self.start_service()

    def _prepare_service(self):
        """Keys, certificates and a configuration as the demo makes them."""
        with subprocess.Popen([SERVICE, "--demo", self.demo, "--listen", "127.0.0.1:0"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as demo:
            for line in demo.stdout:
                if line.startswith("SSPR Login is ready at "):
                    self.base_url = line.split()[-1]
                    break
            demo.terminate()
            demo.wait(60)
        self.configuration = self.demo / "sspr-service.conf"
        text = self.configuration.read_text()
        self.configuration.write_text(text + "\n[directory]\ntype = agent\n")

    def start_service(self):
        with open(self.log_path, "ab") as log:
            self.service = subprocess.Popen([SERVICE, "--config", self.configuration], stderr=log)
        wait_for(self._answers, "the service answers: " + self.log_path.read_text()[-2000:])

    def _answers(self):
        if self.service.poll() is not None:
            raise AssertionError(self.log_path.read_text()[-3000:])
        try:
            return self.post("/resetpassword/v1.0/policy", client_id="sspr-login")[0] == 200
        except OSError:
            return False

    def post(self, path, **form):
        import http.client  # pylint: disable=import-outside-toplevel
        import ssl  # pylint: disable=import-outside-toplevel
        import urllib.parse  # pylint: disable=import-outside-toplevel
        url = urllib.parse.urlsplit(self.base_url)
        tls = ssl.create_default_context(cafile=self.demo / "ca.pem")
        client = http.client.HTTPSConnection("localhost", url.port, context=tls, timeout=120)
        try:
            client.request("POST", url.path + path, urllib.parse.urlencode(form),
                           {"Content-Type": "application/x-www-form-urlencoded"})
            answer = client.getresponse()
            return answer.status, json.loads(answer.read())
        except (http.client.HTTPException, ValueError) as error:
            raise OSError(str(error)) from error
        finally:
            client.close()

    def control(self, *words, stdin="", code=0):
        done = subprocess.run([CONTROL, "--config", self.configuration, *words], input=stdin, text=True,
                              timeout=600, capture_output=True, check=False)
        if done.returncode != code:
            raise AssertionError(f"{words}: {done.returncode} {done.stdout}{done.stderr}")
        return done.stderr if code else done.stdout

    def agent_conf(self, name, allow="reset = yes\nunlock = yes"):
        path = self.folder / f"{name}.conf"
        path.write_text(AGENT_CONF.format(base_url=self.base_url, ca=self.demo / "ca.pem",
                                          folder=self.folder / name, allow=allow, url=self.slapd.url,
                                          ldap_ca=self.slapd.folder / "cert.pem", bind_dn=SERVICE_DN,
                                          password=self.slapd.password_file, base=PEOPLE))
        return path

    def agent(self, name, *words, stdin=""):
        return subprocess.run([AGENT, "--config", self.folder / f"{name}.conf", *words], input=stdin,
                              text=True, capture_output=True, check=False, timeout=600)

    def register(self, name, allow="reset = yes\nunlock = yes"):
        self.agent_conf(name, allow)
        code = json.loads(self.control("--json", "writeback", "code"))["registration_code"]
        done = self.agent(name, "register", stdin=code + "\n")
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout.split("Agent: ")[1].strip()

    def start_agent(self, name, wait=True):
        log = self.agent_log(name)
        before = log.read_text().count("SSPR-W002") if log.exists() else 0
        with open(log, "ab") as into:
            self.agents[name] = subprocess.Popen([AGENT, "--config", self.folder / f"{name}.conf", "run"],
                                                 stderr=into)
        if wait:
            wait_for(lambda: log.read_text().count("SSPR-W002") > before, "the agent is connected")

    def agent_log(self, name):
        return self.folder / f"{name}.log"

    def kill_agent(self, name):
        self.agents[name].kill()
        self.agents.pop(name).wait()

    def kill_service(self):
        self.service.kill()
        self.service.wait()

    def codes(self, name):
        wait_for(lambda: self.adopts(name), "the directory is asked about " + name)
        return self.new_codes(name)

    def adopts(self, name):
        """False while the service still has to notice which agents are there."""
        try:
            self.control("users", "adopt", name)
        except AssertionError:
            return False
        return True

    def new_codes(self, name):
        return json.loads(self.control("--json", "methods", "recovery-codes", name))["codes"]

    def start_reset(self, name, **more):
        return self.post("/resetpassword/v1.0/start", client_id="sspr-login", username=name,
                         challenge_type=TYPES, capabilities=CAPABILITIES, **more)

    def prove(self, name, code, **more):
        """Up to where a password is asked; gives the token for it and the transaction."""
        status, begun = self.start_reset(name, **more)
        if status != 200:
            raise OSError(f"start: {begun}")
        method = next(one for one in begun["methods"] if one["challenge_type"] == "recovery_code")
        status, opened = self.post("/resetpassword/v1.0/challenge", client_id="sspr-login",
                                   continuation_token=begun["continuation_token"], id=method["id"])
        if status != 200:
            raise OSError(f"challenge: {opened}")
        status, proved = self.post("/resetpassword/v1.0/continue", client_id="sspr-login",
                                   continuation_token=opened["continuation_token"],
                                   grant_type="recovery_code", oob=code)
        if status != 200:
            raise OSError(f"continue: {proved}")
        return proved["continuation_token"], begun.get("transaction_id")

    def reset(self, token, password):
        """The last word about a password, at once or at the poll, however slow the machine is."""
        status, answer = self.submit(token, password)
        while status == 200 and answer["status"] == "in_progress":
            time.sleep(0.2)
            status, answer = self.poll(answer["continuation_token"])
        return status, answer

    def submit(self, token, password):
        return self.post("/resetpassword/v1.0/submit", client_id="sspr-login", continuation_token=token,
                         new_password=password)

    def poll(self, token):
        return self.post("/resetpassword/v1.0/poll_completion", client_id="sspr-login",
                         continuation_token=token)

    def close(self):
        for process in [*self.agents.values(), self.service, self.slapd.process]:
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()

    def everything_written(self):
        """What the service and the agents have on disk, as bytes."""
        texts = {}
        for top, _, names in os.walk(self.folder):
            if top.startswith(str(self.slapd.folder)):
                continue
            for name in names:
                path = pathlib.Path(top) / name
                texts[path] = path.read_bytes()
        return texts
