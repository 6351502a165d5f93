#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# enter.sh SCRATCH COMMAND...   (as root)
# Runs COMMAND in a private machine: own mount, process, network (loopback only), IPC and host-name
# namespaces over scratch copies of /etc, /var, /home and /tmp under SCRATCH, which is made anew, and
# over an empty /opt and /run. The machine's own files are never touched; every process ends with
# COMMAND. What was written stays in SCRATCH. The exit code is COMMAND's.
set -euo pipefail
umask 022

[ $# -ge 2 ] || { echo "usage: enter.sh SCRATCH COMMAND..." >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "enter.sh: this needs root; become root and start it again" >&2; exit 77; }

here=$(dirname "$(readlink -f "$0")")
mkdir -p "$1"
scratch=$(readlink -f "$1")
shift
# Only a folder that this script marked, or an empty one, is emptied.
if [ ! -e "$scratch/.sspr-scratch" ] && [ -n "$(ls -A "$scratch")" ]; then
  echo "enter.sh: $scratch is not a scratch folder of the demo; name an empty one" >&2
  exit 2
fi
touch "$scratch/.sspr-scratch"
rm -rf "${scratch:?}"/{etc,var,home,tmp,dev,observed}

cp -a /etc "$scratch/etc"
rm -f "$scratch/etc/.pwd.lock"
mkdir -p "$scratch"/{var/{log,mail,tmp,spool,cache,lib/sspr},home,tmp,dev,observed}
# The dictionary of the machine's own password rules, where there is one.
if [ -d /var/cache/cracklib ]; then cp -a /var/cache/cracklib "$scratch/var/cache/"; fi
ln -s /run "$scratch/var/run"
ln -s /run/lock "$scratch/var/lock"
ln -s ../mail "$scratch/var/spool/mail"
chmod 1777 "$scratch/tmp" "$scratch/var/tmp"
chmod 2775 "$scratch/var/mail"
chmod 700 "$scratch/var/lib/sspr"
touch "$scratch/var/log/"{wtmp,btmp,lastlog,faillog}
chmod 600 "$scratch/var/log/btmp"

export SSPR_SCRATCH=$scratch
exec unshare --mount --pid --fork --ipc --uts --net --kill-child --propagation private \
  "$here/inside.sh" "$@"
