# SPDX-License-Identifier: Apache-2.0
"""Certificates for tests, good and bad, made by the openssl command in a scratch folder."""
import os
import subprocess

CONFIGURATION = """
[ca]
default_ca = here
[here]
dir = {folder}
new_certs_dir = {folder}/issued
database = {folder}/index-{ca}.txt
serial = {folder}/serial-{ca}
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[localhost]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost,IP:127.0.0.1
[elsewhere]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:elsewhere.example,IP:127.0.0.9
[nameless]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = serverAuth
[client]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = clientAuth
subjectAltName = DNS:localhost,IP:127.0.0.1
"""

# name -> (extensions, authority, first and last day, digest, key)
SERVERS = {
    "good": ("localhost", "ca", None, "sha256", "ec"),
    "wrong-host": ("elsewhere", "ca", None, "sha256", "ec"),
    "expired": ("localhost", "ca", ("20190101000000Z", "20200101000000Z"), "sha256", "ec"),
    "not-yet-valid": ("localhost", "ca", ("20900101000000Z", "20910101000000Z"), "sha256", "ec"),
    "foreign-ca": ("localhost", "foreign", None, "sha256", "ec"),
    "cn-only": ("nameless", "ca", None, "sha256", "ec"),
    "not-a-server": ("client", "ca", None, "sha256", "ec"),
    "sha1": ("localhost", "ca", None, "sha1", "ec"),
    "rsa1024": ("localhost", "ca", None, "sha256", "rsa1024"),
}


class Certificates:
    """ca_file is trusted by clients; chain(name) is the file with the key and the certificate."""

    def __init__(self, folder, only=None):
        self.folder = folder
        os.makedirs(os.path.join(folder, "issued"), exist_ok=True)
        for authority in ("ca", "foreign"):
            self._make_authority(authority)
        self.ca_file = os.path.join(folder, "ca.pem")
        for name, rules in SERVERS.items():
            if only is None or name in only:
                self._make_server(name, *rules)
        if only is None or "self-signed" in only:
            self._make_self_signed()

    def chain(self, name):
        return os.path.join(self.folder, name + "-chain.pem")

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _openssl(self, *arguments):
        environment = {"PATH": os.environ["PATH"], "OPENSSL_CONF": "/dev/null"}
        subprocess.run(("openssl",) + arguments, check=True, cwd=self.folder, env=environment,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE)

    def _new_key(self, name, kind="ec"):
        if kind == "ec":
            self._openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                          "-out", self._path(name + ".key"))
        else:
            self._openssl("genpkey", "-algorithm", "RSA", "-pkeyopt",
                          "rsa_keygen_bits:" + kind.removeprefix("rsa"),
                          "-out", self._path(name + ".key"))

    def _make_authority(self, name):
        with open(self._path(name + ".cnf"), "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(folder=self.folder, ca=name))
        open(self._path(f"index-{name}.txt"), "w", encoding="ascii").close()
        with open(self._path(f"serial-{name}"), "w", encoding="ascii") as file:
            file.write("1000\n" if name == "ca" else "2000\n")
        self._new_key(name)
        self._openssl("req", "-x509", "-new", "-key", self._path(name + ".key"), "-days", "3650",
                      "-subj", f"/CN=Test authority {name}", "-config", self._path(name + ".cnf"),
                      "-extensions", "authority", "-out", self._path(name + ".pem"))

    def _make_server(self, name, extensions, authority, dates, digest, key):
        self._new_key(name, key)
        configuration = self._path(authority + ".cnf")
        self._openssl("req", "-new", "-key", self._path(name + ".key"), "-subj", "/CN=localhost",
                      "-config", configuration, "-out", self._path(name + ".csr"))
        span = ("-startdate", dates[0], "-enddate", dates[1]) if dates else ("-days", "3000")
        self._openssl("ca", "-batch", "-notext", "-config", configuration, "-md", digest, *span,
                      "-cert", self._path(authority + ".pem"),
                      "-keyfile", self._path(authority + ".key"), "-extensions", extensions,
                      "-in", self._path(name + ".csr"), "-out", self._path(name + ".pem"))
        self._join(name)

    def _make_self_signed(self):
        self._new_key("self-signed")
        self._openssl("req", "-x509", "-new", "-key", self._path("self-signed.key"), "-days",
                      "3000", "-subj", "/CN=localhost", "-config", self._path("ca.cnf"),
                      "-extensions", "localhost", "-out", self._path("self-signed.pem"))
        self._join("self-signed")

    def _join(self, name):
        with open(self.chain(name), "w", encoding="ascii") as chain:
            for part in (".key", ".pem"):
                with open(self._path(name + part), encoding="ascii") as file:
                    chain.write(file.read())
