#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make_root.sh DEBS   prints the path of an archive of a fresh Debian 12 that has what the packages in
# DEBS depend on, and nothing of ours. It is made by mmdebstrap where there is none of these packages
# yet, or only one that is a week old. SSPR_TEST_ROOTS says where it is kept.
set -euo pipefail
[ "$(id -u)" = 0 ] || exit 77
cache=${SSPR_TEST_ROOTS:-/var/cache/sspr-login-tests}
mkdir -p "$cache"

depended=$(for deb in "$1"/*.deb; do dpkg-deb -f "$deb" Depends; done | tr ',' '\n' |
  sed 's/|.*//; s/(.*//; s/ //g' | grep -v '^sspr-\|^libpam-sspr' | sort -u | paste -sd,)
wanted=$depended,apt,ca-certificates,cracklib-runtime,dbus,libpam-systemd,login,passwd,systemd-sysv
name=$cache/bookworm-$(printf %s "$wanted" | sha256sum | head -c 16).tar
if [ -z "$(find "$name" -mtime -7 2>/dev/null)" ]; then
  mmdebstrap --quiet --format=tar --variant=minbase --include="$wanted" bookworm "$name.new" >&2
  mv "$name.new" "$name"
fi
echo "$name"
