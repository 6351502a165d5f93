#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build_debs.sh BUILD OUT [VERSION]
# Makes the Debian packages of what is built in BUILD and leaves them in OUT, which is made anew. Nothing
# is compiled. VERSION is for a build between releases.
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: build_debs.sh BUILD OUT [VERSION]" >&2; exit 2; }
source=$(dirname "$(dirname "$(readlink -f "$0")")")
build=$(readlink -f "$1")
released=$(dpkg-parsechangelog -l "$source/packaging/debian/changelog" -S Version)
program=$("$build/libexec/sspr/sspr-flow" --version)
if [ "$program" != "sspr-flow $released" ]; then
  echo "build_debs.sh: $program was built, but packaging/debian/changelog has $released; make them the same" >&2
  exit 1
fi

rm -rf "$2"
mkdir -p "$2/tree"
out=$(readlink -f "$2")
# debhelper writes beside its input: it gets a copy of its own.
cp -R "$source/packaging/debian" "$out/tree/debian"
for part in packaging docs CHANGELOG.md; do ln -s "$source/$part" "$out/tree/$part"; done
cd "$out/tree"
if [ $# -ge 3 ]; then
  {
    printf 'sspr-login (%s) unstable; urgency=medium\n\n  * A build between releases.\n\n' "$3"
    dpkg-parsechangelog -l "$source/packaging/debian/changelog" -S Maintainer | sed 's/^/ -- /; s/$/  /' | tr -d '\n'
    date -R
    echo
    cat "$source/packaging/debian/changelog"
  } > debian/changelog
fi
export SSPR_BUILD=$build
if ! dpkg-buildpackage --build=binary --no-sign --no-check-builddeps > "$out/build.log" 2>&1; then
  tail -40 "$out/build.log" >&2
  exit 1
fi
rm -rf "$out/tree"
ls "$out"/*.deb
