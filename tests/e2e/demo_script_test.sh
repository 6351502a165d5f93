#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demo without a person holds all its checks, and the machine's own files are as they were:
# demo_script_test.sh DEMO_SH
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "skipped: a login prompt needs root"; exit 77; }

machine_files() {
  find /etc /var/lib/sspr /run/sspr /usr/libexec/sspr -type f -exec sha256sum {} + 2>/dev/null | sort -k 2
}

before=$(machine_files)
"$1" --script
after=$(machine_files)
if [ "$before" != "$after" ]; then
  echo "FAILED: the demo changed the machine's own files:"
  diff <(echo "$before") <(echo "$after") || true
  exit 1
fi
echo "the machine's own files are untouched: $(wc -l <<<"$before") files compared"
