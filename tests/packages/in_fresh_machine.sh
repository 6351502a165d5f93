#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# in_fresh_machine.sh COMMAND... DEBS   makes the archive of a fresh Debian while there is a network,
# then runs the command, DEBS included, without one. 77 where Debian's mirror cannot be reached.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
"$here/make_root.sh" "${!#}/now" >/dev/null || exit 77
exec "$here/enter_network.sh" "$@"
