#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build_all.sh BUILD OUT
# The packages of BUILD in OUT/now; in OUT/later libpam-sspr as a later version; in OUT/broken one later
# still, whose module crashes the login that loads it.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
build=$1
out=$2
rm -rf "$out"
mkdir -p "$out"
DEB_BUILD_OPTIONS=noautodbgsym "$here/../../packaging/build_debs.sh" "$build" "$out/now"

again() {  # folder, ending of the version, what to do with the unpacked package
  mkdir "$out/$1"
  dpkg-deb --raw-extract "$out"/now/libpam-sspr_*.deb "$out/$1/tree"
  sed -i "s/^Version: .*/&$2/" "$out/$1/tree/DEBIAN/control"
  "$3" "$out/$1/tree"
  dpkg-deb --root-owner-group -Zgzip --build "$out/$1/tree" "$out/$1/libpam-sspr.deb"
  rm -rf "$out/$1/tree"
}
leave() { :; }
let_it_crash() { install -m 0644 "$build/tests/packages/pam_crash.so" "$1"/usr/lib/*/security/pam_sspr.so; }
again later +1 leave
again broken +2 let_it_crash
