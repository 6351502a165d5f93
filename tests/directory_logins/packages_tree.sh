#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# packages_tree.sh TREE PACKAGE...   unpacks Debian's packages, with what they need and this machine
# lacks, into the folder TREE (usr/...), for an overlay over /usr: nothing is installed on this machine,
# whose own logins stay as they are. 77 where they cannot be had. A tree that is there is taken as it is.
set -euo pipefail
tree=$1
shift
if [ -e "$tree/usr" ]; then exit 0; fi
new=$tree.new
rm -rf "$new"
mkdir -p "$new/debs" "$new/root/usr/lib" "$new/root/lib"
unavailable() {
  rm -rf "$new"
  echo "packages_tree.sh: Debian's packages ($*) cannot be had here" >&2
  exit 77
}
planned=$(apt-get install -s --no-install-recommends "$@" 2>/dev/null) || unavailable "$@"
missing=$(awk '/^Inst/ {print $2}' <<<"$planned")
# shellcheck disable=SC2086  # one word each
if [ -n "$missing" ]; then
  (cd "$new/debs" && apt-get -q download $missing >/dev/null 2>&1) || unavailable "$@"
  for deb in "$new"/debs/*.deb; do dpkg-deb -x "$deb" "$new/root"; done
fi
# /lib is /usr/lib on the machine that they are laid over.
cp -a "$new/root/lib/." "$new/root/usr/lib/"
mkdir -p "$tree"
mv "$new/root/usr" "$tree/usr"
rm -rf "$new"
