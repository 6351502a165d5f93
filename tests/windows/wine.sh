#!/usr/bin/env bash
# wine.sh prefix | stop | run PROGRAM [ARGUMENT...]: Wine in the prefix WINEPREFIX, without a display or on
# WINE_DISPLAY.
set -euo pipefail
# English Windows, whatever the language of whoever runs the tests.
export LC_ALL=C.UTF-8
# netapi32: the tests' own where one lies beside a program (netapi32_standin.cc), Wine's everywhere else.
export WINEDEBUG=${WINEDEBUG:--all} WINEDLLOVERRIDES="mscoree,mshtml=d;netapi32=n,b"
unset DISPLAY
[ -z "${WINE_DISPLAY:-}" ] || export DISPLAY=$WINE_DISPLAY
wine=/usr/lib/wine/wine64
server=$(command -v wineserver || echo /usr/lib/wine/wineserver64)
case $1 in
  prefix)
    if [ ! -f "$WINEPREFIX/.ready" ]; then
      rm -rf "$WINEPREFIX"
      mkdir -p "$WINEPREFIX"
      "$wine" wineboot -i >"$WINEPREFIX.log" 2>&1
      "$wine" winecfg -v win10 >>"$WINEPREFIX.log" 2>&1
      "$server" -w
      touch "$WINEPREFIX/.ready"
    fi
    # It stays up between the tests: starting it anew takes seconds. It goes by itself when nobody stops it.
    "$server" -p600 >/dev/null 2>&1 </dev/null || true # it may be up already
    ;;
  stop) "$server" -k || true ;;
  run)
    shift
    # Into a file: services that Wine starts on the side would keep a pipe of ours open.
    said=$(mktemp "${TMPDIR:-/tmp}/wine.XXXXXX")
    trap 'rm -f "$said"' EXIT
    code=0
    "$wine" "$@" >"$said" 2>&1 </dev/null || code=$?
    cat "$said"
    exit "$code"
    ;;
  *)
    echo "wine.sh: prefix, stop or run" >&2
    exit 2
    ;;
esac
