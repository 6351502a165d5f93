#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# demo.sh            a real login prompt that forgets a password, and the mailbox beside it
# demo.sh --script   the same without a person; exits 0 only if all of it works
# As root, with the build in $SSPR_BUILD (build/release by default). docs/demo.md says more.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
export SSPR_BUILD=${SSPR_BUILD:-$(dirname "$here")/build/release}

if [ "$(id -u)" != 0 ]; then
  echo "demo: a login prompt needs root; start it with sudo" >&2
  exit 77
fi
if [ ! -e "$SSPR_BUILD/service/sspr-service" ]; then
  echo "demo: there is no build in $SSPR_BUILD; run './run build' first" >&2
  exit 1
fi

case ${1:-} in
  --script)
    exec "$here/enter.sh" "$SSPR_BUILD/demo/script" timeout 300 /usr/bin/python3 "$here/script.py"
    ;;
  "")
    if [ ! -t 0 ] || [ ! -t 1 ]; then
      echo "demo: this is not a terminal; use './run demo --script', which needs none" >&2
      exit 1
    fi
    # Nobody leaves a login prompt open for ever.
    exec "$here/enter.sh" "$SSPR_BUILD/demo/interactive" \
      timeout --foreground 2h /usr/bin/python3 "$here/interactive.py"
    ;;
  *)
    sed -n '3,5s/^# //p' "$0" >&2
    exit 2
    ;;
esac
