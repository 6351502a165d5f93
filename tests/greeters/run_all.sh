#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run_all.sh BUILD [NAME...]   (as root)
# The greeters and lockers of other people, for real, on a fresh Debian with our packages: NAME_test.py for
# each NAME, all of them without one. 77 where the root cannot be made or booted. What each showed stays in
# BUILD/greeters/NAME_test/screens.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
build=$(readlink -f "$1")
shift
[ "$(id -u)" = 0 ] || { echo "greeters: this needs root" >&2; exit 77; }
packages="gdm3 xterm xvfb fonts-dejavu-core lightdm slick-greeter sddm sway swaylock wtype xsecurelock"

if [ $# -eq 0 ]; then
  for test in "$here"/*_test.py; do
    name=${test##*/}
    set -- "$@" "${name%_test.py}"
  done
fi
for name in "$@"; do
  [ -e "$here/${name}_test.py" ] || { echo "greeters: there is no test of $name" >&2; exit 2; }
done

mkdir -p "$build/greeters"
DEB_BUILD_OPTIONS=noautodbgsym "$here/../../packaging/build_debs.sh" "$build" "$build/greeters/debs" >/dev/null
# shellcheck disable=SC2086
root=$("$here/../packages/make_root.sh" --folder "$build/greeters/debs" $packages) ||
  { echo "greeters: skipped, a Debian with the greeters cannot be made here" >&2; exit 77; }
failed=0
for name in "$@"; do
  echo "greeters: $name"
  started=$SECONDS code=0
  timeout --kill-after=30 1200 "$here/../packages/enter_network.sh" /usr/bin/python3 "$here/${name}_test.py" \
    "$build" "$build/greeters/debs" "$root" || code=$?
  [ "$code" = 0 ] || failed=$code
  echo "greeters: $name ended with $code after $((SECONDS - started)) s"
done
exit "$failed"
