#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The left side of the demo: a login prompt that comes again when a session or an attempt has ended.
trap : INT
while :; do
  env -i TERM="$TERM" LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin /bin/login
  echo
done
