#!/usr/bin/env bash
# debian_source.sh PACKAGE VERSION CACHE: unpacks Debian's source package into CACHE/PACKAGE, once.
# Debian has no MinGW package of the libraries that sspr-flow.exe needs. apt checks the signature of
# what it fetches; the machine's own lists of packages are left alone. The mirror is the machine's own.
set -euo pipefail
package=$1 version=$2 cache=$3
[ "$(cat "$cache/$package/.version" 2>/dev/null || true)" = "$version" ] && exit 0
work=$(mktemp -d "${TMPDIR:-/tmp}/debian_source.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/parts" "$cache"
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  [ ! -f "$list" ] || sed -n 's/^deb \(.*debian.*\)$/deb-src \1/p' "$list" >"$work/parts/$(basename "$list" .list).list"
done
for list in /etc/apt/sources.list.d/*.sources; do
  if [ -f "$list" ] && grep -q debian-archive-keyring "$list"; then
    sed 's/^Types:.*/Types: deb-src/' "$list" >"$work/parts/$(basename "$list")"
  fi
done
options=(-q -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work" -o Dir::Etc::sourcelist=/dev/null
  -o "Dir::Etc::sourceparts=$work/parts" -o APT::Sandbox::User=root -o "Acquire::Languages=none")
apt-get "${options[@]}" update >"$work/log" 2>&1 || { cat "$work/log" >&2 && exit 1; }
(cd "$work" && apt-get "${options[@]}" source --download-only "$package=$version" >>"$work/log" 2>&1) ||
  { cat "$work/log" >&2 && exit 1; }
rm -rf "${cache:?}/$package"
dpkg-source --no-check -x "$work/${package}_${version##*:}.dsc" "$cache/$package" >>"$work/log" 2>&1 ||
  { cat "$work/log" >&2 && exit 1; }
printf '%s\n' "$version" >"$cache/$package/.version"
