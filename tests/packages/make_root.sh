#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make_root.sh [--folder] DEBS [PACKAGE...]
# Prints the path of an archive of a fresh Debian 12 (of a folder that holds one) that has what the
# packages in DEBS depend on and the named ones, and nothing of ours. It is made by mmdebstrap where there
# is none of these packages yet, or only one that is a week old. SSPR_TEST_ROOTS says where it is kept.
set -euo pipefail
[ "$(id -u)" = 0 ] || exit 77
cache=${SSPR_TEST_ROOTS:-/var/cache/sspr-login-tests}
mkdir -p "$cache"
format=tar
if [ "$1" = --folder ]; then
  format=directory
  shift
fi

depended=$(for deb in "$1"/*.deb; do dpkg-deb -f "$deb" Depends; done | tr ',' '\n' |
  sed 's/|.*//; s/(.*//; s/ //g' | grep -v '^sspr-\|^libpam-sspr' | sort -u | paste -sd,)
wanted=$depended,apt,ca-certificates,cracklib-runtime,dbus,libpam-systemd,login,passwd,systemd-sysv
shift
for package in "$@"; do wanted+=,$package; done
name=$cache/bookworm-$(printf %s "$wanted" | sha256sum | head -c 16).$format
if [ -z "$(find "$name" -maxdepth 0 -mtime -7 2>/dev/null)" ]; then
  rm -rf --one-file-system "$name" "$name.new"
  mmdebstrap --quiet --format=$format --variant=minbase --include="$wanted" bookworm "$name.new" >&2
  touch "$name.new"
  mv "$name.new" "$name"
fi
echo "$name"
