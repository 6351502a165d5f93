#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demo without a person holds all its checks, and the machine's own files are as they were:
# demo_script_test.sh DEMO_SH
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "skipped: a login prompt needs root"; exit 77; }

# Everything that a reset, an enrolment or a login could have written.
machine_files() {
  local path
  for path in /etc/{passwd,shadow,group,gshadow,login.defs,hosts,motd,subuid,subgid,pam.d,security,sspr} \
    /var/lib/sspr /var/lib/sspr-service /var/mail /var/log/{wtmp,btmp,lastlog,faillog} \
    /run/{sspr,faillock,utmp} /dev/log /opt/sspr; do
    [ ! -e "$path" ] || find "$path" -type f -exec sha256sum {} +
  done | sort -k 2
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
