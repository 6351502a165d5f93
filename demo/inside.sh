#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The second half of enter.sh: process 1 of the private machine. Mounts the scratch folders of
# $SSPR_SCRATCH over the machine's own and runs the command; when it ends, so does everything else.
set -euo pipefail
scratch=${SSPR_SCRATCH:?enter.sh sets it}
here=$(dirname "$(readlink -f "$0")")

mount -t proc proc /proc
ip link set lo up
hostname sspr-demo

# A /dev of its own: /dev/log is the test's, terminals are only those of this machine.
mount -t tmpfs -o mode=755 tmpfs "$scratch/dev"
for node in null zero full random urandom tty; do
  touch "$scratch/dev/$node"
  mount --bind "/dev/$node" "$scratch/dev/$node"
done
mkdir "$scratch/dev/pts" "$scratch/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$scratch/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$scratch/dev/shm"
ln -s pts/ptmx "$scratch/dev/ptmx"
ln -s /proc/self/fd "$scratch/dev/fd"

# The project, the build and the scratch folder may lie below a folder that is covered now; they are
# held open meanwhile and put back in their places.
project=$(dirname "$here")
build=${SSPR_BUILD:-$project}
exec 7<"$project" 8<"$build" 9<"$scratch"
for folder in etc var home tmp dev; do
  mount --no-canonicalize --rbind "/proc/self/fd/9/$folder" "/$folder"
done
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /opt
mkdir -m 1777 /run/lock
mkdir -p /run/sspr /run/faillock
touch /run/utmp
put_back() {  # descriptor, folder
  [ -e "$2" ] && return 0
  mkdir -p "$2"
  mount --no-canonicalize --bind "/proc/self/fd/$1" "$2"
}
put_back 7 "$project"
put_back 8 "$build"
put_back 9 "$scratch"
exec 7<&- 8<&- 9<&-

cd /
env -i TERM="${TERM:-xterm}" LANG=C.UTF-8 HOME=/root SSPR_SCRATCH="$scratch" SSPR_BUILD="$build" \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
