# SPDX-License-Identifier: Apache-2.0
"""Runs as a user inside dbus-run-session: talks to the user's own gnome-keyring-daemon, which it
starts with a login password, as pam_gnome_keyring does at a login.

keyring_session.py store     first line of stdin: login password
keyring_session.py look      first line: login password, second: password of a keyring put aside
Prints what the daemon holds as JSON: {name of the keyring: [secrets]}; a keyring that its password
does not open has null."""

import json
import subprocess
import sys

import dbus

SECRETS = "/org/freedesktop/secrets"
SERVICE = "org.freedesktop.Secret.Service"
PLAIN = "Passphrase of the Wi-Fi"


def start_daemon(password):
    subprocess.run(
        ["gnome-keyring-daemon", "--unlock", "--components=secrets"],
        input=password,
        stdout=subprocess.DEVNULL,
        text=True,
        check=True,
    )


def secrets_of(bus, session, path):
    collection = bus.get_object("org.freedesktop.secrets", path)
    properties = dbus.Interface(collection, dbus.PROPERTIES_IFACE)
    name = "org.freedesktop.Secret.Collection"
    if properties.Get(name, "Locked"):
        return None
    found = []
    for item_path in properties.Get(name, "Items"):
        item = bus.get_object("org.freedesktop.secrets", item_path)
        secret = dbus.Interface(item, "org.freedesktop.Secret.Item").GetSecret(session)
        found.append(bytes(secret[2]).decode())
    return found


def look(bus, aside_password):
    service = bus.get_object("org.freedesktop.secrets", SECRETS)
    _, session = dbus.Interface(service, SERVICE).OpenSession("plain", dbus.String(""))
    paths = dbus.Interface(service, dbus.PROPERTIES_IFACE).Get(SERVICE, "Collections")
    internal = dbus.Interface(
        service, "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
    )
    held = {}
    for path in map(str, paths):
        name = path.rsplit("/", 1)[1]
        if name == "session":
            continue
        if "before_5freset" in name or "before_2dreset" in name:
            password = dbus.ByteArray(aside_password.encode())
            secret = (session, dbus.ByteArray(b""), password, "text/plain")
            try:
                internal.UnlockWithMasterPassword(path, dbus.Struct(secret, signature="oayays"))
            except dbus.DBusException:
                pass  # stays locked, which is what is printed
        held[name] = secrets_of(bus, session, path)
    return held


def main():
    lines = sys.stdin.read().split("\n")
    start_daemon(lines[0])
    if sys.argv[1] == "store":
        subprocess.run(
            ["secret-tool", "store", "--label=Wi-Fi", "network", "office"],
            input=PLAIN,
            text=True,
            check=True,
        )
    bus = dbus.SessionBus()
    print(json.dumps(look(bus, lines[1] if len(lines) > 1 else "")))


if __name__ == "__main__":
    main()
