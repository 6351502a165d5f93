#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# enter.sh TREE PACKAGES SCRATCH COMMAND...   (as root) demo/enter.sh, with the Debian packages (one
# argument) in /usr and pam_sspr.so where libpam looks for modules. 77 where that cannot be had.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
[ "$(id -u)" = 0 ] || exit 77
tree=$1
read -ra packages <<<"$2"
shift 2
"$here/packages_tree.sh" "$tree" "${packages[@]}"
ours=$(mktemp -d "$tree/ours.XXXXXX")
trap 'rm -rf "$ours"' EXIT
modules=$ours/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)/security
mkdir -p "$modules" "$ours/usr/share/pam-configs"
cp "$SSPR_BUILD/pam_module/module/pam_sspr.so" "$modules/"
cp "$here/../../packaging/pam-configs/sspr" "$ours/usr/share/pam-configs/"
# What pam-auth-update asks its questions by.
mkdir "$ours/usr/share/debconf-of-machine"
cp /var/cache/debconf/{config,templates}.dat "$ours/usr/share/debconf-of-machine/"
SSPR_USR="$ours/usr:$(readlink -f "$tree")/usr:/usr"
export SSPR_USR
# shellcheck disable=SC2016  # the inner shell's
unshare --mount --propagation private sh -ec '
  mount -t overlay -o "lowerdir=$SSPR_USR" overlay /usr || exit 77
  exec "$@"' enter "$here/../../demo/enter.sh" "$@"
