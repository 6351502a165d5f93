#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# enter_network.sh COMMAND...   runs it as root with a loopback network of its own; all that it started
# ends with it.
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "this needs root" >&2; exit 77; }
exec unshare --net --mount --propagation private --pid --fork --kill-child --mount-proc \
  sh -c 'ip link set lo up && exec "$@"' sh "$@"
