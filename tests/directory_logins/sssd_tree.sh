#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# sssd_tree.sh TREE   unpacks Debian's SSSD with what it needs into the folder TREE (usr/...), for an
# overlay over /usr: nothing is installed on this machine, whose own logins stay as they are.
# 77 where the packages cannot be had. A tree that is there is taken as it is.
set -euo pipefail
tree=$1
if [ -e "$tree/usr/sbin/sssd" ]; then exit 0; fi
new=$tree.new
rm -rf "$new"
mkdir -p "$new/debs" "$new/root"
missing=$(apt-get install -s --no-install-recommends sssd-ldap libpam-sss libnss-sss 2>/dev/null |
  awk '/^Inst/ {print $2}') || missing=
# shellcheck disable=SC2086
if [ -z "$missing" ] || ! (cd "$new/debs" && apt-get -q download $missing >/dev/null 2>&1); then
  rm -rf "$new"
  echo "sssd_tree.sh: Debian's packages of SSSD cannot be had here" >&2
  exit 77
fi
for deb in "$new"/debs/*.deb; do dpkg-deb -x "$deb" "$new/root"; done
# /lib is /usr/lib on the machine that they are laid over.
cp -a "$new/root/lib/." "$new/root/usr/lib/"
mkdir -p "$tree"
mv "$new/root/usr" "$tree/usr"
rm -rf "$new"
